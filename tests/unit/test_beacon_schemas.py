"""Every document of the Beacon against GA4GH's own JSON schemas, and its queries against a count.

The schemas are read in place (PEERS/beacon-v2). VRS 1.3, which they refer to, is stated here as far
as an allele needs it (https://w3id.org/ga4gh/schema/vrs/1.3/vrs.json).
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import pytest
import search_case
from cohort_run import Run
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from service_case import ask, serving

from shirube.service.beacon import fits_bases
from shirube.service.server import Server

BEACON = Path(os.environ.get("PEERS", "../shared/peers")) / "beacon-v2"
MAIN = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/"
VRS = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "definitions": {
        "Number": {
            "type": "object",
            "properties": {"type": {"const": "Number"}, "value": {"type": "integer"}},
            "required": ["type", "value"],
            "additionalProperties": False,
        },
        "Location": {
            "type": "object",
            "properties": {
                "type": {"const": "SequenceLocation"},
                "sequence_id": {"type": "string", "pattern": r"^\w[^:]*:.+$"},
                "interval": {
                    "type": "object",
                    "properties": {
                        "type": {"const": "SequenceInterval"},
                        "start": {"$ref": "#/definitions/Number"},
                        "end": {"$ref": "#/definitions/Number"},
                    },
                    "required": ["type", "start", "end"],
                    "additionalProperties": False,
                },
            },
            "required": ["type", "sequence_id", "interval"],
            "additionalProperties": False,
        },
        "MolecularVariation": {
            "type": "object",
            "properties": {
                "type": {"const": "Allele"},
                "location": {"$ref": "#/definitions/Location"},
                "state": {
                    "type": "object",
                    "properties": {
                        "type": {"const": "LiteralSequenceExpression"},
                        "sequence": {"type": "string", "pattern": r"^[A-Z*\-]*$"},
                    },
                    "required": ["type", "sequence"],
                    "additionalProperties": False,
                },
            },
            "required": ["type", "location", "state"],
            "additionalProperties": False,
        },
        "SystemicVariation": {"type": "object", "properties": {"type": {"const": "CopyNumber"}},
                              "required": ["type"]},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return search_case.made(tmp_path_factory.mktemp("beacon"))


@pytest.fixture(scope="module")
def server(run: Run) -> Iterator[Server]:
    with serving(run.folder, 1, root="") as made:
        yield made


@pytest.fixture(scope="module")
def errors() -> Callable[[object, str], list[str]]:
    """What a document says against a schema of the folder, one line each."""
    if not BEACON.is_dir():
        pytest.skip(f"no schemas of Beacon v2 at {BEACON} (set PEERS)")

    def found(address: str) -> Resource:
        if address.startswith("https://w3id.org/ga4gh/schema/vrs"):
            return Resource.from_contents(VRS, DRAFT202012)
        path = BEACON / address.removeprefix(MAIN).removeprefix("file://")
        return Resource.from_contents(json.loads(path.read_text()), DRAFT202012)

    registry = Registry(retrieve=found)  # type: ignore[call-arg]

    def check(document: object, schema: str) -> list[str]:
        validator = Draft202012Validator({"$ref": MAIN + schema}, registry=registry)
        return [
            f"{'/'.join(map(str, e.path))}: {e.message[:200]}"
            for e in validator.iter_errors(document)
        ]

    return check


RESPONSES = "framework/json/responses/"
KINDS = {
    "boolean": f"{RESPONSES}beaconBooleanResponse.json",
    "count": f"{RESPONSES}beaconCountResponse.json",
    "record": f"{RESPONSES}beaconResultsetsResponse.json",
}
MODEL = "models/json/beacon-v2-default-model/"
ENTRY = f"{MODEL}genomicVariations/defaultSchema.json"
FAILED = f"{RESPONSES}beaconErrorResponse.json"


def requests(run: Run) -> list[dict[str, Any]]:
    """Request parameters of every kind the model knows."""
    rows = run.frequency().filter(pl.col("stratum") == "all")
    chr1 = rows.filter(pl.col("chrom") == "chr1")
    first = chr1.row(3, named=True)
    indel = chr1.filter(pl.col("ref").str.len_bytes() > 1).row(0, named=True)
    place = {"referenceName": "chr1"}
    ref, alt = first["ref"], first["alt"]
    trimmed = {"referenceBases": indel["ref"][1:], "alternateBases": indel["alt"][1:]}
    names = pl.read_parquet(run.folder / "results/cohort/annotation/chr1.parquet")
    coding = names.drop_nulls("hgvs_p").row(0, named=True)
    change = coding["hgvs_p"].removeprefix("p.")
    return [
        {**place, "start": [first["pos"] - 1], "referenceBases": ref, "alternateBases": alt},
        {**place, "start": [first["pos"] - 1], "alternateBases": first["alt"]},
        {**place, "start": [first["pos"] - 1], "referenceBases": ref, "alternateBases": "N"},
        {**place, "start": [indel["pos"]], **trimmed},
        {**place, "start": [0], "end": [3000]},
        {**place, "start": [0], "end": [3000], "variantType": "DEL"},
        {**place, "start": [0], "end": [3000], "variantType": "SNP"},
        {**place, "start": [0], "end": [3000], "variantType": "DUP"},
        {**place, "start": [0], "end": [3000], "variantMinLength": 2},
        {**place, "start": [0], "end": [3000], "variantMaxLength": 1},
        {**place, "start": [200, 900], "end": [900, 1500]},
        {**place, "start": [200, 900], "end": [201, 1500], "assemblyId": "artificial"},
        {"referenceName": "1", "start": [5], "end": [6]},
        {"referenceName": "chrX", "start": [0], "end": [2000], "alternateBases": "T"},
        {"geneId": "GENEA"},
        {"geneId": "geneb-1", "variantType": "SNP"},
        {"geneId": coding["gene"], "aminoacidChange": change},
        {"genomicAlleleShortForm": f"{coding['transcript']}:{coding['hgvs_c']}"},
        {"referenceName": "chrM", "start": [0], "end": [400]},
        {**place, "start": [800], "end": [1000], "variantType": "CNV"},
        {**place, "start": [300, 500], "end": [850, 950], "variantType": "DEL"},
        {"referenceName": "chrX", "start": [900], "end": [901], "variantType": "CNV"},
        {"geneId": "GENEB-1", "variantType": "INV", "variantMinLength": 100},
    ]  # fmt: skip


def in_address(given: dict[str, Any]) -> dict[str, Any]:
    return {k: ",".join(map(str, v)) if isinstance(v, list) else v for k, v in given.items()}


def test_every_answer_obeys_the_schemas(
    run: Run, server: Server, errors: Callable[[object, str], list[str]]
) -> None:
    checked, found = 0, []
    for given in requests(run):
        for granularity, schema in KINDS.items():
            body = {"meta": {"apiVersion": "v2.0.0", "requestedSchemas": []}}
            query = {"requestParameters": {"g_variant": given}, "requestedGranularity": granularity}
            body["query"] = {**query, "pagination": {"skip": 0, "limit": 5}}
            assert (
                errors(
                    {**body, "query": {**body["query"]}},
                    "framework/json/requests/beaconRequestBody.json",
                )
                == []
            )
            flat = {
                "meta": {"apiVersion": "v2.1.0"},
                "query": {**query, "requestParameters": given},
            }
            by_post = [ask(server, "/api/g_variants", "POST", sent) for sent in (body, flat)]
            more = {"requestedGranularity": granularity, "limit": 5}
            by_get = ask(server, "/api/g_variants", **in_address(given), **more)
            answers = []
            for status, headers, text in (*by_post, by_get):
                document = json.loads(text)
                assert status == 200, (given, text)
                assert headers["access-control-allow-origin"] == "*"
                found += [f"{given} {e}" for e in errors(document, schema)]
                for one in document.get("response", {}).get("resultSets", []):
                    for entry in one["results"]:
                        found += errors(entry, ENTRY)
                answers.append((document["responseSummary"], document.get("response")))
                checked += 1
            assert answers[0] == answers[2]
            assert answers[0][0] == answers[1][0]
    assert found == []
    assert checked >= 150


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"start": 0, "end": 3000, "variantType": "DEL", "variantMinLength": 50},
         {"DEL-chr1-400-900"}),
        ({"start": 899, "end": 900, "variantType": "DEL"}, {"DEL-chr1-400-900"}),
        ({"start": 900, "end": 901, "variantType": "DEL"}, set()),
        ({"start": 0, "end": 3000, "variantType": "DUP"}, {"DUP-chr1-1600-2500"}),
        ({"start": 0, "end": 3000, "variantType": "BND"}, {"BND-chr1-2000-chrX:1500"}),
        ({"start": 0, "end": 3000, "variantMinLength": 600, "variantType": "SO:1000035"},
         {"DUP-chr1-1600-2500"}),
        ({"start": "399,401", "end": "899,901", "variantType": "DEL"}, {"DEL-chr1-400-900"}),
        ({"start": "399,401", "end": "901,950", "variantType": "DEL"}, set()),
    ],
)  # fmt: skip
def test_structural_variants_are_found_by_where_they_reach(
    server: Server, given: dict[str, Any], found: set[str]
) -> None:
    status, _, text = ask(server, "/api/g_variants", referenceName="chr1", **given, limit=100)
    assert status == 200
    sets = json.loads(text)["response"]["resultSets"]
    results = [one for each in sets for one in each["results"]]
    names = {one["variantInternalId"] for one in results if "variantType" in one["variation"]}
    assert names == {f"artificial-{name}" for name in found}
    for one in results:
        if "variantType" in one["variation"]:
            (told,) = one["frequencyInPopulations"]
            assert told["frequencies"][0]["alleleNumber"] == 28


def test_what_the_beacon_says_of_itself_obeys_the_schemas(
    server: Server, errors: Callable[[object, str], list[str]]
) -> None:
    for name, schema in (
        ("", "beaconInfoResponse"),
        ("/info", "beaconInfoResponse"),
        ("/configuration", "beaconConfigurationResponse"),
        ("/entry_types", "beaconEntryTypesResponse"),
        ("/map", "beaconMapResponse"),
        ("/filtering_terms", "beaconFilteringTermsResponse"),
        ("/service-info", "ga4gh-service-info-1-0-0-schema"),
        ("/datasets", "beaconCollectionsResponse"),
        ("/datasets/release-1", "beaconCollectionsResponse"),
    ):
        status, _, text = ask(server, f"/api{name}")
        assert status == 200
        assert errors(json.loads(text), f"{RESPONSES}{schema}.json") == [], name
    (one,) = json.loads(ask(server, "/api/datasets")[2])["response"]["collections"]
    assert errors(one, f"{MODEL}datasets/defaultSchema.json") == []


def test_refusals_obey_the_schema_of_errors(
    server: Server, errors: Callable[[object, str], list[str]]
) -> None:
    for path, method, body in (
        ("/api/g_variants", "GET", None),
        ("/api/g_variants?referenceName=chr1&start=5", "GET", None),
        ("/api/g_variants/none", "GET", None),
        ("/api/individuals", "GET", None),
        ("/api/g_variants", "DELETE", None),
        ("/api/g_variants", "POST", b"{not json"),
        ("/api/g_variants", "POST", []),
        ("/api/g_variants", "POST", {"meta": {"apiVersion": "v2.0.0"}, "query": {"pagination": 3}}),
        ("/api/g_variants", "POST", b"x" * 200_000),
        ("/api/datasets/other/g_variants?referenceName=chr1&start=0&end=9", "GET", None),
    ):
        status, headers, text = ask(server, path, method, body)
        assert 400 <= status < 500, path
        assert headers["content-type"].startswith("application/json")
        assert errors(json.loads(text), FAILED) == [], path


def test_one_variation_is_found_by_the_id_a_list_gave(
    run: Run, server: Server, errors: Callable[[object, str], list[str]]
) -> None:
    listed = json.loads(ask(server, "/api/g_variants", referenceName="chr1", start=0, end=3000)[2])
    entries = listed["response"]["resultSets"][0]["results"]
    for entry in entries[:20]:
        status, _, text = ask(
            server, f"/api/g_variants/{quote(entry['variantInternalId'], safe='')}"
        )
        document = json.loads(text)
        assert status == 200
        assert errors(document, KINDS["record"]) == []
        (own,) = document["response"]["resultSets"][0]["results"]
        assert errors(own, ENTRY) == []
        assert {k: own[k] for k in entry} == entry
        assert own["identifiers"]["variantAlternativeIds"][0]["id"].startswith("ga4gh:VA.")


@pytest.mark.parametrize(
    ("include", "hit", "miss"), [("HIT", 1, 0), ("MISS", 0, 1), ("ALL", 1, 1), ("NONE", 0, 0)]
)
def test_result_sets_are_included_as_asked(
    server: Server, include: str, hit: int, miss: int
) -> None:
    for end, wanted in ((3000, hit), (1, miss)):
        asked = {"referenceName": "chr1", "start": 0, "end": end}
        text = ask(server, "/api/g_variants", **asked, includeResultsetResponses=include)[2]
        assert len(json.loads(text)["response"]["resultSets"]) == wanted


def matches(run: Run, given: dict[str, Any]) -> set[str]:
    """Ids of alleles a range or bracket query is about, counted one by one."""
    out = set()
    rows = run.frequency().filter(pl.col("stratum") == "all", pl.col("ac") > 0)
    for row in rows.iter_rows(named=True):
        start, end = row["pos"] - 1, row["pos"] - 1 + len(row["ref"])
        low, high = given["start"], given["end"]
        if row["chrom"] != given["referenceName"]:
            continue
        if len(low) == 1 and not (start < high[0] and end > low[0]):
            continue
        if len(low) == 2 and not (low[0] <= start < low[1] and high[0] <= end < high[1]):
            continue
        if not fits_bases(given.get("alternateBases"), row["alt"]):
            continue
        out.add("artificial-" + "-".join(str(row[n]) for n in ("chrom", "pos", "ref", "alt")))
    return out


def test_ranges_and_brackets_find_what_a_count_finds(run: Run, server: Server) -> None:
    for chrom in ("chr1", "chrX"):
        for low in range(0, 1900, 97):
            for given in (
                {"start": [low], "end": [low + 61]},
                {"start": [low, low + 300], "end": [low + 2, low + 200]},
                {"start": [low], "end": [low + 400], "alternateBases": "N"},
                {"start": [low], "end": [low + 900], "alternateBases": "NN"},
            ):
                asked = {"referenceName": chrom, **given}
                document = json.loads(ask(server, "/api/g_variants", **in_address(asked))[2])
                sets = document["response"]["resultSets"]
                small = [r for s in sets for r in s["results"] if "type" in r["variation"]]
                ids = {r["variantInternalId"] for r in small}
                assert ids == matches(run, asked), asked


def test_a_padded_allele_and_a_trimmed_one_are_found(run: Run, server: Server) -> None:
    rows = run.frequency().filter(pl.col("stratum") == "all", pl.col("chrom") == "chr1")
    found = 0
    for row in rows.iter_rows(named=True):
        after = run.sequences["chr1"][row["pos"] - 1 + len(row["ref"])]
        forms = [(row["pos"] - 1, row["ref"] + after, row["alt"] + after)]
        if row["ref"][0] == row["alt"][0]:
            forms.append((row["pos"], row["ref"][1:], row["alt"][1:]))
        for start, ref, alt in forms:
            asked = {"referenceName": "chr1", "start": start}
            asked |= {"referenceBases": ref, "alternateBases": alt}
            document = json.loads(ask(server, "/api/g_variants", **asked)[2])
            (one,) = document["response"]["resultSets"][0]["results"]
            assert one["variantInternalId"].endswith(f"-{row['pos']}-{row['ref']}-{row['alt']}")
            found += 1
    assert found > 40


def test_unknown_filters_are_named_and_unknown_parameters_ignored(server: Server) -> None:
    asked = {"referenceName": "chr1", "start": 0, "end": 3000}
    plain = json.loads(ask(server, "/api/g_variants", **asked)[2])
    more = json.loads(ask(server, "/api/g_variants", **asked, filters="NCIT:C16576", other="x")[2])
    assert more["response"] == plain["response"]
    assert re.search("NCIT:C16576", json.dumps(more["info"]))
