"""Run the workflow in a directory; after a kill, pick up where it stopped.

Options this command does not know go to snakemake (--cores 8, --profile profiles/slurm, -n).
What this adds to plain snakemake: one run a directory at a time, results readable by their
owner only, and after a run that was killed (`kill -9`, power) its stale lock is removed and jobs
it left behind are ended before they can write over the new run's files. A lock that another
snakemake holds stays. The files the run reads are looked at before and after: a truncated one
stops it, and what was made from one that was replaced meanwhile is removed, not kept.
"""

import argparse
import fcntl
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import IO

from shirube.errors import ShirubeError
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

SNAKEFILE = Path(__file__).resolve().parents[4] / "Snakefile"
TOKEN = "SHIRUBE_RUN"
DRY = {"-n", "--dry-run", "--dryrun"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("--directory", default=".", help="where the run starts and writes")
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


def main(args: argparse.Namespace) -> int:
    """Run snakemake; return its exit status."""
    directory = Path(args.directory)
    os.umask(0o077)
    program = str(Path(sys.executable).parent / "snakemake")
    command = [program, "--snakefile", args.snakefile, "--directory", str(directory)]
    if DRY.intersection(args.passed_on):  # a plan changes nothing and waits for nobody
        return subprocess.run([*command, *args.passed_on], check=False).returncode
    with locked(directory / ".snakemake" / "shirube.lock") as lock:
        lock.seek(0)
        killed_run = lock.read().strip()
        if killed_run:
            ended = end_leftovers(killed_run)
            print(f"shirube: the last run was killed; {ended} jobs of it ended, going on")
            subprocess.run([*command, "--unlock", "--quiet"], check=False, capture_output=True)
        token = uuid.uuid4().hex
        lock.truncate(0)
        lock.write(token)
        lock.flush()
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = {**os.environ, TOKEN: token, "PATH": path, "PYTHONHASHSEED": "0"}
        notes = directory / ".snakemake" / "shirube.inputs.json"
        files = before(directory, notes)
        done = subprocess.run([*command, *args.passed_on], env=environment, check=False)
        unchanged = after(directory, files)
        lock.truncate(0)
    return done.returncode or int(not unchanged)
