"""Indexes walked before htslib trusts their counts."""

import struct
import subprocess
import sys
from pathlib import Path

import pysam
import pytest
from check_inputs import Run, valid_run, write_reads, write_variants

from shirube.errors import InputError
from shirube.reads.indexes import refuse_damaged_index
from shirube.reads.inspect import reads_header, variants_header

SCRIPTS = str(Path(__file__).resolve().parents[2] / "workflow" / "scripts")


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


def test_bin_that_no_index_has(tmp_path: Path) -> None:
    """Looking for reads with it, htslib does not end."""
    path = index(tmp_path, "bai")
    raw = path.read_bytes()
    for number in (37449, 37451, 0x2700924A):
        path.write_bytes(raw[:12] + struct.pack("<i", number) + raw[16:])
        with pytest.raises(InputError, match="a bin beyond the last"):
            refuse_damaged_index(path)


def test_text_index_of_cram_passes(tmp_path: Path) -> None:
    path = tmp_path / "x.cram.crai"
    path.write_text("0\t1\t2\t3\t4\t5\n")
    refuse_damaged_index(path)


def without_list(raw: bytes) -> bytes:
    """A BAI whose first bin of the second contig has a list of -1 chunks."""
    bins = struct.unpack_from("<i", raw, 8)[0]
    at = 12
    for _ in range(bins):
        at += 8 + 16 * struct.unpack_from("<i", raw, at + 4)[0]
    at += 4 + 8 * struct.unpack_from("<i", raw, at)[0]  # linear index; then bins of the next contig
    at += 8  # number of bins, number of the first
    return raw[:at] + struct.pack("<i", -1) + raw[at + 4 :]


# htslib frees what lies in memory by chance, so the file is opened among whole ones, many times.
_LOOK = """
import sys
from shirube.reads.inspect import first_disorder, reads_header
for _ in range(100):
    for path in sys.argv[1:]:
        assert reads_header(path).contigs and first_disorder(path) is None
"""


@pytest.mark.parametrize("damage", ["no list", "cut in a bin"])
def test_index_that_htslib_dies_of_is_never_loaded_to_look_at_reads(
    damage: str, tmp_path: Path
) -> None:
    """In a process of its own: where the index is loaded, it ends by a signal."""
    whole = write_reads(tmp_path / "whole.bam", "S1", seed=3)
    damaged = write_reads(tmp_path / "damaged.bam", "S1")
    path = Path(f"{damaged}.bai")
    raw = path.read_bytes()
    path.write_bytes(without_list(raw) if damage == "no list" else raw[:16])
    command = [sys.executable, "-c", _LOOK, str(whole), str(damaged)]
    done = subprocess.run(command, capture_output=True, check=False, env={"PYTHONPATH": SCRIPTS})
    assert (done.returncode, done.stderr) == (0, b"")
    with pytest.raises(InputError, match="a whole index"):
        refuse_damaged_index(path)


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Run:
    return valid_run(tmp_path)


def test_check_names_an_index_without_a_list(run: Run) -> None:
    path = run.folder / "P2_normal.bam.bai"
    path.write_bytes(without_list(path.read_bytes()))
    expected = "P2_normal.bam.bai: a whole index (a negative count); make it again"
    assert run.problems() == [expected]


def test_every_index_beside_a_file_is_walked(run: Run) -> None:
    """Htslib loads a CSI before a BAI."""
    bam = run.folder / "P2_normal.bam"
    pysam.index("-c", str(bam), f"{bam}.csi")
    assert run.problems() == []
    Path(f"{bam}.csi").write_bytes(Path(f"{bam}.csi").read_bytes()[:30])
    assert [line.split(" (")[0] for line in run.problems()] == ["P2_normal.bam.csi: a whole index"]


@pytest.mark.parametrize("name", ["x.bam", "x.cram", "x.bcf", "x.vcf.gz"])
def test_file_of_no_format_is_refused_by_its_own_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    header = variants_header if name.endswith(("f", "z")) else reads_header
    for content in (b"", b"\x00" * 99, b"\x1f\x8b\x08\x04" + b"\x00" * 99):
        path.write_bytes(content)
        with pytest.raises(InputError) as refused:
            header(path)
        assert str(refused.value).startswith(f"{path}: a ")
        assert "/dev/fd" not in str(refused.value)
