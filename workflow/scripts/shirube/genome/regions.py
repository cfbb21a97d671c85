"""Regions of a reference: BED files, contigs, and the tiles a run is cut into.

All intervals are 0-based, half-open; contigs carry the reference's own names.
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from shirube.errors import InputError
from shirube.genome.alleles import canonical, canonical_names
from shirube.genome.chromosomes import CHROMS
from shirube.genome.intervals import Arrays, Interval, merged


def _text_lines(path: str | Path, what: str) -> Iterator[tuple[int, str]]:
    """Numbered lines of a text file, plain or gzip; InputError if it cannot be read as `what`."""
    opener = gzip.open if str(path).endswith(".gz") else open
    try:
        with opener(path, "rt", encoding="utf-8-sig") as lines:
            yield from enumerate(lines, 1)
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())
        raise InputError(path, f"{what} to read ({reason})") from error


def _base(text: str) -> int | None:
    """A coordinate, at most 10 digits; None if it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def read_contigs(fai: str | Path) -> dict[str, int]:
    """Contig -> length from a FASTA index (.fai), in the file's order."""
    contigs: dict[str, int] = {}
    for number, line in _text_lines(fai, "a FASTA index"):
        fields = line.split("\t")
        length = _base(fields[1]) if len(fields) >= 5 else None
        if not fields[0] or length is None:
            raise InputError(fai, "five tab-separated columns of a FASTA index", f"line {number}")
        if fields[0] in contigs:
            raise InputError(fai, f"each contig once, found {fields[0]} again", f"line {number}")
        contigs[fields[0]] = length
    if not contigs:
        raise InputError(fai, "at least one contig")
    return contigs


def read_bed(path: str | Path) -> list[Interval]:
    """Intervals of a BED file (plain or gzip), in the file's order; comments and tracks skipped."""
    intervals = []
    for number, line in _text_lines(path, "a BED file, plain or gzip,"):
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        fields = line.rstrip("\n").split("\t")
        start, end = (_base(field) for field in fields[1:3]) if len(fields) >= 3 else (None, None)
        if start is None or end is None:
            raise InputError(path, "contig, start, end separated by tabs", f"line {number}")
        if start >= end:
            raise InputError(path, f"start below end, found {start} {end}", f"line {number}")
        intervals.append(Interval(fields[0], start, end))
    return intervals


def bed_arrays(path: str | Path, aliases: dict[str, str] | None) -> dict[str, Arrays]:
    """Canonical chromosome -> arrays of a BED of merged, sorted intervals (plain or gzip).

    Contigs without a canonical name are left out.
    """
    schema = {"contig": pl.String, "start": pl.Int64, "end": pl.Int64}
    try:
        table = pl.read_csv(
            path, separator="\t", has_header=False, columns=[0, 1, 2], new_columns=list(schema),
            schema_overrides=list(schema.values()), comment_prefix="#",
        )  # fmt: skip
    except pl.exceptions.NoDataError:
        return {}
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise InputError(path, f"contig, start, end separated by tabs ({reason})") from error
    names = canonical_names(aliases)
    parts = table.partition_by("contig", as_dict=True, maintain_order=True)
    return {
        names[str(contig)]: (part["start"].to_numpy(), part["end"].to_numpy())
        for (contig,), part in parts.items()
        if contig in names
    }


def run_regions(
    contigs: dict[str, int], bed: str | Path | None, aliases: dict[str, str] | None = None
) -> list[Interval]:
    """What a run looks at: the BED's intervals, or every canonical contig, in karyotype order."""
    if bed:
        regions = read_bed(bed)
        for region in regions:
            if region.contig not in contigs or region.end > contigs[region.contig]:
                raise InputError(bed, f"{region.region} inside the reference", region.region)
    else:
        regions = [Interval(name, 0, length) for name, length in contigs.items()]
    placed = [r for r in merged(regions) if canonical(r.contig, aliases)]
    return sorted(placed, key=lambda r: (CHROMS.index(canonical(r.contig, aliases) or ""), r.start))


def tiles(regions: Iterable[Interval], size: int) -> list[Interval]:
    """What each cell of a grid of `size` bases holds of `regions`, as one hull a cell.

    The grid starts at 0 of every contig, so a wider BED leaves the other cells' tiles alone; a
    tile may hold bases no region asks for (a panel's gaps): jobs intersect it with the regions.
    """
    hulls: dict[tuple[str, int], tuple[int, int]] = {}
    for region in regions:
        for cell in range(region.start // size, (region.end - 1) // size + 1):
            start, end = max(region.start, cell * size), min(region.end, (cell + 1) * size)
            low, high = hulls.get((region.contig, cell), (start, end))
            hulls[region.contig, cell] = (min(low, start), max(high, end))
    return [Interval(contig, start, end) for (contig, _), (start, end) in hulls.items()]


def jobs(shards: dict[str, list[str]], size: int) -> dict[str, list[list[str]]]:
    """Runs of consecutive `shards` that span at most `size` bases together, by the first's name."""
    groups: dict[str, list[list[str]]] = {}
    first, total = "", 0
    for name, tiles in shards.items():
        width = sum(tile.end - tile.start for tile in map(Interval.from_name, tiles))
        if not first or total + width > size:
            first, total = name, 0
            groups[first] = []
        groups[first].append(tiles)
        total += width
    return groups


def shards(tiles: Iterable[Interval], size: int) -> dict[str, list[str]]:
    """Names of consecutive `tiles` that span at most `size` bases together, by the first's name.

    A tile wider than `size` is a shard of its own. Order is kept.
    """
    groups: dict[str, list[str]] = {}
    first, total = "", 0
    for tile in tiles:
        width = tile.end - tile.start
        if not first or total + width > size:
            first, total = tile.name, 0
            groups[first] = []
        groups[first].append(tile.name)
        total += width
    return groups
