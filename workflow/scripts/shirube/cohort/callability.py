"""How many people could have been seen at each position, by group: AN at every site.

A release without it cannot tell an allele nobody has from a place nobody was measured. It says so
exactly where the release may show counts (`cells`); other stretches are left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.cohort.cells import Cells
from shirube.cohort.frequency import copies_at, groups, sex_of
from shirube.cohort.kernels.array_types import Ints
from shirube.cohort.ploidies import Par
from shirube.cohort.state import State
from shirube.cohort.track import TILE, Steps, Track
from shirube.contracts import CALLABILITY


@dataclass(frozen=True)
class _Leaf:
    """Callable people of one leaf and the sex they share."""

    track: Track
    sex: str


TOGETHER = 8  # tiles of a piece; a stretch ends where its piece does


def callability(
    state: State, chrom: str, columns: Sequence[str], par: Par, cells: Cells
) -> Iterator[pl.DataFrame]:
    """CALLABILITY of one chromosome for the groups and stretches that `cells` shows, in pieces.

    One tile of the state is held at a time.
    """
    other = cells.earlier(chrom)
    leaves = {}
    for name, files in state.manifest.strata.items():
        track = files.get(chrom, {}).get("track")
        if track is not None:
            leaves[name] = _Leaf(Track(state.object(track)), sex_of(name))
    borders = np.array([b for pair in par.get(chrom, ()) for b in pair], np.int64)
    borders = np.unique(np.concatenate([borders, cells.asked.edges(chrom).astype(np.int64)]))
    tiles = sorted({number for leaf in leaves.values() for number in leaf.track.tiles()})
    members = groups(list(state.manifest.strata), columns)
    parts: list[pl.DataFrame] = []
    for at_tile, number in enumerate(tiles):
        if parts and number // TOGETHER != tiles[at_tile - 1] // TOGETHER:
            yield CALLABILITY.table(_joined(pl.concat(parts)))
            parts = []
        steps = {name: leaf.track.tile(number) for name, leaf in leaves.items()}
        first = number * TILE
        inside = borders[(borders > first) & (borders < first + TILE)] - first
        edges = [np.array([0], np.int32), inside.astype(np.int32)]
        edges += [one.at for one in steps.values()] + [track.tile(number).at for track in other]
        at = np.unique(np.concatenate(edges))
        at = at[at < TILE].astype(np.int32)
        for group, shown in cells.shown(chrom, at + np.int32(first), par).items():
            own = {n: (steps[n], leaves[n].sex) for n in members.get(group, ()) if n in steps}
            parts.append(_tile(chrom, number, own, at, par, group, shown))
    if parts:
        yield CALLABILITY.table(_joined(pl.concat(parts)))


def _tile(
    chrom: str,
    number: int,
    own: dict[str, tuple[Steps, str]],
    at: Ints,
    par: Par,
    group: str,
    kept: npt.NDArray[np.bool_],
) -> pl.DataFrame:
    """Stretches of one tile and group that begin `at` (0-based in the tile) and are `kept`."""
    first = number * TILE
    people, copies = np.zeros(at.size, np.int64), np.zeros(at.size, np.int64)
    for steps, sex in own.values():
        each = copies_at((at + first).astype(np.int32), chrom, sex, par)
        callable_here = steps.values(at.astype(np.int32))
        people += np.where(each > 0, callable_here, 0)
        copies += callable_here * each
    end = np.append(at[1:], TILE)
    numbers: dict[str, Ints | npt.NDArray[np.int64]] = {
        "start": at + first,
        "end": end + first,
        "people": people,
        "an": copies,
    }
    return pl.DataFrame({name: values[kept] for name, values in numbers.items()}).select(
        pl.lit(chrom).alias("chrom"),
        pl.col("start").cast(pl.Int32),
        pl.col("end").cast(pl.Int32),
        pl.lit(group).alias("stratum"),
        pl.col("people").cast(pl.Int32),
        pl.col("an").cast(pl.Int32),
    )


def _joined(rows: pl.DataFrame) -> pl.DataFrame:
    """Neighbouring stretches of the same values as one, whatever tile they are of."""
    ordered = rows.sort("stratum", "start")
    same = pl.all_horizontal(
        pl.col(name) == pl.col(name).shift() for name in ("stratum", "people", "an")
    ) & (pl.col("start") == pl.col("end").shift())
    return (
        ordered.with_columns(run=(~same.fill_null(False)).cum_sum())
        .group_by("run", maintain_order=True)
        .agg(pl.col("chrom", "start", "stratum", "people", "an").first(), pl.col("end").last())
    )
