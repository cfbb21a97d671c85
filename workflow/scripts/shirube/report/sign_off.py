"""How a report becomes a document: unconfirmed, confirmed, signed.

What people decide is kept in a register, one file a patient, outside the results: a list of
events, each about the report's content by its SHA-256 (`content_of`). A confirmation names the
findings that another method showed; a report is confirmed once all findings of its summary are.
Only a confirmed report can be signed. A signed content is locked: when the content changes, the
events no longer apply, the report is unconfirmed again and its revision counts up.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shirube.errors import InputError, ShirubeError
from shirube.report.canonical import canonical_bytes

STATES = ("unconfirmed", "confirmed", "signed")
_DAY = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
Event = dict[str, Any]


def content_of(model: Mapping[str, Any]) -> str:
    """SHA-256 of what a report says, without what people decided about it."""
    rest = {key: value for key, value in model.items() if key != "sign_off"}
    rest["findings"] = [
        {key: value for key, value in item.items() if key != "confirmation"}
        for item in model["findings"]
    ]
    return hashlib.sha256(canonical_bytes(rest)).hexdigest()


def read_register(path: str | Path | None, patient: str) -> list[Event]:
    """Events of a patient's register, in order; [] without one."""
    if path is None or not Path(path).exists():
        return []
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        events = [
            {key: e[key] for key in ("content", "state", "by", "at", "findings")}
            for e in found["events"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(path, f"a register of sign-offs ({error!r})") from None
    if found.get("patient") != patient:
        raise InputError(path, f"the register of {patient}", str(found.get("patient")))
    return events


def confirmed_findings(model: Mapping[str, Any], events: Sequence[Event]) -> set[str]:
    """Ids of the findings confirmed by events about this content; `findings` null means all."""
    known = {item["id"] for item in model["findings"]}
    out: set[str] = set()
    for event in events:
        if event["state"] == "confirmed":
            out |= known if event["findings"] is None else known & set(event["findings"])
    return out


def state_of(model: Mapping[str, Any], events: Sequence[Event]) -> str:
    """State of a report from the events about its content."""
    if any(event["state"] == "signed" for event in events):
        return "signed"
    needed = {entry["finding"] for entry in model["summary"]}
    given = [event for event in events if event["state"] == "confirmed"]
    if given and needed <= confirmed_findings(model, given):
        return "confirmed"
    return "unconfirmed"


def signed_off(model: Mapping[str, Any], events: Sequence[Event]) -> dict[str, Any]:
    """`model` with its sign-off and the confirmation of each finding."""
    content = content_of({**model, "sign_off": {}})
    mine = [event for event in events if event["content"] == content]
    earlier = [e["content"] for e in events if e["state"] == "signed" and e["content"] != content]
    superseded = list(dict.fromkeys(earlier))
    confirmed = confirmed_findings(model, mine)
    findings = [
        {**item, "confirmation": "confirmed" if item["id"] in confirmed else "unconfirmed"}
        for item in model["findings"]
    ]
    return {
        **model,
        "findings": findings,
        "sign_off": {
            "state": state_of(model, mine),
            "revision": 1 + len(superseded),
            "content": content,
            "supersedes": superseded,
            "events": [{key: e[key] for key in ("state", "by", "at", "findings")} for e in mine],
        },
    }


def event_for(
    model: Mapping[str, Any],
    events: Sequence[Event],
    state: str,
    by: str,
    at: str,
    findings: Sequence[str] | None,
) -> Event:
    """The next event of a report, or ShirubeError where its state does not allow it."""
    mine = [event for event in events if event["content"] == content_of(model)]
    now = state_of(model, mine)
    if not by.strip():
        raise ShirubeError("who confirms or signs must be named")
    if not _DAY.match(at):
        raise ShirubeError(f"{at}: expected a day as YYYY-MM-DD")
    if now == "signed":
        raise ShirubeError("the report is signed: its content is locked")
    if model["quality"]["blocked"]:
        raise ShirubeError("the report is blocked: there is nothing to confirm or sign")
    if state == "signed" and now != "confirmed":
        raise ShirubeError("only a confirmed report can be signed; its state is " + now)
    unknown = set(findings or ()) - {item["id"] for item in model["findings"]}
    if unknown:
        raise ShirubeError(f"no finding of the report: {', '.join(sorted(unknown))}")
    named = None if findings is None or state == "signed" else sorted(findings)
    return {
        "content": content_of(model),
        "state": state,
        "by": by.strip(),
        "at": at,
        "findings": named,
    }


def write_register(path: Path, patient: str, events: Sequence[Event]) -> None:
    """Write a register; the old file is replaced at once."""
    text = json.dumps({"patient": patient, "events": list(events)}, ensure_ascii=False, indent=2)
    part = path.with_name(path.name + ".part")
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(path)
