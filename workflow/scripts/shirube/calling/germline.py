"""Germline calls of one sample: tile by tile from reads, then gathered into one gVCF."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import polars as pl

from shirube.alleles import canonical
from shirube.calling import engines, gvcf
from shirube.errors import InputError
from shirube.ploidy import PAR, segments
from shirube.regions import Interval, merged
from shirube.tools import piped, run, written

Par = dict[str, tuple[tuple[int, int], ...]]


def par_of(build: str, configured: dict[str, list[list[int]]] | None) -> Par:
    """Pseudo-autosomal regions: the config's, else the build's; none for an artificial one."""
    if configured is not None:
        return {chrom: tuple((a, b) for a, b in pairs) for chrom, pairs in configured.items()}
    return PAR.get(build, {})


def intervals_by_copies(
    tile: Interval,
    regions: Sequence[Interval],
    sex: str,
    par: Par,
    length: int,
    aliases: dict[str, str] | None = None,
) -> dict[int, list[Interval]]:
    """Copies (1, 2) -> stretches of `tile` inside `regions` that a person of `sex` has so often.

    What a person has no copy of (Y in XX) is left out. Raises InputError where the sex must be
    known and is not.
    """
    chrom = canonical(tile.contig, aliases)
    if chrom is None:
        return {}
    if sex not in ("XX", "XY") and chrom in ("chrX", "chrY"):
        raise InputError("sheet of people", f"XX or XY, to call {chrom}; found {sex}", "sex")
    pieces: dict[int, list[Interval]] = {}
    for region in merged(r for r in regions if r.contig == tile.contig):
        for start, end, copies in segments(chrom, length, sex, par):
            low = max(tile.start, region.start, start)
            high = min(tile.end, region.end, end)
            if low < high and copies:
                pieces.setdefault(copies, []).append(Interval(tile.contig, low, high))
    return pieces


def sample_choice(reads: str | Path, name: str) -> str | None:
    """Which sample of a BAM or CRAM to call: None takes every read of a file of one sample.

    `name` is what the sheet expects in @RG SM, `-` for reads that have none. A file whose @RG
    name other samples only is refused.
    """
    lines = run("samtools", "view", "--no-PG", "-H", reads).decode().splitlines()
    words = [line.split("\t") for line in lines if line.startswith("@RG")]
    found = {word[3:] for line in words for word in line if word.startswith("SM:")}
    if not found or found == {name}:
        return None
    if name in found:
        return name
    raise InputError(reads, f"reads of sample {name}; @RG name {', '.join(sorted(found))}")


def _padded(intervals: Sequence[Interval], length: int) -> list[Interval]:
    pad = engines.PADDING
    return merged(
        Interval(i.contig, max(0, i.start - pad), min(length, i.end + pad)) for i in intervals
    )


def _list(path: Path, intervals: Sequence[Interval]) -> Path:
    """Write intervals as htslib's regions file (tab-separated, 1-based, both ends included)."""
    path.write_text("".join(f"{i.contig}\t{i.start + 1}\t{i.end}\n" for i in intervals))
    return path


def _bases(fasta: IO[bytes]) -> list[str]:
    """The sequences of a FASTA stream, one a record, in upper case."""
    records = fasta.read().decode().upper().split(">")[1:]
    return ["".join(record.split("\n")[1:]) for record in records]


def tile_records(
    reads: str | Path,
    reference: str | Path,
    pieces: dict[int, list[Interval]],
    length: int,
    sample: str | None,
    settings: engines.Settings,
) -> tuple[list[str], pl.DataFrame]:
    """Header lines of the caller and RECORDS of one tile, sorted, blocks merged."""
    lines: list[str] = []
    tables = []
    with tempfile.TemporaryDirectory() as scratch:
        for copies, intervals in sorted(pieces.items()):
            regions = _list(Path(scratch) / f"{copies}.tsv", _padded(intervals, length))
            starts = [Interval(i.contig, i.start, i.start + 1) for i in intervals]
            places = Path(scratch) / f"{copies}.txt"
            places.write_text("".join(f"{start.region}\n" for start in starts))
            commands = engines.bcftools(reads, reference, regions, copies, sample, settings)
            with (
                piped(["samtools", "faidx", reference, "-r", places]) as fasta,
                piped(*commands) as stream,
            ):
                lines += [x for x in gvcf.read_header(stream, reads) if x not in lines]
                first = dict(zip((s.start for s in starts), _bases(fasta), strict=True))
                chunks = (
                    gvcf.clip(gvcf.records(chunk), intervals, first)
                    for chunk in gvcf.read_text(stream)
                )
                tables += list(gvcf.merge_blocks(chunks))
    if not tables:
        return lines, pl.DataFrame(schema=gvcf.RECORDS)
    return lines, pl.concat(tables).sort("start", maintain_order=True)


def write_tile(
    path: str | Path, lines: Sequence[str], table: pl.DataFrame, contigs: dict[str, int]
) -> None:
    """Write one tile as BCF; the sample's name is set at the gather."""
    with written("bcftools", "view", "--no-version", "-Ob1", "-o", path, "-") as stream:
        stream.write(gvcf.header(gvcf.definitions(lines), contigs, "sample"))
        stream.write(gvcf.text(table))


def _tile_chunks(tiles: Sequence[str | Path]) -> Iterator[pl.DataFrame]:
    for tile in tiles:
        with piped(["bcftools", "view", "--no-version", "-H", tile]) as stream:
            for chunk in gvcf.read_text(stream):
                yield gvcf.own_records(chunk)


def _header_of(path: str | Path) -> list[str]:
    text = run("bcftools", "view", "--no-version", "-h", path).decode()
    return [line for line in text.splitlines() if not line.startswith("#CHROM")]


def gather(
    tiles: Sequence[str | Path], contigs: dict[str, int], sample: str, path: str | Path
) -> None:
    """Join tiles (in the run's order) into one indexed gVCF, blocks merged across their edges."""
    lines: list[str] = []
    for tile in tiles:
        lines += [line for line in _header_of(tile) if line not in lines]
    with written("bcftools", "view", "--no-version", "-Oz", "-o", path, "-") as stream:
        stream.write(gvcf.header(gvcf.definitions(lines), contigs, sample))
        for table in gvcf.merge_blocks(_tile_chunks(tiles)):
            stream.write(gvcf.text(table))
    run("bcftools", "index", "--force", "--tbi", path)
