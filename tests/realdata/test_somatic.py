"""Somatic calls and loss of heterozygosity on real tumour/normal reads."""

import os
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from shirube.calling.somatic.calling import Reads, call_somatic, name_phase_sets
from shirube.calling.somatic.loh import count_alleles, loss_of_heterozygosity
from shirube.calling.somatic.model import Thresholds
from shirube.calling.somatic.vcf_import import import_somatic
from shirube.contracts import CHROM
from shirube.errors import InputError
from shirube.genome.intervals import Interval
from shirube.quality.gates import gate_rows
from shirube.quality.sample import tumour_in_normal_measure
from shirube.tools import run
from shirube.vcf import read_columns

REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REALDATA.is_dir(), reason=f"no real data at {REALDATA}"),
]
HCC = REALDATA / "hcc1395-chr17/aligned_here"
TUMOUR = str(HCC / "HCC1395.tumour.grch38.bam")
NORMAL = str(HCC / "HCC1395BL.normal.grch38.bam")
CHR17 = str(REALDATA / "ref-grch38-chr17/chr17.tp53_brca1.fa.gz")
GENES = [Interval("chr17", 7_660_000, 7_690_000), Interval("chr17", 43_040_000, 43_180_000)]
DEMO = REALDATA / "strelka-demo"
NA12878 = REALDATA / "na12878-chr20"
CHR20 = str(NA12878 / "ucsc.hg19.chr20.unittest.fasta.gz")
HUNDRED_KB = [Interval("chr20", 10_000_000, 10_100_000)]


def calls(reads: Reads, regions: list[Interval], **options: object) -> pl.DataFrame:
    return name_phase_sets(call_somatic(reads, regions, Thresholds(), **options))


def test_tp53_hotspot_is_somatic_and_brca1_is_not() -> None:
    table = calls(Reads(TUMOUR, NORMAL, CHR17), GENES)
    kept = table.filter(filter="PASS")
    hotspot = kept.row(by_predicate=pl.col("pos") == 7_675_088, named=True)
    assert (hotspot["ref"], hotspot["alt"], hotspot["normal_ad"]) == ("C", "T", 0)
    assert hotspot["vaf"] >= 0.95
    assert hotspot["normal_dp"] >= 60
    germline = table.row(by_predicate=pl.col("pos") == 43_057_078, named=True)
    assert germline["filter"] == "Germline"


def test_brca1_reference_allele_is_lost() -> None:
    sites = pl.DataFrame(
        {"chrom": ["chr17"] * 2, "pos": [43_057_078, 43_064_004], "ref": ["G"] * 2},
        schema={"chrom": CHROM, "pos": pl.Int32, "ref": pl.String},
    ).with_columns(alt=pl.lit("A"))
    both = [count_alleles(path, CHR17, sites, 20, 13) for path in (NORMAL, TUMOUR)]
    table = loss_of_heterozygosity(*both)
    assert table["state"].to_list() == ["ref_lost"] * 2
    stop = table.row(0, named=True)
    assert stop["tumour_ad"] == stop["tumour_dp"] >= 20
    assert 0.4 < stop["normal_ad"] / stop["normal_dp"] < 0.7
    assert set(loss_of_heterozygosity(both[0], both[0])["state"]) <= {"retained", "unknown"}


def test_strelka_demo_has_its_18_and_nothing_else() -> None:
    truth = pl.concat(
        read_columns(DEMO / f"somatic.{kind}.vcf.gz").filter(filter="PASS")
        for kind in ("snvs", "indels")
    )
    reads = Reads(
        str(DEMO / "NA12891_demo20.bam"), str(DEMO / "NA12892_demo20.bam"), str(DEMO / "demo20.fa")
    )
    found = calls(reads, [Interval("demo20", 0, 5000)], aliases={"demo20": "chr20"})
    kept = found.filter(filter="PASS").select("pos", "ref", "alt").sort("pos")
    assert kept.equals(truth.select("pos", "ref", "alt").sort("pos"))
    assert kept.height == 18


@pytest.mark.parametrize(("share", "verdict"), [(0.0, "pass"), (0.2, "fail")])
def test_tumour_in_the_normal_is_measured(tmp_path: Path, share: float, verdict: str) -> None:
    """A fifth of the normal's reads taken from the tumour."""
    tumour, normal = (str(DEMO / f"{name}_demo20.bam") for name in ("NA12891", "NA12892"))
    if share:
        kept, added = tmp_path / "kept.bam", tmp_path / "added.bam"
        for source, part, out in ((normal, 1 - share, kept), (tumour, share, added)):
            view = ("samtools", "view", "-b", "--subsample", part, "--subsample-seed", "3")
            run(*view, "-o", out, source)
        normal = str(tmp_path / "mixed.bam")
        run("samtools", "merge", "-r", "-c", "-o", normal, kept, added)
        run("samtools", "index", normal)
    reads = Reads(tumour, normal, str(DEMO / "demo20.fa"))
    found = calls(reads, [Interval("demo20", 0, 5000)], aliases={"demo20": "chr20"})
    gates = {"tumour_in_normal": {"max": 0.05, "action": "warn"}}
    (row,) = gate_rows("S", [tumour_in_normal_measure(found)], gates).to_dicts()
    assert row["verdict"] == verdict, row
    assert abs(row["value"] - share) < 0.1


def test_one_read_of_the_normal_does_not_hide_a_hotspot() -> None:
    """Made reads on the real TP53: p.R175H in 34 of 188, one of 40 in the normal."""
    case = Path("tests/cases/one-normal-read-hides-tumour-call")
    reads = Reads(str(case / "T.bam"), str(case / "N.bam"), CHR17)
    table = calls(reads, [Interval("chr17", 7_674_990, 7_675_200)])
    row = table.row(by_predicate=pl.col("pos") == 7_675_088, named=True)
    assert (row["ref"], row["alt"], row["filter"]) == ("C", "T", "PASS")
    assert (row["normal_ad"], row["normal_dp"]) == (1, 40)
    assert row["vaf"] == pytest.approx(0.16, abs=0.03)


@pytest.mark.parametrize("path", [TUMOUR, NORMAL])
def test_identical_tumour_and_normal_have_no_somatic_call(path: str) -> None:
    table = calls(Reads(path, path, CHR17), GENES)
    assert not table.is_empty()
    assert "PASS" not in table["filter"].to_list()


def test_identical_whole_genome_samples_have_no_somatic_call() -> None:
    path = str(NA12878 / "NA12878_S1.chr20.10_10p1mb.bam")
    assert "PASS" not in calls(Reads(path, path, CHR20), HUNDRED_KB)["filter"].to_list()


def test_cram_and_any_tiling_give_the_same_table() -> None:
    stem = NA12878 / "NA12878_S1.chr20.10_10p1mb"
    whole = calls(Reads(f"{stem}.bam", None, CHR20), HUNDRED_KB)
    edges = [10_000_000, 10_013_337, 10_020_001, 10_061_999, 10_100_000]
    tiles = [
        call_somatic(
            Reads(f"{stem}.cram", None, CHR20), [Interval("chr20", low, high)], Thresholds()
        )
        for low, high in pairwise(edges)
    ]
    assert name_phase_sets(pl.concat(tiles)).equals(whole)
    assert whole["normal_dp"].null_count() == whole.height


def test_somatic_vcf_is_imported_and_another_build_refused() -> None:
    folder = REALDATA / "tcga-coad-vcf"
    region = [Interval("chr17", 7_570_000, 7_790_000)]
    table = import_somatic(folder / "T001-COAD.grch38.vcf.gz", None, CHR17, region)
    inside = table.filter(pl.col("filter") != "Unplaced")
    assert (inside.height, table.height) == (2, 3313)  # every record of the file has a row
    first = inside.row(0, named=True)
    assert (first["pos"], first["ref"], first["alt"]) == (7_676_152, "CG", "C")
    assert (first["tumour_dp"], first["tumour_ad"], first["normal_dp"]) == (37, 29, 54)
    assert first["vaf_low"] < 29 / 37 < first["vaf_high"]
    with pytest.raises(InputError, match="another build"):
        import_somatic(folder / "T001-COAD.grch37.vcf.gz", None, CHR17, region)
