"""The share of cancer cells with an allele, told with its interval or said not to be known."""

import json
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest

from shirube.cancer.clonality import (
    Place,
    cell_fraction,
    clonality,
    place_of,
    with_clonality,
)
from shirube.contracts import COPY_NUMBER
from shirube.report.exchange.fhir_markers import clonality_parts
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.clonality_blocks import clonality_facts

MEASURED = {
    "purity": "0.60", "purity_low": "0.56", "purity_high": "0.64", "ploidy": "2.00",
    "purity_source": "copy_number",
}  # fmt: skip


def segments(*rows: tuple[str, int, int, float | None, float | None]) -> pl.DataFrame:
    keys = ("chrom", "start", "end", "total_cn", "minor_cn")
    empty = dict.fromkeys(COPY_NUMBER.schema)
    table = [{**empty, **dict(zip(keys, row, strict=True)), "bins": 9, "call": "neutral"}
             for row in rows]  # fmt: skip
    return COPY_NUMBER.table(pl.DataFrame(table, schema=COPY_NUMBER.polars, orient="row"))


def variant(**values: object) -> dict[str, Any]:
    return {
        "finding": "one", "kind": "snv", "origin": "somatic", "chrom": "chr1", "pos": 100,
        "dp": 100, "ad_alt": 30, "detail": "{}", **values,
    }  # fmt: skip


# reads with the allele, depth, (total, minor, normal's copies), purity, state, share: worked by
# hand from f = p m c / (p C + (1 - p) n)
@pytest.mark.parametrize(
    ("alternative", "depth", "place", "purity", "state", "share"),
    [
        (30, 100, (2.0, 1.0, 2), 0.6, "clonal", 1.0),  # 0.6 / 2
        (15, 100, (2.0, 1.0, 2), 0.6, "subclonal", 0.5),
        (60, 100, (2.0, 0.0, 2), 0.6, "clonal", 1.0),  # both copies of the kept parent's
        (43, 100, (1.0, 0.0, 2), 0.6, "clonal", 1.0),  # 0.6 / (0.6 + 0.8), the other copy lost
        (69, 100, (4.0, 1.0, 2), 0.9, "clonal", 1.0),  # 3 of 4 copies: 2.7 / 3.8 = 0.71
        (24, 100, (4.0, 2.0, 2), 0.9, "clonal", 1.0),  # 1 of 4: 0.9 / 3.8
        (60, 100, (1.0, None, 1), 0.6, "clonal", 1.0),  # X of a man
        (5, 100, (2.0, 1.0, 2), 0.6, "subclonal", 0.17),
        (3, 10, (2.0, 1.0, 2), 0.6, "unknown", 1.0),  # too few reads to tell
    ],
)
def test_shares_worked_by_hand(
    alternative: int, depth: int, place: Place, purity: float, state: str, share: float
) -> None:
    found = cell_fraction(alternative, depth, place, (purity, purity))
    assert found is not None
    assert found["state"] == state
    assert found["ccf"] == pytest.approx(share, abs=0.02)
    assert found["low"] <= found["ccf"] <= found["high"]


def test_nothing_is_told_where_the_cancer_cells_have_no_copy() -> None:
    assert cell_fraction(9, 100, (0.0, 0.0, 2), (0.6, 0.6)) is None
    assert cell_fraction(0, 0, (2.0, 1.0, 2), (0.6, 0.6)) is None


@pytest.mark.parametrize("depth", [30, 60, 120])
def test_intervals_hold_the_planted_share(depth: int) -> None:
    """At purities and copies of a grid 95% intervals hold the truth in 93% of alleles or more."""
    rng, held, told, wrong = np.random.default_rng(depth), [], 0, 0
    for purity, (total, minor), share in product(
        (0.3, 0.5, 0.8), ((2, 1), (1, 0), (2, 0), (3, 1), (4, 2)), (0.2, 0.5, 1.0)
    ):
        for _ in range(20):
            borne = 1 if share < 1 else int(rng.integers(1, total - minor + 1))
            fraction = purity * borne * share / (purity * total + 2 * (1 - purity))
            reads = int(rng.poisson(depth)) + 1
            seen = int(rng.binomial(reads, fraction))
            found = cell_fraction(seen, reads, (float(total), float(minor), 2), (purity, purity))
            assert found is not None
            held.append(found["low"] - 0.011 <= share <= found["high"] + 0.011)
            told += found["state"] != "unknown"
            wrong += found["state"] == ("subclonal" if share == 1 else "clonal")
    assert np.mean(held) >= 0.93
    # Half of the cells on one copy looks like all of them where few are cancer: then not clonal.
    assert wrong <= 0.06 * len(held)
    assert told >= 0.5 * len(held)


def test_an_uncertain_purity_widens_the_interval() -> None:
    sure = cell_fraction(15, 100, (2.0, 1.0, 2), (0.6, 0.6))
    open_ = cell_fraction(15, 100, (2.0, 1.0, 2), (0.4, 0.8))
    assert sure is not None
    assert open_ is not None
    assert open_["low"] < sure["low"]
    assert open_["high"] > sure["high"]


def test_copies_between_whole_numbers_may_be_either() -> None:
    between = cell_fraction(33, 100, (2.5, 1.0, 2), (0.6, 0.6))
    two = cell_fraction(33, 100, (2.0, 1.0, 2), (0.6, 0.6))
    assert between is not None
    assert two is not None
    assert between["low"] <= two["low"]


@pytest.mark.parametrize(
    ("chrom", "sex", "normal"),
    [("chr1", "unknown", 2), ("chrX", "XX", 2), ("chrX", "XY", 1), ("chrY", "XY", 1),
     ("chrX", "unknown", None), ("chrY", "XX", None)],
)  # fmt: skip
def test_the_normal_s_copies_follow_the_sex(chrom: str, sex: str, normal: int | None) -> None:
    place = place_of(segments((chrom, 0, 500, 2.0, 1.0)), chrom, 500, sex)
    assert (place and place[2]) == normal
    assert place_of(segments((chrom, 0, 500, 2.0, 1.0)), chrom, 501, sex) is None


@pytest.mark.parametrize(
    ("about", "rows", "reason"),
    [
        ({}, [], "clonality.no_copies"),
        (MEASURED | {"purity_source": "vaf"}, [("chr1", 0, 900, 2.0, 1.0)], "clonality.circular"),
        (MEASURED | {"purity_source": "none", "purity": "unknown"}, [], "clonality.no_purity"),
        (MEASURED, [("chr2", 0, 900, 2.0, 1.0)], "clonality.no_segment"),
        (MEASURED, [("chr1", 0, 900, None, None)], "clonality.no_segment"),
        (MEASURED, [("chr1", 0, 900, 0.0, 0.0)], "clonality.no_reads"),
    ],
)
def test_why_no_share_is_told(about: dict[str, str], rows: list[Any], reason: str) -> None:
    found = clonality(variant(), segments(*rows), about, "XX")
    assert found["state"] == "unknown"
    assert "ccf" not in found
    assert found["said"][0][0] == reason


def test_reads_that_no_share_explains_tell_of_a_wrong_purity() -> None:
    low = MEASURED | {"purity": "0.12", "purity_low": "0.10", "purity_high": "0.14"}
    one = variant(dp=69, ad_alt=23)
    found = clonality(one, segments(("chr1", 0, 900, 2.1, 0.5)), low, "XY")
    assert (found["state"], found["said"][0][0]) == ("unknown", "clonality.disagree")
    assert "ccf" not in found


def test_every_rendering_tells_the_same_share() -> None:
    one, other, germline = variant(), variant(kind="fusion"), variant(origin="germline")
    with_clonality([one, other, germline], segments(("chr1", 0, 900, 2.0, 1.0)), MEASURED, "XX")
    assert other["detail"] == germline["detail"] == "{}"
    item = {"detail": json.loads(one["detail"])}
    assert item["detail"]["clonality"]["purity"] == 0.6
    for language, word in (("en", "clonal"), ("ja", "クローナル")):
        (_, value), (_, basis) = clonality_facts(item, Catalogue(language))
        assert word in value["text"]
        assert "100.0%" in value["text"]
        assert "60.0%" in basis["text"]
        assert "56.0%–64.0%" in basis["text"]
    state, share, interval = clonality_parts(item)
    assert state["valueCodeableConcept"]["text"] == "clonal"
    assert share["valueQuantity"]["value"] == 1.0
    assert interval["valueRange"]["high"]["value"] == 1.0
    assert clonality_parts({"detail": {}}) == []


def test_what_is_not_known_is_said_in_both_languages() -> None:
    one = variant()
    with_clonality([one], segments(), {}, "XX")
    item = {"detail": json.loads(one["detail"])}
    for language in ("ja", "en"):
        ((_, value),) = clonality_facts(item, Catalogue(language))
        assert "%" not in value["text"]
    assert [p["code"]["text"] for p in clonality_parts(item)] == ["clonality"]
