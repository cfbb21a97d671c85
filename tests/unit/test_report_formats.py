"""Every rendering says what report.json says: parity, FHIR rules, PDF, phenopacket, verify."""

import copy
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from report_case import BRCA1, EGFR, FUSION, findings, inputs

from shirube.report.exchange.fhir import bundle, fhir_bytes
from shirube.report.exchange.fhir_codes import LOINC, NAMES
from shirube.report.exchange.phenopacket import phenopacket, phenopacket_bytes
from shirube.report.model import canonical_bytes, loaded, report, written
from shirube.report.page.catalogue import LANGUAGES
from shirube.report.page.document import document
from shirube.report.page.html import html
from shirube.report.page.pdf import pdf
from shirube.report.panel.listing import panel_csv
from shirube.report.panel.print import panel_pdf
from shirube.report.parity import differences, json_records
from shirube.report.schema import report_schema
from shirube.report.verify import report_problems


def written_report(directory: Path, **changed: object) -> dict[str, Any]:
    """All formats of a report in a directory; the model."""
    directory.mkdir(exist_ok=True)
    written(report(**inputs(**changed)), report_schema(), directory / "report.json")
    model, digest = loaded(directory / "report.json", report_schema())
    for language in LANGUAGES:
        made = document(model, digest, language)
        (directory / f"report.{language}.html").write_text(html(made), encoding="utf-8")
        (directory / f"report.{language}.pdf").write_bytes(pdf(made))
        (directory / f"panel.{language}.pdf").write_bytes(panel_pdf(model, digest, language))
        (directory / f"panel.{language}.csv").write_bytes(panel_csv(model, digest, language))
    (directory / "report.fhir.json").write_bytes(fhir_bytes(model, digest))
    (directory / "report.phenopacket.json").write_bytes(phenopacket_bytes(model, digest))
    return model


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("reports")
    written_report(directory)
    return directory


def renderings(directory: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in directory.iterdir() if p.name != "report.json"}


def test_every_format_carries_the_same_findings(reports: Path) -> None:
    model, _ = loaded(reports / "report.json", report_schema())
    assert len(json_records(model)) == 3
    assert len(renderings(reports)) == 10
    assert differences(model, renderings(reports)) == []


@pytest.mark.parametrize("key", ["hgvs_p", "vaf", "depth", "lost"])
def test_parity_sees_any_difference_in_any_format(reports: Path, key: str) -> None:
    model, _ = loaded(reports / "report.json", report_schema())
    other = copy.deepcopy(model)
    if key == "lost":
        other["findings"].pop()
    elif key == "hgvs_p":
        other["findings"][0]["hgvs_p"] = "p.Leu858Gln"
    elif key == "vaf":
        other["findings"][0]["reads"]["vaf"] += 0.01
    else:
        other["findings"][0]["reads"]["depth"] += 1
    for name, data in renderings(reports).items():
        assert differences(other, {name: data}), name


def test_verify_accepts_a_whole_report(reports: Path) -> None:
    assert report_problems(reports) == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("report.json", b"p.Leu858Arg", b"p.Leu858Gln"),
        ("report.json", b'"version"', b'"virsion"'),
        ("report.en.html", b"c.2573T&gt;G", b"c.2573T&gt;A"),
        ("report.fhir.json", b"p.Leu858Arg", b"p.Leu858Gln"),
        ("panel.ja.csv", b"47 / 142", b"46 / 142"),
        ("panel.en.csv", b"LUNG01", b"LUNG02"),
        ("report.phenopacket.json", b"c.2573T>G", b"c.2573T>A"),
    ],
)
def test_verify_sees_a_changed_file(tmp_path: Path, name: str, old: bytes, new: bytes) -> None:
    written_report(tmp_path)
    data = (tmp_path / name).read_bytes()
    assert old in data
    (tmp_path / name).write_bytes(data.replace(old, new))
    assert report_problems(tmp_path)


def test_verify_sees_damage_and_absence(tmp_path: Path) -> None:
    written_report(tmp_path)
    (tmp_path / "report.ja.pdf").write_bytes(b"%PDF-1.7 cut")
    assert any("report.ja.pdf" in p for p in report_problems(tmp_path))
    assert report_problems(tmp_path / "nowhere")


def test_pdf_is_tagged_embedded_and_the_same_twice(reports: Path) -> None:
    data = (reports / "report.ja.pdf").read_bytes()
    reader = PdfReader(io.BytesIO(data))
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"].startswith("ja")
    assert "/StructTreeRoot" in catalog
    sizes = {tuple(round(float(x)) for x in page.mediabox[2:]) for page in reader.pages}
    assert sizes == {(595, 842)}
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    ]
    assert fonts
    descriptors = [font["/FontDescriptor"] for font in fonts]
    assert all({"/FontFile2", "/FontFile3"} & set(d) for d in descriptors)
    assert any("IPAexGothic" in str(d["/FontName"]) for d in descriptors)
    text = "".join(page.extract_text() for page in reader.pages)
    assert "がんゲノム解析報告書" in text
    model, digest = loaded(reports / "report.json", report_schema())
    assert pdf(document(model, digest, "ja")) == data


def test_pdf_survives_hostile_text() -> None:
    hostile = "#panic() $x$ *b* \\ @a <l> [" + "W" * 1_000_000
    row = {**EGFR, "name": hostile, "hgvs_c": hostile, "gene": hostile}
    made = document(report(**inputs(finding_table=findings(row))), "0" * 64, "en")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf(made))).pages)
    assert "#panic() $x$ *b*" in re.sub(r"[\s\u200b]+", " ", text)


# Rules of the Genomics Reporting guide that the resource models do not hold.
def observations(found: dict[str, Any], profile: str) -> list[dict[str, Any]]:
    resources = [entry["resource"] for entry in found["entry"]]
    return [
        r
        for r in resources
        if r["resourceType"] == "Observation" and r["meta"]["profile"][0].endswith(f"/{profile}")
    ]


@pytest.fixture(scope="module")
def fhir(reports: Path) -> dict[str, Any]:
    return json.loads((reports / "report.fhir.json").read_bytes())


def test_fhir_report_comes_first_and_names_every_observation(fhir: dict[str, Any]) -> None:
    first = fhir["entry"][0]["resource"]
    assert first["resourceType"] == "DiagnosticReport"
    assert first["code"]["coding"][0]["code"] == "51969-4"
    assert first["status"] == "preliminary"  # unconfirmed
    given = {e["fullUrl"] for e in fhir["entry"] if e["resource"]["resourceType"] == "Observation"}
    assert {r["reference"] for r in first["result"]} == given


def test_fhir_references_resolve_and_ids_are_unique(fhir: dict[str, Any]) -> None:
    urls = [entry["fullUrl"] for entry in fhir["entry"]]
    assert len(urls) == len(set(urls))
    named = set(re.findall(r'"reference": "([^"]+)"', json.dumps(fhir)))
    assert named <= set(urls)
    assert all(e["fullUrl"] == f"urn:uuid:{e['resource']['id']}" for e in fhir["entry"])


def test_fhir_observations_have_the_categories_and_a_subject(fhir: dict[str, Any]) -> None:
    for profile in (
        "variant",
        "therapeutic-implication",
        "diagnostic-implication",
        "region-studied",
    ):
        found = observations(fhir, profile)
        assert found, profile
        for resource in found:
            codes = {c["coding"][0]["code"] for c in resource["category"]}
            assert codes == {"laboratory", "GE"}
            assert resource["subject"]
            assert resource["code"]["coding"][0]["code"]


def test_fhir_variants(fhir: dict[str, Any]) -> None:
    found = {r["identifier"][0]["value"]: r for r in observations(fhir, "variant")}
    assert set(found) == {EGFR["finding"], FUSION["finding"], BRCA1["finding"]}
    for resource in found.values():
        assert resource["code"]["coding"][0] == {
            "system": LOINC,
            "code": "69548-6",
            "display": NAMES["69548-6"],
        }
        assert resource["valueCodeableConcept"]["coding"][0]["code"] == "LA9633-4"
        codes = [c["code"].get("coding", [{}])[0].get("code") for c in resource["component"]]
        single = [code for code in codes if code and code != "48018-6"]  # genes may repeat
        assert len(single) == len(set(single))
        for part in resource["component"]:
            assert len([key for key in part if key.startswith("value")]) == 1
    fusion = found[FUSION["finding"]]["component"]
    genes = [p["valueCodeableConcept"]["text"] for p in fusion if "48018-6" in json.dumps(p)]
    assert genes == ["EML4", "ALK"]


def test_fhir_implications_rest_on_a_variant(fhir: dict[str, Any]) -> None:
    variants = {e["fullUrl"] for e in fhir["entry"] if "identifier" in e["resource"]}
    found = observations(fhir, "therapeutic-implication")
    assert len(found) == 5
    for resource in [*found, *observations(fhir, "diagnostic-implication")]:
        assert resource["derivedFrom"][0]["reference"] in variants
        assert "valueCodeableConcept" not in resource
    said = [
        part["valueCodeableConcept"]
        for resource in found
        for part in resource["component"]
        if "predicted-therapeutic-implication" in json.dumps(part)
    ]
    assert sum("Resistance" in value["text"] for value in said) == 1
    unsupported = [value for value in said if "Does Not Support" in value["text"]]
    assert len(unsupported) == 1
    assert "coding" not in unsupported[0]  # never coded as responsive


def test_fhir_says_what_was_not_assessed(fhir: dict[str, Any]) -> None:
    found = observations(fhir, "region-studied")
    model = report(**inputs())
    absent = [r for r in found if "dataAbsentReason" in r]
    assert len(absent) == len(model["not_assessable"])
    assert len(found) - len(absent) == len(model["not_found"])
    assert all("interpretation" not in r for r in absent)


def test_fhir_marks_artificial_data() -> None:
    real = bundle(report(**inputs(build="GRCh38")), "0" * 64)
    made = bundle(report(**inputs()), "0" * 64)
    assert "HTEST" not in json.dumps(real)
    assert json.dumps(made).count("HTEST") == len(made["entry"])


def test_phenopacket_fields() -> None:
    model = report(**inputs())
    found = phenopacket(model, "0" * 64)
    given = found["interpretations"][0]["diagnosis"]["genomicInterpretations"]
    by_id = {g["variantInterpretation"]["variationDescriptor"]["id"]: g for g in given}
    brca = by_id[BRCA1["finding"]]
    assert brca["subjectOrBiosampleId"] == "LUNG01-N"
    assert brca["variantInterpretation"]["acmgPathogenicityClassification"] == "PATHOGENIC"
    record = by_id[EGFR["finding"]]["variantInterpretation"]["variationDescriptor"]["vcfRecord"]
    assert record == {
        "genomeAssembly": "artificial",
        "chrom": "chr7",
        "pos": "55191822",
        "ref": "T",
        "alt": "G",
    }
    assert found["metaData"]["phenopacketSchemaVersion"] == "2.0"


def test_formats_are_the_same_twice() -> None:
    model = report(**inputs())
    assert canonical_bytes(model) == canonical_bytes(report(**inputs()))
    assert fhir_bytes(model, "0" * 64) == fhir_bytes(model, "0" * 64)
    assert fhir_bytes(model, "0" * 64) != fhir_bytes(model, "1" * 64)
