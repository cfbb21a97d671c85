"""How a report becomes a document: unconfirmed, confirmed, signed.

What people decide is kept in a register, one file a patient, outside the results: a list of
events, each about the report's content by its SHA-256 (`content_of`). A confirmation names the
findings that another method showed; a report is confirmed once all findings of its summary are.
Only a confirmed report can be signed. A signed content is locked: when the content changes, the
events no longer apply, the report is unconfirmed again and its revision counts up.

A signature is an SSH key's over a statement: which report (its content, and the very file that is
kept beside), who, and when by the clock. Register, statement, signature and report lie together:

    {patient}.json                          the events
    {patient}.{content}.report.json         the report as it was signed
    {patient}.{content}.signed.json, .sig   the statement, and the signature of it
    allowed_signers                         who may sign (ssh-keygen, ALLOWED SIGNERS)
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shirube.errors import InputError, ShirubeError
from shirube.files import held, replaced
from shirube.report.canonical import canonical_bytes
from shirube.report.signature import (
    allowed_signers,
    key_that_signed,
    public_text,
    signed,
    signer_of,
)

STATES = ("unconfirmed", "confirmed", "signed")
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
        events = [dict(e) for e in found["events"]]
        for event in events:
            missing = {"content", "state", "by", "at", "findings"} - event.keys()
            if missing:
                raise KeyError(*sorted(missing))
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
    now: datetime,
    findings: Sequence[str] | None,
) -> Event:
    """The next event of a report, or ShirubeError where its state does not allow it."""
    mine = [event for event in events if event["content"] == content_of(model)]
    before = state_of(model, mine)
    if not by.strip():
        raise ShirubeError("who confirms or signs must be named")
    if before == "signed":
        raise ShirubeError("the report is signed: its content is locked")
    if model["quality"]["blocked"]:
        raise ShirubeError("the report is blocked: there is nothing to confirm or sign")
    if state == "signed" and before != "confirmed":
        raise ShirubeError("only a confirmed report can be signed; its state is " + before)
    unknown = set(findings or ()) - {item["id"] for item in model["findings"]}
    if unknown:
        raise ShirubeError(f"no finding of the report: {', '.join(sorted(unknown))}")
    named = None if findings is None or state == "signed" else sorted(findings)
    return {
        "content": content_of(model),
        "state": state,
        "by": by.strip(),
        "at": now.date().isoformat(),
        "time": now.isoformat(timespec="seconds"),
        "findings": named,
    }


def same_hand(events: Sequence[Event], event: Event) -> bool:
    """Whether a report is signed by nobody but who confirmed it."""
    mine = [e for e in events if e["content"] == event["content"] and e["state"] == "confirmed"]
    return event["state"] == "signed" and {e["by"] for e in mine} == {event["by"]}


def write_register(path: Path, patient: str, events: Sequence[Event]) -> None:
    """Write a register in one step, readable by its owner only."""
    text = json.dumps({"patient": patient, "events": list(events)}, ensure_ascii=False, indent=2)
    replaced(path, (text + "\n").encode())


@contextmanager
def register_held(directory: Path, patient: str) -> Iterator[Path]:
    """The register of a patient in a directory, which is made if absent; nobody else writes it."""
    with held(directory / f".{patient}.lock"):
        yield directory / f"{patient}.json"


def _beside(directory: Path, patient: str, content: str, what: str) -> Path:
    return directory / f"{patient}.{content[:16]}.{what}"


def sign(
    directory: Path, patient: str, event: Event, report: bytes, key: Ed25519PrivateKey | None
) -> None:
    """Keep a report, the statement of its signing and, with a key, the signature of that."""
    statement = {
        **{name: event[name] for name in ("content", "state", "by", "at", "time")},
        "patient": patient,
        "report_sha256": hashlib.sha256(report).hexdigest(),
        "key": public_text(key.public_key()) if key else None,
    }
    text = canonical_bytes(statement) + b"\n"
    replaced(_beside(directory, patient, event["content"], "report.json"), report)
    replaced(_beside(directory, patient, event["content"], "signed.json"), text)
    signature = _beside(directory, patient, event["content"], "signed.json.sig")
    signature.unlink(missing_ok=True)
    if key:
        replaced(signature, signed(text, key).encode())


def signature_problems(model: Mapping[str, Any], directory: Path, signers: Path) -> list[str]:
    """What is wrong with the signature of a report; [] if it is not signed or nothing is.

    Needs the register's `directory` and the file of allowed signers, and nothing else.
    """
    if model["sign_off"]["state"] != "signed":
        return []
    patient, content = model["patient"]["patient"], content_of(model)
    path = _beside(directory, patient, content, "signed.json")
    proof = path.with_name(path.name + ".sig")
    try:
        text = path.read_bytes()
        said = json.loads(text)
        report = _beside(directory, patient, content, "report.json").read_bytes()
    except (OSError, ValueError) as error:
        return [f"{path}: a statement of who signed, and the report that was signed ({error})"]
    out = []
    if (said.get("patient"), said.get("content")) != (patient, content):
        out.append(f"{path}: the statement is of another report")
    if said.get("report_sha256") != hashlib.sha256(report).hexdigest():
        out.append(f"{path}: the report kept beside is not the one that was signed")
    try:
        key = key_that_signed(text, proof.read_text(), proof)
        signer_of(allowed_signers(signers), key, signers)
    except OSError:
        out.append(f"{proof}: signed without a key: nothing proves by whom")
    except ShirubeError as error:
        out.append(str(error))
    return out
