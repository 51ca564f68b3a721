"""Articles from plain text, as in WET archives."""
