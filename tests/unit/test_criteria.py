"""Each criterion against the worked examples of the publication it comes from."""

import pytest
from criterion_cases import Case, cases, points_of

from shirube.interpret.rules import general


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_points(case: Case) -> None:
    assert points_of(case) == case["points"], f"{case['source']}, {case['place']}"


def test_every_criterion_that_is_computed_has_a_case() -> None:
    asked = {code for case in cases() for code in case["criterion"].split("+")}
    stated = {rule.code for rule in general().rows if "." in rule.rule and rule.points is not None}
    assert {code for code in stated if code.isalnum()} - asked - {"class"} == set()
