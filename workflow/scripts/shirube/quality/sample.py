"""All metrics of one sample, from what the run has made of it."""

import numpy as np
import polars as pl

from shirube.genome.chromosomes import CHROMS
from shirube.quality.contamination import contamination
from shirube.quality.fingerprint import homozygous_sites, match
from shirube.quality.gates import Measure
from shirube.quality.sex import by_depth
from shirube.quality.tumour_in_normal import tumour_in_normal
from shirube.reasons import because

_TRANSITIONS = ["AG", "GA", "CT", "TC"]
_AUTOSOMES = CHROMS[:22]
MIN_SNVS = 1000


def coverage_measures(coverage: pl.DataFrame, kind: str) -> list[Measure]:
    """Mean depth and callable fraction over the coding bases asked for (COVERAGE)."""
    weight = (coverage["bases"] * coverage["requested"]).to_numpy()
    depths = coverage["mean_depth"].to_numpy()
    known = ~np.isnan(depths)
    depth = callable_part = None
    if weight.sum() and not coverage["callable"].null_count():
        callable_part = float((coverage["callable"] * coverage["bases"]).sum()) / weight.sum()
    if weight[known].sum():
        depth = float(np.average(depths[known], weights=weight[known]))
    bases = round(weight.sum())
    return [
        Measure("mean_depth", depth, bases, because("quality.depth"), f"mean_depth_{kind}"),
        Measure("callable", callable_part, bases, because("quality.callable")),
    ]


def reads_measures(summary: pl.DataFrame) -> list[Measure]:
    """Mapped, duplicate and mismatching fractions and insert size of READS."""
    row = next(summary.iter_rows(named=True), None)
    if row is None or not row["reads"]:
        names = ("mapped", "duplicates", "mismatches", "insert_size")
        return [Measure(name, None, None, because("quality.no_reads")) for name in names]
    reads, bases = row["reads"], row["bases"]
    return [
        Measure("mapped", row["mapped"] / reads, reads, because("quality.mapped")),
        Measure("duplicates", row["duplicates"] / reads, reads, because("quality.duplicates")),
        Measure(
            *("mismatches", row["mismatches"] / bases if bases else None, bases),
            because("quality.mismatches"),
        ),
        Measure("insert_size", row["insert_size"], reads, because("quality.insert")),
    ]


def call_measures(calls: pl.DataFrame) -> list[Measure]:
    """Ti/Tv and het/hom of passing SNVs on autosomes, and contamination by another person."""
    snvs = calls.filter(
        (pl.col("filter") == "PASS")
        & (pl.col("dosage") > 0)
        & pl.col("chrom").cast(pl.String).is_in(_AUTOSOMES)
        & (pl.col("ref").str.len_bytes() == 1)
        & (pl.col("alt").str.len_bytes() == 1)
    )
    transitions = int((snvs["ref"] + snvs["alt"]).is_in(_TRANSITIONS).sum())
    het, hom = int((snvs["dosage"] == 1).sum()), int((snvs["dosage"] == 2).sum())
    enough = len(snvs) >= MIN_SNVS
    others = len(snvs) - transitions
    sites = homozygous_sites(calls)
    return [
        Measure(
            *("titv", transitions / others if enough and others else None, len(snvs)),
            because("quality.titv"),
        ),
        Measure(
            *("het_hom", het / hom if enough and hom else None, len(snvs)),
            because("quality.het_hom"),
        ),
        contamination_measure(sites),
    ]


def contamination_measure(sites: pl.DataFrame) -> Measure:
    """Contamination from ad_ref and ad_alt at sites homozygous for the ALT."""
    other = sites["ad_ref"].to_numpy().astype(np.int64)
    depth = other + sites["ad_alt"].to_numpy().astype(np.int64)
    found = contamination(other, depth)
    if found is None:
        return Measure("contamination", None, len(sites), because("quality.few_sites"))
    reason = because("quality.contamination", low=f"{found.low:.3f}", high=f"{found.high:.3f}")
    return Measure("contamination", found.fraction, found.sites, reason)


def pair_measures(counts: pl.DataFrame) -> list[Measure]:
    """Whether a tumour is of the normal's person, and its contamination.

    `counts` are the tumour's reads where the normal is homozygous: no loss or gain of the tumour
    brings the other allele there.
    """
    share, sites = match(counts)
    reason = because("quality.match")
    return [Measure("tumour_match", share, sites, reason), contamination_measure(counts)]


def tumour_in_normal_measure(somatic: pl.DataFrame) -> Measure:
    """Share of the normal that is tumour."""
    found = tumour_in_normal(somatic)
    if found is None:
        return Measure("tumour_in_normal", None, None, because("quality.few_somatic"))
    reason = because("quality.in_normal", low=f"{found.low:.3f}", high=f"{found.high:.3f}")
    return Measure("tumour_in_normal", found.fraction, found.sites, reason)


def region_measures(summary: pl.DataFrame, callable_share: float | None) -> list[Measure]:
    """Mean depth and callable share of all bases of the regions, or of the genome."""
    row = next(summary.iter_rows(named=True), None) or {}
    bases = row.get("region_bases")
    return [
        Measure("region_depth", row.get("region_depth"), bases, because("quality.region_depth")),
        Measure("region_callable", callable_share, bases, because("quality.region_callable")),
    ]


def measures(
    kind: str,
    sex: str,
    coverage: pl.DataFrame,
    summary: pl.DataFrame,
    calls: pl.DataFrame | None,
    counts: pl.DataFrame | None,
    somatic: pl.DataFrame | None = None,
    callable_share: float | None = None,
) -> list[Measure]:
    """Every metric of a sample.

    `summary` is READS; `calls` are of a normal; `counts` and `somatic` of a tumour that has a
    normal.
    """
    out = [*coverage_measures(coverage, kind), *reads_measures(summary)]
    out += region_measures(summary, callable_share)
    if kind == "normal":
        out.append(by_depth(next(summary.iter_rows(named=True), None), sex))
    if calls is not None:
        out += call_measures(calls)
    if counts is not None:
        out += pair_measures(counts)
    if somatic is not None:
        out.append(tumour_in_normal_measure(somatic))
    return out
