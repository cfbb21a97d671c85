"""PharmCAT (and PyPGx, for genes it leaves out) -> pharmacogenomic tables."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from shirube.contracts.pharmacogenomics import (
    DIPLOTYPE_PHENOTYPES,
    DRUG_RECOMMENDATIONS,
    STAR_ALLELES,
    STAR_POSITIONS,
)
from shirube.errors import InputError
from shirube.knowledge.pharmcat_definitions import genes, read_json
from shirube.knowledge.sources import refuse_duplicates, table

PYPGX_COLUMNS = ("Gene", "Diplotype", "Phenotype")


def star_positions(files: Iterable[Path]) -> pl.DataFrame:
    """STAR_POSITIONS of PharmCAT's files; InputError if a definition is not in its format."""
    rows = [
        {
            "gene": gene.gene,
            "number": number,
            "chrom": gene.chrom,
            "pos": place.pos,
            "ref": place.ref,
            "alts": list(place.alts),
            "rsid": place.rsid,
            "name": place.name,
            "version": gene.version,
        }
        for gene in genes(files)
        for number, place in enumerate(gene.positions)
    ]
    return STAR_POSITIONS.table(pl.DataFrame(rows, schema=STAR_POSITIONS.polars))


def star_alleles(files: Iterable[Path]) -> pl.DataFrame:
    """STAR_ALLELES of PharmCAT's files; InputError if a definition is not in its format."""
    rows = [
        {
            "gene": gene.gene,
            "number": number,
            "allele": name,
            "reference": number == gene.reference,
            "allowed": gene.allowed[number].tolist(),
            "stated": gene.stated[number].tolist(),
        }
        for gene in genes(files)
        for number, name in enumerate(gene.names)
    ]
    return STAR_ALLELES.table(pl.DataFrame(rows, schema=STAR_ALLELES.polars))


def canonical_alleles(alleles: Mapping[str, float]) -> str:
    """Copies by allele as one text, whatever order they came in."""
    return json.dumps({name: int(alleles[name]) for name in sorted(alleles)}, ensure_ascii=False)


def diplotype_phenotypes(files: Iterable[Path], pypgx: str | Path | None = None) -> pl.DataFrame:
    """DIPLOTYPE_PHENOTYPES of PharmCAT's files, and PyPGx's of genes that are not in them."""
    rows: list[dict[str, Any]] = []
    for path in files:
        if path.parent.name != "phenotype":
            continue
        data = read_json(path)
        try:
            rows += [
                {
                    "gene": data["gene"],
                    "alleles": canonical_alleles(d["diplotypekey"]),
                    "phenotype": d["phenotype"],
                    "activity_score": d.get("activityScore"),
                    "lookup": d["lookupkey"],
                    "source": "pharmcat",
                }
                for d in data["diplotypes"]
            ]
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(path, f"PharmCAT's phenotype format ({error!r})") from error
    own = pl.DataFrame(rows, schema=DIPLOTYPE_PHENOTYPES.polars)
    # A key that a file repeats with one meaning is one row.
    own = own.unique(maintain_order=True)
    if pypgx is not None:
        known = own["gene"].unique().to_list()
        own = pl.concat([own, _pypgx(pypgx).filter(~pl.col("gene").is_in(known))])
    return DIPLOTYPE_PHENOTYPES.table(own)


def _pypgx(path: str | Path) -> pl.DataFrame:
    """PyPGx's diplotype-table.csv: `A/B`, or `A/MALE` for the one allele of a man."""
    found = table(path, PYPGX_COLUMNS, ",")
    refuse_duplicates(found, ("Gene", "Diplotype"), path)
    rows = []
    for gene, diplotype, phenotype in found.select(PYPGX_COLUMNS).rows():
        pair = str(diplotype).split("/")
        if len(pair) != 2:
            raise InputError(path, "two alleles joined by /", f"{gene} {diplotype}")
        names = [name for name in pair if name != "MALE"]
        rows.append(
            {
                "gene": gene,
                "alleles": canonical_alleles({name: names.count(name) for name in names}),
                "phenotype": phenotype,
                "activity_score": None,
                "lookup": str(phenotype or "").removeprefix(f"{gene} ") or None,
                "source": "pypgx",
            }
        )
    made = pl.DataFrame(rows, schema=DIPLOTYPE_PHENOTYPES.polars)
    # A/B and B/A are one diplotype.
    alike = made.unique(maintain_order=True)
    refuse_duplicates(alike, ("gene", "alleles"), path)
    return alike


def drug_recommendations(files: Iterable[Path]) -> pl.DataFrame:
    """DRUG_RECOMMENDATIONS of PharmCAT's guideline files."""
    rows = []
    for path in files:
        if not path.name.startswith("guidelines"):
            continue
        try:
            rows += [
                {
                    "id": str(item["id"]),
                    "source": entry["guideline"]["source"],
                    "url": entry["guideline"]["url"],
                    "drugs": ", ".join(
                        sorted(c["name"] for c in item.get("relatedChemicals") or [])
                    ),
                    "lookup": json.dumps(item.get("lookupKey") or {}, ensure_ascii=False),
                    "population": item.get("population"),
                    "strength": (item.get("classification") or {}).get("term"),
                    "text": (item.get("text") or {}).get("html") or "",
                }
                for entry in read_json(path).values()
                for item in entry.get("recommendations") or []
            ]
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(path, f"PharmCAT's guideline format ({error!r})") from error
    frame = pl.DataFrame(rows, schema=DRUG_RECOMMENDATIONS.polars)
    return DRUG_RECOMMENDATIONS.table(frame.unique(maintain_order=True))
