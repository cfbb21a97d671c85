"""How a run stands, from another terminal: jobs by stage, what runs, who is done or failed.

Exit status: 0 when every report is made, 3 while the run goes on, 1 when somebody has no report.
"""

import argparse
import fcntl
import os
import sys
import time
from pathlib import Path

import yaml
from rich.console import Console

from shirube.errors import InputError
from shirube.progress.display import picture, words_of
from shirube.progress.events import EVENTS, read_events, stages_of_rules
from shirube.progress.people import UNFINISHED, ending, read_people

RUNNING = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("--directory", type=Path, default=Path("."), help="where the run started")
    parser.add_argument("--config", default="config/config.yaml", help="relative to directory")


def at_work(directory: Path) -> bool:
    """Whether a run holds the directory's lock now."""
    lock = directory / ".snakemake/shirube.lock"
    if not lock.is_file():
        return False
    with lock.open() as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def main(args: argparse.Namespace) -> int:
    """Show the state once."""
    config = args.directory / args.config
    if not config.is_file():
        raise InputError(config, "the configuration of a run (--directory says where it started)")
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    state = read_events(args.directory / EVENTS)
    people = read_people(args.directory, settings, state)
    if at_work(args.directory):
        words = words_of(os.environ)
        whole = picture(state, len(people.people), stages_of_rules(), time.time(), words)
        Console(file=sys.stdout).print(whole)
        return RUNNING
    print(*ending(people, state, args.directory), sep="\n")
    return int(any(people.count(name) for name in UNFINISHED))
