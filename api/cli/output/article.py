"""An article in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from worker.model.records import Article, Image


def print_article(console: Console, article: Article) -> None:
    """Headline, what is known of it, pictures with captions and credits, and the story."""
    console.print(Text(article.headline or "(no headline)", style="bold cyan"))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column()
    for name, value in _facts(article):
        if value:
            table.add_row(name, Text(value))
    console.print(table)
    for image in article.images:
        _print_image(console, image)
    for paragraph in article.article_body.split("\n"):
        if paragraph.strip():
            console.print()
            console.print(Text(paragraph))


def _facts(article: Article) -> list[tuple[str, str | None]]:
    return [
        ("kind", str(article.kind)),
        ("by", ", ".join(article.author)),
        ("agency", article.agency),
        ("published", published(article)),
        ("section", article.article_section),
        ("dateline", article.dateline),
        ("publisher", article.publisher),
        ("language", article.language),
        ("keywords", ", ".join(article.keywords)),
    ]


def published(article: Article) -> str | None:
    """As exactly as it is known, with the time zone."""
    precision = "%Y-%m-%d" if article.date_precision == "day" else "%Y-%m-%d %H:%M %Z"
    return article.date_published.strftime(precision) if article.date_published else None


def _print_image(console: Console, image: Image) -> None:
    text = Text(image.caption or image.alt or "(no caption)", style="italic")
    credit = [
        ("credit", image.credit_text),
        ("photographer", ", ".join(image.creator)),
        ("agency", image.agency),
    ]
    for name, value in credit:
        if value:
            text.append(f"\n{name}: ", style="dim not italic").append(value, style="not italic")
    console.print(Padding(text, (1, 0, 0, 4)))
