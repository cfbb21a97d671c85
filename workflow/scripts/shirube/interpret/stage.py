"""One stage of a patient's records: rules first, then a judge for what the rules left.

Rules run on whole chromosomes as column expressions; the judge sees only the candidates they
left (hundreds, not millions) and gives each a fate and, where it is one, a finding.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from shirube.contracts import ALLELE
from shirube.errors import ContractError
from shirube.ledger import Rule, decided, entries

Verdict = tuple[str, str, str | None, str | None]


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
    """Account of one stage: `tables` are described records, one chromosome each."""
    account, left = Account(), []
    for rows in tables:
        account.records += rows.height
        done = decided(rows, rules)
        account.parts.append(entries(done.filter(pl.col("fate").is_not_null()), stage, sample))
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
    keys = candidates.select(*ALLELE, "record")
    account.parts.append(entries(pl.concat([keys, fates], how="horizontal"), stage, sample))
    account.findings += [dict(finding) for finding in judged.findings]
    return account


def first_of_each(candidates: pl.DataFrame) -> list[bool]:
    """For each candidate, whether it is the first record of its allele."""
    return candidates.select(pl.struct(ALLELE).is_first_distinct()).to_series().to_list()


DUPLICATE: Verdict = (
    "filtered",
    "duplicate_record",
    "allele called before",
    "one record an allele",
)
