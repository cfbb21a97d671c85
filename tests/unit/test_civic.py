"""CIViC's words as things a machine can match."""

from pathlib import Path

import polars as pl
import pytest

from shirube.errors import InputError
from shirube.knowledge.civic import alterations, coding_name, read_civic, tumour_codes
from shirube.knowledge.oncotree import read_oncotree

COLUMNS = (
    *("molecular_profile", "molecular_profile_id", "disease", "doid", "therapies"),
    *("therapy_interaction_type", "evidence_type", "evidence_direction", "evidence_level"),
    *("significance", "evidence_statement", "citation_id", "source_type", "citation", "rating"),
    *("evidence_status", "evidence_id", "variant_origin", "evidence_civic_url", "is_flagged"),
)


def facts(name: str) -> list[tuple[object, ...]]:
    return [(a.match, a.alteration, a.hgvs_p, a.codon, a.exon, a.hgvs_c) for a in alterations(name)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("L858R", ("exact", "missense", "p.Leu858Arg", 858, None, None)),
        ("R213*", ("exact", "truncating", "p.Arg213Ter", 213, None, None)),
        ("V600", ("codon", "any", None, 600, None, None)),
        ("Exon 19 Deletion", ("exon", "deletion", None, None, 19, None)),
        ("EXON 11 MUTATION", ("exon", "any", None, None, 11, None)),
        ("Exon 14 Skipping Mutation", ("exon", "exon_skipping", None, None, 14, None)),
        ("Exon 2-3 Deletion", ("none", None, None, None, None, None)),
        ("AMPLIFICATION", ("amplification", "amplification", None, None, None, None)),
        ("Mutation", ("gene", "any", None, None, None, None)),
        ("Truncating Mutation", ("class", "truncating", None, None, None, None)),
        ("E746_A750del", ("exact", "deletion", "p.Glu746_Ala750del", 746, None, None)),
        ("Y772_A775DUP", ("exact", "insertion", "p.Tyr772_Ala775dup", 772, None, None)),
        ("E746_T751>I", ("exact", "delins", "p.Glu746_Thr751delinsIle", 746, None, None)),
        ("D770_N771insG", ("exact", "insertion", "p.Asp770_Asn771insGly", 770, None, None)),
        ("A149fs (c.445delG)", ("exact", "frameshift", "p.Ala149fs", 149, None, "c.445del")),
        ("V62Cfs*5 (c.180del)", ("exact", "frameshift", "p.Val62CysfsTer5", 62, None, "c.180del")),
        ("Splice Site (c.463+1G>C)", ("exact", None, None, None, None, "c.463+1G>C")),
        ("Overexpression", ("none", None, None, None, None, None)),
        ("P81S (c.241C>T) and L188V (c.562C>G)", ("none", None, None, None, None, None)),
    ],
)
def test_one_alteration(name: str, expected: tuple[object, ...]) -> None:
    assert facts(name) == [expected]


def test_several_in_one_name() -> None:
    assert [row[3] for row in facts("G12/G13")] == [12, 13]
    assert [row[2] for row in facts("D835H/Y")] == ["p.Asp835His", "p.Asp835Tyr"]


def test_old_coding_names_are_brought_up_to_date() -> None:
    assert coding_name("c.341_342delGTinsA") == "c.341_342delinsA"
    assert coding_name("c.364_365GC>AT") == "c.364_365delinsAT"
    assert coding_name("c.316insGCC") is None
    assert coding_name("c.128-?_250+?") is None


def evidence(path: Path, *rows: dict[str, str]) -> Path:
    base = {
        "disease": "Lung Adenocarcinoma", "doid": "3910", "therapies": "Drug",
        "evidence_type": "Predictive", "evidence_direction": "Supports", "evidence_level": "A",
        "significance": "Sensitivity/Response", "evidence_statement": "Words.",
        "citation_id": "1", "source_type": "PubMed", "rating": "4", "evidence_status": "accepted",
        "evidence_civic_url": "https://civicdb.org/x", "is_flagged": "FALSE",
    }  # fmt: skip
    full = [{**dict.fromkeys(COLUMNS, ""), **base, **row} for row in rows]
    pl.DataFrame(full).select(COLUMNS).write_csv(path, separator="\t")
    return path


def variants(path: Path) -> Path:
    path.write_text(
        "gene\tvariant\tsingle_variant_molecular_profile_id\n"
        "EGFR\tL858R\t10\nEML4::ALK\tFusion\t11\n::ALK\tFusion\t12\n"
    )
    return path


def test_profiles_become_rows(tmp_path: Path) -> None:
    items = evidence(
        tmp_path / "e.tsv",
        {"molecular_profile": "EGFR L858R", "molecular_profile_id": "10", "evidence_id": "1"},
        {"molecular_profile": "EML4::ALK Fusion", "molecular_profile_id": "11", "evidence_id": "2"},
        {"molecular_profile": "v::ALK Fusion", "molecular_profile_id": "12", "evidence_id": "3",
         "is_flagged": "TRUE"},
        {"molecular_profile": "EGFR L858R AND EGFR T790M", "molecular_profile_id": "13",
         "evidence_id": "4"},
        {"molecular_profile": "EGFR L858R OR EGFR G719A", "molecular_profile_id": "14",
         "evidence_id": "5"},
        {"molecular_profile": "EGFR L858R", "molecular_profile_id": "10", "evidence_id": "6",
         "evidence_status": "submitted"},
    )  # fmt: skip
    table = read_civic(items, variants(tmp_path / "v.tsv"), "2025-05", {"DOID:3910": "LUAD"})
    rows = table.select("id", "gene", "partner", "match", "hgvs_p", "oncotree").rows()
    assert rows == [
        ("EID1", "EGFR", None, "exact", "p.Leu858Arg", "LUAD"),
        ("EID2", "EML4", "ALK", "fusion", None, "LUAD"),
        ("EID3", "ALK", None, "fusion", None, "LUAD"),
        ("EID4", "EGFR", None, "none", None, "LUAD"),
        ("EID5", "EGFR", None, "exact", "p.Gly719Ala", "LUAD"),
        ("EID5", "EGFR", None, "exact", "p.Leu858Arg", "LUAD"),
    ]
    assert table.filter(pl.col("id") == "EID3")["statement"][0].startswith("[flagged by CIViC")


def test_duplicate_evidence_is_refused(tmp_path: Path) -> None:
    row = {"molecular_profile": "EGFR L858R", "molecular_profile_id": "10", "evidence_id": "1"}
    items = evidence(tmp_path / "e.tsv", row, row)
    with pytest.raises(InputError, match="duplicate 1"):
        read_civic(items, variants(tmp_path / "v.tsv"), "x", {})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rating": "##"}, "evidence 7: a rating of 0 to 5, found '##'"),
        ({"molecular_profile": "BRAF V99999999999E"}, "evidence 7: a codon or exon"),
    ],
)
def test_damaged_numbers_are_named(tmp_path: Path, changed: dict[str, str], said: str) -> None:
    row = {"molecular_profile": "EGFR L858R", "molecular_profile_id": "99", "evidence_id": "7"}
    items = evidence(tmp_path / "e.tsv", row | changed)
    with pytest.raises(InputError, match=said):
        read_civic(items, variants(tmp_path / "v.tsv"), "x", {})


def test_columns_that_are_missing_are_named(tmp_path: Path) -> None:
    path = tmp_path / "e.tsv"
    path.write_text("molecular_profile\nEGFR L858R\n")
    with pytest.raises(InputError, match="columns molecular_profile_id"):
        read_civic(path, variants(tmp_path / "v.tsv"), "x", {})


def test_tree_of_both_forms(tmp_path: Path) -> None:
    flat, levels, parents = tmp_path / "flat", tmp_path / "levels", tmp_path / "parents"
    flat.write_text(
        "code\tmain_type\tname\ttissue\nTISSUE\t\tTissue\t\nLUNG\tLung Cancer\tLung\tLung\n"
        "NSCLC\tNon-Small Cell Lung Cancer\tNon-Small Cell Lung Cancer\tLung\n"
        "LUAD\tNon-Small Cell Lung Cancer\tLung Adenocarcinoma\tLung\n"
    )
    levels.write_text(
        "level_1\tlevel_2\tlevel_3\tmetamaintype\n"
        "Lung (LUNG)\t\t\tLung Cancer\n"
        "Lung (LUNG)\tNon-Small Cell Lung Cancer (NSCLC)\t\tNon-Small Cell Lung Cancer\n"
        "Lung (LUNG)\tNon-Small Cell Lung Cancer (NSCLC)\tLung Adenocarcinoma (LUAD)\t"
        "Non-Small Cell Lung Cancer\n"
    )
    parents.write_text("code\tparent\tsource\nXX\tYY\tnobody\n")
    for path in (flat, levels):
        tree = read_oncotree(path, parents)
        above = dict(tree.select("code", "ancestors").iter_rows())
        assert above["LUAD"] == ["NSCLC", "LUNG", "TISSUE"]
        assert above["LUNG"] == ["TISSUE"]


def test_every_mapped_code_has_a_source_and_broad_terms_stay_broad() -> None:
    table = pl.read_csv("resources/doid_oncotree.tsv", separator="\t", infer_schema=False)
    assert table["source"].null_count() == 0
    codes = tumour_codes("resources/doid_oncotree.tsv", None)
    assert (codes["DOID:162"], codes["solid tumor"], codes["DOID:3908"]) == (
        "TISSUE",
        "SOLID",
        "NSCLC",
    )


def test_features_that_are_no_gene(tmp_path: Path) -> None:
    """Rows of CIViC of 2025 and later: a fusion and a factor have a name and no gene."""
    case = Path(__file__).parents[1] / "cases/civic-fusion-and-factor-rows"
    files = (case / "civic_evidence.tsv", case / "civic_variants.tsv")
    table = read_civic(*files, "2025-12", {})
    rows = table.select("id", "gene", "partner", "match", "alteration").rows()
    assert rows == [
        ("EID1", "EGFR", None, "exact", "missense"),
        ("EID2", "EML4", "ALK", "fusion", "fusion"),
        ("EID3", "MSI", None, "biomarker", "high"),
    ]
    unnamed = tmp_path / "v.tsv"
    text = files[1].read_text().replace("feature_name", "x").replace("\tgene\t", "\ty\t")
    unnamed.write_text(text)
    with pytest.raises(InputError, match="feature_name or gene"):
        read_civic(files[0], unnamed, "x", {})


@pytest.mark.parametrize(
    ("feature", "variant", "wanted"),
    [
        ("Tumor Mutational Burden", "High", ("TMB", "biomarker", "high")),
        ("MSI", "Stable", ("MSI", "biomarker", "stable")),
        ("MSI", "Odd", ("MSI", "none", None)),
        ("Complex Karyotype", "High", ("Complex Karyotype", "none", None)),
        ("?::RET", "Fusion", ("RET", "fusion", "fusion")),
    ],
)
def test_factors_are_markers_or_need_a_person(
    tmp_path: Path, feature: str, variant: str, wanted: tuple[str, str, str | None]
) -> None:
    named = tmp_path / "v.tsv"
    named.write_text(
        "feature_type\tfeature_name\tvariant\tsingle_variant_molecular_profile_id\tgene\n"
        f"X\t{feature}\t{variant}\t10\t\n"
    )
    row = {"molecular_profile": f"{feature} {variant}", "molecular_profile_id": "10",
           "evidence_id": "1"}  # fmt: skip
    table = read_civic(evidence(tmp_path / "e.tsv", row), named, "x", {})
    assert table.select("gene", "match", "alteration").row(0) == wanted
