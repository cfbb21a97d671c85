"""The state: any order of adding and withdrawing ends in the bytes of a rebuild."""

import functools
import random
import tempfile
from fractions import Fraction
from math import factorial
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cohort_case import PAR, person, write_gvcf, write_reference
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from shirube.cohort import sums, track
from shirube.cohort.frequency import chrom_frequencies, statistics_of
from shirube.cohort.person import Person, read_person
from shirube.cohort.reference import Reference
from shirube.cohort.register import (
    Known,
    Register,
    Withdrawn,
    content_of,
    register_problems,
)
from shirube.cohort.state import State, state_problems
from shirube.cohort.statistics import faf95, hwe_p
from shirube.cohort.withdrawal import withdraw
from shirube.contracts import ALLELE, write
from shirube.contracts.cohort import CALLABLE, COUNTS
from shirube.errors import InputError
from shirube.genome.genotype_rule import GenotypeRule

SETTINGS = {"rule": GenotypeRule().text(), "build": "artificial"}
SEXES = ("XX", "XY", "XX", "XY", "XX", "unknown")


@functools.cache
def persons() -> tuple[Person, ...]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        sequences = write_reference(folder / "r.fa", 5)
        reference = Reference.open(folder / "r.fa")
        out = []
        for n, sex in enumerate(SEXES):
            path = write_gvcf(folder / f"s{n}.gz", f"s{n}", sequences, person(sequences, sex, n))
            out.append(read_person(path, f"s{n}", sex, GenotypeRule(), reference, PAR))
        return tuple(out)


def content(directory: Path) -> dict[str, bytes]:
    files = (p for p in directory.rglob("*") if p.is_file() and p.name != "lock")
    return {str(p.relative_to(directory)): p.read_bytes() for p in files}


def set_people(state: State, members: set[int], rebuild: bool = False) -> None:
    people = dict(state.manifest.people)
    for n in members:
        if f"s{n}" not in people:
            sex = SEXES[n]
            stratum = f"sex={sex},group={n % 2}"
            people[f"s{n}"] = state.entry(
                f"s{n}", f"p{n}", sex, stratum, f"source{n}", persons()[n]
            )
    chosen = {f"s{n}": people[f"s{n}"] for n in sorted(members)}
    state.update(chosen, list(chosen), rebuild)


steps = st.lists(st.sets(st.integers(0, 5), max_size=6), min_size=1, max_size=6)


@settings(max_examples=12, deadline=None)
@given(steps)
def test_any_order_ends_in_the_bytes_of_a_rebuild(stages: list[set[int]]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        state = State(Path(scratch) / "a", SETTINGS)
        for members in stages:
            set_people(state, members)
        fresh = State(Path(scratch) / "b", SETTINGS)
        set_people(fresh, stages[-1])
        assert content(state.directory) == content(fresh.directory)
        set_people(state, stages[-1], rebuild=True)
        assert content(state.directory) == content(fresh.directory)


@settings(max_examples=8, deadline=None)
@given(steps, st.integers(1, 60), st.integers(2, 40))
def test_the_state_does_not_tell_how_much_was_held_at_once(
    stages: list[set[int]], at_once: int, most: int
) -> None:
    with tempfile.TemporaryDirectory() as scratch, pytest.MonkeyPatch.context() as patch:
        whole = State(Path(scratch) / "whole", SETTINGS)
        set_people(whole, stages[-1])
        patch.setattr(sums, "AT_ONCE", at_once)
        patch.setattr(sums, "MOST", most)
        pieces = State(Path(scratch) / "pieces", SETTINGS)
        for members in stages:
            set_people(pieces, members)
        assert content(pieces.directory) == content(whole.directory)


def test_a_long_track_is_written_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    people = []
    for number in range(5):
        start = np.sort(rng.choice(12_000_000, 3000, replace=False)).astype(np.int32)
        end = np.minimum(start + rng.integers(1, 3000, start.size), np.append(start[1:], 1 << 29))
        table = pl.DataFrame({"chrom": ["chr2"] * start.size, "start": start, "end": end})
        write(CALLABLE.table(table.filter(pl.col("end") > pl.col("start"))), CALLABLE,
              tmp_path / f"{number}.parquet")  # fmt: skip
        people.append((tmp_path / f"{number}.parquet", 1))
    (whole,) = sums.changes(people, "chr2")
    track.write(tmp_path / "whole.arrow", track.Track(None), whole.changes)
    monkeypatch.setattr(sums, "_DENSE", 50)
    monkeypatch.setattr(sums, "TILES_MB", 20)
    monkeypatch.setattr(sums, "AT_ONCE", 1000)
    parts = list(sums.changes(people, "chr2"))
    assert len(parts) > 2
    track.write_parts(tmp_path / "parts.arrow", track.Track(None), parts)
    assert (tmp_path / "parts.arrow").read_bytes() == (tmp_path / "whole.arrow").read_bytes()
    gone = [(path, -1) for path, _ in people]
    old = track.Track(tmp_path / "whole.arrow")
    assert not track.write_parts(tmp_path / "none.arrow", old, sums.changes(gone, "chr2"))


intervals = st.lists(
    st.tuples(st.integers(0, 2_400_000), st.integers(1, 900_000)), min_size=0, max_size=12
)


@settings(max_examples=100, deadline=None)
@given(intervals, st.lists(st.integers(0, 3_299_999), min_size=1, max_size=20))
def test_a_track_counts_what_covers_a_point(drawn: list[tuple[int, int]], asked: list[int]) -> None:
    start = np.array([s for s, _ in drawn], np.int32)
    end = np.array([s + n for s, n in drawn], np.int32)
    changes = track.steps(start, end, np.ones(start.size, np.int32))
    points = np.array(sorted(asked), np.int32)
    wanted = [int(((start <= p) & (p < end)).sum()) for p in points]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "t.arrow"
        if track.write(path, track.Track(None), changes):
            assert track.Track(path).values(points).tolist() == wanted
            gone = track.steps(start, end, -np.ones(start.size, np.int32))
            assert not track.write(Path(scratch) / "u.arrow", track.Track(path), gone)
        else:
            assert wanted == [0] * len(wanted)


def test_tiles_are_dense_where_that_is_smaller(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    start = rng.integers(0, 999_000, 400_000).astype(np.int32)
    end = start + rng.integers(1, 900, start.size).astype(np.int32)
    start[:300], end[:300] = 500_000, 500_500  # steps that one byte does not hold
    path = tmp_path / "t.arrow"
    track.write(path, track.Track(None), track.steps(start, end, np.ones(start.size, np.int32)))
    points = np.arange(0, 1_000_000, 997, dtype=np.int32)
    wanted = [int(((start <= p) & (p < end)).sum()) for p in points]
    assert track.Track(path).values(points).tolist() == wanted
    assert path.stat().st_size < 8 * 700_000
    for kept in (350_000, 60_000):  # people go, the second time so many that a list is smaller
        gone = track.steps(start[kept:], end[kept:], -np.ones(start.size - kept, np.int32))
        few = track.steps(start[:kept], end[:kept], np.ones(kept, np.int32))
        track.write(tmp_path / "less.arrow", track.Track(path), gone)
        track.write(tmp_path / "built.arrow", track.Track(None), few)
        assert (tmp_path / "less.arrow").read_bytes() == (tmp_path / "built.arrow").read_bytes()


def test_a_state_of_other_settings_is_refused(tmp_path: Path) -> None:
    state = State(tmp_path, SETTINGS)
    set_people(state, {0})
    with pytest.raises(InputError, match="build changed"):
        State(tmp_path, {**SETTINGS, "build": "GRCh38"})


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    state = State(tmp_path, SETTINGS)
    set_people(state, {0, 1})
    next((tmp_path / "objects").iterdir()).unlink()
    with pytest.raises(InputError, match="a file that the manifest names"):
        State(tmp_path, SETTINGS)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="manifest"):
        State(tmp_path, SETTINGS)


def test_each_flipped_bit_of_a_state_is_named(tmp_path: Path) -> None:
    state = State(tmp_path / "state", SETTINGS)
    set_people(state, set(range(6)))
    place = tmp_path / "releases"
    assert "p5" in withdraw(state, place, ["p5"], {"spacing": 1, "min_sites": 40})
    Register(place).append(state, known(state), {"release": 1, "groups": ["all"], "files": {}})
    files = [p for p in sorted(tmp_path.rglob("*")) if p.is_file() and p.name != "lock"]
    assert problems(tmp_path) == []
    rng = random.Random(7)
    by_size = rng.choices(files, [p.stat().st_size for p in files], k=960)
    for path in [*by_size, *(rng.choice(files) for _ in range(40))]:
        data = path.read_bytes()
        at, bit = rng.randrange(len(data)), 1 << rng.randrange(8)
        path.write_bytes(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])
        found = problems(tmp_path)
        assert any(problem.startswith(f"{path}: ") for problem in found), (path, at, bit)
        if path.is_relative_to(place):
            with pytest.raises(InputError, match=path.name):
                read_register(place, path)
        elif "people.json" in path.name or path.name == "manifest.json":
            with pytest.raises(InputError, match=path.name):
                State(state.directory, {})
        elif path.parent.name == "objects":
            with pytest.raises(InputError, match=f"{path.name}: .*altered"):
                State(state.directory, {}).object(path.name)
        path.write_bytes(data)
    assert problems(tmp_path) == []


def known(state: State) -> dict[str, Known]:
    return {s: Known(s, content_of(e)) for s, e in state.manifest.people.items()}


def problems(folder: Path) -> list[str]:
    return [*state_problems(folder / "state"), *register_problems(folder / "releases")]


def read_register(place: Path, path: Path) -> None:
    """Read the file of a register that `path` is."""
    if path.name == "withdrawn.json":
        Withdrawn(place)
        return
    register = Register(place)
    for stratum, one in register.entries[0]["strata"].items():
        for chrom, name in one["tracks"].items():
            if name == path.name:
                register.track(1, stratum, chrom)


def test_nothing_altered_is_counted(tmp_path: Path) -> None:
    state = State(tmp_path, SETTINGS)
    set_people(state, {0, 1, 2})
    (counts, *_) = sorted((tmp_path / "objects").glob("*.counts.parquet"))
    table = pl.read_parquet(counts).with_columns(pl.lit(7, pl.Int32).alias("ac"))
    write(table, COUNTS, counts)
    named = state.manifest.strata.values()
    (chrom,) = (c for chroms in named for c, f in chroms.items() if f["counts"] == counts.name)
    with pytest.raises(InputError, match=counts.name):
        chrom_frequencies(State(tmp_path, {}), chrom, ["sex"], PAR)


def test_a_state_of_an_earlier_format_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"format": 2, "people": {}}')
    with pytest.raises(InputError, match="a state of format 3, found 2"):
        State(tmp_path, {})


def test_leftovers_of_a_killed_run_are_swept(tmp_path: Path) -> None:
    state = State(tmp_path, SETTINGS)
    set_people(state, {0})
    (tmp_path / "objects" / "new.99.parquet").write_bytes(b"half")
    with state.locked():
        pass
    assert not (tmp_path / "objects" / "new.99.parquet").exists()


def test_faf95_is_the_poisson_bound() -> None:
    ac, an = np.array([0, 1, 2, 5, 100, 7]), np.array([100, 100, 100, 1000, 5000, 0])
    found = faf95(ac, an)
    assert found[:2].tolist() == [0, 0]
    assert np.isnan(found[5])
    for n, total, f in zip(ac[2:5], an[2:5], found[2:5], strict=True):
        assert poisson.sf(n - 1, f * total) == pytest.approx(0.05)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_hwe_is_the_exact_test(hom_ref: int, het: int, hom_alt: int) -> None:
    n, rare = hom_ref + het + hom_alt, 2 * hom_alt + het
    (found,) = hwe_p(*(np.array([x]) for x in (hom_ref, het, hom_alt)))
    if min(rare, 2 * n - rare) == 0:
        assert np.isnan(found)
        return
    weights = {}
    for h in range(rare % 2, min(rare, 2 * n - rare) + 1, 2):
        alt = (rare - h) // 2
        weights[h] = Fraction(2**h, factorial(h) * factorial(alt) * factorial(n - h - alt))
    total = sum(w for w in weights.values() if w <= weights[het])
    assert found == pytest.approx(float(total / sum(weights.values())))


@pytest.mark.parametrize("counts", [(-1, 3, 0), (-2, 2, 2), (5, -1, 2), (0, 0, -1)])
def test_impossible_counts_end(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="row 2: genotype counts of zero or more"):
        hwe_p(*(np.array([10, x]) for x in counts))


@pytest.mark.parametrize("wrong", [{"diploid": 3}, {"an": 5}])
def test_more_carriers_than_people_callable_are_refused(wrong: dict[str, int]) -> None:
    alleles = pl.DataFrame([("chr1", 7, "A", "C")], schema=ALLELE, orient="row")
    total = {"ac": 6, "het": 2, "hom": 2, "hemi": 0, "an": 8, "diploid": 4, "people": 4} | wrong
    numbers = {name: np.array([n]) for name, n in total.items()}
    with pytest.raises(InputError, match=r"all: chr1:7 A>C: no more carriers than people callable"):
        statistics_of(alleles, "all", numbers)


def test_genotypes_of_the_state_are_those_read(tmp_path: Path) -> None:
    state = State(tmp_path, SETTINGS)
    set_people(state, {0, 1})
    rows = state.genotypes(["s1"]).drop("sample")
    assert rows.equals(persons()[1].genotypes)
    one = state.genotypes(["s1"], "chr1")
    assert one.height == rows.filter(pl.col("chrom") == "chr1").height
