"""The cohort store against its peers: time ratios on artificial data, peers in the same run.

    python benchmarks/cohort.py --out benchmarks/out/cohort.json [--data DIR] [--scale 1.0]

CPU is user time of the process and its children. A ratio above 1 says by how much the peer is
slower. Peers that are not installed (bcftools plugins, plink2, bgzip, afquery) are said and
skipped; AFQuery is installed into .cache/afquery. `--data` keeps the artificial data between runs.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["POLARS_MAX_THREADS"] = "1"  # as the peers: one thread

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from cohort_data import gvcf, joint_bcf, sexes, sites_vcf
from measured import Row, row, save

from shirube.cohort.frequency import chrom_frequencies
from shirube.cohort.person import Person, read_person
from shirube.cohort.query.lookup import Sites
from shirube.cohort.query.subcohort import Subcohorts
from shirube.cohort.state import State
from shirube.contracts.cohort import CALLABLE
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.ploidy import PAR

SHIRUBE = Path(sys.executable).parent / "shirube"
PLUGINS = Path("/usr/lib/x86_64-linux-gnu/bcftools")
SETTINGS = {"rule": GenotypeRule().text(), "build": "GRCh38"}
LENGTH = 1_000_000
AFQUERY = "afquery==0.6.0"


def cpu(command: str) -> float:
    """User seconds of a shell command."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["BCFTOOLS_PLUGINS"] = str(PLUGINS)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(
        ["bash", "-c", command],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def repeated(action: Callable[[], float], times: int = 3) -> float:
    """Median of several runs."""
    return statistics.median(action() for _ in range(times))


def own_cpu() -> float:
    """User seconds of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def timed(action: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds of one call."""
    start = clock()
    action()
    return clock() - start


def absent(name: str) -> bool:
    """Whether a peer is missing; said if so."""
    missing = shutil.which(name) is None
    if missing:
        print(f"{name}: not installed, skipped", flush=True)
    return missing


def joint(data: Path, scale: float) -> list[Row]:
    """A joint BCF, N = 3000, 6 strata."""
    n, sites = 3000, int(30_000 * scale)
    path = data / f"joint-{n}-{sites}.bcf"
    if not path.is_file():
        joint_bcf(path, n, sites)
    sheet, groups = data / "sheet.tsv", data / "groups.txt"
    named = [(f"S{i:05d}", s, f"pop{i % 3}_{s}") for i, s in enumerate(sexes(n))]
    sheet.write_text("sample\tsex\tstratum\n" + "".join("\t".join(r) + "\n" for r in named))
    groups.write_text("".join(f"{s}\t{t}\n" for s, _, t in named))
    out = data / "counts.parquet"
    ours = f"{SHIRUBE} count {path} --sheet {sheet} --out {out}"
    cpu(ours)
    plain = repeated(lambda: cpu(f"{ours} --every-genotype"))
    ruled = repeated(lambda: cpu(ours))
    beside: tuple[str, float] | tuple[()] = ()
    if not absent("bgzip"):
        beside = ("bgzip -dc", repeated(lambda: cpu(f"bgzip -dc {path}")))
    rows = [
        row("joint BCF, 6 strata", plain, "s CPU", *beside),
        row("joint BCF, 6 strata, genotype rule", ruled, "s CPU", *beside),
    ]
    if not absent("plink2"):
        plink = repeated(lambda: cpu(f"plink2 --bcf {path} --geno-counts --out {data}/pl"))
        rows.append(
            row("joint BCF, 6 strata", plain, "s CPU", "plink2 --geno-counts, 1 group", plink)
        )
    if PLUGINS.is_dir():
        fill = f"/usr/bin/bcftools +fill-tags - -Ob -o {data}/f.bcf -- -S"
        said = "+fill-tags -S, the same 6 groups, BCF out"
        rows.append(
            row("joint BCF, 6 strata", plain, "s CPU", said, cpu(f"{fill} {groups} < {path}"))
        )
        # What the 6 disjoint strata sum to: 2 sexes and 3 populations, everyone in two groups.
        overlapping = data / "groups5.txt"
        pairs = [(s, t.replace("_", ",")) for s, _, t in named]
        overlapping.write_text("".join(f"{s}\t{t}\n" for s, t in pairs))
        said = "+fill-tags -S, 5 groups that the strata sum to, BCF out"
        rows.append(
            row("joint BCF, 6 strata", plain, "s CPU", said, cpu(f"{fill} {overlapping} < {path}"))
        )
        rule = "-- -t q -n . -i 'FMT/GQ<20 | FMT/DP<10'"
        peer = cpu(f"/usr/bin/bcftools +setGT {path} -Ou {rule} | {fill} {groups}")
        text = "+setGT | +fill-tags -S"
        rows.append(row("joint BCF, 6 strata, genotype rule", ruled, "s CPU", text, peer))
    else:
        print("bcftools plugins: not installed, skipped")
    return rows


def shifted(person: Person, by: int) -> Person:
    """The same alleles, callable elsewhere: most alleles of a large cohort are known already."""
    moved = [pl.col(c) + by for c in ("start", "end")]
    return Person(
        person.genotypes,
        CALLABLE.table(person.callable.with_columns(moved)),
        person.records,
        "",
    )


def entries(state: State, persons: list[Person], first: int = 0) -> dict[str, Any]:
    """Entries of people named P<number>, their sex and stratum by the number."""
    out = {}
    for i, person in enumerate(persons, first):
        sex = ("XX", "XY")[i % 2]
        name = f"P{i:05d}"
        out[name] = state.entry(name, name, sex, f"sex={sex},pop={i % 3}", name, person)
    return out


def gvcfs(data: Path, n: int) -> list[Path]:
    """Artificial gVCFs of `n` people, made where there are none."""
    folder = data / "gvcf"
    folder.mkdir(exist_ok=True)
    files = [folder / f"G{i:04d}.g.vcf.gz" for i in range(n)]
    for i, path in enumerate(files):
        if not path.is_file():
            gvcf(path, path.name[:5], i, LENGTH)
    return files


def read_gvcf(path: Path) -> Person:
    """One of the artificial people."""
    return read_person(path, path.name[:5], "XX", GenotypeRule(), None, PAR["GRCh38"])


def built(data: Path, persons: list[Person]) -> State:
    """A state of these people."""
    folder = data / f"state-{len(persons)}"
    shutil.rmtree(folder, ignore_errors=True)
    state = State(folder, SETTINGS)
    people = entries(state, persons)
    state.update(people, list(people))
    return state


def single(data: Path, scale: float) -> list[Row]:
    """200 gVCFs: read, built, merged by the peer; one more person at N = 200 and 4000."""
    n = int(200 * min(1.0, scale))
    files = gvcfs(data, n + 1)
    read_gvcf(files[0])
    persons: list[Person] = []

    def ingest() -> None:
        shutil.rmtree(data / "state", ignore_errors=True)
        state = State(data / "state", SETTINGS)
        persons[:] = map(read_gvcf, files[:n])
        people = entries(state, persons)
        state.update(people, list(people))
        chrom_frequencies(state, "chr20", ["sex"], PAR["GRCh38"])

    ours = repeated(lambda: timed(ingest, own_cpu))
    rows: list[Row] = []
    bcftools = Path(sys.executable).parent / "bcftools"
    if PLUGINS.is_dir() and not absent("bgzip"):
        for path in files:
            if not Path(f"{path}.tbi").is_file():
                subprocess.run([bcftools, "index", "-t", path], check=True)
        # A tenth of the stretch, and ten times its cost: the peer's time is linear in bases.
        part = LENGTH // 10
        listed = data / "files.txt"
        listed.write_text("".join(f"{path}\n" for path in files[:n]))
        merge = f"{bcftools} merge -g - -l {listed} -r chr20:1-{part} -Ou"
        fill = f"/usr/bin/bcftools +fill-tags - -Ob -o {data}/m.bcf"
        peer = cpu(f"{merge} | {fill}") * 10
        said = "bcftools merge -g | +fill-tags (a tenth of it, x 10)"
        rows.append(row(f"{n} gVCFs read, built, counted", ours, "s CPU", said, peer))
    else:
        rows.append(row(f"{n} gVCFs read, built, counted", ours, "s CPU"))
    rng = np.random.default_rng(1)
    spent = {}
    for size in (n, 20 * n):
        while len(persons) < size:
            persons.append(shifted(persons[len(persons) % n], int(rng.integers(1, 100_000))))
        state = built(data, persons[:size])
        times = []
        for _ in range(15):

            def add(state: State = state) -> None:
                one = entries(state, [read_gvcf(files[n])], 99_998)
                more = {**state.manifest.people, **one}
                state.update(more, list(more))

            times.append(timed(add))
            less = state.without("P99998")
            state.update(less, list(less))
        spent[size] = statistics.median(times)
    one, two = spent.values()
    rows.append(row(f"read and add one person at N = {20 * n}", two, "s", f"at N = {n}", one))
    return rows


def lookups(data: Path, scale: float) -> list[Row]:
    """Points and 100 kb regions among 10 million sites."""
    n = int(10_000_000 * scale)
    path = data / f"sites-{n}.vcf.gz"
    if not path.is_file():
        sites_vcf(path, n)
        subprocess.run([Path(sys.executable).parent / "bcftools", "index", "-t", path], check=True)
    sites = Sites(path)
    rng = np.random.default_rng(1)
    contigs = sorted(sites.windows)
    points, regions = [], []
    for _ in range(200):
        contig = contigs[rng.integers(len(contigs))]
        start = int(rng.integers(1, sites.windows[contig].size << 14))
        points.append(timed(lambda c=contig, s=start: sites.sites(c, s, s + 1)))
        regions.append(timed(lambda c=contig, s=start: sites.sites(c, s, s + 100_000)))
    rows = [
        row(f"point among {n} sites, warm", 1000 * statistics.median(points[20:]), "ms"),
        row(f"100 kb among {n} sites, warm", 1000 * statistics.median(regions[20:]), "ms"),
    ]
    results = data / "results"
    (results / "cohort").mkdir(parents=True, exist_ok=True)
    for suffix in ("", ".tbi"):
        link = results / "cohort" / f"sites.vcf.gz{suffix}"
        link.unlink(missing_ok=True)
        link.symlink_to(f"{path.resolve()}{suffix}")
    (results / "cohort" / "release.json").write_text('{"groups": "all"}')
    command = f"{SHIRUBE} query {contigs[0]}:1000000-1010000 --results {results}"
    cpu(command)
    rows.append(
        row("shirube query, a process", repeated(lambda: timed(lambda: cpu(command)), 5), "s")
    )
    return rows


def afquery_tool() -> Path | None:
    """AFQuery in an environment of its own, installed if absent; None, and said, if not."""
    home = Path(__file__).parent.parent / ".cache" / "afquery"
    tool = home / "bin" / "afquery"
    if not tool.is_file():
        uv = Path(sys.executable).parent / "uv"
        for command in (
            [sys.executable, "-m", "venv", home],
            [uv, "pip", "install", "--python", home / "bin" / "python", AFQUERY],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"afquery: not installed, skipped ({done.stderr.strip()[-200:]})")
                return None
    return tool


def afquery(data: Path, scale: float) -> list[Row]:
    """AFQuery on the same people: add, remove, a sub-cohort's point, and AN.

    Its commands start a process each; what a command that does nothing takes is deducted.
    """
    tool = afquery_tool()
    if tool is None:
        return []
    n = int(200 * min(1.0, scale))
    folder = data / "gvcf"
    files = gvcfs(data, n + 1)
    plain = data / "plain"
    plain.mkdir(exist_ok=True)
    bcftools = Path(sys.executable).parent / "bcftools"
    lines = ["sample_name\tvcf_path\tsex\ttech_name\tphenotype_codes"]
    for i in range(n + 1):
        name = f"G{i:04d}"
        if not (plain / f"{name}.vcf").is_file():
            source = folder / f"{name}.g.vcf.gz"
            command = f"{bcftools} view -a -i 'N_ALT>1' {source}"  # variants, <NON_REF> trimmed
            (plain / f"{name}.vcf").write_bytes(
                subprocess.run(["bash", "-c", command], check=True, capture_output=True).stdout
            )
        sex = ("female", "male")[i % 2]
        lines.append(f"{name}\t{plain}/{name}.vcf\t{sex}\tWGS\tg{i % 3}")
    (data / "all.tsv").write_text("\n".join(lines[:-1]) + "\n")
    (data / "one.tsv").write_text("\n".join([lines[0], lines[-1]]) + "\n")
    base = data / "afdb"
    shutil.rmtree(base, ignore_errors=True)
    subprocess.run(
        [
            *(tool, "create-db", "--manifest", data / "all.tsv", "--output-dir", base),
            *("--genome-build", "GRCh38", "--threads", "1"),
        ],
        check=True,
        capture_output=True,
    )
    start = min(cpu(f"{tool} update-db --help") for _ in range(3))
    update = f"{tool} update-db --db {base}"
    theirs_add = cpu(f"{update} --add-samples {data}/one.tsv") - start
    name = f"G{n:04d}"
    theirs_remove = cpu(f"{update} --remove-samples {name}") - start
    state = built(data, [read_gvcf(path) for path in files[:n]])
    reading = folder / f"{name}.g.vcf.gz"

    def add() -> None:
        more = {**state.manifest.people, **entries(state, [read_gvcf(reading)], 99_998)}
        state.update(more, list(more))

    def remove() -> None:
        less = state.without("P99998")
        state.update(less, list(less))

    mine = timed(add, own_cpu)
    rows = [row("add a person, reading included", mine, "s CPU", "afquery", theirs_add)]
    mine = timed(remove, own_cpu)
    rows.append(row("withdraw a person", mine, "s CPU", "afquery", theirs_remove))
    table = chrom_frequencies(state, "chr20", ["sex"], PAR["GRCh38"])
    table = table.filter((pl.col("stratum") == "all") & (pl.col("ac") > 3))
    pos = table["pos"].to_list()[:: max(1, table.height // 20)]
    chosen = [s for s in state.manifest.counted if int(s[1:]) % 3 == 1]
    cohorts = Subcohorts(state, PAR["GRCh38"], 5)
    mask = cohorts.chosen(chosen)
    cohorts.warm("chr20")
    ours = [timed(lambda p=p: cohorts.frequencies(mask, "chr20", p - 1, p)) for p in pos]
    python = tool.parent / "python"
    script = data / "ask.py"
    script.write_text(
        "import sys, time, statistics\nfrom afquery import Database\n"
        f"db = Database({str(base)!r})\nts = []\n"
        f"for p in {pos}:\n"
        "    t = time.perf_counter(); r = db.query('chr20', p, phenotype=['g1'])\n"
        "    ts.append(time.perf_counter() - t)\n"
        "ans = [x.AN for p in " + str(pos) + " for x in db.query('chr20', p)]\n"
        "print(statistics.median(ts), statistics.mean(ans))\n"
    )
    done = subprocess.run([python, script], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"afquery in process: {done.stderr.strip().splitlines()[-1]}")
        return rows
    theirs, theirs_an = map(float, done.stdout.split())
    mine = 1000 * statistics.median(ours)
    rows.append(row("sub-cohort point, warm", mine, "ms", "afquery", 1000 * theirs))
    real = table.filter(pl.col("pos").is_in(pos))["an"].mean()
    rows.append(row("mean AN at 20 sites (callable)", float(real), "AN", "afquery", theirs_an))
    return rows


def main() -> None:
    """Run the parts asked for and write what they found."""
    parts = {"joint": joint, "single": single, "afquery": afquery, "lookups": lookups}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--scale", type=float, default=1.0, help="size of the data, 1 = full")
    parser.add_argument("--part", action="append", choices=list(parts))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data = args.data or Path(scratch)
        data.mkdir(parents=True, exist_ok=True)
        rows = [r for name in args.part or parts for r in parts[name](data, args.scale)]
        for state in data.glob("state*"):
            shutil.rmtree(state)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    save(rows, args.out)


if __name__ == "__main__":
    main()
