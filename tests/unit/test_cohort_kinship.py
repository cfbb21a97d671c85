"""Kinship of simulated families, and who is counted of them."""

import gzip
import sys
from pathlib import Path

import numpy as np
import pytest
from cohort_run import Run
from hypothesis import given, settings
from hypothesis import strategies as st

from shirube.cohort.kinship import Dosages, Pair, kept, pairs, relation
from shirube.cohort.members import Candidate, without_relatives
from shirube.contracts import MEMBERS, read

SITES = 6000


def gamete(rng: np.random.Generator, parent: np.ndarray) -> np.ndarray:
    """One haplotype of a (2, sites) parent, crossing over every 20 sites on average."""
    which = (np.cumsum(rng.random(parent.shape[1]) < 0.05) + rng.integers(2)) % 2
    return parent[which, np.arange(parent.shape[1])]


def family(seed: int) -> dict[str, np.ndarray]:
    """Founders a, b, c, d; children ab1, ab2; half sibling ac; grandchild g of ab1 and d."""
    rng = np.random.default_rng(seed)
    frequency = rng.uniform(0.05, 0.95, SITES)
    people = {n: (rng.random((2, SITES)) < frequency).astype(np.int8) for n in "abcd"}
    for child, one, two in (
        ("ab1", "a", "b"),
        ("ab2", "a", "b"),
        ("ac", "a", "c"),
        ("g", "ab1", "d"),
    ):
        people[child] = np.stack([gamete(rng, people[one]), gamete(rng, people[two])])
    return people


@pytest.mark.parametrize("seed", range(5))
def test_relations_of_a_family(seed: int) -> None:
    people = family(seed)
    names = [*people, "again"]
    dosage = np.stack([p.sum(0) for p in people.values()] + [people["a"].sum(0)]).astype(np.int8)
    noise = np.random.default_rng(seed + 100).random(dosage.shape)
    dosage[noise < 0.1] = -1
    found = {(p.one, p.two): p.relation for p in pairs(names, dosage)}
    wanted = {("a", "again"): "duplicate"}
    first = [("a", "ab1"), ("a", "ab2"), ("a", "ac"), ("b", "ab1"), ("b", "ab2"), ("c", "ac")]
    first += [("ab1", "ab2"), ("ab1", "g"), ("d", "g")]
    second = [("ab1", "ac"), ("ab2", "ac"), ("a", "g"), ("b", "g"), ("ab2", "g")]
    wanted |= {tuple(sorted(p)): "first degree" for p in first}
    wanted |= {tuple(sorted(p)): "second degree" for p in second}
    for pair in list(wanted):  # what holds of a holds of the same person again
        if "a" in pair and pair != ("a", "again"):
            wanted[tuple(sorted("again" if n == "a" else n for n in pair))] = wanted[pair]
    found.pop(("ac", "g"), None)  # third degree: 1/16 expected, near the bound
    assert found == wanted


def test_too_few_sites_say_nothing() -> None:
    people = family(1)
    dosage = np.stack([people[n].sum(0)[:200] for n in ("a", "a")]).astype(np.int8)
    assert pairs(["x", "y"], dosage, 1000) == []
    assert [p.relation for p in pairs(["x", "y"], dosage, 400)] == ["duplicate"]


@given(st.integers(1, 30), st.integers(0, 5), st.integers(0, 1 << 30))
def test_dosages_in_two_bits_are_what_was_put_there(sites: int, people: int, seed: int) -> None:
    wanted = np.random.default_rng(seed).integers(-1, 3, (people, sites)).astype(np.int8)
    packed = Dosages(people, sites)
    for person in range(people):
        packed.put(person, wanted[person])
    assert np.array_equal(packed[0:people], wanted)
    assert np.array_equal(packed[1:3], wanted[1:3])


edges = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25)


@settings(max_examples=200, deadline=None)
@given(edges, st.lists(st.integers(0, 1), min_size=10, max_size=10))
def test_nobody_kept_is_related_and_nobody_left_out_could_be_kept(
    drawn: list[tuple[int, int]], ranks: list[int]
) -> None:
    related = [Pair(f"s{a}", f"s{b}", 0.2, 500, "first degree") for a, b in drawn if a < b]
    names = [f"s{i}" for i in range(10)]
    out = kept(names, related, {n: (r,) for n, r in zip(names, ranks, strict=True)})
    stay = set(names) - set(out)
    assert not any({p.one, p.two} <= stay for p in related)
    for name, pair in out.items():
        assert name in (pair.one, pair.two)


def candidate(name: str, affected: str, *parents: str) -> Candidate:
    return Candidate(name, name, "XX", "sex=XX", affected, parents)


def test_the_affected_child_is_counted_before_its_parents() -> None:
    trio = [candidate("c", "yes", "f", "m"), candidate("f", "no"), candidate("m", "no")]
    counted = {
        keep: [c.sample for c in without_relatives(trio, [], keep) if not c.reason]
        for keep in ("affected", "unaffected", "any")
    }
    assert counted == {"affected": ["c"], "unaffected": ["f", "m"], "any": ["f", "m"]}


def test_a_sample_given_twice_is_counted_once_and_said_so(tmp_path: Path) -> None:
    run = Run(tmp_path, contigs={"chr1": 40_000})
    for n in range(6):
        run.add(n)
    run.cohort["relatives"] = {"keep": "any", "spacing": 1, "min_sites": 25}
    text = (run.folder / "s1.g.vcf.gz").read_bytes()
    run.add(7)
    copied = gzip.decompress(text).replace(b"\ts1\n", b"\ts7\n")
    (run.folder / "s7.g.vcf.gz").write_bytes(gzip.compress(copied, mtime=0))
    run.go()
    members = read(MEMBERS, run.members)
    reasons = dict(members.select("sample", "reason").iter_rows())
    assert reasons["s1"] is None
    assert reasons["s7"].startswith("duplicate of s1: kinship 0.5")


@pytest.mark.parametrize(
    ("kinship", "said"),
    [(0.5, "duplicate"), (0.25, "first degree"), (0.125, "second degree"), (0.0625, "unrelated")],
)
def test_degrees(kinship: float, said: str) -> None:
    assert relation(kinship) == said


def test_a_register_of_families_is_decided_in_time_that_grows_with_it() -> None:
    """Twice the trios and siblings take twice the work, not four times."""

    def calls(families: int) -> int:
        found = []
        for n in range(families):
            parents = (f"f{n}", f"m{n}")
            found += [candidate(name, "no") for name in parents]
            found += [candidate(f"c{n}{child}", "yes", *parents) for child in "ab"]
        counted = 0

        def count(frame: object, event: str, arg: object) -> None:
            nonlocal counted
            counted += 1

        sys.setprofile(count)
        try:
            kept_ones = without_relatives(found, [], "affected")
        finally:
            sys.setprofile(None)
        assert sum(not c.reason for c in kept_ones) == families
        return counted

    assert calls(400) < 2.3 * calls(200)
