"""Whether a sample is the same genome as a sample of another person of the cohort.

Two people of one genome are twins, one person entered twice, or a sample under the wrong name: the
sheets cannot tell. The other sample is never named in a report; MEMBERS has it.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from shirube.contracts import QUALITY
from shirube.quality.gates import Measure, gate_rows
from shirube.reasons import because

GATE = "same_person"
# As MEMBERS words it (cohort.members); a reason of other words is no duplicate.
_DUPLICATE = re.compile(r"duplicate of (\S+): kinship ([0-9.]+) over ([0-9]+) sites")


def duplicates_of(members: pl.DataFrame, patient: str) -> list[tuple[str, str, float, int]]:
    """(own sample, other person, kinship, sites) of samples of the same genome, by own sample.

    `members` is MEMBERS: one of each pair is left out with the reason; both are concerned.
    """
    whose = dict(members.select("sample", "patient").iter_rows())
    found = []
    for sample, reason in members.drop_nulls("reason").select("sample", "reason").iter_rows():
        said = _DUPLICATE.fullmatch(reason)
        if said is None or said[1] not in whose:
            continue
        for own, other in ((sample, said[1]), (said[1], sample)):
            if whose[own] == patient and whose[other] != patient:
                found.append((own, whose[other], float(said[2]), int(said[3])))
    return sorted(found)


def same_person_gate(
    members: pl.DataFrame,
    patient: str,
    household: Collection[str],
    gates: Mapping[str, Mapping[str, Any]],
) -> pl.DataFrame:
    """QUALITY of one row a sample that another person has too; none where none has.

    Within the declared family (`household`) it warns: twins are one genome. Otherwise the
    configured action holds. What the cohort does not count it does not compare.
    """
    parts = [QUALITY.empty()]
    for own, other, kinship, sites in duplicates_of(members, patient):
        gate, share = dict(gates.get(GATE, {})), f"{kinship:.3f}"
        if other in household:
            gate["action"] = "warn"
            reason = because("quality.twin", kinship=share, sites=sites)
        else:
            reason = because("quality.same_person", kinship=share, sites=sites)
        parts.append(gate_rows(own, [Measure(GATE, kinship, sites, reason)], {GATE: gate}))
    return pl.concat(parts)


def counted(members: pl.DataFrame, sample: str) -> bool:
    """Whether the cohort's frequencies count a sample."""
    rows = members.filter(pl.col("sample") == sample, pl.col("counted"))
    return not rows.is_empty()
