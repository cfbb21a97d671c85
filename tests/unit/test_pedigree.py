"""Checks of sex and declared relatives, on simulated families."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from interpretation_frames import call, frame

from shirube.contracts import CALLS, write
from shirube.rare.pedigree import Member, checked, parents_confirmed, stretches

SITES = 1500
Genome = np.ndarray


class People:
    """Draws haplotypes of one population and writes people as CALLS with callable intervals."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.chance = directory, np.random.default_rng(7)
        self.frequency = self.chance.uniform(0.05, 0.5, SITES)
        self.bed = directory / "callable.bed"
        self.bed.write_text(f"chr1\t0\t{SITES * 10 + 20}\n")

    def stranger(self) -> Genome:
        """Two haplotypes of the population."""
        return (self.chance.random((2, SITES)) < self.frequency).astype(np.int8)

    def child(self, father: Genome, mother: Genome) -> Genome:
        """One recombined haplotype of each parent: blocks of 50 sites."""
        out = []
        for parent in (father, mother):
            choice = np.repeat(self.chance.integers(0, 2, SITES // 50), 50)
            out.append(np.where(choice == 0, parent[0], parent[1]))
        return np.array(out)

    def member(self, role: str, genome: Genome, x: float | None = None) -> Member:
        """A person; `x` is the share of X sites with reads of both alleles."""
        rows = [
            call({"chrom": "chr1", "pos": 10 * n + 1, "ref": "A", "alt": "G"}, n, dosage=int(d))
            for n, d in enumerate(genome.sum(axis=0))
            if d
        ]
        for n in range(60 if x is not None else 0):
            alt = 15 if n < 60 * (x or 0) else 30
            key = {"chrom": "chrX", "pos": 5_000_000 + n, "ref": "A", "alt": "G"}
            rows.append(call(key, SITES + n, ad_alt=alt, ad_ref=30 - alt))
        path = self.directory / f"{role}.parquet"
        write(frame(CALLS, *rows), CALLS, path)
        return Member(role, role.upper(), str(path), str(self.bed))


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path)


def _checks(table: pl.DataFrame) -> dict[str, tuple[str, str]]:
    return {r["gate"]: (r["verdict"], r["reason"]) for r in table.rows(named=True)}


def test_a_true_trio_passes(people: People) -> None:
    father, mother = people.stranger(), people.stranger()
    own = people.member("self", people.child(father, mother), 0.6)
    parents = [people.member("father", father), people.member("mother", mother)]
    table = checked(own, parents, "XX", "S", [(0, 1000)])
    assert {v for v, _ in _checks(table).values()} == {"pass"}
    assert parents_confirmed(table)


def _unrelated(people: People, father: Genome, mother: Genome) -> Genome:
    return people.stranger()


def _half_sibling(people: People, father: Genome, mother: Genome) -> Genome:
    return people.child(people.stranger(), mother)


@pytest.mark.parametrize(
    ("other", "said"), [(_unrelated, "unrelated"), (_half_sibling, "half-siblings")]
)
def test_a_wrong_mother_is_named(
    people: People, other: Callable[[People, Genome, Genome], Genome], said: str
) -> None:
    father, mother = people.stranger(), people.stranger()
    own = people.member("self", people.child(father, mother))
    wrong = people.member("mother", other(people, father, mother))
    table = checked(own, [people.member("father", father), wrong], "XX", "S", [])
    found = _checks(table)
    assert found["kinship_mother"][0] == "fail"
    assert said in found["kinship_mother"][1]
    assert "MOTHER" in found["kinship_mother"][1]
    assert found["kinship_father"][0] == "pass"
    assert not parents_confirmed(table)


def test_a_sibling_is_no_parent(people: People) -> None:
    """Kinship alone cannot tell them: opposite homozygotes do."""
    father, mother = people.stranger(), people.stranger()
    own = people.member("self", people.child(father, mother))
    sister = people.member("mother", people.child(father, mother))
    found = _checks(checked(own, [sister], "XX", "S", []))
    assert found["mendelian_mother"][0] == "fail"
    assert "full siblings" in found["kinship_mother"][1]


@pytest.mark.parametrize(("half", "verdict"), [(False, "pass"), (True, "fail")])
def test_half_siblings_declared_full(people: People, half: bool, verdict: str) -> None:
    father, mother = people.stranger(), people.stranger()
    own = people.member("self", people.child(father, mother))
    other = people.child(people.stranger() if half else father, mother)
    table = checked(own, [people.member("sibling", other)], "XX", "S", [])
    assert _checks(table)["kinship_sibling"][0] == verdict


@pytest.mark.parametrize(
    ("share", "declared", "verdict"),
    [(0.6, "XX", "pass"), (0.6, "XY", "fail"), (0.0, "XY", "pass"), (0.0, "XX", "fail"),
     (0.25, "XX", "unknown"), (0.6, "unknown", "unknown"), (None, "XX", "unknown")],
)  # fmt: skip
def test_sex(people: People, share: float | None, declared: str, verdict: str) -> None:
    own = people.member("self", people.stranger(), share)
    found = _checks(checked(own, [], declared, "S", []))
    assert found["sex"][0] == verdict


def test_sites_inside_the_pseudo_autosomal_regions_do_not_count(people: People) -> None:
    own = people.member("self", people.stranger(), 0.6)
    found = _checks(checked(own, [], "XY", "S", [(4_000_000, 6_000_000)]))
    assert found["sex"][0] == "unknown"


def test_few_sites_say_nothing(people: People) -> None:
    few = people.stranger()
    few[:, 100:] = 0
    own, other = people.member("self", few), people.member("father", few)
    assert _checks(checked(own, [other], "XX", "S", []))["kinship_father"][0] == "unknown"


def test_a_child_with_two_copies_of_one_parent(people: People) -> None:
    """Both haplotypes from the mother (isodisomy): homozygous throughout, and named."""
    father, mother = people.stranger(), people.stranger()
    own = people.member("self", np.array([mother[0], mother[0]]))
    parents = [people.member("father", father), people.member("mother", mother)]
    table = stretches(own, parents)
    assert table["kind"].to_list() == ["upd_maternal"]
    trio = people.member("self", people.child(father, mother))
    assert stretches(trio, parents).is_empty()


@pytest.mark.parametrize(("stranger", "verdict"), [(False, "pass"), (True, "fail")])
def test_a_small_panel_names_only_what_is_beyond_doubt(
    people: People, stranger: bool, verdict: str
) -> None:
    """About 130 sites, as on a targeted panel."""
    father, mother = people.stranger(), people.stranger()
    child = people.child(people.stranger() if stranger else father, mother)
    for genome in (child, father):
        genome[:, 200:] = 0
    own, parent = people.member("self", child), people.member("father", father)
    table = checked(own, [parent], "XX", "S", [])
    assert 60 <= table.filter(gate="kinship_father")["sites"][0] < 200
    assert _checks(table)["kinship_father"][0] == verdict
    assert _checks(table)["mendelian_father"][0] == verdict
