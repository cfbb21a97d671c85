"""Which columns of a variant file are a patient's tumour and normal."""

import re
from collections.abc import Sequence
from pathlib import Path

from shirube.errors import InputError
from shirube.intake.dialects import Dialect, dialect_of
from shirube.intake.header import Header

TUMOUR, NORMAL = ("TUMOR", "TUMOUR", "TUMORAL"), ("NORMAL",)


def _stated(header: Header, key: str) -> list[str]:
    """Columns that header lines ##key=NAME state (Mutect2: tumor_sample, normal_sample)."""
    found = (re.match(rf"##{key}=(.+)", line) for line in header.lines)
    return [match[1] for match in found if match and match[1] in header.samples]


def _called(header: Header, names: Sequence[str]) -> list[str]:
    return [name for name in header.samples if name.upper() in names]


def tumour_column(header: Header, path: str | Path, named: str | None, sample: str) -> str | None:
    """Name of the tumour's column; None for a file without samples.

    `named` is what the sheet says (sample_in_file), `sample` the sample's own name. Without either
    it is what the header or the column's own name says, or the only column. InputError else.
    """
    known = ", ".join(header.samples) or "none"
    if named:
        if named not in header.samples:
            raise InputError(path, f"a sample column {named}; found {known}")
        return named
    for found in (
        [sample] if sample in header.samples else [],
        _stated(header, "tumor_sample"),
        _called(header, TUMOUR),
        list(header.samples),
    ):
        if len(found) == 1:
            return found[0]
    if header.samples:
        raise InputError(path, f"one sample column, or sample_in_file to name it among {known}")
    return None


def normal_column(
    header: Header, tumour: str | None, names: Sequence[str] = (), dialect: Dialect | None = None
) -> str | None:
    """Name of the column of the tumour's normal; None where the file has none, or does not say.

    `names`: what the patient's normal sample is called. Of two columns of a caller of pairs the
    one that is not the tumour's is the normal's.
    """
    others = [name for name in header.samples if name != tumour]
    for found in (
        [name for name in names if name in others],
        [name for name in _stated(header, "normal_sample") if name in others],
        [name for name in _called(header, NORMAL) if name in others],
    ):
        if found:
            return found[0]
    dialect = dialect or dialect_of(header)
    paired = dialect.holds == "somatic" or dialect.status
    told = any(line.startswith("##tumor_sample=") for line in header.lines)
    return others[0] if len(others) == 1 and paired and not told else None
