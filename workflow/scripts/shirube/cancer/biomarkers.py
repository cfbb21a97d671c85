"""Measured biomarkers of a tumour as findings: MSI-High, TMB-High, HRD-High, and their drugs.

A marker is a finding only where its interval lets no other call stand; a stable or low marker is
a result of the marker table, an unknown one neither. Approvals are of the marker whatever the
organ (SOLID), or of one tumour type; CIViC's items are those of the feature itself.
"""

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from shirube.cancer.tiers import approvals, listed, listed_approvals, tier_and_level, weighed
from shirube.interpret.inputs import Knowledge
from shirube.interpret.rows import criterion, detail
from shirube.reasons import because

NAMES = {"MSI": "MSI-High", "TMB": "TMB-High", "HRD": "HRD-High"}
COMPANION = ("HRD",)  # approved by the laboratory test named in the label, not by such a measure
HIGH = "high"


def biomarker_findings(
    markers: pl.DataFrame, knowledge: Knowledge, accepted: Collection[str]
) -> list[dict[str, Any]]:
    """FINDINGS rows (rank null) of the markers that are high; `markers` is MARKERS."""
    high = markers.filter(pl.col("marker").is_in(list(NAMES)) & (pl.col("call") == HIGH))
    return [_finding(row, knowledge, accepted) for row in high.rows(named=True)]


def _finding(
    row: Mapping[str, Any], knowledge: Knowledge, accepted: Collection[str]
) -> dict[str, Any]:
    finding, marker = f"biomarker-{row['marker']}", row["marker"]
    own = knowledge.evidence.filter(
        (pl.col("gene") == marker)
        & (pl.col("match").cast(pl.String) == "biomarker")
        & (pl.col("alteration") == HIGH)
    ).with_columns(finding=pl.lit(finding))
    evidence = weighed(own, accepted, knowledge.curated["civic_levels"])
    asked = {"gene": marker, "state": HIGH}
    approved = approvals(asked, "biomarker", knowledge.curated["japan_approvals"], accepted)
    verdict = tier_and_level(evidence, "Oncogenic", approved, common=False, altering=True)
    reason = because("biomarker.high", marker=NAMES[marker])
    if marker in COMPANION:
        reason = reason.and_(because("biomarker.companion"))
    return {
        "finding": finding,
        "section": "biomarkers",
        "origin": "somatic",
        "kind": "biomarker",
        "gene": marker,
        "name": NAMES[marker],
        "amp_tier": verdict["amp_tier"],
        "japan_level": verdict["japan_level"],
        "criteria": [criterion("biomarker", True, 0, reason)],
        "evidence": [*listed_approvals(approved), *listed(evidence)],
        "detail": detail(
            {
                "marker": marker,
                "value": row["value"],
                "low": row["low"],
                "high": row["high"],
                "unit": row["unit"],
                "tiers": verdict["tiers"],
                "japan_levels": verdict["japan_levels"],
                "approvals": approved or None,
            }
        ),
    }
