"""Sums over any number of people, a stretch of a chromosome at a time.

People are read a few at a time and added up; where what has been added up grows too large, the
stretch is made shorter and what lies behind it is read again later. So memory depends neither on
the number of people nor on the length of the chromosome, and the result on neither: it is the
same rows wherever a stretch was cut.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from shirube.cohort import track
from shirube.cohort.kernels.array_types import Ints
from shirube.contracts import ALLELE, Contract, scan
from shirube.contracts.cohort import CALLABLE, COUNTS, GENOTYPES

AT_ONCE = 1 << 20  # rows of people read at a time
MOST = 4 << 20  # different alleles of a stretch
TILES_MB = 512  # of dense tiles held at a time
WHOLE = (1 << 31) - 1
_DENSE = track.TILE // 16  # steps from which on a tile is added to as one number a base
_NUMBERS = ("ac", "het", "hom", "hemi")
Signed = Sequence[tuple[Path, int]]  # a person's table, +1 who comes or -1 who goes


def summed(rows: pl.DataFrame) -> pl.DataFrame:
    """COUNTS of rows with COUNTS' columns, alleles that sum to nothing left out."""
    total = rows.group_by(ALLELE).agg(pl.col(_NUMBERS).sum())
    if total.filter(pl.any_horizontal(pl.col(_NUMBERS) < 0)).height:
        raise ValueError("fewer than no copies of an allele")
    return total.filter(pl.col("ac") > 0).sort(COUNTS.key)


def chroms_of(contract: Contract, people: Signed) -> set[str]:
    """Chromosomes on which these people have rows."""
    out: set[str] = set()
    for some in _batches(len(people), 64):
        rows = scan(contract, *(path for path, _ in people[some]))
        out |= {str(chrom) for chrom in rows.select("chrom").unique().collect()["chrom"]}
    return out


def _batches(number: int, size: int) -> Iterator[slice]:
    return (slice(at, at + size) for at in range(0, number, size))


def counts(
    old: Path | None, people: Signed, chrom: str, only: pl.Expr | None = None
) -> Iterator[pl.DataFrame]:
    """COUNTS of one chromosome in order: those of `old` and of `people` together.

    `only`: which rows of the people count.
    """
    start = 0
    while start < WHOLE:
        rows, end = _stretch(old, people, chrom, start, only)
        if rows.height:
            yield rows
        start = end


def _stretch(
    old: Path | None, people: Signed, chrom: str, start: int, only: pl.Expr | None
) -> tuple[pl.DataFrame, int]:
    """COUNTS of the positions (1-based) after `start`, up to the one that is returned."""
    end = WHOLE if old is None else after(old, start, MOST // 2)
    total = COUNTS.empty()
    if old is not None:
        total = scan(COUNTS, old).filter(_inside(start, end)).collect()
    waiting: list[pl.DataFrame] = []
    for rows in _rows(people, chrom, start, only):
        waiting.append(rows.filter(pl.col("pos") <= end))
        if sum(part.height for part in waiting) >= max(AT_ONCE, total.height):
            total, waiting = _merged([total, *waiting]), []
            if total.height > MOST:
                middle = int(total["pos"].median())  # type: ignore[arg-type]
                end = middle if middle < end else end
                total = total.filter(pl.col("pos") <= end)
    return summed(pl.concat([total, *waiting]).filter(pl.col("pos") <= end)), end


def _inside(start: int, end: int) -> pl.Expr:
    return (pl.col("pos") > start) & (pl.col("pos") <= end)


def _merged(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts).group_by(ALLELE).agg(pl.col(_NUMBERS).sum())


def after(path: Path, start: int, rows: int) -> int:
    """A position so that some `rows` of a table sorted by `pos` lie between it and `start`."""
    about = pq.read_metadata(path)
    column = next(i for i in range(about.num_columns) if about.schema.column(i).name == "pos")
    seen = 0
    for number in range(about.num_row_groups):
        group = about.row_group(number)
        last = group.column(column).statistics.max
        if last > start:
            seen += group.num_rows
            if seen >= rows:
                return int(last)
    return WHOLE


def _rows(people: Signed, chrom: str, start: int, only: pl.Expr | None) -> Iterator[pl.DataFrame]:
    """Rows of people after position `start` as COUNTS, some people at a time."""
    two, sign = pl.col("ploidy") == 2, pl.col("sign")
    here = (pl.col("chrom") == chrom) & (pl.col("pos") > start)
    columns = [
        *map(pl.col, ALLELE),
        (pl.col("ac").cast(pl.Int32) * sign).alias("ac"),
        ((two & (pl.col("ac") == 1)).cast(pl.Int32) * sign).alias("het"),
        ((two & (pl.col("ac") == 2)).cast(pl.Int32) * sign).alias("hom"),
        ((~two).cast(pl.Int32) * sign).alias("hemi"),
    ]
    return _read(GENOTYPES, people, here if only is None else here & only, columns)


def _read(
    contract: Contract, people: Signed, wanted: pl.Expr, columns: Sequence[pl.Expr]
) -> Iterator[pl.DataFrame]:
    """Some people's rows at a time, with a column `sign`; about AT_ONCE rows."""
    at, rows = 0, 0
    number = max(1, AT_ONCE // people[0][0].stat().st_size) if people else 0
    while at < len(people):
        number = min(number, 256)
        parts = [
            scan(contract, *(path for path, _ in some)).with_columns(sign=pl.lit(sign, pl.Int32))
            for sign, some in groupby(people[at : at + number], lambda one: one[1])
        ]
        found = pl.concat(parts).filter(wanted).select(columns).collect()
        yield found
        at, rows = at + number, rows + found.height
        number = max(1, min(number * 4, AT_ONCE * at // max(rows, 1)))


def stretches(tables: Sequence[Path], rows: int) -> Iterator[tuple[int, int]]:
    """Stretches (after, up to: 1-based) of one chromosome, with some `rows` of `tables` in each."""
    start = 0
    while start < WHOLE:
        each = -(-rows // max(len(tables), 1))
        end = min((after(path, start, each) for path in tables), default=WHOLE)
        yield start, end
        start = end


def changes(people: Signed, chrom: str) -> Iterator[track.Part]:
    """What people change of a chromosome's track, in parts of some tiles in order."""
    first, last = 0, 1 + WHOLE // track.TILE
    while first < last:
        part = _tiles(people, chrom, first)
        yield part
        first = part.end


def _tiles(people: Signed, chrom: str, first: int) -> track.Part:
    """Changes of the tiles from `first` on, as many as fit into memory."""
    end = 1 + WHOLE // track.TILE
    dense: dict[int, Ints] = {}
    listed: dict[int, track.Steps] = {}
    for start, stop, sign in _intervals(people, chrom, first * track.TILE):
        inside = start < end * track.TILE
        stop = np.minimum(stop[inside], min(end * track.TILE, WHOLE)).astype(np.int32)
        for tile, found in track.steps(start[inside], stop, sign[inside]).items():
            if tile in dense:
                dense[tile][found.at] += found.step
                continue
            both = track.merged([listed[tile], found]) if tile in listed else found
            listed[tile] = both
            if both.at.size > _DENSE:
                dense[tile] = np.zeros(track.TILE, np.int32)
                dense[tile][both.at] = both.step
                del listed[tile]
        while 4 * len(dense) * track.TILE > TILES_MB << 20:
            tiles = sorted({*dense, *listed})
            end = tiles[len(tiles) // 2]
            for kept in (dense, listed):
                for tile in [tile for tile in kept if tile >= end]:
                    del kept[tile]
    for tile, values in dense.items():
        at = np.flatnonzero(values).astype(np.int32)
        listed[tile] = track.Steps(at, values[at])
    return track.Part(first, end, {t: s for t, s in sorted(listed.items()) if s.at.size})


def _intervals(people: Signed, chrom: str, low: int) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Callable intervals (start, end, sign) that end behind `low`, some people at a time."""
    here = (pl.col("chrom") == chrom) & (pl.col("end") > low)
    for found in _read(CALLABLE, people, here, [pl.col("start", "end", "sign")]):
        start = np.maximum(found["start"].to_numpy(), low).astype(np.int32)
        yield start, found["end"].to_numpy(), found["sign"].to_numpy()
