"""What a finding is made of, or would be: the alleles beside it on its molecule.

A finding that is a change of several alleles names them (`change` of its detail); one whose phase
with a neighbour is unknown says what both would be (`together`); one whose neighbour is known to be
on another molecule says that (`apart`).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from shirube.interpret.rows import detail

Key = tuple[str, str, int, str, str]  # origin, chrom, pos, ref, alt


def with_molecules(
    findings: Sequence[dict[str, Any]], changes: pl.DataFrame, phased: pl.DataFrame
) -> None:
    """Add `change`, `together` and `apart` to the detail of small variants.

    `changes`: CHANGES, `phased`: PHASE of the person.
    """
    composed: dict[str, dict[str, Any]] = {}
    beside: dict[Key, list[dict[str, Any]]] = {}
    for row in changes.rows(named=True):
        composed[row["change"]] = row
        if not row["certain"]:
            for member in row["members"]:
                beside.setdefault(_member(member, row), []).append(row)
    apart: dict[Key, list[dict[str, Any]]] = {}
    for pair in phased.filter(pl.col("phase").is_in(["trans", "clones"])).rows(named=True):
        sides = [_side(pair, "1"), _side(pair, "2")]
        for own, other in (sides, sides[::-1]):
            apart.setdefault(own, []).append(
                {"with": _text(other), "origin": other[0], "phase": pair["phase"],
                 "basis": pair["basis"], "fragments": _fragments(pair)}
            )  # fmt: skip
    for finding in findings:
        if not finding.get("ref") or finding["kind"] == "structural":
            continue
        origin = "germline" if finding["origin"] == "germline" else "somatic"
        key = (origin, str(finding["chrom"]), finding["pos"], finding["ref"], finding["alt"])
        told = {
            "change": _change(composed.get(finding["finding"])),
            "together": [_together(row, key) for row in beside.get(key, ())] or None,
            "apart": apart.get(key),
        }
        if any(told.values()):
            values = json.loads(finding["detail"] or "{}")
            finding["detail"] = detail(values | told)


def _change(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Members, witnesses of the phase and fragments of a change of several alleles."""
    if row is None:
        return None
    return {
        "members": [
            {"allele": _text(_member(m, row)), "origin": m["origin"], "hgvs_c": m["hgvs_c"],
             "alone": m["alone"]}
            for m in row["members"]
        ],
        "certain": row["certain"],
        "basis": row["basis"],
        "both": row["both"],
        "fragments": row["fragments"],
    }  # fmt: skip


def _together(row: Mapping[str, Any], own: Key) -> dict[str, Any]:
    """What an allele would be with its neighbours of unknown phase."""
    others = [key for m in row["members"] if (key := _member(m, row)) != own]
    return {
        "with": [_text(key) for key in others],
        **{name: row[name] for name in ("consequence", "hgvs_c", "hgvs_p")},
    }


def _member(member: Mapping[str, Any], row: Mapping[str, Any]) -> Key:
    return member["origin"], str(row["chrom"]), member["pos"], member["ref"], member["alt"]


def _side(pair: Mapping[str, Any], side: str) -> Key:
    pos, ref, alt = (pair[f"{name}{side}"] for name in ("pos", "ref", "alt"))
    return pair[f"origin{side}"], str(pair["chrom"]), pos, ref, alt


def _text(key: Key) -> str:
    return f"{key[1]}:{key[2]} {key[3]}>{key[4]}"


def _fragments(pair: Mapping[str, Any]) -> dict[str, int] | None:
    if pair["both"] is None:
        return None
    return {name: pair[name] for name in ("both", "first", "second", "neither")}
