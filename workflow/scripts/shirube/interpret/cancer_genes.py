"""Genes of cancer: the project's curated tables, and what configured sources add to them.

A curated row stands; a source speaks of genes that have none.
"""

from collections.abc import Mapping

import polars as pl

CURATED = "resources/cancer_genes.tsv"
_ROLES = {"activating": "oncogene", "loss_of_function": "tumour_suppressor"}
_MECHANISMS = {"LoF": "loss", "GoF": "gain"}


def roles(curated: pl.DataFrame, drivers: pl.DataFrame | None) -> Mapping[str, tuple[str, str]]:
    """Gene -> (oncogene or tumour_suppressor, who says so).

    DRIVERS speak of a gene that has one role in every tumour type they know it from.
    """
    out: dict[str, tuple[str, str]] = {}
    if drivers is not None:
        by_gene = drivers.group_by("gene").agg(pl.col("role").unique())
        for gene, found in by_gene.iter_rows():
            if len(found) == 1 and found[0] in _ROLES:
                out[gene] = (_ROLES[found[0]], "IntOGen")
    return out | {gene: (role, CURATED) for gene, role in curated.select("gene", "role").rows()}


def hereditary(
    curated: pl.DataFrame, predisposition: pl.DataFrame | None
) -> Mapping[str, Mapping[str, str | None]]:
    """Gene of hereditary tumours -> inheritance, mechanism (loss, gain, other) and source."""
    out: dict[str, Mapping[str, str | None]] = {}
    for row in [] if predisposition is None else predisposition.rows(named=True):
        mechanism = row["mechanism"]
        out[row["gene"]] = {
            "inheritance": row["inheritance"],
            "mechanism": _MECHANISMS.get(mechanism, "other") if mechanism else None,
            "source": row["panel"],
        }
    return out | dict(curated.rows_by_key("gene", named=True, unique=True))


def usual_transcripts(isoforms: pl.DataFrame | None) -> frozenset[str]:
    """Names (Ensembl and RefSeq, without version) of the transcripts of ISOFORMS."""
    if isoforms is None:
        return frozenset()
    names = pl.concat([isoforms["transcript"], isoforms["refseq"]]).drop_nulls()
    return frozenset(names.str.replace(r"\.\d+$", ""))
