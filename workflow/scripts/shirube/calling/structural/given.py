"""Structural variants and copy numbers that come as VCF, in the STRUCTURAL contract.

Every ALT of every record has a row: a junction of two breakends in the form the embedded caller
uses, or why it is none. Of records of one adjacency (the mates of a pair) the passing, best
supported one is kept, the other is Duplicate. The program's own filters decide and keep their
names in caller_filter; nothing is left out for its size or support: the caller has judged them.

A whole inversion is two junctions, one of each orientation. A change of copies that depth alone
shows (`copy_number`) is a deletion or tandem duplication whose ends are not known to the base.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from shirube.calling.structural.adjacency import Reference, slid
from shirube.calling.structural.calling import Adjacency, as_table, origin_of
from shirube.genome.alleles import canonical
from shirube.genome.chromosomes import CHROMS
from shirube.genome.intervals import Interval
from shirube.genome.sequence import reverse_complement
from shirube.intake.alts import BASES, NO_ALLELE, SINGLE, last_base, mate_of, type_of
from shirube.intake.events import EventFile
from shirube.intake.pairs import normal_column
from shirube.reads.junctions import Breakend

Copies = Callable[[str, int], int]
FILTER_NAMES = {
    "PASS": "PASS",
    "MaxMQ0Frac": "LowMapQ",
    "LowMapQual": "LowMapQ",
    "NoPairSupport": "LowSupport",
    "MinQUAL": "LowQual",
    "LowQual": "LowQual",
    "MinSomaticScore": "LowLOD",
    "MinGQ": "LowGQ",
    "HomRef": "NoGenotype",
}
CONNECTIONS = {"3to5": ("+", "-"), "5to3": ("-", "+"), "3to3": ("+", "+"), "5to5": ("-", "-")}
_SPANS = ("DEL", "DUP", "INV", "CNV")
OFF = 0.5  # copies from the expected ones that are a change


@dataclass(frozen=True)
class Given:
    """A file of the sheet: path, the sample's name in it, its own name; whether it is a tumour's.

    `depth`: its events are changes of copies that depth shows. `normals`: what the patient's
    normal may be called in a tumour's file.
    """

    path: str
    named: str | None
    sample: str
    tumour: bool = False
    depth: bool = False
    normals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ground:
    """What a file's events are put on: the reference, the run's regions, copies of a place."""

    reference: Reference
    regions: Sequence[Interval] | None = None
    aliases: dict[str, str] | None = None
    copies: Copies = lambda chrom, pos: 2
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        fasta: str,
        regions: Sequence[Interval] | None,
        aliases: dict[str, str] | None,
        copies: Copies,
    ) -> "Ground":
        """With the reference's own name of each canonical chromosome."""
        reference = Reference(fasta)
        names: dict[str, str] = {}
        for contig in reference.contigs:
            if chrom := canonical(contig, aliases):
                names.setdefault(chrom, contig)
        return cls(reference, regions, aliases, copies, names)

    def own(self, end: Breakend) -> Breakend | None:
        """`end` on the reference's own contig; None where it has no such chromosome."""
        if end.contig in self.reference.contigs:
            return end if canonical(end.contig, self.aliases) else None
        name = self.names.get(canonical(end.contig, self.aliases) or "")
        return replace(end, contig=name) if name else None

    def within(self, lower: Breakend, upper: Breakend, span: bool) -> bool:
        """Whether an end, or for a `span` any base between, lies in the run's regions."""
        if self.regions is None:
            return True
        places = [(end.contig, end.pos - 1, end.pos) for end in (lower, upper)]
        if span:
            places.append((lower.contig, lower.pos - 1, upper.pos))
        return any(
            region.contig == contig and region.start < end and start < region.end
            for contig, start, end in places
            for region in self.regions
        )


@dataclass(frozen=True)
class Ends:
    """Two breakends, bases between them (forward strand), INS for insertions, reach of each end."""

    one: Breakend
    two: Breakend
    inserted: str = ""
    kind: str = ""
    uncertain: tuple[int | None, int | None] = (0, 0)


def _uncertain(row: Mapping[str, Any], by_depth: bool) -> tuple[int | None, int | None]:
    if not (row["imprecise"] or by_depth):
        return 0, 0
    return row["ci_pos"], row["ci_end"]


def _sequence(row: Mapping[str, Any]) -> Ends | None:
    """The event of a record that spells REF and ALT; None for one that changes no length."""
    ref, alt, pos = row["ref"].upper(), row["alt"].upper(), row["pos"]
    shared = 0
    while shared < min(len(ref), len(alt)) and ref[shared] == alt[shared]:
        shared += 1
    ref, alt, last = ref[shared:], alt[shared:], pos + shared - 1
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    if len(ref) == len(alt):
        return None
    one, two = Breakend(row["contig"], last, "+"), Breakend(row["contig"], last + len(ref) + 1, "-")
    return Ends(one, two, alt, "" if ref else "INS", _uncertain(row, False))


def ends_of(row: Mapping[str, Any], by_ct: bool, by_depth: bool, copies: int) -> list[Ends] | str:
    """Junctions of one ALT, or the name of FILTERS that says why it has none.

    `by_ct`: END and CT are those of delly. `copies`: those expected of the place.
    """
    contig, pos, alt = row["contig"], row["pos"], row["alt"] or ""
    if alt in NO_ALLELE:
        return "NoGenotype"
    if SINGLE.match(alt):
        return "NoSecondEnd"
    kind, inserted, loose = (
        type_of(alt, row["svtype"]),
        row["inserted"] or "",
        _uncertain(row, by_depth),
    )
    if "[" in alt or "]" in alt:
        mate = mate_of(alt)
        if mate is None:
            return "Damaged"
        one, two = Breakend(contig, pos, mate.own), Breakend(mate.contig, mate.pos, mate.strand)
        reach = (loose[0], loose[0] if row["imprecise"] else 0)
        return [Ends(one, two, mate.inserted, "", reach)]
    if BASES.match(alt) and BASES.match(row["ref"]):
        spelt = _sequence(row)
        return [spelt] if spelt else "NoJunction"
    strands = CONNECTIONS.get(row["ct"] or "")
    if kind in ("TRA", "BND", "CTX"):
        place = row["pos2"] or (row["end"] if by_ct or row["chr2"] == contig else None)
        if not (strands and row["chr2"] and place):
            return "NoSecondEnd"
        one, two = Breakend(contig, pos, strands[0]), Breakend(row["chr2"], place, strands[1])
        return [Ends(one, two, inserted, "", loose)]
    if kind == "INS":
        one, two = Breakend(contig, pos, "+"), Breakend(contig, pos + 1, "-")
        return [Ends(one, two, inserted or "N", "INS", (loose[0], loose[0]))]
    if kind == "CNV":
        if row["copies"] is None:
            return "NoJunction"
        if abs(row["copies"] - copies) < OFF:
            return "NoGenotype"
        kind = "DEL" if row["copies"] < copies else "DUP"
    if kind not in _SPANS:
        return "NoJunction"
    end = last_base(pos, row["end"], row["length"])
    if end is None:
        return "NoSecondEnd"
    if end < pos:
        return "Damaged"
    if by_ct and strands:
        one, two = Breakend(contig, pos, strands[0]), Breakend(contig, end, strands[1])
        return [Ends(one, two, inserted, "", loose)]
    if kind == "DEL":
        one, two = Breakend(contig, pos, "+"), Breakend(contig, end + 1, "-")
        return [Ends(one, two, inserted, "", loose)]
    if kind == "DUP":
        one, two = Breakend(contig, pos + 1, "-"), Breakend(contig, end, "+")
        return [Ends(one, two, inserted, "", loose)]
    left = Ends(Breakend(contig, pos, "+"), Breakend(contig, end, "+"), "", "", loose)
    right = Ends(Breakend(contig, pos + 1, "-"), Breakend(contig, end + 1, "-"), "", "", loose)
    if row["inv3"] or row["inv5"]:
        return [left] if row["inv3"] else [right]
    return {("+", "+"): [left], ("-", "-"): [right]}.get(strands or ("", ""), [left, right])


def carried(
    row: Mapping[str, Any], kind: str, copies: int, others: bool, tumour: bool = False
) -> bool:
    """Whether the sample has the event: by its genotype, else its copies, else its reads.

    `others`: the file has further samples, of whom a record without reads here may be. A
    genotype weighs halves and wholes of the molecules: of a `tumour` its 0/0 says nothing
    against reads that have the event, which the caller's filters have judged.
    """
    reads = [row[name] for name in ("pairs", "splits") if row[name] is not None]
    if row["called"] and not (tumour and sum(reads)):
        return bool(row["dosage"])
    if row["copies"] is not None and kind in ("DEL", "DUP"):
        change = row["copies"] - copies
        return change <= -OFF if kind == "DEL" else change >= OFF
    return not (others and reads and not sum(reads))


def given_rows(given: Given, ground: Ground, first: int = 0) -> list[dict[str, Any]]:
    """Rows for `as_table` of a file; `first` is the number of its first record."""
    source = EventFile.of(given.path, given.named, given.sample, given.tumour)
    beside = None
    if given.tumour:
        normal = normal_column(source.header, source.column, given.normals)
        others = [name for name in source.header.samples if name != source.column]
        normal = normal or (others[0] if len(others) == 1 else None)
        beside = source.beside(normal).events() if normal else None
    rows: list[dict[str, Any]] = []
    for table in source.events():
        other = next(beside).to_dicts() if beside else [None] * table.height
        for row, normal_row in zip(table.to_dicts(), other, strict=True):
            row["record"] += first
            rows += _judged(row, normal_row, source, given, ground)
    return _one_each(rows)


def _judged(
    row: Mapping[str, Any],
    normal: Mapping[str, Any] | None,
    source: EventFile,
    given: Given,
    ground: Ground,
) -> Iterator[dict[str, Any]]:
    told = {
        "event": "",
        "origin": "germline",
        "svtype": None,
        **{name: row[name] for name in ("pairs", "splits", "depth", "copies", "fault", "record")},
        **{f"normal_{name}": normal[name] if normal else None for name in ("pairs", "splits")},
        "normal_depth": normal["depth"] if normal else None,
        "homology": None,
        "inserted": None,
        "caller_id": row["id"] if row["id"] not in (None, "", ".") else None,
        "caller_filter": failed_of(row),
        "dosage": row["dosage"] if row["called"] else None,
        "_mate": row["mate"],
    }
    if given.tumour:
        told["origin"] = _origin(row, normal)
    if row["fault"] is not None:
        yield told | {"filter": "Damaged"}
        return
    chrom = canonical(row["contig"], ground.aliases)
    copies = ground.copies(chrom, row["pos"]) if chrom else 2
    depth = given.depth or source.program.holds == "copies"
    found = ends_of(row, source.program.ends == "CT", depth, copies)
    if isinstance(found, str):
        fault = "END before POS, or an ALT that is no breakend" if found == "Damaged" else None
        placed = {}
        own = ground.own(Breakend(row["contig"], row["pos"], "+"))
        if own is None and found != "Damaged":
            found = "Unplaced"
        elif own is not None:
            placed = {"chrom1": chrom, "pos1": row["pos"]}
        yield told | placed | {"filter": found, "fault": fault}
        return
    for ends in found:
        yield told | _placed(row, ends, given, source, ground, copies)


def _origin(row: Mapping[str, Any], normal: Mapping[str, Any] | None) -> str:
    """Somatic where the caller says so; else by the normal's reads; unknown without them."""
    if row["somatic"]:
        return "somatic"
    reads = [(one["pairs"], one["splits"]) for one in (row, normal) if one is not None]
    if len(reads) < 2 or any(pair == (None, None) for pair in reads):
        return "unknown"
    own, beside = (sum(count or 0 for count in pair) for pair in reads)
    return origin_of(own, beside, False)


def failed_of(row: Mapping[str, Any]) -> str | None:
    """The filters of the record and of the sample that failed, as the caller names them."""
    return ";".join(name for name in (row["filter"], row["ft"]) if name) or None


def shared_names(failed: str | None) -> str:
    """The caller's filters under the shared names, PASS where none failed."""
    names = [FILTER_NAMES.get(name, "Caller") for name in (failed or "").split(";") if name]
    return ";".join(dict.fromkeys(name for name in names if name != "PASS")) or "PASS"


def _placed(
    row: Mapping[str, Any],
    ends: Ends,
    given: Given,
    source: EventFile,
    ground: Ground,
    copies: int,
) -> dict[str, Any]:
    """Columns of a junction of the file with its fate."""
    told = on_ground(ends, ground)
    if "filter" in told:
        return told
    if told.pop("within") is False:
        fate = "Unplaced"
    elif not carried(row, told["svtype"], copies, len(source.header.samples) > 1, given.tumour):
        fate = "NoGenotype"
    else:
        fate = shared_names(failed_of(row))
    return told | {"filter": fate}


def on_ground(ends: Ends, ground: Ground) -> dict[str, Any]:
    """Columns of a junction in its one form, and whether it is `within` the run's regions.

    `filter` and `fault` instead where it has no place on the reference.
    """
    one, two = ground.own(ends.one), ground.own(ends.two)
    if one is None or two is None:
        return {"filter": "Unplaced"}
    contigs = ground.reference.contigs
    if any(not 0 <= end.pos <= contigs[end.contig] + 1 for end in (one, two)):
        return {"filter": "Damaged", "fault": "an end beyond the contig"}
    # Written along the forward strand; here they leave the first breakend.
    inserted = ends.inserted if one.strand == "+" else reverse_complement(ends.inserted)
    homology, uncertain = 0, ends.uncertain
    (lower, upper), turned = (one, two), two < one
    if turned:
        lower, upper, uncertain = two, one, (uncertain[1], uncertain[0])
    if ends.kind != "INS" and not ends.inserted and ends.uncertain == (0, 0):
        lower, upper, homology = slid(ground.reference, lower, upper)
    chroms = [str(canonical(end.contig, ground.aliases)) for end in (lower, upper)]
    if CHROMS.index(chroms[1]) < CHROMS.index(chroms[0]):
        lower, upper, uncertain, turned = upper, lower, (uncertain[1], uncertain[0]), not turned
    adjacency = Adjacency(lower, upper, homology, ends.inserted, insertion=ends.kind == "INS")
    kind = adjacency.svtype
    return {
        "svtype": kind,
        "within": ground.within(lower, upper, kind in ("DEL", "DUP")),
        **{
            f"{name}{side}": value
            for side, end in (("1", lower), ("2", upper))
            for name, value in (
                ("chrom", canonical(end.contig, ground.aliases)),
                ("pos", end.pos),
                ("strand", end.strand),
            )
        },
        "homology": homology,
        "inserted": reverse_complement(inserted) if turned else inserted,
        "uncertain1": uncertain[0],
        "uncertain2": uncertain[1],
    }


def _one_each(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the records of one adjacency, or of a pair of mates, one is kept; others are Duplicate."""
    ids: dict[str, int] = {}
    kept: dict[object, dict[str, Any]] = {}
    out = list(rows)
    for at, row in enumerate(out):
        if row["caller_id"] is not None:
            ids.setdefault(row["caller_id"], at)

    def rank(row: Mapping[str, Any]) -> tuple[bool, bool, int, int]:
        reads = (row["splits"] or 0) + (row["pairs"] or 0)
        return row.get("chrom2") is None, row["filter"] != "PASS", -reads, row["record"]

    for row in sorted(out, key=rank):
        if row.get("chrom2") is None:
            continue
        keys: list[object] = [_key(row)]
        mate = (row["_mate"] or "").split(",")[0]
        if mate in ids and row["caller_id"] is not None:
            keys.append(frozenset((mate, row["caller_id"])))
        first = next((kept[key] for key in keys if key in kept), None)
        if first is not None:
            row["filter"] = "Duplicate"
            continue
        for key in keys:
            kept[key] = row
    for row in out:
        del row["_mate"]
    return out


def given_table(files: Sequence[Given], ground: Ground, called: pl.DataFrame) -> pl.DataFrame:
    """STRUCTURAL of the files given and of what was `called` from reads, events named anew."""
    rows: list[dict[str, Any]] = called.to_dicts()
    for given in files:
        own = given_rows(given, ground, 1 + max((row["record"] or 0 for row in rows), default=-1))
        seen = {_key(row): row for row in rows if row.get("chrom2")}
        for row in own:
            first = seen.get(_key(row)) if row.get("chrom2") else None
            if first is None or row["filter"] in ("Duplicate", "NoGenotype"):
                continue
            # A normal's own file says of a tumour's event that it is germline.
            if not given.tumour and first["origin"] != "germline" and row["filter"] == "PASS":
                first["origin"] = "germline"
                first |= {f"normal_{n}": row[n] for n in ("pairs", "splits", "depth")}
            row["filter"] = "Duplicate"
        rows += own
    return as_table(rows)


def _key(row: Mapping[str, Any]) -> tuple[object, ...]:
    return *adjacency_of(row), row["inserted"]


def adjacency_of(row: Mapping[str, Any]) -> tuple[object, ...]:
    """Chromosome, position and strand of both ends of a row."""
    return tuple(row[f"{n}{s}"] for s in "12" for n in ("chrom", "pos", "strand"))
