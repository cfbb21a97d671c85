"""Rule interpret_patient."""

from typing import TYPE_CHECKING

from shirube.contracts import CLINICAL_EVIDENCE, FINDINGS, GENE_MODELS, LEDGER, read, write
from shirube.interpret.facts import facts
from shirube.interpret.inputs import Knowledge, Paths
from shirube.interpret.patient import interpret
from shirube.interpret.person import person
from shirube.knowledge.tables import ONCOTREE
from shirube.logs import job_log
from shirube.rare.family import Family, Relative

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    row: dict[str, str | None],
    names: dict[str, str | None],
    parents: dict[str, dict[str, str | None]],
    files: dict[str, str | None],
    annotation: dict[str, str],
    knowledge: dict[str, str | None],
    tables: list[str],
    aliases: dict[str, str] | None,
    findings: str,
    ledger: str,
) -> int:
    """Write FINDINGS and LEDGER of one patient; return the number of records judged.

    `names` holds the sample names `normal` and `tumour`; `parents` for father and mother their
    patient name, affected, calls and gvcf; `files` the patient's own tables by `Paths` field;
    `tables` the tables of facts.
    """
    contracts = {"evidence": CLINICAL_EVIDENCE, "gene_models": GENE_MODELS, "oncotree": ONCOTREE}
    known = {
        name: read(contract, path)
        for name, contract in contracts.items()
        if (path := knowledge.get(name))
    }
    relatives = {
        role: Relative(
            str(parent["patient"]),
            str(parent["calls"]),
            str(parent["gvcf"]),
            {"yes": True, "no": False}.get(parent["affected"] or ""),
        )
        for role, parent in parents.items()
    }
    found, fates, records = interpret(
        person(row, names["normal"], names["tumour"]),
        Knowledge(facts(tables), **known),
        Paths(annotation, **files),
        Family(aliases=aliases, **relatives),
    )
    write(found, FINDINGS, findings)
    write(fates, LEDGER, ledger, {"records_in": str(records)})
    return records


if __name__ == "__main__":
    with job_log(snakemake.log[0]) as log:
        given, asked = snakemake.input, snakemake.params
        judged = main(
            asked.row,
            asked.names,
            {
                role: parent | {"calls": given[f"{role}_calls"], "gvcf": given[f"{role}_gvcf"]}
                for role, parent in asked.parents.items()
            },
            {name: given.get(name) or None for name in asked.files},
            dict(zip(asked.chroms, given.annotation, strict=True)),
            {name: given.get(name) or None for name in ("evidence", "gene_models", "oncotree")},
            given.facts,
            asked.aliases,
            snakemake.output.findings,
            snakemake.output.ledger,
        )
        log.info("%d records judged", judged)
