"""Rows of FINDINGS as objects of the report model, and which of them come first."""

import json
from typing import Any

import polars as pl

from shirube.errors import InputError
from shirube.reasons import message_parts
from shirube.report.basis import Known, basis_of
from shirube.report.leading import STRONG, leading_resistance, order

UNPHASED = "unphased"
SECTIONS = ("somatic", "fusion", "copy_number", "biomarkers", "germline", "rare", "secondary")
TIERS_TODAY = ("I-A", "I-B")
PATHOGENIC = ("Pathogenic", "Likely pathogenic", "Pathogenic/Likely pathogenic")
_RESISTANCE = ("Resistance", "Reduced Sensitivity")
_SENSITIVITY = ("Sensitivity/Response",)


def _detail(row: dict[str, Any]) -> dict[str, Any]:
    text = row["detail"]
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InputError("findings", "a JSON object in `detail`", row["finding"])
    return found


def evidence_group(item: dict[str, Any]) -> str:
    """What an evidence item speaks of: approved_japan, sensitivity, resistance or other.

    An item that says an effect was looked for and not seen counts as `other`, whatever the
    effect: it must never read as support.
    """
    if item["source"] == "japan_approvals":
        return "approved_japan"
    if (item["direction"] or "").lower().startswith("does not"):
        return "other"
    if item["significance"] in _RESISTANCE:
        return "resistance"
    return "sensitivity" if item["significance"] in _SENSITIVITY else "other"


PANEL_SOURCE = "MHLW notice 2022-03-03, wic-net.com/material/document/20458/2"


def panel(level: str | None) -> dict[str, str] | None:
    """Whether the expert panel's discussion may be omitted for a finding of this Japanese level.

    The notice lists level A, level R, and agreed lists of B and C, which are not known here.
    """
    if level is None:
        return None
    verdict = {"A": "may_omit", "R": "may_omit", "B": "agreed_list", "C": "agreed_list"}
    return {"verdict": verdict.get(level, "needed"), "source": PANEL_SOURCE}


def evidence_item(item: dict[str, Any], known: Known) -> dict[str, Any]:
    """An evidence item with what it speaks of and what it rests on."""
    kinds, stated = basis_of(item, known)
    return {**item, "group": evidence_group(item), "basis": kinds, "stated": stated}


def finding(row: dict[str, Any], known: Known) -> dict[str, Any]:
    """One row of FINDINGS as an object of the model; numbers and names unchanged."""
    same = ("section", "rank", "origin", "kind", "name", "gene", "transcript", "consequence")
    names = ("hgvs_g", "hgvs_c", "hgvs_p", "zygosity", "classification", "amp_tier", "japan_level")
    rest = ("oncogenicity", "second_hit", "inheritance")
    allele = None
    if row["chrom"] is not None and row["pos"] is not None:
        allele = {key: row[key] for key in ("chrom", "pos", "ref", "alt")}
    frequencies = [
        f"{kind}_{fact}" for kind in ("population", "japanese") for fact in ("af", "an", "source")
    ]
    return {
        "id": row["finding"],
        **{key: row[key] for key in (*same, *names, *rest)},
        "allele": allele,
        "reads": {
            "depth": row["dp"],
            "alternative": row["ad_alt"],
            "vaf": row["vaf"],
            "vaf_low": row["vaf_low"],
            "vaf_high": row["vaf_high"],
            "normal_depth": row["normal_dp"],
            "normal_alternative": row["normal_ad"],
        },
        "copies": None
        if row["total_cn"] is None
        else {"total": row["total_cn"], "minor": row["minor_cn"]},
        "frequencies": {
            "cohort_ac": row["cohort_ac"],
            "cohort_an": row["cohort_an"],
            "cohort_af": row["cohort_af"],
            **{key: row[key] for key in frequencies},
        },
        "clinvar": None
        if row["clinvar_id"] is None
        else {
            "id": row["clinvar_id"],
            "significance": row["clinvar_significance"],
            "stars": row["clinvar_stars"],
        },
        "panel": panel(row["japan_level"]),
        "criteria": [{**c, "said": message_parts(c)} for c in row["criteria"] or []],
        "evidence": [evidence_item(e, known) for e in row["evidence"] or []],
        "detail": _detail(row),
        "confirmation": "unconfirmed",
    }


def findings(table: pl.DataFrame, consented_secondary: bool, known: Known) -> list[dict[str, Any]]:
    """Every finding of a patient in the report's order; secondary ones only if consented to."""
    table = table.filter(pl.col("section") != UNPHASED)
    rows = [row for row in table.iter_rows(named=True) if row["section"] in SECTIONS]
    if len(rows) != table.height:
        unknown = sorted({s for s in table["section"].unique() if s not in SECTIONS})
        raise InputError("findings", f"a section of {', '.join(SECTIONS)}", str(unknown))
    if not consented_secondary:
        rows = [row for row in rows if row["section"] != "secondary"]
    last = max((row["rank"] or 0 for row in rows), default=0) + 1
    rows.sort(key=lambda r: (SECTIONS.index(r["section"]), r["rank"] or last, r["finding"]))
    return [finding(row, known) for row in rows]


def unphased(table: pl.DataFrame, consented_secondary: bool) -> list[dict[str, Any]]:
    """What alleles of unknown phase would be together, where it would be worth a report."""
    same = ("gene", "transcript", "consequence", "hgvs_c", "hgvs_p")
    classes = ("classification", "amp_tier", "oncogenicity")
    found = []
    rows = table.filter(pl.col("section") == UNPHASED).sort("gene", "finding")
    for row in rows.iter_rows(named=True):
        told = _detail(row)
        if told["asked_as"] == "secondary" and not consented_secondary:
            continue
        names = {key: row[key] for key in (*same, *classes)}
        found.append({"id": row["finding"], **names, "change": told["change"]})
    return found


def reason_to_act(item: dict[str, Any]) -> str | None:
    """Why a finding stands in the summary: id of the reason, or None.

    Tumour findings: AMP tier I, or Japanese level A or B, or evidence of resistance that decides
    (see `report.leading`). Germline, rare-disease and
    secondary findings: pathogenic or likely pathogenic, by the answer that leads (see
    `interpret.classify`). Evidence that speaks neither for nor
    against a drug bears on diagnosis or prognosis, whatever its level.
    """
    against = bool(leading_resistance(item))
    if item["japan_level"] == "R" and against:
        return "resistance"
    if item["japan_level"] in STRONG or _tier_today(item, against):
        groups = {evidence["group"] for evidence in item["evidence"]} - {"resistance"}
        return "diagnosis" if groups == {"other"} else "therapy"
    if item["section"] in ("germline", "rare", "secondary"):
        leads = item["detail"].get("leading_class") or item["classification"]
        return "germline" if leads in PATHOGENIC else None
    return None


def _tier_today(item: dict[str, Any], against: bool) -> bool:
    """Whether the tier is I for more than a resistance that does not lead."""
    if item["amp_tier"] not in TIERS_TODAY:
        return False
    sides = item["detail"].get("tiers")
    if not isinstance(sides, dict) or item["japan_level"] != "R" or against:
        return True
    return any(tier in TIERS_TODAY for side, tier in sides.items() if side != "resistance")


def summary(items: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Ids of the findings that can be acted on today, each with its reason.

    By what matters, whatever the section (see `report.leading.order`); else in the report's order.
    """
    found = [(reason, item) for item in items if (reason := reason_to_act(item))]
    found.sort(key=lambda pair: order(pair[1]))
    return [{"finding": item["id"], "reason": reason} for reason, item in found]
