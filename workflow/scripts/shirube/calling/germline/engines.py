"""Germline callers as command lines: what each is asked, and nothing of what follows.

Every caller yields one VCF of one sample: called genotypes, and what it knows of the other bases;
`gvcf` turns it into the one form all stages read. An engine is a function that takes a `Job`, does
what must be done before, and returns the commands whose joined output is that VCF.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shirube.calling.gatk import gatk_reference
from shirube.errors import InputError
from shirube.genome.intervals import Interval, merged
from shirube.genome.regions import read_contigs
from shirube.tools import run

# mpileup groups reference bases whose depth lies in one band; 5 and 10 are the depths at which
# the genotype rule starts to accept a haploid and a diploid genotype.
DEPTH_BANDS = (0, 5, 10, 20)

# Bases called on both sides of a tile and thrown away after: longer than a read and than the
# window in which mpileup builds its indel consensus, so calls do not depend on where tiles end.
PADDING = 1000

Commands = list[Sequence[object]]


@dataclass(frozen=True)
class Settings:
    """What the caller is told, from the config: thresholds on reads and bases."""

    min_mapq: int
    min_baseq: int
    max_depth: int
    min_fraction: float = 0.03  # of mitochondrial fragments an allele must have to be listed


@dataclass(frozen=True)
class Job:
    """Reads to call over `intervals`, of which the person has `copies` (1 or 2).

    `sample` picks one of several samples in the file; None takes all reads whatever their read
    group, or none, says. `scratch` is an empty directory of this job's own. `called` is the VCF of
    an engine that runs beforehand, on the whole sample.
    """

    reads: str | Path
    reference: str
    intervals: Sequence[Interval]
    copies: int
    sample: str | None
    settings: Settings
    scratch: Path
    called: str | None = None

    def bed(self) -> Path:
        """The intervals, padded, as a BED file."""
        return padded_bed(self.intervals, self.reference, self.scratch)

    def grouped_reads(self) -> Path:
        """The reads over the intervals, all of one read group: for callers that ask for one."""
        path = self.scratch / "reads.bam"
        source = reads_over(self.reads, self.reference, self.bed(), self.sample, self.scratch)
        run(
            *("samtools", "addreplacerg", "--no-PG", "-m", "overwrite_all", "-w"),
            *("-r", r"@RG\tID:reads\tSM:sample\tPL:ILLUMINA", "-o", path, source),
        )
        source.unlink()
        run("samtools", "index", path)
        return path


def padded_bed(intervals: Sequence[Interval], reference: str | Path, scratch: Path) -> Path:
    """BED file in `scratch` of `intervals` with PADDING on both sides, inside their contigs."""
    lengths = read_contigs(f"{reference}.fai")
    padded = merged(
        Interval(i.contig, max(0, i.start - PADDING), min(lengths[i.contig], i.end + PADDING))
        for i in intervals
    )
    path = scratch / "regions.bed"
    path.write_text("".join(f"{i.contig}\t{i.start}\t{i.end}\n" for i in padded))
    return path


def read_groups(reads: str | Path, sample: str) -> list[str]:
    """IDs of the read groups of one sample in a BAM or CRAM."""
    lines = run("samtools", "view", "--no-PG", "-H", reads).decode().splitlines()
    groups = [line.split("\t") for line in lines if line.startswith("@RG")]
    return [
        word[3:]
        for group in groups
        if f"SM:{sample}" in group
        for word in group
        if word[:3] == "ID:"
    ]


def reads_over(
    reads: str | Path, reference: str | Path, bed: Path, sample: str | None, scratch: Path
) -> Path:
    """A BAM in `scratch` of the reads over a BED file, of one sample or (None) of all."""
    out, choose = scratch / "source.bam", []
    if sample:
        listed = scratch / "groups.txt"
        listed.write_text("".join(f"{group}\n" for group in read_groups(reads, sample)))
        choose = ["-R", listed]
    run(
        *("samtools", "view", "--no-PG", "-u", "-T", reference, "-M", "-L", bed),
        *(*choose, "-o", out, reads),
    )
    return out


def reads_of_sample(
    reads: str | Path,
    reference: str | Path,
    intervals: Sequence[Interval],
    sample: str,
    scratch: Path,
) -> Path:
    """An indexed BAM in `scratch` of one sample's reads over `intervals`, padded."""
    bed = padded_bed(intervals, reference, scratch)
    path = reads_over(reads, reference, bed, sample, scratch)
    run("samtools", "index", path)
    return path


def bcftools(job: Job) -> Commands:
    """`bcftools mpileup | call`.

    -L lifts mpileup's default of no indels above depth 250. -A and -* keep the likelihoods of
    sites called reference, from which their genotype quality is taken. --indels-2.0 finds two
    more true indels of the 35 in the NA12878 slice than the default model (31 and 29). Windows that
    its columns do not explain are judged again by their haplotypes (`resolve`): 34 of 35.
    """
    select = ["-s", job.sample] if job.sample else ["--ignore-RG"]
    limits = job.settings
    pileup = [
        *("bcftools", "mpileup", "--no-version", "-Ou", "-f", job.reference, "-R", job.bed()),
        *(*select, "-g", ",".join(map(str, DEPTH_BANDS)), "-a", "AD,DP,SP", "--indels-2.0"),
        *("-q", limits.min_mapq, "-Q", limits.min_baseq),
        *("-d", limits.max_depth, "-L", limits.max_depth, job.reads),
    ]
    call = ["bcftools", "call", "--no-version", "-m", "-A", "-*", "--ploidy", job.copies, "-Ov"]
    return [pileup, call]


def gatk(job: Job) -> Commands:
    """GATK `HaplotypeCaller -ERC GVCF`.

    The sequence dictionary GATK wants beside the FASTA is made from its index, in the job's own
    directory. GATK refuses reads without a read group: they are given one.
    """
    scratch, limits = job.scratch, job.settings
    linked = gatk_reference(job.reference, scratch)
    out = scratch / "calls.g.vcf"
    run(
        *("gatk", "HaplotypeCaller", "--verbosity", "ERROR", "--QUIET", "true"),
        *("-R", linked, "-I", job.grouped_reads(), "-L", job.bed(), "-O", out, "-ERC", "GVCF"),
        *("--sample-ploidy", job.copies, "--native-pair-hmm-threads", 1),
        *("--minimum-mapping-quality", limits.min_mapq),
        *("--min-base-quality-score", max(6, limits.min_baseq)),  # GATK's own lower limit
        *("--create-output-variant-index", "false"),
        *("--add-output-vcf-command-line", "false", "--tmp-dir", scratch),
    )
    return [["bcftools", "view", "--no-version", out]]


def freebayes(job: Job) -> Commands:
    """`freebayes`, with a record for every uncalled base, from which blocks are made."""
    limits = job.settings
    reads, fasta = job.grouped_reads(), Path(job.reference)
    if fasta.suffix == ".gz":  # freebayes reads plain FASTA only
        contigs = dict.fromkeys(i.contig for i in job.intervals)
        run("samtools", "faidx", "-o", job.scratch / "reference.fa", job.reference, *contigs)
        fasta = job.scratch / "reference.fa"
        run("samtools", "faidx", fasta)
    return [
        [
            *("freebayes", "-f", fasta, "-t", job.bed(), "-p", job.copies),
            *("-m", limits.min_mapq, "-q", limits.min_baseq, "--limit-coverage", limits.max_depth),
            *("--gvcf", "--gvcf-dont-use-chunk", "true", reads),
        ]
    ]


def deepvariant(job: Job) -> Commands:
    """What DeepVariant, run in its container (rule call_deepvariant), said of the intervals.

    It takes the reads of a file for one person's, and calls two copies everywhere: haploid
    genotypes are made from its likelihoods (`caller_output.haploid`).
    """
    if job.sample:
        raise InputError(job.reads, "reads of one sample only, for DeepVariant", job.sample)
    return [["bcftools", "view", "--no-version", "-R", job.bed(), job.called]]


ENGINES: dict[str, Callable[[Job], Commands]] = {
    "bcftools": bcftools,
    "gatk": gatk,
    "freebayes": freebayes,
    "deepvariant": deepvariant,
}
