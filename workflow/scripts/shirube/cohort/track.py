"""How many people are callable at each position of a chromosome: a step function in tiles.

A tile holds its steps (position, change of the number) either as a sorted list or, where that
would be larger, as one number a base; which of the two depends on the content alone. Tiles are
independent: a step function starts from zero at each tile's first base.

On disk a track is an Arrow file with one record batch a tile.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from shirube.cohort.words import Ints

TILE = 1_000_000
_SCHEMA = pa.schema(
    {
        "tile": pa.int32(),
        "at": pa.list_(pa.int32()),
        "step": pa.list_(pa.int32()),
        "dense": pa.binary(),
        "width": pa.int8(),
    }
)
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


def _batch(tile: int, found: Steps) -> pa.RecordBatch:
    """One tile as a record batch: a list of steps, or one number a base where that is smaller."""
    largest = int(np.abs(found.step).max(initial=0))
    width = 2 if largest < 1 << 15 else 4
    if found.at.size * 8 <= TILE * width:
        columns = [[found.at], [found.step], [None], [0]]
    else:
        dense = np.zeros(TILE, np.int16 if width == 2 else np.int32)
        dense[found.at] = found.step
        columns = [[None], [None], [dense.tobytes()], [width]]
    arrays = [
        pa.array(column, field.type)
        for column, field in zip([[tile], *columns], _SCHEMA, strict=True)
    ]
    return pa.record_batch(arrays, schema=_SCHEMA)


def _steps(batch: pa.RecordBatch) -> tuple[int, Steps]:
    """Inverse of `_batch`."""
    tile = batch.column("tile")[0].as_py()
    width = batch.column("width")[0].as_py()
    if width == 0:
        at = batch.column("at").values.to_numpy().astype(np.int32)
        return tile, Steps(at, batch.column("step").values.to_numpy().astype(np.int32))
    dense = np.frombuffer(
        batch.column("dense")[0].as_buffer(), np.int16 if width == 2 else np.int32
    )
    at = np.flatnonzero(dense).astype(np.int32)
    return tile, Steps(at, dense[at].astype(np.int32))


class Track:
    """A track on disk; tiles are read when asked for. `path` None is a track of zeros."""

    def __init__(self, path: Path | None) -> None:
        self._file = pa.ipc.open_file(pa.memory_map(str(path))) if path else None
        self._index: dict[int, int] = {}
        if self._file is not None:
            for i in range(self._file.num_record_batches):
                self._index[self._file.get_batch(i).column("tile")[0].as_py()] = i

    def tiles(self) -> list[int]:
        """Numbers of the tiles that are not zero throughout."""
        return sorted(self._index)

    def tile(self, number: int) -> Steps:
        """Steps of one tile."""
        at = self._index.get(number)
        if at is None or self._file is None:
            return Steps(np.empty(0, np.int32), np.empty(0, np.int32))
        return _steps(self._file.get_batch(at))[1]

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

    def tiles() -> Iterator[tuple[int, Steps]]:
        for number in sorted({*old.tiles(), *changes}):
            parts = [old.tile(number)]
            if number in changes:
                parts.append(changes[number])
            yield number, merged(parts) if len(parts) > 1 else parts[0]

    written = False
    with (
        pa.OSFile(str(path), "wb") as sink,
        pa.ipc.new_file(sink, _SCHEMA, options=_OPTIONS) as out,
    ):
        for number, found in tiles():
            if found.at.size:
                if found.step[0] < 0 or np.cumsum(found.step).min() < 0:
                    raise ValueError(f"{path}: fewer than no people at tile {number}")
                out.write_batch(_batch(number, found))
                written = True
    if not written:
        path.unlink()
    return written


def changes_of(
    added: list[tuple[Ints, Ints]], removed: list[tuple[Ints, Ints]]
) -> dict[int, Steps]:
    """Steps of people who come and people who go, each given as (start, end)."""
    everyone = [*added, *removed]
    if not everyone:
        return {}
    start = np.concatenate([s for s, _ in everyone])
    end = np.concatenate([e for _, e in everyone])
    signs = [np.full(s.size, 1, np.int32) for s, _ in added]
    signs += [np.full(s.size, -1, np.int32) for s, _ in removed]
    return steps(start, end, np.concatenate(signs))
