"""Oncogenicity of a somatic variant by ClinGen/CGC/VICC points (Horak 2022, PMID 35101336).

Thresholds, points and exclusions are rows of resources/oncogenicity_criteria.tsv. Criteria that can
be computed are applied; the others are listed as not assessed, and a class that the points leave
uncertain while many criteria were not assessed is called insufficient, so that a class never looks
better founded than it is. ClinVar's oncogenicity classification is no criterion of its own allele:
it is told beside the class.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from shirube.interpret.acmg import without_excluded
from shirube.interpret.cancer_genes import CURATED
from shirube.interpret.consequence import (
    IN_FRAME,
    MISSENSE,
    NULL,
    SPLICE_REGION,
    SYNONYMOUS,
    any_of,
)
from shirube.interpret.context import Context
from shirube.interpret.protein_criteria import predictions
from shirube.interpret.pvs1 import critical_regions
from shirube.interpret.rows import (
    criterion,
    highest_frequency,
    no_frequency,
    of_few,
    seen_more_often,
    total,
)
from shirube.interpret.rules import TABLE, Rules, read_rules
from shirube.reasons import because

ONCOGENIC = ("Oncogenic", "Likely oncogenic")
UNCERTAIN, INSUFFICIENT = "Uncertain significance", "Insufficient"


@cache
def horak() -> Rules:
    """The table of oncogenicity criteria."""
    return Rules.of(read_rules(TABLE.with_name("oncogenicity_criteria.tsv")))


@dataclass(frozen=True)
class Hotspot:
    """Tumours with a change at the residue, and with this very change."""

    residue: int
    change: int
    source: str


@dataclass(frozen=True)
class OncogenicNeighbours:
    """Changes ClinVar calls oncogenic: the same protein change by other bases, and others.

    near: others of the residue, which the allele's differs from as much as they do, or more.
    """

    same: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


def oncogenicity_class(points: int, rules: Rules | None = None) -> str:
    """Class of a sum of points."""
    limits = rules or horak()
    for name, word in (
        ("oncogenic", "Oncogenic"),
        ("likely_oncogenic", "Likely oncogenic"),
        ("uncertain", UNCERTAIN),
        ("likely_benign", "Likely benign"),
    ):
        if limits[f"class.{name}"].holds(points):
            return word
    return "Benign"


def clinvar_oncogenicity(allele: Mapping[str, Any]) -> str | None:
    """ClinVar's oncogenicity classification of the allele, in this module's words."""
    stated = (allele.get("clinvar_oncogenicity") or "").replace("_", " ").lower()
    known = (*ONCOGENIC, UNCERTAIN, "Likely benign", "Benign")
    return next((word for word in known if stated.startswith(word.lower())), None)


def criteria(
    allele: Mapping[str, Any],
    role: str | None,
    functional: Collection[str],
    hotspot: Hotspot | None,
    hotspots_known: bool,
    role_source: str = CURATED,
    neighbours: OncogenicNeighbours | None = None,
    predicted: Context | None = None,
    rules: Rules | None = None,
) -> list[dict[str, Any]]:
    """Every criterion with its reason and source.

    `allele` has gene, consequence, protein_pos and what `rows.frequencies` reads; `role` is
    oncogene, tumour_suppressor or None, as `role_source` says; `functional` names items of
    functional evidence for exactly this change; `neighbours` is None without ClinVar, `predicted`
    without predictors.
    """
    table = rules or horak()
    out = [
        *_change(allele, role, role_source, table),
        _functional(functional, table),
        *_hotspot(hotspot, hotspots_known, table),
        *_neighbours(allele, neighbours, table),
        _region(allele, table),
        *_frequency(allele, table),
        *_predicted(allele, predicted, table),
        criterion("OP2", None, 0, because("oncogenic.aetiology")),
        criterion("SBS2", None, 0, because("person.functional")),
    ]
    return sorted(without_excluded(out, table), key=lambda c: c["code"])


def _change(
    allele: Mapping[str, Any], role: str | None, role_source: str, rules: Rules
) -> list[dict[str, Any]]:
    """OVS1 and OM2, by what the allele does to a gene of a known role."""
    consequence, named = allele.get("consequence"), role or "of unknown role"
    null, length = rules["OVS1.null"], rules["OM2.length"]
    suppressor = role == "tumour_suppressor"
    stop_lost = any_of(("stop_lost",), consequence)
    longer = role is not None and any_of(IN_FRAME, consequence) and (suppressor or not stop_lost)
    return [
        criterion(
            "OVS1",
            any_of(NULL, consequence) and suppressor,
            null.points or 0,
            because("oncogenic.null", consequence=consequence, role=named),
            f"{role_source}; {null.cited}",
        ),
        criterion(
            "OM2",
            longer,
            length.points or 0,
            because("oncogenic.length", consequence=consequence, role=named),
            f"{role_source}; {length.cited}",
        ),
    ]


def _functional(functional: Collection[str], rules: Rules) -> dict[str, Any]:
    rule = rules["OS2.functional"]
    if not functional:
        return criterion("OS2", None, 0, because("oncogenic.no_functional"), "CIViC")
    reason = because("oncogenic.functional", names=", ".join(functional))
    return criterion("OS2", True, rule.points or 0, reason, f"CIViC; {rule.cited}")


def _hotspot(hotspot: Hotspot | None, known: bool, rules: Rules) -> list[dict[str, Any]]:
    """OS3, OM3 and OP3: only the strongest applies."""
    codes = ("OS3", "OM3", "OP3")
    if not known:
        return [criterion(c, None, 0, because("oncogenic.no_hotspot_source")) for c in codes]
    if hotspot is None:
        return [criterion(c, False, 0, because("oncogenic.no_hotspot")) for c in codes]
    met = None
    if rules["OS3.change"].holds(hotspot.change) and rules["OS3.residue"].holds(hotspot.residue):
        met = "OS3"
    elif rules["OM3.change"].holds(hotspot.change):
        met = "OM3"
    elif rules["OP3.change"].holds(hotspot.change):
        met = "OP3"
    seen = because("oncogenic.hotspot", change=hotspot.change, residue=hotspot.residue)
    leaf = {"OS3": "OS3.residue", "OM3": "OM3.change", "OP3": "OP3.change"}
    return [
        criterion(
            c, met == c, rules.points(leaf[c]), seen, f"{hotspot.source}; {rules[leaf[c]].cited}"
        )
        for c in codes
    ]


def _neighbours(
    allele: Mapping[str, Any], found: OncogenicNeighbours | None, rules: Rules
) -> list[dict[str, Any]]:
    """OS1 and OM4, by other alleles ClinVar calls oncogenic."""
    if found is None:
        reason = because("same.no_source")
        return [criterion("OS1", None, 0, reason), criterion("OM4", None, 0, reason)]
    missense = any_of(MISSENSE, allele.get("consequence"))
    same, near = rules["OS1.same"], rules["OM4.residue"]
    return [
        criterion(
            "OS1",
            missense and bool(found.same),
            same.points or 0,
            because("oncogenic.same", names=", ".join(found.same) or "–"),
            f"ClinVar; {same.cited}",
        ),
        criterion(
            "OM4",
            missense and bool(found.near),
            near.points or 0,
            because("oncogenic.near", names=", ".join(found.near) or "–"),
            f"ClinVar; {near.cited}",
        ),
    ]


def _region(allele: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    """OM1 by the residues a function needs; not assessed in genes no region is stated of."""
    rule, at = rules["OM1.region"], allele.get("protein_pos")
    regions = critical_regions().get(allele.get("gene") or "")
    altering = any_of((*MISSENSE, *IN_FRAME), allele.get("consequence"))
    if regions is None or at is None:
        return criterion("OM1", None if altering else False, 0, because("oncogenic.domains"))
    inside = [r for r in regions if r.first <= at <= r.last]
    if not (inside and altering):
        return criterion("OM1", False, 0, because("oncogenic.no_region"), rule.cited)
    reason = because("oncogenic.region", names=", ".join(f"{r.name} ({r.source})" for r in inside))
    return criterion("OM1", True, rule.points or 0, reason, rule.cited)


def _frequency(allele: Mapping[str, Any], rules: Rules) -> list[dict[str, Any]]:
    """SBVS1, SBS1 and OP4 on the highest frequency that is evidence."""
    found = highest_frequency(allele)
    common, often = rules["SBVS1.common"], rules["SBS1.frequent"]
    absent = rules["OP4.absent"]
    if found is None:
        reason = no_frequency(allele)
        return [criterion(rule.code, None, 0, reason) for rule in (common, often, absent)]
    reason = because("frequency.highest", af=f"{found.af:.3g}")
    more = seen_more_often(allele, 0.0)
    rare: bool | None = absent.holds(found.af)
    if more and rare:
        rare, reason = None, reason.and_(of_few(more))
    met = ((common, common.holds(found.af)), (absent, rare))
    frequent = often.holds(found.af) and not common.holds(found.af)
    return [
        criterion(rule.code, holds, rule.points or 0, reason, f"{found.source}; {rule.cited}")
        for rule, holds in (*met, (often, frequent))
    ]


def _predicted(
    allele: Mapping[str, Any], predicted: Context | None, rules: Rules
) -> list[dict[str, Any]]:
    """OP1, SBP1 by the predictors of PP3 and BP4; SBP2 of a silent change off the splice sites."""
    consequence = allele.get("consequence")
    silent = any_of(SYNONYMOUS, consequence) and not any_of(SPLICE_REGION, consequence)
    op1, sbp1, sbp2 = rules["OP1.predicted"], rules["SBP1.predicted"], rules["SBP2.silent"]
    told = because("oncogenic.silent", consequence=consequence)
    if predicted is None:
        reason = because("oncogenic.no_predictor")
        return [
            criterion("OP1", None, 0, reason),
            criterion("SBP1", None, 0, reason),
            criterion("SBP2", silent, sbp2.points or 0, told, sbp2.cited),
        ]
    harm, calm = predictions(allele, predicted, null=0)
    spliced = predicted.rules["PP3.spliceai"].holds(predicted.spliceai)
    return [
        criterion("OP1", harm["met"], op1.points or 0, harm["reason"], op1.cited),
        criterion("SBP1", calm["met"], sbp1.points or 0, calm["reason"], sbp1.cited),
        criterion("SBP2", silent and not spliced, sbp2.points or 0, told, sbp2.cited),
    ]


def not_assessed(found: Collection[Mapping[str, Any]]) -> int:
    """Criteria that nothing could be said of."""
    return sum(c["met"] is None for c in found)


def oncogenicity_of(found: list[dict[str, Any]], rules: Rules | None = None) -> str:
    """Class of a list of criteria; INSUFFICIENT where it is uncertain for want of evidence."""
    table = rules or horak()
    name = oncogenicity_class(total(found), table)
    missing = table["insufficient.not_assessed"].holds(not_assessed(found))
    return INSUFFICIENT if name == UNCERTAIN and missing else name


def leading(computed: str, allele: Mapping[str, Any]) -> str:
    """The class that decides on tiers: ClinVar's oncogenic classification, else the computed."""
    stated = clinvar_oncogenicity(allele)
    reviewed = "no_" not in (allele.get("clinvar_oncogenicity_review") or "no_")
    return stated if reviewed and stated in ONCOGENIC and computed not in ONCOGENIC else computed
