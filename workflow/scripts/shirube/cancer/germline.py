"""Germline findings of a cancer patient: genes of hereditary tumours."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from shirube.cancer.second_hit import of_germline
from shirube.genome.alleles import allele_id
from shirube.interpret.acmg import classified, criteria
from shirube.interpret.classify import answers
from shirube.interpret.context import Context
from shirube.interpret.germline import columns_of
from shirube.interpret.rows import detail, name_of


def finding(
    allele: Mapping[str, Any],
    section: str,
    gene_facts: Mapping[str, str | None],
    context: Context,
    loh: pl.DataFrame,
    somatic: pl.DataFrame,
) -> dict[str, Any]:
    """A FINDINGS row (rank null) for a described germline allele, with its protein_pos and exon."""
    found = criteria(allele, context)
    computed, points = classified(found)
    both, clinvar = answers(allele, computed, points)
    statement, facts = of_germline(allele, loh, somatic)
    modes = gene_facts.get("inheritance")
    return columns_of(dict(allele)) | {
        "finding": allele_id(
            "germline", str(allele["chrom"]), allele["pos"], allele["ref"], allele["alt"]
        ),
        "section": section,
        "protein_pos": allele.get("protein_pos"),
        "exon": allele.get("exon"),
        "origin": "germline",
        "name": name_of(
            allele.get("gene"), allele.get("hgvs_p"), allele.get("hgvs_c"), allele.get("hgvs_g")
        ),
        "normal_dp": allele.get("dp"),
        "normal_ad": allele.get("ad_alt"),
        "classification": computed,
        "leading": both.leading,
        "criteria": [*found, clinvar],
        "evidence": [],
        "second_hit": statement,
        "detail": detail(
            {
                "second_hit": facts,
                **both.detail(),
                "gene_inheritance": modes.split("/") if modes else None,
                "gene_source": gene_facts.get("source"),
                "mane": allele.get("mane"),
                "exon": allele.get("exon"),
                "clinvar_conditions": allele.get("clinvar_conditions"),
                "clinvar_release": allele.get("clinvar_release"),
            }
        ),
    }


def meets(rule: str, group: list[dict[str, Any]]) -> bool:
    """Whether the pathogenic findings of one gene satisfy its rule of the secondary list."""
    if rule == "any":
        return bool(group)
    homozygous = [f for f in group if f["zygosity"] in ("homozygous", "hemizygous")]
    if rule == "two":
        return bool(homozygous) or len(group) >= 2
    wanted = rule.removeprefix("homozygous ")
    return any((f["hgvs_p"] or "").replace("(", "").replace(")", "") == wanted for f in homozygous)
