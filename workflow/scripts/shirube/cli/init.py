"""Write the configuration and both sheets of a new run, filled from the files there are.

  shirube init --reads /data/run42 --reference /data/GRCh38.fa.gz
  shirube init --kind panel --regions panel.bed --reads /data/run43

Sample names, pairs of tumour and normal and sex (by reads on X and Y) are guesses: each is
listed, and every sheet is a plain table to correct. Then: shirube fetch --bundle 2026-11 (or
--from a folder), shirube check, shirube run.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

import yaml

from shirube.errors import InputError
from shirube.files import whole
from shirube.genome.regions import read_contigs
from shirube.home import HOME
from shirube.setup.found_files import Sheets, search, sheets_of
from shirube.setup.settings_text import with_block

TEMPLATE = HOME / "config/config.yaml"
PROFILES = HOME / "profiles"
KINDS = ("wgs", "wes", "panel")
# What differs from a genome: settings a slice of it cannot meet or does not need.
OF_KIND: dict[str, dict[str, dict[str, object]]] = {
    "wgs": {},
    "wes": {"calling": {"callable_depth": 20}},
    "panel": {"calling": {"callable_depth": 50}},
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("--kind", choices=KINDS, default="wgs", help="what was sequenced")
    parser.add_argument("--build", choices=("GRCh38", "GRCh37"), help="default: as the files say")
    parser.add_argument(
        "--reads", type=Path, required=True, help="folder of BAM, CRAM or VCF files"
    )
    parser.add_argument("--reference", type=Path, help="FASTA the reads were aligned to")
    parser.add_argument("--regions", type=Path, help="BED that limits the run (panel, exome)")
    parser.add_argument("--directory", type=Path, default=Path("."), help="where the run will be")


def _table(rows: Sequence[dict[str, str]]) -> str:
    columns = list(rows[0])
    lines = ["\t".join(columns), *("\t".join(row[c] for c in columns) for row in rows)]
    return "\n".join(lines) + "\n"


def _build(asked: str | None, sheets: Sheets) -> str:
    if asked:
        return asked
    if len(sheets.builds) > 1:
        builds = " and ".join(sorted(sheets.builds))
        raise InputError(
            "--build", f"one genome build in the files, found {builds}; --build decides"
        )
    build = next(iter(sheets.builds), "GRCh38")
    if build not in ("GRCh38", "GRCh37"):
        raise InputError("--reads", f"files aligned to GRCh38 or GRCh37, found {build}")
    return build


def settings_text(kind: str, build: str, reference: Path | None, regions: Path | None) -> str:
    """The commented configuration with the values of this run."""
    text = TEMPLATE.read_text(encoding="utf-8")
    settings = yaml.safe_load(text)
    fasta = str(reference.resolve()) if reference else f"reference/{build}.fa.gz"
    text = with_block(text, "reference", {"fasta": fasta, "build": build})
    if regions:
        text = with_block(text, "regions", str(regions.resolve()))
    for key, values in OF_KIND[kind].items():
        text = with_block(text, key, {**settings[key], **values})
    return text


def main(args: argparse.Namespace) -> int:
    """Write the files of a run that are not there; return 1 if one would be replaced."""
    config = args.directory / "config"
    targets = [config / name for name in ("config.yaml", "patients.tsv", "samples.tsv")]
    there = [str(path) for path in targets if path.exists()]
    if there:
        raise InputError(there[0], "a directory without it: init replaces nothing")
    for path, what in ((args.reference, "a FASTA"), (args.regions, "a BED")):
        if path and not path.is_file():
            raise InputError(path, f"{what} that is there")
    if args.kind != "wgs" and not args.regions:
        raise InputError(
            "--regions", f"the BED of the {args.kind}: without it the whole genome is run"
        )
    index = Path(f"{args.reference}.fai")
    contigs = read_contigs(index) if index.is_file() else {}  # without: shirube check asks for it
    sheets = sheets_of(search(args.reads.resolve()), contigs)
    if not sheets.samples:
        raise InputError(args.reads, f"a file that can be read; {'; '.join(sheets.confirm)}")
    texts = [
        settings_text(args.kind, _build(args.build, sheets), args.reference, args.regions),
        _table(sheets.patients),
        _table(sheets.samples),
    ]
    config.mkdir(parents=True, exist_ok=True)
    for path, text in zip(targets, texts, strict=True):
        with whole(path) as part:
            part.write_text(text, encoding="utf-8")
    profile = args.directory / "profiles"
    if not profile.exists():
        shutil.copytree(PROFILES, profile)
    print(f"{len(sheets.patients)} people, {len(sheets.samples)} samples -> {config}")
    print("to confirm:", *sheets.confirm, sep="\n  ")
    print("left to fill in:", *left(args, sheets), sep="\n  ")
    return 0


def left(args: argparse.Namespace, sheets: Sheets) -> list[str]:
    """What only a person can say, by file and column."""
    lines = []
    if any(row["programme"] == "cancer" for row in sheets.patients):
        lines.append(
            "patients.tsv, diagnosis: OncoTree code of each tumour (LUAD, BRCA, COAD, ...)"
        )
    if any(row["programme"] == "" for row in sheets.patients):
        lines.append(
            "patients.tsv, programme: cancer, rare or control; of rare: hpo, father, mother"
        )
    lines.append(
        "patients.tsv, consent_cohort, consent_secondary: yes or no, as the person consented"
    )
    if not args.reference:
        lines.append(
            "config.yaml, reference.fasta: the FASTA the reads were aligned to (or shirube fetch)"
        )
    lines.append("config.yaml, knowledge: shirube fetch --bundle 2026-11, or --from a folder")
    return lines
