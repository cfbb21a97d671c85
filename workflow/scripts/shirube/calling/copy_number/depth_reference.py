"""What the depth of each bin is in other people, and a sample's copies beside it.

The reference of a sample are other samples of the run, never itself or its family: of those
offered the most alike ones. Each is brought to the same scale (the median of the autosomes is two
copies), to the copies its sex has of X and Y, and to the same dependence on GC; then a bin's level
is the median of the people and its spread their deviation about it, drawn towards that of bins
with as many reads, since few people say little of a single bin. What the sample itself varies more
than its reference widens every spread. Comparing with people of the same library instead of a
model of it is what ExomeDepth (doi:10.1093/bioinformatics/bts526) and CNVkit
(doi:10.1371/journal.pcbi.1004873) do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shirube.calling.copy_number.segments import group_medians

Floats = NDArray[np.float32]
Copies = NDArray[np.int8]

LEAST_PEOPLE, MOST_PEOPLE = 5, 20
LEVELS = (0.25, 4.0)  # of the median depth: outside, reads do not map as they do elsewhere
PRIOR_PEOPLE = 10  # people the spread of bins of like depth counts for
_MAD, _MEDIAN_ERROR, _CHUNK = 1.4826, 1.57, 1 << 17


@dataclass(frozen=True)
class Sample:
    """Depth of a sample in the bins, and the copies it has of each (-1: not known)."""

    name: str
    depth: Floats
    copies: Copies


@dataclass(frozen=True)
class Beside:
    """A sample beside its reference.

    `dose`: (bins,) copies in the sample, NaN where nothing can be said; `spread`: (bins,) standard
    deviation of `dose` per copy at two copies; `people`: names of the reference, most alike first.
    """

    dose: Floats
    spread: Floats
    people: tuple[str, ...]


def beside(
    own: Sample,
    others: Sequence[Sample],
    gc: Floats,
    length: NDArray[np.int64],
    autosomal: NDArray[np.bool_],
) -> Beside:
    """`own` beside the most alike of `others`; all NaN where fewer than LEAST_PEOPLE are left.

    `gc`, `length` and `autosomal` are of the bins. Bins of sex chromosomes have fewer people: at
    least LEAST_PEOPLE with a copy of the bin, of a known sex.
    """
    nothing = np.full(len(gc), np.nan, np.float32)
    known = [sample for sample in others if _scale(sample, autosomal) > 0]
    if len(known) < LEAST_PEOPLE or not _scale(own, autosomal) > 0:
        return Beside(nothing, nothing, tuple(sample.name for sample in known))
    matrix = np.stack([_per_copy(sample, autosomal) for sample in known])
    level = _median(matrix)
    people = np.isfinite(matrix).sum(axis=0)
    usable = (people >= LEAST_PEOPLE) & (level > LEVELS[0]) & (level < LEVELS[1])
    level = np.where(usable, level, np.nan).astype(np.float32)
    for row in matrix:
        row /= level
        row /= _trend(row, gc, usable)
    ratio = _per_copy(own, autosomal) / level
    ratio /= _trend(ratio, gc, usable)
    judged = usable & autosomal if (usable & autosomal).any() else usable
    apart = [_apart(ratio[judged], row[judged]) for row in matrix]
    near = sorted(np.argsort(apart, kind="stable")[:MOST_PEOPLE].tolist(), key=lambda n: apart[n])
    chosen = matrix[near]
    count = np.isfinite(chosen).sum(axis=0)
    usable &= count >= LEAST_PEOPLE
    middle = _median(chosen)
    spread = _spread(chosen, middle, count, level * length, usable)
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = ratio / middle
        own_noise = _MAD * np.nanmedian(np.abs(relative[judged] - 1) / spread[judged])
        dose = np.where(own.copies > 0, relative * own.copies, np.nan)
    spread = spread * max(1.0, float(own_noise))
    blank = ~usable | (own.copies <= 0)
    dose[blank], spread[blank] = np.nan, np.nan
    names = tuple(known[n].name for n in near)
    return Beside(dose.astype(np.float32), spread.astype(np.float32), names)


def _scale(sample: Sample, autosomal: NDArray[np.bool_]) -> float:
    """Depth of two copies: the median of the bins of autosomes that have any."""
    depth = sample.depth[autosomal & (sample.depth > 0)]
    return float(np.median(depth)) if len(depth) else 0.0


def _per_copy(sample: Sample, autosomal: NDArray[np.bool_]) -> Floats:
    """Depth of the sample as if it had two copies of every bin, two copies of autosomes being 1."""
    scaled = sample.depth / np.float32(_scale(sample, autosomal))
    copies = np.where(sample.copies > 0, sample.copies, np.nan).astype(np.float32)
    return np.asarray(scaled * 2 / copies, np.float32)


def _median(matrix: Floats) -> Floats:
    """Median of the people in each bin, of those who are known there."""
    out = np.full(matrix.shape[1], np.nan, np.float32)
    for first in range(0, matrix.shape[1], _CHUNK):
        part = matrix[:, first : first + _CHUNK]
        some = np.isfinite(part).any(axis=0)
        out[first : first + _CHUNK][some] = np.nanmedian(part[:, some], axis=0)
    return out


def _trend(ratio: Floats, gc: Floats, usable: NDArray[np.bool_]) -> Floats:
    """What a sample's ratios owe to GC, as a factor."""
    out = np.ones(len(gc), np.float32)
    some = usable & (ratio > 0)
    if some.any():
        values = np.log2(ratio[some]).astype(np.float64)
        middle = np.median(values)
        out[some] = 2 ** (middle + group_medians(values - middle, gc[some].astype(np.float64)))
    return out


def _apart(one: Floats, other: Floats) -> float:
    """How far two samples are apart: the median difference of their bins."""
    return float(np.nanmedian(np.abs(one - other)))


def _spread(
    chosen: Floats,
    middle: Floats,
    count: NDArray[np.int64],
    reads: Floats,
    usable: NDArray[np.bool_],
) -> Floats:
    """Relative standard deviation of a person about `middle`, with the error of `middle` itself."""
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (_MAD * _median(np.abs(chosen / middle - 1))) ** 2
    out = np.full(len(variance), np.nan, np.float32)
    if not usable.any():
        return out
    seen = np.maximum(variance[usable], 1e-5)
    logs = np.log(seen).astype(np.float64)
    like = np.exp(np.median(logs) + group_medians(logs - np.median(logs), np.log(reads[usable])))
    free = np.maximum(count[usable] - 1, 1)
    drawn = (PRIOR_PEOPLE * like + free * seen) / (PRIOR_PEOPLE + free)
    out[usable] = np.sqrt(drawn * (1 + _MEDIAN_ERROR / count[usable]))
    return out
