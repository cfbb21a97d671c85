"""The section on TMB, MSI, HRD and mutational signatures."""

from collections.abc import Mapping
from typing import Any

from shirube.report.page.blocks import Block, cell, note, table
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.finding_blocks import second_hit, shown_title
from shirube.report.page.reason import reason
from shirube.report.page.text import number

SIGNATURES, VIRUS = ("SBS", "DBS", "ID", "SV", "CN"), "virus"
DIGITS = {"TMB": 1, "MSI": 3, "HRD": 0, "TD": 0, "HLA": 0, "kataegis": 0, "chromothripsis": 0}
REPAIR = ("BRCA1", "BRCA2", "PALB2", "RAD51C", "RAD51D")  # beside the score of scars


def _part(marker: str) -> str:
    """In which table of the section a marker stands."""
    if marker.startswith(VIRUS):
        return "viruses"
    return "signatures" if marker.split(":")[0] in SIGNATURES else "table"


def _name(marker: str, say: Catalogue) -> str:
    """What a marker is called; a virus the catalogue has no words for by its own name."""
    kind, _, name = marker.partition(":")
    if kind == VIRUS and name:
        return say.term("virus", name)
    return name or say.term("marker", kind)


def call_of(row: Mapping[str, Any], say: Catalogue) -> Block:
    """What a marker was called, by the marker's own word where it has one (MSI-High, MSS)."""
    own = f"{row['marker']}.{row['call']}"
    known = say.knows("marker.call", own)
    tone = "warning" if row["call"] == "unknown" else "strong"
    return cell(say.term("marker.call", own if known else row["call"]), tone=tone)


def _value(row: Mapping[str, Any], digits: int) -> str:
    """The value with its interval; none beside "cannot be told", which it would seem to answer."""
    if row["call"] == "unknown":
        return "–"
    text = number(row["value"], digits)
    if row["low"] is None or row["high"] is None:
        return text
    return f"{text} ({number(row['low'], digits)}–{number(row['high'], digits)})"


def markers(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """Each marker with its interval; what the interval leaves open is called so."""
    m, rows = say.message, model["markers"]
    if not rows:
        return [note(m("biomarkers.none"), "warning")]
    out = []
    for caption in ("table", "viruses", "signatures"):
        body = [
            (
                _name(r["marker"], say),
                _value(r, 0 if _part(r["marker"]) == "viruses" else DIGITS.get(r["marker"], 2)),
                say.term("marker.unit", r["unit"]),
                call_of(r, say),
                reason(r, say, "basis"),
            )
            for r in rows
            if _part(r["marker"]) == caption
        ]
        heads = ("marker", "value", "unit", "call", "basis")
        if body:
            out.append(
                table(m(f"biomarkers.{caption}"), [m(f"biomarkers.{c}") for c in heads], body)
            )
    if any(row["marker"] == "HRD" for row in rows):
        out.append(_repair_genes(model, say))
    return out


def _repair_genes(model: Mapping[str, Any], say: Catalogue) -> Block:
    """Findings in genes of homologous recombination, with what is known of the other allele."""
    m, body = say.message, []
    for gene in REPAIR:
        found = [item for item in model["findings"] if gene in (item["gene"] or "").split("::")]
        body += [
            (
                gene,
                shown_title(item, say),
                say.term("origin", item["origin"]),
                second_hit(item, say) or "–",
            )
            for item in found
        ] or [(gene, m("hrd.none"), "–", "–")]
    columns = [m(c) for c in ("gene", "hrd.finding", "origin", "second_hit")]
    return table(m("hrd.genes"), columns, body)
