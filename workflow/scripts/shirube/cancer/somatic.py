"""Somatic small variants: evidence, oncogenicity, tier and Japanese level of each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import polars as pl

from shirube.cancer.evidence import for_alleles
from shirube.cancer.oncogenicity import Hotspot, criteria, oncogenicity_of
from shirube.cancer.second_hit import of_somatic
from shirube.cancer.tiers import (
    ONCOGENIC,
    approvals,
    listed,
    listed_approvals,
    tier_and_level,
    weighed,
)
from shirube.genome.alleles import allele_id, kind
from shirube.interpret.consequence import ALTERING, SPLICE_REGION, any_of, has
from shirube.interpret.germline import clinvar_pathogenic, highest, intake_rules, named_filter
from shirube.interpret.rows import detail, highest_frequency, name_of
from shirube.ledger import Rule, text

COMMON = 0.01
TREATABLE = ("I-A", "I-B", "II-C", "II-D")  # tiers I and II
FILTERS_SEEN = {
    "LowLOD": "lod",
    "Germline": "normal_ad",
    "StrandBias": "strand_p",
    "LowDepth": "tumour_dp",
}
_KEPT = (
    *("finding", "chrom", "pos", "ref", "alt", "gene", "transcript", "consequence", "hgvs_g"),
    *("hgvs_c", "hgvs_p", "kind", "origin", "vaf", "vaf_low", "vaf_high", "normal_dp", "normal_ad"),
    *("clinvar_id", "clinvar_significance", "clinvar_stars", "cohort_ac", "cohort_an"),
    *("cohort_af", "population_af", "population_an", "population_source"),
    *("japanese_af", "japanese_an", "japanese_source"),
)
RELEVANT = has((*ALTERING, *SPLICE_REGION))


def call_rules() -> list[Rule]:
    """One rule for each of the caller's filters, with the number it looked at where known.

    Without a normal an allele that is common in a population (or in the own cohort) is taken for
    inherited, unless ClinVar calls it pathogenic. Rare inherited alleles stay: their origin is
    unknown, and the report says so.
    """
    first = pl.col("filter").str.split(";").list.first()
    rules = [
        Rule(
            name,
            "filtered",
            (pl.col("filter") != "PASS") & (first == name),
            pl.concat_str([pl.lit(f"{column} "), text(pl.col(column))]),
            pl.lit("PASS"),
        )
        for name, column in FILTERS_SEEN.items()
    ]
    rest = Rule(
        "caller_filter", "filtered", pl.col("filter") != "PASS", named_filter(), pl.lit("PASS")
    )
    alone = Rule(
        "common_without_normal",
        "filtered",
        pl.col("normal_dp").is_null() & (highest() > COMMON) & ~clinvar_pathogenic(),
        text(highest()),
        pl.lit(f"at most {COMMON:g} where no normal tells inherited alleles apart"),
    )
    silent = Rule(
        "consequence",
        "tiered",
        ~RELEVANT & ~has(("upstream_gene_variant", "5_prime_UTR_variant")),
        pl.col("consequence").fill_null("none"),
        pl.lit("protein altering, splice region or promoter"),
    )
    return [*intake_rules(), *rules, rest, alone, silent]


def candidates(rows: pl.DataFrame) -> pl.DataFrame:
    """Described somatic rows with finding id, kind and origin."""
    ids = [
        allele_id("somatic", str(c), p, r, a)
        for c, p, r, a in rows.select("chrom", "pos", "ref", "alt").rows()
    ]
    tumour_only = pl.col("normal_dp").is_null()
    return rows.with_columns(
        finding=pl.Series(ids, dtype=pl.String),
        kind=kind(pl.col("ref"), pl.col("alt")),
        origin=pl.when(tumour_only).then(pl.lit("unknown")).otherwise(pl.lit("somatic")),
    )


def findings(
    rows: pl.DataFrame,
    evidence: pl.DataFrame,
    levels: pl.DataFrame,
    approved: pl.DataFrame,
    accepted: Collection[str],
    roles: Mapping[str, str],
    hotspots: pl.DataFrame | None,
    spans: Mapping[str, tuple[str, int, int]],
    loh: pl.DataFrame,
    role_source: Callable[[str | None], str],
) -> list[dict[str, Any]]:
    """A FINDINGS row (rank null) for each of `rows` (see `candidates`)."""
    matched = weighed(for_alleles(rows, evidence, germline=False), accepted, levels)
    by_finding = {key[0]: part for key, part in matched.group_by("finding", maintain_order=True)}
    nothing = matched.clear()
    spots = hotspots_of(rows, hotspots)
    return [
        _finding(
            row,
            by_finding.get(row["finding"], nothing),
            approvals(row, "allele", approved, accepted),
            roles.get(row["gene"] or ""),
            role_source(row["gene"]),
            spots.get(row["finding"]),
            hotspots is not None,
            of_somatic(row["gene"], spans.get(row["gene"] or ""), loh),
        )
        for row in rows.rows(named=True)
    ]


def hotspots_of(rows: pl.DataFrame, hotspots: pl.DataFrame | None) -> dict[str, Hotspot]:
    """Hotspot of each finding from HOTSPOTS: single residues with the same reference residue.

    Residues that are only near others in the fold (kind 3d) are no hotspot of their own.
    """
    if hotspots is None:
        return {}
    change = pl.col("hgvs_p").str.replace_all(r"[()]", "")
    found = rows.select(
        "finding",
        "gene",
        residue="protein_pos",
        old=change.str.extract(r"^(?:.*:)?p\.([A-Z][a-z]{2})", 1),
        new=change.str.extract(r"([A-Z][a-z]{2})$", 1),
    ).join(hotspots.filter(pl.col("kind") == "single residue"), on=["gene", "residue"])
    counted = (
        found.filter(pl.col("old") == pl.col("reference"))
        .group_by("finding")
        .agg(
            pl.col("all").max(),
            pl.col("source").first(),
            same=pl.col("tumours").filter(pl.col("new") == pl.col("change")).sum(),
        )
    )
    return {
        row["finding"]: Hotspot(row["all"], row["same"], row["source"])
        for row in counted.rows(named=True)
    }


def _finding(
    row: Mapping[str, Any],
    evidence: pl.DataFrame,
    approved: Sequence[dict[str, Any]],
    role: str | None,
    role_source: str,
    hotspot: Hotspot | None,
    hotspots_known: bool,
    second: tuple[str | None, dict[str, Any] | None],
) -> dict[str, Any]:
    functional = evidence.filter(
        pl.col("evidence_type").is_in(["Functional", "Oncogenic"])
        & (pl.col("direction") == "Supports")
        & (pl.col("match").cast(pl.String) == "exact")
    )["id"].to_list()
    met = criteria(
        row, role, [str(item) for item in functional], hotspot, hotspots_known, role_source
    )
    oncogenicity = oncogenicity_of(met)
    found = highest_frequency(row)
    common = found is not None and found.af > COMMON
    altering = any_of(ALTERING, row["consequence"])
    verdict = tier_and_level(evidence, oncogenicity, list(approved), common, altering)
    return {name: row[name] for name in _KEPT} | {
        "section": "somatic",
        "name": name_of(row["gene"], row["hgvs_p"], row["hgvs_c"], row["hgvs_g"]),
        "dp": row["tumour_dp"],
        "ad_alt": row["tumour_ad"],
        "amp_tier": verdict["amp_tier"],
        "japan_level": verdict["japan_level"],
        "oncogenicity": oncogenicity,
        "criteria": met,
        "evidence": [*listed_approvals(approved), *listed(evidence)],
        "second_hit": second[0],
        "detail": detail(
            {
                "tiers": verdict["tiers"],
                "japan_levels": verdict["japan_levels"],
                "approvals": list(approved) or None,
                "gene_role": role,
                "exon": row["exon"],
                "mane": row["mane"],
                "protein_pos": row["protein_pos"],
                "lod": row["lod"],
                "second_hit": second[1],
                "phase_set": row["phase_set"],
            }
        ),
    }


def reported(finding: Mapping[str, Any], cancer_genes: Collection[str]) -> bool:
    """Shown: tiers I and II, oncogenic, or rare and protein-altering in a cancer gene."""
    if finding["amp_tier"] in TREATABLE or finding["oncogenicity"] in ONCOGENIC:
        return True
    known = finding["gene"] in cancer_genes and finding["amp_tier"] == "III"
    return known and any_of(ALTERING, finding["consequence"])
