"""URLs: their canonical form, their identity, and the site and host that they belong to.

Three steps, each bolder than the one before:

    clean           the URL as browsers read it (WHATWG), without its fragment, except for `#!`: this is fetched
    canonicalize    without tracking and in one spelling: this is shown, and leads to the same page
    url_id          the same for http and https, www or not, desktop, mobile and AMP: this identifies an article
"""

from __future__ import annotations

import hashlib
import re
from functools import cache, lru_cache
from urllib.parse import unquote_plus, urlsplit, urlunsplit

import ada_url
from publicsuffixlist import PublicSuffixList

from worker.errors import BadInput
from worker.model.records import Target
from worker.package_data import read_table

MAX_CHARS = 8000  # of a URL, as given and as sent; servers should accept as many (RFC 9110, section 4.1)

PERCENT_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
EXTRA_AMP = re.compile(r"^(?:amp;)+")  # "&amp;": escaped twice
SESSION_ID = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
AMP_CACHE = re.compile(
    r"https?://(?:www\.google\.[a-z.]+/amp|[^/]+\.cdn\.ampproject\.org/[a-z]+)/(s/)?([^/.]+\.[^/]+/.+)"
)

WWW = re.compile(r"^www\d?\.(?=.+\.)")
DEVICE_LABELS = frozenset({"m", "mobile", "mobil", "amp"})  # m.news.example, en.m.news.example
SLASHES = re.compile(r"/{2,}")
INDEX = re.compile(r"/index\.html?$")
AMP_PATH = re.compile(r"^/amp(?=/)|/amp$|\.amp(?=\.html?$|$)|(?<=\.)amp\.(?=html?$)")
AMP_OR_PRINT_QUERY = re.compile(
    r"^(?:(?:amp|print)(?:=(?:1|true)?)?|(?:outputtype|output|outputmode|type|view)=amp)$", re.IGNORECASE
)
DATE = r"(?:19|20)\d\d(?P<sep>[-_]?)(?:0[1-9]|1[0-2])(?P=sep)(?:0[1-9]|[12]\d|3[01])"
ANY_DATE = re.compile(DATE)
IS_DATE = re.compile(rf"{DATE}(?:\.\w+)?")
IS_TIMESTAMP = re.compile(rf"{DATE}\d{{4}}(?:\d\d)?(?:[a-z]{{2}}_)?")  # as in URLs of web archives
WORD = re.compile(r"[^-_]+")
MIN_SLUG_WORDS, MIN_SLUG_CHARS = 4, 16  # "news-of-the-day" may be a section
LONG_NUMBER = re.compile(r"\d{5,}")
SCRIPT_OR_VIEW = re.compile(
    r"(?:view|show|read|print|page|list|index|default|latest|all|comments?|details?)|.+\.(?:php\d?|aspx?|jspx?|do|cgi|cfm|pl)",
    re.IGNORECASE,
)
DATED_PATH = re.compile(r"/(?:19|20)\d\d/(?:\d\d?|[a-z]{3})/\d\d?/(?=[^/]*[^\W\d_])[^/]+$", re.IGNORECASE)


def clean(url: str) -> str:
    """Return the URL as browsers read it.

    The fragment is removed, because it is not sent to a server. One that begins with "!" is kept: such sites show a
    different page for each. Raise `BadInput` if the URL is not http(s) or longer than `MAX_CHARS`.
    """
    _check_length(url)
    try:
        parts = ada_url.URL(url)
        href, host = parts.href, parts.hostname
    except ValueError:
        href, host = "", ""
    if not href.startswith(("http://", "https://")) or not host.strip("."):
        raise BadInput(f"{url!r} is not a web URL; give one that begins with http:// or https://")
    if "@" in href and (parts.username or parts.password):
        raise BadInput(
            f"the URL at {parts.host} contains a user name or password, which is not sent; give it without them"
        )
    if host.endswith("."):
        parts.hostname = host.rstrip(".")
        href = parts.href
    without_fragment, _, fragment = href.partition("#")
    href = href if fragment.startswith("!") and fragment != "!" else without_fragment
    _check_length(href)
    inner = AMP_CACHE.fullmatch(href)
    return clean(f"http{'s' if inner[1] else ''}://{inner[2]}") if inner else href


def _check_length(url: str) -> None:
    if len(url) > MAX_CHARS:
        raise BadInput(f"the URL that begins with {url[:60]!r} has {len(url):,} characters; {MAX_CHARS:,} are allowed")


def canonicalize(url: str) -> str:
    """Return the canonical URL, which has no tracking and leads to the same page. Raise `BadInput` as `clean` does."""
    parts = urlsplit(clean(url))
    path = PERCENT_ESCAPE.sub(_unescape, parts.path)
    if SESSION_ID.search(path):  # removing ";jsessionid=…" may leave "/.", which must be cleaned again
        return canonicalize(urlunsplit(parts._replace(path=SESSION_ID.sub("", path))))
    query = _query(path, PERCENT_ESCAPE.sub(_unescape, parts.query))
    fragment = PERCENT_ESCAPE.sub(_unescape, parts.fragment)
    return f"{parts.scheme}://{parts.netloc}{path}{'?' * bool(query)}{query}{'#' * bool(fragment)}{fragment}"


def url_id(canonical_url: str) -> str:
    """Return the id of a canonical URL in the ledger and the index: 32 hex digits."""
    return hashlib.blake2b(_identity(canonical_url).encode(), digest_size=16).hexdigest()


def origin(url: str) -> str:
    """Return `scheme://host[:port]` in lower case, without a default port: the unit of politeness."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def site(url: str) -> str:
    """Return the registrable domain ("bbc.co.uk"); host and port for an IP address or a name without a dot."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.replace(".", "").isdigit() or ":" in host or "." not in host:
        return parts.netloc.lower()
    return _domain(host)


def target(url: str, *, source: str = "", hops: int = 0, force: bool = False) -> Target:
    """Return a URL as the ledger accepts it. Raise `BadInput` if it is not an http(s) URL."""
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
    """Return True if a URL is the front page of its site."""
    parts = urlsplit(url)
    return parts.path.strip("/") == "" and not parts.query and not parts.fragment.startswith("!")


def names_article(path: str) -> bool:
    """Return True if a path alone identifies an article.

    Such a path ends in a slug of at least four words, contains a long number that is not a date, or has the form
    /year/month/day/slug. If it ends in a script or a word such as "view", the query identifies the page instead,
    unless that last segment is a slug or contains the number itself.
    """
    *before, last = [s for s in path.split("/") if s] or [""]
    if _is_slug(last) or _has_number(last):
        return True
    if SCRIPT_OR_VIEW.fullmatch(last):
        return False
    return any(_has_number(s) and not IS_TIMESTAMP.fullmatch(s) for s in before) or bool(
        DATED_PATH.search(path.rstrip("/"))
    )


def _is_slug(segment: str) -> bool:
    return len(segment) >= MIN_SLUG_CHARS and len(WORD.findall(ANY_DATE.sub("", segment))) >= MIN_SLUG_WORDS


def _has_number(segment: str) -> bool:
    return bool(LONG_NUMBER.search(segment)) and not IS_DATE.fullmatch(segment)


@lru_cache(maxsize=10_000)
def _domain(host: str) -> str:
    return _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def _tracking() -> dict[str, frozenset[str]]:
    return {key: frozenset(words) for key, words in read_table("worker", "tracking.toml").items()}


def _unescape(match: re.Match[str]) -> str:
    """Return the normal form of an escape (RFC 3986, section 6.2.2): in capitals, or the unreserved character."""
    code = int(match[1], 16)
    return chr(code) if code in UNRESERVED else match[0].upper()


def _query(path: str, query: str) -> str:
    """Return a query without tracking, sorted by name. Equal names keep their order, which may have a meaning."""
    fields = [EXTRA_AMP.sub("", f) for f in query.split("&")]
    kept = [f for f in fields if f and not _is_tracking(path, f)]
    return "&".join(sorted(kept, key=lambda f: f.partition("=")[0]))


def _is_tracking(path: str, field: str) -> bool:
    name, value = (unquote_plus(part).lower() for part in field.partition("=")[::2])
    table = _tracking()
    if name in table["names"] or name.startswith(tuple(table["prefixes"])):
        return True
    is_tracking = name in table["ambiguous"] and not value.isdigit()
    is_tracking |= name in table["weak"] and value in table["channels"]
    return is_tracking and names_article(path)


def _identity(canonical_url: str) -> str:
    """Return the part that all URLs of one article have in common.

    Mobile, AMP and print forms are removed only if the path identifies an article: `m.` may be a site of its own, and
    `/amp` a page about amplifiers.
    """
    parts = urlsplit(canonical_url)
    path = SLASHES.sub("/", INDEX.sub("/", parts.path)).rstrip("/")
    host, query = parts.netloc, parts.query.replace("+", "%20")  # both mean a space in a form's query
    plain = AMP_PATH.sub("", path)
    if names_article(plain):
        host, path = _without_device(host), plain
        query = "&".join(f for f in query.split("&") if not AMP_OR_PRINT_QUERY.match(f))
    elif _ends_in_number(path):
        host = _without_device(host)
    return f"{WWW.sub('', host)}{path or '/'}?{query}{'#' * bool(parts.fragment)}{parts.fragment}"


def _ends_in_number(path: str) -> bool:
    """Return True for a path such as /story/123, which is the same page on a site and its mobile form."""
    before, _, last = path.rpartition("/")
    return last.isdecimal() and any(c.isalpha() for c in before.rpartition("/")[2])


def _without_device(netloc: str) -> str:
    """Return the host without device labels among its first two, unless they are part of its site ("m.co.uk")."""
    host = netloc.partition(":")[0]
    domain = _domain(host)
    if not host.endswith("." + domain):
        return netloc
    labels = host[: -len(domain) - 1].split(".")
    kept = [*(s for s in labels[:2] if s not in DEVICE_LABELS), *labels[2:], domain]
    return ".".join(kept) + netloc[len(host) :]
