"""The data dictionary in docs is the one the contracts give."""

from pathlib import Path

from shirube.contracts import CONTRACTS
from shirube.dictionary import dictionary

DOCS = Path(__file__).parents[2] / "docs"


def test_docs_are_current() -> None:
    assert (DOCS / "data-dictionary.md").read_text() == dictionary(CONTRACTS), (
        "run `shirube dictionary > docs/data-dictionary.md`"
    )


def test_every_column_has_a_meaning() -> None:
    assert "|  |" not in dictionary(CONTRACTS)
