"""The audit log: chained, and every change of it noticed."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shirube.audit import FIRST, entries, record, record_anyway, record_run, user
from shirube.cli import main as cli
from shirube.errors import InputError


@pytest.fixture(name="log")
def _log(tmp_path: Path) -> Path:
    """Three entries."""
    path = tmp_path / "state" / "audit.jsonl"
    for number in range(3):
        record(path, f"run {number}", {"people": number}, {"command": ["x", str(number)]})
    return path


def test_entries_say_who_what_which_and_how(log: Path) -> None:
    first, second, _ = entries(log)
    assert first["previous"] == FIRST
    assert second["previous"] == first["hash"]
    assert (first["action"], first["data"], first["options"]) == (
        "run 0",
        {"people": 0},
        {"command": ["x", "0"]},
    )
    assert {"time", "user", "uid", "host", "number"} <= set(first)


def test_a_user_without_a_name_is_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    assert user() == f"uid{os.getuid()}"
    record(tmp_path / "audit.jsonl", "run", {}, {})
    assert entries(tmp_path / "audit.jsonl")[0]["user"] == user()


def test_log_is_private(log: Path) -> None:
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) & 0o077 == 0


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_changed_byte_is_noticed(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("log") / "audit.jsonl"
    for number in range(3):
        record(path, f"run {number}", {"people": number}, {})
    good = path.read_bytes()
    at = data.draw(st.integers(0, len(good) - 1))
    changed = data.draw(st.integers(0, 255).filter(lambda b: b != good[at]))
    path.write_bytes(good[:at] + bytes([changed]) + good[at + 1 :])
    with pytest.raises(InputError):
        entries(path)


def test_entry_removed_moved_or_doubled(log: Path) -> None:
    first, second, third = log.read_text().splitlines(keepends=True)
    for changed in (
        second + third,
        first + third,
        second + first + third,
        first * 2,
        first + first,
    ):
        log.write_text(changed)
        with pytest.raises(InputError, match="one is gone or moved"):
            entries(log)


def test_a_torn_last_line_is_told_of_and_set_aside_by_the_next_entry(log: Path) -> None:
    good = log.read_bytes()
    kept = entries(log)
    for torn in (b'{"number": 3, "prev', good.splitlines()[-1][:-5], b"\xff\xe6", b"{}"):
        log.write_bytes(good + torn)
        with pytest.raises(InputError, match=r"line 4: .* it was cut"):
            entries(log)
        record(log, "next", {"people": 1}, {})
        *before, aside, last = entries(log)
        assert before == kept
        assert aside["action"] == "torn line set aside"
        assert aside["data"]["bytes"] == len(torn)
        assert aside["data"]["text"] == torn.decode(errors="backslashreplace")
        assert (last["action"], last["number"]) == ("next", 5)
        log.write_bytes(good)


def test_what_is_done_is_recorded_beside_an_altered_log(log: Path) -> None:
    altered = log.read_bytes().replace(b"run 1", b"run 9")
    log.write_bytes(altered)
    with pytest.raises(InputError, match="altered"):
        record(log, "next", {}, {})
    assert log.read_bytes() == altered
    assert "set aside as" in record_anyway(log, "consent withdrawn", {"patients": ["P1"]}, {})
    first, second = entries(log)
    assert first["action"] == "damaged log set aside"
    assert (log.parent / first["data"]["file"]).read_bytes() == altered
    assert second["data"] == {"patients": ["P1"]}
    assert record_anyway(log, "next", {}, {}) == ""
    assert "not recorded" in record_anyway(log / "none" / "log", "next", {}, {})


def test_the_hash_kept_elsewhere_shows_what_was_cut_off(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hashes = [entry["hash"] for entry in entries(log)]
    assert cli.main(["audit", str(log), "--expect", hashes[1]]) == 0
    assert f"1 entries since {hashes[1]}" in capsys.readouterr().out
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:-1]))
    assert cli.main(["audit", str(log), "--expect", hashes[1]]) == 0
    assert cli.main(["audit", str(log), "--expect", hashes[2]]) == 1
    assert "cut off" in capsys.readouterr().err
    log.unlink()
    record(log, "run 0", {"people": 0}, {"command": ["x", "0"]})  # a log begun anew
    assert cli.main(["audit", str(log), "--expect", hashes[1]]) == 1


def test_end_cut_off_shows_in_the_last_hash(log: Path) -> None:
    last = entries(log)[-1]["hash"]
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:-1]))
    assert entries(log)[-1]["hash"] != last


def test_several_writers_keep_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    code = (
        "import sys; from shirube.audit import record\n"
        "for _ in range(10): record(*sys.argv[1:], {}, {})"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, path, "a run"]) for _ in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(entries(path)) == 30


@pytest.mark.parametrize("text", ["患者 名", "a\nb", "\x00\x1b", "{}", "\udcff"])
def test_odd_text_stays_one_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    record(path, text, {text: text}, {"path": Path("x")})
    assert len(path.read_bytes().splitlines()) == 1
    assert len(entries(path)) == 1


def test_run_is_recorded_with_the_data_it_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = {"patients": "p.tsv", "samples": "s.tsv", "provenance": {"audit": "state/a.jsonl"}}
    for name in ("p.tsv", "s.tsv"):
        Path(name).write_text(name)
    record_run("run started", config, "crate.json", ["snakemake", "--cores", "2"])
    Path("crate.json").write_text("{}")
    record_run("run finished", config, "crate.json", ["snakemake", "--cores", "2"])
    started, finished = entries("state/a.jsonl")
    assert set(started["data"]) == {"patients", "samples"}
    assert set(finished["data"]) == {"patients", "samples", "crate"}
    assert finished["options"] == {"command": ["snakemake", "--cores", "2"], "config": config}


def test_log_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="an audit log to write"):
        record(tmp_path / "file" / "audit.jsonl", "run", {}, {})
    with pytest.raises(InputError, match="an audit log to write"):
        record(tmp_path, "run", {}, {})


def test_command(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["audit", str(log)]) == 0
    out = capsys.readouterr().out
    assert "run 2: people 2" in out
    assert "3 entries, chain whole" in out
    assert cli.main(["audit", "--json", str(log)]) == 0
    assert [json.loads(x)["number"] for x in capsys.readouterr().out.splitlines()] == [1, 2, 3]
    log.write_text(log.read_text().replace("run 1", "run 9"))
    assert cli.main(["audit", str(log)]) == 1
    assert capsys.readouterr().err == (
        f"shirube audit: {log}: line 2: an entry whose hash is its own: altered\n"
    )
