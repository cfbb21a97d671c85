"""What is kept of kinship from run to run: a function of who is there, and read once."""

import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shirube.cohort import kinship, relatives
from shirube.cohort.kinship import pairs, related_entries
from shirube.cohort.person import Person
from shirube.cohort.relatives import forget, related
from shirube.cohort.state import Entry, State, state_problems
from shirube.contracts.cohort import CALLABLE, GENOTYPES

SETTINGS = {"rule": "r", "build": "b"}
KINSHIP = {"spacing": 1, "min_sites": 40}
SITES, PEOPLE = 300, 12


def person(number: int) -> Person:
    """Someone with alleles at common sites; every third is the same person as the one before."""
    rng = np.random.default_rng(number if number % 3 else number + 1)
    copies = rng.binomial(2, np.random.default_rng(1).uniform(0.2, 0.8, SITES))
    pos = np.arange(1, SITES + 1)[copies > 0]
    seen = [(0, 150), (151 + number % 3, SITES)]
    pos = pos[[any(start < at <= end for start, end in seen) for at in pos]]
    table = {"chrom": "chr1", "pos": pos, "ref": "A", "alt": "C", "ac": copies[pos - 1]}
    spans = {"chrom": "chr1", "start": [s for s, _ in seen], "end": [e for _, e in seen]}
    genotypes = GENOTYPES.table(pl.DataFrame(table).with_columns(ploidy=pl.lit(2)))
    return Person(genotypes, CALLABLE.table(pl.DataFrame(spans)), pos.size, "", f"{number:032x}")


def state_of(folder: Path) -> tuple[State, dict[str, Entry]]:
    state = State(folder, SETTINGS)
    entries = {
        f"s{n:02d}": state.put(f"s{n:02d}", f"p{n}", "XX", "sex=XX", "", person(n))
        for n in range(PEOPLE)
    }
    return state, entries


@pytest.mark.parametrize("seed", range(6))
def test_what_is_kept_is_a_function_of_who_is_there(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People join and leave; some had their files replaced."""
    monkeypatch.setattr(kinship, "PANEL", 3)
    rng = random.Random(seed)
    state, entries = state_of(tmp_path / "state")
    here = {name: entries[name] for name in rng.sample(sorted(entries), 3)}
    for _ in range(8):
        names = rng.sample(sorted(entries), rng.randint(1, PEOPLE))
        left = {name: one for name, one in here.items() if name not in names}
        if rng.random() < 0.3:
            forget(state, left)
        here = {name: entries[name] for name in sorted(names)}
        if rng.random() < 0.3:
            other = entries[rng.choice(sorted(entries))]
            here[names[0]] = Entry(**{**vars(here[names[0]]), "genotypes": other.genotypes})
        found = related(state, here, KINSHIP, keep=True)
        assert found == related_entries(state, here, **KINSHIP)
        anew, _ = state_of(tmp_path / f"anew{rng.random()}")
        related(anew, here, KINSHIP, keep=True)
        assert anew.kinship() == state.kinship()
        for name in state.kinship()["objects"]:
            assert state.path(name).read_bytes() == anew.path(name).read_bytes()
    assert state_problems(tmp_path / "state") == []


def test_one_person_more_is_read_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinship, "PANEL", 3)
    state, entries = state_of(tmp_path)
    panel = {e.genotypes for e in kinship.panel_of(entries.values())}
    new = next(name for name, one in entries.items() if one.genotypes not in panel)
    before = related(state, {n: e for n, e in entries.items() if n != new}, KINSHIP, keep=True)
    opened: list[str] = []
    compared: list[int | None] = []

    def dosages(state: State, people: list[Entry], sites: pl.DataFrame) -> object:
        opened.extend(one.sample for one in people)
        return kinship.dosages(state, people, sites)

    def counted(samples: list[str], dosage: object, least: int, first: int | None) -> object:
        compared.append(first)
        return pairs(samples, dosage, least, first)  # type: ignore[arg-type]

    monkeypatch.setattr(relatives, "dosages", dosages)
    monkeypatch.setattr(relatives, "pairs", counted)
    monkeypatch.setattr(relatives, "common_snvs", None)
    after = related(state, entries, KINSHIP, keep=True)
    assert (opened, compared) == ([new], [1])
    assert set(before) <= set(after)
    assert any(new in (p.one, p.two) for p in after) == (len(after) > len(before))


def test_nothing_stays_of_who_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinship, "PANEL", 2)
    state, entries = state_of(tmp_path)
    related(state, entries, KINSHIP, keep=True)
    panel = {e.genotypes for e in kinship.panel_of(entries.values())}
    chosen = [name for name, one in entries.items() if one.genotypes in panel]
    other = next(name for name in entries if name not in chosen)
    forget(state, {other: entries[other]})
    kept = state.kinship()
    rows = np.load(state.object(kept["objects"][0]))
    assert other not in kept["people"]
    assert not any(other in (pair["one"], pair["two"]) for pair in kept["pairs"])
    assert len(rows) == len(kept["people"]) == PEOPLE - 1
    forget(state, {chosen[0]: entries[chosen[0]]})
    assert state.kinship() == {}
    assert not state.path(kept["objects"][0]).exists()
