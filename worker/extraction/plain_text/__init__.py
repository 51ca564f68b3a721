"""Articles from flattened text, as in WET archives."""
