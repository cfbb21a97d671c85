"""Files that are whole or not there.

A job may be killed, or its disk fill up, in the middle of a write. What is being written lies
beside the result under a name made from the result's own, so the job that is run again finds and
removes it; the result appears under its name when it is complete.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Yield where to write; on leaving it becomes `path`, on an error it is removed."""
    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def scratch(path: str | Path) -> Iterator[Path]:
    """Yield an empty directory beside `path`, on its file system; removed on leaving."""
    path = Path(path)
    directory = path.with_name(f".{path.name}.scratch")
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def held(lock: Path) -> Iterator[None]:
    """Wait until no other process holds `lock`, and hold it; made with its directory if absent."""
    lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def synced(path: Path) -> None:
    """Wait until a file, or a directory's list of names, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replaced(path: Path, data: bytes) -> None:
    """Write `path` anew in one step, readable by its owner only, and on the disk."""
    fresh = path.with_name(f"{path.name}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(fresh, path)
    synced(path.parent)
