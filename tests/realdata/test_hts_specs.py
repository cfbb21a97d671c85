"""The VCFs of hts-specs: those that are valid are read, those that are not stop nobody."""

import os
import re
from pathlib import Path

import polars as pl
import pytest

from shirube.errors import InputError
from shirube.intake.header import definition_faults
from shirube.intake.records import Source, by_allele

PEERS = Path(os.environ.get("PEERS", "../shared/peers"))
FILES = sorted((PEERS / "hts-specs/vcf").glob("*/*/*.vcf"))
pytestmark = pytest.mark.skipif(not FILES, reason=f"no files of hts-specs at {PEERS}")

# What makes a record or a file unreadable. Other faults lie in what is not read: definitions of
# fields, INFO, names of contigs and filters, IDs; a wrong value there is unknown, and keeps none
# of the genotypes from being read.
STOPPED = (
    r"body_pos_|body_ref_00[02]|body_alt_00[0-3]|body_format_002|body_sample_00[0-3]|sample_011"
    r"|fileformat|header_000|failed_meta_00[245]|empty"
)
# Faults of definitions that `shirube check` tells, as the files state them: a Number or Type that
# there is not (R of 4.2 in a file of 4.1 is read), and of the fields that are read another than
# the specification reserves.
TOLD = (
    r"##CauseOfFailure=(Incorrect (INFO|FORMAT) (Number|Type) value(?!.*\n.*Number=R,)"
    r"|FORMAT (AD|DP|FT|GQ|GT) (Number|Type) is not)"
)


def read(path: Path) -> tuple[str, list[str]]:
    """Why a file is refused, empty if it is not, and the faults of its records."""
    try:
        sites = Source.sites(path)
        column = 0 if sites.header.samples else None
        source = Source(str(path), sites.header, sites.dialect, column)
        rows = [rows for rows in source.records() if by_allele(rows) is not None]
    except InputError as error:
        return error.expected, []
    return "", pl.concat(rows)["fault"].drop_nulls().to_list() if rows else []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_is_read_or_refused(path: Path) -> None:
    refused, faults = read(path)
    if path.parent.name == "passed":
        assert (refused, faults) == ("", [])
        assert definition_faults(Source.sites(path).header) == []
    elif re.search(TOLD, path.read_text(errors="replace")) and not refused:
        assert definition_faults(Source.sites(path).header)
    elif re.search(STOPPED, path.name):
        assert refused or faults
