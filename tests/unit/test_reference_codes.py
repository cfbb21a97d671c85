"""Bases of the reference as threads of one job ask for them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pysam
import pytest

from shirube.reads.reference import LETTER, reference_codes


@pytest.mark.parametrize("packed", [True, False], ids=["bgzip", "plain"])
def test_threads_that_ask_at_once_get_their_own_bases(packed: bool, tmp_path: Path) -> None:
    """A handle of htslib serves one thread: two that seek in it read each other's bases."""
    codes = np.random.default_rng(1).integers(0, 4, 2_000_000).astype(np.uint8)
    letters = np.frombuffer(LETTER.encode(), np.uint8)[codes].tobytes().decode()
    path = tmp_path / "ref.fa"
    lines = "\n".join(letters[at : at + 100] for at in range(0, len(letters), 100))
    path.write_text(f">chr1\n{lines}\n")
    if packed:
        pysam.tabix_compress(str(path), f"{path}.gz")
        path = Path(f"{path}.gz")
    pysam.faidx(str(path))
    starts = np.random.default_rng(2).integers(0, len(codes) - 5_000, 400).tolist()

    def right(start: int) -> bool:
        found = reference_codes(str(path), "chr1", start, start + 5_000)
        return bool(np.array_equal(found, codes[start : start + 5_000]))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(right, starts))
