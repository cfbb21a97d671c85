"""What the reads of a sample are like: one pass of `samtools stats`."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shirube.regions import Interval
from shirube.tools import piped


@dataclass(frozen=True)
class ReadsSummary:
    """Counts of primary reads; insert is the median size of proper pairs, null without pairs."""

    reads: int
    mapped: int
    duplicates: int
    bases: int
    mismatches: int
    insert: int | None


def reads_summary(
    reads: str | Path, reference: str | Path, regions: Sequence[Interval] | None
) -> ReadsSummary:
    """Summary of a BAM or CRAM: of reads over `regions`, or of all where that is None."""
    stats = ["samtools", "stats", "--reference", reference]
    if regions is None:
        with piped([*stats, reads]) as stream:
            return parsed(stream.read().decode())
    with tempfile.TemporaryDirectory() as scratch:
        bed = Path(scratch) / "regions.bed"
        bed.write_text("".join(f"{i.contig}\t{i.start}\t{i.end}\n" for i in regions))
        view = ["samtools", "view", "--no-PG", "-u", "-T", reference, "-M", "-L", bed, reads]
        with piped(view, [*stats, "-"]) as stream:
            return parsed(stream.read().decode())


def parsed(text: str) -> ReadsSummary:
    """The numbers of `samtools stats` that are kept: SN lines, and IS for the insert size."""
    numbers: dict[str, int] = {}
    sizes: list[tuple[int, int]] = []
    for line in text.splitlines():
        fields = line.split("\t")
        if fields[0] == "SN" and fields[2].isdigit():
            numbers[fields[1].rstrip(":")] = int(fields[2])
        elif fields[0] == "IS":
            sizes.append((int(fields[1]), int(fields[2])))
    half, seen, insert = sum(count for _, count in sizes) / 2, 0, None
    for size, count in sizes:
        seen += count
        if seen >= half > 0:
            insert = size
            break
    return ReadsSummary(
        numbers["sequences"],
        numbers["reads mapped"],
        numbers["reads duplicated"],
        numbers["bases mapped (cigar)"],
        numbers["mismatches"],
        insert,
    )
