"""Intervals and tests of proportions against scipy and published examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, fisher_exact

from shirube.cohort.query.bounds import difference, fisher, wilson

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_wilson_is_scipys(pair: tuple[int, int]) -> None:
    k, n = pair
    theirs = binomtest(k, n).proportion_ci(method="wilson")
    assert wilson(k, n) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_nothing_counted_tells_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@given(counts, counts)
def test_fisher_is_scipys(one: tuple[int, int], other: tuple[int, int]) -> None:
    (a, an), (b, bn) = one, other
    theirs = fisher_exact([[a, an - a], [b, bn - b]]).pvalue
    assert fisher(a, an, b, bn) == pytest.approx(theirs, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("counted", "low", "high"),
    [
        # Newcombe 1998, table II, method 10
        *(((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090)),
        *(((5, 56, 0, 29), -0.0381, 0.1926), ((0, 10, 0, 20), -0.1611, 0.2775)),
        *(((10, 10, 0, 20), 0.6791, 1.0), ((10, 10, 0, 10), 0.6075, 1.0)),
    ],
)
def test_newcombes_own_examples(counted: tuple[int, ...], low: float, high: float) -> None:
    assert difference(*counted) == pytest.approx((low, high), abs=5e-4)
