"""The choice among the bylines of several sources."""

from __future__ import annotations

import json

import pytest

from tests.support.pages.article_pages import BODY, PARAGRAPHS, TITLE, page, script
from worker.extraction.embedded.collect import collect_page_data
from worker.extraction.fields.extract import Fields, find_fields


def read(head: str = "", body: str = BODY, ending: tuple[str, ...] = (), last: tuple[str, ...] = ()) -> Fields:
    tree = page(head, body)
    return find_fields(tree, collect_page_data(tree), (*PARAGRAPHS, *last), ending=ending)


def ld(author: object) -> str:
    return script(json.dumps({"@type": "NewsArticle", "headline": TITLE, "author": author}))


def meta(name: str, content: str) -> str:
    return f'<meta name="{name}" content="{content}">'


def test_name_that_the_page_prints_and_its_data_repeat_wins() -> None:
    head = ld("Tom Doe") + meta("author", "Jane Roe")
    assert read(head, f"<p class=byline>By Jane Roe</p>{BODY}").author == ("Jane Roe",)


def test_name_in_the_data_wins_over_one_that_only_the_page_prints() -> None:
    assert read(ld("Tom Doe"), f"<p class=byline>Jane Roe</p>{BODY}").author == ("Tom Doe",)


def test_printed_byline_adds_the_people_that_the_data_lack() -> None:
    body = f"<p>By Jane Roe, Tom Doe and Ann Poe</p>{BODY}"
    assert read(ld("Jane Roe"), body).author == ("Jane Roe", "Tom Doe", "Ann Poe")


def test_second_source_of_data_adds_people_that_the_page_prints() -> None:
    head = ld("Jane Roe") + meta("author", "Jane Roe, Tom Doe")
    body = "<p class=byline>Jane Roe</p><p class=byline>Tom Doe</p>"
    assert read(head, body + BODY).author == ("Jane Roe", "Tom Doe")


def test_names_in_a_sign_off_are_not_added() -> None:
    body = f"<p>By Jane Roe</p><p>(Reporting by Jane Roe and Tom Doe; Editing by Ann Poe)</p>{BODY}"
    assert read("", body).author == ("Jane Roe",)


def test_address_after_the_name_of_the_site_is_left_out() -> None:
    head = meta("og:site_name", "Larkin Ledger") + meta("author", "Larkin Ledger, Harwell, Orrin")
    assert read(head).byline == ("Larkin Ledger",)


def test_content_in_the_attribute_value_is_read() -> None:
    assert read('<meta name="author" value="Jane Roe">').author == ("Jane Roe",)


@pytest.mark.parametrize("name", ["admin", "Unknown", "undefined", "https://social.example/paper"])
def test_accounts_and_addresses_are_not_authors(name: str) -> None:
    assert read(ld({"@type": "Person", "name": name})).byline == ()


@pytest.mark.parametrize(
    "line",
    ["By Jane Roe", "(Jane Roe)", "— Jane Roe", "Text: Jane Roe", "-- By Jane Roe Follow @janeroe", "[Jane Roe]"],
)
def test_signature_after_the_body(line: str) -> None:
    assert read(ending=("Share", line)).author == ("Jane Roe",)
    assert read(last=(line,)).author == ("Jane Roe",)


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("The bridge stays shut until autumn. (Jane Roe)", "Jane Roe"),
        ("橋は秋まで閉鎖される。（渡辺洋介）", "渡辺洋介"),
        ("大桥将关闭至秋天。（记者 罗晓兰）", "罗晓兰"),
        ("홍길동 기자 hong@paper.example", "홍길동"),
    ],
)
def test_signature_at_the_end_of_the_last_paragraph(line: str, author: str) -> None:
    assert read(last=(line,)).author == (author,)


@pytest.mark.parametrize(
    "line", ["Related Stories", "Most Popular", "(dpa)", "(Photo: Tom Doe)", "The end. (See page 4)"]
)
def test_other_lines_after_the_body_are_not_signatures(line: str) -> None:
    assert read(ending=(line,)).author == ()
