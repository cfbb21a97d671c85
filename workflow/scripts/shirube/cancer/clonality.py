"""Share of the cancer cells that carry a somatic allele, and whether all of them do.

In a place of C copies in cancer cells of fraction p, n in normal ones, an allele that m of the C
copies of a share c of the cancer cells bear is on this fraction of the reads:

    f = p m c / (p C + (1 - p) n)

An allele on several copies came before they were gained, so it is in all cells: c < 1 goes with
m = 1 (Stephens et al., Cell 2012, doi 10.1016/j.cell.2012.04.023). The interval holds every c
whose likelihood of the counted reads, at its best m, C and purity within the purity's interval,
lies within 1.92 of the best one. `subclonal`: the interval ends below 1 (McGranahan et al., Sci
Transl Med 2015, doi 10.1126/scitranslmed.aaa1408); `clonal`: it holds 1 and lies above one half,
as no two populations of cells that exclude each other can; `unknown`: anything else. Nothing is
told where no share explains the reads: then the purity or the copies are wrong.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.interpret.rows import detail
from shirube.reasons import Reason, because

GRID = np.linspace(0.01, 1.0, 100)
WITHIN = 1.92  # half of the 95% point of chi-square with one degree of freedom
WHOLE = 0.25  # copies further than this from a whole number may be either neighbour
HALF, MISREAD = 0.5, 0.001
MISFIT = 5.42  # half of the 99.9% point: no copies and no purity explain the reads
SMALL = ("snv", "mnv", "insertion", "deletion", "delins")
Place = tuple[float, float | None, int]  # total copies, those of the rarer parent, the normal's


def expected_fraction(
    purity: NDArray[np.float64], total: int, normal: int, copies: int, share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Fraction of reads with an allele on `copies` of the copies of `share` of the cancer cells."""
    return purity * copies * share / np.maximum(purity * total + (1 - purity) * normal, 1e-9)


def _wholes(copies: float) -> list[int]:
    """Whole numbers of copies that a measured number may stand for."""
    near = round(copies)
    if abs(copies - near) <= WHOLE:
        return [near]
    return sorted({int(np.floor(copies)), int(np.ceil(copies))})


def cell_fraction(
    alternative: int, depth: int, place: Place, purity: tuple[float, float]
) -> dict[str, Any] | None:
    """The share (`ccf`), low and high of its interval, the copies that bear the allele, the state.

    `place`: copies where the allele lies; `purity`: the interval of the tumour's purity. None
    where no reads were counted or the cancer cells have no copy of the place. `explained` is false
    where even the best share is far from the reads.
    """
    measured, minor, normal = place
    totals = [total for total in _wholes(measured) if total > 0]
    if not depth or not totals:
        return None
    purities = np.linspace(*purity, 21)[:, None]
    best = np.full(len(GRID), -np.inf)
    borne, at_one = 1, -np.inf
    for total in totals:
        most = total if minor is None else max(1, total - round(minor))
        for copies in range(1, most + 1):
            shares = GRID[None, :] if copies == 1 else GRID[None, -1:]
            seen = expected_fraction(purities, total, normal, copies, shares)
            seen = np.clip(seen, MISREAD, 1 - MISREAD)
            fit = alternative * np.log(seen) + (depth - alternative) * np.log(1 - seen)
            likely = fit.max(axis=0)
            if likely[-1] > at_one:
                at_one, borne = float(likely[-1]), copies
            own = best if copies == 1 else best[-1:]
            np.maximum(own, likely, out=own)
    inside = GRID[best >= best.max() - WITHIN]
    low, high = float(inside[0]), float(inside[-1])
    # Of shares alike in likelihood the largest is told: an allele of all cells is the usual case.
    ccf = float(GRID[np.flatnonzero(best >= best.max() - 1e-9)[-1]])
    rate = np.clip(alternative / depth, MISREAD, 1 - MISREAD)
    free = alternative * np.log(rate) + (depth - alternative) * np.log(1 - rate)
    state = "subclonal" if high < 1 else "clonal" if low > HALF else "unknown"
    return {"ccf": ccf, "low": low, "high": high, "state": state,
            "copies": borne if ccf >= 1 else 1,
            "explained": bool(free - best.max() <= MISFIT)}  # fmt: skip


def normal_copies(chrom: str, sex: str) -> int | None:
    """Copies of a chromosome in a normal cell; None where the sex is needed and not known."""
    if chrom not in ("chrX", "chrY"):
        return 2
    return {"XY": 1, "XX": 2 if chrom == "chrX" else None}.get(sex)


def place_of(segments: pl.DataFrame, chrom: str, pos: int, sex: str) -> Place | None:
    """Copies at a position (1-based) by COPY_NUMBER; None where they are not known."""
    here = segments.filter(
        (pl.col("chrom").cast(pl.String) == chrom)
        & (pl.col("start") < pos)
        & (pl.col("end") >= pos)
    )
    normal = normal_copies(chrom, sex)
    if here.is_empty() or normal is None or here["total_cn"][0] is None:
        return None
    return float(here["total_cn"][0]), here["minor_cn"][0], normal


def purity_of(about: Mapping[str, str]) -> tuple[float, float, float] | None:
    """Purity with its interval, where copy number told it; `about`: metadata of COPY_NUMBER.

    A purity taken from the fractions of the somatic alleles says nothing of these fractions.
    """
    if about.get("purity_source") != "copy_number":
        return None
    return float(about["purity"]), float(about["purity_low"]), float(about["purity_high"])


def _not_known(about: Mapping[str, str]) -> Reason:
    if not about:
        return because("clonality.no_copies")
    if about.get("purity_source") == "vaf":
        return because("clonality.circular")
    return because("clonality.no_purity")


def clonality(
    finding: Mapping[str, Any], segments: pl.DataFrame, about: Mapping[str, str], sex: str
) -> dict[str, Any]:
    """What is known of the share of cancer cells with a finding: numbers, or why there are none."""
    known = purity_of(about)
    if known is None:
        return _unknown(_not_known(about))
    purity, low, high = known
    place = place_of(segments, str(finding["chrom"]), finding["pos"], sex)
    if place is None:
        return _unknown(because("clonality.no_segment"))
    found = cell_fraction(finding["ad_alt"] or 0, finding["dp"] or 0, place, (low, high))
    if found is None:
        return _unknown(because("clonality.no_reads"))
    if not found.pop("explained"):
        return _unknown(because("clonality.disagree"))
    about_place = {"total_cn": place[0], "minor_cn": place[1]}
    return found | about_place | {"purity": purity, "purity_low": low, "purity_high": high}


def _unknown(reason: Reason) -> dict[str, Any]:
    said = [[key, dict(values)] for key, values in reason.parts]
    return {"state": "unknown", "reason": reason, "said": said}


def with_clonality(
    findings: Sequence[dict[str, Any]],
    segments: pl.DataFrame,
    about: Mapping[str, str],
    sex: str,
) -> None:
    """Add `clonality` to the detail of the somatic small variants."""
    for finding in findings:
        if finding["kind"] not in SMALL or finding.get("origin") != "somatic":
            continue
        if finding.get("dp") is None:
            continue
        values = json.loads(finding.get("detail") or "{}")
        told = clonality(finding, segments, about, sex)
        finding["detail"] = detail(values | {"clonality": told})
