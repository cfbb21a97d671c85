"""The fate of every input record: records in == fates out, or the job stops.

A stage's `rows` are numbered once, fates are given by rule to subsets of them, and the account is
closed by `ledger`. The first rule that speaks for a row decides: later rules cannot overrule it.

What a row must not say: a person who did not ask for secondary findings must not learn of one
from the ledger. The rule that asks whether a gene belongs to the question (OUTSIDE_QUESTION)
therefore comes before every rule that looks at what an allele does, and writes neither gene nor
class: an allele of a gene outside the question has the same row whether it is harmless or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from shirube.contracts import ALLELE, FATES, LEDGER
from shirube.errors import ContractError

OUTSIDE_QUESTION = "outside_question"
_KEY = ("stage", "sample", *ALLELE, "record")


@dataclass(frozen=True)
class Rule:
    """Rows where `when` holds (null counts as no) get `fate`; value and threshold are texts."""

    name: str
    fate: str
    when: pl.Expr
    value: pl.Expr
    threshold: pl.Expr

    def __post_init__(self) -> None:
        if self.fate not in FATES:
            raise ContractError(f"ledger: rule {self.name}: fate {self.fate} is none of {FATES}")


def text(number: pl.Expr, digits: int = 4) -> pl.Expr:
    """A number as the ledger writes it: rounded to significant digits, null as `unknown`."""
    rounded = number.cast(pl.Float64).round_sig_figs(digits).cast(pl.String)
    return rounded.str.strip_suffix(".0").fill_null("unknown")


def decided(rows: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """`rows` with fate, rule, value and threshold of the first rule that applies; else null."""
    out = {"fate": pl.lit(None, pl.String), "rule": pl.lit(None, pl.String)}
    out |= {"value": pl.lit(None, pl.String), "threshold": pl.lit(None, pl.String)}
    for rule in reversed(rules):
        says = {
            "fate": pl.lit(rule.fate),
            "rule": pl.lit(rule.name),
            "value": rule.value.cast(pl.String),
            "threshold": rule.threshold.cast(pl.String),
        }
        when = rule.when.fill_null(False)
        out = {c: pl.when(when).then(says[c]).otherwise(out[c]) for c in out}
    return rows.with_columns(**out)


def ledger(parts: Sequence[pl.DataFrame], records: int) -> pl.DataFrame:
    """The LEDGER of a patient from decided rows; `records` is how many rows went in.

    Raises ContractError if a row has no fate, has two, or any was lost on the way.
    """
    rows = pl.concat([LEDGER.empty().cast({"fate": pl.String}), *parts], how="vertical_relaxed")
    if rows.height != records:
        raise ContractError(f"ledger: {records} records in, {rows.height} fates out")
    undecided = rows.filter(pl.col("fate").is_null() | pl.col("rule").is_null())
    if undecided.height:
        first = undecided.select(_KEY).row(0)
        raise ContractError(f"ledger: {undecided.height} records without a fate, first {first}")
    return LEDGER.table(rows)


def entries(rows: pl.DataFrame, stage: str, sample: str) -> pl.DataFrame:
    """LEDGER-shaped columns (fate still text) of decided `rows` of one stage and sample."""
    schema = dict(LEDGER.schema) | {"fate": pl.String}
    # Of what lies outside the question nothing is said, not even that it has neighbours.
    told = pl.col("part_of") if "part_of" in rows.columns else pl.lit(None, pl.String)
    rows = rows.with_columns(part_of=pl.when(pl.col("rule") != OUTSIDE_QUESTION).then(told))
    return rows.with_columns(stage=pl.lit(stage), sample=pl.lit(sample)).select(
        pl.col(name).cast(dtype) for name, dtype in schema.items()
    )
