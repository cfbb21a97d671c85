"""Calling from reads of every awkward kind; the reads are written here."""

from pathlib import Path

import polars as pl
import pytest
from sam_files import record, sequence, tiled, write_bam, write_reference

from shirube.calling.germline.callable import genotyped
from shirube.calling.germline.calling import (
    gather,
    intervals_by_copies,
    par_of,
    sample_choice,
    tile_records,
    write_tile,
)
from shirube.calling.germline.engines import Settings
from shirube.errors import InputError
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.intervals import Interval
from shirube.genome.regions import tiles
from shirube.reads.survey import Survey, deep
from shirube.tools import run

BASES = sequence(1200)
CONTIGS = {"chr1": BASES}
SETTINGS = Settings(min_mapq=20, min_baseq=13, max_depth=8000)
RG = "@RG\tID:a\tSM:A"


def called(
    tmp_path: Path,
    records: list[str],
    header: str = "",
    contigs: dict[str, str] = CONTIGS,
    pieces: dict[int, list[Interval]] | None = None,
) -> pl.DataFrame:
    contig = next(iter(contigs))
    fasta = write_reference(tmp_path / "reference.fa", contigs)
    bam = write_bam(tmp_path / "reads.bam", contigs, records, header)
    length = len(contigs[contig])
    pieces = pieces or {2: [Interval(contig, 0, length)]}
    sample = sample_choice(bam, "A")
    return tile_records("bcftools", bam, fasta, pieces, sample, SETTINGS)[1]


def changed(bases: str, pos: int, alt: str, ref: int = 1) -> str:
    """`bases` with `ref` bases from `pos` (0-based) replaced by `alt`."""
    return bases[:pos] + alt + bases[pos + ref :]


def other(base: str) -> str:
    return {"A": "G", "C": "T", "G": "A", "T": "C"}[base]


SNV = 600
ALT = other(BASES[SNV])


def het(depth: int = 30, **more: object) -> list[str]:
    """Reads of a person heterozygous for SNV, half of them with the ALT."""
    reads = tiled("chr1", BASES, depth // 2, prefix="r")
    return reads + tiled("chr1", changed(BASES, SNV, ALT), depth // 2, prefix="a")


def over_snv(flag: int, mapq: int) -> list[str]:
    """Thirty reads with the ALT of SNV."""
    start = SNV - 50
    bases = changed(BASES, SNV, ALT)[start : start + 100]
    return [record(f"x{n}", "chr1", start, "100M", bases, flag, mapq) for n in range(30)]


def only_call(table: pl.DataFrame) -> dict[str, object]:
    return table.filter("called").row(0, named=True) if table["called"].sum() == 1 else {}


def test_heterozygous_snv_without_read_groups(tmp_path: Path) -> None:
    call = only_call(called(tmp_path, het()))
    assert (call["start"], call["ref"], call["alt"], call["gt"]) == (SNV, BASES[SNV], ALT, "0/1")
    assert call["gq"] == 99


def test_reads_without_a_group_in_a_file_with_one(tmp_path: Path) -> None:
    assert only_call(called(tmp_path, het(), RG))["gt"] == "0/1"


def test_another_persons_reads_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="reads of sample A; @RG name B"):
        called(tmp_path, het(), "@RG\tID:b\tSM:B")


def test_one_of_two_people_in_a_file(tmp_path: Path) -> None:
    own = [line + "\tRG:Z:a" for line in tiled("chr1", BASES, 30)]
    others = [line + "\tRG:Z:b" for line in tiled("chr1", changed(BASES, SNV, ALT), 30, prefix="o")]
    table = called(tmp_path, own + others, RG + "\n@RG\tID:b\tSM:B")
    assert not table["called"].any()


@pytest.mark.parametrize(
    ("flag", "mapq"),
    [(1024, 60), (256, 60), (512, 60), (0, 5)],
    ids=["duplicate", "secondary", "failed", "ambiguous"],
)
def test_reads_that_are_no_evidence(tmp_path: Path, flag: int, mapq: int) -> None:
    """Thirty reads with an ALT that must not count, over thirty without it."""
    bad = over_snv(flag, mapq)
    assert not called(tmp_path, tiled("chr1", BASES, 30) + bad)["called"].any()


def test_the_other_part_of_a_split_read_is_evidence(tmp_path: Path) -> None:
    """Supplementary alignments are read bases like others; HaplotypeCaller counts them too."""
    table = called(tmp_path, tiled("chr1", BASES, 30) + over_snv(2048, 60))
    assert only_call(table)["start"] == SNV


def test_clipped_bases_are_no_evidence(tmp_path: Path) -> None:
    start = SNV - 50
    clipped = [
        record(f"x{n}", "chr1", start, "40M60S", BASES[start : start + 40] + "A" * 60)
        for n in range(30)
    ]
    assert not called(tmp_path, tiled("chr1", BASES, 30) + clipped)["called"].any()


def test_overlapping_mates_count_once(tmp_path: Path) -> None:
    """Four pairs whose mates lie on each other: depth 4, not 8."""
    start, reads = SNV - 50, []
    for n in range(4):
        pair = ("=", start, 100)
        bases = BASES[start : start + 100]
        reads += [
            record(f"p{n}", "chr1", start, "100M", bases, 99, mate=pair),
            record(f"p{n}", "chr1", start, "100M", bases, 147, mate=("=", start, -100)),
        ]
    table = called(tmp_path, reads)
    assert table["dp"].to_list() == [4]
    bam, fasta = tmp_path / "reads.bam", tmp_path / "reference.fa"
    ((_, depth),) = Survey(bam, fasta, [Interval("chr1", 0, 1200)], 20)
    assert set(depth.tolist()) == {0, 4}


def test_skipped_bases_have_no_depth(tmp_path: Path) -> None:
    start = 300
    spliced = [
        record(f"s{n}", "chr1", start, "50M200N50M", BASES[start : start + 50] + BASES[550:600])
        for n in range(20)
    ]
    table = called(tmp_path, spliced)
    rows = table.select("start", "end", "dp", "gt").rows()
    assert rows == [(300, 350, 20, "0/0"), (350, 550, 0, "./."), (550, 600, 20, "0/0")]
    assert not table["called"].any()
    bam, fasta = tmp_path / "reads.bam", tmp_path / "reference.fa"
    ((window, depth),) = Survey(bam, fasta, [Interval("chr1", 0, 1200)], 20)
    assert deep(window, depth, 20) == [Interval("chr1", 300, 350), Interval("chr1", 550, 600)]


def test_where_no_read_lies_nothing_is_said(tmp_path: Path) -> None:
    table = called(tmp_path, tiled("chr1", BASES, 20, low=0, high=400))
    assert table["end"].max() <= 400
    assert called(tmp_path, []).is_empty()


def test_depth_of_five_thousand(tmp_path: Path) -> None:
    """Neither SNVs nor indels are lost, as with the caller's own limits they would be."""
    bases = BASES[:400]
    snv = changed(bases, 100, other(bases[100]))
    reads = tiled("chr1", bases, 2500, length=80)
    for n in range(2500):
        one, two = 21 + n % 79, 130 + n % 60
        reads.append(record(f"s{n}", "chr1", one, "80M", snv[one : one + 80], 16 * (n % 2)))
        left = 200 - two
        cut = bases[two:200] + bases[203 : 203 + 80 - left]
        reads.append(record(f"d{n}", "chr1", two, f"{left}M3D{80 - left}M", cut, 16 * (n % 2)))
    table = called(tmp_path, reads, "", {"chr1": bases})
    found = {(row["start"], row["gt"]) for row in table.filter("called").iter_rows(named=True)}
    assert (100, "0/1") in found
    assert any(190 <= start < 200 and gt == "0/1" for start, gt in found)
    assert table.filter(pl.col("start") == 100)["dp"].item() >= 4500


def test_indels_and_two_alts_at_a_place(tmp_path: Path) -> None:
    one = tiled("chr1", changed(BASES, SNV, "ACGT"[("ACGT".index(BASES[SNV]) + 1) % 4]), 15)
    two = tiled(
        "chr1", changed(BASES, SNV, "ACGT"[("ACGT".index(BASES[SNV]) + 2) % 4]), 15, prefix="b"
    )
    call = only_call(called(tmp_path, one + two))
    assert call["gt"] == "1/2"
    assert len(str(call["alt"]).split(",")) == 2


X = {"chrX": sequence(3000, seed=5)}
PAR = {"chrX": ((0, 1000),)}


@pytest.mark.parametrize(
    ("sex", "expected"), [("XX", {500: "0/1", 2000: "0/1"}), ("XY", {500: "0/1", 2000: "1"})]
)
def test_copies_of_x(tmp_path: Path, sex: str, expected: dict[int, str]) -> None:
    bases = X["chrX"]
    both = changed(changed(bases, 500, other(bases[500])), 2000, other(bases[2000]))
    # In XY the reads of the single X all carry the second ALT.
    first = bases if sex == "XX" else changed(bases, 2000, other(bases[2000]))
    reads = tiled("chrX", first, 15) + tiled("chrX", both, 15, prefix="a")
    whole = Interval("chrX", 0, 3000)
    pieces = intervals_by_copies([whole], [whole], sex, PAR, {"chrX": 3000})
    table = called(tmp_path, reads, "", X, pieces)
    found = dict(table.filter("called").select("start", "gt").iter_rows())
    assert found == expected
    single = table.filter(~pl.col("called") & (pl.col("start") >= 1000))["gt"].unique().to_list()
    assert single == (["0"] if sex == "XY" else ["0/0"])


def test_copies_are_asked_of_the_sheet() -> None:
    y, x, m = (Interval(name, 0, 100) for name in ("chrY", "chrX", "chrM"))
    one, lengths = Interval("chr1", 0, 100), dict.fromkeys(("chr1", "chrX", "chrY", "chrM"), 300)
    assert intervals_by_copies([y], [y], "XX", {}, lengths) == {}
    assert intervals_by_copies([m], [m], "XX", {}, lengths) == {}
    assert intervals_by_copies([one], [Interval("chr1", 90, 200)], "unknown", {}, lengths) == {
        2: [Interval("chr1", 90, 100)]
    }
    with pytest.raises(InputError, match="XX or XY"):
        intervals_by_copies([x], [x], "unknown", {}, lengths)
    shared = {"chrX": ((0, 40),)}
    assert intervals_by_copies([one, x], [one, x], "XY", shared, lengths) == {
        2: [one, Interval("chrX", 0, 40)],
        1: [Interval("chrX", 40, 100)],
    }
    assert par_of("GRCh38", None)["chrX"][0] == (10_000, 2_781_479)
    assert par_of("artificial", {"chrX": [[0, 10]]}) == {"chrX": ((0, 10),)}


def test_tiles_leave_no_trace(tmp_path: Path) -> None:
    """One tile or many, BAM or CRAM: the same bytes. Alleles lie at and beside the edges."""
    bases = sequence(6000, seed=3)
    contigs = {"chr1": bases}
    mine = bases
    for at in (1999, 2000, 2001, 2500, 3999, 4000):
        mine = changed(mine, at, other(mine[at]))
    reads = tiled("chr1", bases, 12) + tiled("chr1", mine, 12, prefix="a")
    # Depth steps down across an edge, and a deletion begins before one and ends after it.
    reads += tiled("chr1", bases, 10, prefix="m", low=1500, high=3100)
    cut = bases[2900:2998] + bases[3003:3101]
    reads += [record(f"d{n}", "chr1", 2900, "98M5D98M", cut) for n in range(20)]
    fasta = write_reference(tmp_path / "reference.fa", contigs)
    bam = write_bam(tmp_path / "reads.bam", contigs, reads, RG)
    cram = str(tmp_path / "reads.cram")
    run("samtools", "view", "-C", "--reference", fasta, "-o", cram, bam)
    run("samtools", "index", cram)
    regions = [Interval("chr1", 0, 2200), Interval("chr1", 2300, 6000)]
    outputs = []
    for name, source, size in [("a", bam, 6000), ("b", bam, 2000), ("c", cram, 3000)]:
        parts = []
        for number, tile in enumerate(tiles(regions, size)):
            pieces = intervals_by_copies([tile], regions, "XX", {}, {"chr1": 6000})
            lines, table = tile_records("bcftools", source, fasta, pieces, None, SETTINGS)
            parts.append(tmp_path / f"{name}{number}.bcf")
            write_tile(parts[-1], lines, table, {"chr1": 6000})
        outputs.append(tmp_path / f"{name}.g.vcf.gz")
        gather(parts, {"chr1": 6000}, "S1", outputs[-1])
    one, many, small = (path.read_bytes() for path in outputs)
    assert one == many == small
    text = run("bcftools", "view", outputs[0]).decode()
    assert "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n" in text
    body = [line.split("\t") for line in text.splitlines() if line[0] != "#"]
    found = {int(line[1]) for line in body if line[4] != "<*>" and len(line[3]) == 1}
    assert {2000, 2001, 2002, 2501, 4000, 4001} <= found
    assert any(len(line[3]) == 6 and 2990 < int(line[1]) <= 2999 for line in body)
    blocks = [line for line in body if line[4] == "<*>"]
    assert all(line[3] == bases[int(line[1]) - 1] for line in blocks)
    assert not any(2200 < int(line[1]) <= 2300 for line in body)
    rule = GenotypeRule(20, 10, 5, 0.2)
    spans = genotyped(outputs[0], "S1", rule, regions)
    assert all(s.end <= 2200 or s.start >= 2300 for s in spans)
