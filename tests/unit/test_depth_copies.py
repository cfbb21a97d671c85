"""Copies of a person by depth beside other people: planted losses and gains, and none."""

import numpy as np
import polars as pl
import pytest

from shirube.calling.copy_number.depth_bins import cut
from shirube.calling.copy_number.depth_reference import Sample, beside
from shirube.calling.copy_number.germline import changes, gene_depth, structural_rows
from shirube.calling.structural.by_depth import with_depth
from shirube.calling.structural.calling import as_table
from shirube.contracts import DEPTH_BINS, GENE_DEPTH, STRUCTURAL
from shirube.genome.intervals import Interval

CHROMS = ("chr1", "chr2", "chrX", "chrY")
EXONS, EXON, INTRON = 10, 150, 1850  # of a gene; genes touch


def layout(length: int = 400_000) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(exons, bins) of artificial genes of ten exons, 2 kb from exon to exon."""
    rows = [
        (f"{chrom}G{gene}", f"NM_{chrom}{gene}.1", chrom, at, at + EXON)
        for chrom in CHROMS
        for gene in range(length // (EXONS * (EXON + INTRON)))
        for at in range(
            gene * EXONS * (EXON + INTRON) + 900,
            (gene + 1) * EXONS * (EXON + INTRON),
            EXON + INTRON,
        )
    ]
    columns = ["gene", "transcript", "chrom", "start", "end"]
    exons = pl.DataFrame(rows, schema=columns, orient="row").with_columns(contig="chrom")
    regions = [Interval(chrom, 0, length) for chrom in CHROMS]
    bins = cut(exons, regions, {chrom: chrom for chrom in CHROMS})
    gc = np.random.default_rng(1).uniform(0.3, 0.65, bins.height)
    return exons, DEPTH_BINS.table(bins.with_columns(gc=pl.Series(gc)))


EXON_ROWS, BINS = layout()
LENGTH = (BINS["end"] - BINS["start"]).to_numpy().astype(np.int64)
CHROM = BINS["chrom"].cast(pl.String).to_numpy()
AUTOSOMAL = np.isin(CHROM, ("chr1", "chr2"))
MAPS = np.random.default_rng(2).lognormal(0, 0.2, BINS.height)


def expected(sex: str) -> np.ndarray:
    """Copies of each bin in a person of one sex, -1 where that is not known."""
    sexual = {"XX": (2, 0), "XY": (1, 1), "": (-1, -1)}[sex]
    return np.where(AUTOSOMAL, 2, np.where(CHROM == "chrX", *sexual)).astype(np.int8)


def person(
    seed: int, sex: str, depth: float = 30, planted: tuple[tuple[str, int, int, int], ...] = ()
) -> Sample:
    """Depth in a library with its own GC slope; `planted`: chrom, start, end, copies."""
    chance = np.random.default_rng(seed)
    copies = np.where(expected(sex or "XX") < 0, 2, expected(sex or "XX")).astype(float)
    for chrom, start, end, there in planted:
        low, high = BINS["start"].to_numpy(), BINS["end"].to_numpy()
        share = np.clip(np.minimum(high, end) - np.maximum(low, start), 0, None) / LENGTH
        own = (chrom == CHROM) & (share > 0)
        copies[own] += share[own] * (there - copies[own])
    slope = 1 + chance.normal(0, 1.0) * (BINS["gc"].to_numpy() - 0.48)
    mean = depth * chance.uniform(0.8, 1.2) * copies / 2 * MAPS * slope
    reads = chance.poisson(mean * (LENGTH + 150) / 150) * 150 / (LENGTH + 150)
    return Sample(f"P{seed}", reads.astype(np.float32), expected(sex))


OTHERS = [person(100 + n, ("XX", "XY")[n % 2]) for n in range(16)]


def found(one: Sample, others: list[Sample]) -> list[dict]:
    gc = BINS["gc"].to_numpy()
    return structural_rows(
        BINS, changes(BINS, one.copies, beside(one, others, gc, LENGTH, AUTOSOMAL))
    )


def planted_exons(chrom: str, count: int, first: int) -> tuple[str, int, int]:
    """From the middle of an intron to that behind `count` exons."""
    start = first * (EXON + INTRON) - 25
    return chrom, start, start + count * (EXON + INTRON)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize(
    ("sex", "chrom", "copies"),
    [
        *[("XX", "chr1", n) for n in (0, 1, 3)],
        *[("XX", "chrX", n) for n in (1, 3)],
        *[("XY", "chrX", n) for n in (0, 2)],
        ("XY", "chrY", 0),
    ],
)
def test_planted_exons_are_found(count: int, sex: str, chrom: str, copies: int) -> None:
    place = planted_exons(chrom, count, 53)
    rows = found(person(1, sex, planted=((*place, copies),)), OTHERS)
    (row,) = [row for row in rows if row["filter"] == "PASS"]
    usual = int(expected(sex)[chrom == CHROM][0])
    assert row["svtype"] == ("DEL" if copies < usual else "DUP")
    assert (row["chrom1"], row["chrom2"]) == (chrom, chrom)
    assert abs(row["pos1"] - place[1]) <= row["uncertain1"] <= 2000
    assert abs(row["pos2"] - place[2]) <= row["uncertain2"] <= 2000
    assert row["copies"] == pytest.approx(copies, abs=0.35)
    assert row["dosage"] == abs(copies - usual)


def test_nobody_else_has_one() -> None:
    """Twenty people without any: at most the one event the bounds allow for."""
    passing = [
        row
        for seed in range(20)
        for row in found(person(seed, ("XX", "XY")[seed % 2]), OTHERS)
        if row["filter"] == "PASS"
    ]
    assert len(passing) <= 1, passing


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
    one = person(1, "XX")
    compared = beside(one, OTHERS, BINS["gc"].to_numpy(), LENGTH, AUTOSOMAL)
    state = gene_depth(EXON_ROWS, BINS, one.copies, compared)
    limit = int(state.filter(pl.col("chrom") == "chr1")["bases"].max())
    hits = 0
    for seed in range(40):
        centre = (40 + 3 * seed) * (EXON + INTRON) + 975
        place = ("chr1", centre - limit // 2, centre + limit // 2)
        rows = found(person(300 + seed, "XX", planted=((*place, 1),)), OTHERS)
        hits += any(r["filter"] == "PASS" and r["svtype"] == "DEL" for r in rows)
    assert hits >= 38


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
