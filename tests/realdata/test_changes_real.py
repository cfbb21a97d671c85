"""Alleles of one haplotype on BRCA1 and TP53: from the caller's file to one finding."""

import os
from pathlib import Path

import polars as pl
import pytest
from interpretation_frames import FACTS
from variant_files import CASES

import phase_alleles
from shirube.annotate.annotation import Chromosome, alleles_of, write_annotation
from shirube.calling.germline.calls import split_calls
from shirube.calling.somatic.vcf_import import import_somatic
from shirube.contracts import CALLS, GENE_MODELS, SOMATIC, read, write
from shirube.contracts.phase import CHANGES
from shirube.genome.intervals import Interval
from shirube.interpret.inputs import Knowledge, Paths
from shirube.interpret.person import Person
from shirube.interpretation import interpret
from shirube.knowledge.genemodels import read_gene_models
from shirube.rare.family import Family

REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
KNOWLEDGE = Path(os.environ.get("KNOWLEDGE", "../shared/knowledge"))
FASTA = REALDATA / "ref-grch38-chr17/chr17.tp53_brca1.fa.gz"
MANE = KNOWLEDGE / "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.oracle,
    pytest.mark.skipif(not (FASTA.exists() and MANE.exists()), reason="set REALDATA and KNOWLEDGE"),
]
LENGTH = 83_257_441


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> str:
    table = read_gene_models(MANE).filter(pl.col("gene").is_in(["BRCA1", "TP53"]))
    path = tmp_path_factory.mktemp("models") / "gene_models.parquet"
    write(table, GENE_MODELS, path)
    return str(path)


@pytest.fixture(scope="module")
def chromosome(models: str) -> Chromosome:
    return Chromosome.of("chr17", str(FASTA), "GRCh38", {"gene_models": models})


def interpreted(
    case: str,
    name: str,
    kind: str,
    models: str,
    chromosome: Chromosome,
    directory: Path,
    phased: bool = True,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """CHANGES, FINDINGS and LEDGER of one file of a case."""
    source = CASES / case / f"{name}.vcf"
    if not phased:
        text = source.read_text().replace("1|0", "0/1").replace("0|1", "0/1")
        source = directory / f"{name}.vcf"
        source.write_text(text)
    regions = [Interval("chr17", 0, LENGTH)]
    calls = somatic = None
    if kind == "germline":
        calls = str(directory / "calls.parquet")
        contigs = {"chr17": LENGTH}
        made = split_calls(source, name, FASTA, contigs, regions, None, "N", directory / "n.vcf.gz")
        write(made, CALLS, calls)
    else:
        somatic = str(directory / "somatic.parquet")
        write(import_somatic(source, name, str(FASTA), regions), SOMATIC, somatic)
    changes, phase = str(directory / "changes.parquet"), str(directory / "phase.parquet")
    nothing = {"normal": None, "tumour": None}
    phase_alleles.main(
        calls=calls, somatic=somatic, reads=nothing, names=nothing, parents={},
        gene_models=models, fasta=str(FASTA), build="GRCh38", aliases=None,
        phase=phase, changes=changes,
    )  # fmt: skip
    given = ([calls] if calls else [], [somatic] if somatic else [], [changes])
    annotation = str(directory / "annotation.parquet")
    write_annotation(alleles_of(*given, "chr17"), chromosome, annotation, {})
    sample = {"normal": "N"} if calls else {"tumour": "T"}
    found, fates, records = interpret(
        Person("P", "XX", "cancer", diagnosis="HGSOC", **sample),
        Knowledge(FACTS, gene_models=read(GENE_MODELS, models)),
        Paths({"chr17": annotation}, calls=calls, somatic=somatic, phased=phase, changes=changes),
        Family(),
    )
    assert records == fates.height
    return read(CHANGES, changes), found, fates


@pytest.mark.parametrize(
    ("case", "name", "protein", "members", "classification"),
    [
        ("adjacent-snvs-one-codon", "TWO", "p.Leu342Ter", 2, "Likely pathogenic"),
        ("adjacent-snvs-one-codon", "TWOHOM", "p.Leu342Ter", 2, "Likely pathogenic"),
        ("adjacent-snvs-one-codon", "THREE", "p.Gly401Ter", 3, "Likely pathogenic"),
        ("adjacent-snvs-one-codon", "DELINS", "p.Leu342Ter", 1, "Likely pathogenic"),
        ("frameshift-pair-restores-frame", "PAIR", "p.Glu1004_Ser1007delinsArgAsnIleThr", 2, None),
        ("frameshift-snv-frameshift", "TRIPLE", "p.Ser1301_Leu1303delinsValAsnTer", 3,
         "Likely pathogenic"),
        ("frameshift-snv-frameshift", "PAIRONLY",
         "p.Ser1301_Leu1306delinsValAsnTrpLysThrTer", 2, "Likely pathogenic"),
    ],
)  # fmt: skip
def test_germline_cases(
    case: str,
    name: str,
    protein: str,
    members: int,
    classification: str | None,
    models: str,
    chromosome: Chromosome,
    tmp_path: Path,
) -> None:
    """One finding for the haplotype, as of the same change in one record; none in frame."""
    changes, found, fates = interpreted(case, name, "germline", models, chromosome, tmp_path)
    assert changes["hgvs_p"].to_list() == ([protein] if members > 1 else [])
    assert fates.height == members
    if classification is None:
        assert found.is_empty()
        assert set(fates["fate"]) == {"tiered"}
    else:
        assert found.select("hgvs_p", "classification").rows() == [(protein, classification)]
        assert set(fates["fate"]) == {"reported"}
    if members > 1:
        assert set(fates["part_of"]) == {changes["change"][0]}


@pytest.mark.parametrize(("name", "protein"), [("R248", "p.Arg248Ter"), ("R273", "p.Arg273Tyr")])
def test_somatic_cases(
    name: str, protein: str, models: str, chromosome: Chromosome, tmp_path: Path
) -> None:
    given = ("somatic-adjacent-snvs-tp53", name, "somatic", models, chromosome, tmp_path)
    changes, found, fates = interpreted(*given)
    assert found["hgvs_p"].to_list() == [protein]
    assert changes["hgvs_p"].to_list() == [protein]
    assert set(fates["part_of"]) == {changes["change"][0]}
    assert found.select("dp", "ad_alt").rows() == [(40, 12)]


def test_what_alleles_of_unknown_phase_would_be(
    models: str, chromosome: Chromosome, tmp_path: Path
) -> None:
    """Neither is a finding alone; that both may be a stop is told, as no finding of the person."""
    given = ("adjacent-snvs-one-codon", "TWO", "germline", models, chromosome, tmp_path)
    changes, found, fates = interpreted(*given, phased=False)
    assert changes.select("certain", "hgvs_p").rows() == [(False, "p.Leu342Ter")]
    assert fates["part_of"].is_null().all()
    assert "reported" not in fates["fate"].to_list()
    assert found.select("section", "hgvs_p", "classification").rows() == [
        ("unphased", "p.Leu342Ter", "Likely pathogenic")
    ]
