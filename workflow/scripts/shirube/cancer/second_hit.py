"""What happened to the other allele of a gene in the tumour."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from shirube.interpret.consequence import ALTERING, has

_COUNTS = ("state", "normal_ad", "normal_dp", "tumour_ad", "tumour_dp")


def of_germline(
    allele: Mapping[str, Any], loh: pl.DataFrame, somatic: pl.DataFrame
) -> tuple[str | None, dict[str, Any] | None]:
    """Statement and its facts for a germline allele; (None, None) where nothing is known.

    `loh` is LOH; `somatic` described somatic alleles that passed. A change of several alleles is
    counted by the first of them that was: they lie on one chromosome.
    """
    chrom = pl.col("chrom").cast(pl.String) == str(allele["chrom"])
    own = [allele, *(allele.get("members") or ())]
    keys = [tuple(one[c] for c in ("pos", "ref", "alt")) for one in own]
    found = loh.filter(
        chrom
        & pl.any_horizontal(
            (pl.col("pos") == pos) & (pl.col("ref") == ref) & (pl.col("alt") == alt)
            for pos, ref, alt in keys
        )
    )
    statements: list[str] = []
    facts: dict[str, Any] = {}
    if found.height:
        row = found.row(0, named=True)
        counts = (
            f"normal {row['normal_ad']}/{row['normal_dp']}, "
            f"tumour {row['tumour_ad']}/{row['tumour_dp']}"
        )
        words = {
            "ref_lost": "reference allele lost in the tumour",
            "alt_lost": "variant allele lost in the tumour",
            "retained": "both alleles retained in the tumour",
            "unknown": "too few reads to tell loss of an allele",
        }[row["state"]]
        statements.append(f"{words}: {counts}")
        facts |= {name: row[name] for name in _COUNTS}
    hits = _somatic_hits(allele.get("gene"), somatic)
    if hits:
        statements.append("somatic variant of the same gene: " + ", ".join(hits))
        facts["somatic"] = hits
    return ("; ".join(statements) or None), (facts or None)


def _somatic_hits(gene: str | None, somatic: pl.DataFrame) -> list[str]:
    if gene is None or somatic.is_empty():
        return []
    rows = somatic.filter((pl.col("gene") == gene) & has(ALTERING)).rows(named=True)
    return [f"{row['hgvs_p'] or row['hgvs_c'] or row['hgvs_g']} ({row['vaf']:.0%})" for row in rows]


def of_somatic(
    gene: str | None, span: tuple[str, int, int] | None, loh: pl.DataFrame
) -> tuple[str | None, dict[str, Any] | None]:
    """Loss of heterozygosity at the germline heterozygotes inside a gene (0-based half-open)."""
    if gene is None or span is None:
        return None, None
    chrom, start, end = span
    sites = loh.filter(
        (pl.col("chrom").cast(pl.String) == chrom)
        & pl.col("pos").is_between(start + 1, end)
        & (pl.col("state") != "unknown")
    )
    if sites.is_empty():
        return None, None
    lost = sites.filter(pl.col("state").is_in(["ref_lost", "alt_lost"])).height
    facts = {"loh_sites": {"lost": lost, "assessed": sites.height}}
    if not lost:
        statement = f"both alleles retained at {sites.height} of {sites.height} heterozygous sites"
    else:
        statement = f"one allele lost at {lost} of {sites.height} heterozygous sites of the gene"
    return statement, facts
