"""Genome-wide markers of a tumour: mutational burden, microsatellite instability.

Each has a value, its 95% interval and a name only where the interval allows one; what could not
be measured is `unknown` with the reason, never zero.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from shirube.calling.somatic.model import fraction_interval
from shirube.genome.intervals import Interval
from shirube.reads.bam import contig_order, read_windows, windows
from shirube.reads.reference import reference_codes
from shirube.reads.repeats import Repeat, lengths, repeats
from shirube.reads.shards import gathered
from shirube.reasons import because, stored

HIGH_BURDEN, LEAST_MEGABASES = 10.0, 0.5
MIN_SPANNING, MIN_SITES, UNSTABLE, FALSE_DISCOVERY = 15, 10, 0.1, 0.05

SHARE = "share of microsatellites"
Row = dict[str, object]


def marker(
    name: str,
    value: float | None,
    low: float | None,
    high: float | None,
    unit: str,
    call: str,
    basis: str,
) -> Row:
    """One row of the MARKERS contract."""
    columns = ("marker", "value", "low", "high", "unit", "call", "basis", "said")
    cells = (name, value, low, high, unit, call, basis, stored(basis))
    return dict(zip(columns, cells, strict=True))


def inside(table: pl.DataFrame, territory: Sequence[Interval], names: dict[str, str]) -> int:
    """How many rows (chrom, pos) of `table` lie in `territory`, sorted and disjoint."""
    count = 0
    for (chrom,), rows in table.group_by(["chrom"]):
        own = [i for i in territory if i.contig == names[str(chrom)]]
        if own:
            starts = np.array([i.start for i in own])
            ends = np.array([i.end for i in own])
            at = rows["pos"].to_numpy() - 1
            place = np.searchsorted(starts, at, side="right") - 1
            count += int(((place >= 0) & (at < ends[np.maximum(place, 0)])).sum())
    return count


def burden(count: int, bases: int, paired: bool) -> Row:
    """Somatic alleles per megabase that could be judged, with the exact Poisson interval.

    Called high or low (10 a megabase) only if the interval lies on one side; never for a tumour
    without a normal, whose alleles include germline ones, nor below half a megabase.
    """
    megabases = bases / 1e6
    basis = because("marker.burden", count=count, megabases=f"{megabases:.3f}")
    unit = "per Mb"
    if not bases:
        return marker("TMB", None, None, None, unit, "unknown", because("marker.no_base"))
    value = count / megabases
    low = float(scipy.special.gammaincinv(count, 0.025)) / megabases if count else 0.0
    high = float(scipy.special.gammaincinv(count + 1, 0.975)) / megabases
    call = "high" if low >= HIGH_BURDEN else "low" if high < HIGH_BURDEN else "unknown"
    if not paired:
        call, basis = "unknown", basis.and_(because("marker.no_normal"))
    elif megabases < LEAST_MEGABASES:
        call, basis = "unknown", basis.and_(because("marker.too_little"))
    return marker("TMB", value, low, high, unit, call, basis)


def differs(one: NDArray[np.int32], two: NDArray[np.int32]) -> float:
    """Chi-square p that two length distributions are the same; rare lengths are joined."""
    table = np.stack([one, two]).astype(np.float64)
    total = table.sum(axis=0)
    kept = total >= 5
    table = np.column_stack([table[:, kept], table[:, ~kept].sum(axis=1)])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return float(scipy.special.chdtrc(table.shape[1] - 1, statistic))


def discoveries(p: NDArray[np.float64], rate: float) -> NDArray[np.bool_]:
    """Which hypotheses Benjamini and Hochberg's procedure rejects."""
    order = np.argsort(p, kind="stable")
    limits = rate * np.arange(1, len(p) + 1) / len(p)
    below = np.flatnonzero(p[order] <= limits)
    out = np.zeros(len(p), bool)
    if len(below):
        out[order[: below[-1] + 1]] = True
    return out


def instability(pairs: Sequence[tuple[NDArray[np.int32], NDArray[np.int32]]]) -> Row:
    """Share of microsatellites whose lengths differ between tumour and normal.

    High from a tenth on, the limit Middha et al. found to agree with mismatch-repair tests (JCO
    Precis Oncol 2017, doi 10.1200/PO.17.00084).
    """
    judged = [(t, n) for t, n in pairs if min(t.sum(), n.sum()) >= MIN_SPANNING]
    counts = {"judged": len(judged), "all": len(pairs), "reads": MIN_SPANNING}
    basis = because("marker.repeats", **counts)
    if len(judged) < MIN_SITES:
        few = basis.and_(because("marker.needed", count=MIN_SITES))
        return marker("MSI", None, None, None, SHARE, "unknown", few)
    changed = discoveries(np.array([differs(t, n) for t, n in judged]), FALSE_DISCOVERY)
    count = int(changed.sum())
    low, high = (float(x[0]) for x in fraction_interval(np.array([count]), np.array([len(judged)])))
    call = "high" if low >= UNSTABLE else "stable" if high < UNSTABLE else "unknown"
    basis = basis.and_(because("marker.changed", count=count))
    return marker("MSI", count / len(judged), low, high, SHARE, call, basis)


def no_instability(reads: bool) -> Row:
    """Why microsatellites say nothing: no normal beside the reads of a tumour, or no reads."""
    why = because("marker.unpaired") if reads else because("marker.no_lengths")
    return marker("MSI", None, None, None, SHARE, "unknown", why)


def length_pairs(
    tumour: str,
    normal: str,
    reference: str,
    regions: Sequence[Interval],
    min_mapq: int,
    threads: int = 1,
) -> list[tuple[NDArray[np.int32], NDArray[np.int32]]]:
    """Length distributions of every microsatellite of the regions in tumour and normal."""

    def shown(path: str) -> dict[Repeat, NDArray[np.int32]]:
        cut = windows(regions, 20_000, contig_order(path))

        def work(own: range) -> dict[Repeat, NDArray[np.int32]]:
            out, part = {}, cut[own.start : own.stop]
            batches = read_windows(path, reference, part, 0)
            for window, (batch, _) in zip(part, batches, strict=True):
                codes = reference_codes(reference, window.contig, window.start, window.end)
                for repeat in repeats(codes, window):
                    out[repeat] = lengths(batch, repeat, min_mapq)
            return out

        return {r: n for found in gathered(work, cut, threads) for r, n in found.items()}

    one, two = shown(tumour), shown(normal)
    return [(one[repeat], two[repeat]) for repeat in sorted(one, key=str)]


def contexts(snvs: pl.DataFrame, reference: str, names: dict[str, str]) -> dict[str, int]:
    """SNVs by substitution and neighbours as A[C>A]A, the pyrimidine's strand."""
    turn = str.maketrans("ACGT", "TGCA")
    out: dict[str, int] = {}
    for chrom, pos, ref, alt in snvs.select("chrom", "pos", "ref", "alt").iter_rows():
        around = reference_codes(reference, names[chrom], pos - 2, pos + 1)
        if (around == 4).any():
            continue
        triple = "".join("ACGT"[c] for c in around)
        if ref in "AG":
            triple, ref, alt = (
                triple.translate(turn)[::-1],
                ref.translate(turn),
                alt.translate(turn),
            )
        key = f"{triple[0]}[{ref}>{alt}]{triple[2]}"
        out[key] = out.get(key, 0) + 1
    return out
