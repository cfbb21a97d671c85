"""What a candidate for a rare disease has of its own: parents, inheritance, diseases, symptoms."""

from collections.abc import Mapping, Sequence
from typing import Any

from shirube.report.blocks import Block, cell, note, table
from shirube.report.catalogue import Catalogue
from shirube.report.text import number, percent

Finding = Mapping[str, Any]
PRINTED = 12


def _maps(value: object) -> list[Mapping[str, Any]]:
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, Sequence) else []


def rare_facts(item: Finding, say: Catalogue) -> list[tuple[str, Block | None]]:
    """Labelled values: reads of the parents, mode, posterior of de novo, score."""
    m, detail = say.message, item["detail"]
    out: list[tuple[str, Block | None]] = []
    parents = detail.get("parents")
    for role in ("father", "mother"):
        found = parents.get(role) if isinstance(parents, Mapping) else None
        if isinstance(found, Mapping):
            text = f"{number(found.get('ad_alt'))} / {number(found.get('dp'))}"
            out.append((m(f"rare.{role}"), cell(text)))
    if detail.get("mode"):
        out.append((m("rare.mode"), cell(detail["mode"], lang="en")))
    if isinstance(detail.get("de_novo_posterior"), float):
        out.append((m("rare.de_novo"), cell(percent(detail["de_novo_posterior"], 2))))
    if isinstance(detail.get("score"), int | float):
        out.append((m("rare.score"), cell(number(detail["score"], 2))))
    return out


def rare_tables(item: Finding, say: Catalogue) -> list[Block]:
    """Diseases of the gene, designated intractable diseases, and which symptoms match."""
    m, detail, out = say.message, item["detail"], []
    diseases = [
        (
            cell(d.get("disease") or "–", lang="en"),
            d.get("omim"),
            d.get("inheritance"),
            d.get("confidence"),
        )
        for d in _maps(detail.get("diseases"))[:PRINTED]
    ]
    if diseases:
        heads = ("evidence.disease", "rare.omim", "inheritance", "rare.confidence")
        out.append(table(m("rare.diseases"), [m(c) for c in heads], diseases))
    nando = [
        (
            d.get("name_ja") or d.get("nando"),
            d.get("nando"),
            d.get("number"),
            m("yes" if d.get("designated") else "no"),
        )
        for d in _maps(detail.get("nando"))[:PRINTED]
    ]
    if nando:
        heads = ("evidence.disease", "rare.nando", "rare.number", "rare.designated")
        out.append(table(m("rare.intractable"), [m(c) for c in heads], nando))
    phenotype = detail.get("phenotype")
    terms = _maps(phenotype.get("terms")) if isinstance(phenotype, Mapping) else []
    language = say.language
    rows = [
        (
            f"{t.get('term')} {_label(t, 'name', language)}".strip(),
            f"{t.get('matched') or '–'} {_label(t, 'matched_name', language)}".strip(),
        )
        for t in terms[:PRINTED]
    ]
    if rows:
        columns = [m("rare.symptom"), m("rare.matched")]
        out.append(table(m("rare.phenotype"), columns, rows))
    return out


def _label(term: Mapping[str, Any], key: str, language: str) -> str:
    local = term.get(f"{key}_ja") if language == "ja" else None
    return str(local or term.get(key) or "")


def homozygosity(rows: Sequence[Mapping[str, Any]], say: Catalogue) -> list[Block]:
    """Runs of homozygosity and uniparental disomy, the latter first."""
    if not rows:
        return []
    m = say.message
    ordered = sorted(rows, key=lambda r: (r["kind"] == "roh", r["start"] - r["end"], r["chrom"]))
    body = [
        (
            say.term("homozygosity", r["kind"]),
            f"{r['chrom']}:{r['start'] + 1:,}-{r['end']:,}",
            number((r["end"] - r["start"]) / 1e6, 2),
            f"{number(r['sites'])} / {number(r['against'])}",
            cell(r["reason"] or "–", lang="en"),
        )
        for r in ordered[:PRINTED]
    ]
    heads = ("homozygosity.kind", "location", "homozygosity.length", "homozygosity.sites", "reason")
    made = table(m("homozygosity.title"), [m(c) for c in heads], body, numeric=(2, 3))
    disomy = any(r["kind"] != "roh" for r in rows)
    more = [note(m("more", count=len(rows) - PRINTED))] if len(rows) > PRINTED else []
    return [*([note(m("homozygosity.upd"), "danger")] if disomy else []), made, *more]
