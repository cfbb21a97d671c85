"""One patient: every record judged, findings ranked, the account closed, the tables written."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from shirube.cancer.biomarkers import biomarker_findings
from shirube.cancer.case import hereditary_stage, somatic_stage
from shirube.cancer.chip import with_blood
from shirube.cancer.clonality import with_clonality
from shirube.cancer.copies import once, segment_stage, with_copies
from shirube.cancer.escat import with_escat
from shirube.cancer.skipping import with_skipping
from shirube.cancer.structural import structural_stage
from shirube.cancer.tiers import LEVELS, TIERS
from shirube.cancer.tumour_only import with_probability
from shirube.cancer.tumour_type import accepted_types
from shirube.cancer.withheld import withheld
from shirube.contracts import (
    CLINICAL_EVIDENCE,
    FINDINGS,
    LEDGER,
    WITHHELD,
    metadata,
    read,
    write,
)
from shirube.contracts.family import HOMOZYGOSITY, PEDIGREE
from shirube.contracts.tables import BY_NAME
from shirube.files import whole
from shirube.genome.alleles import canonical
from shirube.genome.regions import read_contigs
from shirube.home import RESOURCES
from shirube.interpret.cancer_genes import hereditary, usual_transcripts
from shirube.interpret.curated import curated_tables
from shirube.interpret.genes import GeneKnowledge
from shirube.interpret.inputs import Knowledge, Paths
from shirube.interpret.person import Person, person
from shirube.interpret.phenotype import Phenotypes
from shirube.interpret.question import question_of
from shirube.interpret.residue import ClinVar
from shirube.interpret.rows import table
from shirube.interpret.rules import rules_with
from shirube.interpret.stage import Account
from shirube.interpret.together import with_molecules
from shirube.ledger import ledger
from shirube.rare.case import rare_stage
from shirube.rare.family import Family, Relative
from shirube.rare.gene_copies import copies_stage
from shirube.rare.pedigree import parents_confirmed
from shirube.rare.repeats import repeat_stage
from shirube.rare.segregation import Kin
from shirube.reads.phase import ReadPhase

_CLASSES = ["Pathogenic", "Likely pathogenic"]


def interpret(
    person: Person, knowledge: Knowledge, paths: Paths, family: Family
) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """FINDINGS, LEDGER and the number of records that went in.

    Markers and copy-number segments measured here are no records of a caller: they make findings,
    and have no row in the ledger. Segments of a file given have.

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
    segments = paths.table("copy_number")
    account.add(segment_stage(person, segments, knowledge, accepted, roles))
    account.findings = once(account.findings)
    segments = segments.filter(pl.col("filter") == "PASS")
    account.findings += biomarker_findings(paths.table("markers"), knowledge, accepted)
    with_copies(account.findings, segments, knowledge.gene_models)
    about = metadata(paths.copy_number) if paths.copy_number else {}
    with_clonality(account.findings, segments, about, person.sex)
    with_probability(account.findings)
    with_blood(account.findings, frozenset(knowledge.curated["chip_genes"]["gene"]))
    with_molecules(account.findings, paths.together, paths.phases())
    with_skipping(account.findings, knowledge.curated.get("driver_events"))
    if person.programme == "cancer":
        with_escat(account.findings, knowledge.curated.get("escat_tiers"), accepted)
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


GENE_TABLES = {
    "gene_diseases": "diseases",
    "gene_dosage": "dosage",
    "gene_constraint": "constraint",
    "nando_genes": "nando",
}
# Of a request, what is the same for everybody of a run; the rest is of the patient.
PER_RUN = ("knowledge", "tables", "specifications", "predictor", "fasta", "aliases")


@dataclass(frozen=True)
class World:
    """Knowledge of a run, and what of it is no field of `Knowledge`.

    `usual`: transcripts that tumours' genes are named on; `contigs`: canonical chromosome -> name
    in the reference.
    """

    knowledge: Knowledge
    usual: frozenset[str]
    contigs: Mapping[str, str]


@dataclass(frozen=True)
class Outputs:
    """Where a patient's tables and request are written."""

    findings: str
    ledger: str
    withheld: str
    asked: str


def read_world(
    knowledge: Sequence[str],
    tables: Sequence[str],
    specifications: Sequence[str],
    predictor: str | None,
    fasta: str,
    aliases: dict[str, str] | None,
) -> World:
    """The knowledge of a run.

    `knowledge` are the imported tables, `tables` the curated ones; `specifications` tables of
    gene-specific criteria; `predictor` the one asked of missense changes.
    """
    files_of = {Path(path).stem: path for path in knowledge}
    curated, clinvar = curated_tables(list(tables)), files_of.pop("clinvar", None)
    known = {name: read(BY_NAME[name], path) for name, path in files_of.items()}
    evidence = known.pop("clinical_evidence", CLINICAL_EVIDENCE.empty())
    usual = usual_transcripts(known.pop("isoforms", None))
    about_genes = {name: known.pop(name, None) for name in GENE_TABLES}
    phenotypes = None
    terms, genes = known.pop("phenotype_terms", None), known.pop("phenotype_genes", None)
    profiles = known.pop("phenotype_diseases", None)
    if terms is not None and genes is not None:
        phenotypes = Phenotypes(terms, genes, about_genes["gene_diseases"], profiles)
    world = Knowledge(
        curated,
        evidence=evidence,
        **known,
        genes=GeneKnowledge(
            **{GENE_TABLES[name]: table for name, table in about_genes.items()},
            hereditary=hereditary(curated["hereditary_cancer_genes"], known.get("predisposition")),
        ),
        phenotypes=phenotypes,
        clinvar=ClinVar(clinvar, fasta, aliases) if clinvar else None,
        rules=rules_with(specifications),
        predictor=predictor,
    )
    names = {
        chrom: name
        for name in read_contigs(f"{fasta}.fai")
        if (chrom := canonical(name, aliases)) is not None
    }
    return World(world, usual, names)


def write_patient(request: Mapping[str, Any], world: World, outputs: Outputs) -> int:
    """Write FINDINGS, LEDGER, WITHHELD and the request; return the number of records.

    Of `request`: `row` the patient's row of the sheet, `names` the samples `normal` and `tumour`;
    `parents` for father and mother patient name, affected, calls, known (gVCF or BED) and events;
    `kin` patient, calls and known of further relatives, `people` the family's rows of the sheet;
    `files` the patient's own tables by `Paths` field; `pedigree` the checks of declared parents;
    `homozygosity` the patient's runs; `reads` the normal's, of the sample `name_in_file`, of a
    rare-disease patient, `fragments` what they showed before; `par` the pseudo-autosomal intervals
    by chromosome.

    What is written of the request, with what the reads showed of the phase, is all that
    `shirube reinterpret` needs to judge the patient again.
    """
    row, reads = request["row"], request["reads"]
    relatives = {
        role: Relative(
            str(parent["patient"]),
            str(parent["calls"]),
            str(parent["known"]),
            {"yes": True, "no": False}.get(parent["affected"] or ""),
            parent["events"],
        )
        for role, parent in request["parents"].items()
    }
    one = person(row, request["names"]["normal"], request["names"]["tumour"])
    phase = (
        ReadPhase(
            reads,
            request["fasta"],
            request["name_in_file"],
            world.contigs,
            kept=request.get("fragments", {}),
        )
        if reads
        else None
    )
    own = Paths(
        request["annotation"],
        par=request["par"],
        usual=world.usual if one.programme == "cancer" else frozenset(),
        phase=phase,
        **request["files"],
    )
    pedigree, homozygosity = request["pedigree"], request["homozygosity"]
    relations = Family(
        aliases=request["aliases"],
        confirmed=bool(pedigree) and parents_confirmed(read(PEDIGREE, str(pedigree))),
        stretches=read(HOMOZYGOSITY, homozygosity) if homozygosity else None,
        kin=tuple(Relative(k["patient"], k["calls"], k["known"]) for k in request["kin"]),
        people={str(person_["patient"]): kinship(person_) for person_ in request["people"]},
        **relatives,
    )
    found, fates, records = interpret(one, world.knowledge, own, relations)
    accepted = accepted_types(one.diagnosis, world.knowledge.oncotree)
    write(found, FINDINGS, outputs.findings)
    write(fates, LEDGER, outputs.ledger, {"records_in": str(records)})
    write(withheld(world.knowledge, own, accepted), WITHHELD, outputs.withheld)
    shown = {pair: list(counts) for pair, counts in phase.asked.items()} if phase else {}
    with whole(outputs.asked) as part:
        part.write_text(kept_request({**request, "fragments": shown}), encoding="utf-8")
    return records


def kept_request(request: Mapping[str, Any]) -> str:
    """A request as it is kept: tables that come with the workflow by name, wherever it lies."""
    shipped = [_shipped(path) for path in request["specifications"]]
    kept = {**request, "specifications": shipped, "tables": sorted(map(_table, request["tables"]))}
    return json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read_request(path: str | Path) -> dict[str, Any]:
    """A request that `kept_request` wrote."""
    request: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    own = [name if "/" in name else RESOURCES / f"{name}.tsv" for name in request["tables"]]
    stated = [str(RESOURCES / p) if "/" not in p else p for p in request["specifications"]]
    return request | {"tables": [str(path) for path in own], "specifications": stated}


def _table(path: str) -> str:
    """Stem of a table that comes with the workflow, else the path of a site's own list."""
    if not Path(path).is_file():
        return Path(path).stem
    shipped = _shipped(path)
    return shipped if "/" in shipped else Path(shipped).stem


def _shipped(path: str) -> str:
    """Name of a table that comes with the workflow (Snakemake may have copied it), else `path`."""
    own = RESOURCES / Path(path).name
    same = own.is_file() and own.read_bytes() == Path(path).read_bytes()
    return own.name if same else path if "/" in path else f"./{path}"


def kinship(row: Mapping[str, str | None]) -> Kin:
    """A person of the family from a row of the sheet."""
    affected = {"yes": True, "no": False}.get(row["affected"] or "")
    return Kin(str(row["patient"]), row["father"], row["mother"], row["sex"] or "unknown", affected)
