"""Invented articles whose words are as unevenly frequent as those of a language (Zipf's law)."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from worker.model.records import Article, Document, Image, Kind, document_version
from worker.urls import url_id

VOCABULARY = 40_000
NEWEST = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = 900
LANGUAGES = ("en",) * 6 + ("de", "fr", "es", "it")

_ONSETS = ("b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr", "pl")
_SYLLABLES = [onset + vowel for onset in _ONSETS for vowel in ("a", "e", "i", "o", "u", "ou")]


def vocabulary() -> list[str]:
    """Return distinct words, the most frequent first. Frequent words are short."""
    random_ = random.Random(7)
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        length = 1 + (len(words) > 60) + (len(words) > 2000) + random_.randrange(2)
        words.setdefault("".join(random_.choices(_SYLLABLES, k=length)) + random_.choice(["", "", "n", "s", "r"]))
    return list(words)


class InventedArticles:
    """Articles by number. The same number always gives the same article."""

    def __init__(self) -> None:
        self.words = vocabulary()
        self._weights = list(itertools.accumulate(1 / (rank + 2.7) for rank in range(VOCABULARY)))

    def documents(self, count: int) -> Iterator[Document]:
        """Yield the documents 0 to `count` - 1."""
        return (self.document(n) for n in range(count))

    def document(self, number: int) -> Document:
        """Return the document with this number."""
        random_ = random.Random(number)
        host = number % 30
        url = f"https://host{host}.example/article/{number}"
        published = NEWEST - timedelta(seconds=random_.randrange(DAYS * 86_400))
        article = Article(
            url=url,
            kind=random_.choices([Kind.ARTICLE, Kind.GALLERY, Kind.VIDEO], [90, 7, 3])[0],
            headline=self._text(random_, 9),
            description=self._text(random_, 20),
            article_body="\n".join(self._text(random_, 50) for _ in range(random_.randrange(4, 12))),
            author=(f"Author {int(random_.paretovariate(0.6)) % 2000}",),
            article_section=f"Section {int(random_.paretovariate(1)) % 25}",
            keywords=tuple(random_.sample(self.words[500:2000], 3)),
            language=random_.choice(LANGUAGES),
            date_published=published,
            dateline=f"PLACE {int(random_.paretovariate(0.8)) % 400}",
            publisher=f"Publisher {host}",
            images=tuple(self._image(random_) for _ in range(random_.randrange(3))),
        )
        return Document(
            id=url_id(url),
            version=document_version(1, 1),
            article=article,
            url=url,
            host=f"https://host{host}.example",
            source="bench",
            fetched_at=published,
            first_seen_at=published,
        )

    def _image(self, random_: random.Random) -> Image:
        agency = random_.choice(["AP", "Reuters", "AFP", "dpa"])
        name = f"Photographer {int(random_.paretovariate(0.8)) % 300}"
        return Image(caption=self._text(random_, 15), credit_text=f"{name}/{agency}", creator=(name,), agency=agency)

    def _text(self, random_: random.Random, length: int) -> str:
        text = " ".join(random_.choices(self.words, cum_weights=self._weights, k=length))
        return text.capitalize() + "."


def phrases(documents: Sequence[Document]) -> list[str]:
    """Return two adjacent words from the body of each document."""
    return [" ".join(d.article.article_body.split()[10:12]).strip(".").lower() for d in documents]
