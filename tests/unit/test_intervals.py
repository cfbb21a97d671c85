"""The algebra of intervals is that of sets of bases, in every form it is written in."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shirube.cohort import intervals as compiled
from shirube.genome.intervals import (
    Interval,
    common,
    covered,
    difference,
    intersection,
    merged,
    subtraction,
    union,
    within,
)

interval = st.builds(
    lambda contig, start, length: Interval(contig, start, start + length),
    st.sampled_from("ab"),
    st.integers(0, 50),
    st.integers(1, 20),
)
lists = st.lists(interval, max_size=8)
sets = lists.map(merged)
Pair = tuple[np.ndarray, np.ndarray]


def bases(intervals: list[Interval]) -> set[tuple[str, int]]:
    return {(i.contig, n) for i in intervals for n in range(i.start, i.end)}


def pair(intervals: list[Interval]) -> Pair:
    """One chromosome's intervals as arrays."""
    own = [i for i in intervals if i.contig == "a"]
    return np.array([i.start for i in own], np.int32), np.array([i.end for i in own], np.int32)


def of_pair(found: Pair) -> set[int]:
    starts, ends = found
    assert (starts < ends).all()
    assert (starts[1:] >= ends[:-1]).all()
    assert starts.dtype == ends.dtype == np.int32
    return {n for start, end in zip(starts, ends, strict=True) for n in range(start, end)}


@given(sets, sets)
def test_lists(first: list[Interval], second: list[Interval]) -> None:
    assert bases(intersection(first, second)) == bases(first) & bases(second)
    assert bases(subtraction(first, second)) == bases(first) - bases(second)


@given(sets, sets)
def test_arrays(first: list[Interval], second: list[Interval]) -> None:
    one, two = pair(first), pair(second)
    assert of_pair(common(one, two)) == of_pair(one) & of_pair(two)
    assert of_pair(difference(one, two)) == of_pair(one) - of_pair(two)
    points = np.arange(80, dtype=np.int32)
    assert set(points[within(points, *one)].tolist()) == of_pair(one)
    spans = [(i.start, i.end) for i in second if i.contig == "a"]
    wide = one[0].astype(np.int64), one[1].astype(np.int64)
    assert covered(spans, wide) == len(of_pair(one) & of_pair(two))


@given(sets, sets)
def test_compiled_difference_is_the_same(first: list[Interval], second: list[Interval]) -> None:
    one, two = pair(first), pair(second)
    for ours, theirs in zip(compiled.difference(one, two), difference(one, two), strict=True):
        assert ours.tolist() == theirs.tolist()


@given(lists)
@example([Interval("a", 1, 5), Interval("a", 5, 9)])
def test_union(intervals: list[Interval]) -> None:
    joined = merged(intervals)
    assert bases(joined) == bases(intervals)
    neighbours = pairwise(joined)
    assert all(one.contig != two.contig or one.end < two.start for one, two in neighbours)
    start, end = union(*pair(intervals))
    assert of_pair((start, end)) == {n for contig, n in bases(intervals) if contig == "a"}
    assert (start[1:] > end[:-1]).all()  # touching ones are one


@pytest.mark.parametrize("name", ["chr1_0_10", "HLA-A*01_2_5_9"])
def test_names_of_intervals(name: str) -> None:
    assert Interval.from_name(name).name == name
