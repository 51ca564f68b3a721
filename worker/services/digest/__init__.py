"""Digest: fetched pages become documents.

read_page    a page becomes a typed result
decide       page, row and result become a decision; pure
writer       decisions are written: documents, events, rows
digest       the three for a batch of waiting pages
reader_pool  many pages are read at once by processes
"""
