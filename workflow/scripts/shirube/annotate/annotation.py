"""ANNOTATION of one chromosome: consequences and names, then what each source knows."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from shirube.annotate.accessions import genomic_prefix
from shirube.annotate.normalise import normalised
from shirube.annotate.rows import genomic_names, impacts, transcript_rows
from shirube.annotate.sequence import Bases, bases, contig_of
from shirube.contracts import ALLELE, ANNOTATION, CALLS, GENE_MODELS, SOMATIC, scan
from shirube.errors import InputError
from shirube.knowledge.tables import CLINVAR

Paths = Mapping[str, str]


def alleles_of(calls: list[str], somatic: list[str], chrom: str) -> pl.DataFrame:
    """Distinct alleles of a chromosome over all samples and patients, sorted."""
    frames = [scan(CALLS, path) for path in calls] + [scan(SOMATIC, path) for path in somatic]
    if not frames:
        return pl.DataFrame(schema={name: ANNOTATION.schema[name] for name in ALLELE})
    parts = [frame.filter(pl.col("chrom") == chrom).select(ALLELE) for frame in frames]
    return pl.concat(parts).unique().sort(ALLELE).collect()


def annotated(
    alleles: pl.DataFrame,
    chrom: str,
    fasta: str | Path,
    build: str,
    knowledge: Paths,
    aliases: dict[str, str] | None = None,
) -> pl.DataFrame:
    """ANNOTATION of `alleles` (ALLELE columns, one chromosome).

    `knowledge` maps table names (gene_models, clinvar, ...) to their Parquet files; what is absent
    stays null.
    """
    contig = contig_of(fasta, chrom, aliases)
    if contig is None:
        raise InputError(fasta, f"a contig for {chrom}")
    if not alleles.height:
        return ANNOTATION.empty()
    sequence = bases(fasta, contig)
    spelled = pl.col("ref").str.contains("^[ACGT]+$") & pl.col("alt").str.contains("^[ACGT]+$")
    plain, other = alleles.filter(spelled), alleles.filter(~spelled)
    placed = normalised(plain, sequence)
    contradicted = placed.filter(~pl.col("known").fill_null(True))
    if contradicted.height:
        first = contradicted.row(0, named=True)
        raise InputError(
            fasta,
            f"REF {first['ref']} of a called allele",
            f"{chrom}:{first['pos']}",
        )
    facts = plain.with_columns(
        genomic_names(placed, sequence, genomic_prefix(chrom, build, contig, sequence.size)),
        placed["pos"].alias("_pos"),
        placed["ref"].alias("_ref"),
        placed["alt"].alias("_alt"),
    )
    facts = _with_clinvar(facts, chrom, knowledge.get("clinvar"))
    rows = _consequences(placed, chrom, knowledge.get("gene_models"), sequence)
    table = (
        facts.with_row_index("row")
        .join(rows, on="row", how="left")
        .with_columns(
            pl.col("transcript").fill_null(""),
            pl.when(pl.col("transcript").is_null() & pl.lit("gene_models" in knowledge))
            .then(pl.lit("intergenic_variant"))
            .otherwise("consequence")
            .alias("consequence"),
        )
        .with_columns(impacts(rows).alias("impact"))
        .with_columns(
            pl.when(pl.col("consequence") == "intergenic_variant")
            .then(pl.lit("MODIFIER"))
            .otherwise("impact")
            .alias("impact")
        )
    )
    table = pl.concat([table, other.with_columns(transcript=pl.lit(""))], how="diagonal_relaxed")
    return ANNOTATION.table(_complete(table))


def _complete(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(
        pl.lit(None, dtype).alias(name)
        for name, dtype in ANNOTATION.schema.items()
        if name not in table.columns
    )


def _consequences(
    placed: pl.DataFrame, chrom: str, models: str | None, sequence: Bases
) -> pl.DataFrame:
    if models is None:
        return transcript_rows(placed.head(0), GENE_MODELS.empty(), sequence)
    here = scan(GENE_MODELS, models).filter(pl.col("chrom") == chrom).collect()
    return transcript_rows(placed, here, sequence)


def _with_clinvar(alleles: pl.DataFrame, chrom: str, path: str | None) -> pl.DataFrame:
    """ClinVar's columns, matched on the normalised allele."""
    if path is None:
        return alleles
    here = (
        scan(CLINVAR, path)
        .filter(pl.col("chrom") == chrom)
        .select(
            _pos="pos",
            _ref="ref",
            _alt="alt",
            clinvar_id="clinvar_id",
            clinvar_significance="significance",
            clinvar_review="review",
            clinvar_stars="stars",
            clinvar_conditions="conditions",
            clinvar_oncogenicity="oncogenicity",
            rsid="rsid",
        )
        .collect()
    )
    return alleles.join(here, on=["_pos", "_ref", "_alt"], how="left", maintain_order="left")
