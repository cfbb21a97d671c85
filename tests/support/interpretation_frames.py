"""Small tables in the shape of the contracts, for the tests of the interpretation."""

from pathlib import Path
from typing import Any

import polars as pl

from shirube.contracts import (
    ANNOTATION,
    CALLS,
    CLINICAL_EVIDENCE,
    COPY_NUMBER,
    GENE_MODELS,
    LOH,
    SOMATIC,
    STRUCTURAL,
    Contract,
    write,
)
from shirube.interpret.curated import curated_tables
from shirube.interpret.inputs import Knowledge, Paths

RESOURCES = Path(__file__).parents[2] / "resources"
NAMES = ("cancer_genes", "chip_genes", "civic_levels", "driver_events", "enhancer_loci",
         "hereditary_cancer_genes", "japan_approvals", "japan_evidence_levels",
         "rearranged_genes", "secondary_findings")  # fmt: skip
FACTS = curated_tables([str(RESOURCES / f"{name}.tsv") for name in NAMES])

_CALL = {"filter": "PASS", "qual": 90.0, "dosage": 1, "ploidy": 2, "gq": 99, "dp": 30,
         "ad_ref": 15, "ad_alt": 15}  # fmt: skip
_SOMATIC = {"filter": "PASS", "tumour_dp": 100, "tumour_ad": 30, "normal_dp": 40, "normal_ad": 0,
            "vaf": 0.3, "vaf_low": 0.22, "vaf_high": 0.4, "lod": 50.0, "normal_lod": 9.0,
            "strand_p": 0.8}  # fmt: skip


def frame(contract: Contract, *rows: dict[str, Any]) -> pl.DataFrame:
    """A table of `contract`; columns a row does not name are null."""
    full = [{name: row.get(name) for name in contract.schema} for row in rows]
    return contract.table(pl.DataFrame(full, schema=contract.polars))


def allele(chrom: str, pos: int, ref: str = "A", alt: str = "G") -> dict[str, Any]:
    return {"chrom": chrom, "pos": pos, "ref": ref, "alt": alt}


def call(key: dict[str, Any], record: int, **other: object) -> dict[str, Any]:
    return {**key, "record": record, **_CALL, **other}


def candidate(key: dict[str, Any], **other: object) -> dict[str, Any]:
    return {**key, **_SOMATIC, **other}


def described(
    key: dict[str, Any], gene: str | None, consequence: str, **other: object
) -> dict[str, Any]:
    """An annotation row."""
    high = ("stop_gained", "frameshift_variant", "splice_donor_variant")
    impact = "HIGH" if consequence in high else "MODERATE" if "missense" in consequence else "LOW"
    row = {"transcript": f"ENST_{gene}" if gene else "", "gene": gene, "mane": "MANE Select",
           "consequence": consequence, "impact": impact, "hgvs_g": f"g.{key['pos']}"}  # fmt: skip
    return {**key, **row, **other}


def item(**other: object) -> dict[str, Any]:
    """A clinical evidence row."""
    row = {"source": "CIViC", "version": "1", "id": "EID1", "gene": "EGFR", "variant": "L858R",
           "match": "exact", "direction": "Supports", "evidence_type": "Predictive", "level": "A",
           "significance": "Sensitivity/Response", "variant_origin": "Somatic",
           "oncotree": "LUAD"}  # fmt: skip
    return {**row, **other}


def knowledge(
    evidence: list[dict[str, Any]] | None = None, models: list[dict[str, Any]] | None = None
) -> Knowledge:
    return Knowledge(
        FACTS,
        frame(CLINICAL_EVIDENCE, *(evidence or [])),
        frame(GENE_MODELS, *(models or [])),
    )


def paths(
    directory: Path,
    calls: list[dict[str, Any]] | None = None,
    annotation: list[dict[str, Any]] | None = None,
    somatic: list[dict[str, Any]] | None = None,
    loh: list[dict[str, Any]] | None = None,
    structural: list[dict[str, Any]] | None = None,
    copy_number: list[dict[str, Any]] | None = None,
) -> Paths:
    """Files of one patient below `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    files = {}
    given = {"calls": (CALLS, calls), "somatic": (SOMATIC, somatic), "loh": (LOH, loh),
             "structural": (STRUCTURAL, structural),
             "copy_number": (COPY_NUMBER, copy_number)}  # fmt: skip
    for name, (contract, rows) in given.items():
        if rows is not None:
            files[name] = str(directory / f"{name}.parquet")
            write(frame(contract, *rows), contract, files[name])
    described_rows = frame(ANNOTATION, *(annotation or []))
    by_chrom = {}
    for (chrom,), part in described_rows.group_by("chrom"):
        by_chrom[str(chrom)] = str(directory / f"{chrom}.parquet")
        write(part.sort(ANNOTATION.key), ANNOTATION, by_chrom[str(chrom)])
    return Paths(by_chrom, **files)
