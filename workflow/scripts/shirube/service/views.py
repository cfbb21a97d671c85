"""What the pages show, worked out from a release: numbers and names, no markup but figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from shirube.cohort.query import sources as imported
from shirube.cohort.query.bounds import difference, fisher, wilson
from shirube.cohort.query.places import Place, of_allele
from shirube.errors import InputError
from shirube.service import figures
from shirube.service.consequences import (
    CLASSES,
    clinvar,
    clinvar_kind,
    clinvar_path,
    consequences,
    described,
    kind,
)
from shirube.service.identifiers import hgvs_g, spdi, vrs
from shirube.service.released import LONGEST, MOST_STRUCTURAL, Released
from shirube.service.text import Words, number

Key = tuple[str, int, str, str]
Row = dict[str, Any]
STRUCTURAL_TYPES = ("DEL", "DUP", "INS", "INV", "BND", "CNV")  # those that have a word
FLANK = 20  # bases beside an exon that its page shows
PAGE = 100  # rows of a table
GENE_LONGEST = 1_000_000
SORTS = ("pos", "name", "consequence", "clinvar", "af", "ac", "an", "nhomalt")


def name_of(key: Key) -> str:
    """An allele as it stands in addresses: chr17-7675088-C-T."""
    return "-".join(map(str, key))


@dataclass(frozen=True)
class Line:
    """One population's frequency of an allele. `note` says why a number is missing."""

    label: str
    own: bool
    ac: int | None = None
    an: int | None = None
    af: float | None = None
    nhomalt: int | None = None
    nhemi: int | None = None
    note: str = ""
    remark: str = ""
    low: float = 0.0
    high: float = 0.0


def _cohort_lines(released: Released, key: Key, rows: Sequence[Row], text: Words) -> list[Line]:
    out = []
    seen = released.seen(key[0], key[1])
    by_group = {row["stratum"]: row for row in rows}
    for group in released.groups:
        row = by_group.get(group)
        label = text.group(group)
        if row is not None and row["ac"] is not None and row["an"]:
            low, high = wilson(row["ac"], row["an"])
            numbers = (row["ac"], row["an"], row["af"], row["nhomalt"], row["nhemi"])
            out.append(Line(label, True, *numbers, low=low, high=high))
        elif row is not None:
            out.append(Line(label, True, an=row["an"], note=text("variant.withheld")))
        elif seen is not None and group in seen.strata:
            _, an = seen.strata[group]
            if released.least <= 1:
                low, high = wilson(0, an)
                out.append(Line(label, True, 0, an, 0.0, 0, 0, low=low, high=high))
            else:
                out.append(Line(label, True, an=an, note=f"< {released.least}"))
    return out


def _source_lines(released: Released, key: Key, text: Words) -> list[Line]:
    said = imported.frequencies(released.sources, [of_allele(*key)]).to_dicts()
    by_source = {row["source"]: row for row in said}
    out = []
    for source in released.sources:
        row = by_source.get(source.name)
        if row is None:
            covered = not source.covers or key[0] in source.covers
            note = text("variant.notin" if covered else "variant.notcovered")
            out.append(Line(source.name, False, note=note))
            continue
        remark = "" if row["passed"] in (True, None) else text("variant.filtered")
        for population, af, an, is_max in (
            (source.japanese, row["japanese_af"], row["japanese_an"], False),
            (row["population"], row["af"], row["an"], True),
        ):
            if af is None or (
                is_max and population == source.japanese and row["japanese_af"] == af
            ):
                continue
            label = f"{source.name} {population or ''}".strip()
            label += text("variant.maximum") if is_max and population != "all" else ""
            ac = round(af * an) if an else None
            low, high = wilson(ac, an) if ac is not None and an else (af, af)
            hom = row["nhomalt"] if not is_max or len(released.sources) == 1 else None
            out.append(Line(label, False, ac, an, af, hom, None, "", remark, low, high))
    return out


def _links(build: str, key: Key, rsid: str | None, clinvar_id: str | None) -> list[tuple[str, str]]:
    """Pages of other sites about the allele; only for a build they know."""
    chrom, pos, ref, alt = key
    bare = chrom.removeprefix("chr")
    out = []
    if build in ("GRCh38", "GRCh37"):
        dataset = "gnomad_r4" if build == "GRCh38" else "gnomad_r2_1"
        site = "https://gnomad.broadinstitute.org/variant"
        out.append(("gnomAD", f"{site}/{bare}-{pos}-{ref}-{alt}?dataset={dataset}"))
        host = "grch38" if build == "GRCh38" else "grch37"
        term = urlencode({"term": f"{bare}:{pos}"})
        out.append(("TogoVar", f"https://{host}.togovar.org/?{term}"))
        hub = urlencode({"db": "hg38" if build == "GRCh38" else "hg19"})
        place = urlencode({"position": f"{chrom}:{max(pos - 50, 1)}-{pos + 50}"})
        out.append(("UCSC", f"https://genome.ucsc.edu/cgi-bin/hgTracks?{hub}&{place}"))
        if rsid:
            out.append(("dbSNP", f"https://www.ncbi.nlm.nih.gov/snp/{rsid}"))
        if clinvar_id:
            out.append(("ClinVar", f"https://www.ncbi.nlm.nih.gov/clinvar/variation/{clinvar_id}/"))
    return out


def variant(released: Released, key: Key, text: Words) -> Row:
    """Everything the page of one allele shows."""
    found = released.alleles(of_allele(*key))
    rows = found[0] if found else []
    seen = released.seen(key[0], key[1])
    lines = [*_cohort_lines(released, key, rows, text), *_source_lines(released, key, text)]
    effects = consequences(released, key)
    entry = clinvar(released, key)
    best = effects[0] if effects else None
    whole = rows[0] if rows else None
    names = []
    if released.genome is not None and key[0] in released.genome.contigs:
        names.append(("HGVS", hgvs_g(released.genome, key)))
        if accession := spdi(released.genome, key):
            names.append(("SPDI", accession))
        names.append(("VRS 2", vrs(released.genome, key)["id"]))
    rsid = (entry or {}).get("rsid") or next((e["rsid"] for e in effects if e.get("rsid")), None)
    clinvar_id = (entry or {}).get("clinvar_id")
    most = max([line.high for line in lines if line.af is not None], default=0.0)
    upper = None
    if whole is None and seen is not None and seen.enough and released.least <= 1:
        upper = wilson(0, seen.strata["all"][1])[1]
    return {
        "key": key,
        "name": name_of(key),
        "gene": best["gene"] if best else None,
        "best": best,
        "short": (best and (best["hgvs_p"] or best["hgvs_c"])) or None,
        "class": kind(best["consequence"]) if best else "other",
        "whole": whole,
        "seen": seen,
        "upper": upper,
        "lines": lines,
        "most": most,
        "effects": effects,
        "clinvar": entry,
        "clinvar_known": clinvar_path(released).is_file(),
        "clinvar_class": clinvar_kind((entry or {}).get("significance")),
        "identifiers": names,
        "rsid": rsid,
        "links": _links(released.about["build"], key, rsid, clinvar_id),
    }


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


def gene(released: Released, symbol: str, filters: Filters, text: Words) -> Row:
    """Everything the page of a gene shows."""
    genes = released.search.genes
    spans = genes.spans(symbol)
    models = genes.transcript_rows(symbol)
    model = models.row(0, named=True)
    exons = list(zip(model["exon_starts"], model["exon_ends"], strict=True))
    length = sum(span["end"] - span["start"] for span in spans)
    whole = filters.where == "whole" and length <= GENE_LONGEST
    if whole:
        places = [Place(s["chrom"], s["start"], s["end"]) for s in spans]
    else:
        places = [Place(str(model["chrom"]), start, end) for start, end in _merged(exons, FLANK)]
    found = table(released, places, filters, symbol)
    stretches = released.stretches(
        str(model["chrom"]), model["start"] - FLANK, model["end"] + FLANK
    )
    people = int(released.about["people"])
    title = text("gene.figure.text", gene=symbol, exons=len(exons), alleles=len(found.every))
    coding = None
    if model["cds_start"] is not None:
        coding = (model["cds_start"], model["cds_end"])
    drawn = figures.gene(
        *(exons, coding, model["strand"] == "+", marks(found.every), stretches, people),
        *(title, FLANK, text("gene.callable")),
    )
    return {
        "gene": symbol,
        "spans": spans,
        "model": model,
        "transcripts": models.select("transcript", "refseq", "mane").to_dicts(),
        "exons": len(exons),
        "length": length,
        "too_long": filters.where == "whole" and not whole,
        "longest": GENE_LONGEST,
        "flank": FLANK,
        "table": found,
        "structural": [
            rows
            for span in spans
            for rows in reaching(released, Place(span["chrom"], span["start"], span["end"]))
        ],
        "figure": drawn,
        "constraint": genes.constraint(symbol),
        "diseases": genes.diseases_of(symbol),
    }


def _merged(exons: Sequence[tuple[int, int]], flank: int) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in exons:
        low, high = max(start - flank, 0), end + flank
        if out and low <= out[-1][1]:
            out[-1] = (out[-1][0], max(high, out[-1][1]))
        else:
            out.append((low, high))
    return out


def region(released: Released, place: Place, filters: Filters, text: Words) -> Row:
    """Everything the page of a region shows."""
    length = place.end - place.start
    fits = length <= LONGEST
    found = table(released, [place], filters) if fits else Table([], [])
    stretches = released.stretches(place.chrom, place.start, place.end)
    people = int(released.about["people"])
    within = released.search.genes.within(place.chrom, place.start, place.end)
    names = ", ".join(g["gene"] for g in within) or text("region.nogenes")
    title = f"{place.chrom}:{place.start + 1:,}-{place.end:,}"
    if stretches is not None:
        covered = sum(end - start for start, end, *_ in stretches) == length
        told = [people for _, _, people, _ in stretches]
        low = min(told) if covered and told else 0
        title = text(
            "region.figure.text",
            **{"region": title, "low": low, "high": max(told, default=0)},
            **{"alleles": len(found.every), "genes": names},
        )
    drawn = figures.region(
        *(place.start, place.end),
        [(g["gene"], g["start"], g["end"], g["strand"]) for g in within[:60]],
        marks(found.every),
        _thinned(stretches),
        people,
        title,
    )
    return {
        "place": place,
        "name": f"{place.chrom}-{place.start + 1}-{place.end}",
        "shown": f"{place.chrom}:{place.start + 1:,}-{place.end:,}",
        "length": length,
        "fits": fits,
        "longest": LONGEST,
        "genes": within,
        "table": found,
        "structural": reaching(released, place),
        "figure": drawn,
        "told": stretches is not None,
        "moves": _moves(place, released),
    }


def reaching(released: Released, place: Place) -> list[list[Row]]:
    """Structural variants that reach into a place; [] where it is too long to be listed."""
    if place.end - place.start > MOST_STRUCTURAL:
        return []
    return released.structural(place)


def structural(released: Released, rows: Sequence[Row], text: Words) -> Row:
    """Everything the page of a structural variant shows; `rows` are of its groups."""
    first = rows[0]
    lines = []
    for row in rows:
        label = text.group(row["stratum"])
        if row["ac"] is None or not row["an"]:
            lines.append(Line(label, True, note=text("variant.withheld")))
            continue
        low, high = wilson(row["ac"], row["an"])
        numbers = (row["ac"], row["an"], row["af"], row["nhomalt"], row["nhemi"])
        lines.append(Line(label, True, *numbers, low=low, high=high))
    around = [
        f"{chrom}-{max(pos - 5000, 1)}-{pos + 5000}"
        for chrom, pos in dict.fromkeys(
            [(first["chrom"], first["pos"]), (first["chrom2"], first["pos2"])]
        )
    ]
    near = first["chrom"] == first["chrom2"]
    last = first["pos2"] if near else first["pos"]
    genes = released.search.genes.within(first["chrom"], first["pos"] - 1, max(last, first["pos"]))
    return {
        **{name: first[name] for name in ("name", "svtype", "chrom", "pos", "chrom2", "pos2")},
        **{name: first[name] for name in ("length", "alt", "people", "copy_numbers")},
        "whole": first,
        "lines": lines,
        "most": max((line.high for line in lines if line.af is not None), default=0.0),
        "around": around,
        "genes": [gene["gene"] for gene in genes],
    }


def _thinned(stretches: Sequence[tuple[int, ...]] | None, most: int = 3000) -> Any:  # noqa: ANN401
    """Stretches for a picture: of very many, the lowest of each run of neighbours."""
    if stretches is None or len(stretches) <= most:
        return stretches
    size = -(-len(stretches) // most)
    out = []
    for at in range(0, len(stretches), size):
        some = stretches[at : at + size]
        out.append((some[0][0], some[-1][1], min(s[2] for s in some), min(s[3] for s in some)))
    return out


def _moves(place: Place, released: Released) -> dict[str, str]:
    """Regions beside, within and around a region, as addresses write them."""
    length = place.end - place.start
    end = released.genome.length(place.chrom) if released.genome else 1 << 29
    end = end or 1 << 29

    def named(low: int, size: int) -> str:
        size = max(1, min(size, end))
        low = max(0, min(low, end - size))
        return f"{place.chrom}-{low + 1}-{low + size}"

    middle = (place.start + place.end) // 2
    return {
        "in": named(middle - max(length // 6, 1), max(length // 3, 2)),
        "out": named(middle - length * 3 // 2, length * 3),
        "left": named(place.start - length // 2, length),
        "right": named(place.start + length // 2, length),
    }


def populations(released: Released, text: Words) -> list[tuple[str, str]]:
    """(value, label) of what can be compared: groups of the release, and sources."""
    out = [(f"group:{group}", text.group(group)) for group in released.groups]
    for source in released.sources:
        out.append((f"source:{source.name}", f"{source.name} ({text('variant.population')}: max)"))
        if source.japanese:
            out.append((f"japanese:{source.name}", f"{source.name} {source.japanese}"))
    return out


def compare(released: Released, places: Sequence[Place], one: str, other: str, text: Words) -> Row:
    """Alleles with numbers in both of two populations, the largest difference first."""
    labels = dict(populations(released, text))
    for value in (one, other):
        if value not in labels:
            raise InputError("compare", f"one of {', '.join(labels)}", value[:40])
    filters = Filters(source="any")
    rows = table(released, places, filters).every
    said = imported.frequencies(released.sources, places).to_dicts()
    by_source = {(r["source"], r["pos"], r["ref"], r["alt"]): r for r in said}
    found = []
    for row in rows:
        counted = [_counted(value, row, by_source) for value in (one, other)]
        if counted[0] is None or counted[1] is None:
            continue
        (a, an), (b, bn) = counted[0], counted[1]
        if not a and not b:
            continue
        low, high = difference(a, an, b, bn)
        found.append(
            {**row, "one": (a, an), "other": (b, bn), "difference": a / an - b / bn}
            | {"low": low, "high": high, "p": fisher(a, an, b, bn)}
        )
    found.sort(key=lambda row: (row["p"], -abs(row["difference"]), row["key"][1:]))
    bound = 0.05 / max(len(found), 1)
    points = [
        (
            r["one"][0] / r["one"][1],
            r["other"][0] / r["other"][1],
            r["p"] < bound,
            name_of(r["key"]),
        )
        for r in found
    ]
    title = text("compare.figure.text", n=len(found), one=labels[one], other=labels[other])
    drawn = figures.scatter(points[:3000], labels[one], labels[other], title)
    return {
        "rows": found[:PAGE],
        "n": len(found),
        "bound": bound,
        "figure": drawn,
        "labels": labels,
    }


def _counted(
    value: str, row: Row, by_source: Mapping[tuple[Any, ...], Row]
) -> tuple[int, int] | None:
    """Copies and chromosomes of an allele in a population; None where they are not told."""
    kind_of, _, name = value.partition(":")
    if kind_of == "group":
        own = next((g for g in row["groups"] if g["stratum"] == name), None)
        return (own["ac"], own["an"]) if own and own["ac"] is not None and own["an"] else None
    said = by_source.get((name, *row["key"][1:]))
    if said is None:
        return None
    prefix = "japanese_" if kind_of == "japanese" else ""
    af, an = said[f"{prefix}af"], said[f"{prefix}an"]
    return (round(af * an), an) if af is not None and an else None
