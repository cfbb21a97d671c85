"""The section on pharmacogenomics."""

from collections.abc import Mapping
from typing import Any

from shirube.report.page.blocks import Block, cell, facts, note, quoted, table
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.text import number

PRINTED_DIPLOTYPES = 4
PRINTED_RECOMMENDATIONS = 40
PRINTED_POSITIONS = 12
TONES = {"called": None, "outside": None}


def _phenotype(text: str | None, say: Catalogue) -> str:
    return say.term("phenotype", text)


def diplotypes(gene: Mapping[str, Any], say: Catalogue) -> str:
    """The diplotypes of a gene, the best supported first; conditional ones say so."""
    m = say.message
    names = [d["name"] for d in gene["diplotypes"]]
    if not names:
        return m("none") if gene["status"] == "no_match" else "–"
    text = m("or.join").join(names[:PRINTED_DIPLOTYPES])
    if gene["diplotype_count"] > PRINTED_DIPLOTYPES:
        more = gene["diplotype_count"] - PRINTED_DIPLOTYPES
        text += f" ({m('more', count=number(more))})"
    return m("pgx.if_reference", diplotypes=text) if gene["status"] == "partial" else text


def meaning(gene: Mapping[str, Any], say: Catalogue) -> Block:
    """The phenotype, or the phenotypes that remain possible."""
    m = say.message
    if gene["phenotype"]:
        return cell(_phenotype(gene["phenotype"], say), tone="gene")
    possible = [_phenotype(p, say) for p in gene["possible_phenotypes"]]
    if possible:
        return cell(m("pgx.unsettled", possible=m("list.join").join(possible)), tone="warning")
    return cell(m("unknown"), tone="warning")


def remark(gene: Mapping[str, Any], say: Catalogue) -> str:
    """What qualifies the call: where it comes from, what was not seen."""
    m, parts = say.message, []
    if gene["status"] == "outside":
        parts.append(m("pgx.outside", source=gene["source"]))
    if gene["uncalled"]:
        parts.append(m("pgx.uncalled", count=len(gene["uncalled"]), positions=gene["positions"]))
    if gene["not_excluded"]:
        shown = gene["not_excluded"][:10]
        names = m("list.join").join(shown)
        if len(gene["not_excluded"]) > len(shown):
            names += f" +{len(gene['not_excluded']) - len(shown)}"
        parts.append(m("pgx.not_excluded", names=names))
    if gene["detected"]:
        parts.append(m("pgx.detected", names=m("list.join").join(gene["detected"])))
    return m("sentence.join").join(parts) or "–"


def _tests(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    m, rows = say.message, model["pharmacogenomics"]["tests"]
    language = say.language
    body = [
        (
            cell(t["gene"], tone="gene"),
            t[f"test_{language}"],
            t["fee_code"],
            t[f"indication_{language}"],
            quoted("stated", f"{t['source']} ({t['date']})", say),
            m("yes") if t["verified"] == "yes" else cell(m("no"), tone="warning"),
        )
        for t in rows
    ]
    heads = ("gene", "pgx.test", "pgx.fee", "pgx.indication", "evidence.source", "verified")
    return [table(m("pgx.tests"), [m(c) for c in heads], body)] if body else []


def _uncalled(genes: list[Mapping[str, Any]], say: Catalogue) -> list[Block]:
    m = say.message
    body: list[tuple[object, ...]] = []
    for gene in genes:
        for place in gene["uncalled"][:PRINTED_POSITIONS]:
            name = f"{place['rsid'] or ''} {place['name']}".strip()
            body.append(
                (
                    cell(gene["gene"], tone="gene"),
                    place["pos"],
                    name,
                    quoted("pgx.why", place["reason"], say),
                )
            )
        if len(gene["uncalled"]) > PRINTED_POSITIONS:
            more = m("more", count=len(gene["uncalled"]) - PRINTED_POSITIONS)
            body.append((cell(gene["gene"], tone="gene"), "…", more, "…"))
    heads = ("gene", "location", "pgx.position", "reason")
    return [table(m("pgx.uncalled.table"), [m(c) for c in heads], body)] if body else []


def _phenotypes(stated: str, say: Catalogue) -> str:
    """A recommendation's phenotypes, each gene with its own in the page's words."""
    out = []
    for part in stated.split("; "):
        gene, _, rest = part.partition(" ")
        known = say.knows("phenotype", rest)
        out.append(f"{gene} {say.term('phenotype', rest)}" if known else part)
    return say.message("list.join").join(out)


def pharmacogenomics(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """Star alleles, phenotypes, recommendations, and every position without a genotype."""
    m, found = say.message, model["pharmacogenomics"]
    if found["status"] != "assessed":
        return [note(m(f"pgx.{found['status']}"), "warning")]
    seen = [g for g in found["genes"] if g["status"] not in ("not_callable", "not_called")]
    unseen = [g["gene"] for g in found["genes"] if g["status"] in ("not_callable", "not_called")]
    rows = [
        (
            cell(g["gene"], tone="gene"),
            diplotypes(g, say),
            meaning(g, say),
            say.term("pgx.status", g["status"]),
            remark(g, say),
        )
        for g in seen
    ]
    heads = ("gene", "pgx.diplotype", "pgx.phenotype", "state", "pgx.remark")
    out = [note(m("pgx.note")), table(m("pgx.genes"), [m(c) for c in heads], rows)]
    if unseen:
        out.append(note(m("pgx.unseen", genes=m("list.join").join(unseen)), "warning"))
    altered = [r for r in found["recommendations"] if r["altered"]]
    body = [
        (
            cell(m("list.join").join(say.drug(d) for d in r["drugs"].split(", ")), tone="gene"),
            cell(r["source"], href=r["url"], lang="en"),
            _phenotypes(r["phenotypes"], say),
            quoted("pgx.strength", r["strength"], say),
            cell(r["text"], lang="en"),
        )
        for r in altered[:PRINTED_RECOMMENDATIONS]
    ]
    heads = ("pgx.drug", "pgx.guideline", "pgx.phenotype", "pgx.strength", "pgx.recommendation")
    if body:
        out.append(table(m("pgx.recommendations"), [m(c) for c in heads], body))
    if len(altered) > len(body):
        out.append(note(m("more", count=len(altered) - len(body))))
    if unaltered := len(found["recommendations"]) - len(altered):
        out.append(note(m("pgx.unaltered", count=unaltered)))
    source = [
        (m(label), cell(found[key] or "–", lang="en"))
        for label, key in (("pgx.definitions", "version"), ("licence", "licence"))
    ]
    return [*out, *_uncalled(seen, say), *_tests(model, say), facts(source)]
