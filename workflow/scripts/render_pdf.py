"""Rule render_pdf."""

from pathlib import Path
from typing import TYPE_CHECKING

from shirube.logs import job_log
from shirube.report.document import document
from shirube.report.model import loaded
from shirube.report.pdf import pdf
from shirube.report.schema import report_schema

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(json: str, pages: str, language: str) -> None:
    """Write the report of `json` in one language as PDF."""
    model, digest = loaded(json, report_schema())
    Path(pages).write_bytes(pdf(document(model, digest, language)))


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(snakemake.input.json, snakemake.output.pdf, snakemake.wildcards.language)
