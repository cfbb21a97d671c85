"""The reads over one small window, base by base: what a picture of a pile-up shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pysam import AlignedSegment, AlignmentFile

from shirube.genome.intervals import Interval

MIN_MAPQ = 20
_DELETED, _CLIPPED = "-", "~"


@dataclass(frozen=True)
class WindowRead:
    """One read where it covers a window.

    start: window column (0-based) of the first character; bases: one character a reference
    position, upper case letters, `-` deleted, `~` skipped; low: columns (from start) of base
    quality below the caller's threshold; inserted: column before which bases are inserted -> them;
    fragment: name shared by the two reads of a pair.
    """

    start: int
    bases: str
    low: frozenset[int]
    inserted: dict[int, str]
    reverse: bool
    fragment: str = ""


def _kept(read: AlignedSegment) -> bool:
    ignored = read.is_unmapped or read.is_secondary or read.is_supplementary or read.is_duplicate
    return not (ignored or read.is_qcfail) and read.mapping_quality >= MIN_MAPQ


def _columns(read: AlignedSegment, window: Interval, min_baseq: int) -> WindowRead | None:
    sequence, qualities = read.query_sequence, read.query_qualities
    if sequence is None or read.cigartuples is None:
        return None
    bases: dict[int, str] = {}
    low, inserted = set(), {}
    at, query = read.reference_start, 0
    for operation, length in read.cigartuples:
        if operation in (0, 7, 8):
            for step in range(max(0, window.start - at), min(length, window.end - at)):
                column = at + step - window.start
                bases[column] = sequence[query + step].upper()
                if qualities is not None and qualities[query + step] < min_baseq:
                    low.add(column)
        elif operation in (2, 3):
            mark = _DELETED if operation == 2 else _CLIPPED
            for step in range(max(0, window.start - at), min(length, window.end - at)):
                bases[at + step - window.start] = mark
        elif operation == 1 and window.start < at <= window.end:
            inserted[at - window.start] = sequence[query : query + length].upper()
        if operation in (0, 2, 3, 7, 8):
            at += length
        if operation in (0, 1, 4, 7, 8):
            query += length
    if not bases:
        return None
    first, last = min(bases), max(bases)
    text = "".join(bases.get(c, _CLIPPED) for c in range(first, last + 1))
    return WindowRead(
        first,
        text,
        frozenset(c - first for c in low),
        inserted,
        bool(read.is_reverse),
        str(read.query_name),
    )


def window_reads(
    path: str | Path, fasta: str | Path, window: Interval, min_baseq: int = 13
) -> Iterator[WindowRead]:
    """Reads of a BAM or CRAM (indexed) that count as evidence, in the order of the file."""
    with AlignmentFile(str(path), reference_filename=str(fasta)) as reads:
        for read in reads.fetch(window.contig, window.start, window.end):
            if _kept(read) and (found := _columns(read, window, min_baseq)):
                yield found
