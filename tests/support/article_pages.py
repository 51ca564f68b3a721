"""Pages of our own making for the tests of fields: a story with its head, and a few ways to carry it."""

from __future__ import annotations

from worker.extraction.html.tree import Tree, parse

URL = "https://www.larkin.example/news/local/goat-found-asleep-in-car-wash-4711"

PARAGRAPHS = (
    "FORT ANSLEY, Calif. (AP) — A goat that slipped out of a petting farm was found Monday asleep in a car wash.",
    "The animal, which is called Biscuit, had been missing since Saturday, when a latch broke during a feeding.",
    "Its owner, Wanjiru Mbogo, said that she would buy a better latch and, for the time being, a bell for its neck.",
)
BODY = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)


def page(
    head: str = "", body: str = BODY, *, title: str = "Goat found asleep in car wash", h1: str | None = None
) -> Tree:
    """A whole page as the reader's parts get it."""
    heading = f"<h1>{h1 if h1 is not None else title}</h1>" if h1 != "" else ""
    html = (
        f"<html lang=en><head><title>{title} | Larkin Ledger</title>{head}</head>"
        f"<body><header><nav><a href=/>Home</a></nav></header>"
        f"<main><article>{heading}{body}</article></main></body></html>"
    )
    return parse(html, URL)


def script(json: str, attributes: str = 'type="application/ld+json"') -> str:
    return f"<script {attributes}>{json}</script>"
