"""Kernel that walks the blocks of a BGZF file and hands each to libdeflate."""

# mypy: ignore-errors
# numba gives these functions their types (`build.KERNELS`)
from numba import types

from shirube.cohort.kernels.array_types import Bytes, Longs

# Slots of `state`
AT, FILLED = range(2)
MORE, FULL, NO_BLOCK, DAMAGED = range(4)
LARGEST = 1 << 16  # bytes a block inflates to at most

# (decompressor, block, its size, room, its size, address of the size found) -> 0 if undamaged
decompress = types.ExternalFunction(
    "libdeflate_gzip_decompress", types.int32(*(types.intp for _ in range(6)))
)


def inflate(source: Bytes, size: int, decompressor: int, room: Bytes, state: Longs) -> int:
    """Inflate whole blocks of source[state[AT]:size] to room[state[FILLED]:].

    Stops with MORE before a block that is not whole, with FULL where the room left might not hold
    another, and with an error at the block at fault, where state[AT] then stands. The room holds
    a block at least. libdeflate compares CRC32 and length with the block's own.
    """
    while state[AT] + 18 <= size:
        at = state[AT]
        if (
            source[at] != 0x1F
            or source[at + 1] != 0x8B
            or source[at + 2] != 8
            or source[at + 3] != 4
            or source[at + 12] != 66
            or source[at + 13] != 67
        ):
            return NO_BLOCK
        length = (source[at + 16] | source[at + 17] << 8) + 1
        if at + length > size:
            return MORE
        if state[FILLED] + LARGEST > room.size:
            return FULL
        # the last four bytes: what it inflates to
        end = at + length
        inflated = source[end - 4] | source[end - 3] << 8 | source[end - 2] << 16
        if source[end - 1] or inflated > LARGEST or length < 26:
            return DAMAGED
        if decompress(
            decompressor,
            source.ctypes.data + at,
            length,
            room.ctypes.data + state[FILLED],
            inflated,
            0,
        ):
            return DAMAGED
        state[FILLED] += inflated
        state[AT] = end
    return MORE
