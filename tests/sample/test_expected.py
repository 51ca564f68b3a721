"""Tests that `expected.toml` agrees with the pages of the sample."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as ET

import pytest
import requests

from sample import Site, serve
from sample.expected import ExpectedPage, articles, flattened, pages
from worker.model.records import Kind

ARTICLES = {f"{page.site}{page.path}": page for page in articles()}


@pytest.fixture(scope="module")
def sites() -> Iterator[Mapping[str, Site]]:
    with serve() as running:
        yield running


def shown(site: Site, path: str) -> str:
    """Return the text of a page as a browser shows it, in one line, without scripts."""
    text = re.sub(r"(?s)<script.*?</script>|<style.*?</style>", "", site.text(path))
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def tight(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("key", ARTICLES)
def test_page_contains_the_expected_values(sites: Mapping[str, Site], key: str) -> None:
    page = ARTICLES[key]
    text = shown(sites[page.site], page.path)
    for value in (page.headline, *page.author, page.article_section, page.dateline, page.body_starts, page.body_ends):
        assert not value or tight(value) in tight(text)
    for photo in page.image:
        for value in (photo.caption, photo.credit_text, *photo.creator):
            assert not value or value in text
        assert photo.path and sites[page.site].url(photo.path) in sites[page.site].text(page.path)
    assert page.date_published and page.date_published.tzinfo


@pytest.mark.parametrize("key", ARTICLES)
def test_absent_strings_are_on_the_page(sites: Mapping[str, Site], key: str) -> None:
    page = ARTICLES[key]
    source = html.unescape(sites[page.site].text(page.path))  # some are in attributes, such as the alt text of an icon
    assert len(page.absent) > 5
    for noise in page.absent:
        assert noise in source
        assert noise not in page.body_starts + page.body_ends + (page.headline or "")


def test_every_page_is_expected(sites: Mapping[str, Site]) -> None:
    known = {page.site + page.path for page in pages() if page.status == 200}
    served = {site.name + path for site in sites.values() for path in site.paths if not path.endswith((".xml", ".txt"))}
    assert served == known - {"flattened.txt"}


def test_statuses_and_redirects(sites: Mapping[str, Site]) -> None:
    for page in pages():
        if not page.site:
            continue
        site = sites[page.site]
        answer = requests.get(site.url(page.path), allow_redirects=False, timeout=5)
        location = site.url(page.location) if page.location else None
        assert (answer.status_code, answer.headers.get("location")) == (page.status, location)


def test_kinds_are_known_and_complete() -> None:
    kinds = {page.kind for page in pages() if page.kind}
    assert kinds <= set(Kind)
    assert kinds >= {"article", "gallery", "live", "opinion", "paywall", "section", "consent", "error"}


def test_script_state_agrees_with_the_page(sites: Mapping[str, Site]) -> None:
    for page in (p for p in articles() if p.site == "harbour-post" and p.kind != "live"):
        state = re.search(r"Fusion\.globalContent=(\{.*?\});Fusion", sites[page.site].text(page.path))
        assert state, page.path
        content = json.loads(state[1])
        texts = [html.unescape(e["content"]) for e in content["content_elements"] if e["type"] == "text"]
        assert content["headlines"]["basic"] == page.headline
        assert not texts or (texts[0].startswith(page.body_starts) and texts[-1].endswith(page.body_ends))


def test_json_ld_is_valid(sites: Mapping[str, Site]) -> None:
    for page in (p for p in articles() if p.site == "meridian"):
        scripts = re.findall(
            r'(?s)<script type="application/ld\+json"[^>]*>(.*?)</script>', sites["meridian"].text(page.path)
        )
        nodes = {node["@type"]: node for script in scripts for node in json.loads(script)["@graph"]}
        news = nodes.get("NewsArticle") or nodes["OpinionNewsArticle"]
        assert (news["headline"], tuple(news["keywords"])) == (page.headline, page.keywords)


def test_section_pages_link_to_articles(sites: Mapping[str, Site]) -> None:
    service = {"/subscribe/", "/contact/", "/privacy/", "/about/", "/terms/", "/jobs/", "/impressum.html"}
    for page in (p for p in pages() if p.kind == "section"):
        site = sites[page.site]
        links = {
            link.removeprefix(site.origin) for link in re.findall(r'<a [^>]*href="([^"#]+)"', site.text(page.path))
        }
        assert links - service <= set(site.paths), page.path
        assert links & {article.path for article in articles() if article.site == page.site}, page.path


def feed_paths(site: Site, feed: str = "/feed.xml") -> list[str]:
    root = ET.fromstring(site.text(feed))
    links = [e.text or "" for e in root.iterfind(".//item/link")]
    links += [e.get("href", "") for e in root.iterfind(".//{*}entry/{*}link")]
    links += [e.text or "" for e in root.iterfind(".//{*}url/{*}loc")]
    return [link.removeprefix(site.origin).partition("?")[0] for link in links]


def test_feeds_list_every_article_and_other_pages(sites: Mapping[str, Site]) -> None:
    for site in sites.values():
        named = set(feed_paths(site))
        assert named >= {page.path for page in articles() if page.site == site.name}
        assert named <= {page.path for page in pages() if page.site == site.name}
    post, meridian = sites["harbour-post"], sites["meridian"]
    assert set(feed_paths(post)) >= {"/old/dredgers-return", "/news/2026/02/26/tide-tables/"}
    assert "utm_source=" in post.text("/feed.xml")
    assert set(feed_paths(meridian)) >= {"/preview/budget-charts/", "/2026/03/01/treasury-gifts/"}


def test_sitemaps_list_canonical_articles(sites: Mapping[str, Site]) -> None:
    expected = {(page.site, page.path) for page in articles() if not page.canonical}
    sitemaps = {"harbour-post": "/sitemap.xml", "lantern": "/sitemap.xml", "meridian": "/post-sitemap.xml"}
    assert {(name, path) for name, file in sitemaps.items() for path in feed_paths(sites[name], file)} == expected
    assert sites["meridian"].url("/post-sitemap.xml") in sites["meridian"].text("/sitemap.xml")
    assert "news:publication_date" in sites["harbour-post"].text("/sitemap.xml")


def test_robots_txt_names_the_sitemap_and_disallows_a_page(sites: Mapping[str, Site]) -> None:
    for site in sites.values():
        assert f"Sitemap: {site.sitemap_url}" in site.text("/robots.txt")
    assert "Crawl-delay: 0.2" in sites["harbour-post"].text("/robots.txt")
    closed = [page for page in pages() if page.disallowed]
    assert [page.path for page in closed] == ["/preview/budget-charts/"]
    assert "Disallow: /preview/" in sites["meridian"].text("/robots.txt")


def test_agency_article_is_the_same_at_two_publishers() -> None:
    wire = [page for page in articles() if page.dateline == "STORVIK, Norway"]
    assert {page.site for page in wire} == {"harbour-post", "meridian"}
    assert len({(p.headline, p.body_starts, p.body_ends, p.paragraphs, p.agency) for p in wire}) == 1


def test_other_url_has_a_canonical_link() -> None:
    other = next(page for page in articles() if page.canonical)
    original = ARTICLES[f"{other.site}{other.canonical}"]
    assert (other.headline, other.body_starts, other.image) == (original.headline, original.body_starts, original.image)


def test_plain_text_contains_the_expected_values() -> None:
    text, page = flattened()
    assert isinstance(page, ExpectedPage)
    lines = text.splitlines()
    assert page.headline in lines
    assert any(line.startswith(page.body_starts) for line in lines)
    assert any(line.endswith(page.body_ends) for line in lines)
    photo = page.image[0]
    assert f"{photo.caption} ({photo.credit_text})" in lines
    assert all(noise in text for noise in page.absent)
