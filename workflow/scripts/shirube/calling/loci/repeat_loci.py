"""All repeat loci of one sample, by the configured engine."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from shirube.calling.loci.expansionhunter import catalogue, hunt, read_expansionhunter
from shirube.calling.loci.repeat_model import locus_model
from shirube.calling.loci.repeats import (
    MAX_MOTIF,
    motifs_of,
    not_assessable,
    repeat_row,
    repeats_table,
)
from shirube.calling.structural.adjacency import Reference
from shirube.genome.alleles import canonical
from shirube.genome.intervals import Interval
from shirube.reads.repeat_reads import locus_reads
from shirube.reasons import Reason, because

FLANK, MAX_TRACT = 150, 130


def ploidy_of(chrom: str, sex: str | None) -> int | None:
    """Alleles of a locus outside the pseudo-autosomal ends; None if the sex must be known."""
    if chrom not in ("chrX", "chrY"):
        return 2
    return {("chrX", "XX"): 2, ("chrX", "XY"): 1, ("chrY", "XY"): 1}.get((chrom, sex or ""))


def measured_repeats(
    reads: str,
    fasta: str,
    loci: pl.DataFrame,
    regions: Sequence[Interval],
    sex: str | None,
    engine: str = "embedded",
    aliases: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """REPEATS of a sample: every row of REPEAT_LOCI has one, assessed or with why not.

    `regions`: what of the reference the run asks for, in its contigs' names.
    """
    reference = Reference(fasta)
    names = dict(aliases or {})
    contigs = {str(canonical(name, names)): name for name in reference.contigs}
    rows, asked, ploidies = [], [], {}
    for locus in loci.rows(named=True):
        chrom = str(locus["chrom"])
        ploidy = ploidy_of(chrom, sex)
        why = _outside(locus, contigs, regions, ploidy)
        if why:
            rows.append(not_assessable(locus, ploidy or 2, why, engine=engine))
            continue
        ploidies[locus["locus"]] = ploidy or 2
        asked.append(locus)
    if engine == "expansionhunter":
        found = _hunted(reads, fasta, asked, contigs, sex, ploidies)
        return pl.concat([repeats_table(rows), found]).sort("chrom", "start", "locus")
    for locus in asked:
        contig = contigs[str(locus["chrom"])]
        place = Interval(contig, locus["start"], locus["end"])
        left = reference.codes(contig, max(place.start - FLANK, 0), place.start)
        end = min(place.end + FLANK, reference.contigs[contig])
        right = reference.codes(contig, place.end, end)
        motifs, counted = motifs_of(locus)
        reason = _beyond(place, motifs, counted)
        ploidy = ploidies[locus["locus"]]
        if not reason and ((left > 3).any() or (right > 3).any()):
            reason = because("repeat.no_reference")
        if reason:
            rows.append(not_assessable(locus, ploidy, reason, engine=engine))
            continue
        model = locus_model(left, right, motifs)
        taken = locus_reads(reads, fasta, place)
        rows.append(repeat_row(locus, taken, model, motifs, counted, ploidy))
    return repeats_table(rows)


def _outside(
    locus: Mapping[str, object],
    contigs: Mapping[str, str],
    regions: Sequence[Interval],
    ploidy: int | None,
) -> Reason | None:
    contig = contigs.get(str(locus["chrom"]))
    start, end = int(str(locus["start"])), int(str(locus["end"]))
    if contig is None:
        return because("repeat.no_contig")
    if not any(r.contig == contig and r.start <= start and end <= r.end for r in regions):
        return because("repeat.outside")
    return because("repeat.sex") if ploidy is None else None


def _beyond(place: Interval, motifs: Sequence[str], counted: Sequence[int]) -> Reason | None:
    if not counted:
        return because("repeat.no_motif")
    if max(len(motif) for motif in motifs) > MAX_MOTIF or place.end - place.start > MAX_TRACT:
        return because("repeat.too_long")
    return None


def _hunted(
    reads: str,
    fasta: str,
    loci: Sequence[Mapping[str, object]],
    contigs: Mapping[str, str],
    sex: str | None,
    ploidies: Mapping[str, int],
) -> pl.DataFrame:
    with tempfile.TemporaryDirectory() as scratch:
        listed = Path(scratch) / "catalogue.json"
        listed.write_text(catalogue(loci, contigs))
        made = hunt(reads, fasta, str(listed), sex, Path(scratch) / "out")
        return read_expansionhunter(made, loci, ploidies)
