"""Mixed and swapped samples made from real reads are named; the clean ones pass."""

import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from accuracy_germline import SLICE, call
from spikein import replicate

from shirube.calling.germline.calls import split_calls
from shirube.calling.somatic.calling import Reads, call_somatic
from shirube.calling.somatic.model import Thresholds
from shirube.contracts import COVERAGE, READS
from shirube.quality.fingerprint import allele_depths, homozygous_sites
from shirube.quality.gates import gate_rows
from shirube.quality.sample import measures
from shirube.reads.survey import Survey
from shirube.tools import piped, run, written

REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REALDATA.is_dir(), reason=f"no real data at {REALDATA}"),
]
FOLDER = REALDATA / "na12878-chr20"
CHR20 = str(FOLDER / "ucsc.hg19.chr20.unittest.fasta.gz")
NA12878 = str(FOLDER / "NA12878_S1.chr20.10_10p1mb.bam")
HG002 = str(FOLDER / "HG002_NIST_150bp_downsampled_30x.chr20.10_10p1mb.bam")
NA12878_DEPTH, HG002_DEPTH = 51.8, 30.6
CONTIGS = {"chr20": 63_025_520}
GATES: dict[str, dict[str, Any]] = {
    "contamination": {"max": 0.01, "action": "watermark"},
    "tumour_match": {"min": 0.9, "action": "block"},
    "tumour_in_normal": {"max": 0.05, "action": "warn"},
}


def reads_of(source: str, path: Path, fraction: float = 1.0, contig: str = "chr20") -> Path:
    """A share of the reads over the slice, without read groups, on contig chr20."""
    header = f"@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr20\tLN:{CONTIGS['chr20']}\n"
    chosen = ["--subsample", str(fraction), "--subsample-seed", "7"] if fraction < 1 else []
    view = ["samtools", "view", "-x", "RG", *chosen, source, f"{contig}:10000001-10100000"]
    with piped(view) as stream, written("samtools", "sort", "-o", str(path), "-") as target:
        target.write(header.encode())
        for line in stream:
            fields = line.split(b"\t")
            fields[2] = b"chr20"
            fields[6] = b"=" if fields[6] in (b"=", contig.encode()) else b"*"
            target.write(b"\t".join(fields))
    return path


def mixed(tmp_path: Path, share: float) -> Path:
    """NA12878 of which `share` of the reads are HG002's."""
    part = share / (1 - share) * NA12878_DEPTH / HG002_DEPTH
    one = reads_of(NA12878, tmp_path / "one.bam")
    two = reads_of(HG002, tmp_path / "two.bam", part, "20")
    run("samtools", "merge", "-o", tmp_path / "mixed.bam", one, two)
    run("samtools", "index", tmp_path / "mixed.bam")
    return tmp_path / "mixed.bam"


def germline(reads: str | Path, directory: Path) -> pl.DataFrame:
    call("bcftools", str(reads), CHR20, "-", "XX", SLICE, directory)
    source = directory / "calls.g.vcf.gz"
    return split_calls(source, "-", CHR20, CONTIGS, [SLICE], None, "S", directory / "s.vcf.gz")


def quality(kind: str, **made: object) -> dict[str, dict[str, Any]]:
    given = {"summary": READS.empty(), "calls": None, "counts": None} | made
    table = gate_rows("S", measures(kind, "XX", COVERAGE.empty(), **given), GATES)
    return {row["metric"]: row for row in table.iter_rows(named=True)}


@pytest.mark.parametrize(("share", "verdict"), [(0.0, "pass"), (0.03, "fail"), (0.10, "fail")])
def test_contamination_of_a_normal(tmp_path: Path, share: float, verdict: str) -> None:
    reads = mixed(tmp_path, share) if share else reads_of(NA12878, tmp_path / "clean.bam")
    run("samtools", "index", reads)
    found = quality("normal", calls=germline(reads, tmp_path / "calls"))["contamination"]
    assert found["verdict"] == verdict, found
    # 72 sites of one short stretch, inherited together: no more than the order is asked for.
    assert share / 2 <= found["value"] <= share * 2


def test_a_tumour_of_another_person_is_blocked(tmp_path: Path) -> None:
    """HG002's reads as the tumour of NA12878; then a contaminated tumour of her own."""
    own = reads_of(NA12878, tmp_path / "normal.bam")
    run("samtools", "index", own)
    sites = homozygous_sites(germline(own, tmp_path / "calls"))
    swapped = reads_of(HG002, tmp_path / "swap.bam", 1.0, "20")
    run("samtools", "index", swapped)
    names = {"chr20": "chr20"}
    for reads, verdicts in [
        (own, ("pass", "pass")),
        (swapped, ("fail", "fail")),
        (mixed(tmp_path, 0.10), ("pass", "fail")),
    ]:
        found = quality("tumour", counts=allele_depths(reads, CHR20, sites, names, 20, 13))
        assert (found["tumour_match"]["verdict"], found["contamination"]["verdict"]) == verdicts
    assert found["contamination"]["value"] == pytest.approx(0.10, rel=0.7)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Halves of NA12878's reads: tumour1.bam with SNVs planted in it, normal1.bam without."""
    folder = tmp_path_factory.mktemp("planted")
    replicate(Path(NA12878), CHR20, SLICE, 1, folder)
    return folder


@pytest.mark.parametrize(("share", "verdict"), [(0.0, "pass"), (0.1, "fail"), (0.25, "fail")])
def test_tumour_reads_in_the_normal(
    planted: Path, tmp_path: Path, share: float, verdict: str
) -> None:
    """Reads of the tumour among those of the normal: named, and measured to within a third."""
    normal = str(planted / "normal1.bam")
    if share:
        part = tmp_path / "part.bam"
        chosen = ["--subsample", f"{share / (1 - share):.4f}", "--subsample-seed", "3"]
        run("samtools", "view", "-b", *chosen, "-o", part, planted / "tumour1.bam")
        run("samtools", "merge", "-o", tmp_path / "mixed.bam", normal, part)
        normal = str(tmp_path / "mixed.bam")
        run("samtools", "index", normal)
    reads = Reads(str(planted / "tumour1.bam"), normal, CHR20)
    table = call_somatic(reads, [SLICE], Thresholds())
    found = quality("tumour", somatic=table)["tumour_in_normal"]
    assert found["verdict"] == verdict
    assert found["value"] == pytest.approx(share, rel=0.34, abs=0.015)


def test_reads_are_summed_up() -> None:
    survey = Survey(NA12878, CHR20, [SLICE], 20)
    list(survey)
    found = survey.summary
    assert (found["mapped"] / found["reads"]) > 0.99
    assert 250 < found["insert_size"] < 400
    assert found["mismatches"] / found["bases"] == pytest.approx(0.0039, abs=0.0005)
