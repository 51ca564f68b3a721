"""Time zones as sources write them: offsets, short names, names in words, IANA names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from worker.extraction import word_tables

_OFFSET = re.compile(r"(?:GMT|UTC)?\s?([+\-−])(\d{1,2}):?(\d{2})?(?::\d{2})?", re.I)
_PLACE = re.compile(r"[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?")


def zone_of(name: str | None, home: str | None = None) -> tzinfo | None:
    """Return the zone named "Z", "+0200", "CEST", "Eastern Time" or "Asia/Tokyo", or None if it is unknown.

    `home` is the publisher's zone. It decides what a name means that several countries use.
    """
    if not name:
        return None
    if match := _OFFSET.fullmatch(name):
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        return _fixed(minutes if match[1] == "+" else -minutes)
    if _PLACE.fullmatch(name):
        return _place(name)
    tables = word_tables.load("dates")
    local = tables["local_zones"].get(name.upper(), {}).get(home) if home else None
    found = local if local is not None else _names().get(name.casefold())
    return _place(found) if isinstance(found, str) else _fixed(found) if found is not None else None


def country_zone(host: str) -> str | None:
    """Return the zone of the country that a host's name ends with, if the country has one zone."""
    zone = word_tables.load("dates")["country_zones"].get(host.rpartition(".")[2].lower())
    return str(zone) if zone else None


def localize(naive: datetime, zone: tzinfo) -> datetime:
    """Return a local time as a time in UTC."""
    return naive.replace(tzinfo=zone).astimezone(timezone.utc)  # noqa: UP017


@cache
def phrase_pattern() -> str:
    """Return a pattern of the zones in words."""
    phrases = sorted(word_tables.load("dates")["zone_phrases"], key=len, reverse=True)
    return "|".join(map(re.escape, phrases))


@cache
def _names() -> Mapping[str, int | str]:
    tables = word_tables.load("dates")
    return {name.casefold(): value for name, value in {**tables["zones"], **tables["zone_phrases"]}.items()}


def _fixed(minutes: int) -> tzinfo | None:
    return timezone(timedelta(minutes=minutes)) if abs(minutes) <= 15 * 60 else None


@cache
def _place(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # KeyError: no such zone
        return None
