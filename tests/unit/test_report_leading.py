"""Which findings lead the first page, in which order, and which evidence may stand there."""

import json
from typing import Any

import pytest
from report_case import BRCA1, EGFR, FUSION, evidence, findings, inputs

from shirube.report.leading import disputed, leading_resistance, resisted
from shirube.report.model import report
from shirube.report.page.catalogue import LANGUAGES, Catalogue
from shirube.report.page.document import document
from shirube.report.panel.content import rows

RESISTANT = {"significance": "Resistance", "therapies": "Olaparib"}
TP53 = {
    **EGFR,
    "finding": "snv:chr17:7675088:C:T",
    "gene": "TP53",
    "name": "TP53 p.Arg175His",
    "amp_tier": "I-B",
    "japan_level": None,
    "evidence": [evidence(9, significance="Poor Outcome", therapies=None, level="B")],
}
INHERITED = {
    **BRCA1,
    "amp_tier": "I-A",
    "japan_level": "A",
    "evidence": [
        evidence(1, therapies="Olaparib", level="A"),
        evidence(2, **RESISTANT, level="B"),
    ],
}
MSI = {
    **FUSION,
    "finding": "biomarker-MSI",
    "section": "biomarkers",
    "kind": "biomarker",
    "gene": "MSI",
    "name": "MSI-High",
}


def summary(*given: dict[str, Any], language: str = "en") -> list[dict[str, Any]]:
    """The cards of the first page."""
    made = document(report(**inputs(finding_table=findings(*given))), "0" * 64, language)
    blocks = next(s for s in made["sections"] if s["id"] == "summary")["blocks"]
    return [b for b in blocks if b["type"] == "summary"]


def item(*given: dict[str, Any]) -> dict[str, Any]:
    """A finding of the model with this evidence."""
    return dict(
        report(**inputs(finding_table=findings({**EGFR, "evidence": given})))["findings"][0]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_inherited_finding_of_level_a_leads_and_no_weak_resistance_stands(language: str) -> None:
    say = Catalogue(language)
    first, second = summary(TP53, INHERITED, language=language)
    assert (first["title"], second["title"]) == (BRCA1["name"], TP53["name"])
    assert say.message("basis.resistance") not in {c["label"] for c in first["columns"]}
    assert first["tone"] != "danger"
    badges = {b["label"]: b["text"] for b in first["badges"]}
    assert badges[say.message("tier.japan")] == "A"
    assert badges[say.message("tier.amp")] == "I-A"


def test_the_order_is_of_level_and_tier_whatever_the_section() -> None:
    level_b = {**EGFR, "japan_level": "B", "amp_tier": "I-B"}
    more, less = ({**level_b, "finding": name, "name": name, "vaf": v}
                  for name, v in (("major", 0.6), ("minor", 0.1)))  # fmt: skip
    carried = {**BRCA1, "finding": "snv:chr13:1:A:C", "name": "a carried one", "gene": "PALB2"}
    listed = summary(less, more, carried, MSI, INHERITED)
    assert [c["title"] for c in listed] == [
        "MSI-High", BRCA1["name"], "major", "minor", "a carried one"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("against", "support", "leads"),
    [
        ({"level": "B"}, {"level": "A"}, False),  # a small trial against an approval
        ({"level": "B"}, {"level": "B"}, False),  # at odds
        ({"level": "A"}, {"level": "B"}, True),
        ({"level": "B"}, {"level": "A", "same_disease": False}, True),
        ({"level": "B"}, {"level": "A", "therapies": "Niraparib"}, True),
        ({"level": "B"}, {"level": "A", "therapies": "Olaparib,Niraparib"}, True),
        ({"level": "B"}, {"level": "A", "therapies": "Olaparib,Niraparib",
                          "interaction": "Substitutes"}, False),
        ({"level": "C"}, {"level": "D"}, False),  # weaker evidence does not lead
        ({"level": "A", "same_disease": False}, {"level": "D"}, False),
    ],
)  # fmt: skip
def test_resistance_leads_only_where_it_decides(
    against: dict[str, Any], support: dict[str, Any], leads: bool
) -> None:
    given = item(
        evidence(1, **{"therapies": "Olaparib", **support}), evidence(2, **RESISTANT, **against)
    )
    assert bool(leading_resistance(given)) is leads


def test_a_combination_supports_none_of_its_drugs_alone() -> None:
    approved = evidence(1, source="japan_approvals", therapies="encorafenib+cetuximab")
    alone = evidence(2, significance="Resistance", therapies="Cetuximab", level="A")
    assert leading_resistance(item(approved, alone))
    assert disputed(item(approved, alone)) == []
    assert disputed(item({**approved, "therapies": "panitumumab, cetuximab"}, alone)) == [
        frozenset({"cetuximab"})
    ]


def test_resistance_of_weak_evidence_alone_is_not_on_the_first_page() -> None:
    weak = {**EGFR, "japan_level": "R", "amp_tier": "II-D", "evidence": [
        evidence(1, **RESISTANT, level="D")]}  # fmt: skip
    assert summary(weak) == []
    strong = {**weak, "amp_tier": "I-A", "evidence": [evidence(1, **RESISTANT, level="A")]}
    assert [c["tone"] for c in summary(strong)] == ["danger"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_alleles_in_trans_are_one_card(language: str) -> None:
    say = Catalogue(language)

    def allele(name: str, other: str, trans: bool | None) -> dict[str, Any]:
        detail = {"mode": "recessive, compound heterozygous", "leading_class": "Pathogenic",
                  "partners": [{"name": other, "trans": trans}],
                  "clinvar_conditions": "Cystinosis",
                  "phenotype": {"terms": [{"term": "HP:0000407", "name": "Hearing impairment",
                                           "name_ja": "難聴",
                                           "matched": "HP:0000407"}]}}  # fmt: skip
        return {**BRCA1, "section": "rare", "gene": "GJB2", "name": name, "finding": name,
                "inheritance": "maternal", "detail": json.dumps(detail)}  # fmt: skip

    one, two = "GJB2 p.Val37Ile", "GJB2 p.Leu79CysfsTer74"
    (card,) = summary(allele(one, two, True), allele(two, one, True), language=language)
    assert one in card["title"]
    assert two in card["title"]
    facts = {label: value["text"] for label, value in card["facts"]}
    assert say.term("zygosity", "heterozygous") in facts[one]
    assert say.term("inheritance", "maternal") in facts[two]
    assert "(HP:0000407)" in facts[say.message("rare.phenotype")]
    assert facts[say.message("rare.disease")]
    assert len(summary(allele(one, two, None), allele(two, one, None))) == 2


DELETION = {**EGFR, "finding": "snv:chr7:55174772:A:G", "name": "EGFR p.Glu746_Ala750del",
            "evidence": [evidence(3, therapies="Gefitinib,Osimertinib", level="A",
                                  interaction="Substitutes")]}  # fmt: skip
GATEKEEPER = {"significance": "Resistance", "therapies": "Gefitinib"}


@pytest.mark.parametrize(
    ("against", "named"),
    [
        ({**GATEKEEPER, "level": "A"}, ["gefitinib"]),
        ({**GATEKEEPER, "level": "D"}, []),  # too weak to stand on page one
        ({**GATEKEEPER, "level": "A", "therapies": "Afatinib"}, []),  # opens nothing here
        ({**GATEKEEPER, "level": "A", "therapies": "Gefitinib,Bevacizumab",
          "interaction": "Combination"}, []),  # another regimen
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drug_that_another_finding_resists_is_said_on_its_card(
    against: dict[str, Any], named: list[str], language: str
) -> None:
    other = {**EGFR, "finding": "snv:chr7:55181378:C:T", "name": "EGFR p.Thr790Met",
             "evidence": [evidence(4, **against)]}  # fmt: skip
    model = report(**inputs(finding_table=findings(DELETION, other)))
    by_name = {one["name"]: one for one in model["findings"]}
    pairs = resisted(by_name[DELETION["name"]], model["findings"])
    assert [sorted(drugs) for drugs, _ in pairs] == ([named] if named else [])
    say = Catalogue(language)
    told = [
        say.message("step.resisted", drug=say.drug(name), finding="EGFR p.Thr790Met")
        for name in named
    ]
    cards = {card["title"]: card for card in summary(DELETION, other, language=language)}
    steps = cards[DELETION["name"]]["steps"]
    assert [s for s in steps if "p.Thr790Met" in s] == told
    shown = {row.title: row.points for row in rows(model, say)}
    assert [p for p in shown[DELETION["name"]] if "p.Thr790Met" in p] == told
