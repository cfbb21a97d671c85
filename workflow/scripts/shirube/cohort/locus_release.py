"""Alleles of repeats and of chrM counted by group, and what a release may show of them.

Each allele of a person counts once or twice among those whose alleles are known there, so counts,
and people by heteroplasmy, are sums over people like those of small variants: `cells` decides,
asked of who is known at each locus instead of who is callable. At a repeat every copy has one of
the alleles listed: where one number of a group is hidden, all of the group's are.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from shirube.cohort.cells import SEXES, Cells, Shown, tracks_of
from shirube.cohort.frequency import copies_at, groups, sex_of, statistics_of
from shirube.cohort.kernels.array_types import Ints, Longs
from shirube.cohort.loci import HOMOPLASMIC, LEVELS, MITOCHONDRIAL, REPEAT, point
from shirube.cohort.ploidies import Par
from shirube.cohort.register import Register
from shirube.cohort.state import State
from shirube.cohort.suppression import COUNTED, lists_told, suppressed, withheld
from shirube.contracts import ALLELE, FREQUENCY, LOCUS_FREQUENCY, scan
from shirube.contracts.cohort import LOCI

LOG = logging.getLogger("shirube")
FOLDER = "loci"
_AT_ONCE = 64  # people whose alleles are gathered at a time
_KEY = ("kind", "chrom", "start", "locus", "gene", "allele")
_LEVELS = [f"level_{n}" for n in range(LEVELS)]
_SUMS = ("ac", "het", "hom", "hemi", *_LEVELS)


class LocusCells(Cells):
    """Decisions about loci: `track` is of who is known there."""

    def loci_shown(self, kind: str, chrom: str, start: Ints, par: Par) -> Shown:
        """Group of this release -> whether its cell may be shown at each locus.

        `start`: 0-based, ascending. Questions that were answered told of alleles of chrM too.
        """
        copies = {sex: copies_at(start, chrom, sex, par) for sex in SEXES}
        points = point(kind, start)
        answers = self._decided(self._keys(chrom, points, copies), points.size, chrom)
        if kind == MITOCHONDRIAL:
            self.asked.limit(chrom, points, answers)
        return answers


class _Counts(NamedTuple):
    """Sums of alleles by stratum (_KEY, stratum, _SUMS), and who is known of whom by locus."""

    table: pl.DataFrame
    typed: pl.DataFrame


def counted(state: State) -> _Counts | None:
    """Alleles of everyone `state` counts, by stratum; None if nobody's loci were asked for."""
    people = [state.manifest.people[sample] for sample in state.manifest.counted]
    people = [entry for entry in people if entry.loci]
    if not people:
        return None
    two, fraction = pl.col("ploidy") == 2, pl.col("fraction")
    level = (fraction * 10).floor().clip(1, LEVELS).cast(pl.Int32) - 1
    sums: list[pl.DataFrame] = []
    typed: list[pl.DataFrame] = []
    for at in range(0, len(people), _AT_ONCE):
        rows = pl.concat(
            scan(LOCI, state.object(entry.loci)).with_columns(
                stratum=pl.lit(entry.stratum), person=pl.lit(number)
            )
            for number, entry in enumerate(people[at : at + _AT_ONCE])
        ).collect()
        each = rows.with_columns(
            het=two & (pl.col("ac") == 1),
            hom=two & (pl.col("ac") == 2),
            hemi=~two & (fraction.is_null() | (fraction >= HOMOPLASMIC)),
            **{name: (level == n).fill_null(False) for n, name in enumerate(_LEVELS)},
        )
        sums.append(each.group_by(*_KEY, "stratum").agg(pl.col(_SUMS).cast(pl.Int64).sum()))
        repeats = rows.filter(pl.col("kind") == REPEAT)
        known = repeats.select("chrom", "start", "locus", "stratum", "person").unique()
        typed.append(known.group_by("chrom", "start", "locus", "stratum").len())
    return _Counts(
        pl.concat(sums).group_by(*_KEY, "stratum").agg(pl.col(_SUMS).sum()),
        pl.concat(typed).group_by("chrom", "start", "locus", "stratum")
        .agg(pl.col("len").cast(pl.Int64).sum()),
    )  # fmt: skip


def publishable_loci(
    state: State,
    register: Register,
    cells: Cells,
    par: Par,
    columns: Sequence[str],
    shown: Sequence[str],
) -> pl.DataFrame | None:
    """LOCUS_FREQUENCY of the groups `shown` that a release may show; None where nobody was typed.

    `cells` are the decisions about small variants: the same people, releases and k.
    """
    counts = counted(state)
    if counts is None:
        return None
    decisions = _decisions(state, register, cells)
    parts = [LOCUS_FREQUENCY.empty()]
    for (chrom, kind), rows in sorted(counts.table.group_by("chrom", "kind"), key=lambda g: g[0]):
        parts.append(_of_kind(state, decisions, counts.typed, rows, par, columns, shown))
        LOG.debug("%s: %d alleles of %s", chrom, parts[-1].height, kind)
    return LOCUS_FREQUENCY.table(pl.concat(parts))


def _of_kind(
    state: State,
    decisions: LocusCells,
    typed: pl.DataFrame,
    rows: pl.DataFrame,
    par: Par,
    columns: Sequence[str],
    shown: Sequence[str],
) -> pl.DataFrame:
    """LOCUS_FREQUENCY rows of one kind of locus of one chromosome; `rows`: sums by stratum."""
    kind, chrom = str(rows["kind"][0]), str(rows["chrom"][0])
    sites = rows.select(_KEY).unique().sort("start", "locus", "allele")
    start = sites["start"].to_numpy()
    points = point(kind, start)
    alleles = sites.select(
        pl.col("chrom"), (pl.col("start") + 1).alias("pos"), ref="locus", alt="allele"
    )
    counts: dict[str, dict[str, Longs]] = {}
    whole = np.ones(sites.height, np.bool_)
    for stratum in state.manifest.strata:
        own = sites.join(
            rows.filter(pl.col("stratum") == stratum), on=list(_KEY), how="left",
            maintain_order="left", nulls_equal=True,
        )  # fmt: skip
        one = {name: own[name].fill_null(0).to_numpy() for name in _SUMS}
        people = decisions.known(0, stratum, chrom).values(points).astype(np.int64)
        each = copies_at(start, chrom, sex_of(stratum), par).astype(np.int64)
        if kind == REPEAT:  # two loci at one base may be known of different people
            told = sites.join(
                typed.filter(pl.col("stratum") == stratum), on=["chrom", "start", "locus"],
                how="left", maintain_order="left",
            )  # fmt: skip
            whole &= told["len"].fill_null(0).to_numpy() == people
        one |= {"an": people * each, "diploid": people * (each == 2), "people": people * (each > 0)}
        counts[stratum] = one
    if not whole.all():
        LOG.warning("%s: %d alleles of loci at one base are not shown", chrom, int((~whole).sum()))
    answers = {
        group: safe & whole for group, safe in decisions.loci_shown(kind, chrom, start, par).items()
    }
    tables = []
    for group, members in groups(list(state.manifest.strata), columns).items():
        if group in shown:
            zero = np.zeros(sites.height, np.int64)
            total = {
                name: sum((counts[s][name] for s in members), zero)
                for name in (*_SUMS, "an", "diploid", "people")
            }
            tables.append(_frequencies(alleles, group, total, kind))
    told = withheld(pl.concat(tables).sort(FREQUENCY.key), alleles.with_columns(
        pl.col("chrom").cast(pl.String)), answers)  # fmt: skip
    genes = sites.select(pl.col("chrom").cast(pl.String), (pl.col("start") + 1).alias("pos"),
                         "locus", "gene", "allele")  # fmt: skip
    named = told.rename({"ref": "locus", "alt": "allele"}).with_columns(kind=pl.lit(kind))
    joined = named.join(genes, on=["chrom", "pos", "locus", "allele"], how="left")
    seen = pl.col("an").is_not_null()
    return LOCUS_FREQUENCY.table(
        joined.with_columns(pl.when(seen).then(pl.col(c)).alias(c) for c in ("people", "levels"))
    )


def _frequencies(
    alleles: pl.DataFrame, group: str, total: Mapping[str, Longs], kind: str
) -> pl.DataFrame:
    """FREQUENCY rows of a group with `people` and `levels`."""
    levels = np.stack([total[name] for name in _LEVELS], axis=1).tolist()
    none = [None] * alleles.height
    return statistics_of(alleles, group, total).with_columns(
        levels=pl.Series(levels if kind == MITOCHONDRIAL else none, dtype=pl.List(pl.Int32))
    )


def few_hidden(table: pl.DataFrame, min_count: int, singletons: str) -> pl.DataFrame:
    """LOCUS_FREQUENCY without what `suppression` leaves out.

    Singletons are left out unless `open`; people by heteroplasmy are hidden where one number is of
    fewer people.
    """
    least = max(min_count, 1 if singletons == "open" else 2)
    if least <= 1 or table.is_empty():
        return table
    names = table.with_columns(ref=pl.concat_str("kind", pl.lit(" "), "locus"), alt="allele",
                               hwe_p=pl.lit(None, pl.Float64))  # fmt: skip
    kept = suppressed(names, table["stratum"].unique().to_list(), min_count)
    if singletons != "open":
        kept = kept.filter(pl.col("ac").max().over(ALLELE) != 1)
    gone = pl.col("ac").null_count().over("chrom", "pos", "ref", "stratum") > 0
    kept = kept.with_columns(
        pl.when(~gone).then(pl.col(c)).alias(c) for c in (*COUNTED, "people", "levels")
    )
    return LOCUS_FREQUENCY.table(lists_told(kept, "levels", ALLELE, least))


def _decisions(state: State, register: Register, cells: Cells) -> LocusCells:
    """The rule of `cells`, with who is known at loci."""
    tracks = tracks_of(state, register, "typed", "typed")
    found = LocusCells(tracks, cells.columns, cells.steps)
    found.asked = cells.asked
    return found
