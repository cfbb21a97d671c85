"""A read against a repeat locus: flank, any number of copies of its motifs, flank.

The locus is a graph of states, each of which takes one base: the left flank, a loop for every
motif, the right flank. A read may begin and end anywhere. Its best path says how many of its
bases lie in either flank and in copies of each motif.

Scores: a match 1, a mismatch -1.5, a base too many or too few -3, a change of motif -2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

MISMATCH, GAP, CHANGE, LEAST_SCORE = -1.5, -3.0, -2.0, 0.7
IUPAC = {"A": 1, "C": 2, "G": 4, "T": 8, "R": 5, "Y": 10, "S": 6, "W": 9, "K": 12, "M": 3,
         "B": 14, "D": 13, "H": 11, "V": 7, "N": 15}  # fmt: skip


@dataclass(frozen=True)
class LocusModel:
    """States of a locus and the edges into each.

    masks  (states,) uint8, bases a state takes (A C G T = 1 2 4 8)
    part   (states,) int8, 0 left flank, 1 right flank, 2 + number of a motif
    first  (states + 1,) int32, where a state's edges begin in `source` and `cost`
    """

    masks: NDArray[np.uint8]
    part: NDArray[np.int8]
    first: NDArray[np.int32]
    source: NDArray[np.int32]
    cost: NDArray[np.float32]


@dataclass(frozen=True)
class Placed:
    """Bases of a read in the left flank, the right flank and each motif, and its score a base."""

    left: int
    right: int
    motifs: tuple[int, ...]
    score: float


def locus_model(
    left: NDArray[np.uint8], right: NDArray[np.uint8], motifs: Sequence[str]
) -> LocusModel:
    """The graph of a locus from the codes (0 to 4) of its flanks and its motifs (IUPAC)."""
    bit = np.array([1, 2, 4, 8, 15], np.uint8)
    loops = [np.array([IUPAC[base] for base in motif], np.uint8) for motif in motifs]
    blocks = [bit[left], *loops, bit[right]]
    kinds = [0, *range(2, 2 + len(loops)), 1]
    starts = np.cumsum([0, *(len(block) for block in blocks)])
    edges: list[dict[int, float]] = [{} for _ in range(int(starts[-1]))]

    def edge(source: int, target: int, cost: float) -> None:
        edges[target][source] = max(cost, edges[target].get(source, -np.inf))

    for number, block in enumerate(blocks):
        low, size = int(starts[number]), len(block)
        loop = 0 < number < len(blocks) - 1
        for at in range(size):
            edge(low + at, low + at, GAP)
            for step, cost in ((1, 0.0), (2, GAP)):
                if at >= step or loop:
                    edge(low + (at - step) % size, low + at, cost)
    end_left, begin_right = len(left) - 1, int(starts[-2])
    middle = range(len(left), begin_right)
    motif_of = np.repeat(kinds, [len(block) for block in blocks])
    edge(end_left, begin_right, 0.0)
    for state in middle:
        edge(end_left, state, 0.0)
        edge(state, begin_right, 0.0)
        for other in middle:
            if motif_of[other] != motif_of[state]:
                edge(other, state, CHANGE)
    return LocusModel(
        np.concatenate(blocks),
        motif_of.astype(np.int8),
        np.cumsum([0, *(len(into) for into in edges)]).astype(np.int32),
        np.array([source for into in edges for source in into], np.int32),
        np.array([cost for into in edges for cost in into.values()], np.float32),
    )


@njit(cache=True)
def _best_path(
    codes: NDArray[np.uint8],
    masks: NDArray[np.uint8],
    part: NDArray[np.int8],
    first: NDArray[np.int32],
    source: NDArray[np.int32],
    cost: NDArray[np.float32],
    parts: int,
) -> tuple[NDArray[np.int32], float]:
    """(bases of the best path in each part, its score)."""
    size, states = len(codes), len(masks)
    back = np.full((size, states), -1, np.int32)
    before, now = np.zeros(states, np.float32), np.zeros(states, np.float32)
    for at in range(size):
        for state in range(states):
            best, came = np.float32(-1e9), -1
            if at == 0:
                best = np.float32(0)
            else:
                for k in range(first[state], first[state + 1]):
                    value = before[source[k]] + cost[k]
                    if value > best:
                        best, came = value, source[k]
            base = codes[at]
            if base > 3:
                gain = np.float32(0)
            else:
                gain = np.float32(1.0 if masks[state] >> base & 1 else MISMATCH)
            now[state], back[at, state] = best + gain, came
        before, now = now, before
    state = int(np.argmax(before))
    score, counts = before[state], np.zeros(parts, np.int32)
    for at in range(size - 1, -1, -1):
        counts[part[state]] += 1
        state = back[at, state]
    return counts, float(score)


def placed(codes: NDArray[np.uint8], model: LocusModel) -> Placed | None:
    """The best path of a read; None if it does not belong to the locus."""
    if not len(codes):
        return None
    parts = int(model.part.max()) + 1
    counts, score = _best_path(
        codes, model.masks, model.part, model.first, model.source, model.cost, parts
    )
    if score < LEAST_SCORE * len(codes):
        return None
    return Placed(int(counts[0]), int(counts[1]), tuple(map(int, counts[2:])), score / len(codes))
