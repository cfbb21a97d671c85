"""The audit log: who ran what on which data with which options, each entry chained to the last.

One JSON object a line. `hash` is the SHA-256 of the entry without it, which holds the hash of the
entry before (`previous`), so that no entry can be changed, removed or put in between without every
later hash being wrong. Cutting entries off the end leaves a valid chain: keep the last hash
(`shirube audit` prints it) somewhere else.
"""

import fcntl
import getpass
import hashlib
import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shirube.errors import InputError

FIRST = "0" * 64


def _hash(entry: Mapping[str, Any]) -> str:
    text = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _line(entry: Mapping[str, Any]) -> bytes:
    """The one way an entry is written, so that not even white space can be changed."""
    text = json.dumps(entry, ensure_ascii=False, sort_keys=True)
    return text.encode("utf-8", "backslashreplace")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return ""


def entries(path: str | Path) -> list[dict[str, Any]]:
    """All entries of a log; InputError at the first that does not follow from the one before."""
    found: list[dict[str, Any]] = []
    previous = FIRST
    try:
        lines = Path(path).read_bytes().split(b"\n")
    except OSError as error:
        raise InputError(path, f"an audit log to read ({error.strerror})") from error
    if lines.pop():
        raise InputError(
            path, "a line end after the last entry: it was cut", f"line {len(lines) + 1}"
        )
    for number, line in enumerate(lines, 1):
        where = f"line {number}"
        try:
            entry = json.loads(line)
            written = _line(entry)
            stated = entry.pop("hash")
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise InputError(path, "an entry of the audit log: altered", where) from error
        if entry.get("previous") != previous or entry.get("number") != number:
            raise InputError(path, "the entry after the one before: one is gone or moved", where)
        if _hash(entry) != stated or written != line:
            raise InputError(path, "an entry whose hash is its own: altered", where)
        found.append({**entry, "hash": stated})
        previous = stated
    return found


def record(
    path: str | Path, action: str, data: Mapping[str, Any], options: Mapping[str, Any]
) -> str:
    """Append an entry and return its hash; a damaged log is not written to (InputError).

    `data` says which data (names, counts, checksums), `options` how. Safe for several writers.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _append(path, action, data, options)
    except OSError as error:
        raise InputError(path, f"an audit log to write ({error.strerror})") from error


def _append(path: Path, action: str, data: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        before = entries(path)
        entry = {
            "number": len(before) + 1,
            "previous": before[-1]["hash"] if before else FIRST,
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "user": _user(),
            "uid": os.getuid(),
            "host": platform.node(),
            "action": action,
            "data": dict(data),
            "options": dict(options),
        }
        entry = json.loads(json.dumps(entry, ensure_ascii=False, default=str))
        digest = _hash(entry)
        stream.write(_line({**entry, "hash": digest}) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    return digest


def record_run(action: str, config: Mapping[str, Any], crate: str, command: list[str]) -> str:
    """Record that a run started, finished or failed: its sheets, its crate if it has one."""
    files = {key: Path(config[key]) for key in ("patients", "samples")} | {"crate": Path(crate)}
    data = {
        key: hashlib.sha256(path.read_bytes()).hexdigest()
        for key, path in files.items()
        if path.is_file()
    }
    return record(
        config["provenance"]["audit"], action, data, {"command": command, "config": config}
    )
