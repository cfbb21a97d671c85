"""Definitions of a header that break the specification are found, and those that do not are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirube.intake.header import definition_faults, parsed

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"


def faults(*lines: str) -> list[tuple[int, str]]:
    return definition_faults(parsed(["##fileformat=VCFv4.3", *lines, COLUMNS], "x.vcf"))


@pytest.mark.parametrize(
    "line",
    [
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="depth, of > 1 read">',
        '##INFO=<ID=DB,Number=0,Type=Flag,Description="x",Source="dbSNP",Version="142">',
        '##INFO=<ID=X,Number=.,Type=String,Description="a \\"quoted\\" word">',
        '##FORMAT=<ID=GQ,Number=1,Type=Float,Description="x">',
        '##FORMAT=<ID=AD,Number=.,Type=Integer,Description="x">',
        '##FORMAT=<ID=LAD,Number=LR,Type=Integer,Description="x">',
        '##FILTER=<ID=q10,Description="">',
        '##ALT=<ID=DEL,Description="Deletion">',
        "##contig=<ID=chr1,length=5>",
        "##reference=file:///x.fa",
        "##GATKCommandLine=<ID=HaplotypeCaller,CommandLine=x>",
    ],
)
def test_what_the_specification_allows(line: str) -> None:
    assert faults(line) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("##INFO=ID=DP,Number=1", "INFO without < and >"),
        ('##INFO=<Number=1,Type=Integer,Description="x">', "INFO without ID"),
        ("##INFO=<ID=DP,Number=1,Type=Integer>", "INFO DP without a Description in quotes"),
        (
            "##INFO=<ID=DP,Number=1,Type=Integer,Description=depth>",
            "INFO DP without a Description in quotes",
        ),
        (
            '##INFO=<ID=DP,Number=N,Type=Integer,Description="x">',
            "INFO DP without a Number that VCF knows",
        ),
        (
            '##FORMAT=<ID=DP,Type=Integer,Description="x">',
            "FORMAT DP without a Number that VCF knows",
        ),
        (
            '##FORMAT=<ID=DP,Number=1,Type=Int,Description="x">',
            "FORMAT DP without a Type that VCF knows (Integer, Float, Character, String)",
        ),
        (
            '##FORMAT=<ID=AD,Number=A,Type=Integer,Description="x">',
            "FORMAT AD of Number A and Type Integer, not R or . and Integer",
        ),
        ("##FILTER=<ID=q10>", "FILTER q10 without a Description in quotes"),
        ("##contig=<length=9>", "contig without ID"),
    ],
)
def test_what_it_does_not(line: str, said: str) -> None:
    assert faults("##source=x", line) == [(3, said)]


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40))
def test_no_line_stops_the_reading(text: str) -> None:
    for kind in ("INFO", "FORMAT", "FILTER", "ALT", "contig"):
        assert len(faults(f"##{kind}=<ID={text}")) <= 1
