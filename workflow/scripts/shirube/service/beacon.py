"""Beacon v2 documents over a release: genomic variations with their frequencies.

Written after the GA4GH Beacon v2.0 and v2.1 framework and default model. Positions of a request are
0-based, as the specification says. One dataset: the release.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shirube.errors import InputError
from shirube.genome.accessions import accession_of, build_of, chromosome_of
from shirube.genome.chromosomes import canonical
from shirube.service.released import Row

API = "v2.1.0"
ENTRY = "genomicVariant"
GRANULARITIES = ("boolean", "count", "record")
INCLUDE = ("HIT", "MISS", "ALL", "NONE")
MOST = 1000  # records of one page; what a request that names no limit gets
_ROOT = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main"
_MODEL = f"{_ROOT}/models/json/beacon-v2-default-model"
_FRAMEWORK = f"{_ROOT}/framework/json"
SCHEMA = f"{_MODEL}/genomicVariations/defaultSchema.json"
DATASET_SCHEMA = f"{_MODEL}/datasets/defaultSchema.json"
Document = dict[str, Any]

_TEXTS = (
    *("referenceName", "referenceBases", "alternateBases", "variantType", "assemblyId"),
    *("geneId", "aminoacidChange", "genomicAlleleShortForm", "mateName"),
)
_LISTS, _NUMBERS = ("start", "end"), ("variantMinLength", "variantMaxLength")
# Spellings that the endpoints' own definition uses, or clients do.
_SPELT = {
    "geneid": "geneId",
    "gene": "geneId",
    "allele": "genomicAlleleShortForm",
    "assembly": "assemblyId",
    "aminoAcidChange": "aminoacidChange",
}
_BASES = frozenset("ACGTUNRYSWKMBDHV-.")
_IUPAC = {
    **{"A": "A", "C": "C", "G": "G", "T": "T", "U": "T", "N": "ACGT", "R": "AG", "Y": "CT"},
    **{"S": "CG", "W": "AT", "K": "GT", "M": "AC", "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG"},
}
# What a variantType asks for, by the names the field gives the kinds of small variants.
_TYPES = {
    **dict.fromkeys(("SNP", "SNV", "SO:0001483", "SO:0000694"), "snv"),
    **dict.fromkeys(("MNP", "MNV", "SO:0002007"), "mnv"),
    **dict.fromkeys(("INS", "INSERTION", "SO:0000667"), "insertion"),
    **dict.fromkeys(("DEL", "DELETION", "SO:0000159"), "deletion"),
    **dict.fromkeys(("INDEL", "DELINS", "SO:1000032"), "delins"),
}

# Structural types of a request as a VCF names them, and what else a variant of a type is.
_STRUCTURAL = {
    **dict.fromkeys(("DELETION", "SO:0000159", "EFO:0030067"), "DEL"),
    **dict.fromkeys(("DUPLICATION", "DUP:TANDEM", "SO:1000035", "EFO:0030070"), "DUP"),
    **dict.fromkeys(("INSERTION", "SO:0000667"), "INS"),
    **dict.fromkeys(("INVERSION", "SO:1000036"), "INV"),
    **dict.fromkeys(("BREAKEND", "TRA", "SO:0000199"), "BND"),
    **dict.fromkeys(("COPY_NUMBER", "SO:0001019"), "CNV"),
}
_MEANS = {"DEL": ("CNV",), "DUP": ("CNV",)}


@dataclass(frozen=True)
class Asked:
    """A request, whichever way it came: parameters as the model's `g_variant` has them."""

    parameters: Document = field(default_factory=dict)
    granularity: str = "record"
    include: str = "HIT"
    skip: int = 0
    limit: int = 0
    filters: tuple[str, ...] = ()
    schemas: tuple[Document, ...] = ()
    version: str = API
    test: bool = False


def _whole(value: object, name: str) -> int:
    text = str(value)
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InputError("request", f"a whole number {name}, 0-based", text[:20])
    return int(text)


def _pair(value: object, name: str) -> list[int]:
    parts = value if isinstance(value, list) else str(value).split(",")
    found = [_whole(part, name) for part in parts if str(part).strip() != ""]
    if not 1 <= len(found) <= 2:
        raise InputError("request", f"one or two values of {name}", str(value)[:40])
    return found


def parameters(given: Mapping[str, object]) -> Document:
    """Request parameters as the model types them; InputError for a value of no such type.

    A name that Beacon does not know is no reason to refuse: it is left out.
    """
    out: Document = {}
    for spelt, value in given.items():
        name = _SPELT.get(spelt, spelt)
        if value is None or (
            value in ("", []) and name not in ("referenceBases", "alternateBases")
        ):
            continue
        if name in _LISTS:
            out[name] = _pair(value, name)
        elif name in _NUMBERS:
            out[name] = _whole(value[0] if isinstance(value, list) else value, name)
        elif name in _TEXTS:
            text = value[-1] if isinstance(value, list) else value
            if not isinstance(text, str) or len(text) > 2000:
                raise InputError("request", f"{name} as text")
            out[name] = text
    for name in ("referenceBases", "alternateBases"):
        if name in out:
            out[name] = out[name].upper()
            if set(out[name]) - _BASES:
                raise InputError("request", f"{name} of ACGTN or other IUPAC codes", out[name][:20])
    return out


def asked_by_address(given: Mapping[str, Sequence[str]]) -> Asked:
    """A GET request."""
    flat: dict[str, object] = {}
    for name, values in given.items():
        flat[name] = list(values) if name in _LISTS and len(values) > 1 else values[-1]
    filters = [part for text in given.get("filters", ()) for part in text.split(",") if part]
    schema = [
        {"entityType": ENTRY, "schema": text}
        for name in ("requestedSchema", "requestedSchemas")
        for text in given.get(name, ())
    ]
    return Asked(
        parameters(flat),
        _among(flat.get("requestedGranularity"), GRANULARITIES, "record", "requestedGranularity"),
        _among(flat.get("includeResultsetResponses"), INCLUDE, "HIT", "includeResultsetResponses"),
        _whole(flat.get("skip") or 0, "skip"),
        _whole(flat.get("limit") or 0, "limit"),
        tuple(filters),
        tuple(schema),
        str(flat.get("apiVersion") or API)[:20],
        str(flat.get("testMode", "")).lower() == "true",
    )


def asked_by_body(body: object) -> Asked:
    """A POST request's JSON body."""
    if not isinstance(body, dict):
        raise InputError("request", "a JSON object with meta and query")
    meta, query = body.get("meta") or {}, body.get("query") or {}
    if not isinstance(meta, dict) or not isinstance(query, dict):
        raise InputError("request", "meta and query as objects")
    given = query.get("requestParameters") or {}
    if isinstance(given, list):  # as some clients send it: one object a parameter
        given = {k: v for one in given if isinstance(one, dict) for k, v in one.items()}
    if not isinstance(given, dict):
        raise InputError("request", "requestParameters as an object")
    inner = given.get("g_variant") or given.get("g_variants") or {}
    flat = {k: v for k, v in given.items() if not k.startswith("g_variant") and k != "$schema"}
    page = query.get("pagination") or {}
    if not isinstance(page, dict) or not isinstance(inner, dict):
        raise InputError("request", "pagination and g_variant as objects")
    filters = query.get("filters") or []
    if not isinstance(filters, list):
        raise InputError("request", "filters as a list")
    names = [str(one.get("id")) if isinstance(one, dict) else str(one) for one in filters]
    schemas = [one for one in meta.get("requestedSchemas") or () if isinstance(one, dict)]
    granularity, include = "requestedGranularity", "includeResultsetResponses"
    return Asked(
        parameters({**flat, **inner}),
        _among(query.get(granularity), GRANULARITIES, "record", granularity),
        _among(query.get(include), INCLUDE, "HIT", include),
        _whole(page.get("skip") or 0, "skip"),
        _whole(page.get("limit") or 0, "limit"),
        tuple(names),
        tuple(schemas),
        str(meta.get("apiVersion") or API)[:20],
        query.get("testMode") is True,
    )


def _among(value: object, allowed: Sequence[str], otherwise: str, name: str) -> str:
    if value is None or value == "":
        return otherwise
    if value not in allowed:
        raise InputError("request", f"{name} {', '.join(allowed)}", str(value)[:20])
    return str(value)


def refuse_other_assembly(given: Document, build: str) -> None:
    """InputError where coordinates of a request are of another assembly than the release's."""
    wanted = given.get("assemblyId")
    if wanted is not None and build_named(wanted) != build:
        raise InputError("request", f"assemblyId {build}", wanted[:40])
    name = str(given.get("referenceName", "")).removeprefix("refseq:")
    own = build_of(name)
    if own is not None and own != build:
        raise InputError("request", f"a referenceName of {build}, not of {own}", name)


def build_named(name: str) -> str:
    """The build a name of an assembly stands for: hg38, GRCh38.p13, GCF_000001405.40, ..."""
    key = name.split(".p")[0].lower()
    if key in ("hg38", "grch38") or name.startswith(
        tuple(f"GCF_000001405.{n}" for n in range(26, 50))
    ):
        return "GRCh38"
    if key in ("hg19", "grch37", "b37") or name.startswith(
        ("GCF_000001405.13", "GCF_000001405.25")
    ):
        return "GRCh37"
    return name


def chromosome(given: Document) -> str:
    """Canonical chromosome of a request's referenceName; InputError if it has none."""
    name = str(given.get("referenceName", "")).removeprefix("refseq:")
    found = chromosome_of(name) or canonical(name) or canonical(name.removeprefix("chr"))
    if found is None:
        raise InputError("request", "a referenceName, as chr17", name[:40])
    return found


def fits_bases(pattern: str | None, bases: str) -> bool:
    """Whether bases are those a request names, N and other IUPAC codes standing for any of theirs.

    A lone N stands for one base.
    """
    if pattern is None:
        return True
    return len(pattern) == len(bases) and all(
        own in _IUPAC.get(code, "") for code, own in zip(pattern, bases, strict=True)
    )


def kind_of(ref: str, alt: str) -> str:
    """Kind of a trimmed allele: snv, mnv, insertion, deletion or delins."""
    if len(ref) == len(alt):
        return "snv" if len(ref) == 1 else "mnv"
    if ref[0] == alt[0] and min(len(ref), len(alt)) == 1:
        return "insertion" if len(ref) == 1 else "deletion"
    return "delins"


def fits_kind(given: Document, ref: str, alt: str) -> bool:
    """Whether an allele is of the type and length a request asks for."""
    wanted = given.get("variantType")
    if wanted is not None and _TYPES.get(wanted.upper()) != kind_of(ref, alt):
        return False
    length = abs(len(ref) - len(alt)) or len(ref)
    if length < given.get("variantMinLength", 0):
        return False
    return length <= given.get("variantMaxLength", length)


def _meta(identifier: str, asked: Asked, granularity: str, schema: str = SCHEMA) -> Document:
    entity = ENTRY if schema == SCHEMA else "dataset"
    summary: Document = {
        "apiVersion": asked.version,
        "requestedSchemas": list(asked.schemas),
        "filters": list(asked.filters),
        "pagination": {"skip": asked.skip, "limit": asked.limit},
        "requestedGranularity": asked.granularity,
        "includeResultsetResponses": asked.include,
        "testMode": asked.test,
    }
    if asked.parameters:
        summary["requestParameters"] = {"g_variant": asked.parameters}
    return {
        "beaconId": identifier,
        "apiVersion": API,
        "returnedGranularity": granularity,
        "returnedSchemas": [{"entityType": entity, "schema": schema}],
        "receivedRequestSummary": summary,
        "testMode": asked.test,
    }


def variations(
    identifier: str,
    asked: Asked,
    found: Sequence[Sequence[Row]],
    about: Mapping[str, str],
    more: Mapping[tuple[Any, ...], Document] | None = None,
) -> Document:
    """Answer to g_variants; `found` as `Released.alleles` gives it, `about` of the release.

    `more` adds names and effects to alleles they are worked out for.
    """
    summary: Document = {"exists": bool(found)}
    answer = {"meta": _meta(identifier, asked, asked.granularity), "responseSummary": summary}
    if asked.filters:
        ignored = f"not offered and not applied: {', '.join(asked.filters)}"
        answer["info"] = {"warnings": {"filters": ignored}}
    if asked.granularity == "boolean":
        return answer
    summary["numTotalResults"] = len(found)
    if asked.granularity == "count":
        return answer
    size = min(asked.limit or MOST, MOST)
    first = asked.skip * size
    shown = found[first : first + size]
    pages: Document = {"skip": asked.skip, "limit": size, "currentPage": str(asked.skip)}
    if first + size < len(found):
        pages["nextPage"] = str(asked.skip + 1)
    if asked.skip:
        pages["previousPage"] = str(asked.skip - 1)
    answer["meta"]["receivedRequestSummary"]["pagination"] = pages
    results = [variation(rows, about, more) for rows in shown]
    one = {"id": dataset_id(about), "setType": "dataset", "exists": bool(found)}
    one |= {"resultsCount": len(found), "results": results}
    wanted = {"ALL": True, "HIT": bool(found), "MISS": not found, "NONE": False}[asked.include]
    return answer | {"response": {"resultSets": [one] if wanted else []}}


def dataset_id(about: Mapping[str, str]) -> str:
    """Name of the one dataset: the release."""
    return f"release-{about['release']}"


def variation(
    rows: Sequence[Row],
    about: Mapping[str, str],
    more: Mapping[tuple[Any, ...], Document] | None = None,
) -> Document:
    """One allele with its frequencies by population; those withheld are left out."""
    first = rows[0]
    if "svtype" in first:
        return {**_structural(first, about), "frequencyInPopulations": _frequencies(rows, about)}
    chrom, pos, ref, alt = first["chrom"], first["pos"], first["ref"], first["alt"]
    build = about["build"]
    name = accession_of(chrom, build)
    found: Document = {
        "variantInternalId": f"{build}-{chrom}-{pos}-{ref}-{alt}",
        "variation": {
            "type": "Allele",
            "location": {
                "type": "SequenceLocation",
                "sequence_id": f"refseq:{name}" if name else f"{build}:{chrom}",
                "interval": {
                    "type": "SequenceInterval",
                    "start": {"type": "Number", "value": pos - 1},
                    "end": {"type": "Number", "value": pos - 1 + len(ref)},
                },
            },
            "state": {"type": "LiteralSequenceExpression", "sequence": alt},
        },
    }
    if more:
        found |= more.get((chrom, pos, ref, alt), {})
    found["frequencyInPopulations"] = _frequencies(rows, about)
    return found


def _structural(row: Row, about: Mapping[str, str]) -> Document:
    """A variant without sequence: a legacy variation between its ends.

    Of a breakend the location is its first end; its name tells both.
    """
    build, chrom = about["build"], row["chrom"]
    name = accession_of(chrom, build)
    end = row["pos2"] if row["chrom2"] == chrom else row["pos"]
    start, last = row["pos"] - (row["svtype"] in ("BND", "INS")), max(end, row["pos"])
    return {
        "variantInternalId": f"{build}-{row['name']}",
        "variation": {
            "variantType": row["svtype"],
            "alternateBases": "N",
            "location": {
                "type": "SequenceLocation",
                "sequence_id": f"refseq:{name}" if name else f"{build}:{chrom}",
                "interval": {
                    "type": "SequenceInterval",
                    "start": {"type": "Number", "value": start},
                    "end": {"type": "Number", "value": max(last, start)},
                },
            },
        },
    }


def fits_structural(given: Document, row: Row) -> bool:
    """Whether a structural variant is of the type and length a request asks for."""
    if given.keys() & {"referenceBases", "alternateBases"}:
        return False
    wanted = str(given.get("variantType") or row["svtype"]).upper()
    if _STRUCTURAL.get(wanted, wanted) not in (row["svtype"], *_MEANS.get(row["svtype"], ())):
        return False
    least, most = given.get("variantMinLength"), given.get("variantMaxLength")
    length = row["length"]
    if length is None:
        return least is None and most is None
    return bool((least or 0) <= length and (most is None or length <= most))


def _frequencies(rows: Sequence[Row], about: Mapping[str, str]) -> list[Document]:
    """Frequencies by population; those withheld are left out."""
    release = about["release"]
    return [
        {
            "source": "Shirube cohort",
            "sourceReference": f"release {release}",
            "version": release,
            "frequencies": [
                {
                    "population": row["stratum"],
                    "alleleFrequency": row["af"],
                    "alleleCount": row["ac"],
                    "alleleNumber": row["an"],
                    "alleleCountHomozygous": row["nhomalt"],
                    "alleleCountHemizygous": row["nhemi"],
                }
                for row in rows
                if row["af"] is not None
            ],
        }
    ]


def datasets(identifier: str, asked: Asked, about: Mapping[str, str], wanted: str = "") -> Document:
    """Answer to datasets, or to one of them by id."""
    own = {
        "id": dataset_id(about),
        "name": f"Allele frequencies, release {about['release']}",
        "description": f"{about['people']} people, {about['build']}; groups {about['groups']}",
        "version": about["release"],
    }
    found = [own] if wanted in ("", own["id"]) else []
    return {
        "meta": _meta(identifier, asked, asked.granularity, DATASET_SCHEMA),
        "responseSummary": {"exists": bool(found), "numTotalResults": len(found)},
        "response": {"collections": found},
    }


def informational(
    name: str, identifier: str, base: str, about: Mapping[str, str]
) -> Document | None:
    """Documents that say what this beacon is; None for a name there is none of.

    `base`: absolute address of the beacon's root.
    """
    if name == "service-info":
        return {
            "id": identifier,
            "name": "Allele frequencies of a cohort",
            "type": {"group": "org.ga4gh", "artifact": "beacon", "version": API},
            "organization": {"name": identifier, "url": base},
            "version": about["release"],
            "environment": "prod",
        }
    schema = {"id": "ga4gh-beacon-variant-v2.1.0", "name": "Genomic variation"}
    schema |= {"referenceToSchemaDefinition": SCHEMA, "schemaVersion": "v2.1.0"}
    entry = {
        **{"id": ENTRY, "name": "Genomic variations", "partOfSpecification": "Beacon v2.1.0"},
        "ontologyTermForThisType": {"id": "SO:0001059", "label": "sequence_alteration"},
        "defaultSchema": schema,
        "nonFilteredQueriesAllowed": False,
    }
    collection = {
        **{"id": "dataset", "name": "Dataset", "partOfSpecification": "Beacon v2.1.0"},
        "ontologyTermForThisType": {"id": "NCIT:C47824", "label": "Data set"},
        "aCollectionOf": [{"id": ENTRY, "name": "Genomic variations"}],
        "defaultSchema": {
            **{"id": "ga4gh-beacon-dataset-v2.1.0", "name": "Dataset"},
            **{"referenceToSchemaDefinition": DATASET_SCHEMA, "schemaVersion": "v2.1.0"},
        },
    }
    entries = {"dataset": collection, ENTRY: entry}
    variants = {
        "entryType": ENTRY,
        "rootUrl": f"{base}/g_variants",
        "singleEntryUrl": f"{base}/g_variants/{{id}}",
    }
    sets = {
        "entryType": "dataset",
        "rootUrl": f"{base}/datasets",
        "singleEntryUrl": f"{base}/datasets/{{id}}",
        "endpoints": {
            ENTRY: {"returnedEntryType": ENTRY, "url": f"{base}/datasets/{{id}}/g_variants"}
        },
    }
    info = {
        **{"id": identifier, "name": "Allele frequencies of a cohort", "apiVersion": API},
        **{"environment": "prod", "organization": {"id": identifier, "name": identifier}},
        "description": "Frequencies of a cohort, counted among people who could be judged",
        "version": API,
        "info": {name: about[name] for name in ("release", "people", "build", "min_people")},
    }
    configuration = f"{_FRAMEWORK}/configuration"
    documents: dict[str, tuple[str, Document]] = {
        "": ("beacon-info-v2.1.0", info),
        "info": ("beacon-info-v2.1.0", info),
        "configuration": (
            "beacon-configuration-v2.1.0",
            {
                "$schema": f"{configuration}/beaconConfigurationSchema.json",
                "maturityAttributes": {"productionStatus": "PROD"},
                "securityAttributes": {
                    "defaultGranularity": "record",
                    "securityLevels": ["PUBLIC"],
                },
                "entryTypes": entries,
            },
        ),
        "entry_types": ("beacon-entry-types-v2.1.0", {"entryTypes": entries}),
        "map": (
            "beacon-map-v2.1.0",
            {
                "$schema": f"{configuration}/beaconMapSchema.json",
                "endpointSets": {ENTRY: variants, "dataset": sets},
            },
        ),
        "filtering_terms": (
            "beacon-filtering-terms-v2.1.0",
            {"filteringTerms": [], "resources": []},
        ),
    }
    if name not in documents:
        return None
    kind, response = documents[name]
    returned = {"returnedSchemas": [{"entityType": "info", "schema": kind}]}
    return {"meta": {"beaconId": identifier, "apiVersion": API, **returned}, "response": response}


def failure(identifier: str, code: int, message: str, asked: Asked | None = None) -> Document:
    """A Beacon error document."""
    asked = asked or Asked()
    return {
        "meta": _meta(identifier, asked, asked.granularity),
        "error": {"errorCode": code, "errorMessage": message},
    }
