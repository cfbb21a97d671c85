"""How many people are callable at each position of a chromosome: a step function in tiles.

A tile holds its steps (position, change of the number) either as a sorted list or, where that
would be larger, as one byte a base; which of the two depends on the content alone. Tiles are
independent: a step function starts from zero at each tile's first base.

On disk a track is an Arrow file with one record batch a tile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from shirube.cohort.kernels.array_types import Ints

TILE = 1_000_000
_LISTED = 8  # bytes of a listed step
_SCHEMA = pa.schema(
    {
        "tile": pa.int32(),
        "at": pa.list_(pa.int32()),
        "step": pa.list_(pa.int32()),
        "dense": pa.binary(),
    }
)
_NUMBERS = pa.ipc.IpcReadOptions(included_fields=[0])  # spares decompressing the tiles
_OPTIONS = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", compression_level=1))


@dataclass(frozen=True)
class Steps:
    """Steps of one tile: `at` (0-based in the tile, ascending, unique) and `step` (never 0)."""

    at: Ints
    step: Ints

    def values(self, points: Ints) -> Ints:
        """The function at `points` (0-based in the tile)."""
        level = np.concatenate((np.zeros(1, np.int32), np.cumsum(self.step, dtype=np.int32)))
        return level[np.searchsorted(self.at, points, "right")]


@dataclass(frozen=True)
class Part:
    """Changes of the tiles `first` to `end` (not included): tile -> steps."""

    first: int
    end: int
    changes: Mapping[int, Steps]


def merged(parts: list[Steps]) -> Steps:
    """Sum of step functions of one tile."""
    at = np.concatenate([p.at for p in parts])
    order = np.argsort(at, kind="stable")
    at, step = at[order], np.concatenate([p.step for p in parts])[order]
    if at.size == 0:
        return Steps(at, step)
    first = np.flatnonzero(np.concatenate(([True], at[1:] != at[:-1])))
    total = np.add.reduceat(step, first, dtype=np.int32)
    kept = total != 0
    return Steps(at[first][kept], total[kept])


def steps(start: Ints, end: Ints, sign: Ints) -> dict[int, Steps]:
    """Steps by tile of many intervals, each counted `sign` times (+1 in, -1 out).

    Intervals need not be sorted or disjoint; they are cut at tile borders.
    """
    if start.size == 0:
        return {}
    first, last = start // TILE, (end - 1) // TILE
    pieces = last - first + 1
    owner = np.repeat(np.arange(start.size), pieces)
    tile = np.arange(owner.size) - np.repeat(np.cumsum(pieces) - pieces, pieces) + first[owner]
    low = np.maximum(start[owner] - tile * TILE, 0)
    high = np.minimum(end[owner] - tile * TILE, TILE)
    inside = high < TILE
    tiles = np.concatenate((tile, tile[inside]))
    at = np.concatenate((low, high[inside])).astype(np.int32)
    step = np.concatenate((sign[owner], -sign[owner][inside])).astype(np.int32)
    order = np.argsort(tiles, kind="stable")
    tiles, at, step = tiles[order], at[order], step[order]
    cuts = np.flatnonzero(np.concatenate(([True], tiles[1:] != tiles[:-1], [True])))
    return {int(tiles[a]): merged([Steps(at[a:b], step[a:b])]) for a, b in pairwise(cuts)}


def _batch(tile: int, found: Steps) -> pa.RecordBatch | None:
    """One tile as a record batch, None if it is zero throughout.

    A list of steps, or where that would be larger one byte a base and a list of larger steps.
    """
    if not found.at.size:
        return None
    if found.at.size * _LISTED <= TILE:
        return _columns(tile, found.at, found.step, None)
    dense = np.zeros(TILE, np.int32)
    dense[found.at] = found.step
    return _dense_batch(tile, dense)


def _dense_batch(tile: int, dense: Ints) -> pa.RecordBatch | None:
    """`_batch` of one number a base."""
    if np.count_nonzero(dense) * _LISTED <= TILE:
        at = np.flatnonzero(dense).astype(np.int32)
        return _batch(tile, Steps(at, dense[at]))
    stored = dense.astype(np.int8)
    large = np.flatnonzero(stored != dense).astype(np.int32)
    stored[large] = 0
    return _columns(tile, large, dense[large], stored.tobytes())


def _columns(tile: int, at: Ints, step: Ints, dense: bytes | None) -> pa.RecordBatch:
    columns: list[list[Any]] = [[tile], [at], [step], [dense]]
    arrays = [pa.array(column, f.type) for column, f in zip(columns, _SCHEMA, strict=True)]
    return pa.record_batch(arrays, schema=_SCHEMA)


def _dense(batch: pa.RecordBatch) -> Ints | None:
    """One number a base of a batch that holds them; None for a list of steps."""
    if not batch.column("dense")[0].is_valid:
        return None
    data = batch.column("dense")[0].as_buffer()
    dense = np.frombuffer(data, np.int8).astype(np.int32)
    listed = _listed(batch)
    dense[listed.at] = listed.step
    return dense


def _listed(batch: pa.RecordBatch) -> Steps:
    at, step = (batch.column(name).values.to_numpy() for name in ("at", "step"))
    return Steps(at.astype(np.int32), step.astype(np.int32))


def _steps(batch: pa.RecordBatch) -> Steps:
    """Steps of a batch of either form."""
    dense = _dense(batch)
    if dense is None:
        return _listed(batch)
    at = np.flatnonzero(dense).astype(np.int32)
    return Steps(at, dense[at])


def _added(tile: int, old: pa.RecordBatch | None, change: Steps) -> pa.RecordBatch | None:
    """A tile (None: of zeros) and steps added to it; ValueError if there are fewer than none."""
    dense = _dense(old) if old is not None else None
    if dense is not None:
        dense[change.at] += change.step
        batch, step = _dense_batch(tile, dense), dense
    else:
        both = merged([_steps(old), change] if old is not None else [change])
        batch, step = _batch(tile, both), both.step
    if np.cumsum(step).min(initial=0) < 0:
        raise ValueError(f"fewer than no people at tile {tile}")
    return batch


class Track:
    """A track on disk; tiles are read when asked for. `path` None is a track of zeros."""

    def __init__(self, path: Path | None) -> None:
        self._file = pa.ipc.open_file(pa.memory_map(str(path))) if path else None
        self._index: dict[int, int] = {}
        if path is not None:
            numbers = pa.ipc.open_file(pa.memory_map(str(path)), options=_NUMBERS)
            for i in range(numbers.num_record_batches):
                self._index[numbers.get_batch(i).column("tile")[0].as_py()] = i

    def tiles(self) -> list[int]:
        """Numbers of the tiles that are not zero throughout."""
        return sorted(self._index)

    def batch(self, number: int) -> pa.RecordBatch | None:
        """One tile as it is stored; None if it is zero throughout."""
        at = self._index.get(number)
        return None if at is None or self._file is None else self._file.get_batch(at)

    def tile(self, number: int) -> Steps:
        """Steps of one tile."""
        batch = self.batch(number)
        return _steps(batch) if batch is not None else Steps(*np.empty((2, 0), np.int32))

    def values(self, points: Ints) -> Ints:
        """People callable at sorted 0-based `points`."""
        out = np.zeros(points.size, np.int32)
        cuts = points // TILE
        for number in np.unique(cuts):
            a, b = np.searchsorted(cuts, [number, number + 1])
            out[a:b] = self.tile(int(number)).values(points[a:b] - np.int32(number * TILE))
        return out


def write(path: Path, old: Track, changes: Mapping[int, Steps]) -> bool:
    """Write `old` plus `changes` to `path`, tile by tile; False (and no file) if all is zero."""
    return write_parts(path, old, [Part(0, 1 + (1 << 31) // TILE, changes)])


def write_parts(path: Path, old: Track, parts: Iterable[Part]) -> bool:
    """`write` of changes that come in parts, in order and of all tiles."""
    written = False
    with (
        pa.OSFile(str(path), "wb") as sink,
        pa.ipc.new_file(sink, _SCHEMA, options=_OPTIONS) as out,
    ):
        for part in parts:
            there = [number for number in old.tiles() if part.first <= number < part.end]
            for number in sorted({*there, *part.changes}):
                batch = old.batch(number)
                if number in part.changes:
                    batch = _added(number, batch, part.changes[number])
                if batch is not None:
                    out.write_batch(batch)
                    written = True
    if not written:
        path.unlink()
    return written
