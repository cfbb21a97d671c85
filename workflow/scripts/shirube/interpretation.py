"""One patient: every record judged, findings ranked, the account closed."""

from typing import Any

import polars as pl

from shirube.cancer.biomarkers import biomarker_findings
from shirube.cancer.case import hereditary_stage, somatic_stage
from shirube.cancer.copies import copy_findings, with_copies
from shirube.cancer.structural import structural_stage
from shirube.cancer.tiers import LEVELS, TIERS
from shirube.cancer.tumour_type import accepted_types
from shirube.interpret.inputs import Knowledge, Paths
from shirube.interpret.person import Person
from shirube.interpret.question import question_of
from shirube.interpret.rows import table
from shirube.interpret.stage import Account
from shirube.interpret.together import with_molecules
from shirube.ledger import ledger
from shirube.rare.case import rare_stage
from shirube.rare.family import Family
from shirube.rare.gene_copies import copies_stage
from shirube.rare.repeats import repeat_stage

_CLASSES = ["Pathogenic", "Likely pathogenic"]


def interpret(
    person: Person, knowledge: Knowledge, paths: Paths, family: Family
) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """FINDINGS, LEDGER and the number of records that went in.

    Copy-number segments and markers are measurements of the tumour, not records of a caller:
    they make findings, and have no row in the ledger.

    Raises ContractError if a record has no fate or more than one, InputError if a called allele
    is not in the annotation.
    """
    accepted = accepted_types(person.diagnosis, knowledge.oncotree)
    account = Account()
    if person.programme == "rare" and person.affected:
        account.add(rare_stage(person, knowledge, paths, family))
        question = question_of(person, knowledge)
        account.add(repeat_stage(person, knowledge, question, paths.table("repeats")))
        account.add(copies_stage(person, knowledge, question, paths.table("gene_copies")))
    else:
        account.add(hereditary_stage(person, knowledge, paths, accepted))
    account.add(somatic_stage(person, knowledge, paths, accepted))
    events = family.events()
    account.add(structural_stage(person, knowledge, paths, accepted, events, family.confirmed))
    roles = knowledge.roles
    account.findings += copy_findings(paths.table("copy_number"), knowledge, accepted, roles)
    account.findings += biomarker_findings(paths.table("markers"), knowledge, accepted)
    with_copies(account.findings, paths.table("copy_number"), knowledge.gene_models)
    with_molecules(account.findings, paths.together(), paths.phases())
    return table(ranked(account.findings)), ledger(account.parts, account.records), account.records


def _place(value: str | None, order: list[str]) -> int:
    return order.index(value) if value in order else len(order)


def ranked(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`findings` with rank: 1 first in each section, by urgency, then gene and id.

    A finding that brings a `score` (rare disease) is ordered by it, highest first.
    """
    ordered = sorted(
        findings,
        key=lambda f: (
            f["section"],
            -f.get("score", 0.0),
            _place(f.get("japan_level"), LEVELS) if f["section"] != "germline" else 0,
            _place(f.get("amp_tier"), TIERS),
            _place(f.get("leading") or f.get("classification"), _CLASSES),
            f.get("gene") or "",
            f["finding"],
        ),
    )
    ranks: dict[str, int] = {}
    for finding in ordered:
        ranks[finding["section"]] = ranks.get(finding["section"], 0) + 1
        finding["rank"] = ranks[finding["section"]]
    return ordered
