"""Rule build_report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from shirube.contracts import CLINICAL_EVIDENCE, COVERAGE, FINDINGS, LEDGER, Contract, read
from shirube.knowledge.tables import ONCOTREE
from shirube.logs import job_log
from shirube.regions import read_bed
from shirube.report.methods import methods
from shirube.report.model import report, written
from shirube.report.schema import report_schema
from shirube.report.targets import TARGETS

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def table_of(contract: Contract, known: Mapping[str, str]) -> pl.DataFrame:
    """The knowledge table of a contract; empty if its source is not configured."""
    path = known.get(contract.name)
    return read(contract, path) if path else contract.empty()


def main(
    patient: Mapping[str, Any],
    samples: Sequence[Mapping[str, Any]],
    findings: str,
    ledger: str,
    coverage: Sequence[str],
    targets: Sequence[str],
    callable_beds: Sequence[str],
    knowledge: Sequence[str],
    json: str,
    build: str,
    date: str | None,
    engines: Mapping[str, str],
    parameters: Mapping[str, Any],
) -> str:
    """Write the report model of one patient; return its SHA-256.

    `coverage`, `targets` and `callable_beds` are in the order of `samples`.
    """
    names = [sample["sample"] for sample in samples]
    known = {Path(path).stem: path for path in knowledge}
    model = report(
        patient=patient,
        samples=samples,
        finding_table=read(FINDINGS, findings),
        ledger=read(LEDGER, ledger),
        coverage={name: read(COVERAGE, path) for name, path in zip(names, coverage, strict=True)},
        callable_bases={
            name: sum(i.end - i.start for i in read_bed(path))
            for name, path in zip(names, callable_beds, strict=True)
        },
        evidence=table_of(CLINICAL_EVIDENCE, known),
        oncotree=table_of(ONCOTREE, known),
        targets={name: read(TARGETS, path) for name, path in zip(names, targets, strict=True)},
        methods=methods(knowledge, engines, parameters),
        build=build,
        date=date,
    )
    return written(model, report_schema(), json)


if __name__ == "__main__":
    with job_log(snakemake.log[0]) as log:
        digest = main(
            snakemake.params.patient,
            snakemake.params.samples,
            snakemake.input.findings,
            snakemake.input.ledger,
            snakemake.input.coverage,
            snakemake.input.targets,
            snakemake.input.callable,
            snakemake.input.knowledge,
            snakemake.output.json,
            snakemake.params.build,
            snakemake.params.date,
            snakemake.params.engines,
            snakemake.params.parameters,
        )
        log.info("report.json %s", digest)
