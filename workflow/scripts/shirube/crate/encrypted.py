"""Copies of results that only the holders of some keys can read (GA4GH Crypt4GH).

The recipients' public keys are all that is needed; the sender's key is made for each file and
forgotten. `crypt4gh decrypt --sk THEIR_KEY` restores a file.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from crypt4gh.keys import get_public_key
from crypt4gh.lib import encrypt

from shirube.crate.inventory import files_below
from shirube.errors import InputError

SUFFIX = ".c4gh"
_KEY_BYTES = 32


def public_key(path: str | Path) -> bytes:
    """A Crypt4GH or ed25519 SSH public key; InputError if the file holds none."""
    try:
        key = bytes(get_public_key(str(path)))
    except (OSError, ValueError, NotImplementedError, IndexError) as error:
        raise InputError(path, f"a Crypt4GH or SSH (ed25519) public key ({error})") from error
    if len(key) != _KEY_BYTES:
        raise InputError(path, f"a public key of {_KEY_BYTES} bytes, found {len(key)}")
    return key


def fingerprint(key: bytes) -> str:
    """SHA-256 of a public key, by which the audit log names who can read a copy."""
    return hashlib.sha256(key).hexdigest()


def sources(paths: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    """(file, place below the output) of every file named or below a directory named."""
    for path in paths:
        if path.is_dir():
            for name in files_below(path):
                yield Path(name), Path(path.resolve().name) / os.path.relpath(name, path)
        elif path.is_file():
            yield path, Path(path.name)
        else:
            raise InputError(path, "a file or a directory")


def write_encrypted(source: Path, target: Path, keys: Sequence[bytes]) -> None:
    """Encrypt `source` to `target` for the holders of `keys`; nothing half-written is left."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(target.name + ".part")
    packets = [(0, os.urandom(_KEY_BYTES), key) for key in keys]
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(source, "rb") as plain, os.fdopen(descriptor, "wb") as sealed:
            encrypt(packets, plain, sealed)
        part.rename(target)
    except OSError as error:
        raise InputError(target, f"a file to write ({error.strerror})") from error
    finally:
        part.unlink(missing_ok=True)
