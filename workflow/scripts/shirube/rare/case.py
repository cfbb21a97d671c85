"""A rare-disease patient: candidates, their inheritance, class and rank."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from shirube.cancer.case import described_germline
from shirube.interpret.alleles import genes_in
from shirube.interpret.classify import REPORTED, final_class
from shirube.interpret.consequence import ALTERING, SPLICE_REGION, has
from shirube.interpret.germline import (
    allele_rules,
    call_rules,
    columns_of,
    is_pathogenic,
    question_rule,
)
from shirube.interpret.inputs import Knowledge, Paths
from shirube.interpret.person import Person
from shirube.interpret.rows import allele_id, detail, name_of
from shirube.interpret.stage import DUPLICATE, Account, Judged, Verdict, first_of_each, run_stage
from shirube.rare.acmg import Context, classified, criteria, highest_frequency
from shirube.rare.family import Family, with_parents
from shirube.rare.inheritance import Fit, Origin, fit, in_trans, origin
from shirube.rare.score import variant_score

SHOWN, LEAST = 50, 0.05


def rare_stage(person: Person, knowledge: Knowledge, paths: Paths, family: Family) -> Account:
    """Every germline record of an affected person."""
    secondary = knowledge.column("secondary_findings", "gene", "report")
    withheld = set() if person.wants_secondary else set(secondary)
    inside = ~genes_in(withheld)

    def judge(rows: pl.DataFrame) -> Judged:
        first = first_of_each(rows)
        found = candidates(with_parents(rows, family), knowledge, family)
        order = sorted(
            (i for i, one in enumerate(first) if one),
            key=lambda i: (-found[i]["score"], found[i]["finding"]),
        )
        verdicts: list[Verdict] = [DUPLICATE] * len(found)
        kept = []
        for place, i in enumerate(order, 1):
            verdict = _verdict(found[i], place)
            verdicts[i] = verdict
            if verdict[0] == "reported":
                kept.append(found[i] | {"section": _section(found[i], secondary)})
        return Judged(verdicts, kept)

    rules = [
        *call_rules(),
        question_rule(inside),
        *allele_rules(
            has((*ALTERING, *SPLICE_REGION)),
            "protein altering, splice region or ClinVar pathogenic",
        ),
    ]
    tables = described_germline(paths, inside)
    return run_stage("germline", person.normal or "", tables, rules, judge)


def _section(finding: Mapping[str, Any], secondary: Mapping[str, str]) -> str:
    """Pathogenic alleles of listed genes that fit no mode in this family are secondary."""
    listed = finding["gene"] in secondary and finding["classification"] in REPORTED
    return "secondary" if listed and finding["fit"] <= 0.1 else "rare"


def _verdict(finding: Mapping[str, Any], place: int) -> Verdict:
    stated = is_pathogenic(finding["clinvar_significance"])
    value = f"{finding['score']:.3f}, place {place}, {finding['classification']}"
    wanted = f"score from {LEAST}, among the first {SHOWN}, or pathogenic"
    shown = stated or finding["classification"] in REPORTED
    shown = shown or (place <= SHOWN and finding["score"] >= LEAST)
    return ("reported" if shown else "tiered", "rare_score", value, wanted)


def candidates(rows: pl.DataFrame, knowledge: Knowledge, family: Family) -> list[dict[str, Any]]:
    """A FINDINGS row (rank null, with score and fit) for each candidate, in their order."""
    alleles = rows.rows(named=True)
    by_gene: dict[str, list[int]] = {}
    for i, row in enumerate(alleles):
        if row["gene"] and row["zygosity"] == "heterozygous":
            by_gene.setdefault(row["gene"], []).append(i)
    out = []
    for i, row in enumerate(alleles):
        frequency = highest_frequency(row)
        came = origin(row, frequency[0] if frequency else None)
        partners = [
            {"name": _name(alleles[j]), "trans": in_trans(row, alleles[j])}
            | {"clinvar": alleles[j]["clinvar_significance"]}
            for j in by_gene.get(row["gene"] or "", ())
            if row["zygosity"] == "heterozygous" and j != i and _differ(row, alleles[j])
        ]
        out.append(_candidate(row, knowledge, came, fit(row, came, family, partners), partners))
    return out


def _differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (one["pos"], one["ref"], one["alt"]) != (other["pos"], other["ref"], other["alt"])


def _name(row: Mapping[str, Any]) -> str:
    return name_of(row["gene"], row["hgvs_p"], row["hgvs_c"], row["hgvs_g"])


def _candidate(
    row: Mapping[str, Any],
    knowledge: Knowledge,
    came: Origin,
    mode: Fit,
    partners: list[dict[str, Any]],
) -> dict[str, Any]:
    proven = [p for p in partners if is_pathogenic(p["clinvar"])]
    context = Context(
        transcript=knowledge.transcript(row["transcript"]),
        de_novo=came.de_novo,
        trans=tuple(p["name"] for p in proven if p["trans"] is True),
        cis_pathogenic=tuple(p["name"] for p in proven if p["trans"] is False),
    )
    met = criteria(row, context)
    computed, points = classified(met)
    classification, clinvar = final_class(row, computed)
    effect, rarity, score = variant_score(row, classification, mode.weight)
    return columns_of(dict(row)) | {
        "finding": allele_id("germline", str(row["chrom"]), row["pos"], row["ref"], row["alt"]),
        "section": "rare",
        "origin": "germline",
        "name": _name(row),
        "classification": classification,
        "criteria": [*met, clinvar],
        "evidence": [],
        "inheritance": came.label,
        "score": score,
        "fit": mode.weight,
        "detail": detail(
            {
                "score": round(score, 4),
                "score_parts": {
                    "effect": round(effect, 4),
                    "rarity": round(rarity, 4),
                    "inheritance": round(mode.weight, 4),
                },
                "mode": mode.mode,
                "mode_reason": mode.reason,
                "de_novo_posterior": None if came.de_novo is None else round(came.de_novo, 6),
                "mosaic_parent": came.mosaic_parent,
                "parents": _parents(row),
                "partners": partners or None,
                "criteria_class": computed,
                "criteria_points": points,
                "mane": row["mane"],
                "exon": row["exon"],
                "clinvar_conditions": row["clinvar_conditions"],
            }
        ),
    }


def _parents(row: Mapping[str, Any]) -> dict[str, Any] | None:
    out = {
        role: {
            "ad_alt": row[f"{role}_ad_alt"],
            "dp": row[f"{role}_dp"],
            "copies": row[f"{role}_dosage"],
        }
        for role in ("mother", "father")
        if row.get(f"{role}_dp") is not None or row.get(f"{role}_dosage") is not None
    }
    return out or None
