"""The words that the pages use for what the records name in short."""

from __future__ import annotations

from collections.abc import Mapping

#: The facets beside the results, in their order; filters of other facets are understood, too.
FACETS: Mapping[str, str] = {
    "publisher": "Publisher",
    "section": "Section",
    "author": "Author",
    "photographer": "Photographer",
    "photo_agency": "Photo agency",
    "dateline": "Place",
    "lang": "Language",
    "kind": "Kind",
    "keyword": "Keyword",
    "agency": "Wire agency",
}
SCOPES: Mapping[str, str] = {
    "all": "Everywhere",
    "headline": "Headlines",
    "body": "Stories without captions",
    "captions": "Photo captions",
}
#: What versions of an article are compared by.
TEXTS: Mapping[str, str] = {
    "headline": "Headline",
    "description": "Standfirst",
    "author": "Authors",
    "article_body": "Story",
    "caption_text": "Captions",
    "credit_text": "Credits",
}
SORTS: Mapping[str, str] = {"relevance": "Best match", "newest": "Newest", "oldest": "Oldest"}
OUTCOMES: Mapping[str, str] = {
    "indexed": "An article was written, or written anew",
    "unchanged": "It says what it said before",
    "duplicate": "The article belongs to another address",
    "rejected": "Not for us, by rule",
    "failed": "Given up; can be retried",
}
LANGUAGES: Mapping[str, str] = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sr": "Serbian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def facet(name: str) -> str:
    return FACETS.get(name, name.replace("_", " ").capitalize())


def value(text: str, facet: str) -> str:
    """A facet's value as people read it."""
    return LANGUAGES.get(text, text) if facet == "lang" else text
