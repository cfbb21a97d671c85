"""Copy number of a tumour beside its normal: depth ratio, allelic imbalance, purity, ploidy.

For a segment of C copies (the rarer parent's: m) in tumour cells of fraction p, where the normal
has n copies and the tumour genome on average psi:

    ratio      (p C + (1 - p) n) / n  x  2 / (p psi + 2 (1 - p))
    imbalance  | (p m + (1 - p)) / (p C + 2 (1 - p)) - 1/2 |          (n = 2)

p and psi are searched on a grid; each segment takes the whole copies that fit it best. The form is
that of Van Loo et al., PNAS 2010 (doi 10.1073/pnas.1009843107). A genome without changes says
nothing of purity: then twice the median fraction of its somatic alleles is used, or none is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.calling.copy_number.segments import change_points, group_medians, imbalance, noise
from shirube.contracts import COPY_NUMBER
from shirube.genome.intervals import Interval

MIN_BINS, MIN_NORMAL, FLOOR = 3, 0.25, -6.0
PURITIES, MAX_COPIES = np.arange(0.1, 1.001, 0.01), 8
RATIO_ERROR, BAF_ERROR, SUBCLONAL = 0.06, 0.03, 30.0
AMPLIFIED, SINGLE_COPY_BINS = 6.0, 10
# Standard errors by which the loss of both copies must lie below that of one. A segment is cut out
# where its bins happen to lie low: of losses of one copy that are found at all, far more than one
# in twenty lie 1.645 below.
NOISE_ALLOWED = 3.0


@dataclass(frozen=True)
class Segment:
    """One stretch of constant copy number; `chrom` canonical, 0-based half-open."""

    chrom: str
    start: int
    end: int
    log2: float
    error: float
    bins: int
    baf: float | None
    baf_error: float
    sites: int
    normal_copies: int


@dataclass(frozen=True)
class Fit:
    """Purity and ploidy; `source` says what they rest on: copy_number, vaf or none."""

    purity: float | None
    low: float
    high: float
    ploidy: float
    source: str

    @property
    def about(self) -> dict[str, str]:
        """As metadata of the table."""
        purity = "unknown" if self.purity is None else f"{self.purity:.2f}"
        return {
            "purity": purity,
            "purity_low": f"{self.low:.2f}",
            "purity_high": f"{self.high:.2f}",
            "ploidy": f"{self.ploidy:.2f}",
            "purity_source": self.source,
        }


def bins_of(regions: Sequence[Interval]) -> list[Interval]:
    """`regions` cut into bins: some 500 of them in a small panel, of 20 kb at most."""
    total = sum(region.end - region.start for region in regions)
    size = int(np.clip(total // 500, 200, 20_000))
    out = []
    for region in regions:
        parts = max(1, round((region.end - region.start) / size))
        edges = np.linspace(region.start, region.end, parts + 1).astype(int)
        out += [Interval(region.contig, int(a), int(b)) for a, b in pairwise(edges) if a < b]
    return out


def log_ratios(
    tumour: NDArray[np.float64],
    normal: NDArray[np.float64],
    gc: NDArray[np.float64],
    autosomal: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """log2 of tumour to normal depth per bin, GC-corrected, median of the autosomes 0.

    NaN where the normal has less than a quarter of its median depth: nothing maps there.
    """
    chosen = autosomal if autosomal.any() else np.ones(len(autosomal), bool)
    middle = float(np.median(normal[chosen]))
    usable = normal >= max(MIN_NORMAL * middle, 1.0)
    ratio = np.full(len(tumour), np.nan)
    least = max(float(np.median(tumour[chosen])), 1.0) * 2**FLOOR
    ratio[usable] = np.log2(np.maximum(tumour[usable], least) / normal[usable])
    if not usable.any():
        return ratio
    base = usable & chosen if (usable & chosen).any() else usable
    ratio -= np.median(ratio[base])
    ratio[usable] -= group_medians(ratio[usable], gc[usable])
    ratio -= np.median(ratio[base])
    return np.maximum(ratio, FLOOR)


def segmented(bins: pl.DataFrame, sites: pl.DataFrame, copies: dict[str, int]) -> list[Segment]:
    """Segments of `bins` (chrom, start, end, log2) with the imbalance of `sites` in them.

    `sites` are rows of LOH; `copies` the normal's copies of each chromosome.
    """
    known = bins.drop_nulls()
    spread = noise(known["log2"].to_numpy())
    out = []
    for (chrom,), own in known.group_by(["chrom"], maintain_order=True):
        here = sites.filter(pl.col("chrom") == chrom)
        out += cut(str(chrom), own, here, spread, copies.get(str(chrom), 2))
    return out


def cut(
    chrom: str, bins: pl.DataFrame, sites: pl.DataFrame, spread: float, normal_copies: int
) -> list[Segment]:
    """Segments of `bins` (start, end, log2), `spread` their noise, and `sites` of a chromosome."""
    out, values = [], bins["log2"].to_numpy()
    starts = change_points(values, np.ones(len(values)), spread, MIN_BINS)
    for first, last in zip(starts, [*starts[1:], len(values)], strict=True):
        piece = bins[first:last]
        low, high = int(piece["start"].min()), int(piece["end"].max())  # type: ignore[arg-type]
        out += segments_of(Interval(chrom, low, high), piece, spread, sites, normal_copies)
    return out


def segments_of(
    place: Interval, bins: pl.DataFrame, spread: float, sites: pl.DataFrame, normal_copies: int
) -> list[Segment]:
    """Segments of a stretch of one depth, cut where the imbalance of its `sites` changes.

    `place` is on a canonical chromosome, `bins` (start, end, log2) lie on it, `spread` is their
    noise, `sites` are the rows of LOH of that chromosome.
    """
    out = []
    for start, end in _by_imbalance(place.start, place.end, sites):
        inside = bins.filter((pl.col("start") < end) & (pl.col("end") > start))
        if inside.is_empty():
            continue
        level, error = float(np.mean(inside["log2"].to_numpy())), spread / np.sqrt(inside.height)
        het = sites.filter(pl.col("pos").is_between(start + 1, end))
        baf, low, high = imbalance(het["tumour_ad"].to_numpy(), het["tumour_dp"].to_numpy())
        depth = place.contig, start, end, max(level, FLOOR), float(error), inside.height
        share = baf, max((high - low) / 4, 0.01), het.height
        out.append(Segment(*depth, *share, normal_copies))
    return out


def _by_imbalance(start: int, end: int, sites: pl.DataFrame) -> list[tuple[int, int]]:
    """[start, end) cut where the imbalance of its heterozygous sites changes."""
    inside = sites.filter(pl.col("pos").is_between(start + 1, end)).sort("pos")
    if inside.height < 10:
        return [(start, end)]
    depth = inside["tumour_dp"].to_numpy()
    folded = np.abs(inside["tumour_ad"].to_numpy() / np.maximum(depth, 1) - 0.5)
    weight = depth / max(float(depth.mean()), 1.0)
    cuts = change_points(folded, weight, max(noise(folded), 0.5 / np.sqrt(depth.mean())), 5)
    at = inside["pos"].to_list()
    edges = [start, *((at[c - 1] + at[c]) // 2 for c in cuts[1:]), end]
    return list(pairwise(edges))


def _expected(
    purity: float, ploidy: float, normal: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """log2 ratio and imbalance of every (total, minor) copies up to MAX_COPIES."""
    pairs = [(c, m) for c in range(MAX_COPIES + 1) for m in range(c // 2 + 1)]
    total, minor = (np.array(column) for column in zip(*pairs, strict=True))
    depth = purity * total + (1 - purity) * normal
    scale = 2 / (purity * ploidy + 2 * (1 - purity)) / normal
    ratio = np.maximum(np.log2(np.maximum(depth * scale, 2.0**FLOOR)), FLOOR)
    mixed = purity * total + 2 * (1 - purity)
    baf = np.abs((purity * minor + 1 - purity) / np.maximum(mixed, 1e-9) - 0.5)
    return ratio, baf, total, minor


def _costs(segments: Sequence[Segment], ploidies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Misfit of the segments at every purity (rows) and ploidy, per segment of mean weight."""
    out = np.zeros((len(PURITIES), len(ploidies)))
    weights = np.sqrt([segment.bins for segment in segments])
    for normal in sorted({segment.normal_copies for segment in segments}):
        own = [s.normal_copies == normal for s in segments]
        chosen = [s for s in segments if s.normal_copies == normal]
        log2 = np.array([s.log2 for s in chosen])[:, None]
        error = np.array([s.error for s in chosen])[:, None]
        seen = np.array([s.baf is not None and normal == 2 for s in chosen])[:, None]
        baf = np.array([s.baf or 0.0 for s in chosen])[:, None]
        baf_error = np.array([s.baf_error for s in chosen])[:, None]
        weight = weights[own]
        for row, purity in enumerate(PURITIES):
            for column, ploidy in enumerate(ploidies):
                ratio, imbalanced, copies, _ = _expected(purity, ploidy, normal)
                misfit = (log2 - ratio) ** 2 / (RATIO_ERROR**2 + error**2)
                misfit += seen * (baf - imbalanced) ** 2 / (BAF_ERROR**2 + baf_error**2)
                # Far from the usual number of copies needs a better fit than near.
                misfit += 0.5 * np.abs(copies - normal)
                best = np.minimum(misfit.min(axis=1), SUBCLONAL)
                # More copies than are tried: any number fits.
                best[log2[:, 0] > ratio.max()] = 0.0
                out[row, column] += float(best @ weight)
    return out / float(weights.mean())


def fitted(segments: Sequence[Segment], fractions: Sequence[float]) -> Fit:
    """Purity and ploidy that fit the segments; `fractions` are VAFs of passing somatic SNVs.

    An allele on every copy of a segment of two has the purity as its fraction, and no other state
    gives much more: where half of the alleles have more than the best fit allows, the change it
    rests on is noise, and the fractions decide.
    """
    altered = [
        s
        for s in segments
        if abs(s.log2) > max(0.15, 4 * s.error) or (s.baf or 0) > max(0.08, 4 * s.baf_error)
    ]
    by_fractions = _of_fractions(fractions)
    if not altered:
        return by_fractions or Fit(None, 0.0, 1.0, 2.0, "none")
    ploidies = np.arange(1.5, 5.01, 0.05)
    grid = _costs(segments, ploidies) + np.abs(ploidies - 2.0)
    best = np.unravel_index(int(grid.argmin()), grid.shape)
    near = np.flatnonzero(grid.min(axis=1) <= grid.min() + 3.84)
    low, high = float(PURITIES[near[0]]), float(PURITIES[near[-1]])
    if by_fractions is not None and high < by_fractions.low / 2:
        return by_fractions
    return Fit(float(PURITIES[best[0]]), low, high, float(ploidies[best[1]]), "copy_number")


def _of_fractions(fractions: Sequence[float]) -> Fit | None:
    """Purity as twice the median fraction of somatic alleles; None if there are fewer than five."""
    if len(fractions) < 5:
        return None
    purity = min(1.0, 2 * float(np.median(fractions)))
    spread = 2 * 1.96 * 1.25 * float(np.std(fractions)) / np.sqrt(len(fractions))
    return Fit(purity, max(0.0, purity - spread), min(1.0, purity + spread), 2.0, "vaf")


def as_table(segments: Sequence[Segment], fit: Fit) -> pl.DataFrame:
    """COPY_NUMBER table; copies are null where purity is unknown."""
    rows = []
    for segment in segments:
        total = minor = None
        if fit.purity is not None:
            p, n = fit.purity, segment.normal_copies
            total = _copies(segment.log2, n, fit.purity, fit.ploidy)
            if segment.baf is not None and n == 2:
                mixed = p * total + 2 * (1 - p)
                rarer = ((0.5 - segment.baf) * mixed - (1 - p)) / p
                minor = min(max(0.0, rarer), total / 2)
        rows.append(
            {
                "chrom": segment.chrom,
                "start": segment.start,
                "end": segment.end,
                "log2": round(segment.log2, 4),
                "baf": segment.baf,
                "bins": segment.bins,
                "het_sites": segment.sites,
                "total_cn": None if total is None else round(total, 2),
                "minor_cn": None if minor is None else round(minor, 2),
                "call": _call(segment, total, minor, fit),
                "filter": "PASS",
            }
        )
    schema = {**COPY_NUMBER.schema, "chrom": pl.String}
    return COPY_NUMBER.table(pl.DataFrame(rows, schema=schema, orient="row"))


def _copies(log2: float, normal: int, purity: float, ploidy: float) -> float:
    """Copies in tumour cells that a depth ratio means."""
    if log2 <= FLOOR:
        return 0.0
    depth = 2**log2 * normal * (purity * ploidy + 2 * (1 - purity)) / 2
    return max(0.0, (depth - (1 - purity) * normal) / purity)


def _call(segment: Segment, total: float | None, minor: float | None, fit: Fit) -> str:
    """Name of what happened to a segment.

    Without purity only what no purity could explain otherwise is named: so much depth that a pure
    tumour would have AMPLIFIED copies, and any other more (amplification), a quarter of it and,
    whatever the noise, less than one copy (homozygous deletion); the rest is unknown if it differs.
    """
    if total is None or fit.purity is None:
        noise_allowed = NOISE_ALLOWED * segment.error
        if segment.log2 - noise_allowed >= np.log2(AMPLIFIED / segment.normal_copies):
            return "amplification"
        if segment.log2 <= -2 and segment.log2 + noise_allowed < -np.log2(segment.normal_copies):
            return "homozygous_deletion"
        return "neutral" if abs(segment.log2) < max(0.15, 4 * segment.error) else "unknown"
    usual = segment.normal_copies * max(fit.ploidy, 2.0) / 2
    certain = abs(segment.log2) > max(0.1, 3 * segment.error)
    # As much as the noise and the purity's interval allow must still be less than one copy.
    most = _copies(
        segment.log2 + NOISE_ALLOWED * segment.error,
        segment.normal_copies,
        max(fit.high, fit.purity),
        fit.ploidy,
    )
    # Where tumour cells have no copy the reads are those of normal cells, of both parents alike.
    left = (segment.baf or 0) > 3 * segment.baf_error
    if total < 0.5 and certain:
        return "homozygous_deletion" if most < 1 and not left else "unknown"
    if total >= max(AMPLIFIED, 2 * usual) and certain:
        return "amplification"
    lost = minor is not None and minor < 0.5 and (segment.baf or 0) > 3 * segment.baf_error
    # One copy more or less in a few bins may be noise that neighbours share.
    change = "unknown" if segment.bins < SINGLE_COPY_BINS else None
    if total < segment.normal_copies - 0.5 and certain:
        return change or "loss"
    if lost and segment.normal_copies == 2:
        return "loh"
    if total > usual + 0.5 and certain:
        return change or "gain"
    return "neutral"
