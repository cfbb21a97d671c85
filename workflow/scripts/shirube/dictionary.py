"""The data dictionary: every exchanged table, its columns and their meaning, from the contracts."""

from collections.abc import Iterable

import polars as pl

from shirube.contracts import Contract

SHARED = {
    "chrom": "chromosome, canonical name",
    "pos": "position of the first base of `ref`, 1-based",
    "ref": "reference allele",
    "alt": "alternative allele",
    "start": "first base, 0-based",
    "end": "end, 0-based, not included",
}


def type_name(dtype: pl.DataType | type[pl.DataType]) -> str:
    """How the dictionary writes a column type."""
    if isinstance(dtype, pl.Enum):
        values = dtype.categories.to_list()
        return "enum of chromosomes" if "chr1" in values else f"enum: {', '.join(values)}"
    if isinstance(dtype, pl.List):
        return f"list of {type_name(dtype.inner)}"
    if isinstance(dtype, pl.Struct):
        return f"struct ({', '.join(field.name for field in dtype.fields)})"
    return str(dtype).lower()


def section(contract: Contract) -> str:
    """One table of the dictionary, in Markdown."""
    key = ", ".join(f"`{name}`" for name in contract.key)
    rows = [
        f"| `{name}` | {type_name(dtype)} | {contract.columns.get(name, SHARED.get(name, ''))} |"
        for name, dtype in contract.schema.items()
    ]
    return "\n".join(
        [
            f"## {contract.name} (version {contract.version})",
            "",
            f"{contract.about}. Unique and sorted by {key}.",
            "",
            "| column | type | meaning |",
            "|---|---|---|",
            *(row.replace("||", "\\|\\|") for row in rows),
            "",
        ]
    )


def dictionary(contracts: Iterable[Contract]) -> str:
    """The whole dictionary, in Markdown."""
    head = [
        "# Data dictionary",
        "",
        "Made by `shirube dictionary` from `contracts.py`; do not edit. Every table is Parquet and",
        "carries its name and version as metadata. Null is unknown, never zero.",
        "",
    ]
    return "\n".join(head) + "\n" + "\n".join(section(contract) for contract in contracts)
