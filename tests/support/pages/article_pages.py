"""An invented article as a page and as plain text, for the tests of fields, images and embedded data."""

from __future__ import annotations

from worker.extraction.html.tree import Tree, parse

URL = "https://www.larkin.example/news/local/goat-found-asleep-in-car-wash-4711"

TITLE = "Goat found asleep in car wash"
PARAGRAPHS = (
    "FORT ANSLEY, Calif. (AP) — A goat that slipped out of a petting farm was found Monday asleep in a car wash.",
    "The animal, which is called Biscuit, had been missing since Saturday, when a latch broke during a feeding.",
    "Its owner, Wanjiru Mbogo, said that she would buy a better latch and, for the time being, a collar for its neck.",
)
BODY = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)

#: The article as lines of plain text, and the lines before it.
PLAIN_BODY = [
    "A goat that slipped out of a petting farm was found Monday asleep in a car wash, police in Fort Ansley said.",
    "The animal, which is called Biscuit, had been missing since Saturday, when a latch broke during a feeding.",
]
PLAIN_NAVIGATION = ["Skip to content", "Weather", "Traffic", "Sign In"]


def page(head: str = "", body: str = BODY, *, title: str = TITLE, h1: str | None = None) -> Tree:
    """Return the parsed page. `h1` is the heading, "" for a page without one."""
    heading = f"<h1>{h1 if h1 is not None else title}</h1>" if h1 != "" else ""
    html = (
        f"<html lang=en><head><title>{title} | Larkin Ledger</title>{head}</head>"
        f"<body><header><nav><a href=/>Home</a></nav></header>"
        f"<main><article>{heading}{body}</article></main></body></html>"
    )
    return parse(html, URL)


def script(json: str, attributes: str = 'type="application/ld+json"') -> str:
    """Return a <script> element with JSON, by default JSON-LD."""
    return f"<script {attributes}>{json}</script>"
