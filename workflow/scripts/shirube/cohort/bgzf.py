"""Bytes of BGZF, gzip and plain files, inflated by libdeflate, a bounded stretch at a time.

libdeflate comes with the cyvcf2 wheel (or conda's libdeflate). Each BGZF block carries its CRC32
and length, which are checked, and a file must end in BGZF's empty block: one that was cut short
is refused and not read as a shorter file.
"""

import ctypes
import ctypes.util
import gzip
import importlib.util
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from shirube.errors import InputError

STRETCH = 8 << 20
END_OF_FILE = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


@cache
def _libdeflate() -> ctypes.CDLL:
    found = importlib.util.find_spec("cyvcf2")
    wheel = Path(found.origin).parent.parent / "cyvcf2.libs" if found and found.origin else None
    names = [str(p) for p in sorted(wheel.glob("libdeflate*"))] if wheel else []
    names.append(ctypes.util.find_library("deflate") or "libdeflate.so.0")
    for name in names:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.libdeflate_alloc_decompressor.restype = ctypes.c_void_p
        library.libdeflate_deflate_decompress.argtypes = [
            *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t),
            *(ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p),
        ]
        library.libdeflate_crc32.argtypes = [ctypes.c_uint32, ctypes.c_void_p, ctypes.c_size_t]
        library.libdeflate_crc32.restype = ctypes.c_uint32
        return library
    raise InputError("libdeflate", "a library that comes with cyvcf2 or conda's libdeflate")


def stretches(path: str | Path) -> Iterator[npt.NDArray[np.uint8]]:
    """The bytes of a file in order, some 8 MiB compressed at a time.

    Each array is valid until the next one is asked for. Raises InputError for a file that is
    absent, damaged or cut short.
    """
    try:
        with open(path, "rb") as stream:
            start = stream.read(18)
            stream.seek(0)
            if start[:2] != b"\x1f\x8b":
                if not start:
                    raise InputError(path, "a file that is not empty")
                yield from _plain(stream)
            elif start[3:4] == b"\x04" and start[12:14] == b"BC":
                yield from _blocks(path, stream)
            else:
                with gzip.open(stream) as inflated:
                    yield from _plain(inflated)
    except (OSError, EOFError) as error:
        if isinstance(error, FileNotFoundError):
            raise InputError(path, "a file to read") from None
        raise InputError(path, f"an undamaged file ({error})") from error


def _plain(stream: BinaryIO | gzip.GzipFile) -> Iterator[npt.NDArray[np.uint8]]:
    while data := stream.read(STRETCH):
        yield np.frombuffer(data, np.uint8)


def _blocks(path: str | Path, stream: BinaryIO) -> Iterator[npt.NDArray[np.uint8]]:
    library = _libdeflate()
    inflater = library.libdeflate_alloc_decompressor()
    try:
        rest, offset, tail = b"", 0, b""
        out = np.empty(0, np.uint8)
        while data := stream.read(STRETCH):
            data = rest + data
            tail = (tail + data)[-len(END_OF_FILE) :]
            # where each whole block starts, and its inflated size
            at, blocks, total = 0, [], 0
            while at + 18 <= len(data):
                if data[at : at + 4] != b"\x1f\x8b\x08\x04" or data[at + 12 : at + 14] != b"BC":
                    raise InputError(path, "BGZF blocks to the end", f"byte {offset + at}")
                size = int.from_bytes(data[at + 16 : at + 18], "little") + 1
                if at + size > len(data):
                    break
                inflated = int.from_bytes(data[at + size - 4 : at + size], "little")
                if inflated > 65536:
                    raise InputError(path, "blocks of at most 64 KiB", f"byte {offset + at}")
                blocks.append((at, size, inflated))
                total += inflated
                at += size
            if out.size < total:
                out = np.empty(total, np.uint8)
            source = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
            target, done = out.ctypes.data, 0
            for begin, size, inflated in blocks:
                failed = library.libdeflate_deflate_decompress(
                    inflater, source + begin + 18, size - 26, target + done, inflated, None
                )
                crc = library.libdeflate_crc32(0, target + done, inflated)
                (stated,) = struct.unpack_from("<I", data, begin + size - 8)
                if failed or crc != stated:
                    raise InputError(path, "an undamaged file", f"byte {offset + begin}")
                done += inflated
            rest, offset = data[at:], offset + at
            if done:
                yield out[:done]
        if rest or tail != END_OF_FILE:
            raise InputError(path, "a whole file (its BGZF end marker is missing: cut short?)")
    finally:
        library.libdeflate_free_decompressor(ctypes.c_void_p(inflater))
