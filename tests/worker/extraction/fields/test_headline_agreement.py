"""The corrections of headlines by each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.extraction.candidates import Candidate
from worker.extraction.fields.headline_agreement import corrected, outliers_last

TITLES = st.text(min_size=1, max_size=120)
RULES = st.sampled_from(["NewsArticle.headline", "og:title", "h1", "title"])
CLAIMS = st.lists(st.builds(Candidate, st.just("dom"), RULES, TITLES), min_size=1, max_size=6)


def claims(**values: str) -> list[Candidate[str]]:
    return [Candidate("dom", rule.replace("_", ":"), value) for rule, value in values.items()]


def test_longest_whole_claim_completes_a_cut_one() -> None:
    found = claims(og_title="The bridge at Brookmere is to…", h1="The bridge at Brookmere is to close")
    assert corrected(found[0], found) == "The bridge at Brookmere is to close"


def test_of_two_cut_claims_the_longer_one_remains() -> None:
    found = claims(og_title="The bridge at Brookmere is to…", h1="The bridge at Brookmere is to close in…")
    assert corrected(found[0], found) == "The bridge at Brookmere is to close in…"


def test_short_beginning_before_an_ellipsis_is_not_continued() -> None:
    found = claims(og_title="So …", h1="So it is the bridge after all")
    assert corrected(found[0], found) == "So …"


def test_outlier_needs_a_heading_and_a_title_that_agree() -> None:
    found = claims(og_title="escenic", h1="The bridge closes", title="The bridge closes")
    assert outliers_last(found) == [*found[1:], found[0]]
    found = claims(og_title="escenic", h1="The bridge closes", title="News of the day")
    assert outliers_last(found) == found


@given(CLAIMS)
def test_corrections_keep_the_claims(found: list[Candidate[str]]) -> None:
    assert sorted(map(str, outliers_last(found))) == sorted(map(str, found))
    values = {c.value for c in found}
    assert {corrected(c, found) for c in found} <= values
