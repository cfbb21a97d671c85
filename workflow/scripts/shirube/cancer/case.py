"""A cancer patient: somatic variants, hereditary variants with their second hit, fusions."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from shirube.cancer import germline as hereditary
from shirube.cancer import somatic
from shirube.cancer.evidence import for_alleles
from shirube.cancer.tiers import (
    TIERS,
    approvals,
    listed,
    listed_approvals,
    tier_and_level,
    weighed,
)
from shirube.changes.molecules import CARRIED
from shirube.interpret.alleles import genes_in, require_annotated
from shirube.interpret.classify import REPORTED
from shirube.interpret.consequence import ALTERING, has
from shirube.interpret.context import Context
from shirube.interpret.germline import (
    allele_rules,
    call_rules,
    described_germline,
    question_rule,
)
from shirube.interpret.inputs import Knowledge, Paths
from shirube.interpret.person import Person
from shirube.interpret.question import question_of
from shirube.interpret.stage import DUPLICATE, Account, Judged, Verdict, first_of_each, run_stage

SHOWN = "tier I or II, oncogenic, or protein altering in a cancer gene"
PASSED = pl.col("filter") == "PASS"


def described_somatic(paths: Paths, cancer_genes: set[str]) -> Iterator[pl.DataFrame]:
    """Somatic candidates by chromosome; every one that passed must be annotated."""
    found = paths.candidates()
    if found is None:
        return
    for chrom in paths.chroms(found):
        rows = paths.of_chrom(
            found, chrom, genes_in(cancer_genes) & (pl.col("impact") != "MODIFIER"), "somatic"
        )
        if rows.height:
            require_annotated(rows, PASSED, paths.annotation.get(chrom, "annotation"))
            yield rows


def somatic_stage(
    person: Person, knowledge: Knowledge, paths: Paths, accepted: frozenset[str]
) -> Account:
    """Every somatic candidate: filtered, tiered or reported."""
    roles = knowledge.roles
    known = set(roles) | set(knowledge.evidence["gene"].drop_nulls().to_list())

    def judge(rows: pl.DataFrame) -> Judged:
        named = somatic.candidates(rows)
        found = somatic.findings(
            named,
            knowledge.evidence,
            knowledge.curated["civic_levels"],
            knowledge.curated["japan_approvals"],
            accepted,
            roles,
            knowledge.hotspots,
            knowledge.spans(),
            paths.table("loh"),
            knowledge.role_source,
            somatic.oncogenic_neighbours(named, knowledge),
            somatic.Predictors(knowledge.rules, knowledge.predictor),
        )
        verdicts: list[Verdict] = []
        kept = []
        for finding in found:
            shown = somatic.reported(finding, known)
            value = f"{finding['amp_tier']}, {finding['oncogenicity']}"
            fate = "reported" if shown else "tiered"
            verdicts.append(
                (fate, "amp_tier", value, "tier I or II, oncogenic, or in a cancer gene")
            )
            kept += [finding] if shown else []
        return Judged(verdicts, kept)

    sample = person.tumour or ""
    tables = described_somatic(paths, set(roles))
    return run_stage("somatic", sample, tables, somatic.call_rules(), judge)


def passed_somatic(paths: Paths) -> pl.DataFrame:
    """Described somatic alleles that passed, for the second hits."""
    tables = [rows.filter(PASSED, CARRIED) for rows in described_somatic(paths, set())]
    return pl.concat(tables) if tables else pl.DataFrame(schema={"gene": pl.String})


def hereditary_stage(
    person: Person, knowledge: Knowledge, paths: Paths, accepted: frozenset[str]
) -> Account:
    """Every germline record, asked for hereditary tumours and (on consent) secondary findings."""
    genes = knowledge.hereditary
    question = question_of(person, knowledge)
    wanted = question.only or frozenset()
    loh, hits = paths.table("loh"), passed_somatic(paths)

    def judge(rows: pl.DataFrame) -> Judged:
        first = first_of_each(rows)
        found: list[dict[str, Any]] = []
        near = knowledge.neighbours(rows.rows(named=True))
        for row in rows.rows(named=True):
            section = question.section(row["gene"])
            stated = genes.get(row["gene"], {})
            facts = _facts(knowledge, row["gene"]) | {k: v for k, v in stated.items() if v}
            transcript = knowledge.transcript(row["transcript"])
            context = Context(
                inheritance=facts.get("inheritance"),
                mechanism=facts.get("mechanism"),
                mechanism_source=facts.get("source"),
                transcript=transcript,
                revel=row.get("revel"),
                alphamissense=row.get("alphamissense"),
                cadd=row.get("cadd"),
                spliceai=row.get("spliceai"),
                rules=knowledge.rules,
                predictor=knowledge.predictor,
                **(near.of(row) if near else {}),
            )
            told = row | {"clinvar_release": knowledge.clinvar_release(row)}
            found.append(hereditary.finding(told, section, facts, context, loh, hits))
        shown = [one and f["leading"] in REPORTED for f, one in zip(found, first, strict=True)]
        _hold_back(found, shown, question.secondary)
        verdicts = [
            DUPLICATE if not one else _verdict(f, show)
            for f, show, one in zip(found, shown, first, strict=True)
        ]
        kept = [f for f, show in zip(found, shown, strict=True) if show]
        _with_evidence(kept, knowledge, accepted)
        return Judged(verdicts, kept)

    rules = [
        *call_rules(),
        question_rule(genes_in(wanted)),
        *allele_rules(
            has(ALTERING), "protein altering, splice site, predicted splicing or ClinVar pathogenic"
        ),
    ]
    tables = described_germline(paths, genes_in(wanted), person.sex)
    return run_stage("germline", person.normal or "", tables, rules, judge)


def _facts(knowledge: Knowledge, gene: str) -> dict[str, str | None]:
    """Mechanism and inheritance of a gene outside the table of hereditary tumours."""
    known = knowledge.genes.of(gene)
    modes = "/".join(sorted(known.inheritance)) or None
    loss = "loss" if known.loss == "established" else None
    return {"mechanism": loss, "inheritance": modes, "source": known.loss_source}


def _verdict(finding: dict[str, Any], shown: bool) -> Verdict:
    fate = "reported" if shown else "tiered"
    return (fate, "acmg_class", finding["leading"], "Likely pathogenic or Pathogenic")


def _hold_back(found: list[dict[str, Any]], shown: list[bool], rules: dict[str, str]) -> None:
    """Secondary genes that ask for two variants or a certain one: not shown unless they have it."""
    for gene in sorted({f["gene"] for f in found if f["section"] == "secondary" and f["gene"]}):
        at = [i for i, f in enumerate(found) if shown[i] and f["gene"] == gene]
        if not hereditary.meets(rules.get(gene, "any"), [found[i] for i in at]):
            for i in at:
                shown[i] = False


def _with_evidence(
    findings: list[dict[str, Any]], knowledge: Knowledge, accepted: frozenset[str]
) -> None:
    """Clinical evidence on germline variants, with the level and the tier of its drugs.

    Level F and tiers III and IV say what a tumour's variant is, not what an inherited one is for.
    """
    if not findings:
        return
    rows = pl.DataFrame(
        [
            {
                "finding": f["finding"],
                "gene": f["gene"],
                "hgvs_p": f["hgvs_p"],
                "hgvs_c": f["hgvs_c"],
                "protein_pos": f.pop("protein_pos"),
                "exon": f.pop("exon"),
                "consequence": f["consequence"],
            }
            for f in findings
        ],
        schema={
            "finding": pl.String,
            "gene": pl.String,
            "hgvs_p": pl.String,
            "hgvs_c": pl.String,
            "protein_pos": pl.Int32,
            "exon": pl.String,
            "consequence": pl.String,
        },
    )
    matched = weighed(
        for_alleles(rows, knowledge.evidence, germline=True),
        accepted,
        knowledge.curated["civic_levels"],
    )
    for finding in findings:
        mine = matched.filter(pl.col("finding") == finding["finding"])
        approved = approvals(finding, "germline", knowledge.curated["japan_approvals"], accepted)
        verdict = tier_and_level(mine, "Oncogenic", approved, common=False, altering=True)
        finding["evidence"] = [*listed_approvals(approved), *listed(mine)]
        level, tier = verdict["japan_level"], verdict["amp_tier"]
        finding["japan_level"] = level if level != "F" else None
        finding["amp_tier"] = tier if tier in TIERS[:4] else None
