"""Bylines in the elements of a page, in many shapes and languages."""

from __future__ import annotations

import pytest

from tests.support.pages.article_pages import BODY, PARAGRAPHS, page
from worker.extraction.embedded.collect import collect_page_data
from worker.extraction.fields.extract import find_fields

#: Elements under the headline, and the authors.
SHAPES = [
    # words of many languages, in any element
    ("<p>By Jane Roe</p>", ["Jane Roe"]),
    ("<em>Words by Jane Roe</em>", ["Jane Roe"]),
    ("<address>Posted by Jane Roe</address>", ["Jane Roe"]),
    ("<h3>By Jane Roe and Tom Doe</h3>", ["Jane Roe", "Tom Doe"]),
    ("<small>Von Friederike Lampe und Jörn Thoms</small>", ["Friederike Lampe", "Jörn Thoms"]),
    ("<div>Ein Kommentar von Friederike Lampe</div>", ["Friederike Lampe"]),
    ("<div>Text und Fotos: Friederike Lampe</div>", ["Friederike Lampe"]),
    ("<div>Par Hervé Montaigu (avec AFP)</div>", ["Hervé Montaigu"]),
    ("<li>Propos recueillis par Hervé Montaigu</li>", ["Hervé Montaigu"]),
    ("<div>Por Marta Cañete y Edu Luque</div>", ["Marta Cañete", "Edu Luque"]),
    ("<div>Texto: Marta Cañete</div>", ["Marta Cañete"]),
    ("<div>A cura di Viviana Mazza</div>", ["Viviana Mazza"]),
    ("<div>Di Viviana Mazza e Marco Pizzorno</div>", ["Viviana Mazza", "Marco Pizzorno"]),
    ("<div>Door Sanne de Wit en Bram Kok</div>", ["Sanne de Wit", "Bram Kok"]),
    ("<div>Af Mette Juncher og Trine Holm</div>", ["Mette Juncher", "Trine Holm"]),
    ("<div>Skrevet av Kari Nordby</div>", ["Kari Nordby"]),
    ("<div>Tekst: Kari Nordby Foto: Ola Moen</div>", ["Kari Nordby"]),
    ("<div>Av Per Ström</div>", ["Per Ström"]),
    ("<div>Teksti: Aino Lehtisaari</div>", ["Aino Lehtisaari"]),
    ("<div>Autor: Hanna Wierzba</div>", ["Hanna Wierzba"]),
    ("<div>Opracowała: Hanna Wierzba</div>", ["Hanna Wierzba"]),
    ("<div>Autoři: Jana Nováková a kol.</div>", ["Jana Nováková"]),
    ("<div>Szerző: Kovács Ilona</div>", ["Kovács Ilona"]),
    ("<div>Scris de Ioana Pârvu</div>", ["Ioana Pârvu"]),
    ("<div>Piše: Mirna Kovač</div>", ["Mirna Kovač"]),
    ("<div>per Jordina Roca</div>", ["Jordina Roca"]),
    ("<div>Автор: Иван Петров и Мария Седова</div>", ["Иван Петров", "Мария Седова"]),
    ("<div>Подготовила Мария Седова</div>", ["Мария Седова"]),
    ("<div>Текст: Оксана Бойко</div>", ["Оксана Бойко"]),
    ("<div>Γράφει ο Νίκος Παππάς</div>", ["Νίκος Παππάς"]),
    ("<div>Yazan: Mehmet Yıldız</div>", ["Mehmet Yıldız"]),
    ("<div>Haber: Mehmet Yıldız</div>", ["Mehmet Yıldız"]),
    ("<div>Penulis: Rina Wulandari Editor: Bayu Hartono</div>", ["Rina Wulandari"]),
    ("<div>Oleh Rina Wulandari</div>", ["Rina Wulandari"]),
    ("<div>Tác giả: Trần Văn An</div>", ["Trần Văn An"]),
    ("<div dir=rtl>מאת: יעל כהן</div>", ["יעל כהן"]),
    ("<div dir=rtl>بقلم: أحمد الصالح</div>", ["أحمد الصالح"]),
    ("<div>लेखक: राहुल वर्मा</div>", ["राहुल वर्मा"]),
    ("<div>โดย สมชาย ใจดี</div>", ["สมชาย ใจดี"]),
    ("<div>来源：<a href=/>河谷日报</a>　记者 罗晓兰</div>", ["罗晓兰"]),
    ("<div>作者：王小五　责任编辑：赵六</div>", ["王小五"]),
    ("<div>（記者王小五／台北報導）</div>", ["王小五"]),
    ("<div>文／李四明</div>", ["李四明"]),
    ("<div>홍길동 기자 hong@paper.example</div>", ["홍길동"]),
    ("<div>取材・文：山田太郎</div>", ["山田太郎"]),
    # where the names are
    ("<p><i>By</i> <b>Jane Roe</b></p>", ["Jane Roe"]),
    ("<p>By <a href=/j>Jane Roe</a> and <a href=/t>Tom Doe</a>, Political Editors</p>", ["Jane Roe", "Tom Doe"]),
    ("<div><span>Author:</span><span>Jane Roe</span></div>", ["Jane Roe"]),
    ("<dl><dt>Author</dt><dd>Jane Roe</dd></dl>", ["Jane Roe"]),
    ("<p>By Jane Roe<br>Political Editor<br>24 November 2026</p>", ["Jane Roe"]),
    ("<p>24 November 2026 | By Jane Roe</p>", ["Jane Roe"]),
    ("<p>Posted on November 24, 2026 by Jane Roe</p>", ["Jane Roe"]),
    ("<p>Posted by Jane Roe on November 24, 2026</p>", ["Jane Roe"]),
    ("<span>Jane Roe</span><span> · </span><span>Nov 24, 2026</span>", ["Jane Roe"]),
    ("<div>Jane Roe · Nov 24, 2026</div>", ["Jane Roe"]),
    ("<span>Nov 24, 2026</span><span>Jane Roe</span>", ["Jane Roe"]),
    ("<div><a href=/u><span>Jane Roe</span></a></div><div>Nov 24, 2026</div>", ["Jane Roe"]),
    ("<a rel='author nofollow' href=/j>Jane Roe</a>", ["Jane Roe"]),
    ("<span itemprop=author>Jane Roe</span>", ["Jane Roe"]),
    ("<a class='p-author h-card' href=/j>Jane Roe</a>", ["Jane Roe"]),
    ("<a class=article__author><span>By</span>Jane Roe</a>", ["Jane Roe"]),
    ("<p class=byline>JANE ROE, STAFF WRITER</p>", ["Jane Roe"]),
    ("<p class=byline>Jane Roe Follow</p>", ["Jane Roe"]),
    ("<p class=byline>Jane Roe jane@paper.example @janeroe</p>", ["Jane Roe"]),
    # other lines
    ("<p>By Tuesday the water had gone.</p>", []),
    ("<p>Texte auf dieser Seite sind frei.</p>", []),
    ("<p><strong>Texte</strong> auf dieser Seite, <a href=/l>Freie Lizenz</a></p>", []),
    ("<figure><figcaption>By Jane Roe</figcaption></figure>", []),
    ("<p>Photos: Tom Doe</p>", []),
    ("<p>Editor: Tom Doe</p>", []),
    ("<span>Local News</span><span>Nov 24, 2026</span>", []),
]


@pytest.mark.parametrize(("line", "authors"), SHAPES)
def test_reads_bylines_near_the_headline(line: str, authors: list[str]) -> None:
    assert _authors(line + BODY) == authors


@pytest.mark.parametrize(
    "element",
    [
        "<div data-author='Jane Roe'></div>",
        "<p>Contact <a rel=author href=/j>Jane Roe</a></p>",
        "<footer class=p-author>Jane Roe</footer><p class=p-author>Jane Roe</p>",
    ],
)
def test_element_named_for_the_author_counts_anywhere_if_it_is_the_only_one(element: str) -> None:
    assert _authors(BODY + "<p>More.</p>" * 120 + element) == ["Jane Roe"]
    assert _authors(BODY + "<p>More.</p>" * 120 + element + "<a rel=author href=/t>Tom Doe</a>") == []


def _authors(body: str) -> list[str]:
    tree = page("", body)
    return list(find_fields(tree, collect_page_data(tree), PARAGRAPHS).author)


@pytest.mark.parametrize(
    "element",
    [
        "<div data-article-authors='Jane Roe'></div>",
        "<div data-byline-writer-name='Jane Roe'></div>",
        "<p class=story-author>Jane Roe</p>",
        "<p>By Jane Roe, Larkin Ledger</p>",
        "<p>Author: Jane Roe</p>",
    ],
)
def test_only_byline_of_the_page_counts_anywhere(element: str) -> None:
    assert _authors(BODY + "<p>More.</p>" * 120 + element) == ["Jane Roe"]


def test_teasers_with_bylines_are_not_the_article_s() -> None:
    teasers = "<div><p>By Jane Roe</p><p>By Tom Doe</p></div>"
    assert _authors(BODY + "<p>More.</p>" * 120 + teasers) == []


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("<div><a href=/author/jane-roe>Jane Roe</a></div>", ["Jane Roe"]),
        ("<div><a href=https://paper.example/staff/17/jane-roe/>Jane Roe</a></div>", ["Jane Roe"]),
        ("<div><a href=/autor/jane-roe.html?x=1>Jane Roe</a> und <a href=/autor/tom>Tom Doe</a></div>", ["Jane Roe"]),
        ("<div><a href=/topic/jane-roe>Jane Roe</a></div>", []),
        ("<div><a href=/author/>All authors</a></div>", []),
        ("<p><a href=/j>Jane Roe</a><br>24.11.2026 | 09:36 Uhr</p>", ["Jane Roe"]),
        ("<div>Jane Roe<span>|</span><span>Published <time>4 months ago</time></span></div>", ["Jane Roe"]),
        ("<div><p>Local News<br>24.11.2026</p></div>", []),
    ],
)
def test_links_and_dates_tell_an_author(line: str, authors: list[str]) -> None:
    assert _authors(line + BODY) == authors


def test_byline_near_the_headline_wins_over_one_in_the_text() -> None:
    near = "<p><a href=/j>Jane Roe</a><br>24.11.2026</p>"
    assert _authors(near + BODY + "<p>More.</p>" * 40 + "<p>Von Tom Doe</p>" + BODY) == ["Jane Roe"]
