"""Words, names, dates and languages in plain text."""
