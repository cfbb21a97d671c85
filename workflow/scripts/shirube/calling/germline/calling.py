"""Germline calls of one sample: tile by tile from reads, then gathered into one gVCF."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import polars as pl

from shirube.calling.germline import engines, gvcf, resolve
from shirube.calling.germline.caller_output import per_allele_fields, records
from shirube.errors import InputError
from shirube.genome.alleles import canonical
from shirube.genome.intervals import Interval, intersection, merged
from shirube.genome.ploidy import PAR, segments
from shirube.reads.reference import LETTER, reference_codes
from shirube.tools import piped, run, written
from shirube.vcf import header_lines

Par = dict[str, tuple[tuple[int, int], ...]]


def par_of(build: str, configured: dict[str, list[list[int]]] | None) -> Par:
    """Pseudo-autosomal regions: the config's, else the build's; none for an artificial one."""
    if configured is not None:
        return {chrom: tuple((a, b) for a, b in pairs) for chrom, pairs in configured.items()}
    return PAR.get(build, {})


def intervals_by_copies(
    tiles: Sequence[Interval],
    regions: Sequence[Interval],
    sex: str,
    par: Par,
    contigs: dict[str, int],
    aliases: dict[str, str] | None = None,
) -> dict[int, list[Interval]]:
    """Copies (1, 2) -> stretches of `tiles` inside `regions` that a person of `sex` has so often.

    What a person has no copy of (Y in XX) is left out, and chrM, which is no number of copies
    (`mitochondria`). Raises InputError where the sex must be known and is not.
    """
    pieces: dict[int, list[Interval]] = {}
    asked = merged(regions)
    for tile in tiles:
        chrom = canonical(tile.contig, aliases)
        if chrom in (None, "chrM"):
            continue
        if sex not in ("XX", "XY") and chrom in ("chrX", "chrY"):
            raise InputError("sheet of people", f"XX or XY, to call {chrom}; found {sex}", "sex")
        for start, end, copies in segments(chrom, contigs[tile.contig], sex, par):
            part = intersection([tile], [Interval(tile.contig, start, end)])
            if copies:
                pieces.setdefault(copies, []).extend(intersection(part, asked))
    return {copies: found for copies, found in pieces.items() if found}


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


def tile_records(
    engine: str,
    reads: str | Path,
    reference: str,
    pieces: dict[int, list[Interval]],
    sample: str | None,
    settings: engines.Settings,
    called: str | None = None,
    turn: AbstractContextManager[object] | None = None,
) -> tuple[list[str], pl.DataFrame]:
    """Header lines of the caller and RECORDS over `pieces` (copies -> intervals), blocks merged.

    `called` is the file of an engine that ran beforehand. Contigs keep the order in which `pieces`
    names them; within one, records are sorted. `turn` is held while the engine's programs run.
    """
    lines: list[str] = []
    tables = []
    for copies, intervals in sorted(pieces.items()):
        by_contig: dict[str, list[Interval]] = {}
        for interval in intervals:
            by_contig.setdefault(interval.contig, []).append(interval)
        first = {
            contig: {i.start: _base(reference, contig, i.start) for i in group}
            for contig, group in by_contig.items()
        }
        with tempfile.TemporaryDirectory() as scratch:
            job = engines.Job(
                *(reads, reference, intervals, copies, sample, settings, Path(scratch), called)
            )
            with turn or nullcontext(), piped(*engines.ENGINES[engine](job)) as stream:
                head = gvcf.read_header(stream, reads)
                lines += [line for line in head if line not in lines]
                dropped = per_allele_fields(head)
                chunks = (
                    gvcf.clip(
                        records(part, copies, dropped), by_contig[str(contig)], first[str(contig)]
                    )
                    for chunk in gvcf.read_text(stream, source=reads)
                    for (contig,), part in chunk.group_by("contig", maintain_order=True)
                )
                found = list(gvcf.merge_blocks(chunks))
            if engine == "bcftools":
                lines += resolve.HEADER
                found = _resolved(found, job, by_contig)
            tables += found
    if not tables:
        return lines, pl.DataFrame(schema=gvcf.RECORDS)
    order = list(dict.fromkeys(i.contig for group in pieces.values() for i in group))
    rank = pl.col("contig").replace_strict({c: n for n, c in enumerate(order)})
    return lines, pl.concat(tables).sort(rank, "start", maintain_order=True)


def _resolved(
    found: Sequence[pl.DataFrame], job: engines.Job, by_contig: dict[str, list[Interval]]
) -> list[pl.DataFrame]:
    """Merged blocks and records, contig by contig, with the windows haplotypes explain better."""
    source = job.reads
    if job.sample:
        source = engines.reads_of_sample(
            job.reads, job.reference, job.intervals, job.sample, job.scratch
        )
    out = []
    whole = pl.concat(found) if found else pl.DataFrame(schema=gvcf.RECORDS)
    for contig, intervals in by_contig.items():
        table = whole.filter(pl.col("contig") == contig)
        better = resolve.resolved(
            table, str(source), job.reference, intervals, job.copies, job.settings
        )
        out += list(gvcf.merge_blocks([better]))
    return out


def _base(reference: str, contig: str, start: int) -> str:
    return LETTER[int(reference_codes(reference, contig, start, start + 1)[0])]


def tile_path(directory: str | Path, number: int) -> Path:
    """Where a job keeps its tile of a number (from 0)."""
    return Path(directory) / f"{number:05d}.bcf"


def tile_paths(directory: str | Path) -> list[Path]:
    """The tiles a job kept, in its order."""
    return sorted(Path(directory).glob("*.bcf"))


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
    return [line for line in header_lines(path) if not line.startswith("#CHROM")]


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
