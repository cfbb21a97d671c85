"""A rare-disease patient: candidates, their inheritance, class and rank."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp
from typing import Any

import polars as pl

from shirube.genome.alleles import allele_id
from shirube.interpret.acmg import classified, criteria
from shirube.interpret.alleles import genes_in
from shirube.interpret.classify import REPORTED, answers
from shirube.interpret.consequence import LOOKED_AT
from shirube.interpret.context import Context, Partner, Segregation
from shirube.interpret.genes import GeneFacts
from shirube.interpret.germline import (
    IMPOSSIBLE,
    allele_rules,
    call_rules,
    columns_of,
    described_germline,
    harm_of,
    question_rule,
)
from shirube.interpret.inputs import Knowledge, Paths
from shirube.interpret.person import Person
from shirube.interpret.phenotype import Match
from shirube.interpret.question import Question, question_of
from shirube.interpret.rows import detail, highest_frequency, name_of
from shirube.interpret.stage import DUPLICATE, Account, Judged, Verdict, first_of_each, run_stage
from shirube.knowledge.significance import is_benign, is_pathogenic
from shirube.phase.pairs import phase_of, shown
from shirube.rare.family import Family, with_parents
from shirube.rare.inheritance import Fit, Origin, fit, origin, two_copies_explained
from shirube.rare.score import UNKNOWN_GENE, mode_weight, total_score, variant_score
from shirube.rare.segregation import of_candidate
from shirube.reads.phase import ReadPhase
from shirube.reasons import Reason, because

# A gene the phenotype does not point to is looked at for the allele alone: what HPO says of genes
# is incomplete.
SHOWN, LEAST, LEAST_ALONE = 50, 0.02, 0.13


@dataclass(frozen=True)
class Case:
    """A patient with knowledge, family, and the fit of the phenotype to genes."""

    person: Person
    knowledge: Knowledge
    family: Family
    matches: Mapping[str, Match]
    phase: ReadPhase | None = None

    @property
    def phenotyped(self) -> bool:
        """Whether an ontology is configured that knows any of the observed terms."""
        known = self.knowledge.phenotypes
        return known is not None and bool(known.known(self.person.hpo)[0])


def rare_stage(person: Person, knowledge: Knowledge, paths: Paths, family: Family) -> Account:
    """Every germline record of an affected person."""
    question = question_of(person, knowledge)
    inside = ~genes_in(question.withheld)

    def judge(rows: pl.DataFrame) -> Judged:
        first = first_of_each(rows)
        matches = {}
        if knowledge.phenotypes is not None:
            genes = rows["gene"].drop_nulls().unique().sort().to_list()
            matches = knowledge.phenotypes.matches(person.hpo, person.absent, genes)
        case = Case(person, knowledge, family, matches, paths.phase)
        found = candidates(with_parents(rows, family, paths.par), case)
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
                kept.append(found[i] | {"section": _section(found[i], question)})
        return Judged(verdicts, kept)

    rules = [
        *call_rules(),
        question_rule(inside),
        *allele_rules(
            LOOKED_AT,
            "protein altering, splice region, predicted splicing or ClinVar pathogenic",
        ),
    ]
    tables = described_germline(paths, inside, person.sex)
    return run_stage("germline", person.normal or "", tables, rules, judge)


def _section(finding: Mapping[str, Any], question: Question) -> str:
    """Pathogenic alleles of listed genes that neither phenotype nor family asks for: secondary."""
    listed = finding["gene"] in question.secondary and finding["leading"] in REPORTED
    return "secondary" if listed and finding["fit"] <= 0.1 else "rare"


def _verdict(finding: Mapping[str, Any], place: int) -> Verdict:
    stated = is_pathogenic(finding["clinvar_significance"])
    value = f"{finding['score']:.3f}, place {place}, {finding['leading']}"
    wanted = (
        f"score from {LEAST} (from {LEAST_ALONE} without the phenotype), among the first {SHOWN}, "
        "or pathogenic"
    )
    shown = stated or bool({finding["leading"], finding["classification"]} & set(REPORTED))
    enough = finding["score"] >= LEAST or finding["alone"] >= LEAST_ALONE
    shown = shown or (place <= SHOWN and enough)
    return ("reported" if shown else "tiered", "rare_score", value, wanted)


def candidates(rows: pl.DataFrame, case: Case) -> list[dict[str, Any]]:
    """A FINDINGS row (rank null, with score, alone and fit) for each candidate, in their order."""
    alleles = rows.rows(named=True)
    by_gene: dict[str, list[int]] = {}
    for i, row in enumerate(alleles):
        if row["gene"] and row["zygosity"] == "heterozygous" and not row.get(IMPOSSIBLE):
            by_gene.setdefault(row["gene"], []).append(i)
    facts: dict[str | None, GeneFacts] = {}
    near = case.knowledge.neighbours(alleles)
    out = []
    for i, row in enumerate(alleles):
        frequency = highest_frequency(row)
        came = origin(row, frequency.af if frequency else None)
        partners = [
            {"name": _name(alleles[j]), "clinvar": alleles[j]["clinvar_significance"]}
            | _phase(row, alleles[j], case.phase)
            for j in by_gene.get(row["gene"] or "", ())
            if i in by_gene[row["gene"] or ""] and j != i and _differ(row, alleles[j])
        ]
        allies = [
            alleles[j]
            for j in by_gene.get(row["gene"] or "", ())
            if i in by_gene[row["gene"] or ""]
            and j != i
            and _differ(row, alleles[j])
            and _phase(row, alleles[j], None)["trans"]
        ]
        if row["gene"] not in facts:
            facts[row["gene"]] = case.knowledge.genes.of(row["gene"])
        mode = _placed(fit(row, came, case.family, partners), row, case.family.stretches)
        context = replace(
            _context(row, case, facts[row["gene"]], came, partners, allies),
            **(near.of(row) if near else {}),
        )
        out.append(_candidate(row, case, facts[row["gene"]], came, mode, partners, context))
    return out


def _placed(mode: Fit, row: Mapping[str, Any], stretches: pl.DataFrame | None) -> Fit:
    """`mode` with the run of homozygosity or uniparental chromosome a homozygote lies in."""
    if stretches is None or row["zygosity"] != "homozygous":
        return mode
    over = stretches.filter(
        (pl.col("chrom") == row["chrom"])
        & (pl.col("start") < row["pos"])
        & (row["pos"] <= pl.col("end"))
    )
    reasons = [_of_run(kind, run) for kind, run in over.select("kind", "reason").rows()]
    return replace(mode, reason=mode.reason.and_(*reasons))


def _of_run(kind: str, run: str) -> Reason:
    if kind == "upd_maternal":
        return because("inheritance.upd_maternal", run=run)
    if kind == "upd_paternal":
        return because("inheritance.upd_paternal", run=run)
    return because("inheritance.roh", run=run)


def _differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (one["pos"], one["ref"], one["alt"]) != (other["pos"], other["ref"], other["alt"])


def _phase(
    row: Mapping[str, Any], other: Mapping[str, Any], reads: ReadPhase | None
) -> dict[str, Any]:
    """Whether two alleles are in trans, by what, and the fragments that show cis and trans."""
    one, two = ({**allele, "origin": "germline"} for allele in (row, other))
    told = phase_of(one, two, reads)
    cis, trans = shown(one, two, told.fragments) if told.fragments else (None, None)
    return {
        "trans": {"cis": False, "trans": True}.get(told.phase),
        "fragments": None if cis is None else {"cis": cis, "trans": trans},
        "basis": told.basis,
    }


def _name(row: Mapping[str, Any]) -> str:
    return name_of(row["gene"], row["hgvs_p"], row["hgvs_c"], row["hgvs_g"])


def _shared_genes(match: Match | None) -> int | None:
    """Genes that have the most specific of the terms that match; None where none does."""
    if match is None or not match.pairs:
        return None
    return round(match.of * exp(-max(content for _, _, content in match.pairs)))


def _segregation(
    row: Mapping[str, Any],
    case: Case,
    gene: GeneFacts,
    came: Origin,
    allies: list[dict[str, Any]],
) -> Segregation | None:
    """Segregation in a family of a gene known to make disease; a new mutation has none."""
    patient, family = case.person.patient, case.family
    known = bool(gene.inheritance) and patient in family.people
    if not known or came.label == "de_novo" or row.get(IMPOSSIBLE):
        return None
    return of_candidate(row, family.people, patient, family.columns, allies, full=False)


def _context(
    row: Mapping[str, Any],
    case: Case,
    gene: GeneFacts,
    came: Origin,
    partners: list[dict[str, Any]],
    allies: list[dict[str, Any]],
) -> Context:
    proven = [p for p in partners if is_pathogenic(p["clinvar"])]
    match = case.matches.get(row["gene"] or "")
    return Context(
        inheritance="/".join(sorted(gene.inheritance)) or None,
        mechanism={"established": "loss"}.get(gene.loss or "", gene.loss),
        mechanism_source=gene.loss_source,
        transcript=case.knowledge.transcript(row["transcript"]),
        de_novo=came.de_novo,
        confirmed=case.family.confirmed,
        partners=tuple(
            Partner(p["name"], harm_of(p["clinvar"]), p["trans"])
            for p in partners
            if not is_benign(p["clinvar"])
        ),
        cis_pathogenic=tuple(p["name"] for p in proven if p["trans"] is False),
        fragments=next((p["fragments"] for p in proven if p["fragments"]), None),
        segregation=_segregation(row, case, gene, came, allies),
        shared_genes=_shared_genes(match),
        phenotype_p=match.p if match else None,
        phenotype_score=match.score if match else None,
        revel=row.get("revel"),
        alphamissense=row.get("alphamissense"),
        cadd=row.get("cadd"),
        spliceai=row.get("spliceai"),
        rules=case.knowledge.rules,
        predictor=case.knowledge.predictor,
    )


def _candidate(
    row: Mapping[str, Any],
    case: Case,
    gene: GeneFacts,
    came: Origin,
    mode: Fit,
    partners: list[dict[str, Any]],
    context: Context,
) -> dict[str, Any]:
    # Two copies that a parent contradicts are no homozygote to PM3.
    judged = row if two_copies_explained(row) else {**row, "zygosity": None}
    met = criteria(judged, context)
    computed, points = classified(met)
    both, clinvar = answers(row, computed, points)
    known = case.knowledge.disease_genes()
    # Lists of disease genes (G2P) are of the nuclear genome; no chrM gene is unknown.
    listed = known is None or row["gene"] in known or str(row["chrom"]) == "chrM"
    match = case.matches.get(row["gene"] or "")
    weight = 1.0 if listed or case.phenotyped else UNKNOWN_GENE
    inheritance = mode_weight(mode.mode, mode.weight, _modes(case, row["gene"], gene))
    effect, rarity, variant = variant_score(
        row, both.leading, inheritance, weight, new=came.label == "de_novo"
    )
    score = total_score(variant, match, case.phenotyped, case.family.trio)
    return columns_of(dict(row)) | {
        "finding": allele_id("germline", str(row["chrom"]), row["pos"], row["ref"], row["alt"]),
        "section": "rare",
        "origin": "germline",
        "name": _name(row),
        "classification": computed,
        "leading": both.leading,
        "criteria": [*met, clinvar],
        "evidence": [],
        "inheritance": came.label,
        "score": score,
        "alone": variant,
        "fit": mode.weight,
        "detail": detail(
            {
                "score": round(score, 4),
                "score_parts": {
                    "effect": round(effect, 4),
                    "rarity": round(rarity, 4),
                    "inheritance": round(inheritance, 4),
                    "gene": weight,
                    "phenotype": round(match.weight, 4) if match else None,
                },
                "phenotype": _phenotype(case, match),
                "mode": mode.mode,
                "mode_reason": mode.reason,
                "mode_said": json.loads(mode.reason.json()),
                "impossible_genotype": row.get(IMPOSSIBLE) or None,
                **gene.described(),
                "diseases": _diseases(case, gene),
                "de_novo_posterior": None if came.de_novo is None else round(came.de_novo, 6),
                "mosaic_parent": came.mosaic_parent,
                "heteroplasmy": _heteroplasmy(row),
                "parents": _parents(row),
                "partners": partners or None,
                **both.detail(),
                "mane": row["mane"],
                "exon": row["exon"],
                "clinvar_conditions": row["clinvar_conditions"],
                "clinvar_release": case.knowledge.clinvar_release(row),
            }
        ),
    }


def _diseases(case: Case, gene: GeneFacts) -> list[dict[str, Any]] | None:
    """Diseases of a gene, each with what it is called elsewhere (Mondo, Orphanet, NANDO)."""
    listed = gene.described()["diseases"]
    if listed is None:
        return None
    return [one | {"elsewhere": case.knowledge.elsewhere(one["omim"])} for one in listed]


def _modes(case: Case, name: str | None, gene: GeneFacts) -> frozenset[str]:
    """Modes of inheritance of the gene's diseases; HPO's where no curated source states any."""
    known = case.knowledge.phenotypes
    if gene.inheritance or known is None or name is None:
        return gene.inheritance
    return known.inheritance_of(name)


def _phenotype(case: Case, match: Match | None) -> dict[str, Any] | None:
    """Score, place, parts, the disease that fits best and the terms with their labels."""
    known = case.knowledge.phenotypes
    if match is None or known is None:
        return None
    disease = None
    if match.disease is not None:
        disease = {
            "id": match.disease,
            "name": known.disease_names.get(match.disease),
            "inheritance": sorted(known.inheritance(match.disease)) or None,
            "elsewhere": case.knowledge.elsewhere(match.disease),
        }
    return {
        "score": round(match.score, 4),
        "p": round(match.p, 5),
        "place": match.place,
        "genes": match.of,
        "parts": dict(
            zip(("gene", "disease", "ratio"), (round(x, 3) for x in match.parts), strict=True)
        ),
        "disease": disease,
        "absent": [
            {"term": term, "name": known.names.get(term), "name_ja": known.names_ja.get(term)}
            for term in match.absent
        ]
        or None,
        "terms": [
            {
                "term": term,
                "name": known.names.get(term),
                "name_ja": known.names_ja.get(term),
                "matched": found or None,
                "matched_name": known.names.get(found),
                "matched_name_ja": known.names_ja.get(found),
                "content": round(content, 3),
            }
            for term, found, content in match.pairs
        ],
    }


def _heteroplasmy(row: Mapping[str, Any]) -> float | None:
    """Fraction of mitochondrial reads with the allele."""
    return round(row["vaf"], 4) if str(row["chrom"]) == "chrM" and row["vaf"] is not None else None


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
