"""A caller's records with those of windows that haplotypes explain better.

A window whose fragments all fit one of its haplotypes has the alleles of the likeliest pair, and
what the caller said of alleles that were weighed and lost is dropped. A window that stays partly
unexplained only gains indels, where the caller named none; but a caller whose own records cannot
all be true of so many chromosomes has said nothing. Alleles at one base are one record;
heterozygous alleles of one window are phased.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from shirube.calling.germline import gvcf
from shirube.calling.germline.engines import Settings
from shirube.calling.germline.haplotypes import Allele, Call, Window, windows_of
from shirube.genome.regions import Interval
from shirube.reads.bam import contig_order, read_windows, windows
from shirube.reads.indels import Indel
from shirube.reads.reference import LETTER, reference_codes

STEP, READ_PAD, REFERENCE_PAD = 20_000, 600, 1200
MIN_SPELLED = 8  # reads that span a window in which the caller is contradicted
MIN_ADDED_QUALITY, MIN_ADDED_SHARE = 30.0, 0.25
HEADER = ('##INFO=<ID=HAPLOTYPE,Number=0,Type=Flag,Description="Judged by local haplotypes">',)


@dataclass(frozen=True)
class Named:
    """A called record of the caller: its row, where it starts, its alleles and their copies."""

    row: int
    start: int
    alleles: dict[Allele, int]

    @property
    def indels(self) -> dict[Allele, int]:
        """Those alleles that change the length."""
        return {a: n for a, n in self.alleles.items() if len(a[1]) != len(a[2])}


def trimmed(start: int, ref: str, alt: str) -> Allele:
    """An allele without the bases REF and ALT share at their ends, one before an indel kept."""
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        start, ref, alt = start + 1, ref[1:], alt[1:]
    return start, ref, alt


def named_records(table: pl.DataFrame) -> list[Named]:
    """Called records of RECORDS (one contig) with the alleles of their genotypes."""
    out = []
    rows = table.with_row_index("row").filter("called").select("row", "start", "ref", "alt", "gt")
    for row, start, ref, alt, genotype in rows.iter_rows():
        carried = genotype.replace("|", "/").split("/")
        alleles: dict[Allele, int] = {}
        for number, text in enumerate(alt.split(","), 1):
            if str(number) in carried and text.strip("ACGTN") == "":
                allele = trimmed(start, ref, text)
                alleles[allele] = alleles.get(allele, 0) + carried.count(str(number))
        out.append(Named(row, start, alleles))
    return out


def possible(alleles: Mapping[Allele, int], copies: int) -> bool:
    """Whether alleles of so many copies each fit on `copies` chromosomes, no base changed twice.

    An insertion changes no base; a deletion changes those behind its anchor.
    """
    changes: Counter[int] = Counter()
    for (start, ref, alt), number in alleles.items():
        first = start if len(ref) == len(alt) else start + 1
        for base in range(first, start + len(ref)):
            changes[base] += number
    return max(changes.values(), default=0) <= copies


def _chosen(window: Window, named: Sequence[Named], copies: int) -> tuple[list[Named], list[Call]]:
    """Records of the caller that go, and calls that come."""
    inside = [n for n in named if window.left < n.start < window.right]
    theirs = {a: n for record in inside for a, n in record.indels.items()}
    ours = {c.allele: sum(c.carriers) for c in window.calls if len(c.allele[1]) != len(c.allele[2])}
    if ours == theirs:
        return [], []
    said = {a: n for record in inside for a, n in record.alleles.items()}
    trusted = window.explained or not possible(said, copies)
    if not trusted or (theirs and window.spelled < MIN_SPELLED):
        if theirs:
            return [], []
        return [], [c for c in window.calls if c.allele in ours and _strong(c)]
    gone = [
        record
        for record in inside
        if record.indels or all(allele in window.weighed for allele in record.alleles)
    ]
    kept = {a for record in inside if record not in gone for a in record.alleles}
    return gone, [c for c in window.calls if c.allele not in kept]


def _strong(call: Call) -> bool:
    shown = call.with_allele + call.without
    return call.quality >= MIN_ADDED_QUALITY and call.with_allele >= MIN_ADDED_SHARE * shown


def _row(contig: str, group: Sequence[Call], phase: int | None) -> dict[str, object]:
    """One record of the calls that begin at one base."""
    start = group[0].allele[0]
    ref = max((call.allele[1] for call in group), key=len)
    alts = [call.allele[2] + ref[len(call.allele[1]) :] for call in group]
    chromosomes = range(len(group[0].carriers))
    numbers = [next((n for n, c in enumerate(group, 1) if c.carriers[k]), 0) for k in chromosomes]
    bar = "|" if phase is not None else "/"
    if phase is None:
        numbers.sort()
    without = max(call.without for call in group) - sum(c.with_allele for c in group[1:])
    depths = [max(without, 0), *(call.with_allele for call in group)]
    quality = min(call.mapping_quality for call in group)
    indel = "INDEL;" if any(len(c.allele[1]) != len(c.allele[2]) for c in group) else ""
    strand = max(call.strand for call in group)
    return {
        "contig": contig,
        "start": start,
        "end": start + len(ref),
        "called": True,
        "gt": bar.join(map(str, numbers)),
        "gq": min(call.genotype_quality for call in group),
        "dp": sum(depths),
        "ref": ref,
        "alt": ",".join(alts),
        "qual": f"{min(call.quality for call in group):.1f}",
        "info": f"{indel}HAPLOTYPE;MQ={quality:.1f}",
        "extra": f"{','.join(map(str, depths))}:.:{strand}:{'.' if phase is None else phase}",
    }


def _rows(contig: str, calls: Sequence[Call]) -> list[dict[str, object]]:
    """Records of a window's calls."""
    mixed = [c for c in calls if len(set(c.carriers)) > 1]
    phase = mixed[0].allele[0] + 1 if len(mixed) > 1 else None
    by_start: dict[int, list[Call]] = {}
    for call in calls:
        by_start.setdefault(call.allele[0], []).append(call)
    return [_row(contig, group, phase) for _, group in sorted(by_start.items())]


def _reference(contig: str, at: int, window: Window, copies: int, base: str) -> dict[str, object]:
    """A row that says of a base how sure it is of its reference."""
    return {
        "contig": contig,
        "start": at,
        "end": at + 1,
        "called": False,
        "gt": "/".join("0" * copies),
        "gq": window.reference_quality,
        "dp": window.depth,
        "ref": base,
    }


def resolved(
    table: pl.DataFrame,
    reads: str,
    reference: str,
    intervals: Sequence[Interval],
    copies: int,
    settings: Settings,
) -> pl.DataFrame:
    """RECORDS of one contig, sorted, with the windows of `intervals` that reads explain better.

    A window belongs to where it begins, so the result does not depend on how a run is cut.
    """
    named = named_records(table)
    contig = intervals[0].contig
    cut = windows(intervals, STEP, contig_order(reads))
    gone: set[int] = set()
    come: list[dict[str, object]] = []
    for piece, (batch, _) in zip(cut, read_windows(reads, reference, cut, READ_PAD), strict=True):
        offset = piece.start - REFERENCE_PAD
        codes = reference_codes(reference, contig, offset, piece.end + REFERENCE_PAD)
        near = [n for n in named if piece.start - READ_PAD <= n.start < piece.end + READ_PAD]
        indels = [
            Indel(a[0], len(a[1]) - 1, a[2][1:])
            for n in near
            for a in n.indels
            if min(len(a[1]), len(a[2])) == 1
        ]
        for window in windows_of(batch, codes, offset, settings.min_mapq, copies, indels):
            if not piece.start <= window.left < piece.end:
                continue
            lost, calls = _chosen(window, near, copies)
            rows = _rows(contig, calls)
            begun = {row["start"] for row in rows}
            gone |= {record.row for record in lost}
            come += rows
            come += [
                _reference(contig, at, window, copies, LETTER[codes[at - offset]])
                for at in sorted({record.start for record in lost} - begun)
            ]
    return _merged(table, gone, come, reference) if come else table


def _merged(
    table: pl.DataFrame, gone: set[int], come: Iterable[dict[str, object]], reference: str
) -> pl.DataFrame:
    """`table` without the rows `gone` and with those that `come`, blocks cut around them."""
    new = pl.DataFrame(list(come), schema=gvcf.RECORDS)
    firsts = set(new["start"].to_list())
    kept = table.with_row_index("row").filter(~pl.col("row").is_in(sorted(gone))).drop("row")
    blocks = kept.filter(~pl.col("called"))
    starts, ends = blocks["start"].to_list(), blocks["end"].to_list()
    cut: dict[int, list[int]] = {}
    order = sorted(firsts)
    at = 0
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        while at < len(order) and order[at] < start:
            at += 1
        inside = at
        while inside < len(order) and order[inside] < end:
            cut.setdefault(index, []).append(order[inside])
            inside += 1
    pieces = []
    for index, places in cut.items():
        row = blocks.row(index, named=True)
        edges = [row["start"] - 1, *places, row["end"]]
        for low, high in pairwise(edges):
            if low + 1 < high:
                base = LETTER[reference_codes(reference, row["contig"], low + 1, low + 2)[0]]
                pieces.append({**row, "start": low + 1, "end": high, "ref": base})
    whole = blocks.with_row_index("row").filter(~pl.col("row").is_in(sorted(cut))).drop("row")
    parts = [whole, kept.filter("called"), pl.DataFrame(pieces, schema=gvcf.RECORDS), new]
    return pl.concat(parts).sort("start", pl.col("called").not_(), maintain_order=True)
