"""Handbook pages made from the code: tables from the contracts, settings from the schema."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from shirube.contracts import FINDINGS, Contract
from shirube.contracts.detail import KEYS, OPEN

SHARED = {
    "chrom": "chromosome, canonical name",
    "pos": "position of the first base of `ref`, 1-based",
    "ref": "reference allele",
    "alt": "alternative allele",
    "start": "first base, 0-based",
    "end": "end, 0-based, not included",
}

LIMITS = {"minimum": "at least", "maximum": "at most"}


def type_name(dtype: pl.DataType | pl.datatypes.DataTypeClass) -> str:
    """How the dictionary writes a column type."""
    if isinstance(dtype, pl.Enum):
        values = dtype.categories.to_list()
        return "enum of chromosomes" if "chr1" in values else f"enum: {', '.join(values)}"
    if isinstance(dtype, pl.List):
        return f"list of {type_name(dtype.inner)}"
    if dtype == OPEN:
        return "JSON"
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
            f"### {contract.name} (version {contract.version})",
            "",
            f"{contract.about}. Unique and sorted by {key}.",
            "",
            "| column | type | meaning |",
            "|---|---|---|",
            *(row.replace("||", "\\|\\|") for row in rows),
            "",
        ]
    )


def detail_keys() -> str:
    """The keys of the column `detail` of findings, in Markdown."""
    rows = [f"| `{key}` | {type_name(shape)} | {about} |" for key, (shape, about) in KEYS.items()]
    head = ["### detail of findings", "", "| key | type | meaning |", "|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def dictionary(tables: Mapping[str, Sequence[Contract]]) -> str:
    """The whole dictionary, in Markdown; `tables` are by heading."""
    head = [
        "# Data dictionary",
        "",
        "Made by `shirube dictionary` from its contracts; do not edit. Every table is Parquet and",
        "carries its name and version as metadata. Null is unknown, never zero.",
        "",
    ]
    parts = [
        part
        for heading, contracts in tables.items()
        for part in (
            f"## {heading}\n",
            *(
                f"{section(one)}\n{detail_keys()}" if one is FINDINGS else section(one)
                for one in contracts
            ),
        )
    ]
    return "\n".join([*head, *parts])


def setting_type(schema: Mapping[str, Any]) -> str:
    """How the handbook writes what a setting may be."""
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "items" in schema:
        return f"list of {setting_type(schema['items'])}"
    kinds = schema.get("type", "object")
    words = kinds if isinstance(kinds, str) else " or ".join(kinds)
    limits = [f"{word} {schema[key]}" for key, word in LIMITS.items() if key in schema]
    return ", ".join([words, *limits])


def settings(
    schema: Mapping[str, Any], definitions: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """(dotted key, its schema, required) of every setting below `schema`, depth first."""
    for name, child in schema.get("properties", {}).items():
        if "$ref" in child:
            child = {**definitions[child["$ref"].rsplit("/", 1)[1]], **child}
        yield f"{prefix}{name}", child, name in schema.get("required", ())
        yield from settings(child, definitions, f"{prefix}{name}.")


def configuration(schema: Mapping[str, Any]) -> str:
    """The handbook page of config.yaml, in Markdown, from its JSON schema."""
    lines = [
        "# Configuration",
        "",
        "Made by `shirube dictionary --of configuration` from the schema; do not edit. A key that",
        "is not listed is refused. Paths are relative to the directory the run starts in.",
        "",
        "| key | what it may be | default | meaning |",
        "|---|---|---|---|",
    ]
    for key, child, required in settings(schema, schema.get("$defs", {})):
        if "." in key and key.split(".")[0] == "knowledge" and key.count(".") > 1:
            continue  # the same five keys under every source: said once, below
        default = "required" if required else f"`{child['default']}`" if "default" in child else ""
        meaning = " ".join(str(child.get("description", "")).split())
        lines.append(f"| `{key}` | {setting_type(child)} | {default} | {meaning} |")
    lines += ["", "Every knowledge source has:", "", "| key | meaning |", "|---|---|"]
    source = schema["$defs"]["source"]["properties"]
    lines += [f"| `{key}` | {child['description']} |" for key, child in source.items()]
    return "\n".join(lines) + "\n"
