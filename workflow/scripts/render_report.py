"""Rule render_report."""

from pathlib import Path
from typing import TYPE_CHECKING

from shirube.logs import job_log
from shirube.report.document import document
from shirube.report.html import html
from shirube.report.model import loaded
from shirube.report.schema import report_schema

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(json: str, page: str, language: str) -> None:
    """Write the report of `json` in one language as HTML; refuse a file that breaks the schema."""
    model, digest = loaded(json, report_schema())
    Path(page).write_text(html(document(model, digest, language)), encoding="utf-8")


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(snakemake.input.json, snakemake.output.html, snakemake.wildcards.language)
