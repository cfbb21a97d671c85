"""Alleles of the demo and the chromosomes that carry them.

An allele is written as in a VCF but 0-based: `ref` starts at `pos`; indels are anchored on the base
before and moved as far left as the sequence allows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shirube.demo.genome import (
    CONTIGS,
    Bases,
    ExpansionLocus,
    Gene,
    Genome,
    complement,
    reversed_complement,
)


@dataclass(frozen=True, order=True)
class Variant:
    """One allele at a 0-based position."""

    contig: str
    pos: int
    ref: str
    alt: str


Segment = tuple[str, int, int, int]


@dataclass(frozen=True)
class Chromosome:
    """A molecule as sequenced: its bases and where each comes from in the reference.

    `place` is the 0-based reference position (-1 for an inserted base), `contig` the index of its
    contig in CONTIGS, `strand` 1 or -1.
    """

    bases: Bases
    place: NDArray[np.int32]
    contig: NDArray[np.int8]
    strand: NDArray[np.int8]


def normalised(genome: Genome, contig: str, pos: int, ref: str, alt: str) -> Variant:
    """The allele trimmed and left-aligned; ValueError if `ref` is not what the reference has."""
    if genome.text(contig, pos, pos + len(ref)) != ref:
        raise ValueError(f"{contig}:{pos + 1}: the reference is not {ref}")
    while (len(ref) > 1 or len(alt) > 1) and ref[-1:] == alt[-1:]:
        if min(len(ref), len(alt)) == 1:
            pos -= 1
            before = genome.text(contig, pos, pos + 1)
            ref, alt = before + ref, before + alt
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return Variant(contig, pos, ref, alt)


def codon_change(genome: Genome, gene: Gene, codon: int, to: str) -> Variant:
    """The allele that turns codon number `codon` into `to`, on the gene's strand."""
    places = gene.coding[3 * codon - 3 : 3 * codon]
    low, high = min(places), max(places) + 1
    if high - low != 3:
        raise ValueError(f"{gene.symbol}: codon {codon} is split by an intron")
    text = to if gene.strand == "+" else reversed_complement(to)
    ref = genome.text(gene.contig, low, high)
    differ = [i for i in range(3) if ref[i] != text[i]]
    first, last = differ[0], differ[-1] + 1
    return Variant(gene.contig, low + first, ref[first:last], text[first:last])


def coding_deletion(genome: Genome, gene: Gene, first: int, last: int) -> Variant:
    """Deletion of coding bases c.first_last (1-based), which must lie in one exon."""
    places = gene.coding[first - 1 : last]
    low, high = min(places) - 1, max(places) + 1
    ref = genome.text(gene.contig, low, high)
    if len(ref) != last - first + 2:
        raise ValueError(f"{gene.symbol}: c.{first}_{last} is split by an intron")
    return normalised(genome, gene.contig, low, ref, ref[0])


def coding_duplication(genome: Genome, gene: Gene, first: int, last: int) -> Variant:
    """Duplication of coding bases c.first_last (1-based), which must lie in one exon."""
    places = gene.coding[first - 1 : last]
    low, high = min(places) - 1, max(places) + 1
    ref = genome.text(gene.contig, low, high)
    if len(ref) != last - first + 2:
        raise ValueError(f"{gene.symbol}: c.{first}_{last} is split by an intron")
    return normalised(genome, gene.contig, low, ref[0], ref)


def expansion(genome: Genome, locus: ExpansionLocus, copies: int) -> Variant:
    """The allele with `copies` of the unit of a locus, more than the reference has."""
    anchor = genome.text(locus.contig, locus.start - 1, locus.start)
    added = locus.unit * (copies - locus.copies)
    return Variant(locus.contig, locus.start - 1, anchor, anchor + added)


def edited(
    genome: Genome, contig: str, variants: Iterable[Variant]
) -> tuple[Bases, NDArray[np.int32], NDArray[np.int32]]:
    """Bases of a contig with `variants`, the place of each (-1 if inserted), and its anchor.

    The anchor of an inserted base is the place before it. Alleles must not overlap.
    """
    sequence = genome.sequences[contig]
    bases, places, at = [], [], 0
    for variant in sorted(variants):
        if variant.pos < at:
            raise ValueError(f"{variant} overlaps the allele before it")
        bases.append(sequence[at : variant.pos])
        places.append(np.arange(at, variant.pos, dtype=np.int32))
        shared = min(len(variant.ref), len(variant.alt))
        place = np.full(len(variant.alt), -1, np.int32)
        place[:shared] = np.arange(variant.pos, variant.pos + shared)
        bases.append(np.frombuffer(variant.alt.encode(), np.uint8))
        places.append(place)
        at = variant.pos + len(variant.ref)
    bases.append(sequence[at:])
    places.append(np.arange(at, len(sequence), dtype=np.int32))
    place = np.concatenate(places)
    return np.concatenate(bases), place, np.maximum.accumulate(place)


def chromosome(
    genome: Genome, variants: Sequence[Variant], segments: Sequence[Segment]
) -> Chromosome:
    """The molecule that `segments` (contig, start, end, strand) of the edited contigs make."""
    made = {
        contig: edited(genome, contig, [v for v in variants if v.contig == contig])
        for contig in dict.fromkeys(s[0] for s in segments)
    }
    bases, places, contigs, strands = [], [], [], []
    for contig, start, end, strand in segments:
        text, place, anchor = made[contig]
        low, high = np.searchsorted(anchor, [start, end])
        text, place = text[low:high], place[low:high]
        if strand < 0:
            text, place = complement(text)[::-1], place[::-1]
        bases.append(text)
        places.append(place)
        contigs.append(np.full(len(text), CONTIGS.index(contig), np.int8))
        strands.append(np.full(len(text), strand, np.int8))
    return Chromosome(
        np.concatenate(bases),
        np.concatenate(places),
        np.concatenate(contigs),
        np.concatenate(strands),
    )


def whole(genome: Genome, contig: str) -> Segment:
    """A contig from end to end."""
    return (contig, 0, len(genome.sequences[contig]), 1)
