"""The archive of raw responses: WARC files, written, read and stored."""
