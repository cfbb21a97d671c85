"""Damage done to good files, for tests of readers: the same every time."""

import os
from datetime import timedelta

from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

SCALE = float(os.environ.get("FUZZ", "1"))
_AWKWARD = (
    *(b"", b"\x00", b"\n", b"\r\n", b"\t", b"\t\t", b"\xff\xfe", b"\xef\xbb\xbf", "患".encode()),
    *(b".", b"-1", b"0", b"1e999", b"NaN", b"2147483648", b"99999999999999999999", b"<*>", b"*"),
    *(b"$(id)", b"../", b"%00", b"##", b"'", b'"'),
    *(bytes([c]) for c in b",;=#[]{}:|/"),
)
_FRACTION = st.floats(0, 1, exclude_max=True)
STEPS = st.lists(
    st.tuples(st.integers(0, 8), _FRACTION, _FRACTION, st.sampled_from(_AWKWARD)),
    min_size=1,
    max_size=4,
)


def mutated(raw: bytes, steps: list[tuple[int, float, float, bytes]]) -> bytes:
    """`raw` after each step: (kind of damage, where, how much or with whom, awkward bytes)."""
    for kind, at, other, awkward in steps:
        place, length = int(at * len(raw)), int(other**4 * len(raw))
        if kind == 0:
            raw = raw[:place] + bytes([int(other * 256)]) + raw[place + 1 :]
        elif kind == 1:
            raw = raw[:place] + raw[place + length :]
        elif kind == 2:
            raw = raw[:place] + raw[place : place + length] * 2 + raw[place + length :]
        elif kind == 3:
            raw = raw[:place] + awkward + raw[place:]
        elif kind == 4:
            raw = raw[:place]
        else:
            raw = _lines_mutated(raw, kind, at, other, awkward)
    return raw


def _lines_mutated(raw: bytes, kind: int, at: float, other: float, awkward: bytes) -> bytes:
    lines = raw.split(b"\n")
    one, two = int(at * len(lines)), int(other * len(lines))
    if kind == 5:
        lines[one], lines[two] = lines[two], lines[one]
    elif kind == 6:
        lines.insert(one, lines[two])
    elif kind == 7:
        del lines[one]
    else:
        cells = lines[one].split(b"\t")
        cells[int(other * len(cells))] = awkward
        lines[one] = b"\t".join(cells)
    return b"\n".join(lines)


def examples(number: int) -> hypothesis_settings:
    """Settings of a test on `number` damaged files, each ended within 30 s; FUZZ scales it."""
    return hypothesis_settings(
        max_examples=max(1, int(number * SCALE)),
        deadline=timedelta(seconds=30),
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
    )
