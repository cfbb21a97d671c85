"""Rule compare_copy_number."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shirube.calling.copy_number.beside_people import Depth, Par, copies_beside
from shirube.contracts import COPY_NUMBER, DEPTH, DEPTH_BINS, read, write
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    bins: str,
    own: tuple[str, str],
    others: Sequence[tuple[str, str]],
    par: Par,
    copy_number: str,
) -> None:
    """Write COPY_NUMBER of a tumour beside the normals of other people: DEPTH and sex of each."""

    def depth(path: str, sex: str) -> Depth:
        return path, read(DEPTH, path)["depth"].to_numpy(), sex

    found = copies_beside(read(DEPTH_BINS, bins), depth(*own), [depth(*o) for o in others], par)
    write(found[0], COPY_NUMBER, copy_number, found[1])


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            bins=snakemake.input.bins,
            own=(snakemake.input.depth[0], snakemake.params.sex),
            others=list(zip(snakemake.input.others, snakemake.params.sexes, strict=True)),
            par=snakemake.params.par,
            copy_number=snakemake.output.copy_number,
        )
