"""Where a sample could be judged."""

import gzip
import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirube.calling.germline import gvcf
from shirube.calling.germline.callable import (
    genotyped,
    record_spans,
    spans,
    stated,
    write_callable,
)
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.intervals import Interval, merged
from shirube.genome.regions import read_bed
from shirube.reads.survey import deep
from shirube.tools import run

RULE = GenotypeRule(min_gq=20, min_dp=10, min_dp_haploid=5, min_ab=0.2)

interval = st.builds(
    lambda contig, start, length: Interval(contig, start, start + length),
    st.sampled_from("ab"),
    st.integers(0, 50),
    st.integers(1, 20),
)


@given(st.lists(interval, min_size=1, max_size=12))
def test_spans_are_merged_intervals(intervals: list[Interval]) -> None:
    rows = [(i.contig, i.start, i.end) for i in intervals]
    table = pl.DataFrame(rows, schema=["contig", "start", "end"], orient="row")
    assert spans(table) == merged(intervals)


def passes(ref: str, alt: str, info: str, layout: str, values: str) -> tuple[int, int, bool]:
    line = f"c\t11\t.\t{ref}\t{alt}\t.\t.\t{info}\t{layout}\t{values}\n"
    (table,) = gvcf.read_text(io.BytesIO(line.encode()))
    row = record_spans(table, RULE).row(0, named=True)
    return row["start"], row["end"], row["passes"]


@pytest.mark.parametrize(
    ("ref", "alt", "info", "layout", "values", "expected"),
    [
        ("A", "<*>", "END=20", "GT:GQ:MIN_DP", "0/0:20:10", (10, 20, True)),
        ("A", "<*>", "END=20", "GT:GQ:MIN_DP", "0/0:19:30", (10, 20, False)),
        ("A", "<*>", "END=20", "GT:GQ:MIN_DP", "0/0:99:9", (10, 20, False)),
        ("A", "<*>", "END=20", "GT:GQ:MIN_DP", "0:99:5", (10, 20, True)),  # haploid
        ("A", "<*>", "END=20", "GT:GQ:MIN_DP", "0:99:4", (10, 20, False)),
        ("A", "<*>", "END=20", "GT:GQ:MIN_DP", "./.:99:50", (10, 20, False)),
        ("A", "<NON_REF>", "END=20", "GT:DP:GQ:MIN_DP:PL", "0/0:30:60:9:0,60,99", (10, 20, False)),
        ("A", "C", ".", "GT:GQ:DP:AD", "0/1:99:20:16,4", (10, 11, True)),
        ("A", "C", ".", "GT:GQ:DP:AD", "0/1:99:20:17,3", (10, 11, False)),  # balance
        ("A", "C", ".", "GT:GQ:DP:AD", "1/1:99:20:17,3", (10, 11, True)),
        ("A", "C,T", ".", "GT:GQ:DP:AD", "1|2:99:20:0,17,3", (10, 11, False)),
        ("ACGT", "A", ".", "GT:GQ:DP:AD", "0/1:99:20:10,10", (10, 14, True)),
        ("A", "C", ".", "GT:GQ:DP", "0/1:99:20", (10, 11, True)),  # no AD stated
        ("A", "C", ".", "GT", "0/1", (10, 11, False)),  # nothing stated
    ],
)
def test_the_genotype_rule(
    ref: str, alt: str, info: str, layout: str, values: str, expected: tuple[int, int, bool]
) -> None:
    assert passes(ref, alt, info, layout, values) == expected


HEADER = """##fileformat=VCFv4.3
##contig=<ID=chr1,length=1000>
##ALT=<ID=*,Description="x">
##INFO=<ID=END,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS
"""


def test_a_failing_call_is_not_callable_whatever_covers_it(tmp_path: Path) -> None:
    rows = [
        "chr1 101 . A <*> . . END=199 GT:GQ:MIN_DP 0/0:99:30",
        "chr1 200 . A C . . . GT:GQ:DP:AD 0/1:99:30:15,15",
        "chr1 200 . AT A . . . GT:GQ:DP:AD 0/1:3:30:15,15",
        "chr1 201 . T <*> . . END=300 GT:GQ:MIN_DP 0/0:99:30",
    ]
    plain = tmp_path / "a.vcf"
    plain.write_text(HEADER + "".join("\t".join(row.split()) + "\n" for row in rows))
    run("bcftools", "view", "-Oz", "-o", tmp_path / "a.g.vcf.gz", plain)
    found = genotyped(tmp_path / "a.g.vcf.gz", "S", RULE, [Interval("chr1", 110, 250)])
    assert found == [Interval("chr1", 110, 199), Interval("chr1", 200, 250)]


def test_depth_that_is_enough() -> None:
    depth = np.array([14, 20, 13, 15], np.int32)
    found = deep(Interval("c", 100, 104), depth, 14)
    assert found == [Interval("c", 100, 102), Interval("c", 103, 104)]


@pytest.mark.parametrize(("copies", "least"), [(1, 5), (2, 10), (None, 10)])
def test_depth_by_copies(copies: int | None, least: int) -> None:
    assert RULE.depth(copies) == least


def test_the_file_says_its_rule_and_is_the_same_each_time(tmp_path: Path) -> None:
    paths = [tmp_path / "one.bed.gz", tmp_path / "two.bed.gz"]
    for path in paths:
        write_callable(path, [Interval("chr1", 3, 9)], str(RULE))
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert read_bed(paths[0]) == [Interval("chr1", 3, 9)]
    first = gzip.decompress(paths[0].read_bytes()).decode().splitlines()[0]
    assert first == (
        "# callable: GQ >= 20, depth >= 10 (5 where haploid), ALT fraction of heterozygotes >= 0.2"
    )


def test_what_a_vcf_came_with(tmp_path: Path) -> None:
    bed = tmp_path / "c.bed"
    bed.write_text("chr1\t0\t50\nchr1\t40\t80\n")
    assert stated(bed, [Interval("chr1", 10, 60)]) == [Interval("chr1", 10, 60)]
    assert stated(None, [Interval("chr1", 10, 60)]) == []
