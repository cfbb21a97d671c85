"""Bases of the reference near reads, as codes: A C G T = 0 1 2 3, anything else 4."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pysam import FastaFile

from shirube.errors import InputError

CODE = np.full(256, 4, np.uint8)
CODE[np.frombuffer(b"ACGTacgt", np.uint8)] = [0, 1, 2, 3] * 2
LETTER = "ACGTN"


@lru_cache(maxsize=4)
def _opened(fasta: str) -> FastaFile:
    try:
        return FastaFile(fasta)
    except (OSError, ValueError) as error:
        raise InputError(fasta, f"a FASTA file with its index ({error})") from error


def reference_codes(fasta: str, contig: str, start: int, end: int) -> NDArray[np.uint8]:
    """Codes of the reference over [start, end), 0-based; positions beyond the contig are 4."""
    opened = _opened(str(fasta))
    length = opened.get_reference_length(contig)
    codes = np.full(end - start, 4, np.uint8)
    low, high = max(start, 0), min(end, length)
    if low < high:
        letters = np.frombuffer(opened.fetch(contig, low, high).encode(), np.uint8)
        codes[low - start : high - start] = CODE[letters]
    return codes


def code(letters: str) -> NDArray[np.uint8]:
    """Codes of a string of bases."""
    return CODE[np.frombuffer(letters.encode(), np.uint8)]
