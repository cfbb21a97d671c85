"""A run as it goes on and as it ends: its account, its people, the page over all of them."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from report_case import rows
from rich.console import Console
from snakemake_interface_logger_plugins.common import LogEvent

from shirube.cli.main import main
from shirube.contracts import MEMBERS, READS, write
from shirube.contracts.family import PEDIGREE
from shirube.crate.verify import _pages
from shirube.progress.display import duration, picture, words_of
from shirube.progress.display import line as one_line
from shirube.progress.events import EVENTS, RunState, by_stage, read_events, stages_of_rules
from shirube.progress.page import page, write_pages
from shirube.progress.people import STATES, ending, read_people
from shirube.progress.pictures import related
from snakemake_logger_plugin_shirube import line

PLAN = {"call_germline": 2, "render_report": 2, "all": 1}


def account(*events: dict[str, Any]) -> RunState:
    state = RunState()
    for number, event in enumerate(events):
        state.take({"time": float(10 * number), **event})
    return state


def started(job: int, rule: str, log: str = "", **wildcards: str) -> dict[str, Any]:
    log_files = [log] if log else []
    return {
        "event": "started", "job": job, "rule": rule, "wildcards": wildcards, "log": log_files,
    }  # fmt: skip


def ended(job: int, how: str = "finished") -> dict[str, Any]:
    return {"event": how, "job": job}


def test_snakemakes_events_become_lines() -> None:
    plan = SimpleNamespace(event=LogEvent.RUN_INFO, stats={"a": 2, "total": 2})
    assert line(plan) == {"event": "plan", "jobs": {"a": 2}}  # type: ignore[arg-type]
    job = SimpleNamespace(
        event=LogEvent.JOB_INFO, jobid=3, rule_name="a", wildcards={"sample": "S"}, log=["x.log"]
    )
    assert line(job) == started(3, "a", "x.log", sample="S")  # type: ignore[arg-type]
    other = SimpleNamespace(event=LogEvent.PROGRESS)
    assert line(other) is None  # type: ignore[arg-type]


def test_a_later_attempt_makes_good_an_earlier_one() -> None:
    first = started(1, "call_germline", sample="S1")
    state = account({"event": "plan", "jobs": PLAN}, first, ended(1, "failed"))
    assert [job.rule for job in state.of("failed")] == ["call_germline"]
    state.take({"time": 50.0, **first})
    state.take({"time": 60.0, **ended(1)})
    assert not state.of("failed")
    assert state.done() == 1


def test_time_left_is_the_pace_of_the_same_rule() -> None:
    state = account(
        {"event": "plan", "jobs": PLAN}, started(1, "call_germline", sample="S1"), ended(1)
    )
    # One call took 10 s; one more, two reports and `all` (by the mean) are to come, one at a time.
    assert state.seconds_left() == pytest.approx(40)
    assert "about 40 s left" in one_line(state, 2)


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["started", "finished", "failed"]))))
def test_any_account_can_be_drawn(steps: list[tuple[int, str]]) -> None:
    events: list[dict[str, Any]] = [{"event": "plan", "jobs": PLAN}]
    for job, kind in steps:
        events.append(started(job, "call_germline", sample="S") if kind == "started" else
                      ended(job, kind))  # fmt: skip
    state = account(*events)
    console = Console(record=True, width=100)
    console.print(picture(state, 2, stages_of_rules(), 1000.0))
    assert "jobs" in console.export_text()
    assert sum(len(state.of(s)) for s in ("running", "finished", "failed")) == len(state.jobs)


@pytest.mark.parametrize(
    ("environment", "stage", "said"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "報告書", "失敗"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, "Reports", "failed"),
        ({}, "Reports", "failed"),
    ],
)
def test_a_terminal_is_in_the_language_of_its_locale(
    environment: dict[str, str], stage: str, said: str
) -> None:
    state = account(
        {"event": "plan", "jobs": PLAN}, started(1, "call_germline", sample="S1"),
        ended(1, "failed"), started(2, "render_report", patient="P1"),
    )  # fmt: skip
    console = Console(record=True, width=100)
    console.print(picture(state, 2, stages_of_rules(), 90.0, words_of(environment)))
    text = console.export_text()
    assert stage in text
    assert said in text
    assert bool(re.search(" of |jobs|runs", text)) == (stage == "Reports")


def test_every_rule_has_a_stage() -> None:
    stages = stages_of_rules()
    assert stages["call_germline"] == "germline"
    assert stages["render_report"] == "report"
    state = account({"event": "plan", "jobs": PLAN})
    assert by_stage(state, stages) == [("germline", 0, 2), ("report", 0, 2)]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (61, "1 min"), (3599, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_line_that_is_being_written_waits(tmp_path: Path) -> None:
    path = tmp_path / "events"
    path.write_text(json.dumps({"time": 1, "event": "plan", "jobs": PLAN}) + '\n{"time": 2, "ev')
    assert read_events(path).planned["call_germline"] == 2


def report(patient: str, verdict: str = "pass", blocked: bool = False) -> dict[str, Any]:
    finding = {
        "id": "f1", "name": "TP53 p.Arg175His", "classification": None, "amp_tier": "I-A",
        "japan_level": "A",
    }  # fmt: skip
    gate = {"gate": "callable", "sample": f"{patient}_N", "verdict": "fail"}
    return {
        "artificial": True,
        "patient": {"patient": patient},
        "findings": [finding],
        "summary": [{"finding": "f1", "reason": "therapy"}],
        "not_found": [],
        "not_assessable": [],
        "quality": {
            "verdict": verdict,
            "blocked": blocked,
            "gates": [] if verdict == "pass" else [gate],
        },
        "sign_off": {"state": "unconfirmed"},
        "samples": [
            {"sample": f"{patient}_N", "kind": "normal", "mean_depth": 30.2, "input": "bam"}
        ],
        "methods": {
            "knowledge": [{"name": "clinvar", "release": "2026-11", "licence": "public domain"}],
            "tools": [{"name": "bcftools", "version": "1.24"}],
        },
    }


REPORTS = {
    "DONE": report("DONE"),
    "WARNED": report("WARNED", "warn"),
    "MARKED": report("MARKED", "fail"),
    "BLOCKED": report("BLOCKED", "fail", blocked=True),
}


@pytest.fixture
def run(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A finished run in which one person failed and one is missing."""
    names = [*REPORTS, "FAILED", "MISSING"]
    config = tmp_path / "config"
    config.mkdir()
    settings = {
        "patients": "config/patients.tsv",
        "samples": "config/samples.tsv",
        "reference": {"build": "GRCh38"},
        "report": {"languages": ["ja", "en"]},
    }
    (config / "config.yaml").write_text(yaml.safe_dump(settings))
    rows = "".join(f"{n}\tXX\tcancer\n" for n in names)
    (config / "patients.tsv").write_text(f"patient\tsex\tprogramme\n{rows}")
    rows = "".join(f"{n}_N\t{n}\tnormal\t{n}.bam\n" for n in names)
    (config / "samples.tsv").write_text(f"sample\tpatient\tkind\tpath\n{rows}")
    for name, model in REPORTS.items():
        folder = tmp_path / "results/reports" / name
        folder.mkdir(parents=True)
        (folder / "report.json").write_text(json.dumps(model))
        (folder / "report.ja.html").write_text("page")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/x.log").write_text("Traceback\nshirube: FAILED.bam: row 3: a position\n")
    events = [
        {"time": 0, "event": "plan", "jobs": PLAN},
        {"time": 1, **started(1, "call_germline", "logs/x.log", sample="FAILED_N")},
        {"time": 2, **ended(1, "failed")},
    ]
    (tmp_path / ".snakemake").mkdir()
    (tmp_path / EVENTS).write_text("".join(json.dumps(e) + "\n" for e in events))
    return tmp_path, settings


def test_everybody_has_a_state_and_the_end_says_why(run: tuple[Path, dict[str, Any]]) -> None:
    directory, settings = run
    state = read_events(directory / EVENTS)
    people = read_people(directory, settings, state)
    states = {person.patient: person.state for person in people.people}
    assert states == {
        "DONE": "done", "WARNED": "warned", "MARKED": "watermarked", "BLOCKED": "blocked",
        "FAILED": "failed", "MISSING": "missing",
    }  # fmt: skip
    assert set(states.values()) == set(STATES)
    text = "\n".join(ending(people, state, directory))
    assert "6 people: 1 done, 1 warned, 1 watermarked, 1 blocked, 1 missing, 1 failed" in text
    assert "FAILED: call_germline: shirube: FAILED.bam: row 3: a position (logs/x.log)" in text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_shows_everybody_and_withholds_what_is_blocked(
    run: tuple[Path, dict[str, Any]], language: str
) -> None:
    directory, settings = run
    state = read_events(directory / EVENTS)
    people = read_people(directory, settings, state)
    text = page(people, state, directory / "results", language)
    row = r"<tr class=\"\w+\">\s*<th scope=\"row\">(?:<a[^>]*>)?(\w+)(.*?)</tr>"
    rows = dict(re.findall(row, text, re.S))
    assert list(rows) == [*REPORTS, "FAILED", "MISSING"]
    assert "TP53 p.Arg175His" in rows["DONE"]
    assert "TP53" not in rows["BLOCKED"]
    assert "<script src" not in text
    assert "http" not in re.sub(r"http-equiv|http://www.w3.org/2000/svg", "", text)
    results = directory / "results"
    assert write_pages(people, state, results, ["ja", "en"]).name == "index.html"
    assert _pages(results) == (
        ["index.sha256", "index.html", "index.ja.html", "index.en.html"], []
    )  # fmt: skip
    (results / "index.ja.html").write_text("altered")
    assert _pages(results)[1] == [
        f"{results / 'index.ja.html'}: page altered, or its line in index.sha256"
    ]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_sex_and_kinship_are_drawn_and_what_does_not_fit_is_named(
    run: tuple[Path, dict[str, Any]], language: str
) -> None:
    directory, settings = run
    results = directory / "results"
    for folder in ("reads", "pedigree", "cohort"):
        (results / folder).mkdir()
    depths = {"DONE": (30.0, 0.0), "WARNED": (15.0, 7.0), "MARKED": (29.0, 0.2)}
    for name, (x, y) in depths.items():  # all are XX in the sheet
        row = {"reads": 1, "autosome_depth": 30.0, "x_depth": x, "y_depth": y}
        write(rows(READS, row), READS, results / f"reads/{name}_N.parquet")
    write(READS.empty(), READS, results / "reads/BLOCKED_N.parquet")  # who came as a VCF
    said = {"gate": "kinship_mother", "sample": "DONE_N", "relative": "WARNED", "verdict": "pass"}
    write(rows(PEDIGREE, {**said, "value": 0.02, "sites": 500}), PEDIGREE,
          results / "pedigree/DONE.parquet")  # fmt: skip
    people = [
        {"sample": f"{name}_N", "patient": name, "stratum": "", "counted": name != "MARKED",
         "reason": "duplicate of BLOCKED_N: kinship 0.500 over 60 sites"
         if name == "MARKED" else None, "released": False}
        for name in REPORTS
    ]  # fmt: skip
    write(rows(MEMBERS, *people), MEMBERS, results / "cohort/members.parquet")
    pairs = related(results)
    assert [(p.one, p.other, p.relation, p.declared, p.odd) for p in pairs] == [
        ("BLOCKED", "MARKED", "same", False, True), ("DONE", "WARNED", "none", True, True),
    ]  # fmt: skip
    state = read_events(directory / EVENTS)
    text = page(read_people(directory, settings, state), state, results, language)
    pictures = re.findall(r"<figure>.*?</figure>", text, re.S)
    sexes, kinship = pictures[-2:]
    assert re.findall(r">(\w+_N)<", sexes) == ["WARNED_N"]  # neither of the two that fit
    assert kinship.count('fill="#d55e00"') == 2
    assert "BLOCKED – MARKED" in text
    assert "⟦" not in text


def test_commands_exit_by_what_is_missing(
    run: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    directory, _ = run
    for command in ("status", "summary"):
        assert main([command, "--directory", str(directory)]) == 1
        assert "MISSING" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["status", "summary", "check"])
def test_an_empty_directory_gets_a_sentence(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--directory", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "config" in said.err + said.out
    assert "Traceback" not in said.err
