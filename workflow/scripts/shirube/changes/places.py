"""Alleles on a coding transcript, and which of them act as one.

Alleles act as one on a molecule if they touch one codon, if a later one lies in the frame that an
earlier one opened and none has closed, or if both lie at one splice site of which one takes an
essential base. A frame that is open ends at its first stop; a second shift up to REACH bases
further is of the same change all the same: which of the two a reader means cannot be told from the
names of their parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shirube.annotate.effects import SPLICE_EXON, SPLICE_INTRON, spliced_span, spliced_text
from shirube.genome.amino import to_stop
from shirube.genome.edits import Edit, edit_of, shifted, together
from shirube.genome.transcripts import Transcript

REACH = 60


@dataclass(frozen=True, eq=False)
class Place:
    """One allele (`row`: pos, ref, alt and what is known of it) on a coding transcript."""

    row: dict[str, Any]
    transcript: Transcript

    @cached_property
    def edit(self) -> Edit:
        """The allele as an edit."""
        return edit_of(self.row["pos"], self.row["ref"], self.row["alt"])

    @cached_property
    def coding(self) -> tuple[int, int] | None:
        """Range of coding bases (0 is the first of the start codon); None if it takes others.

        An indel in a repeat ranges over all bases it may stand for.
        """
        tx = self.transcript
        assert tx.cds is not None
        low, high = tx.cds
        ends, named = self._ends, self._ends[tx.forward]  # named: as HGVS places it
        for start, end in ((ends[0].start, ends[1].end), (named.start, named.end)):
            if self._exon(start, end) is not None:
                first, last = spliced_span(tx, Edit(start, end, ""))
                return (first - low, last - low) if first >= low and last <= high else None
        return None

    @cached_property
    def _ends(self) -> tuple[Edit, Edit]:
        """The allele as far left and as far right as it stays the same change."""
        sequence = self.transcript.sequence
        return shifted(self.edit, sequence, False), shifted(self.edit, sequence, True)

    def _exon(self, start: int, end: int) -> tuple[int, int] | None:
        """The exon that holds all of [start, end)."""
        exons = zip(self.transcript.starts.tolist(), self.transcript.ends.tolist(), strict=True)
        return next(((a, b) for a, b in exons if a <= start and end <= b), None)

    @property
    def spliced(self) -> Edit:
        """The allele of coding bases inside their exon, moved no further than to get there.

        An indel of a repeat over an acceptor stands, moved left, in the intron.
        """
        edit, named = self.edit, self._ends[self.transcript.forward]
        exon = self._exon(named.start, named.end)
        assert exon is not None
        step = min(max(edit.start, exon[0]), exon[1] - edit.deleted) - edit.start
        turn = step % len(edit.inserted) if edit.inserted else 0
        return Edit(edit.start + step, edit.end + step, edit.inserted[turn:] + edit.inserted[:turn])

    @cached_property
    def codons(self) -> tuple[int, int]:
        """First and last codon touched; the last is the smaller where it lies between two."""
        assert self.coding is not None
        first, last = self.coding
        if first == last:
            return first // 3, first // 3 - (first % 3 == 0)
        return first // 3, (last - 1) // 3

    @property
    def shift(self) -> int:
        """Coding bases gained; 0 at a splice site."""
        return len(self.edit.inserted) - self.edit.deleted if self.coding else 0

    @cached_property
    def sites(self) -> frozenset[tuple[int, bool]]:
        """Splice sites in whose region it lies: intron and whether its lower end."""
        return self._near(SPLICE_EXON, SPLICE_INTRON)

    @cached_property
    def broken(self) -> frozenset[tuple[int, bool]]:
        """Splice sites of which it takes an essential base."""
        return self._near(0, 2)

    def _near(self, exonic: int, intronic: int) -> frozenset[tuple[int, bool]]:
        start, end = self.edit.start, self.edit.end
        found = set()
        introns = zip(self.transcript.ends[:-1], self.transcript.starts[1:], strict=True)
        for number, (low, high) in enumerate(introns):
            for a, b, lower in (
                (low - exonic, low + intronic, True),
                (high - intronic, high + exonic, False),
            ):
                if a < start < b if start == end else start < b and end > a:
                    found.add((number, lower))
        return frozenset(found)

    @property
    def order(self) -> tuple[int, int]:
        """Sorts alleles in the transcript's direction."""
        edit = self.edit
        return (edit.start, edit.end) if self.transcript.forward else (-edit.end, -edit.start)


def placed(row: dict[str, Any], transcript: Transcript) -> Place | None:
    """The allele on the transcript; None where it touches neither codon nor splice site."""
    found = Place(row, transcript)
    return found if found.coding or found.sites else None


def one_edit(places: Sequence[Place]) -> Edit | None:
    """One edit that does what all do; None if two of them change the same bases.

    An indel that stands in an intron and means the exon is put there, unless another allele changes
    the bases between.
    """
    edits = [place.edit for place in places]
    for number, place in enumerate(places):
        moved = place.spliced if place.coding else place.edit
        low, high = min(moved.start, place.edit.start), max(moved.end, place.edit.end)
        others = edits[:number] + edits[number + 1 :]
        if all(other.end <= low or other.start >= high for other in others):
            edits[number] = moved
    return together(edits, places[0].transcript.sequence)


def frame_end(members: Sequence[Place], stops: int = 1) -> int:
    """Coding base at which the frame that `members` leave open ends: behind its n-th stop."""
    tx = members[0].transcript
    assert tx.cds is not None
    edits = [member.spliced for member in members if member.coding]
    low, start = tx.cds[0], min(spliced_span(tx, edit)[0] for edit in edits)
    start -= (start - low) % 3
    text = spliced_text(tx, edits, start, len(tx.rna))
    gained = sum(member.shift for member in members)
    at = 0
    for _ in range(stops):
        read = to_stop(text[at:], tx.code)
        at += 3 * len(read)
        if not read.endswith("*"):
            break
    return start - low + at - gained


def _reach(place: Place) -> tuple[int, int]:
    """Coding bases within which another allele may act with this one."""
    assert place.coding is not None
    first, last = place.codons
    end = 3 * (last + 1)
    if place.shift % 3:
        end = max(end, frame_end([place], 2), place.coding[1] + REACH)
    return 3 * first, end


def neighbourhoods(places: Sequence[Place]) -> list[list[Place]]:
    """Alleles of a transcript that may act as one if they lie on one molecule, two or more each."""
    ordered = sorted(places, key=lambda place: place.order)
    group = list(range(len(ordered)))

    def join(i: int, j: int) -> None:
        old, new = group[i], group[j]
        group[:] = [new if one == old else one for one in group]

    before, end = -1, -1
    for i, place in enumerate(ordered):
        if place.coding:
            first, last = _reach(place)
            if before >= 0 and first < end:
                join(i, before)
            before, end = i, max(end, last)
        for j, other in enumerate(ordered[:i]):
            if _at_one_site(place, other):
                join(i, j)
    found = [[p for p, one in zip(ordered, group, strict=True) if one == k] for k in set(group)]
    return sorted((run for run in found if len(run) > 1), key=lambda run: run[0].order)


def _at_one_site(one: Place, other: Place) -> bool:
    return bool(one.sites & other.broken or one.broken & other.sites)


def groups(places: Sequence[Place]) -> list[list[Place]]:
    """Alleles of one molecule as changes: each list acts as one."""
    rest = sorted(places, key=lambda place: place.order)
    out = []
    while rest:
        group, rest = rest[:1], rest[1:]
        while (joins := _joins(group, rest)) is not None:
            group, rest = group + rest[: joins + 1], rest[joins + 1 :]
        out.append(group)
    return out


def _joins(group: Sequence[Place], rest: Sequence[Place]) -> int | None:
    """Which of `rest` is the next of the group; all before it lie between and are of it too."""
    coding = [place for place in group if place.coding]
    last = max((place.codons[1] for place in coding), default=-1)
    behind = max((place.coding[1] for place in coding if place.coding), default=-1)
    open_ = sum(place.shift for place in coding) % 3 != 0
    end = frame_end(coding) if open_ else -1
    for index, place in enumerate(rest):
        if any(_at_one_site(place, other) for other in group):
            return index
        if place.coding is None:
            continue
        first = place.coding[0]
        if place.codons[0] <= last or (open_ and first < end):
            return index
        if open_ and place.shift % 3 and first - behind <= REACH:
            return index
    return None
