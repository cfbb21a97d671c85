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
        (("rule", "PVS1.site.301+3"), "a splice site as 301[+]1"),
        (("rule", "PVS1.site.301+1"), "its new bases as A,C,T in evidence"),
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


BRCA1 = (0, 80, 54, 78, 89, 140, 106, 46, 77, 3426, 89, 172, 127, 191, 311, 88, 78, 41, 84, 55, 74,
         61, 125)  # fmt: skip


@pytest.mark.parametrize(
    ("consequence", "exon", "name", "points"),
    [
        ("splice_donor_variant", "i22/22", "c.5467+1G>A", 8),  # stops late, in the BRCT domains
        ("splice_acceptor_variant", "i22/22", "c.5468-2A>G", 8),  # the last exon
        ("splice_acceptor_variant", "i16/22", "c.5075-1G>A", 8),  # frame kept, BRCT domains
        ("splice_donor_variant", "i16/22", "c.5072_5074+2del", 8),  # no listed substitution
        ("splice_donor_variant", "i2/22", "c.80+1G>A", 8),  # the exon of the start codon
        ("start_lost", "2/23", "c.3G>A", 8),
        ("splice_acceptor_variant", "i1/22", "c.-19-2A>G", 0),
        ("splice_acceptor_variant", "i8/22", "c.594-2A>C", 0),  # an exon a used transcript lacks
        ("splice_acceptor_variant", "i10/22", "c.4097-1G>A", 8),  # not listed: by the tree
        ("splice_acceptor_variant", "i10/22", "c.4097-1G>C", 1),  # a site three bases on is used
        ("splice_donor_variant", "i10/22", "c.4096+1G>A", 2),
        ("splice_donor_variant", "i18/22", "c.5193+2T>C", 0),  # a donor still
        ("splice_donor_variant", "i18/22", "c.5193+2T>G", 8),
        ("exon_deletion", "16/23", "c.4987-1_5074+1del", 8),
        ("exon_deletion", "17/23", "c.5075-1_5152+1del", 4),  # the panel speaks of splice sites
    ],
)
def test_splice_sites_by_the_genes_own_rules(
    consequence: str, exon: str, name: str, points: int
) -> None:
    allele = {"gene": "BRCA1", "consequence": consequence, "exon": exon, "hgvs_c": name}
    context = Context(
        mechanism="loss", transcript=Transcript(BRCA1), rules=rules_with([SPECIFICATIONS])
    )
    found = {c["code"]: c for c in criteria(allele, context)}["PVS1"]
    assert found["points"] == points, found["reason"]
    other = {**allele, "mane": "not MANE", "hgvs_c": "c.4097-1G>C", "exon": "i10/22",
             "consequence": "splice_acceptor_variant"}  # fmt: skip
    found = {c["code"]: c for c in criteria(other, context)}["PVS1"]
    assert found["points"] == 8, "another transcript counts its bases otherwise"


def test_what_hits_a_splice_site_without_a_residue_is_judged_at_the_site() -> None:
    allele = {"gene": "G", "consequence": "splice_acceptor_variant&frameshift_variant",
              "exon": "4/5", "protein_pos": None, "hgvs_p": "p.?"}  # fmt: skip
    context = Context(mechanism="loss", transcript=Transcript((100, 200, 100, 200, 300)))
    found = {c["code"]: c for c in criteria(allele, context)}["PVS1"]
    assert "no gene model" not in found["reason"]
    assert found["points"] > 0


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
