"""The tokenizer: words, positions and folding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.config.settings import Settings
from worker.search.tokenizer import fold, terms, words
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import connect

#: Text in many scripts -> its words, which are those of Elasticsearch's analyzer `folded` too (see the test below).
TEXTS = {
    "U.S. don’t 3,000.5 example.com a_b": ["u.s", "don't", "3,000.5", "example.com", "a_b"],
    "covid-19, state-of-the-art": ["covid", "19", "state", "of", "the", "art"],
    "Łódź straße naïve Ørsted Æon": ["lodz", "strasse", "naive", "orsted", "aeon"],
    "Ёлка й Ελλάδα": ["ёлка", "й", "ελλάδα"],
    "ﬁre ＡＢＣ １２": ["fire", "abc", "12"],
    "हिन्दी कार्य": ["हिन्दी", "कार्य"],
    "كتاب المدينة": ["كتاب", "المدينة"],
    "北京大学 東": ["北京", "京大", "大学", "東"],
    "2024年に": ["2024", "年に"],
    "한국어 뉴스": ["한국", "국어", "뉴스"],
    "カタカナ・テスト": ["カタ", "タカ", "カナ", "テス", "スト"],
    "“quoted” —dash— …": ["quoted", "dash"],
    "rock'n'roll O'Neill": ["rock'n'roll", "o'neill"],
    "___ _ - !": [],
}


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_split_and_folded(text: str) -> None:
    assert terms(text) == TEXTS[text]


def test_words_are_split_as_by_elasticsearch(elastic_settings: Settings) -> None:
    client = connect(elastic_settings)
    ElasticIndex(client, elastic_settings).setup()
    index = f"{elastic_settings.index_prefix}-articles-read"
    for text, expected in TEXTS.items():
        tokens = client.indices.analyze(index=index, analyzer="folded", text=text)["tokens"]
        assert [t["token"] for t in tokens] == expected, text


def test_words_have_positions() -> None:
    text = "Die Häuser, 東京都"
    assert words(text) == [(0, "Die"), (4, "Häuser"), (12, "東京"), (13, "京都")]


@given(st.text())
def test_words_of_any_text_are_in_order(text: str) -> None:
    found = words(text)
    assert all(text[start:].startswith(surface) and surface for start, surface in found)
    assert [fold(surface) for _, surface in found] == terms(text)
    assert [start for start, _ in found] == sorted(start for start, _ in found)
    assert not any(c.isspace() or c in '"*§¶' for term in terms(text) for c in term)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
