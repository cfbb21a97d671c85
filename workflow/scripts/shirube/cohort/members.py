"""Who is counted in the cohort, who is not, and why."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

import polars as pl

from shirube.cohort.frequency import leaf
from shirube.contracts import MEMBERS


@dataclass(frozen=True)
class Candidate:
    """A sample of the sheets that may be counted; `reason` says why not, '' if nothing does."""

    sample: str
    patient: str
    sex: str
    stratum: str
    affected: bool
    reason: str = ""


def candidates(
    patients: pl.DataFrame,
    samples: pl.DataFrame,
    columns: Sequence[str],
    withdrawn: Set[str] = frozenset(),
) -> list[Candidate]:
    """One Candidate a sample of the sheets, in the sheet's order."""
    out = []
    joined = samples.join(patients, on="patient", how="left", maintain_order="left")
    for row in joined.iter_rows(named=True):
        sex = row["sex"] or "unknown"
        if row["kind"] != "normal":
            reason = "tumour sample"
        elif row["patient"] in withdrawn:
            reason = "consent withdrawn"
        elif row["consent_cohort"] != "yes":
            reason = "no consent to cohort frequencies"
        else:
            reason = ""
        stratum = leaf(sex, {c: row[c] for c in columns})
        out.append(
            Candidate(
                *(row["sample"], row["patient"], sex, stratum, row["affected"] == "yes", reason)
            )
        )
    return out


def table(found: Sequence[Candidate]) -> pl.DataFrame:
    """MEMBERS of candidates whose reasons are final."""
    return MEMBERS.table(
        pl.DataFrame(
            {
                "sample": [c.sample for c in found],
                "patient": [c.patient for c in found],
                "stratum": [c.stratum for c in found],
                "counted": [not c.reason for c in found],
                "reason": [c.reason or None for c in found],
            },
            schema=MEMBERS.polars,
        )
    )
