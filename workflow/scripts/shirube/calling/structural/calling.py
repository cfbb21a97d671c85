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
from dataclasses import dataclass

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
from shirube.calling.structural.packed import NEAR, Clips, Cluster, Joins, Placed, mated
from shirube.contracts import STRUCTURAL
from shirube.genome.alleles import canonical
from shirube.genome.chromosomes import CHROMS
from shirube.reads.junctions import Breakend, Junction
from shirube.reads.reference import LETTER

MIN_MATCH, MAX_MISMATCH, MIN_NEARBY, MOST_PILES = 8, 0.1, 20, 8
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


class Kept:
    """Adjacencies that are kept, found again by where their breakends lie and by their reads."""

    def __init__(self) -> None:
        self.rows: list[tuple[Adjacency, Evidence]] = []
        self._ends: dict[tuple[str, str, int], list[Adjacency]] = defaultdict(list)
        self._fragments: dict[int, list[int]] = defaultdict(list)

    def add(self, adjacency: Adjacency, evidence: Evidence) -> None:
        """Keep one more."""
        for end in (adjacency.lower, adjacency.upper):
            self._ends[end.contig, end.strand, end.pos // NEAR].append(adjacency)
        for fragment in evidence.pairs | evidence.splits:
            self._fragments[fragment].append(len(self.rows))
        self.rows.append((adjacency, evidence))

    def explains(self, adjacency: Adjacency, evidence: Evidence) -> bool:
        """Whether one that is kept is the event that `adjacency` tells of."""
        lower, upper = adjacency.lower, adjacency.upper
        if adjacency.insertion:
            return any(True for end in (lower, upper) for _ in self._near(end))
        if any(
            _close(lower, other.lower) and _close(upper, other.upper) for other in self._near(lower)
        ):
            return True
        if adjacency.uncertain == (0, 0):
            return False
        mine = evidence.pairs | evidence.splits
        shared = Counter(row for fragment in mine for row in self._fragments.get(fragment, ()))
        return any(2 * count >= len(mine) for count in shared.values())

    def _near(self, end: Breakend) -> Iterator[Adjacency]:
        """Kept adjacencies with a breakend close to `end`."""
        for place in range(end.pos // NEAR - 1, end.pos // NEAR + 2):
            for other in self._ends.get((end.contig, end.strand, place), ()):
                if _close(end, other.lower) or _close(end, other.upper):
                    yield other


class Sample:
    """Junctions of one sample, indexed for counting."""

    def __init__(self, found: Iterable[Junction], min_mapq: int) -> None:
        halves, splits, self.clips = Joins(), Joins(), Clips()
        for junction in found:
            if junction.kind == "pair":
                halves.add(junction)
            elif junction.kind == "clip":
                self.clips.add(junction)
            elif junction.mapq >= min_mapq:
                splits.add(junction)
        self.pairs = mated(halves)
        self.splits = Placed(splits.sides, *splits.columns()[:4])
        self.shown = _shown(splits, self.clips)

    def evidence(self, adjacency: Adjacency, reference: Reference, limits: Limits) -> Evidence:
        """Fragments of this sample that support `adjacency`."""
        if adjacency.insertion:
            return Evidence(
                frozenset(), frozenset(supporting(self.clips, adjacency.lower, adjacency.inserted))
            )
        lower, upper = adjacency.lower, adjacency.upper
        pairs = self.pairs.within(lower, upper, limits.max_insert)
        splits = self.splits.within(lower, upper, NEAR)
        for here, there in (
            ((lower, upper), (upper, lower)) if adjacency.uncertain == (0, 0) else ()
        ):
            splits |= set(self._crossing(here, there, adjacency, reference))
        return Evidence(frozenset(pairs), frozenset(splits))

    def _crossing(
        self, here: Breakend, there: Breakend, adjacency: Adjacency, reference: Reference
    ) -> Iterator[int]:
        """Fragments clipped at `here` whose clipped bases continue at `there`."""
        gap, reach = _inserted_from(adjacency, here), adjacency.homology + 2
        for clip in self.clips.between(
            here.contig, here.strand, here.pos - reach, here.pos + reach
        ):
            shift = (clip.lower.pos - here.pos) * (1 if here.strand == "+" else -1)
            bases = outward_clip(clip.sequence, here.strand)
            beyond = inward(reference, there, len(bases), shift - len(gap) * (shift > 0))
            expected = beyond if shift > 0 else np.concatenate([gap, beyond])[: len(bases)]
            if len(bases) >= MIN_MATCH and _alike(bases, expected):
                yield clip.fragment


def _inserted_from(adjacency: Adjacency, here: Breakend) -> NDArray[np.uint8]:
    """Inserted bases in the order they leave `here`; they are stored as they leave the lower."""
    codes = outward_clip(adjacency.inserted, "+")
    return codes if here is adjacency.lower else outward_clip(adjacency.inserted, "-")


def _shown(splits: Joins, clips: Clips) -> list[tuple[Breakend, Breakend, str]]:
    """Junctions, and what is inserted, that two splits show, or one where reads are clipped."""
    side, lower, upper, _, _, text = splits.columns()
    order = np.lexsort((text, upper, lower, side))
    rows = np.stack([column[order].astype(np.int64) for column in (side, lower, upper, text)])
    new = np.concatenate([[True], (rows[:, 1:] != rows[:, :-1]).any(axis=0)])[: len(order)]
    first = np.flatnonzero(new)
    wanted = np.diff(np.append(first, len(order))) >= 2
    rows = rows[:, first]
    for name, number in splits.sides.items():
        own = np.flatnonzero(rows[0] == number)
        wanted[own] |= clips.has(*name[:2], rows[1, own]) | clips.has(*name[2:], rows[2, own])
    named, texts = list(splits.sides), list(splits.texts)
    out = []
    for kind, low, high, said in rows[:, wanted].T.tolist():
        contig, strand, other, beyond = named[kind]
        out.append((Breakend(contig, low, strand), Breakend(other, high, beyond), texts[said]))
    return out


def _close(one: Breakend, two: Breakend) -> bool:
    same = (one.contig, one.strand) == (two.contig, two.strand)
    return same and abs(one.pos - two.pos) <= NEAR


def _alike(bases: NDArray[np.uint8], expected: NDArray[np.uint8]) -> bool:
    """Whether at most one base in ten differs (one is always allowed from ten bases on)."""
    return int((bases != expected).sum()) <= MAX_MISMATCH * len(bases)


def _window(inner: tuple[int, int], strand: str, reach: int) -> range:
    """Where the breakend of pairs with these inner ends, least and most, can be."""
    if strand == "+":
        return range(inner[1] - NEAR, inner[1] + reach)
    return range(inner[0] - reach, inner[0] + NEAR)


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
    cluster: Cluster, sample: Sample, reference: Reference, limits: Limits
) -> Iterator[Adjacency]:
    """Adjacencies to the base that the clips near a cluster of pairs show."""
    sides = cluster.sides[:2], cluster.sides[2:]
    ranges = (
        _window(cluster.lower, sides[0][1], limits.max_insert),
        _window(cluster.upper, sides[1][1], limits.max_insert),
    )
    for side in (0, 1):
        here, there, own = sides[side], sides[1 - side], ranges[side]
        for pos in sample.clips.highest(*here, own[0], own[-1], MOST_PILES):
            bases = consensus(sample.clips[*here, pos], here[1])
            found = _continuation(reference, bases, *there, ranges[1 - side])
            if found is not None:
                one, two = Breakend(here[0], pos, here[1]), Breakend(there[0], found, there[1])
                yield _normal_form(reference, one, two, "")


def _imprecise(cluster: Cluster, limits: Limits) -> Adjacency:
    """The adjacency of pairs alone: breakends at their inner ends, or as far beyond as said."""
    ends: list[Breakend] = []
    reach: list[int] = []
    for (contig, strand), (least, most) in (
        (cluster.sides[:2], cluster.lower),
        (cluster.sides[2:], cluster.upper),
    ):
        ends.append(Breakend(contig, most if strand == "+" else least, strand))
        reach.append(max(NEAR, limits.max_insert - (most - least)))
    return Adjacency(ends[0], ends[1], uncertain=(reach[0], reach[1]))


def _normal_form(reference: Reference, one: Breakend, two: Breakend, inserted: str) -> Adjacency:
    lower, upper = sorted((one, two))
    if inserted:
        return Adjacency(lower, upper, 0, inserted)
    lower, upper, homology = slid(reference, lower, upper)
    return Adjacency(lower, upper, homology)


def _nearby(sample: Sample, reference: Reference, limits: Limits) -> Iterator[Adjacency]:
    """Deletions and duplications within `max_insert` that clips show without a discordant pair."""
    for (contig, strand, pos), clips in sample.clips.piles():
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
    for lower, upper, inserted in sample.shown:
        found.add(_normal_form(reference, lower, upper, inserted))
    for cluster in sample.pairs.clusters(limits.max_insert // 2):
        found |= set(_placed(cluster, sample, reference, limits))
        if cluster.count >= limits.min_support:
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
    return sorted(
        found, key=lambda a: (a.lower, a.upper, a.inserted, a.uncertain, a.insertion, a.homology)
    )


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
    kept = adjacencies(tumour, reference, limits, aliases)
    return rows_of(kept, normal, reference, depth, limits, germline, aliases, families)


def adjacencies(
    tumour: Sample, reference: Reference, limits: Limits, aliases: dict[str, str] | None = None
) -> list[tuple[Adjacency, Evidence]]:
    """What the reads of a sample show, each event once: adjacencies and their evidence."""
    kept = Kept()
    judged = [
        (adjacency, evidence)
        for adjacency in _proposals(tumour, reference, limits)
        if not too_small(adjacency, limits)
        and not at_origin(adjacency, reference, aliases)
        # one read alone is a chimera of the library
        and (evidence := tumour.evidence(adjacency, reference, limits)).fragments >= 2
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
        if not kept.explains(adjacency, evidence):
            kept.add(adjacency, evidence)
    return [
        (adjacency, evidence)
        for adjacency, evidence in kept.rows
        if all(canonical(e.contig, aliases) for e in (adjacency.lower, adjacency.upper))
    ]


def rows_of(
    kept: Sequence[tuple[Adjacency, Evidence]],
    normal: Sample | None,
    reference: Reference,
    depth: Callable[[Adjacency, str], int],
    limits: Limits,
    germline: bool = False,
    aliases: dict[str, str] | None = None,
    families: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """STRUCTURAL table of `adjacencies`; the other arguments are those of `call_structural`."""
    rows = []
    for adjacency, evidence in kept:
        chroms = [canonical(end.contig, aliases) for end in (adjacency.lower, adjacency.upper)]
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
        if row.get("chrom1") is None or row.get("chrom2") is None:
            continue
        sides = [(CHROMS.index(str(row[f"chrom{s}"])), row[f"pos{s}"]) for s in "12"]
        if sides[1] < sides[0]:
            for name in ("chrom", "pos", "strand", "uncertain"):
                if f"{name}1" not in row:
                    continue
                row[f"{name}1"], row[f"{name}2"] = row[f"{name}2"], row[f"{name}1"]
            codes = outward_clip(str(row["inserted"] or ""), "-")
            row["inserted"] = "".join(LETTER[code] for code in codes)
    schema = {
        name: pl.String if name.startswith("chrom") else dtype
        for name, dtype in STRUCTURAL.schema.items()
    }
    table = STRUCTURAL.table(pl.DataFrame(rows, schema=schema, orient="row"))
    return table.with_columns(event=pl.format("SV{}", pl.int_range(1, pl.len() + 1)))
