"""Rule build_report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shirube.contracts import CLINICAL_EVIDENCE, COVERAGE, FINDINGS, LEDGER, read
from shirube.logs import job_log
from shirube.regions import read_bed
from shirube.report.methods import methods
from shirube.report.model import report, written
from shirube.report.schema import report_schema

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    patient: Mapping[str, Any],
    samples: Sequence[Mapping[str, Any]],
    findings: str,
    ledger: str,
    coverage: Sequence[str],
    callable_beds: Sequence[str],
    knowledge: Sequence[str],
    json: str,
    build: str,
    date: str | None,
    engines: Mapping[str, str],
    parameters: Mapping[str, Any],
) -> str:
    """Write the report model of one patient; return its SHA-256.

    `coverage` and `callable_beds` are in the order of `samples`.
    """
    names = [sample["sample"] for sample in samples]
    evidence = [path for path in knowledge if Path(path).stem == "clinical_evidence"]
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
        evidence=read(CLINICAL_EVIDENCE, evidence[0]) if evidence else CLINICAL_EVIDENCE.empty(),
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
            snakemake.input.callable,
            snakemake.input.knowledge,
            snakemake.output.json,
            snakemake.params.build,
            snakemake.params.date,
            snakemake.params.engines,
            snakemake.params.parameters,
        )
        log.info("report.json %s", digest)
