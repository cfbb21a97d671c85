"""Unconfirmed, confirmed, signed: no step is skipped and a signed content is locked."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from report_case import BRCA1, EGFR, FUSION, findings, inputs

from shirube.cli.main import main
from shirube.errors import InputError, ShirubeError
from shirube.report.model import loaded, report, written
from shirube.report.page.document import document
from shirube.report.page.html import html
from shirube.report.schema import report_schema
from shirube.report.sign_off import content_of, event_for, read_register, write_register
from shirube.report.verify import report_problems

DAY = "2026-11-23"
ALL = [EGFR["finding"], FUSION["finding"], BRCA1["finding"]]


def events_of(model: dict[str, Any], *states: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for state in states:
        events.append(event_for(model, events, state, "Dr A", DAY, None))
    return events


def test_states_follow_one_another() -> None:
    model = report(**inputs())
    assert model["sign_off"]["state"] == "unconfirmed"
    confirmed = report(**inputs(events=events_of(model, "confirmed")))
    assert confirmed["sign_off"]["state"] == "confirmed"
    assert {f["confirmation"] for f in confirmed["findings"]} == {"confirmed"}
    signed = report(**inputs(events=events_of(model, "confirmed", "signed")))
    assert signed["sign_off"]["state"] == "signed"
    assert signed["sign_off"]["revision"] == 1
    assert content_of(model) == content_of(confirmed) == content_of(signed)


def test_a_report_is_confirmed_only_when_all_of_its_summary_is() -> None:
    model = report(**inputs())
    part = [event_for(model, [], "confirmed", "Dr A", DAY, ALL[:2])]
    half = report(**inputs(events=part))
    assert half["sign_off"]["state"] == "unconfirmed"
    states = {f["id"]: f["confirmation"] for f in half["findings"]}
    assert states == dict(zip(ALL, ["confirmed", "confirmed", "unconfirmed"], strict=True))
    whole = [*part, event_for(model, part, "confirmed", "Dr B", DAY, ALL[2:])]
    assert report(**inputs(events=whole))["sign_off"]["state"] == "confirmed"


@pytest.mark.parametrize(
    ("before", "state", "by", "at", "named", "why"),
    [
        ((), "signed", "Dr A", DAY, None, "only a confirmed"),
        (("confirmed", "signed"), "signed", "Dr A", DAY, None, "locked"),
        (("confirmed", "signed"), "confirmed", "Dr A", DAY, None, "locked"),
        ((), "confirmed", " ", DAY, None, "named"),
        ((), "confirmed", "Dr A", "today", None, "YYYY-MM-DD"),
        ((), "confirmed", "Dr A", DAY, ["nothing"], "no finding"),
    ],
)
def test_refused(
    before: tuple[str, ...], state: str, by: str, at: str, named: list[str] | None, why: str
) -> None:
    model = report(**inputs())
    events = events_of(model, *before)
    with pytest.raises(ShirubeError, match=why):
        event_for(model, events, state, by, at, named)


def test_a_changed_content_is_a_new_unconfirmed_revision() -> None:
    model = report(**inputs())
    events = events_of(model, "confirmed", "signed")
    changed = {**EGFR, "hgvs_p": "p.Leu858Gln"}
    other = report(**inputs(finding_table=findings(changed, FUSION, BRCA1), events=events))
    assert other["sign_off"]["state"] == "unconfirmed"
    assert other["sign_off"]["revision"] == 2
    assert other["sign_off"]["supersedes"] == [content_of(model)]
    assert {f["confirmation"] for f in other["findings"]} == {"unconfirmed"}


def test_the_banner_follows_the_state() -> None:
    model = report(**inputs())
    signed = report(**inputs(events=events_of(model, "confirmed", "signed")))
    texts = [html(document(m, "0" * 64, "en")) for m in (model, signed)]
    assert "UNCONFIRMED" in texts[0]
    assert "UNCONFIRMED" not in texts[1]
    assert "SIGNED: the content is locked" in texts[1]


def test_a_register_is_one_patients(tmp_path: Path) -> None:
    path = tmp_path / "LUNG01.json"
    assert read_register(path, "LUNG01") == []
    events = events_of(report(**inputs()), "confirmed")
    write_register(path, "LUNG01", events)
    assert read_register(path, "LUNG01") == events
    with pytest.raises(InputError):
        read_register(path, "LUNG02")
    path.write_text('{"patient": "LUNG01", "events": [{}]}')
    with pytest.raises(InputError):
        read_register(path, "LUNG01")


def put(directory: Path, model: dict[str, Any]) -> None:
    directory.mkdir(exist_ok=True)
    written(model, report_schema(), directory / "report.json")
    found, digest = loaded(directory / "report.json", report_schema())
    (directory / "report.en.html").write_text(html(document(found, digest, "en")))


def test_shirube_sign(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory, register = tmp_path / "report", tmp_path / "register"
    put(directory, report(**inputs()))
    words = ["sign", str(directory), "--register", str(register), "--by", "Dr A", "--at", DAY]
    assert main([*words, "--state", "signed"]) == 1
    assert "only a confirmed report" in capsys.readouterr().err
    assert not register.exists()
    assert main([*words, "--state", "confirmed"]) == 0
    events = read_register(register / "LUNG01.json", "LUNG01")
    put(directory, report(**inputs(events=events)))
    assert main([*words, "--state", "signed"]) == 0
    (kept,) = register.glob("LUNG01.*.report.json")
    assert kept.read_bytes() == (directory / "report.json").read_bytes()
    assert main([*words, "--state", "confirmed"]) == 1


def test_a_forged_state_is_seen(tmp_path: Path) -> None:
    model = report(**inputs())
    forged = copy.deepcopy(report(**inputs(events=events_of(model, "confirmed", "signed"))))
    forged["findings"][0]["hgvs_p"] = "p.Leu858Gln"
    put(tmp_path / "r", forged)
    assert any("not the content" in problem for problem in report_problems(tmp_path / "r"))
    assert json.loads((tmp_path / "r/report.json").read_text())["sign_off"]["state"] == "signed"
