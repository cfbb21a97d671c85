"""Insertions and deletions: which the alignments show, and which fragments carry one.

All positions are 0-based; bases are coded A C G T = 0 1 2 3, anything else 4. A read is judged
on the whole of its sequence, soft-clipped ends included, so that reads which carry an indel near
their end are counted although their alignment does not show it.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from shirube.reads.bam import BASES, FLAG, MAPQ, Batch, i32, u16
from shirube.reads.pileup import (
    OBSERVATION,
    base_at,
    bases_of,
    fragment_of,
    one_per_fragment,
    parts,
    quality_at,
    seen_forward,
)
from shirube.reads.reference import LETTER

NEAR = 60  # bases beside an indel within which a clipped read may still carry it


@njit(cache=True, nogil=True)
def _indels(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], min_mapq: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    count = 0
    for record in offsets:
        cigar, _, _, operations, _ = parts(data, record)
        for k in range(operations):
            count += (i32(data, cigar + 4 * k) & 15) in (1, 2)
    read, anchor = np.empty(count, np.int32), np.empty(count, np.int32)
    length_, query_ = np.empty(count, np.int32), np.empty(count, np.int32)
    at = 0
    for index in range(len(offsets)):
        record = offsets[index]
        if data[record + MAPQ] < min_mapq:
            continue
        cigar, _, _, operations, _ = parts(data, record)
        position, query = i32(data, record + 4), 0
        for k in range(operations):
            word = i32(data, cigar + 4 * k) & 0xFFFFFFFF
            operation, length = word & 15, word >> 4
            if operation in (1, 2) and 0 < k < operations - 1:
                read[at], anchor[at], query_[at] = index, position - 1, query
                length_[at] = length if operation == 1 else -length
                at += 1
            if operation in (0, 2, 3, 7, 8):
                position += length
            if operation in (0, 1, 4, 7, 8):
                query += length
    return read[:at], anchor[:at], length_[:at], query_[:at]


@dataclass(frozen=True, order=True)
class Indel:
    """An insertion, a deletion or both at once (delins), moved as far left as it goes.

    anchor    position of the base before it
    deleted   number of reference bases removed
    inserted  bases put in, as letters
    """

    anchor: int
    deleted: int
    inserted: str


def left_aligned(indel: Indel, codes: NDArray[np.uint8], offset: int) -> Indel:
    """`indel` moved left while the sequence it makes stays the same; a delins stays.

    `codes` is the reference from position `offset` on; the move stops at its start.
    """
    anchor = indel.anchor
    if indel.deleted and indel.inserted:
        return indel
    if indel.deleted and not indel.inserted:
        while anchor > offset and codes[anchor - offset] == codes[anchor + indel.deleted - offset]:
            anchor -= 1
        return Indel(anchor, indel.deleted, "")
    inserted = indel.inserted
    while anchor > offset and inserted[-1] == LETTER[codes[anchor - offset]]:
        inserted = inserted[-1] + inserted[:-1]
        anchor -= 1
    return Indel(anchor, 0, inserted)


def indel_counts(
    batch: Batch, codes: NDArray[np.uint8], offset: int, min_mapq: int
) -> Counter[Indel]:
    """How many alignments show each indel (left-aligned, only A C G T inserted)."""
    found: Counter[Indel] = Counter()
    seen: Counter[tuple[int, int, bytes]] = Counter()
    for read, anchor, length, query in zip(
        *_indels(batch.data, batch.offsets, min_mapq), strict=True
    ):
        if not offset <= anchor < offset + len(codes) - abs(length) - 1:
            continue
        inserted = b""
        if length > 0:
            bases = bases_of(batch.data, batch.offsets[read], query, length)
            if (bases == 4).any():
                continue
            inserted = bases.tobytes()
        seen[int(anchor), max(0, -int(length)), inserted] += 1
    for (anchor, deleted, inserted), count in seen.items():
        letters = "".join(LETTER[code] for code in inserted)
        found[left_aligned(Indel(anchor, deleted, letters), codes, offset)] += count
    return found


def roll(indel: Indel, codes: NDArray[np.uint8], offset: int) -> int:
    """Bases the left-aligned `indel` can be moved right without changing the sequence."""
    if indel.deleted and indel.inserted:
        return 0
    at, moved = indel.anchor + 1 - offset, 0
    unit = (
        codes[at : at + indel.deleted]
        if indel.deleted
        else np.array([LETTER.index(base) for base in indel.inserted], np.uint8)
    )
    after = codes[at + indel.deleted :]
    while moved < len(after) and after[moved] == unit[moved % len(unit)]:
        moved += 1
    return moved


@njit(cache=True, nogil=True)
def anchors(
    data: NDArray[np.uint8], record: int, left: int, right: int
) -> tuple[int, int, int, int]:
    """Query index of reference positions `left` and `right`, with the aligned bases beyond each.

    The index of `left` is carried on from alignment left of it, that of `right` from alignment
    right of it, both through a soft clip without a gap; -1 where the read has no such alignment.
    """
    cigar, _, _, operations, bases = parts(data, record)
    position, query = i32(data, record + 4), 0
    from_left, left_support, from_right, right_support = -1, 0, -1, 0
    for k in range(operations):
        word = i32(data, cigar + 4 * k) & 0xFFFFFFFF
        operation, length = word & 15, word >> 4
        if operation in (0, 7, 8):
            if position <= left:
                from_left = query + left - position
                left_support += min(length, left - position + 1)
                if left >= position + length and k + 1 < operations:
                    after = (i32(data, cigar + 4 * (k + 1)) & 0xFFFFFFFF) & 15
                    if after != 4:
                        from_left = -1
            if position + length > right:
                if from_right < 0:
                    before = (i32(data, cigar + 4 * (k - 1)) & 0xFFFFFFFF) & 15 if k else 4
                    if position <= right or before == 4:
                        from_right = query + right - position
                if from_right >= 0 or position > right:
                    right_support += min(length, position + length - right)
            position += length
            query += length
        elif operation in (2, 3):
            position += length
        elif operation in (1, 4):
            query += length
    if from_left >= bases or from_left < 0:
        from_left, left_support = -1, 0
    if from_right < 0 or from_right >= bases:
        from_right, right_support = -1, 0
    return from_left, left_support, from_right, right_support


@njit(cache=True, nogil=True)
def _mismatch(
    data: NDArray[np.uint8],
    record: int,
    query: int,
    step: int,
    limit: int,
    template: NDArray[np.uint8],
) -> float:
    """Sum of qualities (each at most 40) of bases unlike `template`, walking by `step`."""
    _, sequence, qualities, _, bases = parts(data, record)
    total = 0.0
    for k in range(min(limit, len(template))):
        at = query + step * k
        if at < 0 or at >= bases:
            break
        if base_at(data, sequence, at) != template[k]:
            total += min(quality_at(data, qualities, at), 40)
    return total


@njit(cache=True, nogil=True)
def _observe_indel(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    left: int,
    right: int,
    forward: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    backward: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    min_mapq: int,
    min_support: int,
    out: NDArray[np.void],
) -> int:
    filled = 0
    for index in range(len(offsets)):
        record = offsets[index]
        if (
            data[record + MAPQ] < min_mapq
            or starts[index] > right + NEAR
            or ends[index] < left - NEAR
        ):
            continue
        from_left, left_support, from_right, right_support = anchors(data, record, left, right)
        if max(left_support, right_support) < min_support:
            continue
        bases = i32(data, record + BASES)
        if left_support >= right_support:
            if from_left < 0 or from_left + 1 >= bases:
                continue
            room, query, step = bases - from_left - 1, from_left + 1, 1
            for_ref = _mismatch(data, record, query, step, room, forward[0])
            for_alt = _mismatch(data, record, query, step, room, forward[1])
        else:
            if from_right < 1:
                continue
            room, query, step = from_right, from_right - 1, -1
            for_ref = _mismatch(data, record, query, step, room, backward[0])
            for_alt = _mismatch(data, record, query, step, room, backward[1])
        row = out[filled]
        row.site = 0
        row.read = index
        row.fragment = fragment_of(data, record)
        row.allele = 1 if for_ref - for_alt >= 13 else (0 if for_alt - for_ref >= 13 else -1)
        if min(for_ref, for_alt) > 100:
            row.allele = 2
        row.reverse = data[record + FLAG] & 16 != 0
        row.forward = seen_forward(u16(data, record + FLAG))
        row.mapq = data[record + MAPQ]
        row.edge = min(query, bases - 1 - query)
        row.for_ref = for_ref
        row.for_alt = for_alt
        filled += 1
    return filled


def observe_indel(
    batch: Batch,
    indel: Indel,
    codes: NDArray[np.uint8],
    offset: int,
    min_mapq: int,
    min_support: int = 8,
    flank: int = 40,
) -> NDArray[np.void]:
    """How well each fragment fits the reference and the haplotype with `indel`.

    for_ref, for_alt: summed phred qualities of the mismatches to each, over the bases beyond the
    indel as far as `flank` past all places it can be moved to. allele: 1 indel, 0 reference,
    2 neither, -1 no telling (the read ends before the two differ).
    """
    moved = roll(indel, codes, offset)
    at = indel.anchor + 1 - offset
    inserted = np.array([LETTER.index(base) for base in indel.inserted], np.uint8)
    reach = moved + len(inserted) + indel.deleted + flank
    after = codes[at + indel.deleted :]
    forward = (codes[at:][:reach].copy(), np.concatenate([inserted, after[:reach]])[:reach])
    edge = at + indel.deleted + moved
    plain = codes[max(edge - reach, 0) : edge]
    changed = np.concatenate(
        [codes[max(at - reach, 0) : at], inserted, codes[at + indel.deleted : edge]]
    )[-reach:]
    backward = (plain[::-1].copy(), changed[::-1].copy())
    left, right = indel.anchor, edge + offset
    span = int((batch.end - batch.start).max(initial=0))
    low, high = np.searchsorted(batch.start, [left - NEAR - span, right + NEAR + 1])
    out = np.empty(high - low, OBSERVATION)
    filled = _observe_indel(
        batch.data,
        batch.offsets[low:high],
        batch.start[low:high],
        batch.end[low:high],
        left,
        right,
        forward,
        backward,
        min_mapq,
        min_support,
        out,
    )
    out["read"] += low
    rows = out[:filled]
    return one_per_fragment(rows, np.abs(rows["for_ref"] - rows["for_alt"]))
