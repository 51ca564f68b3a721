"""Saved searches and their webhooks."""
