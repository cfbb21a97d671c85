"""Points of deletions and duplications against the published table (Riggs et al. 2020)."""

from dataclasses import replace

import polars as pl
import pytest

from shirube.contracts.knowledge_rare import POPULATION_EVENTS
from shirube.interpret.acmg import BENIGN, LIKELY, PATHOGENIC, UNCERTAIN
from shirube.interpret.dosage_points import Common, Taken, cnv_class, common, scored
from shirube.interpret.genes import GeneFacts

DOMINANT = GeneFacts(frozenset({"AD"}), "established", "ClinGen dosage, haploinsufficiency 3")
RECESSIVE = GeneFacts(frozenset({"AR"}), "established", "ClinGen dosage, haploinsufficiency 30")
PREDICTED = GeneFacts(loss="suggested")
THIRD = GeneFacts(triplosensitivity=3)
OTHER = Taken("G", 4, True, True, True, 8, GeneFacts())
WHOLE = replace(OTHER, facts=DOMINANT)
INSIDE = Taken("G", 1, False, False, False, 8, DOMINANT)


@pytest.mark.parametrize(
    ("svtype", "taken", "came", "points", "rules", "class_"),
    [
        ("DEL", [WHOLE], "maternal", 1.0, {"2A", "3"}, PATHOGENIC),
        ("DEL", [INSIDE], "maternal", 0.9, {"2E", "3"}, LIKELY),
        ("DEL", [replace(INSIDE, strength=4)], "maternal", 0.45, {"2E", "3"}, UNCERTAIN),
        ("DEL", [replace(INSIDE, first=True)], "paternal", 0.9, {"2C", "3"}, LIKELY),
        ("DEL", [replace(INSIDE, last=True)], "paternal", 0.3, {"2D", "3"}, UNCERTAIN),
        ("DEL", [replace(INSIDE, last=True, exons=2)], "paternal", 0.9, {"2D", "3"}, LIKELY),
        ("DEL", [replace(WHOLE, facts=RECESSIVE)], "maternal", 0.0, {"3"}, UNCERTAIN),
        ("DEL", [replace(WHOLE, facts=PREDICTED)], "maternal", 0.15, {"2H", "3"}, UNCERTAIN),
        ("DEL", [OTHER] * 30, "maternal", 0.45, {"3"}, UNCERTAIN),
        ("DEL", [OTHER] * 35, "maternal", 0.9, {"3"}, LIKELY),
        ("DEL", [OTHER] * 35, "de_novo", 1.05, {"3", "5A"}, PATHOGENIC),
        ("DEL", [WHOLE, *[OTHER] * 24], "unknown", 1.45, {"2A", "3", "5F"}, PATHOGENIC),
        ("DEL", [], "unknown", -0.6, {"1B", "3", "5F"}, UNCERTAIN),
        ("DUP", [WHOLE], "maternal", 0.0, {"3"}, UNCERTAIN),
        ("DUP", [replace(OTHER, facts=THIRD)], "maternal", 1.0, {"2A", "3"}, PATHOGENIC),
        ("DUP", [INSIDE], "maternal", 0.9, {"2I", "3"}, LIKELY),
        ("DUP", [OTHER] * 35, "maternal", 0.45, {"3"}, UNCERTAIN),
        ("DUP", [OTHER] * 50, "maternal", 0.9, {"3"}, LIKELY),
    ],
)
def test_points(
    svtype: str, taken: list[Taken], came: str, points: float, rules: set[str], class_: str
) -> None:
    found, criteria = scored(svtype, taken, came, confirmed=True)
    assert found == points
    assert {c["code"].removeprefix("CNV ") for c in criteria if c["met"]} == rules
    open_ = {c["code"]: c["reason"] for c in criteria if c["met"] is None}
    codes = ("2B", "2F", "2G", "4", "4O", "5B", "5C", "5D", "5E", "5G", "5H")
    assert set(open_) == {f"CNV {code}" for code in codes}
    assert all(open_.values())
    assert all(c["reason"] and c["said"] for c in criteria)
    assert cnv_class(found) == class_


@pytest.mark.parametrize(
    ("people", "points", "met", "class_"),
    [
        (None, 0.0, None, UNCERTAIN),
        (Common(), 0.0, False, UNCERTAIN),
        (Common(0.0099, "v"), 0.0, False, UNCERTAIN),
        (Common(0.01, "v"), -1.0, True, BENIGN),
    ],
)
def test_what_many_people_have(
    people: Common | None, points: float, met: bool | None, class_: str
) -> None:
    found, criteria = scored("DEL", [OTHER], "maternal", False, people)
    assert (found, cnv_class(found)) == (points, class_)
    assert [c["met"] for c in criteria if c["code"] == "CNV 4O"] == [met]


KNOWN = POPULATION_EVENTS.table(
    pl.DataFrame(
        [
            ("chr1", 1000, 2000, "DEL", 0.02, "small"),
            ("chr1", 1000, 4000, "DEL", 0.3, "large"),
            ("chr1", 1000, 2000, "DUP", 0.5, "gain"),
        ],
        schema=POPULATION_EVENTS.polars,
        orient="row",
    )
)


@pytest.mark.parametrize(
    ("svtype", "chrom", "start", "end", "expected"),
    [
        ("DEL", "chr1", 1000, 2000, Common(0.02, "small")),
        ("DEL", "chr1", 1500, 2500, Common(0.02, "small")),  # half of both
        ("DEL", "chr1", 1501, 2501, Common()),
        ("DEL", "chr1", 1000, 2500, Common(0.3, "large")),
        ("DUP", "chr1", 1000, 2000, Common(0.5, "gain")),
        ("DEL", "chr1", 0, 100_000, Common()),
        ("DEL", "chr2", 1000, 2000, None),  # the source knows nothing of it
    ],
)
def test_the_same_event_shares_half_of_both(
    svtype: str, chrom: str, start: int, end: int, expected: Common | None
) -> None:
    assert common(svtype, chrom, start, end, KNOWN) == expected
    assert common(svtype, chrom, start, end, None) is None
