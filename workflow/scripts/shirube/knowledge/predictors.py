"""Scores of AlphaMissense, CADD, REVEL and SpliceAI as published -> PREDICTOR.

The files hold every possible change of the genome; rows of chromosomes the reference lacks are
left out while reading, and a chromosome at a time is checked against the reference.
"""

from pathlib import Path

import polars as pl

from shirube.contracts import ALLELE
from shirube.contracts.knowledge_general import PREDICTOR
from shirube.errors import InputError
from shirube.genome.alleles import canonical_names, with_canonical_chrom
from shirube.knowledge.clinvar import SequenceOf, on_reference
from shirube.knowledge.sources import refuse_mixed_prefix, refuse_other_build, text
from shirube.vcf import read_columns

_SPLICE = ("acceptor_gain", "acceptor_loss", "donor_gain", "donor_loss")


def read_predictor(
    form: str,
    path: str | Path,
    build: str,
    sequence_of: SequenceOf,
    aliases: dict[str, str] | None = None,
) -> pl.DataFrame:
    """PREDICTOR of a file of `form` alphamissense, cadd, revel or spliceai."""
    readers = {
        "alphamissense": _alphamissense,
        "cadd": _cadd,
        "revel": _revel,
        "spliceai": _spliceai,
    }
    frame = readers[form](path, build)
    refuse_mixed_prefix(frame["chrom"].unique().to_list(), path)
    known = list(canonical_names(aliases))
    placed = with_canonical_chrom(frame.filter(pl.col("chrom").is_in(known)), aliases=aliases)
    if not placed.height:
        raise InputError(path, "scores on chromosomes of the reference")
    here = on_reference(placed, sequence_of, path)
    best = here.sort("score", descending=True).unique([*ALLELE, "gene"], keep="first")
    return PREDICTOR.table(best.with_columns(pl.col("gene").fill_null("")))


def _alphamissense(path: str | Path, build: str) -> pl.DataFrame:
    """AlphaMissense_hg38.tsv: #CHROM POS REF ALT genome uniprot_id transcript_id ... class."""
    lines = text(path)
    start = lines.find("#CHROM")
    if start < 0:
        raise InputError(path, "a header line that begins with #CHROM")
    frame = _table(path, lines[start:], "\t")
    _columns(frame, path, ["#CHROM", "POS", "REF", "ALT", "genome", "transcript_id",
                           "am_pathogenicity", "am_class"])  # fmt: skip
    refuse_other_build(str(frame["genome"][0]), build, path)
    return frame.select(
        chrom="#CHROM",
        pos=pl.col("POS").cast(pl.Int32),
        ref="REF",
        alt="ALT",
        gene="transcript_id",
        score=pl.col("am_pathogenicity").cast(pl.Float32),
        label="am_class",
    )


def _cadd(path: str | Path, build: str) -> pl.DataFrame:
    """CADD's scores: #Chrom Pos Ref Alt RawScore PHRED, below a line that names the build."""
    lines = text(path)
    start = lines.find("#Chrom")
    if start < 0:
        raise InputError(path, "a header line that begins with #Chrom")
    refuse_other_build(lines[:start], build, path)
    frame = _table(path, lines[start:], "\t")
    _columns(frame, path, ["#Chrom", "Pos", "Ref", "Alt", "PHRED"])
    return frame.select(
        chrom="#Chrom",
        pos=pl.col("Pos").cast(pl.Int32),
        ref="Ref",
        alt="Alt",
        gene=pl.lit("", pl.String),
        score=pl.col("PHRED").cast(pl.Float32),
        label=pl.lit(None, pl.String),
    )


def _revel(path: str | Path, build: str) -> pl.DataFrame:
    """revel_with_transcript_ids: chr,hg19_pos,grch38_pos,ref,alt,aaref,aaalt,REVEL,transcripts."""
    frame = _table(path, text(path), ",")
    place = "hg19_pos" if build == "GRCh37" else "grch38_pos"
    _columns(frame, path, ["chr", place, "ref", "alt", "REVEL"])
    here = frame.filter(pl.col(place).is_not_null() & (pl.col(place) != "."))
    transcripts = "Ensembl_transcriptid"
    return here.select(
        chrom="chr",
        pos=pl.col(place).cast(pl.Int32),
        ref="ref",
        alt="alt",
        gene=pl.col(transcripts) if transcripts in frame.columns else pl.lit("", pl.String),
        score=pl.col("REVEL").cast(pl.Float32),
        label=pl.lit(None, pl.String),
    )


def _spliceai(path: str | Path, build: str) -> pl.DataFrame:
    """VCF with INFO/SpliceAI: ALLELE|SYMBOL|DS_AG|DS_AL|DS_DG|DS_DL|positions."""
    records = read_columns(path, info={"SpliceAI": pl.String})
    if not records["SpliceAI"].drop_nulls().len():
        raise InputError(path, "INFO/SpliceAI")
    frame = records.drop_nulls("SpliceAI").with_columns(pl.col("SpliceAI").str.split(","))
    frame = frame.explode("SpliceAI").with_columns(
        pl.col("SpliceAI").str.split_exact("|", 5).struct.unnest()
    )
    deltas = {name: pl.col(f"field_{k}").cast(pl.Float32, strict=False)
              for k, name in enumerate(_SPLICE, 2)}  # fmt: skip
    highest = pl.max_horizontal(*deltas.values())
    return frame.filter(~pl.col("alt").str.contains(",", literal=True)).select(
        chrom="contig",
        pos="pos",
        ref="ref",
        alt="field_0",
        gene="field_1",
        score=highest,
        label=pl.coalesce(pl.when(v == highest).then(pl.lit(k)) for k, v in deltas.items()),
    )


def _table(path: str | Path, body: str, separator: str) -> pl.DataFrame:
    try:
        return pl.read_csv(
            body.encode(), separator=separator, infer_schema=False, quote_char=None, null_values=""
        )
    except pl.exceptions.PolarsError as error:
        raise InputError(path, f"a rectangular table ({str(error).splitlines()[0]})") from error


def _columns(frame: pl.DataFrame, path: str | Path, wanted: list[str]) -> None:
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise InputError(path, f"columns {', '.join(missing)}", "header")
    if not frame.height:
        raise InputError(path, "at least one row; the file is empty")
