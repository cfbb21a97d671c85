"""Turn PED files and phenopackets into the sheet of people.

    shirube family family.ped patient.json > config/patients.tsv
    shirube family --rename published/*.json > config/patients.tsv

A file whose name ends in .json is a phenopacket (schema 1 or 2; a person, a family or a cohort),
any other is a PED. A name the sheet does not allow, such as "Patient 1", is mapped to one it does
(Patient_1); the given name stays in the column label, and every mapping is told. A PED and a
phenopacket may speak of the same person; two phenopackets that name the same one are refused
unless --rename (different people) or --merge (one person) says which it is. Where files contradict
each other nothing is written. Consent is never in these files: fill in consent_cohort and
consent_secondary.
"""

import argparse
import sys

from shirube.rare.family_files import people, sheet
from shirube.rare.ped import read_ped
from shirube.rare.phenopackets import read_phenopacket


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="PED file or phenopacket (.json)")
    which = parser.add_mutually_exclusive_group()
    different = "people of one name are different: name them by packet or family"
    which.add_argument("--rename", action="store_true", help=different)
    same = "people of one name are one person: join what the files say"
    which.add_argument("--merge", action="store_true", help=same)


def main(args: argparse.Namespace) -> int:
    """Print the sheet; what was mapped or left out goes to standard error."""
    files = [read_phenopacket(p) if p.endswith(".json") else read_ped(p) for p in args.files]
    rows, notes = people(files, args.rename, args.merge)
    for note in notes:
        print(note, file=sys.stderr)
    print(sheet(rows), end="")
    return 0
