"""HTML: decoding, parsing, text blocks, and the names of elements."""
