"""Whose report it is: what the hospital says of person and specimens, checked and printed."""

import json
from pathlib import Path
from typing import Any

import pytest
from report_case import inputs, quality, rows

from shirube.check.problems import Outcome
from shirube.check.run import check_given
from shirube.contracts.family import PEDIGREE
from shirube.errors import InputError
from shirube.report.identity import identity, read_identity
from shirube.report.model import report
from shirube.report.page.catalogue import LANGUAGES, Catalogue
from shirube.report.page.document import document
from shirube.report.page.html import html

PEOPLE = {"LUNG01": {"LUNG01-N", "LUNG01-T"}}
GIVEN: dict[str, Any] = {
    "LUNG01": {
        "age": 63,
        "physician": "標 一郎",
        "institute": "しるべ病院",
        "reported": "2026-12-01",
        "samples": {
            "LUNG01-T": {
                "specimen": "S26-0123",
                "site": "右肺上葉",
                "collected": "2026-11-02",
                "received": "2026-11-04",
                "tumour_content": 0.4,
            }
        },
    }
}


def written(folder: Path, given: object, name: str = "identity.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
    return path


def test_every_field_may_be_left_out(tmp_path: Path) -> None:
    read = read_identity(written(tmp_path, GIVEN), PEOPLE)
    assert read == GIVEN
    made = identity({"age": 5}, ["LUNG01-N"])
    assert made is not None
    assert (made["age"], made["physician"]) == (5, None)
    assert set(made["samples"]["LUNG01-N"].values()) == {None}
    assert identity(None, ["LUNG01-N"]) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"LUNG02": {}}, "LUNG02: a patient of the sheet"),
        ({"LUNG01": {"samples": {"OTHER": {}}}}, "LUNG01.samples.OTHER: a sample of LUNG01"),
        ({"LUNG01": {"born": "1963"}}, "LUNG01.born: a field of"),
        ({"LUNG01": {"age": -1}}, "LUNG01.age: whole years"),
        ({"LUNG01": {"age": True}}, "LUNG01.age: whole years"),
        ({"LUNG01": {"reported": "2026-02-30"}}, "LUNG01.reported: a date YYYY-MM-DD"),
        ({"LUNG01": {"reported": "1/12/2026"}}, "LUNG01.reported: a date YYYY-MM-DD"),
        ({"LUNG01": {"physician": " "}}, "LUNG01.physician: a text"),
        ({"LUNG01": {"samples": {"LUNG01-T": {"tumour_content": 40}}}}, "a fraction from 0 to 1"),
        ({"LUNG01": {"samples": []}}, "an object of samples"),
        ([], "an object of patients"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, given: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_identity(written(tmp_path, given), PEOPLE)


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "identity.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="JSON"):
        read_identity(path, PEOPLE)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["as it is", "blocked", "watermarked"])
def test_every_report_says_whose_it_is(language: str, state: str) -> None:
    changed: dict[str, Any] = {"identity": identity(GIVEN["LUNG01"], sorted(PEOPLE["LUNG01"]))}
    if state == "blocked":
        failed = {"gate": "sex", "sample": "LUNG01-N", "verdict": "fail", "reason": "chrX depth"}
        changed["pedigree"] = rows(PEDIGREE, {"patient": "LUNG01", "relative": "LUNG01", **failed})
    if state == "watermarked":
        bad = {"value": 0.4, "high": 0.02, "action": "watermark", "verdict": "fail"}
        changed["quality"] = {
            name: quality(name, contamination=bad) for name in ("LUNG01-N", "LUNG01-T")
        }
    model = report(**inputs(**changed))
    assert model["quality"]["blocked"] is (state == "blocked")
    page = html(document(model, "0" * 64, language))
    say = Catalogue(language).message
    for text in ("標 一郎", "しるべ病院", "2026-12-01", "S26-0123", "右肺上葉", "2026-11-02", "40%",
                 say("given.years", years=63), say("given.tumour_content")):  # fmt: skip
        assert text in page


def test_check_reads_what_is_given(tmp_path: Path) -> None:
    outcome = Outcome()
    settings = {"report": {"identity": str(written(tmp_path, {"LUNG02": {}}))},
                "criteria": {"approvals": str(written(tmp_path, {}, "own.tsv"))}}  # fmt: skip
    check_given(tmp_path / "config.yaml", settings, PEOPLE, outcome)
    said = [str(problem) for problem in outcome.problems]
    assert len(said) == 2
    assert any("a patient of the sheet" in text for text in said)
    assert any("a column gene" in text for text in said)
    fine = {"report": {"identity": str(written(tmp_path, GIVEN))}}
    outcome = Outcome()
    check_given(tmp_path / "config.yaml", fine, PEOPLE, outcome)
    assert outcome.problems == []
