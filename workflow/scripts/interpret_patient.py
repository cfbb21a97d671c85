"""Rule interpret_patient."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shirube.cancer.tumour_type import accepted_types
from shirube.cancer.withheld import withheld
from shirube.contracts import (
    CLINICAL_EVIDENCE,
    FINDINGS,
    LEDGER,
    WITHHELD,
    read,
    write,
)
from shirube.contracts.family import HOMOZYGOSITY, PEDIGREE
from shirube.contracts.tables import BY_NAME
from shirube.genome.alleles import canonical
from shirube.genome.regions import read_contigs
from shirube.interpret.cancer_genes import hereditary, usual_transcripts
from shirube.interpret.curated import curated_tables
from shirube.interpret.genes import GeneKnowledge
from shirube.interpret.inputs import Knowledge, Paths
from shirube.interpret.person import person
from shirube.interpret.phenotype import Phenotypes
from shirube.interpret.residue import ClinVar
from shirube.interpret.rules import rules_with
from shirube.interpretation import interpret
from shirube.logs import job_log
from shirube.rare.family import Family, Relative
from shirube.rare.pedigree import parents_confirmed
from shirube.rare.segregation import Kin
from shirube.reads.phase import ReadPhase

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

GENE_TABLES = {
    "gene_diseases": "diseases",
    "gene_dosage": "dosage",
    "gene_constraint": "constraint",
    "nando_genes": "nando",
}


def main(
    *,
    row: dict[str, str | None],
    names: dict[str, str | None],
    parents: dict[str, dict[str, str | None]],
    kin: list[dict[str, str]],
    people: list[dict[str, str | None]],
    files: dict[str, str | None],
    annotation: dict[str, str],
    knowledge: Sequence[str],
    tables: list[str],
    pedigree: str | None,
    homozygosity: str | None,
    reads: str | None,
    name_in_file: str | None,
    par: dict[str, list[tuple[int, int]]],
    specifications: list[str],
    predictor: str | None,
    fasta: str,
    aliases: dict[str, str] | None,
    findings: str,
    ledger: str,
    seen: str,
) -> int:
    """Write FINDINGS, LEDGER, WITHHELD (`seen`) of a patient; return the number of records.

    `names` holds the sample names `normal` and `tumour`; `parents` for father and mother their
    patient name, affected, calls and known (gVCF or BED); `kin` patient, calls and known of further
    relatives, `people` the family's rows of the sheet; `files` the patient's own tables by `Paths`
    field; `knowledge` the imported tables, `tables` the curated ones; `pedigree` the checks of
    declared parents; `homozygosity` the patient's runs; `reads` the normal's, of the sample
    `name_in_file`, of a rare-disease patient; `par` the pseudo-autosomal intervals by chromosome;
    `specifications` tables of gene-specific criteria; `predictor` the one asked of missense
    changes.
    """
    files_of = {Path(path).stem: path for path in knowledge}
    curated, clinvar = curated_tables(tables), files_of.pop("clinvar", None)
    known = {name: read(BY_NAME[name], path) for name, path in files_of.items()}
    evidence = known.pop("clinical_evidence", CLINICAL_EVIDENCE.empty())
    usual = usual_transcripts(known.pop("isoforms", None))
    about_genes = {name: known.pop(name, None) for name in GENE_TABLES}
    phenotypes = None
    terms, genes = known.pop("phenotype_terms", None), known.pop("phenotype_genes", None)
    profiles = known.pop("phenotype_diseases", None)
    if terms is not None and genes is not None:
        phenotypes = Phenotypes(terms, genes, about_genes["gene_diseases"], profiles)
    relatives = {
        role: Relative(
            str(parent["patient"]),
            str(parent["calls"]),
            str(parent["known"]),
            {"yes": True, "no": False}.get(parent["affected"] or ""),
            parent["events"],
        )
        for role, parent in parents.items()
    }
    one = person(row, names["normal"], names["tumour"])
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
    own = Paths(
        annotation,
        par=par,
        usual=usual if one.programme == "cancer" else frozenset(),
        phase=ReadPhase(reads, fasta, name_in_file, contigs(fasta, aliases)) if reads else None,
        **files,
    )
    relations = Family(
        aliases=aliases,
        confirmed=bool(pedigree) and parents_confirmed(read(PEDIGREE, str(pedigree))),
        stretches=read(HOMOZYGOSITY, homozygosity) if homozygosity else None,
        kin=tuple(Relative(one["patient"], one["calls"], one["known"]) for one in kin),
        people={str(one["patient"]): kinship(one) for one in people},
        **relatives,
    )
    found, fates, records = interpret(one, world, own, relations)
    accepted = accepted_types(one.diagnosis, world.oncotree)
    write(found, FINDINGS, findings)
    write(fates, LEDGER, ledger, {"records_in": str(records)})
    write(withheld(world, own, accepted), WITHHELD, seen)
    return records


def kinship(row: dict[str, str | None]) -> Kin:
    """A person of the family from a row of the sheet."""
    affected = {"yes": True, "no": False}.get(row["affected"] or "")
    return Kin(str(row["patient"]), row["father"], row["mother"], row["sex"] or "unknown", affected)


def contigs(fasta: str, aliases: dict[str, str] | None) -> dict[str, str]:
    """Canonical chromosome -> name in the reference."""
    return {
        chrom: name
        for name in read_contigs(f"{fasta}.fai")
        if (chrom := canonical(name, aliases)) is not None
    }


if __name__ == "__main__":
    with job_log(snakemake.log[0]) as log:
        given, asked = snakemake.input, snakemake.params
        judged = main(
            row=asked.row,
            names=asked.names,
            parents={
                role: parent
                | {"calls": given[f"{role}_calls"], "known": given[f"{role}_known"]}
                | {"events": given.get(f"{role}_events") or None}
                for role, parent in asked.parents.items()
            },
            kin=[
                {"patient": name, "calls": calls, "known": known}
                for name, calls, known in zip(
                    asked.kin, given.kin_calls, given.kin_known, strict=True
                )
            ],
            people=asked.people,
            files={name: given.get(name) or None for name in asked.files},
            annotation=dict(zip(asked.chroms, given.annotation, strict=True)),
            knowledge=given.knowledge,
            tables=asked.curated,
            pedigree=given.get("pedigree") or None,
            homozygosity=given.get("homozygosity") or None,
            reads=next(iter(given.get("reads") or []), None),
            name_in_file=asked.name_in_file,
            par=asked.par,
            specifications=asked.specifications,
            predictor=asked.predictor,
            fasta=given.fasta,
            aliases=asked.aliases,
            findings=snakemake.output.findings,
            ledger=snakemake.output.ledger,
            seen=snakemake.output.withheld,
        )
        log.info("%d records judged", judged)
