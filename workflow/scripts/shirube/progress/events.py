"""The account of a run (written by snakemake_logger_plugin_shirube) read back as its state."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shirube.home import HOME

EVENTS = ".snakemake/shirube.events.jsonl"
RULES = HOME / "workflow/rules"
# Rule files in the order the data flows; `all` and what is not named there belong to no stage.
STAGES = (
    *("knowledge", "germline", "somatic", "structural", "quality", "phase", "annotation"),
    *("cohort", "interpretation", "report", "provenance"),
)


@dataclass
class Job:
    """One job that was started: what, for whom, since when (s since the epoch), how it stands."""

    rule: str
    wildcards: Mapping[str, str]
    log: tuple[str, ...]
    started: float
    state: str = "running"  # then finished or failed
    ended: float | None = None

    @property
    def whose(self) -> str:
        """The person or sample it is for, or the chromosome or table; empty for the run's own."""
        values = [self.wildcards[k] for k in ("patient", "sample") if k in self.wildcards]
        return (values or [str(v) for v in self.wildcards.values()] or [""])[0]


@dataclass
class RunState:
    """The jobs of the last run in a directory; `planned` is how many of each rule there were.

    `lost` are jobs that failed before the run went on without the people they were for.
    """

    planned: Counter[str] = field(default_factory=Counter)
    jobs: dict[int, Job] = field(default_factory=dict)
    began: float | None = None
    last: float | None = None
    lost: list[Job] = field(default_factory=list)

    def take(self, event: Mapping[str, Any]) -> None:
        """Take one more event into account."""
        now = float(event["time"])
        self.last, kind = now, event["event"]
        if kind == "plan":
            # Planned anew, without those whose jobs failed: what was done before stays done.
            self.lost += self.of("failed")
            self.planned = Counter(event["jobs"])
            self.jobs, self.began = {}, self.began or now
        elif kind == "started":
            self.jobs[int(event["job"])] = Job(
                rule=event["rule"],
                wildcards=dict(event["wildcards"]),
                log=tuple(event["log"]),
                started=now,
            )
        elif (job := self.jobs.get(int(event["job"]))) is not None:
            job.state, job.ended = str(kind), now

    def of(self, state: str) -> list[Job]:
        """Jobs that stand so, in the order they were started."""
        return [job for job in self.jobs.values() if job.state == state]

    def done(self) -> int:
        """Jobs that ended well."""
        return len(self.of("finished"))

    def seconds_left(self) -> float | None:
        """Expected seconds to the end at the pace so far; None before anything ended.

        Each job still to come takes what jobs of its rule took, or the mean of all; as many run
        beside each other as have until now.
        """
        ended = [j for j in self.of("finished") if j.ended is not None]
        if not ended or self.began is None or self.last is None:
            return None
        took: dict[str, list[float]] = {}
        for job in ended:
            took.setdefault(job.rule, []).append(float(job.ended or 0) - job.started)
        mean_of_all = sum(sum(times) for times in took.values()) / len(ended)
        to_come = self.planned - Counter(job.rule for job in ended)
        work = sum(
            count * (sum(took[rule]) / len(took[rule]) if rule in took else mean_of_all)
            for rule, count in to_come.items()
        )
        elapsed = max(self.last - self.began, 1e-9)
        beside = max(1.0, sum(sum(times) for times in took.values()) / elapsed)
        return work / beside


def read_events(path: Path) -> RunState:
    """The state by an account of events; a last line that was cut is left for later."""
    state = RunState()
    if path.is_file():
        with path.open(encoding="utf-8") as stream:
            for text in stream:
                if text.endswith("\n"):
                    state.take(json.loads(text))
    return state


def stages_of_rules(rules: Path = RULES) -> dict[str, str]:
    """Rule -> stage: the rule file it stands in."""
    found: dict[str, str] = {}
    for stage in STAGES:
        path = rules / f"{stage}.smk"
        if path.is_file():
            found |= dict.fromkeys(re.findall(r"^rule (\w+):", path.read_text(), re.M), stage)
    return found


def by_stage(state: RunState, stages: Mapping[str, str]) -> list[tuple[str, int, int]]:
    """(stage, jobs done, jobs planned) of each stage with work to do, as the data flows."""
    planned: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for rule, count in state.planned.items():
        planned[stages.get(rule, "")] += count
    for job in state.of("finished"):
        done[stages.get(job.rule, "")] += 1
    return [(stage, done[stage], planned[stage]) for stage in STAGES if planned[stage]]


def failed_jobs(state: RunState) -> list[Job]:
    """Jobs that failed and were not done by a later attempt."""
    return [*state.lost, *state.of("failed")]


def last_words(logs: Iterable[str], directory: Path, lines: int = 5) -> list[str]:
    """The last lines a job wrote to its log, without the ruler lines of a traceback."""
    words: list[str] = []
    for log in logs:
        path = directory / log
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace").splitlines()
            words += [line.rstrip() for line in text if line.strip()]
    return words[-lines:]
