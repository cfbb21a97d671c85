"""Changes that may come from blood cells or a mosaic, not from the tumour or from a parent.

Clonal haematopoiesis of indeterminate potential is a clone of blood cells with a change of a known
gene at 2% of the reads or more (Steensma et al., Blood 2015, doi 10.1182/blood-2015-03-631747). In
a blood normal such a change looks inherited at a low fraction; in a tumour without a normal, or
beside reads of the normal with the same change, it looks like the tumour's. Both are said to be
possible, never decided: another tissue decides.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import scipy

from shirube.cancer.clonality import SMALL
from shirube.interpret.rows import detail
from shirube.reasons import Reason, because

LEAST = 0.02
# An inherited heterozygote below this fraction, and at odds with one half at this p.
LOW, ODDS = 0.35, 0.001


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}"


def of_germline(finding: Mapping[str, Any], genes: Collection[str]) -> Reason | None:
    """Why a heterozygous allele of the normal may not be inherited; None where nothing says so."""
    seen, depth = finding.get("ad_alt"), finding.get("dp")
    if finding.get("zygosity") != "heterozygous" or seen is None or not depth:
        return None
    if seen / depth >= LOW or scipy.special.bdtr(seen, depth, 0.5) >= ODDS:
        return None
    values = {"vaf": _percent(seen, depth), "seen": seen, "depth": depth}
    if finding.get("gene") in genes:
        return because("origin.chip_normal", **values)
    return because("origin.mosaic", **values)


def of_somatic(finding: Mapping[str, Any], genes: Collection[str]) -> Reason | None:
    """Why an allele of the tumour may come from blood cells; None where nothing says so."""
    seen, depth = finding.get("ad_alt"), finding.get("dp")
    if finding.get("gene") not in genes or seen is None or not depth or seen / depth < LEAST:
        return None
    beside, other = finding.get("normal_ad"), finding.get("normal_dp")
    if other is None:
        return because("origin.chip_alone")
    if beside:
        return because("origin.chip_both", seen=beside, depth=other, vaf=_percent(beside, other))
    return None


def add_note(finding: dict[str, Any], reason: Reason, values: Mapping[str, Any]) -> None:
    """Put what may be the origin of a finding into its detail, after others of the kind."""
    told = json.loads(finding.get("detail") or "{}")
    said = [[key, dict(parts)] for key, parts in reason.parts]
    notes = [*told.get("origin_notes", []), {"reason": str(reason), "said": said, **values}]
    finding["detail"] = detail(told | {"origin_notes": notes})


def with_blood(findings: Sequence[dict[str, Any]], genes: Collection[str]) -> None:
    """Add to small variants what speaks for a clone of blood cells or a mosaic."""
    for finding in findings:
        if finding["kind"] not in SMALL or finding.get("section") == "unphased":
            continue
        ask = of_germline if finding.get("origin") == "germline" else of_somatic
        reason = ask(finding, genes)
        if reason is not None:
            add_note(finding, reason, {})
