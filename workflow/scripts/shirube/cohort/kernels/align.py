"""Kernel that writes alleles in their one form: trimmed and moved as far left as they go."""

# mypy: ignore-errors
# numba gives these functions their types (`build.KERNELS`)
import numpy as np
from numba import njit

from shirube.cohort.kernels.array_types import Bytes, Ints, Longs

DONE, OTHER_REFERENCE, FULL = range(3)
A, C, G, T = 65, 67, 71, 84


@njit(inline="always", error_model="numpy")
def base(
    fasta: Bytes,
    offset: int,
    line_bases: int,
    line_width: int,
    index: int,
) -> int:
    """Upper-case base `index` (0-based) of the contig whose sequence starts at `offset`."""
    c = fasta[offset + index // line_bases * line_width + index % line_bases]
    return c - 32 if c > 96 else c


def left_align(
    rows: Ints,
    pools: Bytes,
    have_reference: int,
    fasta: Bytes,
    offset: int,
    line_bases: int,
    line_width: int,
    length: int,
    out: Ints,
    room: Bytes,
    state: Longs,
) -> int:
    """Rewrite `rows` of `text_kernel.parse` (7 numbers each) into `out` and `room`, row by row.

    The algorithm is Tan et al. 2015 (doi:10.1093/bioinformatics/btv112): drop the last base while
    both alleles share it, taking one base of the reference on the left when one runs out; then
    drop shared first bases. Bases other than ACGT stop the move, as in `bcftools norm`.
    `state`: [next row, REF bytes used, ALT bytes used, row at fault]. REF is compared with the
    reference (where that has ACGT); OTHER_REFERENCE if it differs.
    """
    half, room_half = pools.size // 2, room.size // 2
    n = rows.size // 7
    while state[0] < n:
        r = state[0] * 7
        pos = np.int64(rows[r])
        ref, ref_length = np.int64(rows[r + 1]), np.int64(rows[r + 2])
        alt, alt_length = half + np.int64(rows[r + 3]), np.int64(rows[r + 4])
        if have_reference:
            if pos - 1 + ref_length > length:
                state[3] = state[0]
                return OTHER_REFERENCE
            for j in range(ref_length):
                c = base(fasta, offset, line_bases, line_width, pos - 1 + j)
                own = pools[ref + j]
                if c != own and c in (A, C, G, T) and own != 78:
                    state[3] = state[0]
                    return OTHER_REFERENCE
        # `shift`: bases taken from the reference on the left of the alleles as written
        ref_end, alt_end, shift = ref_length, alt_length, np.int64(0)
        while True:
            # last bases; index < 0 counts into the bases taken on the left
            x, y = ref_end - 1, alt_end - 1
            if ref_end + shift == 0 or alt_end + shift == 0:
                if not have_reference or pos - 1 - shift < 1:
                    break
                shift += 1
                continue
            cx = pools[ref + x]
            cy = pools[alt + y]
            if x < 0:
                cx = base(fasta, offset, line_bases, line_width, pos - 1 + x)
            if y < 0:
                cy = base(fasta, offset, line_bases, line_width, pos - 1 + y)
            if cx != cy or cx not in (A, C, G, T):
                break
            if ref_end + shift == 1 and alt_end + shift == 1:
                break
            if (ref_end + shift == 1 or alt_end + shift == 1) and (
                not have_reference or pos - 1 - shift < 1
            ):
                break
            ref_end -= 1
            alt_end -= 1
        # drop shared first bases
        start = -shift
        while ref_end - start > 1 and alt_end - start > 1:
            if start >= 0 and pools[ref + start] != pools[alt + start]:
                break
            start += 1
        if state[1] + ref_end - start > room_half or state[2] + alt_end - start > room_half:
            return FULL
        out[r] = pos + start
        out[r + 1] = state[1]
        out[r + 2] = ref_end - start
        out[r + 3] = state[2]
        out[r + 4] = alt_end - start
        out[r + 5] = rows[r + 5]
        out[r + 6] = rows[r + 6]
        for j in range(start, ref_end):
            room[state[1] + j - start] = (
                pools[ref + j]
                if j >= 0
                else base(fasta, offset, line_bases, line_width, pos - 1 + j)
            )
        for j in range(start, alt_end):
            room[room_half + state[2] + j - start] = (
                pools[alt + j]
                if j >= 0
                else base(fasta, offset, line_bases, line_width, pos - 1 + j)
            )
        state[1] += ref_end - start
        state[2] += alt_end - start
        state[0] += 1
    return DONE
