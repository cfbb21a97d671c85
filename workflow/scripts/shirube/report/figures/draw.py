"""Which pictures a patient's report has, and the reads and reference they are drawn from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from shirube.genome.intervals import Interval
from shirube.genome.regions import read_contigs
from shirube.reads.window import WindowRead, window_reads
from shirube.report.figures.finding import Figure, fractions, pile_up
from shirube.report.figures.genome import copy_number, coverage, fusion
from shirube.report.target_depth import reference_names
from shirube.report.targets import models
from shirube.tools import run

FLANK = 28  # bases drawn on each side of a variant
LONGEST = 20  # longer alleles are not drawn base by base
DRAWN = 30  # pile-ups of a report


def reference_bases(fasta: str | Path, window: Interval) -> str:
    """Bases of a window of the reference, upper case."""
    text = run("samtools", "faidx", fasta, window.region).decode()
    return "".join(text.split("\n")[1:]).upper()


def _window(
    item: Mapping[str, Any], names: Mapping[str, str], lengths: Mapping[str, int]
) -> Interval | None:
    allele = item["allele"]
    if allele is None or item["kind"] not in ("snv", "mnv", "insertion", "deletion", "delins"):
        return None
    if max(len(allele["ref"] or ""), len(allele["alt"] or "")) > LONGEST:
        return None
    contig = names.get(allele["chrom"])
    if contig is None:
        return None
    last = allele["pos"] - 1 + len(allele["ref"]) + FLANK
    return Interval(contig, max(0, allele["pos"] - 1 - FLANK), min(last, lengths[contig]))


def pile_ups(
    items: Sequence[Mapping[str, Any]],
    reads: Mapping[str, str],
    fasta: str | Path,
    aliases: dict[str, str] | None,
    min_baseq: int,
) -> list[Figure]:
    """A pile-up of each reported small variant. `reads`: label of a sample -> its BAM or CRAM."""
    names, lengths = reference_names(f"{fasta}.fai", aliases), read_contigs(f"{fasta}.fai")
    out = []
    for item in items[:DRAWN]:
        window = _window(item, names, lengths) if reads else None
        if window is None:
            continue
        shown: list[tuple[str, list[WindowRead]]] = [
            (label, list(window_reads(path, fasta, window, min_baseq)))
            for label, path in reads.items()
        ]
        out.append(pile_up(item, window.start, reference_bases(fasta, window), shown))
    return out


def figures(
    items: Sequence[Mapping[str, Any]],
    targets: pl.DataFrame,
    genes: Sequence[str],
    gene_models: pl.DataFrame,
    segments: pl.DataFrame | None,
    loh: pl.DataFrame | None,
) -> list[Figure]:
    """The pictures that need no reads: fusions, fractions, copy number, coverage."""
    known = models(gene_models) if any(i["kind"] == "fusion" for i in items) else {}
    made = [fusion(i, known) for i in items if i["kind"] == "fusion"]
    made += [
        fractions(items),
        copy_number(segments, loh) if segments is not None else None,
        coverage(targets, genes),
    ]
    return [figure for figure in made if figure is not None]
