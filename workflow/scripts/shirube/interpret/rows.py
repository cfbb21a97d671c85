"""Rows of the FINDINGS table."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import polars as pl

from shirube.contracts import FINDINGS
from shirube.contracts.annotation import UNTRUSTED
from shirube.contracts.detail import checked
from shirube.contracts.knowledge import ENOUGH
from shirube.reasons import Reason, because, stored

COHORT = "cohort"  # source of the own cohort's frequency


def criterion(
    code: str, met: bool | None, points: int, reason: str, source: str | None = None
) -> dict[str, Any]:
    """One criterion; `met` is None where it could not be assessed, and then gives no points.

    A `reason` made by reasons.because can be given in any language; another is printed as it is.
    """
    return {
        "code": code,
        "met": met,
        "points": points if met else 0,
        "reason": reason,
        "source": source,
        "said": stored(reason),
    }


def total(criteria: Iterable[Mapping[str, Any]]) -> int:
    """Sum of the points of the criteria that are met."""
    return sum(c["points"] for c in criteria if c["met"])


class Frequency(NamedTuple):
    """A frequency, whose it is, and of how many chromosomes; None if the source does not say."""

    af: float
    source: str
    an: int | None

    @property
    def weighs(self) -> bool:
        """Whether it is evidence: a few chromosomes say little, unknown ones nothing."""
        return self.an is not None and self.an >= ENOUGH


def frequencies(allele: Mapping[str, Any]) -> list[Frequency]:
    """Population, Japanese and cohort frequency of an allele, highest of those that weigh first.

    A site its source filters is evidence neither for nor against, and is left out: somatic hot
    spots of blood are among such sites.
    """
    found = [
        Frequency(float(af), str(allele.get(f"{kind}_source") or kind), allele.get(f"{kind}_an"))
        for kind in ("population", "japanese", COHORT)
        if (af := allele.get(f"{kind}_af")) is not None
        and UNTRUSTED not in (allele.get(f"{kind}_source") or "")
    ]
    return sorted(found, key=lambda one: (not one.weighs, -one.af, one.source))


def highest_frequency(allele: Mapping[str, Any]) -> Frequency | None:
    """Highest frequency that is evidence; None if there is none."""
    return next((one for one in frequencies(allele) if one.weighs), None)


def seen_more_often(allele: Mapping[str, Any], limit: float) -> Frequency | None:
    """A frequency above `limit` that is of too few or unknown chromosomes to prove it; else None.

    What is too little to call an allele common is enough not to call it rare. The own cohort is
    left out: the patient is in it.
    """
    others = (one for one in frequencies(allele) if one.source != COHORT)
    return next((one for one in others if not one.weighs and one.af > limit), None)


def no_frequency(allele: Mapping[str, Any]) -> Reason:
    """Why no frequency of an allele is evidence."""
    found = frequencies(allele)
    return of_few(found[0]) if found else because("frequency.none")


def of_few(found: Frequency) -> Reason:
    """Why a frequency is no evidence."""
    af, source, an = found
    if an is None:
        return because("frequency.size_unknown", af=f"{af:.3g}", source=source)
    return because("frequency.few", af=f"{af:.3g}", an=an, source=source, enough=ENOUGH)


def name_of(gene: str | None, hgvs_p: str | None, hgvs_c: str | None, hgvs_g: str | None) -> str:
    """How a reader calls a small variant: gene and its protein, coding or genomic name."""
    change = hgvs_p if hgvs_p and hgvs_p not in ("p.?", "p.(?)", "p.=", "p.(=)") else None
    shown = (change or hgvs_c or hgvs_g or "").replace("(", "").replace(")", "")
    return " ".join(part for part in (gene, shown) if part)


def detail(values: Mapping[str, Any]) -> str:
    """The column `detail`, as `contracts.detail` has it, with sorted keys."""
    return json.dumps(checked(values), ensure_ascii=False, sort_keys=True)


def table(findings: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """FINDINGS from dicts; a column a dict does not name is null."""
    rows = [{name: finding.get(name) for name in FINDINGS.schema} for finding in findings]
    return FINDINGS.table(pl.DataFrame(rows, schema=FINDINGS.polars, orient="row", strict=False))


def reads_of(event: Mapping[str, Any], prefix: str = "") -> int | None:
    """Pairs and split reads of an event (with `prefix`: of the normal); None: not counted."""
    counts = [event[f"{prefix}{name}"] for name in ("pairs", "splits")]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
