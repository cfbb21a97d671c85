"""Look up frequencies: an allele, region, gene, rsID, HGVS name or disease.

Examples: chr17-7675088-C-T, rs28934578, TP53, chr17:7675000-7676000, TP53:p.Arg175His,
NM_000546.6:c.524G>A, マルファン症候群. Alleles are put in their one form first.
Shows the published frequencies of the cohort, by group, beside those of imported sources. With
--where the frequencies are computed anew for the people chosen, from the private state:
--where 'diagnosis == "LUAD" and sex == "XX"'. Exit status: 0 found, 1 refused or not found.
"""

import argparse
import importlib
import sys
from pathlib import Path

import polars as pl

from shirube.cohort.query import tables
from shirube.cohort.query.places import Place
from shirube.cohort.query.released import Release, Row
from shirube.cohort.query.released_names import ReleasedNames
from shirube.cohort.query.search import Answer, Search
from shirube.cohort.query.sequence import Genome
from shirube.cohort.query.sources import sources
from shirube.contracts import LOCUS_FREQUENCY, STRUCTURAL_FREQUENCY, Contract
from shirube.errors import InputError

_FORMATS = ("table", "tsv", "json", "parquet", "vcf")
_CONFIG = Path("config/config.yaml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube query`."""
    parser.add_argument("what", nargs="+", help="allele, region, gene, rsID, HGVS name or disease")
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument(
        "--structural", action="store_true", help="the structural variants that reach into it"
    )
    parser.add_argument(
        "--loci", action="store_true", help="disease repeats, and alleles of chrM with heteroplasmy"
    )
    parser.add_argument("--group", action="append", help="show these groups only (repeatable)")
    parser.add_argument("--where", help="compute for the people of the sheet who meet this")
    parser.add_argument(
        "--config", type=Path, help="the run's configuration (config/config.yaml here or beside)"
    )
    parser.add_argument("--format", choices=_FORMATS, default="table")
    parser.add_argument("--out", type=Path, help="write here (needed for parquet)")


def config_of(given: Path | None, results: Path) -> Path:
    """The configuration a run's results were made by: as given, here, or beside the results."""
    beside = results.absolute().parent / _CONFIG
    return given or (_CONFIG if _CONFIG.is_file() or not beside.is_file() else beside)


def show(table: pl.DataFrame, form: str, out: Path | None, release: Release | None) -> None:
    """Write `table` in a format to `out` or standard output."""
    if form == "parquet":
        if out is None:
            raise InputError("--format parquet", "--out FILE")
        table.write_parquet(out)
        return
    if form == "vcf":
        if release is None:
            raise InputError("--format vcf", "a question without --where")
        text = tables.vcf(table, release)
    elif form == "tsv":
        text = table.write_csv(separator="\t", quote_style="never")
    elif form == "json":
        text = table.write_json() + "\n"
    else:
        text = tables.aligned(table)
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text)


def _not_found(answer: Answer, release: Release, whom: str) -> str:
    """What can be said of a place where no allele was found."""
    asked = answer.question.text
    if len(answer.alleles) != 1:
        return f"no allele of {whom} at {asked}"
    chrom, pos, *_ = answer.alleles[0]
    if not release.tells_callability:
        return f"no allele of {whom} at {asked}; this release does not say who was callable there"
    seen = release.seen(chrom, pos)
    if not seen.enough:
        least = release.min_people
        return f"{asked}: not measured: fewer than {least} people were callable there"
    return f"{asked}: not in the release; {seen.people} people were callable there"


def main(args: argparse.Namespace) -> int:
    """Look up and show; 1 if nothing was found."""
    what = " ".join(args.what)
    if args.loci and (named := Release(args.results / "cohort").loci.named(what)):
        return _beside(args, [row for rows in named for row in rows], LOCUS_FREQUENCY, "levels")
    config = config_of(args.config, args.results)
    answer = Search(args.results, Genome.configured(config)).answer(what)
    for note, values in answer.notes:
        print(f"shirube query: {_NOTES[note].format(**values)}", file=sys.stderr)
    if answer.kind == "diseases":
        rows = [
            {**{key: row[key] for key in _DISEASE}, "genes": ", ".join(g for g, _ in row["genes"])}
            for row in answer.diseases
        ]
        show(pl.DataFrame(rows), args.format, args.out, None)
        return 0
    places = list(answer.places)
    release = Release(args.results / "cohort")
    if args.structural:
        return _structural(args, release, places)
    if args.loci:
        return _loci(args, release, answer)
    known = sources(args.results / "knowledge")
    if args.where:
        # Counting takes as long to start as a look-up in a release takes altogether.
        private = importlib.import_module("shirube.cohort.query.chosen")
        table = private.people_frequencies(what, places, args.where, config, args.results)
        table = tables.beside(table, None, places, known)
    else:
        table = tables.beside(tables.released(release, places), release, places, known)
        if args.group:
            table = table.filter(pl.col("stratum").is_in(args.group))
    if table.is_empty() or (table["ac"].is_null().all() and len(answer.alleles) == 1):
        whom = "the people chosen" if args.where else "the release"
        print(f"shirube query: {_not_found(answer, release, whom)}", file=sys.stderr)
    if table.is_empty():
        return 1
    table = tables.named(table, ReleasedNames(args.results / "cohort"))
    show(table, args.format, args.out, None if args.where else release)
    return 0


def _structural(args: argparse.Namespace, release: Release, places: list[Place]) -> int:
    """Show the structural variants of the release that reach into `places`; 1 if there are none."""
    found = [
        row
        for place in places
        for rows in release.structural.within(place.chrom, place.start, place.end)
        for row in rows
    ]
    if not found:
        told = "no structural variant of the release" if release.structural.told else (
            "this release tells of no structural variants"
        )  # fmt: skip
        print(f"shirube query: {told} at {' '.join(args.what)}", file=sys.stderr)
        return 1
    return _beside(args, found, STRUCTURAL_FREQUENCY, "copy_numbers")


def _loci(args: argparse.Namespace, release: Release, answer: Answer) -> int:
    """Show the repeats of a gene, or the loci at the places asked about; 1 if there are none."""
    loci = release.loci.of_gene(answer.gene) if answer.gene else []
    for place in answer.places:
        loci += release.loci.within(place.chrom, place.start, place.end)
    found = [row for locus in loci for rows in locus for row in rows]
    if not found:
        told = "no locus of the release" if release.loci.told else "this release tells of no loci"
        print(f"shirube query: {told} at {' '.join(args.what)}", file=sys.stderr)
        return 1
    return _beside(args, found, LOCUS_FREQUENCY, "levels")


def _beside(args: argparse.Namespace, found: list[Row], contract: Contract, bins: str) -> int:
    """Show rows that stand beside the alleles; `bins`: their column of numbers."""
    if args.where or args.format == "vcf":
        raise InputError("--structural and --loci", "neither --where nor --format vcf")
    table = pl.DataFrame(found, contract.polars).unique(maintain_order=True)
    if args.group:
        table = table.filter(pl.col("stratum").is_in(args.group))
    if args.format in ("table", "tsv"):
        table = table.with_columns(pl.col(bins).cast(pl.List(pl.String)).list.join(","))
    show(table, args.format, args.out, None)
    return 0


_DISEASE = ("nando", "number", "name_ja", "name_en", "omim", "mondo")
_NOTES = {
    "normalised": "{asked} is written {now}",
    "on_transcript": "on {transcript}",
    "gene_alias": "{asked} is now called {gene}",
}
