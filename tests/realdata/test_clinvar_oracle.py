"""ClinVar's molecular consequences of five genes against ours."""

import os
from pathlib import Path

import polars as pl
import pytest
from clinvar_oracle import verdicts

from shirube.knowledge.genemodels import read_gene_models

REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
KNOWLEDGE = Path(os.environ.get("KNOWLEDGE", "../shared/knowledge"))
CHR17 = REALDATA / "ref-grch38-chr17/chr17.tp53_brca1.fa.gz"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.oracle,
    pytest.mark.skipif(
        not (KNOWLEDGE / "clinvar").is_dir() or not CHR17.is_file(),
        reason=f"no ClinVar at {KNOWLEDGE} or no reference at {REALDATA}",
    ),
]


@pytest.fixture(scope="module")
def judged() -> pl.DataFrame:
    return verdicts(
        KNOWLEDGE / "clinvar/clinvar_20260226_subset.GRCh38.vcf.gz",
        read_gene_models(KNOWLEDGE / "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz"),
        {"chr17": CHR17},
    )


def test_classes_equal_clinvars(judged: pl.DataFrame) -> None:
    compared = judged.filter(pl.col("state").is_in(["agrees", "differs"]))
    assert compared.height > 58_000
    assert (compared["state"] == "agrees").mean() >= 0.997


def test_every_difference_has_a_reason(judged: pl.DataFrame) -> None:
    differs = judged.filter(pl.col("state") == "differs")
    assert differs.filter(pl.col("reason") == "").rows() == []


def test_sequence_is_missing_only_where_it_was_assembled(judged: pl.DataFrame) -> None:
    missing = judged.filter(pl.col("state") == "not computable")
    assert set(missing["gene"]) <= {"BRCA2", "APC", "MUTYH"}
    assert missing.height < 900


def test_no_single_base_of_known_sequence_differs(judged: pl.DataFrame) -> None:
    """A wrong strand or an offset by one would show here first."""
    single = judged.filter(
        pl.col("ref").str.len_bytes() == 1,
        pl.col("alt").str.len_bytes() == 1,
        pl.col("state") == "differs",
    )
    assert single.rows() == []
