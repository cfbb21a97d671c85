"""Run the workflow in a directory; after a kill, pick up where it stopped.

Options this command does not know go to snakemake (--cores 8, --profile profiles/slurm, -n).
What this adds to plain snakemake: one run a directory at a time, results readable by their
owner only, and after a run that was killed (`kill -9`, power) its stale lock is removed and jobs
it left behind are ended before they can write over the new run's files. A lock that another
snakemake holds stays. The files the run reads are looked at before and after: a truncated one
stops it, and what was made from one that was replaced meanwhile is removed, not kept.

`shirube check` runs first (--no-check leaves it out). On a terminal the run is shown by stage and
person, elsewhere by a line now and then. One person's failure stops nobody else (--no-keep-going
stops at the first). The end says who is done, blocked or failed, why and where; results/index.html
shows the same. --notify COMMAND is run at the end with the state and the page's path.
"""

import argparse
import fcntl
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import yaml

from shirube.audit import user
from shirube.errors import ShirubeError
from shirube.home import HOME
from shirube.inputs import (
    Seen,
    ahead,
    configured_inputs,
    differing,
    older,
    record,
    recorded,
    remove_products,
    seen,
    truncated,
)
from shirube.progress.display import Display
from shirube.progress.events import EVENTS, read_events
from shirube.progress.page import languages_of, write_pages
from shirube.progress.people import UNFINISHED, ending, failures, read_people
from shirube.sheet import read_patients, read_samples

CONFIG = "config/config.yaml"
SNAKEFILE = HOME / "Snakefile"
TOKEN = "SHIRUBE_RUN"
# A report asked for by name.
_REPORT = re.compile(
    r"(?:^|.*/)reports/(?P<patient>[^/]+)/(?:(?:report|panel)\.(?P<language>[a-z]{2})\.[a-z]+|.*)$"
)
DRY = {"-n", "--dry-run", "--dryrun"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("--directory", default=".", help="where the run starts and writes")
    parser.add_argument("--no-check", action="store_true", help="do not look at the inputs first")
    parser.add_argument(
        "--no-keep-going", action="store_true", help="start nothing more after a failure"
    )
    parser.add_argument(
        "--notify", metavar="COMMAND", help="run at the end: COMMAND STATE PAGE (mail, webhook)"
    )
    parser.add_argument("--snakefile", default=str(SNAKEFILE), help=argparse.SUPPRESS)
    parser.set_defaults(passed_on=[])


def locked(path: Path) -> IO[str]:
    """Return `path` opened and locked for this run; ShirubeError if another run holds it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = open(path, "a+")  # noqa: SIM115  (held until the process ends)
    except OSError as error:
        reason = error.strerror or error
        raise ShirubeError(f"{path.parent.parent}: a directory to write in ({reason})") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ShirubeError(f"{path.parent.parent}: another run is at work here") from None
    return lock


def end_leftovers(token: str) -> int:
    """Kill the processes that carry `token` in their environment; return how many."""
    killed = 0
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            mine = f"{TOKEN}={token}".encode() in entry.read_bytes().split(b"\0")
        except OSError:  # another user's, or gone
            continue
        if mine:
            os.kill(int(entry.parent.name), signal.SIGKILL)
            killed += 1
    return killed


def before(directory: Path, notes: Path) -> Seen:
    """Look at the run's inputs; ShirubeError naming those that are truncated."""
    files = seen(directory, configured_inputs(directory))
    cut = truncated(directory, files)
    if cut:
        raise ShirubeError(f"{', '.join(cut)}: truncated (the block that ends the file is missing)")
    future = ahead(files)
    if future:
        raise ShirubeError(f"{', '.join(future)}: of the future by this machine's clock; touch it")
    past = older(recorded(notes), files)
    tell_removed(past, remove_products(directory, past), "replaced since the last run")
    record(notes, files)
    return files


def tell_removed(changed: list[str], removed: list[str], when: str) -> None:
    """Say what was removed because inputs changed; nothing if none did."""
    if changed:
        print(f"shirube: {', '.join(changed)}: {when}", file=sys.stderr)
        print(
            f"shirube: removed {len(removed)} results made from it; run again to make them anew",
            file=sys.stderr,
        )


def after(directory: Path, files: Seen) -> bool:
    """Whether the inputs are as they were; what was made from others is removed, and said."""
    changed = differing(files, seen(directory, files))
    tell_removed(changed, remove_products(directory, changed), "changed while the run read it")
    return not changed


def settings_of(directory: Path) -> dict[str, Any] | None:
    """The run's settings, where they can be read: what is only shown must stop nothing."""
    try:
        return yaml.safe_load((directory / CONFIG).read_text(encoding="utf-8")) or None
    except (OSError, yaml.YAMLError):
        return None


def checked(directory: Path) -> int:
    """Whether `shirube check` finds problems; it says them. A run of another shape goes on."""
    if settings_of(directory) is None:
        return 0
    words = [sys.executable, "-m", "shirube.cli.main", "check", "--directory", str(directory)]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, sep="", end="", file=sys.stderr)
        print("shirube run: nothing was started (--no-check runs all the same)", file=sys.stderr)
    return done.returncode


@contextmanager
def watched(
    directory: Path, args: argparse.Namespace, environment: dict[str, str]
) -> Iterator[list[str]]:
    """Yield snakemake's options for a run that keeps an account and is shown meanwhile."""
    events = (directory / EVENTS).resolve()
    events.parent.mkdir(parents=True, exist_ok=True)
    events.unlink(missing_ok=True)
    environment["SHIRUBE_EVENTS"] = str(events)
    options = ["--logger", "shirube"] + ([] if args.no_keep_going else ["--keep-going"])
    settings = settings_of(directory)
    own = any(word in ("--quiet", "-q", "--verbose", "-p") for word in args.passed_on)
    people = 0
    with suppress(ShirubeError, KeyError, TypeError):
        people = read_patients(directory / (settings or {})["patients"]).height
    if not people or own:
        yield options
        return
    if sys.stderr.isatty():
        options += ["--quiet", "all"]
    display = Display(events, people, sys.stderr)
    display.start()
    try:
        yield options
    finally:
        display.stop()


def ended(directory: Path, status: int, notify: str | None) -> int:
    """Write the page over all people, say how they stand, tell who asked; the exit status."""
    settings = settings_of(directory)
    if settings is None or not (directory / "results").is_dir():
        return status
    state = read_events(directory / EVENTS)
    try:
        people = read_people(directory, settings, state)
    except (ShirubeError, KeyError, TypeError):  # said by the run itself
        return status
    page = write_pages(people, state, directory / "results", languages_of(settings))
    print(*ending(people, state, directory), f"shirube: {page}", sep="\n", file=sys.stderr)
    if notify:
        lost = any(people.count(name) for name in UNFINISHED)
        outcome = "failed" if status or lost else "done"
        subprocess.run([*shlex.split(notify), outcome, str(page)], check=False)
    return status


def failed_people(directory: Path) -> set[str]:
    """People of whom a job of their own failed, by the account of the run; nobody if all did."""
    settings = settings_of(directory) or {}
    try:
        sheet = read_samples(directory / settings["samples"])
    except (ShirubeError, KeyError, TypeError):
        return set()
    owner = dict(sheet.select("sample", "patient").rows())
    found = failures(read_events(directory / EVENTS), owner, directory)
    lost = {patient for patient in found if patient}
    return lost if lost < set(owner.values()) else set()


def without(words: list[str], people: set[str]) -> list[str]:
    """Snakemake's command with people left out, beside settings the user gave."""
    setting = f"without={json.dumps(sorted(people))}"
    if "--config" not in words and "-C" not in words:
        return [*words, "--config", setting]
    at = next(place for place, word in enumerate(words) if word in ("--config", "-C"))
    return [*words[: at + 1], setting, *words[at + 1 :]]


def asked_of(words: Sequence[str], directory: Path, people: Collection[str]) -> bool:
    """Whether a target that was asked for by name is one of these people's, or their samples'."""
    sheet = read_samples(directory / (settings_of(directory) or {})["samples"])
    own = {
        sample for sample, patient in sheet.select("sample", "patient").rows() if patient in people
    }
    parts = {part for word in words if "/" in word for part in re.split(r"[/.]", word)}
    return not parts.isdisjoint(own | set(people))


def run_through(
    directory: Path,
    words: list[str],
    environment: dict[str, str],
    keep_going: bool,
    asked: Sequence[str] = (),
) -> int:
    """Run snakemake; where people's own jobs fail, go on without them, so nobody waits for them.

    The status is that of a failure if anybody was left out. Where their own results were asked for
    by name there is no going on: made without their data they would be empty.
    """
    status = subprocess.run(words, env=environment, check=False).returncode
    left_out: set[str] = set()
    while status and keep_going and (lost := failed_people(directory) - left_out):
        left_out |= lost
        if asked_of(asked, directory, lost):
            break
        print(f"shirube: going on without {', '.join(sorted(lost))}", file=sys.stderr)
        command = without(words, left_out)
        status = subprocess.run(command, env=environment, check=False).returncode
    return status or int(bool(left_out))


def refuse_unknown(words: Sequence[str], directory: Path) -> None:
    """ShirubeError for a report asked for by name of nobody in the sheet, or in no language."""
    settings = settings_of(directory) or {}
    asked = [found for word in words if (found := _REPORT.search(word))]
    if not asked:
        return
    with suppress(KeyError, TypeError):  # a configuration of another shape is the check's to say
        sheet = settings["patients"]
        people = set(read_patients(directory / sheet)["patient"])
        languages = languages_of(settings)
        for found in asked:
            if found["patient"] not in people:
                raise ShirubeError(f"{found[0]}: a patient of {sheet}, found {found['patient']}")
            if found["language"] and found["language"] not in languages:
                known = ", ".join(languages)
                raise ShirubeError(f"{found[0]}: a language of report.languages ({known})")


def main(args: argparse.Namespace) -> int:
    """Run snakemake; return its exit status."""
    directory = Path(args.directory)
    os.umask(0o077)
    refuse_unknown(args.passed_on, directory)
    if not args.no_check and not DRY.intersection(args.passed_on) and checked(directory):
        return 1
    program = str(Path(sys.executable).parent / "snakemake")
    command = [program, "--snakefile", args.snakefile, "--directory", str(directory)]
    if DRY.intersection(args.passed_on):  # a plan changes nothing and waits for nobody
        return subprocess.run([*command, *args.passed_on], check=False).returncode
    with locked(directory / ".snakemake" / "shirube.lock") as lock:
        lock.seek(0)
        killed_run = lock.read().strip()
        if killed_run:
            left = end_leftovers(killed_run)
            print(f"shirube: the last run was killed; {left} jobs of it ended, going on")
            subprocess.run([*command, "--unlock", "--quiet"], check=False, capture_output=True)
        token = uuid.uuid4().hex
        lock.truncate(0)
        lock.write(token)
        lock.flush()
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = {**os.environ, TOKEN: token, "PATH": path, "PYTHONHASHSEED": "0"}
        environment.setdefault("USER", user())  # in a container the number may have no name
        notes = directory / ".snakemake" / "shirube.inputs.json"
        files = before(directory, notes)
        with watched(directory, args, environment) as options:
            words = [*command, *options, *args.passed_on]
            status = run_through(
                directory, words, environment, not args.no_keep_going, args.passed_on
            )
        unchanged = after(directory, files)
        lock.truncate(0)
    return ended(directory, status or int(not unchanged), args.notify)
