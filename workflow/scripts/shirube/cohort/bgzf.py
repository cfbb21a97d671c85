"""Bytes of BGZF, gzip and plain files, inflated a bounded stretch at a time.

Each BGZF block carries its CRC32 and length, which libdeflate checks, and a file must end in
BGZF's empty block: one that was cut short is refused and not read as a shorter file.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from shirube.cohort.kernels import native
from shirube.cohort.kernels.deflate import Inflater
from shirube.errors import InputError

STRETCH = 768 << 10  # inflated bytes: they stay in the processor's cache
_SOURCE = 256 << 10  # compressed bytes read at a time
_BLOCK = 1 << 16
_MORE, _FULL, _NO_BLOCK, _DAMAGED = range(4)
END_OF_FILE = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


class Stretches:
    """The bytes of a file in order, some STRETCH of them at a time.

    Raises InputError for a file that is absent, empty, damaged or cut short. `stream` is an open
    file or pipe to read instead of `path`.
    """

    def __init__(self, path: str | Path, stream: IO[bytes] | None = None) -> None:
        self.path = path
        try:
            self._stream = stream or open(path, "rb")  # noqa: SIM115 (closed by read's end)
            first = self._stream.read(_SOURCE)
        except FileNotFoundError:
            raise InputError(path, "a file to read") from None
        except OSError as error:
            raise InputError(path, f"a readable file ({error.strerror})") from error
        if not first:
            raise InputError(path, "a file that is not empty")
        if first[:2] != b"\x1f\x8b":
            pieces = self._plain(first)
        elif first[3:4] == b"\x04" and first[12:14] == b"BC":
            pieces = self._blocks(first)
        else:
            pieces = self._gzip()
        self._pieces = pieces
        self._buffer = np.empty(0, np.uint8)
        self._kept = self._filled = 0

    def read(self, kept: int = 0) -> npt.NDArray[np.uint8] | None:
        """The next stretch, after the last `kept` bytes of the one before; None at the end.

        The array is valid until the next call.
        """
        self._kept = kept
        try:
            size = next(self._pieces, 0)
        except (OSError, EOFError) as error:
            raise InputError(self.path, f"an undamaged file ({error})") from error
        if not size:
            self._stream.close()
            return None
        self._filled = self._kept + size
        return self._buffer[: self._filled]

    def __iter__(self) -> Iterator[npt.NDArray[np.uint8]]:
        while (stretch := self.read()) is not None:
            yield stretch

    def _room(self, size: int) -> npt.NDArray[np.uint8]:
        """Where `size` new bytes go, behind the kept ones, which are moved to the front."""
        rest = self._buffer[self._filled - self._kept : self._filled]
        if self._buffer.size < self._kept + size:
            grown = np.empty(2 * self._kept + size, np.uint8)
            grown[: self._kept] = rest
            self._buffer = grown
        elif self._kept:
            self._buffer[: self._kept] = rest.copy()
        return self._buffer[self._kept : self._kept + size]

    def _put(self, data: bytes) -> int:
        self._room(len(data))[:] = np.frombuffer(data, np.uint8)
        return len(data)

    def _plain(self, first: bytes) -> Iterator[int]:
        data = first
        while data:
            yield self._put(data)
            data = self._stream.read(STRETCH)

    def _gzip(self) -> Iterator[int]:
        self._stream.seek(0)
        with gzip.open(self._stream) as plain:
            while data := plain.read(STRETCH):
                yield self._put(data)

    def _blocks(self, first: bytes) -> Iterator[int]:
        inflater, state = Inflater(), np.zeros(2, np.int64)
        source = np.empty(_SOURCE + _BLOCK, np.uint8)
        size, start, last = len(first), 0, b""
        source[:size] = np.frombuffer(first, np.uint8)
        while size:
            room, state[1] = self._room(STRETCH + _BLOCK), 0
            code = native.call("inflate", source, size, inflater.handle, room, state)
            at = int(state[0])
            if code == _NO_BLOCK:
                raise InputError(self.path, "BGZF blocks to the end", f"byte {start + at}")
            if code == _DAMAGED:
                raise InputError(self.path, "an undamaged file", f"byte {start + at}")
            if at:
                last = source[max(0, at - len(END_OF_FILE)) : at].tobytes()
            if state[1]:
                yield int(state[1])
            if code == _MORE:
                rest = size - at
                source[:rest] = source[at:size].copy()
                more = np.frombuffer(self._stream.read(source.size - rest), np.uint8)
                source[rest : rest + more.size] = more
                start, size, state[0] = start + at, rest + more.size, 0
                if not more.size:
                    break
        if size or last != END_OF_FILE:
            raise InputError(self.path, "a whole file (its BGZF end marker is missing: cut short?)")
