"""Rule list_calls."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shirube.annotate.listed import Listed, write_list
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    normal: Sequence[str],
    normal_files: Sequence[str],
    tumour: Sequence[str],
    tumour_files: Sequence[str],
    patients: Sequence[str],
    changes: Sequence[str],
    output: str,
) -> None:
    """List CALLS of normal samples, SOMATIC of patients with a tumour, CHANGES of patients."""
    write_list(
        Listed(
            dict(zip(normal, normal_files, strict=True)),
            dict(zip(tumour, tumour_files, strict=True)),
            dict(zip(patients, changes, strict=True)),
        ),
        output,
    )


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            normal=snakemake.params.normal,
            normal_files=list(snakemake.input.get("normal") or []),
            tumour=snakemake.params.tumour,
            tumour_files=list(snakemake.input.get("tumour") or []),
            patients=snakemake.params.patients,
            changes=list(snakemake.input.get("changes") or []),
            output=snakemake.output[0],
        )
