"""An article in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from api.cli.output.tables import facts_table
from worker.model.records import Article, Image


def print_article(console: Console, article: Article) -> None:
    """Print headline, fields, images with captions and credits, and the text."""
    console.print(Text(article.headline or "(no headline)", style="bold cyan"))
    console.print(
        facts_table(
            {
                "kind": article.kind,
                "by": ", ".join(article.author),
                "agency": article.agency,
                "published": format_published(article),
                "section": article.article_section,
                "dateline": article.dateline,
                "publisher": article.publisher,
                "language": article.language,
                "keywords": ", ".join(article.keywords),
            }
        )
    )
    for image in article.images:
        _print_image(console, image)
    for paragraph in article.article_body.split("\n"):
        if paragraph.strip():
            console.print()
            console.print(Text(paragraph))


def format_published(article: Article) -> str | None:
    """Return the publication date, with time and time zone if the time is known. None without a date."""
    precision = "%Y-%m-%d" if article.date_precision == "day" else "%Y-%m-%d %H:%M %Z"
    return article.date_published.strftime(precision) if article.date_published else None


def _print_image(console: Console, image: Image) -> None:
    text = Text(image.caption or image.alt or "(no caption)", style="italic")
    credit = {
        "credit": image.credit_text,
        "photographer": ", ".join(image.creator),
        "agency": image.agency,
    }
    for name, value in credit.items():
        if value:
            text.append(f"\n{name}: ", style="dim not italic").append(value, style="not italic")
    console.print(Padding(text, (1, 0, 0, 4)))
