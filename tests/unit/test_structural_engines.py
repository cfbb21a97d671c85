"""delly and Manta behind the STRUCTURAL contract: their files read, their refusals said."""

import gzip
from pathlib import Path

import pytest
from sam_files import record, sequence, write_bam, write_reference

from shirube.calling.structural.adjacency import Reference, slid
from shirube.calling.structural.calling import Limits
from shirube.calling.structural.engines import Job, delly, junctions, manta
from shirube.contracts import STRUCTURAL
from shirube.errors import InputError
from shirube.genome.intervals import Interval
from shirube.intake.alts import mate_of
from shirube.reads.junctions import Breakend
from shirube.tools import located

CONTIGS = {"chr1": sequence(6000, 21), "chr2": sequence(6000, 22), "decoy": sequence(500, 23)}
REGIONS = [Interval("chr1", 0, 6000), Interval("chr2", 0, 6000)]
HEAD = [
    "##fileformat=VCFv4.1",
    *(f"##contig=<ID={name},length={len(bases)}>" for name, bases in CONTIGS.items()),
    *(
        f'##INFO=<ID={name},Number=1,Type={kind},Description="x">'
        for name, kind in (
            *(("END", "Integer"), ("SVTYPE", "String"), ("SVLEN", "Integer")),
            *(("MATEID", "String"), ("SVINSSEQ", "String"), ("HOMLEN", "Integer")),
            *(("SOMATICSCORE", "Integer"), ("CT", "String"), ("INSLEN", "Integer")),
        )
    ),
    '##INFO=<ID=IMPRECISE,Number=0,Type=Flag,Description="x">',
    '##INFO=<ID=SOMATIC,Number=0,Type=Flag,Description="x">',
    '##INFO=<ID=INV5,Number=0,Type=Flag,Description="x">',
    '##INFO=<ID=INV3,Number=0,Type=Flag,Description="x">',
    '##FILTER=<ID=MinSomaticScore,Description="x">',
    '##FILTER=<ID=MaxMQ0Frac,Description="x">',
    '##FILTER=<ID=MaxDepth,Description="x">',
    '##FILTER=<ID=LowQual,Description="x">',
    '##FORMAT=<ID=PR,Number=.,Type=Integer,Description="x">',
    '##FORMAT=<ID=SR,Number=.,Type=Integer,Description="x">',
    *(
        f'##FORMAT=<ID={name},Number=1,Type=Integer,Description="x">'
        for name in ("DR", "DV", "RR", "RV")
    ),
]


def line(pos: int, name: str, alt: str, info: str, cells: list[str], **more: str) -> str:
    contig = more.get("contig", "chr1")
    ref = CONTIGS[contig][pos - 1]
    alt = alt if alt[0] == "<" else alt.replace("N", ref)
    fixed = [contig, str(pos), name, ref, alt, ".", more.get("filter", "PASS")]
    return "\t".join([*fixed, info, more.get("keys", "PR:SR"), *cells])


def write_vcf(path: Path, columns: list[str], lines: list[str]) -> Path:
    names = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
    text = "\n".join([*HEAD, "\t".join([*names, *columns]), *lines]) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()))
    return path


SOMATIC = [
    line(800, "DEL1", "<DEL>", "END=1500;SVTYPE=DEL;SVLEN=-700", ["30,0:20,0", "25,6:18,5"]),
    line(900, "DEL2", "<DEL>", "END=940;SVTYPE=DEL;SVLEN=-40", ["30,0:20,0", "25,6:18,5"]),
    line(2000, "DUP1", "<DUP:TANDEM>", "END=2600;SVTYPE=DUP", ["9,0:9,0", "20,4:15,3"]),
    line(3000, "INS1", "<INS>", "END=3000;SVTYPE=INS;SVLEN=80", ["9,0", "20,0:15,7"]),
    line(3300, "B:0", "N[chr2:2000[", "SVTYPE=BND;MATEID=B:1", ["9,0:9,0", "10,5:9,4"]),
    line(
        *(3500, "C:0", "]chr2:4000]ACN", "SVTYPE=BND;MATEID=C:1", ["9,3:9,2", "10,5:9,4"]),
        filter="MinSomaticScore;MaxMQ0Frac",
    ),
    line(
        *(4000, "D:0", "N]chr1:4900]", "SVTYPE=BND;MATEID=D:1;INV3", ["9,0:9,0", "10,2:9,1"]),
        filter="MaxDepth",
    ),
    line(
        *(4900, "D:1", "N]chr1:4000]", "SVTYPE=BND;MATEID=D:0;INV3", ["9,0:9,0", "10,2:9,1"]),
        filter="MaxDepth",
    ),
    line(5000, "E:0", "N[decoy:100[", "SVTYPE=BND;MATEID=E:1", ["9,0:9,0", "10,5:9,4"]),
    line(
        *(2000, "B:1", "]chr1:3300]N", "SVTYPE=BND;MATEID=B:0", ["9,0:9,0", "10,5:9,4"]),
        contig="chr2",
    ),
]
DIPLOID = [line(2200, "DEL9", "<DEL>", "END=2900;SVTYPE=DEL", ["10,9:10,8"])]


@pytest.fixture(scope="module")
def fasta(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_reference(tmp_path_factory.mktemp("reference") / "ref.fa", CONTIGS)


def form(fasta: str, one: Breakend, two: Breakend) -> tuple[object, ...]:
    lower, upper, _ = slid(Reference(fasta), *sorted((one, two)))
    return (lower.contig, lower.pos, lower.strand, upper.contig, upper.pos, upper.strand)


def reads(path: Path, name: str, count: int = 40) -> str:
    """Plain pairs of one place: too few for any library model."""
    lines = []
    for n in range(count):
        for own, mate, flag in ((100 + n, 300 + n, 99), (300 + n, 100 + n, 147)):
            bases = CONTIGS["chr1"][own : own + 100]
            to = ("chr1", mate, 300 if own < mate else -300)
            lines.append(record(f"{name}{n}", "chr1", own, "100M", bases, flag, mate=to))
    return str(write_bam(path, CONTIGS, lines))


# What Manta 1.6 is started with, and where it leaves its calls: configManta.py writes
# runWorkflow.py into the run directory, and that writes results/variants.
CONFIGURE = """#!/bin/sh
printf '%s\\n' "$@" > {log}
while [ "$1" != --runDir ]; do shift; done
mkdir -p "$2/results/variants"
cat > "$2/runWorkflow.py" <<END
#!/bin/sh
printf '%s\\n' "\\$@" >> {log}
cp {made}/* "$2/results/variants/"
END
chmod +x "$2/runWorkflow.py"
"""


@pytest.fixture
def called(tmp_path: Path, fasta: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Table of the pair, by way of Manta's command line, and the words it was given."""
    made, log = tmp_path / "made", tmp_path / "words"
    write_vcf(made / "somaticSV.vcf.gz", ["normal", "tumour"], SOMATIC)
    write_vcf(made / "diploidSV.vcf.gz", ["normal"], DIPLOID)
    program = tmp_path / "bin" / "configManta.py"
    program.parent.mkdir()
    program.write_text(CONFIGURE.format(log=log, made=made))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    pair = reads(tmp_path / "t.bam", "t"), reads(tmp_path / "n.bam", "n")
    table = manta(Job(*pair, fasta, REGIONS, Limits(), False, None, scratch, 3))
    return {"table": table, "words": log.read_text().split("\n"), "scratch": scratch}


def test_manta_gets_its_words(called: dict[str, object], fasta: str) -> None:
    words, scratch = called["words"], called["scratch"]
    assert words[:8] == [
        *("--tumorBam", f"{scratch}/tumour.bam", "--normalBam", f"{scratch}/normal.bam"),
        *("--referenceFasta", fasta, "--callRegions", f"{scratch}/call_regions.bed.gz"),
    ]
    assert words[-6:-1] == ["-m", "local", "-j", "3", "--quiet"]
    assert (scratch / "call_regions.bed.gz.tbi").exists()


def test_manta_keeps_the_contract(called: dict[str, object], fasta: str) -> None:
    table = STRUCTURAL.table(called["table"])
    rows = {
        tuple(row[f"{n}{s}"] for s in "12" for n in ("chrom", "pos", "strand")): row
        for row in table.to_dicts()
    }
    a, b = (lambda *x: Breakend("chr1", *x)), (lambda *x: Breakend("chr2", *x))
    expected = {
        form(fasta, a(800, "+"), a(1501, "-")): ("DEL", "PASS", "somatic", 6, 5, 31),
        form(fasta, a(2001, "-"), a(2600, "+")): ("DUP", "PASS", "somatic", 4, 3, 24),
        ("chr1", 3000, "+", "chr1", 3001, "-"): ("INS", "PASS", "somatic", 0, 7, 22),
        form(fasta, a(3300, "+"), b(2000, "-")): ("BND", "PASS", "somatic", 5, 4, 15),
        ("chr1", 3500, "-", "chr2", 4000, "+"): ("BND", "LowLOD;LowMapQ", "germline", 5, 4, 15),
        form(fasta, a(4000, "+"), a(4900, "+")): (
            *("INV", "Caller;LowSupport", "somatic"),
            *(2, 1, 12),
        ),
        form(fasta, a(2200, "+"), a(2901, "-")): ("DEL", "PASS", "germline", 9, 8, 19),
    }
    names = ("svtype", "filter", "origin", "pairs", "splits", "depth")
    assert {key: tuple(row[n] for n in names) for key, row in rows.items()} == expected
    # Written before the base it precedes, AC leaves the breakend on the other strand.
    assert rows["chr1", 3500, "-", "chr2", 4000, "+"]["inserted"] == "GT"
    assert rows["chr1", 3500, "-", "chr2", 4000, "+"]["normal_pairs"] == 3


def test_delly_positions_and_strands(tmp_path: Path, fasta: str) -> None:
    keys = {"keys": "DR:DV:RR:RV"}
    cells = ["20:6:11:4", "22:0:15:0"]
    lines = [
        line(800, "A", "<DEL>", "END=1501;SVTYPE=DEL;CT=3to5", cells, **keys),
        line(2001, "B", "<DUP>", "END=2600;SVTYPE=DUP;CT=5to3", cells, **keys),
        line(4000, "C", "<INV>", "END=4900;SVTYPE=INV;CT=3to3", cells, **keys),
        line(4001, "D", "<INV>", "END=4901;SVTYPE=INV;CT=5to5", cells, **keys, filter="LowQual"),
        line(5000, "E", "<DEL>", "END=5900;SVTYPE=DEL;CT=3to5;IMPRECISE", ["9:8:0:0"] * 2, **keys),
    ]
    path = write_vcf(tmp_path / "d.vcf.gz", ["tumour", "normal"], lines)
    job = Job("", "", fasta, REGIONS, Limits(), False, None, tmp_path)
    rows = [*junctions(path, "delly", ("tumour", "normal"), job)]
    a = lambda *x: Breakend("chr1", *x)  # noqa: E731
    found = {
        tuple(row[f"{n}{s}"] for s in "12" for n in ("chrom", "pos", "strand")): row["filter"]
        for row in rows
    }
    assert found == {
        form(fasta, a(800, "+"), a(1501, "-")): "PASS",
        form(fasta, a(2001, "-"), a(2600, "+")): "PASS",
        form(fasta, a(4000, "+"), a(4900, "+")): "PASS",
        form(fasta, a(4001, "-"), a(4901, "-")): "LowQual",
        ("chr1", 5000, "+", "chr1", 5900, "-"): "LowSupport",
    }
    assert [row["origin"] for row in rows].count("germline") == 1
    with pytest.raises(InputError, match="a sample column other"):
        next(junctions(path, "delly", ("other", None), job))


@pytest.mark.skipif(located("delly") is None, reason="delly is not installed")
def test_delly_says_that_reads_are_too_few(tmp_path: Path, fasta: str) -> None:
    pair = reads(tmp_path / "t.bam", "t"), reads(tmp_path / "n.bam", "n")
    with pytest.raises(InputError, match=r"t\.bam: more read pairs: .*embedded needs no such"):
        delly(Job(*pair, fasta, REGIONS, Limits(), False, None, tmp_path))


@pytest.mark.skipif(located("delly") is None, reason="delly is not installed")
def test_delly_says_that_the_reference_lacks_a_contig(tmp_path: Path) -> None:
    part = write_reference(tmp_path / "part.fa", {"chr1": CONTIGS["chr1"]})
    own = reads(tmp_path / "t.bam", "t")
    with pytest.raises(InputError, match=r"part\.fa: every contig .*embedded reads a slice"):
        delly(Job(own, None, part, REGIONS[:1], Limits(), True, None, tmp_path))


@pytest.mark.parametrize(
    ("alt", "mate"),
    [
        ("N[chr2:321[", ("+", "chr2", 321, "-", "")),
        ("]HLA-A*01:01:5]acG", ("-", "HLA-A*01:01", 5, "+", "AC")),
        ("G[<ctg1>:7[", ("+", "<ctg1>", 7, "-", "")),
        *(
            (alt, None)
            for alt in ("A[chr1:5]", "[chr1:5[", "A[chr1:5[C", "[[chr1", "G[chr1:x[", "G.")
        ),
        ("[chr1:5[chr2:6[", None),
    ],
)
def test_a_breakend_is_as_the_specification_has_it(alt: str, mate: tuple | None) -> None:
    found = mate_of(alt)
    assert (found and (found.own, found.contig, found.pos, found.strand, found.inserted)) == mate
