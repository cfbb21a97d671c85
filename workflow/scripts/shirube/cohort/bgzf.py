"""Bytes of BGZF, gzip and plain files, inflated by libdeflate, a bounded stretch at a time.

Each BGZF block carries its CRC32 and length, which libdeflate checks, and a file must end in
BGZF's empty block: one that was cut short is refused and not read as a shorter file.
"""

import ctypes
import ctypes.util
import gzip
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from shirube.errors import InputError

STRETCH = 128 << 10  # what it inflates to stays in the processor's cache
END_OF_FILE = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


@cache
def _libdeflate() -> ctypes.CDLL:
    """libdeflate: the one inside the `deflate` wheel, else the system's (conda's)."""
    found = importlib.util.find_spec("deflate")
    inside = Path(found.origin).parent.glob("_deflate*.so") if found and found.origin else ()
    names = [*map(str, inside), ctypes.util.find_library("deflate") or "libdeflate.so.0"]
    for name in names:
        try:
            library = ctypes.CDLL(name)
            library.libdeflate_alloc_decompressor.restype = ctypes.c_void_p
            library.libdeflate_gzip_decompress.argtypes = [
                *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t),
                *(ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p),
            ]
            return library
        except (OSError, AttributeError):
            continue
    raise InputError("libdeflate", "the library that comes with the package `deflate`")


class Inflater:
    """Inflates single BGZF blocks of a mapped file."""

    def __init__(self) -> None:
        self._library = _libdeflate()
        self._inflater = ctypes.c_void_p(self._library.libdeflate_alloc_decompressor())
        self._out = ctypes.create_string_buffer(1 << 16)

    def block(self, path: str | Path, data: npt.NDArray[np.uint8], at: int) -> tuple[bytes, int]:
        """Bytes of the block at offset `at`, and where the next one starts."""
        size = int(data[at + 16]) + (int(data[at + 17]) << 8) + 1
        inflated = ctypes.c_size_t()
        failed = self._library.libdeflate_gzip_decompress(
            *(self._inflater, data.ctypes.data + at, size, self._out, 1 << 16),
            ctypes.byref(inflated),
        )
        if failed or at + size > data.size:
            raise InputError(path, "an undamaged file", f"byte {at}")
        return self._out.raw[: inflated.value], at + size


class Stretches:
    """The bytes of a file in order, some 128 KiB compressed at a time.

    Raises InputError for a file that is absent, empty, damaged or cut short. `stream` is an open
    file or pipe to read instead of `path`.
    """

    def __init__(self, path: str | Path, stream: IO[bytes] | None = None) -> None:
        self.path = path
        try:
            self._stream = stream or open(path, "rb")  # noqa: SIM115 (closed by read's end)
        except FileNotFoundError:
            raise InputError(path, "a file to read") from None
        except OSError as error:
            raise InputError(path, f"a readable file ({error.strerror})") from error
        first = self._stream.read(STRETCH)
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
            grown = np.empty(2 * (self._kept + size), np.uint8)
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
            data = self._stream.read(4 * STRETCH)

    def _gzip(self) -> Iterator[int]:
        self._stream.seek(0)
        with gzip.open(self._stream) as plain:
            while data := plain.read(4 * STRETCH):
                yield self._put(data)

    def _blocks(self, first: bytes) -> Iterator[int]:
        library, rest, offset, tail = _libdeflate(), b"", 0, b""
        inflater = ctypes.c_void_p(library.libdeflate_alloc_decompressor())
        try:
            while data := first or self._stream.read(STRETCH):
                first, data = b"", rest + data
                tail = (tail + data)[-len(END_OF_FILE) :]
                blocks, at, total = self._whole_blocks(data, offset)
                source = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
                target, done = self._room(total).ctypes.data, 0
                for begin, size, inflated in blocks:
                    if library.libdeflate_gzip_decompress(
                        inflater, source + begin, size, target + done, inflated, None
                    ):
                        raise InputError(self.path, "an undamaged file", f"byte {offset + begin}")
                    done += inflated
                rest, offset = data[at:], offset + at
                if total:
                    yield total
            if rest or tail != END_OF_FILE:
                raise InputError(
                    self.path, "a whole file (its BGZF end marker is missing: cut short?)"
                )
        finally:
            library.libdeflate_free_decompressor(inflater)

    def _whole_blocks(
        self, data: bytes, offset: int
    ) -> tuple[list[tuple[int, int, int]], int, int]:
        """(start, size, inflated size) of the whole blocks, where they end, and their sum."""
        at, blocks, total = 0, [], 0
        while at + 18 <= len(data):
            if data[at : at + 4] != b"\x1f\x8b\x08\x04" or data[at + 12 : at + 14] != b"BC":
                raise InputError(self.path, "BGZF blocks to the end", f"byte {offset + at}")
            size = int.from_bytes(data[at + 16 : at + 18], "little") + 1
            if at + size > len(data):
                break
            inflated = int.from_bytes(data[at + size - 4 : at + size], "little")
            if inflated > 65536:
                raise InputError(self.path, "blocks of at most 64 KiB", f"byte {offset + at}")
            blocks.append((at, size, inflated))
            total += inflated
            at += size
        return blocks, at, total
