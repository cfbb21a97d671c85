"""Seconds and memory from a patient's finished tables to every format of the report.

    python benchmarks/report.py --out benchmarks/out/report.json [--records 5000000]

The tables of one artificial patient are made from a fixed seed: LEDGER and CALLS of --records
rows, 300 findings with evidence, 2,000 targets, reads over the findings at 60x, star alleles of the
demonstration. Measured is one child process that does what the rules build_report and
render_report do, pile-ups and pharmacogenomics included: elapsed seconds, CPU seconds, peak
resident memory.
Peers print no report of both languages in PDF, HTML and FHIR from one model; there is none beside.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / p) for p in ("benchmarks/lib", "tests/support", "workflow/scripts")]

import report_case as case  # noqa: E402
import sam_files  # noqa: E402
from measured import row, save  # noqa: E402

from build_report import main as build  # noqa: E402
from render_report import main as render  # noqa: E402
from shirube.contracts import (  # noqa: E402
    CALLS,
    CHROM,
    CLINICAL_EVIDENCE,
    COMPARISON,
    COVERAGE,
    FATES,
    FINDINGS,
    GENE_MODELS,
    LEDGER,
    MEMBERS,
    QUALITY,
    READS,
    WITHHELD,
    Contract,
    write,
)
from shirube.contracts.knowledge import ONCOTREE  # noqa: E402
from shirube.contracts.pharmacogenomics import (  # noqa: E402
    DIPLOTYPE_PHENOTYPES,
    DRUG_RECOMMENDATIONS,
    STAR_ALLELES,
    STAR_POSITIONS,
)
from shirube.contracts.samples import TARGETS  # noqa: E402
from shirube.demo import pharmacogenes  # noqa: E402
from shirube.demo.genome import build as demo_genome  # noqa: E402
from shirube.knowledge.names import files_of  # noqa: E402
from shirube.pgx.tables import tables_of  # noqa: E402
from shirube.quality.comparison import GATE  # noqa: E402

LIMITS = {"seconds": 20.0, "gibibytes": 2.0}
LANGUAGES = ("ja", "en")
FIRST, DEPTH, READ = 2_000, 60, 100  # position of the first finding, reads over it, their length
KNOWLEDGE = [
    *("clinical_evidence", "oncotree", "gene_models"),
    *("star_positions", "star_alleles", "diplotype_phenotypes", "drug_recommendations"),
]
CHILD, MAKE = "--child", "--make"  # each in a process of its own: memory is counted from the start


def filled(table: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """`table` with the columns of the contract that it lacks, null."""
    lacking = [name for name in contract.schema if name not in table.columns]
    return table.with_columns(pl.lit(None, contract.schema[name]).alias(name) for name in lacking)


def alleles(count: int, seed: int) -> pl.DataFrame:
    """Sorted single-base alleles of chromosomes 1 to 22."""
    draw = np.random.default_rng(seed)
    ref = draw.integers(0, 4, count)
    bases = np.array(list("ACGT"))
    frame = pl.DataFrame(
        {
            "chrom": [f"chr{n}" for n in range(1, 23)] * (count // 22 + 1),
        }
    ).head(count)
    return frame.with_columns(
        pl.col("chrom").cast(CHROM),
        pl.Series("pos", draw.integers(1, 240_000_000, count), pl.Int32),
        pl.Series("ref", bases[ref]),
        pl.Series("alt", bases[(ref + 1) % 4]),
        pl.Series("record", np.arange(count), pl.UInt32),
    ).sort("chrom", "pos", "record")


def put_large(directory: Path, count: int) -> None:
    """LEDGER and CALLS of `count` rows."""
    base = alleles(count, 1)
    draw = np.random.default_rng(2)
    rules = np.array(["LowLOD", "LowQual", "NoGenotype", "synonymous", "common"])
    fate = pl.Series("fate", np.array(FATES)[draw.choice(3, count, p=[0.001, 0.3, 0.699])])
    ledger = base.with_columns(
        pl.lit("somatic").alias("stage"),
        pl.lit("LUNG01-T").alias("sample"),
        fate.cast(pl.Enum(FATES)),
        pl.Series("rule", rules[draw.integers(0, 5, count)]),
        pl.lit("1").alias("value"),
        pl.lit("6.3").alias("threshold"),
    )
    write(LEDGER.table(filled(ledger, LEDGER)), LEDGER, directory / "ledger.parquet")
    calls = base.with_columns(
        pl.lit("PASS").alias("filter"),
        pl.lit(50.0).alias("qual"),
        *(pl.lit(v).alias(k) for k, v in {"dosage": 1, "ploidy": 2, "gq": 50, "dp": 30}.items()),
        *(pl.lit(15).alias(name) for name in ("ad_ref", "ad_alt")),
    )
    write(CALLS.table(filled(calls, CALLS)), CALLS, directory / "calls.parquet")


def put_small(directory: Path) -> None:
    """Everything else the two rules read."""
    found = [{**case.EGFR, "finding": f"snv:{n}", "rank": n, "pos": FIRST + n} for n in range(300)]
    write(case.findings(*found), FINDINGS, directory / "findings.parquet")
    targets = [case.codon("EGFR", n, f"p.Leu{n}Arg", FIRST + 3 * n, 140) for n in range(2000)]
    for name in ("LUNG01-N", "LUNG01-T"):
        write(case.coverage(), COVERAGE, directory / f"{name}.coverage.parquet")
        write(case.quality(name), QUALITY, directory / f"{name}.quality.parquet")
        write(case.rows(TARGETS, *targets), TARGETS, directory / f"{name}.targets.parquet")
        write(READS.empty(), READS, directory / f"{name}.reads.parquet")
        (directory / f"{name}.bed").write_text("chr1\t0\t248000000\n")
    write(case.clinical_evidence(), CLINICAL_EVIDENCE, directory / "clinical_evidence.parquet")
    for contract in (COMPARISON, MEMBERS, WITHHELD):
        write(contract.empty(), contract, directory / f"{contract.name}.parquet")
    write(case.oncotree(), ONCOTREE, directory / "oncotree.parquet")
    model = {"gene": "EGFR", "transcript": "T", "chrom": "chr1", "strand": "+"}
    model |= {"start": 1_000_000, "end": 1_200_000, "exon_starts": [1_000_000]}
    model |= {"exon_ends": [1_200_000]}
    write(case.rows(GENE_MODELS, model), GENE_MODELS, directory / "gene_models.parquet")


def put_reads(directory: Path) -> None:
    """A reference of one contig and a BAM of each sample with DEPTH reads over every finding."""
    contigs = {"chr7": sam_files.sequence(5_000)}
    sam_files.write_reference(directory / "r.fa", contigs)
    for name in ("LUNG01-N", "LUNG01-T"):
        records = [
            sam_files.record(f"r{start}.{copy}", "chr7", start, f"{READ}M",
                             contigs["chr7"][start : start + READ])
            for start in range(FIRST - 2 * READ, FIRST + 500, READ // 10)
            for copy in range(DEPTH // 10)
        ]  # fmt: skip
        sam_files.write_bam(directory / f"{name}.bam", contigs, records)


def put_star_alleles(directory: Path) -> None:
    """Tables of the demonstration's definitions, phenotypes and guidelines."""
    genome, folder = demo_genome(), directory / "pharmcat"
    for name in ("definition/alleles", "phenotype"):
        (folder / name).mkdir(parents=True)
    (folder / "guidelines.json").write_text(pharmacogenes.guidelines("benchmark"))
    for gene in pharmacogenes.GENES:
        definition = pharmacogenes.definition(genome, gene, "benchmark")
        (folder / f"definition/alleles/{gene}_translation.json").write_text(definition)
        meaning = pharmacogenes.phenotype(gene, "benchmark")
        (folder / f"phenotype/{gene}.json").write_text(meaning)
    made = tables_of(files_of(folder))
    about = {"release": "benchmark", "licence": "MIT", "sha256": "0" * 64}
    for contract, table in (
        (STAR_POSITIONS, made.positions),
        (STAR_ALLELES, made.alleles),
        (DIPLOTYPE_PHENOTYPES, made.phenotypes),
        (DRUG_RECOMMENDATIONS, made.recommendations),
    ):
        write(table, contract, directory / f"{contract.name}.parquet", about)


def child(directory: Path) -> None:
    """What the rules do, in this process."""
    names = [sample["sample"] for sample in case.SAMPLES]
    read = [{**s, "path": str(directory / f"{s['sample']}.bam")} for s in case.SAMPLES]
    fasta = directory / "r.fa"
    tables: dict[str, Any] = {
        "findings": directory / "findings.parquet",
        "ledger": directory / "ledger.parquet",
        "coverage": [directory / f"{name}.coverage.parquet" for name in names],
        "quality": [directory / f"{name}.quality.parquet" for name in names],
        "targets": [directory / f"{name}.targets.parquet" for name in names],
        "summaries": [directory / f"{name}.reads.parquet" for name in names],
        "callable": [directory / f"{name}.bed" for name in names],
        "calls": [directory / "calls.parquet"],
        "knowledge": [directory / f"{name}.parquet" for name in KNOWLEDGE],
        "outside": [],
        "trials": [],
        "depth": [],
        "gene_depth": [],
        "sign_off": [],
        "pedigree": [],
        "markers": [],
        "homozygosity": [],
        "repeats": [],
        "gene_copies": [],
        "cnv": [],
        **{name: directory / f"{name}.parquet" for name in ("comparison", "members", "withheld")},
        "somatic": [],
        "structural": [],
        "loh": [],
        "fasta": fasta,
    }
    settings: dict[str, Any] = {
        "aliases": None,
        "engines": {"somatic": "embedded"},
        "parameters": {"min_baseq": 13},
        "min_baseq": 13,
        "adj": {"min_gq": 20, "min_dp": 10, "min_dp_haploid": 5},
        "bases": [],
        "tests": [],
        "confirmations": [],
        "limits": {},
        "structural": {},
        "identity": None,
        "trials": {"exports": []},
        "trial_words": [[], []],
        "household": frozenset(),
        "approvals": str(ROOT / "resources/japan_approvals.tsv"),
        "approvals_own": False,
        "gates": {GATE: {"max": 6.0, "action": "warn"}},
        "build": "artificial",
        "date": None,
    }
    model = str(directory / "report.json")
    build(patient=case.PATIENT, samples=read, tables=tables, settings=settings, json=model)
    render(
        json=model,
        pages=[str(directory / f"report.{language}.html") for language in LANGUAGES],
        pdfs=[str(directory / f"report.{language}.pdf") for language in LANGUAGES],
        sheets=[str(directory / f"panel.{language}.pdf") for language in LANGUAGES],
        lists=[str(directory / f"panel.{language}.csv") for language in LANGUAGES],
        fhir=str(directory / "report.fhir.json"),
        phenopacket=str(directory / "report.phenopacket.json"),
        languages=LANGUAGES,
    )


def measured(directory: Path) -> dict[str, float]:
    """Elapsed and CPU seconds and peak memory of the child."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, __file__, CHILD, str(directory)])
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("the report could not be made")
    return {
        "seconds": round(time.perf_counter() - start, 2),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 2),
        "gibibytes": round(used.ru_maxrss / 2**20, 3),
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> int:
    """Measure, print, write; 1 if a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--records", type=int, default=5_000_000)
    parser.add_argument(CHILD, type=Path, help=argparse.SUPPRESS)
    parser.add_argument(MAKE, type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(args.child)
        return 0
    if args.make:
        put_large(args.make, args.records)
        put_small(args.make)
        put_reads(args.make)
        put_star_alleles(args.make)
        return 0
    with tempfile.TemporaryDirectory() as made:
        directory = Path(made)
        making = [sys.executable, __file__, MAKE, made, "--records", str(args.records)]
        subprocess.run(making, check=True)
        found = measured(directory)
    within = found["cpu_seconds"] <= LIMITS["seconds"] and found["gibibytes"] <= LIMITS["gibibytes"]
    size = f"report of {args.records} records, every format"
    rows = [
        row(f"{size}, elapsed", found["seconds"], "s", "limit", LIMITS["seconds"]),
        row(f"{size}, processors", found["cpu_seconds"], "s CPU", "limit", LIMITS["seconds"]),
        row(f"{size}, peak memory", found["gibibytes"], "GiB", "limit", LIMITS["gibibytes"]),
        row("load of the machine", found["load"], "processes"),
    ]
    save(rows, args.out)
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
