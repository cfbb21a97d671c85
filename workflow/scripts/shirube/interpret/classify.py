"""Two answers to what a germline allele is: the criteria's class and ClinVar's, never mixed.

The class of the criteria alone is the finding's ACMG/AMP class. ClinVar's classification is told
beside it with its stars, and where the two fall on different sides that is said first. Which of
both leads - in which order findings come, and whether one is reported - is `leading_class`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shirube.interpret.acmg import BENIGN, LIKELY, LIKELY_BENIGN, PATHOGENIC, UNCERTAIN
from shirube.interpret.rows import criterion
from shirube.knowledge.significance import is_pathogenic
from shirube.reasons import because

REPORTED = (PATHOGENIC, LIKELY)
CONFLICTING = "Conflicting classifications"
_SIDES = {PATHOGENIC: 1, LIKELY: 1, BENIGN: -1, LIKELY_BENIGN: -1}


@dataclass(frozen=True)
class Answers:
    """What the criteria say and what ClinVar says (None where it has no record)."""

    criteria: str
    points: int
    clinvar: str | None
    stars: int | None
    leading: str

    @property
    def differ(self) -> bool:
        """Whether one is pathogenic, uncertain or benign where the other is not."""
        if self.clinvar is None:
            return False
        return _SIDES.get(self.clinvar, 0) != _SIDES.get(self.criteria, 0)

    def detail(self) -> dict[str, Any]:
        """What a finding keeps of both."""
        return {
            "criteria_class": self.criteria,
            "criteria_points": self.points,
            "clinvar_class": self.clinvar,
            "clinvar_stars": self.stars if self.clinvar else None,
            "answers_differ": self.differ or None,
            "leading_class": self.leading if self.leading != self.criteria else None,
        }


def clinvar_class(stated: str | None) -> str | None:
    """ClinVar's aggregate classification as one of five classes, or CONFLICTING.

    None where there is none, or it is of another kind (drug response, risk factor).
    """
    low = (stated or "").lower().replace("_", " ")
    if "conflicting" in low:
        return CONFLICTING
    for words, name in (
        ("pathogenic", PATHOGENIC),
        ("likely pathogenic", LIKELY),
        ("benign", BENIGN),
        ("likely benign", LIKELY_BENIGN),
        ("uncertain significance", UNCERTAIN),
    ):
        if low.startswith(words):
            return name
    return None


def final_class(allele: Mapping[str, Any], computed: str) -> tuple[str, dict[str, Any]]:
    """The class that leads, and ClinVar's part in it as a criterion without points.

    ClinVar's pathogenic or likely pathogenic classification with at least one star leads; in its
    absence the criteria do. So does a benign classification, unless the criteria call the allele
    pathogenic: then two stars or more make it uncertain, and a person must look.
    """
    stated, stars = allele.get("clinvar_significance"), allele.get("clinvar_stars")
    record = because("clinvar.none")
    if stated:
        named = "unknown" if stars is None else stars
        record = because("clinvar.record", stated=stated, stars=named)
    known = clinvar_class(stated) if (stars or 0) >= 1 else None
    if is_pathogenic(stated) and (stars or 0) >= 1:
        strongest = PATHOGENIC if known == PATHOGENIC else LIKELY
        return strongest, criterion("ClinVar", True, 0, record, "ClinVar")
    if known in (BENIGN, LIKELY_BENIGN):
        if computed not in REPORTED:
            return str(known), criterion("ClinVar", False, 0, record, "ClinVar")
        if (stars or 0) >= 2:
            reason = record.and_(because("clinvar.against"))
            return UNCERTAIN, criterion("ClinVar", False, 0, reason, "ClinVar")
    return computed, criterion("ClinVar", False if stated else None, 0, record, "ClinVar")


def answers(
    allele: Mapping[str, Any], computed: str, points: int
) -> tuple[Answers, dict[str, Any]]:
    """Both answers, and ClinVar's record as a criterion without points."""
    leading, record = final_class(allele, computed)
    stated, stars = allele.get("clinvar_significance"), allele.get("clinvar_stars")
    return Answers(computed, points, clinvar_class(stated), stars, leading), record


def leading_class(finding: Mapping[str, Any], detail: Mapping[str, Any]) -> str | None:
    """The class by which a finding is ordered and reported, from what it keeps."""
    return detail.get("leading_class") or finding.get("classification")
