"""Germline callers as command lines: what each is asked, and nothing of what follows.

Every caller prints one VCF to its standard output that holds the called genotypes of one sample
and what it knows of the other bases; `gvcf` turns it into the one form all stages read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# mpileup groups reference bases whose depth lies in one band; 5 and 10 are the depths at which
# the genotype rule starts to accept a haploid and a diploid genotype.
DEPTH_BANDS = (0, 5, 10, 20)

# Bases called on both sides of a tile and thrown away after: longer than a read and than the
# window in which mpileup builds its indel consensus, so calls do not depend on where tiles end.
PADDING = 1000


@dataclass(frozen=True)
class Settings:
    """What the caller is told, from the config: thresholds on reads and bases."""

    min_mapq: int
    min_baseq: int
    max_depth: int


def bcftools(
    reads: str | Path,
    reference: str | Path,
    regions: str | Path,
    copies: int,
    sample: str | None,
    settings: Settings,
) -> list[Sequence[object]]:
    """Commands, to be joined by pipes, that call `reads` over a regions file (htslib, 1-based).

    `copies` is 1 or 2; `sample` picks one of several samples in the file, None takes all reads
    whatever their read group, or none, says. -L lifts mpileup's default of no indels above
    depth 250. -A and -* keep the likelihoods of sites called reference, from which their
    genotype quality is taken. --indels-2.0 finds two more true indels of the 35 in the NA12878
    slice than the default model (31 and 29), with two fewer extra ones.
    """
    select = ["-s", sample] if sample else ["--ignore-RG"]
    pileup = [
        *("bcftools", "mpileup", "--no-version", "-Ou", "-f", reference, "-R", regions, *select),
        *("-g", ",".join(map(str, DEPTH_BANDS)), "-a", "AD,DP,SP", "--indels-2.0"),
        *("-q", settings.min_mapq, "-Q", settings.min_baseq),
        *("-d", settings.max_depth, "-L", settings.max_depth, reads),
    ]
    call = ["bcftools", "call", "--no-version", "-m", "-A", "-*", "--ploidy", copies, "-Ov"]
    return [pileup, call]
