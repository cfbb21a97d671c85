"""What the evidence for a drug rests on: approvals, guidelines and trials kept apart.

japan        approved in Japan for the biomarker (resources/japan_approvals.tsv)
fda          approved in the United States } as CIViC's assertions say, or the publication of the
guideline    named in a clinical guideline } item (resources/evidence_basis.tsv)
established  CIViC level A whose item says neither: approval or guideline, not told apart
trial        CIViC level B: clinical studies
case, preclinical, inferred    CIViC levels C, D and E
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from shirube.contracts.knowledge_cancer import AUTHORITIES, EVIDENCE_BASIS

KINDS = ("japan", *AUTHORITIES, "established", "trial", "case", "preclinical", "inferred")
BY_LEVEL = {"A": "established", "B": "trial", "C": "case", "D": "preclinical", "E": "inferred"}
Known = Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]


def drug_names(therapies: str | None) -> str:
    """Drugs in the spelling of EVIDENCE_BASIS."""
    parts = (part.strip().lower() for part in (therapies or "").split(","))
    return ",".join(sorted(part for part in parts if part))


def known_bases(imported: pl.DataFrame, stated: Sequence[Mapping[str, Any]]) -> Known:
    """(source, id) -> what is known of that item: EVIDENCE_BASIS and rows of our own table."""
    out: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    own = [{**row, "verified": row["verified"] == "yes"} for row in stated]
    columns = [*EVIDENCE_BASIS.schema]
    for row in [*imported.select(columns).iter_rows(named=True), *own]:
        out.setdefault((row["source"], row["id"]), []).append({c: row[c] for c in columns})
    return out


def basis_of(item: Mapping[str, Any], known: Known) -> tuple[list[str], list[str]]:
    """Kinds an evidence item rests on, and who states each that is not its level alone."""
    if item["source"] == "japan_approvals":
        return ["japan"], []
    drugs = drug_names(item["therapies"])
    rows = [r for r in known.get((item["source"], item["id"]), ()) if r["therapies"] == drugs]
    kinds = sorted({str(row["basis"]) for row in rows}, key=KINDS.index)
    statements = list(dict.fromkeys(row["stated"] for row in rows))
    if kinds:
        return kinds, statements
    return [BY_LEVEL[item["level"]]] if item["level"] in BY_LEVEL else [], []
