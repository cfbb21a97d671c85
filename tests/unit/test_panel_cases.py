"""Thirty written cases: what must stand on page one, in which order, and what must not."""

import functools
import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from panel_case import CASES, model
from pypdf import PdfReader

from shirube.report.exchange.fhir import bundle
from shirube.report.model import canonical_bytes, checked
from shirube.report.page.catalogue import LANGUAGES, Catalogue, messages
from shirube.report.page.document import document
from shirube.report.page.html import html
from shirube.report.page.pdf import pdf
from shirube.report.panel.listing import listed, panel_csv
from shirube.report.schema import report_schema

KEYS = {"leads", "japan", "other", "red", "steps", "never", "below", "together", "told", "apart",
        "sources", "ja"}  # fmt: skip
ALL = [pytest.param(n, id=case["name"]) for n, (_, case) in enumerate(CASES)]


@functools.cache
def made(number: int) -> dict[str, Any]:
    programme, case = CASES[number]
    with tempfile.TemporaryDirectory() as folder:
        found = model(programme, case, Path(folder))
    checked(found, report_schema())
    return found


def key(number: int) -> dict[str, Any]:
    found: dict[str, Any] = CASES[number][1]["key"]
    assert set(found) <= KEYS
    return found


def titles(number: int, language: str) -> list[str]:
    """Titles of the cards of page one, in a language."""
    local = key(number).get("ja", {}) if language == "ja" else {}
    return [local.get(title, title) for title, _ in key(number)["leads"]]


def bare(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


def test_there_are_cancers_and_rare_diseases_each_with_sources() -> None:
    assert [programme for programme, _ in CASES] == ["cancer"] * 23 + ["rare"] * 10
    assert len({case["name"] for _, case in CASES}) == 33
    assert all(case["key"]["sources"] for _, case in CASES)


def cards(found: dict[str, Any], language: str) -> list[dict[str, Any]]:
    made_ = document(found, "0" * 64, language)
    blocks = next(s["blocks"] for s in made_["sections"] if s["id"] == "summary")
    return [b for b in blocks if b["type"] == "summary"]


def words(card: dict[str, Any]) -> str:
    told = [card["title"], *(f"{label} {value['text']}" for label, value in card["facts"])]
    return " ".join([*told, *(c["value"]["text"] for c in card["columns"])])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", ALL)
def test_page_one_says_what_the_key_says(number: int, language: str) -> None:
    found, wanted, say = made(number), key(number), Catalogue(language)
    names = {item["id"]: item["name"] for item in found["findings"]}
    assert [[names[s["finding"]], s["reason"]] for s in found["summary"]] == wanted["leads"]
    shown = cards(found, language)
    if together := wanted.get("together"):
        assert [c["title"] for c in shown] == [say.message("trans.join").join(together)]
    else:
        assert [c["title"] for c in shown] == titles(number, language)
    named = zip(wanted["leads"], titles(number, language), strict=True)
    by_title = {title: card for (title, _), local in named for card in shown
                if local in card["title"]}  # fmt: skip
    columns = {
        (title, c["label"]): c["value"]["text"] for title, card in by_title.items()
        for c in card["columns"]
    }  # fmt: skip
    for title, drugs in wanted.get("japan", {}).items():
        text = columns[title, say.message("basis.japan")]
        elsewhere = say.message("drugs.other", names="").strip()
        assert elsewhere not in text
        assert [d for d in drugs if say.drug(d) not in text] == [], text
    resistance = {t: text for (t, label), text in columns.items()
                  if label == say.message("basis.resistance")}  # fmt: skip
    red = wanted.get("red", {})
    assert set(resistance) == set(red)
    for title, drugs in red.items():
        assert all(say.drug(d) in resistance[title] for d in drugs)
    for title, steps in wanted.get("steps", {}).items():
        assert {say.message(step) for step in steps} <= set(by_title[title]["steps"])
    for title, told in wanted.get("told", {}).items():
        for one in told:
            text = say.message(one) if one in messages() else say.disease(one)
            assert text in words(by_title[title]), (one, words(by_title[title]))
    assert set(wanted.get("below", [])) <= {item["name"] for item in found["findings"]}
    for title in (*wanted.get("below", []), *wanted.get("apart", [])):
        assert not any(title in card["title"] for card in shown)


@pytest.mark.parametrize("number", ALL)
def test_no_rendering_says_what_may_not_be_said(number: int) -> None:
    found = made(number)
    texts = [canonical_bytes(found).decode()]
    for language in LANGUAGES:
        texts.append(html(document(found, "0" * 64, language)))
        texts.append(panel_csv(found, "0" * 64, language).decode())
    for word in key(number).get("never", []):
        assert not any(word in text for text in texts), word


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", ALL)
def test_the_pdf_s_page_one_holds_the_cards_in_their_order(number: int, language: str) -> None:
    found, wanted = made(number), key(number)
    made_ = document(found, "0" * 64, language)
    pages = [bare(p.extract_text()) for p in PdfReader(io.BytesIO(pdf(made_))).pages]
    heads = {s["id"]: bare(s["title"]) for s in made_["sections"]}
    text = "".join(pages)
    start = text.index(heads["summary"], text.index(heads["identity"]) + 1)
    end = text.index(heads[made_["second_page"]], start + 1)
    summary = text[start:end]
    at = [summary.find(bare(title)) for title in titles(number, language)]
    assert -1 not in at
    assert at == sorted(at)
    for title in wanted.get("below", []):
        assert bare(title) not in summary
        assert bare(title) in text[end:]


@pytest.mark.parametrize("number", ALL)
def test_fhir_and_the_panel_s_table_hold_the_same_findings(number: int) -> None:
    found, wanted = made(number), key(number)
    resources = [e["resource"] for e in bundle(found, "0" * 64)["entry"]]
    variants = {
        r["note"][0]["text"]
        for r in resources
        if r["resourceType"] == "Observation" and "identifier" in r
    }
    titles = {title for title, _ in wanted["leads"]}
    assert titles | set(wanted.get("below", [])) <= variants
    assert not any(word in name for word in wanted.get("never", []) for name in variants)
    rows = listed(panel_csv(found, "0" * 64, "en"))
    order = [row["panel.name"] for row in rows if row["panel.reason"]]
    assert order == [title for title, _ in wanted["leads"]]
