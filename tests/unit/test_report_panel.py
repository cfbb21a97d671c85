"""The panel sheet: one page whatever is found, nothing to act on left out, proposals from facts."""

import copy
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pypdf import PdfReader
from report_case import (
    BRCA1,
    EGFR,
    FUSION,
    PATIENT,
    clinical_evidence,
    evidence,
    findings,
    inputs,
    quality,
    rows,
)

from shirube.contracts import CLINICAL_EVIDENCE, WITHHELD
from shirube.report.model import checked, report
from shirube.report.page.catalogue import LANGUAGES, Catalogue
from shirube.report.panel.content import sheet
from shirube.report.panel.listing import COLUMNS, guarded, listed, panel_csv, plain
from shirube.report.panel.print import panel_pdf
from shirube.report.parity import differences
from shirube.report.schema import report_schema

TABLE = Path(__file__).parents[2] / "resources/confirmation_tests.tsv"
TESTS = pl.read_csv(TABLE, separator="\t", infer_schema=False).rows(named=True)
DIGEST = "0" * 64


def made(**changed: object) -> dict[str, Any]:
    model = report(**inputs(tests=TESTS, **changed))
    checked(model, report_schema())
    return model


def text_of(data: bytes) -> str:
    pages = PdfReader(io.BytesIO(data)).pages
    assert len(pages) == 1
    assert {round(float(x)) for x in pages[0].mediabox[2:]} == {595, 842}
    return "".join(pages[0].extract_text().split())


def many(count: int, **changed: object) -> list[dict[str, Any]]:
    return [
        {**EGFR, "finding": f"snv:chr7:{n}:T:G", "pos": n, "name": f"EGFR p.Leu{n}Arg", **changed}
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [0, 1, 9, 200])
def test_one_page_names_every_finding_it_can_and_counts_the_rest(count: int, language: str) -> None:
    table = findings(*many(count)) if count else findings(BRCA1).clear()
    model = made(finding_table=table)
    data = panel_pdf(model, DIGEST, language)
    text = text_of(data)
    say = Catalogue(language).message
    if not count:
        assert "".join(say("summary.none").split()) in text
    elif count < 100:
        assert differences(model, {f"panel.{language}.pdf": data}) == []
        assert all(f"EGFRp.Leu{n}Arg" in text for n in range(1, count + 1))
    else:  # more than a page can name: the count of all is stated
        rows_ = sheet(model, DIGEST, language, 5)
        assert say("panel.named", count=195, names="")[:12] in "".join(rows_["notes"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_without_findings_is_read_back(language: str) -> None:
    model = made(finding_table=findings(EGFR).clear())
    sheets = {
        f"panel.{language}.pdf": panel_pdf(model, DIGEST, language),
        f"panel.{language}.csv": panel_csv(model, DIGEST, language),
    }
    assert model["summary"] == []
    assert differences(model, sheets) == []


def test_two_alleles_in_trans_stand_together() -> None:
    rare = {**BRCA1, "section": "rare", "gene": "ABCA4", "inheritance": "maternal"}
    first = {**rare, "name": "ABCA4 c.1A>G", "finding": "snv:chr1:1:A:G"}
    other = {**rare, "name": "ABCA4 c.9C>T", "finding": "snv:chr1:9:C:T", "classification": None}
    first["detail"] = json.dumps({"partners": [{"name": other["name"], "trans": True}]})
    between = {**rare, "name": "USH2A c.5G>A", "finding": "snv:chr1:5:G:A", "gene": "USH2A"}
    model = made(finding_table=findings(first, between, other))
    names = [row["panel.name"] for row in listed(panel_csv(model, DIGEST, "ja"))]
    assert names == ["ABCA4 c.1A>G", "ABCA4 c.9C>T", "USH2A c.5G>A"]
    assert "トランスABCA4c.9C>T" in text_of(panel_pdf(model, DIGEST, "ja"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_holds_every_finding_in_the_order_of_the_sheet(language: str) -> None:
    weak = {"amp_tier": "III", "japan_level": None, "evidence": []}
    model = made(finding_table=findings(*many(30, **weak), FUSION, BRCA1))
    found = listed(panel_csv(model, DIGEST, language))
    assert [row["panel.name"] for row in found[:2]] == ["EML4::ALK", "BRCA1 p.Arg1751Ter"]
    assert len(found) == 32
    assert differences(model, {f"panel.{language}.csv": panel_csv(model, DIGEST, language)}) == []


def test_a_sheet_that_says_otherwise_is_seen() -> None:
    model = made()
    data = panel_pdf(model, DIGEST, "ja")
    assert differences(model, {"panel.ja.pdf": data}) == []
    for place, value in (("hgvs_p", "p.Leu858Gln"), ("name", "EGFR p.Leu858Gln"), ("id", "snv:1")):
        other = copy.deepcopy(model)
        other["findings"][0][place] = value
        if place == "id":
            other["summary"][0]["finding"] = value
        assert differences(other, {"panel.ja.pdf": data}), place
    other = copy.deepcopy(model)
    other["findings"][0]["reads"]["depth"] += 1
    assert differences(other, {"panel.ja.pdf": data})


def test_a_blocked_report_has_a_blocked_sheet() -> None:
    gate = {"value": 0.2, "low": 0.9, "action": "block", "verdict": "fail"}
    given = {name: quality(name, identity=gate) for name in ("LUNG01-N", "LUNG01-T")}
    model = made(quality=given)
    for language in LANGUAGES:
        banner = "".join(Catalogue(language).message("banner.blocked").split())
        text = text_of(panel_pdf(model, DIGEST, language))
        assert banner in text
        assert "EGFR" not in text
        (row,) = listed(panel_csv(model, DIGEST, language))
        assert banner in "".join(row["panel.notes"].split())
        assert not row["panel.name"]


def test_publications_stand_by_their_evidence() -> None:
    known = [
        {"source": "CIViC", "id": "EID229", "gene": "EGFR", "variant": "L858R", "match": "exact",
         "citation": "PubMed:20979472"},
        {"source": "CIViC", "id": "EID77", "gene": "EGFR", "variant": "L858R", "match": "exact",
         "citation": "ASCO:185"},
    ]  # fmt: skip
    table = pl.concat([clinical_evidence(), rows(CLINICAL_EVIDENCE, *known)])
    item = made(evidence=table)["findings"][0]
    assert {e["id"]: e["publication"] for e in item["evidence"]} == {
        "EID229": "PubMed:20979472", "EID2994": None, "EID77": "ASCO:185", "EID78": None,
    }  # fmt: skip
    model = made(evidence=table)
    first = listed(panel_csv(model, DIGEST, "en"))[0]
    assert first["panel.pubmed"] == "20979472"  # an abstract's number is no PubMed id
    assert "PMID20979472" in text_of(panel_pdf(model, DIGEST, "ja"))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"vaf": 0.33}, "Sanger sequencing, if possible"),
        ({"vaf": 0.2}, "Sanger sequencing, if possible"),
        ({"vaf": 0.1999}, "digital PCR"),
        ({"vaf": None}, "Sanger sequencing or"),
        ({"kind": "deletion", "vaf": 0.05}, "digital PCR"),
        ({"kind": "fusion"}, "RNA sequencing"),
        ({"kind": "copy_number"}, "FISH"),
        ({"kind": "copy_number", "origin": "germline"}, "MLPA or quantitative PCR"),
        ({"kind": "copy_number", "origin": "unknown"}, "by another"),
        ({"kind": "repeat"}, "repeat-primed PCR"),
        ({"kind": "gene_copies"}, "MLPA"),
        ({"kind": "biomarker", "gene": "MSI"}, "MSI by PCR"),
        ({"kind": "biomarker", "gene": "TMB"}, "panel test"),
        ({"kind": "structural"}, "across the junction"),
    ],
)
def test_the_confirming_method_is_the_table_s(changed: dict[str, Any], words: str) -> None:
    model = made(finding_table=findings({**EGFR, **changed}))
    (row,) = listed(panel_csv(model, DIGEST, "en"))
    assert words in row["panel.test"]
    found = model["findings"][0]["confirm_by"]
    assert ("not verified" in row["panel.test"]) == (found is not None and not found["verified"])


def test_discussion_points_follow_from_the_facts() -> None:
    say = Catalogue("en").message
    elsewhere = evidence(1, source="japan_approvals", same_disease=False)
    against = evidence(2, significance="Resistance", therapies="Osimertinib")

    def points(**changed: object) -> list[str]:
        model = made(finding_table=findings({**EGFR, **changed}))
        return listed(panel_csv(model, DIGEST, "en"))[0]["panel.points"].split("; ")

    other = say("panel.point.other_disease")
    assert other in points(evidence=[elsewhere])
    assert other not in points(evidence=[elsewhere, evidence(3, source="japan_approvals")])
    conflict = say("panel.point.conflict", names="Osimertinib")
    assert conflict in points(evidence=[evidence(1), against])
    assert conflict not in points(evidence=[evidence(1, therapies="Erlotinib"), against])
    rare = {"section": "rare", "origin": "germline"}
    assert say("panel.point.parents") in points(**rare, inheritance="unknown")
    assert say("panel.point.parents") not in points(**rare, inheritance="de_novo")
    assert say("panel.point.answers") in points(
        **rare, detail=json.dumps({"answers_differ": True, "clinvar_class": "Pathogenic"})
    )


def test_what_a_filter_removed_at_a_hotspot_is_named() -> None:
    removed = {"finding": "snv:chr7:1:A:G", "chrom": "chr7", "pos": 1, "ref": "A", "alt": "G",
               "gene": "EGFR", "name": "EGFR p.Thr790Met", "filter": "LowLOD"}  # fmt: skip
    model = made(withheld=rows(WITHHELD, removed))
    for language in LANGUAGES:
        assert "EGFRp.Thr790Met" in text_of(panel_pdf(model, DIGEST, language))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "'=1", "plain", "", "'"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert plain(guarded(text)) == text
    assert guarded(text)[:1] not in ("=", "+", "-", "@")


def test_hostile_words_stay_words_in_one_page() -> None:
    hostile = "=HYPERLINK(1) #pagebreak() \u202e" + "x" * 5000
    names = ("name", "gene", "hgvs_c", "hgvs_p", "second_hit")
    row = {**EGFR, **dict.fromkeys(names, hostile)}
    patient = {**PATIENT, "patient": hostile, "diagnosis": hostile}
    model = made(finding_table=findings(row, FUSION, BRCA1), patient=patient)
    for language in LANGUAGES:
        assert text_of(panel_pdf(model, DIGEST, language))
        cells = listed(panel_csv(model, DIGEST, language))
        assert all(len(row) == len(COLUMNS) for row in cells)
        raw = panel_csv(model, DIGEST, language).decode("utf-8-sig")
        assert '"=' not in raw
        assert "\n=" not in raw


def test_the_same_report_gives_the_same_bytes() -> None:
    model = made()
    assert panel_pdf(model, DIGEST, "ja") == panel_pdf(model, DIGEST, "ja")
    assert panel_csv(model, DIGEST, "ja") == panel_csv(model, DIGEST, "ja")
