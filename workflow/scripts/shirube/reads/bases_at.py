"""Bases of reads at one place, whatever their mapping quality."""

from collections import Counter
from pathlib import Path

from pysam import AlignmentFile

from shirube.errors import InputError

_PAIRED = str.maketrans("ACGT", "TGCA")


def bases_at(
    path: str | Path,
    reference: str | Path,
    contig: str,
    place: int,
    complemented: bool = False,
    min_baseq: int = 13,
) -> Counter[str]:
    """Fragments by their base at `place` (0-based); mates that disagree count for neither.

    Primary alignments that are no duplicates or QC failures. Raises InputError if unreadable.
    """
    seen: dict[str, str] = {}
    try:
        with AlignmentFile(str(path), reference_filename=str(reference)) as opened:
            if contig not in opened.references:
                return Counter()
            for read in opened.fetch(contig, place, place + 1):
                if read.is_secondary or read.is_supplementary or read.is_duplicate:
                    continue
                if read.is_qcfail or read.is_unmapped or not read.query_sequence:
                    continue
                at = offset_of(read.cigartuples or [], place - read.reference_start)
                qualities = read.query_qualities
                if at is None or (qualities is not None and qualities[at] < min_baseq):
                    continue
                base, name = read.query_sequence[at], str(read.query_name)
                seen[name] = base if seen.get(name, base) == base else "N"
    except (OSError, ValueError) as error:
        raise InputError(path, f"a readable, indexed BAM or CRAM ({error})") from error
    found = Counter(base for base in seen.values() if base in "ACGT")
    return Counter({b.translate(_PAIRED): n for b, n in found.items()}) if complemented else found


def offset_of(cigar: list[tuple[int, int]], ahead: int) -> int | None:
    """Index in the read of the base `ahead` reference bases after its first aligned one.

    None where the read has no base there: before, after, deleted or skipped.
    """
    read = 0
    for operation, length in cigar:
        if operation in (0, 7, 8):
            if ahead < length:
                return read + ahead
            read, ahead = read + length, ahead - length
        elif operation in (1, 4):
            read += length
        elif operation in (2, 3):
            if ahead < length:
                return None
            ahead -= length
    return None
