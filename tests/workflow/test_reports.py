"""Reports of the finished demo: every format, every patient, one story."""

import json
from pathlib import Path

import polars as pl
import pytest
from japanese import untranslated

from shirube.contracts import LEDGER, read
from shirube.report.page.catalogue import Catalogue
from shirube.report.verify import report_problems

pytestmark = pytest.mark.workflow


def reports(finished: Path) -> list[Path]:
    return sorted(path.parent for path in (finished / "results/reports").glob("*/report.json"))


def model(finished: Path, patient: str) -> dict:
    return json.loads((finished / f"results/reports/{patient}/report.json").read_bytes())


def test_every_report_is_whole_and_says_one_thing(finished: Path) -> None:
    found = reports(finished)
    assert len(found) >= 14
    assert [problem for directory in found for problem in report_problems(directory)] == []
    for directory in found:
        for name in ("report.ja.pdf", "report.en.pdf", "report.fhir.json"):
            assert (directory / name).stat().st_size > 1000


def test_no_english_stands_on_any_japanese_page(finished: Path) -> None:
    pages = [directory / "report.ja.html" for directory in reports(finished)]
    found = {page.parent.name: untranslated(page.read_text(encoding="utf-8")) for page in pages}
    assert {patient: words for patient, words in found.items() if words} == {}


def test_lung_report_has_pictures_and_negatives_with_their_depth(finished: Path) -> None:
    made = model(finished, "DEMO_01")
    kinds = {figure["kind"] for figure in made["figures"]}
    assert {"pile_up", "fusion", "fractions", "coverage"} <= kinds
    assert made["not_found"]
    for row in made["not_found"]:
        assert row["callable"] >= 0.9
        assert row["min_depth"] > 0
        assert row["detectable_vaf"] is None or 0 < row["detectable_vaf"] < 1
    first = next(f for f in made["figures"] if f["kind"] == "pile_up")
    leading = made["findings"][0]["reads"]
    assert f"{leading['alternative']} / " in first["values"]["reads"]


def test_star_alleles_are_those_that_were_planted(finished: Path) -> None:
    truth = finished / "truth/pharmacogenes.tsv"
    lines = [line.split("\t") for line in truth.read_text().splitlines() if line[:1] != "#"]
    planted = {(row[0], row[1]): tuple(sorted(row[2:4])) for row in lines[1:]}
    compared = 0
    for directory in reports(finished):
        made = json.loads((directory / "report.json").read_bytes())["pharmacogenomics"]
        for gene in made["genes"]:
            key = (directory.name, gene["gene"])
            if key not in planted or gene["status"] not in ("called", "ambiguous"):
                continue
            named = {tuple(sorted(d["name"].split("/"))) for d in gene["diplotypes"]}
            assert planted[key] in named, key
            compared += 1
    assert compared >= 20


def test_the_ledgers_bounds_are_told_in_japanese(finished: Path) -> None:
    tables = [read(LEDGER, path) for path in sorted((finished / "results/ledger").iterdir())]
    bounds = pl.concat(tables)["threshold"].drop_nulls().unique().to_list()
    assert len(bounds) > 5
    assert [text for text in bounds if Catalogue("ja").phrase("bound", text) is None] == []
