"""GenotypeRule build_report."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from shirube.calling.copy_number.state import tumour_state
from shirube.calling.somatic.model import Thresholds
from shirube.calling.structural.calling import Limits
from shirube.calling.structural.detection_limit import library_of
from shirube.cancer.tumour_type import accepted_types
from shirube.contracts import (
    CALLS,
    CLINICAL_EVIDENCE,
    COMPARISON,
    COPY_NUMBER,
    COVERAGE,
    DEPTH,
    FINDINGS,
    GENE_DEPTH,
    GENE_MODELS,
    LEDGER,
    LOH,
    MARKERS,
    MEMBERS,
    QUALITY,
    READS,
    SOMATIC,
    STRUCTURAL,
    WITHHELD,
    Contract,
    metadata,
    read,
    scan,
)
from shirube.contracts.family import HOMOZYGOSITY, PEDIGREE
from shirube.contracts.knowledge import ONCOTREE
from shirube.contracts.knowledge_cancer import EVIDENCE_BASIS
from shirube.contracts.knowledge_rare import (
    GENE_DISEASES,
    NANDO_GENES,
    PHENOTYPE_DISEASES,
    PHENOTYPE_TERMS,
)
from shirube.contracts.loci import GENE_COPIES, REPEATS
from shirube.contracts.pharmacogenomics import (
    DIPLOTYPE_PHENOTYPES,
    DRUG_RECOMMENDATIONS,
    STAR_ALLELES,
    STAR_POSITIONS,
)
from shirube.contracts.samples import TARGETS
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.intervals import Arrays
from shirube.genome.regions import bed_arrays
from shirube.knowledge.approvals import coverage, read_approvals
from shirube.knowledge.trials import read_trials
from shirube.logs import job_log
from shirube.pgx.result import copies_of, not_assessed, outside_calls, pharmacogenomics
from shirube.pgx.tables import Tables
from shirube.quality.comparison import distribution_gate
from shirube.quality.same_person import counted, same_person_gate
from shirube.report.basis import known_bases
from shirube.report.event_classes import Looked
from shirube.report.figures.depth_points import depth_points
from shirube.report.figures.draw import figures, of_chromosomes, pile_ups, spectrum_of
from shirube.report.identity import identity
from shirube.report.methods import methods
from shirube.report.model import report, written
from shirube.report.names import names_of
from shirube.report.own_cohort import without_own
from shirube.report.page.catalogue import names as known_names
from shirube.report.schema import report_schema
from shirube.report.sign_off import read_register
from shirube.report.trials import Person, Words, said_of, trials, tumour_words

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def table_of(contract: Contract, known: Mapping[str, str]) -> pl.DataFrame:
    """The knowledge table of a contract; empty if its source is not configured."""
    path = known.get(contract.name)
    return read(contract, path) if path else contract.empty()


def main(
    *,
    patient: Mapping[str, Any],
    samples: Sequence[Mapping[str, Any]],
    tables: Mapping[str, Any],
    settings: Mapping[str, Any],
    json: str,
) -> str:
    """Write the report model of one patient; return its SHA-256.

    `tables`: paths by the names of the rule's inputs; coverage, callable, summaries in the order of
    `samples`, so are targets if there are any. `settings`: the rule's params.
    """
    names = [sample["sample"] for sample in samples]
    known = {Path(path).stem: path for path in tables["knowledge"]}
    callable_ = {
        name: bed_arrays(path, settings["aliases"])
        for name, path in zip(names, tables["callable"], strict=True)
    }
    compared = read(COMPARISON, tables["comparison"])
    members = read(MEMBERS, tables["members"])
    same = same_person_gate(members, patient["patient"], settings["household"], settings["gates"])
    targets = {
        name: read(TARGETS, path) if path else TARGETS.empty()
        for name, path in zip(names, tables["targets"] or [None] * len(names), strict=True)
    }
    model = report(
        patient=patient,
        samples=samples,
        finding_table=read(FINDINGS, tables["findings"]),
        ledger=scan(LEDGER, tables["ledger"]),
        withheld=read(WITHHELD, tables["withheld"]),
        coverage={
            name: read(COVERAGE, path) for name, path in zip(names, tables["coverage"], strict=True)
        },
        callable_bases={
            name: sum(int((ends - starts).sum()) for starts, ends in found.values())
            for name, found in callable_.items()
        },
        evidence=table_of(CLINICAL_EVIDENCE, known),
        bases=known_bases(table_of(EVIDENCE_BASIS, known), settings["bases"]),
        oncotree=table_of(ONCOTREE, known),
        targets=targets,
        pharmacogenomics=star_alleles(patient, samples, tables, settings, callable_),
        pedigree=read(PEDIGREE, tables["pedigree"]) if tables["pedigree"] else PEDIGREE.empty(),
        draw=lambda items, genes: drawn(
            items, genes, samples, tables, {**settings, "sex": patient["sex"]}, targets
        ),
        methods=methods(
            tables["knowledge"],
            settings["engines"],
            {**settings["parameters"], **measured_limits(tables["somatic"])},
        ),
        gene_models=table_of(GENE_MODELS, known),
        build=settings["build"],
        events=read_register(tables["sign_off"] or None, patient["patient"]),
        quality={
            name: pl.concat(
                [
                    read(QUALITY, path),
                    distribution_gate(compared, name, settings["gates"]),
                    same.filter(pl.col("sample") == name),
                ]
            )
            for name, path in zip(names, tables["quality"], strict=True)
        },
        homozygosity=read(HOMOZYGOSITY, tables["homozygosity"])
        if tables["homozygosity"]
        else HOMOZYGOSITY.empty(),
        loci={
            name: read(contract, tables[name]) if tables[name] else contract.empty()
            for name, contract in (("repeats", REPEATS), ("gene_copies", GENE_COPIES))
        },
        markers=read(MARKERS, tables["markers"]) if tables["markers"] else MARKERS.empty(),
        looked=looked_for(samples, tables, settings),
        date=settings["date"],
        names=lambda codes: names_of(codes, named_tables(known)),
        tests=settings["confirmations"],
        identity=identity(settings["identity"], names),
        others=lambda items: without_patient(items, samples, tables, settings, members),
        trials=trials_of(patient, table_of(ONCOTREE, known), tables, settings),
        approvals=coverage(read_approvals(settings["approvals"]), settings["approvals_own"]),
    )
    return written(model, report_schema(), json)


def trials_of(
    patient: Mapping[str, Any],
    oncotree: pl.DataFrame,
    tables: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> Callable[[Sequence[Mapping[str, Any]], Mapping[str, Any]], dict[str, Any]] | None:
    """What finds the trials of the user's exports for findings; None where none is named."""
    given, diagnosis = settings["trials"], patient["diagnosis"]
    if not given["exports"]:
        return None
    dated = zip(tables["trials"], given["exports"], strict=True)
    types = set(oncotree["code"])
    exports = [(said_of(path, one["exported"]), read_trials(path, types)) for path, one in dated]
    words, diseases = settings["trial_words"]
    japanese = known_names()
    codes = accepted_types(diagnosis, oncotree)
    narrower = oncotree.filter(pl.col("ancestors").list.contains(diagnosis or ""))["code"]

    def found(items: Sequence[Mapping[str, Any]], called: Mapping[str, Any]) -> dict[str, Any]:
        own = called.get(diagnosis or "", {}) if ":" in (diagnosis or "") else {}
        who = Person(
            (settings["identity"] or {}).get("age"),
            patient["sex"],
            codes,
            narrower.to_list(),
            [name for name in own.values() if name],
            given.get("region", []),
        )
        named = tumour_words(diseases, japanese["oncotree"], japanese["disease"])
        return trials(exports, items, who, Words.of(words, named))

    return found


def looked_for(
    samples: Sequence[Mapping[str, Any]], tables: Mapping[str, Any], settings: Mapping[str, Any]
) -> Looked:
    """What was looked for beside small variants, on the reads of the sample that is judged."""
    judged = max(samples, key=lambda row: row["kind"] == "tumour")
    has_reads = str(judged["path"]).endswith((".bam", ".cram"))
    # What another program looked for, and how closely, its file does not say.
    called = tables["structural"] if has_reads and not judged.get("structural") else None
    return Looked(
        judged["kind"],
        Thresholds(**settings["limits"]),
        Limits(**settings["structural"]),
        read(STRUCTURAL, called) if called else None,
        segments_of(tables["cnv"]),
        tumour_state(metadata(tables["cnv"])) if tables["cnv"] else None,
        read(GENE_DEPTH, tables["gene_depth"]) if tables["gene_depth"] else None,
        library_of(read(READS, tables["summaries"][list(samples).index(judged)])),
    )


def without_patient(
    items: list[dict[str, Any]],
    samples: Sequence[Mapping[str, Any]],
    tables: Mapping[str, Any],
    settings: Mapping[str, Any],
    members: pl.DataFrame,
) -> None:
    """Set the cohort's frequencies of the findings without the patient's own alleles."""
    normal = next((row["sample"] for row in samples if row["kind"] == "normal"), None)
    calls = CALLS.empty()
    if normal is not None and tables["calls"]:
        places = [item["allele"]["pos"] for item in items if item["allele"]]
        calls = scan(CALLS, tables["calls"][0]).filter(pl.col("pos").is_in(places)).collect()
    rule = GenotypeRule.from_config(settings["adj"])
    without_own(items, calls, rule, normal is not None and counted(members, normal))


def segments_of(path: str | None) -> pl.DataFrame | None:
    """COPY_NUMBER without what its program filtered; None where there is none."""
    return read(COPY_NUMBER, path).filter(pl.col("filter") == "PASS") if path else None


def named_tables(known: Mapping[str, str]) -> dict[str, pl.LazyFrame]:
    """The configured knowledge tables that name codes."""
    contracts = (PHENOTYPE_TERMS, PHENOTYPE_DISEASES, GENE_DISEASES, NANDO_GENES, ONCOTREE)
    return {c.name: scan(c, known[c.name]) for c in contracts if c.name in known}


def measured_limits(somatic: str | None) -> dict[str, str]:
    """What was measured of the somatic calls as a whole, named as parameters are."""
    about = metadata(somatic) if somatic else {}
    false = about.get("expected_false")
    return {} if false is None else {"somatic/expected_false_calls": false}


def drawn(
    items: list[dict[str, Any]],
    genes: list[str],
    samples: Sequence[Mapping[str, Any]],
    tables: Mapping[str, Any],
    settings: Mapping[str, Any],
    targets: Mapping[str, pl.DataFrame],
) -> list[dict[str, Any]]:
    """The pictures of the report; those of reads from the samples that have reads."""
    judged = max(samples, key=lambda row: row["kind"] == "tumour")
    ordered = sorted(samples, key=lambda row: row["kind"] != "tumour")
    reads = {
        row["sample"]: row["path"]
        for row in ordered
        if str(row["path"]).endswith((".bam", ".cram"))
    }
    known = {Path(path).stem: path for path in tables["knowledge"]}
    segments = segments_of(tables["cnv"])
    return [
        *pile_ups(items, reads, tables["fasta"], settings["aliases"], settings["min_baseq"]),
        *figures(
            items,
            targets[judged["sample"]],
            genes,
            table_of(GENE_MODELS, known),
            segments,
            read(LOH, tables["loh"]) if tables["loh"] else None,
            settings["sex"],
            of_chromosomes(tables["fasta"], settings["aliases"]),
            spectrum_of(read(SOMATIC, tables["somatic"]), tables["fasta"], settings["aliases"])
            if tables["somatic"]
            else None,
            depth_points(*(scan(DEPTH, path) for path in tables["depth"]), segments)
            if tables["depth"] and segments is not None
            else None,
        ),
    ]


def star_alleles(
    patient: Mapping[str, Any],
    samples: Sequence[Mapping[str, Any]],
    tables: Mapping[str, Any],
    settings: Mapping[str, Any],
    callable_: Mapping[str, Mapping[str, Arrays]],
) -> dict[str, Any]:
    """The pharmacogenomic part of the report: from the normal sample, never from the tumour."""
    normal = next((row["sample"] for row in samples if row["kind"] == "normal"), None)
    known = {Path(path).stem: path for path in tables["knowledge"]}
    if STAR_ALLELES.name not in known:
        return not_assessed("not_configured")
    if normal is None:
        return not_assessed("no_normal")
    adj, about = settings["adj"], metadata(known[STAR_ALLELES.name])
    return pharmacogenomics(
        Tables(
            read(STAR_POSITIONS, known[STAR_POSITIONS.name]),
            read(STAR_ALLELES, known[STAR_ALLELES.name]),
            read(DIPLOTYPE_PHENOTYPES, known[DIPLOTYPE_PHENOTYPES.name]),
            read(DRUG_RECOMMENDATIONS, known[DRUG_RECOMMENDATIONS.name]),
        ),
        scan(CALLS, tables["calls"][0]),
        callable_[normal],
        copies_of(patient["sex"]),
        outside_calls(next(iter(tables["outside"]), None), patient["patient"]),
        {"version": about["release"], "licence": about["licence"], "sha256": about["sha256"]},
        settings["tests"],
        GenotypeRule.from_config(adj),
    )


if __name__ == "__main__":
    with job_log(snakemake.log[0]) as log:
        digest = main(
            patient=snakemake.params.patient,
            samples=snakemake.params.samples,
            tables={
                "findings": snakemake.input.findings,
                "ledger": snakemake.input.ledger,
                "withheld": snakemake.input.withheld,
                "coverage": snakemake.input.coverage,
                "quality": snakemake.input.quality,
                "comparison": snakemake.input.comparison,
                "members": snakemake.input.members,
                "targets": snakemake.input.targets,
                "callable": snakemake.input.callable,
                "calls": snakemake.input.calls,
                "somatic": snakemake.input.somatic,
                "knowledge": snakemake.input.knowledge,
                "outside": snakemake.input.outside,
                "trials": snakemake.input.trials,
                "depth": snakemake.input.depth,
                "fasta": snakemake.input.fasta,
                "cnv": snakemake.input.cnv,
                "loh": snakemake.input.loh,
                "structural": snakemake.input.structural,
                "gene_depth": snakemake.input.gene_depth,
                "summaries": snakemake.input.summaries,
                "markers": snakemake.input.markers,
                "homozygosity": snakemake.input.homozygosity,
                "repeats": snakemake.input.repeats,
                "gene_copies": snakemake.input.gene_copies,
                "pedigree": snakemake.input.pedigree,
                "sign_off": snakemake.input.sign_off,
            },
            settings={
                "build": snakemake.params.build,
                "aliases": snakemake.params.aliases,
                "date": snakemake.params.date,
                "engines": snakemake.params.engines,
                "parameters": snakemake.params.parameters,
                "adj": snakemake.params.adj,
                "min_baseq": snakemake.params.parameters["min_baseq"],
                "tests": snakemake.params.tests,
                "bases": snakemake.params.bases,
                "confirmations": snakemake.params.confirmations,
                "limits": snakemake.params.limits,
                "structural": snakemake.params.structural,
                "gates": snakemake.params.gates,
                "identity": snakemake.params.identity,
                "household": snakemake.params.household,
                "trials": snakemake.params.trials,
                "trial_words": snakemake.params.trial_words,
                "approvals": snakemake.params.approvals,
                "approvals_own": snakemake.params.approvals_own,
            },
            json=snakemake.output.json,
        )
        log.info("report.json %s", digest)
