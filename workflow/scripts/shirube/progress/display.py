"""A run on the screen while it goes on: stages, people, what runs, time left.

In Japanese where the terminal's locale is, else in English; log files are in English.
"""

import json
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from shirube.progress.events import STAGES, RunState, by_stage, stages_of_rules
from shirube.report.page.catalogue import Catalogue

_EVERY = 0.5  # seconds between two looks at the account
_PLAIN_EVERY = 30.0  # seconds between two lines where nobody watches a screen
_SHOWN = 8  # running jobs listed


def duration(seconds: float) -> str:
    """Seconds as people say them: 45 s, 12 min, 3 h 05 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def words_of(environment: Mapping[str, str]) -> Catalogue:
    """The catalogue of a terminal's language, by the variables of its locale."""
    given = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next((value for value in given if value), "")
    return Catalogue("ja" if locale.startswith("ja") else "en")


def line(state: RunState, people: int, words: Catalogue | None = None) -> str:
    """The run in one line; in English unless `words` are of another language."""
    say = (words or Catalogue("en")).message
    if state.began is None:
        return f"shirube: {say('progress.planning')}"
    left = state.seconds_left()
    reports = sum(job.rule == "render_report" for job in state.of("finished"))
    planned = state.planned["render_report"]
    failed = len(state.of("failed"))
    parts = [
        say("progress.jobs", done=state.done(), all=sum(state.planned.values())),
        say("progress.reports", done=people - planned + reports, all=people),
        *([say("progress.failed_jobs", count=failed)] if failed else []),
        say("progress.so_far", time=duration((state.last or 0) - state.began)),
        *([say("progress.left", time=duration(left))] if left is not None else []),
    ]
    return "shirube: " + say("list.join").join(parts)


def picture(
    state: RunState,
    people: int,
    stages: Mapping[str, str],
    now: float,
    words: Catalogue | None = None,
) -> Group:
    """The run as a picture of a terminal; in English unless `words` are of another language."""
    words = words or Catalogue("en")
    say = words.message
    table = Table.grid(padding=(0, 2))
    for stage, done, planned in by_stage(state, stages):
        bar = ProgressBar(total=planned, completed=done, width=30)
        named = say(f"index.stage.{stage}") if stage in STAGES else stage
        table.add_row(Text(named), bar, Text(say("progress.of", done=done, all=planned)))
    running = Table.grid(padding=(0, 2))
    jobs = state.of("running")
    for job in jobs[:_SHOWN]:
        running.add_row(
            Text(say("progress.runs"), style="cyan"), Text(job.rule), Text(job.whose, style="bold"),
            Text(duration(now - job.started)),
        )  # fmt: skip
    if len(jobs) > _SHOWN:
        running.add_row(Text(""), Text(say("progress.more", count=len(jobs) - _SHOWN)))
    for job in state.of("failed"):
        running.add_row(
            Text(say("progress.failed"), style="red"),
            Text(job.rule),
            Text(job.whose, style="bold"),
            Text(""),
        )
    return Group(Text(line(state, people, words), style="bold"), table, running)


class Display(threading.Thread):
    """Follows the account of a run until told that it ended."""

    def __init__(self, events: Path, people: int, stream: TextIO) -> None:
        super().__init__(daemon=True)
        self.events, self.people = events, people
        self.console = Console(file=stream)
        self.state, self.ended = RunState(), threading.Event()

    def _follow(self, stream: TextIO | None) -> TextIO | None:
        if stream is None and self.events.is_file():
            stream = self.events.open(encoding="utf-8")
        while stream is not None:
            place = stream.tell()
            text = stream.readline()
            if not text.endswith("\n"):
                stream.seek(place)
                break
            self.state.take(json.loads(text))
        return stream

    def run(self) -> None:
        """Draw until the end: a picture on a terminal, a line now and then elsewhere."""
        stream, stages, said = None, stages_of_rules(), 0.0
        words = words_of(os.environ)
        if self.console.is_terminal:
            with Live(console=self.console, refresh_per_second=2, transient=True) as live:
                while not self.ended.wait(_EVERY):
                    stream = self._follow(stream)
                    live.update(picture(self.state, self.people, stages, time.time(), words))
        else:
            while not self.ended.wait(_EVERY):
                stream = self._follow(stream)
                if time.monotonic() - said >= _PLAIN_EVERY and self.state.began is not None:
                    said = time.monotonic()
                    print(line(self.state, self.people), file=self.console.file, flush=True)
        if stream is not None:
            stream.close()

    def stop(self) -> None:
        """The run ended."""
        self.ended.set()
        self.join()
