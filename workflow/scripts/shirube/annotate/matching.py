"""Rows of a knowledge table for alleles, by a merge of two sorted tables.

Both sides are of one chromosome, in the one form and sorted by position, as contracts ask. A merge
of positions leaves few candidates; these alone are compared base by base, so nothing is hashed
and no string of the bulk is touched.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]


def _pairs(left: npt.NDArray[np.int32], right: npt.NDArray[np.int32]) -> tuple[Ints, Ints]:
    """Every pair (i, j) with left[i] == right[j]; both ascending.

    One search finds the first j of each i; the few with more are followed step by step.
    """
    mine, theirs = np.arange(left.size), np.searchsorted(right, left, "left")
    found = [(mine[:0], theirs[:0])]
    while mine.size:
        inside = np.flatnonzero(theirs < right.size)
        same = inside[right[theirs[inside]] == left[mine[inside]]]
        mine, theirs = mine[same], theirs[same]
        found.append((mine, theirs))
        theirs = theirs + 1
    first, second = zip(*found, strict=True)
    return np.concatenate(first), np.concatenate(second)


def matches(alleles: pl.DataFrame, known: pl.DataFrame) -> tuple[Ints, Ints]:
    """Row numbers (in `alleles`, in `known`) of equal alleles; columns pos, ref, alt, both sorted.

    An allele may be on either side more than once.
    """
    first, second = _pairs(alleles["pos"].to_numpy(), known["pos"].to_numpy())
    equal = np.ones(first.size, np.bool_)
    for name in ("ref", "alt"):
        mine = alleles[name].gather(first)
        equal &= (mine == known[name].gather(second)).to_numpy()
    return first[equal], second[equal]


def looked_up(alleles: pl.DataFrame, known: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """`columns` of `known` for each row of `alleles`, null where it holds no such allele."""
    first, second = matches(alleles, known)
    index = np.full(alleles.height, -1, np.int64)
    index[first] = second
    rows = pl.Series(index, dtype=pl.Int64)
    rows = rows.set(rows < 0, None)
    return known.select(pl.col(columns).gather(rows))
