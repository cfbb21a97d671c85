"""Germline calls of NA12878 against GIAB: the floors hold, and each filter is needed for them."""

import os
from dataclasses import replace
from pathlib import Path

import accuracy
import polars as pl
import pytest
import yaml
from accuracy_germline import SLICE, TRUTH, call
from accuracy_rows import Row, atomised, compared, inside

from shirube.calling.germline import calls, filters
from shirube.calling.germline.calls import split_calls
from shirube.calling.germline.gvcf_import import import_gvcf
from shirube.genome.intervals import Interval
from shirube.genome.regions import read_bed, read_contigs
from shirube.vcf import header

REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REALDATA.is_dir(), reason=f"no real data at {REALDATA}"),
]
FOLDER = REALDATA / "na12878-chr20"
CHR20 = str(FOLDER / "ucsc.hg19.chr20.unittest.fasta.gz")
STEM = str(FOLDER / "NA12878_S1.chr20.10_10p1mb")
CONTIGS = {"chr20": 63_025_520}


def floors() -> dict[str, dict[str, float]]:
    every = yaml.safe_load(accuracy.FLOORS.read_text())
    return {name: limits for name, limits in every.items() if name.startswith("na12878")}


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory with calls.g.vcf.gz and calls.vcf.gz of the BAM."""
    out = tmp_path_factory.mktemp("na12878")
    call("bcftools", f"{STEM}.bam", CHR20, "NA12878", "XX", SLICE, out)
    return out


def test_cram_gives_the_same_bytes(called: Path, tmp_path: Path) -> None:
    call("bcftools", f"{STEM}.cram", CHR20, "NA12878", "XX", SLICE, tmp_path)
    for name in ("calls.g.vcf.gz", "calls.vcf.gz"):
        assert (tmp_path / name).read_bytes() == (called / name).read_bytes()


def without(name: str) -> tuple[filters.Rule, ...]:
    """The table of filters with one filter's thresholds out of reach."""
    far = 1e9
    return tuple(
        replace(r, below=None if r.below is None else -far, above=None if r.above is None else far)
        if r.name == name
        else r
        for r in filters.RULES
    )


def measured(called: Path, tmp_path: Path, rules: tuple[filters.Rule, ...]) -> list[Row]:
    """Rows of the slice with other filters on the same calls."""
    original = filters.filter_names

    def names(_rules: object = None) -> pl.Expr:
        return original(rules)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calls, "filter_names", names)
        vcf = tmp_path / "calls.vcf.gz"
        source = called / "calls.g.vcf.gz"
        split_calls(source, "NA12878", CHR20, CONTIGS, [SLICE], None, "NA12878", vcf)
    truth = atomised(REALDATA / TRUTH, CHR20, SLICE, tmp_path / "truth", ("20", "chr20"))
    found = atomised(vcf, CHR20, SLICE, tmp_path / "norm")
    confident = read_bed(FOLDER / "test_nist.b37_chr20_100kbp_at_10mb.bed")
    sure = inside(found, confident), inside(truth, confident)
    return [
        *compared(found, truth, "na12878", "bcftools"),
        *compared(*sure, "na12878-confident", "bcftools"),
    ]


def test_filters_as_they_are_pass(called: Path, tmp_path: Path) -> None:
    rows = measured(called, tmp_path, filters.RULES)
    assert accuracy.broken(rows, floors()) == []


@pytest.mark.parametrize("name", ["AlleleBalance"])
def test_a_filter_broken_turns_accuracy_red(called: Path, tmp_path: Path, name: str) -> None:
    rows = measured(called, tmp_path, without(name))
    assert accuracy.broken(rows, floors())


def test_filters_too_strict_turn_accuracy_red(called: Path, tmp_path: Path) -> None:
    strict = tuple(
        replace(r, below=0.45) if r.name == "AlleleBalance" else r for r in filters.RULES
    )
    lines = accuracy.broken(measured(called, tmp_path, strict), floors())
    assert any("recall" in line or ": tp" in line for line in lines)


def test_real_gatk_gvcfs_are_taken_in(tmp_path: Path) -> None:
    """One of the 1000 Genomes gVCFs, against a reference that only states its length."""
    source = REALDATA / "kg-gvcf-chr22/NA18969.hg38.g.vcf.gz"
    if not source.exists():
        source = next((REALDATA / "kg-gvcf-chr22").glob("NA18507*.g.vcf.gz"))
    (column,) = header(source).samples
    length = header(source).contigs["chr22"]
    assert length == 50_818_468
    out = tmp_path / "S1.g.vcf.gz"
    import_gvcf(source, column, {"chr22": length}, None, "S1", out)
    assert header(out).samples == ("S1",)


def test_regions_of_the_run_only(called: Path, tmp_path: Path) -> None:
    """Alleles outside the regions keep their row, filtered as Unplaced."""
    part = [Interval("chr20", 10_000_000, 10_050_000)]
    table = split_calls(
        called / "calls.g.vcf.gz",
        *("NA12878", CHR20, read_contigs(f"{CHR20}.fai"), part, None, "X", tmp_path / "o.vcf.gz"),
    )
    outside = table.filter(pl.col("pos") > 10_050_000)
    assert len(outside) > 50
    assert outside["filter"].str.contains("Unplaced").all()
    assert not table.filter(pl.col("pos") <= 10_050_000)["filter"].str.contains("Unplaced").any()


def test_insertions_and_duplications_of_40_to_46_bases(tmp_path: Path) -> None:
    """Made reads on the real BRCA1: each event lies inside a read, which an aligner clips."""
    case = Path("tests/cases/duplication-of-40-to-46-bases")
    fasta = str(REALDATA / "ref-grch38-chr17/chr17.tp53_brca1.fa.gz")
    truth = pl.read_csv(case / "truth.tsv", separator="\t")
    for event in truth.iter_rows(named=True):
        region = Interval("chr17", event["base_before"] - 250, event["base_before"] + 250)
        vcf = call("bcftools", str(case / "I.bam"), fasta, "SIM", "XX", region, tmp_path)
        row = atomised(vcf, fasta, region, tmp_path / "norm").row(0, named=True)
        assert len(row["alt"]) - len(row["ref"]) == event["length"]
        assert abs(row["pos"] - event["base_before"]) <= 1
        assert row["copies"] == 1
