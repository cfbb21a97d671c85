"""Which pictures a patient's report has, and the reads and reference they are drawn from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from shirube.calling.somatic.markers import contexts
from shirube.genome.intervals import Interval
from shirube.genome.regions import read_contigs
from shirube.reads.window import WindowRead, window_reads
from shirube.report.figures.finding import Figure, fractions, pile_up
from shirube.report.figures.genome import copy_number, coverage, fusion
from shirube.report.figures.person import codon_of, lollipop, pedigree, repeat_ruler
from shirube.report.figures.tumour import rearrangements, spectrum
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
    sex: str = "unknown",
    lengths: Mapping[str, int] | None = None,
    substitutions: Mapping[str, int] | None = None,
    points: pl.DataFrame | None = None,
) -> list[Figure]:
    """The pictures that need no reads.

    `sex` is the patient's; `lengths` of the chromosomes by canonical name; `substitutions` the
    tumour's by context (calling.somatic.markers.contexts); `points` of depth (depth_points).
    """
    known = models(gene_models) if items else {}
    made: list[Figure | None] = [fusion(i, known) for i in items if i["kind"] == "fusion"]
    by_gene: dict[str, list[Mapping[str, Any]]] = {}
    for item in items:
        if item["gene"] in known and codon_of(item) is not None:
            by_gene.setdefault(item["gene"], []).append(item)
    made += [lollipop(group, known[gene]) for gene, group in list(by_gene.items())[:DRAWN]]
    made += [pedigree(i, sex) for i in items[:DRAWN] if i["section"] == "rare"]
    made += [repeat_ruler(i) for i in items if i["kind"] == "repeat"]
    made += [
        fractions(items),
        spectrum(substitutions or {}),
        copy_number(segments, loh, items, points) if segments is not None else None,
        rearrangements(items, lengths or {}),
        coverage(targets, genes),
    ]
    return [figure for figure in made if figure is not None]


def of_chromosomes(fasta: str | Path, aliases: dict[str, str] | None) -> dict[str, int]:
    """Length of each chromosome of a reference by its canonical name."""
    lengths = read_contigs(f"{fasta}.fai")
    names = reference_names(f"{fasta}.fai", aliases)
    return {chrom: lengths[name] for chrom, name in names.items()}


def spectrum_of(
    somatic: pl.DataFrame, fasta: str | Path, aliases: dict[str, str] | None
) -> dict[str, int]:
    """Substitutions of a tumour (SOMATIC) that passed, by their neighbours in the reference."""
    names = reference_names(f"{fasta}.fai", aliases)
    plain = pl.col("ref").is_in(list("ACGT")) & pl.col("alt").is_in(list("ACGT"))
    kept = somatic.filter(pl.col("filter") == "PASS", plain).with_columns(
        pl.col("chrom").cast(pl.String)
    )
    return contexts(kept.filter(pl.col("chrom").is_in(list(names))), str(fasta), dict(names))
