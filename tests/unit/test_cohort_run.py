"""The cohort stage as a run sees it: sheets and files in, published tables and members out."""

import gzip
import re
from pathlib import Path

import polars as pl
import pytest
from cohort_case import naive_counts, ploidy
from cohort_run import Run

from shirube.cohort.person import read_person
from shirube.cohort.state import State
from shirube.contracts import ALLELE, MEMBERS, QUALITY, read, write
from shirube.errors import InputError
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.ploidy import PAR
from shirube.quality.gates import Measure, gate_rows
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
    rows = run.frequency().filter(pl.col("stratum") == "all")
    found = {tuple(r[c] for c in ALLELE): (r["ac"], r["an"]) for r in rows.iter_rows(named=True)}
    # Counts of one person are not shown: both must be callable at the position.
    both = {k: v for k, v in wanted.items() if v["an"] == 2 * ploidy(k[0], k[1], "XX")}
    assert found == {k: (v["ac"], v["an"]) for k, v in both.items()}
    assert 0 < len(both) < len(wanted)


def test_a_sample_that_fails_its_gates_is_not_counted(run: Run) -> None:
    for n in (1, 2, 3, 4):
        run.add(n)
    run.go()
    gates = {"contamination": {"max": 0.01, "action": "watermark"}, "titv": {"min": 1.5}}
    for n, share in ((1, 0.002), (2, 0.031), (3, None)):
        measures = [Measure("contamination", share, 900, ""), Measure("titv", 1.0, 2000, "")]
        run.quality[f"s{n}"] = run.folder / f"s{n}.parquet"
        write(gate_rows(f"s{n}", measures, gates), QUALITY, run.quality[f"s{n}"])
    run.go()
    members = read(MEMBERS, run.members)
    assert dict(members.select("sample", "reason").iter_rows()) == {
        **{"s1": None, "s2": "quality: contamination 0.031", "s3": None, "s4": None},
    }
    # The change is of one person, so the release of before stays, and says so.
    assert dict(members.select("sample", "released").iter_rows())["s2"]
    assert list(State(run.members.parent / "state", {}).manifest.people) == ["s1", "s3", "s4"]


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
    rows = run.frequency().filter(pl.col("stratum") == "all")
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
    rows = run.frequency().filter(pl.col("stratum") == "all")
    assert sites.height == rows.height > 5
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


def _text(change: object) -> object:
    """A harm done to the lines of a gVCF: header lines and records."""

    def harm(data: bytes) -> bytes:
        lines = gzip.decompress(data).decode().splitlines(keepends=True)
        first = next(i for i, line in enumerate(lines) if not line.startswith("#"))
        head, records = change(lines[:first], lines[first:])
        return gzip.compress("".join([*head, *records]).encode(), mtime=0)

    return harm


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 16]) + data[middle + 1 :]


def _other_build(head: list[str], records: list[str]) -> tuple[list[str], list[str]]:
    return [line.replace("length=", "length=1") for line in head], records


def _other_reference(head: list[str], records: list[str]) -> tuple[list[str], list[str]]:
    swap = str.maketrans("ACGT", "CGTA")
    columns = [r.split("\t") for r in records]
    return head, ["\t".join([*c[:3], c[3].translate(swap), *c[4:]]) for c in columns]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda data: data[:-300], "undamaged"),
        (lambda data: data[: len(data) // 3], "undamaged|whole file"),
        (_flipped, "undamaged|BGZF"),
        (lambda data: b"", "not empty"),
        (lambda data: gzip.compress(b"chr1\t1\n"), "##fileformat=VCF"),
        (_text(lambda head, records: (head, [])), "at least one record"),
        (_text(lambda head, records: (head, records[::-1])), "ascending order|one stretch"),
        (_text(lambda head, records: (head, [*records, records[0]])), "one stretch|ascending"),
        (_text(_other_build), "bases as in the reference"),
        (_text(_other_reference), "REF as in the reference"),
        (_text(lambda head, records: (head[:-1], records)), "VCF"),
        (
            _text(lambda h, r: ([*h[:-1], h[-1].replace("s3", "s9")], r)),
            "a column s3",
        ),
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


def test_an_allele_in_two_records_is_counted_once(run: Run) -> None:
    """A record repeated changes nothing; one that contradicts the other makes the place unknown."""
    run.add(1)
    path = run.folder / "s1.g.vcf.gz"
    rule, par = GenotypeRule.from_config(run.cohort["adj"]), PAR["GRCh38"]
    whole = read_person(path, "s1", "XX", rule, None, par)
    text = gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)
    head = [line for line in text if line.startswith("#")]
    records = [line for line in text if not line.startswith("#")]
    called = [line for line in records if "END=" not in line]
    doubled = [again for line in records for again in [line] * (2 if line in called else 1)]
    path.write_bytes(gzip.compress("".join([*head, *doubled]).encode()))
    again = read_person(path, "s1", "XX", rule, None, par)
    assert again.genotypes.equals(whole.genotypes)
    assert again.callable.equals(whole.callable)
    chrom, pos, _, _, ac, _ = whole.genotypes.row(0)
    (line,) = (x for x in called if x.startswith(f"{chrom}\t{pos}\t"))
    other = re.sub(r"\t[01][/|][01]:", "\t1/1:" if ac == 1 else "\t0/1:", line)
    if other != line:
        pair = [again for x in records for again in ([line, other] if x == line else [x])]
        path.write_bytes(gzip.compress("".join([*head, *pair]).encode()))
        found = read_person(path, "s1", "XX", rule, None, par)
        here = (pl.col("chrom") == chrom) & (pl.col("pos") == pos)
        assert found.genotypes.filter(here).is_empty()
        assert found.callable.filter(
            pl.col("chrom") == chrom, pl.col("start") < pos, pl.col("end") >= pos
        ).is_empty()
