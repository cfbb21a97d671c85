"""Each sample beside the others of the run: what a fixed bound does not see.

A sample may pass every gate and still be unlike all others made the same way. Scores are robust
(median and median absolute deviation), so that the outliers looked for do not hide themselves.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from shirube.contracts import COMPARISON, QUALITY
from shirube.quality.gates import Measure, gate_rows
from shirube.reasons import because

MIN_PEERS = 10
GATE = "distribution"
# Of yes and no there is no distribution.
NOT_COMPARED = ("sex_depth",)
# Differences smaller than these, of the median and as they are, are never remarkable.
LEAST_SHARE, LEAST = 0.02, 0.002


def comparison(quality: Mapping[str, pl.DataFrame], kinds: Mapping[str, str]) -> pl.DataFrame:
    """COMPARISON of all samples, from QUALITY and kind (normal or tumour) of each."""
    rows = pl.concat([QUALITY.empty(), *(quality[sample] for sample in sorted(quality))])
    known = {"sample": list(kinds), "kind": list(kinds.values())}
    rows = rows.filter(~pl.col("metric").is_in(NOT_COMPARED)).join(
        pl.DataFrame(known, schema={"sample": pl.String, "kind": pl.String}), on="sample"
    )
    peers = pl.col("value").count().over("kind", "metric").cast(pl.Int32)
    median = pl.col("value").median().over("kind", "metric")
    distance = (pl.col("value") - median).abs().median().over("kind", "metric")
    spread = pl.max_horizontal(1.4826 * distance, LEAST_SHARE * median.abs(), pl.lit(LEAST))
    compared = rows.with_columns(
        peers=peers,
        median=pl.when(peers >= MIN_PEERS).then(median),
        spread=pl.when(peers >= MIN_PEERS).then(spread),
    )
    score = (pl.col("value") - pl.col("median")) / pl.col("spread")
    return COMPARISON.table(compared.with_columns(score=score))


def distribution_gate(
    compared: pl.DataFrame, sample: str, gates: Mapping[str, Mapping[str, Any]]
) -> pl.DataFrame:
    """QUALITY of one row: the metric in which `sample` is least like its peers (COMPARISON).

    Its value is the distance from their median in spreads, without sign.
    """
    own = compared.filter((pl.col("sample") == sample) & pl.col("score").is_not_null())
    if own.is_empty():
        few = because("quality.few_peers", peers=MIN_PEERS)
        return gate_rows(sample, [Measure(GATE, None, None, few)], gates)
    row = own.sort(pl.col("score").abs(), "metric", descending=[True, False]).row(0, named=True)
    values = {name: f"{row[name]:.4g}" for name in ("value", "median")}
    reason = because("quality.peers", metric=row["metric"], peers=row["peers"], **values)
    return gate_rows(sample, [Measure(GATE, abs(row["score"]), row["peers"], reason)], gates)
