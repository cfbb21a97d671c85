"""What MultiQC shows of a run: files of its custom-content format, which any MultiQC picks up.

shirube_metrics_mqc.json     a column a metric, in MultiQC's general table
shirube_gates_mqc.json       verdict of every gate, a row a sample
shirube_outliers_mqc.json    distance from the run's median in spreads, a row a sample
"""

from typing import Any

import polars as pl

PERCENT = (
    "callable",
    "region_callable",
    "mapped",
    "duplicates",
    "contamination",
    "tumour_match",
    "tumour_in_normal",
)
_ABOUT = {
    "mean_depth": "Mean depth of coding bases",
    "callable": "Coding bases that are callable",
    "region_depth": "Mean depth of the regions, or of the genome",
    "region_callable": "Bases of the regions, or of the genome, that are callable",
    "mapped": "Reads that are mapped",
    "duplicates": "Reads marked as duplicates",
    "mismatches": "Mismatches and gaps a base",
    "insert_size": "Median distance of mates' outer ends",
    "titv": "Transitions a transversion",
    "het_hom": "Heterozygous SNVs a homozygous one",
    "contamination": "Reads of another person",
    "tumour_in_normal": "Share of the normal that is tumour",
    "tumour_match": "Homozygous alleles of the normal that the tumour has",
}


def _title(metric: str) -> str:
    return metric.replace("_", " ").capitalize()


def _header(metric: str) -> dict[str, Any]:
    column: dict[str, Any] = {
        "title": _title(metric),
        "description": _ABOUT.get(metric, _title(metric)),
        "namespace": "Shirube",
    }
    if metric in PERCENT:
        column |= {"suffix": "%", "min": 0, "max": 100}
    return column


def _by_sample(rows: pl.DataFrame, column: str) -> dict[str, dict[str, Any]]:
    """Sample -> metric -> value of `column`, nulls left out: not measured is no number."""
    out: dict[str, dict[str, Any]] = {}
    for sample, metric, value in rows.select("sample", "metric", column).iter_rows():
        if value is not None:
            out.setdefault(sample, {})[metric] = value
    return out


def sections(compared: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """File name -> content, from COMPARISON."""
    metrics = compared["metric"].unique().sort().to_list()
    scale = pl.when(pl.col("metric").is_in(PERCENT)).then(100.0).otherwise(1.0)
    shown = compared.with_columns(value=(pl.col("value") * scale).round(4))
    distances = compared.with_columns(score=pl.col("score").round(2))
    return {
        "shirube_metrics_mqc.json": {
            "id": "shirube_metrics",
            "plot_type": "generalstats",
            "headers": {metric: _header(metric) for metric in metrics},
            "data": _by_sample(shown, "value"),
        },
        "shirube_gates_mqc.json": {
            "id": "shirube_gates",
            "section_name": "Shirube: quality gates",
            "description": "Verdict of every gate; unknown is not measured, and no pass.",
            "plot_type": "table",
            "pconfig": {"id": "shirube_gates_table", "title": "Shirube: quality gates"},
            "headers": {metric: {"title": _title(metric)} for metric in metrics},
            "data": _by_sample(compared, "verdict"),
        },
        "shirube_outliers_mqc.json": {
            "id": "shirube_outliers",
            "section_name": "Shirube: beside the run's other samples",
            "description": "Distance from the median of the samples of the same kind, in robust "
            "standard deviations; empty where there are too few samples to compare with.",
            "plot_type": "table",
            "pconfig": {"id": "shirube_outliers_table", "title": "Shirube: distance from median"},
            "headers": {
                metric: {"title": _title(metric), "scale": "RdBu", "min": -6, "max": 6}
                for metric in metrics
            },
            "data": _by_sample(distances, "score"),
        },
    }
