"""Every person of a run and how they stand: report made, blocked, watermarked, failed or missing.

Read from the sheet, the reports that are there and the account of the run. A person without a
report is never left out: absence is a state of its own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shirube.errors import InputError
from shirube.progress.events import RunState, failed_jobs, last_words
from shirube.sheet import read_patients, read_samples

# From what has to be looked at first to what is done.
STATES = ("failed", "missing", "blocked", "watermarked", "warned", "done")
UNFINISHED = ("failed", "missing")
FEW = 5  # people without a report that are named one by one


@dataclass(frozen=True)
class Finding:
    """The first finding of a report: its name, and class, tier or level where it has one."""

    name: str
    judged: str
    more: int


@dataclass(frozen=True)
class Person:
    """One person: the sheet's row, what the report says in a line, and why there is none.

    `verdict` and the fields after it are None where no report was made.
    """

    patient: str
    programme: str | None
    sex: str
    state: str
    why: str = ""
    verdict: str | None = None
    finding: Finding | None = None
    not_found: int | None = None
    not_assessable: int | None = None
    sign_off: str | None = None
    samples: Sequence[Mapping[str, Any]] = ()
    gates: Sequence[Mapping[str, Any]] = ()
    files: Sequence[str] = ()


@dataclass
class People:
    """The people of a run, in the order of the sheet, and what is said of all of them."""

    people: list[Person]
    artificial: bool = False
    build: str = ""
    knowledge: list[Mapping[str, Any]] = field(default_factory=list)
    tools: list[Mapping[str, Any]] = field(default_factory=list)

    def count(self, state: str) -> int:
        """How many stand so."""
        return sum(person.state == state for person in self.people)


def _judged(finding: Mapping[str, Any]) -> str:
    parts = [
        finding.get("classification"),
        f"tier {tier}" if (tier := finding.get("amp_tier")) else None,
        f"level {level}" if (level := finding.get("japan_level")) else None,
    ]
    return ", ".join(str(part) for part in parts if part)


def _first_finding(report: Mapping[str, Any]) -> Finding | None:
    """What page one leads with, as the report itself chose it."""
    by_id = {finding["id"]: finding for finding in report["findings"]}
    chosen = [by_id[s["finding"]] for s in report["summary"] if s.get("finding") in by_id]
    if not chosen:
        return None
    return Finding(str(chosen[0]["name"]), _judged(chosen[0]), len(report["findings"]) - 1)


def _state(report: Mapping[str, Any]) -> str:
    quality = report["quality"]
    if quality["blocked"]:
        return "blocked"
    return {"fail": "watermarked", "warn": "warned"}.get(quality["verdict"], "done")


def _why(report: Mapping[str, Any]) -> str:
    """The gates that made it blocked, watermarked or warned."""
    missed = [g for g in report["quality"]["gates"] if g["verdict"] == "fail"]
    return "; ".join(f"{g['sample'] or ''} {g['gate']}".strip() for g in missed)


def failures(state: RunState, sample_of: Mapping[str, str], directory: Path) -> dict[str, str]:
    """Patient -> the rule that failed for them and what its log says last."""
    found: dict[str, str] = {}
    for job in failed_jobs(state):
        patient = job.wildcards.get("patient") or sample_of.get(job.wildcards.get("sample", ""))
        words = last_words(job.log, directory, 1)
        said = f"{job.rule}: {words[0]}" if words else job.rule
        where = f" ({job.log[0]})" if job.log else ""
        found.setdefault(patient or "", said + where)
    return found


def read_people(
    directory: Path, settings: Mapping[str, Any], state: RunState, results: Path | None = None
) -> People:
    """The people of the run in `directory`; InputError if a report cannot be read."""
    results = results or directory / "results"
    sheet = read_patients(directory / settings["patients"])
    files = read_samples(directory / settings["samples"])
    sample_of = dict(files.select("sample", "patient").rows())
    failed = failures(state, sample_of, directory)
    out = People([], build=str(settings["reference"]["build"]))
    for row in sheet.iter_rows(named=True):
        folder = results / "reports" / row["patient"]
        path = folder / "report.json"
        known = {"patient": row["patient"], "programme": row["programme"], "sex": row["sex"]}
        if row["patient"] in failed or not path.is_file():
            # What failed for nobody in particular (a table, a chromosome) is said once, for all.
            why = failed.get(row["patient"]) or ""
            lost = "failed" if row["patient"] in failed else "missing"
            out.people.append(Person(**known, state=lost, why=why))
            continue
        try:
            report = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(path, f"a report ({error})") from error
        out.artificial |= bool(report["artificial"])
        out.knowledge = out.knowledge or report["methods"]["knowledge"]
        out.tools = out.tools or report["methods"]["tools"]
        blocked = report["quality"]["blocked"]
        out.people.append(
            Person(
                **known,
                state=_state(report),
                why=_why(report),
                verdict=report["quality"]["verdict"],
                finding=None if blocked else _first_finding(report),
                not_found=None if blocked else len(report["not_found"]),
                not_assessable=None if blocked else len(report["not_assessable"]),
                sign_off=report["sign_off"]["state"],
                samples=report["samples"],
                gates=report["quality"]["gates"],
                files=sorted(p.name for p in folder.iterdir() if p.is_file()),
            )
        )
    return out


def ending(people: People, state: RunState, directory: Path) -> list[str]:
    """What is said at the end of a run: how many are done, and of everybody else why and where."""
    counts = [f"{people.count(s)} {s}" for s in reversed(STATES) if people.count(s)]
    lines = [f"{len(people.people)} people: {', '.join(counts)}"]
    waiting = [person for person in people.people if person.state == "missing"]
    if len(waiting) > FEW:  # usually all for the one reason that follows
        names = ", ".join(person.patient for person in waiting[:FEW])
        lines.append(f"  missing      {names} and {len(waiting) - FEW} more")
    for person in people.people:
        told = person.state == "missing" and len(waiting) > FEW
        if told or person.state in ("done", "warned"):
            continue
        why = f": {person.why}" if person.why else ""
        lines.append(f"  {person.state:11}  {person.patient}{why}")
    common = [job for job in failed_jobs(state) if not {"patient", "sample"} & set(job.wildcards)]
    for job in common:
        lines.append(f"  failed       {job.rule} {job.whose}".rstrip())
        lines += [f"    {word}" for word in last_words(job.log, directory)]
        lines += [f"    whole log: {log}" for log in job.log]
    return lines
