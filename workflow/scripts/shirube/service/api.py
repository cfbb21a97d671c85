"""The plain JSON API, its OpenAPI description, and tables to save."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from shirube.cohort.query import tables
from shirube.cohort.query.places import Place, of_allele
from shirube.contracts import FREQUENCY
from shirube.service import views
from shirube.service.listing import Key, Table, name_of
from shirube.service.released import Released, Row
from shirube.service.text import Words

Document = dict[str, Any]
NUMBERS = ("ac", "an", "af", "nhomalt", "nhemi", "faf95", "hwe_p")
FORMS = {
    "tsv": "text/tab-separated-values; charset=utf-8",
    "vcf": "text/plain; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


def status_of(rows: Sequence[Row], seen: Any) -> str:  # noqa: ANN401 (Seen or None)
    """What is known of an allele: seen, not_seen, not_measured or not_told."""
    if rows:
        return "seen"
    if seen is None:
        return "not_told"
    return "not_seen" if seen.enough else "not_measured"


def frequencies(rows: Sequence[Row]) -> list[Document]:
    """Numbers by group; null where a number is withheld."""
    return [{"group": row["stratum"], **{name: row[name] for name in NUMBERS}} for row in rows]


def point(released: Released, key: Key) -> Document:
    """The cohort's numbers of one allele, and who could have been seen."""
    found = released.alleles(of_allele(*key))
    rows = found[0] if found else []
    seen = released.seen(key[0], key[1])
    callable_here = None
    if seen is not None:
        callable_here = {g: {"people": p, "an": an} for g, (p, an) in seen.strata.items()}
    return {
        "variant": name_of(key),
        **dict(zip(("chrom", "pos", "ref", "alt"), key, strict=True)),
        "status": status_of(rows, seen),
        "callable": callable_here,
        "frequencies": frequencies(rows),
    }


def variant(released: Released, key: Key) -> Document:
    """Everything the page of an allele shows, for programs."""
    view = views.variant(released, key, Words("en"))
    sources = [
        {
            **{"population": line.label, "ac": line.ac, "an": line.an, "af": line.af},
            **{"nhomalt": line.nhomalt, "note": line.note or None},
        }
        for line in view["lines"]
        if not line.own
    ]
    effects = ("transcript", "gene", "mane", "consequence", "exon", "hgvs_c", "hgvs_p")
    told = ("clinvar_id", "significance", "stars", "conditions")
    clinvar = view["clinvar"] and {name: view["clinvar"][name] for name in told}
    return {
        **point(released, key),
        "identifiers": {
            **dict(view["identifiers"]),
            **({"rsid": r} if (r := view["rsid"]) else {}),
        },
        "sources": sources,
        "consequences": [{name: row.get(name) for name in effects} for row in view["effects"]],
        "clinvar": clinvar or None,
    }


def structural(found: Sequence[Sequence[Row]]) -> list[Document]:
    """Structural variants with their frequencies by group."""
    site = ("name", "svtype", "chrom", "pos", "chrom2", "pos2", "length", "alt")
    return [
        {
            **{name: rows[0][name] for name in site},
            "frequencies": [
                {**one, "people": row["people"], "copy_numbers": row["copy_numbers"]}
                for one, row in zip(frequencies(rows), rows, strict=True)
            ],
        }
        for rows in found
    ]


def loci(found: Sequence[Sequence[Sequence[Row]]]) -> list[Document]:
    """Loci with the frequencies of their alleles by group."""
    numbers = ("people", "ac", "an", "af", "nhomalt", "nhemi", "faf95", "levels")
    return [
        {
            **{name: alleles[0][0][name] for name in ("locus", "kind", "gene", "chrom", "pos")},
            "alleles": [
                {
                    "allele": rows[0]["allele"],
                    "frequencies": [
                        {"group": row["stratum"], **{name: row[name] for name in numbers}}
                        for row in rows
                    ],
                }
                for rows in alleles
            ],
        }
        for alleles in found
    ]


def listed(table: Table) -> list[Document]:
    """Rows of a gene's or region's table."""
    return [
        {
            "variant": name_of(row["key"]),
            **{name: row[name] for name in ("name", "consequence", "class", "clinvar")},
            "sources": row["sources"],
            "frequencies": frequencies(row["groups"]),
        }
        for row in table.every
    ]


def saved(released: Released, rows: Sequence[Row], places: Sequence[Place], form: str) -> bytes:
    """Rows of a page as TSV, VCF or Parquet: what the page shows, beside every source."""
    own = [group for row in rows for group in row["groups"]]
    table = pl.DataFrame(own, schema=FREQUENCY.polars, orient="row")
    whole = tables.beside(FREQUENCY.table(table), released.release, places, released.sources)
    keys = pl.DataFrame(
        [row["key"] for row in rows],
        schema={name: FREQUENCY.polars[name] for name in ("chrom", "pos", "ref", "alt")},
        orient="row",
    )
    whole = whole.join(keys, on=keys.columns, how="semi", maintain_order="left")
    whole = tables.named(whole, released.names)
    if form == "vcf":
        return tables.vcf(whole, released.release).encode()
    if form == "tsv":
        return whole.write_csv(separator="\t", quote_style="never").encode()
    out = io.BytesIO()
    whole.write_parquet(out, compression="zstd")
    return out.getvalue()


def _parameter(name: str, about: str, where: str = "query", example: str = "") -> Document:
    found: Document = {"name": name, "in": where, "description": about}
    found |= {"required": where == "path", "schema": {"type": "string"}}
    return found | ({"example": example} if example else {})


def openapi(base: str, about: Mapping[str, str]) -> Document:
    """OpenAPI 3.1 description of what programs may ask."""

    def get(summary: str, parameters: Sequence[Document] = (), kind: str = "object") -> Document:
        answer = {
            "description": "answer",
            "content": {"application/json": {"schema": {"type": kind}}},
        }
        wrong = {"$ref": "#/components/responses/Problem"}
        return {
            "get": {
                "summary": summary,
                "parameters": list(parameters),
                "responses": {"200": answer, "400": wrong, "404": wrong, "429": wrong},
            }
        }

    allele = _parameter("variant", "allele, 1-based", "path", "chr17-7675088-C-T")
    gene = _parameter("gene", "symbol, alias or id", "path", "TP53")
    where = _parameter("region", "1-based, both ends included", "path", "chr17-7675000-7676000")
    filters = [
        _parameter("class", "plof, missense, synonymous or other; may be repeated"),
        _parameter("clinvar", "pathogenic, uncertain, benign or listed"),
        _parameter("min_af", "frequency from"),
        _parameter("max_af", "frequency to"),
        _parameter("source", "cohort, or any: also alleles only a source has"),
        _parameter("sort", "pos, af, ac, nhomalt, consequence ...; - in front: descending"),
    ]
    short = _parameter("fields", "frequencies: the cohort's numbers alone, faster")
    asked = _parameter("q", "allele, region, gene, rsID, HGVS name or disease", example="TP53")
    problem = {
        "description": "why not",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
    paths = {
        "/v1/release": get("What the release says of itself"),
        "/v1/search": get("What a question is about", [asked]),
        "/v1/variants/{variant}": get("One allele: frequencies, sources, effects", [allele, short]),
        "/v1/genes/{gene}": get("Alleles of a gene", [gene, *filters]),
        "/v1/regions/{region}": get(
            "Alleles of a region, and who could be judged", [where, *filters]
        ),
        "/v1/structural/{name}": get(
            "One structural variant", [_parameter("name", "its name", "path", "DEL-chr1-1000-3000")]
        ),
        "/v1/loci/{locus}": get(
            "Alleles of a repeat, or of a position of chrM",
            [_parameter("locus", "its name", "path", "chrM:3243")],
        ),
        "/g_variants": get("Beacon v2: genomic variations (GET and POST)"),
        "/g_variants/{id}": get("Beacon v2: one variation", [_parameter("id", "its id", "path")]),
        "/datasets": get("Beacon v2: the release as a dataset"),
        "/service-info": get("GA4GH service info"),
        "/info": get("Beacon v2: about this beacon"),
        "/configuration": get("Beacon v2: configuration"),
        "/entry_types": get("Beacon v2: entry types"),
        "/map": get("Beacon v2: endpoints"),
        "/filtering_terms": get("Beacon v2: filtering terms (none)"),
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Allele frequencies of a cohort",
            "version": about["release"],
            "description": f"{about['people']} people, {about['build']}. "
            "Numbers below the bound are null. Counts are of people who could be judged.",
        },
        "servers": [{"url": base}],
        "paths": paths,
        "components": {"responses": {"Problem": problem}},
    }
