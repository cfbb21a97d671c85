"""PVS1 by the decision tree of the ClinGen SVI working group (Abou Tayoun 2018, PMID 30192042).

Strength depends on whether the transcript is decayed (NMD), on how much of the protein is lost,
and on whether loss of function is how the gene makes disease.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shirube.interpret.consequence import SPLICE_SITE, any_of

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
) -> tuple[int, str]:
    """Points of PVS1 (0: not met) and the path through the tree.

    `allele` has consequence, protein_pos and exon; `mechanism` is `loss` where loss of function
    is known to cause disease, `suggested` where only constraint says so (one step weaker),
    another word where it is known not to, None where unknown.
    """
    consequence = allele.get("consequence")
    if mechanism not in ("loss", "suggested"):
        known = f"disease mechanism of the gene: {mechanism}" if mechanism else "unknown"
        return 0, f"loss of function is not an established mechanism ({known})"
    points, path = _path(allele, consequence, transcript)
    if mechanism == "suggested" and points:
        return points // 2, path + "; mechanism suggested by constraint alone"
    return points, path


def _path(
    allele: Mapping[str, Any], consequence: str | None, transcript: Transcript | None
) -> tuple[int, str]:
    if any_of(("transcript_ablation",), consequence):
        return VERY_STRONG, "whole gene deleted"
    if any_of(("stop_gained", "frameshift_variant"), consequence):
        return _stop(allele, transcript)
    if any_of(SPLICE_SITE, consequence):
        return _splice(allele, transcript)
    if any_of(("start_lost",), consequence):
        return MODERATE, "start codon lost; no other start known to be used"
    return 0, f"no null variant ({consequence})"


def _stop(allele: Mapping[str, Any], transcript: Transcript | None) -> tuple[int, str]:
    codon = allele.get("protein_pos")
    if transcript is None or codon is None:
        return MODERATE, "null variant, but no gene model to tell whether the transcript is decayed"
    if transcript.decayed(codon):
        return VERY_STRONG, f"stop at codon {codon}: transcript expected to be decayed"
    lost = 1 - codon * 3 / transcript.length
    if lost > LARGE:
        return STRONG, f"stop at codon {codon}: escapes decay, {lost:.0%} of the protein lost"
    return MODERATE, f"stop at codon {codon}: escapes decay, {lost:.0%} of the protein lost"


def _splice(allele: Mapping[str, Any], transcript: Transcript | None) -> tuple[int, str]:
    """Donor of intron n: exon n is skipped; acceptor of intron n: exon n + 1."""
    place = (allele.get("exon") or "").split("/")[0]
    if transcript is None or not place.lstrip("i").isdigit():
        return MODERATE, "splice site lost, but no gene model to tell the effect on the frame"
    number = int(place.lstrip("i"))
    acceptor = any_of(("splice_acceptor_variant",), allele.get("consequence"))
    exon = number + 1 if place.startswith("i") and acceptor else number
    if not 1 <= exon <= len(transcript.coding):
        return MODERATE, "splice site lost; exon not in the gene model"
    skipped = transcript.coding[exon - 1]
    if skipped == 0:
        return SUPPORTING, f"splice site of non-coding exon {exon} lost"
    if skipped % 3:
        last = exon == len(transcript.coding)
        reason = f"exon {exon} skipped: frame shifted"
        return (STRONG, reason + ", last exon") if last else (VERY_STRONG, reason)
    lost = skipped / transcript.length
    points = STRONG if lost > LARGE else MODERATE
    return points, f"exon {exon} skipped: in frame, {lost:.0%} of the protein lost"
