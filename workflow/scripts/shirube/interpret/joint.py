"""What a reported allele does together with another one of the same person (JOINT)."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from shirube.annotate.joint import JOINT
from shirube.contracts import scan
from shirube.interpret.rows import detail


def with_joint(
    findings: list[dict[str, Any]], tables: Mapping[str, str], names: Mapping[str, str | None]
) -> None:
    """Add `joint` to the detail of each small variant that changes its protein with another.

    `tables` maps chromosomes to JOINT files; `names` maps origin (germline, somatic) to the name
    its pairs carry. joint holds the other allele, phase, consequence, hgvs_c and hgvs_p of both
    together: true for the person only where the phase is cis.
    """
    small = [f for f in findings if f.get("ref") and f.get("alt") and f["kind"] != "structural"]
    for chrom in sorted({str(f["chrom"]) for f in small} & set(tables)):
        pairs = scan(JOINT, tables[chrom]).collect()
        for finding in (f for f in small if str(f["chrom"]) == chrom):
            origin = "germline" if finding["origin"] == "germline" else "somatic"
            own = pairs.filter(
                (pl.col("name") == (names.get(origin) or ""))
                & (pl.col("origin") == origin)
                & (pl.col("transcript") == (finding["transcript"] or ""))
            )
            found = [_told(row, finding) for row in own.rows(named=True) if _holds(row, finding)]
            if found:
                values = json.loads(finding["detail"] or "{}")
                finding["detail"] = detail(values | {"joint": found})


def _is(row: Mapping[str, Any], finding: Mapping[str, Any], side: str) -> bool:
    return all(row[f"{key}{side}"] == finding[key] for key in ("pos", "ref", "alt"))


def _holds(row: Mapping[str, Any], finding: Mapping[str, Any]) -> bool:
    return _is(row, finding, "1") or _is(row, finding, "2")


def _told(row: Mapping[str, Any], finding: Mapping[str, Any]) -> dict[str, Any]:
    other = "2" if _is(row, finding, "1") else "1"
    return {
        "with": f"{row['chrom']}:{row[f'pos{other}']} {row[f'ref{other}']}>{row[f'alt{other}']}",
        **{key: row[key] for key in ("phase", "consequence", "hgvs_c", "hgvs_p")},
    }
