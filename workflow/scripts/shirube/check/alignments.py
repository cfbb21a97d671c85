"""BAM and CRAM inputs: whole, sorted, indexed, of this reference, of this sample."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from shirube.check.contigs import check_contigs
from shirube.check.files import check_age, check_whole
from shirube.check.problems import Outcome, shown
from shirube.check.reference import Reference
from shirube.check.sheets import Row
from shirube.errors import InputError
from shirube.reads.indexes import refuse_damaged_index
from shirube.reads.inspect import (
    ReadsHeader,
    compression,
    contig_md5,
    first_disorder,
    indexes_of,
    reads_header,
    sampled_reads,
)

NAMELESS = "-"


@cache
def _md5_once(fasta: str, changed: int, contig: str, length: int) -> str:
    return contig_md5(fasta, contig, length)


def _md5(reference: Reference, contig: str) -> str:
    """MD5 of a contig of the reference, computed once while the file does not change."""
    fasta = os.path.realpath(reference.fasta)
    return _md5_once(fasta, os.stat(fasta).st_mtime_ns, contig, reference.contigs[contig])


def _check_sample(sheet: Path, row: Row, header: ReadsHeader, outcome: Outcome) -> None:
    wanted = row["sample_in_file"] or row["sample"]
    where = row.where("sample_in_file" if row["sample_in_file"] else "sample")
    path, names = row["path"], header.samples
    if len(names) > 1:
        listed = ", ".join(names[:5])
        outcome.problem(path, "@RG", f"reads of one sample a file, found SM {listed}")
    elif not names and wanted != NAMELESS:
        expected = f"SM {shown(wanted)} in an @RG of {path}, found none: write - in sample_in_file"
        outcome.problem(sheet, where, expected)
    elif names and wanted == NAMELESS:
        expected = f"the SM of {path}'s @RG, {shown(names[0])}; - says there is none"
        outcome.problem(sheet, where, expected)
    elif names and wanted != names[0]:
        expected = f"the SM of {path}'s @RG, {shown(names[0])}, found {shown(wanted)}"
        expected += "" if row["sample_in_file"] else " (column sample_in_file states it)"
        outcome.problem(sheet, where, expected)


def _check_order(path: str, header: ReadsHeader, outcome: Outcome) -> bool:
    remedy = f"samtools sort -o sorted{Path(path).suffix} {path}"
    if header.order == "queryname":  # "unsorted" and "unknown" say nothing: the reads do
        expected = f"reads sorted by coordinate, found SO:{header.order}; {remedy}"
        outcome.problem(path, "@HD", expected)
        return False
    name = first_disorder(path)
    if name is not None:
        expected = f"reads sorted by coordinate; the first out of order is {shown(name)}; {remedy}"
        outcome.problem(path, "", expected)
    return name is None


def _check_md5(path: str, md5: Mapping[str, str], reference: Reference, outcome: Outcome) -> None:
    """@SQ M5 against the reference; a slice of a reference cannot agree and is said."""
    needed = dict.fromkeys(region.contig for region in reference.regions)
    differing = [name for name in needed if name in md5 and md5[name] != _md5(reference, name)]
    if differing and not reference.limited:
        name = differing[0]
        expected = f"the reference of @SQ M5 {md5[name]}; {reference.fasta} has other bases"
        outcome.problem(path, f"contig {name}", expected)
    elif differing:
        outcome.note(
            f"{path}: the bases of {', '.join(differing)} differ from @SQ M5 somewhere in "
            "the contig (as those of a slice of a reference do)"
        )


def check_reads(
    sheet: Path, row: Row, reference: Reference | None, outcome: Outcome
) -> tuple[str, ...]:
    """Digests of the reads looked at; empty if the file cannot be used."""
    path = row["path"]
    before = len(outcome.problems)
    kind = compression(path)
    if kind != {".bam": "bgzf", ".cram": "cram"}[Path(path).suffix]:
        outcome.problem(path, "", f"a {Path(path).suffix[1:].upper()} by content, found {kind}")
        return ()
    whole = check_whole(path, outcome)
    try:
        header = reads_header(path)
        if header.format != Path(path).suffix[1:].upper():
            raise InputError(
                path, f"{Path(path).suffix[1:].upper()} by content, found {header.format}"
            )
        _check_sample(sheet, row, header, outcome)
        fits = reference is None or check_contigs(path, header.contigs, reference, outcome, True)
        in_order = not whole or _check_order(path, header, outcome)
    except InputError as error:
        outcome.error(error)
        return ()
    indexes = indexes_of(path)
    if not indexes:
        outcome.problem(path, "", f"an index beside it; make it: samtools index {path}")
        return ()
    check_age(path, indexes[0], f"samtools index {path}", outcome)
    try:
        for index in indexes:
            refuse_damaged_index(index)
    except InputError as error:
        outcome.error(error)
        return ()
    if reference is None or not (whole and fits and in_order and reference.regions):
        return ()
    try:
        digests = sampled_reads(path, reference.places, reference.fasta)
    except InputError as error:
        why = (
            " against the reference: it is not the one the CRAM was written with"
            if kind == "cram"
            else ""
        )
        outcome.problem(path, "", f"reads that can be decoded{why or ' ' + error.expected}")
        return ()
    if len(outcome.problems) == before:
        _check_md5(path, header.md5, reference, outcome)
    if not digests:
        inside = "in the regions of the run" if reference.limited else "on a chromosome"
        outcome.problem(path, "", f"at least one read {inside}")
    return tuple(digests)
