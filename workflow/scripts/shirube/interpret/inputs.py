"""The tables an interpretation reads; the large ones are read a chromosome at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from shirube.changes.molecules import molecules
from shirube.contracts import (
    ANNOTATION,
    CALLS,
    CLINICAL_EVIDENCE,
    COPY_NUMBER,
    GENE_MODELS,
    LOH,
    MARKERS,
    SOMATIC,
    STRUCTURAL,
    scan,
)
from shirube.contracts.knowledge_general import DISEASE_XREFS
from shirube.contracts.loci import GENE_COPIES, REPEATS
from shirube.contracts.phase import CHANGES, PHASE
from shirube.interpret import cancer_genes
from shirube.interpret.alleles import described, frequency_of
from shirube.interpret.context import SpliceNeighbour
from shirube.interpret.genes import GeneKnowledge
from shirube.interpret.phenotype import Phenotypes
from shirube.interpret.pvs1 import Transcript
from shirube.interpret.residue import Allele, ClinVar, Residue
from shirube.interpret.rules import Rules, general
from shirube.interpret.splice_motif import splice_neighbours
from shirube.interpret.stretch import Stretch, stretches
from shirube.reads.phase import ReadPhase

EXACT = "skos:exactMatch"
_TABLES = {
    "loh": LOH,
    "structural": STRUCTURAL,
    "copy_number": COPY_NUMBER,
    "markers": MARKERS,
    "repeats": REPEATS,
    "gene_copies": GENE_COPIES,
}


@dataclass(frozen=True)
class Neighbours:
    """ClinVar's other changes at and near the residue of alleles, and what harms their genes."""

    residues: Mapping[Allele, Residue]
    stretches: Mapping[Allele, Stretch]
    spliced: Mapping[Allele, tuple[SpliceNeighbour, ...]]
    shares: Mapping[str, tuple[float | None, float | None]]

    def of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of acmg.Context that an allele takes from here."""
        key = (str(row["chrom"]), row["pos"], row["ref"], row["alt"])
        residue = self.residues.get(key, Residue())
        missense, truncating = self.shares.get(row["gene"] or "", (None, None))
        return {
            "same_protein": residue.same,
            "same_residue": residue.near,
            "stretch": self.stretches.get(key),
            "splice_known": self.spliced.get(key),
            "missense_share": missense,
            "truncating_share": truncating,
        }


@dataclass(frozen=True)
class Knowledge:
    """What is known of genes and alterations. Null tables are empty, unknown ones None.

    rules: the criteria in force; predictor: the one asked of missense changes.
    """

    curated: Mapping[str, pl.DataFrame]
    evidence: pl.DataFrame = field(default_factory=CLINICAL_EVIDENCE.empty)
    gene_models: pl.DataFrame = field(default_factory=GENE_MODELS.empty)
    oncotree: pl.DataFrame | None = None
    hotspots: pl.DataFrame | None = None
    genes: GeneKnowledge = field(default_factory=GeneKnowledge)
    phenotypes: Phenotypes | None = None
    clinvar: ClinVar | None = None
    rules: Rules = field(default_factory=general)
    predictor: str | None = None
    drivers: pl.DataFrame | None = None
    predisposition: pl.DataFrame | None = None
    disease_xrefs: pl.DataFrame | None = None
    population_events: pl.DataFrame | None = None

    @cached_property
    def _roles(self) -> Mapping[str, tuple[str, str]]:
        return cancer_genes.roles(self.curated["cancer_genes"], self.drivers)

    @cached_property
    def roles(self) -> dict[str, str]:
        """Cancer gene -> oncogene or tumour_suppressor."""
        return {gene: role for gene, (role, _) in self._roles.items()}

    def role_source(self, gene: str | None) -> str:
        """Who says which role a gene has, or does not know the gene."""
        return self._roles.get(gene or "", ("", cancer_genes.CURATED))[1]

    @cached_property
    def hereditary(self) -> Mapping[str, Mapping[str, str | None]]:
        """Gene of hereditary tumours -> inheritance, mechanism, source."""
        return cancer_genes.hereditary(self.curated["hereditary_cancer_genes"], self.predisposition)

    def same_disease(self, name: str) -> frozenset[str]:
        """A disease's id and every id Mondo gives the same disease."""
        if self.disease_xrefs is None:
            return frozenset({name})
        mondo = self.disease_xrefs.filter(pl.col("other") == name)["mondo"].to_list()
        known = self.disease_xrefs.filter(pl.col("mondo").is_in([name, *mondo]))
        return frozenset({name, *mondo, *known["other"]})

    @cached_property
    def _diseases(self) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, list[dict[str, Any]]]]:
        """Mondo ids of each id that Mondo calls the same disease, and the rows of each Mondo id."""
        table = DISEASE_XREFS.empty() if self.disease_xrefs is None else self.disease_xrefs
        same: dict[str, tuple[str, ...]] = {}
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in table.rows(named=True):
            rows.setdefault(row["mondo"], []).append(row)
            if row["predicate"] == EXACT:
                same[row["other"]] = (*same.get(row["other"], ()), row["mondo"])
        return same, rows

    def elsewhere(self, name: str | None) -> list[dict[str, Any]] | None:
        """What a disease (OMIM:, Orphanet:, ORPHA:, MONDO:) is called by Mondo and in its sources.

        Rows of id, name (null where the source states none) and `exact`: whether Mondo calls it the
        same disease, or only refers to it. None where Mondo does not know the disease.
        """
        same, rows = self._diseases
        asked = (name or "").replace("ORPHA:", "Orphanet:")
        mondo = (asked,) if asked in rows else same.get(asked, ())
        found = {one: {"id": one, "name": rows[one][0]["label"], "exact": True} for one in mondo}
        for row in (row for one in mondo for row in rows[one] if row["other"] != asked):
            exact = row["predicate"] == EXACT
            if exact or row["other"] not in found:
                found[row["other"]] = {"id": row["other"], "name": row["other_label"],
                                       "exact": exact}  # fmt: skip
        found.pop(asked, None)
        return [found[key] for key in sorted(found)] or None

    def disease_genes(self) -> frozenset[str] | None:
        """Genes of a disease in any source, HPO among them; None where no source is configured."""
        listed = self.genes.known()
        if self.phenotypes is None:
            return listed
        return self.phenotypes.genes | (listed or frozenset())

    def column(self, table: str, key: str, value: str) -> dict[str, str]:
        """Two columns of a curated table as a dict."""
        return dict(self.curated[table].select(key, value).rows())

    @cached_property
    def _coding(self) -> dict[str, int]:
        """Row of GENE_MODELS by transcript name (Ensembl and RefSeq) without version."""
        names: dict[str, int] = {}
        table = self.gene_models.select("transcript", "refseq", "cds_start")
        for at, (transcript, refseq, start) in enumerate(table.rows()):
            for name in (transcript, refseq):
                if name and start is not None:
                    names.setdefault(name.split(".")[0], at)
        return names

    def model(self, name: str | None) -> dict[str, Any] | None:
        """Row of GENE_MODELS of a coding transcript, by its name with or without version."""
        at = self._coding.get((name or "").split(".")[0])
        return None if at is None else self.gene_models.row(at, named=True)

    def models(self, transcripts: Iterable[str | None]) -> dict[str, dict[str, Any]]:
        """Rows of GENE_MODELS by the names asked for, of those that are known and coding."""
        names = {name for name in transcripts if name}
        return {name: model for name in names if (model := self.model(name)) is not None}

    def clinvar_release(self, row: Mapping[str, Any]) -> str | None:
        """Release of ClinVar behind an allele's classification; None where it has none."""
        return self.clinvar.release if self.clinvar and row.get("clinvar_id") else None

    def neighbours(self, alleles: Sequence[Mapping[str, Any]]) -> Neighbours | None:
        """What ClinVar knows near alleles; None without ClinVar."""
        if self.clinvar is None:
            return None
        models = self.models(row["transcript"] for row in alleles)
        genes = {row["gene"] for row in alleles if row["gene"]}
        return Neighbours(
            self.clinvar.residues(alleles, models),
            stretches(self.clinvar.table, alleles, models),
            splice_neighbours(self.clinvar.table, alleles, models, self.rules),
            self.clinvar.shares(genes),
        )

    def transcript(self, name: str | None) -> Transcript | None:
        """Coding exons of a transcript (Ensembl or RefSeq, with or without version)."""
        model = self.model(name)
        return None if model is None else Transcript.of(model)

    def spans(self) -> dict[str, tuple[str, int, int]]:
        """Gene -> (chrom, start, end), 0-based half-open, over its transcripts."""
        rows = (
            self.gene_models.drop_nulls("gene")
            .group_by("gene", "chrom")
            .agg(pl.col("start").min(), pl.col("end").max())
            .sort("gene", "chrom")
        )
        return {r["gene"]: (str(r["chrom"]), r["start"], r["end"]) for r in rows.rows(named=True)}


NOWHERE = ""  # of records on contigs that are no chromosome: unplaced sequence, decoys


@dataclass(frozen=True)
class Paths:
    """Files of one patient's interpretation; None where the patient has no such sample.

    `annotation` maps the run's chromosomes to their files, `phased` is PHASE; `frequency` is the
    directory of the cohort's release, None without one; `par` the pseudo-autosomal intervals
    (0-based half-open) by chromosome; `phase` the normal's reads, to tell whether
    neighbouring alleles lie on one chromosome; `usual` the transcripts (without version) that a
    gene which has one is named on, instead of MANE's.
    """

    annotation: Mapping[str, str]
    frequency: str | None = None
    calls: str | None = None
    somatic: str | None = None
    loh: str | None = None
    structural: str | None = None
    copy_number: str | None = None
    markers: str | None = None
    repeats: str | None = None
    gene_copies: str | None = None
    phased: str | None = None
    changes: str | None = None
    par: Mapping[str, Sequence[Sequence[int]]] = field(default_factory=dict)
    phase: ReadPhase | None = None
    usual: frozenset[str] = frozenset()

    @staticmethod
    def chroms(table: pl.LazyFrame) -> list[str]:
        """Chromosomes a table has rows on, in karyotype order; NOWHERE for rows on none."""
        found = table.select(pl.col("chrom").unique()).collect()
        return [NOWHERE if chrom is None else str(chrom) for chrom in found["chrom"].sort()]

    def of_chrom(
        self, table: pl.LazyFrame, chrom: str, prefer: pl.Expr, origin: str
    ) -> pl.DataFrame:
        """Rows of `table` on one chromosome as molecules carry them, described.

        See `changes.molecules` and `alleles.described`; `origin`: germline or somatic.
        """
        here = pl.col("chrom").is_null() if chrom == NOWHERE else pl.col("chrom") == chrom
        own = self.together.filter(here)
        rows = molecules(table.filter(here).collect(), own, origin)
        annotation = (
            scan(ANNOTATION, self.annotation[chrom])
            if chrom in self.annotation
            else ANNOTATION.empty().lazy()
        )
        empty = ANNOTATION.empty().lazy().select("chrom", "pos", "ref", "alt")
        frequency = (
            frequency_of(self.frequency, chrom)
            if self.frequency
            else empty.with_columns(
                cohort_ac=pl.lit(None, pl.Int32),
                cohort_an=pl.lit(None, pl.Int32),
                cohort_af=pl.lit(None, pl.Float64),
            )
        )
        return described(rows, annotation, frequency, prefer, self.usual)

    @cached_property
    def together(self) -> pl.DataFrame:
        """CHANGES: what several of the person's alleles are together; read once."""
        return scan(CHANGES, self.changes).collect() if self.changes else CHANGES.empty()

    def phases(self) -> pl.DataFrame:
        """PHASE of the person's neighbouring alleles."""
        return scan(PHASE, self.phased).collect() if self.phased else PHASE.empty()

    def germline(self) -> pl.LazyFrame | None:
        """CALLS of the normal."""
        return scan(CALLS, self.calls) if self.calls else None

    def candidates(self) -> pl.LazyFrame | None:
        """SOMATIC, numbered in its order as `record`."""
        if not self.somatic:
            return None
        rows = scan(SOMATIC, self.somatic).with_row_index("row")
        return rows.with_columns(record=pl.coalesce("record", "row")).drop("row")

    def table(self, name: str) -> pl.DataFrame:
        """LOH, STRUCTURAL, COPY_NUMBER, REPEATS or GENE_COPIES; empty where there is none."""
        contract = _TABLES[name]
        path = getattr(self, name)
        return scan(contract, path).collect() if path else contract.empty()
