"""Wildcard constraints of thousands of names."""

import re

from hypothesis import given
from hypothesis import strategies as st

from shirube.sheet import names_pattern

NAMES = st.lists(st.text("ab1_-", min_size=1, max_size=5), max_size=12)


@given(NAMES, NAMES)
def test_it_matches_the_names_and_no_other(names: list[str], others: list[str]) -> None:
    pattern = re.compile(names_pattern(names))
    assert {name for name in [*names, *others] if pattern.fullmatch(name)} == set(names)


def test_no_names_match_nothing() -> None:
    assert not re.fullmatch(names_pattern([]), "")


def test_names_that_begin_alike_share_their_beginning() -> None:
    assert names_pattern(["P01_N", "P02_N", "P02"]) == "P0(?:1_N|2(?:_N)?)"
