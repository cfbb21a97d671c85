"""One person's failed job stops nobody else: the run goes on without them, and says so."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from shirube.cli.run import failed_people, refuse_unknown, run_through, without
from shirube.errors import ShirubeError
from shirube.progress.events import EVENTS, failed_jobs, read_events

# Stands for snakemake: the jobs of the people in `bad` fail while they are not left out.
FAKE = """
import json, sys, pathlib
events = pathlib.Path({events!r})
left = [json.loads(w.removeprefix("without=")) for w in sys.argv if w.startswith("without=")]
lines, failed = [{{"event": "plan", "jobs": {{}}}}], 0
for number, sample in enumerate({samples!r}):
    if "P" + sample[1:] in (left or [[]])[0]:
        continue
    bad = sample in {bad!r}
    failed += bad
    job = {{"job": number, "rule": "split_germline", "log": []}}
    lines.append({{"event": "started", "wildcards": {{"sample": sample}}, **job}})
    lines.append({{"event": "failed" if bad else "finished", **job}})
with events.open("a") as out:
    out.writelines(json.dumps({{"time": 1.0, **line}}) + "\\n" for line in lines)
sys.exit(int(failed > 0))
"""


def run_of(folder: Path, bad: list[str], asked: Sequence[str] = ()) -> tuple[int, Path]:
    samples = ["S1", "S2", "S3", "S4"]
    (folder / "config").mkdir()
    (folder / "config/config.yaml").write_text("samples: config/samples.tsv\n")
    rows = [f"{s}\tP{s[1:]}\tnormal\tin.vcf.gz" for s in samples]
    (folder / "config/samples.tsv").write_text(
        "\n".join(["sample\tpatient\tkind\tpath", *rows]) + "\n"
    )
    events = folder / EVENTS
    events.parent.mkdir()
    script = folder / "fake.py"
    script.write_text(FAKE.format(events=str(events), samples=samples, bad=bad))
    return run_through(folder, [sys.executable, str(script)], {}, True, asked), events


def test_a_run_goes_on_without_whom_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, events = run_of(tmp_path, ["S3"])
    assert status == 1
    assert "going on without P3" in capsys.readouterr().err
    state = read_events(events)
    assert [job.wildcards["sample"] for job in failed_jobs(state)] == ["S3"]
    assert {job.wildcards["sample"] for job in state.of("finished")} == {"S1", "S2", "S4"}
    assert failed_people(tmp_path) == {"P3"}


@pytest.mark.parametrize(
    ("asked", "goes_on"),
    [
        (["results/findings/P3.parquet"], False),
        (["results/reports/P3/report.en.html", "results/reports/P1/report.en.html"], False),
        (["results/germline/S3.vcf.gz"], False),
        (["results/reports/P1/report.en.html"], True),
        (["results/cohort/report.en.html", "--cores", "2"], True),
    ],
)
def test_what_was_asked_of_a_lost_person_is_not_made_without_them(
    asked: list[str], goes_on: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _ = run_of(tmp_path, ["S3"], asked)
    assert status == 1
    assert ("going on without" in capsys.readouterr().err) is goes_on


def test_where_everybody_fails_the_run_ends(tmp_path: Path) -> None:
    status, events = run_of(tmp_path, ["S1", "S2", "S3", "S4"])
    assert status == 1
    assert sum('"plan"' in line for line in events.read_text().splitlines()) == 1


def test_a_run_without_failures_is_run_once(tmp_path: Path) -> None:
    status, events = run_of(tmp_path, [])
    assert status == 0
    assert sum('"plan"' in line for line in events.read_text().splitlines()) == 1


def test_settings_of_the_user_stay() -> None:
    words = ["snakemake", "--config", "regions=x.bed", "--cores", "2"]
    assert without(words, {"P2", "P1"}) == [
        *("snakemake", "--config", f"without={json.dumps(['P1', 'P2'])}", "regions=x.bed"),
        *("--cores", "2"),
    ]
    assert without(["snakemake"], {"P1"})[1:] == ["--config", 'without=["P1"]']


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("results/reports/P1/report.ja.html", None),
        ("results/reports/P1/report.json", None),
        ("--cores", None),
        ("results/reports/P9/report.ja.html", "a patient of config/patients.tsv, found P9"),
        ("results/reports/P9/report.json", "a patient of config/patients.tsv, found P9"),
        ("results/reports/P1/report.en.html", "a language of report.languages .ja."),
        ("results/reports/P1/panel.fr.pdf", "a language of report.languages .ja."),
    ],
)
def test_a_report_of_nobody_is_refused_in_a_line(
    tmp_path: Path, target: str, said: str | None
) -> None:
    (tmp_path / "config").mkdir()
    settings = "patients: config/patients.tsv\nreport: {languages: [ja]}\n"
    (tmp_path / "config/config.yaml").write_text(settings)
    (tmp_path / "config/patients.tsv").write_text("patient\tsex\nP1\tXX\n")
    if said is None:
        refuse_unknown([target], tmp_path)
        return
    with pytest.raises(ShirubeError, match=said):
        refuse_unknown([target], tmp_path)
