"""From a called file to split alleles: nothing dropped, everything left-aligned, numbered."""

from pathlib import Path

import polars as pl
import pytest
from sam_files import sequence, write_reference

from shirube.calling.germline.calls import split_calls
from shirube.calling.germline.gvcf_import import import_gvcf
from shirube.contracts import CALLS
from shirube.errors import InputError
from shirube.genome.intervals import Interval
from shirube.tools import run
from shirube.vcf import header, read_columns

BASES = "GGCATTTTTTCAGGACAGAGT" + sequence(500)
CONTIGS = {"chr1": BASES, "chrUn_1": sequence(60, seed=4)}
LENGTHS = {"chr1": len(BASES)}
RUN = [Interval("chr1", 0, 400)]

HEADER = """##fileformat=VCFv4.2
##ALT=<ID=NON_REF,Description="x">
##FILTER=<ID=weak,Description="x">
##INFO=<ID=END,Number=1,Type=Integer,Description="x">
##INFO=<ID=MQ,Number=1,Type=Float,Description="x">
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="x">
##FORMAT=<ID=PS,Number=1,Type=Integer,Description="x">
"""


def write_vcf(
    path: Path, rows: list[str], names: str = "IN", contigs: dict[str, int] | None = None
) -> Path:
    contigs = contigs or {name: len(bases) for name, bases in CONTIGS.items()}
    lines = [f"##contig=<ID={name},length={length}>" for name, length in contigs.items()]
    columns = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT " + names
    body = ["\t".join(row.split()) for row in [columns, *rows]]
    plain = path.with_suffix(".txt")
    plain.write_text(HEADER + "\n".join([*lines, *body]) + "\n")
    run("bcftools", "view", "--no-version", "-Oz", "-o", path, plain)
    return path


def split(tmp_path: Path, rows: list[str], name: str = "IN", names: str = "IN") -> pl.DataFrame:
    source = write_vcf(tmp_path / "in.vcf.gz", rows, names)
    fasta = write_reference(tmp_path / "reference.fa", CONTIGS)
    return split_calls(source, name, fasta, LENGTHS, RUN, None, "S1", tmp_path / "out.vcf.gz")


def base(pos: int) -> str:
    return BASES[pos - 1]


def not_base(pos: int, step: int = 1) -> str:
    return "ACGT"[("ACGT".index(base(pos)) + step) % 4]


def test_split_left_aligned_and_numbered(tmp_path: Path) -> None:
    at = 100
    table = split(
        tmp_path,
        [
            # A T lost at the end of the run of T: its place is at the run's beginning.
            "chr1 9 . TT T 90 . . GT:GQ:DP:AD 0/1:60:20:10,10",
            f"chr1 {at} . {base(at)} {not_base(at)},{not_base(at, 2)},<NON_REF> 90 . MQ=60 "
            "GT:GQ:DP:AD:PL 1/2:60:20:0,12,8,0:99,90,80,70,0,99,99,99,99,99",
        ],
    )
    rows = table.select(
        "pos", "ref", "alt", "record", "dosage", "ploidy", "ad_alt", "filter"
    ).rows()
    assert rows == [
        (4, "AT", "A", 0, 1, 2, 10, "PASS"),
        *sorted(
            [
                (at, base(at), not_base(at), 1, 1, 2, 12, "PASS"),
                (at, base(at), not_base(at, 2), 1, 1, 2, 8, "PASS"),
            ]
        ),
    ]
    out = read_columns(tmp_path / "out.vcf.gz", info={"RECORD": pl.Int32})
    assert header(tmp_path / "out.vcf.gz").samples == ("S1",)
    assert out.select("pos", "alt").sort("pos", "alt").rows() == [(r[0], r[2]) for r in rows]


def test_nothing_is_dropped(tmp_path: Path) -> None:
    """Blocks and `*` are no alleles; every other ALT has a row, with all that is wrong with it."""
    table = split(
        tmp_path,
        [
            f"chr1 50 . {base(50)} <NON_REF> . . END=60 GT:GQ:DP 0/0:60:20",
            f"chr1 70 . {base(70)} {not_base(70)},<NON_REF> 0 . . GT:GQ:DP:AD 0/0:60:20:19,1,0",
            f"chr1 80 . {base(80)} {not_base(80)} 9 weak . GT:GQ:DP:AD 0/1:60:4:2,2",
            f"chr1 81 . {base(81)} *,{not_base(81)} 90 PASS . GT:GQ:DP:AD 1/2:60:20:0,10,10",
            f"chr1 90 . {base(90)} {not_base(90)} 90 . . GT:GQ:DP:AD ./.:.:.:.",
            f"chr1 450 . {base(450)} {not_base(450)} 90 . . GT:GQ:DP:AD 0/1:60:20:10,10",
            "chrUn_1 5 . C G 90 . . GT:GQ:DP:AD 0/1:60:20:10,10",
        ],
    )
    found = {row["record"]: row for row in table.iter_rows(named=True)}
    assert sorted(found) == [0, 1, 2, 3, 4, 5]
    assert found[0]["filter"] == "LowQual;NoGenotype"
    assert found[1]["filter"] == "LowQual;LowDepth;Caller"
    assert found[2]["filter"] == "PASS"
    assert (found[2]["alt"], found[2]["dosage"]) == (not_base(81), 1)
    assert found[3]["dosage"] is None
    assert "NoGenotype" in found[3]["filter"]
    assert "Unplaced" in found[4]["filter"]
    assert (found[4]["chrom"], found[5]["chrom"]) == ("chr1", None)
    assert "Unplaced" in found[5]["filter"]


def test_a_callers_own_pass_is_believed_about_quality(tmp_path: Path) -> None:
    row = f"{base(70)} {not_base(70)} 12"
    values = "GT:GQ:DP:AD 0/1:60:20:10,10"
    passed = split(tmp_path, [f"chr1 70 . {row} PASS . {values}"])
    assert passed["filter"].to_list() == ["PASS"]
    unjudged = split(tmp_path, [f"chr1 70 . {row} . . {values}"])
    assert unjudged["filter"].to_list() == ["LowQual"]


def test_phase_and_haploid_genotypes(tmp_path: Path) -> None:
    rows = [
        f"chr1 {pos} . {base(pos)} {not_base(pos)} 90 . . GT:GQ:DP:AD:PS {values}"
        for pos, values in [
            (70, "0|1:60:20:10,10:70"),
            (80, "1|0:60:20:10,10:70"),
            (90, "1:60:20:0,20:."),
            (99, "1|1:60:20:0,20:70"),
        ]
    ]
    table = split(tmp_path, rows)
    found = table.select("dosage", "ploidy", "phase_set", "haplotype").rows()
    assert found == [(1, 2, 70, 1), (1, 2, 70, 0), (1, 1, None, None), (2, 2, None, None)]


def test_one_sample_of_several(tmp_path: Path) -> None:
    row = f"chr1 70 . {base(70)} {not_base(70)} 90 . . GT:GQ:DP:AD 0/0:60:20:20,0 1/1:60:20:0,20"
    assert split(tmp_path, [row], "B", "A B")["dosage"].to_list() == [2]
    with pytest.raises(InputError, match="a sample column C; found A, B"):
        split(tmp_path, [row], "C", "A B")


def test_another_build_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="another build"):
        split(tmp_path, [f"chr1 70 . {not_base(70)} {base(70)} 90 . . GT:GQ:DP:AD 0/1:60:20:9,9"])


def test_a_file_without_calls(tmp_path: Path) -> None:
    table = split(tmp_path, [])
    assert table.equals(CALLS.empty())
    assert read_columns(tmp_path / "out.vcf.gz").is_empty()


BLOCK = "chr1 50 . A <NON_REF> . . END=60 GT:GQ:DP 0/0:60:20"


def copy(tmp_path: Path, source: Path, name: str = "IN") -> Path:
    lengths = {contig: len(bases) for contig, bases in CONTIGS.items()}
    out = tmp_path / "out.g.vcf.gz"
    import_gvcf(source, name, lengths, None, "S1", out)
    return out


def test_a_gvcf_is_copied_and_renamed(tmp_path: Path) -> None:
    rows = [BLOCK, "chrUn_1 5 . C <NON_REF> . . END=9 GT:GQ:DP 0/0:60:20"]
    out = copy(tmp_path, write_vcf(tmp_path / "in.g.vcf.gz", rows))
    assert header(out).samples == ("S1",)
    text = run("bcftools", "view", "-H", out).decode().split()
    assert text == ["chr1", "50", ".", "A", "<*>", ".", ".", "END=60", "GT:GQ:MIN_DP", "0/0:60:20"]
    assert out.with_name(out.name + ".tbi").exists()


def test_gvcfs_that_are_refused(tmp_path: Path) -> None:
    source = write_vcf(tmp_path / "in.g.vcf.gz", [BLOCK])
    with pytest.raises(InputError, match="a sample column X"):
        copy(tmp_path, source, "X")
    shorter = write_vcf(tmp_path / "b.g.vcf.gz", [BLOCK], contigs={"chr1": 99})
    with pytest.raises(
        InputError, match=f"chr1: length {len(BASES)} as in the reference; found 99"
    ):
        copy(tmp_path, shorter)
    bare = write_vcf(tmp_path / "c.g.vcf.gz", [BLOCK.replace("chr1", "1")], contigs={"1": 99})
    with pytest.raises(InputError, match="contigs named as in the reference; found 1"):
        copy(tmp_path, bare)
    plain = tmp_path / "d.vcf"
    text = run("bcftools", "view", source).decode()
    plain.write_text("".join(x + "\n" for x in text.splitlines() if "ID=GQ" not in x))
    with pytest.raises(InputError, match="FORMAT GQ"):
        copy(tmp_path, plain)


def test_contig_lengths_where_stated(tmp_path: Path) -> None:
    path = tmp_path / "a.vcf"
    path.write_text(
        "##fileformat=VCFv4.2\n##contig=<ID=a,assembly=x,length=9>\n##contig=<ID=b>\n"
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    )
    assert header(path).contigs == {"a": 9, "b": None}
