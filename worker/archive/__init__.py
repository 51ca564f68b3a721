"""WARC files: raw responses written, read and stored."""
