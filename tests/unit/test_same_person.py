"""One genome under two names, and the cohort's frequency without the patient."""

from typing import Any

import polars as pl
import pytest
from report_case import BRCA1, findings, inputs, quality, rows

from shirube.contracts import CALLS, MEMBERS
from shirube.genome.genotype_rule import GenotypeRule
from shirube.quality.same_person import counted, same_person_gate
from shirube.report.model import report
from shirube.report.own_cohort import own_copies, without_own
from shirube.report.page.catalogue import LANGUAGES, Catalogue
from shirube.report.page.document import document
from shirube.report.page.html import html

GATES = {"same_person": {"max": 0.354, "action": "block"}}
SAYS = "duplicate of LUNG01-N: kinship 0.500 over 60 sites"


def members(reason: str | None = SAYS) -> pl.DataFrame:
    return rows(
        MEMBERS,
        {"sample": "LUNG01-N", "patient": "LUNG01", "counted": True},
        {"sample": "OTHER-N", "patient": "OTHER", "counted": False, "reason": reason},
    )


@pytest.mark.parametrize("patient", ["LUNG01", "OTHER"])
def test_both_people_of_one_genome_fail(patient: str) -> None:
    (row,) = same_person_gate(members(), patient, [patient], GATES).rows(named=True)
    assert (row["sample"], row["verdict"], row["action"]) == (f"{patient}-N", "fail", "block")
    assert (row["value"], row["sites"]) == (0.5, 60)
    # A report never names another patient.
    other = {"LUNG01": "OTHER", "OTHER": "LUNG01"}[patient]
    assert other not in f"{row['reason']} {row['said']}"


def test_twins_of_a_declared_family_warn() -> None:
    (row,) = same_person_gate(members(), "OTHER", ["LUNG01", "OTHER"], GATES).rows(named=True)
    assert (row["verdict"], row["action"]) == ("fail", "warn")


@pytest.mark.parametrize(
    "reason", [None, "relative (first degree) of LUNG01-N: kinship 0.250 over 60 sites",
               "no consent to cohort frequencies", "duplicate of GONE-N: kinship 0.5 over 9 sites"]
)  # fmt: skip
def test_nothing_else_is_one_genome(reason: str | None) -> None:
    assert same_person_gate(members(reason), "LUNG01", ["LUNG01"], GATES).is_empty()


def test_two_samples_of_one_person_are_no_two_people() -> None:
    own = members().with_columns(patient=pl.lit("LUNG01"))
    assert same_person_gate(own, "LUNG01", ["LUNG01"], GATES).is_empty()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_of_a_genome_with_two_names_is_blocked_and_says_why(language: str) -> None:
    gate = same_person_gate(members(), "LUNG01", ["LUNG01"], GATES)
    normal = pl.concat([quality("LUNG01-N"), gate])
    model = report(**inputs(quality={"LUNG01-N": normal, "LUNG01-T": quality("LUNG01-T")}))
    assert model["quality"]["blocked"]
    assert model["findings"] == []
    page = html(document(model, "0" * 64, language))
    assert Catalogue(language).term("gate", "same_person") in page


CALL: dict[str, Any] = {"filter": "PASS", "dosage": 1, "ploidy": 2, "gq": 60, "dp": 30,
                        "ad_alt": 14}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({}, (1, 2)),
        ({"dosage": 2, "ad_alt": 30}, (2, 2)),
        ({"ploidy": 1, "dp": 6, "ad_alt": 6}, (1, 1)),
        ({"gq": 10}, (0, 0)),
        ({"dp": 8}, (0, 0)),
        ({"ad_alt": 3}, (0, 0)),
        ({"filter": "LowGQ"}, (0, 0)),
        ({"dosage": None}, (0, 0)),
        ({"ploidy": None}, (0, 0)),
        ({"gq": None, "dp": None, "ad_alt": None}, (1, 2)),
    ],
)
def test_only_a_genotype_that_counts_is_taken_out(
    changed: dict[str, Any], wanted: tuple[int, int]
) -> None:
    assert own_copies({**CALL, **changed}, GenotypeRule()) == wanted
    assert own_copies(None, GenotypeRule()) == (0, 0)


@pytest.mark.parametrize(
    ("counts", "counts_patient", "origin", "wanted"),
    [
        ((3, 24), True, "germline", (2, 22)),
        ((3, 24), False, "germline", (3, 24)),
        ((3, 24), True, "somatic", (3, 24)),
        ((1, 2), True, "germline", (None, None)),  # nobody else
        ((None, None), True, "germline", (None, None)),
    ],
)
def test_the_cohort_without_the_patient(
    counts: tuple[int | None, int | None], counts_patient: bool, origin: str,
    wanted: tuple[int | None, int | None],
) -> None:  # fmt: skip
    place = {key: BRCA1[key] for key in ("chrom", "pos", "ref", "alt")}
    calls = rows(CALLS, {**place, "record": 0, **CALL})
    items = [{"origin": origin, "allele": place,
              "frequencies": {"cohort_ac": counts[0], "cohort_an": counts[1]}}]  # fmt: skip
    without_own(items, calls, GenotypeRule(), counts_patient)
    found: dict[str, Any] = items[0]["frequencies"]  # type: ignore[assignment]
    assert (found["others_ac"], found["others_an"]) == wanted
    known = wanted[1] is not None
    assert found["others_af"] == (wanted[0] / wanted[1] if known else None)  # type: ignore[operator]


def test_members_say_who_is_counted() -> None:
    assert counted(members(), "LUNG01-N")
    assert not counted(members(), "OTHER-N")
    assert not counted(members(), "NOBODY")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_the_frequency_without_the_patient(language: str) -> None:
    say = Catalogue(language).message
    row = {**BRCA1, "cohort_ac": 1, "cohort_an": 2, "cohort_af": 0.5}

    def alone(items: list[dict[str, Any]]) -> None:
        for item in items:
            item["frequencies"] |= {"others_ac": None, "others_an": None, "others_af": None}

    model = report(**inputs(finding_table=findings(row), others=alone))
    page = html(document(model, "0" * 64, language))
    assert say("cohort") in page
    assert say("frequency.no_others") in page
