"""Turn PED files and phenopackets into the sheet of people.

    shirube family family.ped patient.json > config/patients.tsv

A file whose name ends in .json is a phenopacket v2 (one person, or a family with its pedigree),
any other is a PED. Several files may speak of the same people; where they contradict each other
nothing is written. Consent is never in these files: fill in consent_cohort and consent_secondary.
"""

import argparse

from shirube.rare.family_files import joined, read_ped, read_phenopacket, sheet


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="PED file or phenopacket (.json)")


def main(args: argparse.Namespace) -> int:
    """Print the sheet."""
    parts = [
        read_phenopacket(path) if path.endswith(".json") else read_ped(path) for path in args.files
    ]
    print(sheet(joined(parts, args.files[-1])), end="")
    return 0
