"""Criteria of what an allele changes: PS1, PM5, PM1, PM4, BP3, PP2, BP1, BP7, PP3, BP4."""

import re
from collections.abc import Mapping
from typing import Any

from shirube.interpret.consequence import (
    IN_FRAME,
    MISSENSE,
    NULL,
    SPLICE_REGION,
    SPLICE_SITE,
    SYNONYMOUS,
    any_of,
)
from shirube.interpret.context import Context, SpliceNeighbour
from shirube.interpret.pvs1 import VERY_STRONG
from shirube.interpret.rows import criterion
from shirube.interpret.rules import Rule
from shirube.interpret.stretch import REACH
from shirube.reasons import because

Criteria = list[dict[str, Any]]
NAMES = {"revel": "REVEL", "alphamissense": "AlphaMissense", "cadd": "CADD", "bayesdel": "BayesDel",
         "vest4": "VEST4", "mutpred2": "MutPred2"}  # fmt: skip
_INTRON = re.compile(r"^[cn]\.[-*]?\d+([+-]\d+)(?:_[-*]?\d+([+-]\d+))?")


def of_protein(allele: Mapping[str, Any], context: Context, null: int) -> Criteria:
    """Every criterion of the change itself; `null` is the points PVS1 gives."""
    return [
        *_same_change(allele, context, null),
        _hot(allele, context),
        *_length(allele, context),
        *_shares(allele, context),
        *predictions(allele, context, null),
        _silent(allele, context),
    ]


def _same_change(allele: Mapping[str, Any], context: Context, null: int) -> Criteria:
    """PS1 and PM5 of a missense change; PS1 of a change of splicing."""
    protein, residue = context.rules["PS1.protein"], context.rules["PM5.residue"]
    spliced = _same_splicing(allele, context, null)
    missense = any_of(MISSENSE, allele.get("consequence"))
    if context.same_protein is None or context.same_residue is None:
        reason = because("same.no_source")
        return [spliced or criterion("PS1", None, 0, reason), criterion("PM5", None, 0, reason)]
    same = ", ".join(context.same_protein) or "none known"
    near = ", ".join(context.same_residue) or "none known"
    applies = missense and bool(context.same_protein)
    told = because("same.protein", names=same)
    first = criterion("PS1", applies, protein.points or 0, told, f"ClinVar; {protein.cited}")
    if spliced and (spliced["met"] or not missense):
        first = max((first, spliced), key=lambda one: (bool(one["met"]), one["points"]))
        first = first if first["met"] else spliced
    met = missense and bool(context.same_residue)
    told = because("same.residue", names=near)
    return [first, criterion("PM5", met, residue.points or 0, told, f"ClinVar; {residue.cited}")]


def _same_splicing(allele: Mapping[str, Any], context: Context, null: int) -> dict[str, Any] | None:
    """PS1 by a pathogenic change of the same splice motif; None where there is nothing to judge."""
    if not context.splice_known:
        return None
    at_site = any_of(SPLICE_SITE, allele.get("consequence"))
    predicted = context.rules["PP3.spliceai"].holds(context.spliceai)
    if not (null if at_site else predicted):
        return None
    rated = [(_splice_rule(one, at_site, null, context), one) for one in context.splice_known]
    best = max(rated, key=lambda pair: (pair[1].same_event is True, pair[0].points or 0))
    rule, names = best[0], ", ".join(f"{one.name} ({one.harm})" for _, one in rated)
    reason = because("same.splicing", names=names)
    if best[1].same_event is None:
        return criterion("PS1", None, 0, reason.and_(because("same.event_unknown")), rule.cited)
    points = (rule.points or 0) if best[1].same_event else 0
    return criterion("PS1", points > 0, points, reason, f"ClinVar; {rule.cited}")


def _splice_rule(other: SpliceNeighbour, at_site: bool, null: int, context: Context) -> Rule:
    if at_site:
        weak = "" if null >= VERY_STRONG else "weak_"
        where = f"{weak}site_in_{'site' if other.at_site else 'motif'}"
    else:
        where = "same_nucleotide" if other.same_nucleotide else "motif"
    return context.rules[f"PS1.splice.{where}.{other.harm}"]


def _hot(allele: Mapping[str, Any], context: Context) -> dict[str, Any]:
    found, rules = context.stretch, context.rules
    rule = rules["PM1.pathogenic"]
    if found is None:
        return criterion("PM1", None, 0, because("protein.no_stretch"), f"ClinVar; {rule.cited}")
    harms = (
        rule.holds(found.pathogenic)
        and rules["PM1.residues"].holds(found.residues)
        and rules["PM1.benign"].holds(found.benign)
    )
    reason = because(
        "protein.stretch",
        reach=REACH,
        least=f"{rule.threshold:g}",
        least_places=f"{rules.number('PM1.residues'):g}",
        bad=found.pathogenic,
        places=found.residues,
        good=found.benign,
    )
    missense = any_of(MISSENSE, allele.get("consequence"))
    return criterion("PM1", missense and harms, rule.points or 0, reason, f"ClinVar; {rule.cited}")


def _length(allele: Mapping[str, Any], context: Context) -> Criteria:
    """PM4 outside repeats, BP3 inside; a lost stop is no matter of repeats."""
    consequence, rules = allele.get("consequence"), context.rules
    longer = rules["PM4.stop_lost"]
    inside, outside = rules["BP3.repeat"], rules["PM4.length"]
    reason = because("protein.length", consequence=consequence)
    if any_of(("stop_lost",), consequence):
        return [
            criterion("PM4", True, longer.points or 0, reason, longer.cited),
            criterion("BP3", False, 0, reason, inside.cited),
        ]
    in_frame = any_of(IN_FRAME, consequence)
    repeat = context.repeat if in_frame else False
    if repeat is None:
        unknown = reason.and_(because("protein.no_repeats"))
        return [criterion("PM4", None, 0, unknown), criterion("BP3", None, 0, unknown)]
    if repeat:
        reason = because("protein.repeat", consequence=consequence)
    return [
        criterion("PM4", in_frame and not repeat, outside.points or 0, reason, outside.cited),
        criterion("BP3", in_frame and repeat, inside.points or 0, reason, inside.cited),
    ]


def _shares(allele: Mapping[str, Any], context: Context) -> Criteria:
    """PP2 and BP1: what makes disease in the gene."""
    missense = any_of(MISSENSE, allele.get("consequence"))
    bad, cut = context.missense_share, context.truncating_share
    told = (
        because("protein.no_missense_share")
        if bad is None
        else because("protein.missense_share", share=f"{bad:.0%}"),
        because("protein.no_truncating_share")
        if cut is None
        else because("protein.truncating_share", share=f"{cut:.0%}"),
    )
    rules = context.rules["PP2.share"], context.rules["BP1.share"]
    return [
        criterion(
            rule.code,
            None if share is None else missense and rule.holds(share),
            rule.points or 0,
            reason,
            f"ClinVar; {rule.cited}",
        )
        for rule, share, reason in zip(rules, (bad, cut), told, strict=True)
    ]


def _away_from_sites(allele: Mapping[str, Any], context: Context) -> bool:
    """Silent and off the splice sites, or in an intron beyond them (Walker 2023)."""
    consequence = allele.get("consequence")
    if any_of((*SPLICE_REGION, *NULL), consequence):
        return False
    if any_of(SYNONYMOUS, consequence):
        return True
    found = _INTRON.match(allele.get("hgvs_c") or "")
    if not found or not any_of(("intron_variant",), consequence):
        return False
    donor, acceptor = context.rules["BP7.donor"], context.rules["BP7.acceptor"]
    offsets = [int(part) for part in found.groups() if part]
    return all(donor.holds(o) if o > 0 else acceptor.holds(-o) for o in offsets)


def _silent(allele: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """BP7: only where splicing is predicted to stay as it is."""
    rule = context.rules["BP7.silent"]
    reason = because("protein.silent", consequence=allele.get("consequence"))
    if not _away_from_sites(allele, context):
        return criterion("BP7", False, 0, because("protein.not_silent"), rule.cited)
    if context.spliceai is None:
        return criterion("BP7", None, 0, reason.and_(because("predictor.no_splicing")), rule.cited)
    told = because("predictor.score", name="SpliceAI", score=f"{context.spliceai:.3g}")
    met = rule.holds(context.spliceai)
    return criterion("BP7", met, rule.points or 0, reason.and_(told), rule.cited)


def _asked(allele: Mapping[str, Any], context: Context) -> tuple[str, float] | None:
    """The one predictor of missense changes that is asked, and its score."""
    if not any_of(MISSENSE, allele.get("consequence")):
        return None
    known = context.predictors
    if context.predictor is not None:
        value = known.get(context.predictor)
        return None if value is None else (context.predictor, value)
    return next(iter(known.items()), None)


def predictions(allele: Mapping[str, Any], context: Context, null: int) -> Criteria:
    """PP3 and BP4 of one predictor of missense changes, and of splicing.

    No prediction of splicing counts beside PVS1, which has judged it. For a change of the protein
    only its own predictor can speak for harmlessness, and splicing must not speak against it.
    """
    rules, splice, consequence = context.rules, context.spliceai, allele.get("consequence")
    asked = _asked(allele, context)
    if asked is None and splice is None:
        reason = because("predictor.none")
        return [criterion("PP3", None, 0, reason), criterion("BP4", None, 0, reason)]
    harm, calm, told = [], [], []
    changes = any_of((*MISSENSE, *IN_FRAME, *NULL), consequence)
    if asked is not None:
        name, value = asked
        told.append(because("predictor.score", name=NAMES.get(name, name), score=f"{value:.3g}"))
        harm += [rules.first(f"PP3.{name}", value)]
        calm += [rules.first(f"BP4.{name}", value)]
    if splice is not None:
        told.append(because("predictor.score", name="SpliceAI", score=f"{splice:.3g}"))
        spliced, unspliced = rules["PP3.spliceai"], rules["BP4.spliceai"]
        harm += [spliced] if spliced.holds(splice) else []
        if not unspliced.holds(splice):
            calm = []
        elif not changes:
            calm += [unspliced]
    reason = told[0].and_(*told[1:])
    bad = max((r for r in harm if r), key=lambda r: r.points or 0, default=None)
    good = min((r for r in calm if r), key=lambda r: r.points or 0, default=None)
    if bad:
        good = None
    return [
        criterion("PP3", bad is not None, (bad.points or 0) if bad else 0, reason, _cited(bad)),
        criterion("BP4", good is not None, (good.points or 0) if good else 0, reason, _cited(good)),
    ]


def _cited(rule: Rule | None) -> str | None:
    return rule.cited if rule else None
