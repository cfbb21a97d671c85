"""Tables of alleles: those at places, filtered, ordered and cut into pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from shirube.cohort.query import sources as imported
from shirube.cohort.query.places import Place
from shirube.errors import InputError
from shirube.service import figures
from shirube.service.consequences import (
    CLASSES,
    clinvar_kind,
    consequences,
    described,
    kind,
)
from shirube.service.released import Released
from shirube.service.text import number

Key = tuple[str, int, str, str]
Row = dict[str, Any]
PAGE = 100  # rows of a table
GENE_LONGEST = 1_000_000
SORTS = ("pos", "name", "consequence", "clinvar", "af", "ac", "an", "nhomalt")


def name_of(key: Key) -> str:
    """An allele as it stands in addresses: chr17-7675088-C-T."""
    return "-".join(map(str, key))


def one_allele(released: Released, name: str) -> tuple[Key, tuple[Any, ...]]:
    """The allele a name means, and notes on how it was understood; InputError for none or many."""
    found = released.answer(name)
    if found.kind != "alleles" or len(found.alleles) != 1:
        raise InputError(name[:60], "one allele, as chr17-7675088-C-T")
    return found.alleles[0], found.notes


@dataclass(frozen=True)
class Filters:
    """What a table is limited to and how it is ordered; part of its address."""

    classes: frozenset[str] = frozenset()
    clinvar: str = ""
    min_af: float | None = None
    max_af: float | None = None
    source: str = "cohort"
    where: str = "exons"
    sort: str = "pos"
    down: bool = False
    page: int = 1

    @classmethod
    def of(cls, asked: Mapping[str, Sequence[str]]) -> "Filters":
        """From an address' parameters; InputError for a value that is none."""

        def one(name: str) -> str:
            return (asked.get(name) or [""])[-1].strip()

        def fraction(name: str) -> float | None:
            if not one(name):
                return None
            try:
                value = float(one(name))
            except ValueError:
                raise InputError(name, "a frequency from 0 to 1", one(name)[:20]) from None
            if not 0 <= value <= 1:
                raise InputError(name, "a frequency from 0 to 1", one(name)[:20])
            return value

        def among(name: str, allowed: Sequence[str], otherwise: str) -> str:
            value = one(name) or otherwise
            if value not in allowed:
                raise InputError(name, f"one of {', '.join(allowed)}", value[:20])
            return value

        classes = frozenset(value for value in asked.get("class", ()) if value)
        if not classes <= set(CLASSES):
            raise InputError(
                "class", f"one of {', '.join(CLASSES)}", min(classes - set(CLASSES))[:20]
            )
        page = one("page") or "1"
        if not page.isascii() or not page.isdigit() or not 0 < int(page) < 100_000:
            raise InputError("page", "a page's number", page[:20])
        order = one("sort") or "pos"
        column = among("sort", [*SORTS, *(f"-{name}" for name in SORTS)], "pos").lstrip("-")
        return cls(
            classes,
            among("clinvar", ("pathogenic", "uncertain", "benign", "listed", "any"), "any"),
            fraction("min_af"),
            fraction("max_af"),
            among("source", ("cohort", "any"), "cohort"),
            among("where", ("exons", "whole"), "exons"),
            column,
            order.startswith("-"),
            int(page),
        )

    def query(self, **changed: object) -> str:
        """The parameters of an address with some changed; those at their default are left out."""
        values: list[tuple[str, str]] = [
            ("class", name) for name in CLASSES if name in self.classes
        ]
        single = {
            "clinvar": "" if self.clinvar == "any" else self.clinvar,
            "min_af": "" if self.min_af is None else f"{self.min_af:g}",
            "max_af": "" if self.max_af is None else f"{self.max_af:g}",
            "source": "" if self.source == "cohort" else self.source,
            "where": "" if self.where == "exons" else self.where,
            "sort": "" if (self.sort, self.down) == ("pos", False) else self.ordered,
            "page": "" if self.page == 1 else str(self.page),
        }
        single |= {name: str(value) for name, value in changed.items()}
        return urlencode(values + [(k, v) for k, v in single.items() if v])

    @property
    def ordered(self) -> str:
        """Order as an address has it."""
        return f"-{self.sort}" if self.down else self.sort


@dataclass(frozen=True)
class Table:
    """Alleles of a gene or region after filters; `rows` are those of the page asked for."""

    rows: list[Row]
    every: list[Row] = field(repr=False)
    total: int = 0
    pages: int = 1
    counts: Mapping[str, int] = field(default_factory=dict)


def table(released: Released, places: Sequence[Place], filters: Filters, gene: str = "") -> Table:
    """Alleles at places (of one chromosome each), filtered, ordered and cut into pages."""
    rows: list[Row] = []
    for chrom in dict.fromkeys(place.chrom for place in places):
        own = [place for place in places if place.chrom == chrom]
        rows += _rows(released, chrom, own, filters, gene)
    fitting = [row for row in rows if _fits(row, filters)]
    fitting.sort(key=lambda row: row["key"][1:])
    if filters.sort != "pos":
        fitting.sort(key=lambda row: _order(row, filters.sort), reverse=filters.down)
    elif filters.down:
        fitting.reverse()
    counts = {name: sum(row["class"] == name for row in fitting) for name in CLASSES}
    pages = max(1, -(-len(fitting) // PAGE))
    first = (min(filters.page, pages) - 1) * PAGE
    return Table(fitting[first : first + PAGE], fitting, len(rows), pages, counts)


def _rows(
    released: Released, chrom: str, places: Sequence[Place], filters: Filters, gene: str
) -> list[Row]:
    found: dict[Key, Row] = {}
    for place in places:
        for groups in released.alleles(place, GENE_LONGEST):
            first = groups[0]
            key = (chrom, first["pos"], first["ref"], first["alt"])
            found[key] = {**first, "key": key, "groups": groups}
    if released.sources:
        said = imported.frequencies(released.sources, places)
        for row in said.iter_rows(named=True):
            key = (chrom, row["pos"], row["ref"], row["alt"])
            if key not in found:
                if filters.source != "any":
                    continue
                empty = dict.fromkeys(("ac", "an", "af", "nhomalt", "nhemi"))
                found[key] = {**empty, "key": key, "groups": []}
            best = row["japanese_af"] if row["japanese_af"] is not None else row["af"]
            found[key].setdefault("sources", {})[row["source"]] = best
    names = described(released, chrom, list(found), gene)
    out = []
    for key, row in found.items():
        told = names.get(key)
        if told is None and not row["groups"]:
            effects = consequences(released, key)
            told = effects[0] if effects else None
        told = told or {}
        row |= {
            "name": told.get("hgvs_p") or told.get("hgvs_c") or "",
            "consequence": told.get("consequence"),
            "class": kind(told.get("consequence")),
            "clinvar": told.get("clinvar_significance"),
            "clinvar_class": clinvar_kind(told.get("clinvar_significance")),
            "rsid": told.get("rsid"),
            "sources": row.get("sources", {}),
        }
        out.append(row)
    return out


def _fits(row: Row, filters: Filters) -> bool:
    if filters.classes and row["class"] not in filters.classes:
        return False
    if filters.clinvar != "any" and row["clinvar_class"] != filters.clinvar:
        return False
    af = (
        row["af"]
        if row["af"] is not None
        else max((v for v in row["sources"].values() if v is not None), default=None)
    )
    if filters.min_af is not None and (af is None or af < filters.min_af):
        return False
    return filters.max_af is None or (af is not None and af <= filters.max_af)


def _order(row: Row, name: str) -> tuple[bool, Any]:
    value = CLASSES.index(row["class"]) if name == "consequence" else row.get(name)
    return value is None or value == "", value if value is not None else 0


def marks(rows: Sequence[Row], most: int = 2000) -> list[figures.Mark]:
    """Rows of a table as marks of a figure; of very many, the commonest."""
    chosen = sorted(rows, key=lambda row: -(row["af"] or 0))[:most]
    out = []
    for row in chosen:
        af = row["af"]
        if af is None:
            af = max((v for v in row["sources"].values() if v is not None), default=None)
        label = f"{row['name'] or name_of(row['key'])} {number(af)}".strip()
        out.append(figures.Mark(row["key"][1] - 1, af, row["class"], label, name_of(row["key"])))
    return out
