"""What the runs of `make real` found, held against what is known of the data.

Truth: the READMEs of the data sets. Figures are printed (`-s`), floors asserted.
"""

import json
import os
from pathlib import Path

import polars as pl
import pytest

from shirube.cohort.frequency import chrom_frequencies
from shirube.cohort.state import State
from shirube.contracts import (
    ANNOTATION,
    CALLS,
    LEDGER,
    LOH,
    SOMATIC,
    STRUCTURAL,
    metadata,
    read,
)
from shirube.genome.regions import read_bed
from shirube.tools import piped

OUT = Path(os.environ.get("REAL", "real"))
REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
pytestmark = pytest.mark.realdata


def results(case: str) -> Path:
    """Results of a finished case; skips where it was not run."""
    found = OUT / case / "results"
    if not found.is_dir():
        pytest.skip(f"{found} is absent: run `make real` where the real data are")
    return found


def report(case: str, patient: str) -> dict:
    return json.loads((results(case) / f"reports/{patient}/report.json").read_text())


def findings(case: str, patient: str) -> pl.DataFrame:
    return pl.read_parquet(results(case) / f"findings/{patient}.parquet")


PEOPLE = [
    ("hcc1395", "HCC1395"),
    ("na12878", "NA12878"),
    ("na12878-cram", "NA12878"),
    ("na12878-chrm", "NA12878"),
    ("ceu-trio", "NA12878"),
    ("ceu-trio", "NA12891"),
    ("h3122-hcc827", "H3122"),
    ("h3122-hcc827", "HCC827"),
    ("tcga-coad", "TCGA"),
]


@pytest.mark.parametrize(("case", "patient"), PEOPLE)
def test_every_person_ends_with_every_file(case: str, patient: str) -> None:
    found = results(case)
    for name in ("report.json", "report.ja.html", "report.en.html"):
        assert (found / "reports" / patient / name).stat().st_size > 1000
    ledger = read(LEDGER, found / f"ledger/{patient}.parquet")
    about = metadata(found / f"ledger/{patient}.parquet")
    assert int(about["records_in"]) == ledger.height > 0
    assert list(found.glob("callable/*.bed.gz"))


def test_hcc1395_tp53_is_somatic() -> None:
    rows = findings("hcc1395", "HCC1395").filter(pl.col("hgvs_p") == "p.Arg175His")
    assert rows.height == 1
    row = rows.row(0, named=True)
    print(row["gene"], row["hgvs_p"], row["vaf"], row["ad_alt"], row["dp"], row["normal_ad"])
    assert (row["gene"], row["origin"]) == ("TP53", "somatic")
    assert row["vaf"] >= 0.95
    assert row["normal_ad"] == 0
    assert row["normal_dp"] >= 20
    somatic = read(SOMATIC, results("hcc1395") / "somatic/HCC1395.parquet")
    assert somatic.filter(pl.col("pos") == 7_675_088)["filter"].to_list() == ["PASS"]


def test_hcc1395_brca1_is_germline_with_loss_of_the_other_allele() -> None:
    rows = findings("hcc1395", "HCC1395").filter(pl.col("hgvs_p") == "p.Arg1751Ter")
    assert rows.height == 1
    row = rows.row(0, named=True)
    print(row["gene"], row["hgvs_p"], row["classification"], row["second_hit"])
    assert (row["gene"], row["origin"]) == ("BRCA1", "germline")
    assert row["transcript"].startswith(("NM_007294", "ENST00000357654"))
    assert row["classification"] in ("Pathogenic", "Likely pathogenic")
    assert json.loads(row["detail"])["clinvar_class"] == "Pathogenic"
    loh = read(LOH, results("hcc1395") / "loh/HCC1395.parquet")
    counts = loh.filter(pl.col("pos") == 43_057_078).row(0, named=True)
    assert counts["state"] == "ref_lost"
    for number in ("normal_ad", "normal_dp", "tumour_ad", "tumour_dp"):
        assert str(counts[number]) in row["second_hit"]


def named(model: dict, name: str) -> dict:
    (found,) = (f for f in model["findings"] if f["name"] == name)
    return found


def test_hcc1395_report_says_what_its_evidence_says_and_no_more() -> None:
    model = report("hcc1395", "HCC1395")
    tp53 = named(model, "TP53 p.Arg175His")
    brca1 = named(model, "BRCA1 p.Arg1751Ter")
    assert (tp53["section"], tp53["origin"]) == ("somatic", "somatic")
    assert (brca1["section"], brca1["origin"]) == ("germline", "germline")
    assert brca1["classification"] in ("Pathogenic", "Likely pathogenic")
    assert brca1["detail"]["clinvar_class"] == "Pathogenic"
    assert brca1["detail"]["second_hit"]["state"] == "ref_lost"
    for item in (tp53, brca1):
        assert item["evidence"]
        for e in item["evidence"]:
            if e["source"] == "japan_approvals":
                assert (item["gene"], e["group"]) == ("BRCA1", "approved_japan")
            else:
                assert e["url"] == f"https://civicdb.org/links/evidence_items/{e['id'][3:]}"
    parp = [e for e in brca1["evidence"] if "Olaparib" in (e["therapies"] or "")]
    own = [e for e in parp if e["same_disease"] and e["group"] == "sensitivity"]
    assert {e["level"] for e in own} == {"A", "B"}
    # No assertions are configured: a level A item for breast cancer is not called an approval.
    assert {kind for e in own if e["level"] == "A" for kind in e["basis"]} == {"established"}
    assert any(e["group"] == "resistance" for e in parp)
    assert not any("parib" in (e["therapies"] or "").lower() for e in tp53["evidence"])


def test_hcc1395_says_nothing_of_genes_without_reads() -> None:
    model = report("hcc1395", "HCC1395")
    assert {row["gene"] for row in model["not_found"]} <= {"BRCA1", "TP53"}
    unknown = {row["gene"]: row["reason"] for row in model["not_assessable"]}
    assert unknown["PIK3CA"] == unknown["ERBB2"] == unknown["BRCA2"] == "not_requested"
    assert len(unknown) > 100
    statuses = {gene["status"] for gene in model["pharmacogenomics"]["genes"]}
    assert statuses == {"not_callable", "not_called"}  # never *1 where nothing was read
    drawn = {f["kind"] for f in model["figures"]}
    assert {"pile_up", "coverage", "copy_number"} <= drawn


def test_h3122_fusion_leads_and_hcc827_has_the_depth_to_deny_it() -> None:
    model = report("h3122-hcc827", "H3122")
    first = next(f for f in model["findings"] if f["id"] == model["summary"][0]["finding"])
    assert first["gene"] == "EML4::ALK"
    assert (first["amp_tier"], first["japan_level"]) == ("I-A", "A")
    best = [e for e in first["evidence"] if e["same_disease"] and e["level"] == "A"]
    drugs = {drug for e in best for drug in e["therapies"].lower().replace(" ", "").split(",")}
    assert {"alectinib", "crizotinib", "brigatinib"} <= drugs
    assert {kind for e in best for kind in e["basis"]} == {"japan", "established"}
    assert any(f["kind"] == "fusion" and f["finding"] == first["id"] for f in model["figures"])
    other = report("h3122-hcc827", "HCC827")
    assert not [f for f in other["findings"] if f["section"] == "fusion"]
    (denied,) = (r for r in other["not_found"] if (r["gene"], r["kind"]) == ("ALK", "fusion"))
    print("HCC827, ALK intron 19:", denied["mean_depth"], denied["min_depth"])
    assert denied["callable"] == 1.0
    assert denied["min_depth"] >= 500
    assert denied["detectable_vaf"] < 0.02


def test_hcc1395_frequency_counts_the_normal_only() -> None:
    state = State(results("hcc1395") / "cohort/state", {})  # nothing is released of one person
    chroms = {chrom for files in state.manifest.strata.values() for chrom in files}
    frequency = pl.concat(chrom_frequencies(state, chrom, ["sex"], {}) for chrom in sorted(chroms))
    assert frequency["an"].max() == 2
    assert frequency.filter(pl.col("pos") == 7_675_088).is_empty()
    brca1 = frequency.filter(pl.col("pos") == 43_057_078, pl.col("stratum") == "all")
    assert brca1.select("ac", "an").rows() == [(1, 2)]


def atomised(vcf: Path, *options: str) -> dict[tuple[int, str, str], str]:
    """(pos, ref, alt) -> genotype, sorted and unphased, of a VCF of one sample."""
    with piped(
        ["bcftools", "view", "--no-version", "-Ou", *options, vcf],
        ["bcftools", "norm", "--no-version", "--atomize", "-m", "-any", "-Ou", "-"],
        ["bcftools", "query", "-f", "%POS\\t%REF\\t%ALT[\\t%GT]\\n", "-"],
    ) as stream:
        rows = [line.split("\t") for line in stream.read().decode().splitlines()]
    return {
        (int(pos), ref, alt): "/".join(sorted(gt.replace("|", "/").split("/")))
        for pos, ref, alt, gt in rows
        if alt != "*"
    }


def test_na12878_finds_the_alleles_giab_lists() -> None:
    made = results("na12878")
    truth_file = "ceu-trio-chr20/test_hg001_giab_grch37_chr20_100kbp_at_10mb.vcf.gz"
    truth = atomised(REALDATA / truth_file, "-r", "20:10000001-10100000")
    calls = atomised(made / "germline/NA12878.vcf.gz", "-f", "PASS")
    snvs = {allele for allele in truth if len(allele[1]) == len(allele[2]) == 1}
    indels = truth.keys() - snvs
    found_snvs, found_indels = snvs & calls.keys(), indels & calls.keys()
    print(f"SNV {len(found_snvs)}/{len(snvs)}, indel {len(found_indels)}/{len(indels)}")
    assert (len(snvs), len(indels)) == (188, 35)
    assert len(found_snvs) >= 185
    assert len(found_indels) >= 29
    bed = read_bed(REALDATA / "ceu-trio-chr20/test_giab.b37_chr20_100kbp_at_10mb.bed")
    confident = {allele for allele in truth if any(i.start < allele[0] <= i.end for i in bed)}
    other = [a for a in confident & calls.keys() if calls[a] != truth[a]]
    print(f"confident {len(confident & calls.keys())}/{len(confident)}, other GT {len(other)}")
    assert confident <= calls.keys()
    assert len(confident) == 49
    assert len(other) <= 2


def test_na12878_bam_and_cram_give_the_same_calls() -> None:
    one, two = (
        pl.read_parquet(results(case) / "germline/NA12878.parquet")
        for case in ("na12878", "na12878-cram")
    )
    assert one.equals(two)
    assert one.height > 150


def test_na12878_mitochondria_have_fractions() -> None:
    """Three homoplasmic alleles in the 200 bases that were read; one base has no other allele."""
    calls = read(CALLS, results("na12878-chrm") / "germline/NA12878.parquet")
    kept = calls.filter(pl.col("filter") == "PASS")
    print(kept.select("pos", "ref", "alt", "dp", "heteroplasmy", "heteroplasmy_low"))
    assert kept.select("pos", "ref", "alt").rows() == [
        (150, "T", "C"),
        (152, "T", "C"),
        (195, "C", "T"),
    ]
    assert kept["heteroplasmy_low"].min() > 0.99
    assert kept["dp"].min() > 5_000


def test_h3122_has_the_fusion_and_hcc827_has_not() -> None:
    found = results("h3122-hcc827")
    positive = read(STRUCTURAL, found / "sv/H3122.parquet").filter(pl.col("filter") == "PASS")
    near = positive.filter(
        (pl.col("pos1") - 29_223_741).abs() <= 10, (pl.col("pos2") - 42_299_750).abs() <= 10
    )
    assert near.height >= 1
    negative = read(STRUCTURAL, found / "sv/HCC827.parquet").filter(pl.col("filter") == "PASS")
    for pile in (29_228_916, 29_228_923, 29_222_430):
        for table in (positive, negative):
            at = ((pl.col("pos1") - pile).abs() <= 10) | ((pl.col("pos2") - pile).abs() <= 10)
            assert table.filter(at).is_empty()
    assert negative.filter(pl.col("pos2") > 42_000_000, pl.col("pos1") < 30_000_000).is_empty()
    assert "EML4::ALK" in findings("h3122-hcc827", "H3122")["gene"].to_list()
    assert "EML4::ALK" not in findings("h3122-hcc827", "HCC827")["gene"].to_list()


def test_a_tumour_given_as_vcf_has_its_drivers_and_burden() -> None:
    """Of the sequence only what VCF files state is known: BRAF's codon 600 has no residue."""
    found = findings("tcga-coad", "TCGA").filter(pl.col("gene") == "TP53").row(0, named=True)
    assert (found["hgvs_p"], found["oncogenicity"]) == ("p.Val73TrpfsTer50", "Likely oncogenic")
    tables = [results("tcga-coad") / f"annotation/chr{chrom}.parquet" for chrom in (5, 7, 17)]
    named = pl.concat([read(ANNOTATION, table) for table in tables])
    coding = set(named.select("gene", "hgvs_c").iter_rows())
    assert {("BRAF", "c.1799T>A"), ("APC", "c.6023C>T"), ("RNF43", "c.1976del")} <= coding
    markers = {row["marker"]: row for row in report("tcga-coad", "TCGA")["markers"]}
    assert (markers["TMB"]["call"], markers["MSI"]["call"]) == ("high", "unknown")
    assert 60 < markers["TMB"]["value"] < 80
