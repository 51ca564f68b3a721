"""Differences between an article that was read and the expected one."""

from __future__ import annotations

from sample import Site
from sample.expected import ExpectedPage
from worker.model.records import Article, Image

FIELDS = (
    "headline",
    "author",
    "agency",
    "date_published",
    "article_section",
    "keywords",
    "language",
    "dateline",
    "publisher",
)


def differences(article: Article, page: ExpectedPage, site: Site | None = None) -> list[str]:
    """Return one line for each field that is not as expected. Flattened text has no site."""
    if page.kind is not None and article.kind.value != page.kind:
        return [f"kind is {article.kind.value}, not {page.kind}"]
    if not page.is_article:
        return []
    return _fields(article, page) + _body(article, page) + _images(article, page, site)


def _fields(article: Article, page: ExpectedPage) -> list[str]:
    """Compare the fields. A page without markup has only the fields that its text names."""
    wrong = []
    for name in FIELDS:
        read, meant = getattr(article, name), getattr(page, name)
        if read != meant and (page.site or meant):
            wrong.append(f"{name} is {read!r}, not {meant!r}")
    return wrong


def _body(article: Article, page: ExpectedPage) -> list[str]:
    body, wrong = article.article_body.removeprefix(f"{page.description}\n"), []  # a standfirst may head the body
    if not body.startswith(page.body_starts):
        wrong.append(f"body starts {body[:80]!r}, not {page.body_starts!r}")
    if not body.endswith(page.body_ends):
        wrong.append(f"body ends {body[-80:]!r}, not {page.body_ends!r}")
    if len(body.splitlines()) != page.paragraphs:
        wrong.append(f"body has {len(body.splitlines())} lines, not {page.paragraphs}")
    return wrong + [f"body holds {noise!r}" for noise in page.absent if noise in body]


def _images(article: Article, page: ExpectedPage, site: Site | None) -> list[str]:
    read = [_seen(image, with_url=site is not None) for image in article.images]
    meant = [
        (p.caption, p.credit_text, p.creator, p.agency, site.url(p.path) if site and p.path else None)
        for p in page.image
    ]
    return [f"image missing: {m}" for m in meant if m not in read] + [
        f"image too many: {r}" for r in read if r not in meant
    ]


def _seen(image: Image, *, with_url: bool) -> tuple[object, ...]:
    return (image.caption, image.credit_text, image.creator, image.agency, image.url if with_url else None)
