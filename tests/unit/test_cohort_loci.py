"""Repeats and alleles of chrM of a cohort: who counts there, and what a release shows."""

import random
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
import yaml
from cohort_case import Record, write_gvcf
from cohort_run import Run
from locus_case import Row, locus_files, mitochondrial, repeat

from shirube.cli.main import main
from shirube.cohort.loci import read_loci
from shirube.contracts import LOCUS_FREQUENCY, read
from shirube.contracts.cohort import CALLABLE
from shirube.genome.ploidy import PAR

CONTIGS = {"chr1": 3_000, "chrX": 30_000, "chrM": 1_000}
SITES = (("ONE", "chr1", 500), ("TWO", "chr1", 900), ("SEX", "chrX", 20_000))
Drawn = dict[int, tuple[str, list[Row], list[Row]]]  # sex, repeats, calls of a person


def put(run: Run, n: int, sex: str, repeats: list[Row], calls: list[Row]) -> None:
    """A person callable everywhere but at 700 of chrM, with tables of loci."""
    records = []
    for chrom, length in CONTIGS.items():
        for start, end in ((0, 699), (700, length)) if chrom == "chrM" else ((0, length),):
            gt = "0" if chrom == "chrM" or (chrom == "chrX" and sex == "XY") else "0/0"
            fields = {"GT": gt, "DP": "30", "GQ": str(60 + n), "MIN_DP": "30"}
            ref = run.sequences[chrom][start]
            records.append(Record(chrom, start + 1, ref, ("<NON_REF>",), fields, end))
    write_gvcf(run.folder / f"s{n}.g.vcf.gz", f"s{n}", run.sequences, records)
    run.people[f"s{n}"] = (records, sex)
    run.rows.append({"n": str(n), "sex": sex, "consent": "yes", "kind": "normal"})
    run.loci[f"s{n}"] = locus_files(run.folder, f"s{n}", calls, repeats)


def made(folder: Path, people: Sequence[int], k: int = 3) -> tuple[Run, Drawn]:
    """People whose loci are drawn by their number, and what was drawn."""
    folder.mkdir(exist_ok=True)
    run, drawn = Run(folder, k=k, contigs=CONTIGS), {}
    for n in people:
        draw = random.Random(n)
        sex = draw.choice(["XX", "XY"])
        repeats = []
        for locus, chrom, start in SITES:
            ploidy = 1 if chrom == "chrX" and sex == "XY" else 2
            lengths = [draw.choice([10, 11, 12, None]) for _ in range(ploidy)]
            row = repeat(locus, chrom, start, lengths)
            if draw.random() < 0.2:
                row |= {"long": None, "long_low": None, "long_high": None}
            repeats.append(row)
        calls = [
            mitochondrial(pos, "A", "G", draw.choice([0.05, 0.15, 0.55, 0.97, 1.0, None]),
                          draw.choice(["PASS", "PASS", "Numt"]))
            for pos in (100, 200, 700) if draw.random() < 0.7
        ]  # fmt: skip
        put(run, n, sex, repeats, calls)
        drawn[n] = (sex, repeats, calls)
    return run, drawn


def shown(run: Run) -> pl.DataFrame:
    paths = sorted((run.members.parent / "loci").glob("*.parquet"))
    return pl.concat(read(LOCUS_FREQUENCY, path) for path in paths)


def naive(drawn: Drawn) -> dict[tuple[str, str, str], Row]:
    """Counts of every allele and group, a person at a time."""
    typed: dict[tuple[str, str], Counter[str]] = {}
    found: dict[tuple[str, str, str], Counter[str]] = {}
    for sex, repeats, calls in drawn.values():
        told = {c["pos"]: c for c in calls}
        here: list[tuple[str, list[str], int, float | None]] = []
        for row in repeats:
            names: list[str | None] = []
            for which in ("short", "long")[2 - row["ploidy"] :]:
                low = row[f"{which}_low"]
                names.append(
                    None if low is None else ">=40" if row[f"{which}_high"] is None else str(low)
                )
            if None not in names:
                every = [name for name in names if name]
                here.append((row["locus"], every, row["ploidy"], None))
        for pos in (100, 200, 700):
            call = told.get(pos)
            if call and (call["filter"] != "PASS" or call["heteroplasmy"] is None):
                continue
            if call or pos != 700:
                fraction = call["heteroplasmy"] if call else 0
                here.append((f"chrM:{pos}", ["A>G"] if fraction >= 0.1 else [], 1, fraction))
        for locus, carried, ploidy, fraction in here:
            for group in ("all", f"sex={sex}"):
                own = typed.setdefault((locus, group), Counter())
                own["people"] += 1
                own["an"] += ploidy
                for name in set(carried):
                    one = found.setdefault((locus, name, group), Counter())
                    one["ac"] += carried.count(name)
                    one["nhomalt"] += carried.count(name) == 2
                    one["nhemi"] += ploidy == 1 and (fraction is None or fraction >= 0.95)
                    if fraction is not None:
                        one[f"level {min(int(fraction * 10), 9)}"] += 1
    return {key: dict(one) | dict(typed[key[0], key[2]]) for key, one in found.items()}


def test_alleles_are_a_naive_count_in_every_group(tmp_path: Path) -> None:
    run, drawn = made(tmp_path, range(24))
    assert run.go(tuple(CONTIGS))["people"] == "24"
    wanted = naive(drawn)
    found = {(r["locus"], r["allele"], r["stratum"]): r for r in shown(run).iter_rows(named=True)}
    assert len(wanted) > 30
    least = {k[0]: min(o["people"] for q, o in wanted.items() if q[0] == k[0]) for k in wanted}
    assert {key for key, row in found.items() if row["ac"]} <= wanted.keys()
    assert {key for key in wanted if least[key[0]] >= 3} <= found.keys()
    for key, row in found.items():
        if not row["ac"]:
            continue
        one = wanted[key]
        assert one["people"] >= 3
        assert [row[c] for c in ("ac", "an", "people", "nhomalt", "nhemi")] == [
            one.get(c, 0) for c in ("ac", "an", "people", "nhomalt", "nhemi")
        ], key
        levels = [one.get(f"level {n}", 0) for n in range(1, 10)]
        assert row["levels"] == (levels if key[0].startswith("chrM") else None)


def test_growing_and_leaving_end_in_the_bytes_of_a_rebuild(tmp_path: Path) -> None:
    def files(run: Run) -> dict[str, bytes]:
        folder = run.members.parent
        paths = [folder / "state/manifest.json", *sorted((folder / "loci").glob("*"))]
        return {path.name: path.read_bytes() for path in paths}

    grown, _ = made(tmp_path / "grown", range(9))
    every = grown.rows
    for rows in (every[:4], every, [*every[:2], *every[3:]]):
        grown.rows = rows
        shutil.rmtree(grown.members.parent / "releases", ignore_errors=True)
        grown.go(tuple(CONTIGS))
    anew, _ = made(tmp_path / "anew", [0, 1, *range(3, 9)])
    anew.go(tuple(CONTIGS))
    assert files(grown) == files(anew)


@pytest.mark.parametrize(("typed", "there"), [(9, False), (10, True)])
def test_a_locus_everyof_few_is_not_shown(tmp_path: Path, typed: int, there: bool) -> None:
    """Twelve people callable everywhere; the repeat is known of `typed`."""
    run = Run(tmp_path, k=10, contigs=CONTIGS)
    for n in range(12):
        put(run, n, "XX", [repeat("ONE", "chr1", 500, (10, 11))] if n < typed else [], [])
    run.go(tuple(CONTIGS))
    assert (shown(run).height > 0) == there


def test_no_two_releases_differ_by_one_person(tmp_path: Path) -> None:
    """Somebody who was there before is typed later: the difference would be their lengths."""
    run = Run(tmp_path, k=3, contigs=CONTIGS)
    for n in range(6):
        put(run, n, "XX", [repeat("ONE", "chr1", 500, (10, 11))], [])
    run.go(tuple(CONTIGS))
    assert shown(run)["an"].unique().to_list() == [12]
    for n in range(6, 9):  # enough for a release, of whom one is typed at ONE
        rows = [repeat("ONE", "chr1", 500, (12, 12))] if n == 6 else []
        put(run, n, "XX", [*rows, repeat("TWO", "chr1", 900, (20, 20))], [])
    assert run.go(tuple(CONTIGS))["release"] == "2"
    assert set(shown(run)["locus"]) == {"TWO"}


def test_a_hidden_allele_is_not_what_the_others_leave(tmp_path: Path) -> None:
    """One copy of 11 in XX: hidden there, and so is 10, whose number would tell it."""
    run = Run(tmp_path, k=3, contigs=CONTIGS)
    run.cohort["release"] |= {"min_count": 2}
    for n in range(8):
        lengths = (10, 11) if n in (0, 5, 6) else (10, 10)
        put(run, n, "XX" if n < 4 else "XY", [repeat("ONE", "chr1", 500, lengths)], [])
    run.go(tuple(CONTIGS))
    rows = shown(run)
    assert set(rows.filter(pl.col("ac").is_not_null()).select("allele", "stratum").rows()) == {
        ("10", "all"), ("11", "all"),
    }  # fmt: skip


def test_a_query_finds_a_locus_by_name_and_chrm_by_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, _ = made(tmp_path, range(12))
    run.go(tuple(CONTIGS))
    told = ["--results", str(tmp_path / "results"), "--format", "tsv", "--group", "all"]

    def asked(*words: str) -> list[dict[str, str]]:
        status = main(["query", "--loci", *words, *told])
        lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
        assert status == (0 if lines else 1)
        return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]

    found = asked("one")
    assert {row["locus"] for row in found} == {"ONE"}
    assert [row["allele"] for row in found] == sorted(row["allele"] for row in found)
    assert sum(int(row["ac"]) for row in found) == int(found[0]["an"])
    assert {row["locus"] for row in asked("chrM:1-150")} == {"chrM:100"}
    assert asked("chr1:1-100") == []


@pytest.mark.parametrize(
    ("stretches", "counted"),
    [
        ([(0, 1000)], {100, 200}),
        ([], set()),  # reads of an exome: nothing is said of who has no allele
        ([(0, 99), (100, 1000)], {100, 200}),  # the allele's own record is not callable
        ([(0, 150)], {100}),
        ([(300, 1000)], set()),
    ],
)
def test_a_call_counts_where_those_without_it_would_count(
    tmp_path: Path, stretches: list[tuple[int, int]], counted: set[int]
) -> None:
    calls = [mitochondrial(100, "A", "G", 0.5), mitochondrial(200, "A", "G", 1.0)]
    files = locus_files(tmp_path, "s", calls, [])
    there = [("chrM", start, end) for start, end in stretches]
    known = CALLABLE.table(pl.DataFrame(there, CALLABLE.polars, orient="row"))
    rows, track = read_loci(files, known, "XX", PAR["GRCh38"], 10)
    assert {start + 1 for start in rows["start"]} == counted
    told = {n for start, end in track.select("start", "end").rows() for n in range(start, end)}
    assert told >= {pos - 1 for pos in counted}
    assert {99, 199} - {pos - 1 for pos in counted} == {99, 199} - told


def test_an_answer_about_chrm_and_a_release_do_not_tell_one_person(tmp_path: Path) -> None:
    """Release 2 counts those asked about and one more, whose allele the difference would be."""
    run = Run(tmp_path, k=3, contigs=CONTIGS)
    both = [mitochondrial(pos, "A", "G", 1.0) for pos in (100, 200)]
    for n in range(9):
        put(run, n, "XX", [repeat("ONE", "chr1", 500, (10, 10 + n))], both)
    run.go(tuple(CONTIGS))
    for n in (9, 10):
        put(run, n, "XX", [repeat("ONE", "chr1", 500, (10, 10 + n))], both)
    assert run.go(tuple(CONTIGS))["release"] == "1"
    own = {"state": str(run.members.parent / "state"), "release": {"min_people": 3}}
    reference, audit = {"build": "artificial", "par": {}}, str(tmp_path / "audit.jsonl")
    config = {"cohort": own, "reference": reference, "provenance": {"audit": audit}}
    path = tmp_path / "config" / "config.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(config | {"patients": "patients.tsv", "samples": "samples.tsv"}))
    names = ", ".join(f'"p{n}"' for n in (0, 1, 2, 3, 4, 9, 10))
    words = ["query", "chrM:90-110", "--where", f"patient in [{names}]", "--config", str(path)]
    assert main([*words, "--results", str(run.folder / "results")]) == 1
    run.rows = [row for row in run.rows if row["n"] not in "5678"]
    put(run, 11, "XX", [], [mitochondrial(200, "A", "G", 1.0)])
    assert run.go(tuple(CONTIGS))["release"] == "2"
    assert set(shown(run).filter(kind="mitochondrial")["locus"]) == {"chrM:200"}
