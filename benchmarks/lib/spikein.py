"""Somatic truth made by editing real reads.

The fragments of one sample are dealt into two halves by a hash of their names: one stays as it is
(the normal), in the other (the tumour) SNVs, insertions, deletions and MNVs are planted into a
chosen number of the fragments that cover a site. Edited reads keep their qualities and errors and
are aligned again. Everything follows from the seed.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from realign import aligned

from shirube.calling.somatic.calling import Reads, call_somatic, name_phase_sets
from shirube.calling.somatic.errors import measured
from shirube.calling.somatic.model import Thresholds
from shirube.genome.intervals import Interval
from shirube.reads.bam import read_windows
from shirube.reads.indels import Indel, left_aligned
from shirube.reads.pileup import base_counts
from shirube.reads.reference import LETTER, code, reference_codes
from shirube.tools import run

FRACTIONS = (0.05, 0.07, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
LENGTHS = (1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50)
SPACING, FLANK, WINDOW = 230, 400, 120
MIN_MAPQ, MIN_BASEQ, MIN_OVERHANG = 20, 13, 10
_CIGAR = re.compile(r"(\d+)([MIDNSHP=X])")


@dataclass
class Read:
    """One line of SAM; `start` is 0-based."""

    fields: list[str]
    start: int
    bases: str

    @property
    def flag(self) -> int:
        """SAM flag."""
        return int(self.fields[1])

    def query(self, position: int) -> int | None:
        """Index of the base aligned to a 0-based position; None if there is none."""
        reference, at = self.start, 0
        for length, operation in _CIGAR.findall(self.fields[5]):
            size = int(length)
            if operation in "M=X":
                if reference <= position < reference + size:
                    return at + position - reference
                reference, at = reference + size, at + size
            elif operation in "DN":
                reference += size
            elif operation in "IS":
                at += size
        return None

    @property
    def end(self) -> int:
        """One after its last aligned position."""
        parts = _CIGAR.findall(self.fields[5])
        return self.start + sum(int(n) for n, operation in parts if operation in "MDN=X")


@dataclass
class Event:
    """A planted allele: `changes` are its alleles as a caller reports them (pos 1-based)."""

    kind: str
    anchor: int
    deleted: int
    inserted: str
    fraction: float
    changes: list[tuple[int, str, str]] = field(default_factory=list)
    length: int = 1
    homopolymer: int = 1
    carriers: int = 0
    depth: int = 0
    normal_depth: int = 0

    @property
    def vaf(self) -> float:
        """Fraction of the usable tumour fragments that carry it."""
        return self.carriers / self.depth if self.depth else 0.0


def in_tumour(name: str, seed: int) -> bool:
    """Which half a fragment is dealt into."""
    return hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=1).digest()[0] % 2 == 0


def read_sam(path: Path, region: str) -> tuple[list[str], list[Read]]:
    """Header lines and primary reads of a region."""
    text = run("samtools", "view", "-h", "-F", 0xF04, path, region).decode()
    lines = text.splitlines()
    header = [line for line in lines if line.startswith("@") and not line.startswith("@PG")]
    reads = []
    for line in lines:
        if not line.startswith("@"):
            fields = line.split("\t")
            reads.append(Read(fields, int(fields[3]) - 1, fields[9]))
    return header, reads


def varied(bam: Path, fasta: str, region: Interval) -> NDArray[np.bool_]:
    """Positions of the region where the unedited reads themselves show another base."""
    reads, _ = next(iter(read_windows(bam, fasta, [region], 0)))
    counts = base_counts(reads, region.start, region.end, MIN_MAPQ, MIN_BASEQ)
    codes = reference_codes(fasta, region.contig, region.start, region.end)
    same = counts[np.arange(len(codes)), np.minimum(codes, 3)]
    return counts.sum(axis=1) - same > 0.1 * np.maximum(counts.sum(axis=1), 1)


def planned(
    codes: NDArray[np.uint8], offset: int, seed: int, taken: NDArray[np.bool_]
) -> list[Event]:
    """Events over the reference `codes` (from position `offset`), `SPACING` bases apart.

    `taken` marks positions (from the first that can be planted, FLANK after `offset`) where the
    sample has an allele of its own: no event is planted on one.
    """
    rng = np.random.default_rng(seed)
    events = []
    for place in range(offset + FLANK, offset + len(codes) - FLANK, SPACING):
        anchor = place + int(rng.integers(0, SPACING - 150))
        at = anchor - offset
        if (codes[at - 60 : at + 60] == 4).any() or taken[at - FLANK : at - FLANK + 5].any():
            continue
        kind = str(rng.choice(["snv", "deletion", "insertion", "mnv"], p=[0.45, 0.25, 0.2, 0.1]))
        fraction, size = float(rng.choice(FRACTIONS)), int(rng.choice(LENGTHS))
        if kind in ("snv", "mnv"):
            size = 1 if kind == "snv" else int(rng.integers(2, 4))
            old = codes[at + 1 : at + 1 + size]
            new = (old + rng.integers(1, 4, size)) % 4
            text = "".join(LETTER[c] for c in new)
            event = Event(kind, anchor, size, text, fraction, length=size)
            event.changes = [(anchor + 2 + k, LETTER[old[k]], LETTER[new[k]]) for k in range(size)]
        else:
            if kind == "deletion":
                indel = Indel(anchor, size, "")
            elif rng.random() < 0.5:  # half of all insertions repeat what stands before them
                indel = Indel(anchor, 0, "".join(LETTER[c] for c in codes[at + 1 - size : at + 1]))
            else:
                indel = Indel(anchor, 0, "".join(LETTER[c] for c in rng.integers(0, 4, size)))
            indel = left_aligned(indel, codes, offset)
            event = Event(kind, indel.anchor, indel.deleted, indel.inserted, fraction, length=size)
            first = indel.anchor - offset
            ref = "".join(LETTER[c] for c in codes[first : first + indel.deleted + 1])
            event.changes = [(indel.anchor + 1, ref, ref[0] + indel.inserted)]
            event.homopolymer = _homopolymer(codes, first)
        events.append(event)
    return events


def _homopolymer(codes: NDArray[np.uint8], at: int) -> int:
    """Length of the run of one base right of index `at`."""
    run_length = 1
    while codes[at + 1 + run_length] == codes[at + 1]:
        run_length += 1
    return run_length


def _edited(read: Read, event: Event, codes: NDArray[np.uint8], offset: int) -> str | None:
    """Bases of `read` from a molecule with `event`; None if the read does not show its place."""
    left = read.query(event.anchor)
    right = read.query(event.anchor + 1 + event.deleted)
    size = len(read.bases)
    if read.flag & 16:
        if right is None:
            return None
        own = read.bases[: left + 1] if left is not None else ""
        edge = event.anchor + 1 if left is None else read.start
        clipped = left is not None and "S" in (_CIGAR.findall(read.fields[5])[0][1])
        beyond = "" if clipped else _reference(codes, offset, edge - size, edge)
        return (beyond + own + event.inserted + read.bases[right:])[-size:]
    if left is None:
        return None
    own = read.bases[right:] if right is not None else ""
    edge = event.anchor + 1 + event.deleted if right is None else read.end
    clipped = right is not None and "S" in (_CIGAR.findall(read.fields[5])[-1][1])
    beyond = "" if clipped else _reference(codes, offset, edge, edge + size)
    return (read.bases[: left + 1] + event.inserted + own + beyond)[:size]


def _reference(codes: NDArray[np.uint8], offset: int, start: int, end: int) -> str:
    low = max(start - offset, 0)
    return "".join(LETTER[c] for c in codes[low : max(end - offset, 0)])


def _replace(read: Read, bases: str, codes: NDArray[np.uint8], offset: int) -> None:
    """Give `read` new bases and the alignment they get."""
    low = max(read.start - WINDOW - offset, 0)
    window = codes[low : read.end + WINDOW - offset]
    quality = read.fields[10].ljust(len(bases), "#")
    _, start, cigar = aligned(code(bases), window)
    read.bases, read.start = bases, offset + low + start
    read.fields[3], read.fields[5] = str(read.start + 1), cigar
    read.fields[9], read.fields[10] = bases, quality[: len(bases)]
    read.fields[11:] = [tag for tag in read.fields[11:] if tag.startswith("RG:")]


def usable(read: Read, event: Event) -> bool:
    """Whether a read can show the event: mapped well, and to both sides (an SNV: a good base)."""
    if int(read.fields[4]) < MIN_MAPQ:
        return False
    if event.kind in ("snv", "mnv"):
        at = [read.query(event.anchor + 1 + k) for k in range(event.length)]
        return all(q is not None and ord(read.fields[10][q]) - 33 >= MIN_BASEQ for q in at)
    low, high = event.anchor - MIN_OVERHANG, event.anchor + event.deleted + MIN_OVERHANG
    return read.start <= low and read.end > high


def plant(
    reads: Sequence[Read],
    normal: Sequence[Read],
    events: Sequence[Event],
    codes: NDArray[np.uint8],
    offset: int,
    seed: int,
) -> None:
    """Edit `reads` in place; fills in carriers and depths of the events."""
    rng = np.random.default_rng(seed + 1)
    for event in events:
        covering = _fragments(reads, event)
        event.depth = len(covering)
        event.normal_depth = len(_fragments(normal, event))
        names = sorted(covering)
        count = int(rng.binomial(len(names), event.fraction))
        chosen = rng.choice(len(names), count, replace=False) if count else []
        for index in sorted(int(i) for i in chosen):
            shown = False
            for read in covering[names[index]]:
                bases = _edited(read, event, codes, offset)
                if bases is not None:
                    _replace(read, bases, codes, offset)
                    shown = True
            event.carriers += shown


def _fragments(reads: Sequence[Read], event: Event) -> dict[str, list[Read]]:
    """Reads over the event by fragment, where at least one of the fragment can show it."""
    starts = np.array([read.start for read in reads])
    near = np.flatnonzero(np.abs(starts - event.anchor) < 400)
    found: dict[str, list[Read]] = defaultdict(list)
    fine = set()
    for index in near:
        read = reads[int(index)]
        if read.start <= event.anchor + event.deleted and read.end > event.anchor:
            found[read.fields[0]].append(read)
            if usable(read, event):
                fine.add(read.fields[0])
    return {name: found[name] for name in fine}


def write_reads(path: Path, header: Sequence[str], reads: Sequence[Read]) -> str:
    """Write a sorted, indexed BAM."""
    lines = sorted(reads, key=lambda r: (r.start, r.fields[0], r.flag))
    text = path.with_suffix(".sam")
    text.write_text("\n".join([*header, *("\t".join(r.fields) for r in lines)]) + "\n")
    run("samtools", "view", "--write-index", "-b", "-o", f"{path}##idx##{path}.bai", text)
    text.unlink()
    return str(path)


def replicate(
    bam: Path, fasta: str, region: Interval, seed: int, scratch: Path
) -> tuple[list[Event], pl.DataFrame, pl.DataFrame]:
    """One replicate: its events, the calls with them planted, and the calls without (negatives)."""
    offset = region.start - FLANK
    codes = reference_codes(fasta, region.contig, offset, region.end + FLANK)
    header, reads = read_sam(bam, region.region)
    halves: dict[bool, list[Read]] = {True: [], False: []}
    for read in reads:
        halves[in_tumour(read.fields[0], seed)].append(read)
    normal = write_reads(scratch / f"normal{seed}.bam", header, halves[False])
    plain = write_reads(scratch / f"plain{seed}.bam", header, halves[True])
    events = planned(codes, offset, seed, varied(bam, fasta, region))
    plant(halves[True], halves[False], events, codes, offset, seed)
    tumour = write_reads(scratch / f"tumour{seed}.bam", header, halves[True])
    limits = Thresholds()
    tables = []
    for path in (tumour, plain):
        asked = (MIN_MAPQ, MIN_BASEQ, limits.max_false, limits.min_lod)
        errors, _ = measured(path, fasta, [region], *asked, normal)
        table = call_somatic(Reads(path, normal, fasta), [region], limits, None, errors)
        tables.append(name_phase_sets(table))
    return events, tables[0], tables[1]


def judged(events: Sequence[Event], calls: pl.DataFrame, seed: int) -> pl.DataFrame:
    """One row an event: what was planted, and the filter of its call (null: no candidate)."""
    verdict = {row[:3]: row[3] for row in calls.select("pos", "ref", "alt", "filter").iter_rows()}
    rows = []
    for event in events:
        filters = [verdict.get(change) for change in event.changes]
        kept = all(f == "PASS" for f in filters)
        first = next((f for f in filters if f != "PASS"), None)
        rows.append(
            {
                "seed": seed,
                "kind": event.kind,
                "pos": event.changes[0][0],
                "length": event.length,
                "homopolymer": event.homopolymer,
                "carriers": event.carriers,
                "depth": event.depth,
                "normal_depth": event.normal_depth,
                "vaf": event.vaf,
                "fraction": event.fraction,
                "found": kept,
                "filter": "PASS" if kept else first,
                "ref": event.changes[0][1],
                "alt": event.changes[0][2],
            }
        )
    return pl.DataFrame(rows)


def extras(events: Sequence[Event], calls: pl.DataFrame) -> pl.DataFrame:
    """Passing calls that nobody planted."""
    known = {change for event in events for change in event.changes}
    kept = calls.filter(filter="PASS")
    unknown = [row not in known for row in kept.select("pos", "ref", "alt").iter_rows()]
    return kept.filter(pl.Series(unknown, dtype=pl.Boolean))


def replicates(
    bam: Path, fasta: str, region: Interval, seeds: Sequence[int], scratch: Path
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]]:
    """Of each seed: judged events, calls nobody planted, passing calls of the unedited half."""
    for seed in seeds:
        events, calls, without = replicate(bam, fasta, region, seed, scratch)
        yield judged(events, calls, seed), extras(events, calls), without.filter(filter="PASS")
