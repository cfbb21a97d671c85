"""Copies of a tumour without a normal beside the normals of other people."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from compare_copy_number import main
from shirube.calling.copy_number.beside_people import UNKNOWN, copies_beside
from shirube.calling.copy_number.calling import Segment, as_table
from shirube.calling.copy_number.state import tumour_state
from shirube.contracts import COPY_NUMBER, DEPTH, DEPTH_BINS, metadata, read, write
from shirube.genome.ploidy import PAR

COUNT, SIZE = 1500, 1000
CHROMS = (("chr1", 0), ("chr7", 0), ("chrX", 10_000))  # beyond the pseudo-autosomal region
PLACES = pl.DataFrame(
    [(c, n * SIZE, (n + 1) * SIZE) for c, first in CHROMS for n in range(first, first + COUNT)],
    schema=["chrom", "start", "end"], orient="row",
)  # fmt: skip
BINS = DEPTH_BINS.table(
    PLACES.with_columns(
        gc=pl.Series(np.random.default_rng(1).uniform(0.3, 0.6, PLACES.height)), exon=pl.lit(False)
    )
)
AMPLIFIED, LOST, LESSER = (400, 460), (700, 760), (1000, 1060)  # bins of chr7


def depths(seed: int, sex: str, tumour: bool, purity: float = 0.8) -> pl.DataFrame:
    """DEPTH of a person at 30x, or of a tumour at 60x with changes on chr7."""
    rng = np.random.default_rng(seed)
    copies = np.where(PLACES["chrom"].to_numpy() == "chrX", 1 if sex == "XY" else 2, 2.0)
    seven = np.flatnonzero(PLACES["chrom"].to_numpy() == "chr7")
    for (low, high), many in ((AMPLIFIED, 14), (LOST, 0), (LESSER, 4)) if tumour else ():
        copies[seven[low:high]] = purity * many + 2 * (1 - purity)
    bias = 1 + 0.4 * (BINS["gc"].to_numpy() - 0.45)
    depth = rng.poisson(copies / 2 * bias * (60 if tumour else 30) * SIZE / 300) * 300 / SIZE
    return DEPTH.table(PLACES.with_columns(depth=pl.Series(depth)))


def called(folder: Path, sex: str, people: int, purity: float = 0.8) -> tuple[pl.DataFrame, dict]:
    """COPY_NUMBER of a tumour beside so many people, and the state of the tumour."""
    bins, out = folder / "bins.parquet", folder / "cnv.parquet"
    write(BINS, DEPTH_BINS, bins)
    files = []
    for n in range(people + 1):
        own = sex if n == 0 else ("XX", "XY")[n % 2]
        path = folder / f"{n}.parquet"
        write(depths(n, own, n == 0, purity), DEPTH, path)
        files.append((str(path), own))
    main(
        bins=str(bins), own=files[0], others=files[1:], par=PAR["GRCh38"], copy_number=str(out)
    )  # fmt: skip
    return read(COPY_NUMBER, str(out)), tumour_state(metadata(str(out)))


@pytest.mark.parametrize("sex", ["XX", "XY"])
def test_what_stands_out_at_any_purity_is_named_and_nothing_else(tmp_path: Path, sex: str) -> None:
    table, state = called(tmp_path, sex, 8)
    named = table.filter(~pl.col("call").is_in(["neutral", "unknown"]))
    assert set(named["chrom"]) == {"chr7"}
    for call, (low, high) in (("amplification", AMPLIFIED), ("homozygous_deletion", LOST)):
        # A change whose ends lie inside a stretch may be cut in two that touch.
        own = named.filter(call=call)
        assert own["start"].to_list()[1:] == own["end"].to_list()[:-1]
        assert abs(own["start"].min() - low * SIZE) <= 20_000
        assert abs(own["end"].max() - high * SIZE) <= 20_000
    assert table["total_cn"].null_count() == table.height
    assert (state["purity"], state["purity_source"]) == (None, "none")


def test_lesser_changes_are_unknown_never_neutral(tmp_path: Path) -> None:
    """Four copies, and the same events at a purity of 35%: seen, and not named."""
    table, _ = called(tmp_path, "XX", 8, 0.35)
    over = [
        table.filter((pl.col("start") < b * SIZE) & (pl.col("end") > a * SIZE), chrom="chr7")
        for a, b in (AMPLIFIED, LOST, LESSER)
    ]
    assert all("unknown" in own["call"].to_list() for own in over)
    assert set(table["call"]) == {"neutral", "unknown"}


def test_a_man_beside_women_has_lost_no_x(tmp_path: Path) -> None:
    table, _ = called(tmp_path, "XY", 8)
    assert set(table.filter(chrom="chrX")["call"]) == {"neutral"}


def test_ends_of_x_with_two_copies_do_not_reach_over_what_lies_between(tmp_path: Path) -> None:
    """Beyond both pseudo-autosomal regions of XY lie segments of one copy, and no other."""
    first = 2_781_479  # the first base after PAR1; PAR2 begins at 155,701,382
    places = [("chr1", n * SIZE) for n in range(COUNT)]
    places += [("chrX", n * 10_000) for n in (*range(1, 270), *range(2_000, 2_400))]
    places += [("chrX", n * 10_000) for n in range(15_571, 15_602)]
    bins = DEPTH_BINS.table(
        pl.DataFrame(
            [(c, start, start + SIZE, 0.45, False) for c, start in places],
            schema=["chrom", "start", "end", "gc", "exon"], orient="row",
        )
    )  # fmt: skip
    copies = np.array([1.0 if c == "chrX" and first < at < 155_701_382 else 2 for c, at in places])
    rng = np.random.default_rng(4)
    people = [("self", rng.poisson(copies * 50).astype(np.float32), "XY")]
    people += [(str(n), rng.poisson(copies * 50).astype(np.float32), "XY") for n in range(6)]
    table, _ = copies_beside(bins, people[0], people[1:], PAR["GRCh38"])
    found = table.filter(chrom="chrX").sort("start")
    assert (found["start"][1:] >= found["end"][:-1]).all()
    assert found.filter(pl.col("start") < first, pl.col("end") > first).is_empty()


@pytest.mark.parametrize(
    ("log2", "error", "normal", "call"),
    [
        (1.6, 0.001, 2, "amplification"),
        (1.6, 0.001, 1, "unknown"),  # three copies of the one X
        (2.6, 0.001, 1, "amplification"),  # six of it
        (-2.1, 0.1, 2, "homozygous_deletion"),
        (-2.1, 0.4, 2, "unknown"),  # may be one copy
        (-2.1, 0.4, 1, "homozygous_deletion"),
    ],
)
def test_without_purity_noise_and_the_copies_of_a_man_are_allowed_for(
    log2: float, error: float, normal: int, call: str
) -> None:
    one = Segment("chrX", 0, 1000, log2, error, 20, None, 0.01, 0, normal)
    assert as_table([one], UNKNOWN)["call"].to_list() == [call]


def test_too_few_people_say_nothing(tmp_path: Path) -> None:
    table, state = called(tmp_path, "XX", 3)
    assert table.is_empty()
    assert state["purity"] is None
