"""Somatic small variants: evidence, oncogenicity, tier and Japanese level of each."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from shirube.cancer.evidence import for_alleles
from shirube.cancer.oncogenicity import (
    Hotspot,
    OncogenicNeighbours,
    clinvar_oncogenicity,
    criteria,
    leading,
    not_assessed,
    oncogenicity_of,
)
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
from shirube.genome.amino import ONE
from shirube.interpret.consequence import ALTERING, IN_FRAME, SPLICE_REGION, any_of, has
from shirube.interpret.context import Context
from shirube.interpret.germline import clinvar_pathogenic, highest, intake_rules, named_filter
from shirube.interpret.inputs import Knowledge
from shirube.interpret.rows import detail, highest_frequency, name_of, total
from shirube.interpret.rules import Rules, general
from shirube.knowledge.clinvar import STARS
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


@dataclass(frozen=True)
class Predictors:
    """The rules of predictors in force, and the one asked of missense changes."""

    rules: Rules = field(default_factory=general)
    predictor: str | None = None


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
    neighbours: Mapping[str, OncogenicNeighbours] | None = None,
    known: Predictors | None = None,
) -> list[dict[str, Any]]:
    """A FINDINGS row (rank null) for each of `rows` (see `candidates`).

    `neighbours`: oncogenic changes of the residue by finding, None without ClinVar.
    """
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
            None if neighbours is None else neighbours.get(row["finding"], OncogenicNeighbours()),
            known or Predictors(),
        )
        for row in rows.rows(named=True)
    ]


def oncogenic_neighbours(
    rows: pl.DataFrame, knowledge: Knowledge
) -> dict[str, OncogenicNeighbours] | None:
    """Finding -> what ClinVar calls oncogenic at its residue; None without ClinVar."""
    if knowledge.clinvar is None:
        return None
    alleles = rows.rows(named=True)
    models = knowledge.models(row["transcript"] for row in alleles)
    found = knowledge.clinvar.oncogenic(alleles, models)
    keys = {(str(r["chrom"]), r["pos"], r["ref"], r["alt"]): r["finding"] for r in alleles}
    return {keys[key]: OncogenicNeighbours(one.same, one.near) for key, one in found.items()}


def _predicted(row: Mapping[str, Any], known: Predictors) -> Context | None:
    """Scores of the allele; None where no predictor has one."""
    scores = {name: row.get(name) for name in ("revel", "alphamissense", "cadd")}
    if row.get("spliceai") is None and not any(v is not None for v in scores.values()):
        return None
    return Context(
        scores=scores,
        spliceai=row.get("spliceai"),
        rules=known.rules.for_gene(row["gene"]),
        predictor=known.predictor,
    )


def hotspots_of(rows: pl.DataFrame, hotspots: pl.DataFrame | None) -> dict[str, Hotspot]:
    """Hotspot of each finding from HOTSPOTS: single residues with the same reference residue.

    In-frame changes are compared with the ranges of in-frame hotspots they lie in. Residues that
    are only near others in the fold (kind 3d) are no hotspot of their own.
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
    out = {
        row["finding"]: Hotspot(row["all"], row["same"], row["source"])
        for row in counted.rows(named=True)
    }
    return out | _ranges_of(rows, hotspots)


def _ranges_of(rows: pl.DataFrame, hotspots: pl.DataFrame) -> dict[str, Hotspot]:
    """Hotspot of in-frame changes: the range they begin in, with the tumours of the same name."""
    ranges = hotspots.filter(pl.col("kind") == "in-frame indel")
    inside = rows.filter(has(IN_FRAME)).select("finding", "gene", "protein_pos", "hgvs_p")
    found = inside.join(ranges, on="gene").filter(
        pl.col("protein_pos").is_between("residue", "residue_end")
    )
    out: dict[str, Hotspot] = {}
    for row in found.rows(named=True):
        named = one_letter(row["hgvs_p"])
        same = row["tumours"] if named and named == row["change"] else 0
        before = out.get(row["finding"])
        if before is None or same > before.change:
            out[row["finding"]] = Hotspot(row["all"], same, row["source"])
    return out


def one_letter(hgvs_p: str | None) -> str | None:
    """A protein name as in p.Glu746_Ala750del without p. and in one-letter code: E746_A750del."""
    if not hgvs_p:
        return None
    bare = hgvs_p.removeprefix("p.").strip("()")
    return re.sub("[A-Z][a-z]{2}", lambda found: ONE.get(found[0], found[0]), bare)


def _finding(
    row: Mapping[str, Any],
    evidence: pl.DataFrame,
    approved: Sequence[dict[str, Any]],
    role: str | None,
    role_source: str,
    hotspot: Hotspot | None,
    hotspots_known: bool,
    second: tuple[str | None, dict[str, Any] | None],
    neighbours: OncogenicNeighbours | None,
    known: Predictors,
) -> dict[str, Any]:
    functional = evidence.filter(
        pl.col("evidence_type").is_in(["Functional", "Oncogenic"])
        & (pl.col("direction") == "Supports")
        & (pl.col("match").cast(pl.String) == "exact")
    )["id"].to_list()
    met = criteria(
        row,
        role,
        [str(item) for item in functional],
        hotspot,
        hotspots_known,
        role_source,
        neighbours,
        _predicted(row, known),
    )
    oncogenicity = oncogenicity_of(met)
    stated = clinvar_oncogenicity(row)
    found = highest_frequency(row)
    common = found is not None and found.af > COMMON
    altering = any_of(ALTERING, row["consequence"])
    verdict = tier_and_level(evidence, leading(oncogenicity, row), list(approved), common, altering)
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
                "oncogenicity_points": total(met),
                "oncogenicity_not_assessed": not_assessed(met),
                "clinvar_oncogenicity": stated,
                "clinvar_oncogenicity_stars": STARS.get(
                    row.get("clinvar_oncogenicity_review") or ""
                ),
                "leading_oncogenicity": leading(oncogenicity, row),
                "exon": row["exon"],
                "mane": row["mane"],
                "protein_pos": row["protein_pos"],
                "lod": row["lod"],
                "second_hit": second[1],
                "phase_set": row["phase_set"],
            }
        ),
    }


def _leading(finding: Mapping[str, Any]) -> str:
    return str(json.loads(finding["detail"])["leading_oncogenicity"])


def reported(finding: Mapping[str, Any], cancer_genes: Collection[str]) -> bool:
    """Shown: tiers I and II, oncogenic, or rare and protein-altering in a cancer gene."""
    if finding["amp_tier"] in TREATABLE or _leading(finding) in ONCOGENIC:
        return True
    known = finding["gene"] in cancer_genes and finding["amp_tier"] == "III"
    return known and any_of(ALTERING, finding["consequence"])
