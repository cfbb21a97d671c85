"""Frequencies of deletions and duplications: sites VCFs and DGV's table."""

from pathlib import Path

import pytest

from shirube.errors import InputError
from shirube.knowledge.population_events import read_population_events

HEAD = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=100000>
##contig=<ID=chrUn,length=100000>
##FILTER=<ID=PASS,Description="">
##FILTER=<ID=UNRESOLVED,Description="">
##INFO=<ID=SVTYPE,Number=1,Type=String,Description="">
##INFO=<ID=END,Number=1,Type=Integer,Description="">
##INFO=<ID=SVLEN,Number=1,Type=Integer,Description="">
##INFO=<ID=AC,Number=A,Type=Integer,Description="">
##INFO=<ID=AN,Number=1,Type=Integer,Description="">
"""
AF = '##INFO=<ID=AF,Number=A,Type=Float,Description="">\n'
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def vcf(folder: Path, *lines: str, head: str = HEAD + AF) -> Path:
    path = folder / "sites.vcf"
    path.write_text(head + COLUMNS + "".join("\t".join(line.split()) + "\n" for line in lines))
    return path


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("chr1 100 a N <DEL> . PASS SVTYPE=DEL;END=1100;AF=0.02", (100, 1100, "DEL", 0.02)),
        ("chr1 100 a N <DUP> . PASS SVTYPE=DUP;SVLEN=500;AF=0.5", (100, 600, "DUP", 0.5)),
        ("chr1 100 a N <DEL> . . SVTYPE=DEL;SVLEN=-500;AC=3;AN=100", (100, 600, "DEL", 0.03)),
        ("chr1 100 a N <DEL>,<DUP> . PASS SVTYPE=DEL;END=900;AF=0.1,0.2", (100, 900, "DEL", 0.3)),
        ("chr1 100 a N <DEL> . PASS SVTYPE=DEL;END=1100;AF=0.0009", None),  # seldom
        ("chr1 100 a N <DEL> . UNRESOLVED SVTYPE=DEL;END=1100;AF=0.02", None),
        ("chr1 100 a N <INV> . PASS SVTYPE=INV;END=1100;AF=0.02", None),
        ("chr1 100 a N <DEL> . PASS SVTYPE=DEL;END=140;AF=0.02", None),  # small
        ("chrUn 100 a N <DEL> . PASS SVTYPE=DEL;END=1100;AF=0.02", None),
    ],
)
def test_sites(tmp_path: Path, line: str, expected: tuple[object, ...] | None) -> None:
    rows = read_population_events(vcf(tmp_path, line))
    found = rows.select("start", "end", "svtype", "frequency").rows()
    wanted = [] if expected is None else [(*expected[:3], pytest.approx(expected[3]))]
    assert found == wanted


def test_a_file_without_frequencies_is_refused(tmp_path: Path) -> None:
    path = vcf(tmp_path, head=HEAD.replace("ID=AN", "ID=NO"))
    with pytest.raises(InputError, match="AF"):
        read_population_events(path)


def test_dgv(tmp_path: Path) -> None:
    """Gains and losses by themselves, in studies large enough to know a percent."""
    names = "variantaccession chr start end varianttype variantsubtype samplesize"
    lines = [
        f"{names} observedgains observedlosses",
        "v1 1 101 1100 CNV loss 200 0 20",
        "v2 1 101 1100 CNV gain 200 4 20",
        "v3 1 101 1100 CNV loss 50 0 20",
        "v4 1 101 1100 OTHER inversion 200 0 20",
    ]
    path = tmp_path / "dgv.txt"
    path.write_text("".join("\t".join(line.split()) + "\n" for line in lines))
    rows = read_population_events(path).select("start", "end", "svtype", "frequency", "name").rows()
    assert rows == [(100, 1100, "DEL", 0.1, "v1"), (100, 1100, "DUP", 0.02, "v2")]
