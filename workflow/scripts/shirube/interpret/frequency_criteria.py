"""Criteria of how often an allele is seen: BA1, BS1, PM2, BS2.

BA1 and BS1 read the filtering allele frequency: the largest true frequency the count of a
population leaves improbable (95%), so that a few copies of a small group do not speak for a high
one (Whiffin 2017, PMID 28518168). Of the mitochondrial genome the frequency itself is read.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import scipy

from shirube.interpret.context import Context
from shirube.interpret.curated import read_curated
from shirube.interpret.rows import (
    Frequency,
    criterion,
    frequencies,
    no_frequency,
    of_few,
    seen_more_often,
)
from shirube.interpret.rules import TABLE
from shirube.reasons import because

LOWER = 0.05


def filtering(found: Frequency) -> float:
    """Filtering allele frequency (95%) of a frequency among a known number of chromosomes."""
    copies = round(found.af * (found.an or 0))
    if not (copies and found.an):
        return 0.0
    return float(scipy.special.gammaincinv(copies, LOWER)) / found.an


@cache
def exceptions() -> list[dict[str, Any]]:
    """Common alleles that are not benign for it (Ghosh 2018, table 1)."""
    return read_curated(TABLE.with_name("ba1_exceptions.tsv")).rows(named=True)


def excepted(allele: Mapping[str, Any]) -> dict[str, Any] | None:
    """The row of `exceptions` an allele is, by ClinVar's id or its gene and coding name."""
    for row in exceptions():
        by_id = bool(allele.get("clinvar_id")) and str(allele["clinvar_id"]) == row["clinvar_id"]
        named = allele.get("hgvs_c") in row["hgvs_c"].split(";")
        if by_id or (allele.get("gene") == row["gene"] and named):
            return row
    return None


def of_frequency(allele: Mapping[str, Any], context: Context) -> list[dict[str, Any]]:
    """BA1, BS1, PM2 by the frequencies that are evidence; BS2 by homozygotes."""
    rules = context.rules
    place = "chrM" if str(allele.get("chrom")) == "chrM" else "nuclear"
    known = [one for one in frequencies(allele) if one.weighs]
    if not known:
        reason = no_frequency(allele)
        none = [criterion(code, None, 0, reason) for code in ("BA1", "BS1", "PM2")]
        return [*none, _homozygotes(context)]

    def judged(one: Frequency) -> float:
        return one.af if place == "chrM" else filtering(one)

    top = max(known, key=lambda one: (judged(one), one.source))
    value = judged(top)
    common, often = rules[f"BA1.{place}"], rules[f"BS1.{place}"]
    told = because("frequency.faf", faf=f"{value:.3g}", af=f"{top.af:.3g}", an=top.an)
    if place == "chrM":
        told = because("frequency.highest", af=f"{value:.3g}")
    listed = excepted(allele)
    out = []
    for rule in (common, often):
        met = rule.holds(value) and not (rule is often and common.holds(value))
        reason = told.and_(because("frequency.limit", code=rule.code, limit=rule.threshold))
        cited = f"{top.source}; {rule.cited}"
        if met and listed:
            reason = reason.and_(because("frequency.excepted", name=listed["name"]))
            met, cited = False, f"{top.source}; {listed['source']}"
        out.append(criterion(rule.code, met, rule.points or 0, reason, cited))
    return [*out, _rare(allele, context, place, known), _homozygotes(context)]


def _rare(
    allele: Mapping[str, Any], context: Context, place: str, known: list[Frequency]
) -> dict[str, Any]:
    mode = "recessive" if context.modes == {"AR"} else "dominant"
    rule = context.rules["PM2.chrM" if place == "chrM" else f"PM2.{mode}"]
    highest = max(known, key=lambda one: (one.af, one.source))
    rare = because("frequency.pm2", af=f"{highest.af:.3g}", limit=rule.threshold)
    cited = f"{highest.source}; {rule.cited}"
    if not rule.holds(highest.af):
        return criterion("PM2", False, 0, rare, cited)
    if more := seen_more_often(allele, rule.threshold or 0.0):
        return criterion("PM2", None, 0, rare.and_(of_few(more)), more.source)
    return criterion("PM2", True, rule.points or 0, rare, cited)


def _homozygotes(context: Context) -> dict[str, Any]:
    """BS2: unaffected adults with two copies, where the disease would have shown."""
    rule, count = context.rules["BS2.recessive"], context.healthy_homozygotes
    if count is None:
        return criterion("BS2", None, 0, because("frequency.no_homozygotes"))
    reason = because("frequency.homozygotes", count=count)
    if not rule.holds(count):
        return criterion("BS2", False, 0, reason, rule.cited)
    if context.penetrance is None:
        return criterion(
            "BS2", None, 0, reason.and_(because("family.penetrance_unknown")), rule.cited
        )
    reason = reason.and_(because("family.penetrance", penetrance=context.penetrance))
    return criterion("BS2", context.penetrance == "full", rule.points or 0, reason, rule.cited)
