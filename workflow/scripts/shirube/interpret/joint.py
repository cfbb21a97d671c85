"""What a reported allele does together with another one of the same person (JOINT)."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from shirube.annotate.joint import own_alleles, phase
from shirube.contracts import CALLS, SOMATIC, scan
from shirube.contracts.annotation import JOINT
from shirube.interpret.rows import detail

Alleles = dict[tuple[int, str, str], dict[str, Any]]


def with_joint(
    findings: list[dict[str, Any]], tables: Mapping[str, str], calls: Mapping[str, str | None]
) -> None:
    """Add `joint` to the detail of each small variant that changes its protein with another.

    `tables` maps chromosomes to JOINT files; `calls` maps origin (germline, somatic) to the
    person's CALLS or SOMATIC file. joint holds the other allele, phase, consequence, hgvs_c and
    hgvs_p of both together: true for the person only where the phase is cis.
    """
    small = [f for f in findings if f.get("ref") and f.get("alt") and f["kind"] != "structural"]
    for chrom in sorted({str(f["chrom"]) for f in small} & set(tables)):
        pairs = scan(JOINT, tables[chrom]).collect()
        if pairs.is_empty():
            continue
        own: dict[str, Alleles] = {}
        for finding in (f for f in small if str(f["chrom"]) == chrom):
            origin = "germline" if finding["origin"] == "germline" else "somatic"
            if origin not in own:
                own[origin] = _own(calls.get(origin), origin, chrom, pairs)
            rows = pairs.filter(pl.col("transcript") == (finding["transcript"] or ""))
            described = [
                _described(row, finding, own[origin], origin) for row in rows.rows(named=True)
            ]
            if found := [one for one in described if one]:
                values = json.loads(finding["detail"] or "{}")
                finding["detail"] = detail(values | {"joint": found})


def _own(path: str | None, origin: str, chrom: str, pairs: pl.DataFrame) -> Alleles:
    """The person's alleles at positions of `pairs`, by position, REF and ALT."""
    if path is None:
        return {}
    contract = CALLS if origin == "germline" else SOMATIC
    positions = pl.concat([pairs["pos1"], pairs["pos2"]]).unique().to_list()
    rows = own_alleles(scan(contract, path), contract, chrom).filter(pl.col("pos").is_in(positions))
    return {(r["pos"], r["ref"], r["alt"]): r for r in rows.collect().rows(named=True)}


def _described(
    row: Mapping[str, Any], finding: Mapping[str, Any], own: Alleles, origin: str
) -> dict[str, Any] | None:
    """What a pair makes of the finding; None if the finding or the person is not of the pair."""
    first, second = ((row[f"pos{s}"], row[f"ref{s}"], row[f"alt{s}"]) for s in "12")
    mine = (finding["pos"], finding["ref"], finding["alt"])
    if mine not in (first, second) or first not in own or second not in own:
        return None
    pos, ref, alt = second if mine == first else first
    return {
        "with": f"{row['chrom']}:{pos} {ref}>{alt}",
        "phase": phase(own[first], own[second], origin),
        **{key: row[key] for key in ("consequence", "hgvs_c", "hgvs_p")},
    }
