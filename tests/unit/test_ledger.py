"""Ledger: the first rule decides, and nothing is lost."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirube.contracts import LEDGER
from shirube.errors import ContractError
from shirube.ledger import Rule, decided, entries, ledger, text

ROWS = pl.DataFrame(
    {"chrom": ["chr1", "chr1"], "pos": [5, 9], "ref": ["A", "C"], "alt": ["G", "T"],
     "record": [0, 1], "depth": [3, None]}
)  # fmt: skip
LOW = Rule("depth", "filtered", pl.col("depth") < 5, text(pl.col("depth")), pl.lit("at least 5"))
REST = Rule("rest", "tiered", pl.lit(True), pl.lit("none"), pl.lit("none"))


def test_first_rule_decides_and_unknown_is_no() -> None:
    rows = decided(ROWS, [LOW, REST])
    assert rows.select("fate", "rule", "value").rows() == [
        ("filtered", "depth", "3"),
        ("tiered", "rest", "none"),
    ]


def test_a_record_without_fate_is_refused() -> None:
    part = entries(decided(ROWS, [LOW]), "germline", "N")
    with pytest.raises(ContractError, match=r"1 records without a fate, first .*'chr1', 9"):
        ledger([part], 2)


@pytest.mark.parametrize("records", [1, 3])
def test_lost_or_invented_records_are_refused(records: int) -> None:
    part = entries(decided(ROWS, [LOW, REST]), "germline", "N")
    with pytest.raises(ContractError, match=f"{records} records in, 2 fates out"):
        ledger([part], records)


def test_two_fates_of_a_record_are_refused() -> None:
    part = entries(decided(ROWS, [LOW, REST]), "germline", "N")
    with pytest.raises(ContractError, match="duplicate"):
        ledger([part, part], 4)


def test_unknown_fates_cannot_be_written() -> None:
    with pytest.raises(ContractError, match="forgotten"):
        Rule("x", "forgotten", pl.lit(True), pl.lit("a"), pl.lit("b"))


@given(st.lists(st.integers(0, 9) | st.none(), max_size=20))
def test_any_rows_get_one_fate_each(depths: list[int | None]) -> None:
    rows = pl.DataFrame(
        {"chrom": ["chr1"] * len(depths), "pos": range(1, len(depths) + 1), "ref": "A", "alt": "G",
         "record": range(len(depths)), "depth": depths},
        schema_overrides={"depth": pl.Int32, "chrom": pl.String},
    )  # fmt: skip
    out = ledger([entries(decided(rows, [LOW, REST]), "germline", "N")], len(depths))
    assert out.schema == LEDGER.polars
    low = sum(depth is not None and depth < 5 for depth in depths)
    assert out.filter(fate="filtered").height == low
