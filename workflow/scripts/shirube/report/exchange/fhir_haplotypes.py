"""Changes of several alleles in the FHIR bundle: a `haplotype` that rests on its `variant`s.

The finding stays one `variant`, the change as one allele: what is classified and treated. Beside
it each member is a `variant` by its place and coding change, without a protein, since alone it
makes none; a `haplotype` derived from them says that they lie on one molecule. Where that is not
certain there is none.
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
from shirube.report.exchange.fhir_codes import COORDINATES, LOINC, ORIGIN
from shirube.report.page.finding_blocks import title


def _member(item: Mapping[str, Any], one: Mapping[str, Any]) -> list[Resource]:
    """Components of an allele, given as `chr1:50 A>G`."""
    where, _, change = one["allele"].partition(" ")
    chrom, _, pos = where.rpartition(":")
    ref, _, alt = change.partition(">")
    out = [gene_studied(part) for part in (item["gene"] or "").split("::") if part]
    if one["hgvs_c"]:
        prefix = f"{item['transcript']}:" if item["transcript"] else ""
        name = prefix + one["hgvs_c"]
        value = concept("http://varnomen.hgvs.org", name, name)
        out.append(component(loinc("48004-6"), valueCodeableConcept=value))
    out.append(component(loinc("48000-4"), valueCodeableConcept={"text": chrom}))
    out.append(component(loinc("92822-6"), valueCodeableConcept=concept(LOINC, *COORDINATES)))
    out.append(component(loinc("81254-5"), valueRange={"low": {"value": int(pos)}}))
    out.append(component(loinc("69547-8"), valueString=ref))
    out.append(component(loinc("69551-0"), valueString=alt))
    if one["origin"] in ORIGIN:
        value = concept(LOINC, *ORIGIN[one["origin"]])
        out.append(component(loinc("48002-0"), valueCodeableConcept=value))
    return out


def add_haplotype(build: Builder, item: Mapping[str, Any], specimen: Resource) -> None:
    """Put the members of a finding of several alleles into the bundle, and their haplotype."""
    change = item["detail"].get("change")
    if not change or not change["certain"]:
        return
    members = [
        build.observation(
            f"{item['id']}:member:{number}",
            "variant",
            loinc("69548-6"),
            identifier=[{"system": "urn:shirube:allele", "value": one["allele"]}],
            valueCodeableConcept=concept(LOINC, "LA9633-4", "Present"),
            specimen=specimen,
            component=_member(item, one),
        )
        for number, one in enumerate(change["members"], 1)
    ]
    build.observation(
        f"{item['id']}:haplotype",
        "haplotype",
        loinc("84414-2"),
        identifier=[{"system": "urn:shirube:haplotype", "value": item["id"]}],
        valueCodeableConcept={"text": title(item)},
        specimen=specimen,
        derivedFrom=members,
        component=[gene_studied(part) for part in (item["gene"] or "").split("::") if part],
    )
