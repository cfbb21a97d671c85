"""Made depths in bins of a panel of people, and changes of copies planted in them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.calling.copy_number.depth_bins import cut
from shirube.calling.copy_number.depth_reference import Sample, beside
from shirube.calling.copy_number.germline import changes, gene_depth, structural_rows
from shirube.contracts import DEPTH_BINS
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


def expected(sex: str) -> NDArray[np.int8]:
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


def found(one: Sample, others: list[Sample]) -> list[dict[str, Any]]:
    """STRUCTURAL rows of a person beside others."""
    gc = BINS["gc"].to_numpy()
    return structural_rows(
        BINS, changes(BINS, one.copies, beside(one, others, gc, LENGTH, AUTOSOMAL))
    )


def planted_exons(chrom: str, count: int, first: int) -> tuple[str, int, int]:
    """From the middle of an intron to that behind `count` exons."""
    start = first * (EXON + INTRON) - 25
    return chrom, start, start + count * (EXON + INTRON)


COMBINATIONS = [
    *[("XX", "chr1", n) for n in (0, 1, 3)],
    *[("XX", "chrX", n) for n in (1, 3)],
    *[("XY", "chrX", n) for n in (0, 2)],
    ("XY", "chrY", 0),
]


def right(row: Mapping[str, Any], place: tuple[str, int, int], sex: str, copies: int) -> bool:
    """Whether a row is the planted change: kind, copies, and both ends within what it states."""
    usual = int(expected(sex)[place[0] == CHROM][0])
    return (
        row["svtype"] == ("DEL" if copies < usual else "DUP")
        and (row["chrom1"], row["chrom2"]) == (place[0], place[0])
        and abs(row["pos1"] - place[1]) <= row["uncertain1"] <= 2000
        and abs(row["pos2"] - place[2]) <= row["uncertain2"] <= 2000
        and abs(row["copies"] - copies) <= 0.35
        and row["dosage"] == abs(copies - usual)
    )


def passing(one: Sample) -> list[dict[str, Any]]:
    """Rows of a person beside OTHERS that pass."""
    return [row for row in found(one, OTHERS) if row["filter"] == "PASS"]


def limit_of_losses() -> int:
    """Bases of the loss of one copy that a woman's genes on chr1 state at most as seen."""
    one = person(1, "XX")
    compared = beside(one, OTHERS, BINS["gc"].to_numpy(), LENGTH, AUTOSOMAL)
    state = gene_depth(EXON_ROWS, BINS, one.copies, compared)
    return int(state.filter(pl.col("chrom") == "chr1")["bases"].max())


def shows_loss(limit: int, number: int) -> bool:
    """Whether a loss of `limit` bases, one of many places, passes."""
    centre = (40 + 3 * (number % 50)) * (EXON + INTRON) + 975
    place = ("chr1", centre - limit // 2, centre + limit // 2)
    rows = passing(person(300 + number, "XX", planted=((*place, 1),)))
    return any(row["svtype"] == "DEL" for row in rows)
