"""Genes by any of their names, their transcripts, and the diseases they are known for."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from shirube.contracts import CHROM, GENE_MODELS, Contract, read, scan
from shirube.contracts.knowledge_general import GENE_NAMES
from shirube.contracts.knowledge_rare import GENE_CONSTRAINT, NANDO_GENES
from shirube.genome.sequence import Bases
from shirube.genome.transcripts import Transcript, transcripts_of

_SPAN = ("gene", "gene_id", "chrom", "strand", "start", "end")
_DISEASE = ("nando", "omim", "mondo", "number", "name_ja", "name_en", "designated")
_FAMILIAR = ("BRCA1", "BRCA2", "TP53")
MOST = 50  # diseases told of one question


class Genes:
    """Gene models and names of a run's knowledge; what is not configured is simply not known."""

    def __init__(self, knowledge: Path) -> None:
        self._models = knowledge / "gene_models.parquet"
        self._knowledge = knowledge
        self._spans = _spans(self._models)
        self._transcripts = _transcripts(self._models)

    def _table(self, contract: Contract, name: str) -> pl.DataFrame:
        path = self._knowledge / f"{name}.parquet"
        return read(contract, path) if path.is_file() else contract.empty()

    @cached_property
    def _names(self) -> pl.DataFrame:
        """Every other name of a gene the models have: lower-case name, symbol, kind."""
        names = self._table(GENE_NAMES, "gene_names").filter(
            pl.col("symbol").is_in(self._spans["gene"].implode())
        )
        ids = names.select("symbol", "hgnc_id", "ensembl_id").unique()
        by_id = ids.unpivot(index="symbol", value_name="name", variable_name="kind").drop_nulls()
        kinds = pl.concat(
            [names.select("name", "symbol", "kind"), by_id.select("name", "symbol", "kind")]
        )
        return kinds.select(
            pl.col("name").str.to_lowercase().alias("key"), "name", "symbol", "kind"
        )

    @cached_property
    def _nando(self) -> pl.DataFrame:
        return self._table(NANDO_GENES, "nando_genes")

    @cached_property
    def _constraint(self) -> pl.DataFrame:
        return self._table(GENE_CONSTRAINT, "gene_constraint")

    def symbol(self, word: str) -> str | None:
        """The symbol, as the gene models write it, of a gene's name or id in any case."""
        key = word.lower()
        own = self._spans.filter((pl.col("key") == key) | (pl.col("gene_key") == key.split(".")[0]))
        if own.height:
            return str(own["gene"][0])
        known = self._names.filter(pl.col("key") == key)
        for kind in ("symbol", "previous", "alias", "hgnc_id", "ensembl_id"):
            found = known.filter(pl.col("kind") == kind)["symbol"].unique().sort()
            if found.len() == 1:
                return str(found[0])
        return None

    def symbols_of(self, word: str) -> list[str]:
        """Genes that share a name which is no symbol of its own."""
        return self._names.filter(pl.col("key") == word.lower())["symbol"].unique().sort().to_list()

    def spans(self, symbol: str) -> list[dict[str, Any]]:
        """Where a gene lies: gene, gene_id, chrom, strand, start, end (0-based, half-open)."""
        found = self._spans.filter(pl.col("gene") == symbol)
        return found.sort(pl.col("chrom").cast(CHROM)).select(_SPAN).to_dicts()

    def some(self, most: int) -> list[str]:
        """A few genes to show what may be asked: well-known ones before others."""
        known = self._spans["gene"].unique().sort().to_list()
        return sorted(known, key=lambda gene: (gene not in _FAMILIAR, gene))[:most]

    def within(self, chrom: str, start: int, end: int) -> list[dict[str, Any]]:
        """Genes that overlap [start, end), in order."""
        here = (pl.col("chrom") == chrom) & (pl.col("start") < end) & (pl.col("end") > start)
        return self._spans.filter(here).sort("start").select(_SPAN).to_dicts()

    def transcript_rows(self, symbol: str) -> pl.DataFrame:
        """GENE_MODELS rows of a gene, MANE first."""
        rows = scan(GENE_MODELS, self._models).filter(pl.col("gene") == symbol).collect()
        select = pl.col("mane").replace_strict(
            {"MANE Select": 0, "MANE Plus Clinical": 1}, default=2, return_dtype=pl.Int8
        )
        return rows.sort(select, "transcript")

    def transcripts(self, symbol: str, sequences: Mapping[str, Bases]) -> Iterator[Transcript]:
        """Transcripts of a gene on the chromosomes of `sequences`, MANE first."""
        for row in self.transcript_rows(symbol).iter_slices(1):
            if row["chrom"][0] in sequences:
                yield from transcripts_of(row, sequences[row["chrom"][0]])

    def named(self, word: str) -> tuple[str, str] | None:
        """(gene, transcript) of a transcript's or protein's accession, in any version."""
        stem = word.upper().split(".")[0]
        found = self._transcripts.filter(pl.col("stem") == stem)
        return found.select("gene", "transcript").row(0) if found.height else None

    def accessions(self, symbol: str) -> list[str]:
        """Accessions by which a gene's transcripts may be named."""
        rows = self.transcript_rows(symbol).select("transcript", "refseq")
        return [name for row in rows.iter_rows() for name in row if name]

    def diseases(self, text: str) -> list[dict[str, Any]]:
        """Diseases whose Japanese or English name holds `text`, or that bear it as an id.

        Each has its genes as (symbol, whether the models have it).
        """
        key = text.lower()
        number = key.removeprefix("mim:").removeprefix("omim:")
        found = self._nando.filter(
            pl.col("name_ja").str.to_lowercase().str.contains(key, literal=True)
            | pl.col("name_en").str.to_lowercase().str.contains(key, literal=True).fill_null(False)
            | pl.col("nando").str.to_lowercase().eq(key)
            | pl.col("mondo").str.to_lowercase().eq(key)
            | pl.col("omim").eq(f"OMIM:{number}")
        )
        exact = (pl.col("name_ja").str.to_lowercase() == key).fill_null(False)
        grouped = found.group_by("nando").agg(
            *(pl.col(name).drop_nulls().first() for name in _DISEASE if name != "nando"),
            pl.col("gene").unique().sort(),
        )
        rows = (
            grouped.sort(~exact, pl.col("name_ja").str.len_chars(), "nando").head(MOST).to_dicts()
        )
        known = set(self._spans["gene"])
        return [
            {**row, "genes": [(gene, gene in known) for gene in row.pop("gene")]} for row in rows
        ]

    def diseases_of(self, symbol: str) -> list[dict[str, Any]]:
        """Japanese intractable diseases of a gene, one row a disease."""
        rows = self._nando.filter(pl.col("gene") == symbol).unique("nando").sort("nando")
        return rows.select(_DISEASE).to_dicts()

    def constraint(self, symbol: str) -> dict[str, float | None] | None:
        """PLI and LOEUF of a gene; None where the source is not configured or silent."""
        rows = self._constraint.filter(pl.col("gene") == symbol).select("pli", "loeuf").to_dicts()
        return rows[0] if rows else None

    def suggestions(self, text: str, most: int = 8) -> list[tuple[str, str]]:
        """(what to ask, what it is) of names that begin with, or diseases that hold, `text`."""
        key = text.lower()
        if not key:
            return []
        own = self._spans.filter(pl.col("key").str.starts_with(key)).sort(
            pl.col("gene").str.len_chars(), "gene"
        )
        out = [(gene, gene) for gene in own["gene"].unique(maintain_order=True).head(most)]
        if len(out) < most:
            other = self._names.filter(
                pl.col("key").str.starts_with(key) & (pl.col("name") != pl.col("symbol"))
            ).sort(pl.col("name").str.len_chars(), "name")
            out += [
                (s, f"{n} → {s}") for n, s in other.select("name", "symbol").head(most).iter_rows()
            ]
        if len(out) < most and len(key) > 1:
            for row in self.diseases(text)[:most]:
                name = row["name_ja"] or row["name_en"]
                out.append((name, f"{name} ({len(row['genes'])})"))
        unique = {asked: shown for asked, shown in reversed(out)}
        return [(asked, unique[asked]) for asked in dict.fromkeys(a for a, _ in out)][:most]


def _spans(models: Path) -> pl.DataFrame:
    """One row a gene and chromosome: its outermost transcript ends."""
    table = scan(GENE_MODELS, models) if models.is_file() else GENE_MODELS.empty().lazy()
    return (
        table.filter(pl.col("gene").is_not_null())
        .group_by("gene", "chrom")
        .agg(
            pl.col("gene_id").first(),
            pl.col("strand").first(),
            pl.col("start").min(),
            pl.col("end").max(),
        )
        .with_columns(
            pl.col("chrom").cast(pl.String),
            pl.col("gene").str.to_lowercase().alias("key"),
            pl.col("gene_id").str.split(".").list.first().str.to_lowercase().alias("gene_key"),
        )
        .sort("gene", "chrom")
        .collect()
    )


def _transcripts(models: Path) -> pl.DataFrame:
    """Accession without version -> gene and transcript; RefSeq, Ensembl and protein ones."""
    table = scan(GENE_MODELS, models) if models.is_file() else GENE_MODELS.empty().lazy()
    names = [
        table.select(pl.col(column).alias("name"), "gene", "transcript")
        for column in ("transcript", "refseq", "protein")
    ]
    return (
        pl.concat(names)
        .filter(pl.col("name").is_not_null())
        .select(
            pl.col("name").str.to_uppercase().str.split(".").list.first().alias("stem"),
            "gene",
            "transcript",
        )
        .unique("stem", keep="first", maintain_order=True)
        .collect()
    )
