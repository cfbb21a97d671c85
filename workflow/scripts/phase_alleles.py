"""Rule phase_alleles."""

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from shirube.annotate.annotation import Chromosome
from shirube.calling.variant_files import contig_names
from shirube.changes.compose import Composer, Person
from shirube.contracts import CALLS, SOMATIC, scan, write
from shirube.contracts.phase import CHANGES, PHASE
from shirube.logs import job_log
from shirube.rare.family import Family, Relative, with_parents
from shirube.reads.phase import ReadPhase

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    calls: str | None,
    somatic: str | None,
    reads: dict[str, str | None],
    names: dict[str, str | None],
    parents: dict[str, Relative],
    gene_models: str | None,
    fasta: str,
    build: str,
    aliases: dict[str, str] | None,
    phase: str,
    changes: str,
) -> int:
    """Write PHASE and CHANGES of one patient; return the number of changes.

    `reads` and `names` (in the file) by normal and tumour; `parents` by father and mother.
    """
    contigs = contig_names(fasta, aliases)
    person = Person(
        scan(CALLS, calls) if calls else None,
        scan(SOMATIC, somatic) if somatic else None,
        *(
            ReadPhase(path, fasta, names[kind], contigs) if (path := reads[kind]) else None
            for kind in ("normal", "tumour")
        ),
        partial(with_parents, family=Family(aliases=aliases, **parents)) if parents else None,
    )
    pairs, found = [PHASE.empty()], [CHANGES.empty()]
    for chrom in contigs if gene_models else ():
        alleles = person.alleles(chrom)
        if alleles.height > 1:
            chromosome = Chromosome.of(chrom, fasta, build, {"gene_models": gene_models}, aliases)
            told, together = Composer(person, alleles, chromosome).composed()
            pairs.append(told)
            found.append(together)
    table = CHANGES.table(pl.concat(found))
    write(PHASE.table(pl.concat(pairs)), PHASE, phase)
    write(table, CHANGES, changes)
    return table.height


if __name__ == "__main__":
    with job_log(snakemake.log[0]) as log:
        given = snakemake.input
        count = main(
            calls=given.get("calls") or None,
            somatic=given.get("somatic") or None,
            reads={kind: given.get(kind) or None for kind in ("normal", "tumour")},
            names=snakemake.params.names,
            parents={
                role: Relative(role, given[f"{role}_calls"], given[f"{role}_known"])
                for role in ("father", "mother")
                if given.get(f"{role}_calls")
            },
            gene_models=given.get("gene_models") or None,
            fasta=given.fasta,
            build=snakemake.params.build,
            aliases=snakemake.params.aliases,
            phase=snakemake.output.phase,
            changes=snakemake.output.changes,
        )
        log.info("%d changes of several alleles", count)
