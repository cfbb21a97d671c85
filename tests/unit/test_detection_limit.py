"""The stated limit of detection against the caller's own decisions on simulated fragments."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirube.calling.somatic.calling import Candidate, judge
from shirube.calling.somatic.detection_limit import (
    USUAL_P,
    detectable_cell_fraction,
    detectable_fraction,
    detection_probability,
    needed_fragments,
)
from shirube.calling.somatic.errors import nominal
from shirube.calling.somatic.model import Thresholds
from shirube.reads.pileup import OBSERVATION

LIMITS = Thresholds()
MEASURED = replace(nominal(), max_p=USUAL_P)


def fragments(rng: np.random.Generator, depth: int, fraction: float) -> np.ndarray:
    """Observations of a site: a random share of ALT, sequencing errors by quality."""
    rows = np.zeros(depth, OBSERVATION)
    quality = np.clip(rng.normal(35, 4, depth), 13, 41)
    true = np.where(rng.random(depth) < fraction, 1, 0)
    wrong = rng.random(depth) < 10 ** (-quality / 10)
    rows["allele"] = np.where(wrong, (true + rng.integers(1, 4, depth)) % 4, true)
    rows["for_ref"], rows["fragment"] = quality, np.arange(depth)
    rows["reverse"], rows["mapq"] = rng.random(depth) < 0.5, 60
    place = rng.integers(0, 100, depth)
    rows["edge"] = np.minimum(place, 99 - place)
    return rows


def called(rng: np.random.Generator, depth: int, fraction: float) -> bool:
    tumour, normal = fragments(rng, depth, fraction), fragments(rng, 40, 0.0)
    candidate = Candidate(0, "A", "C", None, tumour, normal, {})
    return judge(candidate, (0, 1), None, LIMITS, MEASURED)["filter"] == "PASS"


@pytest.mark.parametrize("depth", [20, 60, 200])
@pytest.mark.parametrize("purity", [0.3, 0.8])
def test_stated_limit_is_the_empirical_95_percent_point(depth: int, purity: float) -> None:
    limit = float(detectable_fraction(depth, 40))
    cells = float(detectable_cell_fraction(limit, purity))
    rng = np.random.default_rng(depth * 100 + int(purity * 10))
    if np.isnan(cells):  # such a tumour cannot show it: at its highest fraction power is short
        assert limit > purity / 2
        assert np.mean([called(rng, depth, purity / 2) for _ in range(80)]) < 0.95 + 0.03
        return
    fractions = np.linspace(0.7, 1.5, 5) * cells * purity / 2
    power = [np.mean([called(rng, depth, f) for _ in range(80)]) for f in fractions]
    empirical = np.interp(0.95, np.maximum.accumulate(power), fractions)
    assert limit == pytest.approx(empirical, rel=0.2)


@given(st.integers(0, 5000))
def test_deeper_sites_show_smaller_fractions(depth: int) -> None:
    here, deeper = detectable_fraction([depth, depth + 500])
    assert np.isnan(here) or deeper <= here + 1e-12
    assert np.isnan(here) or 0 < here <= 1


def test_shallow_sites_and_shallow_normals_have_no_limit() -> None:
    assert np.isnan(detectable_fraction([0, 1, 2])).all()
    assert np.isnan(detectable_fraction(100, 7))
    assert detectable_fraction(100, 8) < 0.15


def test_needed_fragments_and_power_agree() -> None:
    depth = np.array([10, 30, 100, 1000])
    needed = needed_fragments(depth)
    assert (needed >= 3).all()
    assert (np.diff(needed) >= 0).all()
    limit = detectable_fraction(depth)
    assert detection_probability(limit, depth) == pytest.approx(0.95)
    assert detection_probability(limit / 2, depth).max() < 0.75


def test_low_quality_needs_more() -> None:
    assert needed_fragments(200, quality=20) > needed_fragments(200, quality=37)
