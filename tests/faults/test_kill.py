"""A run killed at any moment goes on to the same results."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import small_demo
from checksums import checksums
from faulty_run import Running, run

pytestmark = [pytest.mark.faults, pytest.mark.slow]
KILLS = 5


def test_killed_runs_end_like_an_undisturbed_one(
    fresh: Path, calm: Path, expected: dict[str, str], tmp_path: Path, say: Callable[[str], None]
) -> None:
    directory = small_demo.copy(fresh, tmp_path / "demo")
    whole = Running(calm, None).finished()  # type: ignore[arg-type]
    chance = random.Random(20261123)
    # One moment in each fifth of the run, measured in what is made: no kill can come too late.
    moments = [int(whole * (n + chance.uniform(0.05, 0.9)) / KILLS) for n in range(KILLS)]
    killed_at = []
    for moment in moments:

        def kill(running: Running, moment: int = moment) -> None:
            killed_at.append(running.wait_for(moment))
            running.kill()

        assert run(directory, kill).status is None
    last = run(directory)
    assert last.status == 0, last.text
    found = checksums(directory / "results")
    say(
        f"kill -9 of snakemake with {', '.join(map(str, killed_at))} of {whole} outputs made; "
        f"then {len(found)} files, the same bytes as undisturbed: {found == expected}"
    )
    assert len(killed_at) == KILLS
    assert found == expected
