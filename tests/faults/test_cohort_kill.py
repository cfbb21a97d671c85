"""A cohort state whose process is killed holds the old people or the new ones, never a mixture."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cohort_case import PAR, person, write_gvcf, write_reference

from shirube.cohort.person import read_person
from shirube.cohort.reference import Reference
from shirube.cohort.state import State
from shirube.genome.genotype_rule import GenotypeRule

pytestmark = [pytest.mark.faults, pytest.mark.slow]
SETTINGS = {"rule": GenotypeRule().text(), "build": "artificial"}
PEOPLE, KILLS = 5, 12
TESTS = Path(__file__).parent
WORKER = f"""
import sys
from pathlib import Path
sys.path[:0] = [{str(TESTS)!r}, {str(TESTS.parent / "support")!r}]
from test_cohort_kill import update
update(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
"""


def update(directory: Path, files: Path, mask: int) -> None:
    """Make the state hold the people whose bit is set in `mask`."""
    reference = Reference.open(files / "r.fa")
    state = State(directory, SETTINGS)
    with state.locked():
        people = {}
        for n in range(PEOPLE):
            if mask >> n & 1:
                read = read_person(
                    files / f"s{n}.gz", f"s{n}", "XX", GenotypeRule(), reference, PAR
                )
                people[f"s{n}"] = state.entry(f"s{n}", f"p{n}", "XX", f"sex=XX,n={n % 2}", "", read)
        state.update(people, list(people))


def content(directory: Path) -> dict[str, bytes]:
    """Bytes of what the manifest names, and of the manifest."""
    state = State(directory, SETTINGS)
    names = {"manifest.json": directory / "manifest.json"}
    names |= {p.name: p for p in state.kept()}
    return {name: path.read_bytes() for name, path in names.items() if path.is_file()}


def test_a_killed_update_leaves_the_old_state_or_the_new(tmp_path: Path) -> None:
    sequences = write_reference(tmp_path / "r.fa", 1, {"chr1": 20_000, "chr2": 20_000})
    for n in range(PEOPLE):
        write_gvcf(tmp_path / f"s{n}.gz", f"s{n}", sequences, person(sequences, "XX", n))
    rng = random.Random(1)
    whole: dict[int, dict[str, bytes]] = {}

    def built(mask: int) -> dict[str, bytes]:
        if mask not in whole:
            update(tmp_path / f"built{mask}", tmp_path, mask)
            whole[mask] = content(tmp_path / f"built{mask}")
        return whole[mask]

    directory, before, finished = tmp_path / "state", 7, 0
    update(directory, tmp_path, before)
    begun = time.monotonic()
    command = [sys.executable, "-c", WORKER, str(directory), str(tmp_path)]
    subprocess.run([*command, "7"], check=True)
    usual = time.monotonic() - begun
    for _ in range(KILLS):
        after = rng.randrange(1, 1 << PEOPLE)
        worker = subprocess.Popen([*command, str(after)])
        time.sleep(usual * rng.uniform(0.5, 1.1))
        worker.kill()
        worker.wait()
        found = content(directory)
        assert found in (built(before), built(after))
        if found == built(after):
            before, finished = after, finished + 1
    update(directory, tmp_path, 31)
    assert content(directory) == built(31)
    left = {p.name for p in (directory / "objects").iterdir()}
    assert left == {p.name for p in State(directory, SETTINGS).kept()}
    assert finished < KILLS
