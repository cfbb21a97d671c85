"""Alleles as a kernel read them, in the one form all stages share."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from shirube.cohort.kernels import native
from shirube.cohort.kernels.array_types import Bytes, Ints
from shirube.cohort.reference import Reference
from shirube.errors import InputError

_FULL, _OTHER_REFERENCE = 2, 1


@dataclass(frozen=True)
class Alleles:
    """Alleles of one contig, trimmed and left-aligned, in the order they were read.

    `pos` is 1-based; `number` and `mark` are the kernel row's last two numbers.
    """

    pos: Ints
    ref: pa.LargeStringArray
    alt: pa.LargeStringArray
    number: Ints
    mark: Ints


def strings(pool: Bytes, length: Ints) -> pa.LargeStringArray:
    """Strings that lie end to end in `pool`."""
    offsets = np.zeros(length.size + 1, np.int64)
    np.cumsum(length, out=offsets[1:])
    return pa.LargeStringArray.from_buffers(
        length.size, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(pool))
    )


def aligned(
    path: str | Path,
    chrom: str,
    rows: Ints,
    ref: Bytes,
    alt: Bytes,
    reference: Reference | None,
    name: str,
) -> Alleles:
    """Alleles of kernel rows on `chrom`, which the reference calls `name`.

    Without a reference alleles are trimmed only. InputError where REF is not the reference's.
    """
    half = max(ref.size, alt.size)
    pools = np.zeros(2 * half, np.uint8)
    pools[: ref.size], pools[half : half + alt.size] = ref, alt
    out, room = np.empty_like(rows), np.empty(2 * (half + (1 << 16)), np.uint8)
    length, offset, bases, width = reference.contigs[name] if reference else (0, 0, 1, 1)
    fasta = reference.bytes if reference else np.zeros(1, np.uint8)
    state = np.zeros(4, np.int64)
    while True:
        code = native.call(
            *("left_align", rows, pools, reference is not None, fasta),
            *(offset, bases, width, length, out, room, state),
        )
        if code != _FULL:
            break
        old = room.size // 2
        grown = np.empty(room.size * 2, np.uint8)
        grown[:old], grown[room.size : room.size + old] = room[:old], room[old:]
        room = grown
    if code == _OTHER_REFERENCE:
        at = rows[state[3] * 7]
        raise InputError(path, "REF as in the reference (another build?)", f"{chrom}:{at}")
    half = room.size // 2
    return Alleles(
        np.ascontiguousarray(out[0::7]),
        strings(room[: state[1]], out[2::7]),
        strings(room[half : half + state[2]], out[4::7]),
        out[5::7],
        out[6::7],
    )
