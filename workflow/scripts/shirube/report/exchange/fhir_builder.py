"""The pieces of a FHIR bundle: coded concepts, components, observations of the guide's profiles."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from shirube.report.exchange.fhir_codes import GUIDE, LOINC, NAMES, V2_0074

Resource = dict[str, Any]


def concept(system: str, code: str, display: str) -> Resource:
    """A coded concept with its text."""
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def loinc(code: str) -> Resource:
    """A concept of LOINC, with LOINC's name where the guide uses it."""
    return concept(LOINC, code, NAMES[code])


def component(code: Resource, **value: object) -> Resource:
    """One component of an observation."""
    return {"code": code, **value}


class Builder:
    """The resources of one report, in order."""

    def __init__(self, model: Mapping[str, Any], digest: str) -> None:
        self.model, self.digest = model, digest
        self.entries: list[Resource] = []
        self.results: list[Resource] = []
        self.actions: list[Resource] = []
        signed = model["sign_off"]["state"] == "signed"
        self.status = "final" if signed else "preliminary"

    def url(self, name: str) -> str:
        """Address of the resource of this name: derived, never drawn."""
        return f"urn:uuid:{uuid5(NAMESPACE_URL, f'shirube:{self.digest}:{name}')}"

    def add(self, name: str, resource: Resource) -> Resource:
        """Put a resource into the bundle; return a reference to it."""
        url = self.url(name)
        if self.model["artificial"]:
            tag = {
                "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
                "code": "HTEST",
                "display": "test health data",
            }
            resource = {**resource, "meta": {**resource.get("meta", {}), "tag": [tag]}}
        resource = {**resource, "id": url.removeprefix("urn:uuid:")}
        self.entries.append({"fullUrl": url, "resource": resource})
        return {"reference": url}

    def observation(
        self, name: str, profile: str | None, code: Resource, **rest: object
    ) -> Resource:
        """Put an observation, of a profile of the guide or of none, into bundle and report."""
        category = [
            concept(
                "http://terminology.hl7.org/CodeSystem/observation-category",
                "laboratory",
                "Laboratory",
            ),
            concept(V2_0074, "GE", "Genetics"),
        ]
        reference = self.add(
            name,
            {
                "resourceType": "Observation",
                **(
                    {"meta": {"profile": [f"{GUIDE}/StructureDefinition/{profile}"]}}
                    if profile
                    else {}
                ),
                "status": self.status,
                "category": category,
                "code": code,
                "subject": {"reference": self.url("patient")},
                **rest,
            },
        )
        self.results.append(reference)
        return reference


def gene_studied(symbol: str) -> Resource:
    """The component that names a gene."""
    return component(loinc("48018-6"), valueCodeableConcept={"text": symbol})
