"""Knowledge files from their publishers, by address and checksum.

A run never reaches for the network; `shirube fetch` does, when asked. A file arrives whole and
with the configured sha256 or not at all.
"""

import hashlib
import urllib.error
import urllib.request
from pathlib import Path

from shirube.errors import InputError

_CHUNK = 1 << 20
SCHEMES = ("https://", "http://", "ftp://", "file://")


def fetched(url: str, sha256: str, path: Path) -> int:
    """Download `url` to `path`; return its size. InputError if it is not what was asked for."""
    if not url.startswith(SCHEMES):
        raise InputError(url, f"an address that begins with one of {', '.join(SCHEMES)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    digest, size = hashlib.sha256(), 0
    try:
        with urllib.request.urlopen(url, timeout=60) as stream, part.open("wb") as out:
            while block := stream.read(_CHUNK):
                digest.update(block)
                size += out.write(block)
        if digest.hexdigest() != sha256:
            raise InputError(
                url, f"sha256 {sha256[:12]}..., found {digest.hexdigest()[:12]}...: not kept"
            )
        part.replace(path)
    except (urllib.error.URLError, OSError) as error:
        raise InputError(url, f"an answer ({error})", str(path)) from error
    finally:
        part.unlink(missing_ok=True)
    return size


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()
