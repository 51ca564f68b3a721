"""Labels of fields, values and states on the pages."""

from __future__ import annotations

from collections.abc import Mapping

#: The facets beside the results, in order. Filters on other facets work, too.
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
    "body": "Article text without captions",
    "captions": "Photo captions",
}
#: The fields in which revisions of an article are compared.
TEXTS: Mapping[str, str] = {
    "headline": "Headline",
    "description": "Standfirst",
    "author": "Authors",
    "article_body": "Text",
    "caption_text": "Captions",
    "credit_text": "Credits",
}
SORTS: Mapping[str, str] = {"relevance": "Best match", "newest": "Newest", "oldest": "Oldest"}
OUTCOMES: Mapping[str, str] = {
    "indexed": "The article was written to the index",
    "unchanged": "The article has not changed since the last crawl",
    "duplicate": "The article belongs to another URL",
    "rejected": "Rejected by a rule",
    "failed": "The crawl failed; it can be retried",
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
    """Return the label of a facet."""
    return FACETS.get(name, name.replace("_", " ").capitalize())


def value(text: str, facet: str) -> str:
    """Return the label of a facet's value."""
    return LANGUAGES.get(text, text) if facet == "lang" else text
