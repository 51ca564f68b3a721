"""The contract of searches over one corpus, on SQLite and on Elasticsearch."""

from __future__ import annotations

import base64
import itertools
import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from tests.support.pages.corpus import BY_ID, CORPUS
from tests.support.stores import open_index
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.model.query import FACETS, FIELDS, Query, Results
from worker.search.cursors import fingerprint, pack
from worker.search.service import SearchService
from worker.search.validation import MAX_FILTER_VALUES
from worker.storage.document_json import from_json
from worker.storage.elasticsearch.client import connect


@pytest.fixture(scope="module", params=["sqlite", "elastic"])
def search(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchService]:
    """Return the search service over an index with the corpus, for tests that only read."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("search"))
    if request.param == "elastic":
        node = request.getfixturevalue("elasticsearch")
        prefix = f"t{uuid.uuid4().hex[:12]}"
        settings = Settings.model_validate({"index_url": node.url, "index_prefix": prefix, "index_refresh_s": 600})
    index = open_index(settings)
    index.setup()
    assert {w.status for w in index.write(CORPUS)} == {"written"}
    index.refresh()
    yield SearchService(index)
    if request.param == "elastic":
        with connect(settings) as client:
            client.indices.delete(index=f"{settings.index_prefix}-articles-v1")


def found(results: Results) -> set[str]:
    return {hit.id for hit in results.hits}


def listed(results: Results) -> list[str]:
    return [hit.id for hit in results.hits]


def counts(results: Results, facet: str) -> dict[str, int]:
    return {bucket.value: bucket.count for bucket in results.facets[facet]}


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WORDS = {
    # -- words: all by default, in any form
    "flood": "en-flood en-rebuild",
    "floods": "en-flood en-rebuild",
    "FLOOD": "en-flood en-rebuild",
    "flood concrete": "en-rebuild",
    "bridge flood": "en-flood en-rebuild",
    "flood goalkeeper": "",
    "the mayor": "en-flood",
    "river bank": "en-flood en-phrase-a en-phrase-b",
    "village": "en-flood en-rebuild fr-inondation",
    # -- phrases, as written
    '"stone bridge"': "en-flood en-rebuild",
    '"bridge stone"': "",
    '"river bank"': "en-phrase-a",
    '"bank of the river"': "en-phrase-b",
    '"river banks"': "",
    "“stone bridge” mayor": "en-flood",
    '"Ashdown Maria"': "",  # a phrase does not match across two authors
    '"flood"': "en-rebuild",
    # -- excluded words
    "storm": "en-storm en-live no-ferge",
    "storm -roof": "en-live no-ferge",
    "storm NOT roof": "en-live no-ferge",
    "storm -roof -ferry": "no-ferge",
    'bridge -"stone bridge"': "en-phrase-a",
    "storm -lang:en": "no-ferge",
    # -- alternatives
    "goalkeeper OR marathon": "en-goal en-marathon",
    "goalkeeper OR marathon rain": "en-marathon",
    "rain goalkeeper OR marathon": "en-marathon",
    "goalkeeper OR marathon OR owls": "en-goal en-marathon en-owl",
    "(goalkeeper OR marathon) -rain": "en-goal",
    "goalkeeper OR (marathon rain)": "en-goal en-marathon",
    "goalkeeper | marathon": "en-goal en-marathon",
    # -- prefixes
    "observ*": "en-election en-owl",
    "obs*": "en-election en-owl",
    "telesc* chi*": "en-owl",
    "caption:fire*": "en-flood en-caption-only",
    # -- fields by short name
    "author:rossi": "en-flood en-rebuild it-treno",
    "author:ROSSI lang:en": "en-flood en-rebuild",
    'author:"Tom Ashdown"': "en-flood en-storm en-election en-budget",
    "author:(rossi OR nair) -lang:it": "en-flood en-rebuild en-goal en-marathon",
    "photographer:okafor": "en-flood en-rebuild en-owl en-caption-only",
    "photographer:rossi": "en-flood",
    "photo_agency:reuters": "en-storm en-goal en-caption-only",
    "agency:dpa": "en-wire-a en-wire-b",
    "caption:bridge": "en-flood",
    "caption:arches": "en-rebuild",
    "caption:kingfisher": "en-caption-only",
    "headline:bridge": "en-rebuild en-phrase-a",
    "body:bridge": "en-flood en-rebuild en-phrase-a",
    "dateline:tarn": "en-flood en-rebuild en-owl",
    'dateline:"lower tarn"': "en-flood en-rebuild",
    'publisher:"coast courier" storm': "en-storm en-live",
    "section:sport": "en-goal en-marathon",
    "article_section:sport": "en-goal en-marathon",
    "keyword:libraries": "en-budget en-opinion",
    "kind:gallery": "en-owl en-caption-only",
    "lang:fr": "fr-inondation fr-musee",
    "source:letters": "en-html",
    "host:voce.example": "it-treno",
    "okafor": "en-flood en-rebuild en-owl en-caption-only",  # plain words also search names
    "harlingen": "en-wire-a en-wire-b",
    # -- unusual but valid
    "covid-19": "en-virus",
    "covid": "en-virus",
    "state-of-the-art": "en-virus",
    "into-floods": "",  # a hyphenated word matches as written: without stop words it would be another word
    "by-election": "",
    "stone-bridge": "en-flood en-rebuild",
    "stone-bridges": "",
    "-into-floods flood": "en-flood en-rebuild",
    "U.S.": "en-election",
    "3,500": "en-election",
    "doesn't": "en-virus",
    "doesn’t": "en-virus",
    "o'connell": "en-virus en-phrase-b",
    "script alert": "en-html",
    # -- accents, case and width
    "ubel": "de-wahl",
    "Weiss": "de-hochwasser",
    "lodz": "pl-lodz",
    "Łódź": "pl-lodz",
    "nunez": "es-sequia",
    "ＣＯＶＩＤ": "en-virus",
    # -- languages
    "haus": "de-hochwasser",
    "bücherei": "de-wahl",
    "bénévole": "fr-inondation",
    "ecole": "fr-inondation",
    "horloge": "fr-musee",
    "embalse": "es-sequia",
    "agricultor": "es-sequia",
    "viaggiatore": "it-treno",
    "amministrazione": "it-treno",
    "bandeira": "pt-praia",
    "fietser": "nl-fiets",
    "skogen": "sv-skog",
    "ferge": "no-ferge",
    "cykler": "da-cykel",
    "talojen": "fi-talo",
    "трактор": "ru-zavod",
    "завода": "ru-zavod",
    "كتاب": "ar-kitab",
    "köprü": "tr-kopru",
    "東京": "ja-kouzui",
    "洪水 地下鉄": "ja-kouzui",
    "caption:入り口": "ja-kouzui",
    "水": "ja-kouzui",
    "北京大学": "zh-daxue",
    '"大学发布"': "zh-daxue",
    "京北": "",
    "구조대": "ko-taepung",
    "naleria": "xx-unknown",
    # -- invalid operators
    '"stone bridge': "en-flood en-rebuild",
    "((goalkeeper": "en-goal",
    "goalkeeper)": "en-goal",
    "OR goalkeeper OR": "en-goal",
    "goalkeeper AND": "en-goal",
    "- goalkeeper": "en-goal",
    "caption: goalkeeper": "",
    "colour:goalkeeper": "",
    "goalkeeper *": "en-goal",
    "!!! goalkeeper ???": "en-goal",
}


@pytest.mark.parametrize("text", WORDS)
def test_search_words(search: SearchService, text: str) -> None:
    results = search.find(Query(text=text, size=100))
    assert found(results) == set(WORDS[text].split())
    assert results.total == len(results.hits)


@pytest.mark.parametrize("text", ["", " ", "***", "()", "-", '""', "OR", "!?", "\x00"])
def test_search_with_an_empty_query_finds_everything(search: SearchService, text: str) -> None:
    assert search.find(Query(text=text, size=0)).total == len(CORPUS)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("all", "en-flood en-rebuild en-phrase-a"),
        ("headline", "en-rebuild en-phrase-a"),
        ("body", "en-flood en-rebuild en-phrase-a"),
        ("captions", "en-flood"),
    ],
)
def test_search_in_scope(search: SearchService, scope: str, expected: str) -> None:
    assert found(search.find(Query(text="bridge", scope=scope))) == set(expected.split())


def test_search_in_scope_keeps_fields(search: SearchService) -> None:
    assert found(search.find(Query(text="bridge author:rossi", scope="captions"))) == {"en-flood"}


def test_search_with_only_excluded_words_finds_all_other_articles(search: SearchService) -> None:
    results = search.find(Query(text="-lang:en", size=100))
    assert found(results) == {d.id for d in CORPUS if d.article.language != "en"}


def test_search_notes_how_an_unknown_field_was_read(search: SearchService) -> None:
    results = search.find(Query(text="colour:stone"))
    assert any("colour" in note and "photographer" in note for note in results.notes)
    assert search.find(Query(text="caption:stone")).notes == ()


def test_search_notes_words_that_were_left_out(search: SearchService) -> None:
    assert any("64" in note for note in search.find(Query(text=" ".join(f"w{n}" for n in range(99)))).notes)


# -- ranking


def test_search_ranks_prefixes_by_the_weight_of_their_field(search: SearchService) -> None:
    assert listed(search.find(Query(text="retur*"))) == ["en-owl", "en-election"]
    assert listed(search.find(Query(text="libra*"))) == ["en-opinion", "en-budget"]


def test_search_ranks_headlines_and_captions_above_bodies(search: SearchService) -> None:
    assert listed(search.find(Query(text="goal OR goalkeeper")))[0] == "en-goal"
    assert listed(search.find(Query(text="harbour")))[0] == "en-storm"
    assert listed(search.find(Query(text="chicks OR hurt")))[0] == "en-owl"  # also in a caption
    satellite = search.find(Query(text="satellite"))
    assert listed(satellite) == ["en-wire-a", "en-wire-b"]  # equal except for their ids


def test_search_scores_only_by_relevance(search: SearchService) -> None:
    scores = [hit.score for hit in search.find(Query(text="storm")).hits]
    assert all(isinstance(score, float) for score in scores)
    assert scores == sorted(scores, key=lambda score: -(score or 0))
    assert {hit.score for hit in search.find(Query(text="storm", sort="newest")).hits} == {None}


# -- order and paging


def by_date(*, newest: bool) -> list[str]:
    dated = [d for d in CORPUS if d.article.date_published]
    sign = -1 if newest else 1
    dated.sort(key=lambda d: (sign * d.article.date_published.timestamp(), d.id))  # type: ignore[union-attr]
    return [d.id for d in dated] + [d.id for d in CORPUS if not d.article.date_published]


@pytest.mark.parametrize(("sort", "newest"), [("newest", True), ("oldest", False), ("relevance", True)])
def test_search_sorts_everything_by_date_with_undated_last(search: SearchService, sort: str, newest: bool) -> None:
    assert listed(search.find(Query(sort=sort, size=100))) == by_date(newest=newest)


def pages(search: SearchService, query: Query) -> Iterator[Results]:
    cursor = None
    while True:
        results = search.find(Query(**{**_fields(query), "cursor": cursor}))
        yield results
        cursor = results.next_cursor
        if cursor is None:
            return


def _fields(query: Query) -> dict[str, Any]:
    return {name: getattr(query, name) for name in Query.__dataclass_fields__}


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("text", ["", "the", "lang:en", "-storm"])
@pytest.mark.parametrize("size", [1, 7])
def test_search_pages_add_up_to_the_whole(search: SearchService, sort: str, text: str, size: int) -> None:
    whole = search.find(Query(text=text, sort=sort, size=100))
    paged = list(pages(search, Query(text=text, sort=sort, size=size)))
    assert [id for page in paged for id in listed(page)] == listed(whole)
    assert {page.total for page in paged} == {whole.total}


def test_search_page_that_ends_exactly_has_no_next(search: SearchService) -> None:
    assert search.find(Query(text="storm", size=3)).next_cursor is None
    assert search.find(Query(text="storm", size=2)).next_cursor is not None


def test_search_refuses_a_foreign_cursor(search: SearchService) -> None:
    cursor = search.find(Query(text="the", size=1)).next_cursor
    for other in (
        Query(text="storm", cursor=cursor),
        Query(text="the", sort="newest", cursor=cursor),
        Query(text="the", filters={"lang": ("en",)}, cursor=cursor),
        Query(text="the", cursor="bm9uc2Vuc2U"),
        Query(text="the", cursor="%%%"),
        Query(text="the", cursor=""),
        Query(text="the", cursor="é" * 10),
    ):
        with pytest.raises(BadInput, match="cursor"):
            search.find(other)


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        (query, keys)
        for query in (Query(text="the", size=1), Query(sort="newest", size=1))
        for keys in (["1", "x"], [None, "x"], [[1], "x"], [True, "x"], [{}, "x"], [float("nan"), "x"], [1e400, "x"])
    ]
    + [
        (Query(text="the"), [10**400, "x"]),
        (Query(text="the"), [1.0, None]),
        (Query(text="the"), [1.0, "\ud800"]),
        (Query(text="the"), [1.0, ["x"]]),
        (Query(text="the"), [1.0]),
        (Query(sort="newest"), [2**63, "x"]),
        (Query(sort="newest"), [1.5, "x"]),
        (Query(sort="newest"), [1, 2]),
    ],
)
def test_search_refuses_an_invalid_cursor(search: SearchService, query: Query, keys: list[Any]) -> None:
    text = json.dumps([fingerprint(query), *keys])
    crafted = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    with pytest.raises(BadInput, match="cursor"):
        search.find(replace(query, cursor=crafted))


@pytest.mark.parametrize(("query", "key"), [(Query(text="the"), 0), (Query(sort="newest"), -(2**63))], ids=str)
def test_search_accepts_a_cursor_of_a_deleted_document(search: SearchService, query: Query, key: float) -> None:
    search.find(replace(query, cursor=pack(query, key, "gone")))


def test_search_cursor_serves_another_page_size_and_other_facets(search: SearchService) -> None:
    first = search.find(Query(sort="oldest", size=5))
    second = search.find(Query(sort="oldest", size=3, facets=("lang",), cursor=first.next_cursor))
    assert listed(second) == by_date(newest=False)[5:8]


def test_search_with_size_zero_only_counts(search: SearchService) -> None:
    results = search.find(Query(text="storm", size=0, facets=("lang",)))
    assert (results.total, results.hits, results.next_cursor) == (3, (), None)
    assert counts(results, "lang") == {"en": 2, "nb": 1}


# -- among given ids


@pytest.mark.parametrize("text", ["", "storm", "the -roof", "kind:live OR storm"])
def test_search_among_ids_finds_the_same_as_a_whole_search(search: SearchService, text: str) -> None:
    whole = found(search.find(Query(text=text, size=100)))
    some = ("no-ferge", "en-live", "en-goal", "not-there")
    for sort in ("relevance", "newest"):
        results = search.find(Query(text=text, ids=some, sort=sort, size=1, facets=("lang",), histogram="year"))
        rest = list(pages(search, Query(text=text, ids=some, sort=sort, size=1)))
        assert {id for page in rest for id in listed(page)} == whole & set(some)
        assert results.total == len(whole & set(some)) == sum(counts(results, "lang").values())
    assert {d["id"] for d in search.export(Query(text=text, ids=some))} == whole & set(some)


def test_search_among_unknown_ids_finds_and_suggests_nothing(search: SearchService) -> None:
    results = search.find(Query(text="goalkeper", ids=("not-there", "'; --")))
    assert (results.total, results.hits, results.suggestion) == (0, (), None)
    assert search.find(Query(ids=("not-there",))).total == 0


def test_search_among_too_many_ids_is_refused(search: SearchService) -> None:
    assert search.find(Query(ids=tuple(str(n) for n in range(1000)))).total == 0
    with pytest.raises(BadInput, match="ids"):
        search.find(Query(ids=tuple(str(n) for n in range(1001))))


# -- dates


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-05-20", None, "en-owl sv-skog pl-lodz xx-unknown en-caption-only"),
        ("2026-05-20T10:00", "2026-05-22T17:00", "en-owl"),
        ("2026-05-20T10:00:00.001", "2026-05-22T17:00:00.001", "en-caption-only"),
        (None, "1950-01-01", "en-old"),
        ("1900-01-01", "1911-10-21T00:00:00.001", "en-old"),
        ("2026-06-01", None, ""),
        ("2026-05-01", "2026-04-01", ""),
    ],
)
def test_search_by_date(search: SearchService, since: str | None, until: str | None, expected: str) -> None:
    query = Query(since=day(since) if since else None, until=day(until) if until else None, size=100)
    assert found(search.find(query)) == set(expected.split())


def test_search_by_date_respects_the_time_zone(search: SearchService) -> None:
    east = datetime.fromisoformat("2026-05-30T10:00+02:00")
    assert found(search.find(Query(since=east))) == {"xx-unknown"}


def test_search_by_date_needs_a_time_zone(search: SearchService) -> None:
    with pytest.raises(BadInput, match="time zone"):
        search.find(Query(since=datetime(2026, 1, 1)))  # noqa: DTZ001 - the error under test


# -- filters and facets


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"section": ("Sport",)}, "en-goal en-marathon"),
        ({"section": ("Sport", "Health")}, "en-goal en-marathon en-virus"),
        ({"section": ("Sport",), "publisher": ("Coast Courier",)}, "en-marathon"),
        ({"photographer": ("Ines Okafor",), "kind": ("gallery",)}, "en-owl en-caption-only"),
        ({"section": ("sport",)}, ""),
        ({"author": ("Rossi",)}, ""),
        ({"author": ("Jürgen Weiß",)}, "de-hochwasser"),
        ({"photo_agency": ("共同",)}, "ja-kouzui"),
        ({"lang": ("fr", "de"), "photo_agency": ("AFP", "dpa")}, "fr-inondation de-hochwasser"),
        ({"lang": ()}, ""),
        ({"section": ("Sport",), "host": ("https://coast.example:8443",)}, "en-marathon"),
        ({"section": ("Sport",), "host": ("coast.example",)}, "en-marathon"),
        ({"section": ("Sport",), "host": ("Coast.example:8443", "nobody.example")}, "en-marathon"),
        ({"section": ("Sport",), "host": ("ledger.example:443", "coast.example")}, "en-goal en-marathon"),
        ({"section": ("Sport",), "host": ("coast.exampl", "coast.example:844", "https://coast.example")}, ""),
    ],
)
def test_search_filters(search: SearchService, filters: dict[str, tuple[str, ...]], expected: str) -> None:
    assert found(search.find(Query(filters=filters, size=100))) == set(expected.split())


def test_search_filters_combine_with_words_and_dates(search: SearchService) -> None:
    query = Query(text="storm", filters={"publisher": ("Coast Courier",)}, since=day("2026-03-03T12:00"))
    assert found(search.find(query)) == {"en-storm"}


def test_search_facets_count_values_most_frequent_first(search: SearchService) -> None:
    results = search.find(Query(text="lang:en", facets=("photographer", "photo_agency", "dateline")))
    assert [(b.value, b.count) for b in results.facets["photographer"]] == [
        ("Ines Okafor", 4),
        ("Kenji Watts", 3),
        ("Hal Merton", 1),
        ("Maria Rossi", 1),
    ]
    assert counts(results, "photo_agency") == {"AP": 4, "Reuters": 3}
    assert counts(results, "dateline") == {"LOWER TARN": 2, "HARLINGEN": 2, "PORT ELLIS": 1, "TARN": 1}


def test_search_facet_leaves_out_its_own_filter_only(search: SearchService) -> None:
    filters = {"section": ("Sport",), "publisher": ("Coast Courier",)}
    results = search.find(Query(filters=filters, facets=("section", "publisher", "author"), facet_size=50))
    assert found(results) == {"en-marathon"}
    assert counts(results, "section")["Regional"] == 3  # of the publisher, in all sections
    assert counts(results, "publisher") == {"Coast Courier": 1, "The Marnford Ledger": 1}  # of the section
    assert counts(results, "author") == {"Priya Nair": 1}  # of both


def test_search_facet_size_leaves_out_the_rarest_values(search: SearchService) -> None:
    results = search.find(Query(facets=("lang",), facet_size=2))
    assert [b.value for b in results.facets["lang"]] == ["en", "de"]
    assert search.find(Query(facets=("lang",), facet_size=0)).facets == {"lang": ()}


def test_search_facets_of_every_field(search: SearchService) -> None:
    results = search.find(Query(facets=FACETS, facet_size=100))
    assert set(results.facets) == set(FACETS)
    assert all(results.facets[name] for name in FACETS)
    for name in FACETS:
        for bucket in results.facets[name]:
            filtered = search.find(Query(filters={name: (bucket.value,)}, size=0))
            assert filtered.total == bucket.count, (name, bucket)


# -- histogram


def test_search_histogram_by_month(search: SearchService) -> None:
    results = search.find(Query(since=day("2026-01-01"), histogram="month"))
    assert results.interval == "month"
    assert {b.value: b.count for b in results.histogram} == {
        "2026-01-01": 3,
        "2026-02-01": 3,
        "2026-03-01": 12,
        "2026-04-01": 7,
        "2026-05-01": 12,
    }


def test_search_histogram_by_day_week_and_year(search: SearchService) -> None:
    query = {"text": "storm", "sort": "newest"}
    days = search.find(Query(**query, histogram="day"))  # type: ignore[arg-type]
    assert [(b.value, b.count) for b in days.histogram] == [("2026-03-03", 2), ("2026-03-04", 1)]
    weeks = search.find(Query(**query, histogram="week"))  # type: ignore[arg-type]
    assert [(b.value, b.count) for b in weeks.histogram] == [("2026-03-02", 3)]  # a Monday
    years = search.find(Query(histogram="year"))
    assert [(b.value, b.count) for b in years.histogram] == [("1911-01-01", 1), ("2025-01-01", 1), ("2026-01-01", 37)]


@pytest.mark.parametrize(
    ("since", "interval"), [("2026-05-01", "day"), ("2026-01-01", "week"), ("2025-01-01", "week"), (None, "year")]
)
def test_search_histogram_takes_a_fitting_interval(search: SearchService, since: str | None, interval: str) -> None:
    results = search.find(Query(since=day(since) if since else None, histogram="auto"))
    assert results.interval == interval
    assert 0 < len(results.histogram) <= 62


def test_search_histogram_counts_under_all_filters(search: SearchService) -> None:
    query = Query(filters={"section": ("Sport",)}, facets=("section",), histogram="auto")
    results = search.find(query)
    assert [(b.value, b.count) for b in results.histogram] == [("2026-03-07", 1), ("2026-03-15", 1)]


def test_search_histogram_without_hits_is_empty(search: SearchService) -> None:
    results = search.find(Query(text="zzzzzz", histogram="auto"))
    assert (results.histogram, results.interval) == ((), "day")


# -- highlights


def highlight(search: SearchService, text: str, id: str, **query: Any) -> dict[str, tuple[str, ...]]:
    [hit] = [h for h in search.find(Query(text=text, **query)).hits if h.id == id]
    return dict(hit.highlights)


def test_search_highlights_matches_in_each_field(search: SearchService) -> None:
    shown = highlight(search, "bridge", "en-flood")
    assert set(shown) == {"article_body", "caption_text"}
    assert shown["caption_text"] == ("The stone \x02bridge\x03 before it was closed.",)
    assert "old stone \x02bridge\x03 had been closed" in shown["article_body"][0]


def test_search_highlights_headlines_whole(search: SearchService) -> None:
    shown = highlight(search, "flood", "en-flood")
    assert shown["headline"] == ("\x02Floods\x03 cut off three villages along the Marn",)


def test_search_highlights_fragments_not_bodies(search: SearchService) -> None:
    shown = highlight(search, "rescuers", "en-flood")
    assert "\x02Rescuers\x03" in shown["article_body"][0]
    assert len(shown["article_body"][0]) < len(BY_ID["en-flood"].article.article_body)


def test_search_highlights_forms_of_a_word(search: SearchService) -> None:
    assert "\x02Häuser\x03" in highlight(search, "haus", "de-hochwasser")["headline"][0]
    assert "\x02тракторов\x03" in highlight(search, "трактор", "ru-zavod")["headline"][0]


def test_search_highlights_phrases_and_prefixes(search: SearchService) -> None:
    phrase = highlight(search, '"stone bridge"', "en-flood")["caption_text"][0]
    assert phrase.replace("\x03 \x02", " ") == "The \x02stone bridge\x03 before it was closed."
    assert "\x02telescope\x03" in highlight(search, "telesc*", "en-owl")["caption_text"][0]


def test_search_highlights_only_the_requested_field(search: SearchService) -> None:
    assert set(highlight(search, "caption:bridge", "en-flood")) == {"caption_text"}
    assert set(highlight(search, "bridge", "en-flood", scope="body")) == {"article_body"}
    assert highlight(search, "author:rossi", "en-flood") == {}
    assert highlight(search, "", "xx-unknown") == {}


def test_search_highlights_cjk(search: SearchService) -> None:
    shown = highlight(search, "洪水", "ja-kouzui")
    assert "\x02洪水\x03" in shown["headline"][0]


def test_search_highlights_leave_markup_as_it_is(search: SearchService) -> None:
    shown = highlight(search, "alert", "en-html")
    assert "<script>\x02alert\x03(1)</script>" in shown["article_body"][0]


def test_search_highlights_nothing_that_was_excluded(search: SearchService) -> None:
    assert "\x02ferry" not in str(highlight(search, "storm OR -ferry", "en-live"))


# -- documents


def test_search_returns_whole_documents(search: SearchService) -> None:
    for hit in search.find(Query(size=100)).hits:
        assert from_json(hit.fields) == BY_ID[hit.id]


# -- more like this


def test_search_similar_finds_the_same_news(search: SearchService) -> None:
    results = search.similar("en-wire-a", 3)
    assert listed(results)[0] == "en-wire-b"
    assert from_json(results.hits[0].fields) == BY_ID["en-wire-b"]
    assert "en-wire-a" not in found(results)


def test_search_similar_finds_the_same_subject(search: SearchService) -> None:
    assert "en-rebuild" in found(search.similar("en-flood", 5))


def test_search_similar_finds_nothing_for_a_unique_article(search: SearchService) -> None:
    assert found(search.similar("ar-kitab", 5)) == set()


def test_search_similar_to_an_unknown_document_finds_nothing(search: SearchService) -> None:
    assert search.similar("nobody", 5) == Results(total=0, hits=())


# -- suggestions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("goalkeper", "goalkeeper"),
        ("obsevratory", "observatory"),
        ("lang:en satelite", "lang:en satellite"),
        ("Goalkeper penalty", "goalkeeper penalty"),
        ("caption:kingfsher", "caption:kingfisher"),
        ("goalkeeper", None),
        ("goalkeeper marathon", None),  # both words are known, although not together
        ("xqzzyw", None),
        ("Goálkeper", "goalkeeper"),  # folded first
        ("headline:Goalk\u0301eper", "headline:goalkeeper"),
        (
            "obsevratory satelite kingfsher goalkeper",
            "observatory satellite kingfisher goalkeper",
        ),  # at most three words are corrected
    ],
)
def test_search_suggests_better_spellings(search: SearchService, text: str, expected: str | None) -> None:
    assert search.find(Query(text=text)).suggestion == expected


# -- export


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_export_yields_everything_in_order(search: SearchService, sort: str) -> None:
    exported = list(search.export(Query(sort=sort, size=1)))
    assert [fields["id"] for fields in exported] == by_date(newest=sort == "newest")
    assert all(from_json(fields) == BY_ID[fields["id"]] for fields in exported)


def test_export_obeys_the_query(search: SearchService) -> None:
    query = Query(text="the", filters={"section": ("Sport",)}, facets=("section",), since=day("2026-03-10"))
    assert [d["id"] for d in search.export(query)] == ["en-goal"]


def test_export_begins_before_everything_is_read(search: SearchService) -> None:
    assert next(iter(search.export(Query(sort="oldest"))))["id"] == "en-old"


# -- bad input


@pytest.mark.parametrize(
    "query",
    [
        Query(filters={"colour": ("red",)}),
        Query(filters={"caption": ("red",)}),
        Query(facets=("colour",)),
        Query(sort="best"),
        Query(scope="footnotes"),
        Query(histogram="hour"),
        Query(size=101),
        Query(size=-1),
        Query(facet_size=100_000),
        Query(filters={"lang": ("en",) * 600, "host": ("x",) * 600}),
        Query(filters={"lang": ("x" * 513,)}),
    ],
)
def test_query_with_an_unknown_name_is_refused_with_the_choices(search: SearchService, query: Query) -> None:
    with pytest.raises(BadInput, match=r"Choose|allowed"):
        search.find(query)


def test_query_with_a_repeated_facet_counts_it_once(search: SearchService) -> None:
    once, often = (search.find(Query(facets=("lang",) * times)) for times in (1, 500))
    assert often.facets == once.facets


PIECES = [
    *'"()*:-|&!^~\\/+?<>{}[]\'“”„ ', "\x00", "\x02", "\n", "OR", "AND", "NOT", "NEAR", "flood", "author:", "caption:",
    "-caption:", "lang:en", "x:y", "_id:1", "*:*", "洪水", "水", "é", "ß", "\u0301", "\u200d", "\U0001f600", "\ufffe",
    "\ud800", "١٢", "हिन्दी", "ไทย", "article_words", "{headline}:", "§en", "¶", "a" * 300,
]  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)))
@example("(" * 500)
@example("-(" * 500)
@example("author:(" * 500)
@example("a OR " * 500)
@example('"' * 501)
@example("a* " * 500)
@effort(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_query_of_any_text_is_answered(search: SearchService, text: str) -> None:
    for sort, scope in itertools.islice(itertools.product(("relevance", "newest"), ("all", "captions")), 2):
        results = search.find(Query(text=text, sort=sort, scope=scope, facets=("lang",), histogram="auto"))
        assert results.total <= len(CORPUS)


def test_query_fields_all_work_as_prefixes(search: SearchService) -> None:
    for name in FIELDS:
        results = search.find(Query(text=f'{name}:zzz OR -{name}:zz* OR {name}:"z z"'))
        assert (results.total, results.notes) == (len(CORPUS), ()), name


def test_query_with_the_maximum_number_of_hosts(search: SearchService) -> None:
    names = [f"host-{n}.example" for n in range(MAX_FILTER_VALUES - 1)]
    host = CORPUS[0].host.partition("://")[2]
    hosts = {"host": (*names, host)}
    results = search.find(Query(filters=hosts, facets=("host", "lang", "kind"), size=100))
    assert results.total == search.find(Query(filters={"host": (host,)})).total > 0
