"""The pages as HTML: content, headers, sessions, and invalid input."""

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
from tests.support.pages.html import attribute, select_one
from tests.support.pages.news import BREAK, HOSTILE, NOW, SCRIPT, document_by_headline
from tests.support.servers.redis_server import RedisServer
from worker import urls
from worker.config.settings import Settings
from worker.discovery.source_history import SourceHistory
from worker.errors import Unavailable
from worker.model.catalog import Source, SourceKind
from worker.model.query import Query
from worker.model.reasons import Reason
from worker.model.records import CrawlResult, Outcome, Target
from worker.services.context import AppContext
from worker.wiring import connect

FLOOD = document_by_headline("Floods cut")
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
def test_text_of_crawled_pages_is_escaped(client: Client, path: str) -> None:
    page = client().get(path).text
    tree = LexborHTMLParser(page)
    assert {script.attributes.get("src") for script in tree.css("script")} <= SCRIPTS
    assert not tree.css("img, iframe, object, embed, style, base, [style], svg[onload]")
    for node in tree.css("*"):
        assert not [name for name in node.attributes if name.startswith("on")], node.html
        for name in ("href", "src", "action", "formaction"):
            target = node.attributes.get(name) or "/"
            assert target.startswith(("/", "#", "http://", "https://")) and not target.startswith("//"), node.html


def test_markup_in_headlines_is_shown_as_text(client: Client) -> None:
    page = LexborHTMLParser(client().get(f"/articles/{HOSTILE.id}").text)
    assert select_one(page, "h1").text() == HOSTILE.article.headline
    hit = LexborHTMLParser(client().get("/?q=zebra").text)
    assert select_one(hit, ".hits h2").text().strip() == HOSTILE.article.headline
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
def test_only_web_urls_become_links(url: str | None, link: bool) -> None:
    assert web_link(url) == (url if link else None)


@pytest.mark.parametrize("path", ["/", "/queue", "/docs", "/articles/none"])
def test_each_page_links_to_the_api_description(client: Client, path: str) -> None:
    assert attribute(select_one(LexborHTMLParser(client().get(path).text), "footer a"), "href") == "/docs"


@pytest.mark.parametrize("path", [*PAGES, "/static/nothing.css"])
def test_each_page_has_security_headers(client: Client, path: str) -> None:
    headers = client().get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "private" in headers["cache-control"]


def test_static_urls_change_with_the_content(client: Client) -> None:
    tree = LexborHTMLParser(client().get("/").text)
    for address in (
        attribute(select_one(tree, "link[rel=stylesheet]"), "href"),
        attribute(select_one(tree, "script"), "src"),
    ):
        answer = client().get(str(address))
        assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    assert client().get("/static/..%2Froutes.py").status_code == 404


@pytest.mark.parametrize(
    ("params", "note"),
    [
        ({"since": "tomorrow"}, "'tomorrow' is not a date"),
        ({"until": "2026-13-01"}, "'2026-13-01' is not a date"),
        ({"filter": "colour=red"}, "colour=red"),
        ({"filter": "author"}, "write field=value"),
        ({"sort": "random"}, "Unknown sort 'random'"),
        ({"scope": "nowhere"}, "Unknown scope 'nowhere'"),
        ({"cursor": "abc"}, "The first page is shown instead."),
        ({"q": "colour:red"}, "Unknown field 'colour'"),
    ],
)
def test_invalid_parameters_are_ignored_with_a_note(client: Client, params: dict[str, str], note: str) -> None:
    answer = client().get("/", params=params)
    assert answer.status_code == 200
    assert any(note in n.text() for n in LexborHTMLParser(answer.text).css(".note"))


@pytest.mark.parametrize(
    "q", ['"', "(((", "a OR", "-", "author:", "*", "\x00", "'; DROP TABLE articles; --", "é" * 5000]
)
def test_any_query_text_is_accepted(client: Client, q: str) -> None:
    assert client().get("/", params={"q": q}).status_code == 200


def test_long_parameters_keep_the_page_small(client: Client) -> None:
    filters = [f"lang=value-{n:04}-{'y' * 60}" for n in range(500)]
    answer = client().get("/", params={"q": "é" * 2000, "filter": filters})
    assert len(answer.content) < 1_000_000
    assert "filters were ignored" in answer.text and "Only the first 1,000 characters" in answer.text


def test_misspelt_word_gets_a_suggestion(client: Client) -> None:
    tree = LexborHTMLParser(client().get("/?q=observatry").text)
    assert attribute(select_one(tree, ".empty a"), "href") == "/?q=observatory"


def test_page_url_with_the_api_path_finds_the_same(client: Client) -> None:
    words = "?q=bridge&filter=publisher%3DThe+Marnford+Ledger&since=2026-03-01&sort=newest"
    page = LexborHTMLParser(client().get(f"/{words}").text)
    shown = [attribute(a, "href").removeprefix("/articles/") for a in page.css(".hits h2 a")]
    assert shown == [hit["article"]["id"] for hit in client().get(f"/v1/search{words}").json()["hits"]]
    assert len(shown) == 2


def test_search_page_links_to_other_formats(client: Client, locked: TestClient) -> None:
    page = LexborHTMLParser(client().get("/?q=bridge&filter=lang%3Den&sort=oldest").text)
    links = [str(a.attributes["href"]) for a in page.css(".formats a")]
    assert links == [
        f"/v1/search{form}?q=bridge&filter=lang%3Den&sort=oldest{more}"
        for form, more in ((".atom", ""), (".csv", "&bom=true"), (".ndjson", ""), ("", ""))
    ]
    assert attribute(select_one(page, "link[rel=alternate]"), "href") == links[0]
    assert all(client().get(link).status_code == 200 for link in links)
    locked.post("/sign-in", data={"key": "open-sesame-and-close"})
    assert "/v1/" not in locked.get("/?q=bridge").text  # with keys, the API needs one in a header


def test_article_page_shows_all_fields(client: Client) -> None:
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
    assert select_one(page, ".original a").attributes == {"href": FLOOD.url, "rel": "noopener noreferrer nofollow"}


def test_duplicate_shows_its_article(client: Client) -> None:
    page = client().get("/articles/" + urls.url_id("https://ledger.example/en-flood-short")).text
    assert "Floods cut off three villages" in page and "duplicate" in page


def test_url_without_an_article_shows_the_reason(client: Client) -> None:
    text = _text(client().get("/articles/" + urls.url_id("https://coast.example/private")).text)
    assert "https://coast.example/private Rejected by a rule: robots. Not allowed by robots.txt" in text


def test_lookup_accepts_any_spelling_of_a_url(client: Client) -> None:
    answer = client().get("/lookup", params={"url": " HTTPS://Ledger.example/en-flood#top"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/articles/{FLOOD.id}")
    assert "Unknown URL" in client().get("/lookup", params={"url": "https://x.example/"}).text
    assert client().get("/lookup", params={"url": "what?"}).status_code == 422


def test_queue_page_shows_counts_and_reasons(client: Client) -> None:
    text = _text(client().get("/queue").text)
    for words in ("47 accepted URLs", "41 articles", "queued 1", "failed 4", "https://ledger.example/waits"):
        assert words in text
    assert "http-404 3" in text and "rejected robots 1" in text


def test_queue_page_hides_failures_that_are_queued_again(sqlite_context: AppContext) -> None:
    (row,) = sqlite_context.ledger.rows(reason=Reason.TIMEOUT)
    target = Target(id=row.id, url=row.url, canonical_url=row.canonical_url, host=row.host, force=True)
    (again,) = sqlite_context.ledger.admit([target], sqlite_context.now())
    try:
        assert row.id not in {r.id for r in status_view(sqlite_context).failures}
    finally:
        failed = CrawlResult(
            id=row.id,
            crawl=again.row.crawl,
            outcome=Outcome.FAILED,
            reason=Reason.TIMEOUT,
            detail=row.detail,
            finished_at=NOW + timedelta(minutes=1),
        )
        sqlite_context.ledger.finish([failed])
    assert row.id in {r.id for r in status_view(sqlite_context).failures}


def test_queue_page_shows_the_health_of_sources(client: Client, sqlite_context: AppContext) -> None:
    due = datetime(2026, 6, 2, 8, 15, tzinfo=UTC)
    failing = asdict(SourceHistory(failures=4, failed="http-503"))
    sources = [
        Source(name="feeds", url="https://a.example/f", kind=SourceKind.FEED, schedule="1h", created_at=NOW),
        Source(name="<b>tide", url="https://b.example/f", kind=SourceKind.FEED, schedule="1h", created_at=NOW),
        Source(name="asleep", url="https://c.example/f", kind=SourceKind.FEED, schedule="1h", created_at=NOW),
    ]
    sqlite_context.catalog.sources.add(sources[0])
    sqlite_context.catalog.sources.add(replace(sources[1], history=failing, next_due_at=due))
    sqlite_context.catalog.sources.add(replace(sources[2], paused=True, next_due_at=due))
    try:
        rows = LexborHTMLParser(client().get("/queue/live").text).css("section[aria-labelledby=sources] tbody tr")
        cells = [[" ".join(cell.text().split()) for cell in row.css("td")] for row in rows]
        assert cells[0] == ["<b>tide", "failing: http-503, 4 in a row", "2 June 2026, 08:15 UTC", "0"]
        assert cells[1] == ["feeds", "unknown", "–", str(count_feeds(sqlite_context))]
        assert cells[2] == ["asleep", "paused", "–", "0"]
        assert all(health == "–" for _, health, _, _ in cells[3:])
    finally:
        for source in sources:
            sqlite_context.catalog.sources.remove(source.name)


def count_feeds(context: AppContext) -> int:
    return context.search.find(Query(filters={"source": ("feeds",)}, size=0)).total


def test_queue_page_shows_paused_hosts(client: Client, sqlite_context: AppContext) -> None:
    sqlite_context.frontier.pause("https://slow.example", sqlite_context.now().timestamp() + 60, "http-503")
    try:
        assert "https://slow.example http-503" in _text(client().get("/queue/live").text)
    finally:
        sqlite_context.frontier.resume("https://slow.example")


def test_queue_page_shows_the_ledger_without_the_broker(sqlite_context: AppContext, tmp_path: object) -> None:
    away = Redis(unix_socket_path=f"{tmp_path}/no-server")
    context = replace(sqlite_context, redis=away, frontier=type(sqlite_context.frontier)(away, sqlite_context.settings))
    answer = TestClient(create_app(context), base_url="http://127.0.0.1").get("/queue")
    assert answer.status_code == 200
    assert "The broker (Redis) does not answer" in answer.text and "47" in answer.text


def test_empty_installation_explains_how_to_queue_urls(valkey: RedisServer, sqlite_settings: Settings) -> None:
    settings = sqlite_settings.model_copy(update={"redis_url": SecretStr(valkey.url)})
    empty = TestClient(create_app(connect(settings)), base_url="http://127.0.0.1")
    for path in ("/", "/?q=flood&filter=lang%3Den", "/queue"):
        answer = empty.get(path)
        assert answer.status_code == 200 and "svg>" not in answer.text
    assert "copydesk add" in empty.get("/").text and "copydesk add" in empty.get("/queue").text


class _UnavailableIndex:
    def find(self, _: object) -> None:
        raise Unavailable("the index does not answer")


def test_unavailable_store_is_an_error_page(sqlite_context: AppContext) -> None:
    context = replace(sqlite_context, index=_UnavailableIndex())  # type: ignore[arg-type]
    answer = TestClient(create_app(context), base_url="http://127.0.0.1").get("/?q=flood")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "the index does not answer" in _text(answer.text)
    assert answer.headers["content-type"].startswith("text/html")


@pytest.fixture
def locked(client: Client) -> Iterator[TestClient]:
    with client(api_keys="open-sesame-and-close,schlüssel-zum-archiv") as found:
        yield found


@pytest.mark.parametrize("path", [p for p in PAGES if not p.startswith("/static")])
def test_pages_need_a_key_if_there_are_keys(locked: TestClient, path: str) -> None:
    for headers in ({}, {"Cookie": "copydesk_key=wrong"}):
        answer = locked.get(path, headers=headers)
        assert answer.status_code == 401
        assert 'name="key"' in answer.text and "Zebra" not in answer.text and "Marnford" not in answer.text


@pytest.mark.parametrize("key", ["open-sesame-and-close", "schlüssel-zum-archiv"])
def test_key_opens_the_pages_until_sign_out(locked: TestClient, key: str) -> None:
    answer = locked.post("/sign-in", data={"key": key, "target": "/?q=flood"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?q=flood")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    page = locked.get("/?q=mayor")
    assert "Floods cut off" in page.text and page.headers["cache-control"] == "no-store"
    assert locked.get("/v1/search").status_code == 401  # the cookie opens only pages
    assert locked.post("/v1/urls", json={"urls": ["https://x.example/"]}).status_code == 401
    locked.post("/sign-out")
    assert locked.get("/").status_code == 401


def test_cookie_is_secure_over_https(client: Client) -> None:
    secure = client(api_keys="open-sesame-and-close")
    secure.base_url = "https://archive.example"
    assert (
        "Secure"
        in secure.post("/sign-in", data={"key": "open-sesame-and-close"}, follow_redirects=False).headers["set-cookie"]
    )


def test_cookie_is_secure_behind_an_https_proxy(client: Client) -> None:
    behind = client(api_keys="open-sesame-and-close", api_https=True)
    assert (
        "Secure"
        in behind.post("/sign-in", data={"key": "open-sesame-and-close"}, follow_redirects=False).headers["set-cookie"]
    )


def test_wrong_key_cannot_sign_in(locked: TestClient) -> None:
    answer = locked.post("/sign-in", data={"key": "wrong", "target": "/queue"})
    assert answer.status_code == 401 and "set-cookie" not in answer.headers
    assert "This key is invalid" in answer.text and 'value="/queue"' in answer.text


def test_key_without_the_scope_read_cannot_sign_in(client: Client, sqlite_context: AppContext) -> None:
    key, secret = sqlite_context.catalog.api_keys.create("adder", ["add"], sqlite_context.now())
    try:
        locked = client()
        assert locked.post("/sign-in", data={"key": secret}).status_code == 401
        assert locked.get("/", headers={"Cookie": f"copydesk_key={secret}"}).status_code == 403
    finally:
        sqlite_context.catalog.api_keys.revoke(key.id)


def test_outdated_cookie_is_ignored_without_keys(client: Client) -> None:
    assert client().get("/", headers={"Cookie": "copydesk_key=old"}).status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)", "", "/a\r\nX: y"]
)
def test_sign_in_redirects_only_to_this_site(locked: TestClient, target: str) -> None:
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
def test_forms_from_other_sites_are_refused(locked: TestClient, headers: dict[str, str], status: int) -> None:
    for path in ("/sign-in", "/sign-out"):
        form = {"key": "open-sesame-and-close"}
        assert locked.post(path, data=form, headers=headers, follow_redirects=False).status_code == status


def test_oversized_and_malformed_forms_are_refused(locked: TestClient) -> None:
    assert locked.post("/sign-in", content=b"key=" + b"a" * 20_000).status_code == 422
    assert locked.post("/sign-in", content="&".join(f"k{n}=1" for n in range(50))).status_code == 422
    assert locked.post("/sign-in", content=b"\xff\xfe=%ff&key").status_code == 401


def test_unknown_path_is_a_page_in_browsers(client: Client) -> None:
    browser, program = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, {"Accept": "*/*"}
    answer = client().get("/nope", headers=browser)
    assert (answer.status_code, "Unknown page: /nope" in _text(answer.text)) == (404, True)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    answer = client().get("/sign-in", headers=browser)  # the URL in the browser after a failed sign-in
    assert (answer.status_code, "Unknown page: /sign-in" in _text(answer.text)) == (405, True)
    assert answer.headers["allow"] == "POST"
    for path, headers in (("/nope", program), ("/v1/nope", browser)):
        answer = client().get(path, headers=headers)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


def test_search_without_hits_offers_alternatives(client: Client) -> None:
    narrow = {"q": "flood", "filter": "lang=xx", "scope": "captions", "until": "1999-01-01"}
    page = LexborHTMLParser(client().get("/?" + urlencode(narrow)).text)
    ways = [str(a.attributes["href"]) for a in page.css(".alternatives a")]
    assert ways == ["/?q=flood", "/?" + urlencode({n: narrow[n] for n in ("q", "filter", "until")}), "/"]


def test_rejected_page_names_the_explain_command(client: Client, sqlite_context: AppContext) -> None:
    target = urls.target("https://coast.example/topics?of=$(reboot)")
    sqlite_context.ledger.admit([target], NOW)
    end = CrawlResult(id=target.id, crawl=1, outcome=Outcome.REJECTED, reason=Reason.SECTION_PAGE, finished_at=NOW)
    sqlite_context.ledger.finish([end])
    try:
        assert f"copydesk explain '{target.url}'" in _text(client().get(f"/articles/{target.id}").text)
    finally:
        sqlite_context.ledger.delete([target.id])
