"""Each criterion against the worked examples of the publication it comes from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from criterion_cases import Case, cases, points_of, wrong_motifs

from shirube.errors import InputError
from shirube.interpret.acmg import criteria
from shirube.interpret.context import Context
from shirube.interpret.pvs1 import Transcript
from shirube.interpret.rules import TABLE, general, rules_with


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_points(case: Case) -> None:
    assert points_of(case) == case["points"], f"{case['source']}, {case['place']}"


def test_every_criterion_that_is_computed_has_a_case() -> None:
    asked = {code for case in cases() for code in case["criterion"].split("+")}
    stated = {rule.code for rule in general().rows if "." in rule.rule and rule.points is not None}
    assert {code for code in stated if code.isalnum()} - asked - {"class"} == set()


SPECIFICATIONS = TABLE.with_name("clingen_specifications.tsv")


def test_a_genes_own_row_stands_in_place_of_the_general_one_and_says_whose_it_is() -> None:
    rules = rules_with([SPECIFICATIONS])
    stop = {"consequence": "stop_gained", "protein_pos": 1450, "gene": "APC"}
    context = Context(mechanism="loss", transcript=Transcript((100, 200, 8232)), rules=rules)
    found = {c["code"]: c for c in criteria(stop, context)}["PVS1"]
    assert found["points"] == 8
    assert "ClinGen InSiGHT APC VCEP" in found["reason"]
    assert "unverified" in found["reason"]
    general_one = {c["code"]: c for c in criteria(stop, replace(context, rules=general()))}["PVS1"]
    assert general_one["points"] == 4
    other = {c["code"]: c for c in criteria({**stop, "gene": "FAT1"}, context)}["PVS1"]
    assert other["points"] == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("rule", "PVS1.nowhere"), "a rule of acmg_criteria.tsv"),
        (("test", "=>"), "test one of >="),
        (("threshold", "many"), "a number in threshold"),
        (("verified", "perhaps"), "yes or no in verified"),
    ],
)
def test_a_table_of_specifications_that_cannot_be_read_is_refused(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    rows = [line.split("\t") for line in SPECIFICATIONS.read_text().splitlines()[:2]]
    rows[1][rows[0].index(change[0])] = change[1]
    path = tmp_path / "own.tsv"
    path.write_text("\n".join("\t".join(row) for row in rows) + "\n")
    with pytest.raises(InputError, match=message):
        rules_with([path])


def test_a_rule_twice_for_one_gene_is_refused(tmp_path: Path) -> None:
    lines = SPECIFICATIONS.read_text().splitlines()
    path = tmp_path / "own.tsv"
    path.write_text("\n".join([*lines[:2], lines[1]]) + "\n")
    with pytest.raises(InputError, match="one row a rule and gene"):
        rules_with([path])


def test_scores_kept_in_32_bits_meet_their_threshold() -> None:
    revel = float(np.float32(0.644))
    assert revel < 0.644
    allele = {"consequence": "missense_variant", "protein_pos": 60}
    found = {c["code"]: c for c in criteria(allele, Context(revel=revel))}
    assert found["PP3"]["points"] == 1


def test_what_was_not_seen_in_the_source_is_said() -> None:
    allele = {"consequence": "missense_variant", "protein_pos": 60}
    context = Context(alphamissense=0.95)
    found = {c["code"]: c for c in criteria(allele, context)}
    assert found["PP3"]["source"] == "Bergquist 2024, PMID 39345488 (unverified)"


def test_splice_motifs_on_either_strand() -> None:
    assert list(wrong_motifs(general())) == []
