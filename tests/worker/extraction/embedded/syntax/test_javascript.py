"""JavaScript values: literals, constants, functions that return a value; nothing else is a value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pages.packed_story import literal
from worker.extraction.embedded.syntax.javascript import Budget, NotAValue, parse_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a:1,'b':\"2\",`c`:`3`,$d:.5,5:-1e3,}", {"a": 1, "b": "2", "c": "3", "$d": 0.5, "5": -1000.0}),
        ("[!0,!1,void 0,null,undefined,NaN,0x1f,1_000,10n]", [True, False, None, None, None, None, 31, 1000, 10]),
        ("'it\\'s \\x41\\u0042\\u{43}\\\n!'", "it's ABC!"),
        ("'\\ud83d\\udc10 \\q'", "🐐 q"),
        ("'a' + \"b\" + `c`", "abc"),
        ("window.x || {a: 1}", {"a": 1}),
        ("x ?? [1]", [1]),
        ("{a: /* one */ 1, // two\n b: 2}", {"a": 1, "b": 2}),
        ("{a: function(b) { return '}' + b }, c: () => 2, d() { return {} }, e: 1}", {"a": None, "c": None, "e": 1}),
        ("{re: /[}'\"/]+/g, date: new Date(1700000000000)}", {"re": None, "date": 1700000000000}),
        ("JSON.parse('{\"a\":1}')", '{"a":1}'),
        ("Object.freeze({a: [1, ...more]})", {"a": [1, None]}),
        ("(function(a,b){return {x:a,y:[b,a]}})('p',2)", {"x": "p", "y": [2, "p"]}),
        ("(function(a,b){a.x=b;a.y=[b];return {s:a}}({},1))", {"s": {"x": 1, "y": [1]}}),
        ("((a)=>({x:a}))('p')", {"x": "p"}),
        ("(a=>{return [a]})(3)", [3]),
        ("(0,{a:1})", {"a": 1}),
        ("{...{a:1},b:c}", {"a": 1, "b": None}),
        ("{a:[1,{b:2", {"a": [1, {"b": 2}]}),
    ],
)
def test_reads_values(text: str, value: Any) -> None:
    assert parse_value(text)[0] == value


@pytest.mark.parametrize("text", ["", ")", "{a b}", "{a:}", "'open", "{a;b()}", "[" * 500, "/", "*", "function("])
def test_other_code_is_not_a_value(text: str) -> None:
    with pytest.raises(NotAValue):
        parse_value(text)


def test_a_stray_quote_does_not_end_a_string() -> None:
    text = '{"a": "the "old" mill, again", "b": 2}'
    assert parse_value(text, stray_quotes=True)[0] == {"a": 'the "old" mill, again', "b": 2}


def test_no_more_is_read_than_the_budget_allows() -> None:
    with pytest.raises(NotAValue):
        parse_value("[" + "1," * 1000 + "]", 0, Budget(500))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), inner),
    max_leaves=20,
)


@given(JSON)
def test_a_literal_has_the_value_that_it_was_made_of(value: Any) -> None:
    assert parse_value(literal(value).replace("\r", "\\r"))[0] == _as_read(value)


def _as_read(value: Any) -> Any:
    """Return the value without the characters that a literal does not keep."""
    if isinstance(value, dict):
        return {k: _as_read(v) for k, v in value.items()}
    return [_as_read(v) for v in value] if isinstance(value, list) else value
