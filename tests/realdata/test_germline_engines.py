"""Engines that may be installed, through the same contract: alleles, blocks, callable bases."""

import os
from pathlib import Path

import polars as pl
import pytest
from accuracy_germline import RULE, TRUTH, call
from accuracy_rows import atomised, compared

from shirube.calling.germline.callable import genotyped
from shirube.genome.intervals import Interval
from shirube.tools import located, run

REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REALDATA.is_dir(), reason=f"no real data at {REALDATA}"),
]
FOLDER = REALDATA / "na12878-chr20"
CHR20 = str(FOLDER / "ucsc.hg19.chr20.unittest.fasta.gz")
READS = str(FOLDER / "NA12878_S1.chr20.10_10p1mb.bam")
PART = Interval("chr20", 10_000_000, 10_010_000)


@pytest.mark.parametrize(
    "engine", ["bcftools", pytest.param("gatk", marks=pytest.mark.slow), "freebayes"]
)
def test_engine_keeps_the_contract(engine: str, tmp_path: Path) -> None:
    if located(engine) is None:
        pytest.skip(f"{engine} is not installed")
    vcf = call(engine, READS, CHR20, "NA12878", "XX", PART, tmp_path)
    truth = atomised(REALDATA / TRUTH, CHR20, PART, tmp_path / "truth", ("20", "chr20"))
    snv, indel = compared(atomised(vcf, CHR20, PART, tmp_path / "norm"), truth, "x", engine)
    assert (snv.fn, indel.fn) <= (1, 3)
    assert snv.fp <= 2
    callable_bases = genotyped(tmp_path / "calls.g.vcf.gz", "NA12878", RULE, [PART])
    assert sum(i.end - i.start for i in callable_bases) > 9_500
    text = run("bcftools", "view", "-H", tmp_path / "calls.g.vcf.gz").decode().splitlines()
    records = [line.split("\t") for line in text]
    for fields in records:
        keys, values = fields[8].split(":"), fields[9].split(":")
        sample = dict(zip(keys, values, strict=False))
        assert sample["GQ"].isdigit()
        assert sample.get("MIN_DP", sample.get("DP", "")).isdigit()
        assert "<NON_REF>" not in fields[4]
    starts = pl.Series([int(fields[1]) for fields in records])
    assert starts.is_sorted()
    assert starts[0] > PART.start
    assert starts[-1] <= PART.end
