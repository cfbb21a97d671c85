"""Rule interpret_patient."""

from typing import TYPE_CHECKING, Any

from shirube.interpretation import PER_RUN, Outputs, read_world, write_patient
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(*, findings: str, ledger: str, seen: str, asked: str, **request: object) -> int:
    """Write FINDINGS, LEDGER, WITHHELD (`seen`) and the request; return the number of records.

    `request`: the fields of interpretation.write_patient and interpretation.read_world.
    """
    shared: dict[str, Any] = {name: request[name] for name in PER_RUN}
    world = read_world(**shared)
    return write_patient(request, world, Outputs(findings, ledger, seen, asked))


if __name__ == "__main__":
    with job_log(snakemake.log[0]) as log:
        given, asked = snakemake.input, snakemake.params
        judged = main(
            row=asked.row,
            names=asked.names,
            parents={
                role: parent
                | {"calls": given[f"{role}_calls"], "known": given[f"{role}_known"]}
                | {"events": given.get(f"{role}_events") or None}
                for role, parent in asked.parents.items()
            },
            kin=[
                {"patient": name, "calls": calls, "known": known}
                for name, calls, known in zip(
                    asked.kin, given.kin_calls, given.kin_known, strict=True
                )
            ],
            people=asked.people,
            files={name: given.get(name) or None for name in asked.files},
            annotation=dict(zip(asked.chroms, given.annotation, strict=True)),
            knowledge=given.knowledge,
            tables=asked.curated,
            pedigree=given.get("pedigree") or None,
            homozygosity=given.get("homozygosity") or None,
            reads=next(iter(given.get("reads") or []), None),
            name_in_file=asked.name_in_file,
            par=asked.par,
            specifications=asked.specifications,
            predictor=asked.predictor,
            fasta=given.fasta,
            aliases=asked.aliases,
            findings=snakemake.output.findings,
            ledger=snakemake.output.ledger,
            seen=snakemake.output.withheld,
            asked=snakemake.output.asked,
        )
        log.info("%d records judged", judged)
