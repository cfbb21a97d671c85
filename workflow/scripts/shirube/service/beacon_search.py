"""Which released alleles a Beacon request is about."""

from shirube.cohort.query.places import Place, of_allele
from shirube.errors import InputError
from shirube.genome.edits import Edit, allele_of
from shirube.service import beacon
from shirube.service.beacon import Asked, Document
from shirube.service.released import LONGEST, Released, Row

_BEFORE = 2000  # bases a deletion may begin before a range it reaches into
_GENE = 1_000_000
_LIMITS = frozenset(
    ("referenceBases", "alternateBases", "variantType", "variantMinLength", "variantMaxLength")
)


def matching(released: Released, asked: Asked) -> list[list[Row]]:
    """FREQUENCY rows of each allele a request asks for; InputError where it asks for none."""
    given = asked.parameters
    beacon.refuse_other_assembly(given, released.about["build"])
    if "genomicAlleleShortForm" in given:
        places = _named(released, given["genomicAlleleShortForm"])
    elif "aminoacidChange" in given:
        if "geneId" not in given:
            raise InputError("request", "a geneId beside aminoacidChange")
        change = given["aminoacidChange"].removeprefix("p.")
        places = _named(released, f"{given['geneId']} p.{change}")
    elif "start" in given:
        return _located(released, given)
    elif "geneId" in given:
        symbol = released.search.genes.symbol(given["geneId"])
        spans = released.search.genes.spans(symbol) if symbol else []
        if not spans:
            raise InputError("request", "a geneId of the gene models", given["geneId"][:40])
        places = [Place(s["chrom"], s["start"], s["end"]) for s in spans]
    elif "referenceName" in given:
        raise InputError("request", "a start, 0-based")
    else:
        beacon.chromosome(given)  # says that a referenceName is wanted
        places = []
    found = [rows for place in places for rows in released.alleles(place, _GENE)]
    small = [rows for rows in found if _fits(given, rows[0], bases=True)]
    return small + [rows for place in places for rows in _structural(released, given, place)]


def _structural(released: Released, given: Document, place: Place) -> list[list[Row]]:
    """Structural variants that reach into a place, unless an allele is asked for."""
    if place.alleles is not None:
        return []
    return [rows for rows in released.structural(place) if beacon.fits_structural(given, rows[0])]


def _named(released: Released, text: str) -> list[Place]:
    answer = released.answer(text)
    if answer.kind != "alleles":
        raise InputError("request", "the name of an allele", text[:60])
    return list(answer.places)


def _fits(given: Document, row: Row, bases: bool) -> bool:
    if not _LIMITS & given.keys():
        return True
    ref, alt = row["ref"], row["alt"]
    if bases and not (
        beacon.fits_bases(given.get("referenceBases"), ref)
        and beacon.fits_bases(given.get("alternateBases"), alt)
    ):
        return False
    return beacon.fits_kind(given, ref, alt)


def _located(released: Released, given: Document) -> list[list[Row]]:
    """Alleles of a sequence, range or bracket query."""
    chrom, start = beacon.chromosome(given), given["start"]
    end = given.get("end")
    if end is None:
        if len(start) != 1:
            raise InputError("request", "two values of end beside two of start")
        return _sequence(released, given, chrom, start[0])
    if len(start) == len(end) == 2:
        return _bracket(released, given, chrom, start, end)
    if len(start) != 1 or len(end) != 1:
        raise InputError("request", "as many values of start as of end")
    low, high = start[0], end[0]
    if high <= low:
        raise InputError("request", "an end after start", str(high))
    if high - low > LONGEST:
        raise InputError("request", f"a region of at most {LONGEST} bases")
    first = max(low - _BEFORE, 0)
    out = []
    for rows in released.alleles(Place(chrom, first, high), LONGEST + _BEFORE):
        row = rows[0]
        if row["pos"] - 1 + len(row["ref"]) > low and _fits(given, row, bases=True):
            out.append(rows)
    return out + _structural(released, given, Place(chrom, low, high))


def _sequence(released: Released, given: Document, chrom: str, start: int) -> list[list[Row]]:
    """An allele by its bases; N stands for any. An empty one is a deletion or insertion."""
    ref, alt = given.get("referenceBases"), given.get("alternateBases")
    if alt is None and "variantType" not in given:
        raise InputError("request", "referenceBases and alternateBases, or start and end")
    ref, alt = (None if b is None else b.strip("-.") for b in (ref, alt))
    if ref is not None and alt is not None and ref != alt and not set(ref + alt) - set("ACGT"):
        pos = start + 1
        if not ref or not alt:
            if released.genome is None:
                raise InputError(
                    "request", "referenceBases and alternateBases with the base before"
                )
            sequence = released.genome.chromosome(chrom)
            pos, ref, alt = allele_of(Edit(start, start + len(ref), alt), sequence)
        if released.genome is not None:
            if chrom not in released.genome.contigs:
                return []
            pos, ref, alt = released.genome.normal(chrom, pos, ref, alt)
        found = released.alleles(of_allele(chrom, pos, ref, alt))
        return [rows for rows in found if _fits(given, rows[0], bases=False)]
    found = released.alleles(Place(chrom, start, start + 1))
    told = {**given, "referenceBases": ref or None, "alternateBases": alt or None}
    return [rows for rows in found if _fits(told, rows[0], bases=True)]


def _bracket(
    released: Released, given: Document, chrom: str, start: list[int], end: list[int]
) -> list[list[Row]]:
    """Alleles that begin within the first pair and end within the second (both half-open)."""
    if start[1] <= start[0] or end[1] <= end[0]:
        raise InputError("request", "two ascending values in start and in end")
    if start[1] - start[0] > LONGEST:
        raise InputError("request", f"a first bracket of at most {LONGEST} bases")
    out = []
    for rows in released.alleles(Place(chrom, start[0], start[1])):
        last = rows[0]["pos"] - 1 + len(rows[0]["ref"])
        if end[0] <= last < end[1] and _fits(given, rows[0], bases=True):
            out.append(rows)
    for rows in _structural(released, given, Place(chrom, start[0], start[1])):
        row = rows[0]
        last = row["pos2"] if row["chrom2"] == chrom else -1
        if start[0] < row["pos"] <= start[1] and end[0] <= last < end[1]:
            out.append(rows)
    return out
