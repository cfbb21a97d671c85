"""What a person may ask for, turned into alleles and stretches of the genome.

    chr17-7675088-C-T  17:7675088:C>T      an allele (1-based)
    chr17:7675000-7676000  chr17:7675088   a region (1-based, both ends included)
    rs28934578                             a dbSNP id
    TP53                                   a gene
    NM_000546.6:c.524G>A  TP53:p.Arg175His  chr17:g.7675088C>T    an HGVS name

Ids, genes and HGVS names are looked up in the run's annotation, so they find alleles of the run.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shirube.contracts import ALLELE, ANNOTATION, GENE_MODELS, scan
from shirube.errors import InputError
from shirube.genome.chromosomes import canonical

_ALLELE = re.compile(r"(?:chr)?(\w+)[-:]([\d,]+)[-:]?([ACGTN]+)[->:]([ACGTN]+)", re.IGNORECASE)
_REGION = re.compile(r"(\w+):([\d,]+)(?:-([\d,]+))?")
_NAMES = ("rsid", "gene", "hgvs_c", "hgvs_p")


@dataclass(frozen=True)
class Place:
    """0-based [start, end) of a chromosome; `alleles` limits it to (pos, ref, alt) if not None."""

    chrom: str
    start: int
    end: int
    alleles: frozenset[tuple[int, str, str]] | None = None


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def spelt_out(asked: str) -> Place | None:
    """The place of an allele or region; None for anything else, InputError for no such region."""
    if found := _ALLELE.fullmatch(asked):
        chrom = canonical(found[1])
        if chrom:
            pos, ref, alt = _number(found[2]), found[3].upper(), found[4].upper()
            return Place(chrom, pos - 1, pos, frozenset({(pos, ref, alt)}))
    if found := _REGION.fullmatch(asked):
        chrom = canonical(found[1])
        if chrom:
            start = _number(found[2])
            end = _number(found[3]) if found[3] else start
            if start < 1 or end < start:
                raise InputError("query", "a region chrom:first-last, 1-based", asked)
            return Place(chrom, start - 1, end)
    return None


def places(asked: str, results: Path) -> list[Place]:
    """Where to look for what was asked; InputError if it is not understood or not known."""
    if spelt := spelt_out(asked):
        return [spelt]
    if re.fullmatch(r"rs\d+", asked):
        return _annotated(asked, results, pl.col("rsid") == asked)
    if ":" in asked:
        return _annotated(asked, results, _hgvs(asked))
    return _gene(asked, results)


def _hgvs(asked: str) -> pl.Expr:
    """Annotation rows that bear an HGVS name: with a transcript, a gene, or genomic."""
    owner, name = asked.split(":", 1)
    of_owner = (pl.col("gene") == owner) | (pl.col("transcript") == owner)
    of_owner |= pl.col("transcript").str.split(".").list.first() == owner.split(".")[0]
    inner = pl.col("hgvs_c").eq(name) | pl.col("hgvs_p").eq(name)
    inner |= pl.col("hgvs_p").str.split(":").list.last() == name
    genomic = pl.col("hgvs_g").eq(asked)
    if chrom := canonical(owner):
        genomic |= (pl.col("chrom") == chrom) & (
            pl.col("hgvs_g").str.split(":").list.last() == name
        )
    return genomic | (of_owner & inner)


def annotation(results: Path) -> pl.LazyFrame:
    """The run's annotation of all chromosomes; InputError if there is none."""
    files = sorted((results / "annotation").glob("chr*.parquet"))
    if not files:
        raise InputError(results / "annotation", "the annotation of a finished run")
    return pl.concat([scan(ANNOTATION, file) for file in files])


def _annotated(asked: str, results: Path, condition: pl.Expr) -> list[Place]:
    rows = annotation(results).filter(condition).select(ALLELE).unique().sort(ALLELE).collect()
    if rows.is_empty():
        raise InputError(results / "annotation", "an allele of this name", asked)
    return [
        Place(chrom, pos - 1, pos, frozenset({(pos, ref, alt)}))
        for chrom, pos, ref, alt in rows.iter_rows()
    ]


def _gene(asked: str, results: Path) -> list[Place]:
    """The stretch of a gene's transcripts."""
    models = results / "knowledge" / "gene_models.parquet"
    if not models.is_file():
        raise InputError(models, "gene models of a finished run", asked)
    rows = scan(GENE_MODELS, models).filter(pl.col("gene") == asked)
    spans = rows.group_by("chrom").agg(pl.col("start").min(), pl.col("end").max()).collect()
    if spans.is_empty():
        raise InputError(models, "a gene, allele, region, rsID or HGVS name", asked)
    return [Place(*row) for row in spans.sort("chrom").iter_rows()]


def described(alleles: pl.DataFrame, results: Path) -> pl.DataFrame:
    """rsID, gene and HGVS names of alleles, on MANE where there is one; null where unknown."""
    names = [pl.lit(None, pl.String).alias(name) for name in _NAMES]
    if alleles.is_empty() or not (results / "annotation").is_dir():
        return alleles.with_columns(names)
    rows = annotation(results).join(alleles.lazy(), on=ALLELE, how="semi").collect()
    best = rows.sort(pl.col("mane").is_null(), "transcript").unique(ALLELE, keep="first")
    return alleles.join(best.select(*ALLELE, *_NAMES), on=ALLELE, how="left", maintain_order="left")
