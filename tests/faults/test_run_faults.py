"""Faults a run may meet.

It ends as an undisturbed one does, or stops, saying why, half-writing nothing; and when the cause
is gone it goes on to the same results.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import small_demo
from checksums import checksums
from faulty_run import Done, Running, half_written, run

pytestmark = [pytest.mark.faults, pytest.mark.slow]
Say = Callable[[str], None]
DAY = 86_400
ROOM = 500_000_000  # bytes; enough for any of these runs


def logs(directory: Path) -> str:
    """All the jobs' logs of a run."""
    return "\n".join(p.read_text(errors="replace") for p in (directory / "logs").rglob("*.log"))


def ends_the_same(directory: Path, expected: dict[str, str]) -> None:
    """The next run finishes with the results of an undisturbed one."""
    done = run(directory)
    assert done.status == 0, done.text[-4000:] + logs(directory)[-4000:]
    found = checksums(directory / "results")
    assert sorted(found) == sorted(expected)
    assert [name for name in found if found[name] != expected[name]] == []


def stopped(done: Done, directory: Path, expected: dict[str, str]) -> None:
    """The run failed and left nothing that is not what an undisturbed run makes."""
    assert done.status not in (0, None), done.text
    assert half_written(directory, expected) == []


@contextmanager
def file_system(at: Path, size: int) -> Iterator[None]:
    """A file system of `size` bytes in memory at `at`; skips where that may not be made."""
    at.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(at)]
    made = subprocess.run(words, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"a file system cannot be mounted here (root?): {made.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


def remount(at: Path, options: str) -> None:
    """Change the options of a mounted file system."""
    subprocess.run(["mount", "-o", f"remount,{options}", str(at)], check=True)


def test_killed_worker(fresh: Path, expected: dict[str, str], tmp_path: Path, say: Say) -> None:
    directory = small_demo.copy(fresh, tmp_path / "demo")

    def kill(running: Running) -> None:
        running.wait_for(40)
        while not (workers := running.workers()):
            time.sleep(0.01)
        os.kill(workers[0], signal.SIGKILL)

    done = run(directory, kill)
    stopped(done, directory, expected)
    named = re.search(r"(\w+)\.py' (died with <Signals.SIGKILL: 9>)", done.text)
    assert named, done.text[-4000:]
    ends_the_same(directory, expected)
    say(f"kill -9 of a job: stopped ({' '.join(named.groups())}), then finished, checksums agree")


def test_full_disk(
    fresh: Path, calm: Path, expected: dict[str, str], tmp_path: Path, say: Say
) -> None:
    directory = small_demo.copy(fresh, tmp_path / "demo")
    needed = sum(path.stat().st_size for path in (calm / "results").rglob("*"))
    with file_system(directory / "results", needed // 2):
        done = run(directory)
        stopped(done, directory, expected)
        assert "No space left on device" in done.text + logs(directory)
        remount(directory / "results", f"size={ROOM}")
        ends_the_same(directory, expected)
    say("disk full: stopped (No space left on device), nothing half-written; with room, agrees")


def test_read_only_output(fresh: Path, expected: dict[str, str], tmp_path: Path, say: Say) -> None:
    directory = small_demo.copy(fresh, tmp_path / "demo")
    with file_system(directory / "results", ROOM):
        remount(directory / "results", "ro")
        done = run(directory)
        stopped(done, directory, expected)
        assert "Read-only file system" in done.text + logs(directory)
        remount(directory / "results", "rw")
        ends_the_same(directory, expected)
    say("read-only output: stopped (Read-only file system), then finished, checksums agree")


def test_read_only_directory_is_said_in_one_line(tmp_path: Path, say: Say) -> None:
    with file_system(tmp_path / "demo", ROOM):
        remount(tmp_path / "demo", "ro")
        done = run(tmp_path / "demo")
    assert done.status == 1
    assert done.text.count("\n") == 1
    assert "a directory to write in (Read-only file system)" in done.text
    say(f"read-only directory: {done.text.strip()}")


def test_file_replaced_during_the_run(
    fresh: Path, expected: dict[str, str], tmp_path: Path, say: Say
) -> None:
    directory = small_demo.copy(fresh, tmp_path / "demo")
    own, other = (directory / f"reads/DEMO_{n}_N.bam" for n in ("03", "01"))
    kept = tmp_path / "kept"
    shutil.copy2(own, kept)
    times = os.stat(own)

    def replace(running: Running) -> None:
        running.wait_for(40)
        part = own.with_suffix(".part")
        shutil.copy(other, part)
        # As old as the file it replaces: its time gives nothing away.
        os.utime(part, ns=(times.st_atime_ns, times.st_mtime_ns))
        part.replace(own)

    done = run(directory, replace)
    assert done.status == 1, done.text
    assert "reads/DEMO_03_N.bam" in done.text
    assert "changed while the run read it" in done.text
    shutil.copy2(kept, own)
    ends_the_same(directory, expected)
    say("BAM replaced during the run: stopped, named, its products removed; put back: agrees")


def test_clock_skew(fresh: Path, expected: dict[str, str], tmp_path: Path, say: Say) -> None:
    directory = small_demo.copy(fresh, tmp_path / "demo")
    own, old = (directory / f"reads/DEMO_{n}_N.bam" for n in ("03", "04"))

    def dated(path: Path, moment: float) -> None:
        for file in (path, path.with_name(path.name + ".bai")):
            os.utime(file, (moment, moment))

    dated(own, time.time() + 2 * DAY)
    dated(old, 500 * DAY)
    done = run(directory)
    stopped(done, directory, expected)
    (named,) = (line for line in done.text.splitlines() if "of the future" in line)
    assert own.name in named
    dated(own, time.time())
    ends_the_same(directory, expected)
    say("clock skew (reads from two days ahead, and from 1971): stopped, named; then agrees")


def test_input_truncated_after_the_check(
    fresh: Path, expected: dict[str, str], tmp_path: Path, say: Say
) -> None:
    directory = small_demo.copy(fresh, tmp_path / "demo")
    path = directory / "reads/DEMO_03_N.bam"
    whole, times = path.read_bytes(), os.stat(path)
    check = [str(small_demo.SHIRUBE), "check", "--directory", str(directory)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    path.write_bytes(whole[: len(whole) // 2])
    before = run(directory)
    assert before.status == 1
    assert "reads/DEMO_03_N.bam: truncated" in before.text
    path.write_bytes(whole)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    def cut(running: Running) -> None:
        running.wait_for(10)
        path.write_bytes(whole[: len(whole) // 2])

    during = run(directory, cut)
    assert during.status == 1, during.text
    assert "reads/DEMO_03_N.bam" in during.text
    path.write_bytes(whole)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    ends_the_same(directory, expected)
    say("input truncated after the check, before and during the run: stopped, named, then agrees")
