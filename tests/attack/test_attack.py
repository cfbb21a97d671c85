"""The attack in short: nothing with every defence, something with each one off."""

import pytest
from adversary import DEFENCES, LEAK, attack
from real_history import recovered_from_files


def test_nothing_is_recovered() -> None:
    histories, releases, cells, genotypes, fixed = attack("", 300, 1)
    assert (histories, genotypes, fixed) == (300, 0, 0)
    assert releases > 300
    assert cells > 2000


@pytest.mark.parametrize("off", DEFENCES)
def test_each_defence_is_needed(off: str) -> None:
    """The attack finds what the others leave: it works, and none of them is idle."""
    for first in range(0, 4000, 50):
        *_, genotypes, fixed = attack(off, 50, 1, first)
        if fixed if off == "bounds" else genotypes:
            return
    pytest.fail(f"4000 histories without {off} gave nothing")


def test_real_releases_and_answers_give_nobody_away() -> None:
    *_, questions, cells, found = recovered_from_files(range(LEAK, LEAK + 1))
    assert (questions, cells > 10, found) == (3, True, 0)
    *_, found = recovered_from_files(range(LEAK, LEAK + 1), defended=False)
    assert found
