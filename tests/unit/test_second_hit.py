"""The other allele of a gene, from counts of normal and tumour to the words of a report."""

import polars as pl
import pytest

from shirube.calling.somatic.loh import loss_of_heterozygosity
from shirube.cancer.second_hit import of_germline, of_somatic
from shirube.contracts import CHROM

KEY = {"chrom": "chr17", "pos": 43_057_078, "ref": "G", "alt": "A"}
NO_SOMATIC = pl.DataFrame(schema={"gene": pl.String})


def loh(*sites: tuple[int, int, int, int]) -> pl.DataFrame:
    """LOH of sites (normal ALT, normal depth, tumour ALT, tumour depth), 100 bases apart."""
    tables = []
    for own in (0, 2):
        rows = [
            {**KEY, "pos": KEY["pos"] + 100 * n, "ad": site[own], "dp": site[own + 1]}
            for n, site in enumerate(sites)
        ]
        schema = {"chrom": CHROM, "pos": pl.Int32, "ref": pl.String, "alt": pl.String}
        tables.append(pl.DataFrame(rows, schema={**schema, "ad": pl.Int32, "dp": pl.Int32}))
    return loss_of_heterozygosity(*tables)


@pytest.mark.parametrize(
    ("counts", "state", "words"),
    [
        ((20, 40, 45, 50), "ref_lost", "reference allele lost in the tumour: normal 20/40"),
        ((20, 40, 3, 50), "alt_lost", "variant allele lost in the tumour"),
        ((20, 40, 25, 50), "retained", "both alleles retained in the tumour"),
        ((20, 40, 3, 4), "unknown", "too few reads to tell loss of an allele"),
        ((2, 3, 40, 40), "unknown", "too few reads to tell loss of an allele"),
    ],
)
def test_what_happened_to_the_other_allele(
    counts: tuple[int, int, int, int], state: str, words: str
) -> None:
    table = loh(counts)
    said, facts = of_germline({**KEY, "gene": "BRCA1"}, table, NO_SOMATIC)
    assert table["state"].to_list() == [state]
    assert said is not None
    assert words in said
    assert facts is not None
    assert facts["state"] == state
    row = table.row(0, named=True)
    assert row["tumour_vaf_low"] <= row["tumour_vaf"] <= row["tumour_vaf_high"]


def test_sites_of_a_gene_are_counted_and_unknown_ones_are_not() -> None:
    table = loh((20, 40, 45, 50), (20, 40, 2, 50), (20, 40, 25, 50), (20, 40, 1, 2))
    span = ("chr17", KEY["pos"] - 10, KEY["pos"] + 1000)
    said, facts = of_somatic("BRCA1", span, table)
    assert said == "one allele lost at 2 of 3 heterozygous sites of the gene"
    assert facts == {"loh_sites": {"lost": 2, "assessed": 3}}
    assert of_somatic("BRCA1", ("chr17", 0, 10), table) == (None, None)
