"""VCF files of structural variants and copy numbers that the sheet names beside a sample's file."""

from itertools import islice
from pathlib import Path

import polars as pl

from shirube.check.contigs import check_contigs
from shirube.check.files import check_path, check_whole
from shirube.check.problems import Outcome
from shirube.check.reference import Reference
from shirube.check.sheets import Row
from shirube.errors import InputError
from shirube.genome.chromosomes import canonical
from shirube.intake.events import EventFile, lacking
from shirube.reads.inspect import compression

COLUMNS = ("structural", "copy_number")


def check_events(sheet: Path, row: Row, reference: Reference | None, outcome: Outcome) -> None:
    """The files of both columns: readable, of this sample, with what their use needs."""
    for column in COLUMNS:
        path = row[column]
        if path and check_path(sheet, row.where(column), path, outcome):
            _check(sheet, row, column, reference, outcome)


def _check(
    sheet: Path, row: Row, column: str, reference: Reference | None, outcome: Outcome
) -> None:
    path = row[column]
    packed = compression(path)
    if packed != "bgzf":
        outcome.problem(
            path, "", f"a bgzipped file, found {packed}: bcftools view -Oz -o new.vcf.gz"
        )
        return
    if not check_whole(path, outcome):
        return
    try:
        source = EventFile.of(
            path, row["sample_in_file"] or None, row["sample"], row["kind"] == "tumour"
        )
    except InputError as error:
        outcome.problem(sheet, row.where(column), f"{error.expected} ({path})")
        return
    except (OSError, EOFError, UnicodeDecodeError) as error:
        outcome.problem(path, "", f"a VCF or BCF with a header ({error})")
        return
    program = source.program
    if column == "structural" and program.holds == "copies":
        outcome.problem(
            sheet,
            row.where(column),
            f"junctions; {program.caller} writes copies: column copy_number",
        )
    elif column == "copy_number" and program.holds == "junctions":
        outcome.problem(
            sheet,
            row.where(column),
            f"copies; {program.caller} writes junctions: column structural",
        )
    else:
        for name in lacking(source.header, program, column):
            outcome.problem(path, "header", f"{name} ({program.caller})")
    if reference is None or not check_contigs(
        path, source.header.contigs, reference, outcome, False
    ):
        return
    try:
        _check_records(path, source, reference, outcome)
    except InputError as error:
        outcome.error(error)


def _check_records(path: str, source: EventFile, reference: Reference, outcome: Outcome) -> None:
    """The first stretch of records: contigs the reference knows, few that break the format."""
    for table in islice(source.events(), 1):
        if table.is_empty():
            return
        bad = table.drop_nulls("fault").unique("record", maintain_order=True)
        records = table["record"].n_unique()
        if bad.height:
            first = bad.row(0, named=True)
            said = (
                f"{bad.height} of {records} records looked at break the format ({first['fault']})"
            )
            where = f"{first['contig']}:{first['pos'] or '?'}"
            if bad.height * 2 > records:
                expected = f"records as the VCF specification has them; {said}"
                outcome.problem(path, where, expected)
            else:
                outcome.note(f"{path}: {where}: {said}: they are filtered as Damaged")
        own = {canonical(name, reference.aliases) for name in reference.contigs}
        named = table.filter(pl.col("fault").is_null())["contig"].unique().to_list()
        known = [canonical(name, reference.aliases) for name in named]
        if named and not any(name and name in own for name in known):
            expected = f"a contig of the reference; none of {', '.join(sorted(named)[:3])} is"
            outcome.problem(path, f"contig {sorted(named)[0]}", expected)
