"""Indexes walked before htslib trusts their counts."""

import struct
from pathlib import Path

import pysam
import pytest
from check_inputs import write_reads, write_variants

from shirube.errors import InputError
from shirube.reads.indexes import refuse_damaged_index


def index(folder: Path, kind: str) -> Path:
    """A good index of a kind, made by htslib."""
    if kind == "tbi":
        return Path(f"{write_variants(folder / 'x.vcf.gz')}.tbi")
    path = write_reads(folder / "x.bam", "S1", index=False)
    pysam.index(*(("-c",) if kind == "csi" else ()), str(path))
    return Path(f"{path}.{kind}")


@pytest.mark.parametrize("kind", ["bai", "csi", "tbi"])
def test_whole_index_passes_and_every_cut_one_is_refused(kind: str, tmp_path: Path) -> None:
    path = index(tmp_path, kind)
    refuse_damaged_index(path)
    raw = path.read_bytes()
    plain = kind == "bai"
    for size in range(0, len(raw) - 8 if plain else len(raw) - 28, 7):
        path.write_bytes(raw[:size])
        with pytest.raises(InputError, match="a whole index"):
            refuse_damaged_index(path)


def test_count_beyond_the_file(tmp_path: Path) -> None:
    path = index(tmp_path, "bai")
    raw = path.read_bytes()
    for count in (2**31 - 1, -1):
        path.write_bytes(raw[:8] + struct.pack("<i", count) + raw[12:])
        with pytest.raises(InputError, match="a whole index"):
            refuse_damaged_index(path)


def test_text_index_of_cram_passes(tmp_path: Path) -> None:
    path = tmp_path / "x.cram.crai"
    path.write_text("0\t1\t2\t3\t4\t5\n")
    refuse_damaged_index(path)
