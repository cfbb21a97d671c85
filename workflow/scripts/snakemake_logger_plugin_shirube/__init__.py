"""Snakemake's own account of a run as lines of JSON, for `shirube run` and `shirube status`.

Snakemake finds the plugin by its name (`--logger shirube`). It writes to the file that
SHIRUBE_EVENTS names and nowhere else; without the variable it is silent.
"""

import json
import os
import time
from logging import LogRecord

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

FILE = "SHIRUBE_EVENTS"


def line(record: LogRecord) -> dict[str, object] | None:
    """What is kept of one event; None for those that say nothing of jobs."""
    event = getattr(record, "event", None)
    if event == LogEvent.RUN_INFO:
        return {"event": "plan", "jobs": {k: v for k, v in record.stats.items() if k != "total"}}
    if event == LogEvent.JOB_INFO:
        return {
            "event": "started",
            "job": record.jobid,
            "rule": record.rule_name,
            "wildcards": dict(record.wildcards or {}),
            "log": list(record.log or []),
        }
    if event == LogEvent.JOB_FINISHED:
        return {"event": "finished", "job": record.job_id}
    if event == LogEvent.JOB_ERROR:
        return {"event": "failed", "job": record.jobid, "rule": record.rule_name}
    return None


class LogHandler(LogHandlerBase):
    """Appends one line an event; a line is written whole, so a reader may look at any time."""

    def __post_init__(self) -> None:
        """Nothing is opened before there is something to say."""
        self.path = os.environ.get(FILE)

    def emit(self, record: LogRecord) -> None:
        """Write the event, if it is one that is kept."""
        kept = line(record) if self.path else None
        if kept is None:
            return
        text = json.dumps({"time": round(time.time(), 2), **kept}, default=str) + "\n"
        try:
            descriptor = os.open(str(self.path), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError:  # a display must never stop a run
            return
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)

    @property
    def writes_to_stream(self) -> bool:
        """Snakemake's own output stays as it is."""
        return False

    @property
    def writes_to_file(self) -> bool:
        """A file of its own, not one Snakemake should announce."""
        return False

    @property
    def has_filter(self) -> bool:
        """`--quiet` is for the screen; the account is complete."""
        return True

    @property
    def has_formatter(self) -> bool:
        """Lines are made here."""
        return True

    @property
    def needs_rulegraph(self) -> bool:
        """The graph is not needed."""
        return False
