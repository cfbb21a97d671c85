"""Loss of HLA class I: by the copies around the genes, or why it is not told."""

import polars as pl
import pytest

from shirube.cancer.hla_loss import GENES, class_one_loss
from shirube.cancer.hrd import criteria
from shirube.contracts import COPY_NUMBER, GENE_MODELS
from shirube.home import RESOURCES

ASKED = criteria(str(RESOURCES / "hrd_criteria.tsv"))
ABOUT = {"purity": "0.60", "purity_low": "0.55", "purity_high": "0.65", "ploidy": "2.0",
         "purity_source": "copy_number"}  # fmt: skip
AT = {"HLA-A": 29_942_000, "HLA-C": 31_268_000, "HLA-B": 31_353_000}


def models(genes: tuple[str, ...] = GENES) -> pl.DataFrame:
    rows = [{**dict.fromkeys(GENE_MODELS.schema), "gene": gene, "chrom": "chr6", "strand": "-",
             "transcript": gene, "start": AT[gene], "end": AT[gene] + 3_000,
             "exon_starts": [AT[gene]], "exon_ends": [AT[gene] + 3_000]}
            for gene in genes]  # fmt: skip
    return GENE_MODELS.table(pl.DataFrame(rows, schema=GENE_MODELS.polars, orient="row"))


def segments(*parts: tuple[int, int, float | None, float | None]) -> pl.DataFrame:
    rows = [{**dict.fromkeys(COPY_NUMBER.schema), "chrom": "chr6", "start": start, "end": end,
             "total_cn": total, "minor_cn": minor, "call": "neutral", "filter": "PASS"}
            for start, end, total, minor in parts]  # fmt: skip
    return COPY_NUMBER.table(pl.DataFrame(rows, schema=COPY_NUMBER.polars, orient="row"))


WHOLE = (0, 60_000_000)


@pytest.mark.parametrize(
    ("parts", "value", "call"),
    [
        ([(*WHOLE, 2.0, 1.0)], 0.0, "absent"),
        ([(*WHOLE, 1.0, 0.1)], 3.0, "present"),
        ([(*WHOLE, 2.1, 0.0)], 3.0, "present"),
        ([(0, 30_500_000, 2.0, 1.0), (30_500_000, 60_000_000, 1.0, 0.0)], 2.0, "present"),
        ([(*WHOLE, 0.1, 0.0)], 3.0, "present"),  # both copies
        ([(*WHOLE, 1.6, 0.5)], None, "unknown"),
        ([(*WHOLE, 2.0, None)], None, "unknown"),
        ([(0, 30_500_000, 2.0, 1.0)], None, "unknown"),
    ],
)
def test_the_copies_around_the_genes_tell(
    parts: list[tuple[int, int, float | None, float | None]], value: float | None, call: str
) -> None:
    row = class_one_loss(segments(*parts), ABOUT, models(), ASKED)
    assert (row["value"], row["call"]) == (value, call)


@pytest.mark.parametrize(
    ("about", "genes", "said"),
    [
        ({}, GENES, "no copy number"),
        (
            {**ABOUT, "purity_source": "none", "purity": "unknown"},
            GENES,
            "does not tell the purity",
        ),
        ({**ABOUT, "purity_low": "0.10"}, GENES, "the purity may be 10%"),
        (ABOUT, ("HLA-A",), "the gene models hold no"),
    ],
)
def test_what_keeps_it_from_being_told_is_said(
    about: dict[str, str], genes: tuple[str, ...], said: str
) -> None:
    row = class_one_loss(segments((*WHOLE, 1.0, 0.0)), about, models(genes), ASKED)
    assert (row["value"], row["call"]) == (None, "unknown")
    assert said in str(row["basis"])
