"""Rules that stand as an expression and as a function say the same of every input."""

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shirube.contracts.annotation import UNTRUSTED
from shirube.contracts.knowledge import ENOUGH
from shirube.interpret.germline import highest
from shirube.interpret.rows import highest_frequency
from shirube.knowledge.significance import benign, is_benign, is_pathogenic, pathogenic

# Aggregate classifications as ClinVar writes them -> pathogenic, benign.
CLASSES = {
    "Pathogenic": (True, False),
    "Likely_pathogenic": (True, False),
    "Pathogenic/Likely pathogenic": (True, False),
    "Pathogenic, low penetrance": (True, False),
    "Likely pathogenic|drug response": (True, False),
    "Uncertain significance": (False, False),
    "Conflicting classifications of pathogenicity": (False, False),
    "Conflicting_interpretations_of_pathogenicity|other": (False, False),
    "Benign": (False, True),
    "Benign/Likely_benign": (False, True),
    "Likely benign|risk factor": (False, True),
    "Pathogenic|Benign": (False, False),  # one record of two conditions
    "drug response": (False, False),
    "not provided": (False, False),
    "": (False, False),
}
WORDS = ["Pathogenic", "benign", "Conflicting", "Likely_", "/", "|", "uncertain", "risk factor"]


def of_one(stated: str | None) -> tuple[bool, bool]:
    frame = pl.DataFrame({"stated": [stated]}, schema={"stated": pl.String})
    (row,) = frame.select(p=pathogenic(pl.col("stated")), b=benign(pl.col("stated"))).rows()
    return row


@pytest.mark.parametrize("stated", CLASSES)
def test_what_clinvar_calls_pathogenic_and_benign(stated: str) -> None:
    assert of_one(stated) == (is_pathogenic(stated), is_benign(stated)) == CLASSES[stated]


@example("Pathogenic|benign")
@example("Conflicting Pathogenic")
@example("Conflicting benign")
@given(st.none() | st.lists(st.sampled_from(WORDS), max_size=5).map("".join))
def test_classification_as_expression_and_as_function(stated: str | None) -> None:
    assert of_one(stated) == (is_pathogenic(stated), is_benign(stated))


KINDS = ("population", "japanese", "cohort")
SCHEMA = {
    f"{kind}_{name}": dtype
    for kind in KINDS
    for name, dtype in (("af", pl.Float64), ("an", pl.Int32), ("source", pl.String))
    if (kind, name) != ("cohort", "source")
}
values = {
    "af": st.none() | st.sampled_from([0.0, 0.001, 0.01, 0.2, 1.0]),
    "an": st.none() | st.sampled_from([0, ENOUGH - 1, ENOUGH, 150_000]),
    "source": st.none() | st.sampled_from(["a", f"gnomAD eas ({UNTRUSTED})"]),
}
alleles = st.fixed_dictionaries({name: values[name.split("_")[1]] for name in SCHEMA})


def by_expression(allele: dict[str, object]) -> float | None:
    return pl.DataFrame([allele], schema=SCHEMA).select(highest()).item()


@given(alleles)
def test_highest_frequency_as_expression_and_as_function(allele: dict[str, object]) -> None:
    found = highest_frequency(allele)
    assert by_expression(allele) == (None if found is None else found.af)


NOTHING: dict[str, object] = dict.fromkeys(SCHEMA)


@pytest.mark.parametrize(
    ("allele", "expected"),
    [
        ({"population_af": 0.2, "population_an": ENOUGH, "population_source": "a"}, 0.2),
        ({"population_af": 0.2, "population_an": ENOUGH - 1, "population_source": "a"}, None),
        ({"population_af": 0.2, "population_an": None, "population_source": "a"}, None),
        ({"japanese_af": 0.3, "japanese_an": 9000, "japanese_source": f"b ({UNTRUSTED})"}, None),
        ({"cohort_af": 0.4, "cohort_an": ENOUGH}, 0.4),
        (
            {"japanese_af": 0.3, "japanese_an": 9000, "japanese_source": "b"}
            | {"population_af": 0.9, "population_an": 10, "population_source": "a"},
            0.3,
        ),
    ],
)
def test_which_frequencies_are_evidence(allele: dict[str, object], expected: float | None) -> None:
    found = highest_frequency(NOTHING | allele)
    assert by_expression(NOTHING | allele) == expected
    assert (None if found is None else found.af) == expected
