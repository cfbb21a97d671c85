"""Say what a larger run will cost, from the benchmark files of a finished one.

Core-hours with an 80% interval, hours on so many cores, the largest memory of a job and the peak
disk, for so many people. The longer the measured run's jobs, the better: from a demonstration
the figures are of the right kind, from one whole genome of your own they are of the right size.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import yaml

from shirube.contracts import QUALITY, scan
from shirube.errors import InputError
from shirube.genome.regions import read_contigs, run_regions
from shirube.plan import Bytes, Size, cost, read_benchmarks, rule_costs
from shirube.sheet import read_patients, read_samples


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("--directory", type=Path, default=Path("."), help="where the run started")
    parser.add_argument("--config", default="config/config.yaml", help="relative to directory")
    parser.add_argument("--people", type=int, nargs="+", default=[10, 1_000, 100_000])
    parser.add_argument("--cores", type=int, default=1_000, help="cores at work at once")
    parser.add_argument("--gigabases", type=float, default=3.1, help="genome looked at")
    parser.add_argument("--depth", type=float, default=30.0, help="mean depth of its reads")


def measured_size(directory: Path, config: str) -> Size:
    """People, bases and mean depth of a finished run."""
    settings = yaml.safe_load((directory / config).read_text())
    bed = settings.get("regions")
    reference = settings["reference"]
    regions = run_regions(
        read_contigs(directory / f"{reference['fasta']}.fai"),
        directory / bed if bed else None,
        reference.get("aliases"),
    )
    tables = sorted((directory / "results/quality").glob("*.parquet"))
    if not tables:
        raise InputError(directory / "results/quality", "quality tables of a finished run")
    depths = pl.concat([scan(QUALITY, path) for path in tables]).filter(
        pl.col("metric") == "region_depth"
    )
    depth = depths.select(pl.col("value").mean()).collect().item()
    if depth is None:
        raise InputError(directory / "results/quality", "the depth of at least one sample")
    people = read_patients(directory / settings["patients"]).height
    return Size(people, float(sum(r.end - r.start for r in regions)), depth)


def measured_bytes(directory: Path, config: str, measured: Size) -> Bytes:
    """What the files of a finished run weigh."""
    settings = yaml.safe_load((directory / config).read_text())
    paths = [directory / path for path in read_samples(directory / settings["samples"])["path"]]
    reads = [path.stat().st_size for path in paths if path.suffix in (".bam", ".cram")]
    germline = directory / "results/germline"

    def mean(sizes: Sequence[int]) -> float:
        return sum(sizes) / len(sizes) if sizes else 0.0

    gvcf = mean([path.stat().st_size for path in germline.glob("*.g.vcf.gz")])
    calls = mean([path.stat().st_size for path in germline.glob("*.parquet")])
    annotation = sum(
        path.stat().st_size for path in (directory / "results/annotation").glob("*.parquet")
    )
    each = annotation / measured.people  # those of one more person are mostly known already
    return Bytes(
        mean(reads) / measured.units["reads"],
        gvcf / measured.bases,
        (calls + each) / measured.bases,
    )


def main(args: argparse.Namespace) -> int:
    """Print the table."""
    measured = measured_size(args.directory, args.config)
    jobs = read_benchmarks(args.directory / "benchmarks")
    left = sum(
        path.stat().st_size for path in (args.directory / "results").rglob("*") if path.is_file()
    )
    rules = rule_costs(jobs, measured)
    weigh = measured_bytes(args.directory, args.config, measured)
    print(
        f"measured: {measured.people} people, {measured.bases / 1e6:,.3g} Mb at "
        f"{measured.depth:.0f}x, {jobs.height} jobs, {jobs['cpu'].sum() / 3600:.2f} core-hours"
    )
    head = f"{'people':>9}  {'core-hours (80% interval)':>36}  {'hours on':>9}  "
    print(head + f"{'memory of':>10}  {'peak disk':>10}  largest job")
    print(f"{'':>9}  {'':>36}  {args.cores:>9,}  {'a job GiB':>10}  {'TiB':>10}")
    for people in args.people:
        wanted = Size(people, args.gigabases * 1e9, args.depth)
        found = cost(rules, measured, wanted, args.cores, left, weigh)
        low, mean, high = found.core_hours
        hours = f"{mean:,.0f} ({low:,.0f} to {high:,.0f})"
        print(
            f"{people:>9,}  {hours:>36}  {found.wall_hours:>9,.1f}  {found.memory_gib:>10,.1f}"
            f"  {found.disk_gib / 1024:>10,.2f}  {found.largest}"
        )
    if found.factor > 100:
        print(f"A sample's reads are {found.factor:,.0f} times those measured: a rough guess.")
    return 0
