"""A made-up patient whose tables exercise every part of the report; no real person's data."""

import json
from typing import Any

import polars as pl

from shirube.contracts import (
    CLINICAL_EVIDENCE,
    COVERAGE,
    FINDINGS,
    GENE_MODELS,
    LEDGER,
    MARKERS,
    QUALITY,
    STRUCTURAL,
    Contract,
)
from shirube.contracts.family import HOMOZYGOSITY, PEDIGREE
from shirube.contracts.knowledge import ONCOTREE
from shirube.contracts.loci import GENE_COPIES, REPEATS
from shirube.contracts.samples import TARGETS
from shirube.interpret.rows import criterion
from shirube.pgx.result import not_assessed
from shirube.reasons import because
from shirube.report.event_classes import Looked

PATIENT: dict[str, Any] = {
    "patient": "LUNG01",
    "sex": "XX",
    "family": None,
    "father": None,
    "mother": None,
    "affected": "yes",
    "programme": "cancer",
    "diagnosis": "LUAD",
    "hpo": None,
    "onset": None,
    "consanguinity": None,
    "consent_cohort": "yes",
    "consent_secondary": "no",
}
SAMPLES: list[dict[str, Any]] = [
    {"sample": "LUNG01-N", "patient": "LUNG01", "kind": "normal", "path": "demo/LUNG01-N.bam"},
    {"sample": "LUNG01-T", "patient": "LUNG01", "kind": "tumour", "path": "demo/LUNG01-T.bam"},
]


def rows(contract: Contract, *given: dict[str, Any]) -> pl.DataFrame:
    """A table of a contract; columns that are not given are null."""
    filled = [{**dict.fromkeys(contract.schema), **row} for row in given]
    return contract.table(pl.DataFrame(filled, schema=contract.polars))


def evidence(number: int, **changed: object) -> dict[str, Any]:
    return {
        "source": "CIViC",
        "version": "2025-05-01",
        "id": f"EID{number}",
        "url": f"https://civicdb.org/links/evidence_items/{number}",
        "level": "A",
        "direction": "Supports",
        "significance": "Sensitivity/Response",
        "therapies": "Osimertinib",
        "interaction": None,
        "disease": "Lung Non-small Cell Carcinoma",
        "same_disease": True,
        "statement": "An artificial statement.",
        **changed,
    }


EGFR: dict[str, Any] = {
    "finding": "snv:chr7:55191822:T:G",
    "rank": 1,
    "section": "somatic",
    "origin": "somatic",
    "kind": "snv",
    "chrom": "chr7",
    "pos": 55191822,
    "ref": "T",
    "alt": "G",
    "gene": "EGFR",
    "transcript": "ENST00000275493.7",
    "consequence": "missense_variant",
    "hgvs_g": "NC_000007.14:g.55191822T>G",
    "hgvs_c": "c.2573T>G",
    "hgvs_p": "p.Leu858Arg",
    "name": "EGFR p.Leu858Arg",
    "dp": 142,
    "ad_alt": 47,
    "vaf": 47 / 142,
    "vaf_low": 0.2577,
    "vaf_high": 0.4123,
    "normal_dp": 38,
    "normal_ad": 0,
    "amp_tier": "I-A",
    "japan_level": "A",
    "oncogenicity": "Oncogenic",
    "criteria": [
        criterion(
            "OS3", True, 4, because("oncogenic.hotspot", change=60, residue=99), "hotspots v2"
        ),
        criterion("OM1", False, 0, "not assessed"),
    ],
    "evidence": [
        evidence(229),
        evidence(2994, therapies="Erlotinib, Gefitinib", level="B"),
        evidence(77, significance="Resistance", therapies="Cetuximab", level="B"),
        evidence(78, direction="Does Not Support", therapies="Sorafenib", level="B"),
    ],
    "clinvar_id": "16609",
    "clinvar_significance": "drug_response",
    "clinvar_stars": 3,
    "cohort_ac": 0,
    "cohort_an": 24,
    "cohort_af": 0.0,
    "population_af": 0.0000041,
    "population_an": 1_614_000,
    "population_source": "gnomAD v4.1",
    "japanese_af": 0.0,
    "japanese_an": None,
    "japanese_source": "ToMMo 38KJPN",
    "detail": "{}",
}
FUSION: dict[str, Any] = {
    "finding": "fusion:EML4::ALK:chr2:29223741:42299750",
    "rank": 1,
    "section": "fusion",
    "origin": "somatic",
    "kind": "fusion",
    "chrom": "chr2",
    "pos": 29223741,
    "gene": "EML4::ALK",
    "consequence": "gene_fusion",
    "name": "EML4::ALK",
    "dp": 131,
    "ad_alt": 36,
    "amp_tier": "I-A",
    "japan_level": "A",
    "evidence": [evidence(1187, therapies="Alectinib")],
    "detail": json.dumps({"pairs": 21, "splits": 15, "in_frame": True, "type": "INV"}),
}
BRCA1: dict[str, Any] = {
    "finding": "snv:chr17:43063374:G:A",
    "rank": 1,
    "section": "germline",
    "origin": "germline",
    "kind": "snv",
    "chrom": "chr17",
    "pos": 43063374,
    "ref": "G",
    "alt": "A",
    "gene": "BRCA1",
    "transcript": "ENST00000357654.9",
    "consequence": "stop_gained",
    "hgvs_c": "c.5251C>T",
    "hgvs_p": "p.Arg1751Ter",
    "name": "BRCA1 p.Arg1751Ter",
    "zygosity": "heterozygous",
    "dp": 33,
    "ad_alt": 20,
    "vaf": 20 / 33,
    "classification": "Pathogenic",
    "second_hit": "reference allele lost in the tumour: 21 of 21 reads",
    "inheritance": "unknown",
    "clinvar_id": "55480",
    "clinvar_significance": "Pathogenic",
    "clinvar_stars": 3,
}
# Two alleles of one molecule that are one finding.
HAPLOTYPE: dict[str, Any] = {
    **BRCA1,
    "detail": json.dumps(
        {
            "change": {
                "members": [
                    {"allele": "chr17:43094507 G>A", "origin": "germline",
                     "hgvs_c": "c.1024C>T", "alone": False},
                    {"allele": "chr17:43094506 A>T", "origin": "germline",
                     "hgvs_c": None, "alone": False},
                ],
                "certain": True, "basis": "reads", "both": 14, "fragments": 30,
            }
        }
    ),
}  # fmt: skip
SECONDARY: dict[str, Any] = {
    **BRCA1,
    "finding": "snv:chr13:32340300:G:T",
    "section": "secondary",
    "gene": "BRCA2",
    "name": "BRCA2 p.Glu2Ter",
}


def findings(*given: dict[str, Any]) -> pl.DataFrame:
    return rows(FINDINGS, *(given or (EGFR, FUSION, BRCA1)))


def covered(
    gene: str, depth: float, lowest: int, part: float, asked: float = 1.0
) -> dict[str, Any]:
    return {
        "gene": gene,
        "transcript": f"ENST_{gene}",
        "chrom": "chr1",
        "bases": 1500,
        "mean_depth": depth,
        "min_depth": lowest,
        "callable": part,
        "requested": asked,
    }


def coverage(scale: float = 1.0) -> pl.DataFrame:
    return rows(
        COVERAGE,
        covered("EGFR", 140.0 * scale, int(90 * scale), 1.0),
        covered("BRAF", 133.5 * scale, int(70 * scale), 0.99),
        covered("KRAS", 121.0 * scale, 2, 0.95),
        covered("ERBB2", 60.0 * scale, 0, 0.55),
        covered("MET", 0.0, 0, 0.0),
        covered("ROS1", 0.0, 0, 0.0, asked=0.0),
    )


def clinical_evidence() -> pl.DataFrame:
    genes = ["EGFR", "BRAF", "KRAS", "ERBB2", "MET", "ROS1", "RET", "ALK", "PIK3CA"]
    return rows(
        CLINICAL_EVIDENCE,
        *(
            {
                "source": "CIViC",
                "id": f"EID{n}",
                "gene": gene,
                "variant": "Mutation",
                "match": "fusion" if gene in ("ROS1", "RET", "ALK") else "gene",
                "oncotree": "BRCA" if gene == "PIK3CA" else "NSCLC",
                "evidence_type": "Predictive",
                "level": "B" if gene == "KRAS" else "A",
                "therapies": "A drug",
            }
            for n, gene in enumerate(genes, 1)
        ),
    )


def target(gene: str, chrom: str, start: int, depth: int, **changed: object) -> dict[str, Any]:
    """One row of TARGETS of 1,500 bases with even depth."""
    return {
        "gene": gene,
        "kind": "coding",
        "label": "",
        "transcript": f"ENST_{gene}",
        "chrom": chrom,
        "starts": [start],
        "ends": [start + 1500],
        "bases": 1500,
        "requested": 1.0,
        "callable": 1.0,
        "mean_depth": float(depth),
        "low_depth": depth,
        "min_depth": depth,
        "gene_start": start,
        "gene_end": start + 1500,
        "gene_requested": 1.0,
        "gene_callable": 1.0,
        **changed,
    }


def codon(gene: str, number: int, name: str, start: int, depth: int, **changed: object) -> dict:
    """A codon's row of TARGETS."""
    place = {"starts": [start], "ends": [start + 3], "bases": 3}
    same = {"kind": "codon", "number": number, "label": name, **place}
    return target(gene, "chr7", start, depth, **{**same, **changed})


NO_MODEL = dict.fromkeys(
    (
        *("transcript", "chrom", "requested", "callable", "mean_depth", "low_depth", "min_depth"),
        *("gene_start", "gene_end", "gene_requested", "gene_callable"),
    )
) | {"starts": [], "ends": [], "bases": 0}


def target_table() -> pl.DataFrame:
    nothing = {"callable": 0.0, "mean_depth": 0.0, "low_depth": 0, "min_depth": 0}
    return rows(
        TARGETS,
        target("EGFR", "chr7", 55191000, 140),
        codon("EGFR", 858, "p.Leu858Arg", 55191820, 142),
        codon("EGFR", 790, "p.Thr790Met", 55181377, 150),
        codon("EGFR", 861, "p.Leu861Gln", 55191898, 139),
        codon("EGFR", 719, "p.Gly719Ser", 55174013, 20, callable=0.0),
        target("BRAF", "chr7", 140753000, 133, mean_depth=133.5),
        target("KRAS", "chr12", 25245000, 121, min_depth=2, callable=0.95),
        target("ERBB2", "chr17", 39700000, 60, min_depth=0, callable=0.55),
        target("MET", "chr7", 116771000, 0, **nothing),
        target("ROS1", "chr6", 117300000, 0, kind="fusion", requested=0.0, **nothing),
        target("ALK", "chr2", 29223000, 131, kind="fusion", label="19"),
        target("RET", "chr10", 43110000, 90, kind="fusion", label="10,11"),
        {**target("PIK3CA", "chr3", 0, 0), **NO_MODEL},
    )


def oncotree() -> pl.DataFrame:
    return rows(
        ONCOTREE,
        {"code": "LUAD", "name": "Lung Adenocarcinoma", "ancestors": ["NSCLC", "LUNG", "TISSUE"]},
        {"code": "BRCA", "name": "Invasive Breast Carcinoma", "ancestors": ["BREAST", "TISSUE"]},
    )


def ledger() -> pl.DataFrame:
    allele = {"chrom": "chr7", "pos": 55191822, "ref": "T", "alt": "G"}
    base = {"stage": "somatic", "sample": "LUNG01-T", **allele}
    return rows(
        LEDGER,
        {**base, "record": 0, "fate": "reported", "rule": "tier_I"},
        {**base, "record": 1, "pos": 55191900, "fate": "filtered", "rule": "LowLOD"},
        {**base, "record": 2, "pos": 55191901, "fate": "filtered", "rule": "LowLOD"},
        {**base, "record": 3, "pos": 55191902, "fate": "tiered", "rule": "synonymous"},
    )


def quality(sample: str, depth: float | None = 140.0, **changed: object) -> pl.DataFrame:
    """QUALITY of one sample: a depth gate of 100, and one gate given as metric=row."""
    verdict = "unknown" if depth is None else "pass" if depth >= 100 else "fail"
    gate = {"value": depth, "low": 100.0, "action": "warn", "verdict": verdict}
    measured = {"metric": "insert_size", "value": 300.0, "action": "none", "verdict": "pass"}
    given = [{"metric": "mean_depth", **gate}, measured]
    given += [{"metric": name, **dict(row)} for name, row in changed.items()]  # type: ignore[call-overload]
    return rows(QUALITY, *({**row, "sample": sample} for row in given))


def markers() -> pl.DataFrame:
    burden = {"value": 4.2, "low": 1.1, "high": 10.7, "unit": "per Mb", "basis": "4 in 0.952 Mb"}
    return rows(
        MARKERS,
        {"marker": "TMB", "call": "unknown", **burden},
        {"marker": "MSI", "call": "unknown", "unit": "share of microsatellites"},
        {"marker": "SBS:SBS4", "value": 0.4, "low": 0.2, "high": 0.6, "call": "present"},
    )


def methods() -> dict[str, Any]:
    source = {"source": "CIViC", "licence": "CC0 1.0", "rows": "4611", "url": None, "covers": None}
    return {
        "knowledge": [
            {"name": "clinical_evidence", "release": "2025-05-01", "sha256": "0" * 64, **source}
        ],
        "tools": [{"name": "bcftools", "version": "1.24"}],
        "engines": {"somatic": "embedded"},
        "parameters": {"calling/min_mapq": "20"},
    }


def inputs(**changed: object) -> dict[str, Any]:
    """Arguments of report.model.report."""
    return {
        "patient": PATIENT,
        "samples": SAMPLES,
        "finding_table": findings(),
        "ledger": ledger(),
        "coverage": {"LUNG01-N": coverage(0.3), "LUNG01-T": coverage()},
        "callable_bases": {"LUNG01-N": 60_000, "LUNG01-T": 61_000},
        "evidence": clinical_evidence(),
        "bases": {},
        "oncotree": oncotree(),
        "looked": Looked("tumour", structural=STRUCTURAL.empty()),
        "targets": {"LUNG01-N": target_table(), "LUNG01-T": target_table()},
        "pharmacogenomics": not_assessed("not_configured"),
        "draw": lambda items, genes: [],
        "pedigree": PEDIGREE.empty(),
        "markers": markers(),
        "homozygosity": HOMOZYGOSITY.empty(),
        "loci": {"repeats": REPEATS.empty(), "gene_copies": GENE_COPIES.empty()},
        "quality": {"LUNG01-N": quality("LUNG01-N"), "LUNG01-T": quality("LUNG01-T", 91.0)},
        "methods": methods(),
        "gene_models": GENE_MODELS.empty(),
        "build": "artificial",
        **changed,
    }


def star_alleles() -> dict[str, Any]:
    """The pharmacogenomic part of a report: one gene settled, one partly seen, one not called."""

    def gene(name: str, status: str, *diplotypes: str, **changed: object) -> dict[str, Any]:
        return {
            "gene": name,
            "status": status,
            "source": "reads",
            "diplotypes": [
                {"name": d, "phenotype": "Poor Metabolizer", "activity_score": None, "best": True}
                for d in diplotypes
            ],
            "diplotype_count": len(diplotypes),
            "phenotype": None,
            "activity_score": None,
            "possible_phenotypes": [],
            "not_excluded": [],
            "detected": [],
            "positions": 4,
            "uncalled": [],
            **changed,
        }

    place = {"pos": "chr2:233760233", "rsid": "rs3064744", "name": "g.dup", "reason": "no reads"}
    partly = {"uncalled": [place], "not_excluded": ["*28"]}
    common = {"population": "general", "strength": "Strong", "genes": "NUDT15", "source": "CPIC"}
    return {
        **not_assessed("assessed"),
        "version": "2024-03",
        "licence": "CC0",
        "genes": [
            gene("CYP2D6", "not_called", source="none", positions=0),
            gene("NUDT15", "called", "*3/*3", phenotype="Poor Metabolizer"),
            gene("UGT1A1", "partial", "*1/*6", **partly),
        ],
        "recommendations": [
            {
                **common,
                "drugs": "mercaptopurine",
                "phenotypes": "NUDT15 Poor Metabolizer",
                "altered": True,
                "text": "Start at a much reduced dose.",
                "url": "https://example.org/guideline",
                "id": "1",
            }
        ],
        "tests": [],
    }
