"""Oncogenicity of a somatic variant by ClinGen/CGC/VICC points (Horak 2022, PMID 35101336).

Criteria that can be computed are applied; the others are listed as not assessed, so that a class
never looks better founded than it is. Points: very strong 8, strong 4, moderate 2, supporting 1;
Oncogenic from 10, Likely oncogenic 6 to 9, VUS 0 to 5, Likely benign -1 to -6, Benign below.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shirube.interpret.cancer_genes import CURATED
from shirube.interpret.consequence import (
    IN_FRAME,
    MISSENSE,
    NULL,
    SPLICE_REGION,
    SYNONYMOUS,
    any_of,
)
from shirube.interpret.rows import (
    criterion,
    highest_frequency,
    no_frequency,
    of_few,
    seen_more_often,
    total,
)
from shirube.reasons import because

COMMON, LOW = 0.05, 0.01
NOT_ASSESSED = {
    "OM1": because("oncogenic.domains"),
    "OP1": because("oncogenic.no_predictor"),
    "OP2": because("oncogenic.aetiology"),
    "SBP1": because("oncogenic.no_predictor"),
}


@dataclass(frozen=True)
class Hotspot:
    """Tumours with a change at the residue, and with this very change."""

    residue: int
    change: int
    source: str


def oncogenicity_class(points: int) -> str:
    """Class of a sum of points."""
    if points >= 10:
        return "Oncogenic"
    if points >= 6:
        return "Likely oncogenic"
    if points >= 0:
        return "Uncertain significance"
    return "Likely benign" if points >= -6 else "Benign"


def criteria(
    allele: Mapping[str, Any],
    role: str | None,
    functional: list[str],
    hotspot: Hotspot | None,
    hotspots_known: bool,
    role_source: str = CURATED,
) -> list[dict[str, Any]]:
    """Every criterion with its reason.

    `allele` has consequence, clinvar_oncogenicity, what `rows.frequencies` reads;
    `role` is oncogene, tumour_suppressor or None, as `role_source` says; `functional` names items
    of functional evidence for exactly this change.
    """
    consequence = allele.get("consequence")
    null = any_of(NULL, consequence)
    missense = any_of(MISSENSE, consequence)
    suppressor = role == "tumour_suppressor"
    stated = (allele.get("clinvar_oncogenicity") or "").replace("_", " ")
    established = stated.lower() in ("oncogenic", "likely oncogenic", "oncogenic/likely oncogenic")
    out = [
        criterion(
            "OVS1",
            null and suppressor,
            8,
            because("oncogenic.null", consequence=consequence, role=role or "of unknown role"),
            role_source,
        ),
        criterion(
            "OS1",
            established if stated else None,
            4,
            because("oncogenic.clinvar", stated=stated or "none stated"),
            "ClinVar",
        ),
        criterion(
            "OS2",
            bool(functional),
            4,
            because("oncogenic.functional", names=", ".join(functional))
            if functional
            else because("oncogenic.no_functional"),
            "CIViC",
        ),
        *_hotspot(hotspot, hotspots_known, established, missense),
        criterion(
            "OM2",
            any_of(IN_FRAME, consequence) and role is not None,
            2,
            because("oncogenic.length", consequence=consequence, role=role or "of unknown role"),
            role_source,
        ),
        *_frequency(allele),
        criterion(
            "SBP2",
            any_of(SYNONYMOUS, consequence) and not any_of(SPLICE_REGION, consequence),
            -1,
            because("oncogenic.silent", consequence=consequence),
        ),
    ]
    out += [criterion(code, None, 0, reason) for code, reason in NOT_ASSESSED.items()]
    return sorted(out, key=lambda c: c["code"])


def _hotspot(
    hotspot: Hotspot | None, known: bool, established: bool, missense: bool
) -> list[dict[str, Any]]:
    """OS3, OM3, OM4 and OP3: only the strongest applies, none beside OS1."""
    codes = {"OS3": 4, "OM3": 2, "OP3": 1}
    if not known:
        reason = because("oncogenic.no_hotspot_source")
        return [criterion(code, None, points, reason) for code, points in codes.items()]
    met = None
    if hotspot is not None and not established:
        if hotspot.change >= 10:
            met = "OS3" if hotspot.residue >= 50 else "OM3"
        elif hotspot.change > 0:
            met = "OP3"
    seen = (
        because("oncogenic.hotspot", change=hotspot.change, residue=hotspot.residue)
        if hotspot
        else because("oncogenic.no_hotspot")
    )
    if established:
        seen = seen.and_(because("oncogenic.counted"))
    source = hotspot.source if hotspot else None
    return [criterion(code, met == code, points, seen, source) for code, points in codes.items()]


def _frequency(allele: Mapping[str, Any]) -> list[dict[str, Any]]:
    """SBVS1, SBS1 and OP4 on the highest frequency that is evidence."""
    found = highest_frequency(allele)
    codes = {"SBVS1": -8, "SBS1": -4, "OP4": 1}
    if found is None:
        reason = no_frequency(allele)
        return [criterion(code, None, points, reason) for code, points in codes.items()]
    af, source, _ = found
    met: dict[str, bool | None] = {"SBVS1": af > COMMON, "SBS1": LOW < af <= COMMON}
    reason = because("frequency.highest", af=f"{af:.3g}")
    more = seen_more_often(allele, 0.0)
    met["OP4"] = None if more and af == 0 else af == 0
    if more:
        reason = reason.and_(of_few(more))
    return [criterion(code, met[code], points, reason, source) for code, points in codes.items()]


def oncogenicity_of(criteria_met: list[dict[str, Any]]) -> str:
    """Class of a list of criteria."""
    return oncogenicity_class(total(criteria_met))
