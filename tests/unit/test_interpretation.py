"""Interpretation of one patient, from tables to findings and ledger."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interpretation_frames import allele, call, candidate, described, frame, item, knowledge, paths

from shirube.cancer.copies import changed_genes, with_copies
from shirube.cancer.somatic import call_rules
from shirube.contracts import COPY_NUMBER, FILTERS, GENE_MODELS, write
from shirube.contracts.phase import CHANGES
from shirube.errors import InputError
from shirube.interpret.inputs import Paths
from shirube.interpret.person import Person
from shirube.interpretation import interpret
from shirube.rare.family import Family

CANCER = Person("P1", "XX", "cancer", diagnosis="LUAD", normal="N", tumour="T")
L858R = allele("chr7", 55191822, "T", "G")
BRCA1 = allele("chr17", 43057078, "G", "A")
TOLD = [
    described(L858R, "EGFR", "missense_variant", hgvs_p="p.Leu858Arg", protein_pos=858),
    described(
        BRCA1,
        "BRCA1",
        "stop_gained",
        hgvs_p="p.Arg1751Ter",
        protein_pos=1751,
        clinvar_significance="Pathogenic",
        clinvar_stars=3,
    ),
]
LOST = {**BRCA1, "normal_ad": 20, "normal_dp": 33, "tumour_ad": 21, "tumour_dp": 21,
        "tumour_vaf": 1.0, "state": "ref_lost"}  # fmt: skip


def test_somatic_driver_and_hereditary_hit(tmp_path: Path) -> None:
    files = paths(
        tmp_path, [call(BRCA1, 0, ad_alt=20, dp=33)], TOLD, [candidate(L858R)], [LOST], []
    )
    found, fates, records = interpret(
        CANCER, knowledge([item(hgvs_p="p.Leu858Arg")]), files, Family()
    )
    by_name = {row["name"]: row for row in found.rows(named=True)}
    egfr, brca1 = by_name["EGFR p.Leu858Arg"], by_name["BRCA1 p.Arg1751Ter"]
    assert (egfr["section"], egfr["amp_tier"], egfr["japan_level"]) == ("somatic", "I-A", "A")
    assert (egfr["dp"], egfr["ad_alt"], egfr["normal_ad"]) == (100, 30, 0)
    # No gene model: the criteria cannot tell. ClinVar's class is beside theirs, not in its place.
    told = json.loads(brca1["detail"])
    assert (brca1["classification"], told["clinvar_class"], told["leading_class"]) == (
        "Uncertain significance",
        "Pathogenic",
        "Pathogenic",
    )
    assert told["answers_differ"]
    assert "normal 20/33, tumour 21/21" in brca1["second_hit"]
    assert json.loads(brca1["detail"])["second_hit"]["state"] == "ref_lost"
    assert records == fates.height == 2
    assert set(fates["fate"]) == {"reported"}


@pytest.mark.parametrize(
    ("consent", "section"), [("yes", "germline"), (None, "germline"), ("no", None)]
)
def test_a_refusal_withholds_hereditary_findings(
    tmp_path: Path, consent: str | None, section: str | None
) -> None:
    files = paths(tmp_path, [call(BRCA1, 0)], TOLD, [candidate(L858R)], [LOST], [])
    person = replace(CANCER, consent_secondary=consent)
    found, fates, _ = interpret(person, knowledge(), files, Family())
    assert found.filter(gene="BRCA1")["section"].to_list() == ([section] if section else [])
    if consent == "no":
        text = found.write_json() + fates.write_json()
        assert "BRCA1" not in text
        assert "athogenic" not in fates.write_json()


@pytest.mark.parametrize("consent", ["no", None])
@pytest.mark.parametrize("programme", ["cancer", "rare", "control"])
def test_withheld_alleles_leave_the_same_ledger_whatever_they_do(
    tmp_path: Path, programme: str, consent: str | None
) -> None:
    """A pathogenic and a harmless allele of a withheld gene cannot be told apart."""
    person = Person("P1", "XX", programme, consent_secondary=consent, normal="N")
    ledgers = []
    for name, significance, consequence in (
        ("harm", "Pathogenic", "stop_gained"),
        ("harmless", "Benign", "synonymous_variant"),
    ):
        row = described(allele("chr15", 48_400_000), "FBN1", consequence, clinvar_stars=3)
        row["clinvar_significance"] = significance
        files = paths(tmp_path / name, [call(allele("chr15", 48_400_000), 0)], [row])
        found, fates, _ = interpret(person, knowledge(), files, Family())
        assert found.is_empty()
        assert "FBN1" not in fates.write_json()
        ledgers.append(fates)
    assert ledgers[0].equals(ledgers[1])


def test_secondary_findings_on_consent(tmp_path: Path) -> None:
    key = allele("chr15", 48_400_000)
    row = described(key, "FBN1", "stop_gained", clinvar_significance="Pathogenic", clinvar_stars=2)
    person = Person("P1", "XX", "control", consent_secondary="yes", normal="N")
    found, _, _ = interpret(person, knowledge(), paths(tmp_path, [call(key, 0)], [row]), Family())
    assert found["section"].to_list() == ["secondary"]


@pytest.mark.parametrize(("dosage", "shown"), [(1, 0), (2, 1)])
def test_recessive_secondary_genes_need_two_copies(tmp_path: Path, dosage: int, shown: int) -> None:
    key = allele("chr13", 51_900_000)
    row = described(key, "ATP7B", "stop_gained", clinvar_significance="Pathogenic", clinvar_stars=2)
    person = Person("P1", "XX", "control", consent_secondary="yes", normal="N")
    files = paths(tmp_path, [call(key, 0, dosage=dosage)], [row])
    found, fates, _ = interpret(person, knowledge(), files, Family())
    assert found.height == shown
    assert fates["fate"].to_list() == (["reported"] if shown else ["tiered"])


def test_a_called_allele_without_annotation_stops_the_job(tmp_path: Path) -> None:
    files = paths(tmp_path, [call(BRCA1, 0)], [TOLD[0]])
    with pytest.raises(InputError, match="chr17:43057078 G>A"):
        interpret(CANCER, knowledge(), files, Family())


def test_common_alleles_are_filtered_with_value_and_threshold(tmp_path: Path) -> None:
    row = described(BRCA1, "BRCA1", "missense_variant", population_af=0.001, population_an=9000,
               japanese_af=0.2, japanese_an=2000)  # fmt: skip
    files = paths(tmp_path, [call(BRCA1, 0)], [row])
    _, fates, _ = interpret(CANCER, knowledge(), files, Family())
    assert fates.select("fate", "rule", "value", "threshold").row(0) == (
        "filtered",
        "frequency",
        "0.2",
        "at most 0.01",
    )


@pytest.mark.parametrize(
    ("frequencies", "normal_dp", "significance", "rule"),
    [
        ({"japanese_af": 0.2, "japanese_an": 2000}, None, None, "common_without_normal"),
        ({"population_af": 0.02, "population_an": 2000}, None, None, "common_without_normal"),
        ({"japanese_af": 0.001, "japanese_an": 2000}, None, None, "amp_tier"),
        ({"japanese_af": 0.2, "japanese_an": 2000}, None, "Pathogenic", "amp_tier"),
        ({"japanese_af": 0.2, "japanese_an": 2000}, 60, None, "amp_tier"),  # a normal has told
        ({"japanese_af": 1.0, "japanese_an": 208}, None, None, "amp_tier"),  # of few
        ({"population_af": 0.2}, None, None, "amp_tier"),  # of nobody knows how many
        ({}, None, None, "amp_tier"),  # unknown is not common
    ],
)
def test_common_alleles_without_a_normal_are_taken_for_inherited(
    tmp_path: Path,
    frequencies: dict[str, object],
    normal_dp: int | None,
    significance: str | None,
    rule: str,
) -> None:
    row = described(
        L858R, "EGFR", "missense_variant", clinvar_significance=significance, **frequencies
    )
    row["clinvar_stars"] = 2 if significance else None
    counts = {"normal_dp": normal_dp, "normal_ad": None if normal_dp is None else 0}
    files = paths(tmp_path, [], [row], [candidate(L858R, **counts)], [], [])
    _, fates, _ = interpret(replace(CANCER, normal=None), knowledge(), files, Family())
    (fate,) = fates.filter(stage="somatic").to_dicts()
    assert fate["rule"] == rule
    if rule == "common_without_normal":
        assert fate["fate"] == "filtered"
        assert float(fate["value"]) == max(
            float(str(share)) for name, share in frequencies.items() if name.endswith("_af")
        )


@pytest.mark.parametrize(("chromosomes", "common"), [(4, False), (1999, False), (2000, True)])
def test_the_own_cohort_counts_once_it_is_large(chromosomes: int, common: bool) -> None:
    (rule,) = [r for r in call_rules() if r.name == "common_without_normal"]
    schema = {
        **dict.fromkeys(("normal_dp", "cohort_an", "population_an", "japanese_an"), pl.Int32),
        **dict.fromkeys(("population_af", "japanese_af", "cohort_af"), pl.Float64),
        **dict.fromkeys(("population_source", "japanese_source"), pl.String),
        **{"clinvar_significance": pl.String, "clinvar_stars": pl.Int8},
    }
    row = pl.DataFrame([{"cohort_an": chromosomes, "cohort_af": 0.1}], schema=schema)
    assert row.select(rule.when.fill_null(False)).item() is common


def test_resistance_stands_apart_from_sensitivity(tmp_path: Path) -> None:
    evidence = [
        item(id="EID1", hgvs_p="p.Leu858Arg", level="B"),
        item(id="EID2", hgvs_p="p.Leu858Arg", level="A", significance="Resistance"),
    ]
    files = paths(tmp_path, [], TOLD, [candidate(L858R)], [], [])
    found, _, _ = interpret(replace(CANCER, diagnosis="IDC"), knowledge(evidence), files, Family())
    egfr = found.row(0, named=True)
    detail = json.loads(egfr["detail"])
    assert detail["tiers"] == {"sensitivity": "II-C", "resistance": "II-C"}
    assert detail["japan_levels"] == {"sensitivity": "C", "resistance": "R"}
    only = interpret(CANCER, knowledge(evidence[1:]), files, Family())[0].row(0, named=True)
    assert json.loads(only["detail"])["japan_levels"]["resistance"] == "R"


_filters = st.sampled_from([*FILTERS, "PASS", "PASS", "LowDP;odd", "LowLOD;Germline"])
_consequences = st.sampled_from(
    [
        "stop_gained",
        "missense_variant",
        "synonymous_variant",
        "intron_variant",
        "frameshift_variant",
    ]
)
_genes = st.sampled_from(["BRCA1", "FBN1", "EGFR", "ATP7B", "NOTAGENE", None])


@st.composite
def _records(draw: st.DrawFn) -> dict[str, Any]:
    keys = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["chr2", "chr17", "chrX", "chrM"]),
                st.integers(1, 40),
                st.sampled_from(["A", "AT"]),
                st.sampled_from(["G", "*", "GA"]),
            ),
            unique=True,
            max_size=12,
        )
    )
    alleles = [allele(*key) for key in keys]
    calls = []
    for n, key in enumerate(alleles):
        for copy in range(draw(st.integers(1, 2))):
            calls.append(
                call(
                    key,
                    2 * n + copy,
                    filter=draw(_filters),
                    dosage=draw(st.sampled_from([None, 0, 1, 2])),
                    dp=draw(st.sampled_from([None, 0, 25])),
                )
            )
    annotation = [
        described(
            key,
            draw(_genes),
            draw(_consequences),
            clinvar_significance=draw(st.sampled_from([None, "Pathogenic", "Benign"])),
            clinvar_stars=draw(st.sampled_from([None, 0, 2])),
            population_af=draw(st.sampled_from([None, 0.0, 0.3])),
            population_an=draw(st.sampled_from([None, 2, 2000])),
        )
        for key in alleles
    ]
    somatic = [candidate(key, filter=draw(_filters)) for key in alleles if draw(st.booleans())]
    return {"calls": calls, "annotation": annotation, "somatic": somatic}


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    records=_records(),
    programme=st.sampled_from(["cancer", "rare", "control"]),
    consent=st.sampled_from(["yes", "no", None]),
)
def test_any_records_in_are_fates_out(
    tmp_path: Path, records: dict[str, Any], programme: str, consent: str | None
) -> None:
    person = Person("P", "XY", programme, consent_secondary=consent, normal="N", tumour="T")
    files = paths(tmp_path, records["calls"], records["annotation"], records["somatic"], [], [])
    found, fates, count = interpret(person, knowledge(), files, Family())
    assert count == fates.height == len(records["calls"]) + len(records["somatic"])
    assert fates.select(pl.col("fate", "rule").null_count()).row(0) == (0, 0)
    shown = fates.filter(fate="reported")
    assert found.height == shown.height
    if consent != "yes":
        assert found.filter(section="secondary").is_empty()


def _gene(gene: str, chrom: str, strand: str, start: int) -> dict[str, Any]:
    """Four coding exons of 99 bases, 1 kb apart."""
    starts = [start + 1000 * n for n in range(4)]
    ends = [at + 99 for at in starts]
    return {"transcript": f"ENST_{gene}", "gene": gene, "mane": "MANE Select", "chrom": chrom,
            "strand": strand, "start": start, "end": ends[-1], "cds_start": start,
            "cds_end": ends[-1], "exon_starts": starts, "exon_ends": ends}  # fmt: skip


def test_a_fusion_is_named_from_five_prime_and_tiered(tmp_path: Path) -> None:
    """Both junctions of an inversion: the kinase's fusion is actionable, its reciprocal is not."""
    models = [_gene("EML4", "chr2", "+", 42_000_000), _gene("ALK", "chr2", "-", 29_000_000)]
    junction = {"origin": "somatic", "svtype": "INV", "chrom1": "chr2", "chrom2": "chr2",
                "filter": "PASS", "pairs": 10, "splits": 5, "depth": 60, "normal_pairs": 0,
                "normal_splits": 0, "normal_depth": 30}  # fmt: skip
    both = [
        {**junction, "event": "E1", "pos1": 29_001_500, "strand1": "+", "pos2": 42_001_500,
         "strand2": "+"},
        {**junction, "event": "E2", "pos1": 29_001_501, "strand1": "-", "pos2": 42_001_501,
         "strand2": "-"},
        {**junction, "event": "E3", "pos1": 1000, "strand1": "+", "pos2": 2000, "strand2": "-"},
        {**junction, "event": "E4", "pos1": 1000, "strand1": "+", "pos2": 2001, "strand2": "-",
         "filter": "LowSupport"},
    ]  # fmt: skip
    evidence = [item(gene="ALK", variant="Fusion", match="fusion", oncotree="NSCLC")]
    files = paths(tmp_path, [], TOLD, [], [], both)
    found, fates, _ = interpret(CANCER, knowledge(evidence, models), files, Family())
    tiers = dict(found.select("gene", "amp_tier").rows())
    assert tiers == {"EML4::ALK": "II-C", "ALK::EML4": "III"}
    detail = json.loads(found.filter(gene="EML4::ALK")["detail"][0])
    assert (detail["exon5"], detail["exon3"], detail["frame"]) == (2, 3, "in_frame")
    assert (detail["breakpoint5"], detail["breakpoint3"]) == ("chr2:42001500", "chr2:29001500")
    assert sorted(fates.select("rule", "fate").rows()) == [
        ("LowSupport", "filtered"),
        ("gene_fusion", "reported"),
        ("gene_fusion", "reported"),
        ("gene_fusion", "tiered"),
    ]


def test_amplified_oncogenes_and_lost_suppressors(tmp_path: Path) -> None:
    models = [_gene("ERBB2", "chr17", "+", 39_700_000), _gene("PTEN", "chr10", "+", 87_860_000),
              _gene("TP53", "chr17", "-", 7_660_000)]  # fmt: skip
    segment = {"log2": 2.0, "bins": 40, "total_cn": 12.0, "minor_cn": 1.0}
    segments = [
        {**segment, "chrom": "chr17", "start": 39_600_000, "end": 39_800_000,
         "call": "amplification", "filter": "PASS"},
        # The deletion takes one exon only: enough. The amplification of half a gene is none.
        {**segment, "chrom": "chr10", "start": 87_859_900, "end": 87_860_050,
         "call": "homozygous_deletion", "filter": "PASS"},
        {**segment, "chrom": "chr17", "start": 7_660_500, "end": 7_700_000,
         "call": "amplification", "filter": "PASS"},
    ]  # fmt: skip
    evidence = [item(gene="ERBB2", match="amplification", oncotree="LUAD", level="B")]
    files = paths(tmp_path, [], TOLD, [], [], [], segments)
    found, fates, _ = interpret(CANCER, knowledge(evidence, models), files, Family())
    rows = {r["name"]: r for r in found.rows(named=True)}
    assert set(rows) == {"ERBB2 amplification", "PTEN homozygous deletion"}
    assert rows["ERBB2 amplification"]["amp_tier"] == "I-B"
    assert rows["ERBB2 amplification"]["evidence"][0]["source"] == "japan_approvals"
    assert rows["PTEN homozygous deletion"]["japan_level"] == "F"
    assert json.loads(rows["ERBB2 amplification"]["detail"])["total_cn"] == 12.0
    assert rows["ERBB2 amplification"]["total_cn"] == 12.0
    assert fates.is_empty()


@pytest.mark.parametrize("call", ["amplification", "homozygous_deletion"])
@pytest.mark.parametrize(
    ("edges", "middle", "found"),
    [
        ([(0, 50)], None, True),
        ([(0, 20), (20, 50)], None, True),  # one change, cut by a bin inside the gene
        ([(0, 20), (22, 50)], None, False),  # bases between: the gene is not covered by one
        ([(0, 20), (30, 50)], (20, 30), False),
    ],
)
def test_a_change_cut_in_two_is_one_change_of_its_gene(
    call: str, edges: list[tuple[int, int]], middle: tuple[int, int] | None, found: bool
) -> None:
    """Of a loss any part is enough; an amplification covers the gene, in as many pieces."""
    same = {"chrom": "chr17", "log2": 2.0, "total_cn": 9.0, "filter": "PASS"}
    rows_ = [{**same, "start": a, "end": b, "bins": b - a, "call": call} for a, b in edges]
    rows_ += [
        {**same, "start": a, "end": b, "bins": 1, "call": "gain"} for a, b in [middle or (60, 70)]
    ]
    models = frame(GENE_MODELS, {**_gene("ERBB2", "chr17", "+", 0), "start": 5, "end": 45,
                                 "cds_start": 6, "cds_end": 44, "exon_starts": [5, 32],
                                 "exon_ends": [15, 45]})  # fmt: skip
    genes = changed_genes(frame(COPY_NUMBER, *rows_), models)
    assert genes.height == (found or call == "homozygous_deletion")
    if found:
        assert genes.select("start", "end", "bins").row(0) == (0, 50, 50)


SEGMENTS = [(0, 1000, 2.0, 1.0), (1000, 5000, 1.0, 0.0), (5000, 9000, None, None)]


@pytest.mark.parametrize(
    ("told", "copies"),
    [
        ({"kind": "snv", "pos": 1000}, (2.0, 1.0)),  # 1-based: the last base of the first segment
        ({"kind": "snv", "pos": 1001}, (1.0, 0.0)),
        ({"kind": "deletion", "pos": 6000}, (None, None)),  # purity unknown there
        ({"kind": "snv", "pos": 9001}, (None, None)),  # no segment
        ({"kind": "snv", "pos": 1000, "chrom": "chr2"}, (None, None)),
        ({"kind": "structural", "pos": 500, "transcript": "IN", "gene": "A"}, (1.0, 0.0)),
        ({"kind": "structural", "pos": 500, "transcript": "OVER", "gene": "A"}, (None, None)),
        ({"kind": "structural", "pos": 500, "transcript": "IN", "gene": "IGH::A"}, (None, None)),
        ({"kind": "fusion", "pos": 500, "transcript": "IN", "gene": "A::B"}, (None, None)),
        ({"kind": "biomarker"}, (None, None)),
    ],
)
def test_findings_state_the_copies_where_they_lie(
    told: dict[str, Any], copies: tuple[float | None, float | None]
) -> None:
    segments = COPY_NUMBER.table(
        pl.DataFrame(
            [
                {"chrom": "chr1", "start": low, "end": high, "log2": 0.0, "bins": 9,
                 "total_cn": total, "minor_cn": minor, "call": "neutral", "filter": "PASS"}
                for low, high, total, minor in SEGMENTS
            ],
            schema=COPY_NUMBER.polars,
        )
    )  # fmt: skip
    models = pl.DataFrame({"transcript": ["IN", "OVER"], "start": [2000, 900], "end": [3000, 1100]})
    finding = {"chrom": "chr1", **told}
    with_copies([finding], segments, models)
    assert (finding.get("total_cn"), finding.get("minor_cn")) == copies


CHANGE = {"origin": "somatic", "certain": True, "copies": None, "dp": 100, "ad_alt": 25,
          "basis": "caller", "gene": "EGFR", "transcript": "ENST_EGFR",
          "consequence": "missense_variant", "hgvs_g": "g.55191822_55191823delinsGA",
          "hgvs_c": "c.2573_2574delinsGA", "hgvs_p": "p.Leu858Gln"}  # fmt: skip


def changes(tmp_path: Path, files: Paths, *rows: dict[str, Any]) -> Paths:
    write(frame(CHANGES, *rows), CHANGES, tmp_path / "changes.parquet")
    return replace(files, changes=str(tmp_path / "changes.parquet"))


def of_two(origin: str, certain: bool) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """EGFR L858R, the allele beside it, and what both are together."""
    beside = allele("chr7", L858R["pos"] + 1, "G", "A")
    merged = allele("chr7", L858R["pos"], "TG", "GA")
    members = [
        {"origin": origin, "pos": one["pos"], "ref": one["ref"], "alt": one["alt"],
         "hgvs_c": f"c.{one['pos']}", "alone": not certain}
        for one in (L858R, beside)
    ]  # fmt: skip
    both = {**CHANGE, **merged, "origin": origin, "certain": certain, "members": members,
            "change": f"{origin}-chr7-{merged['pos']}-TG-GA",
            "copies": 1 if origin == "germline" and certain else None}  # fmt: skip
    return beside, merged, both


def test_a_change_of_two_alleles_is_judged_in_their_place(tmp_path: Path) -> None:
    """Evidence and tier of L858R are not those of L858Q; both records have its fate."""
    beside, merged, both = of_two("somatic", True)
    rows = [candidate(one) for one in (L858R, beside)]
    known_of = [
        *TOLD,
        described(beside, "EGFR", "synonymous_variant", hgvs_p="p.Leu858="),
        described(merged, "EGFR", "missense_variant", hgvs_p="p.Leu858Gln", protein_pos=858),
    ]
    files = changes(tmp_path, paths(tmp_path, [], known_of, rows, [], []), both)
    known = knowledge([item(hgvs_p="p.Leu858Arg")])
    found, fates, records = interpret(CANCER, known, files, Family())
    (row,) = found.rows(named=True)
    assert (row["finding"], row["hgvs_p"]) == (both["change"], "p.Leu858Gln")
    assert (row["dp"], row["ad_alt"], row["evidence"]) == (100, 25, [])
    assert [m["allele"] for m in json.loads(row["detail"])["change"]["members"]] == [
        f"chr7:{L858R['pos']} T>G", f"chr7:{L858R['pos'] + 1} G>A"
    ]  # fmt: skip
    assert records == fates.height == 2
    assert set(fates["part_of"]) == {both["change"]}
    assert fates["fate"].n_unique() == 1


def test_two_alleles_of_unknown_phase_are_judged_alone(tmp_path: Path) -> None:
    beside, merged, both = of_two("somatic", False)
    rows = [candidate(one) for one in (L858R, beside)]
    known_of = [
        *TOLD,
        described(beside, "EGFR", "synonymous_variant", hgvs_p="p.Leu858="),
        described(merged, "EGFR", "missense_variant", hgvs_p="p.Leu858Gln", protein_pos=858),
    ]
    files = changes(tmp_path, paths(tmp_path, [], known_of, rows, [], []), both)
    known = knowledge([item(hgvs_p="p.Leu858Arg")])
    found, fates, _ = interpret(CANCER, known, files, Family())
    by_section = {row["section"]: row for row in found.rows(named=True)}
    assert by_section["somatic"]["hgvs_p"] == "p.Leu858Arg"
    assert by_section["unphased"]["hgvs_p"] == "p.Leu858Gln"
    (together,) = json.loads(by_section["somatic"]["detail"])["together"]
    assert together["with"] == [f"chr7:{L858R['pos'] + 1} G>A"]
    assert together["hgvs_p"] == "p.Leu858Gln"
    assert fates.height == 2
    assert fates["part_of"].is_null().all()
