"""One line of the accuracy table, and the comparison of called alleles with true ones."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shirube.genome.intervals import Interval
from shirube.tools import run
from shirube.vcf import read_columns

SITE = ["pos", "ref", "alt"]


@dataclass(frozen=True)
class Row:
    """How the calls of one engine compare with one truth set; genotype errors null if not asked."""

    truth_set: str
    engine: str
    kind: str
    tp: int
    fp: int
    fn: int
    genotype_errors: int | None = None
    note: str = ""

    @property
    def precision(self) -> float | None:
        """Share of calls that are true; None without calls."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else None

    @property
    def recall(self) -> float | None:
        """Share of truth that is called; None without truth."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of the two."""
        both = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / both if both else None


def atomised(
    vcf: str | Path,
    reference: str,
    region: Interval,
    scratch: Path,
    rename: tuple[str, str] | None = None,
    every: bool = False,
) -> pl.DataFrame:
    """Alleles of one contig's region as pos, ref, alt, copies: split, left-aligned, atomised.

    Only records that pass, unless `every`. `rename` gives the file's name of the contig and the
    reference's. Alleles that several records state are added up, to two copies at most.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    steps = [scratch / f"{n}.bcf" for n in range(5)]
    names = scratch / "names.txt"
    old, new = rename or (region.contig, region.contig)
    names.write_text(f"{old}\t{new}\n")
    where = f"{old}:{max(1, region.start - 999)}-{region.end + 1000}"
    passing = [] if every else ["-f", "PASS,."]
    run("bcftools", "view", "--no-version", "-t", where, *passing, "-Ob", "-o", steps[0], vcf)
    run(
        *("bcftools", "annotate", "--no-version", "--rename-chrs", names, "-x", "INFO"),
        *("-Ob", "-o", steps[1], steps[0]),
    )
    run(
        *("bcftools", "annotate", "--no-version", "-x", "^FORMAT/GT", "-Ob", "-o", steps[2]),
        steps[1],
    )
    norm = ["bcftools", "norm", "--no-version", "-f", reference]
    run(*norm, "-m", "-any", "-Ob", "-o", steps[3], steps[2])
    run(*norm, "--atomize", "-Ob", "-o", steps[4], steps[3])
    table = read_columns(steps[4], fmt={"GT": pl.String})
    return (
        table.with_columns(copies=pl.col("GT").str.count_matches("1").cast(pl.Int32))
        .filter(
            (pl.col("copies") > 0)
            & (pl.col("alt") != "*")
            & pl.col("pos").is_between(region.start + 1, region.end)
        )
        .group_by(SITE)
        .agg(pl.col("copies").sum().clip(0, 2))
        .sort(SITE)
    )


def compared(called: pl.DataFrame, truth: pl.DataFrame, truth_set: str, engine: str) -> list[Row]:
    """Rows for SNVs and indels: alleles matched exactly, genotypes of the matched ones too."""
    snv = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)
    rows = []
    for kind, wanted in (("snv", snv), ("indel", ~snv)):
        mine, real = called.filter(wanted), truth.filter(wanted)
        matched = mine.join(real, on=SITE, suffix="_true")
        wrong = matched.filter(pl.col("copies") != pl.col("copies_true"))
        rows.append(
            Row(
                *(truth_set, engine, kind, len(matched)),
                *(len(mine) - len(matched), len(real) - len(matched), len(wrong)),
            )
        )
    return rows


def inside(table: pl.DataFrame, intervals: list[Interval]) -> pl.DataFrame:
    """Alleles whose first base lies in `intervals`."""
    keep = pl.any_horizontal(
        [pl.col("pos").is_between(i.start + 1, i.end) for i in intervals] or [pl.lit(False)]
    )
    return table.filter(keep)
