"""The report as a GA4GH Phenopacket (schema 2.0, JSON)."""

import json
from collections.abc import Mapping
from typing import Any

from shirube.report.members import member_texts
from shirube.report.page.finding_blocks import title

_KARYOTYPE = {"XX": "XX", "XY": "XY"}
_STATE = {
    "heterozygous": ("GENO:0000135", "heterozygous"),
    "homozygous": ("GENO:0000136", "homozygous"),
    "hemizygous": ("GENO:0000134", "hemizygous"),
    "heteroplasmic": ("GENO:0000603", "heteroplasmic"),
    "homoplasmic": ("GENO:0000602", "homoplasmic"),
}
_ACMG = {
    "Pathogenic": "PATHOGENIC",
    "Likely pathogenic": "LIKELY_PATHOGENIC",
    "Pathogenic/Likely pathogenic": "LIKELY_PATHOGENIC",
    "Uncertain significance": "UNCERTAIN_SIGNIFICANCE",
    "Likely benign": "LIKELY_BENIGN",
    "Benign": "BENIGN",
}
_UNDATED = "1970-01-01T00:00:00Z"  # the schema asks for a time; a report may have no date


def _ontology(identifier: str, label: str | None = None) -> dict[str, str]:
    return {"id": identifier, "label": label or identifier}


def disease(code: str | None) -> dict[str, str]:
    """The diagnosis as an ontology class: MONDO, NANDO and OMIM as they are, else OncoTree."""
    if code is None:
        return _ontology("MONDO:0000001", "disease")
    return _ontology(code if ":" in code else f"ONCOTREE:{code}", code)


def _onset(stated: str | None) -> dict[str, Any]:
    """Onset of the disease: a term of HPO, an age, a range of ages or weeks of gestation."""
    if stated is None:
        return {}
    if ":" in stated:
        return {"onset": {"ontologyClass": _ontology(stated)}}
    if stated.startswith("G"):
        weeks, _, days = stated[1:].partition("W")
        age = {"weeks": int(weeks)} | ({"days": int(days.rstrip("D"))} if days else {})
        return {"onset": {"gestationalAge": age}}
    ages = [{"iso8601duration": age} for age in stated.split("/")]
    whole = (
        {"age": ages[0]}
        if len(ages) == 1
        else {"ageRange": dict(zip(("start", "end"), ages, strict=True))}
    )
    return {"onset": whole}


def _variant(item: Mapping[str, Any], build: str) -> dict[str, Any]:
    descriptor: dict[str, Any] = {"id": item["id"], "label": title(item)}
    names = (("hgvs.g", "hgvs_g"), ("hgvs.c", "hgvs_c"), ("hgvs.p", "hgvs_p"))
    prefix = f"{item['transcript']}:" if item["transcript"] else ""
    expressions = [
        {"syntax": syntax, "value": item[key] if key != "hgvs_c" else prefix + item[key]}
        for syntax, key in names
        if item[key]
    ]
    if expressions:
        descriptor["expressions"] = expressions
    if item["gene"]:
        descriptor["geneContext"] = {"valueId": item["gene"], "symbol": item["gene"]}
    allele = item["allele"]
    if allele and allele["ref"] and allele["alt"]:
        descriptor["vcfRecord"] = {
            "genomeAssembly": build,
            "chrom": allele["chrom"],
            "pos": str(allele["pos"]),
            "ref": allele["ref"],
            "alt": allele["alt"],
        }
    descriptor["moleculeContext"] = "genomic"
    if item["zygosity"] in _STATE:
        descriptor["allelicState"] = _ontology(*_STATE[item["zygosity"]])
    reads = item["reads"]
    extensions = [
        {"name": name, "value": reads[key]}
        for name, key in (("allele-frequency", "vaf"), ("depth", "depth"), ("reads", "alternative"))
        if reads[key] is not None
    ]
    extensions += [{"name": "member", "value": text} for text in member_texts(item)]
    if extensions:
        descriptor["extensions"] = extensions
    return descriptor


def _withheld(model: Mapping[str, Any]) -> list[str]:
    """What was seen and a filter removed: no interpretation of it, but its name."""
    return [
        f"seen, filtered because {', '.join(row['filters'])}: {row['name'] or row['id']}"
        for row in model["withheld"]
    ]


def phenopacket(model: Mapping[str, Any], digest: str) -> dict[str, Any]:
    """The phenopacket of a report model whose report.json has the SHA-256 `digest`."""
    patient = model["patient"]
    actionable = {s["finding"] for s in model["summary"] if s["reason"] == "therapy"}
    samples = {row["kind"]: row["sample"] for row in model["samples"]}
    genomic = []
    for item in model["findings"]:
        kind = "normal" if item["origin"] == "germline" else "tumour"
        found: dict[str, Any] = {
            "variationDescriptor": _variant(item, model["build"]),
            "acmgPathogenicityClassification": _ACMG.get(
                item["classification"] or "", "NOT_PROVIDED"
            ),
            "therapeuticActionability": "ACTIONABLE"
            if item["id"] in actionable
            else "UNKNOWN_ACTIONABILITY",
        }
        genomic.append(
            {
                "subjectOrBiosampleId": samples.get(kind) or model["samples"][0]["sample"],
                "interpretationStatus": "CANDIDATE",
                "variantInterpretation": found,
            }
        )
    terms = [term for term in (patient["hpo"] or "").split(";") if term]
    tumour = {"id": "EFO:0000616", "label": "neoplasm"}
    out: dict[str, Any] = {
        "id": f"shirube-{digest[:16]}",
        "subject": {
            "id": patient["patient"],
            "karyotypicSex": _KARYOTYPE.get(patient["sex"], "UNKNOWN_KARYOTYPE"),
        },
        "phenotypicFeatures": [
            {"type": _ontology(term.lstrip("!")), "excluded": term.startswith("!")}
            for term in terms
        ],
        "biosamples": [
            {
                "id": row["sample"],
                "individualId": patient["patient"],
                **({"histologicalDiagnosis": tumour} if row["kind"] == "tumour" else {}),
            }
            for row in model["samples"]
        ],
        "diseases": [{"term": disease(patient["diagnosis"]), **_onset(patient["onset"])}]
        if patient["diagnosis"]
        else [],
        "interpretations": [
            {
                "id": f"shirube-{digest[:16]}-1",
                "progressStatus": "COMPLETED"
                if model["sign_off"]["state"] == "signed"
                else "IN_PROGRESS",
                "diagnosis": {
                    "disease": disease(patient["diagnosis"]),
                    "genomicInterpretations": genomic,
                },
                "summary": "; ".join([f"report.json SHA-256 {digest}", *_withheld(model)]),
            }
        ],
        "metaData": {
            "created": f"{model['date']}T00:00:00Z" if model["date"] else _UNDATED,
            "createdBy": "Shirube",
            "resources": [
                {
                    "id": "geno",
                    "name": "Genotype Ontology",
                    "url": "http://purl.obolibrary.org/obo/geno.owl",
                    "version": "2023-10-08",
                    "namespacePrefix": "GENO",
                    "iriPrefix": "http://purl.obolibrary.org/obo/GENO_",
                }
            ],
            "phenopacketSchemaVersion": "2.0",
        },
    }
    return out


def phenopacket_bytes(model: Mapping[str, Any], digest: str) -> bytes:
    """The phenopacket as JSON."""
    text = json.dumps(phenopacket(model, digest), ensure_ascii=False, indent=1)
    return (text + "\n").encode()
