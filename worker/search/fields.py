"""What can be found in an article: where words are looked for, what they weigh there, and whose endings we know.

Both backends go by these tables, so that they find the same and rank alike.
"""

from __future__ import annotations

from collections.abc import Mapping

from worker.model.query import FIELDS

#: Fields of text, whose words match in all their forms -> weight. Headlines and captions say what a story is about.
TEXTS: Mapping[str, float] = {"headline": 4.0, "description": 2.0, "caption_text": 2.0, "article_body": 1.0}

#: Names that a plain word finds beside the text -> weight; as people search for who took a picture or where.
NAMES: Mapping[str, float] = {"author": 1.0, "photographer": 1.0, "keywords": 1.0, "dateline": 1.0}

#: Fields that only `field:word` looks at -> weight.
OTHERS: Mapping[str, float] = {n: 0.5 for n in FIELDS.values() if n not in TEXTS and n not in NAMES}

#: `Query.scope` -> fields that a word without a field is looked for in.
SCOPES: Mapping[str, tuple[str, ...]] = {
    "all": (*TEXTS, *NAMES),
    "headline": ("headline",),
    "body": ("article_body",),
    "captions": ("caption_text",),
}

#: ISO 639-1 -> the name of the language in Elasticsearch's analyzers and in Snowball's stemmers. Words of other
#: languages match as they are written; Chinese, Japanese and Korean by pairs of characters.
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
    """Under which of LANGUAGES a document's words are stemmed: "nb" -> "no"; None if under none."""
    code = _SAME_AS.get(language or "", language or "")
    return code if code in LANGUAGES else None
