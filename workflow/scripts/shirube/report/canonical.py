"""The one byte form of a JSON value, so that its hash means its content."""

import json


def canonical_bytes(value: object) -> bytes:
    """Sorted keys, two spaces, UTF-8, no NaN, a newline at the end."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False)
    return (text + "\n").encode("utf-8")
