"""Representations of articles that the command line and the web share."""
