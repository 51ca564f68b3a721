"""Fetched pages become documents."""
