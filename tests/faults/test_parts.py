"""A cohort run in parts, and on one core: the same results."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import small_demo
from checksums import checksums
from faulty_run import run

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def test_a_cohort_in_two_parts(
    fresh: Path, expected: dict[str, str], tmp_path: Path, say: Callable[[str], None]
) -> None:
    """The first part makes a share of the samples and no table of the cohort."""
    directory = small_demo.copy(fresh, tmp_path / "demo")
    made = []
    for part in ("1/2", "2/2"):
        done = run(directory, options=["--batch", f"choose_people={part}"])
        assert done.status == 0, done.text[-4000:]
        made.append(checksums(directory / "results"))
    first, last = made
    assert 0 < len(first) < len(last)
    assert not any(name.startswith("cohort/frequency") for name in first)
    assert last == expected
    say(f"--batch choose_people: {len(first)} files after 1/2, {len(last)} after 2/2: agree")


def test_one_core(
    fresh: Path, expected: dict[str, str], tmp_path: Path, say: Callable[[str], None]
) -> None:
    directory = small_demo.copy(fresh, tmp_path / "demo")
    done = run(directory, options=["--cores", "1"])
    assert done.status == 0, done.text[-4000:]
    assert checksums(directory / "results") == expected
    say(f"one core and two: {len(expected)} files, the same bytes")


def test_gvcfs_that_are_not_kept(
    fresh: Path, expected: dict[str, str], tmp_path: Path, say: Callable[[str], None]
) -> None:
    """Everything else is the same, a second run has nothing to do, and the crate verifies."""
    directory = small_demo.copy(fresh, tmp_path / "demo")
    config = directory / "config/config.yaml"
    config.write_text(config.read_text() + "retention: {gvcf: drop}\n")
    done = run(directory)
    assert done.status == 0, done.text[-4000:]
    left = checksums(directory / "results")
    gone = {name for name in expected if ".g.vcf.gz" in name}
    assert len(gone) >= 2
    about = {name for name in expected if name.startswith(("ro-crate", "run/"))}
    assert set(left) == set(expected) - gone
    assert {n for n in left if n not in about and left[n] != expected[n]} == set()
    again = run(directory)
    assert again.status == 0, again.text[-4000:]
    assert "Nothing to be done" in again.text
    words = [small_demo.SHIRUBE, "verify", str(directory / "results")]
    assert subprocess.run(words, check=False).returncode == 0
    say(f"gVCFs dropped: {len(gone)} files less, {len(left)} others the same bytes")
