"""List, patient by patient, what newer knowledge changes and why.

Compares two directories of knowledge tables (<results>/knowledge of two runs) for the alleles and
findings of a finished run. `act`: a classification crossed the line or strong evidence came or
went; `look`: worth reading; `note`: for the record. Nothing is called again and nothing is written
but the list.
"""

import argparse
import json
import sys
from pathlib import Path

import polars as pl

from shirube.contracts import ALLELE, ANNOTATION, CALLS, FINDINGS, SOMATIC, scan
from shirube.errors import InputError
from shirube.interpret.dosage_points import common, span
from shirube.knowledge.difference import Knowledge, differences
from shirube.sheet import read_samples


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube diff`."""
    parser.add_argument("--old", required=True, type=Path, help="knowledge tables of the run")
    parser.add_argument("--new", required=True, type=Path, help="newer knowledge tables")
    parser.add_argument("--results", type=Path, default=Path("results"), help="the finished run")
    parser.add_argument("--samples", default="config/samples.tsv", help="its sheet of samples")
    parser.add_argument("--out", type=Path, help="TSV to write; default: standard output")


def main(args: argparse.Namespace) -> int:
    """Print or write the list; 0 also if nothing changed."""
    knowledge = Knowledge(args.old, args.new)
    sheet = read_samples(args.samples)
    table = differences(
        knowledge,
        alleles_of(args.results, sheet),
        findings_of(args.results, sheet),
        events_of(args.results, sheet),
        common,
    )
    text = table.write_csv(separator="\t")
    if args.out:
        args.out.write_text(text)
    else:
        sys.stdout.write(text)
    people = table.filter(pl.col("urgency") == "act")["patient"].unique().sort().to_list()
    sys.stderr.write(
        f"{table.height} changes; to interpret again: {', '.join(people) or 'nobody'}\n"
    )
    return 0


def alleles_of(results: Path, sheet: pl.DataFrame) -> pl.DataFrame:
    """patient, ALLELE, name of every allele of normals and tumours that passed its filters."""
    parts = []
    for sample, patient, kind in sheet.select("sample", "patient", "kind").iter_rows():
        passed = pl.col("filter") == "PASS"
        if kind == "normal":
            frame = scan(CALLS, _file(results / "germline" / f"{sample}.parquet")).filter(
                passed, pl.col("dosage") > 0
            )
        else:
            frame = scan(SOMATIC, _file(results / "somatic" / f"{patient}.parquet")).filter(passed)
        parts.append(frame.select(pl.lit(patient).alias("patient"), *ALLELE).collect())
    alleles = pl.concat(parts).unique() if parts else None
    if alleles is None:
        raise InputError(results, "samples in the sheet")
    return alleles.join(_names(results), on=list(ALLELE), how="left").with_columns(
        pl.coalesce("name", pl.format("{}:{} {}>{}", "chrom", "pos", "ref", "alt")).alias("name")
    )


def _file(path: Path) -> Path:
    if not path.is_file():
        raise InputError(path, "a table of the finished run")
    return path


def _names(results: Path) -> pl.DataFrame:
    """ALLELE -> how a reader calls it: gene and protein, coding or genomic name."""
    files = sorted((results / "annotation").glob("*.parquet"))
    if not files:
        raise InputError(results / "annotation", "annotation of the finished run")
    table = pl.concat([scan(ANNOTATION, file) for file in files]).select(
        *ALLELE, "gene", "mane", "hgvs_g", "hgvs_c", "hgvs_p"
    )
    first = pl.col("mane").replace_strict(
        {"MANE Select": 0, "MANE Plus Clinical": 1}, default=2, return_dtype=pl.Int8
    )
    chosen = table.sort(*ALLELE, first, nulls_last=True).unique(
        list(ALLELE), keep="first", maintain_order=True
    )
    words = pl.concat_str(
        "gene", pl.coalesce("hgvs_p", "hgvs_c", "hgvs_g"), separator=" ", ignore_nulls=True
    )
    return chosen.select(
        *ALLELE, pl.when(words != "").then(words).otherwise("hgvs_g").alias("name")
    ).collect()


def findings_of(results: Path, sheet: pl.DataFrame) -> pl.DataFrame:
    """patient, gene, kind, hgvs_p, name of every finding of every patient."""
    parts = []
    for patient in sheet["patient"].unique().sort():
        table = scan(FINDINGS, _file(results / "findings" / f"{patient}.parquet"))
        facts = table.select("gene", "kind", "hgvs_p", pl.coalesce("name", "gene").alias("name"))
        parts.append(facts.collect().with_columns(pl.lit(patient).alias("patient")))
    return pl.concat(parts)


def events_of(results: Path, sheet: pl.DataFrame) -> pl.DataFrame:
    """patient, name, svtype, chrom, start, end of reported germline deletions and duplications.

    start, end: 0-based half-open, between the breakpoints that the finding states.
    """
    rows = []
    for patient in sheet["patient"].unique().sort():
        table = scan(FINDINGS, _file(results / "findings" / f"{patient}.parquet"))
        own = table.filter(pl.col("kind") == "structural", pl.col("origin") == "germline")
        for name, text in own.select("name", "detail").collect().iter_rows():
            said = json.loads(text or "{}")
            ends = [str(said.get(f"breakpoint{n}", "")).rpartition(":") for n in (1, 2)]
            if said.get("svtype") in ("DEL", "DUP") and ends[0][0] == ends[1][0]:
                event = (said["svtype"], ends[0][0], int(ends[0][2]), int(ends[1][2]))
                rows.append((patient, name, event[0], event[1], *span(event[0], *event[2:])))
    schema = {"patient": pl.String, "name": pl.String, "svtype": pl.String, "chrom": pl.String}
    return pl.DataFrame(rows, schema | {"start": pl.Int64, "end": pl.Int64}, orient="row")
