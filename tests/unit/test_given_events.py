"""Structural variants and copy numbers of other programs' VCF files: each record has its fate."""

from pathlib import Path

import polars as pl
import pytest
from sam_files import sequence, write_reference

from shirube.calling.copy_number.given import given_segments
from shirube.calling.structural.adjacency import Reference, slid
from shirube.calling.structural.calling import as_table
from shirube.calling.structural.given import Given, Ground, carried, given_rows, given_table
from shirube.calling.variant_files import write_structural
from shirube.contracts import FILTERS, STRUCTURAL
from shirube.errors import InputError
from shirube.genome.intervals import Interval
from shirube.genome.ploidy import copies_of
from shirube.intake.events import lacking, program_of, programs
from shirube.intake.text import header_of
from shirube.reads.junctions import Breakend

CONTIGS = {
    "chr1": sequence(6000, 1),
    "chr2": sequence(6000, 2),
    "chr10": sequence(3000, 3),
    "chrX": sequence(6000, 4),
    "chrUn_1": sequence(2000, 5),
}
# Header lines by which each program is known.
HEADS = {
    "manta": [
        "##source=GenerateSVCandidates 1.6.0",
        "##FORMAT=<ID=PR,Number=.,Type=Integer>",
        "##FORMAT=<ID=SR,Number=.,Type=Integer>",
    ],
    "dragen_sv": ["##source=DRAGEN 01.011.608.3.9.3"],
    "dragen_sv_4": ["##source=DRAGEN_SV"],
    "delly": [f"##{k}=<ID={n},Number=1>" for k, n in (
        ("INFO", "CT"), *(("FORMAT", n) for n in ("GT", "FT", "DR", "DV", "RR", "RV", "RDCN")),
    )],
    "gridss": [f"##FORMAT=<ID={n},Number=1>" for n in ("GT", "VF", "RP", "SR", "REF", "REFPAIR")],
    "dysgu": ["##source=DYSGU"],
    "sniffles": ["##source=Sniffles2_2.6.3"],
    "plain": [],
    "dragen_cnv": ["##source=DRAGEN_CNV", "##FORMAT=<ID=CN,Number=1>"],
    "cnvkit": ["##source=CNVkit v0.9.14", "##FORMAT=<ID=CN,Number=1>"],
    "delly_cnv": [f"##FORMAT=<ID={n},Number=1>" for n in ("CN", "RDCN", "RDSD")],
}  # fmt: skip


@pytest.fixture(scope="module")
def fasta(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_reference(tmp_path_factory.mktemp("reference") / "ref.fa", CONTIGS)


def write(path: Path, program: str, lines: list[str], samples: tuple[str, ...] = ("S",)) -> str:
    head = ["##fileformat=VCFv4.2", *HEADS[program], "##INFO=<ID=SVTYPE,Number=1,Type=String>"]
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
    columns += ["FORMAT", *samples] if samples else []
    path.write_text("\n".join([*head, "\t".join(columns), *lines]) + "\n")
    return str(path)


def record(
    pos: int, name: str, alt: str, info: str, keys: str = "GT", *cells: str, **more: str
) -> str:
    contig = more.get("contig", "chr1")
    ref = more.get("ref") or (CONTIGS[contig][pos - 1] if pos else "N")
    alt = alt.replace("REF", ref)
    fixed = [contig, str(pos), name, ref, alt, ".", more.get("filter", "PASS"), info]
    return "\t".join([*fixed, keys, *(cells or ("0/1",))])


def ground(fasta: str, sex: str = "XX", regions: object = None) -> Ground:
    return Ground.of(fasta, regions, None, lambda c, p: copies_of(c, p, sex, {}))  # type: ignore[arg-type]


def form(fasta: str, one: Breakend, two: Breakend) -> tuple[object, ...]:
    lower, upper, _ = slid(Reference(fasta), *sorted((one, two)))
    return lower.contig, lower.pos, lower.strand, upper.contig, upper.pos, upper.strand


def keyed(rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
    return [
        tuple(row.get(f"{n}{s}") for s in "12" for n in ("chrom", "pos", "strand")) for row in rows
    ]


def one(fasta: str, path: str, **more: object) -> list[dict[str, object]]:
    given = Given(path, None, "S", **more)  # type: ignore[arg-type]
    return given_rows(given, ground(fasta))


A = "chr1"
# info, alt -> (svtype, one end, other end); what a record of any program means on the genome.
DEL = ("DEL", (800, "+"), (1501, "-"))
DUP = ("DUP", (801, "-"), (1500, "+"))
PLACES = {
    "deletion by END": ("<DEL>", "SVTYPE=DEL;END=1500;SVLEN=-700", *DEL),
    "deletion by negative SVLEN": ("<DEL>", "SVTYPE=DEL;SVLEN=-700", *DEL),
    "deletion by positive SVLEN": ("<DEL>", "SVTYPE=DEL;SVLEN=700", *DEL),
    "END that repeats POS": ("<DEL>", "SVTYPE=DEL;END=800;SVLEN=-700", *DEL),
    "type by ALT alone": ("<DEL:ME:ALU>", "END=1500", *DEL),
    "type of ALT before SVTYPE": ("<DUP>", "SVTYPE=CNV;END=1500", *DUP),
    "tandem duplication": ("<DUP:TANDEM>", "SVTYPE=DUP;END=1500", *DUP),
    "copies of an allele": ("<CN0>", "SVTYPE=CNV;END=1500", *DEL),
    "more copies of an allele": ("<CN3>", "SVTYPE=CNV;END=1500", *DUP),
    "insertion without bases": ("<INS>", "END=800;SVLEN=300", "INS", (800, "+"), (801, "-")),
    "mate ahead": ("REF[chr1:1501[", "SVTYPE=BND", *DEL),
    "mate behind": ("]chr1:1500]REF", "SVTYPE=BND", "DUP", (800, "-"), (1500, "+")),
    "mate turned": ("REF]chr1:1500]", "SVTYPE=BND", "INV", (800, "+"), (1500, "+")),
    "inversion at its left": ("<INV>", "SVTYPE=INV;END=1500;INV3", "INV", (800, "+"), (1500, "+")),
    "inversion at its right": ("<INV>", "SVTYPE=INV;END=1500;INV5", "INV", (801, "-"), (1501, "-")),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_what_a_record_means(tmp_path: Path, fasta: str, name: str) -> None:
    alt, info, kind, low, high = PLACES[name]
    path = write(tmp_path / "x.vcf", "plain", [record(800, "x", alt, info)])
    (row,) = one(fasta, path)
    assert (row["svtype"], row["filter"], row["dosage"]) == (kind, "PASS", 1)
    if kind == "INS":
        assert keyed([row]) == [(A, *low, A, *high)]
        assert row["inserted"] == "N"
    else:
        assert keyed([row]) == [form(fasta, Breakend(A, *low), Breakend(A, *high))]


def test_spelt_alleles_hold_what_is_inserted(tmp_path: Path, fasta: str) -> None:
    bases = CONTIGS[A]
    lost = bases[799:860]
    lines = [
        record(800, "del", lost[0], "SVTYPE=DEL;END=860", ref=lost),
        record(2000, "delins", bases[1999] + "GATTACA", "SVTYPE=DEL", ref=bases[1999:2080]),
        record(3000, "ins", bases[2999] + "GATTACAGG", "SVTYPE=INS"),
        record(4000, "snv", "ACGT"["CGTA".index(bases[3999])], "SVTYPE=SNV"),
    ]
    rows = one(fasta, write(tmp_path / "x.vcf", "manta", lines))
    assert keyed(rows[:1]) == [form(fasta, Breakend(A, 800, "+"), Breakend(A, 861, "-"))]
    assert [row["filter"] for row in rows] == ["PASS", "PASS", "PASS", "NoJunction"]
    assert not str(rows[1]["inserted"]).strip("ACGT")
    assert 3 <= len(str(rows[1]["inserted"])) <= 7
    assert rows[2]["svtype"] == "INS"
    assert rows[2]["inserted"] == "GATTACAGG"


# Program -> FORMAT, cell, (pairs, splits, depth).
COUNTS = {
    "manta": ("GT:PR:SR", "0/1:25,6:18,5", (6, 5, 31)),
    "dragen_sv": ("GT:FT:PR", "0/1:PASS:15,4", (4, None, 19)),
    "delly": ("GT:DR:DV:RR:RV", "0/1:20:6:11:4", (6, 4, 26)),
    "gridss": ("GT:VF:RP:SR:REF:REFPAIR", ".:9:5:6:20:8", (5, 6, 37)),
    "dysgu": ("GT:SU:WR:PE:SR:COV", "0/1:11:2:4:5:31.6", (4, 7, 32)),
    "sniffles": ("GT:GQ:DR:DV", "0/1:60:12:14", (None, 14, 26)),
    "plain": ("GT", "0/1", (None, None, None)),
}


@pytest.mark.parametrize("program", COUNTS)
def test_reads_are_counted_as_the_program_means(tmp_path: Path, fasta: str, program: str) -> None:
    keys, cell, expected = COUNTS[program]
    info = "SVTYPE=DEL;END=1501;CT=3to5" if program == "delly" else "SVTYPE=DEL;END=1500"
    path = write(tmp_path / "x.vcf", program, [record(800, "x", "<DEL>", info, keys, cell)])
    (row,) = one(fasta, path)
    assert tuple(row[n] for n in ("pairs", "splits", "depth")) == expected
    assert row["filter"] == "PASS"
    assert keyed([row]) == [form(fasta, Breakend(A, 800, "+"), Breakend(A, 1501, "-"))]


# line -> filter of each row it gives; nothing is lost, nothing guessed.
FATES = {
    "two mates are one junction": (
        [
            record(800, "B:0", "REF[chr2:2000[", "SVTYPE=BND;MATEID=B:1"),
            record(2000, "B:1", "]chr1:800]REF", "SVTYPE=BND;MATEID=B:0", contig="chr2"),
        ],
        ["PASS", "Duplicate"],
    ),
    "the mate that passes is kept": (
        [
            record(800, "B:0", "REF[chr2:2000[", "SVTYPE=BND;PARID=B:1", filter="LowQual"),
            record(2000, "B:1", "]chr1:800]REF", "SVTYPE=BND;PARID=B:0", contig="chr2"),
        ],
        ["Duplicate", "PASS"],
    ),
    "a single breakend": ([record(800, "b", "REFACGT.", "SVTYPE=BND")], ["NoSecondEnd"]),
    "no END and no SVLEN": ([record(800, "b", "<DEL>", "SVTYPE=DEL")], ["NoSecondEnd"]),
    "a translocation without its place": (
        [record(800, "b", "<TRA>", "SVTYPE=TRA;CHR2=chr2;END=801")],
        ["NoSecondEnd"],
    ),
    "complex": ([record(800, "b", "<CPX>", "SVTYPE=CPX;END=1200")], ["NoJunction"]),
    "copies not said": ([record(800, "b", "<CNV>", "SVTYPE=CNV;END=1200")], ["NoJunction"]),
    "END before POS": ([record(800, "b", "<DEL>", "SVTYPE=DEL;END=700")], ["Damaged"]),
    "END beyond the contig": ([record(800, "b", "<DEL>", "SVTYPE=DEL;END=9000")], ["Damaged"]),
    "POS no number": ([record(800, "b", "<DEL>", "END=900").replace("800", "8e2", 1)], ["Damaged"]),
    "a line cut short": (["chr1\t800\tb\tA"], ["Damaged"]),
    "a genotype of no ALT": ([record(800, "b", "<DEL>", "END=900", "GT", "0/2")], ["Damaged"]),
    "a decoy": ([record(800, "b", "<DEL>", "END=900", contig="chrUn_1")], ["Unplaced"]),
    "a mate on a decoy": ([record(800, "b", "REF[chrUn_1:900[", "SVTYPE=BND")], ["Unplaced"]),
    "not carried": ([record(800, "b", "<DEL>", "END=900", "GT", "0/0")], ["NoGenotype"]),
    "a reference segment": ([record(800, "b", ".", "END=900", "GT", "./.")], ["NoGenotype"]),
    "one allele known": ([record(800, "b", "<DUP>", "END=900", "GT", "./1")], ["PASS"]),
    "filter of the sample": (
        [record(800, "b", "<DEL>", "END=900", "GT:FT", "0/1:MinGQ")],
        ["LowGQ"],
    ),
    "two ALTs": (
        [record(800, "b", "<DEL>,<DUP>", "END=900", "GT", "0/2")],
        ["NoGenotype", "PASS"],
    ),
    "a whole inversion": ([record(800, "b", "<INV>", "SVTYPE=INV;END=1500")], ["PASS", "PASS"]),
    "a translocation by CHR2": (
        [record(800, "b", "<TRA>", "SVTYPE=TRA;CHR2=chr2;CHR2_POS=900;CT=3to5")],
        ["PASS"],
    ),
}


@pytest.mark.parametrize("name", FATES)
def test_every_record_has_a_fate(tmp_path: Path, fasta: str, name: str) -> None:
    lines, expected = FATES[name]
    rows = one(fasta, write(tmp_path / "x.vcf", "plain", lines))
    assert [row["filter"] for row in rows] == expected
    assert {row["record"] for row in rows} == set(range(len(lines)))
    table = as_table([dict(row) for row in rows])
    assert table.height == len(rows)
    assert set(table["filter"].str.split(";").explode()) <= set(FILTERS)
    write_structural(table, tmp_path / "out.vcf.gz", fasta, ["S"])


def test_both_mates_give_the_same_junction_on_chromosomes_of_any_order(
    tmp_path: Path, fasta: str
) -> None:
    """chr10 sorts before chr2 as text, after it in the karyotype."""
    tables = []
    for line in (
        record(800, "a", "REFAC[chr10:2000[", "SVTYPE=BND", contig="chr2"),
        record(2000, "b", "]chr2:800]ACREF", "SVTYPE=BND", contig="chr10"),
    ):
        rows = one(fasta, write(tmp_path / "x.vcf", "plain", [line]))
        table = as_table(rows)
        tables.append(table.drop("caller_id"))
    assert tables[0].equals(tables[1])
    assert tables[0].select("chrom1", "chrom2", "inserted").row(0) == ("chr2", "chr10", "AC")


def test_imprecise_ends_keep_their_place_and_say_how_far(tmp_path: Path, fasta: str) -> None:
    info = "IMPRECISE;SVTYPE=DEL;END=1500;CIPOS=-30,40;CIEND=-20,10"
    lines = [
        record(800, "a", "<DEL>", info),
        record(2000, "b", "<DUP>", "IMPRECISE;SVTYPE=DUP;END=2500"),
        record(3000, "c", "<DEL>", "SVTYPE=DEL;END=3500;CIPOS=0,3;HOMLEN=3"),
    ]
    rows = one(fasta, write(tmp_path / "x.vcf", "plain", lines))
    told = [(r["pos1"], r["pos2"], r["uncertain1"], r["uncertain2"]) for r in rows]
    assert told[0] == (800, 1501, 40, 20)
    assert told[1] == (2001, 2500, None, None)
    assert told[2][2:] == (0, 0)
    write_structural(as_table(rows), tmp_path / "out.vcf.gz", fasta, ["S"])


def test_one_file_serves_a_trio(tmp_path: Path, fasta: str) -> None:
    lines = [
        record(800, "a", "<DEL>", "SVTYPE=DEL;END=1500", "GT:PR:SR",
               "0/1:9,5:9,4", "0/0:20,0:20,0", "0/1:9,6:9,4"),
        record(2000, "b", "<DUP>", "SVTYPE=DUP;END=2600", "PR:SR", "9,5:9,4", "9,0:9,0", "9,0:9,2"),
    ]  # fmt: skip
    path = write(tmp_path / "x.vcf", "manta", lines, ("C", "F", "M"))
    found = {
        name: [row["filter"] for row in given_rows(Given(path, None, name), ground(fasta))]
        for name in "CFM"
    }
    assert found == {
        "C": ["PASS", "PASS"],
        "F": ["NoGenotype", "NoGenotype"],
        "M": ["PASS", "PASS"],
    }
    with pytest.raises(InputError, match="a sample column other; found C, F, M"):
        given_rows(Given(path, None, "other"), ground(fasta))


def test_a_pair_tells_somatic_from_germline(tmp_path: Path, fasta: str) -> None:
    cells = "PR:SR", "9,0:9,0", "20,6:20,5"
    lines = [
        record(800, "a", "<DEL>", "SVTYPE=DEL;END=1500", *cells),
        record(2000, "b", "<DEL>", "SVTYPE=DEL;END=2500", "PR:SR", "9,4:9,3", "20,6:20,5"),
        record(3000, "c", "<DEL>", "END=3500;SOMATIC", "PR:SR", "9,1:9,0", "20,2:20,5"),
    ]
    path = write(tmp_path / "x.vcf", "manta", lines, ("NORMAL", "TUMOR"))
    rows = given_rows(Given(path, None, "P-T", tumour=True, normals=("P-N",)), ground(fasta))
    assert [row["origin"] for row in rows] == ["somatic", "germline", "somatic"]
    assert [(r["normal_pairs"], r["normal_splits"]) for r in rows] == [(0, 0), (4, 3), (1, 0)]
    alone = write(tmp_path / "y.vcf", "manta", [record(800, "a", "<DEL>", "END=1500", "PR", "9,6")])
    (row,) = one(fasta, alone, tumour=True)
    assert (row["origin"], row["normal_depth"]) == ("unknown", None)


def test_a_normals_file_makes_the_tumours_event_germline(tmp_path: Path, fasta: str) -> None:
    line = record(800, "a", "<DEL>", "SVTYPE=DEL;END=1500", "PR:SR", "20,6:20,5")
    tumour = write(tmp_path / "t.vcf", "manta", [line], ("T",))
    normal = write(tmp_path / "n.vcf", "manta", [line], ("N",))
    files = [Given(tumour, None, "T", tumour=True), Given(normal, None, "N")]
    table = given_table(files, ground(fasta), STRUCTURAL.empty())
    told = table.select("filter", "origin", "normal_pairs", "record").rows()
    assert sorted(told) == [("Duplicate", "germline", None, 1), ("PASS", "germline", 6, 0)]


SM, SHORT, RDCN = "GT:SM:CN:BC", "GT:SM:CN:BC:FT", "GT:CN:RDCN"
FOLD = "PROBES=31;FOLD_CHANGE_LOG="
HOMOZYGOUS = "homozygous_deletion"
# Program, sex, contig, ALT, INFO, FORMAT, cell -> type and filter of a germline change of copies.
CHANGES = [
    ("dragen_cnv", "XX", "chr1", "<DEL>", "SVTYPE=CNV", SM, "0/1:0.5:1:9", "DEL", "PASS"),
    ("dragen_cnv", "XX", "chr1", "<DUP>", "SVTYPE=CNV", SM, "./1:1.5:3:9", "DUP", "PASS"),
    ("dragen_cnv", "XX", "chr1", ".", "", SM, "./.:1.0:2:9", None, "NoGenotype"),
    ("dragen_cnv", "XX", "chr1", "<DUP>", "", SHORT, "./1:1.2:3:3:short", "DUP", "Caller"),
    ("dragen_cnv", "XX", "chr1", "<DUP>", "", SHORT, "./.:1.1:2:3:PASS", "DUP", "NoGenotype"),
    ("dragen_cnv", "XX", "chr1", "<LOH>", "", SM, "1/1:1.0:2:9", None, "NoJunction"),
    ("delly_cnv", "XX", "chr1", "<CNV>", "SVTYPE=CNV", RDCN, "./.:1:1.04", "DEL", "PASS"),
    ("delly_cnv", "XX", "chr1", "<CNV>", "", RDCN, "./.:2:2.10", None, "NoGenotype"),
    ("delly_cnv", "XY", "chrX", "<CNV>", "", RDCN, "./.:1:1.04", None, "NoGenotype"),
    ("delly_cnv", "XY", "chrX", "<CNV>", "SVTYPE=CNV", RDCN, "./.:0:0.02", "DEL", "PASS"),
    ("delly_cnv", "XX", "chrX", "<CNV>", "SVTYPE=CNV", RDCN, "./.:3:2.90", "DUP", "PASS"),
]  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_germline_changes_of_copies(tmp_path: Path, fasta: str, case: tuple[str, ...]) -> None:
    program, sex, contig, alt, info, keys, cell, kind, verdict = case
    line = record(800, "x", alt, f"{info};END=2800".strip(";"), keys, cell, contig=contig)
    path = write(tmp_path / "x.vcf", program, [line])
    (row,) = given_rows(Given(path, None, "S", depth=True), ground(fasta, sex))
    assert (row["svtype"], row["filter"]) == (kind, verdict)
    if kind:
        assert (row["pairs"], row["splits"], row["depth"]) == (None, None, None)
        assert row["copies"] == pytest.approx(float(cell.split(":")[2]), abs=0.2)


# Program, ALT, INFO, FORMAT, cell, filter -> total, minor, call, filter of a tumour's segment.
SEGMENTS = [
    ("dragen_cnv", "<DUP>", "", SM, "./1:4.0:8:40", "PASS", 8, None, "amplification"),
    ("dragen_cnv", "<DEL>", "", SM, "1/1:0.1:0:40", "PASS", 0, None, HOMOZYGOUS),
    ("dragen_cnv", "<LOH>", "", "GT:SM:CN:MCN:BC", "1/1:1.0:2:0:40", "PASS", 2, 0, "loh"),
    ("dragen_cnv", "<DEL>,<DUP>", "", SM, "1/2:1.0:2:40", "PASS", 2, None, "loh"),
    ("dragen_cnv", "<DEL>", "", "GT:SM:CN:CNF:BC", "0/1:0.7:1:1.4:40", "PASS", 1.4, None, "loss"),
    ("dragen_cnv", ".", "", SM, "./.:1.0:2:40", "PASS", 2, None, "neutral"),
    ("dragen_cnv", "<DUP>", "", SM, "./1:4.0:8:40", "cnvQual", 8, None, "amplification"),
    ("cnvkit", "<DUP>", FOLD + "1.0", "GT:GQ:CN:CNQ", "0/1:0:4:31", "PASS", 4, None, "gain"),
    ("cnvkit", "<DEL>", FOLD + "-3.1", "GT:GQ", "1/1:31", "PASS", None, None, HOMOZYGOUS),
    ("cnvkit", "<DEL>", FOLD + "-0.8", "GT:GQ", "0/1:31", "PASS", None, None, "unknown"),
    ("cnvkit", "<CNV>", "LOH;BAF=1.0", "GT:GQ:CN:CN1:CN2", "0/1:0:2:2:0", "PASS", 2, 0, "loh"),
    ("delly_cnv", "<CNV>", "SVTYPE=CNV", RDCN, "./.:9:8.9", "LowQual", 8.9, None, "amplification"),
]  # fmt: skip


@pytest.mark.parametrize("case", SEGMENTS)
def test_segments_of_a_tumour(tmp_path: Path, fasta: str, case: tuple[object, ...]) -> None:
    program, alt, info, keys, cell, failed, total, minor, call = case
    line = record(800, "x", str(alt), f"{info};END=2800".strip(";"), str(keys), str(cell),
                  filter=str(failed))  # fmt: skip
    path = write(tmp_path / "x.vcf", str(program), [line])
    table, about = given_segments(Given(path, None, "S", tumour=True), ground(fasta))
    (row,) = table.to_dicts()
    assert (row["chrom"], row["start"], row["end"]) == ("chr1", 800, 2800)
    assert (row["total_cn"], row["minor_cn"], row["call"]) == (total, minor, call)
    assert (row["filter"] == "PASS") == (failed == "PASS")
    assert about["source"] in {program.caller for program in programs()}


def test_damaged_segments_are_kept_as_such(tmp_path: Path, fasta: str) -> None:
    lines = [
        record(800, "a", "<DEL>", "END=700", "GT:SM:CN", "0/1:0.5:1"),
        record(800, "b", "<DEL>", "", "GT:SM:CN", "0/1:0.5:1"),
        record(800, "c", "<DEL>", "END=900", "GT:SM:CN", "0/1:0.5:1", contig="chrUn_1"),
        "chr1\t800",
    ]
    path = write(tmp_path / "x.vcf", "dragen_cnv", lines)
    table, _ = given_segments(Given(path, None, "S", tumour=True), ground(fasta))
    assert dict(table.select("record", "filter").rows()) == {
        0: "Damaged", 1: "NoSecondEnd", 2: "Unplaced", 3: "Damaged",
    }  # fmt: skip


def test_purity_of_the_header_is_kept(tmp_path: Path, fasta: str) -> None:
    path = tmp_path / "x.vcf"
    write(path, "dragen_cnv", [record(800, "x", "<DUP>", "END=2800", "GT:SM:CN", "./1:3:6")])
    stated = "##EstimatedTumorPurity=0.650000\n##OverallPloidy=1.964210\n#CHROM"
    path.write_text(path.read_text().replace("#CHROM", stated, 1))
    _, about = given_segments(Given(str(path), None, "S", tumour=True), ground(fasta))
    assert (about["purity"], about["ploidy"]) == ("0.65", "1.96421")


def test_what_a_column_needs_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "x.vcf", "plain", [record(800, "x", "<DEL>", "END=900")])
    header = header_of(path)
    assert lacking(header, program_of(header), "copy_number") == [
        "FORMAT/CN, the copies of a segment"
    ]
    assert lacking(header, program_of(header), "structural") == []
    Path(path).write_text(Path(path).read_text().replace("##INFO=<ID=SVTYPE", "##INFO=<ID=OTHER"))
    header = header_of(path)
    (told,) = lacking(header, program_of(header), "structural")
    assert told.startswith("INFO/SVTYPE or ##ALT lines")


@pytest.mark.parametrize(("program", "expected"), [
    *((name, name) for name in ("manta", "delly", "gridss", "dysgu", "sniffles", "dragen_cnv",
                                "cnvkit", "delly_cnv")),
    ("dragen_sv", "manta"), ("plain", "specification"),
])  # fmt: skip
def test_the_program_is_told_by_its_header(tmp_path: Path, program: str, expected: str) -> None:
    path = write(tmp_path / "x.vcf", program, [])
    assert program_of(header_of(path)).dialect == expected


def test_only_events_of_the_regions_are_judged(tmp_path: Path, fasta: str) -> None:
    lines = [
        record(800, "a", "<DEL>", "SVTYPE=DEL;END=1500"),
        record(3000, "b", "<DEL>", "SVTYPE=DEL;END=3500"),
        record(500, "c", "<INV>", "SVTYPE=INV;END=3500;INV3"),
    ]
    path = write(tmp_path / "x.vcf", "plain", lines)
    rows = given_rows(Given(path, None, "S"), ground(fasta, regions=[Interval("chr1", 900, 1000)]))
    assert [row["filter"] for row in rows] == ["PASS", "Unplaced", "Unplaced"]


def test_the_table_keeps_its_contract(tmp_path: Path, fasta: str) -> None:
    lines = [line for lines, _ in FATES.values() for line in lines]
    rows = one(fasta, write(tmp_path / "x.vcf", "plain", lines))
    assert {row["record"] for row in rows} == set(range(len(lines)))
    table = STRUCTURAL.table(as_table(rows))
    assert table.filter(pl.col("filter") == "PASS").drop_nulls("chrom2").height > 0


@pytest.mark.parametrize(
    ("tumour", "dosage", "pairs", "splits", "has"),
    [
        (True, 0, 4, 3, True),  # a small share of the molecules
        (True, 0, 0, 0, False),
        (True, 0, None, None, False),
        (True, 0, None, 2, True),
        (True, 1, 0, 0, True),
        (False, 0, 4, 3, False),
        (False, 1, 0, 0, True),
    ],
)
def test_a_tumours_reads_speak_against_its_reference_genotype(
    tumour: bool, dosage: int, pairs: int | None, splits: int | None, has: bool
) -> None:
    row = {"called": True, "dosage": dosage, "copies": None, "pairs": pairs, "splits": splits}
    assert carried(row, "DEL", 2, True, tumour) is has
