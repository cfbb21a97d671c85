"""Run the demo through a throw-away Slurm while things go wrong; end as a calm local run does.

What is done to the run: one running job is cancelled, one rule is given too little memory at
first, and one node loses its power while it works (it comes back later). `make slurm-test`.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from checksums import checksums
from running import REPOSITORY
from slurm.cluster import Cluster, missing_programs

SHIRUBE = Path(sys.executable).parent / "shirube"
STARVED = "annotate_alleles"
LIMIT = 3600


def local_run(directory: Path) -> None:
    """Make the demo and run it here."""
    subprocess.run([SHIRUBE, "demo", "--out", directory], check=True, stdout=subprocess.DEVNULL)
    words = [SHIRUBE, "run", "--directory", directory, "--cores", "2", "--quiet", "all"]
    subprocess.run(words, check=True)


def slurm_words(directory: Path) -> list[str]:
    """The command of the run on the cluster."""
    return [
        str(SHIRUBE), "run", "--directory", str(directory),
        "--profile", str(REPOSITORY / "profiles/slurm"),
        "--jobs", "12", "--latency-wait", "10",
        "--slurm-no-account", "--slurm-status-command", "squeue",
        "--slurm-init-seconds-before-status-checks", "3",
        "--seconds-between-status-checks", "3",
        "--default-resources", "mem_mb=600*attempt", "runtime=20",
        "--set-resources", f"{STARVED}:mem_mb=30*attempt**4",
    ]  # fmt: skip


def disturb(cluster: Cluster, process: subprocess.Popen[bytes]) -> list[str]:
    """Cancel a job and kill a node while jobs run; return what was done."""
    done: list[str] = []
    started = time.monotonic()
    killed_at = 0.0
    while process.poll() is None:
        if time.monotonic() - started > LIMIT:
            process.kill()
            raise TimeoutError(f"the run did not end in {LIMIT} s")
        running = cluster.jobs()
        if running and not any(line.startswith("cancelled") for line in done):
            job, name = running[-1]
            cluster.command("scancel", job)
            done.append(f"cancelled job {job} ({name})")
        elif running and done and not killed_at and time.monotonic() - started > 30:
            cluster.kill_node(1)
            killed_at = time.monotonic()
            done.append(f"cut the power of node n1 with {len(running)} jobs at work")
        elif killed_at and "n1 is back" not in done and time.monotonic() - killed_at > 20:
            cluster.start_node(1)
            cluster.command("scontrol", "update", "nodename=n1", "state=resume", check=False)
            done.append("n1 is back")
        time.sleep(1)
    return done


def main() -> int:
    """Run both, compare, print; 0 if the results are the same bytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="work here and leave everything")
    args = parser.parse_args()
    missing = missing_programs()
    if missing:
        print(f"slurm-test: not installed: {', '.join(missing)} (Debian: slurm-wlm munge)")
        return 1
    work = args.keep or Path(tempfile.mkdtemp(prefix="shirube-slurm-"))
    local, remote = work / "local", work / "slurm"
    local_run(local)
    subprocess.run([SHIRUBE, "demo", "--out", remote], check=True, stdout=subprocess.DEVNULL)
    with Cluster(work / "cluster") as cluster:
        log = work / "run.log"
        with open(log, "wb") as stream:
            process = subprocess.Popen(
                slurm_words(remote), env=cluster.environment(), stdout=stream, stderr=stream
            )
            done = disturb(cluster, process)
    text = log.read_text(errors="replace")
    starved = text.count(f"Error in rule {STARVED}")
    for line in [*done, f"starved {STARVED} of memory: failed {starved} times, then had enough"]:
        print(f"slurm-test: {line}")
    if process.returncode:
        print(text[-6000:])
        print(f"slurm-test: the run failed; {log}")
        return 1
    one, two = checksums(local / "results"), checksums(remote / "results")
    differ = sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))
    for name in differ:
        print(f"slurm-test: differs from the local run: {name}")
    if not differ:
        print(f"slurm-test: {len(one)} result files, every one the same bytes as in the local run")
        if args.keep is None:
            shutil.rmtree(work)
    return bool(differ) or starved == 0 or len(done) < 3


if __name__ == "__main__":
    sys.exit(main())
