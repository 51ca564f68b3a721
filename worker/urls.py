"""URLs as identities: what is the same address, which site and which host it belongs to.

Three steps, each a little bolder than the one before:

    clean           the URL as browsers read it (WHATWG), without its fragment, unless that names a page (`#!`): what
                    is fetched
    canonicalize    without tracking and in one spelling: what is shown; leads to the same page
    url_id          http or https, www or not, desktop, mobile or AMP: what is one article
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

LONGEST = 8000  # characters of an address, as given and as sent: what servers are asked to take (RFC 9110, 4.1)

ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
ESCAPED = re.compile(r"^(?:amp;)+")  # "&amp;": escaped once too often
SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
AMP_CACHE = re.compile(
    r"https?://(?:www\.google\.[a-z.]+/amp|[^/]+\.cdn\.ampproject\.org/[a-z]+)/(s/)?([^/.]+\.[^/]+/.+)"
)

WWW = re.compile(r"^www\d?\.(?=.+\.)")
DEVICES = frozenset({"m", "mobile", "mobil", "amp"})  # labels of a host: m.news.example, en.m.news.example
SLASHES = re.compile(r"/{2,}")
INDEX = re.compile(r"/index\.html?$")
AMP_PATH = re.compile(r"^/amp(?=/)|/amp$|\.amp(?=\.html?$|$)|(?<=\.)amp\.(?=html?$)")
FORM_QUERY = re.compile(
    r"^(?:(?:amp|print)(?:=(?:1|true)?)?|(?:outputtype|output|outputmode|type|view)=amp)$", re.IGNORECASE
)
DATE = r"(?:19|20)\d\d(?P<sep>[-_]?)(?:0[1-9]|1[0-2])(?P=sep)(?:0[1-9]|[12]\d|3[01])"
ANY_DATE = re.compile(DATE)
IS_DATE = re.compile(rf"{DATE}(?:\.\w+)?")
IS_MOMENT = re.compile(rf"{DATE}\d{{4}}(?:\d\d)?(?:[a-z]{{2}}_)?")  # as web archives have it
WORD = re.compile(r"[^-_]+")
SLUG_WORDS, SLUG_LENGTH = 4, 16  # "news-of-the-day" may be a section
NUMBER = re.compile(r"\d{5,}")
SCRIPT = re.compile(
    r"(?:view|show|read|print|page|list|index|default|latest|all|comments?|details?)|.+\.(?:php\d?|aspx?|jspx?|do|cgi|cfm|pl)",
    re.IGNORECASE,
)
DATED = re.compile(r"/(?:19|20)\d\d/(?:\d\d?|[a-z]{3})/\d\d?/(?=[^/]*[^\W\d_])[^/]+$", re.IGNORECASE)


def clean(url: str) -> str:
    """As browsers read it. The fragment goes, which no server sees, unless it begins with "!": scripts of such sites
    show another page for each. `BadInput` for what is no http(s) URL, or longer than `LONGEST`."""
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
    address, _, fragment = href.partition("#")
    href = href if fragment.startswith("!") and fragment != "!" else address
    _check_length(href)
    inner = AMP_CACHE.fullmatch(href)
    return clean(f"http{'s' if inner[1] else ''}://{inner[2]}") if inner else href


def _check_length(url: str) -> None:
    if len(url) > LONGEST:
        raise BadInput(f"an address that begins with {url[:60]!r} has {len(url):,} characters; {LONGEST:,} are allowed")


def canonicalize(url: str) -> str:
    """The one spelling of a URL, without tracking; leads to the same page. `BadInput` as in `clean`."""
    parts = urlsplit(clean(url))
    path = ESCAPE.sub(_unescape, parts.path)
    if SESSION.search(path):  # "/.;jsessionid=…": what is left may be read otherwise
        return canonicalize(urlunsplit(parts._replace(path=SESSION.sub("", path))))
    query = _query(path, ESCAPE.sub(_unescape, parts.query))
    fragment = ESCAPE.sub(_unescape, parts.fragment)
    return f"{parts.scheme}://{parts.netloc}{path}{'?' * bool(query)}{query}{'#' * bool(fragment)}{fragment}"


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
    return parts.path.strip("/") == "" and not parts.query and not parts.fragment.startswith("!")


def names_article(path: str) -> bool:
    """Whether a path by itself looks like one article's: a slug of at least four words at its end, a long number, or
    /year/month/day/slug. Dates are no such number; and a script or a word such as "view" at the end leaves it to the
    query what is shown, unless it is a slug or holds the number itself."""
    *before, last = [s for s in path.split("/") if s] or [""]
    if _is_slug(last) or _has_number(last):
        return True
    if SCRIPT.fullmatch(last):
        return False
    return any(_has_number(s) and not IS_MOMENT.fullmatch(s) for s in before) or bool(DATED.search(path.rstrip("/")))


def _is_slug(segment: str) -> bool:
    return len(segment) >= SLUG_LENGTH and len(WORD.findall(ANY_DATE.sub("", segment))) >= SLUG_WORDS


def _has_number(segment: str) -> bool:
    return bool(NUMBER.search(segment)) and not IS_DATE.fullmatch(segment)


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
    """One spelling of each escape (RFC 3986, section 6.2.2): capitals, and none that is not needed."""
    code = int(match[1], 16)
    return chr(code) if code in UNRESERVED else match[0].upper()


def _query(path: str, query: str) -> str:
    """What is left of a query without tracking, by name. Equal names keep their order, which may mean something."""
    fields = [ESCAPED.sub("", f) for f in query.split("&")]
    kept = [f for f in fields if f and not _is_tracking(path, f)]
    return "&".join(sorted(kept, key=lambda f: f.partition("=")[0]))


def _is_tracking(path: str, field: str) -> bool:
    name, value = (unquote_plus(part).lower() for part in field.partition("=")[::2])
    table = _tracking()
    if name in table["names"] or name.startswith(tuple(table["prefixes"])):
        return True
    is_likely = name in table["ambiguous"] and not value.isdigit()
    is_likely |= name in table["weak"] and value in table["channels"]
    return is_likely and names_article(path)


def _identity(canonical_url: str) -> str:
    """What all spellings of one article's address have in common. Mobile, AMP and print forms count only where the path
    names an article: `m.` may be a site of its own, and `/amp` a page about amplifiers."""
    parts = urlsplit(canonical_url)
    path = SLASHES.sub("/", INDEX.sub("/", parts.path)).rstrip("/")
    host, query = parts.netloc, parts.query.replace("+", "%20")  # both are a blank in the query of a form
    plain = AMP_PATH.sub("", path)
    if names_article(plain):
        host, path = _without_device(host), plain
        query = "&".join(f for f in query.split("&") if not FORM_QUERY.match(f))
    elif _ends_in_number(path):
        host = _without_device(host)
    return f"{WWW.sub('', host)}{path or '/'}?{query}{'#' * bool(parts.fragment)}{parts.fragment}"


def _ends_in_number(path: str) -> bool:
    """Such as /story/123: of one site and its mobile form, the same page."""
    before, _, last = path.rpartition("/")
    return last.isdecimal() and any(c.isalpha() for c in before.rpartition("/")[2])


def _without_device(netloc: str) -> str:
    """Without the first two labels that name a device and not the site ("m.co.uk" would be one)."""
    host = netloc.partition(":")[0]
    domain = _domain(host)
    if not host.endswith("." + domain):
        return netloc
    labels = host[: -len(domain) - 1].split(".")
    kept = [*(s for s in labels[:2] if s not in DEVICES), *labels[2:], domain]
    return ".".join(kept) + netloc[len(host) :]
