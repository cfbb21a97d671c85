"""Reads of an artificial tumour and normal of any size, with everything that is planted in them.

The reference has repeats of one family (10% diverged), segmental duplications (1% diverged),
short tandem repeats and stretches of N. The normal has germline SNVs, indels and deletions; of the
tumour's molecules half have, besides, somatic SNVs, structural variants and a lost segment. Reads
are aligned where they come from: across a junction in two pieces (SA tag), a short piece clipped.
One seed gives one set of bytes.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pysam
from numpy.typing import NDArray

Codes = NDArray[np.uint8]
Places = NDArray[np.int64]
CONTIGS, READ, INSERT, SPREAD = ("chr1", "chr2"), 150, 400, 50
# Bases between two of a kind
REPEAT, DUPLICATION, TANDEM, GAP = 3000, 100_000, 5000, 400_000
SNV, INDEL, DELETION, SOMATIC, REARRANGED = 1000, 8000, 200_000, 20_000, 125_000
PURITY, LOST = 0.5, (0.6, 0.8)  # of the tumour's molecules; stretch of chr2 lost on one haplotype
LETTERS = np.frombuffer(b"ACGTN", np.uint8)
NIBBLE = np.array([1, 2, 4, 8, 15], np.uint8)
_STRAND, _CONTIG = 1 << 32, 1 << 33  # an origin is contig, strand, 0-based position; -1: inserted
_PLAIN = np.dtype(
    [
        *(("size", "<i4"), ("contig", "<i4"), ("pos", "<i4"), ("name_size", "u1"), ("mapq", "u1")),
        *(("bin", "<u2"), ("operations", "<u2"), ("flag", "<u2"), ("length", "<i4")),
        *(("mate_contig", "<i4"), ("mate_pos", "<i4"), ("span", "<i4"), ("name", "u1", 12)),
        *(("cigar", "<u4"), ("bases", "u1", READ // 2), ("quality", "u1", READ)),
    ]
)


@dataclass(frozen=True)
class Planted:
    """A structural variant: its kind and its two breakends (contig, 1-based position)."""

    kind: str
    one: tuple[str, int]
    two: tuple[str, int]
    somatic: bool


@dataclass
class Truth:
    """What is planted: SNVs as (contig, 1-based position, REF, ALT), the normal's with copies."""

    germline: dict[tuple[str, int, str, str], int] = field(default_factory=dict)
    somatic: list[tuple[str, int, str, str]] = field(default_factory=list)
    structural: list[Planted] = field(default_factory=list)
    lost: list[tuple[str, int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Made:
    """Files of a tumour and its normal, and the truth."""

    fasta: str
    tumour: str
    normal: str
    truth: Truth


def _reference(size: int, source: np.random.Generator) -> list[Codes]:
    family = source.integers(0, 4, 300).astype(np.uint8)
    out = []
    for _ in CONTIGS:
        codes = source.choice(4, size, p=[0.3, 0.2, 0.2, 0.3]).astype(np.uint8)
        for at in range(REPEAT // 2, size - 400, REPEAT):
            codes[at : at + 300] = _diverged(family, 0.1, source)
        for at in range(DUPLICATION, size - 6000, DUPLICATION):
            origin = int(source.integers(0, at - 5000))
            codes[at : at + 5000] = _diverged(codes[origin : origin + 5000], 0.01, source)
        for at in range(TANDEM, size - 200, TANDEM):
            unit = source.integers(0, 4, source.integers(1, 5)).astype(np.uint8)
            run = np.tile(unit, source.integers(8, 20))
            codes[at : at + len(run)] = run
        for at in range(GAP // 2, size - 2000, GAP):
            codes[at : at + 1000] = 4
        out.append(codes)
    return out


def _diverged(codes: Codes, share: float, source: np.random.Generator) -> Codes:
    changed = source.random(len(codes)) < share
    other = (codes + source.integers(1, 4, len(codes))) % 4
    return np.where(changed & (codes < 4), other, codes).astype(np.uint8)


class Haplotype:
    """Bases of one molecule of a contig, and where in the reference each comes from."""

    def __init__(self, number: int, codes: Codes) -> None:
        self.codes = codes.copy()
        self.origin = number * _CONTIG + np.arange(len(codes), dtype=np.int64)

    def cut(self, pieces: Sequence[tuple[int, int, bool]]) -> "Haplotype":
        """Another of these pieces [start, end) of it, each turned round or not."""
        out = object.__new__(Haplotype)
        codes, origin = [], []
        for start, end, turned in pieces:
            own, places = self.codes[start:end], self.origin[start:end]
            if turned:
                own, places = np.where(own < 4, 3 - own, 4)[::-1], (places ^ _STRAND)[::-1]
            codes.append(own)
            origin.append(places)
        out.codes = np.concatenate(codes).astype(np.uint8)
        out.origin = np.concatenate(origin)
        return out

    def with_text(self, at: int, codes: Codes) -> "Haplotype":
        """Another with `codes` put in before index `at`."""
        out = object.__new__(Haplotype)
        out.codes = np.concatenate([self.codes[:at], codes, self.codes[at:]]).astype(np.uint8)
        nowhere = np.full(len(codes), -1, np.int64)
        out.origin = np.concatenate([self.origin[:at], nowhere, self.origin[at:]])
        return out


def _germline(
    number: int, codes: Codes, source: np.random.Generator, truth: Truth
) -> list[Haplotype]:
    """Two haplotypes of a contig."""
    contig, both = CONTIGS[number], [Haplotype(number, codes), Haplotype(number, codes)]
    for pos in range(SNV, len(codes) - 1000, SNV):
        at = pos + int(source.integers(-300, 300))
        if codes[at] > 3:
            continue
        alt = (codes[at] + 1 + source.integers(3)) % 4
        carried = ((0,), (1,), (0, 1))[int(source.integers(3))]
        for one in carried:
            both[one].codes[at] = alt
        key = (contig, at + 1, chr(LETTERS[codes[at]]), chr(LETTERS[alt]))
        truth.germline[key] = len(carried)
    pieces = sorted(
        [(at, "DEL") for at in range(DELETION // 2, len(codes) - 5000, DELETION)]
        + [(at, "indel") for at in range(INDEL + 500, len(codes) - 1000, INDEL)],
        reverse=True,
    )
    for at, kind in pieces:  # from the right, so that indices stay
        if (codes[at - 300 : at + 2300] > 3).any():
            continue
        own = int(source.integers(2))
        if kind == "DEL":
            size = int(source.integers(800, 2000))
            whole = len(both[own].codes)
            both[own] = both[own].cut([(0, at, False), (at + size, whole, False)])
            ends = (contig, at), (contig, at + size + 1)
            truth.structural.append(Planted("DEL", *ends, False))
        elif any(at <= p[0] + 2300 and p[0] <= at for p in pieces if p[1] == "DEL"):
            continue
        elif source.random() < 0.5:
            size = int(source.integers(1, 10))
            whole = len(both[own].codes)
            both[own] = both[own].cut([(0, at, False), (at + size, whole, False)])
        else:
            text = source.integers(0, 4, int(source.integers(1, 10))).astype(np.uint8)
            both[own] = both[own].with_text(at, text)
    return both


def _somatic(
    number: int, haplotype: Haplotype, source: np.random.Generator, truth: Truth
) -> Haplotype:
    """A haplotype of the normal with what the tumour has besides."""
    contig, out = CONTIGS[number], haplotype.cut([(0, len(haplotype.codes), False)])
    for start in range(SOMATIC // 2, len(out.codes) - 1000, SOMATIC):
        at = start + int(source.integers(-400, 400))
        base, place = out.codes[at], out.origin[at]
        if base < 4 and place >= 0:
            out.codes[at] = (base + 2) % 4
            texts = chr(LETTERS[base]), chr(LETTERS[out.codes[at]])
            truth.somatic.append((contig, int(place % _STRAND) + 1, *texts))
    for turn, at in enumerate(range(REARRANGED // 2, len(out.codes) - 9000, REARRANGED)):
        size = 3000 + 500 * (turn % 5)
        near = out.origin[at - 600 : at + size + 600]
        if (np.diff(near) != 1).any() or (out.codes[at - 600 : at + size + 600] > 3).any():
            continue
        first, last = (int(out.origin[n] % _STRAND) + 1 for n in (at, at + size - 1))
        whole, kind = len(out.codes), ("DEL", "DUP", "INV")[turn % 3]
        middle = {
            "DEL": [],
            "DUP": [(at, at + size, False)] * 2,
            "INV": [(at, at + size, True)],
        }[kind]
        out = out.cut([(0, at, False), *middle, (at + size, whole, False)])
        ends = {"DEL": (first - 1, last + 1), "DUP": (first, last), "INV": (first - 1, last)}[kind]
        truth.structural.append(Planted(kind, (contig, ends[0]), (contig, ends[1]), True))
    return out


def _part(
    haplotype: Haplotype, depth: float, source: np.random.Generator
) -> tuple[Places, Codes, NDArray[np.uint8]]:
    """Pairs from a haplotype: origins, bases and qualities, (pairs, 2, READ) along the molecule."""
    count = int(len(haplotype.codes) * depth / (2 * READ))
    insert = np.clip(source.normal(INSERT, SPREAD, count).astype(np.int64), READ + 20, 700)
    start = source.integers(0, len(haplotype.codes) - 701, count)
    index = np.stack([start, start + insert - READ], axis=1)[:, :, None] + np.arange(READ)
    bases, origin = haplotype.codes[index], haplotype.origin[index]
    quality = np.where(source.random(bases.shape) < 0.08, 18, 37).astype(np.uint8)
    wrong = source.random(bases.shape) < np.where(quality == 18, 0.016, 0.0002)
    bases = np.where(wrong, (bases + source.integers(1, 4, bases.shape)) % 4, bases)
    return origin, bases.astype(np.uint8), quality


@dataclass(frozen=True)
class _Piece:
    contig: int
    pos: int
    turned: bool
    first: int
    last: int
    cigar: tuple[tuple[int, int], ...]  # (length, operation), of the reference's strand


def _pieces(origin: Places) -> list[_Piece]:
    """Stretches of a read that one alignment explains, the longest first."""
    known = np.flatnonzero(origin >= 0)
    strand, place = origin // _STRAND, origin % _STRAND
    groups: list[list[int]] = []
    for k in known.tolist():
        if groups:
            last = groups[-1][-1]
            step = int(place[k] - place[last]) * (-1 if strand[k] & 1 else 1)
            if strand[k] == strand[last] and 1 <= step <= 60:
                groups[-1].append(k)
                continue
        groups.append([k])
    out = []
    for group in groups:
        turned = bool(strand[group[0]] & 1)
        run = group[::-1] if turned else group
        cigar: list[list[int]] = [[1, 0]]
        for a, b in pairwise(run):
            for length, operation in ((abs(b - a) - 1, 1), (int(place[b] - place[a]) - 1, 2)):
                if length:
                    cigar.append([length, operation])
            if cigar[-1][1] == 0:
                cigar[-1][0] += 1
            else:
                cigar.append([1, 0])
        words = tuple((length, operation) for length, operation in cigar)
        contig = int(strand[group[0]]) >> 1
        out.append(_Piece(contig, int(place[run[0]]), turned, group[0], group[-1] + 1, words))
    return sorted(out, key=lambda p: (p.first - p.last, p.first))


def _whole(piece: _Piece) -> list[tuple[int, int]]:
    lead, tail = piece.first, READ - piece.last
    if piece.turned:
        lead, tail = tail, lead
    ends = [(lead, 4)] if lead else [], [(tail, 4)] if tail else []
    return [*ends[0], *piece.cigar, *ends[1]]


def _record(
    name: bytes,
    pieces: list[_Piece],
    flag: int,
    mate: tuple[int, int, int],
    data: tuple[Codes, ...],
) -> bytes:
    """BAM record of a read, primary at its longest piece."""
    own = pieces[0]
    bases, quality = data
    if own.turned:
        bases, quality = np.where(bases < 4, 3 - bases, 4)[::-1], quality[::-1]
    cigar = b"".join(struct.pack("<I", n << 4 | operation) for n, operation in _whole(own))
    tag = ""
    for other in pieces[1:]:
        if other.last - other.first >= 30:
            text = "".join(f"{n}{'MIDNS'[operation]}" for n, operation in _whole(other))
            strand = "-" if other.turned else "+"
            tag += f"{CONTIGS[other.contig]},{other.pos + 1},{strand},{text},60,0;"
    tags = b"SAZ" + tag.encode() + b"\0" if tag else b""
    packed = (NIBBLE[bases[0::2]] << 4 | NIBBLE[bases[1::2]]).astype(np.uint8).tobytes()
    head = struct.pack(
        *("<iiBBHHHiiii", own.contig, own.pos, 12, 60, 0, len(cigar) // 4, flag, READ),
        *mate,
    )
    body = head + name + cigar + packed + quality.astype(np.uint8).tobytes() + tags
    return struct.pack("<i", len(body)) + body


def _bam(
    path: Path, sizes: Sequence[int], parts: Iterator[tuple[Places, Codes, NDArray[np.uint8]]]
) -> str:
    """Write the pairs of `parts`, sorted, with an index."""
    origin, bases, quality = (np.concatenate(column) for column in zip(*parts, strict=True))
    pairs = len(origin)
    plain = (np.diff(origin, axis=2) == 1).all(axis=2) & (origin[:, :, 0] >= 0)
    plain &= (origin[:, :, 0] // _STRAND) % 2 == 0
    contig, pos = origin[:, :, 0] // _CONTIG, origin[:, :, 0] % _STRAND
    turned = np.zeros((pairs, 2), np.bool_)
    end, cut = pos + READ, {}
    for pair, mate in np.argwhere(~plain).tolist():
        found = _pieces(origin[pair, mate])
        cut[pair, mate] = found
        contig[pair, mate], pos[pair, mate] = found[0].contig, found[0].pos
        turned[pair, mate] = found[0].turned
        end[pair, mate] = found[0].pos + sum(n for n, o in found[0].cigar if o != 1)
    reverse = turned ^ np.array([False, True])
    same = contig[:, 0] == contig[:, 1]
    first = pos[:, 0] <= pos[:, 1]
    span = np.maximum(end[:, 0], end[:, 1]) - np.minimum(pos[:, 0], pos[:, 1])
    spans = np.stack([np.where(first, span, -span), np.where(first, -span, span)], axis=1)
    spans *= same[:, None]
    flags = 1 + 16 * reverse + 32 * reverse[:, ::-1] + np.array([64, 128])
    facing = same & (reverse[:, 0] != reverse[:, 1]) & (span < 1000)
    flags += 2 * facing[:, None]
    names = [f"r{pair:09d}s\0".encode() for pair in range(pairs)]
    rows = np.zeros((pairs, 2), _PLAIN)
    rows["size"], rows["contig"], rows["pos"] = _PLAIN.itemsize - 4, contig, pos
    rows["name_size"], rows["mapq"], rows["operations"] = 12, 60, 1
    rows["flag"], rows["length"], rows["cigar"] = flags, READ, READ << 4
    rows["mate_contig"], rows["mate_pos"] = contig[:, ::-1], pos[:, ::-1]
    rows["span"] = spans
    rows["name"] = np.frombuffer(b"".join(names), np.uint8).reshape(pairs, 1, 12)
    rows["bases"] = NIBBLE[bases[:, :, 0::2]] << 4 | NIBBLE[bases[:, :, 1::2]]
    rows["quality"] = quality
    order = np.lexsort((np.arange(2 * pairs), pos.ravel(), contig.ravel()))
    flat, special = rows.ravel(), {2 * pair + mate: (pair, mate) for pair, mate in cut}
    stops = np.flatnonzero(~plain.ravel()[order])
    with pysam.BGZFile(str(path), "wb") as out:
        text = "@HD\tVN:1.6\tSO:coordinate\n" + "".join(
            f"@SQ\tSN:{name}\tLN:{size}\n" for name, size in zip(CONTIGS, sizes, strict=True)
        )
        out.write(b"BAM\1" + struct.pack("<i", len(text)) + text.encode())
        out.write(struct.pack("<i", len(CONTIGS)))
        for name, size in zip(CONTIGS, sizes, strict=True):
            out.write(struct.pack("<i", len(name) + 1) + name.encode() + b"\0")
            out.write(struct.pack("<i", size))
        at = 0
        for stop in [*stops.tolist(), len(order)]:
            out.write(flat[order[at:stop]].tobytes())
            if stop < len(order):
                pair, mate = special[int(order[stop])]
                other = int(contig[pair, 1 - mate]), int(pos[pair, 1 - mate])
                own = bases[pair, mate], quality[pair, mate]
                where = (*other, int(spans[pair, mate]))
                out.write(_record(names[pair], cut[pair, mate], int(flags[pair, mate]), where, own))
            at = stop + 1
    pysam.index(str(path))
    return str(path)


def made(folder: Path, megabases: float, depth: float, seed: int = 1) -> Made:
    """Write reference, tumour (twice as deep) and normal of so many Mb into `folder`."""
    source, truth = np.random.default_rng(seed), Truth()
    size = int(megabases * 1e6) // len(CONTIGS)
    codes = _reference(size, source)
    folder.mkdir(parents=True, exist_ok=True)
    fasta = folder / "reference.fa"
    text = (f">{n}\n{LETTERS[c].tobytes().decode()}\n" for n, c in zip(CONTIGS, codes, strict=True))
    fasta.write_text("".join(text))
    pysam.faidx(str(fasta))
    people = [_germline(number, own, source, truth) for number, own in enumerate(codes)]
    changed = [
        [_somatic(number, both[0], source, truth), both[1]] for number, both in enumerate(people)
    ]
    gone = changed[-1][1]
    low, high = (int(share * len(gone.codes)) for share in LOST)
    changed[-1][1] = gone.cut([(0, low, False), (high, len(gone.codes), False)])
    ends = [int(gone.origin[n] % _STRAND) + 1 for n in (low - 1, high)]
    truth.structural.append(
        Planted("DEL", (CONTIGS[-1], ends[0]), (CONTIGS[-1], ends[1]), somatic=True)
    )
    truth.lost.append((CONTIGS[-1], ends[0], ends[1]))
    deep = 2 * depth
    tumour = _bam(
        folder / "tumour.bam",
        [size] * len(CONTIGS),
        (
            _part(one, share * deep / 2, source)
            for people_, share in ((changed, PURITY), (people, 1 - PURITY))
            for both in people_
            for one in both
        ),
    )
    normal = _bam(
        folder / "normal.bam",
        [size] * len(CONTIGS),
        (_part(one, depth / 2, source) for both in people for one in both),
    )
    return Made(str(fasta), tumour, normal, truth)
