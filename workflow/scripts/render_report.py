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
from shirube.report.panel.listing import panel_csv
from shirube.report.panel.print import panel_pdf
from shirube.report.schema import report_schema

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    json: str,
    pages: Sequence[str],
    pdfs: Sequence[str],
    sheets: Sequence[str],
    lists: Sequence[str],
    fhir: str,
    phenopacket: str,
    languages: Sequence[str],
) -> None:
    """Write every rendering of the report of `json`; refuse a file that breaks the schema.

    `pages`, `pdfs`, `sheets` (panel sheets) and `lists` (the same as CSV) are in the order of
    `languages`.
    """
    model, digest = loaded(json, report_schema())
    named = zip(languages, pages, pdfs, sheets, lists, strict=True)
    for language, page, print_, sheet, rows in named:
        Path(sheet).write_bytes(panel_pdf(model, digest, language))
        Path(rows).write_bytes(panel_csv(model, digest, language))
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
            sheets=snakemake.output.panel_pdf,
            lists=snakemake.output.panel_csv,
            fhir=snakemake.output.fhir,
            phenopacket=snakemake.output.phenopacket,
            languages=snakemake.params.languages,
        )
