"""Feeds, sitemaps and sections that are crawled on a schedule."""
