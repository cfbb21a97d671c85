"""ESCAT tiers of a finding (Mateo 2018, PMID 30137196) from a table of ESMO's rankings.

An alteration that ESMO ranks in tier I or II for another tumour type than the patient's, and not
for this one, is III-A: benefit shown with the same alteration in another tumour type. What the
table does not hold has no tier: it is not X.
"""

import json
from collections.abc import Collection, Mapping, MutableMapping, Sequence
from typing import Any

import polars as pl

from shirube.cancer.tiers import best, is_alteration
from shirube.interpret.classify import REPORTED
from shirube.interpret.rows import detail

ESCAT = ["I-A", "I-B", "I-C", "II-A", "II-B", "III-A", "III-B", "IV-A", "IV-B", "V", "X"]
ELSEWHERE = "III-A"
SCALE = "Mateo 2018, PMID 30137196"
_SECTIONS = {"somatic": "allele", "germline": "germline", "biomarkers": "biomarker"}
HIGH = "high"  # what a marker must be to be a finding


def with_escat(
    findings: Sequence[MutableMapping[str, Any]],
    table: pl.DataFrame | None,
    accepted: Collection[str],
) -> None:
    """Put `escat` (tier and its rows) into the detail of the findings the table ranks."""
    rows = [] if table is None else table.rows(named=True)
    for finding in findings:
        told = json.loads(finding.get("detail") or "{}")
        found = escat(finding, told, rows, accepted)
        if found:
            finding["detail"] = detail(told | {"escat": found})


def escat(
    finding: Mapping[str, Any],
    told: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    accepted: Collection[str],
) -> dict[str, Any] | None:
    """Tier of a finding in the patient's tumour type with the rows it rests on; None without."""
    kind = kind_of(finding, told)
    exons = told.get("exons") or []
    exon = str(exons[0]) if kind == "exon_skipping" else told.get("exon")
    asked = {**finding, "exon": exon, "state": HIGH}
    mine = [row for row in rows if kind and is_alteration(row, asked, kind)]
    here = [row for row in mine if row["oncotree"] in accepted]
    if here:
        tier = best([row["tier"] for row in here], ESCAT)
        used = [row for row in here if row["tier"] == tier]
        return {"tier": tier, "rows": [_row(row) for row in used]}
    ranked = [row for row in mine if row["tier"].startswith(("I-", "II-"))]
    if not accepted or not ranked:
        return None
    return {"tier": ELSEWHERE, "scale": SCALE, "rows": [_row(row) for row in ranked]}


def kind_of(finding: Mapping[str, Any], told: Mapping[str, Any]) -> str | None:
    """What a finding is to a table of alterations; None for one that is in none."""
    if finding.get("kind") == "fusion":
        return "fusion"
    if finding.get("kind") == "copy_number":
        return "amplification" if told.get("call") == "amplification" else None
    if finding.get("kind") == "structural":
        one = told.get("driver") == "deletion" and len(told.get("exons") or []) == 1
        return "exon_skipping" if one and told.get("in_frame") else None
    kind = _SECTIONS.get(finding["section"])
    harmful = finding.get("classification") in REPORTED
    return None if kind == "germline" and not harmful else kind


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "tier": row["tier"],
        "gene": row["gene"],
        "alteration": row["alteration"] or row["match"],
        "oncotree": row["oncotree"],
        "source": row["source"],
        "verified": row["verified"] == "yes",
    }
