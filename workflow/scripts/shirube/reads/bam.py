"""Aligned reads as arrays: BAM or CRAM, streamed through `samtools view` and cut into windows.

`samtools view -u` turns either format into plain BAM records; the records stay the bytes they
are and compiled code walks them, so that no Python runs per read. Positions are 0-based. The
layout of a record is that of the SAM/BAM specification, section 4.2 (offsets below count from
the field refID).
"""

import gzip
import struct
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numba import njit
from numpy.typing import NDArray
from pysam import AlignmentFile

from shirube.errors import InputError
from shirube.genome.intervals import Interval
from shirube.tools import piped

MAPQ, CIGAR_COUNT, FLAG, BASES, MATE_REF, MATE_POS, TEMPLATE, NAME = 9, 12, 14, 16, 20, 24, 28, 32
UNMAPPED, REVERSE, SECONDARY, QC_FAIL, DUPLICATE, SUPPLEMENTARY = 4, 16, 256, 512, 1024, 2048
NOT_EVIDENCE = UNMAPPED | SECONDARY | QC_FAIL | DUPLICATE | SUPPLEMENTARY
CHUNK = 1 << 24


@dataclass(frozen=True)
class Batch:
    """Reads that overlap one window.

    data     (bytes,) uint8, BAM records one after another (and records of other windows)
    offsets  (reads,) int64, where in `data` each read's refID field is
    contig   (reads,) int32, refID of each read
    start    (reads,) int32, first aligned position, ascending within a contig
    end      (reads,) int32, one after the last aligned position
    """

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    contig: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.offsets)


@njit(cache=True, nogil=True)
def i32(data: NDArray[np.uint8], at: int) -> int:
    """Little-endian int32 at a byte offset."""
    value = (
        np.int64(data[at])
        | (np.int64(data[at + 1]) << 8)
        | (np.int64(data[at + 2]) << 16)
        | (np.int64(data[at + 3]) << 24)
    )
    return int(value - (np.int64(1) << 32) if value >= (np.int64(1) << 31) else value)


@njit(cache=True, nogil=True)
def u16(data: NDArray[np.uint8], at: int) -> int:
    """Little-endian uint16 at a byte offset."""
    return int(np.int64(data[at]) | (np.int64(data[at + 1]) << 8))


@njit(cache=True, nogil=True)
def _scan(
    data: NDArray[np.uint8],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], int]:
    """Offsets, refIDs, starts, ends of the complete records of `data`; where the rest begins."""
    count, at, size = 0, 0, len(data)
    while at + 4 <= size and at + 4 + i32(data, at) <= size:
        at += 4 + i32(data, at)
        count += 1
    offsets, contig = np.empty(count, np.int64), np.empty(count, np.int32)
    start, end = np.empty(count, np.int32), np.empty(count, np.int32)
    at = 0
    for read in range(count):
        record = at + 4
        offsets[read] = record
        contig[read] = i32(data, record)
        start[read] = i32(data, record + 4)
        length = 0
        cigar = record + NAME + int(data[record + 8])
        for k in range(u16(data, record + CIGAR_COUNT)):
            word = i32(data, cigar + 4 * k) & 0xFFFFFFFF
            if word & 15 in (0, 2, 3, 7, 8):
                length += word >> 4
        end[read] = start[read] + max(length, 1)
        at = record + i32(data, at)
    return offsets, contig, start, end, at


def _read_header(stream: IO[bytes]) -> list[str]:
    """Consume the header of a BAM stream; names of its contigs, in the order of refID."""
    if stream.read(4) != b"BAM\1":
        raise InputError("samtools view", "a BAM stream")
    stream.read(struct.unpack("<i", stream.read(4))[0])
    names = []
    for _ in range(struct.unpack("<i", stream.read(4))[0]):
        names.append(stream.read(struct.unpack("<i", stream.read(4))[0])[:-1].decode())
        stream.read(4)
    return names


def contig_order(path: str | Path) -> list[str]:
    """Names of the contigs of a BAM or CRAM, in the order its reads are sorted by."""
    try:
        with AlignmentFile(str(path), check_sq=False) as opened:
            return list(opened.references)
    except (OSError, ValueError) as error:
        raise InputError(path, f"a BAM or CRAM file ({error})") from error


def windows(intervals: Iterable[Interval], step: int, order: Sequence[str] = ()) -> list[Interval]:
    """`intervals` cut at multiples of `step`; contigs in `order` (else by name), ascending."""
    rank = {name: index for index, name in enumerate(order)}
    out = []
    for interval in sorted(intervals, key=lambda i: (rank.get(i.contig, len(rank)), i)):
        for at in range(interval.start // step * step, interval.end, step):
            start, end = max(at, interval.start), min(at + step, interval.end)
            out.append(Interval(interval.contig, start, end))
    return out


def read_windows(
    path: str | Path,
    reference: str | Path,
    cut: Sequence[Interval],
    pad: int,
    exclude: int = NOT_EVIDENCE,
) -> Iterator[tuple[Batch, list[str]]]:
    """For each window of `cut` the reads within `pad` bases of it.

    Yields (reads, contig names by refID) once per window, in order: `cut` must be ascending, its
    contigs in the file's order (`windows` with `contig_order`). `exclude` are flags of reads to
    leave out. Needs an index beside the file; `reference` is the FASTA a CRAM is decoded with.
    """
    if not cut:
        return
    with tempfile.NamedTemporaryFile("w", suffix=".bed") as bed:
        for window in cut:
            bed.write(f"{window.contig}\t{max(window.start - pad, 0)}\t{window.end + pad}\n")
        bed.flush()
        command = ["samtools", "view", "-u", "-F", exclude, "-T", reference, "-M", "-L", bed.name]
        with piped([*command, path]) as raw, gzip.GzipFile(fileobj=raw) as stream:
            names = _read_header(stream)  # type: ignore[arg-type]
            index = {name: number for number, name in enumerate(names)}
            data, finished = np.empty(0, np.uint8), False
            offsets, contig, start, end, rest = _scan(data)
            for window in cut:
                if window.contig not in index:
                    raise InputError(path, f"a contig {window.contig} in its header")
                own, low, high = index[window.contig], window.start - pad, window.end + pad
                while not finished and (
                    not len(start) or (contig[-1] == own and start[-1] < high) or contig[-1] < own
                ):
                    more = stream.read(CHUNK)
                    finished = not more
                    needed = (contig > own) | ((contig == own) & (end > low))
                    first = int(offsets[np.argmax(needed)]) - 4 if needed.any() else rest
                    data = np.concatenate([data[first:], np.frombuffer(more, np.uint8)])
                    offsets, contig, start, end, rest = _scan(data)
                keep = np.flatnonzero((contig == own) & (start < high) & (end > low))
                yield Batch(data, offsets[keep], contig[keep], start[keep], end[keep]), names
            while stream.read(CHUNK):  # to the end, or samtools dies of a closed pipe
                pass
