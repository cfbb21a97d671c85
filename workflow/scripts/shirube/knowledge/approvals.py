"""Drugs approved in Japan for a biomarker: our own table, or one a user keeps in its place.

gene        symbol, or a marker of the whole tumour (MSI, TMB, HRD)
match       how `alteration` is recognised: see MATCHES
alteration  protein changes joined by |, number of an exon, 5' (a fusion whose gene is the 5'
            partner), or a marker's call
oncotree    tumour type it is approved for; SOLID any solid tumour
except      tumour types left out of it, joined by ;
therapies   English generic names: a comma parts alternatives, a plus joins a combination
conditions  codes of CONDITIONS joined by ;
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from shirube.errors import InputError

COLUMNS = (
    *("gene", "match", "alteration", "oncotree", "except", "therapies", "conditions", "status"),
    *("source", "date", "verified"),
)
FILLED = ("gene", "match", "oncotree", "therapies", "status", "source", "date", "verified")
MATCHES = (
    *("exact", "exon_deletion", "exon_insertion", "exon_skipping", "loss_of_function"),
    *("germline", "fusion", "amplification", "biomarker", "mutation"),
)
NEEDS_ALTERATION = ("exact", "exon_deletion", "exon_insertion", "exon_skipping", "biomarker")
CONDITIONS = (
    *("first_line", "after_chemotherapy", "after_platinum", "after_endocrine", "maintenance"),
    *("refractory", "unresectable", "her2_negative", "her2_test", "hr_positive", "mcrpc"),
    "ras_wild_type",
)


def read_approvals(path: str | Path) -> pl.DataFrame:
    """The table of approvals, every cell text, empty cells null.

    Raises InputError, naming the row, for a missing column or cell, or a word that is not known.
    """
    try:
        table = pl.read_csv(path, separator="\t", infer_schema=False, null_values=[""])
    except FileNotFoundError:
        raise InputError(path, "a table of approvals in Japan") from None
    if missing := [column for column in COLUMNS if column not in table.columns]:
        raise InputError(path, f"a column {missing[0]} (it has {', '.join(table.columns)})")
    table = table.select(COLUMNS)
    for number, row in enumerate(table.rows(named=True), 2):
        if wrong := _wrong(row):
            raise InputError(path, wrong, f"row {number}")
    return table


def _wrong(row: Mapping[str, Any]) -> str | None:
    """What a row should hold and does not; None if nothing is wrong."""
    for column in FILLED:
        if row[column] is None:
            return f"something in {column}, found nothing"
    for column, known in (("match", MATCHES), ("verified", ("yes", "no"))):
        if row[column] not in known:
            return f"{column} of {', '.join(known)}, found {row[column]}"
    for code in (row["conditions"] or "").split(";"):
        if code and code not in CONDITIONS:
            return f"conditions of {', '.join(CONDITIONS)}, found {code}"
    if row["match"] in NEEDS_ALTERATION and row["alteration"] is None:
        return f"an alteration for {row['match']}, found nothing"
    return None


def coverage(table: pl.DataFrame, own: bool) -> dict[str, Any]:
    """What the list covers: genes and markers, rows, rows not verified, date of the newest row.

    `own`: whether it is a user's list. Only what is covered can be said to have no approval.
    """
    return {
        "genes": table["gene"].unique().sort().to_list(),
        "rows": table.height,
        "unverified": table.filter(pl.col("verified") == "no").height,
        "date": table["date"].max(),
        "own": own,
    }
