"""Checksums of what a run promises to be the same every time."""

import gzip
import hashlib
from pathlib import Path


def body(path: Path) -> bytes:
    """Content of a result: decompressed, so that the compressor's version does not matter."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def checksums(results: Path) -> dict[str, str]:
    """Relative path -> SHA-256 of every file below `results` but indexes."""
    return {
        str(path.relative_to(results)): hashlib.sha256(body(path)).hexdigest()
        for path in sorted(results.rglob("*"))
        if path.is_file() and path.suffix not in (".tbi", ".csi")
    }
