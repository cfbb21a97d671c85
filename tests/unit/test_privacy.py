"""What someone tried in order to read one person out of what is published, each in a test."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
import yaml
from cohort_case import Record, write_gvcf
from cohort_run import REFERENCE, Run

from shirube.audit import entries
from shirube.cli.main import main
from shirube.cohort.query import questions
from shirube.cohort.query.chosen import people_frequencies
from shirube.cohort.query.places import Place
from shirube.cohort.register import Register, Withdrawn
from shirube.cohort.run import aggregate
from shirube.cohort.sealed import unseal
from shirube.cohort.state import State
from shirube.contracts import ALLELE, MEMBERS, read
from shirube.errors import InputError

GOOD = {"DP": "30", "GQ": "60"}


def block(run: Run, chrom: str, start: int, end: int) -> Record:
    """Reference from `start` to `end` (0-based, half-open)."""
    fields = {"GT": "0/0", **GOOD, "MIN_DP": "30"}
    return Record(chrom, start + 1, run.sequences[chrom][start], ("<NON_REF>",), fields, end)


def carrier(run: Run, chrom: str, pos: int, gt: str) -> Record:
    """A single-base allele at a 1-based position."""
    ref = run.sequences[chrom][pos - 1]
    alt = {"A": "C", "C": "G", "G": "T", "T": "A"}[ref]
    return Record(chrom, pos, ref, (alt, "<NON_REF>"), {"GT": gt, "AD": "15,15,0", **GOOD})


def put(run: Run, n: int, sex: str, where: dict[str, list[tuple[int, str]]]) -> None:
    """A person callable throughout the chromosomes of `where`, with genotypes there."""
    records = []
    for chrom, carried in where.items():
        at = 0
        for pos, gt in carried:
            if pos - 1 > at:
                records.append(block(run, chrom, at, pos - 1))
            records.append(carrier(run, chrom, pos, gt))
            at = pos
        records.append(block(run, chrom, at, len(run.sequences[chrom])))
    run.people[f"s{n}"] = (records, sex)
    run.rows.append({"n": str(n), "sex": sex, "consent": "yes", "kind": "normal"})
    write_gvcf(run.folder / f"s{n}.g.vcf.gz", f"s{n}", run.sequences, records)


def register(run: Run) -> Path:
    return run.members.parent / "releases"


def held(run: Run) -> dict[str, str]:
    return unseal(register(run) / "status.json", "status")


def reasons(run: Run) -> dict[str, str | None]:
    return dict(read(MEMBERS, run.members).select("sample", "reason").iter_rows())


def counts(run: Run) -> pl.DataFrame:
    return run.frequency().filter(pl.col("an").is_not_null())


def ten(tmp_path: Path, k: int = 5) -> Run:
    run = Run(tmp_path, k=k)
    for n in range(10):
        run.add(n)
    run.go()
    return run


def test_nobody_is_shown_where_too_few_were_measured(tmp_path: Path) -> None:
    run = Run(tmp_path, k=5)
    for n in range(9):
        put(run, n, "XX", {"chr1": [(100, "0/1")]})
    put(run, 9, "XX", {"chr1": [(200, "1/1")], "chrX": [(500, "0/1"), (900, "1/1")]})
    run.go()
    found = counts(run)
    assert set(found["chrom"]) == {"chr1"}
    assert found.filter(pl.col("stratum") == "all").select("pos", "ac", "an").rows() == [
        (100, 9, 20),
        (200, 2, 20),
    ]


def test_the_one_man_among_women_is_not_told_by_any_column(tmp_path: Path) -> None:
    run = Run(tmp_path, k=5)
    for n in range(9):
        put(run, n, "XX", {"chr1": [(100, "0/1")], "chrX": [(1500, "0/1")]})
    put(run, 9, "XY", {"chr1": [], "chrX": [(100, "0/1"), (1500, "1")], "chrY": [(800, "1")]})
    run.go(("chr1", "chrX", "chrY"))
    found = counts(run)
    assert set(found["stratum"]) == {"all"}
    assert set(found.select("chrom", "pos").rows()) == {("chr1", 100), ("chrX", 100)}  # PAR
    assert run.frequency()["nhemi"].drop_nulls().sum() == 0


@pytest.mark.parametrize("how", ["rule", "names", "file"])
def test_no_release_differs_from_an_earlier_one_by_one_person(tmp_path: Path, how: str) -> None:
    run = ten(tmp_path)
    before = counts(run)
    if how == "rule":  # another genotype rule needs another state
        run.cohort["adj"] = {**run.cohort["adj"], "min_gq": 19}
        with pytest.raises(InputError, match="rule changed"):
            run.go()
        shutil.rmtree(run.members.parent / "state")
        run.add(10)
    elif how == "names":
        for n in range(10):
            records, sex = run.people.pop(f"s{n}")
            run.rows[n]["n"] = str(n + 50)
            run.people[f"s{n + 50}"] = (records, sex)
            write_gvcf(run.folder / f"s{n + 50}.g.vcf.gz", f"s{n + 50}", run.sequences, records)
        run.add(10)
    else:
        run.add(99)
        run.rows.pop()
        records, _ = run.people.pop("s99")
        write_gvcf(run.folder / "s3.g.vcf.gz", "s3", run.sequences, records)
        run.cohort["release"]["min_count"] = 1
    assert run.go()["release"] == "1"
    assert counts(run).equals(before)
    said = held(run)
    assert "tell 1 person apart, needs 5" in said["held"]
    assert "1 人が区別できてしまいます" in said["held_ja"]
    assert len(Register(register(run)).entries) == 1


def test_both_languages_say_why_a_release_is_held(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = ten(tmp_path)
    run.add(10)
    caplog.clear()
    run.go()
    assert "release held because with the releases before it" in caplog.text
    assert "公開を保留しました。理由：" in caplog.text


def test_a_register_that_is_gone_stops_the_next_release(tmp_path: Path) -> None:
    run = ten(tmp_path)
    (register(run) / "register.json").unlink()
    with pytest.raises(InputError, match="it is gone"):
        run.go()


def test_a_tumour_of_a_released_person_is_not_released(tmp_path: Path) -> None:
    run = ten(tmp_path)
    run.add(10, kind="tumour")
    run.go()
    members = read(MEMBERS, run.members)
    assert members.filter(pl.col("counted") != pl.col("released")).is_empty()
    sheet = (run.folder / "samples.tsv").read_text().replace("s10\tp10", "s10\tp3")
    (run.folder / "samples.tsv").write_text(sheet)
    aggregate(
        *(run.folder / "patients.tsv", run.folder / "samples.tsv", run.folder / "r.fa"),
        *(run.choose(), run.members, run.cohort, REFERENCE, ("chr1", "chrX"), {}),
    )
    members = read(MEMBERS, run.members)
    assert members.filter(sample="s10").select("patient", "released").rows() == [("p3", False)]
    assert members.filter(pl.col("counted") != pl.col("released")).is_empty()


def test_a_counted_person_of_two_releases_keeps_one_key(tmp_path: Path) -> None:
    run = ten(tmp_path)
    for n in range(10, 16):
        run.add(n)
    assert run.go()["release"] == "2"
    kept = Register(register(run))
    assert len(kept.people) == 16
    assert [len(k) for k in ({s: 1 for s in e["strata"]} for e in kept.entries)] == [1, 2]


def configured(run: Run) -> Path:
    state = run.members.parent / "state"
    config = {
        "cohort": {"state": str(state), "relatives": {"spacing": 1, "min_sites": 40}},
        "provenance": {"audit": str(run.folder / "audit.jsonl")},
        "patients": "patients.tsv",
        "samples": "samples.tsv",
    }
    run.cohort["relatives"] = {"keep": "affected", **config["cohort"]["relatives"]}
    path = run.folder / "config" / "config.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(config))
    return path


def shirube(run: Run, *words: str) -> int:
    results = ["--results", str(run.folder / "results"), "--config", str(configured(run))]
    return main([*words, *results])


def test_a_withdrawal_takes_the_same_person_along(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(tmp_path, k=3, contigs={"chr1": 60_000})
    for n in range(6):
        run.add(n)
    records, sex = run.people["s5"]  # once more, under another name, with one record less
    run.rows.append({"n": "7", "sex": sex, "consent": "yes", "kind": "normal"})
    write_gvcf(run.folder / "s7.g.vcf.gz", "s7", run.sequences, records[:-1])
    configured(run)
    run.go(("chr1",))
    (twice,) = [s for s, why in reasons(run).items() if why and why.startswith("duplicate")]
    counted = "s7" if twice == "s5" else "s5"
    assert shirube(run, "withdraw", counted.replace("s", "p")) == 0
    said = capsys.readouterr().out
    assert f"{twice.replace('s', 'p')}: out too, the same person as" in said
    run.go(("chr1",))
    after = reasons(run)
    assert after[counted] == "consent withdrawn"
    assert after[twice] == f"same person as {counted.replace('s', 'p')}, who withdrew"
    state = run.members.parent / "state"
    assert not {"s5", "s7"} & State(state, {}).manifest.people.keys()
    shutil.rmtree(state)  # nor does a new state bring them back, or a new name
    run.add(8)
    write_gvcf(run.folder / "s8.g.vcf.gz", "s8", run.sequences, records)
    run.go(("chr1",))
    assert reasons(run)["s8"].startswith("same person as p")
    assert shirube(run, "withdraw", "--another", twice.replace("s", "p")) == 0
    run.go(("chr1",))
    assert reasons(run)[twice] is None
    actions = [entry["action"] for entry in entries(run.folder / "audit.jsonl")]
    assert actions == ["consent withdrawn", "told to be another person"]


def test_enough_withdrawals_make_a_release_without_them(tmp_path: Path) -> None:
    run = Run(tmp_path, k=3)
    for n in range(9):
        run.add(n)
    run.go()
    assert shirube(run, "withdraw", "p1") == 0
    assert run.go()["release"] == "1"
    assert "tell 1 person apart" in held(run)["held"]
    assert reasons(run)["s1"] == "consent withdrawn"
    assert shirube(run, "withdraw", "p2", "p3", "p4") == 0
    assert run.go()["release"] == "2"
    members = read(MEMBERS, run.members)
    assert members.filter(pl.col("released"))["sample"].to_list() == ["s0", "s5", "s6", "s7", "s8"]


def test_what_still_holds_a_person_is_named_and_purged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(tmp_path, k=3)
    for n in range(4):
        run.add(n)
    run.go()
    results = run.folder / "results"
    for name in ("reports/p1/report.json", "germline/s1.vcf.gz", "germline/s11.vcf.gz"):
        (results / name).parent.mkdir(parents=True, exist_ok=True)
        (results / name).write_text("x")
    assert shirube(run, "withdraw", "p1", "--purge") == 0
    assert "reports/p1/report.json: kept: the sheet still names them" in capsys.readouterr().out
    assert (results / "reports/p1/report.json").exists()
    run.rows = [row for row in run.rows if row["n"] != "1"]
    run.go()
    (results / "germline/s1.vcf.gz").unlink()
    assert shirube(run, "withdraw", "p1", "--purge") == 0
    said = capsys.readouterr().out
    assert "reports/p1/report.json: may go" in said
    assert not (results / "reports/p1/report.json").exists()
    assert (results / "germline/s11.vcf.gz").exists()
    assert all("p1" not in one["patients"] for one in Register(register(run)).people.values())
    assert entries(run.folder / "audit.jsonl")[-1]["action"] == "purged after withdrawal"
    assert "p1" in Withdrawn(register(run)).patients


def test_a_withdrawal_is_done_and_recorded_whatever_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(tmp_path, k=3)
    for n in range(5):
        run.add(n)
    run.go()
    log = run.folder / "audit.jsonl"
    log.write_text('{"number": 3, "prev')
    assert shirube(run, "withdraw", "p1") == 0
    assert [e["action"] for e in entries(log)] == ["torn line set aside", "consent withdrawn"]
    log.write_text(log.read_text().replace("torn", "TORN"))
    assert shirube(run, "withdraw", "p2") == 0
    assert "set aside as" in capsys.readouterr().err
    assert [e["action"] for e in entries(log)] == ["damaged log set aside", "consent withdrawn"]
    assert run.go()["release"] == "1"
    assert set(reasons(run).values()) == {None, "consent withdrawn"}


@pytest.mark.parametrize("kind", ["open", "registered", "withheld"])
def test_singletons_are_published_where_the_policy_says(tmp_path: Path, kind: str) -> None:
    run = Run(tmp_path, k=3)
    run.cohort["release"]["singletons"] = kind
    for n in range(6):
        put(
            run,
            n,
            "XX",
            {"chr1": [(100, "0/1"), (200, "0/1" if n == 1 else "1/1")][: 1 + (n == 1)]},
        )
    run.go()
    found = counts(run).filter(pl.col("stratum") == "all").select("pos", "ac").rows()
    assert found == ([(100, 6), (200, 1)] if kind == "open" else [(100, 6)])
    apart = run.members.parent / "registered" / "chr1.parquet"
    assert apart.exists() == (kind == "registered")
    if kind == "registered":
        assert pl.read_parquet(apart).select(ALLELE[1:2]).unique().height == 2


def test_questions_about_people_are_told_apart_from_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(tmp_path, k=3)
    for n in range(12):
        seen = (
            {"chr1": [(100, "0/1")], "chrX": [(500, "0/1")]} if n != 5 else {"chr1": [(100, "1/1")]}
        )
        put(run, n, "XX", seen)
    run.go()
    path = configured(run)
    config = yaml.safe_load(path.read_text())
    config["cohort"]["release"] = {"min_people": 3}
    config["reference"] = {"build": "artificial", "par": {}}

    def asked(people: str, place: str = "chr1:90-110") -> tuple[int, str]:
        path.write_text(yaml.safe_dump(config))
        names = ", ".join(f'"p{n}"' for n in people.split())
        words = ["query", place, "--results", str(run.folder / "results"), "--config", str(path)]
        status = main([*words, "--format", "tsv", "--where", f"patient in [{names}]"])
        said = capsys.readouterr()
        return status, said.out + said.err

    assert asked("0 1 2 3")[0] == 0
    assert asked("0 1 2 3")[0] == 0  # the same again
    status, said = asked("0 1 2 3 4")
    assert status == 1
    assert "differ from those told of before by nobody or at least 3" in said
    assert asked("0 1 2 3 4 5 6")[0] == 0
    assert asked("0 1 2 3", "chrX:490-510")[0] == 0
    assert asked("0 1 2 3 4 5 6", "chrX:490-510")[0] == 1  # p4 and p6 alone make the difference
    assert asked("4 5 6 7 8 9")[0] == 1  # p4, p5 and p6 are known by now
    assert entries(run.folder / "audit.jsonl")[-1]["action"] == "sub-cohort counted"


def test_no_question_of_several_at_once_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five ask at once, two of them what may not both be told: four are answered and kept."""
    run = Run(tmp_path, k=3)
    for n in range(12):
        put(run, n, "XX", {"chr1": [(100, "0/1")]})
    run.go()
    path = configured(run)
    config = yaml.safe_load(path.read_text())
    config["reference"], config["cohort"]["release"] = {"build": "", "par": {}}, {"min_people": 3}
    path.write_text(yaml.safe_dump(config))
    written = questions.seal

    def slowly(to: Path, content: object) -> None:
        time.sleep(0.05)  # all have read by now who do not wait for each other
        written(to, content)

    monkeypatch.setattr(questions, "seal", slowly)

    def asked(number: int) -> bool:
        people = range(3, 9) if number else range(2, 9)  # p2 alone makes the difference
        where = " or ".join(f'patient == "p{n}"' for n in people)
        place = Place("chr1", 90 + number, 110 + number)
        try:
            people_frequencies("", [place], where, path, run.members.parent.parent)
        except InputError:
            return False
        return True

    with ThreadPoolExecutor(5) as pool:
        answered = list(pool.map(asked, range(5)))
    kept = questions.Questions(Register(register(run)))
    assert [number for number, yes in enumerate(answered) if yes] == [
        s - 90 for _, s, _ in kept.spans()
    ]
    assert sum(answered) in (1, 4)  # whoever came first, or all who ask of the same people


def test_a_release_shows_nothing_that_an_answer_turns_into_one_person(tmp_path: Path) -> None:
    """Release 2 counts those asked about and p11: at the place asked about it would tell p11."""
    run = Run(tmp_path, k=3)
    for n in range(9):
        put(run, n, "XX", {"chr1": [(100, "0/1"), (700, "0/1")]})
    run.go(("chr1",))
    for n in (9, 10):
        put(run, n, "XX", {"chr1": [(100, "0/1"), (700, "0/1")]})
    assert run.go(("chr1",))["release"] == "1"
    path = configured(run)
    config = yaml.safe_load(path.read_text())
    config["cohort"]["release"] = {"min_people": 3}
    config["reference"] = {"build": "artificial", "par": {}}
    path.write_text(yaml.safe_dump(config))
    asked = ", ".join(f'"p{n}"' for n in (0, 1, 2, 3, 4, 9, 10))
    words = ["query", "chr1:90-110", "--where", f"patient in [{asked}]", "--config", str(path)]
    assert main([*words, "--results", str(run.folder / "results")]) == 0
    run.rows = [row for row in run.rows if row["n"] not in "5678"]
    put(run, 11, "XX", {"chr1": [(100, "1/1"), (700, "1/1")]})
    assert run.go(("chr1",))["release"] == "2"
    assert counts(run).select("pos", "stratum", "ac", "an").rows() == [
        (700, "all", 9, 16),
        (700, "sex=XX", 9, 16),
    ]
    places = pl.read_parquet(run.members.parent / "callable" / "chr1.parquet")
    stretches = places.filter(stratum="all").select("start", "end").rows()
    assert stretches == [(0, 89), (110, len(run.sequences["chr1"]))]


def test_a_release_can_be_taken_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = ten(tmp_path)
    for n in range(10, 16):
        run.add(n)
    assert run.go()["release"] == "2"
    assert shirube(run, "release", "--withdraw", "2") == 1
    assert shirube(run, "release", "--withdraw", "2", "--reason", "a sample was mixed up") == 0
    capsys.readouterr()
    assert shirube(run, "query", "chr1:1-100") == 1
    assert "this one was withdrawn: a sample was mixed up" in capsys.readouterr().err
    assert shirube(run, "release", "--status") == 0
    said = capsys.readouterr().out
    assert "release 2: 16 people; all, sex=XX; withdrawn: a sample was mixed up" in said
    assert run.go()["release"] == "1"  # what it told is told: nothing new may appear
    for n in range(16, 22):
        run.add(n)
    assert run.go()["release"] == "3"
    assert shirube(run, "release", "--withdraw", "7", "--reason", "x") == 1
    run.add(30)
    run.go()
    capsys.readouterr()
    assert shirube(run, "release", "--status", "--language", "ja") == 0
    assert "公開を保留しました。理由：" in capsys.readouterr().out
