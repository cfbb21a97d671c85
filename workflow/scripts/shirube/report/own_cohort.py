"""The frequency of an inherited allele among the others of the cohort: without the patient."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from shirube.genome.genotype_rule import GenotypeRule


def own_copies(call: Mapping[str, Any] | None, rule: GenotypeRule) -> tuple[int, int]:
    """(copies of the allele, chromosomes) a person's call adds to the cohort; 0, 0 if none.

    Only a genotype that the rule of the cohort counts adds any.
    """
    if call is None or call["filter"] != "PASS" or call["dosage"] is None or not call["ploidy"]:
        return 0, 0
    deep = call["dp"] is None or call["dp"] >= rule.depth(call["ploidy"])
    sure = call["gq"] is None or call["gq"] >= rule.min_gq
    if call["dosage"] < call["ploidy"] and call["ad_alt"] is not None and call["dp"]:
        sure = sure and call["ad_alt"] / call["dp"] >= rule.min_ab
    return (int(call["dosage"]), int(call["ploidy"])) if deep and sure else (0, 0)


def without_own(
    items: Iterable[dict[str, Any]], calls: pl.DataFrame, rule: GenotypeRule, counted: bool
) -> None:
    """Set `others_ac`, `others_an`, `others_af` of the findings: the cohort without the patient.

    `calls`: CALLS of the person's normal at the findings' alleles; `counted`: whether the cohort
    counts it. Null where the cohort's own are, or where nobody else is left.
    """
    by_allele = {
        (str(row["chrom"]), row["pos"], row["ref"], row["alt"]): row
        for row in calls.iter_rows(named=True)
    }
    for item in items:
        found, allele = item["frequencies"], item["allele"]
        ac, an = found["cohort_ac"], found["cohort_an"]
        if ac is not None and an is not None and counted and item["origin"] == "germline":
            key = tuple(allele[k] for k in ("chrom", "pos", "ref", "alt")) if allele else ()
            copies, chromosomes = own_copies(by_allele.get(key), rule)
            ac, an = max(0, ac - copies), max(0, an - chromosomes)
        known = bool(an) and ac is not None
        found["others_ac"] = ac if known else None
        found["others_an"] = an if known else None
        found["others_af"] = ac / an if known else None
