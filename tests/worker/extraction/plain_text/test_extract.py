"""Articles in plain text: fields that the lines lack come from the URL."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.support.pages.article_pages import PLAIN_BODY as BODY
from tests.support.pages.article_pages import PLAIN_NAVIGATION as NAV
from tests.support.pages.article_pages import TITLE
from worker import extraction
from worker.model.records import Article

URL = "https://www.wetmarket.example/2024/03/19/goat-found-asleep-in-car-wash"


def read(*lines: str, url: str = URL) -> Article:
    return extraction.read_text("\n".join([*NAV, TITLE, *lines, *BODY]), url)


def test_publisher_and_day_come_from_the_url() -> None:
    article = read()
    assert (article.publisher, article.date_published) == ("wetmarket.example", datetime(2024, 3, 19, tzinfo=UTC))
    assert article.date_precision == "day"
    assert {article.provenance[name].source for name in ("publisher", "date_published")} == {"url"}


def test_date_in_a_line_comes_before_the_date_in_the_url() -> None:
    assert read("Published: 2:55 PM, May 6, 2024").date_published == datetime(2024, 5, 6, 14, 55, tzinfo=UTC)
    assert read(url="https://wetmarket.example/goat").date_published is None


def test_paragraph_after_a_newsletter_heading_is_kept() -> None:
    paragraph = (
        "The council expects the sundial to attract visitors and has put up benches for all who wait for the sun."
    )
    body = read(BODY[0], "Sign up for our newsletter", paragraph).article_body
    assert paragraph in body.splitlines()
