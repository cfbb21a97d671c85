"""Print a handbook page: every table a run writes, or every setting of a run."""

import argparse
from pathlib import Path

import yaml

from shirube.annotate.joint import JOINT
from shirube.calling.loci.gene_copies import GENE_COPIES
from shirube.calling.loci.repeats import REPEATS
from shirube.contracts import CONTRACTS
from shirube.contracts.knowledge import POPULATION
from shirube.dictionary import configuration, dictionary
from shirube.knowledge.importers import IMPORTERS
from shirube.rare.homozygosity import HOMOZYGOSITY
from shirube.rare.pedigree import PEDIGREE
from shirube.report.targets import TARGETS

SCHEMA = Path(__file__).resolve().parents[3] / "schemas/config.schema.yaml"

_KNOWLEDGE = {
    contract.name: contract for contract, _ in IMPORTERS.values() if contract not in CONTRACTS
}
TABLES = {
    "What a run finds": [
        *CONTRACTS,
        JOINT,
        PEDIGREE,
        HOMOZYGOSITY,
        REPEATS,
        GENE_COPIES,
        TARGETS,
    ],
    "Knowledge, below `results/knowledge/`": [*_KNOWLEDGE.values(), POPULATION],
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("--of", choices=["tables", "configuration"], default="tables")


def main(args: argparse.Namespace) -> int:
    """Print it."""
    if args.of == "tables":
        print(dictionary(TABLES), end="")
    else:
        print(configuration(yaml.safe_load(SCHEMA.read_text())), end="")
    return 0
