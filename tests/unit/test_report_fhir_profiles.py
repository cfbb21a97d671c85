"""The bundle against rules of the Genomics Reporting guide (HL7 FHIR R4, STU2).

Those that the models of fhir.resources do not hold: codes, values, slices, cardinalities.

Written from the guide's profile definitions (github.com/HL7/genomics-reporting, input/fsh):
finding, variant, genotype, region-studied, implication, diagnostic-implication,
therapeutic-implication, medication-recommendation, genomics-report, genomics-base.
"""

import json
from collections import Counter
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from report_case import (
    BRCA1,
    EGFR,
    FUSION,
    HAPLOTYPE,
    evidence,
    findings,
    inputs,
    rows,
    star_alleles,
)

from shirube.contracts import MARKERS
from shirube.report.exchange.fhir import ALL_READS, bundle
from shirube.report.exchange.fhir_codes import GUIDE, LOINC, TBD, UCUM
from shirube.report.model import report

PROFILE = f"{GUIDE}/StructureDefinition/"
MANY, CONCEPT, QUANTITY, TEXT, RANGE = 99, "CodeableConcept", "Quantity", "String", "Range"
GENE = {"48018-6": (MANY, CONCEPT)}
# component code -> how often it may occur, the only kind of value it may have
COMPONENTS: dict[str, dict[str, tuple[int, str]]] = {
    "variant": {
        **GENE,
        "62374-4": (MANY, CONCEPT),
        "48004-6": (1, CONCEPT),
        "81290-9": (1, CONCEPT),
        "48005-3": (1, CONCEPT),
        "51958-7": (1, CONCEPT),
        "81254-5": (1, RANGE),
        "92822-6": (1, CONCEPT),
        "69547-8": (1, TEXT),
        "69551-0": (1, TEXT),
        "48002-0": (1, CONCEPT),
        "81258-6": (1, QUANTITY),
        "82121-5": (1, QUANTITY),
        "53034-5": (1, CONCEPT),
        "81252-9": (MANY, CONCEPT),
        "48000-4": (MANY, CONCEPT),
        "82155-3": (1, QUANTITY),
        "feature-consequence": (1, CONCEPT),
    },
    "genotype": GENE,
    "haplotype": GENE,
    "region-studied": {**GENE, "81293-3": (1, TEXT), "region-coverage": (1, QUANTITY)},
    "therapeutic-implication": {
        "93044-6": (1, CONCEPT),
        "51963-7": (MANY, CONCEPT),
        "81259-4": (MANY, CONCEPT),
        "predicted-therapeutic-implication": (1, CONCEPT),
    },
    "diagnostic-implication": {"93044-6": (1, CONCEPT), "53037-8": (1, CONCEPT)},
    "msi": {},
    "tmb": {},
}
CODES = {
    "variant": (LOINC, "69548-6"),
    "genotype": (LOINC, "84413-4"),
    "haplotype": (LOINC, "84414-2"),
    "region-studied": (LOINC, "53041-0"),
    "msi": (LOINC, "81695-9"),
    "tmb": (LOINC, "94076-7"),
    "therapeutic-implication": (TBD, "therapeutic-implication"),
    "diagnostic-implication": (TBD, "diagnostic-implication"),
}
Entry = dict[str, Any]


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    rows = findings(EGFR, FUSION, HAPLOTYPE)
    made = bundle(report(**inputs(finding_table=rows, pharmacogenomics=star_alleles())), "0" * 64)
    Bundle.model_validate(made)
    return made["entry"]


def test_the_bundle_leads_as_the_first_page_does() -> None:
    """A biomarker of the whole tumour goes before a gene's change; its drugs stand beside it."""
    approved = evidence(
        2, source="japan_approvals", id="SOLID: pembrolizumab", url=None, disease="LUAD",
        therapies="pembrolizumab", statement="approved in Japan [refractory] (a source; verified)",
    )  # fmt: skip
    unstable = {
        "finding": "biomarker-MSI", "rank": 1, "section": "biomarkers", "origin": "somatic",
        "kind": "biomarker", "gene": "MSI", "name": "MSI-High", "amp_tier": "I-A",
        "japan_level": "A", "evidence": [approved],
    }  # fmt: skip
    told = {"marker": "MSI", "value": 0.3, "low": 0.25, "high": 0.4, "call": "high"}
    markers = rows(MARKERS, told | {"unit": "share of microsatellites", "basis": "words"})
    model = report(**inputs(finding_table=findings(BRCA1, EGFR, unstable), markers=markers))
    made = bundle(model, "0" * 64)["entry"]
    (whole,) = resources(made, "DiagnosticReport")
    names = {item["id"]: item["name"] for item in model["findings"]}
    lead = [names[one["finding"]] for one in model["summary"]]
    assert lead[0] == "MSI-High"
    assert whole["conclusion"].startswith("MSI-High (Approved in Japan: Pembrolizumab")
    places = [whole["conclusion"].index(name) for name in lead]
    assert places == sorted(places)
    by_url = {entry["fullUrl"]: entry["resource"] for entry in made}
    results = [by_url[one["reference"]] for one in whole["result"]]
    notes = [n["text"] for one in results for n in one.get("note", [])]
    first = [notes.index(name) for name in lead]
    assert first == sorted(first)


def resources(entries: list[Entry], kind: str) -> list[Entry]:
    return [e["resource"] for e in entries if e["resource"]["resourceType"] == kind]


def profile_of(resource: Entry) -> str:
    (name,) = resource["meta"]["profile"]
    assert name.startswith(PROFILE)
    return name.removeprefix(PROFILE)


def value_kinds(part: Entry) -> list[str]:
    return [key.removeprefix("value") for key in part if key.startswith("value")]


def test_every_profile_occurs(entries: list[Entry]) -> None:
    assert {profile_of(r) for r in resources(entries, "Observation")} == set(CODES)


def test_base_of_every_observation(entries: list[Entry]) -> None:
    for r in resources(entries, "Observation"):
        laboratory = [c for c in r["category"] if c["coding"][0]["code"] == "laboratory"]
        assert len(laboratory) == 1
        assert list(r["subject"]) == ["reference"]
        system, code = CODES[profile_of(r)]
        first = r["code"]["coding"][0]
        assert (first["system"], first["code"]) == (system, code)


def test_components_keep_slices_and_cardinalities(entries: list[Entry]) -> None:
    for r in resources(entries, "Observation"):
        allowed = COMPONENTS[profile_of(r)]
        seen: Counter[str] = Counter()
        for part in r.get("component", []):
            kinds = value_kinds(part)
            assert len(kinds) + ("dataAbsentReason" in part) == 1
            if "coding" not in part["code"]:  # open slicing: a component of our own, named in words
                assert part["code"]["text"]
                continue
            coding = part["code"]["coding"][0]
            seen[coding["code"]] += 1
            assert coding["system"] in (LOINC, TBD)
            assert kinds == [allowed[coding["code"]][1]], coding
            if kinds == [QUANTITY] and coding["code"] != "82155-3":
                assert part["valueQuantity"]["system"] == UCUM
        assert all(count <= allowed[code][0] for code, count in seen.items())


def test_variant_is_present_and_its_depth_counts_the_allele(entries: list[Entry]) -> None:
    variants = [r for r in resources(entries, "Observation") if profile_of(r) == "variant"]
    for r in variants:
        assert r["valueCodeableConcept"]["coding"][0]["code"] == "LA9633-4"
    egfr = next(r for r in variants if r["identifier"][0]["value"] == EGFR["finding"])
    by_code = {
        p["code"].get("coding", [{}])[0].get("code") or p["code"]["text"]: p
        for p in egfr["component"]
    }
    assert by_code["82121-5"]["valueQuantity"]["value"] == EGFR["ad_alt"]
    assert by_code[ALL_READS]["valueQuantity"]["value"] == EGFR["dp"]
    assert by_code["92822-6"]["valueCodeableConcept"]["coding"][0]["code"] == "LA30102-0"
    assert by_code["81252-9"]["valueCodeableConcept"]["coding"][0]["code"] == EGFR["clinvar_id"]


def test_a_haplotype_rests_on_its_alleles(entries: list[Entry]) -> None:
    by_url = {e["fullUrl"]: e["resource"] for e in entries}
    (one,) = (r for r in resources(entries, "Observation") if profile_of(r) == "haplotype")
    assert one["identifier"][0]["value"] == BRCA1["finding"]
    assert one["valueCodeableConcept"]["text"]
    told = []
    for source in one["derivedFrom"]:
        allele = by_url[source["reference"]]
        assert profile_of(allele) == "variant"
        parts = {p["code"]["coding"][0]["code"]: p for p in allele["component"]}
        assert "48005-3" not in parts  # no molecule carries what one of them would make alone
        place = f"{parts['48000-4']['valueCodeableConcept']['text']}:"
        place += str(parts["81254-5"]["valueRange"]["low"]["value"])
        change = f"{parts['69547-8']['valueString']}>{parts['69551-0']['valueString']}"
        told.append((f"{place} {change}", "48004-6" in parts))
    assert told == [("chr17:43094507 G>A", True), ("chr17:43094506 A>T", False)]


def test_alleles_of_unknown_phase_are_no_haplotype() -> None:
    change = json.loads(HAPLOTYPE["detail"])["change"]
    detail = json.dumps({"change": {**change, "certain": False}})
    made = bundle(report(**inputs(finding_table=findings({**BRCA1, "detail": detail}))), "0" * 64)
    profiles = {profile_of(r) for r in resources(made["entry"], "Observation")}
    assert "haplotype" not in profiles


def test_implications_have_no_value_and_rest_on_findings(entries: list[Entry]) -> None:
    by_url = {e["fullUrl"]: e["resource"] for e in entries}
    for r in resources(entries, "Observation"):
        if not profile_of(r).endswith("implication"):
            continue
        assert value_kinds(r) == []
        assert r["derivedFrom"]
        for source in r["derivedFrom"]:
            assert profile_of(by_url[source["reference"]]) in ("variant", "genotype")


def test_genotypes_say_what_was_not_seen(entries: list[Entry]) -> None:
    found = {
        r["component"][0]["valueCodeableConcept"]["text"]: r
        for r in resources(entries, "Observation")
        if profile_of(r) == "genotype"
    }
    assert found["NUDT15"]["valueCodeableConcept"]["text"] == "*3/*3"
    assert "rs3064744" in json.dumps(found["UGT1A1"]["note"])
    assert "*28" in json.dumps(found["UGT1A1"]["note"])
    assert "dataAbsentReason" in found["CYP2D6"]
    assert value_kinds(found["CYP2D6"]) == []


def test_medication_recommendations(entries: list[Entry]) -> None:
    by_url = {e["fullUrl"]: e["resource"] for e in entries}
    tasks = resources(entries, "Task")
    assert Counter(map(profile_of, tasks))["medication-recommendation"] == 1
    for task in tasks:
        if profile_of(task) != "medication-recommendation":
            continue
        assert (task["status"], task["intent"]) == ("requested", "proposal")
        assert by_url[task["for"]["reference"]]["resourceType"] == "Patient"
        reason = by_url[task["reasonReference"]["reference"]]
        assert profile_of(reason) == "therapeutic-implication"
    report_ = resources(entries, "DiagnosticReport")[0]
    actions = [x["valueReference"]["reference"] for x in report_["extension"]]
    assert [by_url[a] for a in actions] == tasks
    assert {x["url"] for x in report_["extension"]} == {PROFILE + "recommended-action"}


def test_what_follows_from_a_finding_is_proposed() -> None:
    """Counselling for what is inherited, the work-up for Lynch syndrome for MSI-High; no more."""
    marker = {**FUSION, "finding": "biomarker-MSI", "section": "biomarkers", "kind": "biomarker",
              "gene": "MSI", "name": "MSI-High", "detail": "{}"}  # fmt: skip
    table = findings(EGFR, marker, BRCA1)
    made = bundle(report(**inputs(finding_table=table)), "0" * 64)
    by_url = {e["fullUrl"]: e["resource"] for e in made["entry"]}
    asked = {}
    for task in resources(made["entry"], "Task"):
        assert profile_of(task) == "followup-recommendation"
        about = by_url[task["reasonReference"]["reference"]]["identifier"][0]["value"]
        asked[about] = (task["code"]["coding"][0]["code"], task["description"])
    assert set(asked) == {"biomarker-MSI", BRCA1["finding"]}
    assert asked["biomarker-MSI"][0] == "LA14022-0"
    assert "Lynch" in asked["biomarker-MSI"][1]
    assert asked[BRCA1["finding"]][0] == "LA14020-4"


def test_specimens_and_approvals_say_what_the_report_says() -> None:
    given = {"specimen": "S26-0123", "site": "right lung", "collected": "2026-11-02",
             "received": "2026-11-04", "tumour_content": 0.4}  # fmt: skip
    approved = evidence(
        1, source="japan_approvals", id="NSCLC: osimertinib", url=None,
        statement="approved in Japan [first_line] (a source; not verified)",
    )  # fmt: skip
    said = {"age": 63, "physician": None, "institute": None, "reported": None}
    model = report(
        **inputs(
            finding_table=findings({**EGFR, "evidence": [approved]}),
            identity={**said, "samples": {"LUNG01-T": given}},
        )
    )
    entries = bundle(model, "0" * 64)["entry"]
    Bundle.model_validate(bundle(model, "0" * 64))
    tumour = next(r for r in resources(entries, "Specimen") if "collection" in r)
    assert tumour["accessionIdentifier"]["value"] == "S26-0123"
    assert tumour["collection"] == {
        "collectedDateTime": "2026-11-02", "bodySite": {"text": "right lung"}
    }  # fmt: skip
    assert tumour["receivedTime"] == "2026-11-04"
    assert "0.4" in tumour["note"][0]["text"]
    notes = [n["text"] for r in resources(entries, "Observation") for n in r.get("note", ())]
    assert any("[first_line]" in n and "not verified" in n for n in notes)


def test_report_has_its_category_subject_specimens_and_results(entries: list[Entry]) -> None:
    by_url = {e["fullUrl"]: e["resource"] for e in entries}
    (found,) = resources(entries, "DiagnosticReport")
    assert profile_of(found) == "genomics-report"
    genetics = [c for c in found["category"] if c["coding"][0]["code"] == "GE"]
    assert len(genetics) == 1
    assert by_url[found["subject"]["reference"]]["resourceType"] == "Patient"
    assert all(by_url[s["reference"]]["resourceType"] == "Specimen" for s in found["specimen"])
    assert all(by_url[r["reference"]]["resourceType"] == "Observation" for r in found["result"])
    assert "imagingStudy" not in found
