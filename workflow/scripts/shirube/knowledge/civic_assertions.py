"""CIViC's assertions (TSV as published) -> EVIDENCE_BASIS.

An evidence level A of CIViC covers regulators' approvals and guidelines alike. Which of them an
item rests on is said by the assertions that cite it, in fields of their own.
"""

from pathlib import Path

import polars as pl

from shirube.contracts.knowledge_cancer import EVIDENCE_BASIS
from shirube.errors import InputError
from shirube.knowledge.sources import table

_COLUMNS = (
    *("assertion_id", "therapies", "assertion_direction", "evidence_item_ids"),
    *("nccn_guideline", "nccn_guideline_version", "regulatory_approval"),
)


def drug_set(column: str) -> pl.Expr:
    """Drugs of a comma-separated column in one spelling, so that sets of drugs can be compared."""
    parts = pl.col(column).fill_null("").str.to_lowercase().str.split(",")
    return parts.list.eval(pl.element().str.strip_chars()).list.sort().list.join(",")


def read_assertions(path: str | Path) -> pl.DataFrame:
    """EVIDENCE_BASIS of the assertions that support a link; an item counts for its own drugs only.

    InputError for a `regulatory_approval` that is neither true nor false.
    """
    frame = table(path, _COLUMNS)
    approval = pl.col("regulatory_approval").str.to_lowercase().fill_null("false")
    odd = frame.filter(~approval.is_in(["true", "false"]))
    if odd.height:
        found = f"assertion {odd['assertion_id'][0]}: {odd['regulatory_approval'][0]!r}"
        raise InputError(path, "true or false in regulatory_approval", found)
    # A file of before 2023 says `Supports`, a later one `supports`.
    kept = frame.filter(pl.col("assertion_direction").str.to_lowercase() == "supports")
    ids = pl.col("evidence_item_ids").str.split(",")
    cited = kept.with_columns(
        id=ids.list.eval("EID" + pl.element().str.strip_chars().str.strip_prefix("EID")),
        therapies=drug_set("therapies"),
        who="CIViC AID" + pl.col("assertion_id").str.strip_prefix("AID"),
    ).explode("id")
    fda = cited.filter(approval == "true").with_columns(basis=pl.lit("fda"), stated="who")
    version = pl.col("nccn_guideline_version").fill_null("version not stated")
    guideline = cited.drop_nulls("nccn_guideline").with_columns(
        basis=pl.lit("guideline"),
        stated=pl.format("NCCN {} ({}), {}", "nccn_guideline", version, "who"),
    )
    rows = pl.concat([fda, guideline], how="diagonal_relaxed").drop_nulls("id")
    named = rows.select("id", "therapies", "basis", "stated", source=pl.lit("CIViC"), verified=True)
    once = named.sort("id", "therapies", "basis", "stated")
    return EVIDENCE_BASIS.table(once.unique(list(EVIDENCE_BASIS.key), keep="first"))
