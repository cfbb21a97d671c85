"""The audit log: chained, and every change of it noticed."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shirube.audit import FIRST, entries, record, record_run
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


def test_entry_cut_short_stops_further_writing(log: Path) -> None:
    good = log.read_bytes()
    log.write_bytes(good[:-5])
    with pytest.raises(InputError, match="it was cut"):
        record(log, "next", {}, {})
    assert log.read_bytes() == good[:-5]


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
