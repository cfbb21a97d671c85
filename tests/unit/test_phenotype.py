"""Ontology import, gene facts, and the phenotype score."""

import gzip
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirube.errors import InputError
from shirube.interpret.genes import GeneKnowledge
from shirube.interpret.phenotype import ROOT, Phenotypes
from shirube.knowledge.gene_facts import read_constraint, read_dosage, read_g2p, read_nando
from shirube.knowledge.phenotype import MITOCHONDRIAL, read_genes, read_terms

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
    assert denied["VALVE"].score == plain["VALVE"].score
    assert denied["BOTH"].score < plain["BOTH"].score


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
    assert all(0 <= m.score <= 1 and 0 < m.p <= 1 for m in found.values())
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
    assert known.of("ONE").told()["nando"][0]["name_en"] == "Disease"
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
