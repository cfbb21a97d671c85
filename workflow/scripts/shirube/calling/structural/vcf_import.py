"""Structural variants another program wrote as VCF, in the STRUCTURAL contract.

Every record becomes one adjacency of two breakends in the form the embedded caller uses: shared
bases on the upper side (`adjacency.slid`), pairs of BND records once. The program's own filters
keep their decision under the shared names; on top of them the limits of the config hold, so that
`PASS` asks the same of every engine.

Manta      <DEL> <DUP:TANDEM> <INS> by POS and END as VCF defines them, BND pairs; FORMAT PR, SR
delly      END is the first base kept on the upper side, CT gives the strands; FORMAT DV, RV
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from shirube.calling.structural.adjacency import Reference, slid
from shirube.calling.structural.calling import Adjacency, Limits, as_table, origin_of, too_small
from shirube.errors import InputError
from shirube.genome.alleles import canonical
from shirube.reads.junctions import Breakend
from shirube.vcf import header, read_columns

_MATE = re.compile(r"([\[\]])(.+):(\d+)([\[\]])")
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
_INFO = ("END", "SVTYPE", "CT", "SVLEN", "MATEID", "SVINSSEQ", "LEFT_SVINSSEQ", "HOMLEN", "INSLEN")
_FLAGS = ("IMPRECISE", "INV3", "INV5")
_COUNTS = ("PR", "SR", "DR", "DV", "RR", "RV")


@dataclass(frozen=True)
class Counts:
    """Fragments of one sample: discordant pairs and split reads for a junction, and in all."""

    pairs: int
    splits: int
    depth: int

    @property
    def fragments(self) -> int:
        """Support of either kind; a fragment that is both is counted twice by both programs."""
        return self.pairs + self.splits


def _two(cell: str | None) -> tuple[int, int]:
    """Reference and variant count of Manta's `12,3`; zeros where it is absent."""
    words = (cell or "0,0").split(",")
    return int(words[0]), int(words[1])


def manta_counts(row: dict[str, Any]) -> Counts:
    """Of FORMAT PR and SR (reference, variant)."""
    (pair_ref, pairs), (split_ref, splits) = _two(row["PR"]), _two(row["SR"])
    return Counts(pairs, splits, max(pair_ref + pairs, split_ref + splits))


def delly_counts(row: dict[str, Any]) -> Counts:
    """Of FORMAT DR, DV (pairs) and RR, RV (junction reads)."""
    dr, dv, rr, rv = (int(row[name] or 0) for name in ("DR", "DV", "RR", "RV"))
    return Counts(dv, rv, max(dr + dv, rr + rv))


def bracketed(contig: str, pos: int, alt: str) -> tuple[Breakend, Breakend, str] | None:
    """Breakends of a BND's ALT and the bases inserted between them, along the forward strand."""
    found = _MATE.search(alt)
    if found is None:
        return None
    first = alt[: found.start()]
    strand = "+" if first else "-"
    bases = first[1:] if first else alt[found.end() :][:-1]
    mate = Breakend(found[2], int(found[3]), "+" if found[1] == "]" else "-")
    return Breakend(contig, pos, strand), mate, bases


_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")


def reverse_complement(bases: str) -> str:
    """The other strand, in its own direction."""
    return bases.translate(_COMPLEMENT)[::-1]


def leaving(bases: str, end: Breakend) -> str:
    """Inserted bases, which a VCF writes along the forward strand, as they leave breakend `end`."""
    return bases if end.strand == "+" else reverse_complement(bases)


def ends_of(row: dict[str, Any]) -> tuple[Breakend, Breakend, str, str] | None:
    """Lower and upper breakend, inserted bases, and INS for insertions, of one record.

    None for a record that is no adjacency (copy-number alleles, single breakends).
    """
    contig, pos, kind = row["contig"], row["pos"], row["SVTYPE"]
    inserted = row["SVINSSEQ"] or ""
    if kind == "BND":
        found = bracketed(contig, pos, row["alt"])
        return None if found is None else (*found, "")
    if row["END"] is None:
        return None
    end = int(row["END"])
    if row["CT"] in CONNECTIONS:  # delly
        if kind == "INS":
            return Breakend(contig, pos, "+"), Breakend(contig, pos + 1, "-"), inserted, "INS"
        lower, upper = CONNECTIONS[row["CT"]]
        return Breakend(contig, pos, lower), Breakend(contig, end, upper), inserted, ""
    if kind == "DEL":
        return Breakend(contig, pos, "+"), Breakend(contig, end + 1, "-"), inserted, ""
    if kind == "DUP":
        return Breakend(contig, pos + 1, "-"), Breakend(contig, end, "+"), inserted, ""
    if kind == "INS":
        return Breakend(contig, pos, "+"), Breakend(contig, pos + 1, "-"), inserted, "INS"
    if kind == "INV":
        strand, shift = ("-", 1) if row["INV5"] else ("+", 0)
        return Breakend(contig, pos + shift, strand), Breakend(contig, end + shift, strand), "", ""
    return None


def _shared_names(filters: str | None) -> list[str]:
    names = [FILTER_NAMES.get(part, "Caller") for part in (filters or "PASS").split(";")]
    return [name for name in dict.fromkeys(names) if name != "PASS"]


def _rows(path: str | Path, sample: str) -> list[dict[str, Any]]:
    """Records with the fields of one sample."""
    fields = dict.fromkeys(_INFO, pl.String) | dict.fromkeys(_FLAGS, pl.Boolean)
    return read_columns(path, fields, dict.fromkeys(_COUNTS, pl.String), ("-s", sample)).to_dicts()


def import_structural(
    path: str | Path,
    reference: str,
    counts: Callable[[dict[str, Any]], Counts],
    columns: tuple[str, str | None],
    limits: Limits,
    germline: bool = False,
    aliases: dict[str, str] | None = None,
) -> list[dict[str, object]]:
    """Rows for `as_table` of a VCF whose sample `columns` are the tumour and, if any, the normal.

    Events off the canonical chromosomes and below the sizes of `limits` are left out, as the
    embedded caller does. Raises InputError where the file lacks a column it should have.
    """
    known = header(path).samples
    for column in filter(None, columns):
        if column not in known:
            raise InputError(path, f"a sample column {column}, not {', '.join(known)}")
    primary = _rows(path, columns[0])
    beside = _rows(path, columns[1]) if columns[1] else [None] * len(primary)
    bases, mates = Reference(reference), set()
    rows: list[dict[str, object]] = []
    for record, other in zip(primary, beside, strict=True):
        if record["MATEID"] in mates:
            continue
        mates.add(record["id"])
        found = ends_of(record)
        if found is None:
            continue
        one, two, written, kind = found
        inserted = leaving(written, one)
        known_bases = not int(record["INSLEN"] or 0) or bool(inserted)
        lower, upper, homology = one, two, 0
        if kind != "INS" and not inserted and known_bases and not record["IMPRECISE"]:
            lower, upper, homology = slid(bases, *sorted((one, two)))
        adjacency = Adjacency(lower, upper, homology, inserted)
        size = abs(int(record["SVLEN"] or record["INSLEN"] or len(inserted)))
        if size < limits.min_size if kind == "INS" else too_small(adjacency, limits):
            continue
        chroms = [canonical(end.contig, aliases) for end in (lower, upper)]
        if None in chroms:
            continue
        own, normal = counts(record), counts(other) if other is not None else None
        failed = _shared_names(record["filter"])
        if own.fragments < limits.min_support or own.splits < limits.min_splits:
            failed.append("LowSupport")
        rows.append(
            {
                "event": "",
                "origin": origin_of(own.fragments, normal.fragments if normal else None, germline),
                "svtype": kind or adjacency.svtype,
                "chrom1": chroms[0],
                "pos1": lower.pos,
                "strand1": lower.strand,
                "chrom2": chroms[1],
                "pos2": upper.pos,
                "strand2": upper.strand,
                "filter": ";".join(dict.fromkeys(failed)) or "PASS",
                "pairs": own.pairs,
                "splits": own.splits,
                "depth": own.depth,
                "normal_pairs": normal.pairs if normal else None,
                "normal_splits": normal.splits if normal else None,
                "normal_depth": normal.depth if normal else None,
                "homology": homology,
                "inserted": inserted if known_bases else None,
            }
        )
    return rows


def one_row_an_adjacency(rows: Sequence[dict[str, object]]) -> pl.DataFrame:
    """STRUCTURAL table of rows, of records of one adjacency the passing, best supported one."""
    ranked = sorted(
        rows,
        key=lambda r: (r["filter"] != "PASS", -int(str(r["splits"])), -int(str(r["pairs"]))),
    )
    kept: dict[tuple[object, ...], dict[str, object]] = {}
    for row in ranked:
        key = tuple(row[f"{name}{side}"] for side in "12" for name in ("chrom", "pos", "strand"))
        kept.setdefault(key, row)
    return as_table(list(kept.values()))
