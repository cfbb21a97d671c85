"""Which caller wrote a file, and which of its fields hold what: dialects.tsv, one row a caller.

A file is recognised by a line of its header or, where headers were lost on the way, by a set of
fields that no other caller writes; else it is read by the fields the specification reserves.

    depth              fields of the reads counted, the first that is there; `reads`: the sum of
                       reference and alternative reads
    reads              where the reads of each allele are (`counts`)
    quality            genotype quality of a called genotype, reference_quality that of a block
    site_filter        where the filter of the site is
    despite            filters under which a reference genotype stands all the same
    dot                what `.` in FILTER means: PASS, or not judged
    allele_filter      field with one filter an ALT
    normal             reads and depth of the normal, where they stand in the tumour's column
    status             field that says where an allele is from, and its values for the tumour alone
    refused            what such a file lacks to be used at all
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from shirube.intake.header import Header
from shirube.intake.recognition import read_table, written_by

PACKAGE_DATA = ("dialects.tsv",)
_FILE = Path(__file__).with_name("dialects.tsv")
_LISTS = ("signature", "depth", "reads", "quality", "reference_quality", "despite", "normal")


@dataclass(frozen=True)
class Dialect:
    """One row of dialects.tsv; lists are comma-separated there, the first entry goes before."""

    dialect: str
    caller: str
    versions: str
    holds: str
    recognised: str
    signature: tuple[str, ...]
    depth: tuple[str, ...]
    reads: tuple[str, ...]
    quality: tuple[str, ...]
    reference_quality: tuple[str, ...]
    site_filter: str
    despite: tuple[str, ...]
    dot: str
    allele_filter: str
    normal: tuple[str, ...]
    status: str
    refused: str
    block: str
    source: str
    verified: str

    @property
    def of_info(self) -> list[str]:
        """INFO fields this dialect alone needs."""
        names = (self.allele_filter, self.site_filter)
        return [name.removeprefix("INFO/") for name in names if name.startswith("INFO/")]


@cache
def table() -> tuple[Dialect, ...]:
    """dialects.tsv, in the order in which rows are tried; the last takes every file."""
    return tuple(_dialect(row) for row in read_table(_FILE))


def _dialect(row: Mapping[str, str]) -> Dialect:
    cells: dict[str, Any] = {field.name: row[field.name] for field in fields(Dialect)}
    for name in _LISTS:
        cells[name] = tuple(filter(None, row[name].split(",")))
    return Dialect(**cells)


def dialect_of(header: Header) -> Dialect:
    """The dialect a header is written in."""
    return written_by(table(), header)
