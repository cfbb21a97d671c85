"""Segregation in meioses: the published counts, and families by size, sex and place."""

from math import log2
from typing import Any

import pytest

from shirube.interpret.context import Segregation
from shirube.rare.segregation import Kin, chance, dominant, recessive


def family(**affected: bool | None) -> dict[str, Kin]:
    """Three generations: grandparents, an uncle and his child, parents, the patient P, siblings."""
    tree = {
        "GF": (None, None, "XY"), "GM": (None, None, "XX"), "UNCLE": ("GF", "GM", "XY"),
        "COUSIN": ("UNCLE", None, "XX"), "FATHER": ("GF", "GM", "XY"), "MOTHER": (None, None, "XX"),
        "P": ("FATHER", "MOTHER", "XY"), "BROTHER": ("FATHER", "MOTHER", "XY"),
        "SISTER": ("FATHER", "MOTHER", "XX"), "HALF": ("FATHER", None, "XY"),
    }  # fmt: skip
    return {n: Kin(n, f, m, sex, affected.get(n)) for n, (f, m, sex) in tree.items()}


@pytest.mark.parametrize(
    ("carriers", "expected"),
    [
        ({"MOTHER": True}, 1 / 2),
        ({"BROTHER": True}, 1 / 2),
        ({"BROTHER": True, "SISTER": True}, 1 / 4),
        ({"HALF": True}, 1 / 4),
        ({"UNCLE": True}, 1 / 4),
        ({"COUSIN": True}, 1 / 8),
        ({"FATHER": True, "UNCLE": True, "COUSIN": True}, 1 / 8),
        ({"MOTHER": False}, 1 / 2),
        ({}, 1.0),
    ],
)
def test_chance_is_the_share_of_meioses_that_could_have_gone_otherwise(
    carriers: dict[str, bool], expected: float
) -> None:
    assert chance(family(), "P", carriers) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("chrom", "carriers", "expected"),
    [
        ("chrX", {"MOTHER": True}, 1.0),  # a man's X is his mother's: nothing by chance
        ("chrX", {"BROTHER": True}, 1 / 2),
        ("chrX", {"FATHER": True}, 0.0),
        ("chrY", {"FATHER": True, "UNCLE": True, "BROTHER": True}, 1.0),
        ("chrM", {"SISTER": True, "BROTHER": True}, 1.0),
    ],
)
def test_chance_by_place(chrom: str, carriers: dict[str, bool], expected: float) -> None:
    assert chance(family(), "P", carriers, chrom, single=True) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("affected", "dosage", "full", "meioses", "without"),
    [
        ({"BROTHER": True}, {"BROTHER": 1}, False, 1, 0),
        ({"BROTHER": True, "SISTER": True, "FATHER": True}, {"BROTHER": 1, "SISTER": 1,
          "FATHER": 1}, False, 3, 0),
        ({"COUSIN": True}, {"COUSIN": 1}, False, 3, 0),
        # A relative who is well counts only where everybody with the allele is ill.
        ({"BROTHER": True, "SISTER": False}, {"BROTHER": 1, "SISTER": 0}, False, 1, 0),
        ({"BROTHER": True, "SISTER": False}, {"BROTHER": 1, "SISTER": 0}, True, 2, 0),
        ({"BROTHER": True, "SISTER": True}, {"BROTHER": 1, "SISTER": 0}, False, 1, 1),
        ({"BROTHER": False}, {"BROTHER": 1}, False, 0, 0),
    ],
)  # fmt: skip
def test_dominant(
    affected: dict[str, Any], dosage: dict[str, int], full: bool, meioses: float, without: int
) -> None:
    found = dominant(family(**affected), "P", dosage, full)
    assert found == Segregation(pytest.approx(meioses), without)


def test_nobody_whose_status_is_known_says_nothing() -> None:
    assert dominant(family(), "P", {"BROTHER": 1, "SISTER": 0}, False) is None
    assert recessive(family(), "P", {"BROTHER": True}) is None
    assert recessive(family(COUSIN=True), "P", {"COUSIN": True}) is None


@pytest.mark.parametrize(
    ("affected", "both", "meioses", "without"),
    [
        ({"BROTHER": True}, {"BROTHER": True}, 2, 0),
        ({"BROTHER": True, "SISTER": True}, {"BROTHER": True, "SISTER": True}, 4, 0),
        ({"BROTHER": True}, {"BROTHER": False}, 0, 1),
        ({"SISTER": False}, {"SISTER": False}, log2(4 / 3), 0),
        ({"SISTER": False}, {"SISTER": True}, 0, 0),
    ],
)
def test_recessive(
    affected: dict[str, Any], both: dict[str, bool], meioses: float, without: int
) -> None:
    found = recessive(family(**affected), "P", both)
    assert found == Segregation(pytest.approx(meioses), without)


def test_a_family_too_large_to_enumerate_is_left_to_a_person() -> None:
    people = family() | {f"C{n}": Kin(f"C{n}", "UNCLE", None) for n in range(20)}
    assert chance(people, "P", {"BROTHER": True}) is None
