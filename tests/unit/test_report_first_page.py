"""The first page: what each drug's evidence rests on, what to do next, what stays open."""

from pathlib import Path
from typing import Any

import pytest
from report_case import BRCA1, EGFR, FUSION, evidence, findings, inputs, rows, target

from shirube.contracts.knowledge_cancer import EVIDENCE_BASIS
from shirube.contracts.samples import TARGETS
from shirube.errors import InputError
from shirube.knowledge.civic_assertions import read_assertions
from shirube.report.basis import basis_of, known_bases
from shirube.report.model import report
from shirube.report.page.catalogue import LANGUAGES, Catalogue
from shirube.report.page.document import document
from shirube.report.page.first_page import in_brief
from shirube.report.page.text import visible
from shirube.report.page.therapies import drug_names, therapy_columns

ASSERTION = (
    *("assertion_id", "therapies", "assertion_direction", "evidence_item_ids"),
    *("nccn_guideline", "nccn_guideline_version", "regulatory_approval", "fda_companion_test"),
)


def assertions(folder: Path, *rows: tuple[str, ...]) -> Path:
    path = folder / "assertions.tsv"
    path.write_text("\n".join("\t".join(row) for row in (ASSERTION, *rows)) + "\n")
    return path


def section(name: str, language: str = "en", **changed: object) -> list[dict[str, Any]]:
    made = document(report(**inputs(**changed)), "0" * 64, language)
    return next(s for s in made["sections"] if s["id"] == name)["blocks"]


def test_assertions_tell_approvals_from_guidelines(tmp_path: Path) -> None:
    path = assertions(
        tmp_path,
        ("5", "Afatinib", "Supports", "2997,EID2629", "", "", "true", "true"),
        ("6", "Osimertinib", "supports", "229", "Non-Small Cell Lung", "3.2018", "", ""),
        ("7", "Cetuximab", "Does Not Support", "77", "Colon", "1", "true", ""),
    )
    rows = read_assertions(path).select("id", "therapies", "basis", "stated").rows()
    assert rows == [
        ("EID229", "osimertinib", "guideline", "NCCN Non-Small Cell Lung (3.2018), CIViC AID6"),
        ("EID2629", "afatinib", "fda", "CIViC AID5"),
        ("EID2997", "afatinib", "fda", "CIViC AID5"),
    ]


def test_assertions_refuse_other_words_than_true_and_false(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="regulatory_approval"):
        read_assertions(assertions(tmp_path, ("5", "X", "Supports", "1", "", "", "perhaps", "")))


def test_an_item_rests_on_what_is_stated_for_its_own_drugs(tmp_path: Path) -> None:
    path = assertions(
        tmp_path,
        ("5", "Gefitinib,Erlotinib", "Supports", "229", "NSCLC", "1.2020", "true", ""),
    )
    known = known_bases(read_assertions(path), [])
    both = evidence(229, therapies="erlotinib, Gefitinib")
    assert basis_of(both, known)[0] == ["fda", "guideline"]
    assert basis_of(evidence(229), known) == (["established"], [])  # other drugs: its level alone
    assert basis_of(evidence(1, level="B"), known) == (["trial"], [])
    assert basis_of(evidence(1, level=None), known) == ([], [])
    assert basis_of(evidence(1, source="japan_approvals", level="A"), known) == (["japan"], [])


def test_approvals_guidelines_and_trials_stand_apart() -> None:
    stated = [
        {"source": "CIViC", "id": "EID1", "therapies": "erlotinib", "basis": "fda",
         "stated": "FDA approval of 2013-05-14", "verified": "yes"},
        {"source": "CIViC", "id": "EID2", "therapies": "gefitinib", "basis": "guideline",
         "stated": "NCCN", "verified": "yes"},
    ]  # fmt: skip
    known = known_bases(EVIDENCE_BASIS.empty(), stated)
    given = [
        evidence(1, therapies="Erlotinib"),
        evidence(2, therapies="Gefitinib"),
        evidence(3, therapies="Osimertinib"),
        evidence(4, therapies="Erlotinib,Ramucirumab", interaction="combination", level="B"),
        evidence(5, source="japan_approvals", therapies="afatinib, dacomitinib"),
        evidence(6, therapies="Cetuximab", significance="Resistance"),
    ]
    table = findings({**EGFR, "evidence": given})
    card = section("summary", finding_table=table, bases=known)[0]
    say = Catalogue("en").message
    drugs = {c["label"]: c["value"]["text"] for c in card["columns"]}
    assert drugs == {
        say("basis.japan"): "Afatinib; Dacomitinib",
        say("basis.fda"): "Erlotinib",
        say("basis.guideline"): "Gefitinib",
        say("basis.established"): "Osimertinib",
        say("basis.trial"): "Erlotinib + Ramucirumab",
        say("basis.resistance"): "Cetuximab",
    }
    full = section("somatic", finding_table=table, bases=known)[0]
    captions = [b["caption"] for b in full["blocks"] if b["type"] == "table"]
    assert captions[:5] == [say(f"basis.{k}") for k in
                            ("japan", "fda", "guideline", "established", "trial")]  # fmt: skip


def test_an_approval_for_another_tumour_says_so() -> None:
    other = evidence(1, source="japan_approvals", level="C", same_disease=False)
    item = report(**inputs(finding_table=findings({**EGFR, "evidence": [other]})))["findings"][0]
    for language in LANGUAGES:
        say = Catalogue(language)
        shown = therapy_columns(item, say)[0]["value"]["text"]
        assert shown == say.message("drugs.other", names=say.drug("Osimertinib"))


def test_alternatives_and_combinations_are_not_mixed_up() -> None:
    say = Catalogue("ja")
    approved = evidence(1, source="japan_approvals", therapies="alectinib, crizotinib")
    assert drug_names(approved, say) == ["アレクチニブ", "クリゾチニブ"]
    both = evidence(1, source="japan_approvals", therapies="dabrafenib+trametinib")
    assert drug_names(both, say) == ["ダブラフェニブ＋トラメチニブ"]
    choice = evidence(1, therapies="Dasatinib,Nilotinib", interaction="substitutes")
    assert drug_names(choice, say) == ["ダサチニブ", "ニロチニブ"]
    unsaid = evidence(1, therapies="Encorafenib,Cetuximab")
    assert drug_names(unsaid, say) == ["エンコラフェニブ・セツキシマブ"]
    spelled_out = evidence(1, therapies=visible("x\u202ey"))
    assert drug_names(spelled_out, say) == ["X<U+202E>y"]


def test_targets_of_the_diagnosis_that_all_have_findings_are_not_called_missing() -> None:
    say = Catalogue("en").message
    listed = (("EGFR", "chr7"), ("PIK3CA", "chr3"))  # the second: evidence for another diagnosis
    table = rows(TARGETS, *(target(gene, chrom, 55191000, 140) for gene, chrom in listed))
    tables = dict.fromkeys(("LUNG01-N", "LUNG01-T"), table)
    notes = [b["text"] for b in section("summary", targets=tables) if b["type"] == "note"]
    assert say("brief.all_own") in notes
    elsewhere = {**EGFR, "evidence": [evidence(1, same_disease=False)]}
    told = section("summary", targets=tables, finding_table=findings(elsewhere))
    assert say("brief.no_own") in [b["text"] for b in told if b["type"] == "note"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_no_target_was_looked_for_none_is_counted(language: str) -> None:
    say, model = Catalogue(language).message, dict(report(**inputs()))
    counts = say("summary.counts.unlisted", findings=len(model["findings"]))
    for changed, told in (({}, False), ({"not_found": [], "not_assessable": []}, True)):
        made = document({**model, **changed}, "0" * 64, language)
        blocks = next(s for s in made["sections"] if s["id"] == "summary")["blocks"]
        notes = [b["text"] for b in blocks if b["type"] == "note"]
        assert any(text.startswith(counts) for text in notes) == told


def test_genotypes_stand_without_markers_where_there_is_no_tumour() -> None:
    say = Catalogue("ja")
    gene = {"gene": "NUDT15", "diplotypes": [{"name": "*1/*3"}], "diplotype_count": 1,
            "status": "called", "phenotype": "Intermediate Metabolizer"}  # fmt: skip
    drug = {"altered": True, "genes": "NUDT15", "drugs": "mercaptopurine"}
    model = dict(report(**inputs()))
    model["pharmacogenomics"] = {"genes": [gene], "recommendations": [drug]}
    (both,) = in_brief(model, say)
    (alone,) = in_brief({**model, "markers": []}, say)
    assert both["caption"] == say.message("brief.markers")
    assert alone["caption"] == say.message("brief.genotypes")
    assert "TMB" not in str(alone)


def test_next_steps_follow_from_the_finding() -> None:
    say = Catalogue("en").message
    cards = {b["id"]: b["steps"] for b in section("summary") if b["type"] == "summary"}
    assert cards[EGFR["finding"]] == [say("step.confirm"), say("step.panel.may_omit")]
    assert cards[BRCA1["finding"]] == [say("step.confirm"), say("step.counsel")]
    alone = section("summary", finding_table=findings({**EGFR, "origin": "unknown"}))[0]
    assert say("step.origin") in alone["steps"]
    agreed = section("summary", finding_table=findings({**FUSION, "japan_level": "B"}))[0]
    assert say("step.panel.agreed_list") in agreed["steps"]


def test_a_germline_finding_for_therapy_bears_on_the_family_too() -> None:
    row = {**BRCA1, "japan_level": "A", "evidence": [evidence(1, therapies="Olaparib")]}
    row["detail"] = '{"second_hit": {"state": "ref_lost", "normal_ad": 19, "normal_dp": 32}}'
    changed = {"finding_table": findings(row)}
    tiles = next(b for b in section("identity", **changed) if b["type"] == "tiles")["items"]
    say = Catalogue("en").message
    told = {t["label"]: t["detail"] for t in tiles}
    assert told[say("tile.therapy")] == told[say("tile.germline")] == row["name"]
    card = section("summary", **changed)[0]
    assert say("step.counsel") in card["steps"]
    assert any("19/32" in value["text"] for _, value in card["facts"])


def test_the_first_page_says_what_stays_open_for_this_diagnosis() -> None:
    say = Catalogue("en")
    blocks = section("summary")
    tables = {b["caption"]: b["rows"] for b in blocks if b["type"] == "table"}
    negative = tables[say.message("brief.not_found")]
    assert any("BRAF" in row[1]["text"] for row in negative)
    open_ = tables[say.message("brief.open")]
    assert {row[0]["text"] for row in open_} >= {say.term("why", "no_reads")}
    tiles = next(b for b in section("identity") if b["type"] == "tiles")["items"]
    assert tiles[0]["label"] == say.message("quality")
    assert tiles[-1]["tone"] == "warning"
    assert "MET" in tiles[-1]["detail"]
