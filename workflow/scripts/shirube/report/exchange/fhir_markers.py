"""Biomarkers of a tumour in FHIR: microsatellite instability and mutational burden.

Profiles of the Genomics Reporting guide: `msi` (LOINC 81695-9, answers LA26203-2 MSI-H and
LA14122-8 Stable) and `tmb` (LOINC 94076-7, mutations per megabase). What could not be told has no
value and says so. Scars of deficient repair are an observation without a profile, named
in words; signatures stay in report.json.
"""

from collections.abc import Mapping
from typing import Any

from shirube.report.exchange.fhir_builder import Builder, Resource, component, concept, loinc
from shirube.report.exchange.fhir_codes import LOINC, NO_ANSWER, UCUM
from shirube.report.page.finding_blocks import title

_CODED = {"MSI": ("msi", "81695-9"), "TMB": ("tmb", "94076-7")}
# What the guide has no profile and LOINC no code for: name, unit and its code in UCUM.
_UNCODED = {
    "HRD": ("Homologous recombination deficiency score", "score", "{score}"),
    "kataegis": ("Foci of kataegis", "foci", "{foci}"),
    "chromothripsis": ("Chromosomes with chromothripsis", "chromosomes", "{chromosomes}"),
}
_MSI = {"high": ("LA26203-2", "MSI-H"), "stable": ("LA14122-8", "Stable")}


def add_marker(
    build: Builder, model: Mapping[str, Any], item: Mapping[str, Any], specimen: Resource
) -> Resource:
    """Put the observation of one marker (`item`: a finding, or its id and marker); its reference.

    A marker that is none of those is no observation: an empty reference.
    """
    row = next((r for r in model["markers"] if r["marker"] == item["gene"]), None)
    if row is None or (row["marker"] not in _CODED and not _uncoded(row["marker"])):
        return {}
    value: Resource = {"dataAbsentReason": concept(*NO_ANSWER)}
    if row["marker"] == "MSI" and row["call"] in _MSI:
        value = {"valueCodeableConcept": concept(LOINC, *_MSI[row["call"]])}
    elif row["marker"] == "TMB" and row["call"] != "unknown" and row["value"] is not None:
        quantity = {"value": row["value"], "unit": "1/1000000", "system": UCUM, "code": "1/10*6"}
        value = {"valueQuantity": quantity}
    elif row["marker"] not in _CODED and row["call"] != "unknown":
        unit, symbol = _uncoded(row["marker"])[1:]
        quantity = {"value": row["value"], "unit": unit, "system": UCUM, "code": symbol}
        value = {"valueQuantity": quantity}
    if row["call"] in ("high", "low"):
        code = {"high": ("H", "High"), "low": ("L", "Low")}[row["call"]]
        system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
        value["interpretation"] = [concept(system, *code)]
    profile, coded = _CODED.get(row["marker"], (None, None))
    what = loinc(coded) if coded else {"text": _uncoded(row["marker"])[0]}
    text = row["marker"]
    if item.get("name"):  # a finding: it carries the finding's id, as variants do
        text = title(item)
        value["identifier"] = [{"system": "urn:shirube:finding", "value": item["id"]}]
    return build.observation(
        item["id"],
        profile,
        what,
        specimen=specimen,
        note=[{"text": text}, {"text": f"{row['call']}; {row['basis']}"}],
        **value,
    )


def _uncoded(marker: str) -> tuple[str, ...]:
    """Name, unit and its code of a marker that has no profile; () for one that is not told here."""
    if marker.startswith("virus:"):
        return f"Fragments of a virus: {marker.removeprefix('virus:')}", "fragments", "{fragments}"
    return _UNCODED.get(marker, ())


def origin_parts(item: Mapping[str, Any]) -> list[Resource]:
    """Components that say what else may be the origin of a finding, in words."""
    notes = item["detail"].get("origin_notes") or []
    said = [note["reason"] for note in notes if isinstance(note, Mapping)]
    return [component({"text": "possible origin"}, valueString=text) for text in said]


def clonality_parts(item: Mapping[str, Any]) -> list[Resource]:
    """Components of the share of cancer cells with a finding: the guide has no code for them.

    The share with its interval where it is known; clonal, subclonal or unknown always.
    """
    found = item["detail"].get("clonality")
    if not isinstance(found, Mapping):
        return []
    out = [component({"text": "clonality"}, valueCodeableConcept={"text": found["state"]})]
    if "ccf" in found:
        units = {"unit": "relative frequency", "system": UCUM, "code": "1"}
        quantity = {"value": found["ccf"], **units}
        out.append(component({"text": "cancer cell fraction"}, valueQuantity=quantity))
        ends = {end: {"value": found[end], **units} for end in ("low", "high")}
        out.append(component({"text": "cancer cell fraction, 95% interval"}, valueRange=ends))
    return out
