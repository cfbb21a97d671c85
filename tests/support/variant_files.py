"""Small variant files and references that agree with them, for the tests of the intake."""

import re
from pathlib import Path

from sam_files import sequence, write_reference

CASES = Path(__file__).parents[1] / "cases"


def reference_for(path: Path, directory: Path, most: int = 60_000) -> tuple[Path, dict[str, int]]:
    """A reference with the contigs of a VCF's header whose bases are the REF of its records.

    Contigs longer than `most` bases, and those that are no chromosome, are left out.
    """
    text = path.read_text()
    stated = re.findall(r"^##contig=<ID=([^,>]+),length=(\d+)", text, re.M)
    contigs = {
        name: bytearray(sequence(int(length), seed=place).encode())
        for place, (name, length) in enumerate(stated)
        if int(length) <= most and "_" not in name
    }
    for line in text.splitlines():
        if not line.startswith("#"):
            contig, pos, _, ref = line.split("\t")[:4]
            if contig in contigs:
                start = int(pos) - 1
                contigs[contig][start : start + len(ref)] = ref.upper().encode()
    fasta = write_reference(
        directory / "reference.fa", {name: bases.decode() for name, bases in contigs.items()}
    )
    return Path(fasta), {name: len(bases) for name, bases in contigs.items()}
