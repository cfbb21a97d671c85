"""Structural truth made by joining real read pairs to another place.

The fragments of real samples (two contigs, two people) are dealt into two halves by a hash of
their names, as in `spikein`: one stays as it is (the normal). In the other (the tumour) a chosen
share of the fragments that cross a breakend becomes molecules of a rearranged chromosome: the
kept side stays as sequenced, the bases beyond it become those of the partner; qualities, and
errors of low quality, stay. Of a deleted stretch the same share of fragments is taken away.
Changed reads are aligned again at both places; the better place is primary and the other a
supplementary alignment (SA tag) if it scores 30, bwa mem's own limit. Depth inside a duplication
does not rise: junctions are asked here, not copy number.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from realign import aligned
from spikein import Read, in_tumour, read_sam

from shirube.calling.structural.adjacency import Reference, complement, inward, slid
from shirube.genome.intervals import Interval
from shirube.reads.junctions import Breakend
from shirube.reads.reference import LETTER, code
from shirube.tools import run

FRACTIONS = (0.1, 0.15, 0.2, 0.3, 0.5)
SIZES = (120, 250, 500, 1000, 2000, 4000)
KINDS = ("DEL", "DUP", "INV", "BND")
SLOT, MARGIN, WINDOW, MIN_SCORE, ERROR_QUALITY, CROSSING = 5500, 700, 250, 30, 20, 15


@dataclass(frozen=True)
class Source:
    """Real reads and the contig of the joint reference they are on."""

    bam: Path
    fasta: str
    regions: tuple[Interval, ...]


@dataclass
class Join:
    """One adjacency: fragments that cross `here` are carried on at `there`."""

    here: Breakend
    there: Breakend
    carriers: int = 0


@dataclass
class Event:
    """A planted variant: its adjacencies, the share of molecules, and what is taken away."""

    kind: str
    size: int
    fraction: float
    joins: list[Join]
    deleted: Interval | None = None
    depth: int = 0
    truth: list[tuple[Breakend, Breakend]] = field(default_factory=list)

    @property
    def carriers(self) -> int:
        """Fewest fragments that cross one of its adjacencies."""
        return min(join.carriers for join in self.joins)


def joint_reference(sources: Sequence[Source], path: Path) -> str:
    """FASTA of the sources' contigs, indexed."""
    names = [
        (s.fasta, name) for s in sources for name in dict.fromkeys(r.contig for r in s.regions)
    ]
    path.write_bytes(b"".join(run("samtools", "faidx", fasta, name) for fasta, name in names))
    run("samtools", "faidx", path)
    return str(path)


def fragments_of(sources: Sequence[Source]) -> dict[str, list[Read]]:
    """Pairs of the regions, both mates primary and on one contig, by name."""
    found: dict[str, dict[int, Read]] = defaultdict(dict)
    for source in sources:
        for region in source.regions:
            for read in read_sam(source.bam, region.region)[1]:
                found[read.fields[0]][read.flag & 192] = read
    return {
        name: [mates[64], mates[128]]
        for name, mates in sorted(found.items())
        if set(mates) == {64, 128}
        and all("H" not in m.fields[5] for m in mates.values())
        and abs(mates[64].start - mates[128].start) < 1000
        and mates[64].fields[2] == mates[128].fields[2]
    }


def _clean(reference: Reference, contig: str, pos: int) -> bool:
    """Whether a breakend can be here: known bases, no run of one base."""
    codes = reference.codes(contig, pos - 60, pos + 60)
    return (
        bool((codes < 4).all()) and int(np.abs(np.diff(codes.astype(int))).astype(bool).sum()) > 60
    )


def planned(reference: Reference, sources: Sequence[Source], seed: int) -> list[Event]:
    """One event in each `SLOT` bases of the first source, of every kind in turn.

    Translocations lead to the regions of the second source, at places no other event uses.
    """
    rng = np.random.default_rng(seed)
    region = sources[0].regions[0]
    partners = [
        Breakend(r.contig, int(p), "+")
        for r in sources[1].regions
        for p in range(r.start + 2000, r.end - 2000, 1500)
    ]
    rng.shuffle(partners)  # type: ignore[arg-type]
    events = []
    for slot in range((region.end - region.start) // SLOT):
        low, kind = region.start + slot * SLOT + MARGIN, KINDS[(slot + seed) % len(KINDS)]
        size = int(rng.choice([s for s in SIZES if kind != "INV" or s >= 1000]))
        fraction, contig = float(rng.choice(FRACTIONS)), region.contig
        for _ in range(50):
            a = low + int(rng.integers(0, SLOT - 2 * MARGIN - size + 1))
            b = a + size
            if _clean(reference, contig, a) and _clean(reference, contig, b):
                break
        else:
            continue
        if kind == "DEL":
            joins = [Join(Breakend(contig, a, "+"), Breakend(contig, b + 1, "-"))]
        elif kind == "DUP":
            joins = [Join(Breakend(contig, b, "+"), Breakend(contig, a + 1, "-"))]
        elif kind == "INV":
            joins = [
                Join(Breakend(contig, a, "+"), Breakend(contig, b, "+")),
                Join(Breakend(contig, b + 1, "-"), Breakend(contig, a + 1, "-")),
            ]
        else:
            strand, other = str(rng.choice(["+", "-"])), str(rng.choice(["+", "-"]))
            place = partners.pop()
            joins = [Join(Breakend(contig, a, strand), Breakend(place.contig, place.pos, other))]
            size = 0
        deleted = Interval(contig, a, b) if kind == "DEL" else None
        event = Event(kind, size, fraction, joins, deleted)
        for join in joins:
            lower, upper = sorted((join.here, join.there))
            event.truth.append(slid(reference, lower, upper)[:2])
        events.append(event)
    return events


def _moved(read: Read, join: Join, reference: Reference) -> Read | None:
    """`read` as the joined molecule shows it; None if it does not reach beyond the breakend."""
    here, there, size = join.here, join.there, len(read.bases)
    at = here.pos if here.strand == "+" else here.pos - 1  # 0-based border between kept and lost
    if (read.end <= at) if here.strand == "+" else (read.start >= at):
        return None
    codes = code(read.bases).copy()
    quality = np.frombuffer(read.fields[10].encode(), np.uint8) - 33
    own = reference.codes(here.contig, read.start - size, read.end + size)
    wrong = np.zeros(size, bool)
    # Query index of each position, soft clips counted as if they were aligned.
    first = read.query(read.start)
    assert first is not None
    for n in range(size):
        position = read.start + n - first
        if read.query(position) == n:
            wrong[n] = codes[n] != own[position - read.start + size] and quality[n] < ERROR_QUALITY
    if here.strand == "+":
        inside = read.query(at - 1) if read.start < at else None
        kept = inside + 1 if inside is not None else max(0, at - (read.start - first))
        kept = min(kept, size)
        skip = max(0, read.start - first - at)
        fresh = inward(reference, there, size - kept + skip)[skip:]
        codes[kept:] = fresh
        edited = np.arange(size) >= kept
    else:
        inside = read.query(at) if read.end > at else None
        lost = inside if inside is not None else min(size, at - (read.start - first))
        lost = max(lost, 0)
        tail = read.start - first + size  # 0-based end of the read as if aligned throughout
        skip = max(0, at - tail)
        fresh = complement(inward(reference, there, lost + skip))[skip:][::-1]
        codes[:lost] = fresh
        edited = np.arange(size) < lost
    swap = wrong & edited & (codes < 4)
    codes[swap] = (codes[swap] + 1) % 4
    fields = list(read.fields)
    fields[9] = "".join(LETTER[c] for c in codes)
    return Read(fields, read.start, fields[9])


@dataclass(frozen=True)
class Placed:
    """One alignment of a read: `reverse` tells whether the bases of the record were turned."""

    score: int
    contig: str
    start: int
    turned: bool
    cigar: str


def _placements(read: Read, join: Join, reference: Reference) -> list[Placed]:
    """Alignments of a joined read at both sides, the better first."""
    out = []
    here, there, size = join.here, join.there, len(read.bases)
    flips = here.strand == there.strand
    codes = code(read.bases)
    near = Breakend(here.contig, read.start + size // 2, "+")  # far mates keep their own place
    for end, turned in ((here, False), (near, False), (there, flips)):
        low = end.pos - size - WINDOW * 4 if end is there else end.pos - size - WINDOW
        high = end.pos + size + WINDOW * 4 if end is there else end.pos + size + WINDOW
        bases = complement(codes)[::-1].copy() if turned else codes
        score, start, cigar = aligned(bases, reference.codes(end.contig, low, high))
        out.append(Placed(score, end.contig, low + start, turned, cigar))
    best = sorted(dict.fromkeys(out), key=lambda p: (-p.score, p.contig, p.start, p.cigar))
    first = best[0]
    other = [
        p
        for p in best[1:]
        if (p.contig, p.start, p.turned) != (first.contig, first.start, first.turned)
    ]
    return [first, *[p for p in other if p.score >= MIN_SCORE and _distinct(first, p, size)][:1]]


def _span(placed: Placed, size: int) -> tuple[int, int]:
    """Bases of the read, in the record's own direction, that an alignment explains."""
    probe = Read(["", "0", "", "", "", placed.cigar, "", "", "", "", ""], placed.start, "")
    first, last = probe.query(placed.start), probe.query(probe.end - 1)
    assert first is not None
    assert last is not None
    return (size - 1 - last, size - first) if placed.turned else (first, last + 1)


def _distinct(one: Placed, two: Placed, size: int) -> bool:
    """Whether the second explains bases of its own: 20, and more than it shares."""
    (low1, high1), (low2, high2) = _span(one, size), _span(two, size)
    shared = max(0, min(high1, high2) - max(low1, low2))
    return high2 - low2 - shared >= max(20, shared)


def _records(mates: Sequence[Read], places: Sequence[list[Placed]]) -> list[Read]:
    """SAM lines of a pair: primary and supplementary alignments, flags and mates agreeing."""
    mains = []
    for read, placed in zip(mates, places, strict=True):
        main = placed[0]
        reverse = bool(read.flag & 16) != main.turned
        mains.append((main.contig, main.start, reverse))
    out = []
    for n, (read, placed) in enumerate(zip(mates, places, strict=True)):
        contig, start, reverse = mains[1 - n]
        tags = [t for t in read.fields[11:] if t.startswith("RG:")]
        quality = int(read.fields[4])
        described = []
        for p in placed:
            sign = "-" if bool(read.flag & 16) != p.turned else "+"
            described.append((p, sign, min(quality, 60 if p.score >= 50 else p.score)))
        for k, (p, sign, mapq) in enumerate(described):
            own = sign == "-"
            flag = 1 | (read.flag & 192) | 16 * own | 32 * reverse | 2048 * (k > 0)
            faces = contig == p.contig and own != reverse
            length = 0
            if contig == p.contig:
                low, high = min(p.start, start), max(p.start, start) + len(read.bases)
                length = (high - low) * (1 if p.start <= start else -1)
                ordered = (p.start <= start) != own if p.start != start else True
                flag |= 2 * (faces and ordered and high - low <= 1000)
            bases, qualities = read.bases, read.fields[10]
            if p.turned:
                bases = "".join(LETTER[c] for c in complement(code(bases))[::-1])
                qualities = qualities[::-1]
            others = "".join(
                f"{o.contig},{o.start + 1},{s},{o.cigar},{q},0;"
                for o, s, q in described
                if o is not p
            )
            mate = "=" if contig == p.contig else contig
            fields = [read.fields[0], str(flag), p.contig, str(p.start + 1), str(mapq), p.cigar]
            fields += [mate, str(start + 1), str(length), bases, qualities, *tags]
            out.append(Read([*fields, *([f"SA:Z:{others}"] if others else [])], p.start, bases))
    return out


def plant(
    fragments: dict[str, list[Read]], events: Sequence[Event], reference: Reference, seed: int
) -> dict[str, list[Read]]:
    """Reads of the tumour by fragment, with the events in; fills in carriers and depth."""
    rng = np.random.default_rng(seed + 1)
    out = dict(fragments)
    names = list(fragments)
    contigs = np.array([fragments[n][0].fields[2] for n in names])
    starts = np.array([min(r.start for r in fragments[n]) for n in names])
    ends = np.array([max(r.end for r in fragments[n]) for n in names])
    used: set[str] = set()

    def over(contig: str, low: int, high: int) -> list[str]:
        """Names of untouched fragments that hold [low, high)."""
        found = np.flatnonzero((contigs == contig) & (starts < low) & (ends > high))
        return [names[i] for i in found if names[i] not in used]

    for event in events:
        for join in event.joins:
            at = join.here.pos if join.here.strand == "+" else join.here.pos - 1
            across = over(join.here.contig, at - CROSSING, at + CROSSING)
            event.depth = max(event.depth, len(across))
            chosen = rng.choice(len(across), int(rng.binomial(len(across), event.fraction)), False)
            for name in (across[i] for i in sorted(int(i) for i in chosen)):
                mates = [_moved(read, join, reference) for read in fragments[name]]
                if any(
                    m is not None and "N" in m.bases and "N" not in r.bases
                    for m, r in zip(mates, fragments[name], strict=True)
                ):
                    continue
                reads = [m or r for m, r in zip(mates, fragments[name], strict=True)]
                places = [
                    _placements(read, join, reference)
                    if moved is not None
                    else [Placed(99, r.fields[2], r.start, False, r.fields[5])]
                    for read, moved, r in zip(reads, mates, fragments[name], strict=True)
                ]
                out[name] = _records(reads, places)
                used.add(name)
                join.carriers += 1
        if event.deleted:
            gone = event.deleted
            inside = np.flatnonzero(
                (contigs == gone.contig) & (starts >= gone.start) & (starts < gone.end)
            )
            for i in inside:
                if names[i] not in used and rng.random() < event.fraction:
                    out.pop(names[i], None)
    return out


def write_sample(path: Path, reference: str, fragments: dict[str, list[Read]], name: str) -> str:
    """Sorted, indexed BAM of one read group."""
    lengths = [line.split("\t")[:2] for line in Path(f"{reference}.fai").read_text().splitlines()]
    rank = {contig: n for n, (contig, _) in enumerate(lengths)}
    head = ["@HD\tVN:1.6\tSO:coordinate", *(f"@SQ\tSN:{c}\tLN:{n}" for c, n in lengths)]
    head.append(f"@RG\tID:{name}\tSM:{name}\tPL:ILLUMINA")
    rows = [read for reads in fragments.values() for read in reads]
    rows.sort(key=lambda r: (rank[r.fields[2]], r.start, r.fields[0], r.flag))
    lines = []
    for read in rows:
        tags = [t for t in read.fields[11:] if t.startswith("SA:")]
        lines.append("\t".join([*read.fields[:11], f"RG:Z:{name}", *tags]))
    text = path.with_suffix(".sam")
    text.write_text("\n".join([*head, *lines]) + "\n")
    run(
        "samtools", "view", "--no-PG", "--write-index", "-b", "-o", f"{path}##idx##{path}.bai", text
    )
    text.unlink()
    return str(path)


@dataclass(frozen=True)
class Case:
    """One replicate: reads with the events, the same reads without, the other half, the truth."""

    tumour: str
    plain: str
    normal: str
    reference: str
    regions: list[Interval]
    events: list[Event]


def replicate(sources: Sequence[Source], seed: int, scratch: Path) -> Case:
    """Make the files of one replicate below `scratch`; everything follows from the seed."""
    fasta = joint_reference(sources, scratch / "joint.fa")
    reference = Reference(fasta)
    halves: dict[bool, dict[str, list[Read]]] = {True: {}, False: {}}
    for name, mates in fragments_of(sources).items():
        halves[in_tumour(name, seed)][name] = mates
    events = planned(reference, sources, seed)
    tumour = plant(halves[True], events, reference, seed)
    return Case(
        write_sample(scratch / f"tumour{seed}.bam", fasta, tumour, "tumour"),
        write_sample(scratch / f"plain{seed}.bam", fasta, halves[True], "tumour"),
        write_sample(scratch / f"normal{seed}.bam", fasta, halves[False], "normal"),
        fasta,
        [region for source in sources for region in source.regions],
        events,
    )
