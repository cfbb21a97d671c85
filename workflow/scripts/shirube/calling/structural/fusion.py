"""Which genes a junction joins, in which order, and whether the reading frame goes on.

A gene read from left to right (strand +) keeps its 5' part where the sequence left of the
breakend is kept (breakend strand +) and its 3' part where the right is kept; for genes on the
other strand it is the reverse. A junction can make a fusion transcript if it keeps the 5' part of
one gene and the 3' part of another: named 5'::3' (HGNC recommendation, Bruford et al., Leukemia
2021, doi 10.1038/s41375-021-01436-6).

Frame. In introns whole exons are joined: the last exon kept of the 5' gene, the first kept of the
3' gene. The coding bases of the 5' gene up to there, and those of the 3' gene before it, must
leave the same remainder by 3. A breakend inside an exon cuts the coding sequence at that base;
bases inserted at the junction count when both cuts lie in exons, and a junction of an exon with an
intron is left undecided.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

_FRAME = {True: "in_frame", False: "out_of_frame", None: "unknown"}


@dataclass(frozen=True)
class Side:
    """One gene at a breakend. `place` is `exon 13` or `intron 19`, numbered along the gene.

    kept_exon  the last exon a 5' part keeps, the first one a 3' part keeps
    phase   coding bases of the fusion's side, modulo 3: of the 5' part up to the junction, or of
            the lost part of the 3' gene; None outside the coding sequence
    """

    gene: str
    transcript: str
    mane: str | None
    strand: str
    part: str
    place: str
    exonic: bool
    phase: int | None
    coding: str
    kept_exon: int


@dataclass(frozen=True)
class Fusion:
    """A junction that joins the 5' part of one gene to the 3' part of another.

    in_frame is None where the frame is not decided (non-coding side, exon against intron).
    """

    five: Side
    three: Side
    in_frame: bool | None

    @property
    def name(self) -> str:
        """5' gene::3' gene."""
        return f"{self.five.gene}::{self.three.gene}"


SCHEMA = {
    "event": pl.String,
    "rank": pl.Int32,
    "name": pl.String,
    "gene5": pl.String,
    "transcript5": pl.String,
    "place5": pl.String,
    "exon5": pl.Int32,
    "gene3": pl.String,
    "transcript3": pl.String,
    "place3": pl.String,
    "exon3": pl.Int32,
    "frame": pl.String,
}


def fusions(structural: pl.DataFrame, gene_models: pl.DataFrame) -> pl.DataFrame:
    """Fusions that the junctions of a STRUCTURAL table can make, one row each.

    event             as in `structural`; rank 1 is the first of an event's fusions
    name              5' gene::3' gene
    gene5, gene3      symbols; transcript5, transcript3 the transcripts meant
    place5, place3    where the breakends lie: `exon 13`, `intron 19`, along the gene
    exon5, exon3      last exon the 5' gene keeps, first exon the 3' gene keeps
    frame             in_frame, out_of_frame or unknown
    """
    rows = [
        {
            "event": row["event"],
            "rank": rank,
            "name": fusion.name,
            "gene5": fusion.five.gene,
            "transcript5": fusion.five.transcript,
            "place5": fusion.five.place,
            "exon5": fusion.five.kept_exon,
            "gene3": fusion.three.gene,
            "transcript3": fusion.three.transcript,
            "place3": fusion.three.place,
            "exon3": fusion.three.kept_exon,
            "frame": _FRAME[fusion.in_frame],
        }
        for row in structural.iter_rows(named=True)
        for rank, fusion in enumerate(
            junction_fusions(
                gene_models,
                (row["chrom1"], row["pos1"], row["strand1"]),
                (row["chrom2"], row["pos2"], row["strand2"]),
                row["inserted"] or "",
            ),
            1,
        )
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def transcripts_at(gene_models: pl.DataFrame, chrom: str, pos: int) -> list[dict[str, Any]]:
    """Transcripts over a 1-based position: one a gene, MANE Select before others."""
    over = gene_models.filter(
        (pl.col("chrom") == chrom) & (pl.col("start") < pos) & (pl.col("end") >= pos)
    )
    rank = pl.when(pl.col("mane") == "MANE Select").then(0).otherwise(1).fill_null(1)
    length = pl.col("end") - pl.col("start")
    best = over.sort(rank, -length, "transcript").unique("gene", keep="first", maintain_order=True)
    return best.sort("gene").to_dicts()


def side(model: dict[str, Any], pos: int, strand: str) -> Side:
    """What the gene `model` (a row of GENE_MODELS) keeps at a breakend (1-based pos, strand)."""
    forward = model["strand"] == "+"
    part = "5" if (strand == "+") == forward else "3"
    exons = list(zip(model["exon_starts"], model["exon_ends"], strict=True))
    if not forward:
        exons.reverse()
    at = pos - 1
    inside = next((n for n, (low, high) in enumerate(exons, 1) if low <= at < high), None)
    # Exons that lie wholly before the position along the gene.
    before = sum((high <= at) if forward else (low > at) for low, high in exons)
    place = f"exon {inside}" if inside else f"intron {before}"
    kept = (inside or before) if part == "5" else (inside or before + 1)
    phase, coding = _phase(model, exons, at, part, inside, before)
    return Side(
        model["gene"],
        model["transcript"],
        model["mane"],
        model["strand"],
        part,
        place,
        inside is not None,
        phase,
        coding,
        kept,
    )


def _phase(
    model: dict[str, Any],
    exons: list[tuple[int, int]],
    at: int,
    part: str,
    inside: int | None,
    before: int,
) -> tuple[int | None, str]:
    """Coding bases before the junction modulo 3, and whether it is in 5'UTR, CDS or 3'UTR."""
    if model["cds_start"] is None:
        return None, "non-coding"
    forward = model["strand"] == "+"
    low, high = model["cds_start"], model["cds_end"]

    def coding(start: int, end: int) -> int:
        return max(0, min(end, high) - max(start, low))

    bases = sum(coding(start, end) for start, end in exons[:before])
    if inside:
        start, end = exons[inside - 1]
        # The 5' part holds the base of its breakend; the 3' part begins with its own.
        own = part == "5"
        bases += coding(start, at + own) if forward else coding(at + (not own), end)
    total = sum(coding(start, end) for start, end in exons)
    if bases == 0:
        return None, "5'UTR"
    if bases >= total:
        return None, "3'UTR"
    return bases % 3, "CDS"


def junction_fusions(
    gene_models: pl.DataFrame,
    breakend1: tuple[str, int, str],
    breakend2: tuple[str, int, str],
    inserted: str = "",
) -> list[Fusion]:
    """Fusions a junction can make: every 5' part on one side with every 3' part on the other.

    Junctions within one gene (exon deletions, duplications) make none. Sorted: in frame first,
    MANE Select transcripts first, then by name. A breakend is (chrom, pos, strand).
    """
    (chrom1, pos1, strand1), (chrom2, pos2, strand2) = breakend1, breakend2
    lower = [side(model, pos1, strand1) for model in transcripts_at(gene_models, chrom1, pos1)]
    upper = [side(model, pos2, strand2) for model in transcripts_at(gene_models, chrom2, pos2)]
    found = [
        Fusion(five, three, _in_frame(five, three, inserted))
        for one, two in ((lower, upper), (upper, lower))
        for five in one
        for three in two
        if (five.part, three.part) == ("5", "3") and five.gene != three.gene
    ]

    def rank(fusion: Fusion) -> tuple[bool, int, str]:
        select = sum(s.mane == "MANE Select" for s in (fusion.five, fusion.three))
        return fusion.in_frame is not True, -select, fusion.name

    return sorted(found, key=rank)


def _in_frame(five: Side, three: Side, inserted: str) -> bool | None:
    if five.phase is None or three.phase is None or five.exonic != three.exonic:
        return None
    extra = len(inserted) if five.exonic else 0
    return (five.phase + extra) % 3 == three.phase
