"""Every rule of the germline filters: what it fails, what it lets pass."""

import polars as pl
import pytest

from shirube.calling.germline.filters import RULES, filter_names
from shirube.contracts import FILTERS

GOOD = {
    "kind": "snv",
    "site_qual": 90.0,
    "dp": 30,
    "het_fraction": 0.5,
    "position_z": 0.4,
    "strand_phred": 3.0,
    "map_quality": 60.0,
    "strand_share": None,
    "end_share": None,
    "base_quality": None,
    "nuclear_share": None,
    "copies": 1,
    "caller_failed": 0,
    "outside": 0,
    "damaged": 0,
    "differs": 0,
    "repeated": 0,
}


def verdict(**changed: object) -> str:
    return str(pl.DataFrame([{**GOOD, **changed}]).select(filter_names()).item())


def test_a_good_call_passes() -> None:
    assert verdict() == "PASS"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"site_qual": 29.9}, "LowQual"),
        ({"site_qual": 30.0}, "PASS"),
        ({"dp": 4}, "LowDepth"),
        ({"dp": 5}, "PASS"),
        ({"het_fraction": 0.19}, "AlleleBalance"),
        ({"het_fraction": 0.2}, "PASS"),
        ({"het_fraction": 0.25, "kind": "deletion"}, "AlleleBalance"),
        ({"het_fraction": 0.25, "kind": "mnv"}, "PASS"),
        ({"het_fraction": 0.3, "kind": "insertion"}, "PASS"),
        ({"position_z": 3.01}, "PositionBias"),
        ({"strand_phred": 61.0}, "StrandBias"),
        ({"map_quality": 24.0}, "LowMapQ"),
        ({"strand_share": 0.19}, "StrandBias"),
        ({"strand_share": 0.2, "end_share": 0.5, "nuclear_share": 0.5}, "PASS"),
        ({"end_share": 0.51}, "PositionBias"),
        ({"base_quality": 19.9}, "LowBaseQ"),
        ({"nuclear_share": 0.51}, "Numt"),
        ({"copies": 0}, "NoGenotype"),
        ({"caller_failed": 1}, "Caller"),
        ({"outside": 1}, "Unplaced"),
        ({"site_qual": 3.0, "dp": 2, "het_fraction": 0.1}, "LowQual;LowDepth;AlleleBalance"),
        ({"het_fraction": 0.1, "kind": "delins", "copies": 0}, "AlleleBalance;NoGenotype"),
    ],
)
def test_rules(changed: dict[str, object], expected: str) -> None:
    assert verdict(**changed) == expected


@pytest.mark.parametrize(
    "column", ["site_qual", "dp", "het_fraction", "position_z", "strand_phred", "map_quality"]
)
def test_unknown_passes(column: str) -> None:
    table = pl.DataFrame([GOOD]).with_columns(pl.lit(None).cast(pl.Float64).alias(column))
    assert table.select(filter_names()).item() == "PASS"


def test_names_are_of_the_one_vocabulary_and_rules_say_why() -> None:
    assert {rule.name for rule in RULES} <= set(FILTERS)
    assert all(len(rule.why) > 20 and rule.threshold for rule in RULES)


def test_without_a_rule_more_passes() -> None:
    """Each rule decides something alone: leaving it out lets its example through."""
    worst = {
        "site_qual": 1.0,
        "dp": 1,
        "het_fraction": 0.01,
        "position_z": 9.0,
        "strand_phred": 99.0,
        "map_quality": 1.0,
        "strand_share": 0.0,
        "end_share": 0.9,
        "base_quality": 10.0,
        "nuclear_share": 0.9,
        "copies": 0,
        "caller_failed": 1,
        "outside": 1,
        "damaged": 1,
        "differs": 1,
        "repeated": 1,
    }
    for rule in RULES:
        kind = (rule.kinds or ("snv",))[0]
        table = pl.DataFrame([{**GOOD, "kind": kind, rule.column: worst[rule.column]}])
        assert table.select(filter_names()).item() == rule.name
        others = tuple(r for r in RULES if r is not rule)
        assert table.select(filter_names(others)).item() == "PASS"
