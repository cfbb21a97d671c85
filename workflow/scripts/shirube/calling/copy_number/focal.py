"""Gains and losses too small for the bins of the genome, by small bins around genes of cancer.

Bins of 20 kb show a loss of 60 kb at best; CDKN2A goes in losses of 20 kb. Around every gene asked
for the depth is counted again in tiles of 1 kb. What a tile shows beyond the segment it lies in is
cut by the same exact search (`segments.change_points`): a stretch that differs by more than its
cuts cost becomes a segment of its own, with the copies that its own depth gives. Purity and ploidy
rest on the segments of the genome alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.calling.copy_number.calling import FLOOR, Segment
from shirube.calling.copy_number.segments import (
    PENALTY,
    change_points,
    group_medians,
    imbalance,
    noise,
)
from shirube.genome.intervals import Interval, merged

TILE, FLANK, LEAST, USABLE = 1000, 50_000, 2, 0.25
COARSE = 3  # bins of the genome must be this many times longer than tiles to be worth them


def tiles_of(
    genes: Sequence[Interval], regions: Sequence[Interval], bins: Sequence[Interval]
) -> list[Interval]:
    """Tiles of `genes` and FLANK bases beside them, inside `regions`; none where bins are small.

    All intervals have the names of the reference.
    """
    if not bins or np.median([b.end - b.start for b in bins]) < COARSE * TILE:
        return []
    wide = merged(
        Interval(g.contig, max(0, g.start - FLANK), g.end + FLANK) for g in genes
    )  # fmt: skip
    out = []
    for region in merged(regions):
        for near in wide:
            start, end = max(region.start, near.start), min(region.end, near.end)
            if near.contig == region.contig and end - start >= TILE:
                edges = np.linspace(start, end, (end - start) // TILE + 1).astype(int)
                out += [Interval(region.contig, int(a), int(b)) for a, b in pairwise(edges)]
    return sorted(out)


def tile_ratios(
    tiles: pl.DataFrame,
    tumour: NDArray[np.float64],
    normal: NDArray[np.float64],
    gc: NDArray[np.float64],
    segments: Sequence[Segment],
) -> pl.DataFrame:
    """`tiles` (chrom, start, end) with `beyond`, log2 over that of the segment they lie in.

    `tumour`, `normal`: mean depths. The median over all tiles is 0: few of them are changed beyond
    their segment. Null where no segment holds the tile or the normal has too few reads there.
    """
    at = _segments_at(segments, tiles)
    levels = np.array([*(s.log2 for s in segments), np.nan])
    usable = (normal >= max(USABLE * float(np.median(normal)), 1.0)) & (at >= 0)
    beyond = np.full(len(at), np.nan)
    least = max(float(np.median(tumour)), 1.0) * 2.0**FLOOR
    if usable.any():
        ratio = np.log2(np.maximum(tumour[usable], least) / normal[usable]) - levels[at[usable]]
        ratio -= np.median(ratio)
        beyond[usable] = ratio - group_medians(ratio, gc[usable])
    return tiles.with_columns(
        segment=pl.Series(at), beyond=pl.Series(beyond), weight=pl.Series(normal)
    ).with_columns(pl.col("beyond").fill_nan(None))


def _segments_at(segments: Sequence[Segment], tiles: pl.DataFrame) -> NDArray[np.int64]:
    """Index of the segment that holds the middle of each tile; -1 if none does."""
    middle = ((tiles["start"] + tiles["end"]) // 2).to_numpy()
    chroms = tiles["chrom"].to_numpy()
    out = np.full(tiles.height, -1, np.int64)
    for chrom in dict.fromkeys(segment.chrom for segment in segments):
        own = [n for n, segment in enumerate(segments) if segment.chrom == chrom]
        starts = np.array([segments[n].start for n in own])
        ends = np.array([segments[n].end for n in own])
        here = np.flatnonzero(chroms == chrom)
        at = np.searchsorted(starts, middle[here], "right") - 1
        held = (at >= 0) & (middle[here] < ends[at])
        out[here[held]] = np.array(own)[at[held]]
    return out


def focal(
    tiles: pl.DataFrame, segments: Sequence[Segment], sites: pl.DataFrame
) -> tuple[list[Segment], dict[str, str]]:
    """`segments` with the focal changes that `tiles` (of tile_ratios) show cut out of them.

    The second value says how fine the search was, as metadata: fine_bin, fine_noise and
    fine_change (see state.about_noise); empty where there are no tiles.
    """
    known = tiles.drop_nulls("beyond")
    if known.height < 2 * LEAST:
        return list(segments), {}
    spread, longest = noise(known["beyond"].to_numpy()), 0
    found: list[Segment] = []
    # Stretches of tiles that touch and lie in one segment.
    apart = (pl.col("start") != pl.col("end").shift()) | (
        pl.col("segment") != pl.col("segment").shift()
    )
    runs = tiles.with_columns(run=apart.fill_null(True).cum_sum()).drop_nulls("beyond")
    for _, own in runs.group_by(["run"], maintain_order=True):
        values = own["beyond"].to_numpy()
        weights = own["weight"].to_numpy() / float(known["weight"].median())  # type: ignore[arg-type]
        longest = max(longest, len(values))
        starts = change_points(values, weights, spread, LEAST)
        if len(starts) == 1:
            continue
        inside = segments[int(own["segment"][0])]
        for first, last in zip(starts, [*starts[1:], len(values)], strict=True):
            mean = float(np.average(values[first:last], weights=weights[first:last]))
            error = spread / np.sqrt(float(weights[first:last].sum()))
            if abs(mean) <= np.sqrt(2 * PENALTY * np.log(len(values))) * error:
                continue
            piece = own[first:last]
            found.append(_piece(inside, piece, inside.log2 + mean, float(error), sites))
    about = {
        "fine_bin": f"{float((known['end'] - known['start']).median()):.0f}",  # type: ignore[arg-type]
        "fine_noise": f"{spread:.4f}",
        "fine_change": f"{np.sqrt(2 * PENALTY * np.log(max(longest, 2))):.2f}",
    }
    return cut_out(segments, found), about


def _piece(
    inside: Segment, tiles: pl.DataFrame, log2: float, error: float, sites: pl.DataFrame
) -> Segment:
    # A tile lies in the segment that holds its middle, and may reach beyond.
    start = max(int(tiles["start"][0]), inside.start)
    end = min(int(tiles["end"][-1]), inside.end)
    het = sites.filter((pl.col("chrom") == inside.chrom) & pl.col("pos").is_between(start + 1, end))
    baf, low, high = imbalance(het["tumour_ad"].to_numpy(), het["tumour_dp"].to_numpy())
    return replace(
        inside, start=start, end=end, log2=max(log2, FLOOR), error=error, bins=tiles.height,
        baf=baf, baf_error=max((high - low) / 4, 0.01), sites=het.height,
    )  # fmt: skip


def cut_out(segments: Sequence[Segment], found: Sequence[Segment]) -> list[Segment]:
    """`segments` without the stretches of `found`, and `found`, in the order of `segments`.

    What stays of a segment keeps its level; its bins are shared out by length.
    """
    out: list[Segment] = []
    for segment in segments:
        own = sorted(
            (f for f in found if f.chrom == segment.chrom and _inside(f, segment)),
            key=lambda f: f.start,
        )
        at = segment.start
        for piece in own:
            if piece.start > at:
                out.append(_rest(segment, at, piece.start))
            out.append(piece)
            at = piece.end
        if at < segment.end:
            out.append(segment if at == segment.start else _rest(segment, at, segment.end))
    return out


def _inside(piece: Segment, segment: Segment) -> bool:
    return segment.start <= (piece.start + piece.end) // 2 < segment.end


def _rest(segment: Segment, start: int, end: int) -> Segment:
    share = (end - start) / (segment.end - segment.start)
    return replace(segment, start=start, end=end, bins=max(1, round(segment.bins * share)))
