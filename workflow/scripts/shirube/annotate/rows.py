"""Alleles of one chromosome placed on every transcript they touch."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from shirube.annotate.edits import Edit, described, edit_of, shifted
from shirube.annotate.effects import effect
from shirube.annotate.sequence import Bases
from shirube.annotate.terms import impact
from shirube.annotate.transcripts import DOWNSTREAM, UPSTREAM, Transcript

_NAMED = "^[ACGT]+$"
_ROWS = {
    "row": pl.UInt32,
    "transcript": pl.String,
    "gene": pl.String,
    "gene_id": pl.String,
    "mane": pl.String,
    "consequence": pl.String,
    "exon": pl.String,
    "hgvs_c": pl.String,
    "hgvs_p": pl.String,
    "protein_pos": pl.Int32,
}


def transcripts_of(models: pl.DataFrame, sequence: Bases) -> Iterator[Transcript]:
    """Transcripts of GENE_MODELS rows of one chromosome."""
    for row in models.iter_rows(named=True):
        if row["end"] > sequence.size:
            continue
        yield Transcript(
            name=row["transcript"],
            gene=row["gene"],
            gene_id=row["gene_id"],
            mane=row["mane"],
            biotype=row["biotype"],
            chrom=row["chrom"],
            forward=row["strand"] == "+",
            starts=np.array(row["exon_starts"], np.int64),
            ends=np.array(row["exon_ends"], np.int64),
            cds_start=row["cds_start"],
            cds_end=row["cds_end"],
            sequence=sequence,
        )


def transcript_rows(alleles: pl.DataFrame, models: pl.DataFrame, sequence: Bases) -> pl.DataFrame:
    """One row an allele and transcript: the allele's row number, the transcript's facts, names.

    `alleles`: pos, ref, alt of one chromosome in any order, `known` as `normalised` states it.
    Alleles that contradict the reference, or are not made of bases, have no row.
    """
    usable = (
        alleles.with_row_index("row")
        .filter(
            pl.col("known").fill_null(True)
            & pl.col("ref").str.contains(_NAMED)
            & pl.col("alt").str.contains(_NAMED)
            & (pl.col("ref") != pl.col("alt"))
        )
        .sort("pos")
    )
    numbers = usable["row"].to_list()
    edits = [edit_of(*allele) for allele in usable.select("pos", "ref", "alt").iter_rows()]
    starts = usable["pos"].to_numpy().astype(np.int64) - 1
    ends = starts + usable["ref"].str.len_bytes().to_numpy()
    longest = int((ends - starts).max()) if len(edits) else 0
    rows: list[tuple[object, ...]] = []
    for transcript in transcripts_of(models, sequence):
        before, after = (UPSTREAM, DOWNSTREAM) if transcript.forward else (DOWNSTREAM, UPSTREAM)
        low, high = transcript.start - before, transcript.end + after
        first = int(np.searchsorted(starts, low - longest))
        last = int(np.searchsorted(starts, high))
        for index in range(first, last):
            if ends[index] > low:
                rows.append((numbers[index], *_row(transcript, edits[index])))
    return pl.DataFrame(rows, schema=_ROWS, orient="row")


def _row(transcript: Transcript, edit: Edit) -> tuple[object, ...]:
    found = effect(transcript, edit)
    return (
        transcript.name,
        transcript.gene,
        transcript.gene_id,
        transcript.mane,
        found.consequence,
        found.exon,
        found.hgvs_c,
        found.hgvs_p,
        found.protein_pos,
    )


def genomic_names(alleles: pl.DataFrame, sequence: Bases, prefix: str) -> pl.Series:
    """HGVS g. names (m. on chrM) in row order; null where REF is unknown or contradicted."""
    names: list[str | None] = []
    for pos, ref, alt, known in alleles.select("pos", "ref", "alt", "known").iter_rows():
        if not known or (ref + alt).strip("ACGT") or ref == alt:
            names.append(None)
        elif len(ref) == len(alt) == 1:
            names.append(f"{prefix}{pos}{ref}>{alt}")
        else:
            edit = shifted(edit_of(pos, ref, alt), sequence, forward=True)
            names.append(prefix + described(edit, sequence, True, lambda at: str(at + 1)))
    return pl.Series("hgvs_g", names, pl.String)


def impacts(rows: pl.DataFrame) -> pl.Expr:
    """Impact of each consequence."""
    found = rows["consequence"].drop_nulls().unique().to_list()
    return pl.col("consequence").replace_strict(
        {one: impact(one) for one in found}, default=None, return_dtype=pl.String
    )
