"""Bytes to a tree of elements, and the tree to blocks of text."""
