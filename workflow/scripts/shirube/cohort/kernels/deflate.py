"""libdeflate, which inflates BGZF blocks faster than zlib: the library, and single blocks."""

import ctypes
import ctypes.util
import importlib.util
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shirube.errors import InputError


@cache
def library() -> ctypes.CDLL:
    """libdeflate: the one inside the `deflate` wheel, else the system's (conda's)."""
    found = importlib.util.find_spec("deflate")
    inside = Path(found.origin).parent.glob("_deflate*.so") if found and found.origin else ()
    names = [*map(str, inside), ctypes.util.find_library("deflate") or "libdeflate.so.0"]
    for name in names:
        try:
            loaded = ctypes.CDLL(name)
            loaded.libdeflate_alloc_decompressor.restype = ctypes.c_void_p
            loaded.libdeflate_gzip_decompress.argtypes = [
                *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t),
                *(ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p),
            ]
            loaded.libdeflate_free_decompressor.argtypes = [ctypes.c_void_p]
            loaded.libdeflate_free_decompressor.restype = None
            return loaded
        except (OSError, AttributeError):
            continue
    raise InputError("libdeflate", "the library that comes with the package `deflate`")


class Inflater:
    """One decompressor; `handle` is its address."""

    def __init__(self) -> None:
        self._library = library()
        self.handle: int = self._library.libdeflate_alloc_decompressor()
        self._out = ctypes.create_string_buffer(1 << 16)

    def __del__(self) -> None:
        self._library.libdeflate_free_decompressor(self.handle)

    def block(self, path: str | Path, data: npt.NDArray[np.uint8], at: int) -> tuple[bytes, int]:
        """Bytes of the BGZF block at offset `at` of a file, and where the next one starts.

        libdeflate compares CRC32 and length with the block's own. InputError if they differ.
        """
        whole = at + 18 <= data.size
        size = int(data[at + 16]) + (int(data[at + 17]) << 8) + 1 if whole else 0
        inflated = ctypes.c_size_t()
        if (
            not whole
            or at + size > data.size
            or self._library.libdeflate_gzip_decompress(
                *(self.handle, data.ctypes.data + at, size, self._out, 1 << 16),
                ctypes.byref(inflated),
            )
        ):
            raise InputError(path, "an undamaged file", f"byte {at}")
        return ctypes.string_at(self._out, inflated.value), at + size

    def first(self, path: str | Path, data: bytes, at: int) -> tuple[bytes, int]:
        """`block` of bytes that begin with a block; `at` is their place in the file."""
        size = data[16] + (data[17] << 8) + 1 if len(data) >= 18 else 0
        inflated = ctypes.c_size_t()
        if not 0 < size <= len(data) or self._library.libdeflate_gzip_decompress(
            *(self.handle, data, size, self._out, 1 << 16), ctypes.byref(inflated)
        ):
            raise InputError(path, "an undamaged file", f"byte {at}")
        return ctypes.string_at(self._out, inflated.value), size
