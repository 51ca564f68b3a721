"""The searchable fields of an article, their weights, and the languages with a stemmer.

Both backends use these tables, so that they find the same articles and rank them alike.
"""

from __future__ import annotations

from collections.abc import Mapping

from worker.model.query import FIELDS

#: Text fields, whose words match in all their forms, with their weights. Headlines and captions name the subject.
TEXTS: Mapping[str, float] = {"headline": 4.0, "description": 2.0, "caption_text": 2.0, "article_body": 1.0}

#: Name fields that a plain word searches beside the text, with their weights: users search for photographers, places.
NAMES: Mapping[str, float] = {"author": 1.0, "photographer": 1.0, "keywords": 1.0, "dateline": 1.0}

#: Fields that only `field:word` searches, with their weights.
OTHERS: Mapping[str, float] = {n: 0.5 for n in FIELDS.values() if n not in TEXTS and n not in NAMES}

#: Fields that a word without a field name searches, by `Query.scope`.
SCOPES: Mapping[str, tuple[str, ...]] = {
    "all": (*TEXTS, *NAMES),
    "headline": ("headline",),
    "body": ("article_body",),
    "captions": ("caption_text",),
}

#: ISO 639-1 code -> name of the language in Elasticsearch's analyzers and Snowball's stemmers. Words of other
#: languages match as written; Chinese, Japanese and Korean match by pairs of characters.
LANGUAGES: Mapping[str, str] = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
_SAME_AS = {"nb": "no", "nn": "no"}


def stemmed_as(language: str | None) -> str | None:
    """Return the code in LANGUAGES whose stemmer a language uses ("nb" -> "no"), or None if there is none."""
    code = _SAME_AS.get(language or "", language or "")
    return code if code in LANGUAGES else None
