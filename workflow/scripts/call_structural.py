"""Rule call_structural."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from shirube.calling.structural.adjacency import Reference
from shirube.calling.structural.calling import Adjacency, Limits, Sample, adjacencies, rows_of
from shirube.calling.structural.engines import ENGINES, Job
from shirube.calling.structural.given import Given, Ground, given_table
from shirube.calling.structural.insertions import read_families
from shirube.calling.variant_files import write_structural
from shirube.contracts import STRUCTURAL, write
from shirube.genome.intervals import Interval
from shirube.genome.ploidy import copies_of
from shirube.genome.regions import read_contigs, run_regions
from shirube.logs import job_log
from shirube.reads.junctions import depths_at, sample_junctions

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    primary: str | None,
    normal: str | None,
    reference: str,
    bed: str | None,
    calls: str,
    vcf: str,
    names: Sequence[str],
    germline: bool,
    limits: Limits,
    aliases: dict[str, str] | None,
    engine: str = "embedded",
    threads: int = 1,
    elements: str | None = None,
    given: Sequence[Given] = (),
    sex: str = "",
    par: Mapping[str, Sequence[Sequence[int]]] | None = None,
) -> None:
    """Find the structural variants of `primary` (a tumour, or a person's normal sample).

    Files `given` stand beside what its reads show; without reads they are all there is.
    """
    regions = run_regions(read_contigs(f"{reference}.fai"), bed, aliases)
    if primary is None:
        table = STRUCTURAL.empty()
    elif engine == "embedded":
        families = read_families(elements) if elements else {}
        table = embedded(primary, normal, reference, regions, limits, germline, aliases, families)
    else:
        with tempfile.TemporaryDirectory(dir=Path(calls).parent) as scratch:
            own = (primary, normal, reference, regions, limits, germline, aliases)
            table = ENGINES[engine](Job(*own, Path(scratch), threads))
    if given:
        ground = Ground.of(
            reference,
            regions if bed else None,
            aliases,
            lambda chrom, pos: copies_of(chrom, pos, sex, par or {}),
        )
        table = given_table(given, ground, table)
    write_structural(table, vcf, reference, names, aliases)
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
            primary=snakemake.input.get("primary") or None,
            normal=snakemake.input.get("normal") or None,
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            calls=snakemake.output.calls,
            vcf=snakemake.output.vcf,
            names=snakemake.params.names,
            germline=snakemake.params.germline,
            limits=Limits(**snakemake.params.limits),
            aliases=snakemake.params.aliases,
            engine=snakemake.params.engine,
            threads=snakemake.threads,
            elements=snakemake.input.get("elements") or None,
            given=[
                Given(**{**one, "normals": tuple(one["normals"])}) for one in snakemake.params.given
            ],
            sex=snakemake.params.sex,
            par=snakemake.params.par,
        )
