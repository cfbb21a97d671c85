"""`bcftools csq`, aware of haplotypes, as a second opinion on what several alleles are together."""

import random
from pathlib import Path

import pytest
from change_case import GENES, MODELS, TEXT, allele, composed
from csq_haplotypes import csq_haplotypes, residues

from shirube.tools import run

pytestmark = pytest.mark.oracle
SIDE = {"phase_set": 1, "haplotype": 0}


@pytest.fixture
def fasta(tmp_path: Path) -> str:
    path = tmp_path / "r.fa"
    path.write_text(f">chr1\n{TEXT}\n")
    run("samtools", "faidx", path)
    return str(path)


def test_substitutions_of_one_codon(tmp_path: Path, fasta: str) -> None:
    draw = random.Random(5)
    rows = []
    for gene in GENES:
        for number in range(1, 200):
            for place in draw.sample(range(3), draw.choice([2, 3])):
                pos = gene.positions[3 * number + place]
                ref = TEXT[pos - 1]
                rows.append(allele(pos, ref, draw.choice([b for b in "ACGT" if b != ref]), **SIDE))
    _, changes = composed(rows)
    theirs = csq_haplotypes(tmp_path, rows, fasta, MODELS, "chr1")
    compared = 0
    for row in changes.iter_rows(named=True):
        members = frozenset((m["pos"], m["ref"], m["alt"]) for m in row["members"])
        if members not in theirs or row["hgvs_p"].endswith("="):
            continue
        terms, change = theirs[members]
        assert residues(row["hgvs_p"]) == change, row
        assert row["consequence"].split("&")[0] in terms, (row, terms)
        compared += 1
    print(f"{compared} of {changes.height} codons compared")
    assert compared > 300


def test_shifts_that_restore_the_frame(tmp_path: Path, fasta: str) -> None:
    """Csq and we join the same alleles, and say the same of the frame and of stops."""
    draw = random.Random(6)
    rows = []
    for gene in GENES:
        step = 1 if gene.forward else -1
        for first in range(30, 560, 75):
            one, other = gene.positions[first], gene.positions[first + 12]
            if other - one != 12 * step:
                continue  # an intron between them
            low, high = sorted((one, other))
            rows.append(allele(low, TEXT[low - 1], TEXT[low - 1] + draw.choice("ACGT"), **SIDE))
            rows.append(allele(high, TEXT[high - 1 : high + 1], TEXT[high - 1], **SIDE))
    _, changes = composed(rows)
    theirs = csq_haplotypes(tmp_path, rows, fasta, MODELS, "chr1")
    compared = 0
    for row in changes.iter_rows(named=True):
        members = frozenset((m["pos"], m["ref"], m["alt"]) for m in row["members"])
        if members not in theirs:
            continue
        terms, _ = theirs[members]
        for term in ("frameshift_variant", "stop_gained"):
            assert (term in row["consequence"]) == (term in terms), (row, terms)
        compared += 1
    print(f"{compared} of {changes.height} pairs of shifts compared")
    assert compared >= 8
