"""Unconfirmed, confirmed, signed: no step is skipped and a signed content is locked."""

import copy
import json
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from report_case import BRCA1, EGFR, FUSION, findings, inputs

from shirube.audit import entries
from shirube.cli.main import main
from shirube.crate.inventory import CRATE, SEAL, sha256
from shirube.errors import InputError, ShirubeError
from shirube.report.model import loaded, report, written
from shirube.report.page.document import document
from shirube.report.page.html import html
from shirube.report.schema import report_schema
from shirube.report.sign_off import content_of, event_for, read_register, write_register
from shirube.report.signature import key_that_signed, public_text
from shirube.report.verify import report_problems

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ALL = [EGFR["finding"], FUSION["finding"], BRCA1["finding"]]


def events_of(model: dict[str, Any], *states: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for state in states:
        events.append(event_for(model, events, state, "Dr A", NOW, None))
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
    part = [event_for(model, [], "confirmed", "Dr A", NOW, ALL[:2])]
    half = report(**inputs(events=part))
    assert half["sign_off"]["state"] == "unconfirmed"
    states = {f["id"]: f["confirmation"] for f in half["findings"]}
    assert states == dict(zip(ALL, ["confirmed", "confirmed", "unconfirmed"], strict=True))
    whole = [*part, event_for(model, part, "confirmed", "Dr B", NOW, ALL[2:])]
    assert report(**inputs(events=whole))["sign_off"]["state"] == "confirmed"


@pytest.mark.parametrize(
    ("before", "state", "by", "named", "why"),
    [
        ((), "signed", "Dr A", None, "only a confirmed"),
        (("confirmed", "signed"), "signed", "Dr A", None, "locked"),
        (("confirmed", "signed"), "confirmed", "Dr A", None, "locked"),
        ((), "confirmed", " ", None, "named"),
        ((), "confirmed", "Dr A", ["nothing"], "no finding"),
    ],
)
def test_refused(
    before: tuple[str, ...], state: str, by: str, named: list[str] | None, why: str
) -> None:
    model = report(**inputs())
    events = events_of(model, *before)
    with pytest.raises(ShirubeError, match=why):
        event_for(model, events, state, by, NOW, named)


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
    """A report of a finished run: its crate lies two directories above."""
    directory.mkdir(exist_ok=True, parents=True)
    written(model, report_schema(), directory / "report.json")
    found, digest = loaded(directory / "report.json", report_schema())
    (directory / "report.en.html").write_text(html(document(found, digest, "en")))
    results = directory.parents[1]
    graph = [{"@id": str(p.relative_to(results)), "sha256": sha256(p)} for p in directory.iterdir()]
    (results / CRATE).write_text(json.dumps({"@graph": graph}))
    (results / SEAL).write_text(f"{sha256(results / CRATE)}  {CRATE}\n")


class Clinic:
    """A run with one report, a register, an audit log, and somebody's key."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.register = folder, folder / "register"
        self.report = folder / "results" / "reports" / "LUNG01"
        self.audit, self.key = folder / "state" / "audit.jsonl", folder / "id_ed25519"
        put(self.report, report(**inputs()))
        self.signers = self.register / "allowed_signers"
        self.register.mkdir()
        made = Ed25519PrivateKey.generate()
        self.key.touch(0o600)
        self.key.write_bytes(
            made.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        )
        self.public = public_text(made.public_key())
        self.signers.write_text(f"# who may sign\ndr.a@example.org {self.public} her card\n")

    def sign(self, *words: str, by: str = "Dr A") -> int:
        """Run `shirube sign`."""
        places = ["--register", str(self.register), "--audit", str(self.audit), "--by", by]
        return main(["sign", str(self.report), *places, *words])

    def printed(self) -> None:
        """The next run prints what the register says."""
        events = read_register(self.register / "LUNG01.json", "LUNG01")
        put(self.report, report(**inputs(events=events)))

    def verify(self, *words: str) -> int:
        """Run `shirube verify` on the report with the register's signatures."""
        return main(["verify", str(self.report), "--sign-offs", str(self.register), *words])


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


def signed_clinic(clinic: Clinic) -> None:
    assert clinic.sign("--state", "confirmed") == 0
    clinic.printed()
    assert clinic.sign("--state", "signed", "--key", str(clinic.key)) == 0
    clinic.printed()


def test_shirube_sign(clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    assert clinic.sign("--state", "signed", "--key", str(clinic.key)) == 1
    assert "only a confirmed report" in capsys.readouterr().err
    assert not (clinic.register / "LUNG01.json").exists()
    assert clinic.sign("--state", "confirmed") == 0
    clinic.printed()
    assert clinic.sign("--state", "signed") == 1
    assert "a signature needs --key" in capsys.readouterr().err
    before = (clinic.report / "report.json").read_bytes()
    assert clinic.sign("--state", "signed", "--key", str(clinic.key)) == 0
    assert "signed by the same person" in capsys.readouterr().out
    (kept,) = clinic.register.glob("LUNG01.*.report.json")
    assert kept.read_bytes() == before
    assert clinic.sign("--state", "confirmed") == 1
    clinic.printed()
    assert clinic.verify() == 0
    said = entries(clinic.audit)
    assert [entry["action"] for entry in said] == ["report confirmed", "report signed"]
    assert said[1]["options"]["signer"] == "dr.a@example.org"
    assert said[1]["options"]["time"][:10] == datetime.now().astimezone().date().isoformat()
    for path in clinic.register.glob("*LUNG01*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_the_day_is_the_clocks(clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    for day in ("9999-99-99", "2020-01-01", "2999-01-01"):
        assert clinic.sign("--state", "confirmed", "--at", day) == 1
        assert "the day is the clock's" in capsys.readouterr().err
    assert not clinic.audit.exists()


def test_another_report_than_the_run_wrote_is_refused(
    clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    """All formats rendered again from an edited model: alike, and not what the crate knows."""
    crate = (clinic.folder / "results" / CRATE).read_bytes()
    edited = copy.deepcopy(report(**inputs()))
    edited["findings"][0]["hgvs_p"] = "p.Leu858Gln"
    content = content_of({**edited, "sign_off": {}})
    edited["sign_off"]["content"] = content
    put(clinic.report, edited)
    (clinic.folder / "results" / CRATE).write_bytes(crate)
    (clinic.folder / "results" / SEAL).write_text(
        f"{sha256(clinic.folder / 'results' / CRATE)}  {CRATE}\n"
    )
    assert clinic.sign("--state", "confirmed") == 1
    assert "report.json: result altered" in capsys.readouterr().err
    assert clinic.verify() == 1
    assert "report.json: result altered" in capsys.readouterr().err
    (clinic.folder / "results" / CRATE).unlink()
    assert clinic.sign("--state", "confirmed") == 1
    assert "of the run that wrote it" in capsys.readouterr().err


def test_only_allowed_keys_sign(
    clinic: Clinic, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other").mkdir()
    other = Clinic(tmp_path / "other")
    assert clinic.sign("--state", "confirmed") == 0
    clinic.printed()
    for key, said in (
        (other.key, "among the allowed signers"),
        (clinic.signers, "an ed25519 SSH private key"),
        (tmp_path / "none", "a private key to read"),
    ):
        assert clinic.sign("--state", "signed", "--key", str(key)) == 1
        assert said in capsys.readouterr().err
    clinic.key.chmod(0o644)
    assert clinic.sign("--state", "signed", "--key", str(clinic.key)) == 1
    assert "its owner alone" in capsys.readouterr().err
    assert clinic.sign("--state", "signed", "--without-key") == 0
    clinic.printed()
    assert clinic.verify() == 1
    assert "signed without a key" in capsys.readouterr().err


def test_a_signature_is_checked_anywhere(
    clinic: Clinic, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed_clinic(clinic)
    (statement,) = clinic.register.glob("*.signed.json")
    proof = statement.with_name(statement.name + ".sig")
    if shutil.which("ssh-keygen"):
        words = ["-Y", "verify", "-f", str(clinic.signers), "-I", "dr.a@example.org"]
        words += ["-n", "shirube-report", "-s", str(proof)]
        done = subprocess.run(
            ["ssh-keygen", *words], input=statement.read_bytes(), capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
    for path, old, new, said in (
        (statement, b"Dr A", b"Dr B", "it is of another"),
        (proof, b"U1NIU0lH", b"U1NIU0lI", "an SSH signature"),
        (clinic.signers, b"her card", b"her card\nx y z", "line 3: NAMES"),
        (clinic.signers, clinic.public.encode(), b"", "line 2: NAMES"),
    ):
        data = path.read_bytes()
        assert old in data
        path.write_bytes(data.replace(old, new))
        assert clinic.verify() == 1
        assert said in capsys.readouterr().err
        path.write_bytes(data)
    (kept,) = clinic.register.glob("*.report.json")
    kept.write_bytes(kept.read_bytes() + b" ")
    assert clinic.verify() == 1
    assert "not the one that was signed" in capsys.readouterr().err


def test_ssh_keygen_signs_what_we_check(tmp_path: Path) -> None:
    if not shutil.which("ssh-keygen"):
        pytest.skip("ssh-keygen is not installed")
    clinic, text = Clinic(tmp_path), tmp_path / "text"
    text.write_bytes(b"a statement\n")
    words = ["-Y", "sign", "-f", str(clinic.key), "-n", "shirube-report", str(text)]
    subprocess.run(["ssh-keygen", *words], check=True, capture_output=True)
    proof = tmp_path / "text.sig"
    assert key_that_signed(text.read_bytes(), proof.read_text(), proof) == clinic.public


def test_no_confirmation_is_lost_between_two_writers(clinic: Clinic) -> None:
    code = (
        "import sys; from pathlib import Path; from shirube.report.sign_off import *\n"
        "for n in range(20):\n"
        "  with register_held(Path(sys.argv[1]), 'P') as path:\n"
        "    events = read_register(path, 'P')\n"
        "    event = dict(content='', state='confirmed', by=sys.argv[2], at='', findings=[])\n"
        "    write_register(path, 'P', [*events, event])\n"
    )
    words = [sys.executable, "-c", code, str(clinic.register)]
    writers = [subprocess.Popen([*words, name]) for name in ("A", "B", "C")]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(read_register(clinic.register / "P.json", "P")) == 60


def test_a_forged_state_is_seen(tmp_path: Path) -> None:
    model = report(**inputs())
    forged = copy.deepcopy(report(**inputs(events=events_of(model, "confirmed", "signed"))))
    forged["findings"][0]["hgvs_p"] = "p.Leu858Gln"
    put(tmp_path / "results/reports/r", forged)
    assert any(
        "not the content" in problem for problem in report_problems(tmp_path / "results/reports/r")
    )
    assert (
        json.loads((tmp_path / "results/reports/r/report.json").read_text())["sign_off"]["state"]
        == "signed"
    )
