"""Tests of the sample servers: responses like those of real publishers, and changes while they serve."""

from __future__ import annotations

import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection

import pytest
import requests

from sample import Site, serve

STORY = "/news/2026/03/02/harbour-dredging-begins/"


@pytest.fixture
def sites() -> Iterator[Mapping[str, Site]]:
    with serve() as running:
        yield running


@pytest.fixture
def post(sites: Mapping[str, Site]) -> Site:
    return sites["harbour-post"]


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(
        url, headers={k.replace("_", "-"): v for k, v in headers.items()}, allow_redirects=False, timeout=5
    )


def test_each_publisher_has_its_own_origin(sites: Mapping[str, Site]) -> None:
    assert sorted(sites) == ["harbour-post", "lantern", "meridian"]
    assert len({site.origin for site in sites.values()}) == 3
    assert all(site.origin.startswith("http://127.0.0.1:") for site in sites.values())


def test_base_port_names_the_ports(post: Site) -> None:
    taken = int(post.origin.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"), serve(taken):
        pass


def test_page_names_its_own_origin(post: Site) -> None:
    answer = get(post.url(STORY))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<link rel="canonical" href="{post.origin}{STORY}">' in answer.text
    assert "{{origin" not in answer.text


def test_every_path_answers_without_placeholders(sites: Mapping[str, Site]) -> None:
    with requests.Session() as session:
        for site in sites.values():
            for path in site.paths:
                answer = session.get(site.url(path), timeout=5)
                assert (answer.status_code, "{{" in answer.text) == (200, False), path


def test_head_answers_without_body(post: Site) -> None:
    answer = requests.head(post.url(STORY), timeout=5)
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == len(post.text(STORY).encode())


def test_known_etag_gets_304_until_the_page_changes(post: Site) -> None:
    etag = get(post.url(STORY)).headers["etag"]
    again = get(post.url(STORY), If_None_Match=etag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    post.edit(STORY, "Bethany Quill", "Bethany Quayle")
    changed = get(post.url(STORY), If_None_Match=etag)
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag
    assert "Bethany Quayle" in changed.text


def test_known_date_gets_304(post: Site) -> None:
    modified = get(post.url(STORY)).headers["last-modified"]
    assert get(post.url(STORY), If_Modified_Since=modified).status_code == 304
    long_ago = format_datetime(datetime.now(UTC) - timedelta(days=36500), usegmt=True)
    assert get(post.url(STORY), If_Modified_Since=long_ago).status_code == 200
    assert get(post.url(STORY), If_Modified_Since="yesterday").status_code == 200


def test_unknown_etag_wins_over_known_date(post: Site) -> None:
    modified = get(post.url(STORY)).headers["last-modified"]
    assert get(post.url(STORY), If_None_Match='"other"', If_Modified_Since=modified).status_code == 200


def test_missing_page_is_404(post: Site) -> None:
    assert get(post.url("/no/such/page/")).status_code == 404


def test_removed_page_is_404(post: Site) -> None:
    post.remove(STORY)
    assert get(post.url(STORY)).status_code == 404
    with pytest.raises(KeyError):
        post.remove(STORY)


def test_published_page_is_there(post: Site) -> None:
    post.publish("/news/new.html", '<a href="{{origin:meridian}}/">new</a>')
    answer = get(post.url("/news/new.html"))
    assert answer.status_code == 200
    assert answer.text.startswith('<a href="http://127.0.0.1:')
    assert post.origin not in answer.text


def test_edit_of_missing_text_fails(post: Site) -> None:
    with pytest.raises(ValueError, match="does not contain 'quagga'"):
        post.edit(STORY, "quagga", "zebra")


def test_redirect_leads_to_the_new_path(post: Site) -> None:
    answer = get(post.url("/old/dredgers-return"))
    assert (answer.status_code, answer.headers["location"]) == (301, post.url(STORY))


def test_query_is_ignored(post: Site) -> None:
    assert get(post.url(STORY + "?utm_source=rss")).text == post.text(STORY)


def test_requests_are_counted_by_path(post: Site) -> None:
    for path in (STORY, STORY + "?utm_source=rss", "/nowhere"):
        get(post.url(path))
    assert post.requests == {STORY: 2, "/nowhere": 1}


def test_photos_are_pictures(post: Site) -> None:
    answer = get(post.url("/photos/dredger-mareike.png"))
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG\r\n\x1a\n")


def test_connection_is_kept_alive(post: Site) -> None:
    with closing(HTTPConnection(post.origin.removeprefix("http://"), timeout=5)) as connection:
        for path, status in ((STORY, 200), ("/nowhere", 404), ("/old/dredgers-return", 301), (STORY, 200)):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            assert (answer.status, answer.will_close) == (status, False)


def test_command_serves_until_interrupted() -> None:
    command = [sys.executable, "-m", "sample", "--base-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = [process.stdout.readline().split() for _ in range(3)]
        assert [get(feed).status_code for _, _, feed, _ in lines] == [200, 200, 200]
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_command_reports_a_port_in_use(post: Site) -> None:
    command = [sys.executable, "-m", "sample", "--base-port", post.origin.rsplit(":", 1)[1]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert "give others with --base-port" in done.stderr


def test_closing_a_connection_is_not_logged(post: Site, capfd: pytest.CaptureFixture[str]) -> None:
    host, port = post.origin.removeprefix("http://").split(":")
    for _ in range(5):
        with socket.create_connection((host, int(port)), timeout=5) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset, not close
            client.sendall(f"GET {STORY} HTTP/1.1\r\n".encode())
    assert get(post.url(STORY)).status_code == 200
    assert "Traceback" not in capfd.readouterr().err
