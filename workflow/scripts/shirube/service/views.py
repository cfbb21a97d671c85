"""What the pages show, worked out from a release: numbers and names, no markup but figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from shirube.cohort.query import sources as imported
from shirube.cohort.query.bounds import wilson
from shirube.cohort.query.places import Place, of_allele
from shirube.service import figures
from shirube.service.consequences import clinvar, clinvar_kind, clinvar_path, consequences, kind
from shirube.service.identifiers import hgvs_g, spdi, vrs
from shirube.service.listing import (
    GENE_LONGEST,
    Filters,
    Key,
    Row,
    Table,
    marks,
    name_of,
    table,
)
from shirube.service.released import LONGEST, MOST_STRUCTURAL, Released
from shirube.service.text import Words

FLANK = 20  # bases beside an exon that its page shows


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
        "loci": released.loci_of(symbol),
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
        "loci": released.loci(place),
        "figure": drawn,
        "told": stretches is not None,
        "moves": _moves(place, released),
    }


def reaching(released: Released, place: Place) -> list[list[Row]]:
    """Structural variants that reach into a place; [] where it is too long to be listed."""
    if place.end - place.start > MOST_STRUCTURAL:
        return []
    return released.structural(place)


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
