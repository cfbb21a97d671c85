"""The report as a FHIR R4 bundle after the Genomics Reporting guide (HL7 FHIR R4, v2.0).

One DiagnosticReport; one `variant` Observation a finding; one `therapeutic-implication` an
evidence item that names a drug; one `diagnostic-implication` a classified germline finding; one
`region-studied` a target that was looked for and not found, or could not be assessed (repeats and
gene copies: fhir_loci); of pharmacogenes see fhir_pgx, of what is proposed fhir_proposals. Ids are
derived from the SHA-256 of report.json, so the same report gives the same bundle.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fhir.resources.R4B.bundle import Bundle

from shirube.report.exchange.fhir_builder import (
    Builder,
    Resource,
    component,
    concept,
    gene_studied,
    loinc,
)
from shirube.report.exchange.fhir_codes import (
    ACMG,
    ALLELIC_STATE,
    CLINVAR,
    COORDINATES,
    GUIDE,
    INTERPRETATION,
    LOINC,
    NOT_PERFORMED,
    ORIGIN,
    SEQUENCE_ONTOLOGY,
    SIGNIFICANCE,
    TBD,
    UCUM,
    V2_0074,
)
from shirube.report.exchange.fhir_haplotypes import add_haplotype
from shirube.report.exchange.fhir_loci import add_loci, copies_of
from shirube.report.exchange.fhir_markers import add_marker, clonality_parts, origin_parts
from shirube.report.exchange.fhir_pgx import add_genotypes
from shirube.report.exchange.fhir_proposals import STUDY, add_follow_up, add_trials
from shirube.report.members import member_texts
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.finding_blocks import title
from shirube.report.page.therapies import leading_drugs

ALL_READS = "reads at the place"
MEMBER = "allele of the haplotype"
ESCAT = "ESCAT tier (ESMO)"
_ASSEMBLY = {"GRCh37": ("LA14029-5", "GRCh37"), "GRCh38": ("LA26806-2", "GRCh38")}


def _hgvs(code: str, name: str) -> Resource:
    return component(
        loinc(code), valueCodeableConcept=concept("http://varnomen.hgvs.org", name, name)
    )


def _components(item: Mapping[str, Any], build: str) -> list[Resource]:
    out: list[Resource] = [gene_studied(part) for part in (item["gene"] or "").split("::") if part]
    for code, key in (("81290-9", "hgvs_g"), ("48004-6", "hgvs_c"), ("48005-3", "hgvs_p")):
        if item[key]:
            out.append(_hgvs(code, item[key]))
    if item["transcript"]:
        out.append(component(loinc("51958-7"), valueCodeableConcept={"text": item["transcript"]}))
    if build in _ASSEMBLY:
        value = concept(LOINC, *_ASSEMBLY[build])
        out.append(component(loinc("62374-4"), valueCodeableConcept=value))
    allele = item["allele"]
    if allele:
        out.append(component(loinc("48000-4"), valueCodeableConcept={"text": allele["chrom"]}))
        value = concept(LOINC, *COORDINATES)
        out.append(component(loinc("92822-6"), valueCodeableConcept=value))
        place = {"low": {"value": allele["pos"]}}
        out.append(component(loinc("81254-5"), valueRange=place))
        for code, key in (("69547-8", "ref"), ("69551-0", "alt")):
            if allele[key]:
                out.append(component(loinc(code), valueString=allele[key]))
    if item["clinvar"]:
        number = str(item["clinvar"]["id"])
        value = concept(CLINVAR, number, f"ClinVar {number}")
        out.append(component(loinc("81252-9"), valueCodeableConcept=value))
    if item["origin"] in ORIGIN:
        value = concept(LOINC, *ORIGIN[item["origin"]])
        out.append(component(loinc("48002-0"), valueCodeableConcept=value))
    if item["zygosity"] in ALLELIC_STATE:
        value = concept(LOINC, *ALLELIC_STATE[item["zygosity"]])
        out.append(component(loinc("53034-5"), valueCodeableConcept=value))
    reads = item["reads"]
    if reads["vaf"] is not None:
        quantity = {
            "value": reads["vaf"],
            "unit": "relative frequency",
            "system": UCUM,
            "code": "1",
        }
        out.append(component(loinc("81258-6"), valueQuantity=quantity))
    # LOINC's allelic read depth counts reads with the allele; all reads have no code of their own.
    for coded, key in ((loinc("82121-5"), "alternative"), ({"text": ALL_READS}, "depth")):
        if reads[key] is not None:
            quantity = {"value": reads[key], "unit": "reads", "system": UCUM, "code": "1"}
            out.append(component(coded, valueQuantity=quantity))
    out += [*clonality_parts(item), *origin_parts(item), *_escat_parts(item)]
    out += copies_of(item)
    out += [component({"text": MEMBER}, valueString=text) for text in member_texts(item)]
    if item["consequence"]:
        terms = item["consequence"].split("&")
        coding = [{"system": SEQUENCE_ONTOLOGY, "display": term} for term in terms]
        effect = concept(
            f"{GUIDE}/CodeSystem/tbd-codes-cs", "feature-consequence", "Feature Consequence"
        )
        out.append(component(effect, valueCodeableConcept={"coding": coding}))
    return out


def _escat_parts(item: Mapping[str, Any]) -> list[Resource]:
    """ESCAT tier with its sources, which have no code of their own."""
    found = item["detail"].get("escat")
    if not found:
        return []
    sources = sorted({f"{row['oncotree']}: {row['source']}"
                      f"{'' if row['verified'] else ' (unverified)'}"
                      for row in found["rows"]})  # fmt: skip
    text = f"{found['tier']} ({'; '.join(sources)})"
    return [component({"text": ESCAT}, valueCodeableConcept={"text": text})]


def _implications(build: Builder, item: Mapping[str, Any], variant: Resource) -> None:
    known = [e for e in item["evidence"] if e["therapies"]]
    for number, e in enumerate(known, 1):
        parts = [component(loinc("51963-7"), valueCodeableConcept={"text": e["therapies"]})]
        if e["level"]:
            level = {"text": f"{e['source'] or ''} {e['level']}".strip()}
            parts.append(component(loinc("93044-6"), valueCodeableConcept=level))
        if e["disease"]:
            parts.append(component(loinc("81259-4"), valueCodeableConcept={"text": e["disease"]}))
        code, text = SIGNIFICANCE[e["group"]]
        effect = f"{e['direction'] or ''} {e['significance'] or ''}".strip()
        value: Resource = {"text": effect or text}
        if code:
            value["coding"] = [{"system": LOINC, "code": code, "display": text}]
        kind = concept(
            TBD, "predicted-therapeutic-implication", "Predicted Therapeutic Implication"
        )
        parts.append(component(kind, valueCodeableConcept=value))
        rest: Resource = {"derivedFrom": [variant], "component": parts}
        if e["url"]:
            rest["note"] = [{"text": f"{e['source']} {e['version'] or ''} {e['id']}: {e['url']}"}]
        elif e["group"] == "approved_japan":  # with its conditions, and whether they were read
            rest["note"] = [{"text": f"{e['id']}: {e['statement']}"}]
        code_ = concept(TBD, "therapeutic-implication", "Therapeutic Implication")
        build.observation(
            f"{item['id']}:evidence:{number}", "therapeutic-implication", code_, **rest
        )
    if item["classification"]:
        meaning: Resource = {"text": item["classification"]}
        if item["classification"] in ACMG:
            meaning["coding"] = [
                {
                    "system": LOINC,
                    "code": ACMG[item["classification"]],
                    "display": item["classification"],
                }
            ]
        code_ = concept(TBD, "diagnostic-implication", "Diagnostic Implication")
        parts = [component(loinc("53037-8"), valueCodeableConcept=meaning)]
        build.observation(
            f"{item['id']}:class",
            "diagnostic-implication",
            code_,
            derivedFrom=[variant],
            component=parts,
        )


CLASS = "class of change: {}"
_UNITS = {
    "vaf": "allele fraction {:.3g} or more",
    "vaf_short": "{:.3g} or more of changes below {short} bases",
    "bases": "{} bases or longer",
    "copies": "{} copies or more",
    "purity": "at a tumour purity of {:.2f} or more",
}


def _class_value(one: Mapping[str, Any]) -> Resource:
    """What is said of a class of change: not found from a limit on, present, or why unknown."""
    if one["state"] == "not_assessable":
        return {"dataAbsentReason": {**concept(*NOT_PERFORMED), "text": one["reason"]}}
    limits = [text.format(one[key], **one) for key, text in _UNITS.items() if one[key] is not None]
    said = "present, no reported finding" if one["state"] == "present" else "not found"
    return {"valueString": ": ".join([said, *([", ".join(limits)] if limits else [])])}


def _region(build: Builder, row: Mapping[str, Any], assessed: bool) -> None:
    name = f"{row['kind']} {row['number'] or ''} {row['label']}".strip()
    text = "not assessable: " + row["reason"] if not assessed else "no reportable variant found"
    parts = [
        gene_studied(row["gene"]),
        component(
            loinc("81293-3"),
            valueString=" ".join(f"{row['kind']} {row['number'] or ''} {row['label']}".split()),
        ),
    ]
    if row["callable"] is not None:
        percent = {"value": 100 * row["callable"], "unit": "%", "system": UCUM, "code": "%"}
        code = concept(TBD, "region-coverage", "Region Coverage")
        parts.append(component(code, valueQuantity=percent))
    if row["mean_depth"] is not None:
        quantity = {"value": row["mean_depth"], "unit": "reads", "system": UCUM, "code": "1"}
        parts.append(component({"text": "mean read depth"}, valueQuantity=quantity))
    limit = row.get("detectable_vaf")
    if limit is not None:
        quantity = {"value": limit, "unit": "relative frequency", "system": UCUM, "code": "1"}
        parts.append(
            component({"text": "smallest detectable allele fraction"}, valueQuantity=quantity)
        )
    parts += [
        component({"text": CLASS.format(one["class"])}, **_class_value(one))
        for one in row.get("classes", ())
    ]
    value: Resource = {"interpretation": [concept(*INTERPRETATION)]}
    if not assessed:
        value = {"dataAbsentReason": concept(*NOT_PERFORMED)}
    build.observation(
        f"region:{row['gene']}:{name}",
        "region-studied",
        loinc("53041-0"),
        component=parts,
        note=[{"text": text}],
        **value,
    )


def _withheld(build: Builder, row: Mapping[str, Any], assembly: str) -> None:
    """An allele that was seen and a filter removed: a region without a result, and why."""
    reads = row["reads"]
    seen = f"{reads['alternative']} of {reads['depth']} reads"
    parts = [gene_studied(row["gene"])] if row["gene"] else []
    for code, key in (("81290-9", "hgvs_g"), ("48004-6", "hgvs_c"), ("48005-3", "hgvs_p")):
        if row[key]:
            parts.append(_hgvs(code, row[key]))
    if assembly in _ASSEMBLY:
        value = concept(LOINC, *_ASSEMBLY[assembly])
        parts.append(component(loinc("62374-4"), valueCodeableConcept=value))
    why = ", ".join(row["filters"])
    build.observation(
        f"withheld:{row['id']}",
        "region-studied",
        loinc("53041-0"),
        component=parts,
        note=[{"text": f"seen, filtered because {why}: {row['name'] or row['id']}, {seen}"}],
        dataAbsentReason=concept(*NOT_PERFORMED),
    )


def _specimen(given: Mapping[str, Any]) -> Resource:
    """What the hospital says of a specimen (report.identity), as far as it says it."""
    out: Resource = {}
    if given.get("specimen"):
        out["accessionIdentifier"] = {"value": given["specimen"]}
    taken = {
        "collectedDateTime": given.get("collected"),
        "bodySite": given.get("site") and {"text": given["site"]},
    }
    if found := {key: value for key, value in taken.items() if value}:
        out["collection"] = found
    if given.get("received"):  # FHIR's dateTime may be a day
        out["receivedTime"] = given["received"]
    if given.get("tumour_content") is not None:
        out["note"] = [{"text": f"tumour content by pathology: {given['tumour_content']:g}"}]
    return out


def _specimens(
    build: Builder, samples: Iterable[Mapping[str, Any]], given: Mapping[str, Any]
) -> dict[str, Resource]:
    out = {}
    for row in samples:
        text = "tumour specimen" if row["kind"] == "tumour" else "normal (germline) specimen"
        out[row["kind"]] = build.add(
            f"specimen:{row['sample']}",
            {
                "resourceType": "Specimen",
                "identifier": [{"system": "urn:shirube:sample", "value": row["sample"]}],
                "type": {"text": text},
                "subject": {"reference": build.url("patient")},
                **_specimen(given.get(row["sample"]) or {}),
            },
        )
    return out


def _leading_first(model: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The findings in the order of the first page, then those that do not stand there."""
    places = {one["finding"]: place for place, one in enumerate(model["summary"])}
    return sorted(model["findings"], key=lambda item: places.get(item["id"], len(places)))


def _conclusion(model: Mapping[str, Any]) -> str:
    """What leads, each with the drugs of its best basis; how many findings, and their state."""
    say, ordered = Catalogue("en"), _leading_first(model)[: len(model["summary"])]
    said = [
        f"{title(item)} ({drugs})" if (drugs := leading_drugs(item, say)) else title(item)
        for item in ordered
    ]
    said.append(f"{len(model['findings'])} findings; state: {model['sign_off']['state']}")
    return ". ".join(said)


def bundle(model: Mapping[str, Any], digest: str) -> dict[str, Any]:
    """The FHIR bundle of a report model whose report.json has the SHA-256 `digest`."""
    build = Builder(model, digest)
    patient = {"system": "urn:shirube:patient", "value": model["patient"]["patient"]}
    build.add("patient", {"resourceType": "Patient", "identifier": [patient]})
    specimens = _specimens(build, model["samples"], (model["identity"] or {}).get("samples", {}))
    for item in _leading_first(model):
        kind = "normal" if item["origin"] == "germline" else "tumour"
        specimen = specimens.get(kind) or next(iter(specimens.values()))
        if item["kind"] == "biomarker":
            _implications(build, item, add_marker(build, model, item, specimen))
            continue
        variant = build.observation(
            item["id"],
            "variant",
            loinc("69548-6"),
            identifier=[{"system": "urn:shirube:finding", "value": item["id"]}],
            valueCodeableConcept=concept(LOINC, "LA9633-4", "Present"),
            specimen=specimen,
            component=_components(item, model["build"]),
            note=[{"text": title(item)}],
        )
        _implications(build, item, variant)
        add_haplotype(build, item, specimen)
    for row in model["markers"]:
        if not any(item["id"] == f"biomarker-{row['marker']}" for item in model["findings"]):
            add_marker(build, model, {"id": f"biomarker-{row['marker']}", "gene": row["marker"]},
                       specimens.get("tumour") or next(iter(specimens.values())))  # fmt: skip
    for row in model["not_found"]:
        _region(build, row, assessed=True)
    for row in model["not_assessable"]:
        _region(build, row, assessed=False)
    for row in model["withheld"]:
        _withheld(build, row, model["build"])
    add_loci(build, model)
    add_genotypes(build, model["pharmacogenomics"])
    add_follow_up(build, model)
    studies = add_trials(build, model["trials"])
    report: Resource = {
        "resourceType": "DiagnosticReport",
        "meta": {"profile": [f"{GUIDE}/StructureDefinition/genomics-report"]},
        "identifier": [{"system": "urn:shirube:report:sha256", "value": digest}],
        "status": build.status,
        "category": [concept(V2_0074, "GE", "Genetics")],
        "code": loinc("51969-4"),
        "subject": {"reference": build.url("patient")},
        "specimen": list(specimens.values()),
        "conclusion": _conclusion(model),
    }
    if build.results:
        report["result"] = list(build.results)
    extensions = [
        *((f"{GUIDE}/StructureDefinition/recommended-action", one) for one in build.actions),
        *((STUDY, one) for one in studies),
    ]
    if extensions:
        report["extension"] = [{"url": url, "valueReference": one} for url, one in extensions]
    if model["date"]:
        report["effectiveDateTime"] = model["date"]
    build.add("report", report)
    build.entries.insert(0, build.entries.pop())
    out = {"resourceType": "Bundle", "type": "collection", "entry": build.entries}
    if model["date"]:
        out["timestamp"] = f"{model['date']}T00:00:00Z"
    return out


def fhir_bytes(model: Mapping[str, Any], digest: str) -> bytes:
    """The bundle as JSON, an entry a line, after the resource models accepted it."""
    found = bundle(model, digest)
    Bundle.model_validate(found)
    entries = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in found.pop("entry"))
    head = json.dumps(found, ensure_ascii=False)[:-1]  # json indents a large bundle slowly
    return f'{head}, "entry": [\n{entries}\n]}}\n'.encode()
