"""Runs of homozygosity and uniparental disomy."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirube.contracts import CHROM
from shirube.rare.homozygosity import (
    homozygous_runs,
    runs,
    uniparental,
)

STEP = 10_000


def _calls(dosages: list[int], chrom: str = "chr2") -> pl.DataFrame:
    pos = [1 + STEP * n for n in range(len(dosages))]
    columns = {"chrom": [chrom] * len(pos), "pos": pos, "dosage": dosages}
    return pl.DataFrame(columns, schema_overrides={"chrom": CHROM})


MIXED = [1, 2, 1, 1, 2] * 30


@pytest.mark.parametrize(
    ("middle", "found"),
    [
        ([2] * 200, 1),
        ([2] * 100 + [1] + [2] * 100, 1),
        ([2] * 100, 0),
        (MIXED, 0),
    ],
)
def test_runs(middle: list[int], found: int) -> None:
    table = homozygous_runs(_calls(MIXED + middle + MIXED))
    assert table.height == found
    if found:
        row = table.row(0, named=True)
        assert abs(row["start"] - len(MIXED) * STEP) < 5 * STEP
        assert abs(row["end"] - (len(MIXED) + len(middle)) * STEP) < 5 * STEP
        assert row["against"] <= 2


def test_a_gap_without_sites_ends_a_run() -> None:
    calls = _calls([2] * 300).with_columns(
        pos=pl.when(pl.int_range(pl.len()) < 150).then("pos").otherwise(pl.col("pos") + 5_000_000)
    )
    assert homozygous_runs(calls).height == 0


def test_sex_chromosomes_are_left_out() -> None:
    assert homozygous_runs(_calls([2] * 400, "chrX")).is_empty()


@given(st.lists(st.booleans(), max_size=300))
def test_runs_do_not_overlap_and_are_mostly_homozygous(heterozygous: list[bool]) -> None:
    found = runs(np.arange(len(heterozygous)) * STEP, np.array(heterozygous, dtype=bool))
    ends = [(run.first, run.last) for run in found]
    assert all(one[1] < other[0] for one, other in pairwise(ends))
    for run in found:
        size = run.last - run.first + 1
        assert not heterozygous[run.first]
        assert not heterozygous[run.last]
        assert run.heterozygotes * 25 < size or run.heterozygotes == 0


def _trio(child: str, sites: int = 60) -> pl.DataFrame:
    """Opposite homozygous parents at every site."""
    rows = []
    for n in range(sites):
        father = 2 * (n % 2)
        mother = 2 - father
        copies = {"both": 1, "mother": mother, "father": father}[child]
        rows.append(("chr15", 1 + n * STEP, copies, father, mother))
    return pl.DataFrame(
        rows, schema={"chrom": CHROM, "pos": pl.Int32, "child": pl.Int8, "father": pl.Int8,
                      "mother": pl.Int8}, orient="row",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("child", "kinds"),
    [("both", []), ("mother", ["upd_maternal"]), ("father", ["upd_paternal"])],
)
def test_uniparental_disomy(child: str, kinds: list[str]) -> None:
    assert uniparental(_trio(child))["kind"].to_list() == kinds


def test_few_informative_sites_say_nothing() -> None:
    assert uniparental(_trio("mother", sites=10)).is_empty()
