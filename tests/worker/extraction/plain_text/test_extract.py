"""What flattened text itself does not say, its address may."""

from datetime import UTC, datetime

from tests.worker.extraction.plain_text.test_line_fields import NAV, STORY, TITLE
from worker import extraction

URL = "https://www.wetmarket.example/2024/03/19/goat-found-asleep-in-car-wash"


def read(*lines: str, url: str = URL):
    return extraction.read_text("\n".join([*NAV, TITLE, *lines, *STORY]), url)


def test_publisher_and_day_come_from_the_address():
    article = read()
    assert (article.publisher, article.date_published) == ("wetmarket.example", datetime(2024, 3, 19, tzinfo=UTC))
    assert article.date_precision == "day"
    assert {article.provenance[name].source for name in ("publisher", "date_published")} == {"url"}


def test_a_line_with_a_date_knows_better():
    assert read("Published: 2:55 PM, May 6, 2024").date_published == datetime(2024, 5, 6, 14, 55, tzinfo=UTC)
    assert read(url="https://wetmarket.example/goat").date_published is None
