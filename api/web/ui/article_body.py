"""The article's HTML on our own page: cleaned once more, with our own figures and no remote images."""

from __future__ import annotations

import re
from collections.abc import Iterator

import nh3
from bs4 import BeautifulSoup, Comment, Tag
from markupsafe import Markup

from api.presentation.article_format import body_html
from api.web.ui.templates import facet_link
from worker.model.records import Article, Image

_TAGS = {
    "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "blockquote", "pre", "table", "tr", "th", "td", "a", "em",
    "strong", "figure", "img", "figcaption",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
_FIGURE = re.compile(r"<!--figure (\d+)-->")


def body_parts(article: Article) -> Iterator[Markup | Image]:
    """Yield the body as HTML, split at its figures, and each figure's image in its place.

    The store may be shared, so its HTML is cleaned before a browser gets it. Our pages load nothing from other hosts:
    the template shows an image by its caption, its credit and a link.
    """
    clean = nh3.clean(body_html(article), tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https"})
    soup = BeautifulSoup(clean, "html.parser")
    _add_dateline(soup, article)
    images = _replace_figures(soup, article)
    for number, part in enumerate(_FIGURE.split(str(soup))):
        if number % 2:
            yield images[int(part)]
        elif part.strip():
            yield Markup(part)  # noqa: S704 - cleaned above


def _replace_figures(soup: BeautifulSoup, article: Article) -> list[Image]:
    """Replace each figure by a comment with its number, and return the images by number."""
    images: list[Image] = []
    for figure in soup.find_all("figure"):
        picture = figure.find("img")
        source = str(picture.get("src")) if isinstance(picture, Tag) else None
        caption = figure.get_text(" ", strip=True)
        shown = (i for i in article.images if i not in images and _shows(i, source, caption))
        figure.replace_with(Comment(f"figure {len(images)}"))
        images.append(next(shown, Image(url=source, caption=caption or None)))
    for picture in soup.find_all("img"):
        picture.decompose()
    return images


def _shows(image: Image, source: str | None, caption: str) -> bool:
    """Return True if a figure with this URL and caption shows the image."""
    return image.url in (source, None) and bool(image.url or image.caption) and caption.startswith(image.caption or "")


def _add_dateline(soup: BeautifulSoup, article: Article) -> None:
    """Begin the first paragraph with a link to the articles of the same place, if it does not name the place."""
    first = soup.find("p")
    place = article.dateline
    if not place or not isinstance(first, Tag) or first.get_text().upper().startswith(place.upper()):
        return
    link = soup.new_tag("a", attrs={"class": "dateline", "href": facet_link(place, "dateline")})
    link.append(place)
    first.insert(0, " ")
    first.insert(0, link)
