"""PVS1 by the decision tree of the ClinGen SVI working group (Abou Tayoun 2018, PMID 30192042).

Strength depends on whether the transcript is decayed (NMD), on how much of the protein is lost,
and on whether loss of function is how the gene makes disease.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shirube.interpret.consequence import SPLICE_SITE, any_of
from shirube.reasons import Reason, because

VERY_STRONG, STRONG, MODERATE, SUPPORTING = 8, 4, 2, 1
NMD_MARGIN = 50
LARGE = 0.10


@dataclass(frozen=True)
class Transcript:
    """Coding lengths of a transcript's exons, 5' to 3' of the gene; stop codon included."""

    coding: tuple[int, ...]

    @property
    def length(self) -> int:
        """Coding bases."""
        return sum(self.coding)

    @classmethod
    def of(cls, model: Mapping[str, Any]) -> "Transcript":
        """From a row of GENE_MODELS."""
        start, end = model["cds_start"], model["cds_end"]
        spans = zip(model["exon_starts"], model["exon_ends"], strict=True)
        coding = [max(0, min(e, end) - max(s, start)) for s, e in spans]
        return cls(tuple(reversed(coding)) if model["strand"] == "-" else tuple(coding))

    def decayed(self, codon: int) -> bool:
        """Whether a stop at `codon` (1-based) triggers decay.

        A stop in the last exon, or in the last 50 bases of the one before, escapes it; so does
        any stop in a transcript of one exon.
        """
        junctions = [exon for exon in self.coding if exon]
        if len(junctions) < 2:
            return False
        return codon * 3 <= sum(junctions[:-1]) - NMD_MARGIN


def strength(
    allele: Mapping[str, Any], mechanism: str | None, transcript: Transcript | None
) -> tuple[int, Reason]:
    """Points of PVS1 (0: not met) and the path through the tree.

    `allele` has consequence, protein_pos and exon; `mechanism` is `loss` where loss of function
    is known to cause disease, `suggested` where only constraint says so (one step weaker),
    another word where it is known not to, None where unknown.
    """
    consequence = allele.get("consequence")
    if mechanism not in ("loss", "suggested"):
        named = (
            because("loss.mechanism", mechanism=mechanism) if mechanism else because("loss.unknown")
        )
        return 0, named
    points, path = _path(allele, consequence, transcript)
    if mechanism == "suggested" and points:
        return points // 2, path.and_(because("loss.suggested"))
    return points, path


def _path(
    allele: Mapping[str, Any], consequence: str | None, transcript: Transcript | None
) -> tuple[int, Reason]:
    if any_of(("transcript_ablation",), consequence):
        return VERY_STRONG, because("loss.whole")
    if any_of(("stop_gained", "frameshift_variant"), consequence):
        return _stop(allele, transcript)
    if any_of(SPLICE_SITE, consequence):
        return _splice(allele, transcript)
    if any_of(("start_lost",), consequence):
        return MODERATE, because("loss.start")
    return 0, because("loss.none", consequence=consequence)


def _stop(allele: Mapping[str, Any], transcript: Transcript | None) -> tuple[int, Reason]:
    codon = allele.get("protein_pos")
    if transcript is None or codon is None:
        return MODERATE, because("loss.no_model")
    if transcript.decayed(codon):
        return VERY_STRONG, because("loss.decayed", codon=codon)
    lost = 1 - codon * 3 / transcript.length
    if lost > LARGE:
        return STRONG, because("loss.escapes", codon=codon, lost=f"{lost:.0%}")
    return MODERATE, because("loss.escapes", codon=codon, lost=f"{lost:.0%}")


def _splice(allele: Mapping[str, Any], transcript: Transcript | None) -> tuple[int, Reason]:
    """Donor of intron n: exon n is skipped; acceptor of intron n: exon n + 1."""
    place = (allele.get("exon") or "").split("/")[0]
    if transcript is None or not place.lstrip("i").isdigit():
        return MODERATE, because("loss.splice_no_model")
    number = int(place.lstrip("i"))
    acceptor = any_of(("splice_acceptor_variant",), allele.get("consequence"))
    exon = number + 1 if place.startswith("i") and acceptor else number
    if not 1 <= exon <= len(transcript.coding):
        return MODERATE, because("loss.splice_no_exon")
    skipped = transcript.coding[exon - 1]
    if skipped == 0:
        return SUPPORTING, because("loss.splice_noncoding", exon=exon)
    if skipped % 3:
        last = exon == len(transcript.coding)
        reason = because("loss.shifted", exon=exon)
        return (STRONG, reason.and_(because("loss.last"))) if last else (VERY_STRONG, reason)
    lost = skipped / transcript.length
    points = STRONG if lost > LARGE else MODERATE
    return points, because("loss.in_frame", exon=exon, lost=f"{lost:.0%}")
