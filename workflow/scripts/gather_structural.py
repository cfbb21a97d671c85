"""Rule gather_structural."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from shirube.calling.copy_number.beside_people import Depth, Par, beside_others
from shirube.calling.copy_number.germline import changes, gene_depth, structural_rows
from shirube.calling.structural.by_depth import with_depth
from shirube.calling.structural.given import Given, Ground, given_table
from shirube.calling.variant_files import write_structural
from shirube.contracts import DEPTH, DEPTH_BINS, GENE_DEPTH, GENE_MODELS, STRUCTURAL, read, write
from shirube.genome.ploidy import copies_of
from shirube.genome.regions import read_contigs, run_regions
from shirube.genome.transcripts import coding_exons
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    junctions: str | None,
    bins: str | None,
    depth: str | None,
    others: Sequence[tuple[str, str]],
    gene_models: str | None,
    reference: str,
    bed: str | None,
    calls: str,
    vcf: str,
    genes: str,
    names: Sequence[str],
    sample: str | None,
    aliases: dict[str, str] | None,
    given: Sequence[Given],
    sex: str,
    par: Par,
) -> None:
    """Write STRUCTURAL of a patient: junctions, files `given`, and changes of copies by depth.

    `others` are the depths of other people's normal samples, with the sex of each.
    """
    table = read(STRUCTURAL, junctions) if junctions else STRUCTURAL.empty()
    if given:
        regions = run_regions(read_contigs(f"{reference}.fai"), bed, aliases)
        ground = Ground.of(
            reference,
            regions if bed else None,
            aliases,
            lambda chrom, pos: copies_of(chrom, pos, sex, par),
        )
        table = given_table(given, ground, table)
    state = GENE_DEPTH.empty()
    if bins and depth:
        models = read(GENE_MODELS, gene_models) if gene_models else GENE_MODELS.empty()
        rows, state = by_depth(bins, (sample or "", depth, sex), others, models, par)
        table = with_depth(table, rows)
    write_structural(table, vcf, reference, names, aliases)
    write(table, STRUCTURAL, calls)
    write(state, GENE_DEPTH, genes)


def by_depth(
    bins: str,
    own: tuple[str, str, str],
    others: Sequence[tuple[str, str]],
    models: pl.DataFrame,
    par: Par,
) -> tuple[list[dict[str, object]], pl.DataFrame]:
    """Rows of STRUCTURAL and GENE_DEPTH of a sample (its name, DEPTH and sex)."""
    table = read(DEPTH_BINS, bins)

    def depth(name: str, path: str, sex: str) -> Depth:
        return name, read(DEPTH, path)["depth"].to_numpy(), sex

    offered = [depth(path, path, sex) for path, sex in others]
    one, found = beside_others(table, depth(*own), offered, par)
    select = models.filter(pl.col("mane") == "MANE Select")
    chroms = {str(name): str(name) for name in table["chrom"].cast(pl.String).unique()}
    exons = coding_exons(select, chroms).select("gene", "transcript", "chrom", "start", "end")
    rows = structural_rows(table, changes(table, one.copies, found))
    return rows, gene_depth(exons, table, one.copies, found)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            junctions=snakemake.input.get("junctions") or None,
            bins=snakemake.input.get("bins") or None,
            depth=next(iter(snakemake.input.depth), None),
            others=list(zip(snakemake.input.others, snakemake.params.sexes, strict=True)),
            gene_models=snakemake.input.get("gene_models") or None,
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            calls=snakemake.output.calls,
            vcf=snakemake.output.vcf,
            genes=snakemake.output.genes,
            names=snakemake.params.names,
            sample=snakemake.params.sample,
            aliases=snakemake.params.aliases,
            given=[
                Given(**{**one, "normals": tuple(one["normals"])}) for one in snakemake.params.given
            ],
            sex=snakemake.params.sex,
            par=snakemake.params.par,
        )
