"""What the cohort's jobs cost as people and genome grow: seconds, memory, and their slopes.

    python benchmarks/scale_cohort.py --out benchmarks/out/scale_cohort.json
        [--people 50 200 1000] [--megabases 20] [--read-megabases 5 10 20]

Every job runs in a process of its own, on one thread; its memory is the most it ever held. People
are artificial and seeded: alleles of a shared pool with many rare ones, some of their own, and
callable stretches broken some 900 times a megabase. What is measured of reading is a gVCF of bands;
what is measured of counting are people already read (`State.put`), as in a run.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = "1"

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from cohort_data import CONTIGS, gvcf
from measured import Row, row, save

from shirube.cohort.batches import Reading
from shirube.cohort.person import Person
from shirube.cohort.run import add_up, aggregate, choose
from shirube.cohort.state import State
from shirube.contracts import write
from shirube.contracts.cohort import CALLABLE, GENOTYPES

CHROM = "chr20"
COHORT = {
    "strata": ["sex"],
    "adj": {"min_gq": 20, "min_dp": 10, "min_dp_haploid": 5, "min_ab": 0.2},
    "release": {"min_people": 10, "min_count": 0, "singletons": "open"},
    "relatives": {"keep": "any", "spacing": 10000, "min_sites": 400},
    "quality_gate": "watermark",
}
REFERENCE = {"build": "GRCh38"}


def reference(data: Path) -> Path:
    """A chromosome on which the bands of `cohort_data.gvcf` lie, and its index."""
    fasta, length = data / "r.fa", CONTIGS[CHROM]
    if not fasta.is_file():
        fasta.write_text(f">{CHROM}\n" + "CGTA" * (length // 4) + "CGTA"[: length % 4] + "\n")
        Path(f"{fasta}.fai").write_text(f"{CHROM}\t{length}\t7\t{length}\t{length + 1}\n")
    return fasta


def person(number: int, megabases: int) -> Person:
    """What is kept of one artificial person."""
    length, shared = megabases * 1_000_000, np.random.default_rng(7)
    rng = np.random.default_rng(1000 + number)
    pool = np.unique(shared.integers(1, length, length // 20))
    frequency = 10 ** shared.uniform(-4.5, -0.3, pool.size)
    copies = rng.binomial(2, frequency)
    own = rng.integers(1, length, length // 40_000)  # alleles nobody else has
    pos = np.concatenate([pool[copies > 0], own])
    number_of = np.concatenate([copies[copies > 0], np.ones(own.size, np.int64)])
    edges = np.unique(rng.integers(0, length, 2 * 900 * megabases))
    edges = edges[: edges.size // 2 * 2]
    if number % 4:  # three of four are measured nearly everywhere
        gaps = np.unique(edges[::2] // 50 * 50 + 1)
        edges = np.concatenate([[0], np.sort(np.concatenate([gaps, gaps + 20]))[:-1]])
    pos, first = np.unique(pos, return_index=True)
    seen = np.searchsorted(edges, pos - 1, "right") % 2 == 1
    pos, first = pos[seen], first[seen]
    letters = np.array(list("ACGT"))
    table = pl.DataFrame(
        {
            "chrom": np.full(pos.size, CHROM),
            "pos": pos,
            "ref": letters[pos % 4],
            "alt": letters[(pos + 1 + pos % 3) % 4],
            "ac": number_of[first],
            "ploidy": np.full(pos.size, 2),
        }
    )
    spans = pl.DataFrame(
        {"chrom": np.full(edges.size // 2, CHROM), "start": edges[::2], "end": edges[1::2]}
    )
    return Person(GENOTYPES.table(table), CALLABLE.table(spans), pos.size, "", f"{number:032x}")


def names(people: int) -> list[str]:
    """Samples of that many people."""
    return [f"S{number:06d}" for number in range(people)]


def put(data: Path, first: int, people: int, megabases: int) -> None:
    """People kept as their reading jobs would keep them."""
    how = Reading.of(reference(data), COHORT, REFERENCE)
    state = State(data / "results/cohort/state", how.settings)
    for number, name in enumerate(names(people)[first:], first):
        sex = ("XX", "XY")[number % 2]
        state.put(name, name, sex, "", name, person(number, megabases))


def sheets(data: Path, people: int) -> None:
    """Sheets of that many people, half of them XX."""
    every = names(people)
    made = {
        "patients.tsv": ["patient\tsex\tconsent_cohort"]
        + [f"{name}\t{('XX', 'XY')[n % 2]}\tyes" for n, name in enumerate(every)],
        "samples.tsv": ["sample\tpatient\tkind\tpath"]
        + [f"{name}\t{name}\tnormal\t{name}.g.vcf.gz" for name in every],
    }
    for name, lines in made.items():
        (data / name).write_text("\n".join(lines) + "\n")


def chosen(data: Path, people: int) -> None:
    """The job that decides who is counted, of that many people."""
    sheets(data, people)
    every = names(people)
    choose(
        *(data / "patients.tsv", data / "samples.tsv", reference(data)),
        *(data / "results/cohort/chosen.json", COHORT, REFERENCE, {}),
        {name: name for name in every},
    )


def summed(data: Path, people: int) -> None:
    """The job that adds up the chromosome."""
    folder = data / "results/cohort"
    add_up(folder / "chosen.json", reference(data), folder / "sums.json", CHROM, COHORT, REFERENCE)


def count(data: Path, people: int) -> None:
    """The job that takes the sums into the state and makes the release."""
    folder = data / "results/cohort"
    aggregate(
        *(data / "patients.tsv", data / "samples.tsv", reference(data), folder / "chosen.json"),
        *(folder / "members.parquet", COHORT, REFERENCE, [CHROM], {}),
    )


def read(data: Path, megabases: int) -> None:
    """One person's gVCF, read and written as a reading job does."""
    how = Reading.of(reference(data), COHORT, REFERENCE)
    found = how.person(data / f"read{megabases}.g.vcf.gz", None, "S", "XX")
    write(found.genotypes, GENOTYPES, data / "g.parquet")
    write(found.callable, CALLABLE, data / "c.parquet")


JOBS = {"put": put, "choose": chosen, "sum": summed, "count": count, "read": read}
COUNTING = {"choose_people": "choose", "sum_chromosome": "sum", "aggregate_cohort": "count"}


def measured(job: str, *arguments: object) -> dict[str, float]:
    """CPU seconds, seconds and MiB of a job in a process of its own."""
    command = [sys.executable, __file__, "--job", job, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def run_job(job: str, arguments: list[str]) -> None:
    """Do a job and print what it took."""
    path, *numbers = arguments
    begun = time.perf_counter()
    JOBS[job](Path(path), *map(int, numbers))  # type: ignore[operator]
    own, theirs = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    taken = {
        "cpu": own.ru_utime + own.ru_stime + theirs.ru_utime + theirs.ru_stime,
        "seconds": time.perf_counter() - begun,
        "mib": max(own.ru_maxrss, theirs.ru_maxrss) / 1024,
    }
    print(json.dumps(taken))


def reading(data: Path, sizes: list[int]) -> list[Row]:
    """Reading one person's gVCF of several lengths."""
    rows, found = [], {}
    for size in sizes:
        gvcf(data / f"read{size}.g.vcf.gz", "S", 1, size * 1_000_000)
        found[size] = measured("read", data, size)
        rows.append(row(f"read_people, a person of {size} Mb", found[size]["cpu"], "s CPU"))
        rows.append(row(f"read_people, a person of {size} Mb: memory", found[size]["mib"], "MiB"))
    return rows + slopes("read_people", "Mb", {n: one["mib"] for n, one in found.items()},
                         {n: one["cpu"] for n, one in found.items()})  # fmt: skip


def slopes(job: str, unit: str, memory: dict[int, float], seconds: dict[int, float]) -> list[Row]:
    """What one unit more adds between the smallest and the largest size."""
    low, high = min(memory), max(memory)
    if low == high:
        return []
    grown = memory[high] - memory[low]
    return [
        row(f"{job}: memory a {unit}", grown / (high - low), "MiB"),
        row(f"{job}: time a {unit}", (seconds[high] - seconds[low]) / (high - low), "s CPU"),
    ]


def counting(data: Path, sizes: list[int], megabases: int) -> list[Row]:
    """Counting as people come: all new, nobody new, one new; each job by itself."""
    rows: list[Row] = []
    memory: dict[str, dict[int, float]] = {rule: {} for rule in COUNTING}
    seconds: dict[str, dict[int, float]] = {rule: {} for rule in COUNTING}
    for size in sizes:
        folder = data / f"people{size}"
        folder.mkdir()
        kept = measured("put", folder, 0, size, megabases)
        rows.append(row(f"made, {size} people x {megabases} Mb", kept["seconds"], "s"))
        times: dict[str, dict[str, dict[str, float]]] = {}
        for when, people in (("", size), (", nobody new", size), (", one more", size + 1)):
            if people > size:
                measured("put", folder, size, people, megabases)
            times[when] = {r: measured(job, folder, people) for r, job in COUNTING.items()}
        for rule in COUNTING:
            about = f"{rule}, {size} people x {megabases} Mb"
            for when, found in times.items():
                rows.append(row(about + when, found[rule]["cpu"], "s CPU"))
            memory[rule][size] = max(found[rule]["mib"] for found in times.values())
            seconds[rule][size] = times[""][rule]["cpu"]
            rows.append(row(f"{about}: memory", memory[rule][size], "MiB"))
        shutil.rmtree(folder)
    for rule in COUNTING:
        rows += slopes(rule, f"person of {megabases} Mb", memory[rule], seconds[rule])
    return rows


def main() -> None:
    """Run what is asked for and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--people", type=int, nargs="+", default=[50, 200, 1000])
    parser.add_argument("--megabases", type=int, default=20)
    parser.add_argument("--read-megabases", type=int, nargs="+", default=[5, 10, 20])
    parser.add_argument("--job", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.job:
        run_job(args.job[0], args.job[1:])
        return
    with tempfile.TemporaryDirectory() as scratch:
        rows = reading(Path(scratch), args.read_megabases) if args.read_megabases else []
        rows += counting(Path(scratch), args.people, args.megabases)
    save(rows, args.out)


if __name__ == "__main__":
    main()
