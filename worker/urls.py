"""URLs as identities: what is the same address, which site and which host it belongs to.

Three steps, each a little bolder than the one before:

    clean           the URL as browsers read it (WHATWG): what is fetched
    canonicalize    without tracking and in one spelling: what is shown; leads to the same page
    url_id          http or https, www or not, desktop, mobile or AMP: what is one article
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import unquote_plus, urlsplit

import ada_url
from publicsuffixlist import PublicSuffixList

from worker.errors import BadInput
from worker.records import Target

LONGEST = 8000  # characters of an address, as given and as sent: what servers are asked to take (RFC 9110, 4.1)
TRACKING = Path(__file__).resolve().parents[1] / "config" / "tracking.toml"

ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
ESCAPED = re.compile(r"^(?:amp;)+")  # "&amp;": escaped once too often
SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
AMP_CACHE = re.compile(
    r"https?://(?:www\.google\.[a-z.]+/amp|[^/]+\.cdn\.ampproject\.org/[a-z]+)/(s/)?([^/]+\.[^/]+/.+)"
)

WWW = re.compile(r"^www\d?\.(?=.+\.)")
DEVICE = re.compile(r"^(?:www\.)?(?:m|mobile|mobil|amp)\.(?=.+\.)|(?<=^www)\.(?:m|amp)(?=\.)")
INDEX = re.compile(r"/index\.html?$")
AMP_PATH = re.compile(r"^/amp(?=/)|/amp$|\.amp(?=\.html?$|$)|(?<=\.)amp\.(?=html?$)")
AMP_QUERY = re.compile(
    r"^(?:amp(?:=(?:1|true)?)?|amp_js_v=.*|(?:outputtype|output|outputmode|type|view)=amp)$", re.IGNORECASE
)
NAMES_ARTICLE = re.compile(r"/[^/]*(?:[^-_/]+[-_]){3}[^/]*/?$|\d{5,}")


def clean(url: str) -> str:
    """As browsers read it, without the fragment, which no server sees. `BadInput` for what is no http(s) URL, or longer
    than `LONGEST`."""
    _check_length(url)
    try:
        parts = ada_url.URL(url)
        href, host = parts.href, parts.hostname
    except ValueError:
        href, host = "", ""
    if not href.startswith(("http://", "https://")) or not host.strip("."):
        raise BadInput(f"{url!r} is not a web address; give one that begins with http:// or https://")
    if "@" in href and (parts.username or parts.password):
        raise BadInput(
            f"an address at {parts.host} carries a user name or password, which is not sent; give it without"
        )
    if host.endswith("."):
        parts.hostname = host.rstrip(".")
        href = parts.href
    href = href.partition("#")[0]
    _check_length(href)
    inner = AMP_CACHE.fullmatch(href)
    return clean(f"http{'s' if inner[1] else ''}://{inner[2]}") if inner else href


def _check_length(url: str) -> None:
    if len(url) > LONGEST:
        raise BadInput(f"an address that begins with {url[:60]!r} has {len(url):,} characters; {LONGEST:,} are allowed")


def canonicalize(url: str) -> str:
    """The one spelling of a URL, without tracking; leads to the same page. `BadInput` as in `clean`."""
    parts = urlsplit(clean(url))
    path = SESSION.sub("", ESCAPE.sub(_unescape, parts.path))
    query = _query(path, ESCAPE.sub(_unescape, parts.query))
    return f"{parts.scheme}://{parts.netloc}{path}{'?' * bool(query)}{query}"


def url_id(canonical_url: str) -> str:
    """32 hex digits that stand for a canonical URL in ledger and index."""
    return hashlib.blake2b(_identity(canonical_url).encode(), digest_size=16).hexdigest()


def origin(url: str) -> str:
    """`scheme://host[:port]`, lower case, default ports left out: what politeness goes by."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def site(url: str) -> str:
    """The registrable domain ("bbc.co.uk"); of an IP address or a bare name, host and port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.replace(".", "").isdigit() or ":" in host or "." not in host:
        return parts.netloc.lower()
    return _domain(host)


def target(url: str, *, source: str = "", hops: int = 0, force: bool = False) -> Target:
    """A URL as the ledger takes it. `BadInput` for what is no http(s) URL."""
    fetched, canonical = clean(url), canonicalize(url)
    return Target(
        id=url_id(canonical),
        url=fetched,
        canonical_url=canonical,
        host=origin(fetched),
        source=source,
        hops=hops,
        force=force,
    )


def is_home(url: str) -> bool:
    """Whether it is a site's front page rather than a page in it."""
    parts = urlsplit(url)
    return parts.path.strip("/") == "" and not parts.query


def names_article(path: str) -> bool:
    """Whether a path by itself looks like one article's: a slug of at least four words, or a long number."""
    return bool(NAMES_ARTICLE.search(path))


@lru_cache(maxsize=10_000)
def _domain(host: str) -> str:
    return _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def _tracking() -> tuple[frozenset[str], tuple[str, ...], frozenset[str]]:
    table = tomllib.loads(TRACKING.read_text("utf-8"))
    return frozenset(table["names"]), tuple(table["prefixes"]), frozenset(table["ambiguous"])


def _unescape(match: re.Match[str]) -> str:
    """One spelling of each escape (RFC 3986, section 6.2.2): capitals, and none that is not needed."""
    code = int(match[1], 16)
    return chr(code) if code in UNRESERVED else match[0].upper()


def _query(path: str, query: str) -> str:
    """What is left of a query without tracking, by name. Equal names keep their order, which may mean something."""
    fields = [ESCAPED.sub("", f) for f in query.split("&")]
    kept = [f for f in fields if f and not _is_tracking(path, f)]
    return "&".join(sorted(kept, key=lambda f: f.partition("=")[0]))


def _is_tracking(path: str, field: str) -> bool:
    name, _, value = field.partition("=")
    name = unquote_plus(name).lower()
    names, prefixes, ambiguous = _tracking()
    if name in names or name.startswith(prefixes):
        return True
    return name in ambiguous and not value.isdigit() and names_article(path)


def _identity(canonical_url: str) -> str:
    """What all spellings of one article's address have in common. Mobile and AMP forms count only where the path
    names an article: `m.` may be a site of its own, and `/amp` a page about amplifiers."""
    parts = urlsplit(canonical_url)
    host, path, query = parts.netloc, INDEX.sub("/", parts.path).rstrip("/"), parts.query
    if names_article(AMP_PATH.sub("", path)):
        host = DEVICE.sub("", host)
        path = AMP_PATH.sub("", path)
        query = "&".join(f for f in query.split("&") if not AMP_QUERY.match(f))
    return f"{WWW.sub('', host)}{path or '/'}?{query}"
