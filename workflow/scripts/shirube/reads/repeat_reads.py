"""Reads of one repeat locus: those on it, and mates that lie elsewhere or nowhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pysam import AlignedSegment, AlignmentFile

from shirube.errors import InputError
from shirube.genome.intervals import Interval

AROUND, NEAR, ANCHOR_MAPQ, MOST_MATES = 1000, 150, 20, 500
_CODES = np.full(256, 4, np.uint8)
_CODES[np.frombuffer(b"ACGT", np.uint8)] = np.arange(4)


@dataclass(frozen=True)
class LocusReads:
    """What a sample's reads give at a locus.

    on       (name, codes) of reads whose alignment (clips included) reaches the repeat
    mates    codes of mates of reads anchored beside it, mapped elsewhere or not at all
    depth    mean depth beside the repeat
    length   length of a read (median); fragment: length of a fragment (median)
    """

    on: list[tuple[str, NDArray[np.uint8]]]
    mates: list[NDArray[np.uint8]]
    depth: float
    length: int
    fragment: int


def codes_of(bases: str) -> NDArray[np.uint8]:
    """Codes (A C G T = 0 1 2 3, else 4) of a text of bases."""
    return _CODES[np.frombuffer(bases.encode(), np.uint8)]


def _usable(read: AlignedSegment) -> bool:
    unusable = read.is_secondary or read.is_supplementary or read.is_duplicate or read.is_qcfail
    return not unusable and bool(read.query_sequence)


def _ends(read: AlignedSegment) -> tuple[int, int]:
    """Where the read would begin and end on the reference if its clips were aligned."""
    cigar = read.cigartuples or []
    lead = cigar[0][1] if cigar and cigar[0][0] == 4 else 0
    tail = cigar[-1][1] if cigar and cigar[-1][0] == 4 else 0
    return read.reference_start - lead, (read.reference_end or read.reference_start) + tail


def locus_reads(path: str | Path, reference: str | Path, locus: Interval) -> LocusReads:
    """Reads of `locus`, whose contig is named as in the file. Raises InputError if unreadable."""
    try:
        with AlignmentFile(str(path), reference_filename=str(reference)) as opened:
            if locus.contig not in opened.references:
                return LocusReads([], [], 0.0, 0, 0)
            return _collected(opened, locus)
    except (OSError, ValueError) as error:
        raise InputError(path, f"a readable, indexed BAM or CRAM ({error})") from error


def _collected(opened: AlignmentFile, locus: Interval) -> LocusReads:
    low, high = max(locus.start - AROUND, 0), locus.end + AROUND
    reads = [r for r in opened.fetch(locus.contig, low, high) if _usable(r)]
    mapped = [r for r in reads if not r.is_unmapped]
    on = []
    for read in mapped:
        start, end = _ends(read)
        if start < locus.end and end > locus.start:
            on.append((str(read.query_name), codes_of(read.query_sequence or "")))
    anchors = {
        str(r.query_name): r
        for r in mapped
        if r.is_paired and r.mapping_quality >= ANCHOR_MAPQ and _faces(r, locus)
    }
    mates = [
        codes_of(r.query_sequence or "") for r in reads if r.is_unmapped and r.query_name in anchors
    ]
    mates += _far(opened, [r for r in anchors.values() if not r.mate_is_unmapped], low, high)
    sure = [r for r in mapped if r.mapping_quality >= ANCHOR_MAPQ]
    beside = [(low, locus.start - NEAR), (locus.end + NEAR, high)]
    covered = sum(
        max(0, min(end, r.reference_end or 0) - max(start, r.reference_start))
        for r in sure
        for start, end in beside
    )
    width = sum(end - start for start, end in beside if end > start)
    sizes = [abs(r.template_length) for r in sure if r.is_proper_pair and r.template_length]
    return LocusReads(
        on,
        mates,
        covered / width if width > 0 else 0.0,
        int(np.median([r.query_length for r in mapped])) if mapped else 0,
        int(np.median(sizes)) if sizes else 0,
    )


def _faces(read: AlignedSegment, locus: Interval) -> bool:
    """Whether the mate is to be looked for towards the repeat."""
    if read.is_reverse:
        return (read.reference_end or 0) > locus.end
    return read.reference_start < locus.start


def _far(
    opened: AlignmentFile, anchors: list[AlignedSegment], low: int, high: int
) -> Iterator[NDArray[np.uint8]]:
    """Mates of `anchors` that are mapped outside [low, high) or on another contig."""
    away = [
        r
        for r in anchors
        if r.next_reference_id != r.reference_id or not low <= r.next_reference_start < high
    ]
    for anchor in away[:MOST_MATES]:
        at = anchor.next_reference_start
        for read in opened.fetch(anchor.next_reference_name, at, at + 1):
            same = read.query_name == anchor.query_name and read.is_read1 != anchor.is_read1
            if same and _usable(read):
                yield codes_of(read.query_sequence or "")
                break
