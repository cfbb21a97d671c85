"""Filtered records by gene: which, why, how many more, and nothing the question did not ask."""

import re
from typing import Any

import polars as pl
import pytest
from report_case import EGFR, evidence, findings, inputs, rows
from running import REPOSITORY

from shirube.calling.germline.filters import RULES
from shirube.contracts import GENE_MODELS, LEDGER
from shirube.ledger import OUTSIDE_QUESTION
from shirube.report.fates import GENES, OF_GENE, borderline_records, filtered_in
from shirube.report.model import report
from shirube.report.page.catalogue import LANGUAGES, Catalogue, messages
from shirube.report.page.document import document
from shirube.report.page.finding_blocks import evidence_source
from shirube.report.page.html import html
from shirube.report.page.ledger_blocks import ledger as ledger_blocks


def gene(name: str, chrom: str, start: int, end: int) -> dict[str, Any]:
    place = {"gene": name, "chrom": chrom, "start": start, "end": end, "strand": "+"}
    exons = {"exon_starts": [start], "exon_ends": [end]}
    return {**place, **exons, "transcript": f"T_{name}_{start}"}


MODELS = rows(GENE_MODELS, gene("EGFR", "chr7", 100, 200), gene("EGFR", "chr7", 150, 400),
              gene("BRCA2", "chr13", 500, 600))  # fmt: skip


def fate(record: int, chrom: str, pos: int, rule: str, name: str = "filtered") -> dict[str, Any]:
    return {"stage": "germline", "sample": "S", "record": record, "chrom": chrom, "pos": pos,
            "ref": "A", "alt": "C", "fate": name, "rule": rule, "value": "0.02",
            "threshold": "0.01"}  # fmt: skip


def table(*given: dict[str, Any]) -> pl.DataFrame:
    return LEDGER.table(pl.DataFrame(list(given), schema=LEDGER.polars))


def test_records_between_the_ends_of_the_genes_are_listed_with_the_reason() -> None:
    """Ends are those of all transcripts, 0-based half-open; the genes in the order asked for."""
    told = table(
        fate(0, "chr7", 101, "frequency"),
        fate(1, "chr7", 100, "frequency"),
        fate(2, "chr7", 400, "LowDepth"),
        fate(3, "chr7", 401, "LowDepth"),
        fate(4, "chr13", 550, OUTSIDE_QUESTION),
        fate(5, "chr13", 551, "frequency"),
        fate(6, "chr13", 552, "rare_score", "reported"),
        fate(7, "chr1", 150, "frequency"),
    )
    found = filtered_in(told, ["BRCA2", "EGFR", "ABSENT"], MODELS)
    assert [(g["gene"], g["records"]) for g in found] == [("BRCA2", 1), ("EGFR", 2)]
    assert [(r["pos"], r["rule"]) for r in found[1]["shown"]] == [
        (101, "frequency"),
        (400, "LowDepth"),
    ]
    assert found[0]["shown"][0] == {
        "stage": "germline", "rule": "frequency", "chrom": "chr13", "pos": 551, "ref": "A",
        "alt": "C", "value": "0.02", "threshold": "0.01",
    }  # fmt: skip
    assert filtered_in(told, [], MODELS) == filtered_in(told, ["EGFR"], GENE_MODELS.empty()) == []


def test_what_is_listed_is_bounded_and_the_rest_counted() -> None:
    told = table(*(fate(n, "chr7", 101 + n, "frequency") for n in range(80)))
    (found,) = filtered_in(told, ["EGFR"], MODELS)
    assert (found["records"], len(found["shown"])) == (80, OF_GENE)
    many = [gene(f"G{n}", "chr7", 90, 300) for n in range(GENES + 5)]
    asked = [g["gene"] for g in many]
    assert len(filtered_in(told, asked, rows(GENE_MODELS, *many))) == GENES
    for language, words in (("ja", "ほか 55 件"), ("en", "55 more")):
        model = {"ledger": {"records": 80, "rows": [], "again": [], "filtered": [found]}}
        blocks = ledger_blocks(model, Catalogue(language))
        assert words in str(blocks)


def test_the_page_opens_a_line_a_gene_without_a_script() -> None:
    told = table(fate(0, "chr7", 150, "AlleleBalance"))
    given = inputs(finding_table=findings(EGFR), ledger=told, gene_models=MODELS)
    model = report(**given)
    assert model["ledger"]["filtered"][0]["gene"] == "EGFR"
    for language, words in (("ja", "アレルの比が偏る"), ("en", "unbalanced alleles")):
        page = html(document(model, "0" * 64, language))
        assert "<details><summary>EGFR" in page
        assert words in page
        # the page's script adds to it: what is folded is in the page, and opens without
        assert words in re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)


def test_every_filter_has_a_name_in_both_languages() -> None:
    assert {f"rule.{rule.name}" for rule in RULES} <= set(messages())


@pytest.mark.parametrize(
    ("text", "ja"),
    [
        ("at most 0.01", "0.01 以下"),
        (
            "score from 0.02 (from 0.13 without the phenotype), among the first 50, or pathogenic",
            "スコア 0.02 以上（症状を除くと 0.13 以上）で上位 50 位以内、または病的",
        ),
        ("normal up to 35, pathogenic from 48", "正常は 35 回まで、病的は 48 回から"),
        (
            "at most 0.01 where no normal tells inherited alleles apart",
            "正常検体がなく遺伝性と区別できないとき 0.01 以下",
        ),
        ("I-A, Uncertain significance", "I-A、病的意義不明（VUS）"),
        ("0.540, place 2, Pathogenic", "0.540、2 位、病的"),
        ("missense_variant&splice_region_variant", "ミスセンス、スプライス領域"),
        ("normal_ad 12", "正常のリード 12"),
        ("EML4::ALK, I-A", "EML4::ALK、I-A"),
    ],
)
def test_values_and_bounds_of_the_ledger_are_told_in_japanese(text: str, ja: str) -> None:
    one = {**fate(0, "chr7", 150, "frequency"), "value": text, "threshold": text}
    model = {"ledger": {"records": 1, "rows": [], "again": [one], "filtered": []}}
    for language, words in (("ja", ja), ("en", None)):
        row = str(ledger_blocks(model, Catalogue(language)))
        assert (words or "") in row
        assert ("'lang': 'en'" in row) is False


def test_what_no_message_tells_stays_as_it_is_and_says_its_language() -> None:
    one = {**fate(0, "chr7", 150, "frequency"), "value": "something else", "threshold": None}
    model = {"ledger": {"records": 1, "rows": [], "again": [one], "filtered": []}}
    assert "'text': 'something else', 'href': None, 'lang': 'en'" in str(
        ledger_blocks(model, Catalogue("ja"))
    )


def test_approvals_say_in_both_languages_whether_their_source_was_read() -> None:
    approvals = pl.read_csv(REPOSITORY / "resources/japan_approvals.tsv", separator="\t")
    for row in approvals.iter_rows(named=True):
        checked = {"yes": "verified", "no": "not verified"}[row["verified"]]
        stated = f"{row['status']} in Japan ({row['source']}; {checked})"
        item = evidence(1, source="japan_approvals", statement=stated)
        for language in LANGUAGES:
            say = Catalogue(language)
            told = evidence_source({**item, "group": "approved_japan"}, say)["text"]
            key = {"yes": "verified", "no": "unverified"}[row["verified"]]
            assert say.message(f"stated.japan.{key}") in told
            assert say.cited(row["source"]) in told


def test_sources_of_japan_are_told_in_japanese() -> None:
    tests = pl.read_csv(REPOSITORY / "resources/pharmacogenetic_tests.tsv", separator="\t")
    told = [f"{row['source']} ({row['date']})" for row in tests.iter_rows(named=True)]
    assert [text for text in told if Catalogue("ja").phrase("stated", text) is None] == []


def test_a_record_that_is_part_of_a_change_says_so() -> None:
    """Two shifts that restore the frame: judged once, told of both."""
    row = {"stage": "germline", "sample": "N", "chrom": "chr17", "ref": "A", "alt": "C",
           "fate": "tiered", "rule": "acmg_class", "value": "Uncertain significance",
           "threshold": "Likely pathogenic or Pathogenic",
           "part_of": "germline-chr17-5-AC-CA"}  # fmt: skip
    rows = [dict.fromkeys(LEDGER.schema) | row | {"record": n, "pos": 5 + n} for n in (0, 1)]
    table = LEDGER.table(pl.DataFrame(rows, schema=LEDGER.polars))
    told = {one["value"] for one in borderline_records(table)}
    assert told == {"Uncertain significance, part of germline-chr17-5-AC-CA"}
    assert Catalogue("ja").phrase("value", "part of germline-chr17-5-AC-CA")
