"""Rule render_exchange."""

from pathlib import Path
from typing import TYPE_CHECKING

from shirube.logs import job_log
from shirube.report.fhir import fhir_bytes
from shirube.report.model import loaded
from shirube.report.phenopacket import phenopacket_bytes
from shirube.report.schema import report_schema

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(json: str, fhir: str, phenopacket: str) -> None:
    """Write the report of `json` in the formats other systems read."""
    model, digest = loaded(json, report_schema())
    Path(fhir).write_bytes(fhir_bytes(model, digest))
    Path(phenopacket).write_bytes(phenopacket_bytes(model, digest))


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(snakemake.input.json, snakemake.output.fhir, snakemake.output.phenopacket)
