"""Alleles a second against eight sources, beside `bcftools annotate` and vcfanno on the same files.

    python benchmarks/join.py --out benchmarks/out/join.json [--alleles 5000000] [--peers 500000]

The alleles and the sources are made here, from a fixed seed. The peers are compared on fewer
alleles (--peers): the same alleles and the same sources, theirs as indexed VCF, ours as the tables
the importers make of them. Times are CPU seconds of this process and its children.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from measured import row, save

from shirube.annotate.frequencies import with_frequencies
from shirube.contracts import CHROM, write
from shirube.contracts.knowledge import POPULATION
from shirube.tools import located

SOURCES = 8
LENGTH = 240_000_000
BASES = np.array(list("ACGT"))


def alleles(count: int, seed: int) -> pl.DataFrame:
    """Distinct alleles of one chromosome, nine single bases in ten, one short indel in ten."""
    draw = np.random.default_rng(seed)
    pos = np.sort(draw.integers(2, LENGTH, count)).astype(np.int32)
    ref = draw.integers(0, 4, count)
    alt = (ref + draw.integers(1, 4, count)) % 4
    kind = draw.random(count)
    more = BASES[draw.integers(0, 4, count)]
    first, second = BASES[ref], BASES[alt]
    old = np.where(kind < 0.05, np.char.add(first, more), first)
    new = np.where(kind < 0.05, first, np.where(kind < 0.1, np.char.add(first, second), second))
    table = pl.DataFrame({"pos": pos, "ref": old, "alt": new})
    return table.unique().sort("pos", "ref", "alt")


def source(query: pl.DataFrame, number: int) -> pl.DataFrame:
    """POPULATION table that holds half of the query's alleles and as many others."""
    half = query.sample(fraction=0.5, seed=number)
    other = alleles(half.height, 1000 + number)
    both = pl.concat([half, other]).unique().sort("pos", "ref", "alt")
    draw = np.random.default_rng(number)
    return POPULATION.table(
        both.with_columns(
            pl.lit("chr1").cast(CHROM).alias("chrom"),
            pl.Series("af", draw.random(both.height).round(6)),
            pl.lit("all").alias("population"),
            pl.lit(None, pl.Float64).alias("japanese_af"),
            pl.lit(None, pl.Int32).alias("japanese_an"),
            pl.lit(10_000, pl.Int32).alias("an"),
            pl.lit(0, pl.Int32).alias("nhomalt"),
            pl.lit(True).alias("passed"),
        )
    )


def vcf(table: pl.DataFrame, path: Path, info: str | None) -> Path:
    """Write alleles as an indexed VCF; `info` names the column that becomes INFO."""
    plain = path.with_suffix("")
    head = f"##fileformat=VCFv4.2\n##contig=<ID=chr1,length={LENGTH + 10}>\n"
    if info:
        head += f'##INFO=<ID={info},Number=A,Type=Float,Description="x">\n'
    head += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    field = pl.format(f"{info}={{}}", "af") if info else pl.lit(".")
    dot = pl.lit(".")
    rows = table.select(
        pl.lit("chr1").alias("c"), "pos", dot.alias("i"), "ref", "alt",
        dot.alias("q"), dot.alias("f"), field.alias("n"),
    )  # fmt: skip
    with plain.open("wb") as stream:
        stream.write(head.encode())
        rows.write_csv(stream, separator="\t", include_header=False)
    bcftools = located("bcftools") or "bcftools"
    subprocess.run([bcftools, "view", "--no-version", "-Oz", "-o", path, plain], check=True)
    subprocess.run([bcftools, "index", "-t", path], check=True)
    plain.unlink()
    return path


def tables(made: Iterable[pl.DataFrame], directory: Path) -> list[Path]:
    """Write POPULATION tables as the importers do, one after another."""
    paths = []
    for number, table in enumerate(made):
        paths.append(directory / f"s{number}.parquet")
        write(table, POPULATION, paths[-1], {"label": f"s{number}", "japanese": ""})
    return paths


def cpu() -> float:
    """CPU seconds of this process and its finished children."""
    return sum(
        sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


def ours(query: pl.DataFrame, paths: list[Path], batch: int) -> tuple[float, float, int]:
    """CPU and wall seconds to annotate all alleles, and how many had a frequency."""
    named = {f"frequency_{k}": str(path) for k, path in enumerate(paths)}
    before, clock, hits = cpu(), time.perf_counter(), 0
    for start in range(0, query.height, batch):
        found = with_frequencies(query.slice(start, batch), "chr1", named)
        hits += found.height - found["population_af"].null_count()
    return cpu() - before, time.perf_counter() - clock, hits


def bcftools_annotate(query: Path, sources: list[Path], directory: Path) -> float:
    """CPU seconds of `bcftools annotate`, one pass a source as it takes one file at a time."""
    before, current = cpu(), query
    for number, path in enumerate(sources):
        out = directory / f"pass{number % 2}.bcf"
        subprocess.run(
            [located("bcftools") or "", "annotate", "--no-version", "-a", path,
             "-c", f"INFO/AF{number}", "-Ob", "-o", out, current],
            check=True,
        )  # fmt: skip
        subprocess.run([located("bcftools") or "", "index", "-f", out], check=True)
        current = out
    return cpu() - before


def vcfanno(program: str, query: Path, sources: list[Path], directory: Path) -> float:
    """CPU seconds of vcfanno with all sources at once on two threads."""
    config = directory / "vcfanno.toml"
    config.write_text(
        "".join(
            f'[[annotation]]\nfile="{path}"\nfields=["AF{k}"]\nops=["self"]\nnames=["s{k}"]\n'
            for k, path in enumerate(sources)
        )
    )
    before = cpu()
    with (directory / "vcfanno.vcf").open("wb") as out:
        subprocess.run([program, "-p", "2", config, query], stdout=out, check=True)
    return cpu() - before


def main() -> None:
    """Measure, print, write the JSON."""
    options = argparse.ArgumentParser()
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--alleles", type=int, default=5_000_000)
    options.add_argument("--peers", type=int, default=500_000)
    options.add_argument("--batch", type=int, default=500_000)
    chosen = options.parse_args()
    query = alleles(chosen.alleles, 1)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        paths = tables((source(query, k) for k in range(SOURCES)), directory)
        seconds, wall, hits = ours(query, paths, chosen.batch)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        size = f"{query.height} alleles x {SOURCES} sources ({hits} found)"
        rows = [
            row(f"{size}, {os.cpu_count()} cores", query.height / wall, "alleles/s"),
            row(f"{size}, CPU", query.height / seconds, "alleles/CPU s"),
            row(f"{size}, peak memory", peak, "GiB"),
        ]
        small = alleles(chosen.peers, 1)
        made = [source(small, k) for k in range(SOURCES)]
        files = [vcf(made[k], directory / f"s{k}.vcf.gz", f"AF{k}") for k in range(SOURCES)]
        asked = vcf(small, directory / "query.vcf.gz", None)
        same = tables(made, directory)
        mine = min(ours(small, same, chosen.batch)[0] for _ in range(3))
        peers = {"bcftools annotate": bcftools_annotate(asked, files, directory)}
        program = located("vcfanno")
        if program:
            peers["vcfanno"] = vcfanno(program, asked, files, directory)
        else:
            print("vcfanno: not installed, skipped")
        size = f"{small.height} alleles x {SOURCES} sources"
        rows += [row(size, mine, "s CPU", peer, theirs) for peer, theirs in peers.items()]
    save(rows, chosen.out)


if __name__ == "__main__":
    main()
