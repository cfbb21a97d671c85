"""Rule call_structural."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from shirube.calling.structural.adjacency import Reference
from shirube.calling.structural.calling import Adjacency, Limits, Sample, adjacencies, rows_of
from shirube.calling.structural.engines import ENGINES, Job
from shirube.calling.structural.insertions import read_families
from shirube.contracts import STRUCTURAL, write
from shirube.genome.intervals import Interval
from shirube.genome.regions import read_contigs, run_regions
from shirube.logs import job_log
from shirube.reads.junctions import depths_at, sample_junctions

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    primary: str,
    normal: str | None,
    reference: str,
    bed: str | None,
    calls: str,
    germline: bool,
    limits: Limits,
    aliases: dict[str, str] | None,
    engine: str = "embedded",
    threads: int = 1,
    elements: str | None = None,
) -> None:
    """Find the structural variants of `primary` (a tumour, or a person's normal sample)."""
    regions = run_regions(read_contigs(f"{reference}.fai"), bed, aliases)
    if engine == "embedded":
        families = read_families(elements) if elements else {}
        table = embedded(primary, normal, reference, regions, limits, germline, aliases, families)
    else:
        with tempfile.TemporaryDirectory(dir=Path(calls).parent) as scratch:
            own = (primary, normal, reference, regions, limits, germline, aliases)
            table = ENGINES[engine](Job(*own, Path(scratch), threads))
    write(table, STRUCTURAL, calls)


def embedded(
    primary: str,
    normal: str | None,
    reference: str,
    regions: Sequence[Interval],
    limits: Limits,
    germline: bool,
    aliases: dict[str, str] | None,
    families: Mapping[str, str],
) -> pl.DataFrame:
    """STRUCTURAL table from the reads' own evidence; `families` are mobile elements by name."""
    found = Reference(reference)
    paths = {"tumour": primary, **({"normal": normal} if normal else {})}
    samples = {
        role: Sample(
            sample_junctions(
                path,
                reference,
                regions,
                limits.min_mapq,
                limits.max_insert,
                limits.min_clip,
            ),
            limits.min_mapq,
        )
        for role, path in paths.items()
    }

    kept = adjacencies(samples["tumour"], found, limits, aliases)
    ends = [end for adjacency, _ in kept for end in (adjacency.lower, adjacency.upper)]
    over = {role: depths_at(path, reference, ends, limits.min_mapq) for role, path in paths.items()}

    def depth(adjacency: Adjacency, role: str) -> int:
        return max(over[role][adjacency.lower], over[role][adjacency.upper])

    normal_sample = samples.get("normal")
    return rows_of(kept, normal_sample, found, depth, limits, germline, aliases, families)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            primary=snakemake.input.primary,
            normal=snakemake.input.get("normal") or None,
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            calls=snakemake.output[0],
            germline=snakemake.params.germline,
            limits=Limits(**snakemake.params.limits),
            aliases=snakemake.params.aliases,
            engine=snakemake.params.engine,
            threads=snakemake.threads,
            elements=snakemake.input.get("elements") or None,
        )
