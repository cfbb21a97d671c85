"""SNVs that GATK's HaplotypeCaller writes as one allele, and whether our phase says the same."""

import itertools
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pysam
from accuracy_germline import SETTINGS, SLICE, call, only_sample
from accuracy_rows import Row, atomised
from accuracy_somatic import GENES

from shirube.calling.gatk import gatk_reference
from shirube.calling.germline.engines import Job
from shirube.genome.intervals import Interval
from shirube.phase.pairs import phase_of
from shirube.reads.phase import ReadPhase
from shirube.tools import located, run

DISTANCE = 10  # bases between SNVs of one allele
Snv = tuple[int, str, str]


@dataclass(frozen=True)
class Sample:
    """Reads, their reference (paths in the real data) and where both are whole."""

    name: str
    reference: str
    reads: str
    regions: list[Interval]


B37, TEN = "ceu-trio-chr20/hs37d5.chr20.fa.gz", Interval("20", 10_000_000, 10_010_000)
SAMPLES = [
    Sample("na12878", "na12878-chr20/ucsc.hg19.chr20.unittest.fasta.gz",
           "na12878-chr20/NA12878_S1.chr20.10_10p1mb.bam", [SLICE]),
    Sample("hg002", B37, "na12878-chr20/HG002_NIST_150bp_downsampled_30x.chr20.10_10p1mb.bam",
           [Interval("20", 10_000_000, 10_099_900)]),
    Sample("na12891", B37, "ceu-trio-chr20/NA12891.chr20.10_10p1mb_sorted.bam", [TEN]),
    Sample("na12892", B37, "ceu-trio-chr20/NA12892.chr20.10_10p1mb_sorted.bam", [TEN]),
    Sample("hcc1395bl", "ref-grch38-chr17/chr17.tp53_brca1.fa.gz",
           "hcc1395-chr17/aligned_here/HCC1395BL.normal.grch38.bam", GENES),
]  # fmt: skip


def gatk_calls(job: Job) -> tuple[set[Snv], set[tuple[Snv, Snv]]]:
    """SNVs of GATK's genotypes, and pairs of neighbours that are of one allele of it."""
    out = job.scratch / "gatk.vcf"
    run(
        *("gatk", "HaplotypeCaller", "--verbosity", "ERROR", "--QUIET", "true"),
        *("-R", gatk_reference(job.reference, job.scratch), "-I", job.grouped_reads()),
        *("-L", job.bed(), "-O", out, "--max-mnp-distance", DISTANCE),
        *("--native-pair-hmm-threads", 1, "--tmp-dir", job.scratch),
    )
    found: set[Snv] = set()
    joined: set[tuple[Snv, Snv]] = set()
    with pysam.VariantFile(str(out)) as records:
        for record in records:
            carried = {n for n in record.samples[0]["GT"] if n}
            for alt in (str(record.alleles[n]) for n in carried if record.alleles):
                ref = str(record.ref)
                if len(alt) == len(ref):
                    bases = zip(ref, alt, strict=True)
                    snvs = [(record.pos + at, a, b) for at, (a, b) in enumerate(bases) if a != b]
                    found.update(snvs)
                    joined.update(itertools.pairwise(snvs))
    return found, joined


def compared(sample: Sample, realdata: Path) -> Counter[str]:
    """Neighbouring SNVs that both callers have: how our phase and GATK's alleles agree."""
    reference, reads = str(realdata / sample.reference), str(realdata / sample.reads)
    name, ours = only_sample(reads), dict[Snv, int]()
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        for number, region in enumerate(sample.regions):
            out = scratch / str(number)
            vcf = call("bcftools", reads, reference, name, "XX", region, out)
            table = atomised(vcf, reference, region, out / "norm")
            ours |= {(pos, ref, alt): n for pos, ref, alt, n in table.iter_rows()
                     if len(ref) == len(alt)}  # fmt: skip
        job = Job(reads, reference, sample.regions, 2, None, SETTINGS, scratch)
        theirs, joined = gatk_calls(job)
    phase = ReadPhase(reads, reference, name)
    count = Counter(lost=sum(not {*pair} <= ours.keys() for pair in joined))
    for one, other in itertools.pairwise(sorted(ours.keys() & theirs)):
        if 0 < other[0] - one[0] <= DISTANCE:
            rows = [
                {"chrom": sample.regions[0].contig, "pos": pos, "ref": ref, "alt": alt,
                 "origin": "germline", "dosage": ours[pos, ref, alt], "ploidy": 2}
                for pos, ref, alt in (one, other)
            ]  # fmt: skip
            told = phase_of(*rows, phase).phase
            cis = {"cis": True, "trans": False}.get(told)
            count[f"{cis} {(one, other) in joined}"] += 1
    return count


def gatk_mnps(realdata: Path) -> list[Row]:
    """Pairs of SNVs within DISTANCE on five samples' reads.

    tp: in cis by our phase and one allele of GATK's; fp: one of the two alone; fn: unknown to us.
    """
    if not located("gatk"):
        return []
    rows = []
    for sample in SAMPLES:
        count = compared(sample, realdata)
        right, apart = count["True True"], count["False False"]
        wrong = count["True False"] + count["False True"]
        unknown = count["None True"] + count["None False"]
        note = f"{apart} apart by both; {count['lost']} of GATK's with an SNV that we do not call"
        rows.append(Row("gatk-mnp", "embedded", sample.name, right, wrong, unknown, None, note))
    return rows


TRUTH_SETS = [gatk_mnps]
