"""JSON files that prove they are whole.

A sealed file is one object, `content` and the `sha256` of it, written in one way only: any other
byte, white space included, is seen when it is read.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from shirube.errors import InputError
from shirube.files import replaced


def _sealed(content: Any) -> bytes:  # noqa: ANN401  (any JSON)
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return (json.dumps({"content": content, "sha256": digest}, indent=1) + "\n").encode()


def seal(path: Path, content: Any) -> None:  # noqa: ANN401
    """Write a sealed file in one step; keys of `content` are sorted."""
    ordered = json.loads(json.dumps(content, sort_keys=True))
    replaced(path, _sealed(ordered))


def unseal(path: Path, what: str) -> Any:  # noqa: ANN401
    """Content of a sealed file; InputError, naming it as `what`, if one byte is not its own."""
    try:
        data = path.read_bytes()
        content = json.loads(data)["content"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(path, f"{what} ({error})") from error
    if _sealed(content) != data:
        raise InputError(path, f"{what} as it was written: altered")
    return content
