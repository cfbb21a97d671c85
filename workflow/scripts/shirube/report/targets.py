"""What a report looks for, as places in the genome, and what the reads show there.

A target is a gene's coding bases, a codon, an exon, or the introns in which fusions of a gene
break. `targets` lists them from the clinical evidence; `measured` adds depth and callability.
Intervals are 0-based, half-open, on canonical chromosomes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.contracts.samples import TARGETS
from shirube.genome.intervals import Arrays, Spans, covered

Depths = Mapping[str, Arrays]


@dataclass(frozen=True)
class Model:
    """One transcript as targets need it."""

    transcript: str
    chrom: str
    forward: bool
    exons: Spans
    coding: Spans

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Model":
        """From a row of GENE_MODELS."""
        exons = list(zip(row["exon_starts"], row["exon_ends"], strict=True))
        low, high = row["cds_start"], row["cds_end"]
        coding = []
        if low is not None:
            coding = [(max(s, low), min(e, high)) for s, e in exons if s < high and e > low]
        return cls(row["transcript"], row["chrom"], row["strand"] == "+", exons, coding)

    def codon(self, number: int) -> Spans:
        """The three bases of a codon (1-based), which may lie in two exons; [] if there is none."""
        first, last = 3 * (number - 1), 3 * number
        if number < 1 or last > sum(end - start for start, end in self.coding):
            return []
        out, seen = [], 0
        for start, end in self.coding if self.forward else reversed(self.coding):
            a, b = max(first - seen, 0), min(last - seen, end - start)
            if a < b:
                out.append((start + a, start + b) if self.forward else (end - b, end - a))
            seen += end - start
        return sorted(out)

    def exon(self, number: int) -> Spans:
        """An exon by its number in the transcript (1-based); [] if there is none."""
        if not 1 <= number <= len(self.exons):
            return []
        return [self.exons[number - 1 if self.forward else -number]]

    def intron(self, number: int) -> Spans:
        """The intron after exon `number`; [] if there is none."""
        if not 1 <= number < len(self.exons):
            return []
        (before,), (after,) = self.exon(number), self.exon(number + 1)
        return [(before[1], after[0]) if self.forward else (after[1], before[0])]

    def span(self) -> Spans:
        """The whole transcript."""
        return [(self.exons[0][0], self.exons[-1][1])]


def models(gene_models: pl.DataFrame) -> dict[str, Model]:
    """Gene -> its MANE Select transcript; without one, that with the most coding bases."""
    order = gene_models.with_columns(
        pl.col("mane").eq("MANE Select").fill_null(False).alias("select"),
        (pl.col("cds_end") - pl.col("cds_start")).fill_null(0).alias("size"),
    ).sort("select", "size", "transcript", descending=[True, True, False])
    kept = order.unique("gene", keep="first", maintain_order=True)
    return {row["gene"]: Model.from_row(row) for row in kept.iter_rows(named=True)}


def _sites(
    evidence: pl.DataFrame, introns: Mapping[str, list[int]], known: Mapping[str, Model]
) -> Iterator[tuple[str, str, int | None, str, Spans]]:
    """(gene, kind, number, label, spans) of everything the evidence asks for."""
    none: Spans = []
    asked = evidence.filter(
        pl.col("evidence_type") == "Predictive",
        pl.col("gene").is_not_null(),
        pl.col("match").cast(pl.String).is_in(["none", "biomarker"]).not_(),
    )
    small = asked.filter(pl.col("match").cast(pl.String) != "fusion")
    for gene in small["gene"].unique().sort():
        yield gene, "coding", None, "", known[gene].coding if gene in known else none
    codons = (
        asked.filter(
            pl.col("match").cast(pl.String).is_in(["exact", "codon"]), pl.col("codon").is_not_null()
        )
        .group_by("gene", "codon")
        .agg(pl.col("hgvs_p").drop_nulls().unique().sort())
        .sort("gene", "codon")
    )
    for gene, codon, names in codons.iter_rows():
        spans = known[gene].codon(codon) if gene in known else none
        yield gene, "codon", codon, " ".join(names), spans
    exons = asked.filter(pl.col("match").cast(pl.String) == "exon", pl.col("exon").is_not_null())
    for gene, exon in exons.select("gene", "exon").unique().sort("gene", "exon").iter_rows():
        yield gene, "exon", exon, "", known[gene].exon(exon) if gene in known else none
    fused = asked.filter(pl.col("match").cast(pl.String) == "fusion")
    genes = {g for pair in fused.select("gene", "partner").iter_rows() for g in pair if g}
    for gene in sorted(genes):
        numbers = introns.get(gene, [])
        if gene not in known:
            yield gene, "fusion", None, "", none
        elif numbers and (found := [s for n in numbers for s in known[gene].intron(n)]):
            yield gene, "fusion", None, ",".join(map(str, numbers)), sorted(found)
        elif gene in set(fused["partner"].drop_nulls()) | set(
            fused.filter(pl.col("partner").is_null())["gene"]
        ):
            yield gene, "fusion", None, "", known[gene].span()


def targets(
    evidence: pl.DataFrame, gene_models: pl.DataFrame, introns: Mapping[str, list[int]]
) -> pl.DataFrame:
    """Every target of CLINICAL_EVIDENCE on GENE_MODELS: what it is and its gene's place.

    `introns`: gene -> introns in which its fusions break; a gene without an entry is searched
    over its whole span if it may fuse with any partner. A gene without a model stands with
    no interval, so that it is named as not assessable instead of being forgotten.
    """
    known = models(gene_models)
    rows = [
        {
            "gene": gene,
            "kind": kind,
            "number": number,
            "label": label,
            "transcript": known[gene].transcript if gene in known else None,
            "chrom": known[gene].chrom if gene in known else None,
            "starts": [s for s, _ in spans],
            "ends": [e for _, e in spans],
            "bases": sum(e - s for s, e in spans),
            "gene_start": known[gene].span()[0][0] if gene in known else None,
            "gene_end": known[gene].span()[0][1] if gene in known else None,
        }
        for gene, kind, number, label, spans in _sites(evidence, introns, known)
    ]
    place = ("transcript", "chrom", "starts", "ends", "bases", "gene_start", "gene_end")
    names = ("gene", "kind", "number", "label", *place)
    return pl.DataFrame(rows, schema={name: TARGETS.schema[name] for name in names})


def depths_over(spans: Spans, depth: tuple[NDArray[np.int64], NDArray[np.int64]]) -> NDArray[Any]:
    """Depth of each base of `spans`; `depth`: (0-based positions ascending, reads), 0 elsewhere."""
    positions, reads = depth
    out = []
    for start, end in spans:
        low, high = np.searchsorted(positions, [start, end])
        here = np.zeros(end - start, np.int64)
        here[positions[low:high] - start] = reads[low:high]
        out.append(here)
    return np.concatenate(out) if out else np.zeros(0, np.int64)


def measured(
    wanted: pl.DataFrame,
    callable_: Mapping[str, Arrays],
    requested: Mapping[str, Arrays],
    depth: Depths | None,
) -> pl.DataFrame:
    """TARGETS of one sample. `depth` is None for a sample without reads: depths are null."""
    empty = (np.zeros(0, np.int64), np.zeros(0, np.int64))
    out = []
    for row in wanted.iter_rows(named=True):
        spans, bases = list(zip(row["starts"], row["ends"], strict=True)), row["bases"]
        values: dict[str, Any] = {}
        if bases:
            values["requested"] = covered(spans, requested.get(row["chrom"], empty)) / bases
            values["callable"] = covered(spans, callable_.get(row["chrom"], empty)) / bases
            gene = [(row["gene_start"], row["gene_end"])]
            size = row["gene_end"] - row["gene_start"]
            values["gene_requested"] = covered(gene, requested.get(row["chrom"], empty)) / size
            values["gene_callable"] = covered(gene, callable_.get(row["chrom"], empty)) / size
            if depth is not None:
                here = depths_over(spans, depth.get(row["chrom"], empty))
                values["mean_depth"] = float(here.mean())
                values["low_depth"] = int(np.sort(here)[int(0.05 * (len(here) - 1))])
                values["min_depth"] = int(here.min())
        out.append(values)
    depths = ("requested", "callable", "mean_depth", "low_depth", "min_depth")
    names = (*depths, "gene_requested", "gene_callable")
    filled = [dict.fromkeys(names) | values for values in out]
    table = wanted.hstack(pl.DataFrame(filled, schema={n: TARGETS.schema[n] for n in names}))
    return TARGETS.table(table)
