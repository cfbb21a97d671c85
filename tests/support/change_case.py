"""Alleles of one person, composed on the artificial chromosome, and an independent translation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from gene_case import chromosome

from shirube.annotate.annotation import Chromosome
from shirube.changes.compose import ALLELES, Composer, Person

SEQUENCE, MODELS = chromosome(codons=204)
TEXT = bytes(SEQUENCE).decode()
CHROMOSOME = Chromosome("chr1", "", "chr1:g.", SEQUENCE, MODELS, {})
_ROW: dict[str, Any] = dict.fromkeys(ALLELES) | {
    "chrom": "chr1", "origin": "germline", "dosage": 1, "ploidy": 2, "dp": 40, "ad_alt": 20,
}  # fmt: skip
# NCBI table 1, written out by first, second and third base in the order TCAG.
_CODE = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
_THREE = {
    "A": "Ala", "R": "Arg", "N": "Asn", "D": "Asp", "C": "Cys", "Q": "Gln", "E": "Glu",
    "G": "Gly", "H": "His", "I": "Ile", "L": "Leu", "K": "Lys", "M": "Met", "F": "Phe",
    "P": "Pro", "S": "Ser", "T": "Thr", "W": "Trp", "Y": "Tyr", "V": "Val",
}  # fmt: skip


def allele(pos: int, ref: str, alt: str, **more: object) -> dict[str, Any]:
    """A row of ALLELES; germline, heterozygous, unphased unless said otherwise."""
    assert TEXT[pos - 1 : pos - 1 + len(ref)] == ref
    return {**_ROW, "pos": pos, "ref": ref, "alt": alt, **more}


def composed(
    rows: Iterable[dict[str, Any]], person: Person | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """PHASE and CHANGES of the alleles."""
    table = pl.DataFrame(list(rows), schema=ALLELES).sort("pos", "ref", "alt", "origin")
    return Composer(person or Person(), table, CHROMOSOME).composed()


@dataclass(frozen=True)
class Coding:
    """Coding bases of a gene by their 1-based positions, in its direction."""

    positions: tuple[int, ...]
    forward: bool

    def base(self, index: int, haplotype: str) -> str:
        """Coding base `index` of a chromosome of the reference's length."""
        base = haplotype[self.positions[index] - 1]
        return base if self.forward else "TGCA"["ACGT".index(base)]

    def codon(self, number: int, haplotype: str) -> str:
        """Residue of a codon (0-based)."""
        bases = [self.base(3 * number + at, haplotype) for at in range(3)]
        return _CODE[sum("TCAG".index(b) * w for b, w in zip(bases, (16, 4, 1), strict=True))]


def coding_of(model: dict[str, Any]) -> Coding:
    """The coding bases of a row of GENE_MODELS, counted base by base."""
    inside = [
        place + 1
        for start, end in zip(model["exon_starts"], model["exon_ends"], strict=True)
        for place in range(start, end)
        if model["cds_start"] <= place < model["cds_end"]
    ]
    forward = model["strand"] == "+"
    return Coding(tuple(inside if forward else inside[::-1]), forward)


GENES = [coding_of(row) for row in MODELS.iter_rows(named=True)]


def substituted(rows: Sequence[dict[str, Any]]) -> str:
    """The chromosome with single-base alleles put in."""
    bases = list(TEXT)
    for row in rows:
        bases[row["pos"] - 1] = row["alt"]
    return "".join(bases)


def protein_name(gene: Coding, number: int, haplotype: str) -> str:
    """HGVS name of what a haplotype makes of one codon between the first and the last."""
    old, new = gene.codon(number, TEXT), gene.codon(number, haplotype)
    told = "=" if new == old else "Ter" if new == "*" else _THREE[new]
    return f"p.{_THREE[old]}{number + 1}{told}"
