"""Plain text: names, dates, agencies, languages and lengths."""
