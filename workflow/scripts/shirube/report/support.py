"""What a panel asks of each finding beyond its evidence: which publication, which other method.

Both are joined to the findings of the model by facts of the knowledge tables: the publication of
an evidence item (CLINICAL_EVIDENCE) and resources/confirmation_tests.tsv, whose first row that
fits a finding names the method that would confirm it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

Item = dict[str, Any]
SMALL = ("snv", "mnv", "insertion", "deletion", "delins")


def with_publications(items: Sequence[Item], evidence: pl.DataFrame) -> list[Item]:
    """`items` whose evidence names its publication (PubMed:20537386); null where none is known."""
    asked = {(e["source"], e["id"]) for item in items for e in item["evidence"]}
    wanted = evidence.filter(pl.col("id").is_in([i for _, i in asked if i]))
    named = wanted.select("source", "id", "citation").drop_nulls().unique(maintain_order=True)
    known = {(source, key): text for source, key, text in named.iter_rows()}
    return [
        {
            **item,
            "evidence": [
                {**e, "publication": known.get((e["source"], e["id"]))} for e in item["evidence"]
            ],
        }
        for item in items
    ]


def with_tests(items: Iterable[Item], tests: Sequence[Mapping[str, str | None]]) -> list[Item]:
    """`items`, each with the first of `tests` (rows of confirmation_tests.tsv) that fits it."""
    return [{**item, "confirm_by": _test(item, tests)} for item in items]


def _test(item: Item, tests: Sequence[Mapping[str, str | None]]) -> dict[str, Any] | None:
    kind = "small" if item["kind"] in SMALL else item["kind"]
    for row in tests:
        if row["kind"] == kind and row["of"] in (None, item["origin"], item["gene"]):
            low, high, vaf = row["vaf_from"], row["vaf_below"], item["reads"]["vaf"]
            unasked = not low and not high
            if unasked or (vaf is not None and float(low or 0) <= vaf < float(high or 2)):
                shown = {key: row[f"test_{key}"] for key in ("ja", "en")}
                return {**shown, "source": row["source"], "verified": row["verified"] == "yes"}
    return None


def pubmed_ids(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """PubMed ids of evidence items, each once, in their order."""
    named = (str(e.get("publication") or "") for e in items)
    found = (text.removeprefix("PubMed:") for text in named if text.startswith("PubMed:"))
    return list(dict.fromkeys(number for number in found if number.isdigit()))
