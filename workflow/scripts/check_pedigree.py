"""Rule check_pedigree."""

from typing import TYPE_CHECKING

from shirube.contracts import write
from shirube.contracts.family import HOMOZYGOSITY, PEDIGREE
from shirube.logs import job_log
from shirube.rare.pedigree import Member, checked, stretches

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    own: dict[str, str],
    relatives: list[dict[str, str]],
    sex: str,
    sample: str,
    par: list[list[int]],
    aliases: dict[str, str] | None,
    output: str,
    homozygosity: str,
) -> list[str]:
    """Write PEDIGREE and HOMOZYGOSITY of a person; return the reasons of the failed checks.

    `own` and each of `relatives` hold role, patient, calls and known (gVCF or callable BED).
    """
    members = [Member(**relative) for relative in relatives]
    intervals = [(int(start), int(end)) for start, end in par]
    found = checked(Member(**own), members, sex, sample, intervals, aliases)
    write(found, PEDIGREE, output)
    write(stretches(Member(**own), members, aliases), HOMOZYGOSITY, homozygosity)
    return found.filter(verdict="fail")["reason"].to_list()


if __name__ == "__main__":
    with job_log(snakemake.log[0]) as log:
        given, asked = snakemake.input, snakemake.params
        files = zip(given.relative_calls, given.relative_known, strict=True)
        own = {"role": "self", "patient": asked.row["patient"]}
        failed = main(
            own=own | {"calls": given.calls, "known": given.known},
            relatives=[
                member | {"calls": calls, "known": known}
                for member, (calls, known) in zip(asked.relatives, files, strict=True)
            ],
            sex=asked.row["sex"],
            sample=asked.sample,
            par=asked.par,
            aliases=asked.aliases,
            output=snakemake.output.pedigree,
            homozygosity=snakemake.output.homozygosity,
        )
        for reason in failed:
            log.warning("%s", reason)
