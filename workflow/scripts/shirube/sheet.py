"""The two sheets of a run: people and their files.

Both are TSV; every cell is text, an empty cell or `.` is unknown (null).
"""

import re
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from shirube.errors import InputError

PATIENT_COLUMNS = (
    "patient",
    "sex",
    "family",
    "father",
    "mother",
    "affected",
    "programme",
    "diagnosis",
    "hpo",
    "onset",
    "consanguinity",
    "consent_cohort",
    "consent_secondary",
    "label",
)
SAMPLE_COLUMNS = (
    "sample",
    "patient",
    "kind",
    "path",
    "sample_in_file",
    "callable",
    "structural",
    "copy_number",
)
# Columns that name files of a sample.
FILE_COLUMNS = ("path", "callable", "structural", "copy_number")
STRATUM = "stratum_"
# What a file holds, by the end of its name; longer ends are tried first.
FORMS = {
    "reads": (".bam", ".cram"),
    "gvcf": (".g.vcf.gz", ".gvcf.gz", ".g.vcf.bgz", ".gvcf.bgz"),
    "vcf": (".vcf.gz", ".vcf.bgz", ".bcf"),
}


def form_of(path: str | Path) -> str | None:
    """What a file of the sheet holds, by its name: reads, gvcf or vcf; None for another name."""
    return next((form for form, ends in FORMS.items() if str(path).endswith(ends)), None)


def read_sheet(
    path: str | Path, columns: tuple[str, ...], prefix: str | None = None
) -> pl.DataFrame:
    """One sheet with `columns` (absent ones as null), and those starting with `prefix`.

    Raises InputError for a file that is no TSV, has no rows, or has columns of other names.
    """
    try:
        table = pl.read_csv(path, separator="\t", infer_schema=False, null_values=["", "."])
    except FileNotFoundError:
        raise InputError(path, "a file to read") from None
    except pl.exceptions.PolarsError as error:
        raise InputError(path, f"tab-separated columns ({str(error).splitlines()[0]})") from error
    unknown = [
        c for c in table.columns if c not in columns and not (prefix and c.startswith(prefix))
    ]
    if unknown:
        raise InputError(path, f"no column but {', '.join(columns)}", f"column {unknown[0]}")
    if columns[0] not in table.columns or table.is_empty():
        raise InputError(path, f"a column {columns[0]} and at least one row")
    missing = [pl.lit(None, pl.String).alias(c) for c in columns if c not in table.columns]
    return table.with_columns(missing)


def read_patients(path: str | Path) -> pl.DataFrame:
    """The people: one row a person, PATIENT_COLUMNS and any `stratum_<name>` columns."""
    return read_sheet(path, PATIENT_COLUMNS, STRATUM)


def read_samples(path: str | Path) -> pl.DataFrame:
    """The files: one row a BAM, CRAM, gVCF or VCF, SAMPLE_COLUMNS."""
    return read_sheet(path, SAMPLE_COLUMNS)


def names_pattern(names: Iterable[str]) -> str:
    """Regular expression that matches exactly `names`, in time that does not grow with them.

    Names are laid out as a tree of their letters; an alternation would be tried one by one, for
    every file of a plan. Without names: a pattern that matches nothing.
    """
    tree: dict[str, Any] = {}
    for name in names:
        node = tree
        for letter in name:
            node = node.setdefault(letter, {})
        node[""] = {}

    def written(node: dict[str, Any]) -> str:
        path = ""
        while len(node) == 1 and "" not in node:  # letters that are not followed by a choice
            ((letter, node),) = node.items()
            path += re.escape(letter)
        choices = [re.escape(letter) + written(node[letter]) for letter in sorted(node) if letter]
        if not choices:
            return path
        return f"{path}(?:{'|'.join(choices)}){'?' if '' in node else ''}"

    return written(tree) if tree else "(?!)"


def rows_by(table: pl.DataFrame, key: str, path: str | Path) -> dict[str, dict[str, str | None]]:
    """Rows of a sheet by their `key`; InputError naming `path` if two rows share one."""
    rows: dict[str, dict[str, str | None]] = {}
    for number, row in enumerate(table.iter_rows(named=True), 2):
        if row[key] in rows:
            raise InputError(path, f"each {key} once, found {row[key]} again", f"row {number}")
        rows[row[key]] = row
    return rows


def batches(samples: Iterable[str], size: int) -> dict[str, list[str]]:
    """Samples in batches of some `size`, by name of the batch.

    Which batch a sample is in depends on its name and on the number of batches, a power of two:
    one more sample changes one batch, or halves them all.
    """
    names = list(samples)
    number = 1
    while number * size < len(names):
        number *= 2
    out: dict[str, list[str]] = {}
    for name in names:
        out.setdefault(f"{zlib.crc32(name.encode()) % number:05d}", []).append(name)
    return dict(sorted(out.items()))
