"""Reads that say two distant places are joined: discordant pairs, split reads, clipped ends.

A breakend is (contig, position, strand): the sequence kept lies left of the position and ends
with it (strand +), or right of it and begins with it (strand -). Positions here are 1-based, as
in the STRUCTURAL contract.

pair   mates that do not face each other within `max_insert`: each says its breakend lies beyond
       its inner end
split  a read the aligner placed in two pieces (SA tag): both breakends to the base
clip   a read of which `min_clip` bases or more did not align: one breakend to the base, and the
       sequence beyond it
"""

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from shirube.genome.intervals import Interval, merged
from shirube.reads.bam import (
    BASES,
    CIGAR_COUNT,
    DUPLICATE,
    FLAG,
    MAPQ,
    MATE_POS,
    MATE_REF,
    NAME,
    QC_FAIL,
    SECONDARY,
    SUPPLEMENTARY,
    TEMPLATE,
    UNMAPPED,
    Batch,
    contig_order,
    i32,
    read_windows,
    u16,
    windows,
)
from shirube.reads.pileup import bases_of, fragment_of
from shirube.reads.reference import LETTER

PAIRED, MATE_UNMAPPED, REVERSE, MATE_REVERSE, FIRST = 1, 8, 16, 32, 64
EXCLUDE = UNMAPPED | SECONDARY | QC_FAIL | DUPLICATE | SUPPLEMENTARY
STEP, READ_THROUGH = 20_000, 5
_CIGAR = re.compile(r"(\d+)([MIDNSHP=X])")
_AUX_SIZE = {b"A": 1, b"c": 1, b"C": 1, b"s": 2, b"S": 2, b"i": 4, b"I": 4, b"f": 4}


@dataclass(frozen=True, order=True, slots=True)
class Breakend:
    """One side of a junction."""

    contig: str
    pos: int
    strand: str


@dataclass(frozen=True, slots=True)
class Junction:
    """What one read says. `upper` is None and `sequence` the clipped bases for a clip."""

    kind: str
    fragment: int
    mate: int
    mapq: int
    lower: Breakend
    upper: Breakend | None
    homology: int = 0
    sequence: str = ""


@njit(cache=True, nogil=True)
def _interesting(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], min_mapq: int, max_insert: int, clip: int
) -> NDArray[np.int64]:
    """Indices of reads that are clipped by `clip` bases or more, or in a discordant pair."""
    keep = np.zeros(len(offsets), np.bool_)
    for index in range(len(offsets)):
        record = offsets[index]
        if data[record + MAPQ] < min_mapq:
            continue
        flag, count = u16(data, record + FLAG), u16(data, record + CIGAR_COUNT)
        cigar = record + NAME + int(data[record + 8])
        for at in (cigar, cigar + 4 * (count - 1)):
            word = i32(data, at) & 0xFFFFFFFF
            if word & 15 in (4, 5) and word >> 4 >= clip:
                keep[index] = True
        if flag & PAIRED and not flag & MATE_UNMAPPED:
            position, mate = i32(data, record + 4), i32(data, record + MATE_POS)
            forward, mate_forward = not flag & REVERSE, not flag & MATE_REVERSE
            if (
                i32(data, record) != i32(data, record + MATE_REF)
                or abs(mate - position) > max_insert
                or forward == mate_forward
                or (forward and mate < position - 50)
                or (not forward and mate > position + 50)
            ):
                keep[index] = True
    return np.flatnonzero(keep)


def _alternative(record: bytes, at: int) -> str:
    """Value of the SA tag in the aux fields that begin at `at`; empty if there is none."""
    while at + 3 <= len(record):
        tag, kind = record[at : at + 2], record[at + 2 : at + 3]
        at += 3
        if kind in (b"Z", b"H"):
            end = record.index(b"\0", at)
            if tag == b"SA":
                return record[at:end].decode()
            at = end + 1
        elif kind == b"B":
            size = _AUX_SIZE[record[at : at + 1]]
            at += 5 + size * int.from_bytes(record[at + 1 : at + 5], "little")
        else:
            at += _AUX_SIZE[kind]
    return ""


@dataclass(frozen=True)
class _Piece:
    """One aligned piece of a read: where, and which bases of the read as sequenced it explains."""

    contig: str
    start: int
    end: int
    reverse: bool
    first: int
    last: int
    mapq: int

    @property
    def tail(self) -> Breakend:
        """Breakend at its end as sequenced."""
        if self.reverse:
            return Breakend(self.contig, self.start + 1, "-")
        return Breakend(self.contig, self.end, "+")

    @property
    def head(self) -> Breakend:
        """Breakend at its beginning as sequenced."""
        if self.reverse:
            return Breakend(self.contig, self.end, "+")
        return Breakend(self.contig, self.start + 1, "-")


def _piece(contig: str, start: int, reverse: bool, cigar: str, mapq: int) -> _Piece:
    parts = [(int(length), operation) for length, operation in _CIGAR.findall(cigar)]
    lead = parts[0][0] if parts[0][1] in "SH" else 0
    tail = parts[-1][0] if parts[-1][1] in "SH" else 0
    covered = sum(length for length, operation in parts if operation in "MDN=X")
    used = sum(length for length, operation in parts if operation in "MI=X")
    first = tail if reverse else lead
    return _Piece(contig, start, start + covered, reverse, first, first + used, mapq)


def _joined(
    pieces: tuple[_Piece, _Piece], fragment: int, mate: int, bases: str, bases_reversed: bool
) -> Junction:
    """Junction of two pieces of a read; `bases` as in the record."""
    one, two = sorted(pieces, key=lambda p: (p.first, p.last))
    overlap = one.last - two.first
    inserted = ""
    if overlap < 0:
        low, high = one.last, two.first
        sequenced = _reverse_complement(bases) if bases_reversed else bases
        inserted = sequenced[low:high]
    left, right = one.tail, two.head
    if right < left:
        left, right = right, left
        inserted = _reverse_complement(inserted)
    homology = max(overlap, 0)
    if homology:  # both pieces hold these bases: leave them to the upper side
        shift = -homology if left.strand == "+" else homology
        left = Breakend(left.contig, left.pos + shift, left.strand)
    mapq = min(one.mapq, two.mapq)
    return Junction("split", fragment, mate, mapq, left, right, homology, inserted)


_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")


def _reverse_complement(bases: str) -> str:
    return bases.translate(_COMPLEMENT)[::-1]


def _of_read(
    batch: Batch,
    index: int,
    names: Sequence[str],
    min_mapq: int,
    max_insert: int,
    min_clip: int,
) -> Iterator[Junction]:
    data, record = batch.data, int(batch.offsets[index])
    flag, mapq = u16(data, record + FLAG), int(data[record + MAPQ])
    contig, start, end = names[i32(data, record)], int(batch.start[index]), int(batch.end[index])
    count, length = u16(data, record + CIGAR_COUNT), i32(data, record + BASES)
    fragment = int(fragment_of(data, record))
    mate_number = 1 if flag & FIRST or not flag & PAIRED else 2
    reverse = bool(flag & REVERSE)
    if flag & PAIRED and not flag & MATE_UNMAPPED:
        mate_contig, mate = names[i32(data, record + MATE_REF)], i32(data, record + MATE_POS)
        mate_reverse = bool(flag & MATE_REVERSE)
        here = Breakend(contig, start + 1, "-") if reverse else Breakend(contig, end, "+")
        there = Breakend(mate_contig, mate + 1, "-" if mate_reverse else "+")
        faces = contig == mate_contig and reverse != mate_reverse
        inward = faces and ((start <= mate + 50) if not reverse else (mate <= start + 50))
        if not (inward and abs(mate - start) <= max_insert):
            lower, upper = sorted((here, there))
            yield Junction("pair", fragment, mate_number, mapq, lower, upper)
    cigar_at = record + NAME + int(data[record + 8])
    words = [i32(data, cigar_at + 4 * k) & 0xFFFFFFFF for k in range(count)]
    clips = [word >> 4 if word & 15 == 4 else 0 for word in (words[0], words[-1])]
    if max(clips) < min_clip:
        return
    bases = "".join(LETTER[code] for code in bases_of(data, record, 0, length))
    raw = data[record : record + i32(data, record - 4)].tobytes()
    auxiliary = NAME + int(data[record + 8]) + 4 * count + (length + 1) // 2 + length
    others = _alternative(raw, auxiliary)
    placed = False  # a piece that could be anywhere (a mobile element) is a clip, and no split
    if others:
        text = "".join(f"{word >> 4}{'MIDNSHP=X'[word & 15]}" for word in words)
        own = _piece(contig, start, reverse, text, mapq)
        for other in others.rstrip(";").split(";"):
            name, pos, strand, cigar, quality, _ = other.split(",")
            placed = placed or int(quality) >= min_mapq
            piece = _piece(name, int(pos) - 1, strand == "-", cigar, int(quality))
            yield _joined((own, piece), fragment, mate_number, bases, reverse)
    if placed:
        return
    # A fragment no longer than what is aligned ends there: beyond it the read shows adapter.
    span = abs(i32(data, record + TEMPLATE))
    if flag & PAIRED and 0 < span <= end - start + READ_THROUGH:
        clips[0 if reverse else 1] = 0
    if clips[0] >= min_clip:
        place = Breakend(contig, start + 1, "-")
        yield Junction("clip", fragment, mate_number, mapq, place, None, sequence=bases[: clips[0]])
    if clips[1] >= min_clip:
        place = Breakend(contig, end, "+")
        yield Junction(
            "clip", fragment, mate_number, mapq, place, None, sequence=bases[-clips[1] :]
        )


def junctions(
    path: str,
    reference: str,
    regions: Sequence[Interval],
    min_mapq: int,
    max_insert: int,
    min_clip: int,
) -> Iterator[Junction]:
    """Junctions that the reads of a file show which start in `regions`."""
    order = contig_order(path)
    cut = windows((r for r in regions if r.contig in order), STEP, order)
    if not cut:
        return
    for window, (batch, names) in zip(
        cut, read_windows(path, reference, cut, 0, EXCLUDE), strict=True
    ):
        chosen = _interesting(batch.data, batch.offsets, min_mapq, max_insert, min_clip)
        for index in chosen:
            if window.start <= batch.start[index] < window.end:
                yield from _of_read(batch, int(index), names, min_mapq, max_insert, min_clip)


def sample_junctions(
    path: str,
    reference: str,
    regions: Sequence[Interval],
    min_mapq: int,
    max_insert: int,
    min_clip: int,
) -> Iterator[Junction]:
    """Junctions of `regions`, and of the places outside them where mates of their reads lie.

    In a targeted panel the partner of a fused gene is often no target: places where three or more
    pairs from the regions point to are read too, so that both mates can be judged.
    """
    arguments = (min_mapq, max_insert, min_clip)
    mates: dict[str, array[int]] = {}
    for junction in junctions(path, reference, regions, *arguments):
        if junction.kind == "pair" and junction.upper is not None:
            for end in (junction.lower, junction.upper):
                mates.setdefault(end.contig, array("q")).append(end.pos)
        yield junction
    yield from junctions(path, reference, _outside(mates, regions, max_insert), *arguments)


def _outside(
    mates: Mapping[str, Sequence[int]], regions: Sequence[Interval], reach: int
) -> list[Interval]:
    """Places that three or more of `mates`, positions by contig, point to and no region covers."""
    targets = []
    for contig, positions in sorted(mates.items()):
        own = sorted((r.start, r.end) for r in regions if r.contig == contig)
        starts, ends = np.array([r[0] for r in own]), np.array([r[1] for r in own])
        places = np.sort(np.array(positions))
        if len(own):
            at = np.searchsorted(starts, places, side="right") - 1
            places = places[(at < 0) | (places > ends[np.maximum(at, 0)])]
        for group in np.split(places, np.flatnonzero(np.diff(places) > reach // 2) + 1):
            if len(group) >= 3:
                low, high = int(group[0]) - reach, int(group[-1]) + reach
                targets += _uncovered(Interval(contig, max(low, 0), high), own)
    return merged(targets)


def _uncovered(interval: Interval, covered: Sequence[tuple[int, int]]) -> list[Interval]:
    """Parts of `interval` outside the sorted `covered`, so that no read is taken twice."""
    out, at = [], interval.start
    for low, high in covered:
        if high <= at or low >= interval.end:
            continue
        if low > at:
            out.append(Interval(interval.contig, at, low))
        at = max(at, high)
    if at < interval.end:
        out.append(Interval(interval.contig, at, interval.end))
    return out


def depths_at(
    path: str, reference: str, ends: Iterable[Breakend], min_mapq: int
) -> dict[Breakend, int]:
    """Fragments with a read over the base of each breakend, in one pass over sorted places."""
    order = contig_order(path)
    places: dict[Interval, list[Breakend]] = {}
    for end in ends:
        places.setdefault(Interval(end.contig, end.pos - 1, end.pos), []).append(end)
    cut = windows(places, STEP, order)
    found: dict[Breakend, int] = {}
    for place, (batch, _) in zip(cut, read_windows(path, reference, cut, 0, EXCLUDE), strict=True):
        depth = _fragments(batch.data, batch.offsets, min_mapq)
        found |= dict.fromkeys(places[place], depth)
    return found


@njit(cache=True, nogil=True)
def _fragments(data: NDArray[np.uint8], offsets: NDArray[np.int64], min_mapq: int) -> int:
    """Different fragments among the reads of `min_mapq` or better."""
    names = np.empty(len(offsets), np.uint64)
    count = 0
    for record in offsets:
        if data[record + MAPQ] >= min_mapq:
            names[count] = fragment_of(data, record)
            count += 1
    names = np.sort(names[:count])
    return int(count > 0) + int((names[1:] != names[:-1]).sum())
