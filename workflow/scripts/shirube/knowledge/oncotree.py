"""OncoTree's tumour types -> ONCOTREE.

Two forms are read: the publisher's `tumor_types.txt` (columns level_1 ... level_7 that hold
"Name (CODE)" from the tissue down, then metamaintype) and the flat table code, main_type, name,
tissue. The flat table holds no tree: parents come from resources/oncotree_parents.tsv, then from
codes named as the main type and as the tissue.
"""

import re
from pathlib import Path

import polars as pl

from shirube.contracts.knowledge import ONCOTREE
from shirube.errors import InputError
from shirube.knowledge.sources import refuse_duplicates, table

ROOT = "TISSUE"
_NODE = re.compile(r"^(.*) \(([A-Za-z0-9_-]+)\)$")


def read_oncotree(path: str | Path, parents: str | Path) -> pl.DataFrame:
    """ONCOTREE of either form; `parents` (columns code, parent, source) completes the flat one."""
    frame = table(path, [], quote=None)
    if "level_1" in frame.columns:
        rows = _levels(frame, path)
    else:
        frame = table(path, ["code", "main_type", "name", "tissue"], quote=None)
        rows = _flat(frame, table(parents, ["code", "parent"]))
    done = pl.DataFrame(rows, schema=ONCOTREE.polars, orient="row")
    refuse_duplicates(done, ["code"], path)
    return ONCOTREE.table(done)


def _levels(frame: pl.DataFrame, path: str | Path) -> list[tuple[object, ...]]:
    levels = [name for name in frame.columns if name.startswith("level_")]
    found: dict[str, tuple[object, ...]] = {}
    for number, row in enumerate(frame.iter_rows(named=True), 2):
        above: list[str] = []
        tissue = ""
        for level in levels:
            if row[level] is None:
                break
            match = _NODE.match(row[level].strip())
            if match is None:
                raise InputError(path, f"Name (CODE), found {row[level]}", f"row {number}")
            name, code = match.groups()
            tissue = tissue or name
            found.setdefault(code, (code, name, row.get("metamaintype"), tissue, [*above, ROOT]))
            above.insert(0, code)
    return list(found.values())


def _flat(frame: pl.DataFrame, parents: pl.DataFrame) -> list[tuple[object, ...]]:
    """Ancestors of each code, nearest first."""
    by_name = {row["name"]: row["code"] for row in frame.iter_rows(named=True)}
    facts = {row["code"]: row for row in frame.iter_rows(named=True)}
    stated = dict(parents.select("code", "parent").iter_rows())

    def parent(code: str) -> str | None:
        row = facts[code]
        main = by_name.get(row["main_type"])
        if main in facts and facts[main]["tissue"] != row["tissue"]:
            main = None
        named = (stated.get(code), main, by_name.get(row["tissue"]))
        return next((up for up in named if up in facts and up not in {code, ROOT}), None)

    rows: list[tuple[object, ...]] = []
    for code, row in facts.items():
        above: list[str] = []
        up = parent(code)
        while up is not None and up not in above and up != code:
            above.append(up)
            up = parent(up)
        line = [*above, ROOT] if code != ROOT else []
        rows.append((code, row["name"], row["main_type"], row["tissue"], line))
    return rows
