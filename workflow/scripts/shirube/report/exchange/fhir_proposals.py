"""What a report proposes, in the FHIR bundle: tests and counselling to follow, trials that recruit.

A test or counselling is a `followup-recommendation` Task of the guide, with the answers of LOINC's
list LL1037-2; a trial is a ResearchStudy, to which the report points by FHIR's own extension
`workflow-researchStudy`. Neither says that a person is eligible.
"""

from collections.abc import Mapping
from typing import Any

from shirube.report.exchange.fhir_builder import Builder, Resource, concept
from shirube.report.exchange.fhir_codes import GUIDE, LOINC
from shirube.report.page.catalogue import Catalogue

STUDY = "http://hl7.org/fhir/StructureDefinition/workflow-researchStudy"
COUNSELLING = ("LA14020-4", "Genetic counseling recommended")
TESTING = ("LA14022-0", "Additional testing recommended")
PHASES = "http://terminology.hl7.org/CodeSystem/research-study-phase"
# ClinicalTrials.gov's phases -> code and display of FHIR.
_PHASE = {
    "EARLY_PHASE1": ("early-phase-1", "Early Phase 1"),
    "PHASE1": ("phase-1", "Phase 1"),
    "PHASE1|PHASE2": ("phase-1-phase-2", "Phase 1/Phase 2"),
    "PHASE2": ("phase-2", "Phase 2"),
    "PHASE2|PHASE3": ("phase-2-phase-3", "Phase 2/Phase 3"),
    "PHASE3": ("phase-3", "Phase 3"),
    "PHASE4": ("phase-4", "Phase 4"),
    "NA": ("n-a", "N/A"),
}


def add_follow_up(build: Builder, model: Mapping[str, Any]) -> None:
    """Put the proposals that follow from findings to act on into the bundle (see lead_cards)."""
    say = Catalogue("en")
    by_id = {item["id"]: item for item in model["findings"]}
    for one in model["summary"]:
        item = by_id[one["finding"]]
        asked = []
        if item["origin"] == "germline":
            asked.append((COUNSELLING, "step.counsel"))
        if item["kind"] == "biomarker" and item["gene"] == "MSI":
            asked.append((TESTING, "step.lynch"))
        for answer, step in asked:
            task: Resource = {
                "resourceType": "Task",
                "meta": {"profile": [f"{GUIDE}/StructureDefinition/followup-recommendation"]},
                "status": "requested",
                "intent": "proposal",
                "code": concept(LOINC, *answer),
                "description": say.message(step),
                "for": {"reference": build.url("patient")},
                "reasonReference": {"reference": build.url(item["id"])},
            }
            build.actions.append(build.add(f"task:{step}:{item['id']}", task))


def add_trials(build: Builder, found: Mapping[str, Any] | None) -> list[Resource]:
    """Put the trials listed into the bundle; references to them."""
    return [
        build.add(f"study:{one['trial']}", _study(one)) for one in (found or {}).get("listed", ())
    ]


def _study(one: Mapping[str, Any]) -> Resource:
    out: Resource = {
        "resourceType": "ResearchStudy",
        "identifier": [{"system": "urn:shirube:trial", "value": one["trial"]}],
        "title": one["title"],
        "status": "active",
        "note": [
            {"text": f"{match['by']} of {match['finding']} matched on: {match['text']}"}
            for match in one["matches"]
        ]
        + [{"text": f"{one['status']}, exported {one['exported']}; eligibility not judged"}],
    }
    if one["url"]:
        out["relatedArtifact"] = [{"type": "documentation", "url": one["url"]}]
    if one["phase"] in _PHASE:
        out["phase"] = concept(PHASES, *_PHASE[one["phase"]])
    for key, name in (("condition", "conditions"), ("focus", "interventions"),
                      ("location", "countries")):  # fmt: skip
        if one[name]:
            out[key] = [{"text": text} for text in one[name]]
    return out
