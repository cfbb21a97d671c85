"""What a run made, and where; exit status 1 when somebody has no report."""

import argparse
from pathlib import Path

import yaml

from shirube.errors import InputError
from shirube.progress.events import EVENTS, read_events
from shirube.progress.people import UNFINISHED, ending, read_people
from shirube.sheet import read_patients, read_samples

WHAT = (
    ("index.html", "every person of the run on one page"),
    ("reports/*/report.ja.html", "patient reports (Japanese)"),
    ("reports/*/report.en.html", "patient reports (English)"),
    ("reports/*/report.json", "the same as data, one model behind every rendering"),
    ("ledger/*.parquet", "the fate of every input record, one table a patient"),
    ("germline/*.vcf.gz", "germline calls (gVCF and split VCF)"),
    ("somatic/*.vcf.gz", "somatic calls"),
    ("sv/*.vcf.gz", "structural variants"),
    ("callable/*.bed.gz", "where each sample could be called"),
    ("annotation/*.parquet", "every allele named and placed"),
    ("cohort/frequency/*.parquet", "allele frequencies of the cohort"),
    ("cohort/sites.vcf.gz", "the same as a sites VCF"),
    ("cohort/report.*.html", "the report on the release"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("--directory", default=".", help="where the run started")
    parser.add_argument("--config", default="config/config.yaml", help="relative to directory")


def main(args: argparse.Namespace) -> int:
    """Print one line a kind of result: how many, what, where."""
    directory = Path(args.directory)
    if not (directory / args.config).is_file():
        raise InputError(directory / args.config, "the configuration of a run (--directory)")
    config = yaml.safe_load((directory / args.config).read_text())
    people = read_patients(directory / config["patients"])
    files = read_samples(directory / config["samples"])
    if config["reference"]["build"] == "artificial":
        print("All people and sequences of this run are artificial.")
    print(f"{people.height} people, {files.height} samples:")
    for pattern, meaning in WHAT:
        found = sorted((directory / "results").glob(pattern))
        if found:
            where = directory / "results" / pattern if len(found) > 1 else found[0]
            print(f"  {len(found):5}  {meaning}: {where}")
    state = read_events(directory / EVENTS)
    standing = read_people(directory, config, state)
    print(*ending(standing, state, directory), sep="\n")
    return int(any(standing.count(name) for name in UNFINISHED))
