"""What ClinVar's words for an aggregate classification amount to, as text and as expression.

`Pathogenic/Likely pathogenic`, `Pathogenic, low penetrance` and `Likely_pathogenic|drug_response`
are pathogenic; `Conflicting classifications of pathogenicity` is neither; a classification that
names both sides is neither.
"""

import polars as pl

_PATHOGENIC, _BENIGN, _CONFLICTING = "pathogenic", "benign", "conflicting"


def pathogenic(stated: pl.Expr) -> pl.Expr:
    """Whether classifications are pathogenic or likely pathogenic; false where there is none."""
    return _one_sided(stated, _PATHOGENIC, _BENIGN)


def benign(stated: pl.Expr) -> pl.Expr:
    """Whether classifications are benign or likely benign; false where there is none."""
    return _one_sided(stated, _BENIGN, _PATHOGENIC)


def _one_sided(stated: pl.Expr, side: str, other: str) -> pl.Expr:
    low = stated.str.to_lowercase()
    return (low.str.contains(side) & ~low.str.contains(f"{_CONFLICTING}|{other}")).fill_null(False)


def is_pathogenic(stated: str | None) -> bool:
    """`pathogenic` of one classification."""
    low = (stated or "").lower()
    return _PATHOGENIC in low and _BENIGN not in low and _CONFLICTING not in low


def is_benign(stated: str | None) -> bool:
    """`benign` of one classification."""
    low = (stated or "").lower()
    return _BENIGN in low and _PATHOGENIC not in low and _CONFLICTING not in low
