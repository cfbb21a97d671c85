"""`shirube encrypt`: recipients can read the copies, others cannot, and the log says who."""

import io
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from crypt4gh.keys import get_private_key
from crypt4gh.keys.c4gh import generate
from crypt4gh.lib import decrypt

from shirube.audit import entries
from shirube.cli import main as cli
from shirube.crate.encrypted import fingerprint, public_key


@pytest.fixture(name="keys")
def _keys(tmp_path: Path) -> dict[str, Path]:
    """Secret keys of three people; the public ones end in .pub."""
    out = {}
    for name in ("clinic", "archive", "stranger"):
        out[name] = tmp_path / "keys" / name
        out[name].parent.mkdir(exist_ok=True)
        generate(str(out[name]), f"{out[name]}.pub", None, None)
    return out


@pytest.fixture(name="results")
def _results(tmp_path: Path) -> Path:
    folder = tmp_path / "P1"
    (folder / "sub").mkdir(parents=True)
    (folder / "report.json").write_bytes(b"{}")
    (folder / "sub" / "large.bin").write_bytes(bytes(range(256)) * 600)  # several segments
    (folder / "empty").touch()
    return folder


def opened(path: Path, key: Path) -> bytes:
    """Content of an encrypted file by the holder of `key`."""
    out = io.BytesIO()
    secret = get_private_key(str(key), lambda: "")
    with path.open("rb") as stream:
        decrypt([(0, secret, None)], stream, out)
    return out.getvalue()


def encrypt(tmp_path: Path, results: Path, keys: dict[str, Path], *more: str) -> int:
    words = ["encrypt", str(results), "--out", str(tmp_path / "sent")]
    words += ["--audit", str(tmp_path / "audit.jsonl")]
    for name in ("clinic", "archive"):
        words += ["--to", f"{keys[name]}.pub"]
    return cli.main([*words, *more])


def test_each_recipient_reads_every_file(
    tmp_path: Path, results: Path, keys: dict[str, Path]
) -> None:
    assert encrypt(tmp_path, results, keys) == 0
    for name in ("report.json", "sub/large.bin", "empty"):
        copy = tmp_path / "sent" / "P1" / f"{name}.c4gh"
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        for reader in ("clinic", "archive"):
            assert opened(copy, keys[reader]) == (results / name).read_bytes()
        with pytest.raises(ValueError, match="No supported encryption method"):
            opened(copy, keys["stranger"])
    assert b"report" not in (tmp_path / "sent/P1/report.json.c4gh").read_bytes()


def test_command_of_the_recipient(tmp_path: Path, results: Path, keys: dict[str, Path]) -> None:
    encrypt(tmp_path, results, keys)
    program = Path(sys.executable).parent / "crypt4gh"
    with (tmp_path / "sent/P1/report.json.c4gh").open("rb") as stream:
        words = [program, "decrypt", "--sk", keys["clinic"]]
        done = subprocess.run(words, stdin=stream, capture_output=True, check=True)
    assert done.stdout == b"{}"


def test_log_says_what_for_whom(tmp_path: Path, results: Path, keys: dict[str, Path]) -> None:
    encrypt(tmp_path, results, keys)
    (entry,) = entries(tmp_path / "audit.jsonl")
    assert entry["action"] == "results encrypted"
    assert set(entry["data"]) == {str(p) for p in results.rglob("*") if p.is_file()}
    readers = [fingerprint(public_key(f"{keys[name]}.pub")) for name in ("clinic", "archive")]
    assert entry["options"]["recipients"] == readers


def test_refusals(
    tmp_path: Path, results: Path, keys: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert encrypt(tmp_path, results, keys) == 0
    assert encrypt(tmp_path, results, keys) == 1
    assert "no file of this name yet" in capsys.readouterr().err
    assert encrypt(tmp_path, tmp_path / "absent", keys) == 1
    assert "a file or a directory" in capsys.readouterr().err
    for text in ("", "nothing", "-----BEGIN CRYPT4GH PUBLIC KEY-----\nAAAA\n-----END-----\n"):
        bad = tmp_path / "bad.pub"
        bad.write_text(text)
        assert encrypt(tmp_path, results, keys, "--to", str(bad)) == 1
        assert "bad.pub: a " in capsys.readouterr().err
    assert len(entries(tmp_path / "audit.jsonl")) == 1


def test_two_files_of_one_name(
    tmp_path: Path, results: Path, keys: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "report.json").write_text("other")
    two = [str(tmp_path / "report.json"), str(results / "report.json")]
    words = ["encrypt", *two, "--to", f"{keys['clinic']}.pub", "--out", str(tmp_path / "sent")]
    assert cli.main([*words, "--audit", str(tmp_path / "audit.jsonl")]) == 1
    assert "two would become one" in capsys.readouterr().err
    assert not (tmp_path / "sent").exists()
