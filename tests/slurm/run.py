"""Run a small demo through a throw-away Slurm while things go wrong; end as a calm local run does.

What is done to the run: one running job is cancelled, one rule is given too little memory at
first, and one node loses its power while it works (it comes back later). Then the same on a
cluster with an accounting database, if its programs are installed. `make slurm-test`.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import small_demo
from checksums import checksums
from running import REPOSITORY
from slurm.accounting import ACCOUNT, missing_accounting
from slurm.cluster import Cluster, missing_programs

STARVED = "annotate_alleles"
LIMIT = 1800


def own_profile(directory: Path) -> Path:
    """The profile for small samples copied, with the cluster's account, as docs/hpc.md says."""
    directory.mkdir()
    text = (REPOSITORY / "profiles/slurm-small/config.yaml").read_text()
    line = next(line for line in text.splitlines() if "slurm_account:" in line)
    (directory / "config.yaml").write_text(text.replace(line, f"  slurm_account: {ACCOUNT}"))
    return directory


def slurm_words(directory: Path, profile: Path, accounting: bool) -> list[str]:
    """The command of the run on the cluster."""
    account = [] if accounting else ["--slurm-no-account"]
    return [
        str(small_demo.SHIRUBE), "run", "--directory", str(directory),
        "--profile", str(profile), "--jobs", "6", "--latency-wait", "10", *account,
        "--slurm-init-seconds-before-status-checks", "2",
        "--seconds-between-status-checks", "2",
        "--group-components", "knowledge=100", "calls=3", "annotation=25", "reports=4",
        "--resources", "mem_mb=2600",
        "--set-resources", f"{STARVED}:mem_mb=20*attempt**4",
    ]  # fmt: skip


@dataclass
class Disturber:
    """Does each harm once, when there is something to harm, and remembers what it did."""

    cluster: Cluster
    done: list[str] = field(default_factory=list)
    cancelled: str = ""
    node: int = 0
    at: float = 0.0
    back: bool = False

    def step(self) -> None:
        """Look at the cluster and do what is due."""
        running = self.cluster.running()
        if not self.cancelled:
            if running:
                self.cancelled, name, node = running[-1]
                self.cluster.command("scancel", self.cancelled)
                self.say(f"cancelled job {self.cancelled} ({name}) on {node}")
        elif not self.node:
            others = [job for job in running if job[0] != self.cancelled]
            if others and self.cluster.age(others[0][0]) >= 6:
                node = others[0][2]
                there = [name for _, name, where in others if where == node]
                self.node, self.at = int(node[1:]), time.monotonic()
                self.cluster.kill_node(self.node)
                self.say(f"cut the power of node {node} with {', '.join(there)} at work on it")
        elif not self.back and time.monotonic() - self.at > 20:
            self.back = True
            self.cluster.start_node(self.node)
            resume = ("scontrol", "update", f"nodename=n{self.node}", "state=resume")
            self.cluster.command(*resume, check=False)  # it may have come back by itself
            self.say(f"node n{self.node} is back")

    def say(self, line: str) -> None:
        """Remember and print a line."""
        self.done.append(line)
        print(f"slurm-test: {line}", flush=True)


def watched(cluster: Cluster, process: subprocess.Popen[bytes]) -> Disturber:
    """Disturb the run until it ends."""
    started = time.monotonic()
    disturber = Disturber(cluster)
    try:
        while process.poll() is None:
            if time.monotonic() - started > LIMIT:
                raise TimeoutError(f"the run did not end in {LIMIT} s")
            disturber.step()
            time.sleep(0.5)
    finally:
        process.terminate()
    return disturber


def through_slurm(work: Path, demo: Path, local: Path, accounting: bool) -> bool:
    """Run `demo` on a cluster with or without a database; whether all is as `local` has it."""
    started = time.monotonic()
    work.mkdir()
    remote, log = work / "slurm", work / "run.log"
    small_demo.copy(demo, remote)
    profile = own_profile(work / "profile") if accounting else REPOSITORY / "profiles/slurm-small"
    with Cluster(work / "cluster", accounting=accounting) as cluster:
        with open(log, "wb") as stream:
            process = subprocess.Popen(
                slurm_words(remote, profile, accounting),
                env=cluster.environment(), stdout=stream, stderr=stream,
            )  # fmt: skip
            disturber = watched(cluster, process)
        ended = cluster.ended()
    for line in ended:
        print(f"slurm-test: job {line}")
    starved = sum("annotation" in line and "COMPLETED" not in line for line in ended)
    if process.returncode:
        print(log.read_text(errors="replace")[-6000:])
        print(f"slurm-test: the run failed; {log}")
        return False
    print(f"slurm-test: {STARVED} was short of memory {starved} times, then had enough")
    sums = [line for line in ended if "sum_chromosome" in line and "COMPLETED" in line]
    print(f"slurm-test: {len(sums)} jobs added up the cohort, a chromosome each")
    print(f"slurm-test: run on the cluster, {time.monotonic() - started:.0f} s, {len(ended)} jobs")
    one, two = checksums(local / "results"), checksums(remote / "results")
    differ = sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))
    for name in differ:
        print(f"slurm-test: differs from the local run: {name}")
    if not differ:
        print(f"slurm-test: {len(one)} result files, every one the same bytes as in the local run")
    return not differ and starved > 0 and disturber.back and len(sums) > 1


def main() -> int:
    """Run locally and through both clusters, compare, print; 0 if the results are the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="work here and leave everything")
    args = parser.parse_args()
    if missing_programs() or os.geteuid():
        print(f"slurm-test: not installed: {', '.join(missing_programs()) or 'no root'}")
        print("slurm-test: needs root and Debian's packages: apt-get install slurm-wlm munge")
        return 1
    started = time.monotonic()
    work = args.keep or Path(tempfile.mkdtemp(prefix="shirube-slurm-"))
    local = small_demo.copy(small_demo.split_cohort(small_demo.make(work / "demo")), work / "local")
    words = [small_demo.SHIRUBE, "run", "--directory", local, "--cores", "2", "--quiet", "all"]
    subprocess.run(words, check=True)
    print(f"slurm-test: calm local run, {time.monotonic() - started:.0f} s", flush=True)
    print("slurm-test: a cluster without an accounting database", flush=True)
    same = through_slurm(work / "without", work / "demo", local, False)
    if missing_accounting():
        print(f"slurm-test: with a database: not run, no {', '.join(missing_accounting())}")
        print("slurm-test: it needs Debian's packages slurmdbd mariadb-server")
    else:
        print("slurm-test: a cluster with an accounting database", flush=True)
        same = through_slurm(work / "with", work / "demo", local, True) and same
    if same and args.keep is None:
        shutil.rmtree(work)
    return int(not same)


if __name__ == "__main__":
    sys.exit(main())
