"""Rule report_release: the report on a release, in each language as a page and as a PDF."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shirube.logs import job_log
from shirube.service import yearly
from shirube.service.overview import overview

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    folder: Path,
    knowledge: Sequence[Path],
    languages: Sequence[str],
    pages: Mapping[str, Path],
    documents: Mapping[str, Path],
) -> None:
    """Write `pages` (HTML) and `documents` (PDF) of the release in `folder` (results/cohort)."""
    found = overview(folder, knowledge)
    for language in languages:
        made = yearly.document(found, language)
        pages[language].write_text(yearly.html(made), encoding="utf-8")
        documents[language].write_bytes(yearly.pdf(made))


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        languages = list(snakemake.params.languages)
        main(
            folder=Path(snakemake.input.release).parent,
            knowledge=[Path(path) for path in snakemake.input.knowledge],
            languages=languages,
            pages=dict(zip(languages, map(Path, snakemake.output.pages), strict=True)),
            documents=dict(zip(languages, map(Path, snakemake.output.documents), strict=True)),
        )
