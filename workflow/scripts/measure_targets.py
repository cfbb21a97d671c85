"""Rule measure_targets."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from shirube.contracts import CLINICAL_EVIDENCE, GENE_MODELS, read, write
from shirube.contracts.samples import TARGETS
from shirube.genome.alleles import canonical
from shirube.genome.intervals import Interval, arrays, merged
from shirube.genome.regions import bed_arrays
from shirube.logs import job_log
from shirube.report.target_depth import depth_of, reference_names, target_intervals
from shirube.report.targets import measured, targets

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    reads: Sequence[str],
    callable_bed: str,
    fasta: str,
    fai: str,
    evidence: str | None,
    gene_models: str | None,
    table: str,
    regions: Sequence[Interval],
    aliases: dict[str, str] | None,
    introns: Mapping[str, list[int]],
) -> int:
    """Write TARGETS of one sample; return its rows. Without `reads` the depths are unknown."""
    wanted = targets(
        read(CLINICAL_EVIDENCE, evidence) if evidence else CLINICAL_EVIDENCE.empty(),
        read(GENE_MODELS, gene_models) if gene_models else GENE_MODELS.empty(),
        introns,
    )
    depth = None
    if reads:
        names = reference_names(fai, aliases)
        depth = depth_of(reads[0], target_intervals(wanted, names), fasta, names)
    result = measured(
        wanted,
        bed_arrays(callable_bed, aliases),
        arrays((str(canonical(r.contig, aliases)), r.start, r.end) for r in merged(regions)),
        depth,
    )
    write(result, TARGETS, table)
    return result.height


if __name__ == "__main__":
    with job_log(snakemake.log[0]) as log:
        rows = main(
            reads=snakemake.input.reads,
            callable_bed=snakemake.input.callable,
            fasta=snakemake.input.fasta,
            fai=snakemake.input.fai,
            evidence=snakemake.input.evidence or None,
            gene_models=snakemake.input.gene_models or None,
            table=snakemake.output.table,
            regions=[Interval(*region) for region in snakemake.params.regions],
            aliases=snakemake.params.aliases,
            introns=snakemake.params.introns,
        )
        log.info("%d targets", rows)
