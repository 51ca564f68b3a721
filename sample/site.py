"""A publisher of the sample: its pages in memory and its responses."""

from __future__ import annotations

import hashlib
import struct
import tomllib
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from threading import Lock

ROOT = Path(__file__).resolve().parent
INDEX = "index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Resource:
    """The content of one path: text with placeholders, and the time of its last change."""

    text: str
    content_type: str
    modified: datetime  #: whole seconds, as HTTP dates are


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response."""

    status: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Site:
    """A publisher whose pages can change while it is served. Threads may share it."""

    def __init__(self, name: str, origin: str, origins: Mapping[str, str]) -> None:
        self.name = name
        self.origin = origin  #: "http://127.0.0.1:PORT"
        self.requests: Counter[str] = Counter()  #: by path without query; GET and HEAD with any status
        self._fills = {"{{origin}}": origin} | {f"{{{{origin:{other}}}}}": url for other, url in origins.items()}
        self._lock = Lock()
        self._resources = _load(ROOT / name / "www")
        self._redirects = _redirects(ROOT / name / "redirects.toml")

    @property
    def feed_url(self) -> str:
        """The URL of the feed."""
        return self.origin + "/feed.xml"

    @property
    def sitemap_url(self) -> str:
        """The URL of the sitemap."""
        return self.origin + "/sitemap.xml"

    def url(self, path: str) -> str:
        """Return the URL of a path."""
        return self.origin + path

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths with status 200, without the photos."""
        with self._lock:
            return tuple(sorted(self._resources))

    def text(self, path: str) -> str:
        """Return a page as it is served, with its placeholders filled. Raise `KeyError` for an unknown path."""
        with self._lock:
            text = self._resources[path].text
        for placeholder, value in self._fills.items():
            text = text.replace(placeholder, value)
        return text

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace all occurrences of a text in a page. Raise `ValueError` if the page does not contain it."""
        with self._lock:
            page = self._resources[path]
            if old not in page.text:
                raise ValueError(f"{self.name}{path} does not contain {old!r}")
            self._resources[path] = Resource(page.text.replace(old, new), page.content_type, _now())

    def publish(self, path: str, text: str) -> None:
        """Add a page at a path, or replace the page there."""
        with self._lock:
            self._resources[path] = Resource(text, _content_type(path), _now())

    def remove(self, path: str) -> None:
        """Remove a page, which is 404 afterwards. Raise `KeyError` for an unknown path."""
        with self._lock:
            del self._resources[path]

    def answer(self, path: str, conditions: Mapping[str, str]) -> Response:
        """Return the response to a GET request. `conditions` are its headers by lower-case name."""
        with self._lock:
            self.requests[path] += 1
            page = self._resources.get(path)
        if path in self._redirects:
            return Response(HTTPStatus.MOVED_PERMANENTLY, {"Location": self.origin + self._redirects[path]})
        if path.startswith("/photos/"):
            return Response(HTTPStatus.OK, {"Content-Type": "image/png"}, _picture(path))
        if page is None:
            return Response(HTTPStatus.NOT_FOUND, {"Content-Type": TYPES[".txt"]}, b"404: page not found.\n")
        return _conditional(page, self.text(path).encode(), conditions)


def _conditional(page: Resource, body: bytes, conditions: Mapping[str, str]) -> Response:
    """Return the page, or 304 if the client has it. If-None-Match overrides If-Modified-Since (RFC 9110, 13.2.2)."""
    etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
    headers = {
        "ETag": etag,
        "Last-Modified": format_datetime(page.modified, usegmt=True),
        "Content-Type": page.content_type,
    }
    known = conditions.get("if-none-match")
    fresh = etag in known if known is not None else _unchanged(page, conditions.get("if-modified-since", ""))
    return Response(HTTPStatus.NOT_MODIFIED, headers) if fresh else Response(HTTPStatus.OK, headers, body)


def _unchanged(page: Resource, since: str) -> bool:
    try:
        return page.modified <= parsedate_to_datetime(since)
    except (ValueError, TypeError):  # an invalid date is ignored
        return False


def _load(www: Path) -> dict[str, Resource]:
    resources = {}
    for file in sorted(p for p in www.rglob("*") if p.is_file()):
        path = "/" + file.relative_to(www).as_posix().removesuffix(INDEX)
        modified = datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
        resources[path] = Resource(file.read_text("utf-8"), _content_type(path), modified)
    return resources


def _redirects(file: Path) -> dict[str, str]:
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}


def _content_type(path: str) -> str:
    return TYPES[Path(INDEX if path.endswith("/") else path).suffix]


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _picture(name: str) -> bytes:
    """Return a PNG of 16 by 9 pixels in a colour derived from its name, so that the URLs of photos lead to photos."""
    row = b"\0" + hashlib.blake2b(name.encode(), digest_size=3).digest() * 16
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 16, 9, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * 9)),
        (b"IEND", b""),
    ]
    chunks = (struct.pack(">I", len(d)) + tag + d + struct.pack(">I", zlib.crc32(tag + d)) for tag, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
