"""An article as text, HTML, Markdown or JSON, for the command line and the HTTP API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from html import escape

from worker.extraction.article_html import html_of_paragraphs, markdown_of
from worker.model.records import Article


class Format(StrEnum):
    """A format of an article."""

    JSON = "json"
    TEXT = "text"
    HTML = "html"
    MARKDOWN = "markdown"


MEDIA_TYPES: Mapping[Format, str] = {
    Format.JSON: "application/json",
    Format.TEXT: "text/plain; charset=utf-8",
    Format.HTML: "text/html; charset=utf-8",
    Format.MARKDOWN: "text/markdown; charset=utf-8",
}


def body_html(article: Article) -> str:
    """Return the article's HTML. Articles without it, as those of earlier versions, get plain paragraphs."""
    return article.article_html or html_of_paragraphs(article.article_body.split("\n"), article.images)


def as_text(article: Article) -> str:
    """Return headline, origin and paragraphs, separated by empty lines."""
    paragraphs = [p for p in article.article_body.split("\n") if p.strip()]
    return "\n\n".join(filter(None, (article.headline, _origin(article), *paragraphs))) + "\n"


def as_html(article: Article) -> str:
    """Return a whole HTML page with the headline, the origin and the body."""
    language = f' lang="{escape(article.language)}"' if article.language else ""
    title = escape(article.headline or article.url)
    parts = (
        f'<!doctype html>\n<html{language}>\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n</head>\n<body>\n'
        "<article>",
        f"<h1>{escape(article.headline)}</h1>" if article.headline else "",
        f"<p>{escape(_origin(article))}</p>" if _origin(article) else "",
        body_html(article),
        "</article>\n</body>\n</html>\n",
    )
    return "\n".join(filter(None, parts))


def as_markdown(article: Article) -> str:
    """Return the headline as a heading of the first level, the origin and the body."""
    title = f"<h1>{escape(article.headline)}</h1>" if article.headline else ""
    origin = f"<p>{escape(_origin(article))}</p>" if _origin(article) else ""
    return markdown_of(title + origin + body_html(article)) + "\n"


def _origin(article: Article) -> str:
    """Return authors, publisher and day in one line."""
    day = article.date_published.date().isoformat() if article.date_published else None
    names = ", ".join(article.author or article.byline)
    return " · ".join(filter(None, (names, article.publisher, day)))


_WRITERS: Mapping[Format, Callable[[Article], str]] = {
    Format.TEXT: as_text,
    Format.HTML: as_html,
    Format.MARKDOWN: as_markdown,
}


def render(article: Article, format: Format) -> str:
    """Return the article as text, HTML or Markdown. JSON has its own module, `worker.storage.document_json`."""
    return _WRITERS[format](article)
