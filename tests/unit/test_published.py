"""The benchmark on published patients: what it plants, and the evidence by its definition."""

import json
from pathlib import Path

import polars as pl
import published
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirube.interpret.phenotype import Phenotypes
from shirube.knowledge.phenotype import read_terms

ROOT = "HP:0000118"
PARENTS = {
    "HP:0000001": ROOT, "HP:0000002": "HP:0000001", "HP:0000003": "HP:0000001",
    "HP:0000004": ROOT, "HP:0000005": "HP:0000004",
}  # fmt: skip
TERMS = sorted(PARENTS)


@pytest.mark.parametrize(
    ("coding", "protein", "wanted"),
    [
        ("c.694+1G>A", None, "splice_donor_variant"),
        ("c.10-2A>G", "p.?", "splice_acceptor_variant"),
        ("c.10-5A>G", None, "splice_region_variant"),
        ("c.10-50A>G", None, "intron_variant"),
        ("c.414C>G", "p.Ile138Met", "missense_variant"),
        ("c.414C>G", None, "missense_variant"),
        ("c.414del", "p.Ile138fs", "frameshift_variant"),
        ("c.414C>G", "p.Arg138Ter", "stop_gained"),
        ("c.414C>G", "p.Arg138=", "synonymous_variant"),
        ("c.1A>G", "p.Met1?", "start_lost"),
        ("c.414_416del", "p.Ile138del", "inframe_deletion"),
        ("c.414_416del", None, None),
    ],
)
def test_consequence_of_a_published_name(
    coding: str, protein: str | None, wanted: str | None
) -> None:
    assert published.consequence_of(coding, protein) == wanted


def test_a_patient_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "phenopackets").mkdir()
    variant = {
        "vcfRecord": {"chrom": "chr1", "pos": "100", "ref": "C", "alt": "T"},
        "allelicState": {"label": "homozygous"},
        "expressions": [{"syntax": "hgvs.c", "value": "NM_1.1:c.414C>G"}],
    }
    packet = {
        "subject": {"id": "P", "sex": "FEMALE"},
        "phenotypicFeatures": [
            {"type": {"id": "HP:0000001"}},
            {"type": {"id": "HP:0000002"}, "excluded": True},
        ],
        "diseases": [{"term": {"id": "OMIM:1"}}],
        "interpretations": [
            {"diagnosis": {"genomicInterpretations": [
                {"variantInterpretation": {"variationDescriptor": variant}}]}}
        ],
    }  # fmt: skip
    (tmp_path / "phenopackets/GENE__PMID_7_x.json").write_text(json.dumps(packet))
    (found,) = published.patients(tmp_path)
    assert (found.gene, found.paper, found.sex) == ("GENE", "PMID:7", "XX")
    assert (found.observed, found.excluded) == (("HP:0000001",), ("HP:0000002",))
    assert found.variants == (("chr1", 100, "C", "T", "missense_variant", None, "homozygous"),)
    (row,) = published._rows(found)
    assert (row["dosage"], row["father_dosage"], row["mother_dosage"]) == (2, 1, 1)


LISTS = st.dictionaries(
    st.sampled_from(["OMIM:1", "OMIM:2", "OMIM:3"]),
    st.dictionaries(st.sampled_from(TERMS), st.sampled_from([None, 0.0, 0.2, 0.8]), min_size=1),
    min_size=1,
)


@given(LISTS, st.lists(st.sampled_from(TERMS), min_size=1, max_size=3),
       st.lists(st.sampled_from(TERMS), max_size=3))  # fmt: skip
def test_evidence_is_what_its_definition_says(
    tmp_path_factory: pytest.TempPathFactory,
    lists: dict[str, dict[str, float | None]],
    observed: list[str],
    absent: list[str],
) -> None:
    """The arrays give the value that plain Python computes from the definition, for each gene."""
    obo = tmp_path_factory.mktemp("hpo") / "hp.obo"
    stanzas = [f"[Term]\nid: {t}\nname: x\nis_a: {p}\n" for t, p in PARENTS.items()]
    obo.write_text("\n".join([f"[Term]\nid: {ROOT}\nname: x\n", *stanzas]))
    rows = [
        {"disease": disease, "name": None, "genes": [f"G{disease[-1]}"], "term": term,
         "frequency": share, "assessed": None}
        for disease, terms in lists.items() for term, share in terms.items()
    ]  # fmt: skip
    schema = {"disease": pl.String, "name": pl.String, "genes": pl.List(pl.String),
              "term": pl.String, "frequency": pl.Float64, "assessed": pl.Int32}  # fmt: skip
    profiles = pl.DataFrame(rows, schema=schema)
    genes = pl.DataFrame(schema={"gene": pl.String, "term": pl.String})
    known = Phenotypes(read_terms(obo), genes, None, profiles)
    fits = known.fits(observed, absent)
    if fits is None:
        return
    for gene in known.genes:
        own = profiles.filter(pl.col("disease").str.ends_with(gene[-1]))
        expected = published.evidence_of(known, fits.terms, fits.denied, own)
        assert fits.of(gene).evidence == pytest.approx(expected, rel=1e-5, abs=1e-5)
