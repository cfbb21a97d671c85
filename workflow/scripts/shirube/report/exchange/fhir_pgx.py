"""Pharmacogenes in the FHIR bundle, after the same guide.

One `genotype` Observation a gene that was looked at; its value is the diplotype, or absent where
none could be told. Where the phenotype is settled, one `therapeutic-implication` a recommendation
that is not for the normal phenotype, and one `medication-recommendation` Task that proposes it.
"""

from collections.abc import Mapping
from typing import Any

from shirube.report.exchange.fhir_builder import (
    Builder,
    Resource,
    component,
    concept,
    gene_studied,
    loinc,
)
from shirube.report.exchange.fhir_codes import GUIDE, NO_ANSWER, TBD


def _genotype(build: Builder, gene: Mapping[str, Any]) -> Resource:
    names = [d["name"] for d in gene["diplotypes"]]
    notes = [f"status: {gene['status']}; source: {gene['source']}"]
    if gene["uncalled"]:
        places = ", ".join(f"{p['rsid'] or ''} {p['pos']}".strip() for p in gene["uncalled"])
        notes.append(f"no genotype at: {places}; the diplotype holds if these are reference")
    if gene["not_excluded"]:
        notes.append(f"not excluded: {', '.join(gene['not_excluded'])}")
    value: Resource = {"dataAbsentReason": concept(*NO_ANSWER)}
    if names:
        value = {"valueCodeableConcept": {"text": " or ".join(names)}}
    return build.observation(
        f"genotype:{gene['gene']}",
        "genotype",
        loinc("84413-4"),
        component=[gene_studied(gene["gene"])],
        note=[{"text": text} for text in notes],
        **value,
    )


def _recommendation(
    build: Builder, row: Mapping[str, Any], number: int, genotypes: list[Resource]
) -> None:
    kind = concept(TBD, "predicted-therapeutic-implication", "Predicted Therapeutic Implication")
    parts = [component(loinc("51963-7"), valueCodeableConcept={"text": row["drugs"]})]
    parts.append(component(kind, valueCodeableConcept={"text": row["phenotypes"]}))
    if row["strength"]:
        level = {"text": f"{row['source']}: {row['strength']}"}
        parts.append(component(loinc("93044-6"), valueCodeableConcept=level))
    implication = build.observation(
        f"pgx:{number}:{row['id']}",
        "therapeutic-implication",
        concept(TBD, "therapeutic-implication", "Therapeutic Implication"),
        derivedFrom=genotypes,
        component=parts,
        note=[{"text": f"{row['source']} {row['id']}: {row['url']}"}],
    )
    task = build.add(
        f"task:{number}:{row['id']}",
        {
            "resourceType": "Task",
            "meta": {"profile": [f"{GUIDE}/StructureDefinition/medication-recommendation"]},
            "status": "requested",
            "intent": "proposal",
            "description": row["text"] or row["phenotypes"],
            "for": {"reference": build.url("patient")},
            "reasonReference": implication,
        },
    )
    build.actions.append(task)


def add_genotypes(build: Builder, found: Mapping[str, Any]) -> None:
    """Put the pharmacogenomic part of a report model into the bundle."""
    genotypes = {gene["gene"]: _genotype(build, gene) for gene in found["genes"]}
    altered = [row for row in found["recommendations"] if row["altered"]]
    for number, row in enumerate(altered, 1):
        of = [genotypes[g] for g in row["genes"].split(", ") if g in genotypes]
        _recommendation(build, row, number, of)
