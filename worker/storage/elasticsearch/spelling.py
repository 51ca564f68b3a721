"""Better spellings of words that no article has, from Elasticsearch's term suggester."""

from __future__ import annotations

from itertools import islice
from typing import Any

from worker.model.query import Query
from worker.search.fields import TEXTS
from worker.search.query_parser import Parsed, Word
from worker.search.spelling import MOST, allowed_distance, corrected, distance, doubtful
from worker.storage.elasticsearch.client import Client
from worker.storage.elasticsearch.query_builder import clause


def suggestion(client: Client, alias: str, text: str, parsed: Parsed) -> str | None:
    """The query's text with known words in place of unknown ones; None where nothing resembles them."""
    words = list(dict.fromkeys(doubtful(parsed.node)))
    if not words:
        return None
    searches = [line for word in words for line in ({"index": alias}, _asked(word))]
    responses = client.msearch(searches=searches)["responses"]
    unknown = ((word, r) for word, r in zip(words, responses, strict=True) if not _is_known(r))
    better = {word: nearest for word, r in islice(unknown, MOST) if (nearest := _nearest(word, r))}
    return corrected(text, better)


def _asked(word: str) -> dict[str, Any]:
    """Is it known, and what is written like it?"""
    options = {
        "suggest_mode": "always",
        "max_edits": allowed_distance(word),
        "prefix_length": 1,
        "min_word_length": 3,
        "size": 5,
    }
    suggest = {field: {"text": word, "term": {"field": field, **options}} for field in TEXTS}
    return {"size": 0, "query": clause(Word(word), Query().scope), "suggest": suggest}


def _is_known(response: Any) -> bool:
    """Or cannot be told."""
    return "error" in response or bool(response["hits"]["total"]["value"])


def _nearest(word: str, response: Any) -> str | None:
    """The closest spelling, of several the one that most articles have."""
    options = [o for entries in response["suggest"].values() for entry in entries for o in entry["options"]]
    most = allowed_distance(word)
    ranked = ((distance(word, o["text"], most), -o["freq"], o["text"]) for o in options)
    best = min((r for r in ranked if r[0] <= most), default=None)
    return best[2] if best else None
