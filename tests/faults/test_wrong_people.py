"""A sheet that says who people are not: the checks name them, their reports show no finding."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import small_demo
from faulty_run import run

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def changed(directory: Path, patient: str, column: str, value: str) -> None:
    """Another value in the sheet of people."""
    path = directory / "config/patients.tsv"
    head, *rows = (line.split("\t") for line in path.read_text().splitlines())
    (row,) = (row for row in rows if row[0] == patient)
    row[head.index(column)] = value
    path.write_text("".join("\t".join(cells) + "\n" for cells in [head, *rows]))


def test_another_father_and_another_sex(tmp_path: Path, say: Callable[[str], None]) -> None:
    """DEMO_08, no relative, in the father's place; DEMO_01, who has two X, as XY."""
    people = ("DEMO_01", "DEMO_03", "DEMO_04", "DEMO_05", "DEMO_08")
    directory = small_demo.make(tmp_path / "demo", people)
    changed(directory, "DEMO_03", "father", "DEMO_08")
    changed(directory, "DEMO_01", "sex", "XY")
    done = run(directory)
    assert done.status == 0, done.text[-4000:]
    for patient, gate, words in (
        ("DEMO_03", "kinship_father", "declared father DEMO_08: unrelated"),
        ("DEMO_01", "sex_depth", "of the depth of the autosomes; the sheet says XY"),
    ):
        folder = directory / "results/reports" / patient
        report = json.loads((folder / "report.json").read_text())
        failed = {g["gate"]: g for g in report["quality"]["gates"] if g["verdict"] == "fail"}
        assert words in failed[gate]["reason"]
        assert report["quality"]["blocked"]
        assert report["findings"] == []
        for language, banner in (("en", "REPORT BLOCKED"), ("ja", "報告を停止")):
            assert banner in (folder / f"report.{language}.html").read_text()
        say(f"{patient}: {failed[gate]['reason']}; blocked, nothing said of the person")
