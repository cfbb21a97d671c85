"""Lift-over by chain files."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shirube.contracts import CHROM
from shirube.errors import InputError
from shirube.knowledge.chains import agreeing, lifted, read_chains

KNOWLEDGE = Path(os.environ.get("KNOWLEDGE", "../shared/knowledge"))
# chr1 10-30 -> 110-130 with a gap of 5 in the new build after 10 bases; chr1 40-50 -> reversed.
CHAIN = (
    "chain 100 chr1 100 + 10 30 chr1 300 + 110 135 1\n10\t0\t5\n10\n\n"
    "chain 50 chr1 100 + 40 50 chr2 200 - 20 30 2\n10\n\n"
    "chain 10 chr1 100 + 10 20 chr3 200 + 0 10 3\n10\n"
)


def alleles(*rows: tuple[int, str, str], chrom: str = "chr1") -> pl.DataFrame:
    return pl.DataFrame(
        [(chrom, *row) for row in rows],
        schema={"chrom": CHROM, "pos": pl.Int32, "ref": pl.String, "alt": pl.String},
        orient="row",
    )


@pytest.fixture
def chains(tmp_path: Path) -> pl.DataFrame:
    path = tmp_path / "x.chain"
    path.write_text(CHAIN)
    return read_chains(path)


def test_bases_go_where_the_best_chain_puts_them(chains: pl.DataFrame) -> None:
    table = lifted(alleles((11, "A", "C"), (21, "A", "C"), (35, "A", "C")), chains)
    assert table.select("chrom_to", "pos_to", "ref_to").rows() == [
        ("chr1", 111, "A"), ("chr1", 126, "A"), (None, None, None),
    ]  # fmt: skip


def test_a_change_of_strand_complements(chains: pl.DataFrame) -> None:
    # chr2 of 200 bases, reverse 20-30 is forward 170-180: base 41 lands on the last of them.
    table = lifted(alleles((41, "A", "C"), (42, "AG", "A")), chains)
    assert table.select("chrom_to", "pos_to", "ref_to", "alt_to", "forward").rows() == [
        ("chr2", 180, "T", "G", False), (None, None, None, None, None),
    ]  # fmt: skip


def test_an_allele_over_a_gap_has_no_place(chains: pl.DataFrame) -> None:
    assert lifted(alleles((20, "AAA", "A")), chains)["pos_to"].to_list() == [None]


def test_the_new_reference_is_asked(chains: pl.DataFrame) -> None:
    sequence = np.full(300, ord("N"), np.uint8)
    sequence[110], sequence[125] = ord("A"), ord("C")
    table = lifted(alleles((11, "A", "C"), (21, "A", "C"), (12, "A", "C"), (35, "A", "C")), chains)
    assert agreeing(table, sequence).to_list() == [True, False, None, None]


@pytest.mark.parametrize(
    ("body", "says"),
    [("", "empty"), ("10 0 5\n", "begins with chain"), (CHAIN[:-3] + "\nxx\n", "a chain line"),
     (CHAIN.replace("10\n\nchain 50", "9\n\nchain 50"), "ends at 30")],
)  # fmt: skip
def test_damaged_chains_are_refused(tmp_path: Path, body: str, says: str) -> None:
    path = tmp_path / "x.chain"
    path.write_text(body)
    with pytest.raises(InputError, match=says):
        read_chains(path)


@pytest.mark.realdata
@pytest.mark.skipif(not KNOWLEDGE.is_dir(), reason=f"no knowledge at {KNOWLEDGE}")
def test_well_known_places_in_both_builds() -> None:
    """TP53 p.Arg175His and EGFR p.Leu858Arg, there and back."""
    up = read_chains(KNOWLEDGE / "liftover_chains/hg19ToHg38.over.chain.gz")
    tp53 = lifted(alleles((7578406, "C", "T"), chrom="chr17"), up)
    egfr = lifted(alleles((55259515, "T", "G"), chrom="chr7"), up)
    assert tp53.select("chrom_to", "pos_to", "ref_to", "alt_to").row(0) == (
        "chr17",
        7675088,
        "C",
        "T",
    )
    assert egfr.select("chrom_to", "pos_to").row(0) == ("chr7", 55191822)
