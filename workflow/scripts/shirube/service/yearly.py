"""The report on a release, in HTML and PDF: for funders, ethics committees and the people in it.

Both are made from one document of titled sections with text, tables and figures, so they say the
same; a figure's numbers stand in a table beside it.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import typst

from shirube.report.figures.svg import BLUE, GREEN, LINE, ORANGE, SKY, SOFT, WASH, Drawing
from shirube.report.page.pdf import fonts
from shirube.service.consequences import CLASSES
from shirube.service.overview import BINS, LISTED, WITHHELD, Overview
from shirube.service.text import Words, number

PACKAGE_DATA = ("templates/yearly.html.j2", "yearly.typ")
_TEMPLATE = Path(__file__).with_name("yearly.typ")
_SHADES = {"once": BLUE, "rare": SKY, "low": GREEN, "some": ORANGE, "common": "#7a5c00"}
_WIDTH, _LEFT = 640.0, 110.0
Section = dict[str, Any]


def _table(caption: str, columns: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]]) -> Any:  # noqa: ANN401
    """A table of texts; a column is (label, whether it holds numbers)."""
    heads = [{"label": label, "numeric": numeric} for label, numeric in columns]
    return {"caption": caption, "columns": heads, "rows": [list(row) for row in rows]}


def _shares(found: Overview, text: Words) -> str:
    """Bars of one length, one a class, cut by frequency; the pattern is told by the legend."""
    bins = [*(name for name, _ in BINS), WITHHELD]
    shades = {**_SHADES, WITHHELD: LINE}
    drawing = Drawing(_WIDTH, 28.0 * len(CLASSES) + 44)
    for row, name in enumerate(CLASSES):
        counts = found.alleles[name]
        total, x, y = sum(counts.values()), _LEFT, 8 + 28.0 * row
        drawing.text(_LEFT - 8, y + 14, text(f"class.{name}"), 11, anchor="end")
        for group in bins:
            width = (_WIDTH - _LEFT - 10) * counts[group] / total if total else 0.0
            drawing.rect(x, y, width, 20, shades[group], "#ffffff")
            x += width
    at = _LEFT
    for group in bins:
        drawing.rect(at, 28.0 * len(CLASSES) + 18, 10, 10, shades[group])
        label = text(f"report.bin.{group}")
        drawing.text(at + 14, 28.0 * len(CLASSES) + 27, label, 10, SOFT)
        at += 30 + 6.2 * sum(1 if letter.isascii() else 1.7 for letter in label)
    return drawing.svg()


def _judged(found: Overview) -> str:
    """A bar a chromosome of how many bases are told, and of how many nearly all are judged."""
    rows = [row for row in found.chroms if row["told"] is not None]
    drawing = Drawing(_WIDTH, 15.0 * len(rows) + 8)
    longest = max((row["told"] for row in rows), default=1) or 1
    for n, row in enumerate(rows):
        y = 4 + 15.0 * n
        drawing.text(_LEFT - 8, y + 10, row["chrom"], 10, anchor="end")
        drawing.rect(_LEFT, y, (_WIDTH - _LEFT - 10) * row["told"] / longest, 11, WASH, LINE)
        drawing.rect(_LEFT, y, (_WIDTH - _LEFT - 10) * row["nearly_all"] / longest, 11, BLUE)
    return drawing.svg()


def _beside(points: Sequence[tuple[float, float]]) -> str:
    size, left = 300.0, 60.0
    drawing = Drawing(left + size + 20, size + 50)
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = left + size * tick, 10 + size * (1 - tick)
        drawing.line(x, 10, x, 10 + size)
        drawing.line(left, y, left + size, y)
        drawing.text(x, size + 28, f"{tick:g}", 10, SOFT, "middle")
        drawing.text(left - 8, y + 4, f"{tick:g}", 10, SOFT, "end")
    drawing.line(left, 10 + size, left + size, 10, SOFT)
    drawing.dots([(left + size * a, 10 + size * (1 - b)) for a, b in points], 2, BLUE)
    return drawing.svg()


def document(found: Overview, language: str) -> dict[str, Any]:
    """The report's sections in one language; every string is text, never markup."""
    text = Words(language)
    about = found.about
    told = bool(found.groups)
    parts = (_people, _found, _how_much, _compared, _listed, _method)
    return {
        "language": language,
        "title": text("report.title"),
        "lead": text("report.lead", **about)
        if told
        else text("release.none", status=about["status"]),
        "artificial": text("artificial") if about["build"] == "artificial" else "",
        "page": text("report.page"),
        "sections": [part(found, text) for part in parts] if told else [],
    }


def _people(found: Overview, text: Words) -> Section:
    rows = [[text.group(g), number(most) if most is not None else "–"] for g, most in found.groups]
    columns = [(text("about.group"), False), (text("about.callable.most"), True)]
    return {
        "title": text("report.people"),
        "text": [text("about.people.text")],
        "figures": [],
        "tables": [_table(text("report.people"), columns, rows)],
    }


def _found(found: Overview, text: Words) -> Section:
    bins = [*(name for name, _ in BINS), WITHHELD]
    kinds = found.kinds
    told = text(
        "report.found.text",
        total=number(found.total),
        snv=number(kinds["transition"] + kinds["transversion"]),
        ratio=number(found.transitions) or "–",
        insertion=number(kinds["insertion"]),
        deletion=number(kinds["deletion"]),
        apart=number(found.disequilibrium),
    )
    columns = [(text("report.class"), False), *((text(f"report.bin.{b}"), True) for b in bins)]
    rows = [
        [text(f"class.{name}"), *(number(found.alleles[name][b]) for b in bins)] for name in CLASSES
    ]
    return {
        "title": text("report.found"),
        "text": [told],
        "figures": [{"svg": _shares(found, text), "text": text("report.found.figure")}],
        "tables": [_table(text("report.found"), columns, rows)],
    }


def _how_much(found: Overview, text: Words) -> Section:
    columns = [
        (text("report.chrom"), False),
        (text("report.alleles"), True),
        (text("report.judged.told"), True),
        (text("report.judged.nearly"), True),
    ]
    rows = [
        [row["chrom"], number(row["alleles"]), *(number(row[n]) or "–" for n in _BASES)]
        for row in found.chroms
    ]
    told = any(row["told"] is not None for row in found.chroms)
    figure = {"svg": _judged(found), "text": text("report.judged.figure")}
    return {
        "title": text("report.judged"),
        "text": [text("report.judged.text")],
        "figures": [figure] if told else [],
        "tables": [_table(text("report.judged"), columns, rows)],
    }


_BASES = ("told", "nearly_all")


def _compared(found: Overview, text: Words) -> Section:
    columns = [
        *((text(name), False) for name in ("table.allele", "report.gene", "table.name")),
        *((text(name), True) for name in ("variant.af", "report.elsewhere")),
    ]
    rows = [
        [*_names(r), number(r["af"]), f"{number(r['population_af'])} ({r['population_source']})"]
        for r in found.particular
    ]
    shown = text(
        "report.particular.text",
        total=number(found.particular_total),
        shown=min(LISTED, found.particular_total),
    )
    words = text("report.beside.figure", n=number(len(found.points)))
    figures = [{"svg": _beside(found.points), "text": words}] if found.points else []
    return {
        "title": text("report.beside"),
        "text": [*([] if found.points else [text("report.beside.nothing")]), shown],
        "figures": figures,
        "tables": [_table(text("report.particular"), columns, rows)] if rows else [],
    }


def _names(row: Mapping[str, Any]) -> list[str]:
    """An allele as addresses write it, its gene and its name."""
    allele = "-".join(str(row[name]) for name in ("chrom", "pos", "ref", "alt"))
    return [allele, row["gene"] or "", row["hgvs_p"] or row["hgvs_c"] or ""]


def _listed(found: Overview, text: Words) -> Section:
    columns = [
        *((text(name), False) for name in ("table.allele", "report.gene", "table.name")),
        *((label, True) for label in ("AC", "AN", text("report.stars"))),
    ]
    rows = [
        [*_names(r), number(r["ac"]), number(r["an"]), number(r["clinvar_stars"])]
        for r in found.pathogenic
    ]
    shown = text(
        "report.pathogenic.text",
        least=found.about["min_people"],
        total=number(found.pathogenic_total),
        shown=min(LISTED, found.pathogenic_total),
    )
    return {
        "title": text("report.pathogenic"),
        "text": [shown],
        "figures": [],
        "tables": [_table(text("report.pathogenic"), columns, rows)] if rows else [],
    }


def _method(found: Overview, text: Words) -> Section:
    rule = json.loads(found.about["genotype_rule"])
    names = ("about.source", "about.release", "about.licence")
    rows = [[v["name"], v["release"] or "–", v["licence"] or "–"] for v in found.versions]
    protected = [text("report.protect.text", min_people=found.about["min_people"])]
    if int(found.about["min_count"]) > 1:
        protected.append(text("report.protect.count", least=found.about["min_count"]))
    protected.append(text(f"report.protect.{found.about['singletons']}"))
    return {
        "title": text("about.methods"),
        "text": [text("about.rule.text", **rule), *protected],
        "figures": [],
        "tables": [_table(text("about.versions"), [(text(n), False) for n in names], rows)],
    }


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def html(made: Mapping[str, Any]) -> str:
    """The document as one self-contained page without script."""
    return _environment().get_template("yearly.html.j2").render(doc=made)


def pdf(made: Mapping[str, Any]) -> bytes:
    """The document as a tagged PDF on A4 (PDF/UA-1); the same bytes for the same document."""
    return typst.compile(
        _TEMPLATE,
        font_paths=[fonts()],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"document": json.dumps(made, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=0,
    )
