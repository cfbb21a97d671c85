"""Look-ups in a release by position, warm in a fraction of a millisecond.

The sites VCF is read through its tabix index: the index's 16 kb windows lead to the compressed
block where a window's records begin, and only the blocks a region needs are inflated.
"""

import gzip
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shirube.cohort.kernels.deflate import Inflater
from shirube.errors import InputError

WINDOW = 14
_BLOCK = 1 << 16  # bytes a compressed block has at most
_MAGIC = b"TBI\1"


@dataclass(frozen=True)
class Site:
    """One allele of a release: position (1-based), alleles and what INFO says."""

    contig: str
    pos: int
    ref: str
    alt: str
    info: dict[str, str]


class Sites:
    """A bgzipped, tabix-indexed sites VCF, open for look-ups."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        index = Path(f"{path}.tbi")
        if not index.is_file():
            raise InputError(index, "a tabix index beside the VCF")
        try:
            data = gzip.decompress(index.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(index, f"an undamaged index ({error})") from error
        if data[:4] != _MAGIC:
            raise InputError(index, "a tabix index")
        self.windows = _windows(data)
        # read, not mapped: pages of a mapped file would count as this process's memory
        self._file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        self._size = os.fstat(self._file).st_size
        self._inflate = Inflater()

    def __del__(self) -> None:
        if file := self.__dict__.get("_file"):
            os.close(file)

    def _block(self, at: int) -> tuple[bytes, int]:
        """Bytes of the block at a file offset, and where the next one starts."""
        data = os.pread(self._file, _BLOCK, at)
        block, size = self._inflate.first(self.path, data, at)
        return block, at + size

    def lines(self, contig: str, start: int, end: int) -> list[str]:
        """Records at 0-based [start, end) of a contig, as text."""
        windows = self.windows.get(contig)
        if windows is None or start >> WINDOW >= windows.size or start >= end:
            return []
        offset = int(windows[max(start, 0) >> WINDOW])
        at, skip = offset >> 16, offset & 0xFFFF
        found: list[str] = []
        prefix, rest = f"{contig}\t".encode(), b""
        while at < self._size:
            block, at = self._block(at)
            text, skip = rest + block[skip:], 0
            cut = text.rfind(b"\n") + 1
            whole, rest = text[:cut], text[cut:]
            low = 0 if whole.startswith(prefix) else whole.find(b"\n" + prefix) + 1
            if low or whole.startswith(prefix):
                high = whole.find(b"\n", whole.rfind(b"\n" + prefix, max(low - 1, 0)) + 1) + 1
                first = _line_of(whole, low, high, start + 1)
                last = _line_of(whole, first, high, end + 1)
                if first < last:
                    found += whole[first : last - 1].decode().split("\n")
                if last < high or high < cut:
                    break
            elif whole or not block:
                break
        return found

    def sites(self, contig: str, start: int, end: int) -> list[Site]:
        """Records at 0-based [start, end) of a contig."""
        return [_site(line) for line in self.lines(contig, start, end)]

    def allele(self, contig: str, pos: int, ref: str, alt: str) -> Site | None:
        """One allele (1-based `pos`, trimmed and left-aligned); None if the release has it not."""
        wanted = f"\t{ref}\t{alt}\t"
        for line in self.lines(contig, pos - 1, pos):
            if wanted in line:
                return _site(line)
        return None


def _windows(data: bytes) -> dict[str, npt.NDArray[np.uint64]]:
    """Contig -> virtual file offset of the first record in each 16 kb window."""
    n, *_, names_length = np.frombuffer(data, np.int32, 8, 4).tolist()
    names = data[36 : 36 + names_length].split(b"\0")[:n]
    at, out = 36 + names_length, {}
    for name in names:
        (bins,) = np.frombuffer(data, np.int32, 1, at).tolist()
        at += 4
        for _ in range(bins):
            chunks = int.from_bytes(data[at + 4 : at + 8], "little")
            at += 8 + 16 * chunks
        intervals = int.from_bytes(data[at : at + 4], "little")
        at += 4
        offsets = np.frombuffer(data, np.uint64, intervals, at)
        used = offsets[offsets > 0]
        # windows before the first record have no offset: the first record's serves
        out[name.decode()] = np.where(offsets > 0, offsets, used[0] if used.size else 0)
        at += 8 * intervals
    return out


def _line_of(text: bytes, low: int, high: int, pos: int) -> int:
    """Offset of the first line of text[low:high], sorted by position, at `pos` or behind it."""
    while low < high:
        middle = text.rfind(b"\n", low, (low + high) // 2) + 1 or low
        start = text.index(b"\t", middle) + 1
        if int(text[start : text.index(b"\t", start)]) >= pos:
            high = middle
        else:
            low = text.index(b"\n", middle) + 1
    return low


def _site(line: str) -> Site:
    contig, pos, _, ref, alt, _, _, info = line.split("\t")
    return Site(contig, int(pos), ref, alt, dict(f.split("=", 1) for f in info.split(";")))
