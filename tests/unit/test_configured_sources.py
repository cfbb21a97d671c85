"""Optional sources change what a run says: each is read by the question it is configured for."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from interpretation_frames import allele, call, candidate, described, frame, knowledge, paths

from shirube.contracts.knowledge_cancer import DRIVERS, ISOFORMS, PREDISPOSITION
from shirube.contracts.knowledge_general import DISEASE_XREFS, GENE_NAMES
from shirube.contracts.knowledge_rare import GENE_DISEASES
from shirube.interpret.cancer_genes import CURATED, roles, usual_transcripts
from shirube.interpret.genes import GeneKnowledge
from shirube.interpret.person import Person
from shirube.interpret.question import question_of, tied_genes
from shirube.interpretation import interpret
from shirube.knowledge.symbols import with_approved_symbols
from shirube.rare.family import Family

CANCER = Person("P1", "XX", "cancer", diagnosis="LUAD", normal="N", tumour="T")
SITE = allele("chr7", 1000)


def driver(gene: str, role: str, tumour: str = "LUAD") -> dict[str, object]:
    return {"gene": gene, "tumour": tumour, "role": role, "cohorts": 3, "samples": 40}


def test_intogen_gives_a_gene_its_role_and_is_named(tmp_path: Path) -> None:
    """A truncated suppressor the curated table does not list: OVS1, by IntOGen's word."""
    files = paths(tmp_path, [], [described(SITE, "NEWGENE", "stop_gained")], [candidate(SITE)])
    found, _, _ = interpret(CANCER, knowledge(), files, Family())
    assert found.is_empty()  # neither treatable nor in a cancer gene
    drivers = frame(DRIVERS, driver("NEWGENE", "loss_of_function"))
    told, _, _ = interpret(CANCER, replace(knowledge(), drivers=drivers), files, Family())
    (null,) = [c for c in told["criteria"][0] if c["code"] == "OVS1"]
    assert (null["met"], null["points"], null["source"].split(";")[0]) == (True, 8, "IntOGen")


def test_roles_that_tumour_types_contradict_are_none() -> None:
    curated = knowledge().curated["cancer_genes"]
    drivers = frame(
        DRIVERS,
        driver("ONE", "activating"),
        driver("TWO", "activating"),
        driver("TWO", "loss_of_function", "BRCA"),
        driver("THREE", "ambiguous"),
        driver("TP53", "activating"),
    )
    found = roles(curated, drivers)
    assert found["ONE"] == ("oncogene", "IntOGen")
    assert found["TP53"] == ("tumour_suppressor", CURATED)
    assert not {"TWO", "THREE"} & found.keys()


def test_predisposition_adds_genes_to_the_question_of_a_tumour(tmp_path: Path) -> None:
    row = {"gene": "NEWGENE", "inheritance": "AD", "mechanism": "LoF", "panel": "panel 1"}
    row |= {"tumour_suppressor": True, "oncogene": False}
    world = replace(knowledge(), predisposition=frame(PREDISPOSITION, row))
    assert not question_of(CANCER, knowledge()).asks("NEWGENE")
    assert question_of(CANCER, world).asks("NEWGENE")
    assert question_of(CANCER, world).asks("BRCA1")
    told = [described(SITE, "NEWGENE", "stop_gained", clinvar_significance="Pathogenic",
                      clinvar_stars=2)]  # fmt: skip
    files = paths(tmp_path, [call(SITE, 0)], told)
    for known, rule in ((knowledge(), "outside_question"), (world, None)):
        _, fates, _ = interpret(CANCER, known, files, Family())
        rules = fates.filter(pl.col("stage") == "germline")["rule"].to_list()
        assert (rules == ["outside_question"]) == (rule is not None)


@pytest.mark.parametrize(
    ("usual", "transcript"),
    [([], "ENST1.5"), (["ENST2.3"], "ENST2.9"), (["ENST9.1"], "ENST1.5")],
    ids=["MANE", "the laboratory's, any version", "of no transcript here"],
)
def test_isoform_overrides_say_on_which_transcript_a_gene_is_named(
    tmp_path: Path, usual: list[str], transcript: str
) -> None:
    rows = [
        described(SITE, "EGFR", "missense_variant", transcript="ENST1.5", hgvs_p="p.Leu1Arg"),
        described(SITE, "EGFR", "missense_variant", transcript="ENST2.9", hgvs_p="p.Leu9Arg",
                  mane=None),
    ]  # fmt: skip
    table = frame(ISOFORMS, *({"gene": "EGFR", "transcript": name} for name in usual))
    files = replace(paths(tmp_path, [], rows, [candidate(SITE)]), usual=usual_transcripts(table))
    found, _, _ = interpret(CANCER, knowledge(), files, Family())
    assert found["transcript"].to_list() == [transcript]


def test_mondo_knows_a_diagnosis_by_its_other_names() -> None:
    """Asked by ORPHA's id, a gene that G2P ties to the disease by OMIM's is asked for."""
    disease = {"gene": "BRCA1", "disease": "D", "omim": "OMIM:1", "confidence": "definitive"}
    genes = GeneKnowledge(diseases=frame(GENE_DISEASES, disease))
    person = Person("P1", "XX", "rare", diagnosis="Orphanet:7", affected=True, normal="N")
    world = replace(knowledge(), genes=genes)
    assert tied_genes(person, world, ["BRCA1"]) == set()
    xrefs = frame(
        DISEASE_XREFS,
        {"mondo": "MONDO:1", "other": "OMIM:1", "predicate": "skos:exactMatch"},
        {"mondo": "MONDO:1", "other": "Orphanet:7", "predicate": "skos:exactMatch"},
        {"mondo": "MONDO:2", "other": "OMIM:2", "predicate": "skos:exactMatch"},
    )
    assert tied_genes(person, replace(world, disease_xrefs=xrefs), ["BRCA1"]) == {"BRCA1"}
    other = replace(person, diagnosis="MONDO:2")
    assert tied_genes(other, replace(world, disease_xrefs=xrefs), ["BRCA1"]) == set()


def name(name: str, symbol: str, kind: str) -> dict[str, str]:
    return {"name": name, "symbol": symbol, "kind": kind}


@pytest.mark.parametrize(
    ("genes", "wanted"),
    [
        (["MLL2"], ["KMT2D"]),  # a previous symbol
        (["KMT2D", "MLL2"], ["KMT2D", "MLL2"]),  # both in one source: nothing is merged
        (["SHARED"], ["SHARED"]),  # was the symbol of two genes
        (["QARS"], ["QARS"]),  # previous of one gene, approved of another
        (["NEU"], ["NEU"]),  # an alias only
        ([None], [None]),
    ],
)
def test_hgnc_gives_a_source_the_approved_symbol(
    genes: list[str | None], wanted: list[str | None]
) -> None:
    names = frame(
        GENE_NAMES,
        *(name(s, s, "symbol") for s in ("KMT2D", "QARS", "A", "B", "QARS1", "ERBB2")),
        name("MLL2", "KMT2D", "previous"),
        name("SHARED", "A", "previous"),
        name("SHARED", "B", "previous"),
        name("QARS", "QARS1", "previous"),
        name("NEU", "ERBB2", "alias"),
    )
    rows = pl.DataFrame({"gene": genes}, schema={"gene": pl.String})
    assert with_approved_symbols(rows, names)["gene"].to_list() == wanted
