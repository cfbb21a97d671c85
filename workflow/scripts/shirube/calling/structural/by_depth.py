"""Changes of copies that depth shows, joined with the junctions of the same events.

A junction says to the base where a deletion or duplication lies, depth that copies are lost or
gained: of one event there is one row, that of the junction, with the copies and their quality. A
junction with too few reads passes where depth shows the same event.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from shirube.calling.structural.calling import as_table

SHARE = 0.5  # of both events that is common to them: gnomAD-SV and ClinGen take as much
JOINED = ("PASS", "LowSupport")
Row = dict[str, Any]


def with_depth(table: pl.DataFrame, found: Sequence[Row]) -> pl.DataFrame:
    """STRUCTURAL of `table` and of the rows depth has `found` (`copy_number.germline`)."""
    rows: list[Row] = table.to_dicts()
    events = [row for row in rows if row["filter"] in JOINED and row["svtype"] in ("DEL", "DUP")]
    left = {id(row): row for row in found}
    for event, parts in _same(events, found):
        parts = [part for part in parts if id(part) in left]
        if not parts or event.get("quality") is not None:
            continue
        sure = max(parts, key=lambda part: part["quality"])
        event |= {name: sure[name] for name in ("quality", "copies")}
        if event["dosage"] is None:
            event["dosage"] = sure["dosage"]
        if sure["filter"] == "PASS":
            event["filter"] = "PASS"
        for part in parts:
            del left[id(part)]
    return as_table([*rows, *left.values()])


def _same(events: Sequence[Row], found: Sequence[Row]) -> Iterator[tuple[Row, list[Row]]]:
    """Events with the rows of depth that are the same: those that pass before those that do not.

    Depth may show one event in parts: such lie inside it and cover its half.
    """
    for event in sorted(events, key=lambda row: row["filter"] != "PASS"):
        low, high = event["pos1"], event["pos2"]
        if event["chrom1"] != event["chrom2"]:
            continue
        over = [
            (part, min(high, part["pos2"]) - max(low, part["pos1"]))
            for part in found
            if (part["svtype"], part["chrom1"]) == (event["svtype"], event["chrom1"])
        ]
        whole = [part for part, shared in over if _one_event(event, part, shared)]
        inside = [
            (part, shared)
            for part, shared in over
            if shared > 0 and shared >= (1 - SHARE / 5) * (part["pos2"] - part["pos1"])
        ]
        if sum(shared for _, shared in inside) >= SHARE * (high - low):
            whole += [part for part, _ in inside if part not in whole]
        if whole:
            yield event, whole


def _one_event(event: Row, part: Row, shared: int) -> bool:
    longer = max(event["pos2"] - event["pos1"], part["pos2"] - part["pos1"])
    if shared > 0 and shared >= SHARE * longer:
        return True
    return shared > 0 and all(
        abs(event[f"pos{side}"] - part[f"pos{side}"]) <= part[f"uncertain{side}"] for side in "12"
    )
