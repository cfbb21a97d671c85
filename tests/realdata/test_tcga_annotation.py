"""Somatic alleles of a colon tumour given as VCF: its known drivers are found by name.

No whole reference is at hand, so the sequence is put together from the REF bases of the file and of
ClinVar; residues of codons that stay unknown are not named.
"""

import os
from pathlib import Path

import polars as pl
import pytest
from clinvar_oracle import assembled

from shirube.annotate.annotation import Chromosome, annotated
from shirube.contracts import ALLELE
from shirube.genome.alleles import with_canonical_chrom
from shirube.knowledge.genemodels import read_gene_models
from shirube.vcf import read_columns

REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
KNOWLEDGE = Path(os.environ.get("KNOWLEDGE", "../shared/knowledge"))
TUMOUR = REALDATA / "tcga-coad-vcf/T001-COAD.grch38.vcf.gz"
CLINVAR = KNOWLEDGE / "clinvar/clinvar_20260226_subset.GRCh38.vcf.gz"
GENES = {"BRAF": "chr7", "TP53": "chr17", "APC": "chr5"}
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(
        not TUMOUR.is_file() or not CLINVAR.is_file(),
        reason=f"no tumour at {REALDATA} or no ClinVar at {KNOWLEDGE}",
    ),
]


def records(path: Path) -> pl.DataFrame:
    return with_canonical_chrom(read_columns(path).rename({"contig": "chrom"})).drop_nulls("chrom")


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    tumour, clinvar = records(TUMOUR), records(CLINVAR)
    models = read_gene_models(KNOWLEDGE / "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz")
    parts = []
    for gene, chrom in GENES.items():
        here = tumour.filter(pl.col("chrom") == chrom)
        known = clinvar.filter(pl.col("chrom") == chrom)
        sequence = assembled(pl.concat([here, known]).select("pos", "ref"), 200_000_000)
        model = models.filter(pl.col("gene") == gene, pl.col("mane") == "MANE Select")
        place = Chromosome(chrom, "", "g.", sequence, model, {})
        found = annotated(here.select(ALLELE).unique().sort(ALLELE), place)
        parts.append(found.filter(pl.col("gene") == gene))
    return pl.concat(parts)


@pytest.mark.parametrize(
    ("gene", "coding", "protein", "consequence"),
    [
        ("BRAF", "c.1799T>A", None, "coding_sequence_variant"),
        ("TP53", "c.216del", "p.Val73TrpfsTer50", "frameshift_variant"),
        ("APC", "c.6023C>T", "p.Ala2008Val", "missense_variant"),
    ],
)
def test_known_drivers_have_their_names(
    table: pl.DataFrame, gene: str, coding: str, protein: str | None, consequence: str
) -> None:
    row = table.filter(pl.col("gene") == gene, pl.col("hgvs_c") == coding).row(0, named=True)
    assert (row["hgvs_p"], row["consequence"]) == (protein, consequence)


def test_a_hypermutated_tumour_has_many_alleles() -> None:
    assert records(TUMOUR).height > 3_000
