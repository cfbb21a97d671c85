"""Structural variants planted in real reads: the same contract and truth for every engine."""

import os
from pathlib import Path

import pytest
from accuracy_structural import called, installed, judged, sources
from planted_sv import Case, replicate

from shirube.calling.structural.calling import Limits
from shirube.calling.structural.engines import Job, delly
from shirube.contracts import FILTERS, STRUCTURAL
from shirube.tools import located

REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REALDATA.is_dir(), reason=f"no real data at {REALDATA}"),
]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return replicate(sources(REALDATA), 1, tmp_path_factory.mktemp("planted"))


@pytest.mark.parametrize(("engine", "least"), [("embedded", 0.95), ("delly", 0.6), ("manta", 0.6)])
def test_engine_finds_planted_events(engine: str, least: float, case: Case, tmp_path: Path) -> None:
    if engine not in installed():
        pytest.skip(f"{engine} is not installed")
    table = STRUCTURAL.table(called(engine, case.tumour, case.normal, case, tmp_path))
    found, extra = judged(case.events, table)
    able = [row for row in found if row.carriers >= Limits().min_support + 2]
    assert len(able) >= 10
    assert sum(row.found for row in able) >= least * len(able)
    assert extra <= 1
    assert called(engine, case.plain, case.normal, case, tmp_path).is_empty()


@pytest.mark.skipif(located("delly") is None, reason="delly is not installed")
def test_delly_without_a_normal_says_so(case: Case, tmp_path: Path) -> None:
    """A person alone: every event is germline, every filter one of the shared names."""
    own = (case.tumour, None, case.reference, case.regions, Limits(), True, None, tmp_path)
    table = delly(Job(*own))
    assert set(table["origin"]) == {"germline"}
    assert table["normal_pairs"].null_count() == table.height
    assert {name for cell in table["filter"] for name in cell.split(";")} <= set(FILTERS)
