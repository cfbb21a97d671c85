"""Alleles put on the reference: in one form, inside the run's regions, or why they are not."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from shirube.errors import InputError
from shirube.genome.chromosomes import canonical
from shirube.genome.intervals import Interval
from shirube.genome.normalise import normalised
from shirube.genome.regions import read_contigs
from shirube.genome.sequence import Bases, bases

# Of so many alleles in the run's regions, one may contradict the reference; more is another build.
AGREEING = 20
_AMBIGUOUS = "[^ACGT]"


def placed(
    table: pl.DataFrame,
    reference: str | Path,
    regions: Sequence[Interval],
    aliases: dict[str, str] | None = None,
) -> pl.DataFrame:
    """`table` (contig, pos, ref, alt, fault: one ALT a row) with alleles in their one form.

    Adds `place`: inside, outside (of `regions`), or differs (REF is not the reference's base
    there). Rows with a fault are outside; symbolic and spanning alleles stay as they are written.
    A contig the reference calls otherwise (17, chr17) is the reference's; `aliases` are its own.
    """
    table = table.with_row_index("_row")
    lengths = read_contigs(f"{reference}.fai")
    own = {canonical(name, aliases): name for name in lengths}
    by_contig: dict[str, list[Interval]] = {}
    for region in regions:
        by_contig.setdefault(region.contig, []).append(region)
    parts = []
    for (contig,), rows in table.group_by("contig", maintain_order=True):
        name = str(contig)
        if name not in lengths:
            name = own.get(canonical(name, aliases) or name, name)
            rows = rows.with_columns(contig=pl.lit(name))
        within = by_contig.get(name, [])
        rows = rows.with_columns(place=_place(rows, within))
        small = rows["alt"].str.contains("^[ACGTN]+$").fill_null(False) & (
            rows["place"] == "inside"
        )
        if small.any() and name in lengths:
            aligned = _aligned(rows.filter(small), bases(reference, name))
            rows = pl.concat([aligned, rows.filter(~small)])
        parts.append(rows)
    found = pl.concat(parts) if parts else table.with_columns(place=pl.lit("outside"))
    return found.sort("_row").drop("_row")


def _place(rows: pl.DataFrame, within: Sequence[Interval]) -> pl.Series:
    """Inside where the first base of a sound record lies in `within` (sorted, disjoint)."""
    starts = np.array([region.start for region in within], np.int64)
    ends = np.array([region.end for region in within], np.int64)
    at = rows["pos"].fill_null(0).to_numpy().astype(np.int64) - 1
    nearest = np.searchsorted(starts, at, side="right") - 1
    inside = (nearest >= 0) & (at < np.append(ends, 0)[nearest]) if within else at < -1
    sound = rows["fault"].is_null().to_numpy()
    return pl.Series("place", np.where(inside & sound, "inside", "outside"))


def _aligned(rows: pl.DataFrame, sequence: Bases) -> pl.DataFrame:
    rows = _concrete(rows, sequence)
    aligned = normalised(rows, sequence)
    differs = pl.col("known").eq(False).fill_null(False)
    wrong = aligned.with_columns(place=pl.when(differs).then(pl.lit("differs")).otherwise("place"))
    return wrong.drop("known").select(rows.columns)


def _concrete(rows: pl.DataFrame, sequence: Bases) -> pl.DataFrame:
    """`rows` with REF written in the reference's bases where it has ambiguity codes (R, N ...)."""
    vague = rows["ref"].str.contains(_AMBIGUOUS)
    if not vague.any():
        return rows
    at = np.flatnonzero(vague.to_numpy())
    refs = rows["ref"].to_list()
    for row, pos in zip(at.tolist(), rows["pos"].gather(at).to_list(), strict=True):
        under = sequence[pos - 1 : pos - 1 + len(refs[row])].tobytes().decode()
        if len(under) == len(refs[row]):
            pairs = zip(refs[row], under, strict=True)
            refs[row] = "".join(new if old not in "ACGT" else old for old, new in pairs)
    return rows.with_columns(ref=pl.Series(refs, dtype=pl.String))


@lru_cache(maxsize=1)
def _sequence(reference: str | Path, contig: str) -> Bases:
    return bases(reference, contig)


def agreeing(records: pl.DataFrame, reference: str | Path) -> pl.DataFrame:
    """RECORDS whose REF does not contradict the reference; blocks are not asked."""
    parts = []
    for (contig,), rows in records.group_by("contig", maintain_order=True):
        asked = rows.filter(~pl.col("block"))
        found = normalised(
            asked.select("line", "pos", "ref", alt="ref"), _sequence(reference, str(contig))
        )
        wrong = found.filter(pl.col("known").eq(False))["line"]
        parts.append(rows.filter(~pl.col("line").is_in(wrong.implode())))
    return pl.concat(parts) if parts else records


class Agreement:
    """How many of a file's alleles contradict the reference: a few are faults, many a build."""

    def __init__(self, path: str | Path) -> None:
        self.path, self.looked_at, self.wrong, self.first = path, 0, 0, ""

    def count(self, found: pl.DataFrame) -> None:
        """Add rows of `placed`."""
        wrong = found.filter(pl.col("place") == "differs")
        self.looked_at += found.filter(pl.col("place") != "outside").height
        self.wrong += wrong.height
        if wrong.height and not self.first:
            row = wrong.row(0, named=True)
            self.first = f"{row['contig']}:{row['pos']}"

    def judge(self) -> None:
        """InputError where one in AGREEING alleles or more contradicts the reference."""
        if self.wrong * AGREEING > self.looked_at:
            said = f"{self.wrong} of {self.looked_at} rows differ"
            expected = f"REF as in the reference (another build?); {said}"
            raise InputError(self.path, expected, self.first)
