"""Beacon v2 documents over a release: genomic variations with their frequencies.

Written after the GA4GH Beacon v2.0.0 framework and default model. Positions of a request
(`start`) are 0-based, as the specification says; a region is `start` and `end`, half-open.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shirube.cohort.query.places import Place
from shirube.errors import InputError
from shirube.genome.accessions import genomic_prefix
from shirube.genome.chromosomes import canonical
from shirube.service.released import Row

API = "v2.0.0"
ENTRY = "genomicVariant"
GRANULARITIES = ("boolean", "count", "record")
_MODEL = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/models/json/beacon-v2-default-model"
_SCHEMA = f"{_MODEL}/genomicVariations/defaultSchema.json"
Document = dict[str, Any]


def place_of(asked: Mapping[str, str], build: str) -> Place:
    """The place a request's parameters name; InputError where they name none."""
    unknown = set(asked) - _PARAMETERS
    if unknown:
        raise InputError("request", f"parameters {', '.join(sorted(_PARAMETERS))}", min(unknown))
    if asked.get("assemblyId", build) != build:
        raise InputError("request", f"assemblyId {build}", asked["assemblyId"])
    chrom = canonical(asked.get("referenceName", ""))
    if chrom is None:
        raise InputError("request", "a referenceName, as chr17", asked.get("referenceName", ""))
    start = _whole(asked, "start")
    ref, alt = (asked.get(f"{name}Bases", "").upper() for name in ("reference", "alternate"))
    if ref and alt:
        return Place(chrom, start, start + 1, frozenset({(start + 1, ref, alt)}))
    if ref or alt or "end" not in asked:
        raise InputError("request", "referenceBases and alternateBases, or start and end")
    end = _whole(asked, "end")
    if end <= start:
        raise InputError("request", "an end after start", asked["end"])
    return Place(chrom, start, end)


_PARAMETERS = frozenset(
    (
        *("assemblyId", "referenceName", "start", "end", "referenceBases", "alternateBases"),
        *("requestedGranularity", "skip", "limit"),
    )
)


def _whole(asked: Mapping[str, str], name: str) -> int:
    text = asked.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InputError("request", f"a whole number {name}, 0-based", text[:20])
    return int(text)


def granularity_of(asked: Mapping[str, str]) -> str:
    """What is wanted: boolean, count or record (if nothing is said)."""
    wanted = asked.get("requestedGranularity", "record")
    if wanted not in GRANULARITIES:
        raise InputError("request", f"requestedGranularity {', '.join(GRANULARITIES)}", wanted)
    return wanted


def _meta(
    identifier: str, asked: Mapping[str, str], granularity: str, page: Mapping[str, int]
) -> Document:
    schemas = [{"entityType": ENTRY, "schema": _SCHEMA}]
    return {
        "beaconId": identifier,
        "apiVersion": API,
        "returnedGranularity": granularity,
        "returnedSchemas": schemas,
        "receivedRequestSummary": {
            "apiVersion": API,
            "requestedSchemas": [],
            "pagination": dict(page),
            "requestedGranularity": granularity,
            "requestParameters": dict(asked),
        },
    }


def variations(
    identifier: str,
    asked: Mapping[str, str],
    found: Sequence[Sequence[Row]],
    about: Mapping[str, str],
) -> Document:
    """Answer to g_variants; `found` as `Released.alleles` gives it, `said` of the release."""
    granularity = granularity_of(asked)
    page = {name: _whole(asked, name) if name in asked else 0 for name in ("skip", "limit")}
    skip, limit = page["skip"], page["limit"]
    summary: Document = {"exists": bool(found)}
    answer = {"meta": _meta(identifier, asked, granularity, page), "responseSummary": summary}
    if granularity == "boolean":
        return answer
    summary["numTotalResults"] = len(found)
    if granularity == "count":
        return answer
    results = [_variation(rows, about) for rows in found[skip : skip + limit if limit else None]]
    one = {"id": f"release-{about['release']}", "setType": "dataset", "exists": bool(found)}
    one |= {"resultsCount": len(results), "results": results}
    return answer | {"response": {"resultSets": [one]}}


def _variation(rows: Sequence[Row], about: Mapping[str, str]) -> Document:
    first = rows[0]
    chrom, pos, ref, alt = (first[name] for name in ("chrom", "pos", "ref", "alt"))
    interval = {
        "type": "SequenceInterval",
        "start": {"type": "Number", "value": pos - 1},
        "end": {"type": "Number", "value": pos - 1 + len(ref)},
    }
    name = genomic_prefix(chrom, about["build"], "", 0).split(":")[0]
    return {
        "variantInternalId": f"{about['build']}-{chrom}-{pos}-{ref}-{alt}",
        "variation": {
            "type": "Allele",
            "location": {
                "type": "SequenceLocation",
                "sequence_id": f"refseq:{name}" if name else f"{about['build']}:{chrom}",
                "interval": interval,
            },
            "state": {"type": "SequenceState", "sequence": alt},
        },
        "frequencyInPopulations": [
            {
                "source": "Shirube cohort",
                "sourceReference": f"release {about['release']}",
                "version": about["release"],
                "frequencies": [
                    {
                        "population": row["stratum"],
                        "alleleFrequency": row["af"],
                        **{"alleleCount": row["ac"], "alleleNumber": row["an"]},
                        **{"alleleCountHomozygous": row["nhomalt"]},
                        **{"alleleCountHemizygous": row["nhemi"]},
                    }
                    for row in rows
                    if row["af"] is not None
                ],
            }
        ],
    }


def informational(
    name: str, identifier: str, root: str, about: Mapping[str, str]
) -> Document | None:
    """Documents that say what this beacon is; None for a name there is none of."""
    meta = {"beaconId": identifier, "apiVersion": API}
    schema = {"id": "ga4gh-beacon-variant-v2.0.0", "name": "Genomic variation"}
    schema |= {"referenceToSchemaDefinition": _SCHEMA, "schemaVersion": "v2.0.0"}
    entry = {
        **{"id": ENTRY, "name": "Genomic variations", "partOfSpecification": "Beacon v2.0.0"},
        "ontologyTermForThisType": {"id": "SO:0001059", "label": "sequence_alteration"},
        "defaultSchema": schema,
    }
    organisation = {"id": identifier, "name": identifier}
    info = {
        **{"id": identifier, "name": "Allele frequencies of a cohort", "apiVersion": API},
        **{"environment": "prod", "organization": organisation},
        "info": {name: about[name] for name in ("release", "people", "build", "min_people")},
    }
    documents: dict[str, tuple[str, Document]] = {
        "": ("beacon-info-v2.0.0", info),
        "info": ("beacon-info-v2.0.0", info),
        "configuration": (
            "beacon-configuration-v2.0.0",
            {
                "maturityAttributes": {"productionStatus": "PROD"},
                "securityAttributes": {
                    "defaultGranularity": "record",
                    "securityLevels": ["PUBLIC"],
                },
                "entryTypes": {ENTRY: entry},
            },
        ),
        "entry_types": ("beacon-entry-types-v2.0.0", {"entryTypes": {ENTRY: entry}}),
        "map": (
            "beacon-map-v2.0.0",
            {"endpointSets": {ENTRY: {"entryType": ENTRY, "rootUrl": f"{root}/g_variants"}}},
        ),
        "filtering_terms": ("beacon-filtering-terms-v2.0.0", {"filteringTerms": []}),
    }
    if name not in documents:
        return None
    kind, response = documents[name]
    returned = {"returnedSchemas": [{"entityType": "info", "schema": kind}]}
    return {"meta": meta | returned, "response": response}


def failure(identifier: str, code: int, message: str) -> Document:
    """A Beacon error document."""
    return {
        "meta": {"beaconId": identifier, "apiVersion": API, "returnedSchemas": []},
        "error": {"errorCode": code, "errorMessage": message},
    }
