"""One stage of a patient's records: rules first, then a judge for what the rules left.

Rules run on whole chromosomes as column expressions; the judge sees only the candidates they
left (hundreds, not millions) and gives each a fate and, where it is one, a finding.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from shirube.changes.molecules import ADDED
from shirube.contracts import ALLELE, FATES
from shirube.errors import ContractError
from shirube.interpret.classify import REPORTED
from shirube.interpret.rows import detail
from shirube.ledger import Rule, decided, entries

Verdict = tuple[str, str, str | None, str | None]

UNPHASED = "unphased"  # section of what alleles of unknown phase would be together


@dataclass
class Account:
    """Findings, ledger parts and the number of records that went in."""

    findings: list[dict[str, Any]] = field(default_factory=list)
    parts: list[pl.DataFrame] = field(default_factory=list)
    records: int = 0

    def add(self, other: "Account") -> None:
        """Join another stage's account."""
        self.findings += other.findings
        self.parts += other.parts
        self.records += other.records


@dataclass(frozen=True)
class Judged:
    """A judge's answer: per candidate row its verdict (fate, rule, value, threshold)."""

    verdicts: Sequence[Verdict]
    findings: Sequence[Mapping[str, Any]]


def run_stage(
    stage: str,
    sample: str,
    tables: Iterable[pl.DataFrame],
    rules: Sequence[Rule],
    judge: Callable[[pl.DataFrame], Judged],
) -> Account:
    """Account of one stage: `tables` are described molecules, one chromosome each.

    A record that is wholly part of a change of several alleles has the fate of that change. What
    alleles of unknown phase would be together is judged apart, and is no record.
    """
    account, left, parts, judged_changes, open_ = Account(), [], [], [], []
    for described in tables:
        unset = [pl.lit(None, t).alias(n) for n, t in ADDED.items() if n not in described.columns]
        rows = described.with_columns(unset)
        possible = pl.col("possible").fill_null(False)
        if (unsure := rows.filter(possible)).height:
            open_.append(decided(unsure, rules).filter(pl.col("fate").is_null()))
            rows = rows.filter(~possible)
        is_record = pl.col("record").is_not_null()
        account.records += rows.filter(is_record).height
        part = pl.col("whole").fill_null(False)
        parts.append(rows.filter(part))
        done = decided(rows.filter(~part), rules)
        ruled = done.filter(pl.col("fate").is_not_null())
        judged_changes.append(ruled.filter(pl.col("change").is_not_null()))
        account.parts.append(entries(ruled.filter(is_record), stage, sample))
        left.append(done.filter(pl.col("fate").is_null()))
    if not left:
        return account
    candidates = pl.concat(left).drop("fate", "rule", "value", "threshold")
    judged = judge(candidates)
    if len(judged.verdicts) != candidates.height:
        raise ContractError(
            f"{stage}: {candidates.height} candidates, {len(judged.verdicts)} verdicts"
        )
    fates = pl.DataFrame(
        list(judged.verdicts),
        schema=dict.fromkeys(("fate", "rule", "value", "threshold"), pl.String),
        orient="row",
    )
    keys = candidates.select(*ALLELE, "record", "change", "part_of")
    told = pl.concat([keys, fates], how="horizontal")
    account.parts.append(entries(told.filter(pl.col("record").is_not_null()), stage, sample))
    columns = ["change", *fates.columns]
    changes = pl.concat([one.select(columns) for one in (*judged_changes, told)])
    account.parts.append(entries(_as_their_change(pl.concat(parts), changes), stage, sample))
    account.findings += [dict(finding) for finding in judged.findings]
    together = pl.concat(open_).drop("fate", "rule", "value", "threshold") if open_ else None
    if together is not None and together.height:
        account.findings += [
            {
                **finding,
                "section": UNPHASED,
                "detail": detail(json.loads(finding["detail"]) | {"asked_as": finding["section"]}),
            }
            for finding in judge(together).findings
            if finding.get("amp_tier") or finding.get("classification") in REPORTED
        ]
    return account


def _as_their_change(parts: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Records that are part of changes, each with the most visible fate among them."""
    order = pl.col("fate").replace_strict(list(FATES), range(len(FATES)), return_dtype=pl.Int8)
    fates = changes.drop_nulls("change").sort(order, "change")
    own = parts.with_row_index("_row").with_columns(change=pl.col("part_of").str.split(";"))
    found = own.explode("change").join(fates, on="change", how="left", maintain_order="left")
    return found.sort("_row", order, nulls_last=True).unique(
        "_row", keep="first", maintain_order=True
    )


def first_of_each(candidates: pl.DataFrame) -> list[bool]:
    """For each candidate, whether it is the first record of its allele."""
    return candidates.select(pl.struct(ALLELE).is_first_distinct()).to_series().to_list()


DUPLICATE: Verdict = (
    "filtered",
    "duplicate_record",
    "allele called before",
    "one record an allele",
)
