"""Phase told by fragments against the phase that GIAB states (family and linked reads)."""

import itertools
import os
from pathlib import Path
from typing import Any

import pytest

from shirube.phase.pairs import settled
from shirube.reads.phase import REACH, ReadPhase
from shirube.tools import run

REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
TRUTH = (
    REALDATA / "ceu-trio-chr20/test_hg001_giab_grch37_chr20_100kbp_at_10mb.vcf.gz"
)  # HG001 is NA12878
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.oracle,
    pytest.mark.skipif(not TRUTH.exists(), reason=f"no {TRUTH}: set REALDATA"),
]
# File -> its reference, and what the chromosome is called there.
READS = {
    "na12878-chr20/NA12878_S1.chr20.10_10p1mb.bam":
        ("na12878-chr20/ucsc.hg19.chr20.unittest.fasta.gz", "chr20"),
    "na12878-chr20/NA12878_S1.chr20.10_10p1mb.cram":
        ("na12878-chr20/ucsc.hg19.chr20.unittest.fasta.gz", "chr20"),
    "ceu-trio-chr20/HG001.chr20.10_10p1mb_sorted.bam":
        ("ceu-trio-chr20/hs37d5.chr20.fa.gz", "20"),
}  # fmt: skip


def pairs() -> list[tuple[dict[str, Any], dict[str, Any], bool]]:
    """Pairs of phased heterozygotes of GIAB within reach, and whether they are in trans."""
    text = run(
        *("bcftools", "query", "-r", "20:10000000-10100000", "-i", 'GT="het"'),
        *("-f", "%POS\t%REF\t%ALT\t[%GT\t%PS]\n", TRUTH),
    ).decode()
    alleles = []
    for line in text.splitlines():
        pos, ref, alt, genotype, block = line.split("\t")
        if genotype in ("0|1", "1|0"):
            row = {"chrom": "chr20", "pos": int(pos), "ref": ref, "alt": alt}
            alleles.append((row, genotype, block))
    return [
        (one, other, first != second)
        for (one, first, block), (other, second, same) in itertools.combinations(alleles, 2)
        if block == same and other["pos"] - one["pos"] <= REACH
    ]


def told(path: str) -> tuple[int, int, int]:
    """(right, wrong, pairs): what the fragments of a file say of GIAB's pairs."""
    fasta, contig = READS[path]
    phase = ReadPhase(str(REALDATA / path), str(REALDATA / fasta), contigs={"chr20": contig})
    wanted = pairs()
    found = [(phase.fragments(one, other), trans) for one, other, trans in wanted]
    said = [(settled(f.both + f.neither, f.first + f.second), t) for f, t in found if f]
    told = [(ours, theirs) for ours, theirs in said if ours is not None]
    right = sum(ours == theirs for ours, theirs in told)
    return right, len(told) - right, len(wanted)


@pytest.mark.parametrize(
    ("path", "least"),
    [(path, 100 if path.startswith("na12878") else 5) for path in sorted(READS)],
)
def test_phase_is_giabs(path: str, least: int) -> None:
    right, wrong, of = told(path)
    print(f"{path}: {right} right, {wrong} wrong of {of} pairs within {REACH} bases")
    assert right >= least
    assert wrong <= 0.005 * right


def test_bam_and_cram_tell_the_same() -> None:
    bam, cram = (f"na12878-chr20/NA12878_S1.chr20.10_10p1mb.{end}" for end in ("bam", "cram"))
    assert told(bam) == told(cram)
