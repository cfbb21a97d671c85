"""`shirube verify`: exit status and words."""

from pathlib import Path

import pytest
from report_case import inputs

from shirube.cli.main import main
from shirube.report.model import loaded, report, written
from shirube.report.page.document import document
from shirube.report.page.html import html
from shirube.report.schema import report_schema


@pytest.fixture
def results(tmp_path: Path) -> Path:
    directory = tmp_path / "results/reports/LUNG01"
    directory.mkdir(parents=True)
    written(report(**inputs()), report_schema(), directory / "report.json")
    model, digest = loaded(directory / "report.json", report_schema())
    (directory / "report.en.html").write_text(html(document(model, digest, "en")))
    return tmp_path / "results"


def test_whole_reports_pass(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(results)]) == 0
    assert "1 reports, 0 problems" in capsys.readouterr().out


def test_a_changed_report_fails(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = results / "reports/LUNG01/report.json"
    path.write_text(path.read_text().replace('"vaf": 0.33', '"vaf": 0.43'))
    assert main(["verify", str(results / "reports/LUNG01")]) == 1
    assert "report.en.html" in capsys.readouterr().err


def test_nothing_to_verify_is_an_error(tmp_path: Path) -> None:
    assert main(["verify", str(tmp_path)]) == 1
