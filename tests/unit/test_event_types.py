"""Types of rearrangement and of copy-number segment, and what crowds: by hand, and planted."""

import numpy as np
import polars as pl
import pytest

from shirube.cancer.clustered import (
    alternating,
    chromothripsis,
    foci,
    interleaved,
    kataegis,
)
from shirube.cancer.event_types import clustered, junction_types, segment_types
from shirube.cancer.hrd import criteria
from shirube.contracts import STRUCTURAL
from shirube.home import RESOURCES
from shirube.reasons import because

ASKED = criteria(str(RESOURCES / "cluster_criteria.tsv"))
LENGTHS = {"chr1": 248_000_000, "chr2": 242_000_000, "chr3": 198_000_000, "chr4": 190_000_000}
STRANDS = {"DEL": "+-", "DUP": "-+", "INV": "++", "BND": "+-"}


def events(*rows: tuple[str, int, str, int, str]) -> pl.DataFrame:
    """STRUCTURAL of (first chromosome, place, second, place, svtype or strands)."""
    empty = dict.fromkeys(STRUCTURAL.schema)
    table = []
    for n, (chrom1, pos1, chrom2, pos2, kind) in enumerate(rows):
        strands = STRANDS.get(kind, kind)
        named = kind if kind in STRANDS else {"+-": "DEL", "-+": "DUP"}.get(kind, "INV")
        table.append(
            {
                **empty,
                "event": f"E{n}",
                "chrom1": chrom1,
                "pos1": pos1,
                "chrom2": chrom2,
                "pos2": pos2,
                "svtype": named,
                "strand1": strands[0],
                "strand2": strands[1],
                "origin": "somatic",
                "filter": "PASS",
            }
        )
    return STRUCTURAL.table(pl.DataFrame(table, schema=STRUCTURAL.polars, orient="row"))


@pytest.mark.parametrize(
    ("row", "named"),
    [
        (("chr1", 1, "chr1", 1_000, "DEL"), None),
        (("chr1", 1, "chr1", 1_001, "DEL"), "non-clustered_del_1-10Kb"),
        (("chr1", 1, "chr1", 10_001, "DEL"), "non-clustered_del_1-10Kb"),
        (("chr1", 1, "chr1", 10_002, "DUP"), "non-clustered_tds_10-100Kb"),
        (("chr1", 1, "chr1", 1_000_001, "--"), "non-clustered_inv_100Kb-1Mb"),
        (("chr1", 1, "chr1", 1_000_002, "++"), "non-clustered_inv_1Mb-10Mb"),
        (("chr1", 1, "chr1", 10_000_002, "DEL"), "non-clustered_del_>10Mb"),
        (("chr1", 1, "chr2", 5, "BND"), "non-clustered_trans"),
    ],
)
def test_a_junction_has_the_type_of_its_class_and_size(
    row: tuple[str, int, str, int, str], named: str | None
) -> None:
    assert junction_types(events(row)) == ({named: 1} if named else {})


def test_what_is_germline_or_filtered_is_no_type() -> None:
    table = events(("chr1", 1, "chr2", 5, "BND"))
    for column, value in (("origin", "germline"), ("filter", "LowSupport")):
        assert not junction_types(table.with_columns(pl.lit(value).alias(column)))
    assert not junction_types(STRUCTURAL.empty())


def test_dense_junctions_are_clustered_and_scattered_ones_are_not() -> None:
    far = [(f"chr{c}", 12_000_000 * n, f"chr{c}", 12_000_000 * n + 6_000_000, "DEL")
           for c in (1, 2) for n in range(1, 15)]  # fmt: skip
    near = [("chr1", 80_000_000 + 9_000 * n, "chr1", 80_000_000 + 9_000 * n + 4_000, "DUP")
            for n in range(15)]  # fmt: skip
    table = events(*far, *near)
    dense, planted = clustered(table), (table["svtype"] == "DUP").to_numpy()
    # The first of a dense stretch may stand with what is before it.
    assert dense[planted].sum() >= 14
    assert not dense[~planted].any()


@pytest.mark.parametrize(
    ("piece", "named"),
    [
        ((0, 100_000, 0, 0), "0:homdel:0-100kb"),
        ((0, 1_000_001, 0, 0), "0:homdel:>1Mb"),
        ((0, 90_000_000, 0, 0), "0:homdel:>1Mb"),
        ((0, 1_000_000, 1, 0), "1:LOH:100kb-1Mb"),
        ((0, 10_000_000, 2, 0), "2:LOH:1Mb-10Mb"),
        ((0, 10_000_001, 1, 1), "2:het:10Mb-40Mb"),
        ((0, 40_000_001, 3, 1), "3-4:het:>40Mb"),
        ((0, 50_000, 8, 0), "5-8:LOH:0-100kb"),
        ((0, 50_000, 8, 1), "9+:het:0-100kb"),
    ],
)
def test_a_segment_has_the_type_of_its_copies_and_length(
    piece: tuple[int, int, int, int], named: str
) -> None:
    assert segment_types([piece]) == {named: 1}


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ([100, 1100, 2100, 3100, 4100, 5100], [(100, 5100, 6)]),
        ([100, 1100, 2100, 3100, 4100, 5101], []),
        ([100, 1100, 2100, 3100, 4100], []),
        ([1, 2, 3, 4, 5, 6, 7, 90_000], [(1, 7, 7)]),
        ([*range(1, 7), *range(90_000, 90_006)], [(1, 6, 6), (90_000, 90_005, 6)]),
    ],
)
def test_foci_are_six_places_a_kilobase_apart(
    places: list[int], found: list[tuple[int, int, int]]
) -> None:
    assert foci(np.array(places), 6, 1000.0) == found


def substitutions(places: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"chrom": ["chr1"] * len(places), "pos": places})


def test_kataegis_is_found_absent_or_unknown() -> None:
    rng = np.random.default_rng(3)
    scattered = rng.integers(1, 200_000_000, 5_000).tolist()
    planted = [*scattered, *range(50_000_000, 50_005_000, 500)]
    row = kataegis(substitutions(planted), 200_000_000, None, ASKED)
    assert (row["value"], row["call"]) == (1.0, "present")
    assert "chr1:50000000-50004500" in str(row["basis"])
    none = kataegis(substitutions(scattered), 200_000_000, None, ASKED)
    assert (none["value"], none["call"]) == (0.0, "absent")
    unknown = kataegis(substitutions(scattered), 200_000_000, because("repair.no_reads"), ASKED)
    assert (unknown["value"], unknown["call"]) == (None, "unknown")


def test_many_substitutions_crowd_by_chance_and_are_no_kataegis() -> None:
    places = np.random.default_rng(7).integers(1, 10_000_000, 10_000).tolist()
    assert foci(np.unique(places), 6, 1000.0)
    assert kataegis(substitutions(places), 10_000_000, None, ASKED)["call"] == "absent"


def test_intervals_interleave_only_where_neither_holds_the_other() -> None:
    starts, ends = np.array([1, 5, 20, 30, 100, 104]), np.array([10, 15, 60, 40, 103, 110])
    assert interleaved(starts, ends).tolist() == [0, 1]
    assert interleaved(np.array([1, 5, 9]), np.array([6, 10, 20])).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("copies", "longest"),
    [([], 0), ([2], 1), ([2, 1], 2), ([2, 1, 2, 1, 2], 5), ([2, 1, 3, 1, 3], 4), ([2, 2, 1], 2),
     ([2, 1, 2, 2, 1, 2, 1], 4), ([1, 2, 3, 4], 2)],
)  # fmt: skip
def test_copies_alternate_between_two_numbers(copies: list[int], longest: int) -> None:
    assert alternating(copies) == longest


def shattered(
    count: int, chrom: str = "chr3", seed: int = 1
) -> list[tuple[str, int, str, int, str]]:
    """Fragments of 20 Mb joined at random: junctions of every kind that interleave."""
    rng = np.random.default_rng(seed)
    places = np.sort(rng.integers(60_000_000, 80_000_000, 2 * count))
    # Each begins before the last one's end: a chain.
    order = [(places[max(2 * n - 1, 0)], places[min(2 * n + 2, 2 * count - 1)])
             for n in range(count)]  # fmt: skip
    kinds = ("+-", "-+", "++", "--")
    return [(chrom, int(a), chrom, int(b) + 1, kinds[n % 4]) for n, (a, b) in enumerate(order)]


def copies(chrom: str, states: list[int]) -> dict[str, list[tuple[int, int, int, int]]]:
    size = 20_000_000 // len(states)
    return {chrom: [(60_000_000 + n * size, 60_000_000 + (n + 1) * size, state, 1)
                    for n, state in enumerate(states)]}  # fmt: skip


BACKGROUND = [("chr1", 10_000_000 * n, "chr1", 10_000_000 * n + 30_000, "DEL") for n in range(1, 9)]


@pytest.mark.parametrize(
    ("rows", "states", "call"),
    [
        (shattered(24), [1, 0] * 5, "present"),
        (shattered(24), [1, 0] * 3, "unknown"),  # too few alternate: possible
        (shattered(24), [1, 2, 3, 4, 5, 6, 7, 8], "absent"),
        (shattered(4), [1, 0] * 5, "absent"),
        ([(c, a, d, b, "DUP") for c, a, d, b, _ in shattered(24)], [1, 0] * 5, "absent"),
        ([], [1, 0] * 5, "absent"),
    ],
)
def test_chromothripsis_asks_for_every_criterion(
    rows: list[tuple[str, int, str, int, str]], states: list[int], call: str
) -> None:
    table = events(*rows, *BACKGROUND)
    row = chromothripsis(table, copies("chr3", states), LENGTHS, None, ASKED)
    assert row["call"] == call
    assert (row["value"] is None) == (call == "unknown")
    assert ("chr3:6" in str(row["basis"])) == (call != "absent")


def test_chromothripsis_is_unknown_where_junctions_or_copies_are() -> None:
    assert chromothripsis(None, {}, LENGTHS, None, ASKED)["call"] == "unknown"
    why = because("scars.no_purity")
    row = chromothripsis(events(*shattered(24)), {}, LENGTHS, why, ASKED)
    assert (row["call"], row["basis"]) == ("unknown", str(why))
