"""Clinical trials of a user's exports: what is read, what matches, what every format says of it."""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_case import BRCA1, EGFR, FUSION, findings, inputs
from trial_case import ctgov, exports, jrct, own_list, study, table, words

from shirube.check.problems import Outcome
from shirube.check.run import check_given
from shirube.errors import InputError
from shirube.knowledge.trials import Site, _years, read_trials
from shirube.report.exchange.fhir import fhir_bytes
from shirube.report.model import checked, report
from shirube.report.page.catalogue import LANGUAGES, Catalogue
from shirube.report.page.document import document
from shirube.report.page.html import html
from shirube.report.page.pdf import pdf
from shirube.report.panel.listing import listed, panel_csv
from shirube.report.panel.print import panel_pdf
from shirube.report.parity import differences, trial_differences
from shirube.report.schema import report_schema
from shirube.report.trials import Person, named, trials, tumours_named

WORDS = words()
TYPES = {"LUAD", "NSCLC", "LUNG", "TISSUE", "SOLID"}
LUNG = Person(63, "XX", TYPES, {"LUMX"}, [], ["東京", "Tokyo"])


def change(gene: str, **changed: object) -> dict[str, Any]:
    return {"id": gene, "gene": gene, "section": "somatic", "kind": "snv", "hgvs_p": None,
            "consequence": "missense_variant", "amp_tier": "I-A", "oncogenicity": None,
            "classification": None, "detail": {}, **changed}  # fmt: skip


L858R = change("EGFR", hgvs_p="p.Leu858Arg", detail={"exon": "21/28"})
E19 = change("EGFR", hgvs_p="p.Glu746_Ala750del", consequence="inframe_deletion",
             detail={"exon": "19/28"})  # fmt: skip
ALK = change("EML4::ALK", kind="fusion", consequence="gene_fusion")
HER2 = change("ERBB2", kind="copy_number", consequence="transcript_amplification")
MET14 = change("MET", consequence="splice_donor_variant", detail={"exon": "i14/20"})
MSI = change("MSI", kind="biomarker", consequence=None)
BRCA = change("BRCA2", section="germline", amp_tier=None, classification="Pathogenic")


@pytest.mark.parametrize(
    ("item", "text", "how"),
    [
        (L858R, "Osimertinib in EGFR L858R lung cancer", "alteration"),
        (L858R, "EGFR exon 21 (L858R) substitution", "alteration"),
        (L858R, "EGFR-mutated lung cancer", "gene"),
        (L858R, "EGFR変異陽性の肺癌", "gene"),
        (L858R, "EGFR exon 20 insertion", "other_change"),
        (L858R, "EGFR T790M or C797S", "other_change"),
        (L858R, "EGFR wild-type lung cancer", "must_be_absent"),
        (L858R, "No known EGFR or ALK alteration", "must_be_absent"),
        (L858R, "EGFR陰性の肺癌", "must_be_absent"),
        (L858R, "EGFR L858R, ALK negative", "alteration"),
        (L858R, "ALK陰性、EGFR L858R", "alteration"),
        (L858R, "EGFR p.L858R", "alteration"),
        (L858R, "EGFR Leu858Arg or Gly719Xaa mutation", "alteration"),
        (change("NRAS", hgvs_p="p.Gln61Lys"),
         "BRAF V600E, KRAS G12C, or any NRAS mutation", "gene"),
        (change("BRAF", hgvs_p="p.Val600Lys"), "BRAF V600E/K mutation-positive melanoma",
         "alteration"),
        (change("KRAS", hgvs_p="p.Gly12Asp"), "KRAS G12X mutant", "alteration"),
        (change("KRAS", hgvs_p="p.Gly12Asp"), "KRAS G12C", "other_change"),
        (E19, "EGFR del19 / L858R mutation", "alteration"),
        (change("ERBB2", hgvs_p="p.Ser310Phe"), "A166 in HER2 mutant solid tumors", "gene"),
        (BRCA, "gBRCA1/2 mutation", "gene"),
        (BRCA, "germline gBRCA1/2m", "gene"),
        (L858R, "KRAS G12C", "no_biomarker"),
        (L858R, "The EGFRvIII vaccine", "no_biomarker"),
        (L858R, "ＥＧＦＲ　Ｌ８５８Ｒ", "alteration"),
        (E19, "EGFR exon 19 deletion", "alteration"),
        (E19, "EGFRエクソン19欠失", "alteration"),
        (E19, "EGFR L858R", "other_change"),
        (ALK, "ALK rearrangement", "alteration"),
        (ALK, "ALK融合遺伝子", "alteration"),
        (ALK, "ALK-positive lung cancer", "gene"),
        (ALK, "ALK F1174L", "other_change"),
        (HER2, "HER2 amplification or overexpression", "alteration"),
        (HER2, "HER2-positive breast cancer", "gene"),
        (HER2, "HER2-negative breast cancer", "must_be_absent"),
        (MET14, "MET exon 14 skipping", "alteration"),
        (MET14, "c-MET amplification", "other_change"),
        (MSI, "dMMR or MSI-H tumours", "alteration"),
        (MSI, "高頻度マイクロサテライト不安定性を有する固形がん", "alteration"),
        (BRCA, "BRCA1/2 mutation", "gene"),
        (BRCA, "BRCA1 mutation", "no_biomarker"),
    ],
)  # fmt: skip
def test_how_a_text_names_a_finding(item: dict[str, Any], text: str, how: str) -> None:
    assert named(item, [text], WORDS)[0] == how


@pytest.mark.parametrize(
    ("cell", "age"),
    [
        ("18", 18), ("18 Years", 18), ("18歳以上", 18), ("満20歳", 20),
        ("20歳以上/20age old over", 20),
        ("6 Months", 0.5), ("6ヵ月以上", 0.5), ("6ヶ月", 0.5), ("6カ月", 0.5), ("６箇月", 0.5),
        ("生後6か月以上", 0.5), ("26週", 0.5), ("365日", 1), ("75 years old and under", 75),
        ("", None), ("-", None), ("N/A", None), ("上限なし/No limit", None),
    ],
)  # fmt: skip
def test_the_age_of_a_cell(cell: str, age: float | None) -> None:
    assert _years("a.csv", "row 2", "max_age", cell) == age


@pytest.mark.parametrize("cell", ["18-75", "adult", "18歳/20 years", "18.5.", "18 75"])
def test_a_cell_that_is_not_one_age(cell: str) -> None:
    with pytest.raises(InputError, match="max_age as one age"):
        _years("a.csv", "row 2", "max_age", cell)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Non-small Cell Lung Cancer", {"NSCLC"}),
        ("Carcinoma, Non-Small-Cell Lung", {"NSCLC"}),
        ("Lung Cancer", {"LUNG"}),
        ("Small Cell Lung Cancer", {"SCLC"}),
        ("小細胞肺がん", {"SCLC"}),
        ("進行・再発非小細胞肺癌", {"NSCLC"}),
        ("Advanced Solid Tumors", {"SOLID"}),
        ("固形がん", {"SOLID"}),
        ("Healthy volunteers", set()),
    ],
)
def test_the_most_specific_name_of_a_tumour_counts(text: str, codes: set[str]) -> None:
    assert codes <= tumours_named(text, WORDS)
    if "SCLC" in codes:
        assert "NSCLC" not in tumours_named(text, WORDS)
    if codes == {"NSCLC"}:
        assert not {"SCLC", "LUNG"} & tumours_named(text, WORDS)


@pytest.mark.parametrize(
    ("changed", "fate"),
    [
        ({}, "listed"),
        ({"status": "NOT_YET_RECRUITING"}, "not_recruiting"),
        ({"status": "ACTIVE_NOT_RECRUITING"}, "not_recruiting"),
        ({"sex": "MALE"}, "sex"),
        ({"minimumAge": "65 Years"}, "age"),
        ({"maximumAge": "62 Years"}, "age"),
        ({"maximumAge": "63 Years"}, "listed"),
        ({"minimumAge": "6 Months"}, "listed"),
        ({"conditions": ["Breast Cancer"]}, "other_tumour"),
        ({"conditions": ["Breast Cancer", "NSCLC"]}, "listed"),
        ({"conditions": ["Solid Tumors"]}, "listed"),
        ({"conditions": ["Something else"]}, "listed"),  # cannot be told: shown, and said so
    ],
)
def test_every_trial_has_a_fate(tmp_path: Path, changed: dict[str, Any], fate: str) -> None:
    path = ctgov(tmp_path / "a.json", study(1, "EGFR L858R lung cancer", **changed))
    found = trials(exports(path), [L858R], LUNG, WORDS)
    assert [why for why, count in found["fates"].items() if count] == [fate]
    assert len(found["listed"]) == (fate == "listed")


def test_only_inclusion_criteria_are_searched(tmp_path: Path) -> None:
    criteria = "Inclusion Criteria:\n* lung cancer\nExclusion Criteria:\n* EGFR mutation"
    path = ctgov(tmp_path / "a.json", study(1, "A drug", eligibility=criteria))
    assert trials(exports(path), [L858R], LUNG, WORDS)["fates"]["no_biomarker"] == 1


def test_a_variant_of_unknown_meaning_matches_nothing(tmp_path: Path) -> None:
    path = ctgov(tmp_path / "a.json", study(1, "EGFR mutation"))
    unknown = {**L858R, "amp_tier": "III"}
    assert trials(exports(path), [unknown], LUNG, WORDS)["listed"] == []


def test_the_order_and_the_region(tmp_path: Path) -> None:
    far = [{"facility": "B", "status": "RECRUITING", "state": "Osaka", "country": "Japan"}]
    closed = [{"facility": "C", "status": "COMPLETED", "state": "Tokyo", "country": "Japan"}]
    path = ctgov(
        tmp_path / "a.json",
        study(1, "EGFR-mutated lung cancer"),
        study(2, "EGFR L858R", conditions=["Solid Tumors"]),
        study(3, "EGFR L858R", locations=far),
        study(4, "EGFR L858R"),
        study(5, "EGFR L858R", locations=closed),
    )
    found = trials(exports(path), [L858R], LUNG, WORDS)["listed"]
    numbers = [(int(one["trial"][3:]), one["in_region"]) for one in found]
    assert numbers == [(4, True), (3, False), (5, None), (2, True), (1, True)]


def test_of_several_exports_the_last_counts(tmp_path: Path) -> None:
    old = ctgov(tmp_path / "old.json", study(1, "EGFR L858R"))
    new = ctgov(tmp_path / "new.json", study(1, "EGFR L858R", status="COMPLETED"))
    given = [*exports(new, exported="2026-11-20"), *exports(old, exported="2026-01-01")]
    assert trials(given, [L858R], LUNG, WORDS)["fates"]["not_recruiting"] == 1


def test_every_form_is_read(tmp_path: Path) -> None:
    row = {"NCT Number": "NCT00000009", "Study Title": "EGFR", "Study Status": "RECRUITING",
           "Conditions": "NSCLC|Lung Cancer", "Interventions": "DRUG: A|DRUG: B", "Sex": "ALL",
           "Age": "ADULT, OLDER_ADULT", "Phases": "PHASE1|PHASE2",
           "Locations": "Shirube Hospital, Chuo, Tokyo, 104, Japan", "Last Update Posted":
           "2026-11-01", "Study URL": "https://clinicaltrials.gov/study/NCT00000009"}  # fmt: skip
    made = {
        "ctgov_json": ctgov(tmp_path / "a.json", study(1, "EGFR")),
        "ctgov_csv": table(tmp_path / "b.csv", [row]),
        "jrct_csv": jrct(tmp_path / "c.csv"),
        "list": own_list(tmp_path / "d.tsv"),
    }
    read = {form: read_trials(path) for form, path in made.items()}
    assert {form: found.form for form, found in read.items()} == {form: form for form in made}
    first = {form: found.trials[0] for form, found in read.items()}
    assert all(one.recruiting for one in first.values())
    assert first["ctgov_csv"].ages == (18, None)
    assert first["ctgov_csv"].sites == (Site("Shirube Hospital", "Chuo Tokyo", "Japan"),)
    assert first["jrct_csv"].ages == (18, None)
    assert first["jrct_csv"].sites == (Site("しるべ病院", "東京都", "Japan"),)
    assert first["jrct_csv"].url == "https://jrct.mhlw.go.jp/latest-detail/jRCT2031260001"
    assert first["list"].ages == (20, 75)
    assert first["list"].codes == ("LUAD",)
    lists = trials(exports(made["jrct_csv"], made["list"]), [ALK, L858R], LUNG, WORDS)["listed"]
    assert {one["trial"] for one in lists} == {"jRCT2031260001", "IRB-1"}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "NCT Number,Study Title\nNCT1,x\n", "a column Study Status"),
        ("a.csv", "臨床研究実施計画番号,募集状況\nx,募集中\n", "a column 研究の名称"),
        ("a.tsv", "trial\ttitle\tstatus\nT1\t\trecruiting\n", "row 2: something in title"),
        ("a.tsv", "trial\ttitle\tstatus\nT1\tx\trecruiting\nT1\ty\tclosed\n", "row 3: each trial"),
        ("a.tsv", "trial\ttitle\tstatus\tmin_age\nT1\tx\trecruiting\tadult\n", "row 2: min_age"),
        ("a.tsv", "trial\ttitle\tstatus\tsex\nT1\tx\trecruiting\tcat\n", "row 2: sex of male"),
        ("a.tsv", "trial\ttitle\tstatus\n", "at least one trial"),
        ("a.tsv", "trial\ttitle\tstatus\nT1\tx\trecruiting\tmore\n", "row 2: 3 cells .*found 4"),
        ("a.csv", "NCT Number,Study Title,Study Status\nNCT1,EGFR, lung,RECRUITING\n",
         "row 2: 3 cells as the head has, found 4"),
        ("a.csv", "NCT Number,Study Title,Study Status,Sex\nNCT1,x,RECRUITING\n",
         "row 2: 4 cells as the head has, found 3"),
        ("a.tsv", "trial\ttitle\tstatus\tcodes\nT1\tx\trecruiting\tluad\n",
         "row 2, column codes: an OncoTree code.*'luad'"),
        ("a.tsv", "trial\ttitle\tstatus\tcodes\nT1\tx\trecruiting\tLUAD;MONDO:12\n",
         "row 2, column codes: .*'MONDO:12'"),
        ("a.json", "{", "JSON"),
        ("a.json", '{"studies": [{}]}', "study 1: a protocolSection"),
        ("a.json", '[{"protocolSection": {"identificationModule": {"nctId": "NCT1"}}}]',
         "identificationModule.briefTitle"),
        ("a.json", '[{"protocolSection": {"identificationModule": ["x"]}}]', "the shape of API"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_trials(path)
    outcome = Outcome()
    settings = {"report": {"trials": {"exports": [{"path": str(path)}]}}}
    check_given(tmp_path / "config.yaml", settings, None, outcome)
    assert len(outcome.problems) == 1


def test_a_code_that_oncotree_does_not_have_is_refused(tmp_path: Path) -> None:
    path = own_list(tmp_path / "a.tsv", codes="LUAD;LUAS;SOLID;MONDO:0005233")
    assert read_trials(path).trials[0].codes[1] == "LUAS"
    with pytest.raises(InputError, match=r"row 2, column codes.*'LUAS' \(did you mean LUAD"):
        read_trials(path, {"LUAD", "NSCLC"})


NULLS = st.sampled_from(
    ["locations", "conditions", "keywords", "phases", "eligibility", "sex", "minimumAge"]
)


@given(st.sets(NULLS), st.booleans())
def test_null_is_what_is_not_said(names: set[str], inside: bool) -> None:
    """A null member, or a null beside the others of a list, is as if it were not there."""
    told = study(1, "EGFR")
    places = told["protocolSection"]["contactsLocationsModule"]["locations"]
    changed: dict[str, Any] = {name: None for name in names}
    if inside:
        changed |= {n: [None] for n in names & {"conditions", "keywords", "phases"}}
        changed |= {"locations": [None, *places]} if "locations" in names else {}
    with TemporaryDirectory() as folder:
        trial = read_trials(ctgov(Path(folder) / "a.json", study(1, "EGFR", **changed))).trials[0]
    assert len(trial.sites) == (0 if "locations" in names and not inside else 1)
    assert trial.conditions == (() if "conditions" in names else ("Non-small Cell Lung Cancer",))
    assert trial.ages == (None if "minimumAge" in names else 18, None)


def test_a_file_in_shift_jis_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("臨床研究実施計画番号,研究の名称,募集状況\nx,y,募集中\n".encode("cp932"))
    with pytest.raises(InputError, match="UTF-8"):
        read_trials(path)
    with pytest.raises(InputError, match="an export"):
        read_trials(tmp_path / "none.csv")


def made(tmp_path: Path, **changed: object) -> dict[str, Any]:
    """A report with two trials of three."""
    path = ctgov(
        tmp_path / "a.json", study(1, "EGFR L858R lung cancer"), study(2, "KRAS G12C"),
        study(3, "EML4-ALK fusion-positive lung cancer", conditions=["Neoplasms"]),
    )  # fmt: skip
    given = exports(path)
    model = report(
        **inputs(
            finding_table=findings(EGFR, FUSION, BRCA1),
            trials=lambda items, _: trials(given, items, LUNG, WORDS),
            **changed,
        )
    )
    checked(model, report_schema())
    return model


def test_every_format_lists_the_same_trials(tmp_path: Path) -> None:
    model = made(tmp_path)
    wanted = ["NCT00000001", "NCT00000003"]
    assert [one["trial"] for one in model["trials"]["listed"]] == wanted
    formats = {"report.fhir.json": fhir_bytes(model, "0" * 64)}
    for language in LANGUAGES:
        page = document(model, "0" * 64, language)
        formats[f"report.{language}.html"] = html(page).encode()
        formats[f"report.{language}.pdf"] = pdf(page)
        formats[f"panel.{language}.csv"] = panel_csv(model, "0" * 64, language)
        formats[f"panel.{language}.pdf"] = panel_pdf(model, "0" * 64, language)
        rows = {row["panel.name"]: row for row in listed(formats[f"panel.{language}.csv"])}
        assert rows["EGFR p.Leu858Arg"]["panel.trials"] == wanted[0]
    assert differences(model, formats) == []
    (first, _), none = model["trials"]["listed"], {**model["trials"], "listed": []}
    strange = {**none, "listed": [{**first, "trial": "NCT99999999"}]}
    for name, data in formats.items():
        told = [bool(trial_differences(name, data, {**model, "trials": other}))
                for other in (none, strange)]  # fmt: skip
        printed = name.endswith(".pdf")  # of a print only what is missing can be told
        assert told == [not printed, not (printed and name.startswith("panel"))], name
    studies = [e["resource"] for e in json.loads(formats["report.fhir.json"])["entry"]
               if e["resource"]["resourceType"] == "ResearchStudy"]  # fmt: skip
    assert studies[0]["phase"]["coding"][0]["code"] == "phase-2"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["listed", "unasked"])
def test_the_section_stands_apart_and_says_where_it_comes_from(
    tmp_path: Path, language: str, state: str
) -> None:
    asked = state == "listed"
    model = made(tmp_path) if asked else report(**inputs())
    say = Catalogue(language).message
    sections = {s["id"]: s for s in document(model, "0" * 64, language)["sections"]}
    page = html(document(model, "0" * 64, language))
    assert sections["trials"]["title"] == say("section.trials")
    assert (say("trials.unasked") in page) is not asked
    assert ("NCT00000001" in page) is asked
    assert ("2026-11-20" in page) is asked
    if language == "ja":
        others = [s for name, s in sections.items() if name != "trials"]
        assert "臨床試験" not in json.dumps(others, ensure_ascii=False)


def test_a_rare_disease_is_matched_by_its_name_and_gene(tmp_path: Path) -> None:
    path = ctgov(tmp_path / "a.json", study(1, "GJB2 gene therapy", conditions=["Deafness"]),
                 study(2, "GJB2 gene therapy", conditions=["Noonan syndrome"]))  # fmt: skip
    who = Person(3, "XY", set(), [], ["Noonan syndrome"], [])
    gjb2 = change("GJB2", section="rare", amp_tier=None, classification="Likely pathogenic")
    found = trials(exports(path), [gjb2], who, WORDS)
    assert found["fates"]["age"] == 2
    grown = replace(who, age=30)
    found = trials(exports(path), [gjb2], grown, WORDS)
    assert [one["tumour"] for one in found["listed"]] == ["own", "unknown"]
