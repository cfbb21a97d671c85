"""AMP/ASCO/CAP 2017 tiers and Japanese evidence levels from matched evidence.

The tables civic_levels and japan_approvals say what a level means; sensitivity and resistance
are kept apart: the Japanese level is that of the drugs a finding speaks for, R where it only
speaks against some, and `detail` carries both. Evidence for a whole gene or class of changes
counts only for a variant that is at least likely oncogenic.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import polars as pl

from shirube.cancer.evidence import CLOSENESS, SPECIFIC
from shirube.cancer.tumour_type import holds
from shirube.interpret.consequence import NULL

TIERS = ["I-A", "I-B", "II-C", "II-D", "III", "IV"]
LEVELS = ["A", "B", "C", "D", "E", "F", "R"]
SENSITIVE = ("Sensitivity/Response", "Sensitivity", "Response")
RESISTANT = ("Resistance", "Reduced Sensitivity")
TIERED_TYPES = ("Predictive", "Diagnostic", "Prognostic")
ONCOGENIC = ("Oncogenic", "Likely oncogenic")


def weighed(matched: pl.DataFrame, accepted: Collection[str], levels: pl.DataFrame) -> pl.DataFrame:
    """`matched` evidence with same_disease, side, amp_tier, japan_level and verified.

    side is sensitivity, resistance or other; tier and level are null where the item gives none
    (it does not support the association, or its type or level is not one that is tiered).
    """
    same = holds(pl.col("oncotree"), accepted)
    counts = (pl.col("direction") == "Supports") & pl.col("evidence_type").is_in(TIERED_TYPES)
    side = (
        pl.when(pl.col("significance").is_in(SENSITIVE))
        .then(pl.lit("sensitivity"))
        .when(pl.col("significance").is_in(RESISTANT))
        .then(pl.lit("resistance"))
        .otherwise(pl.lit("other"))
    )
    table = levels.select(
        "level",
        "amp_tier",
        "japan_level",
        _same=pl.col("same_disease") == "yes",
        verified=pl.col("verified") == "yes",
    )
    return (
        matched.with_columns(same_disease=same, side=side, _same=same.fill_null(False))
        .join(table, on=["level", "_same"], how="left")
        .with_columns(
            amp_tier=pl.when(counts).then("amp_tier"),
            japan_level=pl.when(counts & (pl.col("evidence_type") == "Predictive")).then(
                pl.when(pl.col("side") == "resistance")
                .then(pl.lit("R"))
                .when(pl.col("side") == "sensitivity")
                .then("japan_level")
            ),
        )
        .drop("_same")
    )


FIRST = "5'"  # an approved fusion whose gene is the 5' partner


def approvals(
    finding: Mapping[str, Any], kind: str, approved: pl.DataFrame, accepted: Collection[str]
) -> list[dict[str, Any]]:
    """Japanese approvals for a finding: A in the patient's tumour type, C in another.

    `approved`: see knowledge.approvals. `kind` is allele, germline (a pathogenic one), fusion,
    amplification, exon_skipping or biomarker. An approval leaves out the tumour types of its
    `except`, for which it says nothing.
    """
    out = []
    for row in approved.rows(named=True):
        left_out = set((row["except"] or "").split(";")) & set(accepted)
        if left_out or not is_alteration(row, finding, kind):
            continue
        same = row["oncotree"] in accepted
        out.append(
            {
                "therapies": row["therapies"],
                "oncotree": row["oncotree"],
                "status": row["status"],
                "conditions": row["conditions"],
                "level": "A" if same else "C",
                "same_disease": same,
                "source": row["source"],
                "date": row["date"],
                "verified": row["verified"] == "yes",
            }
        )
    return out


def is_alteration(row: Mapping[str, Any], finding: Mapping[str, Any], kind: str) -> bool:
    """Whether a finding is the alteration a row of a table names (gene, match, alteration).

    `kind` is that of `approvals`. An allele matches its protein change (of several joined by |),
    an in-frame deletion or insertion of the named exon, a loss of function, or as `mutation` any
    change of the gene's own bases that is at least likely oncogenic; exon skipping a lost exon or
    splice site; a fusion its 3' partner, or its 5' where the table says so (FGFR2 keeps its
    kinase there).
    """
    match, wanted = row["match"], row["alteration"]
    partners = (finding.get("gene") or "").split("::")
    if row["gene"] != partners[0 if wanted == FIRST else -1]:
        return False
    if match == "exon_skipping":
        return _skips(finding, kind, wanted)
    if match in ("fusion", "amplification", "germline"):
        return bool(kind == match)
    if match == "biomarker":
        return bool(kind == match and wanted == finding.get("state"))
    return kind == "allele" and _is_change(match, wanted, finding)


def _is_change(match: str, wanted: str, finding: Mapping[str, Any]) -> bool:
    """Whether an allele is the change a row names."""
    consequence = finding.get("consequence") or ""
    if match == "mutation":
        return finding.get("oncogenicity") in ONCOGENIC
    if match == "loss_of_function":
        return any(term in consequence for term in NULL)
    if match == "exact":
        change = (finding.get("hgvs_p") or "").replace("(", "").replace(")", "").split(":")[-1]
        return change in wanted.split("|")
    ending = {"exon_deletion": "deletion", "exon_insertion": "insertion"}.get(match)
    exon = (finding.get("exon") or "").split("/")[0]
    return ending is not None and exon == wanted and f"inframe_{ending}" in consequence


def _skips(finding: Mapping[str, Any], kind: str, number: str) -> bool:
    """Whether an exon is skipped: lost by a rearrangement, or its splice sites by an allele."""
    exon = (finding.get("exon") or "").split("/")[0]
    if kind == "exon_skipping":
        return exon == number
    consequence = finding.get("consequence") or ""
    beside = (number, f"i{number}", f"i{int(number) - 1}")
    spliced = any(term in consequence for term in ("splice_donor", "splice_acceptor"))
    return kind == "allele" and spliced and exon in beside


def best(values: Collection[str | None], order: list[str]) -> str | None:
    """The first of `order` among `values`; None if there is none."""
    return next((value for value in order if value in values), None)


def tier_and_level(
    evidence: pl.DataFrame,
    oncogenicity: str | None,
    approved: list[dict[str, Any]],
    common: bool,
    altering: bool,
) -> dict[str, Any]:
    """amp_tier, japan_level and what they rest on, for one finding.

    `evidence` is `weighed`; `common` says that the allele is common in a population (tier IV).
    """
    counted = evidence
    if oncogenicity not in ONCOGENIC:
        counted = evidence.filter(pl.col("match").cast(pl.String).is_in(SPECIFIC))
    by_side = {
        side: best(counted.filter(pl.col("side") == side)["amp_tier"].to_list(), TIERS)
        for side in ("sensitivity", "resistance", "other")
    }
    tier = best([*by_side.values()], TIERS)
    if approved:
        tier = best([tier, "I-A" if any(a["same_disease"] for a in approved) else "II-C"], TIERS)
    if tier is None or (tier in TIERS[:4] and common):
        tier = "IV" if common else "III" if altering else "IV"
    sensitive = counted.filter(pl.col("side") == "sensitivity")["japan_level"].to_list()
    level = best([*sensitive, *(a["level"] for a in approved)], LEVELS)
    resistant = "R" if "R" in counted["japan_level"].to_list() else None
    if level is None and resistant is None and oncogenicity in ONCOGENIC:
        level = "F"
    return {
        "amp_tier": tier,
        "japan_level": level or resistant,
        "tiers": {side: value for side, value in by_side.items() if value},
        "japan_levels": {
            side: value
            for side, value in (("sensitivity", level), ("resistance", resistant))
            if value
        },
    }


def listed(evidence: pl.DataFrame, limit: int = 60) -> list[dict[str, Any]]:
    """Evidence rows as the EVIDENCE struct, closest match and best level first."""
    order = {match: at for at, match in enumerate(CLOSENESS)}
    ranked = evidence.with_columns(
        _close=pl.col("match").cast(pl.String).replace_strict(order, default=99),
        _other=~pl.col("same_disease").fill_null(False),
    ).sort("_other", "level", "_close", "source", "id", "variant", nulls_last=True)
    columns = (
        "source",
        "version",
        "id",
        "url",
        "level",
        "direction",
        "significance",
        "therapies",
        "interaction",
        "disease",
        "same_disease",
        "statement",
    )
    return (
        ranked.unique(["source", "id"], keep="first", maintain_order=True)
        .head(limit)
        .select(columns)
        .rows(named=True)
    )


def listed_approvals(approved: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Japanese approvals as EVIDENCE rows, source `japan_approvals`."""
    return [
        {
            "source": "japan_approvals",
            "version": row["date"],
            "id": f"{row['oncotree']}: {row['therapies']}",
            "url": None,
            "level": row["level"],
            "direction": "Supports",
            "significance": "Sensitivity/Response",
            "therapies": row["therapies"],
            "interaction": None,
            "disease": row["oncotree"],
            "same_disease": row["same_disease"],
            "statement": f"{row['status']} in Japan{_conditions(row)} ({row['source']}; "
            f"{'verified' if row['verified'] else 'not verified'})",
        }
        for row in approved
    ]


def _conditions(row: Mapping[str, Any]) -> str:
    """What the approval asks for beside the biomarker: its codes in brackets."""
    return f" [{row['conditions']}]" if row["conditions"] else ""
