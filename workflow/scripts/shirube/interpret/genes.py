"""What is known of a gene's disease: inheritance, mechanism, names, dosage.

Sources are G2P (diseases), ClinGen dosage, gnomAD constraint, the table of hereditary tumours
and NANDO; each statement keeps its source. What no source says stays unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

TRUSTED = ("confirmed", "definitive", "probable", "strong", "both rd and if", "both dd and if")
CONSTRAINED = 0.35
HAPLOINSUFFICIENT, RECESSIVE = 3, 30


@dataclass(frozen=True)
class GeneFacts:
    """One gene: modes of inheritance (empty: unknown), mechanism of loss, disease names.

    loss is `established`, `suggested` (constraint alone) or None; loss_source says by whom.
    """

    inheritance: frozenset[str] = frozenset()
    loss: str | None = None
    loss_source: str = "no source speaks of the gene's mechanism"
    diseases: tuple[dict[str, Any], ...] = ()
    nando: tuple[dict[str, Any], ...] = ()
    triplosensitivity: int | None = None

    def described(self) -> dict[str, Any]:
        """What a finding says of the gene's diseases; None where nothing is known."""
        diseases = ("disease", "omim", "inheritance", "confidence")
        nando = ("nando", "name_ja", "name_en", "designated", "number")
        return {
            "gene_inheritance": sorted(self.inheritance) or None,
            "diseases": [{key: d[key] for key in diseases} for d in self.diseases] or None,
            "nando": [{key: n[key] for key in nando} for n in self.nando] or None,
        }


@dataclass(frozen=True)
class GeneKnowledge:
    """Tables of facts on genes; None where the source is not configured."""

    diseases: pl.DataFrame | None = None
    dosage: pl.DataFrame | None = None
    constraint: pl.DataFrame | None = None
    nando: pl.DataFrame | None = None
    hereditary: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)

    @cached_property
    def _by_gene(self) -> tuple[dict[str, list[dict[str, Any]]], ...]:
        """Rows of the four tables by gene."""
        tables = (self.diseases, self.dosage, self.constraint, self.nando)
        out: list[dict[str, list[dict[str, Any]]]] = []
        for table in tables:
            rows: dict[str, list[dict[str, Any]]] = {}
            for row in [] if table is None else table.rows(named=True):
                rows.setdefault(row["gene"], []).append(row)
            out.append(rows)
        return tuple(out)

    @cached_property
    def _names(self) -> frozenset[str] | None:
        if self.diseases is None:
            return None
        return frozenset(self.diseases["gene"].to_list()) | frozenset(self.hereditary)

    def known(self) -> frozenset[str] | None:
        """Genes of a disease in any source; None where no source of diseases is configured."""
        return self._names

    def of(self, gene: str | None) -> GeneFacts:
        """Facts on one gene."""
        if not gene:
            return GeneFacts()
        diseases, dosage, constraint, nando = (table.get(gene, []) for table in self._by_gene)
        cancer = self.hereditary.get(gene) or {}
        modes = {d["inheritance"] for d in diseases} & {"AD", "AR", "XL", "MT"}
        if cancer.get("inheritance"):
            modes |= set(str(cancer["inheritance"]).split("/")) & {"AD", "AR", "XL"}
        haplo = dosage[0]["haploinsufficiency"] if dosage else None
        if haplo == RECESSIVE:
            modes.add("AR")
        elif haplo == HAPLOINSUFFICIENT and not modes & {"XL"}:
            modes.add("AD")
        loss, source = _loss(diseases, haplo, constraint, cancer)
        third = dosage[0]["triplosensitivity"] if dosage else None
        return GeneFacts(frozenset(modes), loss, source, tuple(diseases), tuple(nando), third)


def _loss(
    diseases: list[dict[str, Any]],
    haploinsufficiency: int | None,
    constraint: list[dict[str, Any]],
    cancer: Mapping[str, str | None],
) -> tuple[str | None, str]:
    """Whether loss of function makes disease, and who says so."""
    if haploinsufficiency in (HAPLOINSUFFICIENT, RECESSIVE):
        return "established", f"ClinGen dosage, haploinsufficiency {haploinsufficiency}"
    if cancer.get("mechanism") == "loss":
        return "established", f"hereditary tumours: {cancer.get('source')}"
    by_loss = [d for d in diseases if d["mechanism"] == "loss" and d["confidence"] in TRUSTED]
    if by_loss:
        return "established", f"G2P: {by_loss[0]['disease']} ({by_loss[0]['confidence']})"
    loeuf = constraint[0]["loeuf"] if constraint else None
    if loeuf is not None and loeuf < CONSTRAINED:
        return "suggested", f"gnomAD constraint, LOEUF {loeuf:.2f}"
    if diseases:
        return None, "G2P gives other mechanisms than loss of function"
    return None, "no source speaks of the gene's mechanism"
