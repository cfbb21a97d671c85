"""Names others gave to the same changes: CIViC, VEP, cancer hotspots, ClinVar's g. names."""

import os
from pathlib import Path

import pytest
from hgvs_oracle import CIVIC_ODD, LEAST, Oracles

ORACLES = Oracles(
    Path(os.environ.get("REALDATA", "../shared/realdata")),
    Path(os.environ.get("KNOWLEDGE", "../shared/knowledge")),
)
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.oracle,
    pytest.mark.skipif(bool(ORACLES.missing()), reason=f"no {ORACLES.missing()[:1]}"),
]


@pytest.mark.parametrize("name", sorted(LEAST))
def test_our_names_are_theirs(name: str) -> None:
    """Every difference is an entry of CIViC that contradicts itself, each looked at by hand."""
    compared = list(getattr(ORACLES, name)())
    assert len(compared) >= LEAST[name]
    different = [one for one in compared if not one.agrees]
    assert [one for one in different if not one.reason] == []
    assert {one.what for one in different} <= set(CIVIC_ODD)
    assert len(different) <= 0.015 * len(compared)
