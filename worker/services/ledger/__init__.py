"""Ledger: admission of URLs, lookup, duplicates and results of crawls."""
