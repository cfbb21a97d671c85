"""ACMG/AMP 2015 criteria for germline variants, each with its reason, as points.

Points follow Tavtigian 2020 (PMID 32720330): very strong 8, strong 4, moderate 2, supporting 1,
benign the same below zero; BA1 stands alone. Pathogenic from 10, Likely pathogenic 6 to 9,
Uncertain 0 to 5, Likely benign -1 to -6, Benign below. ClinVar's own assertion is no criterion:
it is stated beside the class that the criteria give.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shirube.interpret.consequence import (
    IN_FRAME,
    MISSENSE,
    NULL,
    SPLICE_REGION,
    SYNONYMOUS,
    any_of,
)
from shirube.interpret.pvs1 import Transcript, strength
from shirube.interpret.rows import (
    criterion,
    highest_frequency,
    no_frequency,
    of_few,
    seen_more_often,
    total,
)
from shirube.interpret.stretch import BAD, REACH, RESIDUES, Stretch
from shirube.reasons import Reason, because

BA1, BS1 = 0.05, 0.01
PP4_P, PP4_SCORE = 0.001, 0.6
PM2_DOMINANT, PM2_RECESSIVE = 0.0001, 0.0005
PATHOGENIC, LIKELY = "Pathogenic", "Likely pathogenic"
UNCERTAIN, LIKELY_BENIGN, BENIGN = "Uncertain significance", "Likely benign", "Benign"
MANUAL_CRITERIA = {
    "PS3": because("person.functional"),
    "PS4": because("person.prevalence"),
    "PP1": because("person.segregation"),
    "BS3": because("person.functional"),
    "BS4": because("person.segregation"),
    "BP5": because("person.other_cause"),
    "PP5": because("retired"),
    "BP6": because("retired"),
}


@dataclass(frozen=True)
class Context:
    """What the gene and the family add to the allele.

    inheritance of the gene's disease: AD, AR, XL, MT or None; mechanism: loss, gain, other, None;
    de_novo: posterior probability, None without both parents; confirmed: parentage checked;
    trans: names of pathogenic variants on the other haplotype; fragments: how many show each phase,
    where reads tell it; same_residue: pathogenic changes
    known at the residue; same_protein: the same protein change by other bases is pathogenic;
    stretch: changes near the residue;
    phenotype_p, phenotype_score: fit of the phenotype to the gene; missense_share: share of the
    gene's classified missense variants that are pathogenic; truncating_share: share of its
    pathogenic variants that truncate; mechanism_source: who says how the gene makes disease.
    """

    inheritance: str | None = None
    mechanism: str | None = None
    transcript: Transcript | None = None
    de_novo: float | None = None
    confirmed: bool = False
    trans: tuple[str, ...] = ()
    cis_pathogenic: tuple[str, ...] = ()
    fragments: Mapping[str, int] | None = None
    same_protein: tuple[str, ...] | None = None
    same_residue: tuple[str, ...] | None = None
    stretch: Stretch | None = None
    phenotype_p: float | None = None
    phenotype_score: float | None = None
    mechanism_source: str | None = None
    missense_share: float | None = None
    truncating_share: float | None = None
    repeat: bool | None = None
    revel: float | None = None
    spliceai: float | None = None
    healthy_homozygotes: int | None = None
    sources: Mapping[str, str] = field(default_factory=dict)


def acmg_class(points: int, stand_alone_benign: bool = False) -> str:
    """Class of a sum of points."""
    if stand_alone_benign:
        return BENIGN
    if points >= 10:
        return PATHOGENIC
    if points >= 6:
        return LIKELY
    if points >= 0:
        return UNCERTAIN
    return LIKELY_BENIGN if points >= -6 else BENIGN


def criteria(allele: Mapping[str, Any], context: Context) -> list[dict[str, Any]]:
    """Every criterion, met or not or not assessable (met is null), with its reason.

    `allele` has consequence, protein_pos, exon and what `rows.frequencies` reads.
    """
    points, path = strength(allele, context.mechanism, context.transcript)
    if context.mechanism_source:
        path = path.and_(because("loss.source", source=context.mechanism_source))
    out = [criterion("PVS1", points > 0, points, path, "PMID 30192042")]
    out += _same_change(allele, context)
    out += _family(context)
    out += _frequency(allele, context)
    out += _protein(allele, context, null=points > 0)
    out += _predictors(allele, context, null=points > 0)
    out += [criterion(code, None, 0, reason) for code, reason in MANUAL_CRITERIA.items()]
    return sorted(out, key=lambda c: c["code"])


def classified(found: list[dict[str, Any]]) -> tuple[str, int]:
    """Class and points of a list of criteria."""
    points = total(found)
    return acmg_class(points, any(c["code"] == "BA1" and c["met"] for c in found)), points


def _same_change(allele: Mapping[str, Any], context: Context) -> list[dict[str, Any]]:
    missense = any_of(MISSENSE, allele.get("consequence"))
    if context.same_protein is None or context.same_residue is None:
        reason = because("same.no_source")
        return [criterion("PS1", None, 4, reason), criterion("PM5", None, 2, reason)]
    same = ", ".join(context.same_protein) or "none known"
    near = ", ".join(context.same_residue) or "none known"
    applies = missense and bool(context.same_protein)
    return [
        criterion("PS1", applies, 4, because("same.protein", names=same), "ClinVar"),
        criterion(
            "PM5",
            missense and bool(context.same_residue) and not applies,
            2,
            because("same.residue", names=near),
            "ClinVar",
        ),
    ]


def _family(context: Context) -> list[dict[str, Any]]:
    if context.de_novo is None:
        reason = because("family.parents")
        novel = [criterion("PS2", None, 4, reason), criterion("PM6", None, 2, reason)]
    else:
        is_new = context.de_novo >= 0.9
        reason = because("family.de_novo", posterior=f"{context.de_novo:.4f}")
        novel = [
            criterion(
                "PS2",
                is_new and context.confirmed,
                4,
                reason.and_(because("family.confirmed")) if context.confirmed else reason,
            ),
            criterion(
                "PM6",
                is_new and not context.confirmed,
                2,
                reason if context.confirmed else reason.and_(because("family.not_confirmed")),
            ),
        ]
    recessive = context.inheritance in ("AR", None)
    trans = ", ".join(context.trans)
    cis = ", ".join(context.cis_pathogenic)
    p = context.phenotype_p
    return [
        *novel,
        criterion(
            "PM3",
            recessive and bool(context.trans),
            2,
            _with_fragments(because("family.trans", names=trans), context)
            if trans
            else because("family.no_trans"),
        ),
        criterion(
            "BP2",
            bool(cis),
            -1,
            _with_fragments(because("family.cis", names=cis), context)
            if cis
            else because("family.no_cis"),
        ),
        criterion(
            "PP4",
            None if p is None else p <= PP4_P and (context.phenotype_score or 0) >= PP4_SCORE,
            1,
            because("phenotype.none")
            if p is None
            else because("phenotype.score", score=f"{context.phenotype_score:.2f}", p=f"{p:.2g}"),
        ),
    ]


def _with_fragments(reason: Reason, context: Context) -> Reason:
    """The reason with the fragments that tell the phase, where reads do."""
    if not context.fragments:
        return reason
    return reason.and_(because("family.fragments", **context.fragments))


def _frequency(allele: Mapping[str, Any], context: Context) -> list[dict[str, Any]]:
    found = highest_frequency(allele)
    homozygotes = context.healthy_homozygotes
    bs2 = criterion(
        "BS2",
        None if homozygotes is None else homozygotes > 0,
        -4,
        because("frequency.no_homozygotes")
        if homozygotes is None
        else because("frequency.homozygotes", count=homozygotes),
    )
    if found is None:
        reason = no_frequency(allele)
        return [criterion(c, None, 0, reason) for c in ("BA1", "BS1", "PM2")] + [bs2]
    af, source, _ = found
    limit = PM2_RECESSIVE if context.inheritance == "AR" else PM2_DOMINANT
    seen = f"{af:.3g}"
    more = seen_more_often(allele, limit)
    rare = because("frequency.pm2", af=seen, limit=limit)
    return [
        criterion("BA1", af > BA1, -8, because("frequency.ba1", af=seen, limit=BA1), source),
        criterion("BS1", BS1 < af <= BA1, -4, because("frequency.bs1", af=seen, limit=BS1), source),
        criterion("PM2", None, 1, rare.and_(of_few(more)), more.source)
        if more and af <= limit
        else criterion("PM2", af <= limit, 1, rare, source),
        bs2,
    ]


def _stretch(found: Stretch) -> Reason:
    counts = {"bad": found.pathogenic, "places": found.residues, "good": found.benign}
    return because("protein.stretch", reach=REACH, least=BAD, least_places=RESIDUES, **counts)


def _protein(allele: Mapping[str, Any], context: Context, null: bool) -> list[dict[str, Any]]:
    consequence = allele.get("consequence")
    in_frame, missense = any_of(IN_FRAME, consequence), any_of(MISSENSE, consequence)
    shares = context.missense_share, context.truncating_share
    return [
        criterion(
            "PM1",
            None if context.stretch is None else missense and context.stretch.harms,
            2,
            because("protein.no_stretch") if context.stretch is None else _stretch(context.stretch),
            "ClinVar",
        ),
        criterion(
            "PM4",
            in_frame and not null and not context.repeat,
            2,
            because("protein.length", consequence=consequence),
        ),
        criterion(
            "BP3",
            None if context.repeat is None else in_frame and context.repeat,
            -1,
            because("protein.no_repeats")
            if context.repeat is None
            else because("protein.repeat", consequence=consequence),
        ),
        criterion(
            "PP2",
            None if shares[0] is None else missense and shares[0] >= 0.8,
            1,
            because("protein.no_missense_share")
            if shares[0] is None
            else because("protein.missense_share", share=f"{shares[0]:.0%}"),
            "ClinVar",
        ),
        criterion(
            "BP1",
            None if shares[1] is None else missense and shares[1] >= 0.9,
            -1,
            because("protein.no_truncating_share")
            if shares[1] is None
            else because("protein.truncating_share", share=f"{shares[1]:.0%}"),
            "ClinVar",
        ),
        criterion(
            "BP7",
            any_of(SYNONYMOUS, consequence)
            and not any_of((*SPLICE_REGION, *NULL), consequence)
            and not (context.spliceai or 0) > 0.1,
            -1,
            because("protein.silent", consequence=consequence),
        ),
    ]


def _predictors(allele: Mapping[str, Any], context: Context, null: bool) -> list[dict[str, Any]]:
    """PP3 and BP4 by REVEL (Pejaver 2022, PMID 36413997) or SpliceAI (Walker 2023, 37352859)."""
    revel = context.revel if any_of(MISSENSE, allele.get("consequence")) else None
    splice = context.spliceai
    if revel is None and splice is None:
        reason = because("predictor.none")
        return [criterion("PP3", None, 1, reason), criterion("BP4", None, -1, reason)]
    damage = benign = 0
    if revel is not None:
        damage = next((p for limit, p in ((0.932, 4), (0.773, 2), (0.644, 1)) if revel >= limit), 0)
        benign = next(
            (
                p
                for limit, p in ((0.003, -4), (0.016, -3), (0.183, -2), (0.290, -1))
                if revel <= limit
            ),
            0,
        )
    if splice is not None and splice >= 0.2 and not null:
        damage, benign = max(damage, 1), 0
    if splice is not None and splice <= 0.1 and revel is None:
        benign = min(benign, -1)
    scores = [
        because("predictor.score", name=name, score=f"{value:.3g}")
        for name, value in (("REVEL", revel), ("SpliceAI", splice))
        if value is not None
    ]
    reason = scores[0].and_(*scores[1:])
    return [
        criterion("PP3", damage > 0 and not null, damage, reason),
        criterion("BP4", benign < 0, benign, reason),
    ]
