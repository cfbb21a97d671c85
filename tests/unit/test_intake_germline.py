"""Germline files of callers as they come: the alleles, genotypes and reads they mean."""

from pathlib import Path

import polars as pl
import pytest
from variant_files import CASES, reference_for

from shirube.calling.germline.callable import genotyped
from shirube.calling.germline.calls import split_calls
from shirube.calling.germline.gvcf_import import import_gvcf
from shirube.contracts import CALLS, write
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.intervals import Interval
from shirube.rare.family import Family, Relative, with_parents
from shirube.vcf import read_columns

PTPN11 = ("chr12", 10738, "A", "G")
GJB2 = ("chr13", 4153, "C", "T")
KEPT = {"filter": "PASS", "dosage": 1, "ploidy": 2}


def calls(path: Path, sample: str, tmp_path: Path) -> pl.DataFrame:
    fasta, contigs = reference_for(path, tmp_path)
    whole = [Interval(name, 0, length) for name, length in contigs.items()]
    return split_calls(path, sample, fasta, contigs, whole, None, "S", tmp_path / "s.vcf.gz")


def row(table: pl.DataFrame, allele: tuple[str, int, str, str]) -> dict[str, object]:
    found = table.filter(
        pl.concat_str(pl.col("chrom").cast(pl.String), "pos", "ref", "alt", separator=" ")
        == " ".join(map(str, allele))
    )
    assert found.height == 1, found
    return found.row(0, named=True)


@pytest.mark.parametrize(
    ("case", "sample", "allele", "expected"),
    [
        ("ad-number-dot", "S1", PTPN11, {**KEPT, "ad_ref": 16, "ad_alt": 14, "dp": 30}),
        ("ft-genotype-filter", "S1", PTPN11, {"filter": "Caller", "caller_filter": "LowGQ"}),
        ("half-call", "S1", PTPN11, {"filter": "PASS", "dosage": 1, "ploidy": None, "ad_alt": 28}),
        ("lower-case-alleles", "S1", GJB2, {"filter": "PASS", "dosage": 2, "ploidy": 2}),
        ("nan-annotation", "S1", PTPN11, KEPT),
        ("ad-varscan-number-one", "S1", PTPN11, {**KEPT, "ad_ref": 28, "ad_alt": 12, "dp": 40}),
        ("gq-float", "S1", PTPN11, {**KEPT, "gq": 60}),
        ("gq-above-32767", "S1", PTPN11, {**KEPT, "gq": 32767}),
        ("undeclared-tags", "S1", PTPN11, KEPT),
        ("unplaced-contig-rows", "S1", PTPN11, KEPT),
        ("vcf44-leading-phase", "S1", PTPN11, {**KEPT, "haplotype": None}),
        ("vcf44-leading-phase", "S1", GJB2, {**KEPT, "phase_set": 4153, "haplotype": 1}),
        ("ps-string", "S1", PTPN11, {**KEPT, "phase_set": 10738, "haplotype": 1}),
        ("joint-vcf-two-people", "C", ("chr12", 4638, "A", "C"), KEPT),
        ("joint-vcf-two-people", "F", ("chr12", 4638, "A", "C"), {"dosage": 0, "ad_ref": 30}),
    ],
)
def test_cases(
    case: str,
    sample: str,
    allele: tuple[str, int, str, str],
    expected: dict[str, object],
    tmp_path: Path,
) -> None:
    (path,) = sorted((CASES / case).glob("*.vcf"))
    found = row(calls(path, sample, tmp_path), allele)
    assert {name: found[name] for name in expected} == expected


def test_an_allele_in_two_records_is_kept_once(tmp_path: Path) -> None:
    table = calls(CASES / "same-allele-twice/in.vcf", "S1", tmp_path)
    assert table.select("record", "filter").sort("record").rows() == [(0, "PASS"), (1, "Duplicate")]


def test_records_off_the_chromosomes_have_a_fate(tmp_path: Path) -> None:
    table = calls(CASES / "unplaced-contig-rows/in.vcf", "S1", tmp_path)
    assert table.filter(pl.col("chrom").is_null())["filter"].to_list() == ["Unplaced"]


def test_blocks_of_strelka_are_as_sure_as_its_gqx_says(tmp_path: Path) -> None:
    path = CASES / "strelka2-gvcf-gqx/in.g.vcf"
    _, contigs = reference_for(path, tmp_path)
    out = tmp_path / "out.g.vcf.gz"
    import_gvcf(path, "S1", contigs, None, "S", out)
    rule = GenotypeRule(20, 10, 5, 0.2)
    seen = genotyped(out, "S", rule, [Interval("chr2", 0, contigs["chr2"])])
    assert sum(i.end - i.start for i in seen) == 29_132


FIELDS = ("GT", "GQ", "DP", "AD", "PL", "SP", "PS", "FT")


@pytest.mark.parametrize("number", ["7", "7.4", ".", "NaN", "1e3"])
def test_every_number_of_a_gvcf_is_written_as_its_header_says(tmp_path: Path, number: str) -> None:
    """Whole numbers stay whole, whatever the caller wrote: bcftools stops at others."""
    out = tmp_path / "out.g.vcf.gz"
    cell = f"0/1:{number}:{number}:{number},5:{number},0,9:{number}:{number}:PASS"
    lines = [
        "##fileformat=VCFv4.2",
        "##ALT=<ID=NON_REF,Description=x>",
        "##FORMAT=<ID=GT,Number=1,Type=String,Description=x>",
        "##FORMAT=<ID=GQ,Number=1,Type=Float,Description=x>",
        "##FORMAT=<ID=DP,Number=1,Type=Float,Description=x>",
        "##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description=x>",
        "##INFO=<ID=END,Number=1,Type=Integer,Description=x>",
        "##contig=<ID=chr1,length=100>",
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS",
        f"chr1\t9\t.\tA\tC,<NON_REF>\t50\tPASS\t.\t{':'.join(FIELDS)}\t{cell}",
        "chr1\t10\t.\tA\t<NON_REF>\t.\t.\tEND=40\tGT:GQ:MIN_DP\t0/0:50:20",
    ]
    path = tmp_path / "in.g.vcf"
    path.write_text("\n".join(lines) + "\n")
    import_gvcf(path, "S", {"chr1": 100}, None, "S", out)
    kinds = dict.fromkeys(("GQ", "DP", "SP", "PS"), pl.Int32)
    first = read_columns(out, {}, kinds).row(0, named=True)
    known = {"7": 7, "7.4": 7, "1e3": 1000}.get(number)
    assert (first["DP"], first["SP"]) == (known, known)


@pytest.mark.parametrize(
    ("genotype", "copies"), [("0/0", 0), ("0/.", None), ("./.", None), ("./1", 1), ("0/1", 1)]
)
def test_a_half_call_of_a_parent_is_no_proof_of_reference(
    genotype: str, copies: int | None, tmp_path: Path
) -> None:
    """Of 0/. one copy is unknown, though the place was looked at; ./1 has the allele."""
    lines = [
        "##fileformat=VCFv4.2",
        "##contig=<ID=chr1,length=100>",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">',
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tC\tF",
        f"chr1\t9\t.\tA\tG\t50\tPASS\t.\tGT\t0/1\t{genotype}",
    ]
    path, bed = tmp_path / "in.vcf", tmp_path / "looked.bed"
    path.write_text("\n".join(lines) + "\n")
    bed.write_text("chr1\t0\t100\n")
    table = {sample: calls(path, sample, tmp_path) for sample in "CF"}
    write(table["F"], CALLS, tmp_path / "f.parquet")
    family = Family(father=Relative("F", str(tmp_path / "f.parquet"), str(bed)))
    assert with_parents(table["C"], family)["father_dosage"].to_list() == [copies]
