"""Tests of canonical URLs, URL ids, sites and origins."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from worker.errors import BadInput
from worker.urls import MAX_CHARS, canonicalize, clean, is_home, names_article, origin, site, target, url_id

STORY = "https://news.example/world/2026/11/24/harbour-bridge-opens-again"


def identity(url: str) -> str:
    return url_id(canonicalize(url))


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://News.Example:443/World/../a?b=2&a=1#top", "https://news.example/a?a=1&b=2"),
        ("  http://news.example/a b\n", "http://news.example/a%20b"),
        ("http://news.example", "http://news.example/"),
        ("http://news.example.:80/", "http://news.example/"),
        ("http://bücher.example/ä", "http://xn--bcher-kva.example/%C3%A4"),
        ("http://news.example/%7euser/%c3%a4%2f", "http://news.example/~user/%C3%A4%2F"),
        ("http://news.example/a;jsessionid=0A1B.node2?x=1", "http://news.example/a?x=1"),
        ("http://news.example/a?&&x=1&", "http://news.example/a?x=1"),
        ("http://news.example/a?", "http://news.example/a"),
        ("http://news.example/a?x=1&amp;y=2", "http://news.example/a?x=1&y=2"),
        ("http://news.example/view?8576", "http://news.example/view?8576"),
        ("http://news.example/a?tag=b&tag=a", "http://news.example/a?tag=b&tag=a"),
        ("http://news.example/a?q=%B1%E8", "http://news.example/a?q=%B1%E8"),
        (STORY + "?utm_source=x&fbclid=y&UTM_Medium=z&_hsenc=q", STORY),
        (STORY + "?ref=rss&source=front", STORY),
        (STORY + "?ref=7", STORY + "?ref=7"),
        (STORY + "?from=RSS&src=twitter&via=newsletter", STORY),
        ("http://news.example/trains?from=rss", "http://news.example/trains?from=rss"),
        (STORY + "?amp_gsa=1&amp_js_v=a9&usqp=x&pk_campaign=a&trk_msg=b", STORY),
        ("http://news.example/#!/news/%31", "http://news.example/#!/news/1"),
        ("http://news.example/a#!", "http://news.example/a"),
        ("http://news.example/search?source=agency", "http://news.example/search?source=agency"),
        ("https://www.google.com/amp/s/news.example/a-story", "https://news.example/a-story"),
        ("https://news-example.cdn.ampproject.org/c/s/news.example/a-story", "https://news.example/a-story"),
        ("http://[2001:DB8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
        ("http://2130706433/a", "http://127.0.0.1/a"),
    ],
)
def test_canonical_url(url: str, canonical: str) -> None:
    assert canonicalize(url) == canonical


@pytest.mark.parametrize(
    "other",
    [
        STORY + "/",
        STORY + "#comments",
        STORY + "/index.html",
        STORY.replace("https", "http"),
        STORY.replace("news.example", "www.news.example"),
        STORY.replace("news.example", "m.news.example"),
        STORY.replace("news.example", "mobile.news.example"),
        STORY.replace("news.example", "amp.news.example"),
        STORY + "/amp/",
        STORY + ".amp",
        STORY + "?amp",
        STORY + "?amp=1",
        STORY + "?outputType=amp",
        STORY.replace("/world/", "/amp/world/"),
        STORY + "?utm_campaign=feed&ref=rss",
        STORY + "?print=1",
        STORY + "?amp_gsa=1&amp_js_v=a9&usqp=mq331AQ",
        STORY.replace("example/world", "example//world/"),
        "https://www.google.com/amp/s/amp.news.example/world/2026/11/24/harbour-bridge-opens-again",
    ],
)
def test_urls_of_one_article_have_one_id(other: str) -> None:
    assert identity(other) == identity(STORY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://m.news.example/2026/11/24/flood", "https://news.example/2026/11/24/flood"),
        ("https://news.example/amp/2026/11/24/flood/", "https://news.example/2026/11/24/flood"),
        ("https://m.news.example/2026/nov/24/flood", "https://news.example/2026/nov/24/flood"),
        ("https://m.news.example/story/123", "https://news.example/story/123"),
        (
            "https://en.m.news.example/a/harbour-bridge-opens-again",
            "https://en.news.example/a/harbour-bridge-opens-again",
        ),
        ("https://www.m.news.co.uk/a/1234567", "https://news.co.uk/a/1234567"),
        ("https://news.example/s?q=a+b", "https://news.example/s?q=a%20b"),
    ],
)
def test_spellings_of_one_url_have_one_id(one: str, other: str) -> None:
    assert identity(one) == identity(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example/view?idx=8576&page=1", "https://news.example/view?idx=8723&page=1"),
        ("https://news.example/view?8576", "https://news.example/view?8577"),
        ("https://news.example/?p=31", "https://news.example/?p=32"),
        ("https://news.example/?p=31", "https://news.example/"),
        (STORY, STORY + "?page=2"),
        (STORY, STORY + "-2"),
        (STORY, STORY.replace("news.example", "news2.example")),
        (STORY, STORY.replace("news.example", "news.example:8443")),
        (STORY, STORY.replace("news.example", "video.news.example")),
        ("https://m.example/", "https://example/"),
        ("https://m.signal.example/", "https://signal.example/"),
        ("https://shop.example/guitar/amp", "https://shop.example/guitar"),
        ("https://news.example/a?source=5", "https://news.example/a?source=6"),
        ("https://news.example/s?source=dpa", "https://news.example/s?source=afp"),
        ("https://news.example/ref?ref=dpa", "https://news.example/ref?ref=afp"),
        ("https://news.example/a%2Fb", "https://news.example/a/b"),
        ("https://news.example/A-Story", "https://news.example/a-story"),
        ("https://www.example/a", "https://example/a"),
        ("https://news.example/20261124?from=morning", "https://news.example/20261124?from=evening"),
        ("https://news.example/2026-11-24?from=morning", "https://news.example/2026-11-24?from=evening"),
        ("https://news.example/section/10001/view?source=abc", "https://news.example/section/10001/view?source=def"),
        ("https://n.example/archive/20261124/show.php?src=a", "https://n.example/archive/20261124/show.php?src=b"),
        (
            "https://n.example/news-of-the-day?feature=flood-story",
            "https://n.example/news-of-the-day?feature=storm-story",
        ),
        ("https://n.example/news-of-the-day?from=flood-story", "https://n.example/news-of-the-day?from=storm-story"),
        (STORY + "?feature=flood", STORY + "?feature=storm"),
        (STORY + "?from=paris", STORY + "?from=london"),
        (STORY + "?via=paris", STORY + "?via=london"),
        (STORY + "?src=ferry", STORY + "?src=tide"),
        (
            "https://w.example/web/20261124073000/http://a.example/x?from=a",
            "https://w.example/web/20261124073000/http://a.example/x?from=b",
        ),
        ("https://news.example/article.php?trk_id=5", "https://news.example/article.php?trk_id=6"),
        ("https://news.example/article.php?pk_id=5", "https://news.example/article.php?pk_id=6"),
        ("https://news.example/#!/news/1", "https://news.example/#!/news/2"),
        ("https://m.signal.example/about", "https://signal.example/about"),
        ("https://m.co.uk/a/1234567", "https://co.uk/a/1234567"),
        ("https://x.m.co.uk/a/1234567", "https://x.co.uk/a/1234567"),
        ("https://archive.example/web/2011/http://a.example/x", "https://archive.example/web/2012/http://a.example/x"),
    ],
)
def test_different_articles_have_different_ids(one: str, other: str) -> None:
    assert identity(one) != identity(other)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news.example/a",
        "//news.example/a",
        "ftp://news.example/a",
        "javascript:alert(1)",
        "mailto:editors@news.example",
        "http://",
        "http://./",
        "https://user:secret@news.example/",
        "https://user@news.example/",
        "http://a b.example/",
        "http://[::1/",
        "http://news.example:99999/",
    ],
)
def test_other_url_is_bad_input(url: str) -> None:
    with pytest.raises(BadInput, match=r"give (one that begins|it without)"):
        canonicalize(url)


def test_message_does_not_contain_the_password() -> None:
    with pytest.raises(BadInput) as caught:
        clean("https://user:secret@news.example/")
    assert "secret" not in str(caught.value)


HOSTS = st.sampled_from(
    ["news.example", "www.news.example", "m.news.example", "bücher.example", "[2001:db8::1]", "10.0.0.1"]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SEGMENTS = st.one_of(
    TEXT,
    st.sampled_from(["amp", "index.html", "..", ".", "", "a.amp", "%2e%2E", "%7E", "%", "harbour-bridge-opens-again"]),
)
NAMES = st.one_of(
    TEXT, st.sampled_from(["utm_source", "ref", "amp", "amp;x", "page", "%75tm_x", "fbclid", "outputType"])
)
URLS = st.builds(
    lambda scheme, host, path, query, fragment: f"{scheme}://{host}/{'/'.join(path)}?{'&'.join(query)}#{fragment}",
    st.sampled_from(["http", "https", "HTTP"]),
    HOSTS,
    st.lists(SEGMENTS, max_size=5),
    st.lists(st.builds(lambda n, v: f"{n}={v}", NAMES, TEXT), max_size=4),
    st.one_of(TEXT, TEXT.map("!{}".format)),
)


@given(URLS)
@example("http://news.example/a?amp;amp;x=1")
@example("http://news.example/a;jsessionid=x;jsessionid=y")
@example("http://news.example/a/.;jsessionid=x")
@example("http://news.example/a/b/..;jsessionid=x/c;jsessionid=y?b=1&a=2#!/d")
@example("http://news.example/%2541%2e%252e")
@example("https://www.google.com/amp/s/www.google.com/amp/s/news.example/a")
@example("http://news.example/amp/amp/a-b-c-d-e/amp/amp")
def test_canonical_url_of_a_canonical_url_is_itself(url: str) -> None:
    canonical = canonicalize(url)
    assert canonicalize(canonical) == canonical
    assert canonical.isascii()
    assert canonicalize(clean(url)) == canonical
    assert origin(canonical) == origin(clean(url))


IDS = st.integers(1, 10**9)


@given(
    IDS,
    IDS,
    st.sampled_from(["/view?id={}", "/view?{}", "/{}", "/a/{}/the-same-slug-for-all", "/a-b-c-d-{}.html", "/{}/amp"]),
)
def test_numbers_keep_articles_apart(one: int, other: int, form: str) -> None:
    assume(one != other)
    urls = ["https://news.example" + form.format(n) for n in (one, other)]
    assert identity(urls[0]) != identity(urls[1])


SLUGS = st.text(st.characters(categories=["Ll", "Lo", "Nd"]), min_size=1, max_size=10)


@given(SLUGS, SLUGS)
def test_slugs_keep_articles_apart(one: str, other: str) -> None:
    assume(one != other)
    assert identity(f"https://news.example/{quote(one)}") != identity(f"https://news.example/{quote(other)}")


def test_target() -> None:
    t = target("HTTP://www.News.Example:80/a?utm_source=x#top", source="feed", hops=2, force=True)
    assert t.url == "http://www.news.example/a?utm_source=x"
    assert t.canonical_url == "http://www.news.example/a"
    assert t.host == "http://www.news.example"
    assert (t.source, t.hops, t.force) == ("feed", 2, True)
    assert t.id == url_id(t.canonical_url)
    assert len(t.id) == 32


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.news.co.uk/x", "news.co.uk"),
        ("http://127.0.0.1:8080/x", "127.0.0.1:8080"),
        ("http://[::1]:8080/x", "[::1]:8080"),
        ("http://localhost:80/x", "localhost:80"),
        ("http://co.uk/x", "co.uk"),
    ],
)
def test_site(url: str, expected: str) -> None:
    assert site(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://A.example:443/x", "https://a.example"),
        ("http://a.example:443/", "http://a.example:443"),
        ("http://[::1]/", "http://[::1]"),
    ],
)
def test_origin(url: str, expected: str) -> None:
    assert origin(url) == expected


def test_is_home_accepts_only_the_front_page() -> None:
    assert is_home("https://news.example")
    assert is_home("https://news.example/?utm_source=x") is False
    assert is_home(canonicalize("https://news.example/?utm_source=x"))
    assert not is_home("https://news.example/a")
    assert not is_home("https://news.example/#!/news/1")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/harbour-bridge-opens-again", True),
        ("/a/1234567", True),
        ("/politics", False),
        ("/about-us", False),
        ("/2026/11/24/", False),
        ("/2026/11/24/flood", True),
        ("/2026/11/24/index.php", False),
        ("/2026/11/24/2", False),
        ("/20261124", False),
        ("/20261124.html", False),
        ("/news/20261124/flood", False),
        ("/news/20261124000123", True),
        ("/news/AKR20261124000123004", True),
        ("/web/20261124073000/a", False),
        ("/section/10001/view", False),
        ("/article/10001/flood", True),
        ("/article-10001.php", True),
        ("/harbour-bridge-opens-again.php", True),
        ("/news-of-the-day", False),
        ("/archive-of-2026-11-24", False),
    ],
)
def test_names_article(path: str, expected: bool) -> None:
    assert names_article(path) is expected


@pytest.mark.parametrize("filler", ["a", "a-", "-", "a.", "1234-", "/a", "/2026/1/1", "20261124", "/20261124"])
def test_long_path_is_fast(filler: str) -> None:
    path = "/" + filler * (MAX_CHARS // len(filler))
    begin = time.process_time()
    for _ in range(10):
        names_article(path)
        identity("https://news.example" + path[: MAX_CHARS - 40])
        identity("https://www.google.com/amp" + path[: MAX_CHARS - 40])
        identity("https://news.example/a?b" + path[: MAX_CHARS - 40].replace("/", "&"))
    assert time.process_time() - begin < 1.5


@given(st.integers(MAX_CHARS - 200, MAX_CHARS + 200), st.sampled_from(["a", "%7E", "ü", "/", "a=1&", "#"]))
@example(MAX_CHARS * 1000, "a")
def test_length_is_limited_before_and_after_escaping(length: int, filler: str) -> None:
    url = ("https://news.example/?" + filler * length)[:length]
    try:
        cleaned = clean(url)
    except BadInput as e:
        assert len(str(e)) < 300, "the message does not repeat what is too long"
        assert length > MAX_CHARS or not filler.isascii()
    else:
        assert length <= MAX_CHARS
        assert len(canonicalize(url)) <= len(cleaned) <= MAX_CHARS
        assert clean(cleaned) == cleaned
