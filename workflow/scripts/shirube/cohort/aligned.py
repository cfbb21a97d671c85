"""Alleles of the text kernel as a table, in the one form all stages share."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from shirube.cohort import native
from shirube.cohort.reference import Reference
from shirube.cohort.words import Ints
from shirube.errors import InputError


def _strings(pool: npt.NDArray[np.uint8], length: Ints) -> pl.Series:
    """Strings that lie end to end in `pool`."""
    offsets = np.zeros(length.size + 1, np.int64)
    np.cumsum(length, out=offsets[1:])
    array = pa.LargeStringArray.from_buffers(
        length.size, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(pool))
    )
    return pl.Series(pl.from_arrow(array))


def aligned(
    path: str | Path,
    contig: str,
    rows: Ints,
    ref: npt.NDArray[np.uint8],
    alt: npt.NDArray[np.uint8],
    reference: Reference | None,
    reference_name: str,
) -> pl.DataFrame:
    """Kernel rows as a table pos, ref, alt, ac, ploidy with alleles trimmed and left-aligned.

    Without a reference alleles are trimmed only. InputError where REF is not the reference's.
    """
    half = max(ref.size, alt.size)
    pools = np.zeros(2 * half, np.uint8)
    pools[: ref.size], pools[half : half + alt.size] = ref, alt
    out, room = np.empty_like(rows), np.empty(2 * (half + (1 << 16)), np.uint8)
    length, offset, bases, width = reference.contigs[reference_name] if reference else (0, 0, 1, 1)
    fasta = reference.bytes if reference else np.zeros(1, np.uint8)
    state = np.zeros(4, np.int64)
    while True:
        code = native.call(
            *("left_align", rows, pools, reference is not None, fasta),
            *(offset, bases, width, length, out, room, state),
        )
        if code != 2:
            break
        grown = np.empty(room.size * 2, np.uint8)
        grown[: room.size // 2] = room[: room.size // 2]
        grown[room.size : room.size + room.size // 2] = room[room.size // 2 :]
        room = grown
    if code == 1:
        at = rows[state[3] * 7]
        raise InputError(path, "REF as in the reference (another build?)", f"{contig}:{at}")
    return pl.DataFrame(
        {
            "pos": out[0::7],
            "ref": _strings(room[: state[1]], out[2::7]),
            "alt": _strings(room[room.size // 2 : room.size // 2 + state[2]], out[4::7]),
            "ac": out[5::7].astype(np.int8),
            "ploidy": out[6::7].astype(np.int8),
        }
    )
