"""Rule measure_loci."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shirube.calling.loci.gene_copies import gene_copies
from shirube.calling.loci.repeat_loci import measured_repeats
from shirube.contracts import GENE_MODELS, read, write
from shirube.contracts.knowledge_general import REPEAT_LOCI
from shirube.contracts.loci import GENE_COPIES, REPEATS
from shirube.genome.alleles import canonical
from shirube.genome.intervals import Interval
from shirube.genome.regions import read_contigs
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    reads: str,
    fasta: str,
    repeat_loci: str | None,
    gene_models: str | None,
    repeats: str,
    copies: str,
    sex: str | None,
    regions: Sequence[tuple[str, int, int]],
    engine: str,
    aliases: dict[str, str] | None,
) -> None:
    """Write REPEATS and GENE_COPIES of one sample; empty where the knowledge is not configured."""
    asked = [Interval(*region) for region in regions]
    loci = read(REPEAT_LOCI, repeat_loci) if repeat_loci else REPEAT_LOCI.empty()
    write(measured_repeats(reads, fasta, loci, asked, sex, engine, aliases), REPEATS, repeats)
    table = GENE_COPIES.empty()
    if gene_models:
        contigs = {str(canonical(c, aliases)): c for c in read_contigs(f"{fasta}.fai")}
        table = gene_copies(reads, fasta, read(GENE_MODELS, gene_models), contigs, asked)
    write(table, GENE_COPIES, copies)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            reads=snakemake.input.reads[0],
            fasta=snakemake.input.fasta,
            repeat_loci=snakemake.input.get("repeat_loci") or None,
            gene_models=snakemake.input.get("gene_models") or None,
            repeats=snakemake.output.repeats,
            copies=snakemake.output.gene_copies,
            sex=snakemake.params.sex,
            regions=snakemake.params.regions,
            engine=snakemake.params.engine,
            aliases=snakemake.params.aliases,
        )
