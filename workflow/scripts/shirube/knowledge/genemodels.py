"""Gene models: MANE's bigGenePred track and GFF3 of MANE, Ensembl or GENCODE -> GENE_MODELS.

A model of another build is found by its start codons: in the right reference nearly all coding
sequences begin with ATG.
"""

import re
from pathlib import Path

import numpy as np
import polars as pl

from shirube.contracts import GENE_MODELS
from shirube.errors import InputError
from shirube.genome.alleles import with_canonical_chrom
from shirube.genome.sequence import Bases
from shirube.knowledge.sources import refuse_duplicates, refuse_mixed_prefix, text

BIG_GENE_PRED = [
    "chrom",
    "chromStart",
    "chromEnd",
    "name",
    "score",
    "strand",
    "thickStart",
    "thickEnd",
    "reserved",
    "blockCount",
    "blockSizes",
    "chromStarts",
    "name2",
    "cdsStartStat",
    "cdsEndStat",
    "exonFrames",
    "type",
    "geneName",
    "geneName2",
    "geneType",
    "ensemblProtAcc",
    "ncbiId",
    "ncbiGene",
    "ncbiProtAcc",
    "maneStat",
]
_GFF3 = ["contig", "origin", "type", "start", "end", "score", "strand", "phase", "attributes"]
_MIN_ATG = 0.9


def read_gene_models(path: str | Path, aliases: dict[str, str] | None = None) -> pl.DataFrame:
    """GENE_MODELS of a file, by its form: 25-column bigGenePred, else GFF3."""
    body = text(path)
    lines = [line for line in body.splitlines() if line and not line.startswith(("#", "track"))]
    if not lines:
        raise InputError(path, "at least one transcript; the file is empty")
    width = len(lines[0].split("\t"))
    if width == len(BIG_GENE_PRED):
        models = _big_gene_pred(lines, path)
    elif width == len(_GFF3):
        models = _gff3(lines, path)
    else:
        raise InputError(
            path, f"25 columns of bigGenePred or 9 of GFF3, found {width}", "first row"
        )
    refuse_mixed_prefix(models["chrom"].unique().to_list(), path)
    placed = with_canonical_chrom(models, aliases=aliases).drop_nulls("chrom")
    if not placed.height:
        raise InputError(path, "transcripts on chromosomes of the reference", models["chrom"][0])
    refuse_duplicates(placed, ["chrom", "transcript"], path)
    wrong = placed.filter(
        (pl.col("exon_starts").list.len() != pl.col("exon_ends").list.len())
        | (pl.col("exon_starts").list.first() != pl.col("start"))
        | (pl.col("exon_ends").list.last() != pl.col("end"))
    )
    if wrong.height:
        raise InputError(path, "exons that span the transcript", wrong["transcript"][0])
    return GENE_MODELS.table(placed)


def _big_gene_pred(lines: list[str], path: str | Path) -> pl.DataFrame:
    rows = [line.split("\t") for line in lines]
    for number, row in enumerate(rows, 1):
        if len(row) != len(BIG_GENE_PRED):
            raise InputError(path, f"25 columns, found {len(row)}", f"transcript {number}")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(BIG_GENE_PRED, pl.String), orient="row")

    def numbers(name: str) -> pl.Expr:
        return (
            pl.col(name)
            .str.strip_chars_end(",")
            .str.split(",")
            .list.eval(pl.element().cast(pl.Int32))
        )

    def word(name: str) -> pl.Expr:
        return pl.when(~pl.col(name).is_in(["", "none", "."])).then(pl.col(name))

    try:
        frame = frame.with_columns(
            pl.col("chromStart", "chromEnd", "thickStart", "thickEnd").cast(pl.Int32),
            numbers("blockSizes"),
            numbers("chromStarts"),
        )
    except pl.exceptions.PolarsError as error:
        raise InputError(path, f"whole numbers in coordinates ({error})") from error
    ragged = frame.filter(pl.col("blockSizes").list.len() != pl.col("chromStarts").list.len())
    if ragged.height:
        raise InputError(path, "as many block sizes as block starts", ragged["name"][0])
    coding = pl.col("thickEnd") > pl.col("thickStart")
    return frame.select(
        transcript="name",
        refseq=word("ncbiId"),
        gene=word("geneName2"),
        gene_id=word("geneName"),
        protein=pl.coalesce(word("ensemblProtAcc"), word("ncbiProtAcc")),
        mane=word("maneStat"),
        biotype=word("geneType"),
        chrom="chrom",
        strand="strand",
        start="chromStart",
        end="chromEnd",
        cds_start=pl.when(coding).then("thickStart"),
        cds_end=pl.when(coding).then("thickEnd"),
        exon_starts=pl.col("chromStarts") + pl.col("chromStart"),
        exon_ends=pl.col("chromStarts") + pl.col("chromStart") + pl.col("blockSizes"),
    )


def _attribute(name: str) -> pl.Expr:
    return pl.col("attributes").str.extract(rf"(?:^|;)\s*{re.escape(name)}=([^;]*)")


def _gff3(lines: list[str], path: str | Path) -> pl.DataFrame:
    """Transcripts of a GFF3: rows with exon children; CDS rows give the coding range.

    Ensembl writes ID=transcript:ENST... and a version attribute, GENCODE and MANE
    transcript_id=ENST....N and tag=MANE_Select; MANE adds Dbxref=RefSeq:NM_....
    """
    wanted = [line for line in lines if line.count("\t") == len(_GFF3) - 1]
    if len(wanted) != len(lines):
        bad = next(line for line in lines if line.count("\t") != len(_GFF3) - 1)
        raise InputError(path, "nine columns of GFF3", bad[:40])
    frame = pl.DataFrame(
        [line.split("\t") for line in wanted],
        schema=dict.fromkeys(_GFF3, pl.String),
        orient="row",
    )
    numbers = [pl.col(name).cast(pl.Int32, strict=False) for name in ("start", "end")]
    wrong = frame.filter(pl.any_horizontal(number.is_null() for number in numbers))
    if wrong.height:
        place = " ".join(wrong.select("contig", "start", "end").row(0))
        raise InputError(path, "whole numbers in columns 4 and 5", place[:60])
    frame = frame.with_columns(
        numbers[0] - 1,
        numbers[1],
        _attribute("ID").alias("id"),
        _attribute("Parent").alias("parent"),
    )
    exons = (
        frame.filter(pl.col("type") == "exon")
        .with_columns(pl.col("parent").str.split(","))
        .explode("parent")
        .sort("parent", "start")
        .group_by("parent", maintain_order=True)
        .agg(exon_starts="start", exon_ends="end")
    )
    coding = (
        frame.filter(pl.col("type").is_in(["CDS", "stop_codon"]))
        .group_by("parent")
        .agg(
            pl.col("start").min().alias("cds_start"),
            pl.col("end").max().alias("cds_end"),
            pl.coalesce(_attribute("protein_id"), _attribute("ID"))
            .drop_nulls()
            .first()
            .alias("protein"),
        )
    )
    gene = frame.filter(pl.col("type").str.contains("gene")).select(
        gene_key="id",
        gene_name=pl.coalesce(_attribute("gene_name"), _attribute("Name"), _attribute("gene")),
        gene_number=pl.coalesce(
            _versioned("gene_id"), _attribute("gene_id"), pl.col("id").str.replace("^gene:", "")
        ),
    )
    tags = pl.coalesce(_attribute("tag"), pl.lit(""))
    models = (
        frame.join(exons, left_on="id", right_on="parent")
        .join(coding, left_on="id", right_on="parent", how="left")
        .join(
            gene.unique("gene_key", keep="first"), left_on="parent", right_on="gene_key", how="left"
        )
        .select(
            transcript=pl.coalesce(
                _versioned("transcript_id"),
                _attribute("transcript_id"),
                pl.col("id").str.replace("^(transcript|rna):", ""),
            ),
            refseq=pl.col("attributes").str.extract(r"RefSeq:([NX][MR]_[0-9.]+)"),
            gene=pl.coalesce(_attribute("gene_name"), "gene_name", _attribute("gene")),
            gene_id=pl.coalesce("gene_number", _attribute("gene_id")),
            protein=pl.col("protein").str.replace("^CDS:", ""),
            mane=pl.when(tags.str.contains("MANE_?[ _]?Plus"))
            .then(pl.lit("MANE Plus Clinical"))
            .when(tags.str.contains("MANE_?[ _]?Select"))
            .then(pl.lit("MANE Select")),
            biotype=pl.coalesce(
                _attribute("biotype"), _attribute("transcript_type"), _attribute("gbkey"), "type"
            ),
            chrom="contig",
            strand="strand",
            start="start",
            end="end",
            cds_start="cds_start",
            cds_end="cds_end",
            exon_starts="exon_starts",
            exon_ends="exon_ends",
        )
    )
    if not models.height:
        raise InputError(path, "transcripts with exons (ID and Parent attributes)")
    return models


def _versioned(name: str) -> pl.Expr:
    return _attribute(name) + "." + _attribute("version")


def refuse_other_sequence(models: pl.DataFrame, sequence: Bases, path: str | Path) -> int:
    """Coding transcripts whose start codon was seen; InputError if too few of them are ATG.

    `models` of one chromosome. Unknown sequence (N) says nothing. Few transcripts (a slice of a
    chromosome) are judged all the same: one of one that is not ATG is refused.
    """
    coding = models.filter(pl.col("cds_start").is_not_null())
    seen = good = 0
    for strand, low, high, starts, ends in coding.select(
        "strand", "cds_start", "cds_end", "exon_starts", "exon_ends"
    ).iter_rows():
        if high > sequence.size:
            seen += 1
            continue
        places = np.concatenate(
            [np.arange(max(s, low), min(e, high)) for s, e in zip(starts, ends, strict=True)]
        )
        codon = bytes(sequence[places[:3] if strand == "+" else places[-3:]])
        if b"N" in codon:
            continue
        seen += 1
        good += codon == (b"ATG" if strand == "+" else b"CAT")
    if seen and good < _MIN_ATG * seen:
        raise InputError(
            path,
            f"start codons at ATG of the reference, found {good} of {seen}: other build?",
            str(models["chrom"][0]),
        )
    return seen
