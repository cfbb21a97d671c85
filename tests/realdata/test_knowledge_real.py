"""Every published knowledge file at hand through its importer: how many rows, and what they say."""

import hashlib
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shirube.contracts import metadata, read
from shirube.contracts.knowledge import POPULATION
from shirube.genome.sequence import Bases
from shirube.knowledge.importers import IMPORTERS, Reference, import_source
from shirube.knowledge.sources import Source

KNOWLEDGE = Path(os.environ.get("KNOWLEDGE", "../shared/knowledge"))
REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
CHR17 = REALDATA / "ref-grch38-chr17/chr17.tp53_brca1.fa.gz"
RESOURCES = Path("resources")
CLINVAR = "clinvar/clinvar_20260226_subset.GRCh38.vcf.gz"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(
        not KNOWLEDGE.is_dir() or not CHR17.is_file(),
        reason=f"no knowledge at {KNOWLEDGE} or no reference at {REALDATA}",
    ),
]
# table, build, its files by the configuration's name, rows at least, one row it must hold
PUBLISHED = [
    (
        "gene_models",
        "GRCh38",
        {"gene_models": "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz"},
        19_000,
        {"gene": "TP53", "refseq": "NM_000546.6", "strand": "-"},
    ),
    ("clinvar", "GRCh38", {"clinvar": CLINVAR}, 18_000, {"pos": 7675088, "ref": "C", "alt": "T"}),
    (
        "clinical_evidence",
        "GRCh38",
        {
            "civic_evidence": "civic/civic_evidence_accepted_2025-05.tsv",
            "civic_variants": "civic/civic_variants_2025-05.tsv",
            "oncotree": "oncotree/oncotree.2023-03-09.txt",
        },
        4_000,
        {"gene": "EGFR", "hgvs_p": "p.Leu858Arg", "level": "A"},
    ),
    (
        "oncotree",
        "GRCh38",
        {"oncotree": "oncotree/oncotree.2023-03-09.txt"},
        800,
        {"code": "LUAD", "main_type": "Non-Small Cell Lung Cancer"},
    ),
    (
        "phenotype_terms",
        "GRCh38",
        {
            "hpo": "hpo/hp.2016-04-01.obo.gz",
            "hpo_japanese": "hpo/HPO-japanese.alpha.21Jul2023.tsv.gz",
        },
        11_000,
        {"term": "HP:0001250"},
    ),
    (
        "phenotype_genes",
        "GRCh38",
        {"hpo_genes": "hpo/phenotype_to_genes.2017-01.txt.gz"},
        300_000,
        {"gene": "PTPN11", "term": "HP:0001642"},
    ),
    ("gene_diseases", "GRCh38", {"g2p": "g2p/DDG2P.csv.gz"}, 2_000, {"gene": "PTPN11"}),
    ("gene_diseases", "GRCh38", {"g2p": "g2p/CancerG2P.csv.gz"}, 80, {"gene": "BRCA1"}),
    (
        "gene_diseases",
        "GRCh38",
        {"g2p": "g2p/CardiacG2P_curated_20210723.csv.gz"},
        20,
        {"gene": "KCNQ1"},
    ),
    (
        "gene_dosage",
        "GRCh38",
        {"clingen_dosage": "clingen_dosage/ClinGen_gene_curation_list_GRCh38.tsv"},
        1_400,
        {"gene": "BRCA1", "haploinsufficiency": 3},
    ),
    (
        "gene_constraint",
        "GRCh38",
        {"gnomad_constraint": "gnomad_constraint/gnomad.v2.1.1.gene-constraints.tsv.gz"},
        15_000,
        {"gene": "MECP2"},
    ),
    (
        "nando_genes",
        "GRCh38",
        {
            "nando_genes": "nando/gene_to_nando_derived.tsv",
            "nando_terms": "nando/nando_terms.tsv",
        },
        1_500,
        {"gene": "AAAS", "number": "82", "designated": True, "name_en": "Allgrove syndrome"},
    ),
    (
        "hotspots",
        "GRCh38",
        {"cancerhotspots": "cancerhotspots/hotspots_v2_and_3d.grch38.txt"},
        3_000,
        {"gene": "BRAF"},
    ),
    (
        "drivers",
        "GRCh38",
        {"intogen": "driver_genes/intogen_compendium_cancer_genes.2023-05-31.tsv.gz"},
        1_500,
        {"gene": "KRAS", "role": "activating"},
    ),
    (
        "isoforms",
        "GRCh38",
        {"isoform_overrides": "isoform_overrides/isoform_overrides_at_mskcc_grch38.txt"},
        300,
        {"gene": "TP53"},
    ),
    (
        "isoforms",
        "GRCh37",
        {"isoform_overrides": "isoform_overrides/isoform_overrides_at_mskcc_grch37.txt"},
        300,
        {"gene": "TP53"},
    ),
    (
        "predisposition",
        "GRCh38",
        {"predisposition": "predisposition/cpsr_superpanel.grch38.2026-06.tsv"},
        300,
        {"gene": "BRCA2", "inheritance": "AD/AR"},
    ),
    (
        "gene_names",
        "GRCh38",
        {"hgnc": "hgnc/hgnc_complete_set_2023-10.subset_columns.txt.gz"},
        43_000,
        {"name": "MLL2", "symbol": "KMT2D"},
    ),
    (
        "disease_xrefs",
        "GRCh38",
        {
            "mondo": "mondo/mondo_exactmatch_omim.sssom.tsv.gz",
            "mondo_nando": "mondo/mondo_hasdbxref_nando.sssom.tsv.gz",
        },
        8_000,
        {"mondo": "MONDO:0009279"},
    ),
    (
        "repeat_loci",
        "GRCh38",
        {"strchive": "strchive/STRchive-loci.json.gz"},
        60,
        {"gene": "HTT"},
    ),
    (
        "repeat_loci",
        "GRCh37",
        {"strchive": "strchive/STRchive-loci.json.gz"},
        60,
        {"gene": "HTT"},
    ),
]


def source(name: str, path: Path, **more: object) -> Source:
    given = {"version": "as published", "licence": "see its README", **more}
    return Source(name=name, path=str(path), **given)  # type: ignore[arg-type]


def unknown(_: str) -> Bases:
    """Bases of a chromosome nobody knows: only places are judged."""
    return np.full(250_000_000, ord("N"), np.uint8)


@pytest.mark.parametrize(
    ("table", "build", "files", "rows", "holds"),
    PUBLISHED,
    ids=[f"{one[0]}-{Path(next(iter(one[2].values()))).name}" for one in PUBLISHED],
)
def test_a_published_file_becomes_its_table(
    tmp_path: Path,
    table: str,
    build: str,
    files: dict[str, str],
    rows: int,
    holds: dict[str, object],
) -> None:
    parts = {key: source(key, KNOWLEDGE / path) for key, path in files.items()}
    out = tmp_path / "table.parquet"
    count = import_source(table, parts, Reference(CHR17, build), RESOURCES, out)
    made = read(IMPORTERS[table][0], out)
    assert made.height == count >= rows
    assert made.filter(*(pl.col(key) == value for key, value in holds.items())).height
    about = metadata(out)
    sums = [hashlib.sha256((KNOWLEDGE / path).read_bytes()).hexdigest() for path in files.values()]
    assert about["sha256"] == " | ".join(sums)
    assert about["rows"] == str(count)
    assert about["licence"]
    assert about["release"]


def test_gene_models_of_the_other_build(tmp_path: Path) -> None:
    path = KNOWLEDGE / "gene_models_mane_grch37_lifted/mane.hg19lift.bigGenePred.bed.gz"
    fasta = REALDATA / "na12878-chr20/ucsc.hg19.chr20.unittest.fasta.gz"
    out, parts = tmp_path / "x.parquet", {"gene_models": source("gene_models", path)}
    rows = import_source("gene_models", parts, Reference(fasta, "GRCh37"), RESOURCES, out)
    assert rows > 18_000


def test_japanese_frequencies_of_published_genotypes(tmp_path: Path) -> None:
    """CYP2C19*2 and *3 in 104 Japanese, as the file's own counts say."""
    path = KNOWLEDGE / "kg_jpt_pgx/kg_jpt_pgx.GRCh38.vcf.gz"
    about = {"populations": {"JPT": "AF"}, "japanese": "JPT"}
    parts = {"frequency_jpt": source("frequency_jpt", path, **about)}
    reference = Reference(CHR17, "GRCh38")
    reference.bases = unknown  # type: ignore[method-assign, assignment]
    out = tmp_path / "x.parquet"
    assert import_source("frequency_jpt", parts, reference, RESOURCES, out) > 3_000
    made = read(POPULATION, out).filter(pl.col("chrom") == "chr10")
    star2 = made.filter(pl.col("pos") == 94781859).row(0, named=True)
    assert (star2["ref"], star2["alt"], star2["an"]) == ("G", "A", 208)
    assert star2["japanese_af"] == star2["af"] == pytest.approx(0.29, abs=0.08)


def test_the_secondary_list_is_the_published_one() -> None:
    published = pl.read_csv(KNOWLEDGE / "acmg_sf/acmg_sf_v3.3_genes.tsv", separator="\t")
    ours = pl.read_csv(RESOURCES / "secondary_findings.tsv", separator="\t")
    assert set(ours["gene"]) == set(published["gene"])
    assert ours.height == published.height == 84
