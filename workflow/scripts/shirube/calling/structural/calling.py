"""Structural variants of a sample from its junctions, with those of a normal beside them.

1. Split reads that agree, discordant pairs that agree, and clipped ends that agree and go on
   within an insert's length (changes too small to part a pair) propose adjacencies.
2. A proposal from pairs is placed to the base by the clipped ends near it: a pile of clips counts
   only if its sequence continues at the other side. A pile without a partner (adapter, low
   complexity, mapping artefact) proposes nothing, however high it is.
3. A cluster of pairs that no breakend to the base explains stays an adjacency of its own,
   imprecise: its breakends lie beyond the pairs' inner ends by less than an insert's length.
4. Every adjacency is counted again, in tumour and normal alike: pairs, and reads whose split or
   clipped sequence crosses it.
5. Clips that face each other over a few bases and go on nowhere near are an insertion
   (`insertions`).

No library model is fitted, so a panel of one gene is enough.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.calling.structural.adjacency import Reference, inward, outward_clip, slid
from shirube.calling.structural.insertions import (
    consensus,
    family_of,
    goes_on,
    has_tail,
    insertions,
    supporting,
)
from shirube.contracts import STRUCTURAL
from shirube.genome.alleles import canonical
from shirube.genome.chromosomes import CHROMS
from shirube.reads.junctions import Breakend, Junction
from shirube.reads.reference import LETTER

MIN_MATCH, MAX_MISMATCH, NEAR, MIN_NEARBY = 8, 0.1, 10, 20
SPAN = 200  # bases of the reference beside an insertion that clips are compared with
MIN_MITOCHONDRIAL = 0.005  # of the reads over a breakend of chrM


@dataclass(frozen=True)
class Limits:
    """What an adjacency must show; every value is a setting of `structural` in the config."""

    max_insert: int = 1000
    min_clip: int = 8
    min_mapq: int = 20
    min_support: int = 4
    min_splits: int = 1
    min_pairs: int = 8
    min_insertion: int = 6
    min_size: int = 50
    min_inversion: int = 200


@dataclass(frozen=True)
class Adjacency:
    """A junction of two breakends, lower first.

    uncertain   bases beyond either breakend, away from what is kept, within which it may lie
    insertion   both breakends are one place: `inserted` lies between them, N where unknown
    """

    lower: Breakend
    upper: Breakend
    homology: int = 0
    inserted: str = ""
    uncertain: tuple[int, int] = (0, 0)
    insertion: bool = False

    @property
    def svtype(self) -> str:
        """Type as VCF 4.4 names it, from the strands of the breakends."""
        if self.insertion:
            return "INS"
        if self.lower.contig != self.upper.contig:
            return "BND"
        strands = self.lower.strand + self.upper.strand
        return {"+-": "DEL", "-+": "DUP"}.get(strands, "INV")


@dataclass(frozen=True)
class Evidence:
    """Fragments that support an adjacency."""

    pairs: frozenset[int]
    splits: frozenset[int]

    @property
    def fragments(self) -> int:
        """Fragments of either kind."""
        return len(self.pairs | self.splits)


class Sample:
    """Junctions of one sample, indexed for counting."""

    def __init__(self, found: Iterable[Junction], min_mapq: int) -> None:
        halves: dict[int, list[Junction]] = defaultdict(list)
        self.splits: list[Junction] = []
        self.clips: dict[tuple[str, str, int], list[Junction]] = defaultdict(list)
        for junction in found:
            if junction.kind == "pair":
                halves[junction.fragment].append(junction)
            elif junction.kind == "clip":
                end = junction.lower
                self.clips[end.contig, end.strand, end.pos].append(junction)
            elif junction.mapq >= min_mapq:
                self.splits.append(junction)
        self.pairs: dict[tuple[str, str, str, str], list[Junction]] = defaultdict(list)
        self.single: list[Junction] = []
        for both in halves.values():
            if len({junction.mate for junction in both}) == 2:
                pair = _pair(both[0], both[1])
                lower, upper = pair.lower, _upper(pair)
                key = (lower.contig, lower.strand, upper.contig, upper.strand)
                self.pairs[key].append(pair)
            else:
                self.single.append(both[0])

    def evidence(self, adjacency: Adjacency, reference: Reference, limits: Limits) -> Evidence:
        """Fragments of this sample that support `adjacency`."""
        if adjacency.insertion:
            return Evidence(
                frozenset(), frozenset(supporting(self.clips, adjacency.lower, adjacency.inserted))
            )
        lower, upper = adjacency.lower, adjacency.upper
        pairs = {
            pair.fragment
            for pair in self.pairs.get((lower.contig, lower.strand, upper.contig, upper.strand), [])
            if _before(pair.lower, lower, limits.max_insert)
            and _before(_upper(pair), upper, limits.max_insert)
        }
        splits = {
            split.fragment
            for split in self.splits
            if _close(split.lower, lower) and _close(_upper(split), upper)
        }
        for here, there in (
            ((lower, upper), (upper, lower)) if adjacency.uncertain == (0, 0) else ()
        ):
            splits |= set(self._crossing(here, there, adjacency, reference))
        return Evidence(frozenset(pairs), frozenset(splits))

    def _crossing(
        self, here: Breakend, there: Breakend, adjacency: Adjacency, reference: Reference
    ) -> Iterator[int]:
        """Fragments clipped at `here` whose clipped bases continue at `there`."""
        gap = _inserted_from(adjacency, here)
        for shift in range(-adjacency.homology - 2, adjacency.homology + 3):
            pos = here.pos + (shift if here.strand == "+" else -shift)
            for clip in self.clips.get((here.contig, here.strand, pos), []):
                bases = outward_clip(clip.sequence, here.strand)
                beyond = inward(reference, there, len(bases), shift - len(gap) * (shift > 0))
                expected = beyond if shift > 0 else np.concatenate([gap, beyond])[: len(bases)]
                if len(bases) >= MIN_MATCH and _alike(bases, expected):
                    yield clip.fragment


def _inserted_from(adjacency: Adjacency, here: Breakend) -> NDArray[np.uint8]:
    """Inserted bases in the order they leave `here`; they are stored as they leave the lower."""
    codes = outward_clip(adjacency.inserted, "+")
    return codes if here is adjacency.lower else outward_clip(adjacency.inserted, "-")


def _upper(junction: Junction) -> Breakend:
    assert junction.upper is not None
    return junction.upper


def _pair(one: Junction, two: Junction) -> Junction:
    """A pair as both mates see it: each mate knows its own inner end to the base."""

    def inner(a: Breakend, b: Breakend) -> Breakend:
        return max(a, b) if a.strand == "+" else min(a, b)

    # A mate's record holds the start of the other mate, at or before its true inner end.
    lower = inner(one.lower, two.lower)
    upper = inner(_upper(one), _upper(two))
    if one.lower.strand != two.lower.strand:  # the two overlap and sort differently: keep one
        lower, upper = one.lower, _upper(one)
    return replace(one, lower=lower, upper=upper, mapq=min(one.mapq, two.mapq))


def _before(inner: Breakend, end: Breakend, reach: int) -> bool:
    """Whether a read ending at `inner` lies on the kept side of `end`, at most `reach` away."""
    distance = end.pos - inner.pos if end.strand == "+" else inner.pos - end.pos
    return -NEAR <= distance <= reach


def _close(one: Breakend, two: Breakend) -> bool:
    same = (one.contig, one.strand) == (two.contig, two.strand)
    return same and abs(one.pos - two.pos) <= NEAR


def _alike(bases: NDArray[np.uint8], expected: NDArray[np.uint8]) -> bool:
    """Whether at most one base in ten differs (one is always allowed from ten bases on)."""
    return int((bases != expected).sum()) <= MAX_MISMATCH * len(bases)


def _chained(
    rows: Sequence[Junction], position: Callable[[Junction], int], gap: int
) -> Iterator[list[Junction]]:
    """`rows` in groups whose sorted positions are never more than `gap` apart."""
    group: list[Junction] = []
    for row in sorted(rows, key=lambda j: (position(j), j.fragment)):
        if group and position(row) - position(group[-1]) > gap:
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _pair_clusters(sample: Sample, limits: Limits) -> Iterator[list[Junction]]:
    for key in sorted(sample.pairs):
        gap = limits.max_insert // 2
        for group in _chained(sample.pairs[key], lambda j: j.lower.pos, gap):
            for cluster in _chained(group, lambda j: _upper(j).pos, gap):
                if len(cluster) >= 2:
                    yield cluster


def _window(inner: Iterable[int], strand: str, reach: int) -> range:
    """Where the breakend of pairs with these inner ends can be."""
    ends = list(inner)
    if strand == "+":
        return range(max(ends) - NEAR, max(ends) + reach)
    return range(min(ends) - reach, min(ends) + NEAR)


def _piles(sample: Sample, contig: str, strand: str, window: range) -> list[int]:
    """Positions of the highest piles of clips in a window, highest first."""
    heights = Counter(
        {
            pos: len({clip.fragment for clip in sample.clips[contig, strand, pos]})
            for pos in window
            if (contig, strand, pos) in sample.clips
        }
    )
    ranked = sorted(heights.items(), key=lambda item: (-item[1], item[0]))
    return [pos for pos, _ in ranked[:8]]


def _continuation(
    reference: Reference, bases: NDArray[np.uint8], contig: str, strand: str, window: range
) -> int | None:
    """Position in `window` from which the kept sequence reads like `bases`; None if unclear."""
    size = min(len(bases), 60)
    if size < 10:
        return None
    first = inward(reference, Breakend(contig, window[0], strand), len(window) + size)
    if strand == "+":
        first = inward(reference, Breakend(contig, window[-1], strand), len(window) + size)
    views = np.lib.stride_tricks.sliding_window_view(first, size)[: len(window)]
    unlike = (views != bases[:size]).sum(axis=1)
    best = int(unlike.min())
    if best > MAX_MISMATCH * size or int((unlike <= best + 1).sum()) > 1:
        return None
    at = int(unlike.argmin())
    return window[0] + at if strand == "-" else window[-1] - at


def _placed(
    cluster: Sequence[Junction], sample: Sample, reference: Reference, limits: Limits
) -> Iterator[Adjacency]:
    """Adjacencies to the base that the clips near a cluster of pairs show."""
    lower, upper = cluster[0].lower, _upper(cluster[0])
    ranges = (
        _window((j.lower.pos for j in cluster), lower.strand, limits.max_insert),
        _window((_upper(j).pos for j in cluster), upper.strand, limits.max_insert),
    )
    ends = (lower, upper)
    for side in (0, 1):
        here, there = ends[side], ends[1 - side]
        for pos in _piles(sample, here.contig, here.strand, ranges[side]):
            clips = sample.clips[here.contig, here.strand, pos]
            bases = consensus(clips, here.strand)
            found = _continuation(reference, bases, there.contig, there.strand, ranges[1 - side])
            if found is not None:
                one, two = replace(here, pos=pos), replace(there, pos=found)
                yield _normal_form(reference, one, two, "")


def _imprecise(cluster: Sequence[Junction], limits: Limits) -> Adjacency:
    """The adjacency of pairs alone: breakends at their inner ends, or as far beyond as said."""
    lower, upper = cluster[0].lower, _upper(cluster[0])
    ends: list[Breakend] = []
    reach: list[int] = []
    for end, positions in (
        (lower, [j.lower.pos for j in cluster]),
        (upper, [_upper(j).pos for j in cluster]),
    ):
        inner = max(positions) if end.strand == "+" else min(positions)
        ends.append(replace(end, pos=inner))
        reach.append(max(NEAR, limits.max_insert - (max(positions) - min(positions))))
    return Adjacency(ends[0], ends[1], uncertain=(reach[0], reach[1]))


def _normal_form(reference: Reference, one: Breakend, two: Breakend, inserted: str) -> Adjacency:
    lower, upper = sorted((one, two))
    if inserted:
        return Adjacency(lower, upper, 0, inserted)
    lower, upper, homology = slid(reference, lower, upper)
    return Adjacency(lower, upper, homology)


def _nearby(sample: Sample, reference: Reference, limits: Limits) -> Iterator[Adjacency]:
    """Deletions and duplications within `max_insert` that clips show without a discordant pair."""
    for contig, strand, pos in sorted(sample.clips):
        clips = sample.clips[contig, strand, pos]
        if len({clip.fragment for clip in clips}) < 2:
            continue
        bases = consensus(clips, strand)
        if len(bases) < MIN_NEARBY:
            continue
        other = "-" if strand == "+" else "+"
        window = range(max(1, pos - limits.max_insert), pos + limits.max_insert)
        found = _continuation(reference, bases, contig, other, window)
        if found is not None:
            here, there = Breakend(contig, pos, strand), Breakend(contig, found, other)
            yield _normal_form(reference, here, there, "")


def _proposals(sample: Sample, reference: Reference, limits: Limits) -> list[Adjacency]:
    found: set[Adjacency] = set(_nearby(sample, reference, limits))
    shown: Counter[tuple[Breakend, Breakend, str]] = Counter()
    for split in sample.splits:
        shown[split.lower, _upper(split), split.sequence] += 1
    for (lower, upper, inserted), count in shown.items():
        clipped = any((e.contig, e.strand, e.pos) in sample.clips for e in (lower, upper))
        if count >= 2 or clipped:
            found.add(_normal_form(reference, lower, upper, inserted))
    for cluster in _pair_clusters(sample, limits):
        found |= set(_placed(cluster, sample, reference, limits))
        if len(cluster) >= limits.min_support:
            found.add(_imprecise(cluster, limits))
    for end, sequence in insertions(sample.clips):
        sides = (
            reference.codes(end.contig, end.pos - SPAN, end.pos),
            reference.codes(end.contig, end.pos, end.pos + SPAN),
        )
        if goes_on(sequence, *sides):
            continue
        after = Breakend(end.contig, end.pos + 1, "-")
        found.add(Adjacency(end, after, inserted=sequence, insertion=True))
    return sorted(found, key=lambda a: (a.lower, a.upper, a.inserted, a.uncertain))


def too_small(adjacency: Adjacency, limits: Limits) -> bool:
    """Whether an adjacency within a contig spans fewer bases than `limits` ask for."""
    lower, upper = adjacency.lower, adjacency.upper
    if lower.contig != upper.contig or adjacency.insertion:
        return False
    least = limits.min_inversion if lower.strand == upper.strand else limits.min_size
    return upper.pos - lower.pos < least


def call_structural(
    tumour: Sample,
    normal: Sample | None,
    reference: Reference,
    depth: Callable[[Adjacency, str], int],
    limits: Limits,
    germline: bool = False,
    aliases: dict[str, str] | None = None,
    families: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """STRUCTURAL table of a tumour (or, with `germline`, of a person's normal sample).

    `depth(adjacency, "tumour" or "normal")` counts the reads over the better covered breakend.
    origin: germline where the normal supports the adjacency with two fragments or a tenth of the
    tumour's, somatic where it does not, unknown without a normal. `families` are sequences of
    mobile elements by name.
    """
    kept: list[tuple[Adjacency, Evidence]] = []
    judged = [
        (adjacency, tumour.evidence(adjacency, reference, limits))
        for adjacency in _proposals(tumour, reference, limits)
        if not too_small(adjacency, limits) and not at_origin(adjacency, reference, aliases)
    ]
    # Of proposals for one event the best supported stays; an insertion or an imprecise one only
    # where no junction to the base explains its reads.
    judged.sort(
        key=lambda x: (
            (x[0].uncertain != (0, 0), x[0].insertion),
            (-len(x[1].splits), -x[1].fragments, x[0].lower, x[0].upper),
        )
    )
    for adjacency, evidence in judged:
        if evidence.fragments >= 2 and not any(  # one read alone is a chimera of the library
            _explains(other, shown, adjacency, evidence) for other, shown in kept
        ):
            kept.append((adjacency, evidence))
    rows = []
    for adjacency, evidence in kept:
        chroms = [canonical(end.contig, aliases) for end in (adjacency.lower, adjacency.upper)]
        if None in chroms:
            continue
        beside = normal.evidence(adjacency, reference, limits) if normal else None
        rows.append(_row(adjacency, evidence, beside, chroms, depth, limits, germline, families))
    return as_table(rows)


def at_origin(
    adjacency: Adjacency, reference: Reference, aliases: dict[str, str] | None = None
) -> bool:
    """Whether it only joins the end of the circle chrM to its beginning."""
    lower, upper = adjacency.lower, adjacency.upper
    if lower.contig != upper.contig or canonical(lower.contig, aliases) != "chrM":
        return False
    length = reference.contigs.get(lower.contig, 0)
    return adjacency.svtype == "DUP" and lower.pos <= NEAR and upper.pos > length - NEAR


def _explains(other: Adjacency, shown: Evidence, adjacency: Adjacency, evidence: Evidence) -> bool:
    """Whether `other`, which is kept, is the event that `adjacency` tells of."""
    ends, theirs = (adjacency.lower, adjacency.upper), (other.lower, other.upper)
    if adjacency.insertion:
        return any(_close(one, two) for one in ends for two in theirs)
    if all(_close(one, two) for one, two in zip(ends, theirs, strict=True)):
        return True
    if adjacency.uncertain == (0, 0):
        return False
    mine = evidence.pairs | evidence.splits
    return 2 * len(mine & (shown.pairs | shown.splits)) >= len(mine)


def origin_of(fragments: int, beside: int | None, germline: bool) -> str:
    """Whose an event is, from its fragments and those of the normal (None: there is none)."""
    if beside is None:
        return "germline" if germline else "unknown"
    return "germline" if beside >= 2 or beside * 10 > fragments else "somatic"


def _row(
    adjacency: Adjacency,
    evidence: Evidence,
    beside: Evidence | None,
    chroms: Sequence[str | None],
    depth: Callable[[Adjacency, str], int],
    limits: Limits,
    germline: bool,
    families: Mapping[str, str] | None,
) -> dict[str, object]:
    origin = origin_of(evidence.fragments, beside.fragments if beside else None, germline)
    lower, upper = adjacency.lower, adjacency.upper
    over = depth(adjacency, "tumour")
    if adjacency.uncertain != (0, 0):
        weak = len(evidence.pairs) < limits.min_pairs
    elif adjacency.insertion:
        weak = evidence.fragments < limits.min_insertion
    else:
        weak = evidence.fragments < limits.min_support or len(evidence.splits) < limits.min_splits
    if chroms == ["chrM", "chrM"]:  # thousands of reads: chimeras of the library reach any count
        weak = weak or evidence.fragments < MIN_MITOCHONDRIAL * over
    return {
        "event": "",
        "origin": origin,
        "svtype": adjacency.svtype,
        "chrom1": chroms[0],
        "pos1": lower.pos,
        "strand1": lower.strand,
        "chrom2": chroms[1],
        "pos2": upper.pos,
        "strand2": upper.strand,
        "filter": "LowSupport" if weak else "PASS",
        "pairs": len(evidence.pairs),
        "splits": len(evidence.splits),
        "depth": over,
        "normal_pairs": None if beside is None else len(beside.pairs),
        "normal_splits": None if beside is None else len(beside.splits),
        "normal_depth": None if beside is None else depth(adjacency, "normal"),
        "homology": adjacency.homology,
        "inserted": adjacency.inserted,
        "uncertain1": adjacency.uncertain[0],
        "uncertain2": adjacency.uncertain[1],
        "poly_a": has_tail(adjacency.inserted) if adjacency.insertion else None,
        "family": family_of(adjacency.inserted, families or {}) if adjacency.insertion else None,
    }


def as_table(rows: Sequence[dict[str, object]]) -> pl.DataFrame:
    """STRUCTURAL table of rows: breakends in karyotype order, events named SV1, SV2 ..."""
    for row in rows:
        sides = [(CHROMS.index(str(row[f"chrom{s}"])), row[f"pos{s}"]) for s in "12"]
        if sides[1] < sides[0]:
            for name in ("chrom", "pos", "strand", "uncertain"):
                if f"{name}1" not in row:
                    continue
                row[f"{name}1"], row[f"{name}2"] = row[f"{name}2"], row[f"{name}1"]
            codes = outward_clip(str(row["inserted"]), "-")
            row["inserted"] = "".join(LETTER[code] for code in codes)
    schema = {
        name: pl.String if name.startswith("chrom") else dtype
        for name, dtype in STRUCTURAL.schema.items()
    }
    table = STRUCTURAL.table(pl.DataFrame(rows, schema=schema, orient="row"))
    return table.with_columns(event=pl.format("SV{}", pl.int_range(1, pl.len() + 1)))
