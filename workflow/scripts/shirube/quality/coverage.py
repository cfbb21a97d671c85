"""How well the coding bases of each transcript were seen: depth and callability."""

from collections.abc import Mapping, Sequence
from threading import Lock

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.contracts import COVERAGE
from shirube.genome.alleles import canonical
from shirube.genome.chromosomes import CHROMS
from shirube.genome.intervals import Interval, intersection, merged
from shirube.genome.transcripts import coding_exons

MIN_GENE_BASES = 300


class Strip:
    """Merged intervals laid end to end: positions of the genome as places in one array."""

    def __init__(self, intervals: Sequence[Interval]) -> None:
        self.intervals = merged(intervals)
        lengths = np.array([i.end - i.start for i in self.intervals], np.int64)
        self.offsets = np.concatenate([[0], np.cumsum(lengths)])
        self.size = int(self.offsets[-1])
        self.index = {(i.contig, i.start): n for n, i in enumerate(self.intervals)}
        self.starts: dict[str, NDArray[np.int64]] = {}
        self.first: dict[str, int] = {}
        for number, interval in enumerate(self.intervals):
            self.first.setdefault(interval.contig, number)
        for contig in self.first:
            self.starts[contig] = np.array(
                [i.start for i in self.intervals if i.contig == contig], np.int64
            )

    def place(self, contig: str, start: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places of 0-based positions, each of which lies in one of the intervals."""
        number = np.searchsorted(self.starts[contig], start, side="right") - 1
        at = self.offsets[number + self.first[contig]]
        return np.asarray(at + start - self.starts[contig][number], np.int64)

    def put(self, out: NDArray[np.int32], window: Interval, values: NDArray[np.int32]) -> None:
        """Write `values`, one a base of `window`, at the places of those that lie in intervals."""
        if window.contig not in self.first:
            return
        starts = self.starts[window.contig]
        at = max(0, int(np.searchsorted(starts, window.start, side="right")) - 1)
        stop = int(np.searchsorted(starts, window.end))
        for number in range(at + self.first[window.contig], stop + self.first[window.contig]):
            interval = self.intervals[number]
            low, high = max(interval.start, window.start), min(interval.end, window.end)
            if low < high:
                place = int(self.offsets[number]) + low - interval.start
                out[place : place + high - low] = values[low - window.start : high - window.start]

    def mask(self, intervals: Sequence[Interval]) -> NDArray[np.bool_]:
        """(size,) true where a base lies in `intervals` (sorted, disjoint)."""
        steps = np.zeros(self.size + 1, np.int32)
        for contig in self.first:
            inside = intersection(
                [i for i in self.intervals if i.contig == contig],
                [i for i in intervals if i.contig == contig],
            )
            if inside:
                start = self.place(contig, np.array([i.start for i in inside], np.int64))
                length = np.array([i.end - i.start for i in inside], np.int64)
                np.add.at(steps, start, 1)
                np.add.at(steps, start + length, -1)
        return np.asarray(np.cumsum(steps)[:-1] > 0)


class Coding:
    """Coding exons of GENE_MODELS on the contigs of a reference, and the depth put on them.

    `contigs` are names of the reference. Call `put` for every window of a pass over the reads.
    """

    def __init__(
        self, models: pl.DataFrame, contigs: Sequence[str], aliases: dict[str, str] | None
    ) -> None:
        names = {chrom: name for name in contigs if (chrom := canonical(name, aliases))}
        self._exons = coding_exons(models, names).with_row_index("exon")
        spans = self._exons.select("contig", "start", "end").iter_rows()
        self._strip = Strip([Interval(*row) for row in spans])
        self._depth: NDArray[np.int32] | None = None
        self._lock = Lock()

    def put(self, window: Interval, depth: NDArray[np.int32]) -> None:
        """Take the depth of each base of `window`; bases of which none is told have depth 0.

        Windows may come from several threads at once.
        """
        with self._lock:
            if self._depth is None:
                self._depth = np.zeros(self._strip.size, np.int32)
        self._strip.put(self._depth, window, depth)

    def copies(
        self, regions: Sequence[Interval], par: Mapping[str, Sequence[tuple[int, int]]]
    ) -> dict[str, float | None]:
        """Mean depth of coding bases in `regions`: autosome_depth, x_depth, y_depth.

        `par`: canonical chromosome -> pseudo-autosomal intervals, left out. None below
        MIN_GENE_BASES bases, or without reads.
        """
        strip, depth, out = self._strip, self._depth, {}
        asked = strip.mask(merged(regions))
        kinds = {"autosome_depth": set(CHROMS[:22]), "x_depth": {"chrX"}, "y_depth": {"chrY"}}
        for name, chroms in kinds.items():
            own = self._exons.filter(pl.col("chrom").cast(pl.String).is_in(sorted(chroms)))
            rows = own.select("contig", "start", "end").iter_rows()
            contigs = {str(c): str(n) for c, n in own.select("chrom", "contig").unique().rows()}
            shared = [Interval(contigs[c], *i) for c in contigs for i in par.get(c, ())]
            inside = strip.mask(merged([Interval(*row) for row in rows])) & asked
            inside &= ~strip.mask(merged(shared))
            few = int(inside.sum()) < MIN_GENE_BASES
            out[name] = None if depth is None or few else float(depth[inside].mean())
        return out

    def table(
        self, regions: Sequence[Interval], callable_intervals: Sequence[Interval] | None
    ) -> pl.DataFrame:
        """COVERAGE of transcripts with a coding base in `regions`; depths null without reads.

        `callable_intervals` is None where nothing tells them: callable is null then.
        """
        strip, told = self._strip, callable_intervals is not None
        asked, seen = strip.mask(merged(regions)), strip.mask(merged(callable_intervals or []))
        measured = self._depth is not None
        depth = np.zeros(strip.size, np.int32) if self._depth is None else self._depth
        table = _table(self._exons, strip, asked, seen, depth, measured)
        return table if told else table.with_columns(callable=pl.lit(None, pl.Float64))


def _table(
    exons: pl.DataFrame,
    strip: Strip,
    asked: NDArray[np.bool_],
    seen: NDArray[np.bool_],
    depth: NDArray[np.int32],
    measured: bool,
) -> pl.DataFrame:
    rows = []
    for (contig,), part in exons.group_by("contig", maintain_order=True):
        start = strip.place(str(contig), part["start"].to_numpy().astype(np.int64))
        length = (part["end"] - part["start"]).to_numpy().astype(np.int64)
        edges = np.column_stack([start, start + length]).ravel()

        def total(values: NDArray[np.int64], edges: NDArray[np.int64] = edges) -> pl.Series:
            sums = np.concatenate([[0], np.cumsum(values)])
            return pl.Series(sums[edges[1::2]] - sums[edges[::2]])

        lowest = np.minimum.reduceat(
            np.append(np.where(asked, depth, np.iinfo(np.int32).max), np.iinfo(np.int32).max),
            edges,
        )[::2]
        rows.append(
            part.with_columns(
                bases=pl.Series(length),
                asked=total(asked.astype(np.int64)),
                seen=total((seen & asked).astype(np.int64)),
                sum=total(np.where(asked, depth, 0).astype(np.int64)),
                lowest=pl.Series(lowest),
            )
        )
    if not rows:
        return COVERAGE.empty()
    return COVERAGE.table(
        pl.concat(rows)
        .group_by("gene", "transcript", "chrom", maintain_order=True)
        .agg(pl.col("bases", "asked", "seen", "sum").sum(), pl.col("lowest").min())
        .filter(pl.col("asked") > 0)
        .unique(["gene", "transcript"], keep="first", maintain_order=True)
        .with_columns(
            mean_depth=pl.when(pl.lit(measured)).then(pl.col("sum") / pl.col("asked")),
            min_depth=pl.when(pl.lit(measured)).then("lowest"),
            callable=pl.col("seen") / pl.col("bases"),
            requested=pl.col("asked") / pl.col("bases"),
        )
    )
