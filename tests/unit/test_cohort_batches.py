"""People read by jobs of their own: kept as they are read, and the same state in the end."""

import random
import tempfile
from pathlib import Path

import pytest
from cohort_run import Run
from hypothesis import given
from hypothesis import strategies as st

from shirube.cohort import batches, frequency
from shirube.cohort.query import sites
from shirube.cohort.state import State, state_problems
from shirube.cohort.withdrawal import withdraw
from shirube.contracts import table
from shirube.sheet import batches as batches_of

PEOPLE = 5


def people(folder: Path, n: int = PEOPLE) -> Run:
    run = Run(folder, contigs={"chr1": 900, "chrX": 700})
    for number in range(n):
        run.add(number, sex="XY" if number % 3 == 0 else "XX")
    return run


def content(run: Run) -> dict[str, bytes]:
    root = run.members.parent
    files = (p for p in root.rglob("*") if p.is_file() and p.name != "lock")
    return {str(p.relative_to(root)): p.read_bytes() for p in files if p.parent.name != "read"}


@pytest.mark.parametrize("seed", range(4))
def test_any_batches_in_any_order_end_in_the_same_bytes(seed: int) -> None:
    """Some are there from an earlier run, some are read by jobs, some by nobody before.

    Some chromosomes are added up by jobs of their own.
    """
    rng = random.Random(seed)
    size, runs = rng.randint(1, PEOPLE), rng.randint(1, PEOPLE)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        whole = people(Path(one))
        whole.go()
        run = people(Path(two))
        every = run.rows
        run.rows = every[:runs]
        run.cohort["release"]["min_people"] = PEOPLE  # the first release is of everybody
        run.go()
        run.rows = every
        run.cohort["release"]["min_people"] = 2
        order = [f"s{n}" for n in range(PEOPLE)]
        rng.shuffle(order)
        parts = [order[at : at + size] for at in range(0, PEOPLE, size)]
        read = [run.read(part, f"{n:05d}") for n, part in enumerate(parts) if rng.random() < 0.8]
        run.go(read=read, summed=[c for c in ("chr1", "chrX") if rng.random() < 0.7])
        found, wanted = ({k: v for k, v in content(r).items() if k.startswith("state/")}
                         for r in (run, whole))  # fmt: skip
        assert found == wanted
        assert not list((run.members.parent / "state/read").glob("*"))


def test_what_jobs_added_up_is_not_added_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = people(tmp_path)
    real, made = State._sum, []
    monkeypatch.setattr(State, "_sum", lambda *a: made.append(a[-1]) or real(*a))
    run.go(summed=["chr1", "chrX"])
    assert made == ["chr1", "chr1", "chrX", "chrX"]  # two sexes
    assert not list((run.members.parent / "state/sums").iterdir())
    run.add(30)
    run.go(summed=["chr1"])
    assert made[4:] == ["chr1", "chrX"]


def test_sums_of_others_are_not_taken(tmp_path: Path) -> None:
    """Somebody withdraws after the chromosomes were added up: they are in no sum."""
    found = {}
    for name, when in (("before", 0), ("between", 1)):
        (tmp_path / name).mkdir()
        run = people(tmp_path / name)
        run.go()
        run.add(30)

        def withdrawn(run: Run = run) -> None:
            state = State(run.members.parent / "state", {})
            kinship = {"spacing": 1, "min_sites": 40}
            withdraw(state, run.members.parent / "releases", ["p30"], kinship)

        if not when:
            run.read(["s30"])
            withdrawn()
        run.go(summed=["chr1", "chrX"], between=withdrawn if when else lambda: None)
        found[name] = content(run)
        assert "s30" not in State(run.members.parent / "state", {}).manifest.people
    for files in found.values():  # of what was chosen before; it tells what is known of who left
        for name in ("chosen.json", "releases/withdrawn.json", "sums/chr1.json", "sums/chrX.json"):
            files.pop(name)
    assert found["before"] == found["between"]


def test_a_second_run_opens_no_file_of_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = people(tmp_path)
    read = [run.read([row], row) for row in (f"s{n}" for n in range(PEOPLE))]
    first = run.go(read=read)
    before = {p: p.stat().st_mtime_ns for p in (run.members.parent / "state/objects").iterdir()}

    def refuse(*_: object) -> None:
        raise AssertionError("a person's file was opened")

    monkeypatch.setattr(batches, "read_person", refuse)
    monkeypatch.setattr(batches, "digest", refuse)
    assert run.go(read=read) == first
    after = {p: p.stat().st_mtime_ns for p in (run.members.parent / "state/objects").iterdir()}
    assert after == before


def test_who_was_read_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, seen = people(tmp_path), []
    real = batches.read_person

    def counted(*args: object) -> object:
        seen.append(args[1])
        return real(*args)

    monkeypatch.setattr(batches, "read_person", counted)
    run.read(["s0", "s1"])
    run.read(["s0", "s1", "s2"])
    assert seen == ["s0", "s1", "s2"]
    run.people["s1"] = run.people["s3"]
    (run.folder / "s1.g.vcf.gz").write_bytes((run.folder / "s1.g.vcf.gz").read_bytes() + b"")
    run.rows[2]["sex"] = "XY"  # read in another way
    read = run.read(["s0", "s1", "s2"])
    assert seen == ["s0", "s1", "s2", "s2"]
    run.go(read=[read])
    assert seen[4:] == ["s3", "s4"]


def test_one_who_was_read_and_withdraws_is_gone(tmp_path: Path) -> None:
    run = people(tmp_path)
    run.go()
    run.add(20)
    run.read(["s20"])
    folder = run.members.parent / "state"
    assert state_problems(folder) == []
    waiting = State(folder, {}).waiting("s20")
    assert waiting is not None
    withdraw(State(folder, {}), run.members.parent / "releases", ["p20"],
             {"spacing": 1, "min_sites": 40})  # fmt: skip
    run.read(["s20"])  # their file is still there, and the sheet still says yes
    state = State(folder, {})
    assert state.waiting("s20") is None
    assert not state.path(waiting.genotypes).exists()
    assert state_problems(folder) == []


def test_one_who_was_read_and_may_not_be_counted_leaves_nothing(tmp_path: Path) -> None:
    run = people(tmp_path)
    read = run.read(["s1"])
    run.rows[1]["consent"] = "no"
    run.go(read=[read])
    state = State(run.members.parent / "state", {})
    assert "s1" not in state.manifest.people
    assert state.waiting("s1") is None
    assert {p.name for p in (state.directory / "objects").iterdir()} == {
        p.name for p in state.kept()
    }


@given(st.sets(st.text("abc", min_size=1, max_size=9), max_size=200), st.integers(1, 20))
def test_batches_hold_everybody_once(names: set[str], size: int) -> None:
    found = batches_of(sorted(names), size)
    assert sorted(name for one in found.values() for name in one) == sorted(names)


def test_one_more_person_changes_one_batch() -> None:
    names = [f"S{n}" for n in range(1000)]
    before, after = batches_of(names, 16), batches_of([*names, "S_new"], 16)
    assert len(before) == len(after)
    assert sum(before[name] != after[name] for name in before) == 1


def test_a_release_does_not_tell_how_much_was_held_at_once(tmp_path: Path) -> None:
    found = {}
    for name, at_once in (("whole", 1 << 20), ("pieces", 9)):
        (tmp_path / name).mkdir()
        run = people(tmp_path / name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(table, "ROW_GROUP", 7)
            patch.setattr(frequency, "AT_ONCE", at_once)
            patch.setattr(sites, "AT_ONCE", at_once)
            run.go()
        found[name] = content(run)
    assert found["whole"] == found["pieces"]
