"""Criteria of the person and the family: PS2, PM6, PM3, BP2, PP1, BS4, PP4."""

from collections.abc import Mapping
from typing import Any

from shirube.interpret.context import Consistency, Context, Partner
from shirube.interpret.rows import criterion
from shirube.interpret.rules import Rules
from shirube.reasons import Reason, because

Criteria = list[dict[str, Any]]
FIT: Mapping[Consistency, Reason] = {
    "specific": because("family.fit_specific"),
    "consistent": because("family.fit_consistent"),
    "heterogeneous": because("family.fit_heterogeneous"),
    "inconsistent": because("family.fit_inconsistent"),
}


def of_family(allele: Mapping[str, Any], context: Context) -> Criteria:
    """Every criterion read from relatives, phase and phenotype."""
    return [
        *_de_novo(context),
        _in_trans(allele, context),
        _beside_pathogenic(context),
        *_segregation(context),
        _phenotype(context),
    ]


def _de_novo(context: Context) -> Criteria:
    """PS2 (parentage confirmed) or PM6 by the points of the phenotype's fit."""
    rules = context.rules
    if context.de_novo is None:
        reason = because("family.parents")
        return [criterion("PS2", None, 0, reason), criterion("PM6", None, 0, reason)]
    reason = because("family.de_novo", posterior=f"{context.de_novo:.4f}")
    cited = rules["PS2.specific"].cited
    if not rules["PS2.certain"].holds(context.de_novo):
        return [criterion(code, False, 0, reason, cited) for code in ("PS2", "PM6")]
    code, other = ("PS2", "PM6") if context.confirmed else ("PM6", "PS2")
    parents = because("family.confirmed") if context.confirmed else because("family.not_confirmed")
    fit = context.consistency
    if fit is None:
        reason = reason.and_(parents, because("family.fit_unknown"))
        points, met = 0, None
    else:
        count = rules.number(f"{code}.{fit}") + context.de_novo_elsewhere
        found = rules.first("de_novo", count)
        points = (found.points or 0) if found else 0
        met = points > 0
        reason = reason.and_(parents, FIT[fit], because("family.points", points=f"{count:g}"))
    return [
        criterion(code, met, points, reason, cited),
        criterion(other, False, 0, parents, cited),
    ]


def _partners(context: Context) -> list[Partner]:
    named = {partner.name for partner in context.partners}
    return [*context.partners, *(Partner(n) for n in context.trans if n not in named)]


def _in_trans(allele: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """PM3 by the points of ClinGen SVI, of recessive diseases only."""
    rules = context.rules
    cited = rules["PM3.trans.P"].cited
    partners = [p for p in _partners(context) if p.trans is not False]
    homozygous = allele.get("zygosity") == "homozygous" and context.affected
    if not partners and not homozygous:
        return criterion("PM3", False, 0, because("family.no_trans"), cited)
    parts = [_told(partner) for partner in partners]
    if homozygous:
        parts.append(because("family.homozygous"))
    reason = _with_fragments(parts[0].and_(*parts[1:]), context)
    if not context.modes:
        return criterion("PM3", None, 0, reason.and_(because("family.mode_unknown")), cited)
    if "AR" not in context.modes:
        mode = "/".join(sorted(context.modes))
        return criterion("PM3", False, 0, because("family.not_recessive", mode=mode), cited)
    count = _trans_points(partners, homozygous, rules) + context.trans_elsewhere
    found = rules.first("in_trans", count)
    points = (found.points or 0) if found else 0
    reason = reason.and_(because("family.points", points=f"{count:g}"))
    return criterion("PM3", points > 0, points, reason, cited)


def _trans_points(partners: list[Partner], homozygous: bool, rules: Rules) -> float:
    phase = {True: "trans", None: "unknown"}
    each = [(p.harm, rules.number(f"PM3.{phase[p.trans]}.{p.harm}")) for p in partners]
    known = sum(points for harm, points in each if harm != "VUS")
    uncertain = sum(points for harm, points in each if harm == "VUS")
    twice = rules.number("PM3.homozygous") if homozygous else 0.0
    return known + min(uncertain, rules.number("PM3.most_vus")) + twice


def _told(partner: Partner) -> Reason:
    named = f"{partner.name} ({partner.harm})"
    if partner.trans:
        return because("family.trans", names=named)
    return because("family.phase_unknown", names=named)


def _beside_pathogenic(context: Context) -> dict[str, Any]:
    """BP2: in cis with a pathogenic allele, or in trans of a fully penetrant dominant disease."""
    rules = context.rules
    cited = rules["BP2.cis"].cited
    if context.cis_pathogenic:
        reason = because("family.cis", names=", ".join(context.cis_pathogenic))
        points = rules.points("BP2.cis")
        return criterion("BP2", True, points, _with_fragments(reason, context), cited)
    trans = [p.name for p in _partners(context) if p.trans and p.harm != "VUS"]
    if not trans or context.modes != {"AD"}:
        return criterion("BP2", False, 0, because("family.no_cis"), cited)
    reason = because("family.dominant_trans", names=", ".join(trans))
    if context.penetrance is None:
        return criterion("BP2", None, 0, reason.and_(because("family.penetrance_unknown")), cited)
    full = context.penetrance == "full"
    reason = reason.and_(because("family.penetrance", penetrance=context.penetrance))
    return criterion("BP2", full, rules.points("BP2.trans"), reason, cited)


def _segregation(context: Context) -> Criteria:
    rules, found = context.rules, context.segregation
    if found is None:
        reason = because("person.segregation")
        return [criterion("PP1", None, 0, reason), criterion("BS4", None, 0, reason)]
    told = because(
        "family.segregation", meioses=f"{found.meioses:g}", without=found.affected_without
    )
    lacking = rules["BS4.affected_without"]
    against = lacking.holds(found.affected_without)
    rule = None if against else rules.first("PP1", found.meioses)
    points = (rule.points or 0) if rule else 0
    return [
        criterion("PP1", points > 0, points, told, rules["PP1.supporting"].cited),
        criterion("BS4", against, lacking.points or 0, told, lacking.cited),
    ]


def _phenotype(context: Context) -> dict[str, Any]:
    fit, rule = context.consistency, context.rules["PP4.specific"]
    if fit is None:
        return criterion("PP4", None, 0, because("phenotype.none"), rule.cited)
    if context.phenotype_p is None:
        reason = FIT[fit]
    else:
        score = f"{context.phenotype_score or 0:.2f}"
        reason = because("phenotype.score", score=score, p=f"{context.phenotype_p:.2g}")
    return criterion("PP4", fit == "specific", rule.points or 0, reason, rule.cited)


def _with_fragments(reason: Reason, context: Context) -> Reason:
    """The reason with the fragments that tell the phase, where reads do."""
    if not context.fragments:
        return reason
    return reason.and_(because("family.fragments", **context.fragments))
