"""The likelihood model, phase blocks and the decisions made with them."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sam_files import record, sequence, write_bam, write_reference
from scipy.stats import beta, fisher_exact

from shirube.calling.somatic.calling import Reads, call_somatic, name_phase_sets, within
from shirube.calling.somatic.model import (
    Thresholds,
    base_likelihoods,
    fisher_p,
    fraction_interval,
    indel_likelihoods,
    lod,
    normal_base_likelihoods,
    normal_lod,
    shared_odds,
    slippage,
)
from shirube.contracts import CHROM
from shirube.genome.intervals import Interval

counts = st.integers(0, 60)


@given(counts, counts, counts, counts)
def test_fisher_agrees_with_scipy(a: int, b: int, c: int, d: int) -> None:
    assert fisher_p(a, b, c, d) == pytest.approx(fisher_exact([[a, b], [c, d]])[1], abs=1e-9)


@given(st.integers(0, 200), st.integers(0, 200))
def test_interval_is_jeffreys_and_holds_the_fraction(count: int, more: int) -> None:
    total = count + more
    low, high = fraction_interval(np.array([count]), np.array([total]))
    assert 0 <= low[0] <= high[0] <= 1
    if total:
        assert low[0] <= count / total <= high[0]
    if 0 < count < total:
        assert low[0] == pytest.approx(beta.ppf(0.025, count + 0.5, total - count + 0.5))


def quality(depth: int) -> np.ndarray:
    return np.full(depth, 35, np.float32)


def test_more_carriers_are_more_evidence() -> None:
    scores = []
    for carriers in range(1, 8):
        allele = np.array([1] * carriers + [0] * (40 - carriers), np.int8)
        scores.append(lod(*base_likelihoods(allele, quality(40), 0, 1), carriers / 40))
    assert scores == sorted(scores)
    assert scores[0] < 3 < 6.3 < scores[3]


def test_contamination_lowers_the_evidence() -> None:
    allele = np.array([1] * 3 + [0] * 97, np.int8)
    pair = base_likelihoods(allele, quality(100), 0, 1)
    assert lod(*pair, 0.03, null=0.02) < 1 < lod(*pair, 0.03)


def test_normal_needs_reads_to_rule_out_a_heterozygote() -> None:
    clean = base_likelihoods(np.zeros(8, np.int8), quality(8), 0, 1)
    assert normal_lod(*clean) > 2.2
    assert normal_lod(*(column[:7] for column in clean)) < 2.2
    mixed = base_likelihoods(np.array([0] * 10 + [1] * 10, np.int8), quality(20), 0, 1)
    assert normal_lod(*mixed) < -10


@pytest.mark.parametrize(
    ("tumour", "normal", "whose"),
    [
        ((34, 188), (1, 40), "error"),  # one Q35 read of 40: what sequencing gives
        ((30, 60), (1, 30), "error"),
        ((100, 5000), (1, 5000), "error"),
        ((60, 100), (4, 40), "tumour cells"),
        ((60, 100), (8, 40), "tumour cells"),
        ((3, 32), (1, 22), "normal"),  # as large a share of the normal as of the tumour
        ((6, 33), (2, 24), "normal"),
        ((100, 5000), (50, 5000), "normal"),
        ((60, 100), (20, 40), "normal"),
    ],
)
def test_reads_of_the_normal_are_weighed_from_both_samples(
    tumour: tuple[int, int], normal: tuple[int, int], whose: str
) -> None:
    count, depth = normal
    allele = np.array([1] * count + [0] * (depth - count), np.int8)
    beside = normal_base_likelihoods(allele, quality(depth), 1)
    assert (shared_odds(*beside, *tumour) > 0) == (whose == "normal")


@given(st.integers(3, 60), st.integers(0, 60), st.integers(1, 20))
def test_more_reads_in_the_normal_speak_more_for_it(count: int, more: int, carriers: int) -> None:
    """At one depth of the normal the odds never fall as more of its reads show the allele."""

    def odds(shown: int) -> float:
        allele = np.array([1] * shown + [0] * (60 - shown), np.int8)
        return shared_odds(*normal_base_likelihoods(allele, quality(60), 1), count, count + more)

    share = count / (count + more)
    if carriers + 1 <= 60 * share:
        assert odds(carriers) <= odds(carriers + 1) + 1e-9


def test_a_third_allele_of_the_normal_is_not_this_one() -> None:
    other = normal_base_likelihoods(np.array([0] * 2 + [3] * 18, np.int8), quality(20), 1)
    assert normal_lod(*other) == pytest.approx(
        normal_lod(*normal_base_likelihoods(np.zeros(20, np.int8), quality(20), 1))
    )


def test_slippage_grows_with_the_repeat_and_falls_with_the_change() -> None:
    rates = [slippage(1, length, 1) for length in range(1, 20)]
    assert rates == sorted(rates)
    assert rates[0] < 1e-4 < 1e-2 < rates[-1] <= 0.2
    assert slippage(1, 12, 3) < slippage(1, 12, 1)
    assert slippage(7, 7, 7) < 1e-4
    alt, ref = indel_likelihoods(np.float32([60.0]), np.float32([0.0]), 0.1)
    assert alt / ref == pytest.approx(9, rel=0.01)


def test_phase_blocks_are_named_by_their_first_allele() -> None:
    table = pl.DataFrame(
        {
            "chrom": ["chr1"] * 4 + ["chr2"],
            "pos": [10, 12, 15, 90, 12],
            "ref": ["A"] * 5,
            "alt": ["C"] * 5,
            "filter": ["PASS"] * 5,
            "phase_set": [None, 10, 12, None, None],
        },
        schema_overrides={"chrom": CHROM, "pos": pl.Int32, "phase_set": pl.Int32},
    )
    assert name_phase_sets(table)["phase_set"].to_list() == [10, 10, 10, None, None]


def test_regions_are_cut_to_the_tile() -> None:
    regions = [Interval("a_b", 0, 100), Interval("a_b", 200, 300), Interval("c", 0, 50)]
    expected = [Interval("a_b", 50, 100), Interval("a_b", 200, 210)]
    assert within(regions, "a_b_50_210") == expected


BASES = sequence(1200, 7)
MNV = (600, 601)


def changed(base: str) -> str:
    return {"A": "C", "C": "G", "G": "T", "T": "A"}[base]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tumour with an MNV and an SNV on other reads 10 bases on, an artefact, and a normal."""
    path = tmp_path_factory.mktemp("somatic")
    contigs = {"chr1": BASES}
    write_reference(path / "ref.fa", contigs)
    edited = "".join(changed(b) if n in MNV else b for n, b in enumerate(BASES))
    other = "".join(changed(b) if n == 611 else b for n, b in enumerate(BASES))
    artefact = "".join(changed(b) if n == 900 else b for n, b in enumerate(BASES))
    tumour, normal = [], []
    for n in range(300):
        start = 10 + (n * 37) % 1080
        flag = 16 if n % 2 else 0
        source = (edited, other, BASES)[n % 3]
        tumour.append(record(f"t{n}", "chr1", start, "100M", source[start : start + 100], flag))
        plain = BASES[start : start + 100]
        normal.append(record(f"n{n}", "chr1", start, "100M", plain, flag))
    for n in range(6):  # always the last but one base of a forward read
        start = 900 - 98
        tumour.append(record(f"x{n}", "chr1", start, "100M", artefact[start : start + 100]))
    write_bam(path / "tumour.bam", contigs, tumour)
    write_bam(path / "normal.bam", contigs, normal)
    write_bam(path / "none.bam", contigs, [])
    return path


def calls(folder: Path, normal: str | None) -> pl.DataFrame:
    beside = str(folder / normal) if normal else None
    reads = Reads(str(folder / "tumour.bam"), beside, str(folder / "ref.fa"))
    found = call_somatic(reads, [Interval("chr1", 0, 1200)], Thresholds())
    return name_phase_sets(found)


def test_mnv_is_one_block_and_a_neighbour_on_other_reads_is_not(folder: Path) -> None:
    table = calls(folder, "normal.bam").filter(filter="PASS")
    assert table["pos"].to_list() == [601, 602, 612]
    assert table["phase_set"].to_list() == [601, 601, None]
    assert (table["normal_ad"] == 0).all()


def test_alleles_at_read_ends_are_refused(folder: Path) -> None:
    row = calls(folder, "normal.bam").row(by_predicate=pl.col("pos") == 901, named=True)
    assert "PositionBias" in row["filter"].split(";")


def test_without_a_normal_its_columns_are_unknown(folder: Path) -> None:
    table = calls(folder, None)
    assert table["normal_dp"].null_count() == table.height > 0
    assert table["normal_lod"].null_count() == table.height


def test_normal_without_reads_passes_nothing(folder: Path) -> None:
    table = calls(folder, "none.bam")
    assert "PASS" not in table["filter"].to_list()
    assert (table["normal_dp"] == 0).all()
