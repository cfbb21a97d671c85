"""Who is counted in the cohort, who is not, and why."""

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import polars as pl

from shirube.cohort.frequency import leaf
from shirube.cohort.kinship import Pair, kept
from shirube.contracts import MEMBERS
from shirube.errors import InputError

ACTIONS = ("warn", "watermark", "block")  # of quality gates, the strongest last

TUMOUR = "tumour sample"


@dataclass(frozen=True)
class Candidate:
    """A sample of the sheets that may be counted; `reason` says why not, '' if nothing does."""

    sample: str
    patient: str
    sex: str
    stratum: str
    affected: str
    parents: tuple[str, ...] = ()
    reason: str = ""


def candidates(
    patients: pl.DataFrame,
    samples: pl.DataFrame,
    columns: Sequence[str],
    withdrawn: Callable[[str, Set[str]], str] = lambda patient, contents: "",
) -> list[Candidate]:
    """One Candidate a sample of the sheets, in the sheet's order.

    `withdrawn` says of a patient (and of what is known of their data) why they are out, or "".
    """
    out = []
    joined = samples.join(patients, on="patient", how="left", maintain_order="left")
    for row in joined.iter_rows(named=True):
        sex = row["sex"] or "unknown"
        if row["kind"] != "normal":
            reason = TUMOUR
        elif gone := withdrawn(row["patient"], frozenset()):
            reason = gone
        elif row["consent_cohort"] != "yes":
            reason = "no consent to cohort frequencies"
        else:
            reason = ""
        values = {c: row[c] for c in columns}
        unfit = [c for c, v in values.items() if v and not re.fullmatch(r"[A-Za-z0-9_.-]+", v)]
        if unfit:
            raise InputError("patients", f"{unfit[0]} of letters, digits and _.-", row["patient"])
        stratum = leaf(sex, values)
        out.append(
            Candidate(
                *(row["sample"], row["patient"], sex, stratum, row["affected"] or "unknown"),
                tuple(row[c] for c in ("father", "mother") if row[c]),
                reason,
            )
        )
    return out


def within_gates(
    found: Sequence[Candidate], quality: Mapping[str, pl.DataFrame], weakest: str
) -> list[Candidate]:
    """Candidates with a reason for each whose sample fails a gate of action `weakest` or stronger.

    `quality`: sample -> its QUALITY. An unknown verdict is no failure.
    """
    strong = ACTIONS[ACTIONS.index(weakest) :]
    out = []
    for who in found:
        if not who.reason and who.sample in quality:
            rows = quality[who.sample].filter(verdict="fail").filter(pl.col("action").is_in(strong))
            failed = [f"{row['metric']} {row['value']:.4g}" for row in rows.iter_rows(named=True)]
            who = replace(who, reason=f"quality: {', '.join(failed)}" if failed else "")
        out.append(who)
    return out


def declared(found: Sequence[Candidate]) -> list[Pair]:
    """Parents and children, and full siblings, by the sheet, among those not yet left out."""
    left = [c for c in found if not c.reason]
    by_patient = {c.patient: c.sample for c in left}
    children: dict[tuple[str, ...], list[str]] = {}
    for child in left:
        if len(child.parents) == 2:
            children.setdefault(child.parents, []).append(child.sample)
    out = []
    for child in left:
        kin = [by_patient[p] for p in child.parents if p in by_patient]
        kin += [name for name in children.get(child.parents, ()) if name < child.sample]
        for other in kin:
            one, two = sorted((child.sample, other))
            out.append(Pair(one, two, 0.25, 0, "declared first degree"))
    return out


def without_relatives(
    found: Sequence[Candidate], pairs: Sequence[Pair], keep: str
) -> list[Candidate]:
    """Candidates with a reason for each who is left out as duplicate or relative.

    `keep`: of relatives, who is counted before the others: affected, unaffected or any.
    """
    left = [c for c in found if not c.reason]
    first = {"affected": "yes", "unaffected": "no"}.get(keep)
    rank = {c.sample: (int(first is not None and c.affected != first),) for c in left}
    measured = {(p.one, p.two) for p in pairs}
    every = [*pairs, *(p for p in declared(found) if (p.one, p.two) not in measured)]
    out = kept([c.sample for c in left], every, rank)
    return [
        replace(c, reason=_because(c.sample, out[c.sample])) if c.sample in out else c
        for c in found
    ]


def _because(sample: str, pair: Pair) -> str:
    other = pair.two if sample == pair.one else pair.one
    if not pair.sites:
        return f"relative of {other} (first degree, by the sheet)"
    reason = "duplicate" if pair.relation == "duplicate" else f"relative ({pair.relation})"
    return f"{reason} of {other}: kinship {pair.kinship:.3f} over {pair.sites} sites"


def table(found: Sequence[Candidate], released: Set[str]) -> pl.DataFrame:
    """MEMBERS of candidates whose reasons are final; `released`: samples the release counts."""
    return MEMBERS.table(
        pl.DataFrame(
            {
                "sample": [c.sample for c in found],
                "patient": [c.patient for c in found],
                "stratum": [c.stratum for c in found],
                "counted": [not c.reason for c in found],
                "reason": [c.reason or None for c in found],
                "released": [c.sample in released for c in found],
            },
            schema=MEMBERS.polars,
        )
    )
