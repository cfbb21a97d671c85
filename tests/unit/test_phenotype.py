"""Ontology import, gene facts, and the phenotype score."""

import gzip
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirube.errors import InputError
from shirube.interpret.genes import GeneKnowledge
from shirube.interpret.phenotype import ABSENT, ROOT, Phenotypes
from shirube.knowledge.embedded_hpo import (
    embedded_diseases,
    embedded_genes,
    embedded_terms,
)
from shirube.knowledge.gene_facts import read_constraint, read_dosage, read_g2p, read_nando
from shirube.knowledge.phenotype import MITOCHONDRIAL, read_diseases, read_genes, read_terms

OBO = f"""format-version: 1.2

[Term]
id: {ROOT}
name: Phenotypic abnormality

[Term]
id: HP:0000001
name: Heart
is_a: {ROOT} ! Phenotypic abnormality

[Term]
id: HP:0000002
name: Valve
alt_id: HP:0000099
is_a: HP:0000001 ! Heart

[Term]
id: HP:0000003
name: Septum
is_a: HP:0000001 ! Heart

[Term]
id: HP:0000004
name: Skin
is_a: {ROOT}

[Term]
id: HP:0000005
name: Old skin
is_obsolete: true
replaced_by: HP:0000004

[Typedef]
id: part_of
"""
GENES = {"VALVE": ["2", "1"], "SEPTUM": ["3", "1"], "DERM": ["4"], "BOTH": ["2", "4", "1"],
         **{f"OTHER{n}": ["1"] for n in range(12)}}  # fmt: skip


def _terms(directory: Path) -> pl.DataFrame:
    path = directory / "hp.obo"
    path.write_text(OBO)
    labels = directory / "ja.tsv"
    labels.write_text(
        "subject_id\ttranslation_value\ttranslation_status\n"
        "HP:0000001\t心臓\tOFFICIAL\nHP:0000002\tNA\tNOT_TRANSLATED\n"
    )
    return read_terms(path, labels)


def _genes(directory: Path) -> pl.DataFrame:
    path = directory / "phenotype_to_genes.txt.gz"
    lines = ["#Format: HPO-ID<tab>HPO-Name<tab>Gene-ID<tab>Gene-Name"]
    lines += [f"HP:000000{t}\tx\t1\t{gene}" for gene, terms in GENES.items() for t in terms]
    lines += [f"{ROOT}\tx\t1\t{gene}" for gene in GENES]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return read_genes(path)


@pytest.fixture
def known(tmp_path: Path) -> Phenotypes:
    return Phenotypes(_terms(tmp_path), _genes(tmp_path))


def test_terms_know_their_ancestors_and_retired_names(tmp_path: Path) -> None:
    terms = _terms(tmp_path)
    valve = terms.filter(term="HP:0000002").row(0, named=True)
    assert valve["ancestors"] == ["HP:0000001", "HP:0000002", ROOT]
    assert valve["alternatives"] == ["HP:0000099"]
    assert terms.filter(term="HP:0000004")["alternatives"].to_list() == [["HP:0000005"]]
    assert "HP:0000005" not in terms["term"]
    assert terms.filter(term="HP:0000001")["name_ja"].to_list() == ["心臓"]
    assert valve["name_ja"] is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("nothing", "OBO file"),
        (f"[Term]\nid: {ROOT}\nis_a: HP:0000009\n", "the parent of"),
        ("[Term]\nid: HP:0000001\nis_a: HP:0000002\n\n[Term]\nid: HP:0000002\nis_a: HP:0000001\n",
         "without circles"),
    ],
)  # fmt: skip
def test_a_broken_ontology_is_refused(tmp_path: Path, text: str, wanted: str) -> None:
    (tmp_path / "x.obo").write_text(text)
    with pytest.raises(InputError, match=wanted):
        read_terms(tmp_path / "x.obo")


def test_mitochondrial_genes_have_the_symbols_of_gene_models(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    names = ("ND1", "COX1", "COX10", "TRNL1", "TRNT1", "CYTB", "MT-ND2")
    path.write_text("#head\n" + "".join(f"HP:0000001\tx\t1\t{name}\n" for name in names))
    wanted = {"MT-ND1", "MT-CO1", "COX10", "MT-TL1", "TRNT1", "MT-CYB", "MT-ND2"}
    assert set(read_genes(path)["gene"]) == wanted
    assert len(MITOCHONDRIAL) == 37


def test_broken_annotations_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("#head\nHP:0000001\tx\t1\tA\nnonsense\n")
    with pytest.raises(InputError, match="line 3"):
        read_genes(tmp_path / "x.txt")


def test_the_gene_with_the_terms_fits_best(known: Phenotypes) -> None:
    found = known.matches(["HP:0000002"], [], sorted(GENES))
    assert found["VALVE"].score == 1.0
    assert found["VALVE"].score > found["SEPTUM"].score > found["DERM"].score
    assert found["VALVE"].pairs[0][1] == "HP:0000002"
    assert found["SEPTUM"].pairs[0][1] == "HP:0000001"
    assert found["VALVE"].p < found["DERM"].p


def test_an_absent_term_counts_against_its_genes(known: Phenotypes) -> None:
    plain = known.matches(["HP:0000002"], [], ["VALVE", "BOTH"])
    denied = known.matches(["HP:0000002"], ["HP:0000004"], ["VALVE", "BOTH"])
    assert denied["BOTH"].evidence < denied["VALVE"].evidence
    assert denied["BOTH"].absent == ("HP:0000004",)
    assert denied["VALVE"].absent == plain["BOTH"].absent == ()


@given(
    st.lists(st.sampled_from([f"HP:000000{n}" for n in range(1, 6)]), min_size=1, max_size=3),
    st.lists(st.sampled_from([f"HP:000000{n}" for n in range(1, 6)]), max_size=5),
)
def test_absent_terms_never_sink_a_gene_alone(
    tmp_path_factory: pytest.TempPathFactory, observed: list[str], absent: list[str]
) -> None:
    """Whatever is absent, a gene moves by no more than the bound."""
    directory = tmp_path_factory.mktemp("hpo")
    known = Phenotypes(_terms(directory), _genes(directory), None, _diseases(directory))
    plain = known.matches(observed, [], sorted(GENES))
    denied = known.matches(observed, absent, sorted(GENES))
    for gene, match in plain.items():
        assert abs(denied[gene].evidence - match.evidence) <= 2 * ABSENT + 1e-9


HPOA = """#description: made
#version: 2025-01-16
database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex
OMIM:1\tValve disease\t\tHP:0000002\tPMID:1\tPCS\t\t8/10\t
OMIM:1\tValve disease\t\tHP:0000002\tPMID:2\tPCS\t\t2/10\t
OMIM:1\tValve disease\tNOT\tHP:0000003\tPMID:1\tPCS\t\t\t
OMIM:1\tValve disease\t\tHP:0000004\tPMID:1\tPCS\t\t0/3\t
OMIM:1\tValve disease\t\tHP:0000006\tPMID:1\tPCS\t\t\t
ORPHANET:2\tSeptum disease\t\tHP:0000003\tORPHA:2\tTAS\t\tHP:0040282\t
ORPHANET:2\tSeptum disease\t\tHP:0000002\tORPHA:2\tTAS\t\t5%\t
OMIM:9\tOf no gene\t\tHP:0000001\tPMID:3\tIEA\t\t\t
"""
DIRECT = (
    "ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id\n"
    "1\tVALVE\tHP:0000002\tValve\t10/20\tOMIM:1\n"
    "2\tSEPTUM\tHP:0000003\tSeptum\tHP:0040282\tORPHA:2\n"
    "2\t-\tHP:0000003\tSeptum\t-\tORPHA:2\n"
)


def _diseases(directory: Path) -> pl.DataFrame:
    (directory / "phenotype.hpoa").write_text(HPOA)
    (directory / "genes_to_phenotype.txt").write_text(DIRECT)
    return read_diseases(directory / "genes_to_phenotype.txt", directory / "phenotype.hpoa")


def test_diseases_have_the_frequencies_their_source_states(tmp_path: Path) -> None:
    rows = {(r["disease"], r["term"]): r for r in _diseases(tmp_path).rows(named=True)}
    valve = rows["OMIM:1", "HP:0000002"]
    assert (valve["frequency"], valve["assessed"], valve["genes"]) == (0.5, 20, ["VALVE"])
    assert rows["OMIM:1", "HP:0000003"]["frequency"] == 0  # NOT
    assert rows["OMIM:1", "HP:0000004"]["frequency"] == 0  # of nobody
    assert rows["OMIM:1", "HP:0000006"]["frequency"] is None
    assert rows["ORPHA:2", "HP:0000003"]["frequency"] == 0.545
    assert rows["ORPHA:2", "HP:0000002"]["frequency"] == 0.05
    assert rows["OMIM:9", "HP:0000001"]["genes"] == []
    alone = read_diseases(tmp_path / "genes_to_phenotype.txt")
    assert alone.select("disease", "term", "frequency").rows() == [
        ("OMIM:1", "HP:0000002", 0.5), ("ORPHA:2", "HP:0000003", 0.545),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (DIRECT, [("SEPTUM", "HP:0000003"), ("VALVE", "HP:0000002")]),
        ("hpo_id\thpo_name\tncbi_gene_id\tgene_symbol\tdisease_id\n"
         "HP:0000002\tValve\t1\tND1\tOMIM:1\n", [("MT-ND1", "HP:0000002")]),
        ("#Format: HPO-ID<tab>HPO-Name<tab>Gene-ID<tab>Gene-Name\nHP:0000002\tx\t1\tA\n",
         [("A", "HP:0000002")]),
        ("8192\tCLPP\tValve\tHP:0000002\n", [("CLPP", "HP:0000002")]),
        ("#Format: entrez-gene-id<tab>entrez-gene-symbol<tab>HPO-Term-ID<tab>HPO-Term-Name\n"
         "8192\tCLPP\tHP:0000002\tValve\t-\t\t-\tmim2gene\tOMIM:614129\n",
         [("CLPP", "HP:0000002")]),
    ],
)  # fmt: skip
def test_gene_files_of_any_age(tmp_path: Path, text: str, rows: list[tuple[str, str]]) -> None:
    (tmp_path / "x.txt").write_text(text)
    assert read_genes(tmp_path / "x.txt").rows() == rows


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing\n", "a header that starts with database_id"),
        (HPOA + "OMIM:1\tx\t\tHP:2\tr\te\t\t\n", "line 12: disease id"),
        ("database_id\tx\n", "at least one annotation"),
    ],
)
def test_broken_annotations_of_diseases_are_refused(tmp_path: Path, text: str, said: str) -> None:
    _diseases(tmp_path)
    (tmp_path / "x.hpoa").write_text(text)
    with pytest.raises(InputError, match=said):
        read_diseases(tmp_path / "genes_to_phenotype.txt", tmp_path / "x.hpoa")


def test_the_best_disease_of_a_gene_and_its_inheritance(tmp_path: Path) -> None:
    obo = OBO + "\n[Term]\nid: HP:0000005\nname: Mode\n"
    (tmp_path / "hp.obo").write_text(
        obo.replace("id: HP:0000005\nname: Old skin\nis_obsolete: true\nreplaced_by: HP:0000004\n",
                    "id: HP:0000006\nname: Dominant\nis_a: HP:0000005\n")
    )  # fmt: skip
    known = Phenotypes(read_terms(tmp_path / "hp.obo"), _genes(tmp_path), None, _diseases(tmp_path))
    found = known.matches(["HP:0000003"], ["HP:0000002"], ["VALVE", "SEPTUM"])
    assert (found["SEPTUM"].disease, found["SEPTUM"].place) == ("ORPHA:2", 1)
    assert found["SEPTUM"].weight == 1.0 > found["VALVE"].weight
    assert found["SEPTUM"].absent == ("HP:0000002",)
    assert found["SEPTUM"].evidence == pytest.approx(sum(found["SEPTUM"].parts))
    assert known.disease_names["ORPHA:2"] == "Septum disease"
    assert known.inheritance("OMIM:1") == known.inheritance_of("VALVE") == {"AD"}
    assert known.inheritance("ORPHA:2") == set()


def test_frequent_terms_count_more(tmp_path: Path) -> None:
    """The ratio of a term that half of the patients have exceeds that of one in twenty."""
    known = Phenotypes(_terms(tmp_path), _genes(tmp_path), None, _diseases(tmp_path))
    found = known.matches(["HP:0000002"], [], ["VALVE", "SEPTUM"])
    assert found["VALVE"].parts[2] > found["SEPTUM"].parts[2]


def test_the_embedded_release_is_the_pinned_one_and_whole() -> None:
    terms, genes, diseases = embedded_terms(), embedded_genes(), embedded_diseases()
    assert terms.height > 19_000
    assert genes["gene"].n_unique() > 5_000
    marfan = diseases.filter(disease="OMIM:154700")
    assert marfan["genes"][0].to_list() == ["FBN1"]
    known = Phenotypes(terms, genes, None, diseases)
    observed = ["HP:0001166", "HP:0001083", "HP:0002616", "HP:0000768"]
    match = known.matches(observed, [], ["FBN1", "MT-ND1"])["FBN1"]
    assert match.place == 1
    assert "AD" in known.inheritance_of("FBN1")


def test_retired_and_unknown_terms(known: Phenotypes) -> None:
    assert known.known(["HP:0000005", "HP:0000099", "HP:1234567"]) == (
        ["HP:0000004", "HP:0000002"],
        ["HP:1234567"],
    )
    assert known.matches(["HP:1234567"], [], ["VALVE"]) == {}


@given(
    st.lists(st.sampled_from([f"HP:000000{n}" for n in range(1, 6)]), min_size=1, max_size=4),
    st.lists(st.sampled_from([f"HP:000000{n}" for n in range(1, 6)]), max_size=2),
)
def test_scores_and_p_are_between_0_and_1(
    tmp_path_factory: pytest.TempPathFactory, observed: list[str], absent: list[str]
) -> None:
    directory = tmp_path_factory.mktemp("hpo")
    known = Phenotypes(_terms(directory), _genes(directory))
    found = known.matches(observed, absent, sorted(GENES))
    assert all(0 <= m.score <= 1 and 0 < m.p <= 1 and 0 < m.weight <= 1 for m in found.values())
    again = known.matches(observed, absent, list(reversed(sorted(GENES))))
    assert {g: (m.score, m.p) for g, m in again.items()} == {
        g: (m.score, m.p) for g, m in found.items()
    }


def test_gene_facts_name_their_source(tmp_path: Path) -> None:
    g2p = tmp_path / "g2p.csv"
    g2p.write_text(
        '"gene symbol","disease name","disease mim","DDD category","allelic requirement",'
        '"mutation consequence",phenotypes,panel\n'
        "ONE,First,123456,confirmed,monoallelic,activating,HP:0000001;HP:0000002,DD\n"
        "TWO,Second,,confirmed,biallelic,loss of function,,DD\n"
        "THREE,Third,,possible,biallelic,loss of function,,DD\n"
    )
    dosage = tmp_path / "dosage.tsv"
    dosage.write_text(
        "#ClinGen\n#06 Feb,2026\n"
        "#Gene Symbol\tHaploinsufficiency Score\tTriplosensitivity Score\n"
        "FOUR\t3\tNot yet evaluated\nTHREE\t30\t0\n"
    )
    constraint = tmp_path / "constraint.tsv"
    constraint.write_text("## made by\n#gene\ttranscript\tpLI\toe_lof_upper\nFIVE\tT\t0.9\t0.2\n")
    nando = tmp_path / "nando.tsv"
    nando.write_text(
        "gene\tdisease_mim\tmondo\tnando\tnando_kind\tnotification_no\tnando_label_ja\n"
        "ONE\t123456\tMONDO:1\tNANDO:1\t指定難病\t7\t病\n"
    )
    terms = tmp_path / "terms.tsv"
    terms.write_text("nando_id\tlabel_ja\tlabel_en\nNANDO:1\t病\tDisease\nNANDO:2\t他\t\n")
    known = GeneKnowledge(
        read_g2p(g2p), read_dosage(dosage), read_constraint(constraint), read_nando(nando, terms)
    )
    assert known.of("ONE").described()["nando"][0]["name_en"] == "Disease"
    assert read_nando(nando)["name_en"].to_list() == [None]
    assert known.of("ONE").loss is None
    assert known.of("ONE").diseases[0]["omim"] == "OMIM:123456"
    assert known.of("ONE").nando[0]["designated"] is True
    assert known.of("ONE").inheritance == {"AD"}
    assert known.of("TWO").loss == "established"
    assert known.of("TWO").inheritance == {"AR"}
    assert "ClinGen" in known.of("THREE").loss_source
    assert known.of("FOUR").inheritance == {"AD"}
    assert known.of("FIVE").loss == "suggested"
    assert known.of("SIX").loss is None
    assert known.dosage is not None
    assert known.dosage.filter(gene="FOUR")["triplosensitivity"].to_list() == [None]
