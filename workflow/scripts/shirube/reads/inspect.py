"""What an alignment, variant or sequence file says of itself, before anything is computed.

Every function reads little: headers, ends, indexes and the first records of a few places.
Coordinates are 0-based, half-open. htslib's own messages are silenced; a file that cannot be
read raises InputError. No reference is ever fetched from the network.
"""

import hashlib
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import pysam

from shirube.errors import InputError

# The empty block that ends a BGZF file (SAM specification, 4.1.2) and the containers that end a
# CRAM of version 2.1 and 3.x (CRAM specification, "End of file container").
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_CRAM_ENDS = (
    bytes.fromhex("0f000000ffffffff0fe0454f4600000000010005bdd94f0001000606010001000100ee63014b"),
    bytes.fromhex("0b000000ffffffffffe0454f4600000000010000010006060100010001 00".replace(" ", "")),
    bytes.fromhex("0b000000ffffffff0fe0454f4600000000010000010006060100010001 00".replace(" ", "")),
)
_PLACE_ONLY = 0x002 | 0x004 | 0x008  # CRAM fields decoded for the order: flag, contig, position


@dataclass(frozen=True)
class ReadsHeader:
    """The header of a BAM or CRAM; `order` is @HD SO where stated."""

    format: str
    contigs: dict[str, int]
    md5: dict[str, str]
    samples: tuple[str, ...]
    groups: int
    order: str | None


@dataclass(frozen=True)
class VariantsHeader:
    """The header of a VCF or BCF; a contig's length is None where the header states none."""

    format: str
    samples: tuple[str, ...]
    contigs: dict[str, int | None]
    formats: frozenset[str]
    infos: frozenset[str]


@contextmanager
def _quiet(path: object, expected: str) -> Iterator[None]:
    """Htslib without its messages and without the network; its failures become InputError."""
    verbosity = pysam.set_verbosity(0)
    hook, sys.unraisablehook = sys.unraisablehook, lambda _: None  # failures to close a bad file
    lookup = os.environ.get("REF_PATH")
    os.environ["REF_PATH"] = os.devnull + "/%s"
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except (OSError, ValueError, EOFError, LookupError, NotImplementedError) as error:
        why = re.sub(r"/dev/fd/\d+", lambda _: str(path), " ".join(str(error).split()))
        raise InputError(path, f"{expected} ({why})") from error
    finally:
        pysam.set_verbosity(verbosity)
        sys.unraisablehook = hook
        if lookup is None:
            del os.environ["REF_PATH"]
        else:
            os.environ["REF_PATH"] = lookup


def compression(path: str | Path) -> str:
    """How the file is packed, by its first bytes: bgzf, gzip, cram, plain or empty."""
    with open(path, "rb") as stream:
        head = stream.read(18)
    if not head:
        return "empty"
    if head[:4] == b"CRAM":
        return "cram"
    if head[:2] != b"\x1f\x8b":
        return "plain"
    return "bgzf" if head[12:14] == b"BC" and head[3] & 4 else "gzip"


def ends_whole(path: str | Path) -> bool:
    """Whether a BGZF or CRAM file ends with the block that says it is complete."""
    endings = _CRAM_ENDS if compression(path) == "cram" else (_BGZF_END,)
    with open(path, "rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - 64))
        tail = stream.read()
    return any(tail.endswith(ending) for ending in endings)


@contextmanager
def _no_index(path: str | Path) -> Iterator[str]:
    """Another name of a file while it is open, beside which htslib finds no index to load.

    Opened by its own name, a file's index is loaded at once, needed or not, and htslib frees
    memory it never set where a list of an index ends early: a damaged index ends the process.
    """
    with open(path, "rb") as stream:
        yield f"/dev/fd/{stream.fileno()}"


def _reads(
    path: str | Path,
    reference: str | None = None,
    place_only: bool = False,
    opened: str | None = None,
) -> pysam.AlignmentFile:
    cram = compression(path) == "cram"
    return pysam.AlignmentFile(
        opened or str(path),
        check_sq=False,
        ignore_truncation=True,
        reference_filename=reference if cram else None,
        format_options=[f"required_fields={_PLACE_ONLY}"] if cram and place_only else None,
    )


def reads_header(path: str | Path) -> ReadsHeader:
    """Contigs, samples and order that a BAM or CRAM states. Its index is left alone."""
    with (
        _quiet(path, "a BAM or CRAM with a header"),
        _no_index(path) as opened,
        _reads(path, opened=opened) as reads,
    ):
        header = reads.header.to_dict()
        sequences = [s for s in header.get("SQ", []) if "SN" in s]
        groups = header.get("RG", [])
        return ReadsHeader(
            format="CRAM" if reads.is_cram else "BAM" if reads.is_bam else "SAM",
            contigs={s["SN"]: int(s["LN"]) for s in sequences},
            md5={s["SN"]: str(s["M5"]).lower() for s in sequences if "M5" in s},
            samples=tuple(sorted({str(g["SM"]) for g in groups if g.get("SM")})),
            groups=len(groups),
            order=header.get("HD", {}).get("SO"),
        )


def indexes_of(path: str | Path) -> list[Path]:
    """The indexes beside a file, under every name htslib looks for: it may load any of them."""
    path = Path(path)
    endings = {
        ".bam": (".bam.bai", ".bam.csi", ".bai", ".csi"),
        ".cram": (".cram.crai", ".crai"),
        ".gz": (".gz.tbi", ".gz.csi"),
        ".bgz": (".bgz.tbi", ".bgz.csi"),
        ".bcf": (".bcf.csi",),
    }
    stem = path.name.removesuffix(path.suffix)
    candidates = [path.with_name(stem + ending) for ending in endings.get(path.suffix, ())]
    return [candidate for candidate in candidates if candidate.is_file()]


def first_disorder(path: str | Path, count: int = 100_000) -> str | None:
    """Name of the first read out of coordinate order among the first `count`; None if none.

    The index is left alone.
    """
    with (
        _quiet(path, "reads that can be decoded"),
        _no_index(path) as opened,
        _reads(path, place_only=True, opened=opened) as reads,
    ):
        last = (0, -1)
        for read in islice(reads.fetch(until_eof=True), count):
            unplaced = read.reference_id < 0
            place = (
                (len(reads.references), 0)
                if unplaced
                else (read.reference_id, read.reference_start)
            )
            if place < last:
                return str(
                    read.query_name
                    or f"{reads.get_reference_name(read.reference_id)}:{read.reference_start + 1}"
                )
            last = place
    return None


def sampled_reads(
    path: str | Path,
    places: Sequence[tuple[str, int, int]],
    reference: str | None = None,
    count: int = 200,
) -> list[str]:
    """Digests of the first `count` reads of each contig in `places`, in their order.

    A digest covers name, flag, contig, position and bases, so that it is the same for the same
    read in another file or format. For CRAM each slice decoded is checked against `reference` by
    htslib (MD5 of the slice); a mismatch raises InputError. Needs the index.
    """
    digests: list[str] = []
    met: dict[str, int] = {}
    with _quiet(path, "reads that can be decoded"), _reads(path, reference) as reads:
        for contig, start, end in places:
            wanted = count - met.get(contig, 0)
            if wanted <= 0 or reads.get_tid(contig) < 0:
                continue
            for read in islice(reads.fetch(contig, start, end), wanted):
                met[contig] = met.get(contig, 0) + 1
                place = f"{contig} {read.reference_start}"
                text = f"{read.query_name} {read.flag} {place} {read.query_sequence}"
                digests.append(hashlib.sha256(text.encode()).hexdigest())
    return digests


def variants_header(path: str | Path) -> VariantsHeader:
    """Samples, contigs, FORMAT and INFO ids that a VCF or BCF states. Its index is left alone."""
    with (
        _quiet(path, "a VCF or BCF with a header"),
        _no_index(path) as opened,
        pysam.VariantFile(opened, ignore_truncation=True) as variants,
    ):
        header = variants.header
        return VariantsHeader(
            format=str(variants.format),
            samples=tuple(header.samples),
            contigs={str(name): header.contigs[name].length for name in header.contigs},
            formats=frozenset(header.formats),
            infos=frozenset(header.info),
        )


def sampled_lines(
    path: str | Path, places: Sequence[tuple[str, int, int]], count: int = 1000
) -> list[str]:
    """Lines of the first records of each place of a VCF or BCF, `count` in all at most.

    The lines of a VCF are as they stand in the file. Needs the index.
    """
    found: list[str] = []
    each = max(20, count // max(1, len(places)))
    with _quiet(path, "records that can be read"), _lines(path) as records:
        for contig, start, end in places:
            if contig in records.contigs and len(found) < count:
                found += [str(line) for line in islice(records.fetch(contig, start, end), each)]
    return [line.rstrip("\n") for line in found]


@dataclass(frozen=True)
class _Records:
    """A variant file by place: its contigs, and what fetches lines (or records that print so)."""

    contigs: frozenset[str]
    fetch: Callable[[str, int, int], Iterable[object]]


@contextmanager
def _lines(path: str | Path) -> Iterator[_Records]:
    if str(path).endswith(".bcf"):
        with pysam.VariantFile(str(path), ignore_truncation=True) as variants:
            names = frozenset(str(name) for name in variants.header.contigs)
            yield _Records(names, variants.fetch)
    else:
        with _tabix(path) as table:
            yield _Records(frozenset(table.contigs), table.fetch)


def _tabix(path: str | Path) -> pysam.TabixFile:
    """A bgzipped text by its index, TBI or CSI."""
    indexes = indexes_of(path)
    return pysam.TabixFile(str(path), index=str(indexes[0]) if indexes else None)


def indexed_contigs(path: str | Path) -> tuple[str, ...]:
    """Contigs that the index of a bgzipped VCF or BED holds records of."""
    with _quiet(path, "an index that can be read"), _tabix(path) as table:
        return tuple(table.contigs)


def bases(fasta: str | Path, places: Sequence[tuple[str, int, int]]) -> list[str]:
    """Reference bases of each place, upper case. Needs .fai (and .gzi)."""
    with _quiet(fasta, "an indexed FASTA"), pysam.FastaFile(str(fasta)) as sequence:
        return [sequence.fetch(contig, start, end).upper() for contig, start, end in places]


def contig_md5(fasta: str | Path, contig: str, length: int, step: int = 8_000_000) -> str:
    """MD5 of one contig as SAM's @SQ M5 defines it: upper case, no line ends."""
    digest = hashlib.md5(usedforsecurity=False)
    edges = [*range(0, length, step), length]
    with _quiet(fasta, "an indexed FASTA"), pysam.FastaFile(str(fasta)) as sequence:
        for start, end in pairwise(edges):
            digest.update(sequence.fetch(contig, start, end).upper().encode())
    return digest.hexdigest()


def mapped_reads(path: str | Path, contigs: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Contig -> (length, mapped reads) by the index of a BAM; empty where there is none.

    The index of a CRAM holds no counts.
    """
    if compression(path) != "bgzf" or not indexes_of(path):
        return {}
    with _quiet(path, "an index that can be read"), _reads(path) as reads:
        statistics = reads.get_index_statistics()
    return {s.contig: (contigs[s.contig], s.mapped) for s in statistics if s.contig in contigs}
