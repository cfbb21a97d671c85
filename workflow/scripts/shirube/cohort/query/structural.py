"""Structural variants of a release: those that reach into a place, or one by its name."""

import re
from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from shirube.contracts import STRUCTURAL_FREQUENCY, scan
from shirube.genome.chromosomes import CHROMS

TILE = 1_000_000
_KEPT = 32  # tiles held at a time
_NAME = re.compile(r"[A-Z]+-(chr\w+)-(\d+)-\S+")
Row = dict[str, Any]


class Structural:
    """structural/ of one release in `folder`; a release without it has none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "structural"
        self._tiles: OrderedDict[tuple[str, int], list[list[Row]]] = OrderedDict()

    @property
    def told(self) -> bool:
        """Whether the release says anything of structural variants."""
        return any(self.files().values())

    def files(self) -> dict[str, Path]:
        """Chromosome -> its table."""
        return {path.stem: path for path in sorted(self._folder.glob("*.parquet"))}

    @cached_property
    def _far(self) -> pl.DataFrame:
        """Variants whose ends lie on two chromosomes."""
        parts = [
            scan(STRUCTURAL_FREQUENCY, path).filter(pl.col("chrom") != pl.col("chrom2"))
            for path in self.files().values()
        ]
        return pl.concat([STRUCTURAL_FREQUENCY.empty().lazy(), *parts]).collect()

    def _tile(self, chrom: str, number: int) -> list[list[Row]]:
        """Variants that reach into a tile, by place."""
        key = (chrom, number)
        if key not in self._tiles:
            low, high = number * TILE, (number + 1) * TILE
            path = self._folder / f"{chrom}.parquet"
            rows = STRUCTURAL_FREQUENCY.empty()
            if path.is_file():
                near = pl.col("chrom2") == chrom
                reaches = (pl.col("pos") <= high) & (
                    (near & (pl.col("pos2") > low)) | (pl.col("pos") > low)
                )
                rows = scan(STRUCTURAL_FREQUENCY, path).filter(reaches).collect()
            far = self._far.filter(
                (pl.col("chrom2") == chrom) & (pl.col("pos2") > low) & (pl.col("pos2") <= high)
            )
            self._tiles[key] = _by_variant(pl.concat([rows, far]))
            if len(self._tiles) > _KEPT:
                self._tiles.popitem(last=False)
        self._tiles.move_to_end(key)
        return self._tiles[key]

    def within(self, chrom: str, start: int, end: int) -> list[list[Row]]:
        """Rows of each variant that reaches into 0-based [start, end), one a group, `all` first."""
        out: dict[str, list[Row]] = {}
        for number in range(start // TILE, max(end - 1, start) // TILE + 1):
            for rows in self._tile(chrom, number):
                if _reaches(rows[0], chrom, start, end):
                    out.setdefault(rows[0]["name"], rows)
        return [[dict(row) for row in rows] for rows in out.values()]

    def named(self, name: str) -> list[Row]:
        """Rows of the variant of this name; [] if the release has none."""
        found = _NAME.fullmatch(name)
        if found is None or found[1] not in CHROMS or len(found[2]) > len(str(TILE * 1000)):
            return []
        pos = int(found[2])
        rows = [r for r in self._tile(found[1], max(pos - 1, 0) // TILE) if r[0]["name"] == name]
        return [dict(row) for row in rows[0]] if rows else []


def is_name(text: str) -> bool:
    """Whether a text is of the form of a structural variant's name: DEL-chr1-1000-2000."""
    return _NAME.fullmatch(text) is not None


def _reaches(row: Row, chrom: str, start: int, end: int) -> bool:
    first, last = row["pos"], row["pos2"]
    if row["chrom"] != row["chrom2"]:
        ends = ((row["chrom"], first), (row["chrom2"], last))
        return any(name == chrom and start < at <= end for name, at in ends)
    return bool(first <= end and max(first, last) > start)


def _by_variant(table: pl.DataFrame) -> list[list[Row]]:
    out: dict[str, list[Row]] = {}
    ordered = table.sort("pos", "name", pl.col("stratum") != "all", "stratum")
    for row in ordered.iter_rows(named=True):
        out.setdefault(row["name"], []).append(row)
    return list(out.values())
