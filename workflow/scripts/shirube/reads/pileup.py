"""What reads say about single bases: counts, and per-fragment observations of candidates.

All positions are 0-based; bases are coded A C G T = 0 1 2 3, anything else 4.
"""

from collections.abc import Iterator

import numpy as np
from numba import njit
from numpy.typing import NDArray

from shirube.reads.bam import BASES, CIGAR_COUNT, FLAG, MAPQ, NAME, Batch, i32, u16

PAIRED, REVERSE, FIRST = 1, 16, 64
_NIBBLE = np.array([4, 0, 1, 4, 2, 4, 4, 4, 3, 4, 4, 4, 4, 4, 4, 4], np.uint8)
NO_QUALITY = 25  # phred assumed where a file keeps no base qualities
OBSERVATION = np.dtype(
    [
        ("site", np.int32),
        ("read", np.int32),
        ("fragment", np.uint64),
        ("allele", np.int8),
        ("reverse", np.bool_),
        ("forward", np.bool_),
        ("mapq", np.uint8),
        ("edge", np.int16),
        ("for_ref", np.float32),
        ("for_alt", np.float32),
    ]
)


@njit(cache=True, nogil=True)
def parts(data: NDArray[np.uint8], record: int) -> tuple[int, int, int, int, int]:
    """Offsets of cigar, sequence and qualities of a record; its numbers of cigar words, bases."""
    operations, bases = u16(data, record + CIGAR_COUNT), i32(data, record + BASES)
    cigar = record + NAME + int(data[record + 8])
    sequence = cigar + 4 * operations
    return cigar, sequence, sequence + (bases + 1) // 2, operations, bases


@njit(nogil=True)  # without cache: no kernel compiles with a generator that was loaded from one
def aligned(data: NDArray[np.uint8], record: int) -> Iterator[tuple[int, int, int]]:
    """Stretches of aligned bases of a record: position, index of the first base, length of each."""
    cigar, _, _, operations, _ = parts(data, record)
    position, query = i32(data, record + 4), 0
    for k in range(operations):
        word = i32(data, cigar + 4 * k) & 0xFFFFFFFF
        operation, length = word & 15, word >> 4
        if operation in (0, 7, 8):
            yield position, query, length
        if operation in (0, 2, 3, 7, 8):
            position += length
        if operation in (0, 1, 4, 7, 8):
            query += length


@njit(cache=True, nogil=True)
def base_at(data: NDArray[np.uint8], sequence: int, index: int) -> int:
    """Code of base `index` of the packed sequence that begins at byte `sequence`."""
    byte = np.int64(data[sequence + index // 2])
    return int(_NIBBLE[byte >> 4 if index % 2 == 0 else byte & 15])


@njit(cache=True, nogil=True)
def quality_at(data: NDArray[np.uint8], qualities: int, index: int) -> int:
    """Phred quality of base `index`; NO_QUALITY where the file keeps none."""
    quality = int(data[qualities + index])
    return NO_QUALITY if quality == 255 else quality


@njit(cache=True, nogil=True)
def fragment_of(data: NDArray[np.uint8], record: int) -> np.uint64:
    """FNV-1a hash of the read name: the same for both mates."""
    value = np.uint64(14695981039346656037)
    for at in range(record + NAME, record + NAME + np.int64(data[record + 8]) - 1):
        value = (value ^ np.uint64(data[at])) * np.uint64(1099511628211)
    return value


@njit(cache=True, nogil=True)
def seen_forward(flag: int) -> bool:
    """Whether the first read of the pair (or the only read) runs along the reference: F1R2."""
    reverse = flag & REVERSE != 0
    if not flag & PAIRED:
        return not reverse
    return (flag & FIRST != 0) != reverse


@njit(cache=True, nogil=True)
def counts_from(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    begin: NDArray[np.int32],
    start: int,
    end: int,
    min_baseq: int,
) -> NDArray[np.int32]:
    """Reads with A, C, G, T at each position of [start, end), each read from its `begin` on."""
    counts = np.zeros((end - start, 4), np.int32)
    for index in range(len(offsets)):
        record = offsets[index]
        _, sequence, qualities, _, _ = parts(data, record)
        low = max(start, int(begin[index]))
        for position, query, length in aligned(data, record):
            for step in range(max(low - position, 0), min(length, end - position)):
                base = base_at(data, sequence, query + step)
                if base < 4 and quality_at(data, qualities, query + step) >= min_baseq:
                    counts[position + step - start, base] += 1
    return counts


def base_counts(
    batch: Batch, start: int, end: int, min_mapq: int, min_baseq: int
) -> NDArray[np.int32]:
    """Reads with A, C, G, T at each position of [start, end): (positions, 4) int32.

    Mates that overlap are both counted: this finds candidates, `observe_*` judges them.
    """
    offsets = batch.offsets[batch.data[batch.offsets + MAPQ] >= min_mapq]
    whole = np.zeros(len(offsets), np.int32)
    return counts_from(batch.data, offsets, whole, start, end, min_baseq)


@njit(cache=True, nogil=True)
def bases_of(data: NDArray[np.uint8], record: int, first: int, length: int) -> NDArray[np.uint8]:
    """Codes of `length` bases of a record from query index `first` on."""
    sequence = parts(data, record)[1]
    out = np.empty(length, np.uint8)
    for k in range(length):
        out[k] = base_at(data, sequence, first + k)
    return out


@njit(cache=True, nogil=True)
def _observe_bases(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    sites: NDArray[np.int32],
    min_mapq: int,
    min_baseq: int,
    out: NDArray[np.void],
) -> int:
    """Fill `out` with the base each read has at each site; number filled (counts only if short)."""
    filled = 0
    for index in range(len(offsets)):
        record = offsets[index]
        if data[record + MAPQ] < min_mapq:
            continue
        site = np.searchsorted(sites, starts[index])
        if site == len(sites) or sites[site] >= ends[index]:
            continue
        cigar, sequence, qualities, operations, bases = parts(data, record)
        fragment = fragment_of(data, record)
        lead = i32(data, cigar) & 0xFFFFFFFF
        tail = i32(data, cigar + 4 * (operations - 1)) & 0xFFFFFFFF
        first = lead >> 4 if lead & 15 == 4 else 0
        last = bases - 1 - (tail >> 4 if tail & 15 == 4 else 0)
        for position, query, length in aligned(data, record):
            while site < len(sites) and sites[site] < position:  # deleted in this read
                site += 1
            while site < len(sites) and sites[site] < position + length:
                at = query + sites[site] - position
                base = base_at(data, sequence, at)
                quality = quality_at(data, qualities, at)
                if base < 4 and quality >= min_baseq:
                    if filled < len(out):
                        row = out[filled]
                        row.site = site
                        row.read = index
                        row.fragment = fragment
                        row.allele = base
                        row.reverse = data[record + FLAG] & 16 != 0
                        row.forward = seen_forward(u16(data, record + FLAG))
                        row.mapq = data[record + MAPQ]
                        row.edge = min(at - first, last - at)
                        row.for_ref = quality
                        row.for_alt = 0.0
                    filled += 1
                site += 1
    return filled


def observe_bases(
    batch: Batch, sites: NDArray[np.int32], min_mapq: int, min_baseq: int
) -> NDArray[np.void]:
    """Bases of the reads at `sites` (ascending): one OBSERVATION a fragment and site.

    allele is the base, for_ref its phred quality. Mates that overlap count once, with the better
    base; mates that disagree do not count.
    """
    room = max(1024, 64 * len(sites))
    arguments = (batch.data, batch.offsets, batch.start, batch.end, sites, min_mapq, min_baseq)
    out = np.empty(room, OBSERVATION)
    filled = _observe_bases(*arguments, out)
    if filled > room:
        out = np.empty(filled, OBSERVATION)
        _observe_bases(*arguments, out)
    return one_per_fragment(out[:filled], out["for_ref"][:filled])


def one_per_fragment(rows: NDArray[np.void], weight: NDArray[np.float32]) -> NDArray[np.void]:
    """Rows with one of each (site, fragment): the heaviest; none where alleles disagree."""
    order = np.lexsort((rows["read"], -weight, rows["fragment"], rows["site"]))
    rows = rows[order]
    same = (rows["site"][1:] == rows["site"][:-1]) & (rows["fragment"][1:] == rows["fragment"][:-1])
    clash = same & (rows["allele"][1:] != rows["allele"][:-1])
    first = np.concatenate([[True], ~same])[: len(rows)]
    clashing = np.concatenate([clash, [False]])[: len(rows)]
    return rows[first & ~clashing]
