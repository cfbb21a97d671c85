"""`bcftools csq`, aware of haplotypes, as a second opinion on what several alleles are together."""

import random
from pathlib import Path

import polars as pl
import pytest
from change_case import GENES, MODELS, SEQUENCE, TEXT, allele, composed
from csq_haplotypes import agrees, csq_haplotypes

from shirube.changes.compose import ALLELES
from shirube.genome.normalise import normalised
from shirube.genome.transcripts import transcripts_of
from shirube.tools import run

pytestmark = pytest.mark.oracle
SIDE = {"phase_set": 1, "haplotype": 0}
PROTEINS = {tx.name: tx.protein for tx in transcripts_of(MODELS, SEQUENCE)}


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
    theirs = csq_haplotypes(tmp_path, [rows], fasta, MODELS, "chr1", behind=True)
    compared = 0
    for row in changes.iter_rows(named=True):
        members = frozenset((m["pos"], m["ref"], m["alt"]) for m in row["members"])
        said = theirs[row["transcript"], members]
        assert agrees(row["hgvs_p"], said, PROTEINS[row["transcript"]]), (row, said)
        assert row["consequence"].split("&")[0] in said.terms, (row, said)
        compared += 1
    print(f"{compared} of {changes.height} codons compared")
    assert compared > 390


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
    rows = normalised(pl.DataFrame(rows, schema=ALLELES), SEQUENCE).rows(named=True)
    _, changes = composed(rows)
    theirs = csq_haplotypes(tmp_path, [rows], fasta, MODELS, "chr1")
    compared = 0
    for row in changes.iter_rows(named=True):
        members = frozenset((m["pos"], m["ref"], m["alt"]) for m in row["members"])
        if (said := theirs.get((row["transcript"], members))) is None:
            continue
        assert agrees(row["hgvs_p"], said, PROTEINS[row["transcript"]]), (row, said)
        for term in ("frameshift_variant", "stop_gained"):
            assert (term in row["consequence"]) == (term in said.terms), (row, said)
        compared += 1
    print(f"{compared} of {changes.height} pairs of shifts compared")
    assert compared >= 8
