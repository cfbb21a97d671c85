"""What was seen and is no finding, because a filter removed it: hotspots and tiers I and II."""

from typing import Any

import polars as pl

TIERS = ("I-A", "I-B", "II-C", "II-D")


def seen_but_filtered(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Entries of the model from WITHHELD: best tier, then most tumours at the residue, first."""
    rank = pl.col("amp_tier").replace_strict(
        {tier: n for n, tier in enumerate(TIERS)}, default=len(TIERS), return_dtype=pl.Int8
    )
    order = table.sort(
        rank, pl.col("hotspot").fill_null(0), "gene", "finding",
        descending=[False, True, False, False], nulls_last=True,
    )  # fmt: skip
    same = ("gene", "transcript", "hgvs_g", "hgvs_c", "hgvs_p", "name", "amp_tier", "japan_level")
    return [
        {
            "id": row["finding"],
            **{key: row[key] for key in same},
            "allele": {
                "chrom": str(row["chrom"]),
                "pos": row["pos"],
                "ref": row["ref"],
                "alt": row["alt"],
            },
            "filters": row["filter"].split(";"),
            "hotspot": row["hotspot"],
            "reads": {
                "alternative": row["ad_alt"],
                "depth": row["dp"],
                "vaf": row["vaf"],
                "normal_alternative": row["normal_ad"],
                "normal_depth": row["normal_dp"],
            },
        }
        for row in order.iter_rows(named=True)
    ]
