"""Types of rearrangement (32) and of copy-number segment (48) that signatures are told by.

    clustered_del_10-100Kb, non-clustered_trans    Nik-Zainal et al., Nature 2016 (doi
        10.1038/nature17676): deletion, tandem duplication, inversion by size, translocation;
        clustered where breakends lie ten times denser than over the genome
    3-4:LOH:1Mb-10Mb, 0:homdel:0-100kb             Steele et al., Nature 2022 (doi
        10.1038/s41586-022-04738-6): copies, copies of both parents or of one, size

Numbers and edges are those of SigProfilerMatrixGenerator 1.4.0, written anew; tests/oracle
compares. Breakends are cut into stretches of like distance by least squares, with a penalty for
each cut of CUT times the distances' median deviation from their running median.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from shirube.calling.copy_number.segments import change_points

CLASSES = {"DEL": "del", "DUP": "tds", "INV": "inv"}
SHORTEST = 1_000
SIZES = ((10_000, "1-10Kb"), (100_000, "10-100Kb"), (1_000_000, "100Kb-1Mb"),
         (10_000_000, "1Mb-10Mb"))  # fmt: skip
GENOME, DENSER, TOGETHER, CUT, RUNNING = 3e9, 10, 10, 25, 25
COPIES = ((2, "1"), (3, "2"), (5, "3-4"), (9, "5-8"))
LENGTHS = ((100_000, "0-100kb"), (1_000_000, "100kb-1Mb"), (10_000_000, "1Mb-10Mb"),
           (40_000_000, "10Mb-40Mb"))  # fmt: skip
Piece = tuple[int, int, int, int]  # start, end (0-based half-open), major and minor copies


def somatic_junctions(events: pl.DataFrame) -> pl.DataFrame:
    """Rows of STRUCTURAL that a signature counts: somatic, passing, of a class and a size."""
    own = events.filter(filter="PASS", origin="somatic")
    apart = pl.col("chrom1") != pl.col("chrom2")
    size = pl.col("pos2") - pl.col("pos1")
    named = pl.col("svtype").cast(pl.String).is_in(list(CLASSES)) & (size >= SHORTEST)
    return own.filter(apart | named)


def clustered(junctions: pl.DataFrame) -> NDArray[np.bool_]:
    """Which rows (chrom1, pos1, chrom2, pos2) have a breakend among dense ones."""
    count = junctions.height
    chroms, places = (
        np.concatenate([junctions[f"{name}{side}"].to_numpy() for side in (1, 2)])
        for name in ("chrom", "pos")
    )
    dense = np.zeros(2 * count, bool)
    if not count:
        return dense
    groups = []
    for chrom in dict.fromkeys(chroms.tolist()):
        own = np.flatnonzero(chroms == chrom)
        own = own[np.argsort(places[own], kind="stable")]
        distances = np.maximum(np.diff(places[own], prepend=0), 1).astype(float)
        groups.append((own, distances))
    every = np.concatenate([distances for _, distances in groups])
    apart = every - scipy.ndimage.median_filter(every, RUNNING, mode="constant")
    penalty = CUT * float(np.median(np.abs(apart - np.median(apart))))
    most = GENOME / len(every) / DENSER
    for own, distances in groups:
        if len(own) <= TOGETHER:
            continue
        starts = change_points(distances, np.ones(len(own)), 1.0, TOGETHER, penalty)
        for first, last in zip(starts, [*starts[1:], len(own)], strict=True):
            part = places[own[first:last]]
            rate = (last - first) / max(part[-1] - part[0], 1)
            whole = len(own) / max(places[own[-1]] - places[own[0]], 1)
            dense[own[first:last]] = distances[first:last].mean() <= most and rate >= whole
    return dense[:count] | dense[count:]


def junction_types(events: pl.DataFrame) -> Counter[str]:
    """How often each of the 32 types occurs among rows of STRUCTURAL."""
    junctions = somatic_junctions(events)
    out: Counter[str] = Counter()
    for row, dense in zip(junctions.rows(named=True), clustered(junctions), strict=True):
        place = "clustered" if dense else "non-clustered"
        if row["chrom1"] != row["chrom2"]:
            out[f"{place}_trans"] += 1
        else:
            size = _class(row["pos2"] - row["pos1"], SIZES, ">10Mb")
            out[f"{place}_{CLASSES[row['svtype']]}_{size}"] += 1
    return out


def segment_types(pieces: Sequence[Piece]) -> Counter[str]:
    """How often each of the 48 types occurs among segments, neighbours of like copies joined."""
    out: Counter[str] = Counter()
    for start, end, major, minor in pieces:
        copies, length = major + minor, end - start
        if not copies:
            out[f"0:homdel:{_class(length, LENGTHS[:2], '>1Mb')}"] += 1
            continue
        total = next((name for below, name in COPIES if copies < below), "9+")
        state = "het" if minor else "LOH"
        out[f"{total}:{state}:{_class(length, LENGTHS, '>40Mb')}"] += 1
    return out


def _class(size: int, classes: Sequence[tuple[int, str]], largest: str) -> str:
    return next((name for most, name in classes if size <= most), largest)
