"""`bcftools csq` as a second opinion on consequences, and as an engine."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from gene_case import chromosome

from shirube.annotate.annotation import Chromosome, annotated
from shirube.annotate.csq import csq_classes, gff3, so_term
from shirube.annotate.rows import transcript_rows
from shirube.contracts import CHROM
from shirube.genome.normalise import normalised
from shirube.tools import run

SEQUENCE, MODELS = chromosome(120)
TEXT = bytes(SEQUENCE).decode()
pytestmark = pytest.mark.oracle


@pytest.fixture(scope="module")
def fasta(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("csq") / "ref.fa"
    path.write_text(f">chr1\n{TEXT}\n")
    run("samtools", "faidx", path)
    return str(path)


def alleles(count: int, lengths: tuple[int, int]) -> pl.DataFrame:
    """Random alleles inside the two genes; `lengths` of deleted and inserted bases, at most."""
    draw = np.random.default_rng(7)
    rows = set()
    for start, end in MODELS.select("start", "end").iter_rows():
        for _ in range(count):
            at = int(draw.integers(start, end))
            if lengths == (0, 0):
                ref = TEXT[at]
                alt = str(draw.choice([base for base in "ACGT" if base != ref]))
            else:
                ref = TEXT[at : at + 1 + int(draw.integers(0, lengths[0] + 1))]
                alt = ref[0] + "".join(
                    draw.choice(list("ACGT"), int(draw.integers(0, lengths[1] + 1)))
                )
            if ref != alt:
                rows.add((at + 1, ref, alt))
    schema = {"pos": pl.Int32, "ref": pl.String, "alt": pl.String}
    table = pl.DataFrame(sorted(rows), schema=schema, orient="row")
    return normalised(table, SEQUENCE).unique(["pos", "ref", "alt"]).sort("pos", "ref", "alt")


def compared(table: pl.DataFrame, fasta: str) -> pl.DataFrame:
    ours = transcript_rows(table, MODELS, SEQUENCE).filter(
        ~pl.col("consequence").str.contains("stream_gene")
    )
    theirs = csq_classes(table, MODELS, fasta, "chr1", SEQUENCE.size)
    return ours.join(theirs, on=["row", "transcript"], suffix="_csq")


def classes(consequence: str) -> set[str]:
    """Terms both tools mean the same by: csq adds no intron_variant to splice classes."""
    return set(consequence.split("&")) - {"intron_variant"}


def test_single_bases_have_csqs_classes(fasta: str) -> None:
    both = compared(alleles(700, (0, 0)), fasta)
    assert both.height > 700
    differ = [
        row
        for row in both.select("hgvs_c", "consequence", "consequence_csq").rows()
        if classes(row[1]) != classes(row[2])
    ]
    assert differ == []


def test_most_indels_have_csqs_class(fasta: str) -> None:
    both = compared(alleles(500, (4, 4)), fasta)
    coding = both.filter(pl.col("hgvs_p").is_not_null() & (pl.col("hgvs_p") != "p.?"))
    same = [
        bool(classes(a) & classes(b))
        for a, b in coding.select("consequence", "consequence_csq").rows()
    ]
    assert len(same) > 200
    assert sum(same) / len(same) > 0.97


def test_csq_as_engine_gives_its_class_and_our_names(fasta: str) -> None:
    table = alleles(60, (0, 0)).with_columns(chrom=pl.lit("chr1").cast(CHROM))
    place = Chromosome("chr1", fasta, "g.", SEQUENCE, MODELS, {}, "chr1", "bcftools_csq")
    ours = Chromosome("chr1", fasta, "g.", SEQUENCE, MODELS, {}, "chr1")
    asked = table.select("chrom", "pos", "ref", "alt")
    first, second = annotated(asked, place), annotated(asked, ours)
    assert first["hgvs_c"].equals(second["hgvs_c"])
    assert first["impact"].equals(second["impact"])


def test_models_are_written_for_csq(tmp_path: Path) -> None:
    lines = gff3(MODELS, "chr1").splitlines()
    phases = [line.split("\t")[7] for line in lines if "\tCDS\t" in line and "T_FWD" in line]
    sizes = [
        int(line.split("\t")[4]) - int(line.split("\t")[3]) + 1
        for line in lines
        if "\tCDS\t" in line and "T_FWD" in line
    ]
    assert phases == ["0", str(-sizes[0] % 3), str(-(sizes[0] + sizes[1]) % 3)]


@pytest.mark.parametrize(
    ("word", "term"),
    [("missense", "missense_variant"), ("*missense", "missense_variant"),
     ("5_prime_utr", "5_prime_UTR_variant"), ("stop_gained", "stop_gained")],
)  # fmt: skip
def test_csqs_words_are_so_terms(word: str, term: str) -> None:
    assert so_term(word) == term
