"""Passes over reads grow with the reads: seconds of 500 kb beside those of 250 kb, no clock."""

from pathlib import Path

import pytest
import scale_reads
from made_reads import made
from running import REPOSITORY

from shirube.tools import run

SIZES, DEPTH = (0.25, 0.5), 20.0
MOST = 2.3  # twice as much, and what a loaded machine adds


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Reads of both sizes, and the tables beside them."""
    out = [tmp_path_factory.mktemp("made") / f"{size:g}" for size in SIZES]
    for folder, size in zip(out, SIZES, strict=True):
        scale_reads.make(folder, size, DEPTH)
    return out


def test_one_seed_gives_one_set_of_bytes(folders: list[Path], tmp_path: Path) -> None:
    again = made(tmp_path / "again", SIZES[0], DEPTH)
    for path in (again.fasta, again.tumour, again.normal):
        assert Path(path).read_bytes() == (folders[0] / Path(path).name).read_bytes()
    other = made(tmp_path / "other", SIZES[0], DEPTH, seed=2)
    assert Path(other.tumour).read_bytes() != Path(again.tumour).read_bytes()
    for path in (again.tumour, again.normal):
        run("samtools", "quickcheck", path)


@pytest.mark.parametrize("rule", ["measure_coverage", "measure_markers", "call_structural"])
def test_twice_the_reads_cost_twice_at_most(folders: list[Path], rule: str) -> None:
    least = [float("inf")] * len(folders)
    for _ in range(2):
        for number, folder in enumerate(folders):
            took, _ = scale_reads.spent(folder, REPOSITORY, rule)
            least[number] = min(least[number], took)
    assert least[1] / least[0] <= MOST


def test_what_is_planted_is_found(folders: list[Path]) -> None:
    for rule in ("call_structural", "measure_errors", "call_somatic"):
        scale_reads.steps(folders[1], REPOSITORY)[rule]()
    found = scale_reads.recalled(folders[1])
    assert found["structural planted"] >= 3
    assert found["structural found"] == found["structural planted"]
    assert found["structural not planted"] == 0
    assert found["somatic SNVs found"] >= 0.85 * found["somatic SNVs planted"]
    assert found["somatic not planted"] <= 1


def test_growth_is_told_between_the_last_two_sizes() -> None:
    cost = {("now", "r", size): (size**2, 100 + size) for size in (1.0, 2.0, 4.0)}
    cost |= {("before", "r", 4.0): (48.0, 1.0)}
    line = scale_reads.row("now", "r", [1.0, 2.0, 4.0], cost)
    assert line["slope"] == pytest.approx(2)
    assert line["s_per_mb"] == pytest.approx(6)
    assert line["genome_core_hours"] == pytest.approx(6 * 3100 / 3600)
    assert (line["mib_per_mb"], line["ratio"]) == (1.0, 3.0)
