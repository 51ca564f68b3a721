"""The trained models that separate the article's text from the rest of a page."""
