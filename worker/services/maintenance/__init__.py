"""Audits, retention, rebuilds and restores."""
