"""Whether a BAI, CSI or TBI index is whole, found by walking its counts.

htslib trusts the counts in an index and allocates what they say, so a damaged one can cost
gigabytes and minutes before it is refused; on a bin no index has, it may never end. Layouts: SAM
specification ("The BAI index format"), CSIv1 and Tabix index format documents of the same group.
"""

import gzip
import struct
import zlib
from pathlib import Path

from shirube.errors import InputError

_INT = struct.Struct("<i")
_DEPTH = 5  # levels of bins below the first, in BAI and TBI
_DEEPEST = 9  # bins of more levels have no 32-bit numbers in every index


class _Walk:
    """A position in the bytes of an index; struct.error beyond their end."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at

    def number(self) -> int:
        """The next 32-bit count; ValueError if it is negative."""
        (value,) = _INT.unpack_from(self.data, self.at)
        self.at += 4
        if value < 0:
            raise ValueError("a negative count")
        return int(value)

    def skip(self, size: int) -> None:
        """Jump over `size` bytes that must be there."""
        self.at += size
        if self.at > len(self.data):
            raise ValueError("a count larger than the file")


def _walk_bins(walk: _Walk, contigs: int, depth: int, before_chunks: int, linear: bool) -> None:
    """Bins of each contig: number, `before_chunks` bytes, chunks of 16; then linear offsets.

    Bins are numbered from 0 through `depth` levels; the one after the next holds counts of reads.
    """
    bins = (8 ** (depth + 1) - 1) // 7
    for _ in range(contigs):
        for _ in range(walk.number()):
            number = walk.number()
            if number >= bins and number != bins + 1:
                raise ValueError("a bin beyond the last")
            walk.skip(before_chunks)
            walk.skip(16 * walk.number())
        if linear:
            walk.skip(8 * walk.number())


def refuse_damaged_index(path: str | Path) -> None:
    """Raise InputError unless every count of an index fits into it; a CRAI is text and passes."""
    try:
        data = Path(path).read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        walk = _Walk(data, 4)
        if data[:4] == b"BAI\x01":
            _walk_bins(walk, walk.number(), _DEPTH, 0, linear=True)
        elif data[:4] == b"TBI\x01":
            contigs = walk.number()
            walk.skip(24)
            walk.skip(walk.number())
            _walk_bins(walk, contigs, _DEPTH, 0, linear=True)
        elif data[:4] == b"CSI\x01":
            walk.skip(4)
            depth = walk.number()
            if depth > _DEEPEST:
                raise ValueError("more levels than there are")
            walk.skip(walk.number())
            _walk_bins(walk, walk.number(), depth, 8, linear=False)
        elif Path(path).suffix != ".crai":
            raise ValueError("unknown format")
    except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
        raise InputError(path, f"a whole index ({error}); make it again") from error
