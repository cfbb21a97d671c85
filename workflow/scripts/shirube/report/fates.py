"""What became of the records of a patient: counts, what was judged, what was filtered by gene."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from shirube.contracts import CHROM
from shirube.ledger import OUTSIDE_QUESTION

AGAIN = 20  # records of a rule listed that were judged and not reported
GENES, OF_GENE = 30, 25  # genes whose filtered records are listed, and records of each
# What the page says of a record that was judged as part of a change of several alleles.
_VALUE = (
    pl.concat_str(
        "value", pl.lit("part of ") + pl.col("part_of"), separator=", ", ignore_nulls=True
    )
    .replace("", None)
    .alias("value")
)
_SHOWN = ("stage", "rule", "chrom", "pos", "ref", "alt", "value", "threshold")


def fates(ledger: pl.DataFrame | pl.LazyFrame) -> dict[str, Any]:
    """Input records by stage, fate and deciding rule."""
    counts = (
        ledger.lazy()
        .group_by("stage", pl.col("fate").cast(pl.String), "rule")
        .len("records")
        .sort("stage", "fate", "rule")
        .collect(engine="streaming")
    )
    return {"records": int(counts["records"].sum()), "rows": counts.to_dicts()}


def borderline_records(ledger: pl.DataFrame | pl.LazyFrame) -> list[dict[str, Any]]:
    """The first AGAIN records of each rule that were judged and not reported, best place first.

    When knowledge is renewed, these are the ones that may become findings. What the question did
    not ask is never among them.
    """
    rows = (
        ledger.lazy()
        .filter((pl.col("fate") == "tiered") & (pl.col("rule") != "consequence"))
        .with_columns(place=pl.col("value").str.extract(r"place (\d+)").cast(pl.Int32))
        .sort("stage", "rule", "place", "chrom", "pos", "ref", "alt", nulls_last=True)
        .group_by("stage", "rule", maintain_order=True)
        .head(AGAIN)
        .with_columns(_VALUE)
        .select(_SHOWN)
        .collect()
    )
    return rows.with_columns(pl.col("chrom").cast(pl.String)).to_dicts()


def filtered_in(
    ledger: pl.DataFrame | pl.LazyFrame, genes: Sequence[str], models: pl.DataFrame
) -> list[dict[str, Any]]:
    """Records filtered between the ends of each of `genes` (the first GENES that have a model).

    `models`: GENE_MODELS. Of each gene how many, and the first OF_GENE by place with rule, value
    and threshold. What the question did not ask is counted nowhere here.
    """
    spans = (
        models.filter(pl.col("gene").is_in(list(genes[:GENES])))
        .group_by("gene", "chrom")
        .agg(pl.col("start").min(), pl.col("end").max())
        .with_columns(order=pl.col("gene").replace_strict(
            {gene: n for n, gene in enumerate(genes)}, default=None, return_dtype=pl.Int32))
        .sort("order", "chrom")
    )  # fmt: skip
    if spans.is_empty():
        return []
    inside = [
        (pl.col("chrom") == pl.lit(str(chrom), CHROM)) & pl.col("pos").is_between(start + 1, end)
        for chrom, start, end in spans.select("chrom", "start", "end").rows()
    ]
    near = (
        ledger.lazy()
        .filter((pl.col("fate") == "filtered") & (pl.col("rule") != OUTSIDE_QUESTION))
        .filter(pl.any_horizontal(inside))
        .with_columns(_VALUE)
        .select(_SHOWN)
        .sort("chrom", "pos", "ref", "alt", "stage", "rule", nulls_last=True)
        .collect(engine="streaming")
    )
    out = []
    for (gene,), mine in zip(spans.select("gene").rows(), inside, strict=True):
        rows = near.filter(mine)
        if rows.height:
            shown = rows.head(OF_GENE).with_columns(pl.col("chrom").cast(pl.String)).to_dicts()
            out.append({"gene": gene, "records": rows.height, "shown": shown})
    return out
