"""The header of a VCF text, read without opening the file a second time."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shirube.errors import InputError


@dataclass(frozen=True)
class Header:
    """What the header of a VCF text says."""

    samples: tuple[str, ...]
    contigs: Mapping[str, int | None]
    format: frozenset[str]
    gvcf: bool


def parse_header(path: str | Path, text: bytes) -> Header:
    """Header from the bytes before the first record; raises InputError where it is none."""
    lines = text.decode(errors="replace").splitlines()
    if not lines or not lines[0].startswith("##fileformat=VCF"):
        raise InputError(path, "a VCF that starts with ##fileformat=VCF")
    contigs: dict[str, int | None] = {}
    formats, alts, has_end = set(), set(), False
    for line in lines:
        if line.startswith("##contig=<"):
            fields = dict(p.split("=", 1) for p in line[10:-1].split(",") if "=" in p)
            length = fields.get("length", "")
            contigs[fields.get("ID", "")] = int(length) if length.isdigit() else None
        elif line.startswith("##FORMAT=<ID="):
            formats.add(line[13:].split(",")[0])
        elif line.startswith("##ALT=<ID="):
            alts.add(line[10:].split(",")[0])
        elif line.startswith("##INFO=<ID=END,"):
            has_end = True
    columns = lines[-1].rstrip(chr(0)).split("\t")
    if (
        columns[:9] != ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
        or len(columns) < 10
    ):
        raise InputError(path, "a #CHROM line with FORMAT and at least one sample", lines[-1][:80])
    samples = tuple(columns[9:])
    if len(set(samples)) < len(samples):
        raise InputError(path, "each sample named once in the #CHROM line")
    return Header(samples, contigs, frozenset(formats), bool(has_end and alts & {"NON_REF", "*"}))
