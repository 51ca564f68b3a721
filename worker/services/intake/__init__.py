"""URLs come in: by command, API, feed or archive."""
