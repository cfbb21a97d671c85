"""Repeats and gene copies in every rendering: found, normal, and not assessable."""

from typing import Any

import polars as pl
import pytest
from interpretation_frames import knowledge
from report_case import EGFR, FUSION, PATIENT, findings, inputs

from shirube.calling.loci.repeat_sizes import Size
from shirube.calling.loci.repeats import measured, not_assessable, repeats_table
from shirube.contracts.loci import GENE_COPIES
from shirube.interpret.person import Person
from shirube.interpret.question import Question
from shirube.ledger import LEDGER
from shirube.rare.repeats import repeat_stage
from shirube.reasons import because, stored
from shirube.report.exchange.fhir import bundle, fhir_bytes
from shirube.report.exchange.fhir_loci import COPIES, MOTIF, RANGE
from shirube.report.exchange.phenopacket import phenopacket, phenopacket_bytes
from shirube.report.model import report
from shirube.report.page.catalogue import LANGUAGES, Catalogue
from shirube.report.page.document import document
from shirube.report.page.html import html
from shirube.report.page.pdf import pdf
from shirube.report.page.rare_blocks import homozygosity, rare_facts
from shirube.report.parity import differences, json_records

LOCUS = {"gene": "ATN1", "inheritance": "AD", "chrom": "chr12", "benign_max": 35,
         "pathogenic_min": 48, "disease": "Dentatorubral-pallidoluysian atrophy"}  # fmt: skip
SEEN = {"motif": "CAG", "reason": because("repeat.seen", spanning=9, flanking=6, within=4)}


def locus(name: str, place: int) -> dict[str, Any]:
    return {**LOCUS, "locus": name, "start": place, "end": place + 45}


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    table = repeats_table(
        [
            measured(locus("DRPLA_ATN1", 1000), [Size(15, 15, 15), Size(62, 50, None)], 2, SEEN),
            measured(locus("MADE_1", 3000), [Size(15, 15, 15), Size(19, 18, 20)], 2, SEEN),
            not_assessable(locus("MADE_2", 5000), 2, because("repeat.outside")),
        ]
    )
    person = Person("LUNG01", "XX", "rare", normal="LUNG01-N")
    account = repeat_stage(person, knowledge(), Question("rare", None, frozenset(), {}), table)
    why = because("copies.unsure", copies=1, probability="60%")
    copies = {"gene": "SMN1", "paralogue": "SMN2", "site": "c.840C>T", "assessed": False}
    copies |= {"reason": why, "said": stored(why)}
    rows = [{**dict.fromkeys(GENE_COPIES.schema), **copies}]
    loci = {
        "repeats": table,
        "gene_copies": GENE_COPIES.table(pl.DataFrame(rows, schema=GENE_COPIES.polars)),
    }
    parts = [LEDGER.table(part.select(list(LEDGER.schema))) for part in account.parts]
    ledger = pl.concat([inputs()["ledger"], *parts])
    given = findings(EGFR, FUSION, *account.findings)
    return report(**inputs(finding_table=given, loci=loci, ledger=LEDGER.table(ledger)))


def renderings(model: dict[str, Any]) -> dict[str, bytes]:
    out = {"report.fhir.json": fhir_bytes(model, "0" * 64)}
    out["report.phenopacket.json"] = phenopacket_bytes(model, "0" * 64)
    for language in LANGUAGES:
        made = document(model, "0" * 64, language)
        out[f"report.{language}.html"] = html(made).encode()
        out[f"report.{language}.pdf"] = pdf(made)
    return out


def test_an_expansion_is_told_alike_in_every_format(model: dict[str, Any]) -> None:
    titles = {record[1] for record in json_records(model)}
    assert titles == {"EGFR p.Leu858Arg", "EML4::ALK", "ATN1 (CAG)n 15/≥50"}
    made = renderings(model)
    assert differences(model, made) == []
    other = {**model, "findings": [{**f} for f in model["findings"]]}
    changed = next(f for f in other["findings"] if f["kind"] == "repeat")
    changed["name"] = "ATN1 (CAG)n 15/49"
    for name, data in made.items():
        assert differences(other, {name: data}), name


def test_a_class_that_differs_on_the_pdf_is_seen(model: dict[str, Any]) -> None:
    data = {"report.en.pdf": pdf(document(model, "0" * 64, "en"))}
    other = {**model, "findings": [{**f} for f in model["findings"]]}
    next(f for f in other["findings"] if f["kind"] == "repeat")["classification"] = "Benign"
    assert differences(other, data)


def test_fhir_tells_of_every_locus_what_was_seen(model: dict[str, Any]) -> None:
    found = {
        part["valueString"].removeprefix("repeat "): entry["resource"]
        for entry in bundle(model, "0" * 64)["entry"]
        for part in entry["resource"].get("component", [])
        if str(part.get("valueString", "")).startswith(("repeat ", "copies of "))
    }
    assert set(found) == {"DRPLA_ATN1", "MADE_1", "MADE_2", "copies of SMN1 at c.840C>T"}
    expanded, normal, blind, copies = (found[name] for name in found)
    assert "interpretation" not in expanded
    assert "dataAbsentReason" not in expanded
    assert normal["interpretation"][0]["coding"][0]["code"] == "NEG"
    for resource in (blind, copies):
        assert resource["dataAbsentReason"]
        assert "interpretation" not in resource
    assert blind["note"][0]["text"] == "outside the regions of the run"
    ranges = [p["valueRange"] for p in expanded["component"] if "valueRange" in p]
    assert [{end: value["value"] for end, value in r.items()} for r in ranges] == [{"low": 50}]


def test_the_variant_of_an_expansion_has_its_copies(model: dict[str, Any]) -> None:
    parts = next(
        entry["resource"]["component"]
        for entry in bundle(model, "0" * 64)["entry"]
        if entry["resource"].get("identifier", [{}])[0].get("value") == "repeat-DRPLA_ATN1"
    )
    told = [(p["code"].get("text"), p.get("valueString")) for p in parts]
    for pair in ((MOTIF, "CAG"), (COPIES, "15"), (COPIES, "≥50"), (RANGE, "pathogenic")):
        assert pair in told


def test_reasons_of_repeats_are_in_the_language_of_the_page(model: dict[str, Any]) -> None:
    pages = {name: str(document(model, "0" * 64, name)["sections"]) for name in LANGUAGES}
    assert "リピート内のリード 4" in pages["ja"]
    assert "in-repeat" not in pages["ja"]
    assert "解析領域の外" in pages["ja"]
    assert "9 spanning, 6 flanking, 4 in-repeat reads" in pages["en"]


@pytest.mark.parametrize(
    ("language", "labels", "mother"),
    [
        ("ja", ("モザイクの可能性がある親", "変異ミトコンドリアDNAの割合（患者／母）"), "母"),
        (
            "en",
            (
                "Parent who may be mosaic",
                "Share of mitochondrial DNA with the allele (patient / mother)",
            ),
            "mother",
        ),
    ],
)
def test_a_mosaic_parent_and_heteroplasmy_are_shown(
    language: str, labels: tuple[str, str], mother: str
) -> None:
    reads = {"mother": {"ad_alt": 20, "dp": 100, "copies": 1}}
    detail = {"mosaic_parent": "mother", "heteroplasmy": 0.7, "parents": reads}
    shown = rare_facts({"kind": "snv", "detail": detail, "gene": "MT-ND1"}, Catalogue(language))
    told = [(label, block["text"]) for label, block in shown if block]
    wanted = list(zip(labels, (mother, "70.0% / 20.0%"), strict=True))
    assert [pair for pair in told if pair in wanted] == wanted


def test_onset_and_related_parents_are_told() -> None:
    run = {
        "kind": "roh",
        "chrom": "chr1",
        "start": 0,
        "end": 60_000_000,
        "sites": 900,
        "against": 3,
    }
    run |= {"reason": "homozygous", "said": []}
    for language, born, related, ask in (
        ("ja", "乳児期", "両親の血縁", "申告されていません"),
        ("en", "infantile", "Parents related", "not stated to be related"),
    ):
        say = Catalogue(language)
        patient = {**PATIENT, "onset": "HP:0003593", "consanguinity": "yes"}
        made = document(report(**inputs(patient=patient)), "0" * 64, language)
        assert born in str(made)
        assert related in str(made)
        assert ask in str(homozygosity([run], say))
        assert ask not in str(homozygosity([run], say, "yes"))
        assert ask not in str(homozygosity([{**run, "end": 9_000_000}], say))
    packet = phenopacket(report(**inputs(patient=patient)), "0" * 64)
    assert packet["diseases"][0]["onset"]["ontologyClass"]["id"] == "HP:0003593"
    aged = phenopacket(report(**inputs(patient={**PATIENT, "onset": "P3Y"})), "0" * 64)
    assert aged["diseases"][0]["onset"] == {"age": {"iso8601duration": "P3Y"}}
