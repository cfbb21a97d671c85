"""An artificial chromosome with two genes, one a strand, for tests of names and consequences."""

import random

import numpy as np
import polars as pl

from shirube.contracts import GENE_MODELS
from shirube.genome.sequence import Bases, reverse_complement
from shirube.genome.transcripts import Transcript

STOPS = {"TAA", "TAG", "TGA"}


def coding(codons: int, seed: int) -> str:
    """ATG, sense codons, a stop."""
    draw = random.Random(seed)
    out = ["ATG"]
    while len(out) < codons - 1:
        codon = "".join(draw.choices("ACGT", k=3))
        if codon not in STOPS:
            out.append(codon)
    return "".join([*out, "TAA"])


def gene(codons: int, seed: int) -> tuple[str, list[tuple[int, int]], tuple[int, int]]:
    """Genomic sequence of a forward gene, its exons and its coding range in that sequence.

    Three exons, introns GT...AG, UTRs on both sides; the coding range crosses both introns.
    """
    draw = random.Random(seed + 1)

    def some(count: int) -> str:
        return "".join(draw.choices("ACGT", k=count))

    body = coding(codons, seed)
    a, b = len(body) // 3 + 1, 2 * len(body) // 3 + 2
    pieces = [some(40) + body[:a], body[a:b], body[b:] + some(60)]
    introns = ["GT" + some(61) + "AG", "GT" + some(96) + "AG"]
    exons, text = [], ""
    for number, piece in enumerate(pieces):
        exons.append((len(text), len(text) + len(piece)))
        text += piece + (introns[number] if number < 2 else "")
    return text, exons, (40, exons[2][1] - 60)


def chromosome(codons: int = 60) -> tuple[Bases, pl.DataFrame]:
    """Bases of the artificial chromosome and its GENE_MODELS."""
    draw = random.Random(99)
    space = ["".join(draw.choices("ACGT", k=3000)) for _ in range(3)]
    text, rows = space[0], []
    for name, strand, seed in (("FWD", "+", 5), ("REV", "-", 8)):
        body, exons, (low, high) = gene(codons, seed)
        if strand == "-":
            size = len(body)
            body = reverse_complement(body)
            exons = [(size - b, size - a) for a, b in reversed(exons)]
            low, high = size - high, size - low
        start = len(text)
        rows.append(
            {
                "transcript": f"T_{name}.1",
                "refseq": None,
                "gene": name,
                "gene_id": f"G_{name}",
                "protein": None,
                "mane": "MANE Select",
                "biotype": "protein_coding",
                "chrom": "chr1",
                "strand": strand,
                "start": start,
                "end": start + len(body),
                "cds_start": start + low,
                "cds_end": start + high,
                "exon_starts": [start + a for a, _ in exons],
                "exon_ends": [start + b for _, b in exons],
            }
        )
        text += body + space[len(rows)]
    models = GENE_MODELS.table(pl.DataFrame(rows, schema=GENE_MODELS.polars))
    return np.frombuffer(text.encode(), np.uint8), models


def transcript(
    sequence: Bases,
    exons: list[tuple[int, int]],
    cds: tuple[int, int] | None,
    forward: bool = True,
    chrom: str = "chr1",
) -> Transcript:
    """A transcript on any sequence."""
    low, high = cds or (None, None)
    return Transcript(
        "T", "G", None, None, None, chrom, forward,
        np.array([a for a, _ in exons], np.int64), np.array([b for _, b in exons], np.int64),
        low, high, sequence,
    )  # fmt: skip
