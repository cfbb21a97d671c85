"""Where a pile-up does not explain the reads: the window's haplotypes, judged by likelihood.

A caller that looks at columns of a pile-up sees an indel only as far as alignments show it. Here
windows around indels (those of alignments, those hidden in clips, those the caller names) are
judged as wholes: which sequences the reads spell there (`reads.haplotypes`), how likely each
fragment is of each, and which two (or one) of them the person has.

    P(fragments | h1, h2) = product of  (L(h1) + L(h2)) / 2
    L(h)                  = sum over h' of T(h, h') 10^(-mismatches(h') / 10)

T is the rate at which polymerase slippage turns one into the other (`somatic.model.slippage`). The
alleles of the likeliest pair replace what the caller said of the window; alleles at one base
become one record, and the phase of all is known.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from shirube.calling.somatic.model import fisher_p, slippage
from shirube.reads.bam import Batch
from shirube.reads.clips import indels_of_clips
from shirube.reads.haplotypes import FLANK, differences, scores, spelled
from shirube.reads.indels import Indel, indel_counts, left_aligned, roll
from shirube.reads.pileup import base_counts
from shirube.reads.reference import LETTER

MAX_INDEL, MAX_WINDOW, PAD, JOIN, MOST, COMBINED = 200, 320, 6, 6, 8, 4
LEAST_READS, LEAST_SHARE, MIN_SPELLED = 2, 0.1, 4
LONG, LEAST_CLIPS = 15, 3
MIN_FRAGMENTS, MAX_UNLIKE, MAX_ODD = 5, 25.0, 0.1
# Three bases or more within 30 that many reads show otherwise: an indel the alignments hide.
CLUSTER, CLUSTER_SPAN, CLUSTER_SHARE = 3, 30, 0.2
NAMED = 10_000  # rank of what the caller names before all that reads show
# Phred of meeting an allele in a person: an SNV one in 1,000 bases, an indel one in 5,000, ten
# times as often where a repeat changes its length.
SNV_PRIOR, INDEL_PRIOR, REPEAT_PRIOR = 30.0, 37.0, 27.0
MAX_SLIP = 0.05

Allele = tuple[int, str, str]  # 0-based position of the first base of REF, REF, ALT


@dataclass(frozen=True)
class Call:
    """An allele of a window's likeliest pair of haplotypes; `carriers` says which have it."""

    allele: Allele
    carriers: tuple[bool, ...]
    quality: float
    genotype_quality: int
    with_allele: int
    without: int
    mapping_quality: float
    strand: int


@dataclass(frozen=True)
class Window:
    """A judged stretch (left, right), both outside it; every allele that was weighed; the calls.

    `explained` where next to all fragments fit one of the haplotypes: elsewhere the true ones may
    not be among them.
    """

    left: int
    right: int
    weighed: frozenset[Allele]
    calls: tuple[Call, ...]
    reference_quality: int
    depth: int
    spelled: int
    explained: bool


def _span(indel: Indel, codes: NDArray[np.uint8], offset: int) -> tuple[int, int]:
    """First base before the indel and last base it could be moved to, repeats beside it too."""
    last = indel.anchor + indel.deleted + roll(indel, codes, offset) + 1
    low, high = tract(codes, indel.anchor + 1 - offset)[0], tract(codes, last - offset)[1]
    return min(indel.anchor, low - 1 + offset), max(last, high + offset)


def candidates(
    batch: Batch,
    codes: NDArray[np.uint8],
    offset: int,
    min_mapq: int,
    called: Iterable[Indel],
) -> dict[Indel, int]:
    """Indels worth a window, with the reads that show them; those of the caller always."""
    shown = indel_counts(batch, codes, offset, min_mapq)
    hidden = indels_of_clips(batch, codes, offset, min_mapq)
    out = dict.fromkeys(called, NAMED)
    starts = np.sort(batch.start)
    ends = np.sort(batch.end)
    for indel in shown.keys() | hidden.keys():
        if max(indel.deleted, len(indel.inserted)) > MAX_INDEL:
            continue
        count = shown[indel] + hidden[indel]
        over = np.searchsorted(starts, indel.anchor, "right")
        depth = int(over - np.searchsorted(ends, indel.anchor, "right"))
        # An insertion keeps the reads that reach across it, fewer the longer it is.
        least = max(LEAST_READS, LEAST_SHARE * depth)
        if count >= least or (hidden[indel] and len(indel.inserted) >= LONG):
            out[indel] = out.get(indel, 0) + count
    return out


def clusters(
    batch: Batch, codes: NDArray[np.uint8], offset: int, min_mapq: int
) -> Iterator[tuple[int, int]]:
    """First and last base of stretches where several bases near each other differ in many reads."""
    if not len(batch):
        return
    counts = base_counts(batch, offset, offset + len(codes), min_mapq, 20)
    depth = counts.sum(axis=1)
    known = codes < 4
    counts[known, codes[known]] = 0
    other = counts.max(axis=1)
    at = np.flatnonzero(known & (other >= 3) & (other >= CLUSTER_SHARE * depth))
    dense = np.flatnonzero(at[CLUSTER - 1 :] - at[: max(len(at) - CLUSTER + 1, 0)] <= CLUSTER_SPAN)
    for first in dense:
        low, _ = tract(codes, int(at[first]))
        _, high = tract(codes, int(at[first + CLUSTER - 1]))
        yield low + offset, high + offset


@njit(cache=True)
def tract(codes: NDArray[np.uint8], at: int) -> tuple[int, int]:
    """First and last index of the longest short tandem repeat (units to 6) over or beside `at`."""
    first = last = at
    for unit in range(1, 7):
        for seed in (at - unit, at):
            low = seed
            while low > 0 and codes[low - 1] == codes[low - 1 + unit]:
                low -= 1
            high = low + unit - 1
            while high + 1 < len(codes) and codes[high + 1] == codes[high + 1 - unit]:
                high += 1
            if high - low + 1 >= max(10, 3 * unit) and low <= at + 1 and high >= at - 1:
                first, last = min(first, low), max(last, high)
    return first, last


def stretches(
    found: Iterable[Indel],
    odd: Iterable[tuple[int, int]],
    codes: NDArray[np.uint8],
    offset: int,
) -> Iterator[tuple[int, int, list[Indel]]]:
    """(left, right, indels) of windows around what lies together, in order."""
    spans: list[tuple[int, int, Indel | None]] = [(*_span(i, codes, offset), i) for i in found]
    spans += [(low, high, None) for low, high in odd]
    group: list[Indel] = []
    low = high = -1
    for start, end, indel in sorted(spans, key=lambda s: (s[0], s[1], s[2] is not None, s[2] or 0)):
        if high >= 0 and start > high + JOIN:
            yield low - PAD, high + PAD, group
            group, high = [], -1
        if high < 0:
            low, high = start, end
        if indel is not None:
            group.append(indel)
        high = max(high, end)
    if high >= 0:
        yield low - PAD, high + PAD, group


def _with(indels: Sequence[Indel], left: int, plain: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The reference of a window (from base left + 1) with indels put in."""
    out = plain
    for indel in sorted(indels, reverse=True):
        at = indel.anchor - left
        inserted = np.array([LETTER.index(base) for base in indel.inserted], np.uint8)
        out = np.concatenate([out[:at], inserted, out[at + indel.deleted :]])
    return out


def _slip(one: NDArray[np.uint8], two: NDArray[np.uint8]) -> float:
    """Rate at which polymerase slippage turns haplotype `one` into `two`; 0 if it never does."""
    if len(one) == len(two):
        return 0.0
    short, long = sorted((one, two), key=len)
    same = short == long[: len(short)]
    head = len(short) if same.all() else int(same.argmin())
    same = short[::-1] == long[::-1][: len(short)]
    tail = len(short) if same.all() else int(same.argmin())
    if head + tail < len(short):
        return 0.0
    head = min(head, len(short))
    size = len(long) - len(short)
    start = len(short) - tail if head + tail > len(short) else head
    text = long[start : start + size].tobytes()
    unit = next(n for n in range(1, size + 1) if size % n == 0 and text == text[:n] * (size // n))
    low, high = start, start + size
    while high < len(long) and long[high] == long[high - unit]:
        high += 1
    while low > 0 and low + unit <= len(long) and long[low - 1] == long[low - 1 + unit]:
        low -= 1
    return min(slippage(unit, high - low - size if one is short else high - low, size), MAX_SLIP)


def alleles_of(
    haplotype: NDArray[np.uint8],
    plain: NDArray[np.uint8],
    left: int,
    codes: NDArray[np.uint8],
    offset: int,
) -> tuple[Allele, ...]:
    """The alleles by which a haplotype differs from the window's reference, left-aligned."""
    out: list[Allele] = []
    for at, deleted, low, high in differences(haplotype, plain).tolist():
        first = left + 1 + at
        inserted = "".join(LETTER[c] for c in haplotype[low:high])
        if deleted == 1 and high - low == 1:
            out.append((first, LETTER[plain[at]], inserted))
            continue
        out.append(
            allele_of(
                left_aligned(Indel(first - 1, deleted, inserted), codes, offset), codes, offset
            )
        )
    return tuple(out)


def allele_of(indel: Indel, codes: NDArray[np.uint8], offset: int) -> Allele:
    """An indel as VCF writes it."""
    at = indel.anchor - offset
    ref = "".join(LETTER[c] for c in codes[at : at + indel.deleted + 1])
    return indel.anchor, ref, ref[0] + indel.inserted


def _prior(alleles: Sequence[Allele], codes: NDArray[np.uint8], offset: int) -> float:
    total = 0.0
    for at, ref, alt in alleles:
        if len(ref) == len(alt):
            total += SNV_PRIOR
            continue
        indel = Indel(at, len(ref) - 1, alt[1:])
        size = max(indel.deleted, len(indel.inserted))
        moved = roll(indel, codes, offset)
        total += REPEAT_PRIOR if moved >= max(size, 4) else INDEL_PRIOR
    return total


def judge(
    batch: Batch,
    left: int,
    right: int,
    indels: dict[Indel, int],
    codes: NDArray[np.uint8],
    offset: int,
    min_mapq: int,
    copies: int,
) -> Window | None:
    """What the reads say of the window (left, right); None where they say too little."""
    plain = codes[left + 1 - offset : right - offset]
    if right - left > MAX_WINDOW or (plain == 4).any():
        return None
    span = int((batch.end - batch.start).max(initial=0))
    low, high = np.searchsorted(batch.start, [left - span, right + 1])
    longest = len(plain) + MAX_INDEL
    read = spelled(batch, int(low), int(high), left, right, min_mapq, longest)
    total = sum(count for _, count in read)
    # No read spells a long insertion that a homozygote has; its clips do.
    long = any(len(i.inserted) >= LONG and n >= LEAST_CLIPS for i, n in indels.items())
    if total < MIN_SPELLED and not long:
        return None
    found: dict[bytes, NDArray[np.uint8]] = {plain.tobytes(): plain}
    spoken = [s for s, n in read if n >= max(LEAST_READS, LEAST_SHARE * total)]
    for sequence in spoken[:MOST]:
        found.setdefault(sequence.tobytes(), sequence)
    ranked = sorted(indels, key=lambda i: (-indels[i], i))[:MOST]
    for chosen in ([i] for i in ranked):
        sequence = _with(chosen, left, plain)
        found.setdefault(sequence.tobytes(), sequence)
    for one, two in combinations(sorted(ranked[:COMBINED]), 2):
        if two.anchor > one.anchor + one.deleted:
            sequence = _with([one, two], left, plain)
            found.setdefault(sequence.tobytes(), sequence)
    before = codes[left + 1 - FLANK - offset : left + 1 - offset]
    after = codes[right - offset : right + FLANK - offset]

    def fits() -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        sequences = list(found.values())
        arguments = (batch, int(low), int(high), left, right, min_mapq, sequences, before, after)
        return scores(*arguments)

    phred, facts = fits()
    if unexplained(phred):
        # What one read spells is weighed where what several spell leaves many without a haplotype.
        for sequence, _ in read[: 2 * MOST]:
            found.setdefault(sequence.tobytes(), sequence)
        phred, facts = fits()
    haplotypes = list(found.values())
    if len(phred) < MIN_FRAGMENTS:
        return None
    return _decided(left, right, haplotypes, phred, facts, codes, offset, copies, total)


def unexplained(phred: NDArray[np.float32]) -> bool:
    """Whether many fragments fit none of the haplotypes: more than a base of theirs is unlike."""
    return bool((phred.min(axis=1, initial=1e9) > MAX_UNLIKE).mean() > MAX_ODD)


def _decided(
    left: int,
    right: int,
    haplotypes: Sequence[NDArray[np.uint8]],
    phred: NDArray[np.float32],
    facts: NDArray[np.int32],
    codes: NDArray[np.uint8],
    offset: int,
    copies: int,
    total: int,
) -> Window:
    plain = haplotypes[0]
    named = [alleles_of(h, plain, left, codes, offset) for h in haplotypes]
    count = len(haplotypes)
    slips = np.array([[_slip(one, two) for two in haplotypes] for one in haplotypes])
    slips[np.arange(count), np.arange(count)] = 1 - slips.sum(axis=1)
    likely = 10.0 ** (-(phred - phred.min(axis=1, keepdims=True)).astype(np.float64) / 10)
    likely = likely @ slips.T
    floor = 10.0 ** (-np.clip(facts[:, 0], 10, 40) / 10)
    likely = np.maximum(likely, floor[:, None] * likely.max(axis=1, keepdims=True))
    prior = np.array([_prior(alleles, codes, offset) for alleles in named])
    pairs = [(i, j) for i in range(count) for j in range(i, count) if copies == 2 or i == j]
    scored = np.empty(len(pairs))
    for n, (i, j) in enumerate(pairs):
        fit = float(np.log10((likely[:, i] + likely[:, j]) / 2).sum())
        before = prior[i] if i == j else prior[i] + prior[j] - 3.01
        scored[n] = fit - before / 10
    weight = 10.0 ** (scored - scored.max())
    weight /= weight.sum()
    best = pairs[int(scored.argmax())]
    chosen = best if copies == 2 else best[:1]
    has = [frozenset(alleles) for alleles in named]
    calls = []
    for allele in sorted(set().union(*(has[h] for h in chosen))):
        carrying = np.array([allele in alleles for alleles in has], dtype=bool)
        number = np.array([sum(bool(carrying[h]) for h in pair[:copies]) for pair in pairs])
        own = sum(bool(carrying[h]) for h in chosen)
        wrong = float(weight[number != own].sum())
        absent = float(weight[number == 0].sum())
        # Of a heterozygote a fragment is of one of the two; else it has the allele or none.
        mine = [h for h in chosen if carrying[h]] if own < len(chosen) else carrying
        theirs = [h for h in chosen if not carrying[h]] if own < len(chosen) else [0]
        against = phred[:, theirs].min(axis=1) - phred[:, mine].min(axis=1)
        shows, lacks = against >= 6, against <= -6
        reverse = facts[:, 1] == 1
        table = [
            int((kept & side).sum()) for kept in (shows, lacks) for side in (reverse, ~reverse)
        ]
        used = facts[shows | lacks, 0].astype(np.float64)
        calls.append(
            Call(
                allele,
                tuple(bool(carrying[h]) for h in chosen),
                min(_phred(absent), 999.0),
                int(min(_phred(wrong), 99)),
                int(shows.sum()),
                int(lacks.sum()),
                float(np.sqrt((used**2).mean())) if len(used) else 0.0,
                round(_phred(fisher_p(*table))),
            )
        )
    varied = float(weight[[pair != (0, 0) for pair in pairs]].sum())
    weighed = frozenset().union(*has)
    return Window(
        *(left, right, weighed, tuple(calls), int(min(_phred(varied), 99)), len(phred), total),
        explained=not unexplained(phred),
    )


def _phred(probability: float) -> float:
    return float(-10 * np.log10(max(probability, 1e-100)))


def windows_of(
    batch: Batch,
    codes: NDArray[np.uint8],
    offset: int,
    min_mapq: int,
    copies: int,
    called: Iterable[Indel],
) -> Iterator[Window]:
    """The judged windows of a stretch of reads, in order."""
    found = candidates(batch, codes, offset, min_mapq, called)
    odd = clusters(batch, codes, offset, min_mapq)
    for left, right, group in stretches(found, odd, codes, offset):
        window = judge(
            batch, left, right, {i: found[i] for i in group}, codes, offset, min_mapq, copies
        )
        if window is not None:
            yield window
