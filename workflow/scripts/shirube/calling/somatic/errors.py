"""What a tumour's own reads say of their errors, and how surprising a candidate must be.

Rates are those of `reads.errors`, measured over places spread through the regions of the run where
no allele is in doubt, and drawn towards the rate of their quality as a whole where few bases were
read. Two shares are estimated from the alleles of small fraction met there: how many show on one
strand only, and how many in one orientation of the pair only, beyond what chance gives: the marks
of errors of sequencing and of damage before it.

A candidate of k fragments is believed if errors alone would make so many less often than `max_p`:

    p = P(Poisson(sum of the rates of fragments as trustworthy as those with the allele) >= k)

max_p is the largest with which the expected number of false calls of a genome of GENOME bases is
at most `max_false`, given the depths and rates measured, or FALSE_SHARE of the true ones expected
where those are many (the somatic SNVs of large fraction met in the same places, beside a normal).
Errors are taken as independent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from shirube.calling.somatic.model import MIN_ERROR
from shirube.contracts import ERROR_RATES
from shirube.genome.intervals import Interval
from shirube.reads.bam import Batch, contig_order, read_windows, windows
from shirube.reads.errors import CLASSES, QUALITIES, QUALITY_STEP, error_counts
from shirube.reads.pileup import base_counts, observe_bases
from shirube.reads.reference import LETTER, reference_codes

GENOME = 3.1e9
PIECE, MOST_PIECES = 2000, 500  # bases of a place that is measured, and places at most
QUIET_SHARE, QUIET_READS, MIN_DEPTH = 0.1, 3, 10
PSEUDO = 10.0  # errors that the rate of the quality as a whole counts for
USUAL_SHARE, USUAL_WEIGHT, ONE_SIDED = 0.02, 5.0, 0.99
MAX_ODDS = 3.0  # of an artefact: true alleles of 3 fragments are one-sided in one case of four
LOW_FRACTION, LEAST = 0.2, 3
GOOD_MAPQ, GOOD_BASEQ, GOOD_EDGE = 30, 20, 5  # as the filters of `Thresholds` ask
MIN_P, MAX_P = 1e-14, 1e-4
FALSE_SHARE, SURE_READS = 0.002, 5
DEPTHS = 400


@dataclass(frozen=True)
class Errors:
    """Rates by class, base shown and quality; shares of one-sided artefacts; the largest p."""

    rates: NDArray[np.float64]
    one_strand: float = USUAL_SHARE
    one_orientation: float = USUAL_SHARE
    max_p: float = 1.0
    false_per_base: float | None = None

    def seen(
        self,
        context: tuple[int, int, int],
        alt: int,
        forward: NDArray[np.bool_],
        quality: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """Chance that each fragment shows `alt` where its molecule has the reference.

        context: codes of the base before, the base, the base after; beside an unknown base the
        chance is what the qualities say.
        """
        bins = np.minimum(quality.astype(np.int64) // QUALITY_STEP, QUALITIES - 1)
        before, base, after = context
        if max(before, after) > 3:
            return as_stated(quality)
        ahead = self.rates[16 * before + 4 * base + after, alt, bins]
        behind = self.rates[16 * (3 - after) + 4 * (3 - base) + 3 - before, 3 - alt, bins]
        return np.asarray(np.where(forward, ahead, behind))

    def wrong(
        self,
        context: tuple[int, int, int],
        alt: int,
        forward: NDArray[np.bool_],
        quality: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """The same, and never below what the qualities say: for the odds of one candidate."""
        return np.maximum(self.seen(context, alt, forward, quality), as_stated(quality))


def as_stated(quality: NDArray[np.float32]) -> NDArray[np.float64]:
    """Chance of one wrong base, as phred qualities say."""
    error = np.maximum(10.0 ** (-quality.astype(np.float64) / 10), MIN_ERROR)
    return np.asarray(error / 3)


@cache
def nominal() -> Errors:
    """Errors as the base qualities say, where nothing was measured."""
    middle = (np.arange(QUALITIES) + 0.5) * QUALITY_STEP
    return Errors(np.tile(as_stated(middle.astype(np.float32)), (CLASSES, 4, 1)))


def surprise(wrong: NDArray[np.float64], is_alt: NDArray[np.bool_]) -> float:
    """Chance that errors alone make so many fragments with the allele; `wrong`: see `Errors`."""
    count = int(is_alt.sum())
    if not count:
        return 1.0
    trusted = wrong <= wrong[is_alt].max() * (1 + 1e-9)
    return float(scipy.special.gammainc(count, wrong[trusted].sum()))


def one_sided(alt: tuple[int, int], other: tuple[int, int], share: float) -> float:
    """Odds that an allele's fragments lie on one side (strand, orientation) for no chance.

    `alt`, `other`: fragments with and without the allele on either side; `share`: of candidates
    that are such artefacts.
    """
    likely = _likelihoods(np.array([alt]), np.array([other]))
    return float(share / (1 - share) * np.exp(likely[0][0] - likely[1][0]))


def _likelihoods(
    alt: NDArray[np.int64], other: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log likelihoods (one-sided, by chance) of counts on two sides; binomial terms cancel."""
    p = (other[:, 0] + 1) / (other.sum(axis=1) + 2)
    real = scipy.special.xlogy(alt[:, 0], p) + scipy.special.xlogy(alt[:, 1], 1 - p)
    a = scipy.special.xlogy(alt[:, 0], ONE_SIDED) + scipy.special.xlogy(alt[:, 1], 1 - ONE_SIDED)
    b = scipy.special.xlogy(alt[:, 0], 1 - ONE_SIDED) + scipy.special.xlogy(alt[:, 1], ONE_SIDED)
    return np.logaddexp(a, b) - np.log(2), real


def share_one_sided(alt: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """Share of candidates that are one-sided for no chance, by expectation maximisation."""
    if not len(alt):
        return USUAL_SHARE
    artefact, real = _likelihoods(alt, other)
    share = 0.2
    for _ in range(100):
        with_it = np.log(share) + artefact
        weight = np.exp(with_it - np.logaddexp(with_it, np.log1p(-share) + real))
        share = (weight.sum() + USUAL_SHARE * USUAL_WEIGHT) / (len(alt) + USUAL_WEIGHT)
    return float(share)


def rates_of(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rates (class, base shown, quality) from counts of bases read."""
    read = counts.sum(axis=1)
    base = (np.arange(CLASSES) // 4) % 4
    wrong = counts.copy()
    wrong[np.arange(CLASSES), base] = 0
    prior = nominal().rates[0, 0]
    errors, bases = wrong.sum(axis=(0, 1)), read.sum(axis=0)
    whole = (errors / 3 + PSEUDO) / (bases + PSEUDO / prior)
    out = (wrong + PSEUDO) / (read[:, None, :] + PSEUDO / whole)
    out[np.arange(CLASSES), base] = 0
    return np.asarray(out, dtype=np.float64)


def pieces(regions: Sequence[Interval], order: Sequence[str]) -> list[Interval]:
    """Places to measure: all of small regions, else MOST_PIECES spread evenly over them."""
    cut = windows(regions, PIECE, order)
    return cut[:: -(-len(cut) // MOST_PIECES)] if cut else []


def measured(
    path: str,
    reference: str,
    regions: Sequence[Interval],
    min_mapq: int,
    min_baseq: int,
    max_false: float,
    min_lod: float,
    normal: str | None = None,
) -> tuple[Errors, pl.DataFrame]:
    """Errors of a tumour's reads, and the table (ERROR_RATES) they were taken from.

    `normal`: reads of the normal beside it, by which true somatic alleles are told.
    """
    order = contig_order(path)
    cut = pieces([r for r in regions if r.contig in order], order)
    counts = np.zeros((CLASSES, 4, QUALITIES), np.int64)
    depths = np.zeros(DEPTHS, np.int64)
    sides: list[tuple[NDArray[np.int64], ...]] = []
    true = judged = 0
    beside: Iterable[tuple[Batch | None, list[str]]] = repeat((None, []))
    if normal and contig_order(normal) == order:
        beside = read_windows(normal, reference, cut, 0)
    both = zip(cut, read_windows(path, reference, cut, 0), beside, strict=False)
    for piece, (batch, _), (other, _) in both:
        codes = reference_codes(reference, piece.contig, piece.start - 1, piece.end + 1)
        shown = base_counts(batch, piece.start, piece.end, min_mapq, min_baseq)
        depth = shown.sum(axis=1)
        own = codes[1:-1]
        known = (codes[:-2] < 4) & (own < 4) & (codes[2:] < 4)
        others = shown.copy()
        others[known, own[known]] = 0
        others[~known] = 0
        most = others.max(axis=1, initial=0)
        loud = (most >= QUIET_READS) & (most >= QUIET_SHARE * depth)
        quiet = known & ~loud & (depth >= MIN_DEPTH)
        depths += np.bincount(np.minimum(depth[quiet], DEPTHS - 1), minlength=DEPTHS)
        around = np.concatenate([[False], quiet, [False]])
        offset = piece.start - 1
        counts += error_counts(batch, codes, around, offset, min_mapq, min_baseq)
        if other is not None:
            plain = base_counts(other, piece.start, piece.end, min_mapq, min_baseq)
            seen = known & (depth >= MIN_DEPTH) & (plain.sum(axis=1) >= MIN_DEPTH)
            sure = seen & (most >= SURE_READS) & (most >= LOW_FRACTION * depth)
            where = np.flatnonzero(sure)
            true += int((plain[where, others[where].argmax(axis=1)] == 0).sum())
            judged += int(seen.sum())
        at = np.flatnonzero(known & (most >= LEAST) & (most < LOW_FRACTION * depth))
        if len(at):
            sites = (at + piece.start).astype(np.int32)
            rows = observe_bases(batch, sites, min_mapq, min_baseq)
            sides.append(_sides(rows, others[at].argmax(axis=1), own[at]))
    rates = rates_of(counts)
    table = [
        np.concatenate(part) if sides else np.zeros((0, 2), np.int64)
        for part in (zip(*sides, strict=True) if sides else ((),) * 4)
    ]
    expected = FALSE_SHARE * GENOME * true / judged if judged else 0.0
    max_p, false = _largest_p(rates, counts, depths, max(max_false, expected), min_lod)
    found = Errors(
        rates,
        share_one_sided(table[0], table[1]),
        share_one_sided(table[2], table[3]),
        max_p,
        false,
    )
    return found, as_table(counts, rates)


def _sides(
    rows: NDArray[np.void], alt: NDArray[np.int64], ref: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], ...]:
    """Fragments with and without the allele of each site by strand, and by orientation.

    Of sites whose fragments with the allele map well, are of good quality and lie within reads:
    others are refused for that already.
    """
    site = rows["site"]
    shows, plain = rows["allele"] == alt[site], rows["allele"] == ref[site]

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.bincount(site[shows], values[shows], minlength=len(alt))
        counts = np.bincount(site[shows], minlength=len(alt))
        return np.asarray(sums / np.maximum(counts, 1))

    fine = mean((rows["mapq"] >= GOOD_MAPQ).astype(np.float64)) > 0.5
    fine &= mean(rows["for_ref"].astype(np.float64)) >= GOOD_BASEQ
    fine &= mean((rows["edge"] < GOOD_EDGE).astype(np.float64)) <= 0.5
    out = []
    for side in (rows["reverse"], rows["forward"]):
        for kept in (shows, plain):
            out.append(
                np.stack(
                    [np.bincount(site[kept & part], minlength=len(alt)) for part in (side, ~side)],
                    axis=1,
                )
            )
    enough = fine & (out[0].sum(axis=1) >= LEAST)
    return tuple(part[enough] for part in out)


def least_fragments(
    depth: NDArray[np.int64], rate: NDArray[np.float64], max_p: float, min_lod: float
) -> NDArray[np.int64]:
    """Fewest fragments of `depth` that errors of `rate` make seldom enough, and of the odds."""
    needed = np.full(np.broadcast(depth, rate).shape, LEAST, np.int64)
    n = np.broadcast_to(depth, needed.shape).astype(np.float64)
    e = np.broadcast_to(rate, needed.shape)
    for _ in range(60):
        f = np.minimum(needed / np.maximum(n, 1), 1)
        missed = scipy.special.xlogy(n - needed, np.maximum(1 - f, 1e-300))
        odds = needed * np.log10(f / e) + missed / np.log(10)
        short = ((scipy.special.gammainc(needed, n * e) > max_p) | (odds < min_lod)) & (needed < n)
        if not short.any():
            break
        needed = needed + short
    return needed


def _largest_p(
    rates: NDArray[np.float64],
    counts: NDArray[np.int64],
    depths: NDArray[np.int64],
    max_false: float,
    min_lod: float,
) -> tuple[float, float | None]:
    """The largest p that keeps the expected false calls of a genome, and those it leaves a base."""
    read = counts.sum(axis=1)
    if not depths.sum():
        return 1.0, None
    weight = read / np.maximum(read.sum(axis=1, keepdims=True), 1)
    mean = (rates * weight[:, None, :]).sum(axis=2)
    share = read.sum(axis=1) / read.sum()
    classes = [(c, b) for c in range(CLASSES) for b in range(4) if mean[c, b] > 0]
    rate = np.array([mean[c, b] for c, b in classes])
    part = np.array([share[c] for c, _ in classes])
    at = np.flatnonzero(depths)
    chance = depths[at] / depths.sum()

    def false(max_p: float) -> float:
        needed = least_fragments(at[:, None], rate[None, :], max_p, min_lod)
        tail = scipy.special.gammainc(needed, at[:, None] * rate[None, :])
        return float((chance[:, None] * part[None, :] * tail).sum())

    low, high = np.log(MIN_P), np.log(MAX_P)
    for _ in range(30):
        middle = (low + high) / 2
        if false(float(np.exp(middle))) * GENOME <= max_false:
            low = middle
        else:
            high = middle
    max_p = float(np.exp(low))
    return max_p, false(max_p)


def as_table(counts: NDArray[np.int64], rates: NDArray[np.float64]) -> pl.DataFrame:
    """ERROR_RATES of counts and rates."""
    rows = [
        (
            LETTER[c // 16] + LETTER[c // 4 % 4] + LETTER[c % 4],
            LETTER[b],
            q * QUALITY_STEP,
            int(counts[c, :, q].sum()),
            int(counts[c, b, q]),
            float(rates[c, b, q]),
        )
        for c in range(CLASSES)
        for b in range(4)
        if b != c // 4 % 4
        for q in range(QUALITIES)
    ]
    return ERROR_RATES.table(pl.DataFrame(rows, schema=ERROR_RATES.polars, orient="row"))


def about(errors: Errors) -> dict[str, str]:
    """What of `errors` is no rate, as metadata of their file."""
    known = {
        "one_strand": errors.one_strand,
        "one_orientation": errors.one_orientation,
        "max_p": errors.max_p,
        "false_per_base": errors.false_per_base,
    }
    return {name: repr(value) for name, value in known.items() if value is not None}


def from_table(table: pl.DataFrame, said: dict[str, str]) -> Errors:
    """Errors from ERROR_RATES and the metadata of its file."""
    rates = np.zeros((CLASSES, 4, QUALITIES))
    for context, alt, quality, rate in table.select(
        "context", "alt", "quality", "rate"
    ).iter_rows():
        where = [LETTER.index(base) for base in context]
        index = 16 * where[0] + 4 * where[1] + where[2]
        rates[index, LETTER.index(alt), quality // QUALITY_STEP] = rate
    numbers = {name: float(said[name]) for name in ("one_strand", "one_orientation", "max_p")}
    false = said.get("false_per_base")
    return Errors(rates, **numbers, false_per_base=float(false) if false else None)


def expected_false(said: dict[str, str]) -> float | None:
    """False SNVs expected among those that pass, from the metadata of ERROR_RATES."""
    if "false_per_base" not in said:
        return None
    return float(said["false_per_base"]) * int(said["bases"])
