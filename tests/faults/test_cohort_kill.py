"""A cohort state whose process is killed holds the old people or the new ones, never a mixture."""

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cohort_case import PAR, person, write_gvcf, write_reference
from cohort_run import Run

from shirube.cohort.person import read_person
from shirube.cohort.reference import Reference
from shirube.cohort.state import State
from shirube.genome.genotype_rule import GenotypeRule
from shirube.sheet import batches as batches_of

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


WHOLE_PEOPLE = 100
READER = f"""
import sys
from pathlib import Path
sys.path[:0] = [{str(TESTS)!r}, {str(TESTS.parent / "support")!r}]
from test_cohort_kill import cohort_of
run, batches = cohort_of(Path(sys.argv[1]), write=False)
read = [run.read(names, batch) for batch, names in batches.items()]
run.go(read=read, summed=["chr1", "chrX"])
"""


def cohort_of(folder: Path, write: bool = True) -> tuple[Run, dict[str, list[str]]]:
    """A hundred people on sheets, in batches; their files are written or there already."""
    run = Run(folder, k=10, contigs={"chr1": 900, "chrX": 600}, exist_ok=True)
    for n in range(WHOLE_PEOPLE):
        run.add(n, sex="XY" if n % 2 else "XX", write=write)
    return run, batches_of([f"s{n}" for n in range(WHOLE_PEOPLE)], 16)


def finished(directory: Path) -> set[str]:
    """Who was read for good: in the manifest, or waiting to be."""
    state = State(directory, {})
    return {*state.manifest.people, *state.all_waiting()}


def test_a_killed_cohort_keeps_who_was_read_and_ends_in_the_same_bytes(tmp_path: Path) -> None:
    """`kill -9` at random moments of a hundred people's reading and counting."""
    for name in ("calm", "killed"):
        (tmp_path / name).mkdir()
        cohort_of(tmp_path / name)
    command = [sys.executable, "-c", READER]
    begun = time.monotonic()
    subprocess.run([*command, str(tmp_path / "calm")], check=True)
    usual = time.monotonic() - begun
    rng, state = random.Random(2), tmp_path / "killed/results/cohort/state"
    there: set[str] = set()
    kept, killed = [], 0
    while killed < 10:
        # Half of the moments are of the reading, half of what comes after it.
        more = rng.randint(1, 25)
        worker = subprocess.Popen([*command, str(tmp_path / "killed")])
        while worker.poll() is None and len(list(state.glob("read/*.json"))) < min(
            WHOLE_PEOPLE, len(there) + more
        ):
            time.sleep(0.002)
        if len(there) == WHOLE_PEOPLE:
            time.sleep(usual * rng.uniform(0.1, 0.5))
        killed += worker.poll() is None
        worker.kill()
        worker.wait()
        now = finished(state)
        assert there <= now
        there = now
        kept.append(len(now))
        if worker.returncode == 0:
            shutil.rmtree(tmp_path / "killed/results")  # finished: from the start again
            there = set()
    assert len({n for n in kept if 0 < n < WHOLE_PEOPLE}) >= 3
    subprocess.run([*command, str(tmp_path / "killed")], check=True)
    found, wanted = (
        {
            str(p.relative_to(tmp_path / name)): p.read_bytes()
            for p in sorted((tmp_path / name / "results").rglob("*"))
            if p.is_file() and p.name != "lock"
        }
        for name in ("killed", "calm")
    )
    assert found.keys() == wanted.keys()
    assert found == wanted
