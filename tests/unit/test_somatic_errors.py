"""Errors as the reads themselves show them: damage and strand artefacts make no calls."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from artefacts import Artefacts, Made, made
from hypothesis import given
from hypothesis import strategies as st

from shirube.calling.somatic.calling import Reads, call_somatic
from shirube.calling.somatic.errors import (
    GENOME,
    Errors,
    about,
    expected_false,
    from_table,
    least_fragments,
    measured,
    nominal,
    one_sided,
    share_one_sided,
    surprise,
)
from shirube.calling.somatic.model import Thresholds
from shirube.contracts import ERROR_RATES, metadata, read, write
from shirube.genome.intervals import Interval
from shirube.reads.errors import context_class
from shirube.reads.pileup import seen_forward

SIZE, DEPTH = 12_000, 160
REGION = [Interval("chr1", 0, SIZE)]
LIMITS = Thresholds()
KINDS = {
    "clean": Artefacts(),
    "strand": Artefacts(strand_places=30),
    "formalin": Artefacts(damage=0.02),
    "oxidation": Artefacts(damage=0.01, damaged=(2, 3)),
}


@pytest.fixture(scope="module", params=KINDS)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp(request.param)
    return made(folder, SIZE, DEPTH, 5, KINDS[request.param], (0.1, 0.3), each=4)


def errors_of(pair: Made) -> tuple[Errors, pl.DataFrame]:
    asked = (20, 13, LIMITS.max_false, LIMITS.min_lod, pair.normal)
    return measured(pair.tumour, pair.reference, REGION, *asked)


def test_artefacts_pass_no_more_and_true_alleles_do(pair: Made) -> None:
    errors, _ = errors_of(pair)
    reads = Reads(pair.tumour, pair.normal, pair.reference)
    table = call_somatic(reads, REGION, LIMITS, None, errors).filter(filter="PASS")
    found = set(table.select("pos", "alt").iter_rows())
    true = {(place + 1, "ACGT"[base]) for place, base, _ in pair.planted}
    assert found <= true
    assert len(found & true) >= len(true) - 1


def test_what_damage_does_is_measured(tmp_path: Path) -> None:
    pair = made(tmp_path, SIZE, DEPTH, 6, KINDS["formalin"], (0.3,), each=2)
    errors, table = errors_of(pair)
    rate = (
        table.with_columns(base=pl.col("context").str.slice(1, 1))
        .group_by("base", "alt")
        .agg(rate=pl.col("errors").sum() / pl.col("bases").sum())
    )
    known = {(base, alt): value for base, alt, value in rate.iter_rows()}
    assert known["C", "T"] == pytest.approx(0.02, rel=0.15)
    assert known["G", "A"] < 0.003  # the mirror image is another class
    assert errors.one_orientation > 0.5 > errors.one_strand
    path = tmp_path / "rates.parquet"
    write(table, ERROR_RATES, path, {**about(errors), "bases": str(SIZE)})
    again = from_table(read(ERROR_RATES, path), metadata(path))
    assert np.allclose(again.rates, errors.rates)
    assert (again.max_p, again.one_strand) == (errors.max_p, errors.one_strand)
    false = expected_false(metadata(path))
    assert false == pytest.approx(errors.false_per_base * SIZE)


def test_expected_false_calls_stay_within_what_is_asked(tmp_path: Path) -> None:
    pair = made(tmp_path, SIZE, DEPTH, 7, KINDS["clean"], (0.3,), each=0)
    for asked in (1.0, 30.0, 1000.0):
        errors, _ = measured(pair.tumour, pair.reference, REGION, 20, 13, asked, LIMITS.min_lod)
        assert errors.false_per_base is not None
        assert errors.false_per_base * GENOME <= asked


@given(st.integers(10, 500), st.floats(1e-6, 1e-2), st.floats(1e-12, 1e-5))
def test_least_fragments_are_the_least(depth: int, rate: float, max_p: float) -> None:
    (needed,) = least_fragments(np.array([depth]), np.array([rate]), max_p, 0.0)

    def p(count: int) -> float:
        return surprise(np.full(depth, rate), np.arange(depth) < count)

    assert needed == depth or p(int(needed)) <= max_p
    assert needed <= 3 or p(int(needed) - 1) > max_p


def test_more_carriers_surprise_more_and_poor_bases_less() -> None:
    wrong = np.full(60, 1e-4)
    scores = [surprise(wrong, np.arange(60) < count) for count in range(1, 8)]
    assert scores == sorted(scores, reverse=True)
    poor = np.where(np.arange(60) < 3, 1e-2, 1e-4)
    assert surprise(poor, np.arange(60) < 3) > surprise(wrong, np.arange(60) < 3)


def test_one_sided_alleles_are_doubted_where_such_artefacts_are_common() -> None:
    for count in (5, 6):
        assert one_sided((count, 0), (100, 100), 0.02) < 1
        assert one_sided((count, 0), (100, 100), 0.5) > 3
        assert one_sided((count, count), (100, 100), 0.5) < 1e-3
    assert one_sided((6, 0), (40, 0), 0.5) < 1  # where all reads are of one strand it says nothing


def test_shares_are_found_again() -> None:
    rng = np.random.default_rng(3)
    real = rng.binomial(5, 0.5, 300)
    alt = np.concatenate([np.stack([real, 5 - real], axis=1), np.tile([5, 0], (100, 1))])
    other = np.full((400, 2), 80)
    assert share_one_sided(alt, other) == pytest.approx(0.25, abs=0.05)
    assert share_one_sided(alt[:300], other[:300]) < 0.05
    assert share_one_sided(alt[:0], other[:0]) == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("flag", "forward"),
    [(99, True), (147, True), (83, False), (163, False), (0, True), (16, False)],
)
def test_both_mates_have_the_orientation_of_their_fragment(flag: int, forward: bool) -> None:
    assert seen_forward(flag) == forward


def test_a_class_is_named_as_the_first_read_sees_it() -> None:
    # ACG forward is CGT on the other strand: its C, seen from there, is a G
    assert context_class(0, 1, 2, True) == 16 * 0 + 4 * 1 + 2
    assert context_class(0, 1, 2, False) == 16 * 1 + 4 * 2 + 3


def test_without_measurement_errors_are_as_the_qualities_say() -> None:
    quality = np.array([30, 37], np.float32)
    seen = nominal().wrong((0, 1, 2), 3, np.array([True, False]), quality)
    assert seen == pytest.approx(10 ** (-quality / 10) / 3, rel=0.6)
    assert nominal().max_p == 1
