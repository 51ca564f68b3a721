"""The article as clean HTML: headings, paragraphs, lists, quotes, tables, links and figures, and nothing else."""

from worker.extraction.article_html.build import article_html, html_of_paragraphs
from worker.extraction.article_html.markdown import markdown_of

__all__ = ["article_html", "html_of_paragraphs", "markdown_of"]
