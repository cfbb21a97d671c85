"""A throw-away Slurm on this machine: munge, a controller and some nodes, all below one directory.

Needs root and Debian's slurm-wlm and munge. The nodes are `slurmd` processes of one host (Debian's
build allows several). No cgroups: processes are tracked by process
group, memory is polled, as on a small cluster without them; an accounting database if asked for.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from slurm.accounting import start_accounting

SYSTEM_CONF = Path("/etc/slurm/slurm.conf")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sinfo", "scancel", "squeue", "scontrol")

CONF = """\
ClusterName=throwaway
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={root}/munge/socket
CryptoType=crypto/munge
SlurmctldPidFile={root}/run/slurmctld.pid
SlurmdPidFile={root}/run/slurmd-%n.pid
SlurmctldLogFile={root}/log/slurmctld.log
SlurmdLogFile={root}/log/slurmd-%n.log
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool/%n
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SlurmctldTimeout=10
SlurmdTimeout=10
KillWait=2
MinJobAge=3600
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=2,sched_min_interval=100000
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
{accounting}
SlurmdParameters=config_overrides
DefMemPerCPU=200
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing_programs() -> list[str]:
    """Programs a cluster needs that are not installed."""
    path = f"/usr/sbin:/sbin:{os.environ.get('PATH', '')}"
    return [program for program in PROGRAMS if shutil.which(program, path=path) is None]


@dataclass
class Cluster:
    """The cluster below `root`; use as a context manager."""

    root: Path
    nodes: int = 3
    cpus: int = 2
    memory: int = 3000
    port: int = 17817
    accounting: bool = False

    def __enter__(self) -> "Cluster":
        try:
            return self._up()
        except BaseException:
            self.__exit__()
            raise

    def _up(self) -> "Cluster":
        for name in (
            "munge",
            "run",
            "log",
            "state",
            *(f"spool/n{n + 1}" for n in range(self.nodes)),
        ):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        (self.root / "munge").chmod(0o700)
        if SYSTEM_CONF.exists() and not SYSTEM_CONF.is_symlink():
            raise RuntimeError(f"{SYSTEM_CONF} exists: this machine has a Slurm of its own")
        self.conf = self.root / "slurm.conf"
        lines = [
            f"NodeName=n{n + 1} NodeHostname={socket.gethostname()} NodeAddr=127.0.0.1 "
            f"Port={self.port + 10 + n} CPUs={self.cpus} RealMemory={self.memory} State=UNKNOWN"
            for n in range(self.nodes)
        ]
        storage = "AccountingStorageType=accounting_storage/none"
        if self.accounting:
            storage = (
                "AccountingStorageType=accounting_storage/slurmdbd\n"
                f"AccountingStorageHost=localhost\nAccountingStoragePort={self.port + 2}\n"
                f"AccountingStoragePass={self.root}/munge/socket\n"
                "AccountingStorageEnforce=associations"
            )
        self.conf.write_text(
            CONF.format(
                host=socket.gethostname(),
                port=self.port,
                root=self.root,
                nodes="\n".join(lines),
                accounting=storage,
            )
        )
        # Jobs are started without SLURM_CONF: the file must also be where Slurm looks by itself.
        SYSTEM_CONF.parent.mkdir(parents=True, exist_ok=True)
        SYSTEM_CONF.unlink(missing_ok=True)
        SYSTEM_CONF.symlink_to(self.conf)
        key = self.root / "munge/key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        self._start(
            "munged", "--force", f"--key-file={key}", f"--socket={self.root}/munge/socket",
            f"--pid-file={self.root}/run/munged.pid", f"--log-file={self.root}/log/munged.log",
            f"--seed-file={self.root}/munge/seed",
        )  # fmt: skip
        (self.root / "munge").chmod(0o755)
        if self.accounting:
            start_accounting(self.root, self.port + 2, self.environment())
        self._start("slurmctld", "-c", "-f", str(self.conf))
        for n in range(self.nodes):
            self.start_node(n + 1)
        self._wait_for_nodes()
        return self

    def __exit__(self, *_: object) -> None:
        self.command("scancel", "--user=root", check=False)
        for pid_file in sorted((self.root / "run").glob("*.pid")):
            self._end(int(pid_file.read_text()))
        SYSTEM_CONF.unlink(missing_ok=True)

    def environment(self) -> dict[str, str]:
        """Environment in which Slurm's commands find this cluster."""
        path = f"/usr/sbin:/sbin:{os.environ.get('PATH', '')}"
        return {"USER": "root", **os.environ, "SLURM_CONF": str(self.conf), "PATH": path}

    def command(self, *words: str, check: bool = True) -> str:
        """Output of one of Slurm's commands."""
        done = subprocess.run(
            words, env=self.environment(), capture_output=True, text=True, check=check
        )
        return done.stdout

    def _start(self, *words: str) -> None:
        subprocess.run(words, env=self.environment(), check=True)

    def start_node(self, number: int) -> None:
        """Start (again) the node of this number, 1 first."""
        self._start("slurmd", "-f", str(self.conf), "-N", f"n{number}")

    def kill_node(self, number: int) -> None:
        """End a node and what runs on it at once, as if its power were cut."""
        jobs = self.command("squeue", "-h", "-w", f"n{number}", "-o", "%A").split()
        self._end(int((self.root / f"run/slurmd-n{number}.pid").read_text()), signal.SIGKILL)
        for job in jobs:
            for entry in Path("/proc").glob("[0-9]*/environ"):
                try:
                    mine = f"SLURM_JOB_ID={job}".encode() in entry.read_bytes().split(b"\0")
                except OSError:
                    continue
                if mine:
                    self._end(int(entry.parent.name), signal.SIGKILL)
        self.command("scontrol", "update", f"nodename=n{number}", "state=down", "reason=power")

    def running(self) -> list[tuple[str, str, str]]:
        """(job id, comment: the rule or group, node) of the jobs at work."""
        text = self.command("squeue", "-h", "-t", "RUNNING", "-o", "%A\t%k\t%N")
        rows = [line.split("\t") for line in text.splitlines()]
        return [(job, name, node) for job, name, node in rows]

    def age(self, job: str) -> int:
        """Seconds a job has been at work; 0 if it is not."""
        text = self.command("squeue", "-h", "-j", job, "-t", "RUNNING", "-o", "%M", check=False)
        if not text.strip():
            return 0
        parts = [int(part) for part in text.strip().split(":")]
        return parts[-1] + 60 * parts[-2]

    def ended(self) -> list[str]:
        """Id, state and comment of every job the controller remembers."""
        text = self.command("squeue", "-h", "-t", "all", "-o", "%A %T %k %M", "-S", "i")
        return text.splitlines()

    def _wait_for_nodes(self) -> None:
        for _ in range(60):
            up = self.command("sinfo", "-h", "-N", "-t", "idle,mix,alloc", "-o", "%N").split()
            if len(set(up)) == self.nodes:
                return
            time.sleep(0.5)
        raise RuntimeError(f"nodes did not come up; see {self.root}/log")

    @staticmethod
    def _end(pid: int, with_signal: int = signal.SIGTERM) -> None:
        try:
            os.kill(pid, with_signal)
        except ProcessLookupError:
            return
        for _ in range(40):
            if not Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
