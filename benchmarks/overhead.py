"""What the workflow costs beside the work: plan time, memory, and seconds beside each job's own.

    python benchmarks/overhead.py --out benchmarks/out/overhead.json [--samples 1000 10000]

Plans: cohorts of made sheets and empty but valid files, dry-run; wall and CPU seconds, the part
until the plan stands, peak resident memory. Jobs: one whole rule per sample run on --run samples
(checksums: jobs that do next to nothing), and the demo, whose jobs' own seconds Snakemake's
benchmark files state where a rule has one. Parts of a cohort: --batch against the whole.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "benchmarks/lib"), str(ROOT / "workflow/scripts")]

from made_cohort import SAMPLES_OF_TEN, write_cohort  # noqa: E402
from measured import Row, row, save  # noqa: E402

FLOORS = {"seconds": 300.0, "gibibytes": 4.0}  # of the plan of 10,000 samples
BUILT = "Building DAG of jobs"


def measured(directory: Path, *options: str) -> dict[str, Any]:
    """Run snakemake; wall and CPU seconds, peak memory, jobs, seconds until the plan stood."""
    words = [str(Path(sys.executable).parent / "snakemake"), "--snakefile", str(ROOT / "Snakefile")]
    words += ["--directory", str(directory), *options]
    started = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    begun = stood = 0.0
    lines = []
    for line in process.stdout:
        lines.append(line)
        if BUILT in line:
            begun = time.monotonic() - started
        if line.startswith("Job stats") and not stood:
            stood = time.monotonic() - started
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("".join(lines[-40:]))
    total = re.search(r"^total\s+(\d+)", "".join(lines), re.MULTILINE)
    return {
        "wall_s": round(time.monotonic() - started, 1),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "parse_s": round(begun, 1),
        "plan_s": round(stood, 1),
        "peak_gib": round(usage.ru_maxrss / 2**20, 2),
        "jobs": int(total[1]) if total else 0,
    }


def planned(scratch: Path, samples: int, form: str) -> dict[str, Any]:
    """The plan of a cohort of about `samples` samples."""
    directory = scratch / f"{form}-{samples}"
    directory.mkdir()
    made = write_cohort(directory, -(-samples * 10 // SAMPLES_OF_TEN), form)
    return {
        "samples": made,
        "form": form,
        **measured(directory, "--cores", "2", "-n", "-q", "rules"),
    }


def run_small(scratch: Path, samples: int) -> dict[str, Any]:
    """Jobs that do next to nothing, one a sample: what a job costs beside its work."""
    directory = scratch / "run"
    directory.mkdir()
    made = write_cohort(directory, -(-samples * 10 // SAMPLES_OF_TEN), "gvcf")
    found = measured(directory, "--cores", "2", "-q", "rules", "--until", "checksum_sample")
    each = (found["wall_s"] - found["plan_s"]) * 2 / max(made, 1)
    return {"samples": made, **found, "core_s_a_job": round(each, 3)}


def run_demo(scratch: Path) -> dict[str, Any]:
    """The demo: wall seconds, and the seconds of the jobs that Snakemake's benchmarks state."""
    directory = scratch / "demo"
    shirube = str(Path(sys.executable).parent / "shirube")
    subprocess.run([shirube, "demo", "--out", str(directory)], check=True, capture_output=True)
    reads = _bytes(directory / "reads") + _bytes(directory / "calls")
    with Watched(directory / "results") as disk:
        found = measured(directory, "--cores", "2", "-q", "rules")
    stated = [
        float(path.read_text().splitlines()[1].split("\t")[0])
        for path in (directory / "benchmarks").rglob("*.tsv")
    ]
    busy = (found["wall_s"] - found["plan_s"]) * 2
    return {
        **found,
        "benchmarked_jobs": len(stated),
        "benchmarked_s": round(sum(stated), 1),
        "core_s_a_job": round(busy / max(found["jobs"], 1), 2),
        "samples": sum(path.suffix in (".bam", ".cram") for path in directory.glob("reads/*")),
        "reads_mib": reads / 2**20,
        "peak_mib": disk.peak / 2**20,
        "left_mib": disk.last / 2**20,
    }


def _bytes(directory: Path) -> int:
    """Size of the files below a directory; those that go while it is read count nothing."""
    found = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            with suppress(OSError):
                found += os.lstat(os.path.join(folder, name)).st_size
    return found


class Watched:
    """Size of a directory while a block runs: `peak` of a look every 0.2 s, and `last`."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.peak, self.last = directory, 0, 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._ended.wait(0.2):
            self.peak = max(self.peak, _bytes(self.directory))

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look once more and end."""
        self._ended.set()
        self._thread.join()
        self.last = _bytes(self.directory)
        self.peak = max(self.peak, self.last)


def in_parts(scratch: Path) -> dict[str, Any]:
    """Plans of a cohort's parts: what of the whole each but the last plans.

    The last can be planned when the others are done; `make faults` runs a cohort in parts.
    """
    directory = scratch / "parts"
    directory.mkdir()
    write_cohort(directory, 200, "gvcf")
    options = ("--cores", "2", "-n", "-q", "rules")
    parts = {
        f"{n}/4": measured(directory, *options, "--batch", f"choose_people={n}/4")
        for n in range(1, 4)
    }
    return {"whole": measured(directory, *options), **parts}


def main() -> int:
    """Measure, print, write; 1 if the plan of 10,000 samples misses its floors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--samples", type=int, nargs="*", default=[1000, 10_000])
    parser.add_argument("--run", type=int, default=1000, help="small samples that are run")
    parser.add_argument("--form", choices=["bam", "gvcf"], default="bam")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shirube-overhead-") as scratch:
        plans = [planned(Path(scratch), samples, args.form) for samples in args.samples]
        rows = [line for plan in plans for line in of_plan(plan)]
        rows += of_parts(in_parts(Path(scratch)))
        small = run_small(Path(scratch), args.run)
        rows += of_run(f"{small['samples']} small samples", small)
        demo = run_demo(Path(scratch))
        rows += of_run("demo", demo)
        said = f"the demo's {demo['benchmarked_jobs']} measured jobs themselves"
        rows.append(row(said, demo["benchmarked_s"], "s"))
        rows += of_disk(demo)
    save(rows, args.out)
    missed = [
        plan
        for plan in plans
        if plan["samples"] >= 10_000
        and (plan["plan_s"] > FLOORS["seconds"] or plan["peak_gib"] > FLOORS["gibibytes"])
    ]
    for plan in missed:
        print(f"floor missed: {plan}; wanted {FLOORS}")
    return bool(missed)


def of_plan(plan: dict[str, Any]) -> list[Row]:
    """Rows of one plan."""
    name = f"plan of {plan['samples']} samples ({plan['form']}, {plan['jobs']} jobs)"
    return [
        row(name, plan["plan_s"], "s", "limit", FLOORS["seconds"]),
        row(f"{name}, processors", plan["cpu_s"], "s CPU"),
        row(f"{name}, memory", plan["peak_gib"], "GiB", "limit", FLOORS["gibibytes"]),
    ]


def of_parts(parts: dict[str, Any]) -> list[Row]:
    """Rows of a cohort planned in parts (--batch)."""
    whole = parts["whole"]["jobs"]
    return [
        row(f"--batch choose_people={name}: plan", part["jobs"], "jobs", "whole", whole)
        for name, part in parts.items()
        if name != "whole"
    ]


def of_disk(demo: dict[str, Any]) -> list[Row]:
    """Rows of the disk a run takes beside its inputs, at its highest and at its end."""
    peak, samples = demo["peak_mib"], demo["samples"]
    return [
        row("demo: peak disk of results", peak, "MiB", "reads", demo["reads_mib"]),
        row("demo: peak disk of results", peak, "MiB", "left at the end", demo["left_mib"]),
        row(f"demo: peak disk a sample ({samples} of reads)", peak / samples, "MiB"),
    ]


def of_run(name: str, found: dict[str, Any]) -> list[Row]:
    """Rows of a run: what a job costs, and the part of the run before the first of them."""
    return [
        row(f"{name}: the whole run of {found['jobs']} jobs", found["wall_s"], "s"),
        row(f"{name}: until the plan stands", found["plan_s"], "s"),
        row(f"{name}: cost of a job", found["core_s_a_job"], "core s"),
    ]


if __name__ == "__main__":
    sys.exit(main())
