"""Germline truth sets: GIAB's NA12878, and the rules of inheritance in a trio."""

import tempfile
from pathlib import Path

import polars as pl
from accuracy_rows import Row, atomised, compared, inside

from shirube.calling.germline.callable import genotyped
from shirube.calling.germline.calling import (
    gather,
    intervals_by_copies,
    par_of,
    sample_choice,
    tile_records,
    write_tile,
)
from shirube.calling.germline.calls import split_calls
from shirube.calling.germline.engines import Settings
from shirube.genome.alleles import canonical
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.intervals import Interval, intersection
from shirube.genome.regions import read_bed, read_contigs
from shirube.tools import located, run

SETTINGS = Settings(min_mapq=20, min_baseq=13, max_depth=8000)
EXECUTABLE = {"bcftools": "bcftools", "gatk": "gatk", "freebayes": "freebayes"}
RULE = GenotypeRule(min_gq=20, min_dp=10, min_dp_haploid=5, min_ab=0.2)
SLICE = Interval("chr20", 10_000_000, 10_100_000)
TRUTH = "ceu-trio-chr20/test_hg001_giab_grch37_chr20_100kbp_at_10mb.vcf.gz"


def installed() -> list[str]:
    """Germline engines that are there."""
    return [engine for engine, program in EXECUTABLE.items() if located(program)]


def call(
    engine: str, reads: str, reference: str, name: str, sex: str, region: Interval, out: Path
) -> Path:
    """Split, filtered VCF of one sample over one region, made as the workflow makes it."""
    out.mkdir(parents=True, exist_ok=True)
    contigs = {n: k for n, k in read_contigs(f"{reference}.fai").items() if canonical(n)}
    pieces = intervals_by_copies([region], [region], sex, par_of("GRCh37", None), contigs)
    sample = sample_choice(reads, name)
    lines, table = tile_records(engine, reads, reference, pieces, sample, SETTINGS)
    write_tile(out / "tile.bcf", lines, table, contigs)
    gather([out / "tile.bcf"], contigs, name, out / "calls.g.vcf.gz")
    vcf = out / "calls.vcf.gz"
    split_calls(out / "calls.g.vcf.gz", name, reference, contigs, [region], None, name, vcf)
    return vcf


def na12878(realdata: Path, engines: list[str] | None = None) -> list[Row]:
    """NA12878 at 52x over 100 kb against GIAB 3.3.2: everywhere, and inside its confident BED.

    Over the whole slice GIAB does not claim completeness, so precision is a lower bound.
    """
    folder = realdata / "na12878-chr20"
    reference = str(folder / "ucsc.hg19.chr20.unittest.fasta.gz")
    reads = str(folder / "NA12878_S1.chr20.10_10p1mb.bam")
    confident = read_bed(folder / "test_nist.b37_chr20_100kbp_at_10mb.bed")
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        truth = atomised(realdata / TRUTH, reference, SLICE, scratch / "truth", ("20", "chr20"))
        for engine in engines or installed():
            vcf = call(engine, reads, reference, "NA12878", "XX", SLICE, scratch / engine)
            called = atomised(vcf, reference, SLICE, scratch / f"{engine}.norm")
            rows += compared(called, truth, "na12878", engine)
            rows += compared(
                inside(called, confident), inside(truth, confident), "na12878-confident", engine
            )
    return rows


def ceu_trio(realdata: Path, engines: list[str] | None = None) -> list[Row]:
    """NA12878 and her parents over 10 kb: alleles whose copies in the child the parents explain.

    Judged where all three are callable. tp: alleles consistent with inheritance; fp: those that
    are not. Nothing is missed by this measure, so recall is empty of meaning (fn = 0).
    """
    folder = realdata / "ceu-trio-chr20"
    reference, region = str(folder / "hs37d5.chr20.fa.gz"), Interval("20", 10_000_000, 10_010_000)
    people = {"child": ("HG001", "XX"), "father": ("NA12891", "XY"), "mother": ("NA12892", "XX")}
    rows = []
    for engine in engines or installed():
        with tempfile.TemporaryDirectory() as directory:
            tables, judged = [], [region]
            for person, (stem, sex) in people.items():
                reads = str(folder / f"{stem}.chr20.10_10p1mb_sorted.bam")
                name = only_sample(reads)
                scratch = Path(directory) / person
                vcf = call(engine, reads, reference, name, sex, region, scratch)
                alleles = atomised(vcf, reference, region, scratch / "norm")
                tables.append(alleles.rename({"copies": person}))
                seen = genotyped(scratch / "calls.g.vcf.gz", name, RULE, [region])
                judged = intersection(judged, seen)
        joined = tables[0]
        for table in tables[1:]:
            joined = joined.join(table, on=["pos", "ref", "alt"], how="full", coalesce=True)
        rows.append(mendelian(inside(joined.fill_null(0), judged), engine))
    return rows


def mendelian(table: pl.DataFrame, engine: str) -> Row:
    """Count alleles whose copies in child, father and mother (0, 1, 2) fit, and the others."""
    least = (pl.col("father") == 2).cast(pl.Int32) + (pl.col("mother") == 2).cast(pl.Int32)
    most = (pl.col("father") > 0).cast(pl.Int32) + (pl.col("mother") > 0).cast(pl.Int32)
    fits = table.filter(pl.col("child").is_between(least, most)).height
    return Row("ceu-trio-mendelian", engine, "all", fits, table.height - fits, 0)


def only_sample(reads: str) -> str:
    """The one name in @RG SM of a file; `-` if it has none."""
    from_header = {
        word[3:]
        for line in header_lines(reads)
        if line.startswith("@RG")
        for word in line.split("\t")
        if word.startswith("SM:")
    }
    return next(iter(from_header), "-")


def header_lines(reads: str) -> list[str]:
    """Header of a BAM or CRAM."""
    return run("samtools", "view", "--no-PG", "-H", reads).decode().splitlines()


TRUTH_SETS = [na12878, ceu_trio]
