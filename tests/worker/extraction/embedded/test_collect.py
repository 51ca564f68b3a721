"""Embedded articles: JSON-LD in all its nestings, microdata, Arc XP, both Next.js routers, Nuxt, inline state."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.pages.article_pages import PARAGRAPHS, page, script
from worker.extraction.embedded import json_body
from worker.extraction.embedded.collect import collect_page_data
from worker.extraction.embedded.syntax import flight as flight_rows
from worker.extraction.html.tree import Tree
from worker.extraction.page_data import EmbeddedArticle

TITLE = "Goat found asleep in car wash"
NODE = {
    "@type": "NewsArticle",
    "headline": TITLE,
    "datePublished": "2024-05-06T10:00:00-07:00",
    "author": [{"@type": "Person", "name": "Jane Roe"}, {"@type": "Organization", "name": "AP"}],
    "articleSection": "Local",
    "keywords": "goats, car washes,Fort Ansley",
    "publisher": {"name": "Larkin Ledger"},
    "isAccessibleForFree": "False",
    "image": {
        "url": "https://cdn.larkin.example/goat.jpg",
        "caption": "Biscuit rests.",
        "creditText": "AP Photo/Jon Smith",
    },
}


def first(tree: Tree) -> EmbeddedArticle:
    return collect_page_data(tree).articles[0]


def test_reads_all_of_json_ld() -> None:
    article = first(page(script(json.dumps(NODE))))
    assert (article.source, article.rule, article.headline) == ("json-ld", "NewsArticle", TITLE)
    assert [(s.name, s.kind) for s in article.authors] == [("Jane Roe", "person"), ("AP", "organisation")]
    assert (article.published, article.section, article.publisher) == (
        "2024-05-06T10:00:00-07:00",
        "Local",
        "Larkin Ledger",
    )
    assert article.keywords == ("goats", "car washes", "Fort Ansley")
    assert article.is_free is False
    assert (article.images[0].caption, article.images[0].credit) == ("Biscuit rests.", "AP Photo/Jon Smith")


def test_reads_json_ld_under_graph_with_references_and_breadcrumbs() -> None:
    graph = {
        "@graph": [
            {"@type": "WebSite", "name": "Larkin Ledger"},
            {"@type": "Person", "@id": "#jane", "name": "Jane Roe", "url": "/jane"},
            NODE | {"author": {"@id": "#jane"}},
            {
                "@type": "BreadcrumbList",
                "itemListElement": [
                    {"position": 2, "item": {"name": "Local"}},
                    {"position": 1, "name": "Home"},
                ],
            },
        ]
    }
    data = collect_page_data(page(script(json.dumps(graph))))
    assert [s.name for s in data.articles[0].authors] == ["Jane Roe"]
    assert data.breadcrumbs == ("Home", "Local")
    assert data.site == "Larkin Ledger"


def test_article_about_this_page_comes_before_others() -> None:
    other = NODE | {"headline": "Another article", "url": "https://www.larkin.example/news/other-1"}
    this = NODE | {
        "mainEntityOfPage": {"@id": "https://www.larkin.example/news/local/goat-found-asleep-in-car-wash-4711"}
    }
    assert first(page(script(json.dumps([other, this])))).headline == TITLE


def test_related_articles_inside_an_article_are_ignored() -> None:
    data = collect_page_data(page(script(json.dumps(NODE | {"hasPart": [NODE | {"headline": "Part"}]}))))
    assert [s.headline for s in data.articles] == [TITLE]


def test_entities_and_tags_in_values_are_resolved() -> None:
    article = first(page(script(json.dumps(NODE | {"headline": "Goat &amp; dog &quot;friends&quot; <b>now</b>"}))))
    assert article.headline == 'Goat & dog "friends" now'


def test_reads_microdata() -> None:
    body = (
        '<div itemscope itemtype="https://schema.org/NewsArticle"><span itemprop="headline">Goat found</span>'
        '<span itemprop="author" itemscope itemtype="https://schema.org/Person"><b itemprop="name">Jane Roe</b></span>'
        '<time itemprop="datePublished" datetime="2024-05-06">May 6</time></div>'
    )
    article = first(page(body=body))
    assert (article.source, article.headline, article.published) == ("microdata", "Goat found", "2024-05-06")
    assert [(s.name, s.kind) for s in article.authors] == [("Jane Roe", "person")]


FUSION = {
    "headlines": {"basic": TITLE},
    "credits": {"by": [{"type": "author", "name": "Jane Roe"}]},
    "display_date": "2024-05-06T17:00:00Z",
    "taxonomy": {"primary_section": {"name": "Local"}, "tags": [{"text": "goats"}]},
    "distributor": {"name": "The Associated Press"},
    "content_elements": [
        {"_id": "A", "type": "text", "content": f"<b>{PARAGRAPHS[0]}</b>"},
        {
            "_id": "B",
            "type": "image",
            "url": "https://cdn.larkin.example/latch.jpg",
            "caption": "A broken latch.",
            "credits": {"by": [{"name": "Jon Smith"}], "affiliation": [{"name": "AP"}]},
        },
        {"_id": "C", "type": "text", "content": PARAGRAPHS[1]},
        {"_id": "D", "type": "interstitial_link", "content": "Read more"},
        {"_id": "E", "type": "text", "content": PARAGRAPHS[2]},
    ],
}


def test_reads_arc_xp() -> None:
    head = script("window.Fusion={};Fusion.globalContent=" + json.dumps(FUSION) + ";Fusion.spa=false;", "")
    article = first(page(head))
    assert (article.source, article.headline, article.section) == ("fusion", TITLE, "Local")
    assert article.paragraphs == PARAGRAPHS
    assert [s.name for s in article.authors] == ["Jane Roe"]
    assert (article.published, article.agency, article.keywords) == (
        "2024-05-06T17:00:00Z",
        "The Associated Press",
        ("goats",),
    )
    assert [(p.caption, p.credit) for p in article.images] == [("A broken latch.", "Jon Smith/AP")]


def test_reads_the_next_pages_router_with_blocks_and_marks() -> None:
    runs = [{"type": "text", "text": PARAGRAPHS[0][:20]}, {"type": "link", "text": PARAGRAPHS[0][20:]}]
    node = {
        "headline": TITLE,
        "publishedAt": "2024-05-06T17:00:00Z",
        "body": {
            "type": "doc",
            "content": [
                {"type": "paragraph", "content": runs},
                {"type": "image", "url": "https://x.example/a.jpg"},
                {"type": "paragraph", "content": [{"type": "text", "text": PARAGRAPHS[1]}]},
            ],
        },
    }
    data = {"props": {"pageProps": {"article": node, "related": [{"headline": "Another"}]}}}
    article = first(page(script(json.dumps(data), 'id="__NEXT_DATA__" type="application/json"')))
    assert (article.source, article.paragraphs) == ("next", PARAGRAPHS[:2])
    assert article.rule.endswith("props.pageProps.article")


def flight(*rows: str) -> str:
    """Return rows as React streams them, cut into pushes at arbitrary positions."""
    stream = "".join(rows)
    pieces = [stream[i : i + 50] for i in range(0, len(stream), 50)]
    return "".join(script(f"self.__next_f.push([1,{json.dumps(p)}])", "") for p in pieces)


def test_reads_the_next_app_router_with_a_body_in_its_own_row() -> None:
    html = (
        f'<p>{PARAGRAPHS[0]}</p><div class="img-box"><img src="https://cdn.larkin.example/ü.jpg">'
        f'<div class="caption"><p>Biscuit schläft. AP Photo/Jon Smith</p></div></div><p>{PARAGRAPHS[1]}</p>'
    )
    node = {
        "title": TITLE,
        "contentHtml": "$2a",
        "deployDt": "2024.05.06 17:00",
        "byLines": [{"writerName": "Jane Roe"}],
    }
    rows = ('1:I[123,[],"X"]\n', f"2a:T{len(html.encode()):x},{html}", f"3:{json.dumps(['$', 'div', None, node])}\n")
    article = first(page(flight(*rows)))
    assert (article.source, article.paragraphs) == ("next", PARAGRAPHS[:2])
    assert (article.published, [s.name for s in article.authors]) == ("2024.05.06 17:00", ["Jane Roe"])
    assert [p.caption for p in article.images] == ["Biscuit schläft. AP Photo/Jon Smith"]


def test_apollo_references_are_followed() -> None:
    data = {
        "Article:1": {
            "headline": TITLE,
            "bodyHtml": "".join(f"<p>{p}</p>" for p in PARAGRAPHS),
            "lead": {"__ref": "Image:7"},
        },
        "Image:7": {"__typename": "Image", "url": "/a.jpg", "caption": "Biscuit rests.", "credit": "Jon Smith/AP"},
    }
    article = first(page(script("window.__APOLLO_STATE__ = " + json.dumps(data) + ";", "")))
    assert (article.source, article.paragraphs) == ("state", PARAGRAPHS)
    assert [p.caption for p in article.images] == ["Biscuit rests."]


def test_reads_the_indexes_of_nuxt_3() -> None:
    data = [{"article": 1}, {"title": 2, "body": 3, "publishedAt": 4}, TITLE, PARAGRAPHS[0] * 3, "2024-05-06T17:00:00Z"]
    article = first(page(script(json.dumps(data), 'type="application/json" id="__NUXT_DATA__"')))
    assert (article.headline, article.published) == (TITLE, "2024-05-06T17:00:00Z")


def test_reads_a_gallery_in_its_own_script() -> None:
    items = [
        {"src": f"https://cdn.larkin.example/{n}.jpg", "caption": f"Goat {n}", "credit": "Jon Smith/AP"} for n in (1, 2)
    ]
    data = collect_page_data(
        page(script(json.dumps({"gallery": {"items": items}}), 'type="application/json" id="gallery-data"'))
    )
    assert [p.caption for s in data.articles if s.source == "gallery" for p in s.images] == ["Goat 1", "Goat 2"]


def test_article_of_another_page_in_the_state_is_ignored() -> None:
    data = {"article": {"headline": "An election in Larkin", "body": PARAGRAPHS[0] * 3, "publishedAt": "2024-05-06"}}
    assert collect_page_data(page(script("window.__INITIAL_STATE__ = " + json.dumps(data), ""))).articles == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just(TITLE) | st.just("$1a"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["headline", "body", "content", "type", "text", "author", "image", "url", "caption", "@type", "@id"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=150)
@given(JSON)
def test_any_data_is_read_without_an_error(value: object) -> None:
    text = json.dumps({"headline": TITLE, "data": value})
    head = script(json.dumps({"@type": "NewsArticle", "headline": TITLE, "author": value, "image": value, "x": value}))
    head += script("window.__STATE__ = " + text, "") + script(text, 'type="application/json" id="__NUXT_DATA__"')
    head += script(json.dumps([value]), 'type="application/json" id="__NUXT_DATA__"')
    collect_page_data(page(head))
    json_body.read_body(value, value)


@given(st.text(max_size=300))
def test_any_stream_of_rows_is_read_without_an_error(text: str) -> None:
    flight_rows.rows(text)


def test_data_nested_too_deeply_is_ignored() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    assert collect_page_data(page(script(deep) + script(f"window.x = {deep}; // {TITLE}", ""))).articles == ()


def test_reads_json_ld_with_trailing_commas_and_comments() -> None:
    written = '/*<![CDATA[*/ {"@type": "NewsArticle", "headline": "A, ]b", "author": [{"name": "Jane Roe",},],} /*]]>*/'
    article = first(page(script(written)))
    assert (article.headline, [s.name for s in article.authors]) == ("A, ]b", ["Jane Roe"])


def test_reads_json_ld_values_of_unusual_types() -> None:
    odd = {
        "@type": "Recipe",
        "name": [TITLE],
        "datePublished": {"@type": "Date", "@value": "2024-05-06"},
        "author": [[{"name": ["Jane Roe"]}], None, 7],
        "articleBody": [PARAGRAPHS[0], 5],
    }
    article = first(page(script(json.dumps(odd))))
    assert (article.headline, article.published, article.paragraphs) == (TITLE, "2024-05-06", (PARAGRAPHS[0],))
    assert [s.name for s in article.authors] == ["Jane Roe"]
