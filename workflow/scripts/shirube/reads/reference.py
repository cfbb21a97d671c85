"""Bases of the reference near reads, as codes: A C G T = 0 1 2 3, anything else 4."""

from functools import lru_cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from pysam import FastaFile

from shirube.errors import InputError

CODE = np.full(256, 4, np.uint8)
CODE[np.frombuffer(b"ACGTacgt", np.uint8)] = [0, 1, 2, 3] * 2
LETTER = "ACGTN"
# A handle of htslib serves one thread, and fetching lets the others of a job run meanwhile.
_ONE_AT_A_TIME = Lock()


@lru_cache(maxsize=4)
def _opened(fasta: str) -> FastaFile:
    try:
        return FastaFile(fasta)
    except (OSError, ValueError) as error:
        raise InputError(fasta, f"a FASTA file with its index ({error})") from error


def reference_codes(fasta: str, contig: str, start: int, end: int) -> NDArray[np.uint8]:
    """Codes of the reference over [start, end), 0-based; positions beyond the contig are 4."""
    codes = np.full(end - start, 4, np.uint8)
    with _ONE_AT_A_TIME:
        opened = _opened(str(fasta))
        low, high = max(start, 0), min(end, opened.get_reference_length(contig))
        letters = opened.fetch(contig, low, high) if low < high else ""
    if letters:
        codes[low - start : high - start] = CODE[np.frombuffer(letters.encode(), np.uint8)]
    return codes


def code(letters: str) -> NDArray[np.uint8]:
    """Codes of a string of bases."""
    return CODE[np.frombuffer(letters.encode(), np.uint8)]
