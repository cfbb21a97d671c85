"""From an HGVS name (c., n., g., m.) back to an edit of the chromosome."""

import re

from shirube.errors import ShirubeError
from shirube.genome.edits import Edit
from shirube.genome.sequence import Bases, reverse_complement
from shirube.genome.transcripts import Transcript

_PLACE = r"(?:\*|-)?\d+(?:[+-]\d+)?"
_NAME = re.compile(
    rf"^[cngm]\.(?P<first>{_PLACE})(?:_(?P<last>{_PLACE}))?"
    r"(?:(?P<old>[ACGT])>(?P<new>[ACGT])|(?P<what>delins|del|dup|inv|ins)(?P<bases>[ACGT]*))$"
)


class UnreadableNameError(ShirubeError):
    """A name that cannot be read, or not on this transcript."""


def position_of(transcript: Transcript, place: str) -> int:
    """0-based forward position of an HGVS place: 524, 673-2, *12+3, -29."""
    found = re.match(r"^([*-]?)(\d+)([+-]\d+)?$", place)
    if found is None:
        raise UnreadableNameError(f"{place}: not an HGVS place")
    sign, number, offset = found[1], int(found[2]), int(found[3] or 0)
    low, high = transcript.cds or (0, transcript.length)
    if sign == "*":
        index = high + number - 1
    elif sign == "-":
        index = low - number
    else:
        index = low + number - 1
    inside = min(max(index, 0), transcript.length - 1)
    at = transcript.position(inside)
    step = offset + index - inside
    return at + step if transcript.forward else at - step


def edit_from(transcript: Transcript, name: str) -> Edit:
    """Edit a c. or n. name describes; UnreadableNameError if it is none or its base differs."""
    found = _parts(name)
    first = position_of(transcript, found["first"])
    last = position_of(transcript, found["last"]) if found["last"] else first
    return _edit(name, found, first, last, transcript.sequence, transcript.forward)


def genomic_edit_from(sequence: Bases, name: str) -> Edit:
    """Edit a g. or m. name describes on its chromosome; UnreadableNameError as in `edit_from`."""
    found = _parts(name)
    numbers = [found["first"], found["last"] or found["first"]]
    if not all(number.isdigit() and 0 < int(number) <= sequence.size for number in numbers):
        raise UnreadableNameError(f"{name}: not a place of the chromosome")
    first, last = (int(number) - 1 for number in numbers)
    return _edit(name, found, first, last, sequence, True)


def _parts(name: str) -> re.Match[str]:
    found = _NAME.match(name)
    if found is None:
        raise UnreadableNameError(
            f"{name}: not a name of a substitution, del, dup, ins, inv or delins"
        )
    return found


def _edit(
    name: str, found: re.Match[str], first: int, last: int, sequence: Bases, is_forward: bool
) -> Edit:
    """The edit between two 0-based forward positions; bases of the name are of one strand."""
    start, end = min(first, last), max(first, last) + 1
    here = bytes(sequence[start:end]).decode()

    def forward(bases: str) -> str:
        return bases if is_forward else reverse_complement(bases)

    if found["old"]:
        if forward(found["old"]) != here:
            raise UnreadableNameError(f"{name}: the reference has {forward(here)} there")
        return Edit(start, end, forward(found["new"]))
    what, new = found["what"], forward(found["bases"])
    if what == "del":
        return Edit(start, end, "")
    if what == "dup":
        at = end if is_forward else start
        return Edit(at, at, here)
    if what == "inv":
        return Edit(start, end, reverse_complement(here))
    if what == "delins":
        return Edit(start, end, new)
    if end - start != 2:
        raise UnreadableNameError(f"{name}: an insertion lies between two neighbours")
    return Edit(start + 1, start + 1, new)
