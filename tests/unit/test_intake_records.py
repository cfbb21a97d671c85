"""What a record means: genotypes, reads and qualities in the words of each caller."""

import gzip
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sam_files import write_reference

from shirube.calling.germline.callable import GenotypeRule, genotyped
from shirube.calling.germline.gvcf_import import import_gvcf
from shirube.calling.somatic.vcf_import import import_somatic
from shirube.errors import InputError
from shirube.genome.intervals import Interval
from shirube.intake.records import Source, by_allele

BASES = "ACGT" * 250
FIELD = '##{}=<ID={},Number={},Type=String,Description="x">'


def write(path: Path, rows: list[str], head: list[str] | None = None, samples: str = "S") -> Path:
    """A VCF; `head` are lines as they stand, or KIND/NAME:NUMBER for a definition."""
    lines = ["##fileformat=VCFv4.2", "##contig=<ID=chr1,length=1000>"]
    for line in head or []:
        kind, _, rest = line.partition("/")
        name, _, number = rest.partition(":")
        lines.append(line if line.startswith("##") else FIELD.format(kind, name, number))
    columns = "#CHROM POS ID REF ALT QUAL FILTER INFO" + (f" FORMAT {samples}" if samples else "")
    body = ["\t".join(row.split(" ")) for row in [columns, *rows]]
    text = "\n".join([*lines, *body]) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def one(tmp_path: Path, row: str, head: list[str] | None = None) -> dict[str, Any]:
    """The record of a file of one."""
    path = write(tmp_path / "one.vcf", [f"chr1 101 . {row}"], head)
    (found,) = pl.concat(Source.of(path, "S").records()).to_dicts()
    return found


@pytest.mark.parametrize(
    ("text", "genotype", "phased"),
    [
        ("0/1", [0, 1], False),
        ("1|0", [1, 0], True),
        ("1", [1], False),
        (".|1", [None, 1], True),
        ("./.", [None, None], False),
        (".", None, None),
        ("0/1/1", [0, 1, 1], False),
        ("1|0|1", [1, 0, 1], True),
        ("/0|1", [0, 1], False),
        ("|0|1", [0, 1], True),
    ],
)
def test_genotypes(text: str, genotype: object, phased: object, tmp_path: Path) -> None:
    found = one(tmp_path, f"A C . . . GT {text}")
    assert found["fault"] is None
    if genotype is None:
        assert not [allele for allele in found["genotype"] or [] if allele is not None]
    else:
        assert (found["genotype"], found["phased"]) == (genotype, phased)


@pytest.mark.parametrize(
    ("text", "quality"),
    [("60.3", 60), ("99", 99), ("40000", 32767), ("1e2", 100)]
    + [(text, None) for text in (".", "nan", "NaN", "inf", "-1", "60,3", "high")],
)
def test_qualities(text: str, quality: int | None, tmp_path: Path) -> None:
    assert one(tmp_path, f"A C . . . GT:GQ 0/1:{text}")["quality"] == quality


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("A C . . . GT 0/2", "GT 0/2 of 1 ALT"),
        ("A C . . . GT 0\\1", "GT 0\\1"),
        ("A R . . . GT 0/1", "ALT R"),
        ("A C,. . . . GT 0/1", "ALT C,."),
        ("J C . . . GT 0/1", "REF J"),
        ("A C . . . GT 0/1:9", "more values than FORMAT names"),
        ("A <NON_REF> . . END=90 GT 0/0", "END before POS"),
    ],
)
def test_faults(row: str, fault: str, tmp_path: Path) -> None:
    assert one(tmp_path, row)["fault"] == fault


@pytest.mark.parametrize(
    "alt", ["<DEL>", "<DUP:TANDEM>", "*", "N[chr2:5[", "]chr1:9]A", "A.", ".A"]
)
def test_alts_that_are_no_bases_are_no_faults(alt: str, tmp_path: Path) -> None:
    found = one(tmp_path, f"A {alt} . . . GT 0/1")
    assert (found["fault"], found["alts"], found["block"]) == (None, [alt], False)


COUNTS = [
    # AD by allele, whatever the header promises; fewer or other values are unknown.
    ([], "C,G", "GT:AD 0/2:16,0,14", [16, 0, 14], 30),
    (["FORMAT/AD:1"], "C", "GT:AD 0/1:16,14", [16, 14], 30),
    ([], "C,G", "GT:AD 0/2:16,14", None, None),
    ([], "C", "GT:AD 0/1:.", None, None),
    ([], "C", "GT:AD:DP 0/1:.,5:20", [None, 5], 20),
    # freebayes, Torrent, VarScan, VarDict, Platypus
    (["FORMAT/RO:1", "FORMAT/AO:A"], "C,G", "GT:DP:RO:AO 1/2:30:2,:", None, 30),
    (["FORMAT/RO:1", "FORMAT/AO:A"], "C,G", "GT:DP:RO:AO 1/2:30:2:14,13", [2, 14, 13], 30),
    (
        ["FORMAT/FRO:1", "FORMAT/FAO:A", "FORMAT/FDP:1", "FORMAT/RO:1", "FORMAT/AO:A"],
        "C", "GT:DP:FDP:RO:FRO:AO:FAO 0/1:99:80:70:60:29:20", [60, 20], 80,
    ),
    (["##source=VarScan2"], "C", "GT:GQ:DP:RD:AD:FREQ 0/1:60:40:28:12:30%", [28, 12], 40),
    (["##source=VarDict_v1.8"], "C", "GT:DP:VD:AD:RD:ALD 0/1:50:9:41,9:20,21:4,5", [41, 9], 50),
    (["##source=VarDict_v1.4"], "C", "GT:DP:VD:AF:RD 0/1:50:9:0.18:20,21", [41, 9], 50),
    (["##source=Platypus_Version_0.8.1"], "C", "GT:NR:NV 0/1:30:12", [18, 12], 30),
    # Strelka2: tier 1, the first of two counts
    (
        ["##content=strelka somatic snv calls"],
        "C", "DP:FDP:SDP:SUBDP:AU:CU:GU:TU 70:1:0:0:60,61:9,12:0,0:0,0", [60, 9], 69,
    ),
    (["##content=strelka somatic indel calls"],
     "AT", "DP:TAR:TIR:TOR 70:50,50:15,16:5,5", [50, 15], 65),
    (["##content=strelka germline small-variant calls"],
     "AT", "GT:GQ:DPI:AD 0/1:9:40:20,19", [20, 19], 40),
    # Clair3 and ClairS may state a fraction alone; DeepVariant and DRAGEN counts
    (["##source=Clair3"], "C", "GT:GQ:DP:AF 0/1:20:40:0.45", [22, 18], 40),
    (["##DeepVariant_version=1.6"],
     "C", "GT:GQ:DP:AD:VAF:PL 0/1:50:40:20,20:0.5:50,0,60", [20, 20], 40),
    # local alleles of VCF 4.5: LAD counts those that LAA names
    ([], "C,G,T", "GT:LAA:LAD 0/3:3:11,9", [11, 0, 0, 9], 20),
    ([], "C,G,T", "GT:LAA:LAD 0/0:.:25", [25, 0, 0, 0], 25),
]  # fmt: skip


@pytest.mark.parametrize(("head", "alt", "sample", "reads", "depth"), COUNTS)
def test_reads(
    head: list[str], alt: str, sample: str, reads: object, depth: object, tmp_path: Path
) -> None:
    found = one(tmp_path, f"A {alt} 50 PASS . {sample}", head)
    assert (found["reads"], found["depth"]) == (reads, depth)


def test_a_file_without_samples(tmp_path: Path) -> None:
    """LoFreq: depth and reads of both strands in INFO."""
    head = ["##source=lofreq call"]
    rows = ["chr1 101 . A C 80 PASS DP=100;AF=0.2;SB=1;DP4=40,41,9,10"]
    path = write(tmp_path / "l.vcf", rows, head, samples="")
    fasta = write_reference(tmp_path / "r.fa", {"chr1": BASES})
    (row,) = import_somatic(path, None, fasta, [Interval("chr1", 0, 1000)]).to_dicts()
    assert (row["tumour_dp"], row["tumour_ad"], row["tumour_ref"]) == (100, 19, 81)
    assert row["filter"] == "PASS"


PAIRS = [
    # VarScan: SS 2 is somatic, 1 germline; the column's own name says which is the normal.
    (["##source=VarScan2"], "NORMAL TUMOR", "SS=2",
     "GT:DP:RD:AD 0/0:30:30:0 0/1:40:28:12", {"filter": "PASS", "tumour_ad": 12, "normal_dp": 30}),
    (["##source=VarScan2"], "NORMAL TUMOR", "SS=1",
     "GT:DP:RD:AD 0/1:30:15:15 0/1:40:28:12", {"filter": "Germline", "caller_filter": "SS=1"}),
    (["##source=VarDict_v1.8"], "T N", "STATUS=StrongSomatic",
     "GT:DP:AD 0/1:50:41,9 0/0:30:30,0", {"filter": "PASS", "tumour_ad": 9, "normal_ad": 0}),
    (["##source=VarDict_v1.8"], "T N", "STATUS=Germline",
     "GT:DP:AD 0/1:50:41,9 0/1:30:15,15", {"filter": "Germline", "normal_ad": 15}),
    (["##content=strelka somatic snv calls"], "NORMAL TUMOR", "SOMATIC;QSS=50",
     "DP:SUBDP:AU:CU:GU:TU 30:0:30,30:0,0:0,0:0,0 60:0:40,40:20,20:0,0:0,0",
     {"filter": "PASS", "tumour_ad": 20, "tumour_dp": 60, "normal_ad": 0, "normal_dp": 30}),
    (["##normal_sample=N", "##tumor_sample=T", "##source=Mutect2",
      "##filtering_status=These calls have been filtered by FilterMutectCalls"], "N T",
     "TLOD=9.5;NLOD=8", "GT:AD:DP 0/0:30,0:31 0/1:20,10:33",
     {"filter": "PASS", "tumour_dp": 30, "normal_dp": 30, "lod": 9.5, "normal_lod": 8.0}),
    (["FORMAT/ADT:R", "FORMAT/DPT:1"], "T", "CALLERS=x",
     "GT:DPT:ADT:DPC:ADC 0/1:57:17,40:40:40,0",
     {"filter": "PASS", "tumour_ad": 40, "tumour_dp": 57, "normal_ad": 0, "normal_dp": 40}),
    (["##source=ClairS"], "SAMPLE", ".", "GT:GQ:DP:AF:AD:NAF:NDP:NAD 0/1:20:50:0.2:40,10:0:30:30,0",
     {"filter": "PASS", "tumour_ad": 10, "normal_dp": 30, "normal_ad": 0}),
    # As its source writes it: one AD and one NAD, the reads of the ALT.
    (["##source=ClairS", "FORMAT/AD:1", "FORMAT/NAD:1"], "SAMPLE", ".",
     "GT:GQ:DP:AF:AD:NAF:NDP:NAD 0/1:20:57:0.2105:12:0.0333:30:1",
     {"filter": "PASS", "tumour_ad": 12, "tumour_ref": 45, "normal_dp": 30, "normal_ad": 1,
      "normal_ref": None}),
    (["##DeepSomatic_version=1.7.0"], "T", ".", "GT:GQ:DP:AD:VAF 0/0:20:50:49,1:0.02",
     {"filter": "NoGenotype"}),
]  # fmt: skip


@pytest.mark.parametrize(("head", "samples", "info", "cells", "expected"), PAIRS)
def test_pairs(
    head: list[str],
    samples: str,
    info: str,
    cells: str,
    expected: dict[str, object],
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "p.vcf.gz", [f"chr1 101 . A C . PASS {info} {cells}"], head, samples)
    fasta = write_reference(tmp_path / "r.fa", {"chr1": BASES})
    column = "T" if "T" in samples.split() else None
    (row,) = import_somatic(path, column, fasta, [Interval("chr1", 0, 1000)]).to_dicts()
    assert {name: row[name] for name in expected} == expected


NON_REF = '##ALT=<ID=NON_REF,Description="x">'
STAR = '##ALT=<ID=*,Description="x">'
CALLED = ("FORMAT/GT:1", "FORMAT/GQ:1", "FORMAT/DP:1")
STRELKA = [
    "##content=strelka germline small-variant calls",
    *("FORMAT/GT:1", "FORMAT/GQX:1", "FORMAT/DP:1", "INFO/END:1"),
]
BLOCKS = [
    (["##source=HaplotypeCaller", NON_REF, *CALLED],
     "A <NON_REF> . . END=200 GT:DP:GQ:MIN_DP:PL 0/0:30:60:25:0,60,900", 100),
    (["##DeepVariant_version=1.6", STAR, "FORMAT/GT:1", "FORMAT/GQ:1", "FORMAT/MIN_DP:1"],
     "A <*> 0 . END=200 GT:GQ:MIN_DP:PL 0/0:50:22:0,66,659", 100),
    (["##DRAGENCommandLine=<ID=dragen>", NON_REF, *CALLED],
     "A <NON_REF> . PASS END=200 GT:AD:DP:GQ:MIN_DP:PL:ICNT 0/0:30,0:30:70:20:0,70,9:9,0", 100),
    (STRELKA, "A . . PASS END=200;BLOCKAVG_min30p3a GT:GQX:DP:DPF:MIN_DP 0/0:80:30:0:28", 100),
    # What the caller does not vouch for is not callable; RefCall is DeepVariant's word for REF.
    (STRELKA, "A . . SiteConflict END=200 GT:GQX:DP:DPF:MIN_DP 0/0:80:30:0:28", 0),
    (["##DeepVariant_version=1.6", STAR, *CALLED],
     "A C,<*> 0 RefCall . GT:GQ:DP:AD:VAF:PL 0/0:50:30:29,1,0:0.03,0:0,50,60,99,99,99", 1),
    (["##source=Clair3", NON_REF, *CALLED],
     "A <NON_REF> 0 . END=200 GT:GQ:MIN_DP:PL 0/0:49:20:0,49,9", 100),
    (["##bcftools_callCommand=call -g 0", *CALLED[::2], "FORMAT/PL:G", "INFO/END:1"],
     "A . 50 . END=200;MinDP=21 GT:PL:DP 0/0:0,63,255:21", 100),
    # VCF 4.5 states a block's length in the sample's column; a low GQ or depth is not callable
    ([STAR, *CALLED],
     "A <*> . . . GT:GQ:DP:LEN 0/0:60:30:100", 100),
    ([STAR, *CALLED],
     "A <*> . . END=200 GT:GQ:DP 0/0:19:30", 0),
    ([STAR, *CALLED],
     "A <*> . . END=200 GT:GQ:DP 0/0:nan:30", 0),
    # a deletion with END is no block of reference
    ([STAR, *CALLED],
     "A <DEL> . . END=200 GT:GQ:DP 0/0:60:30", 1),
]  # fmt: skip


@pytest.mark.parametrize(("head", "row", "bases"), BLOCKS)
def test_blocks(head: list[str], row: str, bases: int, tmp_path: Path) -> None:
    path = write(tmp_path / "b.g.vcf.gz", [f"chr1 101 . {row}"], head)
    out = tmp_path / "out.g.vcf.gz"
    import_gvcf(path, "S", {"chr1": 1000}, None, "S1", out)
    seen = genotyped(out, "S1", GenotypeRule(20, 10, 5, 0.2), [Interval("chr1", 0, 1000)])
    assert sum(i.end - i.start for i in seen) == bases


def test_a_gvcf_that_does_not_say_how_sure_its_blocks_are_is_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path / "b.g.vcf.gz", ["chr1 101 . A <*> . . END=200 GT:DP 0/0:30"],
        [STAR, "FORMAT/GT:1", "FORMAT/DP:1"],
    )  # fmt: skip
    with pytest.raises(InputError, match="FORMAT GQ"):
        import_gvcf(path, "S", {"chr1": 1000}, None, "S1", tmp_path / "out.g.vcf.gz")


def test_a_damaged_line_keeps_its_place_and_number(tmp_path: Path) -> None:
    """Windows line ends, a line of too few columns, bytes that are no text."""
    good = "chr1 101 . A C 50 PASS . GT 0/1"
    path = write(tmp_path / "d.vcf", [good, "chr1 102 . A", good.replace("101", "103")])
    raw = path.read_bytes().replace(b"\n", b"\r\n").replace(b"103 ", b"103 ")
    path.write_bytes(raw.replace(b"103\t.", b"103\t\xff"))
    rows = pl.concat(Source.of(path, "S").records())
    assert rows["fault"].to_list() == [None, "4 columns, not 10", None]
    assert rows["line"].to_list() == [4, 5, 6]
    assert rows["pos"].to_list() == [101, 102, 103]
    assert by_allele(rows)["alt"].to_list() == ["C", None, "C"]


@pytest.mark.parametrize("keep", [0.4, 0.8])
def test_a_file_cut_short_is_refused(keep: float, tmp_path: Path) -> None:
    rows = [f"chr1 {pos} . A C 50 PASS . GT 0/1" for pos in range(1, 900)]
    path = write(tmp_path / "c.vcf.gz", rows)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(InputError, match="whole, undamaged"):
        list(Source.of(path, "S").records())
