"""Rule list_calls."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shirube.annotate.listed import Listed, write_list
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    normal: Sequence[str],
    normal_files: Sequence[str],
    tumour: Sequence[str],
    tumour_files: Sequence[str],
    output: str,
) -> None:
    """List the CALLS of each normal sample and the SOMATIC of each patient with a tumour."""
    write_list(
        Listed(
            dict(zip(normal, normal_files, strict=True)),
            dict(zip(tumour, tumour_files, strict=True)),
        ),
        output,
    )


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            snakemake.params.normal,
            list(snakemake.input.get("normal") or []),
            snakemake.params.tumour,
            list(snakemake.input.get("tumour") or []),
            snakemake.output[0],
        )
