"""Which mutational signatures a tumour's changes are made of: an exposure fit that keeps few.

A fit to all signatures at once spreads changes over many that are alike. So signatures are taken
out and in while the relative error |seen - fitted| / |seen| tells: from the fit to all, those whose
loss raises it by FIRST at most are left out, one at a time; then each other one is tried, kept
where it lowers it by more than ADDED, and those are left out again whose loss raises it by KEPT at
most, until nothing improves. Signatures of clocks (SBS1, SBS5) are in every tumour and are never
left out in that second part; signatures of one process are tried together. This is the procedure of
SigProfilerAssignment (Diaz-Gay et al., Bioinformatics 2023, doi 10.1093/bioinformatics/btad756),
written anew; tests/oracle compares.

The matrix is the user's file (column Type, then a column a signature): single base substitutions in
96 contexts, doublets in 78, indels in 83, rearrangements in 32, copy-number segments in 48.
COSMIC's matrices have COSMIC's terms.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from shirube.calling.somatic.markers import Row, marker
from shirube.errors import InputError
from shirube.reasons import Reason, because

FIRST, ADDED, KEPT = 0.05, 0.05, 0.01
CLOCKS = ("SBS1", "SBS5")
TOGETHER = (
    ("SBS2", "SBS13"),
    ("SBS7a", "SBS7b", "SBS7c", "SBS7d"),
    ("SBS10a", "SBS10b"),
    ("SBS17a", "SBS17b"),
)
RESAMPLED, SEED = 100, 96
KINDS = {96: "SBS", 78: "DBS", 83: "ID", 32: "SV", 48: "CN"}
LEAST, PRESENT = 50, 0.05
_FORMS = {
    "SBS": (re.compile(r"[ACGT]\[[CT]>[ACGT]\][ACGT]"), "A[C>A]A"),
    "DBS": (re.compile(r"[ACGT]{2}>[ACGT]{2}"), "AC>CA"),
    "ID": (re.compile(r"[1-5]:(Del|Ins):[CTRM]:[0-5]"), "1:Del:C:0"),
    "SV": (re.compile(r"(non-)?clustered_((del|tds|inv)_[>0-9KMb-]+|trans)"), "clustered_trans"),
    "CN": (re.compile(r"(\d|3-4|5-8|9\+):(homdel|LOH|het):[>0-9kMb-]+"), "2:het:1Mb-10Mb"),
}
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Signatures:
    """Profiles (a row a type of change, a column a signature) with their names."""

    kind: str
    types: tuple[str, ...]
    names: tuple[str, ...]
    profiles: Vector


def read_signatures(path: str | Path) -> Signatures:
    """A matrix of signatures, of the kind its number of types says."""
    table = pl.read_csv(path, separator="\t")
    if table.columns[0] not in ("Type", "MutationType") or table.height not in KINDS:
        rows = ", ".join(map(str, KINDS))
        raise InputError(path, f"a column Type and {rows} rows, one a type of change")
    kind, names = KINDS[table.height], tuple(table.columns[1:])
    form, example = _FORMS[kind]
    types = tuple(str(name) for name in table.to_series(0))
    wrong = [name for name in types if not form.fullmatch(name)]
    if wrong:
        raise InputError(path, f"types of change written as {example}", f"Type {wrong[0]}")
    if len(set(types)) < len(types) or not names:
        raise InputError(path, "each type of change once, and a signature or more")
    try:
        profiles = table.select(pl.col(name).cast(pl.Float64) for name in names).to_numpy()
    except pl.exceptions.PolarsError as error:
        raise InputError(path, "numbers below every signature", str(error)) from None
    if not np.isfinite(profiles).all() or (profiles < 0).any():
        raise InputError(path, "shares of 0 to 1 below every signature")
    return Signatures(kind, types, names, profiles)


class _Fit:
    """Fits of one spectrum by subsets of the signatures; each subset is solved once."""

    def __init__(self, profiles: Vector, seen: Vector) -> None:
        self.profiles, self.seen = profiles, seen
        self.size = float(np.linalg.norm(seen))
        self.known: dict[tuple[int, ...], tuple[float, Vector]] = {}

    def of(self, chosen: Sequence[int]) -> tuple[float, Vector]:
        """Relative error and weights of the signatures `chosen` (indices, sorted)."""
        key = tuple(sorted(chosen))
        if key not in self.known:
            weights, rest = scipy.optimize.nnls(self.profiles[:, list(key)], self.seen)
            self.known[key] = float(rest) / self.size, weights
        return self.known[key]

    def less(self, chosen: Sequence[int], most: float, never: Sequence[int] = ()) -> list[int]:
        """`chosen` without those whose loss raises the error by `most` at most, least first."""
        kept = sorted(chosen)
        error = self.of(kept)[0]
        while len(kept) > 1:
            options = [(self.of([k for k in kept if k != one])[0], one)
                       for one in kept if one not in never]  # fmt: skip
            if not options or min(options)[0] - error > most:
                break
            error, lost = min(options)
            kept.remove(lost)
        return [one for one, weight in zip(kept, self.of(kept)[1], strict=True) if weight > 0]


def _joined(chosen: Sequence[int], names: Sequence[str]) -> list[int]:
    """`chosen` with the other signatures of their processes."""
    own = {names[one] for one in chosen}
    for group in TOGETHER:
        if own & set(group):
            own |= set(group) & set(names)
    return sorted(names.index(name) for name in own)


def exposures(seen: Vector, known: Signatures) -> tuple[dict[str, float], float]:
    """Signature -> share of the changes `seen` (in the order of `known.types`), relative error.

    Nothing, with an error of 1, where there is no change.
    """
    if not seen.sum():
        return {}, 1.0
    fit, names = _Fit(known.profiles, seen), list(known.names)
    clocks = [names.index(name) for name in CLOCKS if name in names]
    everything = range(len(names))
    start = [k for k, w in zip(everything, fit.of(everything)[1], strict=True) if w > 0]
    chosen, error = fit.less(start, FIRST), np.inf
    while True:
        base = _joined(sorted({*chosen, *clocks}), names)
        before = fit.of(base)[0]
        tried = [fit.less(base, KEPT, clocks)]
        for one in everything:
            if one not in base and before - fit.of([*base, one])[0] > ADDED:
                tried.append(fit.less([*base, one], KEPT, clocks))
        best = min(tried, key=lambda part: fit.of(part)[0])
        if fit.of(best)[0] >= error:
            break
        error, chosen = fit.of(best)[0], best
    error, weights = fit.of(chosen)
    shares = weights / weights.sum()
    found = {names[k]: float(s) for k, s in zip(sorted(chosen), shares, strict=True) if s > 0}
    return found, error


def spectrum(counts: Mapping[str, int], known: Signatures) -> Vector:
    """Counts of changes in the order of the matrix."""
    return np.array([counts.get(name, 0) for name in known.types], np.float64)


def resampled(seen: Vector, known: Signatures) -> dict[str, tuple[float, float]]:
    """Signature -> 95% interval of its share over RESAMPLED draws of the changes (seeded)."""
    rng, total = np.random.default_rng(SEED), int(seen.sum())
    drawn = [
        exposures(rng.multinomial(total, seen / total).astype(float), known)[0]
        for _ in range(RESAMPLED)
    ]
    out = {}
    for name in known.names:
        shares = [one.get(name, 0.0) for one in drawn]
        low, high = np.quantile(shares, [0.025, 0.975])
        out[name] = (float(low), float(high))
    return out


def signatures(
    counts: Mapping[str, int], matrix: str | Path, kind: str, unseen: Reason | None = None
) -> list[Row]:
    """Rows of MARKERS: exposures to the signatures of a matrix; unknown below LEAST changes.

    `kind`: one of KINDS, which the matrix must be of; `unseen`: why the changes were not looked
    for, if they were not.

    A signature is present where its whole interval lies above PRESENT, else it is unknown. The
    interval is that of the changes drawn anew, not of what the matrix leaves out.
    """
    known = read_signatures(matrix)
    if known.kind != kind:
        raise InputError(matrix, f"signatures of {kind}", f"those of {known.kind}")
    seen, unit = spectrum(counts, known), f"share of {known.kind}"
    if unseen is not None:
        return [marker(known.kind, None, None, None, unit, "unknown", unseen)]
    total = int(seen.sum())
    basis = because("marker.changes", count=total)
    if total < LEAST:
        why = basis.and_(because("marker.needed", count=LEAST))
        return [marker(known.kind, None, None, None, unit, "unknown", why)]
    found, error = exposures(seen, known)
    basis = basis.and_(because("marker.fit_error", error=f"{error:.0%}"))
    rows = []
    for name, (low, high) in resampled(seen, known).items():
        value = found.get(name, 0.0)
        if value > 0 or high > PRESENT:
            call = "present" if low > PRESENT else "unknown"
            ends = (min(low, value), max(high, value))
            rows.append(marker(f"{known.kind}:{name}", value, *ends, unit, call, basis))
    return rows
