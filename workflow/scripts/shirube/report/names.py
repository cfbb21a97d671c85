"""Names of the codes a report holds: symptoms, diseases and tumour types in English and Japanese.

They come from the configured sources (HPO with its Japanese labels, diseases of HPO and of the
gene lists, NANDO, OncoTree); what no source names is null.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

Names = Mapping[str, Mapping[str, str | None]]


def codes_of(patient: Mapping[str, Any], items: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every code of a patient's sheet row and of the findings' details, sorted."""
    found = {patient["diagnosis"], patient["onset"]}
    found |= {term.strip().lstrip("!") for term in (patient["hpo"] or "").split(";")}
    for item in items:
        detail = item["detail"]
        phenotype = detail.get("phenotype")
        if isinstance(phenotype, Mapping):
            found |= _values([phenotype.get("disease")], "id")
            found |= _values(phenotype.get("terms"), "term", "matched")
            found |= _values(phenotype.get("absent"), "term")
        found |= _values(detail.get("diseases"), "omim")
        found |= _values(detail.get("nando"), "nando")
    return sorted(code for code in found if code)


def _values(rows: object, *keys: str) -> set[str | None]:
    maps = [r for r in rows if isinstance(r, Mapping)] if isinstance(rows, Sequence) else []
    return {str(row[key]) for row in maps for key in keys if row.get(key)}


# Table of knowledge -> columns of code, English and Japanese name; the first that names wins.
_SOURCES: Mapping[str, tuple[tuple[str, str | None, str | None], ...]] = {
    "phenotype_terms": (("term", "name", "name_ja"),),
    "oncotree": (("code", "name", None),),
    "nando_genes": (
        ("nando", "name_en", "name_ja"),
        ("mondo", "name_en", "name_ja"),
    ),
    "phenotype_diseases": (("disease", "name", None),),
    "gene_diseases": (("omim", "disease", None),),
}


def names_of(codes: Sequence[str], tables: Mapping[str, pl.LazyFrame]) -> dict[str, Any]:
    """Code -> {en, ja} of the codes any of `tables` (knowledge by name) knows."""
    out: dict[str, dict[str, str | None]] = {}
    for table, columns in _SOURCES.items():
        if table not in tables:
            continue
        for code, english, japanese in columns:
            rows = (
                tables[table]
                .filter(pl.col(code).cast(pl.String).is_in(codes))
                .select(
                    code=pl.col(code).cast(pl.String),
                    en=pl.col(english) if english else pl.lit(None, pl.String),
                    ja=pl.col(japanese) if japanese else pl.lit(None, pl.String),
                )
                .unique(maintain_order=False)
                .sort("code", "en", "ja", nulls_last=True)
                .collect()
            )
            for row in rows.iter_rows(named=True):
                known = out.setdefault(row["code"], {"en": None, "ja": None})
                for language in ("en", "ja"):
                    known[language] = known[language] or row[language]
    return dict(sorted(out.items()))
