"""Captions without a class: a short text with a credit in the wrapper of an image, or right after it."""

from __future__ import annotations

import pytest

from tests.support.pages.article_pages import BODY, PARAGRAPHS, page
from worker.extraction.html.tree import text_of
from worker.extraction.images.extract import find_images
from worker.extraction.page_data import PageData
from worker.model.records import Image

IMG = "<img src=/a.jpg>"
STORY = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)


def read(markup: str, *, inside: bool = True) -> tuple[list[Image], str]:
    """Return the images of a page with this markup, and the text outside captions."""
    head, _, last = STORY.rpartition("<p>")
    body = f"<h1>A bridge closes</h1><div>{head}{markup}<p>{last}</div>" if inside else BODY + markup
    tree = page(body=body)
    found = find_images(tree, PageData())
    marked = {inner for node in found.nodes for inner in node.iter()}
    left = " ".join(text_of(n) for n in tree.nodes if n.tag == "p" and n not in marked)
    return list(found.images), left


LINES = {
    "english": ("A goat rests in a trailer.", "Photo: Nils Corrigan/AP", "Nils Corrigan"),
    "english, in brackets": ("A goat rests in a trailer.", "(Nils Corrigan/AFP via Getty Images)", "Nils Corrigan"),
    "english, wire": ("A goat rests in a trailer.", "REUTERS/Elsa Mbeki", "Elsa Mbeki"),
    "german": ("Eine Ziege ruht im Anhänger.", "Foto: Jonas Weber/dpa", "Jonas Weber"),
    "dutch": ("Een geit rust in de aanhanger.", "Foto: Pieter Bakker / ANP", "Pieter Bakker"),
    "french": ("Une chèvre se repose.", "Crédit photo : Luc Martin/AFP", "Luc Martin"),
    "spanish": ("Una cabra descansa.", "Foto: Lucía Ramos/EFE", "Lucía Ramos"),
    "portuguese": ("Uma cabra descansa.", "Foto: João Pereira/Lusa", "João Pereira"),
    "italian": ("Una capra riposa.", "Foto di Marco Bianchi/ANSA", "Marco Bianchi"),
    "swedish": ("En get vilar.", "Foto: Erik Lindqvist/TT", "Erik Lindqvist"),
    "danish": ("En ged hviler.", "Foto: Lars Jensen/Ritzau Scanpix", "Lars Jensen"),
    "norwegian": ("En geit hviler.", "Foto: Kari Hansen / NTB", "Kari Hansen"),
    "finnish": ("Vuohi lepää.", "Kuva: Matti Virtanen", "Matti Virtanen"),
    "polish": ("Koza odpoczywa.", "Fot. Jan Kowalski/PAP", "Jan Kowalski"),
    "czech": ("Koza odpočívá.", "Foto: Petr Novák, ČTK", "Petr Novák"),
    "russian": ("Коза отдыхает.", "Фото: Иван Петров/ТАСС", "Иван Петров"),
    "turkish": ("Bir keçi dinleniyor.", "Fotoğraf: Mehmet Yılmaz/AA", "Mehmet Yılmaz"),
    "indonesian": ("Seekor kambing beristirahat.", "Foto: Budi Santoso/Antara", "Budi Santoso"),
    "japanese": ("休むヤギ。", "撮影：山田太郎", "山田太郎"),
}


@pytest.mark.parametrize(("caption", "credit", "name"), LINES.values(), ids=LINES.keys())
@pytest.mark.parametrize(
    "shape",
    [
        "<p>{i}</p><p>{t}</p>",
        "<p>{i}</p><p><em>{t}</em></p>",
        "<p>{i}<br><em>{t}</em></p>",
        "<div>{i}</div><small>{t}</small>",
        "<div>{i}<div><span>{t}</span></div></div>",
        "<figure>{i}<p>{t}</p></figure>",
    ],
)
def test_reads_an_unnamed_line_with_a_credit(shape: str, caption: str, credit: str, name: str) -> None:
    images, left = read(shape.format(i=IMG, t=f"{caption} {credit}"))
    assert [(i.caption, i.creator) for i in images if i.caption] == [(caption, (name,))]
    assert images[0].url == "https://www.larkin.example/a.jpg"
    assert caption not in left


@pytest.mark.parametrize(
    "line",
    [
        "The council meets again on Monday, the mayor said.",
        "Officials in Port Lowell told Reuters that the bridge stays closed (see the map).",
        "“We will not hurry,” said Nils Corrigan of the council.",
        "By Nils Corrigan",
    ],
)
def test_a_paragraph_of_the_story_is_no_caption(line: str) -> None:
    images, left = read(f"<p>{IMG}</p><p>{line}</p>")
    assert [i.caption for i in images] == [None]
    assert line in left


def test_a_table_row_below_an_image_is_its_caption() -> None:
    table = f"<table><tr><td>{IMG}</td></tr><tr><td>A goat outside the mill (photo by Aldo Reyes)</td></tr></table>"
    images, _ = read(table)
    assert [(i.caption, i.creator) for i in images] == [("A goat outside the mill", ("Aldo Reyes",))]


def test_a_figure_holds_a_caption_without_a_credit() -> None:
    assert [i.caption for i in read(f"<figure>{IMG}<p>A goat rests in a trailer.</p></figure>")[0]] == [
        "A goat rests in a trailer."
    ]


DESCRIPTION = "Wanjiru Mbogo brushes a goat behind the old mill"


@pytest.mark.parametrize(
    "shape",
    [
        "<p><span><picture><img src=/a.jpg alt='{d}'></picture></span><span>{d}.</span></p>",
        "<div><div><a href=/a.jpg title='{d}'><img src=/a.jpg></a></div><div><span>{d}.</span></div></div>",
        "<div><div><a href=#big aria-label='{d}'><img src=/a.jpg></a></div><section>{d}.</section></div>",
        "<div><div><img src=/a.jpg alt='Wanjiru Mbogo brushes a goat behind …'></div><div>{d}.</div></div>",
        "<p><img src=/a.jpg alt='{d}'></p><p>{d}.</p>",
        "<div><img src=/a.jpg title='{d}'></div><span>{d}.</span>",
        "<div><img src=/a.jpg alt='{d}'><button>Enlarge</button><p>{d}.</p></div>",
        "<div><picture><source><source><source><source><source><img src=/a.jpg alt='{d}'></picture><p>{d}.</p></div>",
    ],
)
def test_a_text_that_repeats_the_description_is_a_caption(shape: str) -> None:
    images, left = read(shape.format(d=DESCRIPTION))
    assert [i.caption for i in images] == [f"{DESCRIPTION}."]
    assert DESCRIPTION not in left


@pytest.mark.parametrize("alt", ["", "Goat", "A car wash in Fort Ansley, seen from the mill", "photo"])
def test_a_text_unlike_the_description_is_no_caption(alt: str) -> None:
    line = "The council meets again on Monday, the mayor said, and nobody expects a quick vote."
    images, left = read(f"<p><img src=/a.jpg alt='{alt}'></p><p>{line}</p>")
    assert [i.caption for i in images] == [None]
    assert line in left


@pytest.mark.parametrize(
    ("shape", "more"),
    [
        ("<div><div><img src=/{n}.jpg></div><div><p>{t}</p></div></div>", ""),
        ("<div><a href=/{n}.jpg><img src=/{n}.jpg></a><span>{t}</span></div>", ""),
        ("<div><img src=/{n}.jpg><p>{t}</p></div>", "<button></button>"),
        ("<p><img src=/{n}.jpg></p><p><em>{t}</em></p>", ""),
        ("<div><img src=/{n}.jpg></div><small>{t}</small>", ""),
    ],
)
def test_texts_of_the_same_structure_are_captions(shape: str, more: str) -> None:
    texts = ["A goat rests in a trailer", "The mill before the fire. Photo: Nils Corrigan/AP", "The farm in the snow"]
    images, left = read("".join(shape.format(n=n, t=t + more) + f"<p>{PARAGRAPHS[1]}</p>" for n, t in enumerate(texts)))
    assert [i.caption for i in images] == [texts[0], "The mill before the fire.", texts[2]]
    assert not any(text in left for text in texts)


def test_texts_in_wrappers_of_pages_without_a_credit_stay() -> None:
    images, left = read("<div><div><img src=/a.jpg></div><div><p>The farm in the snow of May</p></div></div>")
    assert [i.caption for i in images] == [None]
    assert "The farm in the snow" in left


@pytest.mark.parametrize("tag", ["photo-viewer", "x-image", "brick-picture-v2", "my-photo-zoom"])
def test_an_element_of_the_site_is_an_image(tag: str) -> None:
    images, left = read(f"<div><{tag}></{tag}><div><p>A goat rests.</p><p>Photo: Nils Corrigan (Post)</p></div></div>")
    assert [(i.caption, i.creator) for i in images] == [("A goat rests.", ("Nils Corrigan",))]
    assert "A goat rests" not in left


@pytest.mark.parametrize("line", ["<small>{t}</small>", "<p>{t}</p>", "<p><em>{t}</em></p>"])
def test_a_caption_belongs_to_the_image_right_before_it(line: str) -> None:
    texts = [f"The mill in year {n}. Photo: Nils Corrigan/AP" for n in range(3)]
    images, _ = read("".join(f"<div><img src=/{n}.jpg></div>{line.format(t=t)}" for n, t in enumerate(texts)))
    assert [(i.url or "")[-6:-4] for i in images if i.caption] == ["/0", "/1", "/2"]
    assert [i.caption for i in images] == [f"The mill in year {n}." for n in range(3)]
