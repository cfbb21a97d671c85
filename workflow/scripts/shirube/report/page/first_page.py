"""The first page: whose report, how far it can be relied on, what to do now, what stays open.

It repeats nothing but the model and carries no fact that is not in a later section; a reader with
ten minutes needs no other page to know where to look.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shirube.report.page.blocks import Block, cell, facts, note, table
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.class_blocks import class_brief
from shirube.report.page.finding_blocks import shown_title
from shirube.report.page.marker_blocks import DIGITS, call_of
from shirube.report.page.negative_blocks import asked_for, target_name
from shirube.report.page.pgx_blocks import diplotypes, meaning
from shirube.report.page.text import number, percent

NAMED = 12  # names printed of a list; the count of all is stated
TONES = {"pass": "good", "warn": "warning", "fail": "danger", "unknown": "warning"}
MARKERS = ("TMB", "MSI", "HRD")


def _some(names: Sequence[str], say: Catalogue) -> str:
    """Names joined, the first NAMED of them."""
    kept = list(dict.fromkeys(names))
    text = say.message("list.join").join(kept[:NAMED])
    rest = len(kept) - NAMED
    return text + (f" {say.message('and.more', count=rest)}" if rest > 0 else "")


def tile(label: str, text: str, detail: str, tone: str | None = None) -> dict[str, object]:
    """One answer: its question, the answer, what it rests on."""
    return {"label": label, "text": text, "detail": detail, "tone": tone}


def _quality(model: Mapping[str, Any], say: Catalogue) -> dict[str, object]:
    m, found = say.message, model["quality"]
    missed = [g for g in found["gates"] if g["verdict"] in ("fail", "warn")]
    failed = [f"{say.term('gate', g['gate'])} ({g['sample']})" for g in missed]
    unknown = [g for g in found["gates"] if g["verdict"] == "unknown"]
    detail = _some(failed, say) if failed else m("tile.quality.met")
    if unknown:
        detail += m("sentence.join") + m("tile.quality.unknown", count=len(unknown))
    text = say.term("verdict", "blocked" if found["blocked"] else found["verdict"])
    return tile(m("quality"), text, detail, TONES[found["verdict"]])


def _acting(
    model: Mapping[str, Any], say: Catalogue, key: str, wanted: Callable[[str, str], bool]
) -> dict[str, object]:
    """Findings of the summary whose reason and origin are `wanted`."""
    by_id = {item["id"]: item for item in model["findings"]}
    listed = [(by_id[s["finding"]], s["reason"]) for s in model["summary"]]
    names = [shown_title(item, say) for item, reason in listed if wanted(reason, item["origin"])]
    text = say.message("tile.count", count=len(names))
    detail = _some(names, say) if names else say.message("tile.none")
    return tile(say.message(key), text, detail, "strong" if names else None)


def _open(model: Mapping[str, Any], say: Catalogue) -> dict[str, object]:
    """What could not be assessed for the patient's own disease."""
    rows = [r for r in model["not_assessable"] if r["own_disease"]]
    m, label = say.message, say.message("tile.open")
    if not model["not_assessable"] and not model["not_found"]:
        return tile(label, m("tile.unlisted"), m("tile.unlisted.why"), "warning")
    if not rows:
        return tile(label, m("tile.count", count=0), m("tile.open.none"), "good")
    text = m("tile.targets", count=len(rows))
    return tile(label, text, _some([r["gene"] for r in rows], say), "warning")


def tiles(model: Mapping[str, Any], say: Catalogue) -> Block:
    """Quality, sign-off state, findings that bear on therapy and on the family, open questions."""
    m, state = say.message, model["sign_off"]["state"]
    signed = tile(
        m("state"),
        say.term("state", state),
        m(f"tile.state.{state}"),
        "good" if state == "signed" else "warning",
    )
    out = [_quality(model, say), signed]
    if any(s["kind"] == "tumour" for s in model["samples"]):
        drugs = ("therapy", "resistance")
        out.append(_acting(model, say, "tile.therapy", lambda reason, _: reason in drugs))
    # A germline finding that bears on therapy bears on the family too.
    family = _acting(model, say, "tile.germline", lambda _, origin: origin == "germline")
    out.append(family)
    if model["patient"]["programme"] == "cancer":
        out.append(_open(model, say))
    return {"type": "tiles", "items": out}


def negatives(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """For the patient's own disease: what was looked for and not found, what stays open."""
    if model["patient"]["programme"] != "cancer":
        return []
    m = say.message
    own = [r for r in model["not_found"] if r["own_disease"]]
    rows: list[tuple[object, ...]] = []
    for kind in ("coding", "codon", "exon", "fusion"):
        part = [r for r in own if r["kind"] == kind]
        if not part:
            continue
        limits = [r["detectable_vaf"] for r in part if r["detectable_vaf"] is not None]
        worst = m("brief.limit", vaf=percent(max(limits))) if limits else "–"
        depth = min(r["mean_depth"] for r in part)
        names = list(dict.fromkeys(_brief_name(r, say) for r in part))
        rows.append(
            (
                m(f"brief.{kind}"),
                cell(_some(names, say), tone="names"),
                f"≥ {number(depth)}×",
                worst,
            )
        )
    open_ = [r for r in model["not_assessable"] if r["own_disease"]]
    by_reason: dict[str, list[str]] = {}
    for row in open_:
        by_reason.setdefault(row["reason"], []).append(_brief_name(row, say))
    out: list[Block] = []
    if rows:
        heads = ("brief.kind", "brief.names", "mean.depth", "brief.detectable")
        out.append(table(m("brief.not_found"), [m(h) for h in heads], rows, numeric=(2,)))
    if by_reason:
        body = [
            (cell(say.term("why", reason), tone="warning"), number(len(found)), _some(found, say))
            for reason, found in by_reason.items()
        ]
        columns = [m(h) for h in ("reason", "count", "brief.names")]
        out.append(table(m("brief.open"), columns, body, numeric=(1,)))
    out += class_brief(own, say)
    if not asked_for(model):
        return [note(m("negative.unlisted"), "warning")]
    if not out and any(e["same_disease"] for f in model["findings"] for e in f["evidence"]):
        return [note(m("brief.all_own"))]
    return out or [note(m("brief.no_own"), "warning")]


def _brief_name(row: Mapping[str, Any], say: Catalogue) -> str:
    if row["kind"] in ("coding", "fusion"):
        return str(row["gene"])
    label = row["label"] if row["kind"] == "codon" and row["label"] else target_name(row, say)
    return f"{row['gene']} {label}"


def tumour_state(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """Purity, ploidy and doubling of the tumour; what could not be told is called so."""
    m, found = say.message, model["tumour"]
    if found is None:
        return []
    purity = doubling = say.message("unknown")
    if found["purity"] is not None:
        low, high = (percent(found[f"purity_{end}"], 0) for end in ("low", "high"))
        source = say.term("tumour.source", found["purity_source"])
        purity = m("tumour.purity.value", value=percent(found["purity"], 0), low=low, high=high,
                   source=source)  # fmt: skip
    if found["whole_genome_doubled"] is not None:
        doubling = m("present" if found["whole_genome_doubled"] else "absent")
        share = percent(found["doubled_share"], 0)
        doubling = m("list.join").join((doubling, m("tumour.wgd.share", share=share)))
    return [
        facts(
            [
                (m("tumour.purity"), purity),
                (m("tumour.ploidy"), number(found["ploidy"], 1)),
                (m("tumour.wgd"), doubling),
            ]
        )
    ]


def in_brief(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """TMB, MSI and the genotypes that change how a drug is given, a line each."""
    m = say.message
    rows: list[tuple[object, ...]] = []
    for row in model["markers"]:
        if row["marker"] in MARKERS:
            known = row["value"] is not None and row["call"] != "unknown"
            value = number(row["value"], DIGITS[row["marker"]]) if known else "–"
            unit = say.term("marker.unit", row["unit"])
            rows.append(
                (
                    say.term("marker", row["marker"]),
                    call_of(row, say),
                    m("marker.figure", value=value, unit=unit) if known else value,
                )
            )
    found = model["pharmacogenomics"]
    altered = {
        gene.strip()
        for r in found.get("recommendations", ())
        if r["altered"]
        for gene in r["genes"].split(", ")
    }
    for gene in found.get("genes", ()):
        if gene["gene"] in altered:
            drugs = {
                drug.strip(): None
                for r in found["recommendations"]
                if r["altered"] and gene["gene"] in r["genes"].split(", ")
                for drug in r["drugs"].split(", ")
            }
            names = _some([say.drug(d) for d in drugs], say)
            rows.append(
                (
                    f"{gene['gene']} {diplotypes(gene, say)}",
                    meaning(gene, say),
                    m("brief.drugs", names=names),
                )
            )
    if not rows:
        return []
    heads = ("brief.item", "brief.result", "brief.value")
    title = "brief.markers" if model["markers"] else "brief.genotypes"
    return [table(m(title), [m(h) for h in heads], rows)]
