"""The accuracy harness itself: it counts right, and it turns red."""

import accuracy
import polars as pl
import pytest
import yaml
from accuracy_germline import mendelian
from accuracy_rows import Row, compared, inside

from shirube.genome.intervals import Interval


def alleles(*rows: tuple[int, str, str, int]) -> pl.DataFrame:
    schema = {"pos": pl.Int32, "ref": pl.String, "alt": pl.String, "copies": pl.Int32}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def test_alleles_are_compared_exactly() -> None:
    truth = alleles((1, "A", "C", 1), (5, "A", "C", 2), (9, "AT", "A", 1), (12, "A", "G", 1))
    called = alleles((1, "A", "C", 1), (5, "A", "C", 1), (9, "A", "AT", 1), (30, "G", "T", 1))
    snv, indel = compared(called, truth, "set", "engine")
    assert (snv.tp, snv.fp, snv.fn, snv.genotype_errors) == (2, 1, 1, 1)
    assert (indel.tp, indel.fp, indel.fn, indel.genotype_errors) == (0, 1, 1, 0)
    assert snv.recall == pytest.approx(2 / 3)
    assert snv.f1 == pytest.approx(2 / 3)
    assert Row("s", "e", "k", 0, 0, 0).precision is None


def test_only_alleles_that_begin_inside_count() -> None:
    table = alleles((10, "A", "C", 1), (11, "A", "C", 1), (20, "A", "C", 1), (21, "A", "C", 1))
    assert inside(table, [Interval("c", 10, 20)])["pos"].to_list() == [11, 20]
    assert inside(table, []).is_empty()


@pytest.mark.parametrize(
    ("child", "father", "mother", "fits"),
    [
        (1, 1, 0, 1),
        (1, 0, 0, 0),
        (0, 2, 0, 0),
        (1, 2, 0, 1),
        (2, 1, 0, 0),
        (2, 1, 1, 1),
        (0, 1, 1, 1),
    ],
)
def test_inheritance(child: int, father: int, mother: int, fits: int) -> None:
    table = pl.DataFrame({"child": [child], "father": [father], "mother": [mother]})
    assert mendelian(table, "e").tp == fits


FLOORS = {"s/e/snv": {"min_recall": 0.9, "max_fp": 2}, "s/e/indel": {"max_genotype_errors": 1}}


def rows(**changed: int) -> list[Row]:
    good = {"tp": 95, "fp": 2, "fn": 5} | changed
    return [Row("s", "e", "snv", **good), Row("s", "e", "indel", 3, 0, 0, 1)]


def test_floors_that_hold() -> None:
    assert accuracy.broken(rows(), FLOORS) == []


@pytest.mark.parametrize(
    ("measured", "line"),
    [
        (rows(fp=3), "s/e/snv: fp 3, floor <= 2"),
        (rows(tp=80, fn=20), "s/e/snv: recall 0.8, floor >= 0.9"),
        (rows(tp=0, fn=0), "s/e/snv: recall unknown, floor >= 0.9"),
        (rows()[:1], "s/e/indel: not measured"),
        (
            [rows()[0], Row("s", "e", "indel", 1, 0, 0)],
            "s/e/indel: genotype_errors unknown, floor <= 1",
        ),
    ],
)
def test_floors_that_break(measured: list[Row], line: str) -> None:
    assert accuracy.broken(measured, FLOORS) == [line]


def test_every_floor_asks_for_something_a_row_has() -> None:
    floors = yaml.safe_load(accuracy.FLOORS.read_text())
    assert floors
    for limits in floors.values():
        for limit in limits:
            side, quantity = limit.split("_", 1)
            assert side in ("min", "max")
            assert hasattr(Row("s", "e", "k", 1, 1, 1, 1), quantity)


def test_the_measurements_name_value_unit_and_peer() -> None:
    found = accuracy.measurements([*rows(), Row("s", "gatk", "snv", 90, 0, 10)])
    (f1,) = [m for m in found if m["name"] == "s/e/snv/f1"]
    assert set(f1) == {"name", "value", "unit", "peer", "ratio"}
    assert f1["ratio"] == pytest.approx(f1["value"] / (180 / 190))
