"""Deletions and duplications of a person that the depth of reads shows, junction or not.

A hidden Markov chain along the bins of a chromosome: its states are copies, the expected ones and
up to two fewer or more; what is seen of a bin is its dose beside other people of the run
(`depth_reference`). A change begins in a bin so seldom that a genome, or a panel, of unchanged
people has one in about twenty (FALSE), however many bins it has; no bin says more than an odd one
can (ODD), so that in a genome one bin alone is never an event. Next bins share fragments and vary
together: what each says is divided by how much (`_together`). As the spread of a bin is itself
known from few people, the doses follow a t distribution. The form is that of XHMM (Fromer et
al. 2012, doi:10.1016/j.ajhg.2012.08.005). Changes worth half of that are listed as LowSupport.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import gamma
from typing import Any

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from shirube.calling.copy_number.depth_reference import LEAST_PEOPLE, PRIOR_PEOPLE, Beside
from shirube.contracts import GENE_DEPTH

FALSE, ODD, END, JUMP = 0.05, 1e-6, 0.1, 1_000_000
MOST, RANGE = 4, 8.0
FREEDOM = PRIOR_PEOPLE + LEAST_PEOPLE - 1
WINDOWS, POWER = (1, 3, 5, 9, 17), 1.645
_PHRED = 10 / np.log(10)
Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Change:
    """Bins `first` to `last` (inclusive) with `copies` instead of `expected`; `quality` phred.

    `dose` is the mean of the copies measured in its `bins` usable bins.
    """

    first: int
    last: int
    expected: int
    copies: int
    dose: float
    bins: int
    quality: float
    passed: bool


def changes(bins: pl.DataFrame, expected: NDArray[np.int8], found: Beside) -> list[Change]:
    """Changes along `bins` (chrom, start, end), in their order; `expected` copies of each bin."""
    usable = np.isfinite(found.dose)
    total = int(usable.sum())
    if total == 0:
        return []
    begin = min(FALSE / total, 1e-3)
    cost = -np.log(begin) - np.log(END)
    out, shared = [], _together(bins, expected, found)
    for at in _runs(bins, expected, usable):
        likely = _likelihoods(found.dose[at], found.spread[at]) / shared
        normal = int(expected[at[0]])
        for first, last, copies in _paths(likely, normal, np.sqrt(begin)):
            gain = float(
                (likely[first : last + 1, copies] - likely[first : last + 1, normal]).sum()
            )
            if gain <= 0:
                continue
            out.append(
                Change(
                    *(int(at[first]), int(at[last]), normal, copies),
                    dose=float(np.mean(found.dose[at[first : last + 1]])),
                    bins=last - first + 1,
                    quality=round(_PHRED * gain, 1),
                    passed=gain >= cost,
                )
            )
    return out


def _runs(
    bins: pl.DataFrame, expected: NDArray[np.int8], usable: NDArray[np.bool_]
) -> Iterator[NDArray[np.int64]]:
    """Numbers of the usable bins of each stretch: one chromosome, one expectation, no long gap."""
    at = np.flatnonzero(usable)
    chrom = bins["chrom"].to_physical().to_numpy()[at]
    start, end = (bins[name].to_numpy()[at].astype(np.int64) for name in ("start", "end"))
    new = (np.diff(chrom) != 0) | (np.diff(expected[at]) != 0) | (start[1:] - end[:-1] > JUMP)
    yield from np.split(at, np.flatnonzero(new) + 1)


def _together(bins: pl.DataFrame, expected: NDArray[np.int8], found: Beside) -> float:
    """How many times as much as independent bins the sum of neighbours varies, at least 1."""
    usable = np.isfinite(found.dose)
    pairs = []
    for at in _runs(bins, expected, usable):
        apart = (found.dose[at] / expected[at] - 1) / found.spread[at]
        apart = np.clip(apart, -3, 3)
        pairs.append(np.stack([apart[:-1], apart[1:]]))
    one, other = np.concatenate(pairs, axis=1) if pairs else np.zeros((2, 0))
    if len(one) < 30:
        return 1.0
    return max(1.0, 1 + 2 * float(np.mean(one * other) / np.mean(one**2)))


def _student(apart: Doubles) -> Doubles:
    """Density of the t distribution with FREEDOM degrees of freedom."""
    top = gamma((FREEDOM + 1) / 2) / (gamma(FREEDOM / 2) * np.sqrt(FREEDOM * np.pi))
    return np.asarray(top * (1 + apart**2 / FREEDOM) ** (-(FREEDOM + 1) / 2))


def _likelihoods(dose: NDArray[np.float32], spread: NDArray[np.float32]) -> Doubles:
    """(bins, copies 0 to MOST) log likelihood of each number of copies; the last means or more."""
    copies = np.arange(MOST + 1)
    seen = np.minimum(dose.astype(np.float64), MOST)[:, None]
    # Reads vary as their number does: with two copies by 2 x spread, with one by half the variance.
    deviation = spread.astype(np.float64)[:, None] * np.sqrt(2 * np.maximum(copies, 0.2))
    density = _student((seen - copies) / deviation) / deviation
    return np.asarray(np.log((1 - ODD) * density + ODD / RANGE))


def _paths(likely: Doubles, normal: int, begin: float) -> list[tuple[int, int, int]]:
    """(first, last, copies) of the stretches of the best path that differ from `normal`."""
    states = _best_path(likely, normal, np.log(begin / MOST), np.log1p(-begin), END)
    edges = np.flatnonzero(np.diff(states)) + 1
    first = np.concatenate([[0], edges])
    last = np.concatenate([edges, [len(states)]]) - 1
    pairs = zip(first.tolist(), last.tolist(), strict=True)
    return [(a, b, int(states[a])) for a, b in pairs if states[a] != normal]


@njit(cache=True)
def _best_path(
    likely: Doubles, normal: int, begin: float, stay: float, end: float
) -> NDArray[np.int8]:
    """Viterbi: the most likely copies of each bin."""
    count, states = likely.shape
    back, on, other = np.log(end * 0.5), np.log(1 - end), np.log(end * 0.5 / (states - 2))
    came = np.zeros((count, states), np.int8)
    score = likely[0].copy()
    for k in range(states):
        score[k] += stay if k == normal else begin
    for n in range(1, count):
        new = np.empty(states)
        for k in range(states):
            best, source = -np.inf, 0
            for j in range(states):
                if j == normal:
                    step = stay if k == normal else begin
                elif k == normal:
                    step = back
                else:
                    step = on if j == k else other
                if score[j] + step > best:
                    best, source = score[j] + step, j
            new[k] = best + likely[n, k]
            came[n, k] = source
        score = new
    path = np.empty(count, np.int8)
    path[-1] = np.argmax(score)
    for n in range(count - 1, 0, -1):
        path[n - 1] = came[n, path[n]]
    return path


def structural_rows(bins: pl.DataFrame, found: Sequence[Change]) -> list[dict[str, Any]]:
    """Rows of STRUCTURAL of the changes: a deletion or tandem duplication with open ends.

    Where an end lies is known to the bins it is between: `uncertain` reaches over both.
    """
    chrom = bins["chrom"].cast(pl.String)
    start, end = (bins[name].to_numpy().astype(np.int64) for name in ("start", "end"))
    rows = []
    for change in found:
        low, high = change.first, change.last
        before = low - 1 if low and chrom[low - 1] == chrom[low] else low
        after = high + 1 if high + 1 < len(start) and chrom[high + 1] == chrom[high] else high
        lost = change.copies < change.expected
        rows.append(
            {
                "event": "",
                "origin": "germline",
                "svtype": "DEL" if lost else "DUP",
                "chrom1": chrom[low],
                "pos1": int(start[low]) + (0 if lost else 1),
                "strand1": "+" if lost else "-",
                "chrom2": chrom[high],
                "pos2": int(end[high]) + (1 if lost else 0),
                "strand2": "-" if lost else "+",
                "filter": "PASS" if change.passed else "LowSupport",
                "uncertain1": int(max(end[low] - start[low], start[low] - start[before])),
                "uncertain2": int(max(end[high] - start[high], end[after] - end[high])),
                "dosage": _dosage(change),
                "copies": round(change.dose, 2),
                "quality": change.quality,
            }
        )
    return rows


def _dosage(change: Change) -> int | None:
    """Copies of the genome with the event; of four copies of two nobody knows."""
    apart = change.copies - change.expected
    if apart < 0:
        return -apart
    return 1 if apart == 1 else None


def gene_depth(
    exons: pl.DataFrame, bins: pl.DataFrame, expected: NDArray[np.int8], found: Beside
) -> pl.DataFrame:
    """GENE_DEPTH of the transcripts of `exons` (gene, transcript, chrom, start, end).

    A loss of one copy over a window of bins is seen if the evidence expected of it, less what
    chance takes in one of 20, is worth an event.
    """
    total = int(np.isfinite(found.dose).sum())
    few = len(found.people) < LEAST_PEOPLE
    cost = -np.log(min(FALSE / max(total, 1), 1e-3)) - np.log(END)
    need = ((POWER * np.sqrt(2) + np.sqrt(2 * POWER**2 + 4 * cost)) / 2) ** 2
    each, span = _windows(bins, expected, found)
    each /= _together(bins, expected, found)
    coding = (
        bins.with_row_index("bin")
        .filter("exon")
        .with_columns(by=pl.col("chrom").cast(pl.String), low="start", high="end")
    )
    # Of exons a region cuts in two the last part is asked.
    at = (
        exons.with_row_index("row")
        .with_columns(by=pl.col("chrom").cast(pl.String), place=pl.col("end") - 1)
        .sort("place")
        .join_asof(
            coding.select("bin", "by", "low", "high").sort("low"),
            left_on="place",
            right_on="low",
            by="by",
            check_sortedness=False,
        )
        .filter(pl.col("start") < pl.col("high"))
    )
    number = at["bin"].to_numpy().astype(np.int64)
    enough = each[:, number] >= need
    least = np.where(enough.any(axis=0), span[enough.argmax(axis=0), number], 0)
    deviation = 2 * found.spread[number]
    own = at.with_columns(
        least=pl.Series(least, dtype=pl.Int64).replace(0, None),
        noise=pl.Series(deviation, dtype=pl.Float64).fill_nan(None),
        unknown=pl.Series(expected[number] < 0),
    )
    by_exon = own.group_by("row").agg(pl.col("least", "noise").min(), pl.col("unknown").any())
    joined = exons.with_row_index("row").join(by_exon, on="row", how="left")
    table = joined.group_by("gene", "transcript", "chrom", maintain_order=True).agg(
        exons=pl.len(),
        seen=pl.col("least").count(),
        bases=pl.col("least").max(),
        noise=pl.col("noise").median(),
        unknown=pl.col("unknown").any(),
    )
    state = (
        pl.when(pl.lit(few))
        .then(pl.lit("few_people"))
        .when("unknown")
        .then(pl.lit("sex_unknown"))
        .when(pl.col("noise").is_null())
        .then(pl.lit("not_measured"))
        .when(pl.col("seen") == 0)
        .then(pl.lit("noisy"))
        .otherwise(pl.lit("assessable"))
    )
    can = pl.col("state") == "assessable"
    return GENE_DEPTH.table(
        table.with_columns(state=state, people=pl.lit(len(found.people))).with_columns(
            seen=pl.when(can).then("seen"), bases=pl.when(can).then("bases")
        )
    )


def _windows(
    bins: pl.DataFrame, expected: NDArray[np.int8], found: Beside
) -> tuple[Doubles, NDArray[np.int64]]:
    """(windows, bins): evidence for one copy fewer in a window about each bin; its span in bases.

    Windows count usable bins of the same chromosome and expectation; a bin without has 0.
    """
    usable = np.isfinite(found.dose)
    single = np.zeros(len(usable))
    deviation = found.spread[usable].astype(np.float64)
    fewer = np.maximum(expected[usable].astype(np.float64) - 1, 0.2)
    most = -np.log(ODD / RANGE) - np.log(deviation * np.sqrt(2 * np.pi * 2 * expected[usable]))
    single[usable] = np.minimum(1 / (2 * deviation**2 * (expected[usable] + fewer)), most)
    start, end = (bins[name].to_numpy().astype(np.int64) for name in ("start", "end"))
    each = np.zeros((len(WINDOWS), len(usable)))
    span = np.zeros((len(WINDOWS), len(usable)), np.int64)
    for at in _runs(bins, expected, usable):
        sums = np.concatenate([[0.0], np.cumsum(single[at])])
        place = np.arange(len(at))
        for row, width in enumerate(WINDOWS):
            low = np.maximum(place - width // 2, 0)
            high = np.minimum(place + width // 2, len(at) - 1)
            each[row, at] = sums[high + 1] - sums[low]
            span[row, at] = end[at[high]] - start[at[low]]
    return each, span
