"""DeepVariant as an engine: its gVCF in the one form, its rule's command, what `check` asks."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import yaml
from sam_files import sequence, write_bam, write_reference

from shirube.calling.germline.callable import genotyped
from shirube.calling.germline.calling import gather, intervals_by_copies, tile_records, write_tile
from shirube.calling.germline.calls import split_calls
from shirube.calling.germline.engines import Settings
from shirube.check import engines
from shirube.check.problems import Outcome
from shirube.errors import InputError
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.intervals import Interval
from shirube.tools import run

REPOSITORY = Path(__file__).parents[2]
CONTIGS = {"chr1": sequence(400, seed=2), "chrX": sequence(400, seed=4)}
LENGTHS = {name: len(bases) for name, bases in CONTIGS.items()}
SETTINGS = Settings(min_mapq=20, min_baseq=13, max_depth=8000)
HEADER = """##fileformat=VCFv4.2
##FILTER=<ID=PASS,Description="All filters passed">
##FILTER=<ID=RefCall,Description="Genotyping model thinks this site is reference.">
##FILTER=<ID=NoCall,Description="Site has depth=0 resulting in no call.">
##INFO=<ID=END,Number=1,Type=Integer,Description="Stop position of the interval">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Conditional genotype quality">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Read depth">
##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="Minimum DP observed within the block.">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Read depth for each allele">
##FORMAT=<ID=VAF,Number=A,Type=Float,Description="Variant allele fractions.">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Phred-scaled genotype likelihoods">
##contig=<ID=chr1,length=400>
##contig=<ID=chrX,length=400>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tchild
"""


def other(base: str, step: int = 1) -> str:
    return "ACGT"[("ACGT".index(base) + step) % 4]


def record(contig: str, pos: int, ref: int, alts: str, qual: str, kept: str, values: str) -> str:
    bases = CONTIGS[contig][pos - 1 : pos - 1 + ref]
    fields = [contig, pos, ".", bases, f"{alts},<*>", qual, kept, ".", "GT:GQ:DP:AD:VAF:PL", values]
    return "\t".join(map(str, fields))


def block(contig: str, start: int, end: int, gq: int, depth: int, genotype: str = "0/0") -> str:
    info, values = f"END={end}", f"{genotype}:{gq}:{depth}:0,{gq},{10 * gq}"
    fields = [contig, start, ".", CONTIGS[contig][start - 1], "<*>", 0, ".", info]
    return "\t".join(map(str, [*fields, "GT:GQ:MIN_DP:PL", values]))


def base(contig: str, pos: int) -> str:
    return CONTIGS[contig][pos - 1]


def records() -> list[str]:
    """Shapes DeepVariant 1.x writes: blocks, RefCall, NoCall, two ALTs, a faint PASS, XY's X."""
    one, two = other(base("chr1", 50)), other(base("chr1", 80))
    deletion = base("chr1", 120)
    x_hom, x_het = other(base("chrX", 100)), other(base("chrX", 150))
    return [
        block("chr1", 1, 49, 50, 30),
        record("chr1", 50, 1, one, "38.2", "PASS", "0/1:38:30:14,16,0:0.53,0:38,0,50,990,990,990"),
        block("chr1", 51, 79, 50, 28),
        record(
            *("chr1", 80, 1, f"{two},{other(base('chr1', 80), 2)}", "29.1", "PASS"),
            "1/2:22:30:0,15,15,0:0.5,0.5,0:40,30,45,30,0,44,990,990,990,990",
        ),
        block("chr1", 81, 99, 50, 31),
        record(
            *("chr1", 100, 1, other(base("chr1", 100)), "0.3", "RefCall"),
            "0/0:12:30:26,4,0:0.13,0:0,12,40,990,990,990",
        ),
        block("chr1", 101, 119, 50, 29),
        record(
            *("chr1", 120, 4, deletion, "21.0", "PASS"),
            "1/1:19:24:1,23,0:0.95,0:21,20,0,990,990,990",
        ),
        block("chr1", 124, 200, 50, 30),
        record(
            *("chr1", 201, 1, other(base("chr1", 201)), "0", "NoCall"),
            "./.:0:2:1,1,0:0.5,0:0,0,0,990,990,990",
        ),
        block("chr1", 202, 300, 0, 0, "./."),
        block("chr1", 301, 400, 50, 30),
        block("chrX", 1, 99, 45, 15),
        record("chrX", 100, 1, x_hom, "41", "PASS", "1/1:30:15:0,15,0:1,0:41,35,0,990,990,990"),
        block("chrX", 101, 149, 45, 15),
        record("chrX", 150, 1, x_het, "12", "PASS", "0/1:10:16:9,7,0:0.43,0:12,0,25,990,990,990"),
        block("chrX", 151, 400, 45, 15),
    ]  # fmt: skip


def called(tmp_path: Path, sex: str, sizes: int = 400, sample: str | None = None) -> pl.DataFrame:
    """CALLS of the made gVCF as the workflow makes them, in tiles of `sizes` bases."""
    source, path = tmp_path / "dv.vcf", tmp_path / "dv.g.vcf.gz"
    source.write_text(HEADER + "\n".join(records()) + "\n")
    run("bcftools", "view", "-Oz", "-o", path, source)
    run("bcftools", "index", "--tbi", "--force", path)
    fasta = write_reference(tmp_path / "reference.fa", CONTIGS)
    bam = write_bam(tmp_path / "reads.bam", CONTIGS, [])
    whole = [Interval(name, 0, length) for name, length in LENGTHS.items()]
    parts = []
    for contig, length in LENGTHS.items():
        for start in range(0, length, sizes):
            tile = Interval(contig, start, min(start + sizes, length))
            pieces = intervals_by_copies([tile], whole, sex, {}, LENGTHS)
            lines, table = tile_records(
                "deepvariant", bam, fasta, pieces, sample, SETTINGS, str(path)
            )
            parts.append(tmp_path / f"{sizes}.{tile.name}.bcf")
            write_tile(parts[-1], lines, table, LENGTHS)
    gvcf = tmp_path / f"{sizes}.g.vcf.gz"
    gather(parts, LENGTHS, "S", gvcf)
    return split_calls(gvcf, "S", fasta, LENGTHS, whole, None, "S", tmp_path / "s.vcf.gz")


COLUMNS = ("pos", "dosage", "ploidy", "filter", "gq", "ad_ref", "ad_alt")


def test_its_calls_keep_the_contract(tmp_path: Path) -> None:
    """Its own PASS is believed below QUAL 30; RefCall and NoCall are no calls."""
    table = called(tmp_path, "XX")
    assert table.filter(pl.col("chrom") == "chr1").select(COLUMNS).rows() == [
        (50, 1, 2, "PASS", 38, 14, 16),
        (80, 1, 2, "PASS", 30, 0, 15),
        (80, 1, 2, "PASS", 30, 0, 15),
        (120, 2, 2, "PASS", 20, 1, 23),
    ]
    text = run("bcftools", "view", "-H", tmp_path / "400.g.vcf.gz").decode()
    assert "<NON_REF>" not in text
    assert all("<*>" not in line.split("\t")[4].split(",")[1:] for line in text.splitlines())
    spans = genotyped(
        tmp_path / "400.g.vcf.gz", "S", GenotypeRule(20, 10, 5, 0.2), [Interval("chr1", 0, 400)]
    )
    assert spans == [
        Interval("chr1", 0, 99),
        Interval("chr1", 100, 200),
        Interval("chr1", 300, 400),
    ]


def test_two_copies_of_x_become_one_where_there_is_one(tmp_path: Path) -> None:
    """The heterozygote on the X of a boy is what fits one copy better: the reference, unsure."""
    x = called(tmp_path, "XY").filter(pl.col("chrom") == "chrX")
    assert x.select(COLUMNS).rows() == [(100, 1, 1, "PASS", 41, 0, 15)]
    spans = genotyped(
        tmp_path / "400.g.vcf.gz", "S", GenotypeRule(20, 10, 5, 0.2), [Interval("chrX", 0, 400)]
    )
    assert spans == [Interval("chrX", 0, 149), Interval("chrX", 150, 400)]
    assert called(tmp_path, "XX").filter(pl.col("chrom") == "chrX")["ploidy"].to_list() == [2, 2]


def test_tiles_leave_no_trace(tmp_path: Path) -> None:
    called(tmp_path, "XY")
    called(tmp_path, "XY", sizes=60)
    one, many = (tmp_path / f"{size}.g.vcf.gz" for size in (400, 60))
    assert one.read_bytes() == many.read_bytes()


def test_a_file_of_several_people_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="reads of one sample only, for DeepVariant"):
        called(tmp_path, "XX", sample="A")


@pytest.mark.parametrize(
    ("there", "problems"), [(set(), 1), ({"apptainer"}, 0), ({"run_deepvariant"}, 0)]
)
def test_check_says_what_it_needs(
    there: set[str], problems: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there |= {"bcftools", "samtools"}
    monkeypatch.setattr(engines, "located", lambda tool: tool if tool in there else None)
    outcome = Outcome()
    settings = {"engines": {"germline": "deepvariant"}}
    engines.check_engines(tmp_path / "config.yaml", settings, outcome)
    assert len(outcome.problems) == problems
    if problems:
        assert "conda install -c conda-forge apptainer" in str(outcome.problems[0])
        assert "--software-deployment-method apptainer" in str(outcome.problems[0])


def test_the_rule_asks_for_its_container(tmp_path: Path) -> None:
    """A dry run prints the command; the image has a fixed tag."""
    fasta = write_reference(tmp_path / "reference.fa", CONTIGS)
    bam = write_bam(tmp_path / "reads.bam", CONTIGS, [])
    (tmp_path / "config").mkdir()
    settings = yaml.safe_load((REPOSITORY / "config/config.yaml").read_text())
    settings["reference"] = {"fasta": fasta, "build": "artificial"}
    settings["engines"]["germline"] = "deepvariant"
    settings["calling"]["deepvariant_model"] = "WES"
    (tmp_path / "config/config.yaml").write_text(yaml.safe_dump(settings))
    (tmp_path / "config/patients.tsv").write_text(
        "patient\tsex\tprogramme\tconsent_cohort\nP1\tXY\tcontrol\tyes\n"
    )
    (tmp_path / "config/samples.tsv").write_text(
        f"sample\tpatient\tkind\tpath\nS1\tP1\tnormal\t{bam}\n"
    )
    target = "results/germline/S1.g.vcf.gz"
    program = Path(sys.executable).with_name("snakemake")
    words = [program, "-n", "-p", "--snakefile", REPOSITORY / "Snakefile", "--cores", "2", target]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "run_deepvariant --model_type=WES" in said
    assert f"--reads={bam}" in said
    assert "--regions='chr1 chrX'" in said
    assert "--output_gvcf=results/germline/deepvariant/S1.g.vcf.gz" in said
    rule = (REPOSITORY / "workflow/rules/germline.smk").read_text()
    assert '"docker://google/deepvariant:1.8.0"' in rule
