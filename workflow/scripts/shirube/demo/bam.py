"""BAM files written as bytes: BGZF blocks and binary alignment records.

Records are laid out by numpy for thousands of reads at a time, after the SAM specification
(section 4.2); samtools reads and indexes the result like any other BAM. Written here rather than
record by record through a library because a demo of a million reads has to be made in seconds.
"""

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

EOF_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_BLOCK = 0xFF00
OPERATIONS = "MIDNSHP=X"
_NIBBLE = np.full(256, 15, np.uint8)
for _code, _base in enumerate(b"=ACMGRSVTWYHKDBN"):
    _NIBBLE[_base] = _code


def bgzf(data: bytes, level: int = 6) -> bytes:
    """`data` as BGZF blocks with the end-of-file block."""
    out = bytearray()
    for at in range(0, len(data), _BLOCK):
        chunk = data[at : at + _BLOCK]
        packer = zlib.compressobj(level, zlib.DEFLATED, -15)
        body = packer.compress(chunk) + packer.flush()
        out += struct.pack("<4BI2BH2B2H", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, len(body) + 25)
        out += body + struct.pack("<2I", zlib.crc32(chunk), len(chunk))
    return bytes(out) + EOF_BLOCK


def header(text: str, contigs: dict[str, int]) -> bytes:
    """BAM header with its SAM text and the reference dictionary."""
    raw = text.encode()
    out = b"BAM\1" + struct.pack("<I", len(raw)) + raw + struct.pack("<I", len(contigs))
    for name, length in contigs.items():
        out += struct.pack("<I", len(name) + 1) + name.encode() + b"\0" + struct.pack("<I", length)
    return out


def bins(start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """The BAI bin of each interval (SAM specification, section 5.3)."""
    last = end - 1
    out = np.zeros(len(start), np.int64)
    for shift, offset in ((26, 1), (23, 9), (20, 73), (17, 585), (14, 4681)):
        same = (start >> shift) == (last >> shift)
        out = np.where(same, offset + (start >> shift), out)
    return out


def packed(sequences: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Rows of ASCII bases as rows of 4-bit codes; an odd length gets a zero nibble."""
    codes = _NIBBLE[sequences]
    if codes.shape[1] % 2:
        codes = np.pad(codes, ((0, 0), (0, 1)))
    return ((codes[:, ::2] << 4) | codes[:, 1::2]).astype(np.uint8)


def cigar_text(cigar: list[tuple[int, int]]) -> str:
    """CIGAR as SAM writes it; operations are (code, length)."""
    return "".join(f"{length}{OPERATIONS[code]}" for code, length in cigar)


def record(
    tid: int,
    pos: int,
    mapq: int,
    flag: int,
    mate: tuple[int, int, int],
    name: bytes,
    cigar: list[tuple[int, int]],
    sequence: NDArray[np.uint8],
    quality: NDArray[np.uint8],
    tags: bytes,
) -> bytes:
    """One alignment record; `mate` is (tid, position, template length)."""
    span = sum(length for code, length in cigar if code in (0, 2, 3, 7, 8)) or 1
    bin_ = int(bins(np.array([pos]), np.array([pos + span]))[0])
    body = struct.pack(
        "<iiBBHHHiiii", tid, pos, len(name) + 1, mapq, bin_, len(cigar), flag, len(sequence), *mate
    )
    body += name + b"\0" + b"".join(struct.pack("<I", n << 4 | op) for op, n in cigar)
    body += packed(sequence[None, :]).tobytes() + quality.tobytes() + tags
    return struct.pack("<i", len(body)) + body


def matched_records(
    tid: NDArray[np.int64],
    pos: NDArray[np.int64],
    mapq: int,
    flag: NDArray[np.int64],
    mate: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    names: NDArray[np.bytes_],
    sequences: NDArray[np.uint8],
    qualities: NDArray[np.uint8],
    mismatches: NDArray[np.int64],
    group: bytes,
) -> list[bytes]:
    """Records of reads that align from end to end without a gap (one M operation)."""
    length, width = sequences.shape[1], names.dtype.itemsize
    tags = b"RGZ" + group + b"\0NMC"
    layout = np.dtype(
        [
            *((name, "<i4") for name in ("size", "tid", "pos")),
            *(("name_size", "u1"), ("mapq", "u1"), ("bin", "<u2"), ("ops", "<u2"), ("flag", "<u2")),
            *((name, "<i4") for name in ("length", "mate_tid", "mate_pos", "template")),
            *(("name", f"S{width}"), ("nul", "u1"), ("cigar", "<u4")),
            *(("seq", "u1", ((length + 1) // 2,)), ("qual", "u1", (length,))),
            *(("tags", f"V{len(tags)}"), ("nm", "u1")),
        ]
    )
    rows = np.zeros(len(pos), layout)
    rows["size"], rows["tid"], rows["pos"] = layout.itemsize - 4, tid, pos
    rows["name_size"], rows["mapq"], rows["flag"] = width + 1, mapq, flag
    rows["bin"], rows["ops"], rows["length"] = bins(pos, pos + length), 1, length
    rows["mate_tid"], rows["mate_pos"], rows["template"] = mate
    rows["name"], rows["cigar"] = names, length << 4
    rows["seq"], rows["qual"] = packed(sequences), qualities
    rows["tags"], rows["nm"] = np.void(tags), mismatches
    data, size = rows.tobytes(), layout.itemsize
    return [data[at : at + size] for at in range(0, len(data), size)]


def write_if_changed(path: Path, data: bytes) -> bool:
    """Write `data` through a temporary file unless `path` holds it already; True if written."""
    if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)
    return True
