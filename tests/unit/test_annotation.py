"""ANNOTATION of a chromosome: every allele of every sample, whatever the batch."""

from pathlib import Path

import polars as pl
import pytest
from gene_case import chromosome

from shirube.annotate.annotation import Chromosome, alleles_of, annotated, write_annotation
from shirube.contracts import (
    ALLELE,
    ANNOTATION,
    CALLS,
    CHROM,
    GENE_MODELS,
    SOMATIC,
    Contract,
    metadata,
    read,
    write,
)
from shirube.contracts.knowledge import CLINVAR
from shirube.contracts.knowledge_general import PREDICTOR
from shirube.errors import InputError
from shirube.tools import run

SEQUENCE, MODELS = chromosome()
TEXT = bytes(SEQUENCE).decode()
SCHEMA = {"chrom": CHROM, "pos": pl.Int32, "ref": pl.String, "alt": pl.String}


def other(at: int) -> str:
    return "A" if TEXT[at - 1] != "A" else "C"


def alleles(*rows: tuple[int, str, str]) -> pl.DataFrame:
    table = pl.DataFrame([("chr1", *row) for row in rows], schema=SCHEMA, orient="row")
    return table.sort(ALLELE)


def single(at: int) -> tuple[int, str, str]:
    return at, TEXT[at - 1], other(at)


def store(path: Path, contract: Contract, *rows: dict[str, object], **about: str) -> str:
    empty = dict.fromkeys(contract.schema)
    frame = pl.DataFrame([{**empty, **row} for row in rows], schema=contract.polars)
    write(contract.table(frame), contract, path, {"release": "1", **about})
    return str(path)


@pytest.fixture
def fasta(tmp_path: Path) -> str:
    path = tmp_path / "ref.fa"
    path.write_text(f">1\n{TEXT}\n")
    run("samtools", "faidx", path)
    return str(path)


@pytest.fixture
def knowledge(tmp_path: Path) -> dict[str, str]:
    at = GENE_POSITIONS[5]
    site = {"chrom": "chr1", "pos": at, "ref": TEXT[at - 1], "alt": other(at)}
    path = tmp_path / "gene_models.parquet"
    write(MODELS, GENE_MODELS, path, {"release": "1"})
    return {
        "gene_models": str(path),
        "clinvar": store(tmp_path / "c.parquet", CLINVAR,
                         {**site, "clinvar_id": "9", "significance": "Pathogenic", "stars": 2}),
        "revel": store(tmp_path / "r.parquet", PREDICTOR,
                       {**site, "gene": "a", "score": 0.5}, {**site, "gene": "b", "score": 0.75}),
    }  # fmt: skip


GENE_POSITIONS = list(range(int(MODELS["start"][0]) - 100, int(MODELS["end"][1]) + 100, 37))


def test_samples_and_patients_are_united(tmp_path: Path) -> None:
    def call(at: int, **more: object) -> dict[str, object]:
        return dict(zip(ALLELE, ("chr1", *single(at)), strict=True)) | {"filter": "PASS"} | more

    first = store(tmp_path / "a", CALLS, call(5, record=0), call(9, record=1))
    second = store(tmp_path / "b", CALLS, call(5, record=0))
    tumour = store(tmp_path / "c", SOMATIC, call(20))
    assert alleles_of([first, second], [tumour], [], "chr1")["pos"].to_list() == [5, 9, 20]
    assert alleles_of([first], [], [], "chr2").height == 0
    assert alleles_of([], [], [], "chr1").height == 0


def test_batches_do_not_show(tmp_path: Path, fasta: str, knowledge: dict[str, str]) -> None:
    place = Chromosome.of("chr1", fasta, "GRCh38", knowledge)
    asked = alleles(*(single(at) for at in GENE_POSITIONS))
    whole, parts = tmp_path / "whole.parquet", tmp_path / "parts.parquet"
    rows = write_annotation(asked, place, whole, {"engine": "embedded"})
    assert write_annotation(asked, place, parts, {"engine": "embedded"}, batch=7) == rows
    assert whole.read_bytes() == parts.read_bytes()
    table = read(ANNOTATION, whole)
    assert metadata(whole)["engine"] == "embedded"
    assert set(asked["pos"]) == set(table["pos"])
    assert {"FWD", "REV", None} == set(table["gene"])


def test_sources_speak_of_their_allele_only(fasta: str, knowledge: dict[str, str]) -> None:
    place = Chromosome.of("chr1", fasta, "GRCh38", knowledge)
    at = GENE_POSITIONS[5]
    third = next(b for b in "ACGT" if b not in (TEXT[at - 1], other(at)))
    table = annotated(alleles(single(at), (at, TEXT[at - 1], third)), place)
    rows = table.unique(["pos", "ref", "alt"]).sort("alt")
    known = rows.filter(pl.col("alt") == other(at)).row(0, named=True)
    unknown = rows.filter(pl.col("alt") == third).row(0, named=True)
    assert (known["clinvar_id"], known["clinvar_stars"], known["revel"]) == ("9", 2, 0.75)
    assert (unknown["clinvar_id"], unknown["revel"], unknown["population_af"]) == (None, None, None)
    assert known["hgvs_g"] == f"NC_000001.11:g.{at}{TEXT[at - 1]}>{other(at)}"


def test_an_allele_spelt_otherwise_meets_its_source(
    tmp_path: Path, fasta: str, knowledge: dict[str, str]
) -> None:
    """The key stays as called, the match is made in the one form."""
    at = GENE_POSITIONS[5]
    place = Chromosome.of("chr1", fasta, "GRCh38", knowledge)
    longer = (at, TEXT[at - 1 : at + 2], other(at) + TEXT[at : at + 2])
    table = annotated(alleles(longer), place)
    assert table.select("ref", "clinvar_id").unique().rows() == [(longer[1], "9")]


def test_spanning_deletions_have_a_row_without_names(fasta: str, knowledge: dict[str, str]) -> None:
    place = Chromosome.of("chr1", fasta, "GRCh38", knowledge)
    table = annotated(alleles((50, TEXT[49], "*"), (60, TEXT[59], "<DEL>")), place)
    assert table.select("alt", "transcript", "consequence", "hgvs_g").rows() == [
        ("*", "", None, None),
        ("<DEL>", "", None, None),
    ]


def test_no_alleles_make_an_empty_table(tmp_path: Path, fasta: str) -> None:
    place = Chromosome.of("chr1", fasta, "GRCh38", {})
    out = tmp_path / "x.parquet"
    assert write_annotation(alleles(), place, out, {}) == 0
    assert read(ANNOTATION, out).height == 0


def test_without_gene_models_nothing_is_called_intergenic(fasta: str) -> None:
    table = annotated(alleles(single(50)), Chromosome.of("chr1", fasta, "GRCh38", {}))
    assert table.select("consequence", "impact", "transcript").row(0) == (None, None, "")


def test_an_allele_of_another_reference_stops_the_job(fasta: str) -> None:
    place = Chromosome.of("chr1", fasta, "GRCh38", {})
    wrong = next(b for b in "ACGT" if b not in (TEXT[49], "A"))
    with pytest.raises(InputError, match="chr1:50"):
        annotated(alleles((50, wrong, "A")), place)


def test_a_chromosome_the_reference_lacks_is_named(fasta: str) -> None:
    with pytest.raises(InputError, match="a contig for chr2"):
        Chromosome.of("chr2", fasta, "GRCh38", {})
