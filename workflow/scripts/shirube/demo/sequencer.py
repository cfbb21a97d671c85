"""Read pairs of artificial chromosomes, with the alignments a careful aligner would give them.

The simulator knows where every base comes from, so it writes the alignment instead of searching
for it: end-to-end matches, insertions and deletions up to 100 bases inside the CIGAR, soft clips
and supplementary alignments (SA tags) where a read crosses a junction. A read that lies wholly in
inserted bases is unmapped beside its mate; if its mate is too, both are left out.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shirube.demo import bam
from shirube.demo.genome import CONTIGS, LABEL, Genome, complement
from shirube.demo.variants import Chromosome

READ, MAPQ = 150, 60
INSERT_MEAN, INSERT_SD, INSERT_MAX = 450.0, 60.0, 760
LARGEST_GAP, SHORTEST_FLANK, SHORTEST_PART = 100, 5, 30
_QUALITY = np.array([11, 25, 37], np.uint8)
_RANK = np.array([400, 800], np.uint16)
_ERROR = np.array([5206, 207, 13], np.uint16)
_SHIFT = np.frombuffer(b"ACGT", np.uint8)
_CODE = np.zeros(256, np.uint8)
_CODE[_SHIFT] = np.arange(4)
M, I, D, S = 0, 1, 2, 4  # noqa: E741
PAIRED, PROPER, REVERSE, MATE_REVERSE, FIRST, SECOND = 1, 2, 16, 32, 64, 128
UNMAPPED, MATE_UNMAPPED = 4, 8
DUPLICATE, SUPPLEMENTARY = 1024, 2048


@dataclass(frozen=True)
class Part:
    """One alignment of a read: CIGAR in reference order, `offset` of the window's first base."""

    contig: int
    pos: int
    reverse: bool
    cigar: list[tuple[int, int]]
    aligned: int

    @property
    def end(self) -> int:
        """End on the reference."""
        return self.pos + sum(n for op, n in self.cigar if op in (M, D))


def parts(chromosome: Chromosome, at: int) -> list[Part]:
    """Alignments of the window [at, at + READ) of a chromosome, the longest first.

    `reverse` and CIGARs are relative to the chromosome's forward reading of the window.
    """
    place = chromosome.place[at : at + READ]
    strand = chromosome.strand[at : at + READ]
    contig = chromosome.contig[at : at + READ]
    solid = np.flatnonzero(place >= 0)
    runs: list[list[tuple[int, int, int]]] = []
    step = np.diff(place[solid])
    same = (contig[solid][1:] == contig[solid][:-1]) & (strand[solid][1:] == strand[solid][:-1])
    ahead = step * strand[solid][1:]
    adjacent = np.diff(solid) == 1
    begin = 0
    group: list[tuple[int, int, int]] = []
    for index in range(len(solid)):
        last = index == len(solid) - 1
        if not last and same[index] and ahead[index] == 1 and adjacent[index]:
            continue
        group.append((int(solid[begin]), int(solid[index]) + 1, int(place[solid[begin]])))
        begin = index + 1
        if last or not same[index] or not 0 < ahead[index] <= LARGEST_GAP:
            runs.append(group)
            group = []
    out = [part for group in runs if (part := _part(group, strand, contig)) is not None]
    return sorted(out, key=lambda part: -part.aligned)


def _part(
    group: list[tuple[int, int, int]], strand: NDArray[np.int8], contig: NDArray[np.int8]
) -> Part | None:
    """One alignment of colinear runs (first, end in the read; reference place of the first)."""
    while len(group) > 1 and group[0][1] - group[0][0] < SHORTEST_FLANK:
        group = group[1:]
    while len(group) > 1 and group[-1][1] - group[-1][0] < SHORTEST_FLANK:
        group = group[:-1]
    direction = int(strand[group[0][0]])
    first, last = group[0][0], group[-1][1]
    cigar: list[tuple[int, int]] = [(S, first)] if first else []
    for index, (start, end, place) in enumerate(group):
        if index:
            before_end, before = group[index - 1][1], group[index - 1]
            skipped = direction * (place - before[2]) - (before[1] - before[0])
            if start > before_end:
                cigar.append((I, start - before_end))
            if skipped:
                cigar.append((D, skipped))
        cigar.append((M, end - start))
    if last < READ:
        cigar.append((S, READ - last))
    start, end, place = group[0] if direction > 0 else group[-1]
    low = place if direction > 0 else place - (end - start) + 1
    if direction < 0:
        cigar.reverse()
    aligned = sum(n for op, n in cigar if op == M)
    return Part(int(contig[first]), low, direction < 0, cigar, aligned) if aligned else None


def fragments(
    chromosome: Chromosome, depth: float, duplicates: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Starts, insert sizes and duplicate flags of the fragments that give `depth` on average."""
    length = len(chromosome.bases)
    if length < INSERT_MAX:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_)
    number = round(depth * length / (2 * READ))
    insert = rng.normal(INSERT_MEAN, INSERT_SD, number).astype(np.int64).clip(READ + 20, INSERT_MAX)
    start = (rng.random(number) * (length - insert)).astype(np.int64)
    order = np.argsort(start, kind="stable")
    start, insert = start[order], insert[order]
    unknown = np.concatenate([[0], np.cumsum(chromosome.bases == ord("N"))])
    known = unknown[start + insert] == unknown[start]
    start, insert = start[known], insert[known]
    again = rng.random(len(start)) < duplicates
    return (
        np.concatenate([start, start[again]]),
        np.concatenate([insert, insert[again]]),
        np.concatenate([np.zeros(len(start), np.bool_), np.ones(int(again.sum()), np.bool_)]),
    )


def sequenced(
    windows: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Bases with sequencing errors and the qualities that foretell them."""
    rank = np.searchsorted(_RANK, rng.integers(0, 65536, windows.shape, dtype=np.uint16), "right")
    wrong = rng.integers(0, 65536, windows.shape, dtype=np.uint16) < _ERROR[rank]
    where = np.nonzero(wrong)
    out = windows.copy()
    shift = rng.integers(1, 4, len(where[0]), dtype=np.uint8)
    out[where] = _SHIFT[(_CODE[windows[where]] + shift) % 4]
    return out, _QUALITY[rank]


class Sequencer:
    """Collects the records of one sample; `finish` gives the BAM."""

    def __init__(self, genome: Genome, sample: str, seed: Sequence[int]) -> None:
        self.genome, self.sample = genome, sample
        self.rng = np.random.default_rng(seed)
        self.keys: list[NDArray[np.int64]] = []
        self.records: list[bytes] = []
        self.named = 0

    def add(self, chromosome: Chromosome, depth: float, duplicates: float = 0.0) -> None:
        """Sequence one chromosome to `depth`."""
        start, insert, duplicate = fragments(chromosome, depth, duplicates, self.rng)
        count = len(start)
        if not count:
            return
        at = np.concatenate([start, start + insert - READ])
        windows = chromosome.bases[at[:, None] + np.arange(READ)]
        sequences, qualities = sequenced(windows, self.rng)
        second = self.rng.random(count) < 0.5
        right = np.arange(2 * count) >= count
        is_second = np.concatenate([second, ~second])
        place, strand = chromosome.place, chromosome.strand
        smooth = (
            (np.diff(place) == strand[1:])
            & (strand[1:] == strand[:-1])
            & (chromosome.contig[1:] == chromosome.contig[:-1])
            & (place[1:] >= 0)
            & (place[:-1] >= 0)
        )
        rough = np.concatenate([[0], np.cumsum(~smooth)])
        simple = rough[at + READ - 1] == rough[at]
        reverse = strand[at] < 0
        pos = np.where(reverse, place[at + READ - 1], place[at]).astype(np.int64)
        span = np.full(2 * count, READ, np.int64)
        contig = chromosome.contig[at].astype(np.int64)
        split: dict[int, list[Part]] = {}
        nowhere = np.zeros(2 * count, np.bool_)
        for index in np.flatnonzero(~simple).tolist():
            found = parts(chromosome, int(at[index]))
            if not found:
                nowhere[index] = True
                continue
            first = found[0]
            split[index] = [first, *(p for p in found[1:] if p.aligned >= SHORTEST_PART)]
            pos[index], reverse[index], contig[index] = first.pos, first.reverse, first.contig
            span[index] = first.end - first.pos
        turned = reverse.copy()
        sequences[turned] = complement(sequences[turned])[:, ::-1]
        qualities[turned] = qualities[turned][:, ::-1]
        backwards = reverse ^ right
        mate = np.concatenate([np.arange(count, 2 * count), np.arange(count)])
        pos, contig = np.where(nowhere, pos[mate], pos), np.where(nowhere, contig[mate], contig)
        lost = nowhere & nowhere[mate]
        together = contig == contig[mate]
        leftmost = (pos < pos[mate]) | ((pos == pos[mate]) & ~right)
        length = np.maximum(pos + span, pos[mate] + span[mate]) - np.minimum(pos, pos[mate])
        template = np.where(together, np.where(leftmost, length, -length), 0)
        facing = np.where(leftmost, ~backwards & backwards[mate], backwards & ~backwards[mate])
        proper = together & facing & (length <= 1000) & ~nowhere & ~nowhere[mate]
        template = np.where(nowhere | nowhere[mate], 0, template)
        flag = PAIRED + PROPER * proper + REVERSE * backwards + MATE_REVERSE * backwards[mate]
        flag = flag + np.where(is_second, SECOND, FIRST) + DUPLICATE * np.tile(duplicate, 2)
        flag = flag + UNMAPPED * nowhere + MATE_UNMAPPED * nowhere[mate]
        numbers = np.char.zfill((self.named + np.arange(count)).astype("S7"), 7)
        names = np.tile(np.char.add(f"{self.sample}:".encode(), numbers), 2)
        self.named += count
        mates = (contig[mate], pos[mate], template)
        self._matched(simple, contig, pos, flag, mates, names, sequences, qualities)
        for index in np.flatnonzero(nowhere & ~lost).tolist():
            self._unmapped(
                (int(contig[index]), int(pos[index])),
                int(flag[index]),
                bytes(names[index]),
                sequences[index],
                qualities[index],
            )
        for index, found in split.items():
            self._split(
                found,
                int(flag[index]),
                (int(contig[mate][index]), int(pos[mate][index]), int(template[index])),
                bytes(names[index]),
                sequences[index],
                qualities[index],
            )

    def _matched(
        self,
        chosen: NDArray[np.bool_],
        contig: NDArray[np.int64],
        pos: NDArray[np.int64],
        flag: NDArray[np.int64],
        mates: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
        names: NDArray[np.bytes_],
        sequences: NDArray[np.uint8],
        qualities: NDArray[np.uint8],
    ) -> None:
        rows = np.flatnonzero(chosen)
        contig, pos, sequences = contig[rows], pos[rows], sequences[rows]
        mismatches = np.zeros(len(rows), np.int64)
        for index in np.unique(contig).tolist():
            of = contig == index
            reference = self.genome.sequences[CONTIGS[index]]
            expected = reference[pos[of][:, None] + np.arange(READ)]
            mismatches[of] = (expected != sequences[of]).sum(axis=1)
        self.keys.append(contig << 32 | pos)
        self.records += bam.matched_records(
            contig,
            pos,
            MAPQ,
            flag[rows],
            (mates[0][rows], mates[1][rows], mates[2][rows]),
            names[rows],
            sequences,
            qualities[rows],
            mismatches,
            self.sample.encode(),
        )

    def _split(
        self,
        found: list[Part],
        flag: int,
        mate: tuple[int, int, int],
        name: bytes,
        sequence: NDArray[np.uint8],
        quality: NDArray[np.uint8],
    ) -> None:
        """Records of a read with a gap or a junction; `sequence` is oriented as the first part."""
        rows = []
        for index, part in enumerate(found):
            if part.reverse == found[0].reverse:
                bases, scores, direction = sequence, quality, flag & REVERSE
            else:
                bases, scores = complement(sequence)[::-1], quality[::-1]
                direction = (flag & REVERSE) ^ REVERSE
            own = (flag & ~REVERSE) | direction
            if index:
                own = (own | SUPPLEMENTARY) & ~PROPER
            rows.append((part, own, bases, scores, self._distance(part, bases)))
        texts = [
            f"{CONTIGS[p.contig]},{p.pos + 1},{'-' if own & REVERSE else '+'},"
            f"{bam.cigar_text(p.cigar)},{MAPQ},{nm};"
            for p, own, _, _, nm in rows
        ]
        for index, (part, own, bases, scores, nm) in enumerate(rows):
            tags = b"RGZ" + self.sample.encode() + b"\0NMC" + bytes([min(nm, 255)])
            others = "".join(text for i, text in enumerate(texts) if i != index)
            if others:
                tags += b"SAZ" + others.encode() + b"\0"
            self.keys.append(np.array([part.contig << 32 | part.pos]))
            self.records.append(
                bam.record(
                    part.contig, part.pos, MAPQ, own, mate if not index else (mate[0], mate[1], 0),
                    name, part.cigar, bases, scores, tags,
                )
            )  # fmt: skip

    def _unmapped(
        self,
        place: tuple[int, int],
        flag: int,
        name: bytes,
        sequence: NDArray[np.uint8],
        quality: NDArray[np.uint8],
    ) -> None:
        """Record of a read that aligns nowhere, at the `place` (contig, position) of its mate."""
        self.keys.append(np.array([place[0] << 32 | place[1]]))
        tags = b"RGZ" + self.sample.encode() + b"\0"
        self.records.append(
            bam.record(*place, 0, flag, (*place, 0), name, [], sequence, quality, tags)
        )

    def _distance(self, part: Part, bases: NDArray[np.uint8]) -> int:
        """Edit distance of an alignment (NM)."""
        reference, read, place, distance = self.genome.sequences[CONTIGS[part.contig]], 0, 0, 0
        place = part.pos
        for op, length in part.cigar:
            if op == M:
                window = reference[place : place + length]
                distance += int((window != bases[read : read + length]).sum())
            if op in (I, D):
                distance += length
            read += length if op in (M, I, S) else 0
            place += length if op in (M, D) else 0
        return distance

    def header(self) -> str:
        """SAM header of the sample."""
        sequences = self.genome.sequences
        digests = {name: hashlib.md5(bytes(b)).hexdigest() for name, b in sequences.items()}
        lines = ["@HD\tVN:1.6\tSO:coordinate"]
        lines += [
            f"@SQ\tSN:{name}\tLN:{len(bases)}\tM5:{digests[name]}\tUR:artificial.fa"
            for name, bases in sequences.items()
        ]
        lines += [f"@RG\tID:{self.sample}\tSM:{self.sample}\tPL:ILLUMINA\tLB:{self.sample}"]
        return "\n".join([*lines, f"@CO\t{LABEL}"]) + "\n"

    def finish(self) -> bytes:
        """The sorted BAM, compressed."""
        order = np.argsort(np.concatenate(self.keys), kind="stable")
        lengths = {name: len(bases) for name, bases in self.genome.sequences.items()}
        body = b"".join([self.records[i] for i in order.tolist()])
        return bam.bgzf(bam.header(self.header(), lengths) + body)
