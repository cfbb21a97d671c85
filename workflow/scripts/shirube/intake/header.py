"""What a variant file says of itself, read from the text of its header.

The reader is lenient where the specification leaves no doubt (line ends, a byte order mark, lines
that are no key=value) and strict where it would have to guess.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from shirube.errors import InputError

FIXED = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
VERSIONS = ("VCFv4.0", "VCFv4.1", "VCFv4.2", "VCFv4.3", "VCFv4.4", "VCFv4.5")
_DEFINITION = re.compile(r"##(INFO|FORMAT)=<.*?\bID=([^,>]+)")
_NUMBER = re.compile(r"[<,]Number=([^,>]+)")
_TYPE = re.compile(r"[<,]Type=([^,>]+)")
_CONTIG = re.compile(r"##contig=<.*?\bID=([^,>]+)")
_LENGTH = re.compile(r"[<,]length=(\d+)")
_META = re.compile(r"##(INFO|FORMAT|FILTER|ALT|contig)=(.*)")
_TYPES: dict[str, tuple[str, ...]] = {
    "INFO": ("Integer", "Float", "Flag", "Character", "String"),
    "FORMAT": ("Integer", "Float", "Character", "String"),
}
_NUMBERS = re.compile(r"\d+|A|R|G|LA|LR|LG|P|M|\.")  # those with L, P and M since 4.4 and 4.5
# FORMAT fields read as the specification reserves them, whatever their definition says.
_RESERVED = {
    "GT": ("1", "String"),
    "GQ": ("1", "Integer or Float"),
    "DP": ("1", "Integer"),
    "AD": ("R or .", "Integer"),
    "FT": ("1 or .", "String"),
    "PL": ("G or .", "Integer"),
}
_ALT = re.compile(r"##ALT=<.*?\bID=([^,>]+)")


@dataclass(frozen=True)
class Field:
    """One INFO or FORMAT definition: Number and Type as the header writes them."""

    number: str
    type: str


@dataclass(frozen=True)
class Header:
    """Version, samples in the file's order, contigs (length None where not stated), fields."""

    version: str
    samples: tuple[str, ...]
    contigs: Mapping[str, int | None]
    info: Mapping[str, Field]
    format: Mapping[str, Field]
    alts: frozenset[str]
    lines: tuple[str, ...]

    @property
    def columns(self) -> int:
        """Columns of every record."""
        return len(FIXED) + (1 + len(self.samples) if self.samples else 0)


def definition_faults(header: Header) -> list[tuple[int, str]]:
    """Definitions that break the specification (VCF 4.3, 1.4): number of the line (1-based), why.

    None of them keeps a record from being read: what they define is read as the specification
    reserves it, or as text.
    """
    found = []
    for number, line in enumerate(header.lines, 1):
        meta = _META.match(line)
        said = _definition_fault(meta[1], meta[2]) if meta else None
        if said:
            found.append((number, said))
    return found


def _definition_fault(kind: str, text: str) -> str | None:
    name = re.match(r"<(?:.*,)?ID=([^,>]+)", text)
    if not (text.startswith("<") and text.rstrip().endswith(">")):
        return f"{kind} without < and >"
    if name is None:
        return f"{kind} without ID"
    shown = f"{kind} {name[1]}"
    if kind != "contig" and not re.search(r',Description="[^"]*(?:\\"[^"]*)*"[,>]', text):
        return f"{shown} without a Description in quotes"
    if kind not in _TYPES:
        return None
    field, known = _field(text), _TYPES[kind]
    if not (_NUMBER.search(text) and _NUMBERS.fullmatch(field.number)):
        return f"{shown} without a Number that VCF knows"
    if not (_TYPE.search(text) and field.type in known):
        return f"{shown} without a Type that VCF knows ({', '.join(known)})"
    numbers, types = _RESERVED.get(name[1], ("", "")) if kind == "FORMAT" else ("", "")
    if numbers and (
        field.number not in numbers.split(" or ") or field.type not in types.split(" or ")
    ):
        return f"{shown} of Number {field.number} and Type {field.type}, not {numbers} and {types}"
    return None


def _field(line: str) -> Field:
    number, kind = _NUMBER.search(line), _TYPE.search(line)
    return Field(number[1] if number else ".", kind[1] if kind else "String")


def parsed(raw: Iterable[str], path: str | Path) -> Header:
    """Header of the lines up to and with #CHROM; InputError, naming the line, where it is none."""
    lines = [line.rstrip("\r\n") for line in raw]
    version = lines[0].removeprefix("\ufeff").removeprefix("##fileformat=").strip() if lines else ""
    if version not in VERSIONS:
        known = f"{VERSIONS[0]} to {VERSIONS[-1][4:]}"
        found = (lines[0][:60] if lines else "") or "nothing"
        raise InputError(path, f"a first line ##fileformat={known}, found {found}", "line 1")
    fields: dict[str, dict[str, Field]] = {"INFO": {}, "FORMAT": {}}
    contigs: dict[str, int | None] = {}
    alts = set()
    for number, line in enumerate(lines[:-1], 1):
        if not line.startswith("##"):
            raise InputError(path, "a header line that begins with ##", f"line {number}")
        if field := _DEFINITION.match(line):
            fields[field[1]].setdefault(field[2], _field(line))
        elif contig := _CONTIG.match(line):
            length = _LENGTH.search(line)
            contigs[contig[1]] = int(length[1]) if length else None
        elif alt := _ALT.match(line):
            alts.add(alt[1])
    where = f"line {len(lines)}"
    columns = lines[-1].split("\t")
    if tuple(columns[:8]) != FIXED or (len(columns) > 8 and columns[8] != "FORMAT"):
        expected = f"a line of columns {' '.join(FIXED)} [FORMAT and samples], tabs between"
        raise InputError(path, f"{expected}, found {lines[-1][:80]!r}", where)
    samples = tuple(columns[9:])
    if len(set(samples)) < len(samples):
        twice = next(name for name in samples if samples.count(name) > 1)
        raise InputError(path, f"each sample named once, found {twice!r} again", where)
    if any(not name for name in samples):
        raise InputError(path, "a name for every sample column", where)
    return Header(
        version, samples, contigs, fields["INFO"], fields["FORMAT"], frozenset(alts), tuple(lines)
    )
