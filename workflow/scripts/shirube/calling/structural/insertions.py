"""Insertions that no read spans: clipped ends that face each other, and what they hold.

Reads of an insertion end in it on both sides: a pile of clips right of a base, and one left of
the base after it. Copies of a mobile element repeat 5 to 20 bases of the target on both sides, so
the piles cross by as many; a target may also lose a few. The consensus of a pile is one end of
what was inserted; where both ends overlap, it is all of it. A tail of A (or T) and the family,
from sequences the user supplies, tell a mobile element.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shirube.calling.structural.adjacency import outward_clip
from shirube.calling.structural.packed import Clips
from shirube.errors import InputError
from shirube.reads.clips import overlap
from shirube.reads.junctions import Breakend, Junction
from shirube.reads.reference import LETTER, code

MAX_CROSSED, MAX_LOST, MIN_END, MIN_PILE, LEAST_INSERTED = 30, 10, 15, 2, 50
MIN_AGREEMENT, TAIL, TAIL_SHARE = 0.9, 12, 0.9
MIN_ON = 8  # bases beyond an insertion that show that reads span it
WORD, MIN_SHARE = 12, 0.3  # bases of the words by which a family is known, and their least share


def consensus(clips: Sequence[Junction], strand: str) -> NDArray[np.uint8]:
    """Most frequent base at each distance from the breakend, as far as the longest clip goes."""
    outward = [outward_clip(clip.sequence, strand) for clip in clips]
    votes = np.zeros((max(map(len, outward)), 5), np.int32)
    for codes in outward:
        votes[np.arange(len(codes)), codes] += 1
    return votes[:, :4].argmax(axis=1).astype(np.uint8)


def agreement(clips: Sequence[Junction], strand: str, bases: NDArray[np.uint8]) -> float:
    """Share of the clipped bases that are those of the consensus."""
    outward = [outward_clip(clip.sequence, strand) for clip in clips]
    same = sum(int((codes == bases[: len(codes)]).sum()) for codes in outward)
    return same / sum(map(len, outward))


def _plain(bases: NDArray[np.uint8]) -> bool:
    """Whether next to all bases are one."""
    return bool(np.bincount(bases, minlength=4).max() >= TAIL_SHARE * len(bases))


def _piles(clips: Clips) -> dict[tuple[str, str], dict[int, tuple[NDArray[np.uint8], int]]]:
    """(contig, strand) -> position -> (consensus, fragments) of piles whose clips agree."""
    out: dict[tuple[str, str], dict[int, tuple[NDArray[np.uint8], int]]] = {}
    for (contig, strand, pos), pile in clips.piles():
        fragments = len({clip.fragment for clip in pile})
        if fragments < MIN_PILE:
            continue
        bases = consensus(pile, strand)
        if len(bases) >= MIN_END and agreement(pile, strand, bases) >= MIN_AGREEMENT:
            out.setdefault((contig, strand), {})[pos] = bases, fragments
    return out


def insertions(clips: Clips) -> Iterator[tuple[Breakend, str]]:
    """(breakend left of it, what was inserted) of piles that face each other; N what is unknown."""
    piles = _piles(clips)
    for contig in sorted({key[0] for key in piles}):
        ahead, behind = piles.get((contig, "+"), {}), piles.get((contig, "-"), {})
        for pos in sorted(ahead):
            near = [
                other
                for other in range(pos + 1 - MAX_CROSSED, pos + 1 + MAX_LOST + 1)
                if other in behind
            ]
            if not near:
                continue
            other = max(near, key=lambda p: (behind[p][1], -p))
            head, tail = ahead[pos][0], behind[other][0]
            towards = _read(tail)
            if _plain(head) and _plain(towards):
                continue
            shared = overlap(head, towards)
            letters = "".join(LETTER[c] for c in head)
            rest = "".join(LETTER[c] for c in towards[shared:])
            inserted = letters + rest if shared else f"{letters}N{rest}"
            if not shared or len(inserted) >= LEAST_INSERTED:
                yield Breakend(contig, pos, "+"), inserted


def goes_on(inserted: str, before: NDArray[np.uint8], after: NDArray[np.uint8]) -> bool:
    """Whether clips leave what was inserted and read on in the reference: reads do span it.

    `before` and `after` are the reference's bases left and right of the place. Such an insertion
    is shorter than the clips, and a matter of small variants; one whose middle is not known only
    seems long.
    """
    head, gap, tail = inserted.partition("N")
    if not gap:
        return False
    ahead, behind = code(head), code(tail)
    for n in range(MIN_ON, len(head)):
        if (ahead[-n:] == after[:n]).all():
            return True
    return any((behind[:n] == before[-n:]).all() for n in range(MIN_ON, len(tail)))


def _read(outward: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bases that leave a breakend of strand -, as they stand on the forward strand."""
    return np.where(outward < 4, 3 - outward, 4).astype(np.uint8)[::-1]


def supporting(clips: Clips, left: Breakend, inserted: str) -> Iterator[int]:
    """Fragments whose clips at the two sides of an insertion hold what was inserted."""
    before, _, after = inserted.partition("N")
    ends = code(before or after), code(after or before)
    for strand, first, low, high in (
        ("+", ends[0], left.pos, left.pos),
        ("-", ends[1], left.pos + 1 - MAX_CROSSED, left.pos + 1 + MAX_LOST),
    ):
        expected = first if strand == "+" else _read(first)
        for clip in clips.between(left.contig, strand, low, high):
            bases = outward_clip(clip.sequence, strand)[: len(expected)]
            if len(bases) >= 8 and (bases != expected[: len(bases)]).mean() <= 0.1:
                yield clip.fragment


def has_tail(inserted: str) -> bool:
    """Whether an end of what was inserted is a run of A, or of T: the tail of a retrotransposon."""
    ends = [part for part in inserted.split("N") if part]
    if not ends:
        return False
    head, last = ends[0][:TAIL], ends[-1][-TAIL:]
    return any(
        len(text) == TAIL and text.count(base) >= TAIL_SHARE * TAIL
        for text, base in ((head, "T"), (last, "A"))
    )


def read_families(path: str | Path) -> dict[str, str]:
    """Sequences of mobile elements by name, from a FASTA file of the user's.

    Raises InputError, naming the line, for text that is none.
    """
    found: dict[str, str] = {}
    name = ""
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if text.startswith(">"):
            name = text[1:].split()[0] if text[1:].split() else ""
            if not name or name in found:
                raise InputError(path, f"every name once; found {text}", f"line {number}")
            found[name] = ""
        elif text:
            if not name:
                raise InputError(path, "a name (>...) before the first sequence", f"line {number}")
            if text.upper().strip("ACGTN"):
                raise InputError(path, "bases A, C, G, T or N", f"line {number}")
            found[name] += text.upper()
    bare = [name for name, sequence in found.items() if not sequence]
    if bare or not found:
        raise InputError(path, f"a sequence for each name; none for {', '.join(bare) or 'any'}")
    return found


def family_of(inserted: str, families: Mapping[str, str]) -> str | None:
    """Name of the sequence most of whose words the insertion has, on either strand; None: none."""
    ends = [part for part in inserted.split("N") if part]
    words = {part[n : n + WORD] for part in ends for n in range(len(part) - WORD + 1)}
    words = {word for word in words if max(map(word.count, "ACGT")) <= WORD - 3}
    if not words:
        return None
    best, share = None, MIN_SHARE
    for name, sequence in sorted(families.items()):
        for text in (sequence, sequence.translate(_COMPLEMENT)[::-1]):
            found = sum(word in text for word in words) / len(words)
            if found > share:
                best, share = name, found
    return best


_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
