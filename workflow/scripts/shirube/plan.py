"""What a larger run will cost, from what a finished one did.

Snakemake's benchmark files say what every job used. A job costs its start and a part that grows
with what it reads; the start is the cheapest job of its rule, or of the run where a rule had
fewer than three. What grows with what:

    reads    aligned bases of the sample (bases of the genome x depth)
    genome   bases of the genome that are looked at
    cohort   bases of the genome x people
    once     nothing

Memory is the most that a job took, or what a job will ask for on an input that grows (requests).

The interval comes from the jobs of each rule: their 10th and 90th percentile, where the estimate
is their mean. It does not hold what an extrapolation over orders of magnitude adds; `factor` says
how far it is stretched.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shirube.errors import InputError
from shirube.requests import MEMORY

GROWTH = {
    "call_germline": "reads",
    "call_somatic": "reads",
    "call_mutect": "reads",
    "call_structural": "reads",
    "call_copy_number": "reads",
    "measure_loh": "reads",
    "measure_markers": "reads",
    "measure_quality": "reads",
    "measure_targets": "reads",
    "measure_coverage": "reads",
    "checksum_sample": "reads",
    "choose_people": "cohort",
    "sum_chromosome": "cohort",
    "aggregate_cohort": "cohort",
    "annotate_alleles": "cohort",
    "write_provenance": "cohort",
    "compare_quality": "cohort",
    "import_knowledge": "once",
}
DEFAULT_GROWTH = "genome"
GENOME = 3.1e9
_COLUMNS = {"s": pl.Float64, "max_rss": pl.Float64, "cpu_time": pl.Float64}


@dataclass(frozen=True)
class Size:
    """How large a run is: people, bases of the genome that are looked at, mean depth."""

    people: int
    bases: float
    depth: float

    @property
    def units(self) -> dict[str, float]:
        """Growth -> what a job that grows so is proportional to."""
        return {
            "reads": self.bases * self.depth,
            "genome": self.bases,
            "cohort": self.bases * self.people,
            "once": 1.0,
        }


@dataclass(frozen=True)
class Bytes:
    """What files weigh: reads a base of theirs, gVCF and tables of calls a base of genome."""

    reads: float
    gvcf: float
    calls: float


def asked_for(rule: str, wanted: Size, weigh: Bytes) -> float:
    """MB a job of `rule` asks for in a run of `wanted`; 0 where it does not grow."""
    if rule not in MEMORY:
        return 0.0
    asked = MEMORY[rule]
    gvcf = weigh.gvcf * wanted.bases / 1e6
    units = {
        "reads": weigh.reads * wanted.units["reads"] / 1e6,
        "reference": wanted.bases / 1e6,
        "gvcf": gvcf,
        "calls": weigh.calls * wanted.bases / 1e6,
        "people": float(wanted.people),
        "alleles": math.sqrt(wanted.people) * wanted.bases / GENOME,
    }
    return asked.base + asked.more * units[asked.of]


@dataclass(frozen=True)
class Cost:
    """Estimate and 80% interval of a run: core-hours; hours on `cores`; peak memory and disk.

    `largest` is the rule whose job needs the memory.
    """

    people: int
    core_hours: tuple[float, float, float]
    wall_hours: float
    memory_gib: float
    largest: str
    disk_gib: float
    factor: float


def read_benchmarks(directory: str | Path) -> pl.DataFrame:
    """One row a job: rule, seconds, cpu (core-seconds), rss (MiB). Raises InputError without any.

    A job that ended before it could be sampled has no cpu time: its wall-clock seconds stand in.
    """
    tables = []
    for path in sorted(Path(directory).rglob("*.tsv")):
        table = pl.read_csv(path, separator="\t", null_values=["-", "NA"], infer_schema=False)
        rule = path.relative_to(directory).parts[0].removesuffix(".tsv")
        tables.append(
            table.select(
                rule=pl.lit(rule),
                **{name: pl.col(name).cast(dtype) for name, dtype in _COLUMNS.items()},
            )
        )
    if not tables:
        raise InputError(directory, "benchmark files of a finished run")
    jobs = pl.concat(tables).rename({"s": "seconds", "cpu_time": "cpu", "max_rss": "rss"})
    return jobs.with_columns(cpu=pl.coalesce("cpu", "seconds"))


def rule_costs(jobs: pl.DataFrame, measured: Size) -> pl.DataFrame:
    """One row a rule: its jobs, start (core-seconds) and what a unit of its growth adds.

    Columns low, mean, high: core-seconds a unit; rss: MiB, the most.
    """
    least = jobs.select(pl.col("cpu").min()).item()
    growth = pl.col("rule").replace_strict(GROWTH, default=DEFAULT_GROWTH)
    rules = (
        jobs.group_by("rule")
        .agg(
            jobs=pl.len(),
            start=pl.when(pl.len() >= 3).then(pl.col("cpu").min()).otherwise(least),
            low=pl.col("cpu").quantile(0.1),
            mean=pl.col("cpu").mean(),
            high=pl.col("cpu").quantile(0.9),
            rss=pl.col("rss").max(),
        )
        .with_columns(growth=growth)
        .with_columns(unit=pl.col("growth").replace_strict(measured.units))
        .sort("rule")
    )
    return rules.with_columns(
        (pl.col(name) - pl.col("start")).clip(0) / pl.col("unit")
        for name in ("low", "mean", "high")
    )


def cost(
    rules: pl.DataFrame,
    measured: Size,
    wanted: Size,
    cores: int,
    result_bytes: float,
    weigh: Bytes,
) -> Cost:
    """What a run of `wanted` costs. `result_bytes` is what the measured run left on disk.

    Jobs a person and a cohort grow in number with people; a cohort's jobs grow in size instead. No
    number of cores is faster than one person's jobs in a row; a cohort's are not in that chain, for
    people are added to it as they come. Temporary tiles are as large as what is gathered from
    them, hence twice the results of the people that are at work at once.
    """
    people = wanted.people / measured.people
    each = pl.col("growth").is_in(["reads", "genome"])
    number = pl.when(each).then(pl.col("jobs") * people).otherwise(pl.col("jobs"))
    unit = pl.col("growth").replace_strict(wanted.units)
    seconds = {
        name: number * (pl.col("start") + pl.col(name) * unit) for name in ("low", "mean", "high")
    }
    total = rules.select(**seconds).sum().row(0)
    low, mean, high = (value / 3600 for value in total)
    chain = (
        rules.filter(pl.col("growth") != "cohort")
        .select((pl.col("start") + pl.col("mean") * unit).sum() / 3600)
        .item()
    )
    taken = {rule: mb or 0.0 for rule, mb in rules.select("rule", "rss").iter_rows()}
    memory = {rule: max(mb, asked_for(rule, wanted, weigh)) for rule, mb in taken.items()}
    largest = max(memory, key=lambda rule: (memory[rule], rule))
    at_work = min(wanted.people, max(1, cores // 8))
    a_person = result_bytes / measured.people * wanted.bases / measured.bases
    return Cost(
        wanted.people,
        (low, mean, high),
        max(mean / cores, chain),
        memory[largest] / 1024,
        largest,
        a_person * (wanted.people + at_work) / 2**30,
        wanted.units["reads"] / measured.units["reads"],
    )
