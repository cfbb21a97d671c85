"""What was looked for and not found, and what could not be assessed.

A gene is `not found` only where the reads would have shown it: it was asked for, measured, and at
least ASSESSABLE of its coding bases are callable. Everything else is `not assessable`, with
the reason. The genes looked for are those of the run's predictive clinical evidence, those of the
patient's own disease first.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from shirube.report.detection import detectable_fraction

ASSESSABLE = 0.9
COLUMNS = ("gene", "own_disease", "best_level", "alterations")


ANY_TUMOUR = ("TISSUE", "SOLID")


def own_codes(oncotree: pl.DataFrame, diagnosis: str | None) -> list[str]:
    """OncoTree codes whose evidence is for `diagnosis`: itself, what it is a kind of, any tumour.

    `oncotree`: table ONCOTREE. Empty without a diagnosis.
    """
    if diagnosis is None:
        return []
    above = oncotree.filter(pl.col("code") == diagnosis)["ancestors"].explode().drop_nulls()
    return [diagnosis, *above.to_list(), *(c for c in ANY_TUMOUR if c not in above.to_list())]


def actionable_genes(evidence: pl.DataFrame, codes: Sequence[str]) -> pl.DataFrame:
    """Genes of predictive evidence (CLINICAL_EVIDENCE), one row each, most relevant first.

    own_disease: some of its evidence is for one of the OncoTree `codes`; best_level: best level
    of the evidence (A best); alterations: kinds of match asked for, sorted.
    """
    own = pl.col("oncotree").is_in(list(codes)).fill_null(False)
    return (
        evidence.filter(pl.col("evidence_type") == "Predictive", pl.col("gene").is_not_null())
        .with_columns(own.alias("own"))
        .group_by("gene")
        .agg(
            pl.col("own").any().alias("own_disease"),
            pl.col("level").filter("own").min().alias("own_level"),
            pl.col("level").min().alias("best_level"),
            pl.col("match").cast(pl.String).unique().sort().alias("alterations"),
        )
        .sort(
            pl.col("own_disease").not_(),
            pl.col("own_level"),
            "best_level",
            "gene",
            nulls_last=True,
        )
        .select(COLUMNS)
    )


def gene_coverage(coverage: pl.DataFrame) -> pl.DataFrame:
    """COVERAGE with one row a gene: the transcript with the most coding bases."""
    return coverage.sort("bases", "transcript", descending=[True, False]).unique(
        "gene", keep="first", maintain_order=True
    )


def why_not(row: Mapping[str, Any]) -> str | None:
    """Reason why a gene's coverage row allows no negative statement; None if it does."""
    if row["callable"] is None:
        return "not_measured"
    if row["requested"] == 0:
        return "not_requested"
    if not row["mean_depth"]:
        return "no_reads"
    if row["callable"] < ASSESSABLE:
        return "partly_callable" if row["callable"] > 0 else "not_callable"
    return None


def _limit(depth: float | None) -> float | None:
    if depth is None:
        return None
    limit = float(detectable_fraction(np.floor(depth)))
    return None if np.isnan(limit) else limit


def searched(
    genes: pl.DataFrame, coverage: Mapping[str, pl.DataFrame], found: set[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(looked for and not found, not assessable) rows for the samples of a patient.

    `coverage`: sample kind -> COVERAGE. A tumour is judged where there is one, else the normal.
    A gene with a reported finding stays out of the first list, never out of the second.
    """
    kind = "tumour" if "tumour" in coverage else "normal"
    absent = {"bases": None, "mean_depth": None, "min_depth": None, "callable": None}
    measured = {
        row["gene"]: row
        for row in gene_coverage(coverage[kind]).iter_rows(named=True)
        if kind in coverage
    }
    negative, unknown = [], []
    for gene in genes.iter_rows(named=True):
        row = measured.get(gene["gene"], {**absent, "requested": None, "transcript": None})
        reason = why_not(row)
        entry = {
            "gene": gene["gene"],
            "transcript": row["transcript"],
            "sample_kind": kind,
            "own_disease": gene["own_disease"],
            "best_level": gene["best_level"],
            "alterations": gene["alterations"],
            "mean_depth": row["mean_depth"],
            "min_depth": row["min_depth"],
            "callable": row["callable"],
        }
        if reason is not None:
            unknown.append({**entry, "reason": reason})
        elif gene["gene"] not in found:
            limits = {
                "detectable_vaf": _limit(row["mean_depth"]),
                "detectable_vaf_worst": _limit(row["min_depth"]),
            }
            negative.append({**entry, **limits})
    return negative, unknown
