"""Alleles of one chromosome placed on every transcript they touch."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from shirube.annotate.effects import effect
from shirube.annotate.substitutions import SCHEMA, substitutions
from shirube.annotate.terms import impact
from shirube.genome.edits import Edit, described, edit_of, pieces, shifted
from shirube.genome.sequence import Bases
from shirube.genome.transcripts import DOWNSTREAM, UPSTREAM, Transcript, transcripts_of

_NAMED = "^[ACGT]+$"
LONG = 200  # bases on both sides of a replacement from which its changes are told one by one
ROWS = {
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


def empty_rows() -> pl.DataFrame:
    """`transcript_rows` of no alleles."""
    return pl.DataFrame(schema=ROWS)


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
    single = (usable["ref"].str.len_bytes() == 1) & (usable["alt"].str.len_bytes() == 1)
    frames = [pl.DataFrame(schema=ROWS)]
    frames += _single_bases(usable.filter(single), models, sequence)
    frames += _others(usable.filter(~single), models, sequence)
    return pl.concat(frames)


def _near(transcript: Transcript) -> tuple[int, int]:
    """Range on the forward strand in which alleles are named after the transcript."""
    before, after = (UPSTREAM, DOWNSTREAM) if transcript.forward else (DOWNSTREAM, UPSTREAM)
    return transcript.start - before, transcript.end + after


def _described(rows: pl.Series, transcript: Transcript, effects: pl.DataFrame) -> pl.DataFrame:
    """Effects with the alleles' row numbers and the transcript's facts."""
    count = effects.height
    facts = {
        "row": rows,
        "transcript": pl.Series([transcript.name] * count, dtype=pl.String),
        "gene": pl.Series([transcript.gene] * count, dtype=pl.String),
        "gene_id": pl.Series([transcript.gene_id] * count, dtype=pl.String),
        "mane": pl.Series([transcript.mane] * count, dtype=pl.String),
        **effects.to_dict(),
    }
    return pl.DataFrame([facts[name].alias(name) for name in ROWS])


def _single_bases(
    alleles: pl.DataFrame, models: pl.DataFrame, sequence: Bases
) -> Iterator[pl.DataFrame]:
    at = alleles["pos"].to_numpy().astype(np.int64) - 1
    alt = np.frombuffer("".join(alleles["alt"].to_list()).encode(), np.uint8)
    for transcript in transcripts_of(models, sequence):
        low, high = _near(transcript)
        first, last = np.searchsorted(at, [low, high]).tolist()
        if first < last:
            effects = substitutions(transcript, at[first:last], alt[first:last])
            yield _described(alleles["row"][first:last], transcript, effects)


def _others(alleles: pl.DataFrame, models: pl.DataFrame, sequence: Bases) -> Iterator[pl.DataFrame]:
    edits = [edit_of(*one) for one in alleles.select("pos", "ref", "alt").iter_rows()]
    starts = alleles["pos"].to_numpy().astype(np.int64) - 1
    ends = starts + alleles["ref"].str.len_bytes().to_numpy()
    longest = int((ends - starts).max()) if edits else 0
    for transcript in transcripts_of(models, sequence):
        low, high = _near(transcript)
        first, last = np.searchsorted(starts, [low - longest, high]).tolist()
        chosen = [index for index in range(first, last) if ends[index] > low]
        if not chosen:
            continue
        effects = pl.DataFrame(
            [_fields(transcript, edits[index]) for index in chosen], schema=SCHEMA, orient="row"
        )
        yield _described(alleles["row"][chosen], transcript, effects)


def _fields(transcript: Transcript, edit: Edit) -> tuple[object, ...]:
    found = effect(transcript, edit)
    return found.consequence, found.exon, found.hgvs_c, found.hgvs_p, found.protein_pos


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
            long = min(len(ref), len(alt)) > LONG
            parts = pieces(edit, sequence) if long else [edit]
            told = [described(part, sequence, True, lambda at: str(at + 1)) for part in parts]
            names.append(prefix + (told[0] if len(told) == 1 else f"[{';'.join(told)}]"))
    return pl.Series("hgvs_g", names, pl.String)


def impacts(rows: pl.DataFrame) -> pl.Expr:
    """Impact of each consequence."""
    found = rows["consequence"].drop_nulls().unique().to_list()
    return pl.col("consequence").replace_strict(
        {one: impact(one) for one in found}, default=None, return_dtype=pl.String
    )
