"""The cohort stage as a run sees it: sheets and files in, published tables and members out."""

import gzip
from pathlib import Path

import polars as pl
import pytest
from cohort_case import naive_counts
from cohort_run import Run

from shirube.cohort.state import State
from shirube.contracts import ALLELE, MEMBERS, read
from shirube.errors import InputError
from shirube.vcf import read_columns


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_only_normals_of_consenting_people_are_counted(run: Run) -> None:
    run.add(1)
    run.add(2, kind="tumour")
    run.add(3, consent="no")
    run.add(4)
    run.go()
    members = read(MEMBERS, run.members)
    assert members.select("sample", "reason").rows() == [
        ("s1", None),
        ("s2", "tumour sample"),
        ("s3", "no consent to cohort frequencies"),
        ("s4", None),
    ]
    wanted = naive_counts(run.sequences, [run.people["s1"], run.people["s4"]])
    rows = run.frequency().filter(pl.col("group") == "all")
    found = {tuple(r[c] for c in ALLELE): (r["ac"], r["an"]) for r in rows.iter_rows(named=True)}
    assert found == {k: (v["ac"], v["an"]) for k, v in wanted.items()}


def test_nobody_consents_gives_empty_valid_outputs_that_say_so(run: Run) -> None:
    run.add(1, consent="no")
    said = run.go()
    assert said["release"] == "0"
    assert "0 people are counted" in said["status"]
    assert run.frequency().is_empty()
    assert read_columns(run.members.parent / "sites.vcf.gz").is_empty()
    assert (run.members.parent / "sites.vcf.gz.tbi").is_file()


def test_a_withdrawal_leaves_the_counts_of_the_others(run: Run) -> None:
    run.cohort["release"]["min_people"] = 1
    for n in (1, 2, 3):
        run.add(n)
    run.go()
    run.rows[1]["consent"] = "no"
    run.go()
    wanted = naive_counts(run.sequences, [run.people["s1"], run.people["s3"]])
    rows = run.frequency().filter(pl.col("group") == "all")
    assert dict(zip(rows.select(ALLELE).iter_rows(), rows["an"], strict=True)) == {
        key: value["an"] for key, value in wanted.items()
    }
    state = run.members.parent / "state"
    assert list(State(state, {}).manifest.people) == ["s1", "s3"]
    assert not any(b'"s2"' in path.read_bytes() for path in (state / "objects").iterdir())


def test_the_sites_vcf_says_what_the_table_says(run: Run) -> None:
    for n in (1, 2, 3):
        run.add(n, sex="XY" if n == 3 else "XX")
    run.go()
    sites = read_columns(
        run.members.parent / "sites.vcf.gz", {"AC": pl.Int32, "AN": pl.Int32, "nhomalt": pl.Int32}
    )
    rows = run.frequency().filter(pl.col("group") == "all")
    assert sites.height == rows.height > 20
    for ours, theirs in (("ac", "AC"), ("an", "AN"), ("nhomalt", "nhomalt"), ("ref", "ref")):
        assert sites[theirs].to_list() == rows[ours].to_list()


def test_a_release_waits_for_enough_people(run: Run) -> None:
    for n in (1, 2):
        run.add(n)
    assert run.go()["people"] == "2"
    before = run.frequency()
    run.add(3)
    assert run.go()["people"] == "2"
    assert run.frequency().equals(before)
    run.add(4)
    assert run.go()["people"] == "4"
    assert not run.frequency().equals(before)


def test_outputs_have_the_same_bytes_every_time(run: Run, tmp_path: Path) -> None:
    for n in (1, 2, 3):
        run.add(n)
    run.go()
    first = {p.name: p.read_bytes() for p in run.members.parent.rglob("*") if p.is_file()}
    (tmp_path / "again").mkdir()
    again = Run(tmp_path / "again")
    for n in (1, 2, 3):
        again.add(n)
    again.go()
    assert {p.name: p.read_bytes() for p in again.members.parent.rglob("*") if p.is_file()} == first


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda data: data[:-300], "undamaged"),
        (lambda data: b"", "not empty"),
        (lambda data: gzip.compress(b"chr1\t1\n"), "##fileformat=VCF"),
    ],
)
def test_a_damaged_file_is_refused_and_the_state_untouched(
    run: Run, harm: object, said: str
) -> None:
    for n in (1, 2):
        run.add(n)
    run.go()
    state = run.members.parent / "state"
    before = {p: p.read_bytes() for p in state.rglob("*") if p.is_file()}
    run.add(3)
    path = run.folder / "s3.g.vcf.gz"
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(InputError, match=said):
        run.go()
    kept = {p: p.read_bytes() for p in state.rglob("*") if p.is_file()}
    assert {p: b for p, b in kept.items() if p in before} == before
