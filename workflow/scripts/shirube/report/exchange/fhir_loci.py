"""Measured loci in a FHIR bundle: lengths of repeats, copies of genes that have a paralogue.

Each locus that the question asks for is a `region-studied`: negative only where it was measured and
found normal, without a value and with the reason where it could not be. LOINC has no code for a
repeat's copies; they are components with a text, a range where the reads leave an interval.
"""

from collections.abc import Mapping
from typing import Any

from shirube.calling.loci.repeat_sizes import Size, sizes_of
from shirube.report.exchange.fhir_builder import (
    Builder,
    Resource,
    component,
    concept,
    gene_studied,
    loinc,
)
from shirube.report.exchange.fhir_codes import INTERPRETATION, NOT_PERFORMED, UCUM

COPIES, MOTIF, RANGE = "copies of the repeat", "repeat unit", "range of the repeat"


def copies_of(item: Mapping[str, Any]) -> list[Resource]:
    """Components that say how often: copies of a segment or a gene, of a repeat's unit."""
    detail, out = item["detail"], []
    copies = detail.get("total_cn")
    if isinstance(copies, (int, float)):
        out.append(component(loinc("82155-3"), valueQuantity={"value": copies}))
    if item["kind"] == "repeat":
        texts = [(MOTIF, detail["motif"]), *((COPIES, text) for text in detail["alleles"])]
        texts.append((RANGE, detail["range"]))
        out += [component({"text": what}, valueString=value) for what, value in texts if value]
    return out


def _length(length: Size) -> Resource:
    if length.low == length.high:
        value = {"value": length.copies, "unit": "copies", "system": UCUM, "code": "1"}
        return component({"text": COPIES}, valueQuantity=value)
    ends = {"low": length.low, "high": length.high}
    return component(
        {"text": COPIES},
        valueRange={
            name: {"value": end, "unit": "copies", "system": UCUM, "code": "1"}
            for name, end in ends.items()
            if end is not None
        },
    )


def _meaning(assessed: bool, found: bool) -> Resource:
    """Normal is negative; what was not measured has no value; what was found says itself."""
    if not assessed:
        return {"dataAbsentReason": concept(*NOT_PERFORMED)}
    return {} if found else {"interpretation": [concept(*INTERPRETATION)]}


def add_loci(build: Builder, model: Mapping[str, Any]) -> None:
    """A `region-studied` for each row of the model's repeats and gene copies."""
    for row in model["repeats"]:
        assessed = row["range"] != "not_assessable"
        parts = [gene_studied(row["gene"])] if row["gene"] else []
        parts.append(component(loinc("81293-3"), valueString=f"repeat {row['locus']}"))
        if row["motif"]:
            parts.append(component({"text": MOTIF}, valueString=row["motif"]))
        parts += [_length(length) for length in sizes_of(row)]
        parts.append(component({"text": RANGE}, valueCodeableConcept={"text": row["range"]}))
        build.observation(
            f"repeat:{row['locus']}",
            "region-studied",
            loinc("53041-0"),
            component=parts,
            note=[{"text": row["reason"] or row["range"]}],
            **_meaning(assessed, row["range"] != "normal"),
        )
    for row in model["gene_copies"]:
        parts = [
            gene_studied(row["gene"]),
            component(loinc("81293-3"), valueString=f"copies of {row['gene']} at {row['site']}"),
        ]
        if row["copies"] is not None:
            value = {"value": row["copies"], "unit": "copies", "system": UCUM, "code": "1"}
            parts.append(component(loinc("82155-3"), valueQuantity=value))
        build.observation(
            f"copies:{row['gene']}",
            "region-studied",
            loinc("53041-0"),
            component=parts,
            note=[{"text": row["reason"] or "measured"}],
            **_meaning(row["assessed"], (row["copies"] or 0) < 2),
        )
