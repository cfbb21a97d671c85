"""The words of a report: Japanese where a Japanese reader reads, names with their codes behind."""

import json
from string import Formatter
from typing import Any

import polars as pl
import pytest
from japanese import untranslated, words
from report_case import (
    BRCA1,
    EGFR,
    FUSION,
    PATIENT,
    SAMPLES,
    findings,
    inputs,
    ledger,
    star_alleles,
)

from shirube.interpret.rows import criterion
from shirube.reasons import because, sentences
from shirube.report.model import report
from shirube.report.names import codes_of, names_of
from shirube.report.page.catalogue import LANGUAGES, Catalogue, messages, names
from shirube.report.page.document import document
from shirube.report.page.html import html
from shirube.report.page.rare_blocks import matched_symptoms
from shirube.report.parity import differences

COPIES = {
    **FUSION,
    "finding": "copy_number-ERBB2-amplification",
    "section": "copy_number",
    "kind": "copy_number",
    "gene": "ERBB2",
    "name": "ERBB2 amplification",
    "consequence": "transcript_amplification",
    "detail": json.dumps({"call": "amplification", "total_cn": 9.98, "minor_cn": 0.4}),
    "criteria": [
        criterion("role", True, 0, because("copies.amplification", role="oncogene"), "Horak 2022")
    ],
    "second_hit": "both copies lost",
}
RARE = {
    **BRCA1,
    "finding": "rare-1",
    "section": "rare",
    "zygosity": "heterozygous",
    "inheritance": "de_novo",
    "clinvar_significance": "Pathogenic/Likely_pathogenic|drug_response",
    "detail": json.dumps(
        {
            "mode": "dominant, de novo",
            "clinvar_conditions": "Noonan_syndrome_1|not_provided",
            "diseases": [
                {"disease": "Noonan syndrome 1", "omim": "OMIM:163950", "inheritance": "AD",
                 "confidence": "definitive"}
            ],
            "nando": [{"nando": "NANDO:1200680", "name_ja": "ヌーナン症候群",
                       "name_en": "Noonan syndrome", "designated": True, "number": "195"}],
            "phenotype": {
                "disease": {"id": "OMIM:163950", "name": "Noonan syndrome 1"},
                "terms": [{"term": "HP:0001642", "matched": "HP:0001642"}],
            },
        }
    ),
}  # fmt: skip
SICK = {**PATIENT, "programme": "rare", "diagnosis": "MONDO:0018997",
        "hpo": "HP:0001642;!HP:0000407;HP:9999999"}  # fmt: skip


def made(language: str, *given: dict[str, Any], **changed: object) -> str:
    given = given or (EGFR, FUSION, COPIES, BRCA1, RARE)
    changed.setdefault("pharmacogenomics", star_alleles())
    rules = {"tier_I": "amp_tier", "synonymous": "consequence"}  # as the interpretation has them
    changed.setdefault("ledger", ledger().with_columns(pl.col("rule").replace(rules)))
    model = report(**inputs(finding_table=findings(*given), **changed))
    return html(document(model, "0" * 64, language))


@pytest.mark.parametrize("changed", [{}, {"patient": SICK}, {"samples": SAMPLES[:1]}])
def test_no_english_stands_on_a_japanese_page(changed: dict[str, Any]) -> None:
    assert untranslated(made("ja", **changed)) == []


def test_the_check_sees_english() -> None:
    assert untranslated("<html lang='ja'><p>変異 amplification を認める</p></html>")
    assert untranslated("<html lang='ja'><dl><dt lang='en'>Reads</dt></dl></html>")
    assert not untranslated("<html lang='ja'><p lang='en'>A quoted sentence.</p></html>")


def test_every_japanese_message_is_japanese() -> None:
    """Over all messages and reasons: no English word but names, none left empty."""
    wrong = []
    for catalogue in (messages(), sentences()):
        for key, entry in catalogue.items():
            plain = "".join(text for text, _, _, _ in Formatter().parse(entry["ja"]))
            if words(plain) or not entry["ja"].strip():
                wrong.append((key, entry["ja"]))
    assert wrong == []


def test_every_name_of_ours_is_japanese() -> None:
    wrong = [
        (kind, key, name)
        for kind, entries in names().items()
        for key, entry in entries.items()
        if words(name := entry if isinstance(entry, str) else entry["ja"])
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("エビデンスレベル", "tier.japan"),
        ("発がん性（oncogenicity）", "oncogenicity"),
        ("病的意義不明（VUS）", "class.Uncertain significance"),
        ("遺伝形式", "rare.mode"),
        ("アレルの由来", "inheritance"),
        ("MSI-High", "marker.call.MSI.high"),
        ("MSS", "marker.call.MSI.stable"),
        ("データなし", "frequency.unknown"),
        ("検体間コンタミネーション", "gate.contamination"),
        ("増幅", "so.transcript_amplification"),
    ],
)
def test_words_are_those_of_the_guidance(word: str, key: str) -> None:
    assert messages()[key]["ja"] == word
    assert "臨床試験" not in "".join(e["ja"] for k, e in messages().items() if k[:5] == "basis")
    assert "精度管理された別法" in messages()["step.confirm"]["ja"]


def test_codes_stand_behind_their_names() -> None:
    table = names_of(["HP:0001642"], {})
    assert table == {}
    ja, en = (made(language, RARE, patient=SICK) for language in ("ja", "en"))
    japanese = (
        *("肺動脈弁狭窄 (HP:0001642)", "感音難聴 (HP:0000407)", "HP:9999999"),
        *("ヌーナン症候群 (MONDO:0018997)", "ヌーナン症候群1型"),
    )
    for shown in japanese:
        assert shown in ja
    for shown in ("Pulmonic stenosis (HP:0001642)", "Noonan syndrome (MONDO:0018997)"):
        assert shown in en
    assert "HP:0001642" in codes_of(SICK, [])


def test_a_configured_source_names_before_ours() -> None:
    stated = {"HP:0001642": {"en": "Pulmonic stenosis", "ja": "肺動脈狭窄"}}
    say = Catalogue("ja", stated)
    assert say.coded("HP:0001642") == ("肺動脈狭窄 (HP:0001642)", True)
    unknown = Catalogue("ja", {"HP:1": {"en": "Something rare", "ja": None}}).coded("HP:1")
    assert unknown == ("Something rare (HP:1)", False)
    assert Catalogue("ja").coded("HP:2") == ("HP:2", True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_of_words_speak_the_readers_language_and_agree(language: str) -> None:
    model = report(**inputs(finding_table=findings(COPIES)))
    page = html(document(model, "0" * 64, language))
    assert {"ja": "ERBB2 増幅", "en": "ERBB2 amplification"}[language] in page
    assert differences(model, {f"report.{language}.html": page.encode()}) == []


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"samples": SAMPLES[:1]}, "section.no_tumour"),
        ({"samples": SAMPLES[1:]}, "section.no_normal"),
        ({}, "section.no_copies"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_section_says_why(language: str, changed: dict[str, Any], key: str) -> None:
    given = inputs(finding_table=findings().clear(), **changed)
    sample = given["samples"][0]["sample"]
    given |= {k: {n: t for n, t in given[k].items() if n in {s["sample"] for s in given["samples"]}}
              for k in ("coverage", "callable_bases", "targets", "quality")}  # fmt: skip
    say = Catalogue(language).message
    found = document(report(**given), "0" * 64, language)
    texts = [b.get("text", "") for s in found["sections"] for b in s["blocks"]]
    if key == "section.no_tumour":
        assert any(say("section.none") in text for text in texts)
    else:
        assert say(key) in texts
    assert sample


@pytest.mark.parametrize(
    ("matched", "shown_"), [("HP:0001642", True), ("HP:0001626", False), (None, False)]
)
def test_a_broader_term_in_common_is_no_match(matched: str | None, shown_: bool) -> None:
    """The disease has the symptom itself (or a narrower one), not only what both fall under."""
    term = {"term": "HP:0001642", "name": "Pulmonic stenosis", "name_ja": None, "matched": matched}
    item = {"detail": {"phenotype": {"terms": [term]}}}
    assert (matched_symptoms(item, Catalogue("en")) is not None) is shown_
