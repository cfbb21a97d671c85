"""Pathogenic changes of the same splice motif as an allele (PS1 of Walker 2023, PMID 37352859).

A motif is the last bases of an exon and the first of its intron (donor), or the last bases of an
intron and the first of its exon (acceptor); how many is a rule. Whether two changes of one motif do
the same to splicing is not in any table here: that is left to a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import polars as pl

from shirube.interpret.context import SpliceNeighbour
from shirube.interpret.residue import HARMFUL, Allele
from shirube.interpret.rules import Rules


@dataclass(frozen=True)
class Motif:
    """Positions (1-based) of a splice motif, and of the dinucleotide beside the exon."""

    first: int
    last: int
    site: tuple[int, int]


def motif_at(model: Mapping[str, Any], pos: int, rules: Rules) -> Motif | None:
    """The motif of a transcript (row of GENE_MODELS) that holds a position; None outside."""
    exons = sorted(zip(model["exon_starts"], model["exon_ends"], strict=True))
    forward = model["strand"] == "+"
    sizes = {
        side: (int(rules.number(f"PS1.{side}_exon")), int(rules.number(f"PS1.{side}_intron")))
        for side in ("donor", "acceptor")
    }
    for (_, end), (start, _) in pairwise(exons):
        # The intron is [end, start): its left side is a donor on the forward strand.
        left, right = ("donor", "acceptor") if forward else ("acceptor", "donor")
        for motif in (
            Motif(end - sizes[left][0] + 1, end + sizes[left][1], (end + 1, end + 2)),
            Motif(start - sizes[right][1] + 1, start + sizes[right][0], (start - 1, start)),
        ):
            if motif.first <= pos <= motif.last:
                return motif
    return None


def splice_neighbours(
    clinvar: pl.LazyFrame,
    rows: Sequence[Mapping[str, Any]],
    models: Mapping[str, Mapping[str, Any]],
    rules: Rules,
) -> dict[Allele, tuple[SpliceNeighbour, ...]]:
    """Allele -> pathogenic single-base changes of its splice motif, the allele itself left out."""
    motifs: dict[Allele, Motif] = {}
    for row in rows:
        model = models.get(row["transcript"] or "")
        single = len(row["ref"]) == len(row["alt"]) == 1
        if model and single and (motif := motif_at(model, row["pos"], rules)):
            motifs[str(row["chrom"]), row["pos"], row["ref"], row["alt"]] = motif
    if not motifs:
        return {}
    chroms = sorted({key[0] for key in motifs})
    places = sorted({p for motif in motifs.values() for p in range(motif.first, motif.last + 1)})
    known = (
        clinvar.filter(
            pl.col("chrom").cast(pl.String).is_in(chroms)
            & pl.col("pos").is_in(places)
            & HARMFUL
            & (pl.col("ref").str.len_bytes() == 1)
            & (pl.col("alt").str.len_bytes() == 1)
        )
        .select(pl.col("chrom").cast(pl.String), "pos", "ref", "alt", "significance")
        .collect()
        .rows()
    )
    return {
        key: tuple(
            SpliceNeighbour(
                f"{chrom}:{pos} {ref}>{alt}",
                "LP" if stated.lower().startswith("likely") else "P",
                at_site=pos in motif.site,
                same_nucleotide=pos == key[1],
            )
            for chrom, pos, ref, alt, stated in known
            if chrom == key[0]
            and motif.first <= pos <= motif.last
            and (chrom, pos, ref, alt) != key
        )
        for key, motif in motifs.items()
    }
