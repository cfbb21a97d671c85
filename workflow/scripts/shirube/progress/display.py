"""A run on the screen while it goes on: stages, people, what runs, time left."""

import json
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

from shirube.progress.events import RunState, by_stage, stages_of_rules

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


def line(state: RunState, people: int) -> str:
    """The run in one line."""
    if state.began is None:
        return "shirube: planning"
    left = state.seconds_left()
    reports = sum(job.rule == "render_report" for job in state.of("finished"))
    planned = state.planned["render_report"]
    words = [
        f"{state.done()} of {sum(state.planned.values())} jobs",
        f"reports {people - planned + reports} of {people}",
        *([f"{len(failed)} failed"] if (failed := state.of("failed")) else []),
        f"{duration((state.last or 0) - state.began)} so far",
        *([f"about {duration(left)} left"] if left is not None else []),
    ]
    return "shirube: " + ", ".join(words)


def picture(state: RunState, people: int, stages: Mapping[str, str], now: float) -> Group:
    """The run as a picture of a terminal."""
    table = Table.grid(padding=(0, 2))
    for stage, done, planned in by_stage(state, stages):
        bar = ProgressBar(total=planned, completed=done, width=30)
        table.add_row(Text(stage), bar, Text(f"{done} of {planned}"))
    running = Table.grid(padding=(0, 2))
    jobs = state.of("running")
    for job in jobs[:_SHOWN]:
        running.add_row(
            Text("runs", style="cyan"), Text(job.rule), Text(job.whose, style="bold"),
            Text(duration(now - job.started)),
        )  # fmt: skip
    if len(jobs) > _SHOWN:
        running.add_row(Text(""), Text(f"and {len(jobs) - _SHOWN} more"))
    for job in state.of("failed"):
        running.add_row(
            Text("failed", style="red"), Text(job.rule), Text(job.whose, style="bold"), Text("")
        )
    return Group(Text(line(state, people), style="bold"), table, running)


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
        if self.console.is_terminal:
            with Live(console=self.console, refresh_per_second=2, transient=True) as live:
                while not self.ended.wait(_EVERY):
                    stream = self._follow(stream)
                    live.update(picture(self.state, self.people, stages, time.time()))
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
