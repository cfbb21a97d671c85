"""Consequences that VEP or snpEff wrote."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shirube.annotate.annotation import Chromosome, annotated
from shirube.annotate.external import external_rows
from shirube.contracts import CHROM
from shirube.errors import InputError

BASES = np.frombuffer(b"ACGTACGTAC" * 10, np.uint8)
VEP = (
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. '
    "Format: Allele|Consequence|SYMBOL|Gene|Feature|EXON|INTRON|HGVSc|HGVSp|Protein_position"
    '">\n'
)
ANN = (
    "##INFO=<ID=ANN,Number=.,Type=String,Description=\"Functional annotations: 'Allele | Annotation"
    " | Annotation_Impact | Gene_Name | Gene_ID | Feature_Type | Feature_ID | Transcript_BioType |"
    " Rank | HGVS.c | HGVS.p | cDNA.pos / cDNA.length | CDS.pos / CDS.length | AA.pos / AA.length |"
    " Distance | ERRORS / WARNINGS / INFO'\">\n"
)
HEAD = "##fileformat=VCFv4.2\n##contig=<ID=1,length=100>\n"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def file(path: Path, info: str, *rows: tuple[int, str, str, str]) -> Path:
    tag = "CSQ" if "ID=CSQ" in info else "ANN"
    body = "".join(f"1\t{p}\t.\t{r}\t{a}\t.\t.\t{tag}={said}\n" for p, r, a, said in rows)
    path.write_text(HEAD + info + COLUMNS + body)
    return path


def alleles(*rows: tuple[int, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"pos": pl.Int32, "ref": pl.String, "alt": pl.String},
                        orient="row")  # fmt: skip


def test_vep_entries_become_rows(tmp_path: Path) -> None:
    path = file(
        tmp_path / "v.vcf",
        VEP,
        (2, "C", "T,A", "T|missense_variant&splice_region_variant|G|ENSG1|ENST1.2|2/3||"
         "ENST1.2:c.5C>T|ENSP1.1:p.Arg2Ter|2,A|synonymous_variant|G|ENSG1|ENST1.2|2/3||"
         "ENST1.2:c.5C>A|ENSP1.1:p.Arg2%3D|2"),
        (5, "AC", "A", "-|intron_variant|G|ENSG1|ENST1.2||1/2|ENST1.2:c.6+9del||"),
    )  # fmt: skip
    asked = alleles((2, "C", "A"), (2, "C", "T"), (5, "AC", "A"))
    rows = external_rows(asked, "chr1", BASES, path, "vep", {"ENST1": "MANE Select"})
    assert rows.select(
        "row", "transcript", "mane", "consequence", "exon", "hgvs_c", "hgvs_p", "protein_pos"
    ).rows() == [
        (0, "ENST1.2", "MANE Select", "synonymous_variant", "2/3", "c.5C>A", "p.Arg2=", 2),
        (1, "ENST1.2", "MANE Select", "missense_variant&splice_region_variant", "2/3", "c.5C>T",
         "p.Arg2Ter", 2),
        (2, "ENST1.2", "MANE Select", "intron_variant", "i1/2", "c.6+9del", None, None),
    ]  # fmt: skip


def test_snpeff_entries_become_rows(tmp_path: Path) -> None:
    path = file(
        tmp_path / "s.vcf",
        ANN,
        (2, "C", "T", "T|stop_gained|HIGH|G|ENSG1|transcript|ENST1.2|protein_coding|2/3|c.5C>T|"
         "p.Arg2*|9/90|5/60|2/20||,T|sequence_feature|LOW|G|ENSG1|x|y|z||||||||"),
    )  # fmt: skip
    rows = external_rows(alleles((2, "C", "T")), "chr1", BASES, path, "snpeff", {})
    assert rows.select("transcript", "consequence", "exon", "hgvs_p", "protein_pos").rows() == [
        ("ENST1.2", "stop_gained", "2/3", "p.Arg2Ter", 2)
    ]


def test_an_allele_the_file_lacks_stops_the_job(tmp_path: Path) -> None:
    path = file(tmp_path / "v.vcf", VEP, (2, "C", "T", "T|intron_variant|G|E|T1|||||"))
    with pytest.raises(InputError, match=r"1 absent"):
        external_rows(alleles((2, "C", "T"), (3, "G", "T")), "chr1", BASES, path, "vep", {})


def test_a_file_of_the_other_engine_is_refused(tmp_path: Path) -> None:
    path = file(tmp_path / "v.vcf", VEP, (2, "C", "T", "T|intron_variant|G|E|T1|||||"))
    with pytest.raises(InputError, match="INFO/ANN of snpeff"):
        external_rows(alleles((2, "C", "T")), "chr1", BASES, path, "snpeff", {})


def test_unknown_terms_are_refused(tmp_path: Path) -> None:
    path = file(tmp_path / "v.vcf", VEP, (2, "C", "T", "T|odd_variant|G|E|T1|||||"))
    with pytest.raises(InputError, match="odd_variant"):
        external_rows(alleles((2, "C", "T")), "chr1", BASES, path, "vep", {})


def test_engine_speaks_in_annotation(tmp_path: Path) -> None:
    path = file(
        tmp_path / "v.vcf", VEP, (2, "C", "T", "T|stop_gained|G|E|T1|1/1||T1:c.2C>T|P:p.Gln1Ter|1")
    )
    place = Chromosome("chr1", "x", "g.", BASES, None, {}, "1", "vep", str(path))
    asked = alleles((2, "C", "T")).select(pl.lit("chr1").cast(CHROM).alias("chrom"), pl.all())
    row = annotated(asked, place).row(0, named=True)
    assert (row["consequence"], row["impact"], row["hgvs_p"]) == (
        "stop_gained",
        "HIGH",
        "p.Gln1Ter",
    )
    with pytest.raises(InputError, match=r"annotation\.external"):
        annotated(asked, Chromosome("chr1", "x", "g.", BASES, None, {}, "1", "vep"))
