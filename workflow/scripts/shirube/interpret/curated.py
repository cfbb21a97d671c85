"""The project's own curated tables (resources/*.tsv).

Each row has `source` (where it was read), `date` and `verified` (yes, or no where the source's
wording was not seen): what is not verified is printed as such.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from shirube.errors import InputError
from shirube.knowledge.approvals import COLUMNS, read_approvals

APPROVALS_COLUMNS = frozenset(COLUMNS)


def read_curated(path: str | Path) -> pl.DataFrame:
    """A curated table; every cell text, empty cells null.

    Raises InputError if a row lacks source, date or a yes/no in `verified`.
    """
    try:
        table = pl.read_csv(path, separator="\t", infer_schema=False, null_values=[""])
    except FileNotFoundError:
        raise InputError(path, "a curated table that comes with the workflow") from None
    for column in ("source", "date", "verified"):
        if column not in table.columns or table[column].null_count():
            raise InputError(path, f"a column {column} without empty cells")
    wrong = table.filter(~pl.col("verified").is_in(["yes", "no"]))
    if wrong.height:
        raise InputError(path, f"yes or no in verified, found {wrong['verified'][0]!r}")
    return table


def curated_tables(paths: list[str]) -> Mapping[str, pl.DataFrame]:
    """Curated tables by the stem of their file.

    A list of approvals may be a site's own, of any name: it is told by its columns.
    """
    found = {Path(path).stem: read_curated(path) for path in paths}
    for path in paths:
        if APPROVALS_COLUMNS.issubset(found[Path(path).stem].columns):
            del found[Path(path).stem]
            found["japan_approvals"] = read_approvals(path)
    return found
