"""Intake: URLs come in by command, API, source or archive."""
