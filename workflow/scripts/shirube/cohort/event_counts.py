"""Structural variants of a state counted by stratum, and their frequencies by group.

Whoever has a record of a variant with a known genotype counts there, and whoever has none but is
examined at both of its ends (`events.examined`). One person is held at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.cohort.event_clusters import KEY, Likeness, clusters, variants
from shirube.cohort.frequency import copies_at, groups, statistics_of
from shirube.cohort.kernels.array_types import Ints
from shirube.cohort.ploidies import Par
from shirube.cohort.state import Entry, State
from shirube.contracts import read, scan
from shirube.contracts.cohort import CALLABLE, EVENTS
from shirube.genome.intervals import within

_AT_ONCE = 64  # people whose alleles are gathered at a time
_SUMS = ("ac", "het", "hom", "hemi", "an", "diploid", "people")
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class EventCounts:
    """`table`: the variants somebody counted carries, in order (`variants`, with `variant`).

    `sums`: stratum -> sums over its people, one value a variant; `numbers`: stratum -> variant ->
    people by called copy number, from 0.
    """

    table: pl.DataFrame
    sums: Mapping[str, Mapping[str, Longs]]
    numbers: Mapping[str, Mapping[int, Longs]]


def _keys(state: State, people: Sequence[Entry]) -> pl.DataFrame:
    """KEY and carriers of every allele of `people`; `joint`: of a file several of them share."""
    total = EVENTS.empty().select(*KEY, pl.lit(0, pl.UInt32).alias("carriers"))
    files = total.select("source")
    for at in range(0, len(people), _AT_ONCE):
        parts = [
            scan(EVENTS, state.object(entry.events)).select(
                *KEY, carriers=(pl.col("ac").fill_null(0) > 0).cast(pl.UInt32)
            )
            for entry in people[at : at + _AT_ONCE]
        ]
        read_ = [part.collect() for part in parts]
        total = pl.concat([total, *read_]).group_by(KEY).agg(pl.col("carriers").sum())
        files = pl.concat([files, *(rows.select("source").unique() for rows in read_)])
    joint = files.filter(pl.col("source") != "", pl.col("source").is_duplicated())["source"]
    return total.with_columns(joint=pl.col("source").is_in(joint.unique().implode()))


def counted(state: State, par: Par, how: Likeness) -> EventCounts | None:
    """The structural variants of everyone `state` counts; None if nobody's were looked for."""
    people = [state.manifest.people[sample] for sample in state.manifest.counted]
    people = [entry for entry in people if entry.events]
    if not people:
        return None
    joined = clusters(_keys(state, people), how)
    table = variants(joined)
    place = joined.select(*KEY, "variant")
    sums: dict[str, dict[str, Longs]] = {}
    numbers: dict[str, dict[int, Longs]] = {}
    points = _points(table)
    copies: dict[str, Longs] = {}
    for entry in people:
        if entry.sex not in copies:
            copies[entry.sex] = _copies(table, entry.sex, par)
        own = sums.setdefault(
            entry.stratum, {name: np.zeros(table.height, np.int64) for name in _SUMS}
        )
        rows = read(EVENTS, state.object(entry.events)).join(
            place, on=list(KEY), how="inner", nulls_equal=True
        )
        _add(own, rows, _callable(state, entry, table, points), copies[entry.sex])
        told = rows.filter(pl.col("cn").is_not_null(), pl.col("ac").is_not_null())
        once = told.unique("variant", keep="first", maintain_order=True)
        seen = numbers.setdefault(entry.stratum, {})
        for variant, cn in once.select("variant", "cn").iter_rows():
            bins = seen.get(variant, np.zeros(0, np.int64))
            if bins.size <= cn:
                bins = np.append(bins, np.zeros(cn + 1 - bins.size, np.int64))
            bins[cn] += 1
            seen[variant] = bins
    ac = sum((one["ac"] for one in sums.values()), np.zeros(table.height, np.int64))
    kept = np.flatnonzero(ac > 0)
    return EventCounts(
        table[kept],
        {stratum: {k: v[kept] for k, v in one.items()} for stratum, one in sums.items()},
        numbers,
    )


def _points(table: pl.DataFrame) -> list[tuple[str, Longs, Ints, str]]:
    """(chromosome, rows, 0-based points) of either end of the variants."""
    out = []
    for chrom_column, column in (("chrom", "pos"), ("chrom2", "pos2")):
        for chrom in table[chrom_column].unique(maintain_order=True):
            rows = np.flatnonzero((table[chrom_column] == chrom).to_numpy())
            at = table[column].to_numpy()[rows].astype(np.int32) - 1
            out.append((str(chrom), rows, at, column))
    return out


def _copies(table: pl.DataFrame, sex: str, par: Par) -> Longs:
    """Copies people of one sex have of the first end of each variant."""
    out = np.zeros(table.height, np.int64)
    for chrom in table["chrom"].unique():
        here = (table["chrom"] == chrom).to_numpy()
        at = table["pos"].to_numpy()[here].astype(np.int32) - 1
        out[here] = copies_at(at, str(chrom), sex, par)
    return out


def _callable(
    state: State, entry: Entry, table: pl.DataFrame, points: list[tuple[str, Longs, Ints, str]]
) -> npt.NDArray[np.bool_]:
    """At which variants a person is examined at both ends."""
    tracks = read(CALLABLE, state.object(entry.examined)).partition_by("chrom", as_dict=True)
    both = np.zeros(table.height, np.int64)
    for chrom, rows, at, _ in points:
        track = tracks.get((chrom,))
        if track is not None:
            both[rows] += within(at, track["start"].to_numpy(), track["end"].to_numpy())
    return both == 2


def _add(
    own: dict[str, Longs], rows: pl.DataFrame, callable_: npt.NDArray[np.bool_], each: Longs
) -> None:
    """Add one person: `rows` of their events with `variant`, and where they could be seen."""
    most, unknown = pl.col("ac").max(), pl.col("ac").null_count() > 0
    said = rows.group_by("variant").agg(ac=pl.when((most > 0) | ~unknown).then(most))
    at = said["variant"].to_numpy()
    known, ac = callable_.copy(), np.zeros(each.size, np.int64)
    known[at] = said["ac"].is_not_null().to_numpy()
    ac[at] = said["ac"].fill_null(0).to_numpy()
    known &= each > 0
    ac = np.minimum(ac, each) * known
    two = each == 2
    own["ac"] += ac
    own["het"] += two & (ac == 1)
    own["hom"] += two & (ac == 2)
    own["hemi"] += ~two & (ac == 1)
    own["an"] += each * known
    own["diploid"] += two & known
    own["people"] += known


def frequencies(counts: EventCounts, columns: Sequence[str], leaves: Sequence[str]) -> pl.DataFrame:
    """Every group's sums as FREQUENCY rows, with `people`, `het`, `hom_ref` and `copy_numbers`.

    REF is N, ALT the variant's name. `leaves`: all strata of the state.
    """
    alleles = counts.table.select(
        pl.col("chrom"), "pos", pl.lit("N").alias("ref"), pl.col("name").alias("alt")
    )
    zero = np.zeros(alleles.height, np.int64)
    variant = counts.table["variant"].to_list()
    parts = []
    for group, members in groups(list(leaves), columns).items():
        inside = [name for name in members if name in counts.sums]
        total = {k: sum((counts.sums[n][k] for n in inside), zero) for k in _SUMS}
        bins = [
            _added([counts.numbers.get(n, {}).get(v) for n in inside], people)
            for v, people in zip(variant, total["people"].tolist(), strict=True)
        ]
        parts.append(
            statistics_of(alleles, group, total).with_columns(
                copy_numbers=pl.Series(bins, dtype=pl.List(pl.Int32))
            )
        )
    return pl.concat(parts)


def _added(bins: Sequence[Longs | None], people: int) -> list[int] | None:
    """Sum of `bins`; None unless it is of all `people`: a sum of others is of another group."""
    told = [one for one in bins if one is not None]
    if not told or sum(int(one.sum()) for one in told) != people:
        return None
    out = np.zeros(max(one.size for one in told), np.int64)
    for one in told:
        out[: one.size] += one
    return [int(n) for n in out]
