"""HGNC, Mondo mappings, STRchive and region lists as tables."""

import json
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from shirube.contracts.knowledge_general import (
    DISEASE_XREFS,
    GENE_NAMES,
    REPEAT_LOCI,
)
from shirube.errors import InputError
from shirube.genome.alleles import with_canonical_chrom
from shirube.knowledge.sources import refuse_duplicates, table, text

_STRCHIVE_BUILD = {"GRCh38": "hg38", "GRCh37": "hg19"}


def read_gene_names(path: str | Path) -> pl.DataFrame:
    """GENE_NAMES of hgnc_complete_set.txt, or of its subset with a `synonyms` column.

    A name that is an approved symbol of one gene keeps, for others, the kind it has there: the
    reader takes the approved symbol first.
    """
    frame = table(path, ["symbol", "hgnc_id"], quote=None)
    refuse_duplicates(frame, frame.columns, path)

    def first(*names: str) -> pl.Expr:
        found = [name for name in names if name in frame.columns]
        return pl.coalesce(found) if found else pl.lit(None, pl.String)

    facts = {
        "symbol": pl.col("symbol"),
        "hgnc_id": pl.col("hgnc_id"),
        "entrez_id": first("entrez_id"),
        "ensembl_id": first("ensembl_gene_id", "ensembl_id"),
    }
    kinds = {
        "symbol": pl.col("symbol"),
        "previous": first("prev_symbol"),
        "alias": first("alias_symbol", "synonyms"),
    }
    parts = [
        frame.select(name=names.str.strip_chars('"').str.split("|"), kind=pl.lit(kind), **facts)
        .explode("name")
        .filter(pl.col("name").is_not_null() & (pl.col("name") != ""))
        for kind, names in kinds.items()
    ]
    joined = pl.concat(parts).unique(["name", "symbol"], keep="first", maintain_order=True)
    return GENE_NAMES.table(joined)


def read_disease_xrefs(paths: Iterable[str | Path]) -> pl.DataFrame:
    """DISEASE_XREFS of one or several SSSOM files of Mondo."""
    parts = []
    for path in paths:
        frame = table(path, ["subject_id", "predicate_id", "object_id"], quote=None, comment="#")
        refuse_duplicates(frame, ["subject_id", "predicate_id", "object_id"], path)
        wrong = frame.filter(~pl.col("subject_id").str.starts_with("MONDO:"))
        if wrong.height:
            raise InputError(path, f"Mondo subjects, found {wrong['subject_id'][0]}")
        label = "object_label" in frame.columns
        parts.append(
            frame.select(
                mondo="subject_id",
                label="subject_label" if "subject_label" in frame.columns else pl.lit(None),
                predicate="predicate_id",
                other="object_id",
                other_label=pl.col("object_label") if label else pl.lit(None, pl.String),
            )
        )
    return DISEASE_XREFS.table(pl.concat(parts).unique(DISEASE_XREFS.key))


def read_repeat_loci(path: str | Path, build: str) -> pl.DataFrame:
    """REPEAT_LOCI of STRchive-loci.json in the coordinates of `build`.

    STRchive has GRCh38 and GRCh37; a list for another build names its places `start_<build>`,
    `stop_<build>`.
    """
    try:
        loci = json.loads(text(path))
    except json.JSONDecodeError as error:
        raise InputError(path, f"JSON ({error.msg})", f"line {error.lineno}") from error
    genome = _STRCHIVE_BUILD.get(build, build)

    def joined(values: list[str] | None) -> str | None:
        return "|".join(values) if values else None

    def whole(value: float | None) -> int | None:
        return None if value is None else int(value)

    rows = []
    for number, locus in enumerate(loci, 1):
        try:
            rows.append(
                {
                    "locus": locus["id"],
                    "gene": locus["gene"],
                    "disease": locus["disease"],
                    "inheritance": joined(locus["inheritance"]),
                    "chrom": locus["chrom"],
                    "start": locus[f"start_{genome}"],
                    "end": locus[f"stop_{genome}"],
                    "reference_motif": joined(locus["reference_motif_reference_orientation"]),
                    "pathogenic_motif": joined(locus["pathogenic_motif_reference_orientation"]),
                    "benign_max": whole(locus["benign_max"]),
                    "pathogenic_min": whole(locus["pathogenic_min"]),
                    "mondo": joined([f"MONDO:{one}" for one in locus.get("mondo") or []]),
                }
            )
        except KeyError as error:  # also of a build the list has no places in
            raise InputError(path, f"key {error} of a locus", f"locus {number}") from error
    schema = {**REPEAT_LOCI.schema, "chrom": pl.String}
    frame = with_canonical_chrom(pl.DataFrame(rows, schema=schema)).drop_nulls(["chrom", "start"])
    return REPEAT_LOCI.table(frame)
