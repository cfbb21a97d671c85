"""Rule render_report."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shirube.logs import job_log
from shirube.report.exchange.fhir import fhir_bytes
from shirube.report.exchange.phenopacket import phenopacket_bytes
from shirube.report.model import loaded
from shirube.report.page.document import document
from shirube.report.page.html import html
from shirube.report.page.pdf import pdf
from shirube.report.schema import report_schema

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    json: str,
    pages: Sequence[str],
    pdfs: Sequence[str],
    fhir: str,
    phenopacket: str,
    languages: Sequence[str],
) -> None:
    """Write every rendering of the report of `json`; refuse a file that breaks the schema.

    `pages` and `pdfs` are in the order of `languages`.
    """
    model, digest = loaded(json, report_schema())
    for language, page, print_ in zip(languages, pages, pdfs, strict=True):
        made = document(model, digest, language)
        Path(page).write_text(html(made), encoding="utf-8")
        Path(print_).write_bytes(pdf(made))
    Path(fhir).write_bytes(fhir_bytes(model, digest))
    Path(phenopacket).write_bytes(phenopacket_bytes(model, digest))


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            json=snakemake.input.json,
            pages=snakemake.output.html,
            pdfs=snakemake.output.pdf,
            fhir=snakemake.output.fhir,
            phenopacket=snakemake.output.phenopacket,
            languages=snakemake.params.languages,
        )
