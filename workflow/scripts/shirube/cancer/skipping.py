"""One name for an exon skipped, whether a junction takes it away or a splice site is lost.

The name of resources/driver_events.tsv that a deletion of exactly the exon has (MET exon 14
skipping) goes to a small variant of the donor behind the exon or of the acceptor before it, with
the change beside it: the RNA was not read, so what is certain is the change.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from shirube.interpret.consequence import SPLICE_SITE
from shirube.interpret.rows import detail

ACCEPTOR, DONOR = SPLICE_SITE


def skipped_exon(consequence: str | None, place: str | None) -> int | None:
    """Number of the exon that loses its splice site; `place` as 14/21 or i13/20 has it."""
    found = re.match(r"(i?)(\d+)", place or "")
    terms = (consequence or "").split("&")
    if found is None or not {ACCEPTOR, DONOR} & set(terms):
        return None
    number = int(found[2])
    # An intron's acceptor is that of the next exon.
    return number + 1 if found[1] and DONOR not in terms else number


def with_skipping(findings: Sequence[dict[str, Any]], known: pl.DataFrame | None) -> None:
    """Give somatic small variants that lose a splice site of a named exon the event's name.

    Exons are numbered along the MANE Select transcript, in `known` (driver_events) as in findings.
    """
    named = {
        (row["gene"], int(row["first_exon"])): row
        for row in (() if known is None else known.rows(named=True))
        if row["event"] == "deletion" and row["first_exon"] == row["last_exon"]
    }
    for finding in findings:
        row = _event(finding, named) if finding["section"] == "somatic" else None
        if row is None:
            continue
        change = (finding["hgvs_c"] or finding["hgvs_g"] or "").split(":")[-1]
        told = json.loads(finding["detail"])
        finding["name"] = f"{row['name_en']}, {change}"
        finding["detail"] = detail(told | {"name_ja": f"{row['name_ja']}（{change}）"})


def _event(
    finding: Mapping[str, Any], named: Mapping[tuple[str, int], Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    told = json.loads(finding["detail"] or "{}")
    exon = skipped_exon(finding.get("consequence"), told.get("exon"))
    if exon is None or told.get("mane") != "MANE Select":
        return None
    return named.get((str(finding["gene"]), exon))
