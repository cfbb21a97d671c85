"""Kataegis and chromothripsis: changes that crowd where chance would not bring them together.

Kataegis: consecutive substitutions, `kataegis_changes` or more, with a mean distance of at most
`kataegis_distance` (Alexandrov et al., Nature 2013, doi 10.1038/nature12477). A focus is what such
runs cover together; runs that so many substitutions would also show by chance do not count.

Chromothripsis: junctions of one chromosome that interleave (each begins inside and ends outside of
another), copies that alternate between two numbers, kinds of junction as even as random joins of
fragments leave them, and breakends that crowd on the chromosome or within the region: the criteria
of Korbel & Campbell (Cell 2013, doi 10.1016/j.cell.2013.02.023) with the numbers of Cortes-Ciriano
et al. (Nat Genet 2020, doi 10.1038/s41588-019-0576-7). Numbers are rows of cluster_criteria.tsv.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from shirube.calling.somatic.markers import Row, marker
from shirube.cancer.event_types import somatic_junctions
from shirube.reasons import Reason, because

KATAEGIS, CHROMOTHRIPSIS = "kataegis", "chromothripsis"
LISTED = 10  # places that the basis names
Genome = Mapping[str, Sequence[tuple[int, int, int, int]]]


def foci(places: NDArray[np.int64], least: int, distance: float) -> list[tuple[int, int, int]]:
    """(first, last, number) of the stretches that runs of `least` sorted places cover together.

    The mean distance of a run's neighbours is `distance` at most.
    """
    if len(places) < least:
        return []
    dense = np.flatnonzero(places[least - 1 :] - places[: len(places) - least + 1]
                           <= distance * (least - 1))  # fmt: skip
    parts = np.split(dense, np.flatnonzero(np.diff(dense) >= least) + 1) if len(dense) else []
    ends = [(int(part[0]), int(part[-1]) + least - 1) for part in parts]
    return [(int(places[a]), int(places[b]), b - a + 1) for a, b in ends]


def kataegis(
    substitutions: pl.DataFrame, length: int, unseen: Reason | None, asked: Mapping[str, float]
) -> Row:
    """The row kataegis of MARKERS: its foci; absent only where nothing kept them from being seen.

    `substitutions`: chrom, pos of somatic ones; `length`: bases of the genome that were looked at;
    `unseen`: why a genome without foci could hold some.
    """
    least, distance = int(asked["kataegis_changes"]), asked["kataegis_distance"]
    expected = substitutions.height / max(length, 1)
    found = []
    for (chrom,), own in substitutions.group_by(["chrom"]):
        places = np.unique(own["pos"].to_numpy())
        for first, last, number in foci(places, least, distance):
            # As many further substitutions behind any of the genome's, at its own rate.
            chance = (
                scipy.stats.poisson.sf(number - 2, expected * (last - first)) * substitutions.height
            )
            if chance <= asked["kataegis_chance"]:
                found.append((str(chrom), first, last, number))
    if not found and unseen is not None:
        return marker(KATAEGIS, None, None, None, "foci", "unknown", unseen)
    basis = because("cluster.criterion", count=least, distance=f"{distance:.0f}")
    for chrom, first, last, number in sorted(found, key=lambda f: (-f[3], *f))[:LISTED]:
        basis = basis.and_(because("cluster.focus", place=f"{chrom}:{first}-{last}", count=number))
    call = "present" if found else "absent"
    return marker(KATAEGIS, float(len(found)), None, None, "foci", call, basis)


@dataclass(frozen=True)
class Region:
    """The largest group of interleaved junctions of a chromosome, and what is asked of it."""

    chrom: str
    start: int
    end: int
    junctions: int
    beyond: int
    alternating: int
    even: float
    crowded: float
    uneven: float


def interleaved(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Indices of the largest group of intervals that each overlap another without holding it."""
    before = starts[:, None] < starts[None, :]
    inside = starts[None, :] < ends[:, None]
    beyond = ends[:, None] < ends[None, :]
    _, group = scipy.sparse.csgraph.connected_components(before & inside & beyond, directed=False)
    return np.flatnonzero(group == np.bincount(group).argmax())


def alternating(copies: Sequence[int]) -> int:
    """Longest run of segments whose copies go to and fro between two numbers."""
    longest, run = min(len(copies), 1), 1
    for n in range(1, len(copies)):
        changed = copies[n] != copies[n - 1]
        again = n > 1 and copies[n] == copies[n - 2]
        run = (run + 1 if again or run == 1 else 2) if changed else 1
        longest = max(longest, run)
    return longest


def regions(
    events: pl.DataFrame, genome: Genome, lengths: Mapping[str, int]
) -> list[Region]:  # fmt: skip
    """A region of every chromosome with interleaved junctions; p values as they are.

    `genome`: segments by chromosome, neighbours of like copies joined; `lengths`: bases by
    chromosome.
    """
    junctions = somatic_junctions(events)
    same = junctions.filter(pl.col("chrom1") == pl.col("chrom2"))
    across = junctions.filter(pl.col("chrom1") != pl.col("chrom2"))
    whole, out = sum(lengths.values()), []
    for (chrom,), own in same.group_by(["chrom1"], maintain_order=True):
        name = str(chrom)
        if name not in lengths:
            continue
        starts, ends = own["pos1"].to_numpy(), own["pos2"].to_numpy()
        chosen = interleaved(starts, ends)
        low, high = int(starts[chosen].min()), int(ends[chosen].max())
        kinds = (own["strand1"] + own["strand2"]).gather(chosen)
        counts = [int((kinds == kind).sum()) for kind in ("+-", "-+", "++", "--")]
        places = np.sort(np.concatenate([starts[chosen], ends[chosen]]))
        gaps = np.diff(places).astype(float)
        to_others = sum(
            across.filter((pl.col(f"chrom{n}") == chrom) & pl.col(f"pos{n}").is_between(low, high))
            .height
            for n in (1, 2)
        )  # fmt: skip
        copies = [a + b for start, end, a, b in genome.get(name, ()) if start < high and end > low]
        crowded = scipy.stats.binom.sf(2 * own.height - 1, 2 * same.height, lengths[name] / whole)
        uneven = (
            scipy.stats.kstest(gaps, "expon", args=(0, gaps.mean())).pvalue if gaps.sum() else 1.0
        )
        out.append(
            Region(
                name,
                low,
                high,
                len(chosen),
                to_others,
                alternating(copies),
                float(scipy.stats.chisquare(counts).pvalue),
                float(crowded),
                float(uneven),
            )
        )
    return out


def chromothripsis(
    events: pl.DataFrame | None, genome: Genome, lengths: Mapping[str, int],
    unseen: Reason | None, asked: Mapping[str, float],
) -> Row:  # fmt: skip
    """The row chromothripsis of MARKERS: chromosomes that meet every criterion.

    Unknown where only fewer alternating segments stand against it, and where `unseen` says why
    junctions or copies could not be told.
    """
    unit = "chromosomes"
    if unseen is not None or events is None:
        why = unseen if unseen is not None else because("repair.no_reads")
        return marker(CHROMOTHRIPSIS, None, None, None, unit, "unknown", why)
    found = regions(events, genome, lengths)
    rate = asked["chromothripsis_rate"]
    even, crowded, uneven = (
        scipy.stats.false_discovery_control([getattr(r, name) for r in found])
        if found
        else np.zeros(0)
        for name in ("even", "crowded", "uneven")
    )
    sure, possible = [], []
    for n, one in enumerate(found):
        many = one.junctions >= asked["chromothripsis_junctions"]
        clear = many and min(crowded[n], uneven[n]) < rate
        joined = (
            one.junctions >= asked["chromothripsis_junctions_across"]
            and one.beyond >= asked["chromothripsis_across"]
        )
        if even[n] <= rate or not (clear or joined):
            continue
        if one.alternating >= asked["chromothripsis_segments"]:
            sure.append(one)
        elif clear and one.alternating >= asked["chromothripsis_segments_possible"]:
            possible.append(one)
    basis = because("cluster.junctions", count=somatic_junctions(events).height)
    for one in [*sure, *possible][:LISTED]:
        said = {
            "place": f"{one.chrom}:{one.start}-{one.end}", "count": one.junctions,
            "beyond": one.beyond, "segments": one.alternating,
        }  # fmt: skip
        basis = basis.and_(
            because("cluster.shattered", **said)
            if one in sure
            else because("cluster.possibly_shattered", **said)
        )
    call = "present" if sure else "unknown" if possible else "absent"
    value = None if call == "unknown" else float(len(sure))
    return marker(CHROMOTHRIPSIS, value, None, None, unit, call, basis)
