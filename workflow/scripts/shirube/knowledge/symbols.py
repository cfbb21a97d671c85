"""One symbol for a gene: HGNC's approved one, whatever symbol a source uses."""

import polars as pl


def approved(names: pl.DataFrame) -> dict[str, str]:
    """Previous symbol -> approved one, of GENE_NAMES; only where it stands for one gene alone.

    Aliases are left out: many are shared with, or look like, other genes' symbols.
    """
    symbols = set(names.filter(pl.col("kind") == "symbol")["name"])
    previous = (
        names.filter((pl.col("kind") == "previous") & ~pl.col("name").is_in(sorted(symbols)))
        .group_by("name")
        .agg(pl.col("symbol").unique())
        .filter(pl.col("symbol").list.len() == 1)
    )
    return {name: found[0] for name, found in previous.iter_rows()}


def with_approved_symbols(rows: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """`rows` with approved symbols in `gene`; a symbol whose approved one has rows too stays."""
    present = set(rows["gene"].drop_nulls())
    renamed = {old: new for old, new in approved(names).items() if new not in present}
    return rows.with_columns(pl.col("gene").replace(renamed))
