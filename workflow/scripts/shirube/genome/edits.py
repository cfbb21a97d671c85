"""An allele as an edit of the sequence: bases taken out, bases put in, where.

`start`, `end` are 0-based, half-open on the forward strand of the chromosome; `start == end` is an
insertion before the base at `start`. The 3' rule of HGVS (https://hgvs-nomenclature.org, General
recommendations) moves insertions and deletions as far as possible towards the end of the
sequence they are named on: to the right for g. and for transcripts of the forward strand, to the
left of the chromosome for transcripts of the reverse strand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from shirube.genome.sequence import Bases, reverse_complement


@dataclass(frozen=True)
class Edit:
    """Bases [start, end) replaced by `inserted` (forward strand)."""

    start: int
    end: int
    inserted: str

    @property
    def deleted(self) -> int:
        """Bases taken out."""
        return self.end - self.start


def edit_of(pos: int, ref: str, alt: str) -> Edit:
    """Edit of a VCF allele (1-based `pos`), without any base ref and alt share at their ends."""
    start = pos - 1
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    shared = 0
    while shared < min(len(ref), len(alt)) and ref[shared] == alt[shared]:
        shared += 1
    return Edit(start + shared, start + len(ref), alt[shared:])


def allele_of(edit: Edit, sequence: Bases) -> tuple[int, str, str]:
    """VCF allele (1-based pos, ref, alt) of an edit, behind the base before it where one is needed.

    The first base of a chromosome has none before it: the base behind the edit stands in.
    """
    removed = bytes(sequence[edit.start : edit.end]).decode()
    if removed and edit.inserted:
        return edit.start + 1, removed, edit.inserted
    if edit.start == 0:
        after = bytes(sequence[edit.end : edit.end + 1]).decode()
        return 1, removed + after, edit.inserted + after
    before = bytes(sequence[edit.start - 1 : edit.start]).decode()
    return edit.start, before + removed, before + edit.inserted


def shifted(edit: Edit, sequence: Bases, forward: bool) -> Edit:
    """`edit` moved as far right (`forward`) or left as it stays the same change.

    Only pure insertions and deletions move; unknown bases stop them.
    """
    start, end, inserted = edit.start, edit.end, edit.inserted
    if (inserted and end > start) or (not inserted and end == start):
        return edit
    size, moved = sequence.size, 0
    n = ord("N")
    if inserted:
        unit = inserted.encode()
        length = len(unit)
        if forward:
            while start + moved < size and sequence[start + moved] == unit[moved % length] != n:
                moved += 1
        else:
            while start - moved > 0 and (
                sequence[start - moved - 1] == unit[length - 1 - moved % length] != n
            ):
                moved += 1
        turn = moved % length
        inserted = (
            inserted[turn:] + inserted[:turn]
            if forward
            else inserted[length - turn :] + inserted[: length - turn]
        )
    elif forward:
        while end + moved < size and sequence[end + moved] == sequence[start + moved] != n:
            moved += 1
    else:
        while start - moved > 0 and sequence[start - moved - 1] == sequence[end - moved - 1] != n:
            moved += 1
    step = moved if forward else -moved
    return Edit(start + step, end + step, inserted)


def described(edit: Edit, sequence: Bases, forward: bool, label: Callable[[int], str]) -> str:
    """HGVS description of an edit already at its 3' place, without prefix: 12_14del, 7dup, 5A>G.

    `label` names the base at a 0-based forward position; `forward` is the strand of the sequence
    the name is for.
    """
    start, end = edit.start, edit.end
    removed = bytes(sequence[start:end]).decode()
    inserted = edit.inserted

    def span(first: int, last: int) -> str:
        a, b = (first, last) if forward else (last, first)
        return label(a) if a == b else f"{label(a)}_{label(b)}"

    if not forward:
        removed, inserted = reverse_complement(removed), reverse_complement(inserted)
    if not inserted:
        return f"{span(start, end - 1)}del" if removed else "="
    if not removed:
        size = len(inserted)
        low, high = (start - size, start) if forward else (start, start + size)
        if low >= 0 and bytes(sequence[low:high]).decode() == edit.inserted:
            return f"{span(low, high - 1)}dup"
        return f"{span(start - 1, start)}ins{inserted}"
    if len(removed) == len(inserted) == 1:
        return f"{label(start)}{removed}>{inserted}"
    if len(removed) == len(inserted) and removed == reverse_complement(inserted):
        return f"{span(start, end - 1)}inv"
    return f"{span(start, end - 1)}delins{inserted}"


KEPT = 50  # unchanged bases between two changes that are told one by one
_AHEAD = 400  # bases of a replacement that are searched for where both sides are equal again


def pieces(edit: Edit, sequence: Bases, kept: int = KEPT) -> list[Edit]:
    """The edits a long replacement is made of: between them lie `kept` unchanged bases or more."""
    old, new = bytes(sequence[edit.start : edit.end]), edit.inserted.encode()
    out, i, j = [], 0, 0
    while i < len(old) or j < len(new):
        found = _equal_again(old[i : i + _AHEAD], new[j : j + _AHEAD], kept)
        if found is None:
            a, b = len(old) - i, len(new) - j
        else:
            a, b = found
        if a or b:
            part = edit_of(edit.start + i + 1, old[i : i + a].decode(), new[j : j + b].decode())
            out.append(part)
        i, j = i + a, j + b
        same = min(len(old) - i, len(new) - j)
        differ = np.flatnonzero(
            np.frombuffer(old, np.uint8, same, i) != np.frombuffer(new, np.uint8, same, j)
        )
        step = int(differ[0]) if differ.size else same
        i, j = i + step, j + step
    return out


def _equal_again(old: bytes, new: bytes, kept: int) -> tuple[int, int] | None:
    """Fewest bases to leave out of both until `kept` are equal; None if they never are."""
    at: dict[bytes, int] = {}
    for b in range(len(new) - kept, -1, -1):
        at[new[b : b + kept]] = b
    found = (
        (a, at[old[a : a + kept]]) for a in range(len(old) - kept + 1) if old[a : a + kept] in at
    )
    return min(found, key=lambda pair: (sum(pair), pair), default=None)


def together(edits: Sequence[Edit], sequence: Bases) -> Edit | None:
    """One edit that does what several do; None if two of them change the same bases."""
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    parts, at = [], ordered[0].start
    for edit in ordered:
        if edit.start < at:
            return None
        parts += [bytes(sequence[at : edit.start]).decode(), edit.inserted]
        at = edit.end
    return Edit(ordered[0].start, at, "".join(parts))
