"""PM1: stretches of a protein where missense changes harm, from ClinVar's other missense changes.

A candidate lies in one if within REACH residues on either side of its own, on its transcript,
ClinVar knows BAD pathogenic missense changes at RESIDUES different residues and no benign one. Its
own residue's pathogenic changes are not counted: they are PS1 and PM5. Measured on the missense
records of two stars and more of ClinVar's five complete genes, each judged without itself, 67 of
489 pathogenic and 2 of 498 benign ones lie in such a stretch: odds of 34, where a moderate
criterion asks for 4.3 (Tavtigian et al. 2018, doi:10.1038/gim.2017.210).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from shirube.interpret.residue import Allele, Place, codon_positions, missense_codon
from shirube.knowledge.significance import benign, pathogenic

REACH, BAD, RESIDUES = 5, 4, 3


@dataclass(frozen=True)
class Stretch:
    """ClinVar's missense changes near a residue: pathogenic, at how many residues, benign."""

    pathogenic: int = 0
    residues: int = 0
    benign: int = 0

    @property
    def harms(self) -> bool:
        """Whether it is a stretch in the sense of PM1."""
        return self.pathogenic >= BAD and self.residues >= RESIDUES and self.benign == 0


def stretches(
    clinvar: pl.LazyFrame,
    rows: Sequence[Mapping[str, Any]],
    models: Mapping[str, Mapping[str, Any]],
) -> dict[Allele, Stretch]:
    """Allele -> Stretch for the missense single-base rows; `models` by transcript."""
    near: dict[Allele, dict[Place, int]] = {}
    for row in rows:
        model = models.get(row["transcript"] or "")
        if model is None or not missense_codon(row, model):
            continue
        chrom, own = str(row["chrom"]), row["protein_pos"]
        codons = range(max(1, own - REACH), own + REACH + 1)
        near[chrom, row["pos"], row["ref"], row["alt"]] = {
            (chrom, pos): codon - own for codon in codons for pos in codon_positions(model, codon)
        }
    known = _classified(clinvar, {place for places in near.values() for place in places})
    return {key: _counted(key, places, known) for key, places in near.items()}


def _classified(
    clinvar: pl.LazyFrame, places: set[Place]
) -> dict[Place, list[tuple[str, str, bool]]]:
    """(ref, alt, pathogenic) of classified missense single-base changes, by place."""
    harmful, harmless = pathogenic(pl.col("significance")), benign(pl.col("significance"))
    kinds = pl.col("consequences")
    rows = (
        clinvar.filter(
            pl.col("chrom").cast(pl.String).is_in(sorted({chrom for chrom, _ in places}))
            & pl.col("pos").is_in(sorted({pos for _, pos in places}))
            & (pl.col("stars") >= 1)
            & (harmful | harmless)
            & kinds.str.contains("missense_variant")
            & ~kinds.str.contains("stop_gained|nonsense|splice_donor|splice_acceptor")
            & (pl.col("ref").str.len_bytes() == 1)
            & (pl.col("alt").str.len_bytes() == 1)
        )
        .select(pl.col("chrom").cast(pl.String), "pos", "ref", "alt", harmful)
        .collect()
    )
    out: dict[Place, list[tuple[str, str, bool]]] = {}
    for chrom, pos, ref, alt, bad in rows.rows():
        out.setdefault((chrom, pos), []).append((ref, alt, bad))
    return out


def _counted(
    key: Allele, places: Mapping[Place, int], known: Mapping[Place, list[tuple[str, str, bool]]]
) -> Stretch:
    bad, good = [], 0
    for place, offset in places.items():
        for ref, alt, harmful in known.get(place, ()):
            if (*place, ref, alt) == key:
                continue
            if harmful and offset:
                bad.append(offset)
            good += not harmful
    return Stretch(len(bad), len(set(bad)), good)
