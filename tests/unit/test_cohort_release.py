"""What may leave the state: batches, small counts, one person; and what an attacker could do."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cohort_run import Run
from hypothesis import given, settings
from hypothesis import strategies as st

from shirube.cohort.groups import plan, shown
from shirube.cohort.state import State
from shirube.cohort.suppression import (
    hidden_alleles,
    independent_snps,
    is_identification_code,
    lists_told,
)
from shirube.contracts import ALLELE
from shirube.vcf import read_columns

people = st.sets(st.integers(0, 30).map(str), max_size=30)


def grouped(members: set[str]) -> dict[str, set[str]]:
    """`all`, and three groups by the number's remainder."""
    out = {"all": members}
    for name in members:
        out.setdefault(f"g{int(name) % 3}", set()).add(name)
    return out


def reachable(tables: list[set[str]], most: int) -> Iterator[int]:
    """How many people each sum and difference of up to `most` tables is of, by trying them all."""
    everyone = sorted(set().union(*tables)) if tables else []
    vectors = [np.array([name in table for name in everyone], int) for table in tables]
    for number in range(1, most + 1):
        for some in itertools.combinations(vectors, number):
            for signs in itertools.product((1, -1), repeat=number - 1):
                total = some[0] + sum(s * v for s, v in zip(signs, some[1:], strict=True))
                yield np.count_nonzero(total)


@settings(max_examples=100, deadline=None)
@given(st.lists(people, min_size=2, max_size=4), st.integers(2, 6))
def test_no_sum_or_difference_of_releases_is_of_few_people(stages: list[set[str]], k: int) -> None:
    history: list[dict[str, set[str]]] = []
    for members in stages:
        now = grouped(members)
        decision = plan(history, now, k)
        if decision.groups and decision.held != "unchanged":
            history.append({g: now[g] for g in decision.groups})
    tables = [people for release in history for people in release.values()]
    assert all(n == 0 or n >= k for n in reachable(tables, 4))


def test_a_held_release_never_needs_what_it_has() -> None:
    """Five whose data changed are no cover for each other, though five are enough of others."""
    before = {"all": {str(n): "a" for n in range(10)}}
    after = {"all": {str(n): "b" if n < 5 else "a" for n in range(10)}}
    held = plan([before], after, 5).held
    assert "tell 5 people apart" in held
    assert "needs 5 whose data did not change" in held


def test_releases_far_apart_are_compared_too() -> None:
    first, second = set("abcdefghij"), set("abcde") | set("klmno")
    third = (first - {"j"}) | {"p"}
    assert plan([{"all": first}], {"all": second}, 5).groups
    decision = plan([{"all": first}, {"all": second}], {"all": third}, 5)
    assert not decision.groups
    assert "apart, needs 5" in decision.held


def test_three_releases_that_together_give_a_person_away() -> None:
    history = [{"all": {"a", "b"}}, {"all": {"b", "c"}}]
    assert not plan(history, {"all": {"c", "a"}}, 2).groups  # (ab + ca - bc) / 2 is a
    assert plan(history, {"all": {"d", "e"}}, 2).groups


def test_groups_cut_differently_are_compared() -> None:
    by_sex = {"all": set("abcdef"), "sex=XX": set("abc"), "sex=XY": set("def")}
    by_illness = {"all": set("abcdef"), "x=1": set("abd"), "x=2": set("cef")}
    decision = plan([by_sex], by_illness, 3)
    assert "tell 2 people apart, needs 3" in decision.held  # sex=XX less x=1 is c less d


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [
        ({"all": 20, "a": 12, "b": 8}, ("all", "a", "b")),
        ({"all": 20, "a": 15, "b": 5}, ("all", "a", "b")),
        ({"all": 20, "a": 16, "b": 4}, ("all",)),
        ({"all": 30, "a": 13, "b": 13, "c": 4}, ("all", "b")),
        ({"all": 4, "a": 4}, ()),
    ],
)
def test_groups_shown(sizes: dict[str, int], groups: tuple[str, ...]) -> None:
    assert shown(sizes, 5) == groups


cells = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(cells, st.tuples(st.integers(0, 5), st.integers(0, 5)), st.integers(2, 5))
def test_two_values_of_every_hidden_count_fit(
    row: list[tuple[int, int]], rest: tuple[int, int], m: int
) -> None:
    """Against trying all counts that an attacker could think of."""
    counts, sizes = [c for c, _ in row], [c + more for c, more in row]
    total, room = sum(counts) + rest[0], sum(sizes) + sum(rest)
    if total < m:
        return  # such an allele is not in the release at all
    ((hide,), (told,)) = hidden_alleles(
        *(np.array([total]), np.array([counts]), np.array([room]), np.array([sizes]), m)
    )
    most = [*sizes, sum(rest)]
    possible = [
        values
        for values in itertools.product(*(range(n + 1) for n in most))
        if sum(values) == total and any(0 < n < m for n in values)
    ]
    assert hide == any(0 < n < m for n in [*counts, rest[0]])
    fixed = any(most[i] and len({values[i] for values in possible}) < 2 for i in range(len(most)))
    assert told == (hide and fixed)


def test_a_count_that_bounds_determine_is_not_shown(tmp_path: Path) -> None:
    """Ten women with one copy and twenty men with thirty: 31 of 60 tells the one."""
    hidden, told = hidden_alleles(
        *(np.array([31, 31]), np.array([[1, 30], [5, 26]])),
        *(np.array([60, 60]), np.array([[20, 40], [20, 40]]), 2),
    )
    assert hidden.tolist() == [True, False]
    assert told.tolist() == [True, False]


def test_small_counts_leave_a_release(tmp_path: Path) -> None:
    run = Run(tmp_path, k=3)
    for n in range(8):
        run.add(n, sex="XY" if n % 2 else "XX")
    run.go()
    full = run.frequency()
    (tmp_path / "other").mkdir()
    again = Run(tmp_path / "other", k=3)
    again.cohort["release"]["min_count"] = 3
    for n in range(8):
        again.add(n, sex="XY" if n % 2 else "XX")
    again.go()
    small = again.frequency()
    assert small.filter(pl.col("ac").is_between(1, 2)).is_empty()
    kept = full.filter((pl.col("stratum") == "all") & (pl.col("ac") >= 3)).select(ALLELE)
    assert small.filter(pl.col("stratum") == "all").select(ALLELE).equals(kept)
    hidden = small.filter(pl.col("ac").is_null())
    assert 0 < hidden.height < small.height
    assert hidden.select("af", "nhomalt", "nhemi", "faf95", "hwe_p").null_count().row(0) == (
        (hidden.height,) * 5
    )
    sites = read_columns(again.members.parent / "sites.vcf.gz", {"AC_XX": pl.Int32})
    xx = small.filter(pl.col("stratum") == "sex=XX")
    assert sites["AC_XX"].to_list() == xx["ac"].to_list()


def dosages(run: Run) -> dict[str, dict[tuple, int]]:
    """What each person carries, by a table of that person alone."""
    out = {}
    for name in run.people:
        rows = pl.read_parquet(
            next((run.members.parent / "state" / "objects").glob("*.genotypes.parquet")).parent
            / _object(run, name)
        )
        out[name] = {row[:4]: row[4] for row in rows.iter_rows()}
    return out


def _object(run: Run, name: str) -> str:
    return State(run.members.parent / "state", {}).manifest.people[name].genotypes


def table_of(run: Run, group: str) -> dict[tuple, int]:
    rows = run.frequency().filter(pl.col("stratum") == group)
    return {row[:4]: row[4] for row in rows.select(*ALLELE, "ac").drop_nulls().iter_rows()}


def difference(one: dict[tuple, int], two: dict[tuple, int]) -> dict[tuple, int]:
    keys = {*one, *two}
    return {k: d for k in keys if (d := two.get(k, 0) - one.get(k, 0))}


def test_the_differencing_attack_finds_one_person_only_where_it_is_allowed(
    tmp_path: Path,
) -> None:
    for k in (1, 4):
        (tmp_path / str(k)).mkdir()
        run = Run(tmp_path / str(k), k=k)
        for n in range(12):
            run.add(n)
        run.go()
        first = table_of(run, "all")
        run.add(12)
        run.go()
        second = table_of(run, "all")
        if k == 1:  # the attack itself works: this is what the batches are for
            assert difference(first, second) == dosages(run)["s12"]
            continue
        assert second == first
        for n in range(13, 24):
            run.add(n)
        run.go()
        third = table_of(run, "all")
        both = first.keys() & third.keys()
        gained = difference({k: first[k] for k in both}, {k: third[k] for k in both})
        assert gained
        found = [name for name, own in dosages(run).items() if own == gained]
        assert found == []
        joined = tuple(f"s{n}" for n in range(12, 24))
        own = dosages(run)
        together = {key: sum(own[n].get(key, 0) for n in joined) for n in joined for key in own[n]}
        assert gained == {key: n for key, n in together.items() if key in both}


def test_one_persons_table_is_refused_as_identification_code(tmp_path: Path) -> None:
    spread = pl.DataFrame(
        {"chrom": ["chr1"] * 60, "pos": range(1, 60_000_001, 1_000_000), "ref": "A", "alt": "C"}
    )
    assert independent_snps(spread) == 60
    assert is_identification_code(spread, 1)
    assert not is_identification_code(spread, 2)
    assert not is_identification_code(spread.head(39), 1)
    close = spread.with_columns(pl.col("pos") // 100)
    assert not is_identification_code(close, 1)


@pytest.mark.parametrize(
    ("ref", "alt", "counts"),
    [
        ("A", "ATGCA", True),
        ("ATGCATGCA", "A", True),
        ("A", "ATGCATGCATGCA", True),
        ("A", "ATTTT", False),
        ("A", "ATATA", False),
        ("A", "ATGC", False),
        ("A", "ATGCATGAA", False),
        ("A", "G", False),
        ("AT", "ATGCA", False),
    ],
)
def test_nine_repeats_of_four_bases_are_an_identification_code(
    ref: str, alt: str, counts: bool
) -> None:
    rows = pl.DataFrame({"chrom": "chr1", "pos": range(1, 91, 10), "ref": ref, "alt": alt})
    assert is_identification_code(rows, 1) is counts
    assert not is_identification_code(rows.head(8), 1)
    assert not is_identification_code(rows, 2)


def test_a_run_of_one_person_publishes_nothing_that_identifies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shirube.cohort.suppression.INDEPENDENT", 20)
    run = Run(tmp_path, k=1, contigs={"chr1": 60_000})
    run.add(1)
    said = run.go()
    assert said["release"] == "0"
    assert "identification code" in said["status"]
    assert run.frequency().is_empty()


def test_another_policy_is_released_again_for_the_same_people(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for n in range(4):
        run.add(n)
    assert run.go()["release"] == "1"
    assert run.go()["release"] == "1"
    run.cohort["release"]["min_count"] = 3
    assert run.go()["release"] == "2"
    assert run.frequency().filter(pl.col("ac") < 3).is_empty()


def test_strata_cut_anew_may_not_leave_few_people_between_old_and_new_groups() -> None:
    people = {str(n) for n in range(20)}
    before = {"all": people, "a": {str(n) for n in range(12)}, "b": {str(n) for n in range(12, 20)}}
    near = {"all": people, "c": {str(n) for n in range(11)}, "d": {str(n) for n in range(11, 20)}}
    far = {"all": people, "c": {str(n) for n in range(0, 20, 2)}, "d": people - before["a"]}
    far["d"] = {str(n) for n in range(1, 20, 2)}
    assert "tell 1 person apart, needs 5" in plan([before], near, 5).held
    assert plan([before], far, 5).groups == ("all", "c", "d")
    assert plan([before], far, 5).held == ""


@pytest.mark.parametrize(
    ("whole", "parts", "told"),
    [
        ([9, 0, 5], [[5, 0, 5], [4, 0, 0]], "all one two"),
        ([5, 0], [[4, 0], [1, 0]], "all"),  # one hidden number is what the other group leaves
        ([5, 0], [[4, 0], None], "all"),
        ([9, 0], [[5, 0], [3, 0]], "all"),  # one person is in no group shown
        ([2, 7], [[0, 3], [2, 4]], ""),
        (None, [[5, 0], [4, 0]], "one two"),
        (None, [[5, 0], [1, 0]], ""),
        ([0, 0], [[0, 0], [0, 0]], "all one two"),
        (None, [None, None], ""),
    ],
)
def test_a_list_with_a_small_number_is_not_what_the_other_groups_leave(
    whole: list[int] | None, parts: list[list[int] | None], told: str
) -> None:
    names = ("all", "one", "two")
    table = pl.DataFrame(
        {"site": ["a"] * 3 + ["b"], "stratum": [*names, "all"], "n": [whole, *parts, [3]]},
        {"site": pl.String, "stratum": pl.String, "n": pl.List(pl.Int32)},
    )
    found = lists_told(table, "n", ["site"], 3)
    assert found.select("site", "stratum").equals(table.select("site", "stratum"))
    shown = found.filter(pl.col("site") == "a", pl.col("n").is_not_null())["stratum"].to_list()
    assert shown == told.split()
    assert found["n"].to_list()[3] == [3]
