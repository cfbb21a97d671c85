"""Copies of a person by depth beside other people: planted losses and gains, and none."""

import polars as pl
import pytest
from depth_case import (
    AUTOSOMAL,
    BINS,
    COMBINATIONS,
    EXON_ROWS,
    LENGTH,
    OTHERS,
    found,
    limit_of_losses,
    passing,
    person,
    planted_exons,
    right,
    shows_loss,
)

from shirube.calling.copy_number.depth_reference import beside
from shirube.calling.copy_number.germline import changes, gene_depth
from shirube.calling.structural.by_depth import with_depth
from shirube.calling.structural.calling import as_table
from shirube.contracts import GENE_DEPTH, STRUCTURAL


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize(("sex", "chrom", "copies"), COMBINATIONS)
def test_planted_exons_are_found(count: int, sex: str, chrom: str, copies: int) -> None:
    place = planted_exons(chrom, count, 53)
    (row,) = passing(person(1, sex, planted=((*place, copies),)))
    assert right(row, place, sex, copies), row


def test_nobody_else_has_one() -> None:
    """Twenty people without any: at most the one event the bounds allow for."""
    false = [row for seed in range(20) for row in passing(person(seed, ("XX", "XY")[seed % 2]))]
    assert len(false) <= 1, false


def test_what_most_people_have_is_no_change() -> None:
    shared = ((*planted_exons("chr2", 5, 31), 1),)
    others = [person(200 + n, "XX", planted=shared) for n in range(12)]
    assert not [r for r in found(person(1, "XX", planted=shared), others) if r["filter"] == "PASS"]


def test_few_people_say_nothing() -> None:
    one = person(1, "XX", planted=((*planted_exons("chr1", 5, 53), 0),))
    compared = beside(one, OTHERS[:4], BINS["gc"].to_numpy(), LENGTH, AUTOSOMAL)
    assert not changes(BINS, one.copies, compared)
    state = gene_depth(EXON_ROWS, BINS, one.copies, compared)
    assert state["state"].unique().to_list() == ["few_people"]
    assert state["seen"].null_count() == state.height


def test_state_of_genes_follows_what_could_be_seen() -> None:
    """A woman's Y has no copy to lose, an unknown sex none that is known, reads that fail none."""
    gc = BINS["gc"].to_numpy()

    def states(sex: str, depth: float = 30) -> dict[str, list[str]]:
        one = person(1, sex, depth)
        table = gene_depth(EXON_ROWS, BINS, one.copies, beside(one, OTHERS, gc, LENGTH, AUTOSOMAL))
        assert table.schema == GENE_DEPTH.polars
        named = table.with_columns(pl.col("chrom").cast(pl.String))
        return {
            str(c): sorted(own["state"].unique())
            for (c,), own in named.group_by(["chrom"], maintain_order=True)
        }

    assert states("XX") == {
        "chr1": ["assessable"], "chr2": ["assessable"], "chrX": ["assessable"],
        "chrY": ["not_measured"],
    }  # fmt: skip
    assert states("XY")["chrY"] == ["assessable"]
    assert states("")["chrX"] == ["sex_unknown"]
    assert states("XX", depth=0.02)["chr1"] == ["noisy"]


def test_stated_limit_holds() -> None:
    """Losses as long as the limit says are found in at least 95 of 100, wherever they lie."""
    limit = limit_of_losses()
    assert sum(shows_loss(limit, number) for number in range(40)) >= 38


def junction(pos1: int, pos2: int, kept: str = "PASS") -> dict:
    return {
        "event": "", "origin": "germline", "svtype": "DEL", "chrom1": "chr1", "pos1": pos1,
        "strand1": "+", "chrom2": "chr1", "pos2": pos2, "strand2": "-", "filter": kept,
        "pairs": 9, "splits": 4, "depth": 30, "uncertain1": 0, "uncertain2": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("offset", "kept", "rows", "filters"),
    [
        (120, "PASS", 1, ["PASS"]),  # the same event: one finding
        (120, "LowSupport", 1, ["PASS"]),  # depth speaks for a weak junction
        (120, "Artefact", 2, ["Artefact", "PASS"]),
        (9_000, "PASS", 2, ["PASS", "PASS"]),  # another place
    ],
)
def test_junction_and_depth_are_one_event(
    offset: int, kept: str, rows: int, filters: list[str]
) -> None:
    place = planted_exons("chr1", 2, 53)
    depth = [
        row
        for row in found(person(1, "XX", planted=((*place, 1),)), OTHERS)
        if row["filter"] == "PASS"
    ]
    own = as_table([junction(place[1] + offset, place[2] + offset, kept)])
    table = with_depth(own, depth)
    assert table.schema == STRUCTURAL.polars
    assert table.height == rows
    assert sorted(table["filter"]) == filters
    if rows == 1:
        assert table["pos1"].to_list() == [place[1] + offset]
        assert table["copies"][0] == pytest.approx(1, abs=0.3)
        assert table["quality"][0] > 80


def test_same_depths_same_rows() -> None:
    one = person(1, "XY", planted=((*planted_exons("chrX", 2, 53), 0),))
    assert found(one, OTHERS) == found(one, OTHERS)
