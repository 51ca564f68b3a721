"""The rules that separate the article's text from boilerplate, and the choice of the body."""
