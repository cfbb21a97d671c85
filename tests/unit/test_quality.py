"""Quality metrics: contamination, identity, reads, sex, and the gates."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from sam_files import record, sequence, tiled, write_bam, write_reference

from shirube.contracts import CALLS, COVERAGE, READS, SOMATIC
from shirube.genome.intervals import Interval
from shirube.quality import same_person, sample
from shirube.quality.comparison import GATE
from shirube.quality.contamination import contamination
from shirube.quality.fingerprint import allele_depths, homozygous_sites, match
from shirube.quality.gates import Measure, gate_rows
from shirube.quality.sample import call_measures, coverage_measures, reads_measures
from shirube.quality.sex import OnX, by_depth, on_x
from shirube.quality.tumour_in_normal import tumour_in_normal
from shirube.reads.survey import Survey

SCHEMA = Path(__file__).parents[2] / "workflow/schemas/config.schema.yaml"


@pytest.mark.parametrize("share", [0.0, 0.01, 0.03, 0.10, 0.25])
def test_contamination_is_found(share: float) -> None:
    """A neutral population: allele frequencies at homozygous sites have density 2p."""
    rng = np.random.default_rng(3)
    frequency = np.sqrt(rng.random(1500))
    others = rng.binomial(2, frequency)
    depth = rng.poisson(40, 1500)
    other = rng.binomial(depth, share * (2 - others) / 2 + 0.001)
    found = contamination(other, depth)
    assert found is not None
    assert found.fraction == pytest.approx(share, abs=0.004 + 0.2 * share)
    assert found.low <= found.fraction <= found.high


def test_artefacts_are_not_contamination() -> None:
    """A few sites with many other reads, among many without any."""
    depth = np.full(200, 40)
    other = np.zeros(200, np.int64)
    other[:4] = [9, 7, 8, 10]
    found = contamination(other, depth)
    assert found is not None
    assert found.fraction < 0.005


def candidates(
    rng: np.random.Generator, share: float, somatic: int, inherited: int
) -> pl.DataFrame:
    """SOMATIC rows: somatic SNVs at many fractions, and inherited ones, normal 40 deep."""
    vaf = np.concatenate([rng.uniform(0.1, 0.6, somatic), np.full(inherited, 0.5)])
    chance = np.concatenate([vaf[:somatic] * share + 0.001, np.full(inherited, 0.5)])
    depth = rng.poisson(40, vaf.size)
    seen = rng.binomial(depth, chance)
    some = {"chrom": "chr1", "ref": "A", "alt": "C", "tumour_dp": 100, "lod": 30.0}
    rows = [
        {**dict.fromkeys(SOMATIC.schema), **some, "pos": n, "vaf": v, "tumour_ad": round(100 * v)}
        | {"normal_dp": int(d), "normal_ad": int(k), "filter": "Germline" if k else "PASS"}
        for n, (v, d, k) in enumerate(zip(vaf, depth, seen, strict=True), 1)
    ]
    return SOMATIC.table(pl.DataFrame(rows, schema=SOMATIC.polars))


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1, 0.3])
def test_tumour_in_the_normal_is_found(share: float) -> None:
    found = tumour_in_normal(candidates(np.random.default_rng(5), share, 150, 100))
    assert found is not None
    assert found.low <= share <= found.high
    assert found.high - found.low < 0.1


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_inherited_alleles_with_few_reads_are_not_tumour_in_the_normal(share: float) -> None:
    """An exome's: hundreds for each somatic one, a few with a quarter of their reads by chance."""
    found = tumour_in_normal(candidates(np.random.default_rng(5), share, 50, 20_000))
    assert found is not None
    assert found.low <= share <= found.high
    assert found.high - found.low < 0.1


@pytest.mark.parametrize("inherited", [100, 20_000])
def test_too_few_somatic_alleles_say_nothing_of_the_normal(inherited: int) -> None:
    assert tumour_in_normal(candidates(np.random.default_rng(5), 0.1, 5, inherited)) is None


def test_too_few_sites_say_nothing() -> None:
    assert contamination(np.zeros(19, np.int64), np.full(19, 40)) is None
    assert contamination(np.zeros(50, np.int64), np.full(50, 9)) is None


def call(pos: int, alt: str = "G", **cells: object) -> dict[str, object]:
    row = {"chrom": "chr1", "pos": pos, "ref": "A", "alt": alt, "record": pos, "filter": "PASS"}
    more = {"dosage": 2, "ploidy": 2, "ad_ref": 0, "ad_alt": 30, "dp": 30}
    return {**dict.fromkeys(CALLS.schema), **row, **more, **cells}


def table(*rows: dict[str, object]) -> pl.DataFrame:
    return CALLS.table(pl.DataFrame(list(rows), schema=CALLS.polars))


def test_sites_of_the_fingerprint() -> None:
    calls = table(
        call(100),
        call(200, dosage=1, ad_ref=4, ad_alt=36),  # nearly all ALT, whatever the genotype
        call(300, dosage=1, ad_ref=15, ad_alt=15),
        call(400, filter="LowQual"),
        call(500, alt="GT"),
        call(600),
        call(605),  # too close: both out
        call(700, chrom="chrX"),
        call(800, ploidy=1, dosage=1),
    )
    assert homozygous_sites(calls)["pos"].to_list() == [100, 200]


def test_reads_of_another_sample_at_the_sites(tmp_path: Path) -> None:
    bases = sequence(600)
    fasta = write_reference(tmp_path / "r.fa", {"1": bases})
    swap = {"A": "G", "C": "T", "G": "A", "T": "C"}
    mine = bases[:200] + swap[bases[200]] + bases[201:]
    reads = tiled("1", mine, 20)
    reads += [record("dup", "1", 150, "100M", bases[150:250], flag=1024)]
    bam = write_bam(tmp_path / "r.bam", {"1": bases}, reads)
    sites = table(
        call(201, ref=bases[200], alt=swap[bases[200]]),
        call(301, ref=bases[300], alt=swap[bases[300]]),
        call(590, ref=bases[589], alt=swap[bases[589]]),
    )
    found = allele_depths(bam, fasta, sites, {"chr1": "1"}, 20, 13)
    assert found["ad_alt"].to_list()[:2] == [20, 0]
    assert found["ad_ref"].to_list()[:2] == [0, 20]
    assert allele_depths(bam, fasta, sites.clear(), {"chr1": "1"}, 20, 13).is_empty()


def test_match_of_a_pair() -> None:
    counts = pl.DataFrame({"ad_ref": [0] * 15 + [30] * 10, "ad_alt": [30] * 15 + [0] * 10})
    assert match(counts) == (pytest.approx(0.6), 25)
    assert match(counts.head(19)) == (None, 19)


def coverage(*rows: tuple[str, float | None]) -> pl.DataFrame:
    return COVERAGE.table(
        pl.DataFrame(
            [
                {
                    **{"gene": f"G{n}", "transcript": f"T{n}", "chrom": chrom, "bases": 1000},
                    **{"mean_depth": depth, "min_depth": 1, "callable": 0.5, "requested": 1.0},
                }
                for n, (chrom, depth) in enumerate(rows)
            ],
            schema=COVERAGE.polars,
        )
    )


@pytest.mark.parametrize(
    ("x", "y", "sex", "expected"),
    [
        (30.0, 0.1, "XX", 1.0),
        (15.0, 8.0, "XY", 1.0),
        (15.0, 0.0, "XY", 1.0),  # Y is lost from the blood of many old men
        (30.0, 15.0, "XX", 0.0),  # XXY, or not this person
        (30.0, 0.0, "XY", 0.0),
        (14.0, None, "XX", 0.0),
        (30.0, None, "unknown", None),
        (None, 15.0, "XX", None),
    ],
)
def test_sex_by_depth(x: float | None, y: float | None, sex: str, expected: float | None) -> None:
    row = {"autosome_depth": 30.0, "x_depth": x, "y_depth": y}
    assert by_depth(row, sex).value == expected


def test_shallow_reads_say_nothing_of_sex() -> None:
    assert by_depth({"autosome_depth": 4.9, "x_depth": 5.0, "y_depth": 0.0}, "XX").value is None
    assert by_depth(None, "XX").value is None


@pytest.mark.parametrize(
    ("sites", "both", "expected"),
    [
        *((40, 24, "XX"), (40, 1, "XY"), (40, 10, "unclear"), (7, 7, "not assessable")),
        *((10, 0, "XY"), (10, 1, "unclear"), (10, 5, "XX")),
    ],
)
def test_sex_by_heterozygotes(sites: int, both: int, expected: str) -> None:
    assert OnX(sites, both).sex == expected


def test_heterozygotes_of_the_shared_ends_of_x_do_not_count() -> None:
    rows = [call(n * 20, chrom="chrX", ad_ref=30) for n in range(1, 31)]
    assert on_x(table(*rows).lazy(), []) == OnX(30, 30)
    assert on_x(table(*rows).lazy(), [(0, 300), (590, 700)]) == OnX(14, 14)


def test_coverage_is_weighted_by_bases() -> None:
    depth, seen = coverage_measures(coverage(("chr1", 30.0), ("chr2", 10.0)), "normal")
    assert (depth.value, depth.sites, depth.gate) == (20, 2000, "mean_depth_normal")
    assert seen.value == pytest.approx(0.5)
    none, _ = coverage_measures(COVERAGE.empty(), "tumour")
    assert none.value is None
    unread, known = coverage_measures(coverage(("chr1", None)), "normal")
    assert (unread.value, known.value) == (None, 0.5)


def test_ratios_of_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "MIN_SNVS", 50)
    rows = [call(n * 20, alt="G", dosage=1 + n % 2, ad_ref=0) for n in range(1, 61)]
    rows += [call(n * 20 + 5000, alt="C", ad_ref=0) for n in range(30)]
    found = {m.metric: m.value for m in call_measures(table(*rows))}
    assert found["titv"] == pytest.approx(2.0)
    assert found["het_hom"] == pytest.approx(30 / 60)
    assert found["contamination"] == 0
    few = {m.metric: m.value for m in call_measures(table(*rows[:10]))}
    assert few == {"titv": None, "het_hom": None, "contamination": None}


def test_reads_of_a_file(tmp_path: Path) -> None:
    bases = sequence(500)
    fasta = write_reference(tmp_path / "r.fa", {"1": bases})
    pair = ("=", 200, 200)
    reads = [
        record("p", "1", 100, "100M", bases[100:200], 99, mate=pair),
        record("p", "1", 200, "100M", bases[200:300], 147, mate=("=", 100, -200)),
        record("d", "1", 100, "100M", bases[100:200], 1024),
        record("far", "1", 400, "90M", bases[400:490]),
    ]
    bam = write_bam(tmp_path / "r.bam", {"1": bases}, reads)
    every, part = (Survey(bam, fasta, asked, 20) for asked in (None, [Interval("1", 0, 350)]))
    assert [len(list(survey)) for survey in (every, part)] == [1, 1]
    assert list(every.summary.values()) == [4, 4, 1, 390, 0, 200]
    row = pl.DataFrame([part.summary], schema=READS.polars)
    assert row["reads"].to_list() == [3]
    found = {m.metric: m.value for m in reads_measures(row)}
    assert found["duplicates"] == pytest.approx(1 / 3)
    assert all(m.value is None for m in reads_measures(READS.empty()))


GATES = {"a": {"min": 2, "action": "warn"}, "b": {"max": 0.1, "action": "block"}}


@pytest.mark.parametrize(
    ("measure", "verdict", "action"),
    [
        (Measure("a", 2.0, 9, "x"), "pass", "warn"),
        (Measure("a", 1.9, 9, "x"), "fail", "warn"),
        (Measure("b", 0.2, 9, "x"), "fail", "block"),
        (Measure("b", None, 9, "x"), "unknown", "block"),
        (Measure("c", 3.0, None, "x", "b"), "fail", "block"),  # another gate's bounds
        (Measure("c", 3.0, None, "x"), "pass", "none"),  # measured only
    ],
)
def test_gates(measure: Measure, verdict: str, action: str) -> None:
    (row,) = gate_rows("S", [measure], GATES).to_dicts()
    assert (row["verdict"], row["action"], row["sample"]) == (verdict, action, "S")


def test_every_gate_of_the_config_is_of_a_metric() -> None:
    gates = yaml.safe_load(SCHEMA.read_text())["properties"]["quality"]["properties"]
    metrics = {"callable", "mapped", "duplicates", "mismatches", "contamination", "tumour_match"}
    metrics |= {"mean_depth_normal", "mean_depth_tumour", "sex_depth", "titv", "het_hom"}
    metrics |= {GATE, "tumour_in_normal", same_person.GATE}
    assert set(gates) == metrics
    assert all(
        gate["default"]["action"] in ("warn", "watermark", "block") for gate in gates.values()
    )
