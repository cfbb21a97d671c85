"""Rule measure_quality."""

from typing import TYPE_CHECKING, Any

import polars as pl

from shirube.contracts import ALLELE, CALLS, COVERAGE, QUALITY, READS, SOMATIC, read, scan, write
from shirube.genome.alleles import canonical
from shirube.genome.intervals import merged
from shirube.genome.regions import read_bed, read_contigs, run_regions
from shirube.logs import job_log
from shirube.quality.fingerprint import allele_depths, homozygous_sites
from shirube.quality.gates import gate_rows
from shirube.quality.sample import measures

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def passed_calls(path: str) -> pl.DataFrame:
    """Rows of CALLS that passed, and of their columns those that are looked at: a genome's fit."""
    columns = [*ALLELE, "filter", "dosage", "ploidy", "ad_ref", "ad_alt"]
    return scan(CALLS, path).filter(pl.col("filter") == "PASS").select(columns).collect()


def main(
    *,
    sample: str,
    kind: str,
    sex: str,
    reads: str | None,
    summary: str,
    coverage: str,
    callable_bed: str,
    calls: str | None,
    somatic: str | None,
    reference: str,
    bed: str | None,
    counting: dict[str, int],
    aliases: dict[str, str] | None,
    gates: dict[str, dict[str, Any]],
    quality: str,
) -> None:
    """Write QUALITY of one sample.

    `calls` are its own CALLS if it is a normal, those of its normal if it is a tumour; `somatic`
    the SOMATIC table of a tumour that has a normal. Of the reads only those at some sites of the
    normal's are looked at again, by the index.
    """
    contigs = read_contigs(f"{reference}.fai")
    regions = merged(run_regions(contigs, bed, aliases))
    seen, asked = (sum(i.end - i.start for i in own) for own in (read_bed(callable_bed), regions))
    table = passed_calls(calls) if calls else None
    counts = None
    if kind == "tumour" and reads and table is not None:
        names = {chrom: name for name in contigs if (chrom := canonical(name, aliases))}
        counts = allele_depths(reads, reference, homozygous_sites(table), names, **counting)
    own = table if kind == "normal" else None
    pair = read(SOMATIC, somatic) if somatic else None
    covered, passed = read(COVERAGE, coverage), read(READS, summary)
    share = seen / asked if asked else None
    found = measures(kind, sex, covered, passed, own, counts, pair, share)
    write(gate_rows(sample, found, gates), QUALITY, quality)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            sample=snakemake.wildcards.sample,
            kind=snakemake.params.kind,
            sex=snakemake.params.sex,
            reads=snakemake.input.get("reads") or None,
            summary=snakemake.input.summary,
            coverage=snakemake.input.coverage,
            callable_bed=snakemake.input.callable,
            calls=snakemake.input.get("calls") or None,
            somatic=snakemake.input.get("somatic") or None,
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            counting=snakemake.params.counting,
            aliases=snakemake.params.aliases,
            gates=snakemake.params.gates,
            quality=snakemake.output[0],
        )
