"""Copy numbers of a tumour that come as VCF, in the COPY_NUMBER contract: one row a record.

Which fields hold copies, ratio and imbalance depends on the program (`shirube.intake.events`). What
a segment is called follows from the copies it states, by the bounds the embedded caller has; from
the depth ratio alone only what no purity could explain otherwise is named.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from shirube.calling.copy_number.calling import AMPLIFIED
from shirube.calling.structural.given import Given, Ground, shared_names
from shirube.contracts import COPY_NUMBER
from shirube.intake.alts import last_base, type_of
from shirube.intake.events import EventFile
from shirube.intake.header import Header
from shirube.reads.junctions import Breakend

_STATED = {"purity": "EstimatedTumorPurity", "ploidy": "OverallPloidy"}


def stated(header: Header) -> dict[str, float]:
    """Purity and ploidy that the header states (DRAGEN and Canvas do)."""
    found = {}
    for name, key in _STATED.items():
        for line in header.lines:
            match = re.match(rf"##{key}=([0-9.]+)\s*$", line)
            if match:
                found[name] = float(match[1])
    return found


def given_segments(given: Given, ground: Ground) -> tuple[pl.DataFrame, dict[str, str]]:
    """COPY_NUMBER of a file, and what it says of the whole tumour, as metadata of the table."""
    source = EventFile.of(given.path, given.named, given.sample, given.tumour)
    whole = stated(source.header)
    usual = max(whole.get("ploidy", 2.0), 2.0) / 2
    seen: set[int] = set()
    rows = []
    for table in source.events():
        for row in table.to_dicts():
            if row["record"] in seen:
                continue
            seen.add(row["record"])
            rows.append(_segment(row, ground, usual))
    schema = {**COPY_NUMBER.schema, "chrom": pl.String}
    table = COPY_NUMBER.table(pl.DataFrame(rows, schema=schema, orient="row"))
    about = {}
    if "purity" in whole:
        about = {"purity": str(whole["purity"]), "purity_source": "copy_number"}
    about |= {"ploidy": str(whole["ploidy"])} if "ploidy" in whole else {}
    return table, {**about, "source": source.program.caller}


def _segment(row: Mapping[str, Any], ground: Ground, usual: float) -> dict[str, Any]:
    failed = ";".join(name for name in (row["filter"], row["ft"]) if name) or None
    told = {
        "record": row["record"],
        "caller_id": row["id"] if row["id"] not in (None, "", ".") else None,
        "caller_filter": failed,
        "fault": row["fault"],
        "call": "unknown",
    }
    if row["fault"] is not None:
        return told | {"filter": "Damaged"}
    end = last_base(row["pos"], row["end"], row["length"])
    own = ground.own(Breakend(row["contig"], row["pos"], "+"))
    if own is None:
        return told | {"filter": "Unplaced"}
    chrom = next(name for name, contig in ground.names.items() if contig == own.contig)
    told |= {"chrom": chrom, "start": row["pos"]}
    kind = type_of(row["alt"] or "", row["svtype"])
    if end is None or kind in ("BND", "INS", "INV", "TRA"):
        return told | {"filter": "NoSecondEnd" if end is None else "NoJunction"}
    if not row["pos"] < end <= ground.reference.contigs[own.contig]:
        return told | {"filter": "Damaged", "fault": "END before POS or beyond the contig"}
    copies = ground.copies(chrom, row["pos"])
    last = Breakend(own.contig, end, "-")
    return told | {
        "end": end,
        "log2": row["log2"],
        "baf": row["baf"],
        "bins": row["bins"],
        "total_cn": row["copies"],
        "minor_cn": row["minor"],
        "call": call_of(row, kind, copies, usual),
        "filter": shared_names(failed) if ground.within(own, last, True) else "Unplaced",
    }


def call_of(row: Mapping[str, Any], kind: str, copies: int, usual: float) -> str:
    """What happened to a segment of `copies` expected copies, `usual` times in the tumour."""
    total, minor, log2 = row["copies"], row["minor"], row["log2"]
    alts = (row["alts"] or "").upper()
    lost = kind == "LOH" or {"<DEL>", "<DUP>"} == set(alts.split(","))
    lost = lost or (minor is not None and minor < 0.5)
    if total is None:
        if log2 is not None and copies and log2 >= max(2, math.log2(AMPLIFIED / copies)):
            return "amplification"
        if log2 is not None and log2 <= -2:
            return "homozygous_deletion"
        return "loh" if lost else "neutral" if alts in ("", ".") else "unknown"
    if total < 0.5:
        return "homozygous_deletion" if copies else "neutral"
    if total >= max(AMPLIFIED, 2 * usual * copies):
        return "amplification"
    if total < copies - 0.5:
        return "loss"
    if lost and copies == 2:
        return "loh"
    return "gain" if total > usual * copies + 0.5 else "neutral"
