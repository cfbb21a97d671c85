"""What one person's results say of loci that are typed as a whole: repeats and chrM.

A locus is known where all copies the person has of it are. Of repeats the lengths are those of the
measurement; one of which only a lower bound is known counts as pathogenic (`>=n`) where the bound
is, else the locus is unknown. Of chrM, alleles from `LEAST` of the molecules on are carried, as
gnomAD counts them (doi 10.1101/gr.276013.121); where a call is filtered or its fraction is not
known the position is unknown, and elsewhere it is known where the genotype rule is met. A call
tells of its position where the reference beside it is known: else carriers alone would count.

Where a person is known is kept like callability: stretches of chrM, and single bases beyond any
chromosome (`point`) for loci.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from shirube.cohort.frequency import copies_at
from shirube.cohort.intervals import difference
from shirube.cohort.kernels.array_types import Ints
from shirube.cohort.ploidies import Par
from shirube.contracts import CALLS, CHROM, read
from shirube.contracts.cohort import CALLABLE, LOCI
from shirube.contracts.loci import REPEATS
from shirube.genome.intervals import union

REPEAT, MITOCHONDRIAL = "repeat", "mitochondrial"
LEAST, HOMOPLASMIC, LEVELS = 0.1, 0.95, 9
BEYOND = 1 << 28  # bases: more than a chromosome has


@dataclass(frozen=True)
class LocusFiles:
    """CALLS and REPEATS of a person; None where there is none."""

    calls: Path | None = None
    repeats: Path | None = None

    @property
    def paths(self) -> list[Path]:
        """The files there are."""
        return [path for path in (self.calls, self.repeats) if path]


def point(kind: str, start: Ints) -> Ints:
    """Where loci lie in a track: a kind of locus has bases of its own."""
    return start if kind == MITOCHONDRIAL else start + np.int32(BEYOND)


def read_loci(
    files: LocusFiles, callable_: pl.DataFrame, sex: str, par: Par, min_depth: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """LOCI of a person, and CALLABLE of where they are known.

    `callable_`: CALLABLE of the person's small variants; `min_depth`: reads a call on chrM needs.
    """
    tables, spans = [LOCI.empty()], [CALLABLE.empty()]
    if files.repeats:
        rows, track = _repeats(read(REPEATS, files.repeats), sex, par)
        tables.append(rows)
        spans.append(track)
    if files.calls:
        own = callable_.filter(pl.col("chrom") == "chrM")
        rows, track = _mitochondria(read(CALLS, files.calls), own, min_depth)
        tables.append(rows)
        spans.append(track)
    return LOCI.table(pl.concat(tables)), CALLABLE.table(pl.concat(spans))


def _length(which: str) -> pl.Expr:
    """Name of the allele of one length; null where it is unknown."""
    low, high, worst = pl.col(f"{which}_low"), pl.col(f"{which}_high"), pl.col("pathogenic_min")
    open_ = pl.when(low >= worst).then(pl.concat_str(pl.lit(">="), worst.cast(pl.String)))
    return pl.when(high.is_not_null()).then(pl.col(which).cast(pl.String)).otherwise(open_)


def _repeats(table: pl.DataFrame, sex: str, par: Par) -> tuple[pl.DataFrame, pl.DataFrame]:
    """LOCI and CALLABLE of REPEATS; loci of which not every allele is known are in neither."""
    have = [
        int(copies_at(np.array([start], np.int32), chrom, sex, par)[0])
        for chrom, start in table.select("chrom", "start").iter_rows()
    ]
    known = table.with_columns(
        first=_length("short"), second=_length("long"), have=pl.Series(have, dtype=pl.Int8)
    ).filter(
        (pl.col("have") == pl.col("ploidy")) & (pl.col("ploidy") > 0),
        pl.col("second").is_not_null(),
        (pl.col("ploidy") == 1) | pl.col("first").is_not_null(),
    )
    alleles = (
        known.with_columns(
            allele=pl.when(pl.col("ploidy") == 2)
            .then(pl.concat_list("first", "second"))
            .otherwise(pl.concat_list("second"))
        )
        .explode("allele")
        .group_by("chrom", "start", "locus", "gene", "allele", "ploidy")
        .agg(pl.len().cast(pl.Int8).alias("ac"))
    )
    rows = alleles.select(
        pl.lit(REPEAT).alias("kind"),
        *("chrom", "start", "locus", "gene", "allele", "ac", "ploidy"),
        pl.lit(None, pl.Float64).alias("fraction"),
    )
    at = known.select("chrom", pl.col("start") + pl.lit(BEYOND, pl.Int32)).unique()
    return rows, at.with_columns(end=pl.col("start") + 1)


def _mitochondria(
    calls: pl.DataFrame, callable_: pl.DataFrame, min_depth: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """LOCI and CALLABLE of CALLS on chrM, where `callable_` says where references are known."""
    here = calls.filter(pl.col("chrom") == "chrM")
    sure = (
        (pl.col("filter") == "PASS")
        & pl.col("heteroplasmy").is_not_null()
        & (pl.col("dp") >= min_depth)
    ).fill_null(False)
    told = here.filter(sure.all().over("pos"))
    carried = told.filter(pl.col("heteroplasmy") >= LEAST).unique(
        ["pos", "ref", "alt"], keep="first", maintain_order=True
    )
    rows = carried.select(
        pl.lit(MITOCHONDRIAL).alias("kind"),
        "chrom",
        (pl.col("pos") - 1).alias("start"),
        pl.concat_str(pl.lit("chrM:"), "pos").alias("locus"),
        pl.lit(None, pl.String).alias("gene"),
        pl.concat_str("ref", pl.lit(">"), "alt").alias("allele"),
        pl.lit(1, pl.Int8).alias("ac"),
        pl.lit(1, pl.Int8).alias("ploidy"),
        pl.col("heteroplasmy").alias("fraction"),
    )
    known, lost = (
        (table["pos"].unique().sort().to_numpy() - 1).astype(np.int32)
        for table in (told, here.filter(~sure.all().over("pos")))
    )
    plus = union(
        np.concatenate([callable_["start"].to_numpy(), known]).astype(np.int32),
        np.concatenate([callable_["end"].to_numpy(), known + 1]).astype(np.int32),
    )
    first = callable_["start"].sort().to_numpy()
    beside = np.searchsorted(first, plus[1]) > np.searchsorted(first, plus[0])
    plus = plus[0][beside], plus[1][beside]
    start, end = difference(plus, union(lost, (lost + 1).astype(np.int32)))
    place = np.searchsorted(start, rows["start"].to_numpy(), "right") - 1
    inside = np.append(end, -1)[place] > rows["start"].to_numpy()
    at = pl.repeat("chrM", start.size, dtype=CHROM, eager=True)
    return rows.filter(pl.Series(inside, dtype=pl.Boolean)), pl.DataFrame(
        {"chrom": at, "start": start, "end": end}
    )
