"""Knowledge files from their publishers, by address and checksum.

A run never reaches for the network; `shirube fetch` does, when asked. A file arrives whole and
with the right checksum or not at all. What was fetched before an interruption is kept beside it
and continued where the server can; proxies are taken from the environment (https_proxy).
"""

import hashlib
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from http.client import HTTPException, HTTPResponse, IncompleteRead
from pathlib import Path

from shirube.errors import InputError

_CHUNK = 1 << 20
_ATTEMPTS = 4  # at one address, each going on where the last one broke off
SCHEMES = ("https://", "http://", "ftp://", "file://")
# What a file of this ending begins with: a portal's page of apology is no gene model.
_MAGIC = {".gz": b"\x1f\x8b", ".bgz": b"\x1f\x8b", ".zip": b"PK"}
Progress = Callable[[int, int | None], None]


def _digest(path: Path, name: str) -> str:
    digest = hashlib.new(name, usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    return _digest(path, "sha256")


def _validator(part: Path) -> Path:
    return part.with_name(f"{part.name}.validator")


def _answer(url: str, start: int, validator: str) -> tuple[HTTPResponse, int]:
    """The opened address from byte `start`, and where it really starts (0 if it cannot).

    A server that has another file by now than the one that was begun sends it whole (If-Range).
    """
    headers = {"Range": f"bytes={start}-", "If-Range": validator} if start and validator else {}
    stream = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60)
    return stream, start if getattr(stream, "status", None) == 206 else 0


def _received(url: str, part: Path, progress: Progress | None) -> None:
    """Append what is missing of `url` to `part`; OSError if it broke off before its end."""
    start = part.stat().st_size if part.exists() else 0
    noted = _validator(part)
    try:
        stream, start = _answer(url, start, noted.read_text() if noted.exists() else "")
    except urllib.error.HTTPError as error:
        if error.code != 416:  # nothing is left to send: the part is whole, or of another file
            raise
        return
    noted.write_text(stream.headers.get("ETag") or stream.headers.get("Last-Modified") or "")
    with stream, part.open("ab" if start else "wb") as out:
        length = stream.headers.get("Content-Length")
        total = start + int(length) if length else None
        size = start
        while block := stream.read(_CHUNK):
            size += out.write(block)
            if progress:
                progress(size, total)
    if total is not None and size < total:
        raise IncompleteRead(b"", total - size)


def _refuse_page(url: str, part: Path) -> None:
    with part.open("rb") as stream:
        head = stream.read(512)
    magic = next((m for ending, m in _MAGIC.items() if url.split("?")[0].endswith(ending)), None)
    page = head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))
    if page or (magic and not head.startswith(magic)):
        found = "a web page" if page else "something else"
        raise InputError(url, f"the file itself, found {found} (a login or a moved address?)")


def published_checksum(url: str) -> tuple[str, str]:
    """(algorithm, hexadecimal digest) that a publisher offers beside a file (.md5, .sha256)."""
    try:
        with urllib.request.urlopen(url, timeout=60) as stream:
            text = stream.read(4096).decode("utf-8", "replace")
    except (urllib.error.URLError, OSError, HTTPException) as error:
        raise InputError(url, f"a published checksum ({error})") from error
    match = re.search(r"\b(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{32})\b", text)
    if not match:
        raise InputError(url, "an MD5 or SHA-256 in hexadecimal")
    return ("sha256" if len(match[0]) == 64 else "md5"), match[0].lower()


def _one_address(
    url: str, part: Path, expected: tuple[str, str] | None, progress: Progress | None
) -> None:
    failure: Exception | None = None
    for _ in range(_ATTEMPTS):
        try:
            _received(url, part, progress)
            failure = None
            break
        except urllib.error.HTTPError as error:
            raise InputError(url, f"an answer ({error})") from error
        except (urllib.error.URLError, OSError, HTTPException) as error:
            failure = error
            if not url.startswith("http"):
                break
    if failure is not None:
        raise InputError(url, f"an answer to its end ({failure})") from failure
    if not part.is_file():
        raise InputError(url, "a file")
    try:
        if not part.stat().st_size:
            raise InputError(url, "a file that is not empty")
        _refuse_page(url, part)
        if expected:
            found = _digest(part, expected[0])
            if found != expected[1]:
                raise InputError(
                    url, f"{expected[0]} {expected[1][:12]}..., found {found[:12]}...: not kept"
                )
    except InputError:  # whole, and not what was asked for: continuing it would be no use
        part.unlink()
        _validator(part).unlink(missing_ok=True)
        raise


def fetched(
    url: str | Sequence[str],
    sha256: str | None,
    path: Path,
    progress: Progress | None = None,
    published: tuple[str, str] | None = None,
) -> int:
    """Download to `path` from the first address that gives the right file; return its size.

    `sha256`, or `published` (algorithm, digest), is what the file must have; without either the
    caller pins what arrived. InputError, naming each address and why, if none gave it; what
    arrived of a broken transfer stays beside `path` (`.name.part`) for the next attempt.
    """
    addresses = [url] if isinstance(url, str) else list(url)
    for address in addresses:
        if not address.startswith(SCHEMES):
            raise InputError(address, f"an address that begins with one of {', '.join(SCHEMES)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    reasons = []
    for address in addresses:
        try:
            _one_address(address, part, ("sha256", sha256) if sha256 else published, progress)
        except InputError as error:
            reasons.append(error)
            continue
        part.replace(path)
        _validator(part).unlink(missing_ok=True)
        return path.stat().st_size
    if len(reasons) == 1:
        raise reasons[0]
    raise InputError(
        path, f"one of {len(addresses)} addresses to give it: {'; '.join(map(str, reasons))}"
    )
