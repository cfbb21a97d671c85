"""ACMG/AMP criteria for germline variants, each with its reason and its source, as points.

Thresholds, strengths, caps and exclusions are rows of a table (`shirube.interpret.rules`). Points
follow Tavtigian 2020 (PMID 32720330): very strong 8, strong 4, moderate 2, supporting 1, benign the
same below zero; BA1 stands alone. Pathogenic from 10, Likely pathogenic 6 to 9, Uncertain 0 to 5,
Likely benign -1 to -6, Benign below. ClinVar's own assertion is no criterion: it is stated beside
the class that the criteria give.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shirube.interpret.context import Context
from shirube.interpret.family_criteria import of_family
from shirube.interpret.frequency_criteria import of_frequency
from shirube.interpret.protein_criteria import of_protein
from shirube.interpret.pvs1 import strength
from shirube.interpret.rows import criterion, total
from shirube.interpret.rules import Rules, general
from shirube.reasons import Reason, because, stored

PATHOGENIC, LIKELY = "Pathogenic", "Likely pathogenic"
UNCERTAIN, LIKELY_BENIGN, BENIGN = "Uncertain significance", "Likely benign", "Benign"
MANUAL_CRITERIA = {
    "PS3": because("person.functional"),
    "PS4": because("person.prevalence"),
    "BS3": because("person.functional"),
    "BP5": because("person.other_cause"),
    "PP5": because("retired"),
    "BP6": because("retired"),
}


def acmg_class(points: int, stand_alone_benign: bool = False, rules: Rules | None = None) -> str:
    """Class of a sum of points."""
    limits = rules or general()
    if stand_alone_benign:
        return BENIGN
    for name, word in (
        ("pathogenic", PATHOGENIC),
        ("likely_pathogenic", LIKELY),
        ("uncertain", UNCERTAIN),
        ("likely_benign", LIKELY_BENIGN),
    ):
        if limits[f"class.{name}"].holds(points):
            return word
    return BENIGN


def criteria(allele: Mapping[str, Any], context: Context) -> list[dict[str, Any]]:
    """Every criterion, met or not or not assessable (met is null), with its reason and source.

    `allele` is a described allele, or a change made of several: consequence, protein_pos, exon,
    hgvs_c, hgvs_p, gene, chrom, zygosity, and what `rows.frequencies` reads.
    """
    rules = context.rules.for_gene(allele.get("gene"))
    context = replace(context, rules=rules)
    points, path = strength(allele, context.mechanism, context.transcript, context.loss, rules)
    if context.mechanism_source:
        path = path.and_(because("loss.source", source=context.mechanism_source))
    out = [criterion("PVS1", points > 0, points, path, rules["PVS1.decayed"].cited)]
    out += of_protein(allele, context, points)
    out += of_family(allele, context)
    out += of_frequency(allele, context)
    out += [criterion(code, None, 0, reason) for code, reason in MANUAL_CRITERIA.items()]
    return sorted(_capped(without_excluded(out, rules), rules), key=lambda c: c["code"])


def classified(found: list[dict[str, Any]], rules: Rules | None = None) -> tuple[str, int]:
    """Class and points of a list of criteria."""
    points = total(found)
    return acmg_class(points, any(c["code"] == "BA1" and c["met"] for c in found), rules), points


def without_excluded(found: list[dict[str, Any]], rules: Rules) -> list[dict[str, Any]]:
    """Criteria that another, which is met, leaves no room for are not met."""
    met = {c["code"] for c in found if c["met"]}
    out = []
    for one in found:
        beside = [other for code, other in rules.exclusions() if code == one["code"]]
        hit = next((other for other in beside if other in met), None)
        if one["met"] and hit:
            one = _changed(one, False, 0, because("beside.excluded", code=hit))
        out.append(one)
    return out


def _capped(found: list[dict[str, Any]], rules: Rules) -> list[dict[str, Any]]:
    """Of criteria that together give at most so many points, the last give what is left."""
    for codes, most, rule in rules.caps():
        left = most
        places = [
            i for code in codes for i, c in enumerate(found) if c["code"] == code and c["met"]
        ]
        for at in places if len(places) > 1 else ():
            points = min(found[at]["points"], left)
            left -= points
            if points < found[at]["points"]:
                reason = because("beside.capped", codes=" + ".join(codes), most=most)
                found[at] = _changed(found[at], points > 0, points, reason)
                found[at]["source"] = f"{found[at]['source']}; {rule.cited}"
    return found


def _changed(one: dict[str, Any], met: bool, points: int, why: Reason) -> dict[str, Any]:
    reason = one["reason"]
    told = reason.and_(why) if isinstance(reason, Reason) else why
    return one | {"met": met, "points": points, "reason": told, "said": stored(told)}
