"""The audit log: who ran what on which data with which options, each entry chained to the last.

One JSON object a line. `hash` is the SHA-256 of the entry without it, which holds the hash of the
entry before (`previous`), so that no entry can be changed, removed or put in between without every
later hash being wrong. Cutting entries off the end leaves a valid chain: keep the last hash
(`shirube audit` prints it) somewhere else, and give it to `shirube audit --expect` later.

A last line without an end is of a writer that was killed: the next entry sets it aside and says
what it held. A log that was altered is not written to; `record_anyway`, for what has been done
and cannot be refused any more, sets it aside whole and begins a new one that says so.
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


def user() -> str:
    """Who is at work; the number where there is no name for it, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid{os.getuid()}"


def entries(path: str | Path) -> list[dict[str, Any]]:
    """All entries of a log; InputError at the first that does not follow from the one before."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(path, f"an audit log to read ({error.strerror})") from error
    found, torn = _parsed(path, data)
    if torn:
        raise InputError(
            path,
            "a line end after the last entry: it was cut (the next entry will set it aside)",
            f"line {len(found) + 1}",
        )
    return found


def _parsed(path: str | Path, data: bytes) -> tuple[list[dict[str, Any]], bytes]:
    """Entries of a log's whole lines, and the torn last line, b"" if there is none."""
    found: list[dict[str, Any]] = []
    previous = FIRST
    *lines, torn = data.split(b"\n")
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
    return found, torn


def record(
    path: str | Path, action: str, data: Mapping[str, Any], options: Mapping[str, Any]
) -> str:
    """Append an entry and return its hash; an altered log is not written to (InputError).

    `data` says which data (names, counts, checksums), `options` how. Safe for several writers. A
    torn last line is set aside by an entry of its own, before this one.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _append(path, action, data, options)
    except OSError as error:
        raise InputError(path, f"an audit log to write ({error.strerror})") from error


def record_anyway(
    path: str | Path, action: str, data: Mapping[str, Any], options: Mapping[str, Any]
) -> str:
    """Record what is done already; return what was wrong with the log, '' if nothing.

    An altered log is kept beside, under the digest of its bytes, and a new chain begins with an
    entry that names it. A log that cannot be written at all is only told of.
    """
    path = Path(path)
    try:
        record(path, action, data, options)
        return ""
    except InputError as error:
        said = str(error)
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        aside = path.with_name(f"{path.name}.{digest[:16]}")
        os.link(path, aside)
        path.unlink()
        about = {"file": aside.name, "sha256": digest, "problem": said}
        record(path, "damaged log set aside", about, {})
        record(path, action, data, options)
    except (OSError, InputError) as error:
        return f"{said}; not recorded ({error})"
    return f"{said}; set aside as {aside.name}, a new log begins"


def _append(path: Path, action: str, data: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        written = path.read_bytes()
        before, torn = _parsed(path, written)
        last = before[-1]["hash"] if before else FIRST
        text = b""
        events: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = [(action, data, options)]
        if torn:
            held = {"bytes": len(torn), "text": torn.decode("utf-8", "backslashreplace")}
            events.insert(0, ("torn line set aside", held, {}))
        for number, (what, which, how) in enumerate(events, len(before) + 1):
            entry = {
                "number": number,
                "previous": last,
                "time": datetime.now(UTC).isoformat(timespec="seconds"),
                "user": user(),
                "uid": os.getuid(),
                "host": platform.node(),
                "action": what,
                "data": dict(which),
                "options": dict(how),
            }
            entry = json.loads(json.dumps(entry, ensure_ascii=False, default=str))
            last = _hash(entry)
            text += _line({**entry, "hash": last}) + b"\n"
        if torn:
            os.ftruncate(stream.fileno(), len(written) - len(torn))
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    return last


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
