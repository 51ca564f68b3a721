"""Tests that the extraction reads every page of the sample perfectly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from sample import Site, serve
from sample.expected import ExpectedPage, flattened, pages
from tests.support.compare import differences
from worker import extraction

READABLE = [page for page in pages() if page.site and page.status == 200]


@pytest.fixture(scope="module")
def sites() -> Iterator[Mapping[str, Site]]:
    with serve() as running:
        yield running


@pytest.mark.parametrize("page", READABLE, ids=lambda page: page.site + page.path)
def test_page_is_read_perfectly(sites: Mapping[str, Site], page: ExpectedPage) -> None:
    site = sites[page.site]
    article = extraction.read(site.text(page.path).encode(), site.url(page.path))
    assert differences(article, page, site) == []


def test_plain_text_is_read_perfectly() -> None:
    text, page = flattened()
    assert differences(extraction.read_text(text, "https://example.org/ister"), page) == []
