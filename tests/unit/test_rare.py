"""De novo likelihood, inheritance, ACMG criteria and the ranking of a trio."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from interpretation_frames import allele, call, described, frame, knowledge, paths

from shirube.contracts import CALLS, write
from shirube.contracts.family import HOMOZYGOSITY
from shirube.interpret.acmg import acmg_class, classified, criteria
from shirube.interpret.classify import answers, final_class
from shirube.interpret.consequence import LOOKED_AT
from shirube.interpret.context import Context
from shirube.interpret.inputs import Knowledge
from shirube.interpret.person import Person
from shirube.interpret.pvs1 import Transcript, strength
from shirube.interpretation import interpret
from shirube.rare.denovo import Reads, mosaic, posterior
from shirube.rare.family import Family, Relative
from shirube.rare.inheritance import fit, origin
from shirube.rare.score import UNKNOWN_RARITY, effect_of, rarity_of
from shirube.tools import run

HET, NONE = Reads(15, 30), Reads(0, 30)


@pytest.mark.parametrize(
    ("child", "mother", "father", "frequency", "low", "high"),
    [
        (HET, NONE, NONE, None, 0.95, 1.0),
        (HET, HET, NONE, None, 0.0, 1e-6),
        (HET, NONE, Reads(0, 4), None, 0.0, 0.1),
        (HET, Reads(0, 20), Reads(0, 20), 0.3, 0.0, 0.1),
        (HET, Reads(0, 20), Reads(0, 20), None, 0.1, 1.0),
        (HET, Reads(2, 30), NONE, None, 0.0, 1.0),
        (Reads(1, 30), NONE, NONE, None, 0.0, 0.01),
        (HET, Reads(0, 60), Reads(0, 60), None, 0.999, 1.0),
    ],
)
def test_de_novo(
    child: Reads, mother: Reads, father: Reads, frequency: float | None, low: float, high: float
) -> None:
    assert low <= posterior(child, mother, father, frequency) <= high


def test_a_bare_genotype_filter_would_be_fooled() -> None:
    """Same genotypes (0/1, 0/0, 0/0), but a father seen by five reads is no evidence."""
    deep, shallow = posterior(HET, NONE, NONE, None), posterior(HET, NONE, Reads(0, 5), None)
    assert deep > 0.95
    assert shallow < 0.1


def test_a_boys_x_comes_from_his_mother() -> None:
    boy, father = Reads(30, 30, 1), Reads(30, 30, 1)
    assert posterior(boy, NONE, father, None, from_father=False) > 0.95
    assert posterior(boy, HET, father, None, from_father=False) < 1e-6


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_posterior_is_a_probability_and_falls_with_reads_in_a_parent(
    a: int, b: int, c: int
) -> None:
    child = Reads(min(a, 60), 60)
    few, more = sorted((b, c))
    one = posterior(child, Reads(few, 60), NONE, None)
    other = posterior(child, Reads(more, 60), NONE, None)
    assert 0 <= other <= 1
    assert more > 30 or other <= one + 1e-9


@pytest.mark.parametrize(
    ("reads", "wanted"), [(Reads(0, 60), False), (Reads(5, 60), True), (Reads(28, 60), False)]
)
def test_mosaic_parent(reads: Reads, wanted: bool) -> None:
    assert mosaic(reads) is wanted


FIVE = Transcript((90, 120, 150, 99, 60))


@pytest.mark.parametrize(
    ("consequence", "codon", "exon", "mechanism", "points"),
    [
        ("stop_gained", 20, "1/5", "loss", 8),
        ("stop_gained", 135, "4/5", "loss", 8),
        ("stop_gained", 137, "4/5", "loss", 4),
        ("stop_gained", 160, "5/5", "loss", 2),
        ("stop_gained", 20, "1/5", "gain", 0),
        ("stop_gained", 20, "1/5", None, 0),
        ("missense_variant", 20, "1/5", "loss", 0),
        ("start_lost", 1, "1/5", "loss", 2),
        ("splice_donor_variant", None, "i2/4", "loss", 4),
        ("splice_acceptor_variant", None, "i3/4", "loss", 4),
        ("frameshift_variant", 20, "1/5", "loss", 8),
    ],
)
def test_pvs1(
    consequence: str, codon: int | None, exon: str, mechanism: str | None, points: int
) -> None:
    row = {"consequence": consequence, "protein_pos": codon, "exon": exon}
    assert strength(row, mechanism, FIVE)[0] == points


def test_coding_exons_run_along_the_gene() -> None:
    model = {"strand": "-", "cds_start": 150, "cds_end": 420, "exon_starts": [100, 300, 400],
             "exon_ends": [200, 350, 450]}  # fmt: skip
    assert Transcript.of(model).coding == (20, 50, 50)


def _allele(**other: Any) -> dict[str, Any]:  # noqa: ANN401
    row = {"consequence": "missense_variant", "protein_pos": 20, "exon": "1/5",
           "population_af": None, "population_source": None, "japanese_af": None,
           "population_an": 2000, "japanese_an": 2000, "japanese_source": None,
           "cohort_af": None, "cohort_an": None}  # fmt: skip
    return row | other


@pytest.mark.parametrize(
    ("population", "japanese", "met"),
    [
        (0.00001, None, {"PM2"}),
        (0.00001, 0.06, {"BA1"}),
        (0.00001, 0.02, {"BS1"}),
        (0.2, 0.0, {"BA1"}),
        (0.001, None, set()),
        (None, None, set()),
    ],
)
def test_frequency_criteria_take_the_japanese_frequency(
    population: float | None, japanese: float | None, met: set[str]
) -> None:
    found = criteria(_allele(population_af=population, japanese_af=japanese), Context())
    assert {c["code"] for c in found if c["met"]} == met


@pytest.mark.parametrize(
    ("facts", "met", "reason"),
    [
        # Two chromosomes, both with the allele: no evidence of anything.
        ({"population_af": 1.0, "population_an": 2}, None, "is of 2 chromosomes only"),
        ({"population_af": 0.0, "population_an": 1999}, None, "is of 1999 chromosomes only"),
        ({"population_af": 0.5, "population_an": None}, None, "its source does not say"),
        ({"cohort_af": 0.5, "cohort_an": 1998}, None, "is of 1998 chromosomes only"),
        # What weighs speaks, however much higher the frequency among few.
        # Too few to be common is still too many to be rare: neither BA1 nor PM2.
        ({"population_af": 0.00001, "japanese_af": 0.5, "japanese_an": 208}, set(), "1e-05"),
        ({"population_af": 0.00001, "japanese_af": 0.29, "japanese_an": None}, set(), "1e-05"),
        ({"population_af": 0.00001, "japanese_af": 0.0, "japanese_an": 208}, {"PM2"}, "1e-05"),
        ({"cohort_af": 0.06, "cohort_an": 2000, "population_af": 0.0}, {"BA1"}, "0.06"),
        # The patient is in the cohort: one copy of 30 says nothing against rarity.
        ({"cohort_af": 0.03, "cohort_an": 30, "population_af": 0.0}, {"PM2"}, "0"),
    ],
)
def test_a_frequency_among_few_chromosomes_is_no_evidence(
    facts: dict[str, Any], met: set[str] | None, reason: str
) -> None:
    found = [c for c in criteria(_allele(**facts), Context()) if c["code"] in ("BA1", "BS1", "PM2")]
    assert {c["code"] for c in found if c["met"]} == (met or set())
    judged = found if met is None else [c for c in found if c["code"] != "PM2"]
    assert all((c["met"] is None) is (met is None) for c in judged)
    assert all(reason in c["reason"] for c in found)


def test_every_criterion_has_a_reason_and_appears_once() -> None:
    found = criteria(_allele(), Context())
    codes = [c["code"] for c in found]
    assert len(codes) == len(set(codes)) == 28
    assert all(c["reason"] for c in found)


def test_classes() -> None:
    null = _allele(consequence="stop_gained", population_af=0.0)
    assert classified(criteria(null, Context(mechanism="loss", transcript=FIVE))) == (
        "Likely pathogenic",
        9,
    )
    novel = Context(
        mechanism="loss", transcript=FIVE, de_novo=0.999, confirmed=True, phenotype="specific"
    )
    assert classified(criteria(null, novel)) == ("Pathogenic", 14)
    assert acmg_class(3, stand_alone_benign=True) == "Benign"


def _relative(directory: Path, role: str, carries: list[dict[str, Any]]) -> Relative:
    """A parent who carries some alleles and is covered by one reference block, 30 deep."""
    rows = [call(key, n) for n, key in enumerate(carries)]
    write(frame(CALLS, *rows), CALLS, directory / f"{role}.parquet")
    gvcf = directory / f"{role}.g.vcf"
    gvcf.write_text(
        "##fileformat=VCFv4.2\n"
        '##INFO=<ID=END,Number=1,Type=Integer,Description="end">\n'
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">\n'
        '##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="depth">\n'
        "##contig=<ID=12,length=200000000>\n##contig=<ID=5,length=200000000>\n"
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + role + "\n"
        "12\t1\t.\tN\t<*>\t.\t.\tEND=150000000\tGT:MIN_DP\t0/0:30\n"
    )
    out = directory / f"{role}.g.vcf.gz"
    run("bcftools", "view", "--no-version", "-Oz", "-W=tbi", "-o", out, gvcf)
    return Relative(role, str(directory / f"{role}.parquet"), str(out), False)


def test_the_new_allele_of_a_trio_comes_first(tmp_path: Path) -> None:
    new, old = allele("chr12", 112_473_040), allele("chr12", 112_473_100)
    unseen = allele("chr5", 1000)
    annotation = [
        described(new, "PTPN11", "missense_variant", hgvs_p="p.Phe285Leu", protein_pos=285),
        described(old, "PTPN11", "missense_variant", hgvs_p="p.Ile300Val", clinvar_stars=2,
             clinvar_significance="Benign"),
        described(unseen, "NSD1", "missense_variant", hgvs_p="p.Ala5Val"),
    ]  # fmt: skip
    calls = [call(new, 0), call(old, 1), call(unseen, 2)]
    family = Family(_relative(tmp_path, "father", []), _relative(tmp_path, "mother", [old]))
    person = Person("P", "XY", "rare", normal="N")
    found, fates, _ = interpret(person, knowledge(), paths(tmp_path, calls, annotation), family)
    by_name = {row["hgvs_p"]: row for row in found.rows(named=True)}
    first = by_name["p.Phe285Leu"]
    assert (first["rank"], first["inheritance"]) == (1, "de_novo")
    parents = json.loads(first["detail"])["parents"]
    assert parents["father"] == {"ad_alt": 0, "dp": 30, "copies": 0}
    assert "p.Ile300Val" not in by_name
    benign = fates.filter(pos=112_473_100).row(0, named=True)
    assert (benign["fate"], benign["rule"]) == ("tiered", "rare_score")
    assert "Benign" in benign["value"]
    # No parent is covered at the third allele: nothing is said of its origin.
    assert by_name["p.Ala5Val"]["inheritance"] == "unknown"
    assert fates.filter(pl.col("fate") == "reported").height == 2


@pytest.mark.parametrize(
    ("stated", "stars", "computed", "wanted"),
    [
        ("Pathogenic", 1, "Uncertain significance", "Pathogenic"),
        ("Pathogenic/Likely_pathogenic", 2, "Benign", "Pathogenic"),
        ("Likely_pathogenic", 1, "Uncertain significance", "Likely pathogenic"),
        ("Pathogenic", 0, "Uncertain significance", "Uncertain significance"),
        ("Benign", 3, "Uncertain significance", "Benign"),
        ("Likely_benign", 1, "Uncertain significance", "Likely benign"),
        ("Benign", 2, "Likely pathogenic", "Uncertain significance"),
        ("Benign", 1, "Likely pathogenic", "Likely pathogenic"),
        ("Conflicting_classifications_of_pathogenicity", 1, "Likely pathogenic",
         "Likely pathogenic"),
        (None, None, "Likely benign", "Likely benign"),
    ],
)  # fmt: skip
def test_clinvar_beside_the_criteria(
    stated: str | None, stars: int | None, computed: str, wanted: str
) -> None:
    allele = {"clinvar_significance": stated, "clinvar_stars": stars}
    assert final_class(allele, computed)[0] == wanted


@pytest.mark.parametrize(
    ("stated", "stars", "computed", "clinvar", "differ"),
    [
        ("Pathogenic", 1, "Uncertain significance", "Pathogenic", True),
        ("Pathogenic", 0, "Uncertain significance", "Pathogenic", True),
        ("Likely_pathogenic", 2, "Pathogenic", "Likely pathogenic", False),
        ("Pathogenic/Likely_pathogenic", 2, "Likely pathogenic", "Pathogenic", False),
        ("Benign/Likely_benign", 2, "Likely pathogenic", "Benign", True),
        ("Likely_benign", 1, "Uncertain significance", "Likely benign", True),
        ("Uncertain_significance", 1, "Uncertain significance", "Uncertain significance", False),
        ("Conflicting_classifications_of_pathogenicity", 1, "Likely pathogenic",
         "Conflicting classifications", True),
        ("Pathogenic,_low_penetrance", 1, "Pathogenic", "Pathogenic", False),
        ("drug_response", 2, "Pathogenic", None, False),
        (None, None, "Pathogenic", None, False),
    ],
)  # fmt: skip
def test_both_answers_are_told(
    stated: str | None, stars: int | None, computed: str, clinvar: str | None, differ: bool
) -> None:
    allele = {"clinvar_significance": stated, "clinvar_stars": stars}
    both, _ = answers(allele, computed, 0)
    assert (both.criteria, both.clinvar, both.differ) == (computed, clinvar, differ)


@pytest.mark.parametrize(
    ("consequence", "spliceai", "fate"),
    [
        ("intron_variant", 0.95, "reported"),
        ("synonymous_variant", 0.95, "reported"),
        ("intron_variant", 0.2, "reported"),
        ("intron_variant", 0.19, "filtered"),
        ("intron_variant", 0.05, "filtered"),
        ("intron_variant", None, "filtered"),
    ],
)
@pytest.mark.parametrize("programme", ["rare", "cancer"])
def test_predicted_splicing_makes_a_candidate(
    tmp_path: Path, consequence: str, spliceai: float | None, fate: str, programme: str
) -> None:
    key, gene = allele("chr5", 1_000), "NSD1" if programme == "rare" else "BRCA1"
    row = described(key, gene, consequence, spliceai=spliceai, hgvs_c="c.500+300A>G")
    person = Person("P", "XX", programme, normal="N")
    files = paths(tmp_path, [call(key, 0)], [row])
    found, fates, _ = interpret(person, knowledge(), files, Family())
    looked_at = "reported" if programme == "rare" else "tiered"
    assert fates["fate"].to_list() == [looked_at if fate == "reported" else fate]
    if found.height:
        met = {c["code"]: c["points"] for c in found["criteria"][0] if c["met"]}
        assert met["PP3"] == 1


def test_a_homozygote_in_a_run_says_so(tmp_path: Path) -> None:
    key = allele("chr13", 51_900_000)
    row = described(key, "ATP8B1", "missense_variant", hgvs_p="p.Ala5Val")
    run = {"chrom": "chr13", "start": 50_000_000, "end": 53_000_000, "kind": "roh", "sites": 300,
           "against": 1, "reason": "3.0 Mb, 300 sites"}  # fmt: skip
    family = Family(stretches=frame(HOMOZYGOSITY, run))
    person = Person("P", "XY", "rare", normal="N")
    files = paths(tmp_path, [call(key, 0, dosage=2, ad_alt=30)], [row])
    found, _, _ = interpret(person, knowledge(), files, family)
    detail = json.loads(found["detail"][0])
    assert "inside a run of homozygosity (3.0 Mb, 300 sites)" in detail["mode_reason"]


@pytest.mark.parametrize(
    ("own", "hers", "affected", "label", "weight"),
    [
        ((70, 100), (20, 100), False, "maternal", 0.95),
        ((99, 100), (99, 100), False, "maternal", 0.2),
        ((99, 100), (99, 100), True, "maternal", 0.8),
        ((70, 100), (0, 100), False, "unknown", 0.95),
        ((70, 100), None, False, "unknown", 0.8),
    ],
)
def test_mitochondrial_alleles_by_the_share_of_the_copies(
    own: tuple[int, int], hers: tuple[int, int] | None, affected: bool, label: str, weight: float
) -> None:
    """Never de novo: what is in none of the mother's blood may be in her other tissues."""
    row: dict[str, Any] = {"chrom": "chrM", "zygosity": "heteroplasmic", "ploidy": 1, "ref": "T",
                           "alt": "G", "ad_alt": own[0], "dp": own[1]}  # fmt: skip
    row |= {"mother_ad_alt": hers[0], "mother_dp": hers[1], "mother_ploidy": 1} if hers else {}
    family = Family(Relative("father", "", "", False), Relative("mother", "", "", affected))
    came = origin(row, None)
    assert (came.label, came.de_novo) == (label, None)
    found = fit(row, came, family, [])
    assert (found.mode, found.weight) == ("mitochondrial", weight)


def test_a_mitochondrial_rna_is_looked_at_and_no_nuclear_one() -> None:
    """Transfer RNAs alter no protein, and no list of nuclear disease genes holds them."""
    table = pl.DataFrame(
        [("chrM", "non_coding_transcript_exon_variant"), ("chr1", "missense_variant"),
         ("chr1", "non_coding_transcript_exon_variant"), ("chrM", "synonymous_variant")],
        schema=["chrom", "consequence"],
        orient="row",
    )  # fmt: skip
    assert table.select(LOOKED_AT)[:, 0].to_list() == [True, True, False, False]
    row = {"chrom": "chrM", "consequence": "non_coding_transcript_exon_variant"}
    assert effect_of(row, "Uncertain significance") == 0.5
    assert effect_of(row | {"chrom": "chr1"}, "Uncertain significance") == 0.1


@pytest.mark.parametrize(
    ("row", "new", "weight"),
    [
        ({}, True, 1.0),
        ({}, False, UNKNOWN_RARITY),
        ({"population_af": 0.02, "population_an": 150000, "population_source": "s"}, True, 0.1),
        ({"population_af": 0.02, "population_an": 150000, "population_source": "s"}, False, 0.1),
        # A frequency of a few: not unknown, and not known to be rare.
        (
            {"population_af": 0.02, "population_an": 20, "population_source": "s"},
            True,
            UNKNOWN_RARITY,
        ),
    ],
)
def test_a_new_mutation_that_no_source_covers_is_rare(
    row: dict[str, Any], new: bool, weight: float
) -> None:
    assert rarity_of(row, new) == weight


XREFS = [
    ("MONDO:0008104", "Noonan syndrome 1", "skos:exactMatch", "OMIM:163950", None),
    ("MONDO:0008104", "Noonan syndrome 1", "skos:exactMatch", "Orphanet:648", "Noonan syndrome"),
    ("MONDO:0008104", "Noonan syndrome 1", "oboInOwl:hasDbXref", "NANDO:1200780", None),
    ("MONDO:0000001", "another", "oboInOwl:hasDbXref", "NANDO:1200780", None),
]


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ("OMIM:163950", {"MONDO:0008104": True, "Orphanet:648": True, "NANDO:1200780": False}),
        ("ORPHA:648", {"MONDO:0008104": True, "OMIM:163950": True, "NANDO:1200780": False}),
        ("MONDO:0008104", {"OMIM:163950": True, "Orphanet:648": True, "NANDO:1200780": False}),
        # What Mondo only refers to is not the same disease, and leads nowhere.
        ("NANDO:1200780", None),
        ("OMIM:999999", None),
        (None, None),
    ],
)
def test_what_a_disease_is_called_elsewhere(asked: str | None, ids: dict[str, bool] | None) -> None:
    columns = ("mondo", "label", "predicate", "other", "other_label")
    table = pl.DataFrame(XREFS, schema=dict.fromkeys(columns, pl.String), orient="row")
    found = Knowledge({}, disease_xrefs=table).elsewhere(asked)
    assert (found and {one["id"]: one["exact"] for one in found}) == ids
    assert Knowledge({}).elsewhere(asked) is None
    assert found is None or [one["id"] for one in found] == sorted(one["id"] for one in found)
