"""The pages as they come over the wire: what they say, their headers, and what they do with bad input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from redis import Redis
from selectolax.lexbor import LexborHTMLParser

from api.web.app import create_app
from api.web.ui.status_view import status_view
from api.web.ui.templates import asset, web_link
from tests.api.web.ui.conftest import Client
from tests.support.news import BREAK, HOSTILE, NOW, SCRIPT, document_of
from tests.support.redis_server import RedisServer
from worker import urls
from worker.config.settings import Settings
from worker.discovery.source_history import SourceHistory
from worker.errors import Unavailable
from worker.model.catalog import Source, SourceKind
from worker.model.query import Query
from worker.model.records import CrawlResult, Outcome, Target
from worker.services.context import AppContext
from worker.wiring import connect

FLOOD = document_of("Floods cut")
SCRIPTS = {asset(name) for name in ("page.js", "api_docs.js", "vendor/swagger-ui/swagger-ui-bundle.js")}
PAGES = (
    "/",
    "/?q=zebra",
    "/?" + urlencode({"q": BREAK, "filter": f"author={SCRIPT}", "since": BREAK, "sort": SCRIPT, "scope": BREAK}),
    "/?" + urlencode({"filter": f"publisher={HOSTILE.article.publisher}", "cursor": SCRIPT}),
    f"/articles/{HOSTILE.id}",
    f"/articles/{FLOOD.id}",
    "/articles/" + urls.url_id("https://coast.example/slow"),
    "/articles/%3Cscript%3E",
    "/articles/" + "0" * 32,
    "/lookup?" + urlencode({"url": f"https://x.example/{SCRIPT}"}),
    "/queue",
    "/queue/live",
    "/docs",
)


def _text(page: str) -> str:
    body = LexborHTMLParser(page).body
    return " ".join(body.text(separator=" ").split()) if body else ""


@pytest.mark.parametrize("path", PAGES)
def test_nothing_from_a_page_becomes_markup(client: Client, path: str) -> None:
    page = client().get(path).text
    tree = LexborHTMLParser(page)
    assert {script.attributes.get("src") for script in tree.css("script")} <= SCRIPTS
    assert not tree.css("img, iframe, object, embed, style, base, [style], svg[onload]")
    for node in tree.css("*"):
        assert not [name for name in node.attributes if name.startswith("on")], node.html
        for name in ("href", "src", "action", "formaction"):
            target = node.attributes.get(name) or "/"
            assert target.startswith(("/", "#", "http://", "https://")) and not target.startswith("//"), node.html


def test_hostile_words_are_shown_as_they_are(client: Client) -> None:
    story = LexborHTMLParser(client().get(f"/articles/{HOSTILE.id}").text)
    assert story.css_first("h1").text() == HOSTILE.article.headline
    hit = LexborHTMLParser(client().get("/?q=zebra").text)
    assert hit.css_first(".hits h2").text().strip() == HOSTILE.article.headline
    assert [e.text() for e in hit.css(".hits h2 em")] == ["Zebra"]


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://news.example/a?b=c", True),
        ("http://127.0.0.1:8000/", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example/", False),
        ("https:///nohost", False),
        ("http://[bad", False),
        ("/path", False),
        (None, False),
    ],
)
def test_links_lead_to_the_web_alone(url: str | None, link: bool) -> None:
    assert web_link(url) == (url if link else None)


@pytest.mark.parametrize("path", ["/", "/queue", "/docs", "/articles/none"])
def test_each_page_leads_to_the_description_of_the_api(client: Client, path: str) -> None:
    assert LexborHTMLParser(client().get(path).text).css_first("footer a").attributes["href"] == "/docs"


@pytest.mark.parametrize("path", [*PAGES, "/static/nothing.css"])
def test_each_answer_has_the_security_headers(client: Client, path: str) -> None:
    headers = client().get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "private" in headers["cache-control"]


def test_static_files_are_named_by_their_content(client: Client) -> None:
    tree = LexborHTMLParser(client().get("/").text)
    for address in (
        tree.css_first("link[rel=stylesheet]").attributes["href"],
        tree.css_first("script").attributes["src"],
    ):
        answer = client().get(str(address))
        assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    assert client().get("/static/..%2Froutes.py").status_code == 404


@pytest.mark.parametrize(
    ("asked", "note"),
    [
        ({"since": "tomorrow"}, "'tomorrow' is not a date"),
        ({"until": "2026-13-01"}, "'2026-13-01' is not a date"),
        ({"filter": "colour=red"}, "colour=red"),
        ({"filter": "author"}, "write field=value"),
        ({"sort": "random"}, "Unknown sort 'random'"),
        ({"scope": "nowhere"}, "Unknown scope 'nowhere'"),
        ({"cursor": "abc"}, "The first page is shown instead."),
        ({"q": "colour:red"}, "no field 'colour'"),
    ],
)
def test_what_cannot_be_read_is_passed_over_and_said(client: Client, asked: dict[str, str], note: str) -> None:
    answer = client().get("/", params=asked)
    assert answer.status_code == 200
    assert any(note in n.text() for n in LexborHTMLParser(answer.text).css(".note"))


@pytest.mark.parametrize(
    "q", ['"', "(((", "a OR", "-", "author:", "*", "\x00", "'; DROP TABLE articles; --", "é" * 5000]
)
def test_no_query_is_an_error(client: Client, q: str) -> None:
    assert client().get("/", params={"q": q}).status_code == 200


def test_a_page_stays_small_however_much_is_asked(client: Client) -> None:
    filters = [f"lang=value-{n:04}-{'y' * 60}" for n in range(500)]
    answer = client().get("/", params={"q": "é" * 2000, "filter": filters})
    assert len(answer.content) < 1_000_000
    assert "filters were ignored" in answer.text and "Only the first 1,000 characters" in answer.text


def test_a_misspelt_word_is_answered_with_a_better_one(client: Client) -> None:
    tree = LexborHTMLParser(client().get("/?q=observatry").text)
    assert tree.css_first(".empty a").attributes["href"] == "/?q=observatory"


def test_a_pages_address_is_the_apis_by_its_path(client: Client) -> None:
    words = "?q=bridge&filter=publisher%3DThe+Marnford+Ledger&since=2026-03-01&sort=newest"
    page = LexborHTMLParser(client().get(f"/{words}").text)
    shown = [a.attributes["href"].removeprefix("/articles/") for a in page.css(".hits h2 a")]
    assert shown == [hit["article"]["id"] for hit in client().get(f"/v1/search{words}").json()["hits"]]
    assert len(shown) == 2


def test_a_search_can_be_taken_along_in_other_forms(client: Client, locked: TestClient) -> None:
    page = LexborHTMLParser(client().get("/?q=bridge&filter=lang%3Den&sort=oldest").text)
    links = [str(a.attributes["href"]) for a in page.css(".formats a")]
    assert links == [
        f"/v1/search{form}?q=bridge&filter=lang%3Den&sort=oldest{more}"
        for form, more in ((".atom", ""), (".csv", "&bom=true"), (".ndjson", ""), ("", ""))
    ]
    assert page.css_first("link[rel=alternate]").attributes["href"] == links[0]
    assert all(client().get(link).status_code == 200 for link in links)
    locked.post("/sign-in", data={"key": "open-sesame-and-close"})
    assert "/v1/" not in locked.get("/?q=bridge").text  # there the API asks for the key in a header


def test_an_article_with_all_that_is_known_of_it(client: Client) -> None:
    text = _text(client().get(f"/articles/{FLOOD.id}").text)
    for words in (
        "The Marnford Ledger · Regional · 2 March 2026, 06:30 UTC".replace(" · ", " "),
        "Maria Rossi , Tom Ashdown",
        "Firefighters pull a dinghy through the main street. Ines Okafor/AP",
        "headline Floods cut off three villages along the Marn json-ld headline dom h1 Floods",
        "Outcome indexed Reason article",
    ):
        assert words in text
    page = LexborHTMLParser(client().get(f"/articles/{FLOOD.id}").text)
    assert page.css_first(".original a").attributes == {"href": FLOOD.url, "rel": "noopener noreferrer nofollow"}


def test_a_duplicate_shows_the_article_that_it_belongs_to(client: Client) -> None:
    page = client().get("/articles/" + urls.url_id("https://ledger.example/en-flood-short")).text
    assert "Floods cut off three villages" in page and "duplicate" in page


def test_an_address_without_an_article_shows_why(client: Client) -> None:
    text = _text(client().get("/articles/" + urls.url_id("https://coast.example/private")).text)
    assert "https://coast.example/private Rejected by a rule: robots. Not allowed by robots.txt" in text


def test_an_address_is_looked_up_in_any_spelling(client: Client) -> None:
    answer = client().get("/lookup", params={"url": " HTTPS://Ledger.example/en-flood#top"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/articles/{FLOOD.id}")
    assert "Unknown URL" in client().get("/lookup", params={"url": "https://x.example/"}).text
    assert client().get("/lookup", params={"url": "what?"}).status_code == 422


def test_the_queue_counts_and_names(client: Client) -> None:
    text = _text(client().get("/queue").text)
    for words in ("47 accepted URLs", "41 articles", "queued 1", "failed 4", "https://ledger.example/waits"):
        assert words in text
    assert "http-404 3" in text and "rejected robots 1" in text


def test_the_queue_shows_no_failure_that_is_tried_again(sqlite_desk: AppContext) -> None:
    (row,) = sqlite_desk.ledger.rows(reason="timeout")
    target = Target(id=row.id, url=row.url, canonical_url=row.canonical_url, host=row.host, force=True)
    (again,) = sqlite_desk.ledger.admit([target], sqlite_desk.now())
    try:
        assert row.id not in {r.id for r in status_view(sqlite_desk).failures}
    finally:
        failed = CrawlResult(
            id=row.id,
            crawl=again.row.crawl,
            outcome=Outcome.FAILED,
            reason="timeout",
            detail=row.detail,
            finished_at=NOW + timedelta(minutes=1),
        )
        sqlite_desk.ledger.finish([failed])
    assert row.id in {r.id for r in status_view(sqlite_desk).failures}


def test_the_queue_tells_how_each_source_stands(client: Client, sqlite_desk: AppContext) -> None:
    due = datetime(2026, 6, 2, 8, 15, tzinfo=UTC)
    failing = asdict(SourceHistory(failures=4, failed="http-503"))
    sources = [
        Source(name="feeds", url="https://a.example/f", kind=SourceKind.FEED, schedule="1h", created_at=NOW),
        Source(name="<b>tide", url="https://b.example/f", kind=SourceKind.FEED, schedule="1h", created_at=NOW),
        Source(name="asleep", url="https://c.example/f", kind=SourceKind.FEED, schedule="1h", created_at=NOW),
    ]
    sqlite_desk.catalog.sources.add(sources[0])
    sqlite_desk.catalog.sources.add(replace(sources[1], history=failing, next_due_at=due))
    sqlite_desk.catalog.sources.add(replace(sources[2], paused=True, next_due_at=due))
    try:
        rows = LexborHTMLParser(client().get("/queue/live").text).css("section[aria-labelledby=sources] tbody tr")
        told = [[" ".join(cell.text().split()) for cell in row.css("td")] for row in rows]
        assert told[0] == ["<b>tide", "failing: http-503, 4 in a row", "2 June 2026, 08:15 UTC", "0"]
        assert told[1] == ["feeds", "unknown", "–", str(feeds(sqlite_desk))]
        assert told[2] == ["asleep", "paused", "–", "0"]
        assert all(health == "–" for _, health, _, _ in told[3:])
    finally:
        for source in sources:
            sqlite_desk.catalog.sources.remove(source.name)


def feeds(context: AppContext) -> int:
    return context.index.search(Query(filters={"source": ("feeds",)}, size=0)).total


def test_the_queue_names_paused_hosts(client: Client, sqlite_desk: AppContext) -> None:
    sqlite_desk.frontier.pause("https://slow.example", sqlite_desk.now().timestamp() + 60, "http-503")
    try:
        assert "https://slow.example http-503" in _text(client().get("/queue/live").text)
    finally:
        sqlite_desk.frontier.resume("https://slow.example")


def test_the_queue_shows_the_ledger_while_the_broker_is_away(sqlite_desk: AppContext, tmp_path: object) -> None:
    away = Redis(unix_socket_path=f"{tmp_path}/nobody-listens")
    context = replace(sqlite_desk, redis=away, frontier=type(sqlite_desk.frontier)(away, sqlite_desk.settings))
    answer = TestClient(create_app(context), base_url="http://127.0.0.1").get("/queue")
    assert answer.status_code == 200
    assert "The broker (Redis) does not answer" in answer.text and "47" in answer.text


def test_an_empty_archive_says_how_to_begin(valkey: RedisServer, sqlite_settings: Settings) -> None:
    settings = sqlite_settings.model_copy(update={"redis_url": SecretStr(valkey.url)})
    empty = TestClient(create_app(connect(settings)), base_url="http://127.0.0.1")
    for path in ("/", "/?q=flood&filter=lang%3Den", "/queue"):
        answer = empty.get(path)
        assert answer.status_code == 200 and "svg>" not in answer.text
    assert "copydesk add" in empty.get("/").text and "copydesk add" in empty.get("/queue").text


class _AwayIndex:
    def search(self, _: object) -> None:
        raise Unavailable("the index does not answer")


def test_a_store_that_does_not_answer_is_a_page_that_says_so(sqlite_desk: AppContext) -> None:
    context = replace(sqlite_desk, index=_AwayIndex())  # type: ignore[arg-type]
    answer = TestClient(create_app(context), base_url="http://127.0.0.1").get("/?q=flood")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "the index does not answer" in _text(answer.text)
    assert answer.headers["content-type"].startswith("text/html")


@pytest.fixture
def locked(client: Client) -> Iterator[TestClient]:
    with client(api_keys="open-sesame-and-close,schlüssel-zum-archiv") as found:
        yield found


@pytest.mark.parametrize("path", [p for p in PAGES if not p.startswith("/static")])
def test_where_there_are_keys_no_page_is_shown_without_one(locked: TestClient, path: str) -> None:
    for headers in ({}, {"Cookie": "copydesk_key=wrong"}):
        answer = locked.get(path, headers=headers)
        assert answer.status_code == 401
        assert 'name="key"' in answer.text and "Zebra" not in answer.text and "Marnford" not in answer.text


@pytest.mark.parametrize("key", ["open-sesame-and-close", "schlüssel-zum-archiv"])
def test_a_key_opens_the_pages_until_signing_out(locked: TestClient, key: str) -> None:
    answer = locked.post("/sign-in", data={"key": key, "target": "/?q=flood"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?q=flood")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    page = locked.get("/?q=mayor")
    assert "Floods cut off" in page.text and page.headers["cache-control"] == "no-store"
    assert locked.get("/v1/search").status_code == 401  # the cookie opens pages alone
    assert locked.post("/v1/urls", json={"urls": ["https://x.example/"]}).status_code == 401
    locked.post("/sign-out")
    assert locked.get("/").status_code == 401


def test_the_cookie_is_for_encrypted_connections_where_there_is_one(client: Client) -> None:
    secure = client(api_keys="open-sesame-and-close")
    secure.base_url = "https://archive.example"
    assert (
        "Secure"
        in secure.post("/sign-in", data={"key": "open-sesame-and-close"}, follow_redirects=False).headers["set-cookie"]
    )


def test_a_proxy_that_serves_by_https_can_be_named(client: Client) -> None:
    behind = client(api_keys="open-sesame-and-close", api_https=True)
    assert (
        "Secure"
        in behind.post("/sign-in", data={"key": "open-sesame-and-close"}, follow_redirects=False).headers["set-cookie"]
    )


def test_a_wrong_key_is_refused(locked: TestClient) -> None:
    answer = locked.post("/sign-in", data={"key": "wrong", "target": "/queue"})
    assert answer.status_code == 401 and "set-cookie" not in answer.headers
    assert "This key is invalid" in answer.text and 'value="/queue"' in answer.text


def test_a_key_that_may_not_read_opens_nothing(client: Client, sqlite_desk: AppContext) -> None:
    key, secret = sqlite_desk.catalog.api_keys.create("adder", ["add"], sqlite_desk.now())
    try:
        locked = client()
        assert locked.post("/sign-in", data={"key": secret}).status_code == 401
        assert locked.get("/", headers={"Cookie": f"copydesk_key={secret}"}).status_code == 403
    finally:
        sqlite_desk.catalog.api_keys.revoke(key.id)


def test_a_cookie_from_the_time_of_keys_does_no_harm(client: Client) -> None:
    assert client().get("/", headers={"Cookie": "copydesk_key=old"}).status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)", "", "/a\r\nX: y"]
)
def test_signing_in_leads_to_this_site_alone(locked: TestClient, target: str) -> None:
    answer = locked.post("/sign-in", data={"key": "open-sesame-and-close", "target": target}, follow_redirects=False)
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
    ],
)
def test_forms_of_other_sites_are_refused(locked: TestClient, headers: dict[str, str], status: int) -> None:
    for path in ("/sign-in", "/sign-out"):
        form = {"key": "open-sesame-and-close"}
        assert locked.post(path, data=form, headers=headers, follow_redirects=False).status_code == status


def test_a_form_that_is_none_of_ours_is_refused(locked: TestClient) -> None:
    assert locked.post("/sign-in", content=b"key=" + b"a" * 20_000).status_code == 422
    assert locked.post("/sign-in", content="&".join(f"k{n}=1" for n in range(50))).status_code == 422
    assert locked.post("/sign-in", content=b"\xff\xfe=%ff&key").status_code == 401


def test_an_address_that_leads_nowhere_is_a_page_for_people(client: Client) -> None:
    browser, program = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, {"Accept": "*/*"}
    answer = client().get("/nope", headers=browser)
    assert (answer.status_code, "There is no page at /nope" in _text(answer.text)) == (404, True)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    answer = client().get("/sign-in", headers=browser)  # as it stands in the bar behind a key that opens nothing
    assert (answer.status_code, "There is no page at /sign-in" in _text(answer.text)) == (405, True)
    assert answer.headers["allow"] == "POST"
    for path, headers in (("/nope", program), ("/v1/nope", browser)):
        answer = client().get(path, headers=headers)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


def test_where_nothing_is_found_there_is_a_way_on(client: Client) -> None:
    narrow = {"q": "flood", "filter": "lang=xx", "scope": "captions", "until": "1999-01-01"}
    page = LexborHTMLParser(client().get("/?" + urlencode(narrow)).text)
    ways = [str(a.attributes["href"]) for a in page.css(".alternatives a")]
    assert ways == ["/?q=flood", "/?" + urlencode({n: narrow[n] for n in ("q", "filter", "until")}), "/"]


def test_a_page_that_is_no_story_says_how_to_see_why(client: Client, sqlite_desk: AppContext) -> None:
    target = urls.target("https://coast.example/topics?of=$(reboot)")
    sqlite_desk.ledger.admit([target], NOW)
    end = CrawlResult(id=target.id, crawl=1, outcome=Outcome.REJECTED, reason="section-page", finished_at=NOW)
    sqlite_desk.ledger.finish([end])
    try:
        assert f"copydesk explain '{target.url}'" in _text(client().get(f"/articles/{target.id}").text)
    finally:
        sqlite_desk.ledger.delete([target.id])
