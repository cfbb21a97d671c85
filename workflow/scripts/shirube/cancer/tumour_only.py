"""Whether an allele of a tumour without a normal may be inherited, by its fraction of the reads.

An inherited heterozygote on m of the C copies of cancer cells of fraction p shows on this share

    (p m + 1 - p) / (p C + 2 (1 - p))

of the reads, a somatic allele on p m c / (p C + 2 (1 - p)), c the share of cancer cells (see
clonality). Without a normal neither purity nor copies are known, so both are averaged over
PURITIES and COPIES, whose weights are our own, as are even odds before the reads are counted. The
probability tells where to look, and nothing is called somatic by it: a somatic allele and an
inherited one can show on the same share of reads.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shirube.cancer.chip import add_note
from shirube.cancer.clonality import SMALL
from shirube.reasons import because

PURITIES = np.linspace(0.1, 0.95, 18)
# (total, minor) copies -> weight: most places of most tumours are unchanged.
COPIES = {(2, 1): 0.6, (1, 0): 0.1, (2, 0): 0.08, (3, 1): 0.12, (4, 2): 0.05, (4, 1): 0.05}
CLONAL, SHARES = 0.7, np.linspace(0.05, 0.95, 10)
MISREAD = 0.002
LIKELY, UNLIKELY = 0.9, 0.1
_Weighed = tuple[NDArray[np.float64], NDArray[np.float64]]  # fractions of reads, weights


@cache
def _inherited() -> _Weighed:
    fractions, weights = [], []
    for (total, minor), weight in COPIES.items():
        for copies in (minor, total - minor):
            mixed = PURITIES * total + 2 * (1 - PURITIES)
            fractions.append((PURITIES * copies + 1 - PURITIES) / mixed)
            weights.append(np.full(len(PURITIES), weight / 2 / len(PURITIES)))
    return np.concatenate(fractions), np.concatenate(weights)


@cache
def _somatic() -> _Weighed:
    fractions, weights = [], []
    for (total, minor), weight in COPIES.items():
        mixed = PURITIES * total + 2 * (1 - PURITIES)
        most = total - minor
        for copies in range(1, most + 1):
            fractions.append(PURITIES * copies / mixed)
            weights.append(np.full(len(PURITIES), weight * CLONAL / most / len(PURITIES)))
        for share in SHARES:
            fractions.append(PURITIES * share / mixed)
            part = weight * (1 - CLONAL) / len(SHARES) / len(PURITIES)
            weights.append(np.full(len(PURITIES), part))
    return np.concatenate(fractions), np.concatenate(weights)


def _likelihood(seen: int, depth: int, model: _Weighed) -> float:
    fractions = np.clip(model[0], MISREAD, 1 - MISREAD)
    logs = seen * np.log(fractions) + (depth - seen) * np.log(1 - fractions)
    return float((np.exp(logs) * model[1]).sum())


def germline_probability(seen: int, depth: int) -> float | None:
    """Probability that an allele is inherited, even odds before; None without reads."""
    if not depth:
        return None
    scale = 400 / max(depth, 400)  # beyond that the weights, not the reads, limit what is known
    seen, depth = round(seen * scale), round(depth * scale)
    inherited = _likelihood(seen, depth, _inherited())
    return inherited / (inherited + _likelihood(seen, depth, _somatic()))


def with_probability(findings: Sequence[dict[str, Any]]) -> None:
    """Add to small variants of unknown origin how probably they are inherited."""
    for finding in findings:
        if finding["kind"] not in SMALL or finding.get("origin") != "unknown":
            continue
        told = _probability(finding)
        if told is None:
            continue
        shown = f"{told:.0%}"
        if told >= LIKELY:
            reason = because("origin.likely_germline", probability=shown)
        elif told <= UNLIKELY:
            reason = because("origin.unlikely_germline", probability=shown)
        else:
            reason = because("origin.either", probability=shown)
        add_note(finding, reason, {"germline_probability": round(told, 4)})


def _probability(finding: Mapping[str, Any]) -> float | None:
    seen, depth = finding.get("ad_alt"), finding.get("dp")
    return None if seen is None or not depth else germline_probability(seen, depth)
