"""Publishers' files: what is read, what is refused."""

import gzip
import hashlib
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from gene_case import chromosome

from shirube.contracts import GENE_MODELS, metadata, read
from shirube.contracts.knowledge import CLINVAR, POPULATION
from shirube.contracts.knowledge_cancer import ISOFORMS
from shirube.errors import InputError
from shirube.knowledge.genemodels import read_gene_models, refuse_other_sequence
from shirube.knowledge.importers import Reference, import_source
from shirube.knowledge.names import importable, parts_of, parts_published_apart
from shirube.knowledge.sources import Source, refuse_mixed_prefix
from shirube.tools import located

SEQUENCE, MODELS = chromosome()
TEXT = bytes(SEQUENCE).decode()
RESOURCES = Path("resources")
HEAD = (
    "##fileformat=VCFv4.2\n##reference=GRCh38\n##contig=<ID={contig}>\n"
    '##INFO=<ID=CLNSIG,Number=.,Type=String,Description="x">\n'
    '##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="x">\n'
    '##INFO=<ID=CLNDN,Number=.,Type=String,Description="x">\n'
    '##INFO=<ID=AF,Number=A,Type=Float,Description="x">\n'
    '##INFO=<ID=AF_eas,Number=A,Type=Float,Description="x">\n'
    '##INFO=<ID=AN,Number=1,Type=Integer,Description="x">\n'
    '##FILTER=<ID=RF,Description="x">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
)


@pytest.fixture
def reference(tmp_path: Path) -> Reference:
    fasta = tmp_path / "ref.fa"
    fasta.write_text(f">chr1\n{TEXT}\n")
    subprocess.run([located("samtools") or "", "faidx", str(fasta)], check=True)
    return Reference(str(fasta), "GRCh38")


def big_gene_pred(models: pl.DataFrame, prefix: str = "chr") -> str:
    lines = []
    for row in models.iter_rows(named=True):
        sizes = [b - a for a, b in zip(row["exon_starts"], row["exon_ends"], strict=True)]
        starts = [a - row["start"] for a in row["exon_starts"]]
        fields = [
            row["chrom"].replace("chr", prefix), row["start"], row["end"], row["transcript"], 0,
            row["strand"], row["cds_start"], row["cds_end"], 0, len(sizes),
            "".join(f"{s}," for s in sizes), "".join(f"{s}," for s in starts), row["transcript"],
            "cmpl", "cmpl", "0,", "mRNA", row["gene_id"], row["gene"], "protein_coding", "none",
            "NM_1.1", "GeneID:1", "NP_1.1", row["mane"],
        ]  # fmt: skip
        lines.append("\t".join(map(str, fields)))
    return "\n".join(lines) + "\n"


def gff3(models: pl.DataFrame) -> str:
    lines = ["##gff-version 3"]

    def add(row: dict, what: str, start: int, end: int, attributes: str) -> None:
        lines.append("\t".join(
            ["1", "x", what, str(start + 1), str(end), ".", row["strand"], ".", attributes]
        ))  # fmt: skip

    for row in models.iter_rows(named=True):
        name, version = row["transcript"].split(".")
        add(row, "gene", row["start"], row["end"], f"ID=gene:{row['gene_id']};Name={row['gene']};"
            f"gene_id={row['gene_id']};version=3")  # fmt: skip
        add(row, "mRNA", row["start"], row["end"],
            f"ID=transcript:{name};Parent=gene:{row['gene_id']};biotype=protein_coding;"
            f"tag=basic,MANE_Select;transcript_id={name};version={version}")  # fmt: skip
        for a, b in zip(row["exon_starts"], row["exon_ends"], strict=True):
            add(row, "exon", a, b, f"Parent=transcript:{name}")
            low, high = max(a, row["cds_start"]), min(b, row["cds_end"])
            if low < high:
                add(row, "CDS", low, high, f"ID=CDS:P_{name};Parent=transcript:{name}")
    return "\n".join(lines) + "\n"


def packed(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def bgzipped(path: Path, text: str) -> Path:
    plain = path.with_suffix("")
    plain.write_text(text)
    subprocess.run(
        [located("bcftools") or "", "view", "--no-version", "-Oz", "-o", str(path), str(plain)],
        check=True,
    )
    return path


def source(path: Path, name: str = "gene_models", **more: object) -> dict[str, Source]:
    given = {"version": "1", "licence": "CC0", **more}
    return {name: Source(name=name, path=str(path), **given)}  # type: ignore[arg-type]


def clinvar_text(rows: list[tuple[int, str, str, str]], contig: str = "1") -> str:
    review = "criteria_provided,_single_submitter"
    body = "".join(
        f"{contig}\t{pos}\t{number}\t{ref}\t{alt}\t.\t.\tCLNSIG={sig};CLNREVSTAT={review};CLNDN=A|B\n"
        for number, (pos, ref, alt, sig) in enumerate(sorted(rows), 1)
    )
    return HEAD.format(contig=contig) + body


def some_alleles(count: int) -> list[tuple[int, str, str, str]]:
    return [
        (pos, TEXT[pos - 1], "A" if TEXT[pos - 1] != "A" else "C", "Pathogenic")
        for pos in range(100, 100 + 7 * count, 7)
    ]


def test_big_gene_pred_and_gff3_give_the_same_models(tmp_path: Path, reference: Reference) -> None:
    first = read_gene_models(packed(tmp_path / "a.bed.gz", big_gene_pred(MODELS)))
    second = read_gene_models(packed(tmp_path / "a.gff3.gz", gff3(MODELS)))
    same = ["transcript", "gene", "mane", "chrom", "strand", "start", "end", "cds_start",
            "cds_end", "exon_starts", "exon_ends"]  # fmt: skip
    assert first.select(same).equals(second.select(same))
    assert first.select(same).equals(MODELS.select(same))
    assert first["refseq"].to_list() == ["NM_1.1", "NM_1.1"]


@pytest.mark.parametrize("start", ["x", "", "99999999999"])
def test_a_coordinate_of_gff3_that_is_no_number_is_named(tmp_path: Path, start: str) -> None:
    row = ["1", "x", "exon", start, "20", ".", "+", ".", "Parent=transcript:T"]
    path = packed(tmp_path / "a.gff3.gz", "\t".join(row) + "\n")
    with pytest.raises(InputError, match=f"1 {start} 20: whole numbers in columns 4 and 5"):
        read_gene_models(path)


def test_table_carries_where_it_came_from(tmp_path: Path, reference: Reference) -> None:
    path = packed(tmp_path / "a.bed.gz", big_gene_pred(MODELS))
    out = tmp_path / "out.parquet"
    assert import_source("gene_models", source(path), reference, RESOURCES, out) == 2
    assert read(GENE_MODELS, out).equals(
        MODELS.with_columns(refseq=pl.lit("NM_1.1"), protein=pl.lit("NP_1.1"))
    )
    about = metadata(out)
    assert (about["release"], about["licence"], about["rows"]) == ("1", "CC0", "2")
    assert len(about["sha256"]) == 64
    assert about["covers"] == "chr1"


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("truncated", "truncated"),
        ("empty", "not empty"),
        ("no rows", "at least one transcript"),
        ("duplicate", "duplicate"),
        ("prefix", "one naming of chromosomes, found 1 and chr1"),
        ("build", "other build"),
        ("columns", "25 columns of bigGenePred or 9 of GFF3"),
        ("blocks", "as many block sizes as block starts"),
        ("altered", "altered"),
        ("licence", "a licence in the configuration"),
    ],
)
def test_damaged_gene_models_are_refused(
    tmp_path: Path, reference: Reference, damage: str, says: str
) -> None:
    body = big_gene_pred(MODELS)
    more: dict[str, object] = {}
    if damage == "duplicate":
        body += body.splitlines()[0] + "\n"
    if damage == "prefix":
        body = body.splitlines()[0] + "\n" + big_gene_pred(MODELS, "").splitlines()[1] + "\n"
    if damage == "build":
        moved = MODELS.with_columns(
            pl.col("start", "end", "cds_start", "cds_end") + 7,
            pl.col("exon_starts", "exon_ends").list.eval(pl.element() + 7),
        )
        body = big_gene_pred(moved)
    if damage == "columns":
        body = body.replace("\tprotein_coding", "")
    if damage == "blocks":
        body = body.replace("\t0,", "\t0,0,", 1)
    if damage == "no rows":
        body = "#chrom\n"
    if damage == "altered":
        more["sha256"] = "0" * 64
    if damage == "licence":
        more["licence"] = " "
    path = packed(tmp_path / "models.bed.gz", body)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-20])
    if damage == "empty":
        path.write_bytes(b"")
    out = tmp_path / "out.parquet"
    with pytest.raises(InputError, match=says) as caught:
        import_source("gene_models", source(path, **more), reference, RESOURCES, out)
    assert str(path) in str(caught.value)
    assert not out.exists()


def test_models_on_unknown_sequence_are_not_judged() -> None:
    unknown = np.full(SEQUENCE.size, ord("N"), np.uint8)
    assert refuse_other_sequence(MODELS, unknown, "x") == 0
    assert refuse_other_sequence(MODELS, SEQUENCE, "x") == 2


def test_clinvar_is_read_with_stars(tmp_path: Path, reference: Reference) -> None:
    rows = some_alleles(20)
    path = bgzipped(tmp_path / "c.vcf.gz", clinvar_text(rows))
    out = tmp_path / "out.parquet"
    import_source("clinvar", source(path, "clinvar"), reference, RESOURCES, out)
    table = read(CLINVAR, out)
    assert table.select("pos", "ref", "alt").rows() == [row[:3] for row in rows]
    assert table["stars"].unique().to_list() == [1]
    assert table["conditions"].unique().to_list() == ["A|B"]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("other build stated", "other build"),
        ("other build by bases", "other build"),
        ("truncated", "truncated"),
        ("duplicate", "duplicate"),
        ("empty", "at least one record"),
        ("review", "review statuses"),
        ("no chromosome", "a chromosome of the reference, found chr2"),
    ],
)
def test_damaged_clinvar_is_refused(
    tmp_path: Path, reference: Reference, damage: str, says: str
) -> None:
    rows = some_alleles(50)
    text = clinvar_text(rows, "2" if damage == "no chromosome" else "1")
    if damage == "other build stated":
        text = text.replace("##reference=GRCh38", "##reference=GRCh37")
    if damage == "other build by bases":
        text = clinvar_text([(pos + 1, ref, alt, sig) for pos, ref, alt, sig in rows])
    if damage == "duplicate":
        text += text.splitlines()[-1] + "\n"
    if damage == "empty":
        text = HEAD.format(contig="1")
    if damage == "review":
        text = text.replace("criteria_provided,_single_submitter", "somebody_said_so")
    path = bgzipped(tmp_path / "c.vcf.gz", text)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-28])
    with pytest.raises(InputError, match=says) as caught:
        import_source("clinvar", source(path, "clinvar"), reference, RESOURCES, tmp_path / "o")
    assert str(path) in str(caught.value)


def population_text(contig: str = "chr1") -> str:
    a, b, c = (p for p, *_ in some_alleles(3))

    def row(pos: int, alts: str, verdict: str, info: str) -> str:
        return f"{contig}\t{pos}\t.\t{TEXT[pos - 1]}\t{alts}\t.\t{verdict}\t{info}\n"

    def other(pos: int, count: int) -> str:
        return ",".join([base for base in "ACGT" if base != TEXT[pos - 1]][:count])

    return (
        HEAD.format(contig=contig)
        + row(a, other(a, 2), "PASS", "AF=0.01,0.2;AF_eas=0.03,0.1;AN=1000")
        + row(b, other(b, 1), "RF", "AF=0.5;AF_eas=.;AN=10")
        + row(c, "*", "PASS", "AF=0.5;AF_eas=0.1;AN=10")
    )


def test_population_frequencies_are_split_and_labelled(
    tmp_path: Path, reference: Reference
) -> None:
    path = bgzipped(tmp_path / "p.vcf.gz", population_text())
    out = tmp_path / "out.parquet"
    parts = source(path, "frequency_x", populations={"all": "AF", "eas": "AF_eas"}, japanese="eas")
    assert import_source("frequency_x", parts, reference, RESOURCES, out) == 3
    table = read(POPULATION, out)
    facts = ("af", "population", "an", "japanese_af", "japanese_an", "passed")
    assert table.select(facts).rows() == [
        (0.03, "eas", None, 0.03, None, True),
        (0.2, "all", 1000, 0.1, None, True),
        (0.5, "all", 10, None, None, False),
    ]
    assert (metadata(out)["label"], metadata(out)["japanese"]) == ("x", "eas")
    assert metadata(out)["covers"] == "chr1"


@pytest.mark.parametrize("declared", ["A", "R", ".", "1"])
@pytest.mark.parametrize("index", [False, True])
def test_values_go_to_their_alleles_whatever_the_header_says(
    tmp_path: Path, reference: Reference, declared: str, index: bool
) -> None:
    """Two ALTs: the n-th value is the n-th ALT's; homozygotes said of the site are nobody's."""
    pos = some_alleles(1)[0][0]
    alts = [base for base in "ACGT" if base != TEXT[pos - 1]][:2]
    values = "0.7,0.1,0.2" if declared == "R" else "0.1,0.2"
    lines = [
        "##fileformat=VCFv4.2", "##contig=<ID=chr1>",
        f'##INFO=<ID=AF,Number={declared},Type=Float,Description="x">',
        '##INFO=<ID=AN,Number=1,Type=Integer,Description="x">',
        '##INFO=<ID=nhomalt,Number=1,Type=Integer,Description="x">',
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
        f"chr1\t{pos}\t.\t{TEXT[pos - 1]}\t{','.join(alts)}\t.\tPASS"
        f"\tAF={values};AN=100000;nhomalt=7",
        "",
    ]  # fmt: skip
    path = bgzipped(tmp_path / "p.vcf.gz", "\n".join(lines))
    if index:
        subprocess.run([located("bcftools") or "", "index", "-t", str(path)], check=True)
    out = tmp_path / "out.parquet"
    about = source(path, "frequency_x", populations={"JPN": "AF"}, japanese="JPN")
    import_source("frequency_x", about, reference, RESOURCES, out)
    table = read(POPULATION, out)
    assert table.select("alt", "af", "an", "nhomalt").rows() == [
        (alts[0], 0.1, 100_000, None), (alts[1], 0.2, 100_000, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("nan", None), ("1", 1.0), ("0", 0.0), (".", None),
        ("12.5", "AF between 0 and 1, found 12.5"), ("-0.1", "found -0.1"), ("inf", "found inf"),
        ("0.1,0.2,0.3", "a value of AF for each ALT, found 0.1,0.2,0.3"),
    ],
)  # fmt: skip
def test_a_frequency_is_a_share_or_unknown(
    tmp_path: Path, reference: Reference, value: str, wanted: float | str | None
) -> None:
    text = population_text().replace("ID=AF,Number=A", "ID=AF,Number=.")
    path = bgzipped(tmp_path / "p.vcf.gz", text.replace("AF=0.5;AF_eas=.", f"AF={value};AF_eas=."))
    out = tmp_path / "out.parquet"
    about = source(path, "frequency_x", populations={"all": "AF"})
    if isinstance(wanted, str):
        with pytest.raises(InputError, match=wanted):
            import_source("frequency_x", about, reference, RESOURCES, out)
        return
    import_source("frequency_x", about, reference, RESOURCES, out)
    assert read(POPULATION, out)["af"].to_list() == [0.01, 0.2, wanted]


def test_genes_go_by_hgncs_symbol_where_it_is_configured(
    tmp_path: Path, reference: Reference
) -> None:
    path, hgnc = tmp_path / "a.tsv", tmp_path / "hgnc.txt"
    path.write_text("gene_name\trefseq_id\tenst_id\tnote\nMLL2\tNM_1.1\tENST1.1\t\n")
    hgnc.write_text("hgnc_id\tsymbol\talias_symbol\tprev_symbol\nHGNC:1\tKMT2D\t\tMLL2\n")
    parts, out = source(path, "isoform_overrides"), tmp_path / "o.parquet"
    import_source("isoforms", parts, reference, RESOURCES, out)
    assert read(ISOFORMS, out)["gene"].to_list() == ["MLL2"]
    import_source("isoforms", parts | source(hgnc, "hgnc"), reference, RESOURCES, out)
    assert read(ISOFORMS, out)["gene"].to_list() == ["KMT2D"]
    assert metadata(out)["symbols"] == f"HGNC {source(hgnc, 'hgnc')['hgnc'].version}"
    configured = {"isoform_overrides": {}, "hgnc": {}}
    assert set(parts_of("isoforms", configured)) == {"isoform_overrides", "hgnc"}


@pytest.mark.parametrize(
    ("extra", "wanted"),
    [("AF_grpmax_joint", ("mid", 0.3)), ("AF_popmax", ("eas", 0.1))],
)
def test_the_group_maximum_is_that_of_the_release(
    tmp_path: Path, reference: Reference, extra: str, wanted: tuple[str, float]
) -> None:
    """GnomAD 4 counts Middle Eastern people among the groups, earlier releases do not."""
    pos, ref, alt = some_alleles(1)[0][:3]
    infix = "_joint" if "joint" in extra else ""
    groups = {"afr": 0.01, "eas": 0.1, "mid": 0.3, "asj": 0.4, "fin": 0.5}
    said = {f"AF{infix}_{group}": af for group, af in groups.items()}
    said |= {f"AN{infix}_{group}": 9000 for group in groups} | {f"AF{infix}": 0.05, extra: 0.3}
    lines = ["##fileformat=VCFv4.2", "##contig=<ID=chr1>"]
    lines += [f'##INFO=<ID={name},Number=A,Type=Float,Description="x">' for name in said]
    info = ";".join(f"{name}={value}" for name, value in said.items())
    lines += ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
              f"chr1\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t{info}", ""]  # fmt: skip
    path = bgzipped(tmp_path / "p.vcf.gz", "\n".join(lines))
    out = tmp_path / "out.parquet"
    about = source(path, "frequency_x", format="gnomad")
    import_source("frequency_x", about, reference, RESOURCES, out)
    assert read(POPULATION, out).select("population", "af").row(0) == wanted


def test_chromosomes_that_come_apart_are_one_source(tmp_path: Path, reference: Reference) -> None:
    """`more` files make the same table as one file; an allele in two of them is refused."""
    *head, one, two, three = population_text().splitlines(keepends=True)
    first = bgzipped(tmp_path / "a.vcf.gz", "".join([*head, one]))
    second = bgzipped(tmp_path / "b.vcf.gz", "".join([*head, two, three]))
    whole = bgzipped(tmp_path / "w.vcf.gz", population_text())
    about = {"version": "1", "licence": "own", "populations": {"all": "AF", "eas": "AF_eas"}}

    def made(path: Path, *more: dict[str, str]) -> pl.DataFrame:
        entry = {"path": str(path), "japanese": "eas", "more": list(more), **about}
        found = parts_of("frequency_x", {"frequencies": {"x": entry}})
        parts = {name: Source(name=name, **part) for name, part in found.items()}
        out = tmp_path / "out.parquet"
        import_source("frequency_x", parts, reference, RESOURCES, out)
        return read(POPULATION, out)

    apart = made(first, {"path": str(second)})
    sums = metadata(tmp_path / "out.parquet")["sha256"].split(" | ")
    assert sums == [hashlib.sha256(path.read_bytes()).hexdigest() for path in (first, second)]
    assert metadata(tmp_path / "out.parquet")["label"] == "x"
    assert apart.equals(made(whole))
    with pytest.raises(InputError, match="each allele in one file"):
        made(first, {"path": str(whole)})
    with pytest.raises(InputError, match="altered"):
        made(first, {"path": str(second), "sha256": "0" * 64})
    other = bgzipped(tmp_path / "o.vcf.gz", "".join([*head, two]).replace("AF_eas", "AF_afr"))
    with pytest.raises(InputError, match=r"o\.vcf\.gz.*AF_eas"):
        made(first, {"path": str(other)})


def test_chromosomes_are_those_of_the_population(tmp_path: Path, reference: Reference) -> None:
    """Its own number, else what the configuration says; a large one speaks before a small one."""
    text = population_text().replace("AN=1000", "AN=9000;AN_eas=400")
    text = text.replace(
        "##INFO=<ID=AN,", "##INFO=<ID=AN_eas,Number=1,Type=Integer,Description=x>\n##INFO=<ID=AN,"
    )
    path, out = bgzipped(tmp_path / "p.vcf.gz", text), tmp_path / "out.parquet"
    about = {"populations": {"all": "AF", "eas": "AF_eas"}, "japanese": "eas"}
    facts = ("af", "population", "an", "japanese_af", "japanese_an")
    for said, filled in ((None, None), (5000, 5000)):
        parts = source(path, "frequency_x", **about, chromosomes=said)
        import_source("frequency_x", parts, reference, RESOURCES, out)
        assert read(POPULATION, out).select(facts).rows() == [
            (0.01, "all", 9000, 0.03, 400),
            (0.2, "all", 9000, 0.1, 400),
            (0.5, "all", 10, None, filled),
        ]


def frequencies(rows: list[tuple[str, int, str]]) -> str:
    """A frequency VCF of (contig, position, REF) records."""
    body = "".join(
        f"{contig}\t{pos}\t.\t{ref}\t{'A' if ref != 'A' else 'C'}\t.\tPASS\tAF=0.1;AN=10\n"
        for contig, pos, ref in rows
    )
    contigs = {contig for contig, *_ in rows} or {"chr1"}
    first, *more = sorted(contigs)
    return (
        HEAD.format(contig=first).replace(
            "##INFO", "".join(f"##contig=<ID={name}>\n" for name in more) + "##INFO", 1
        )
        + body
    )


@pytest.mark.parametrize("name", ["frequency_x", "clinvar"])
@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("truncated", "truncated"),
        ("no bytes", "not empty"),
        ("no records", "at least one"),
        ("duplicate", "duplicate"),
        ("prefix", "one naming of chromosomes, found 1 and chr1"),
        ("other build stated", "other build"),
        ("other build by bases", "other build"),
        ("altered", "altered"),
        ("licence", "a licence in the configuration"),
        ("version", "a version in the configuration"),
    ],
)
def test_damaged_files_of_alleles_are_refused(
    tmp_path: Path, reference: Reference, name: str, damage: str, says: str
) -> None:
    rows = [("chr1", pos, ref) for pos, ref, *_ in some_alleles(50)]
    if damage == "no records":
        rows = []
    if damage == "duplicate":
        rows.append(rows[-1])
    if damage == "prefix":
        rows += [("1", pos, ref) for _, pos, ref in rows]
    if damage == "other build by bases":
        rows = [(contig, pos + 1, ref) for contig, pos, ref in rows]
    text = frequencies(rows)
    if name == "clinvar":
        text = text.replace("AF=0.1;AN=10", "CLNSIG=Benign;CLNREVSTAT=no_assertion_provided")
    if damage == "other build stated":
        text = text.replace("##reference=GRCh38", "##reference=hg19")
    more: dict[str, object] = {
        "altered": {"sha256": "0" * 64}, "licence": {"licence": ""}, "version": {"version": " "}
    }.get(damage, {})  # fmt: skip
    path, out = bgzipped(tmp_path / "published.vcf.gz", text), tmp_path / "out.parquet"
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-28])
    if damage == "no bytes":
        path.write_bytes(b"")
    with pytest.raises(InputError, match=says) as caught:
        import_source(name, source(path, name, **more), reference, RESOURCES, out)
    assert str(path) in str(caught.value)
    assert not out.exists()


def test_population_fields_come_from_the_publisher_s_form(
    tmp_path: Path, reference: Reference
) -> None:
    path = bgzipped(tmp_path / "p.vcf.gz", population_text())
    out = tmp_path / "out.parquet"
    import_source(
        "frequency_t", source(path, "frequency_t", format="tommo"), reference, RESOURCES, out
    )
    assert read(POPULATION, out)["japanese_af"].to_list() == [0.01, 0.2, 0.5]
    with pytest.raises(InputError, match="INFO field AF_afr"):
        import_source(
            "frequency_t",
            source(path, "frequency_t", populations={"afr": "AF_afr"}),
            reference, RESOURCES, out,
        )  # fmt: skip


def test_an_indexed_file_is_read_piece_by_piece(
    tmp_path: Path, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shirube.knowledge.population.PIECE", 1)
    path = bgzipped(tmp_path / "p.vcf.gz", population_text())
    whole, pieces = tmp_path / "whole.parquet", tmp_path / "pieces.parquet"
    import_source("frequency_x", source(path, "frequency_x"), reference, RESOURCES, whole)
    subprocess.run([located("bcftools") or "", "index", "-t", str(path)], check=True)
    import_source("frequency_x", source(path, "frequency_x"), reference, RESOURCES, pieces)
    assert read(POPULATION, pieces).equals(read(POPULATION, whole))


@pytest.mark.parametrize(
    ("name", "key", "body"),
    [
        ("gene_dosage", "clingen_dosage", b"\xff\xfe\x00#Gene Symbol\n"),
        ("drivers", "intogen", b"SYMBOL\tTRANSCRIPT\tCOHORT\tCANCER_TYPE\tSAMPLES\t"
         b"QVALUE_COMBINATION\tROLE\nA\tE\tC\tL\t0.x\t0\tAct\n"),
        ("frequency_x", "frequency_x", b"no vcf at all\n"),
    ],
)  # fmt: skip
def test_whatever_breaks_names_the_file(
    tmp_path: Path, reference: Reference, name: str, key: str, body: bytes
) -> None:
    path = tmp_path / "published"
    path.write_bytes(body)
    with pytest.raises(InputError) as caught:
        import_source(name, source(path, key), reference, RESOURCES, tmp_path / "out.parquet")
    assert str(path) in str(caught.value)


def test_names_say_what_can_be_made() -> None:
    configured = {
        "gene_models": {"path": "a"},
        "civic_evidence": {"path": "b"},
        "frequencies": {"t": {"path": "c"}},
    }
    assert importable(configured) == ["gene_models", "frequency_t"]
    assert parts_of("frequency_t", configured) == {"frequency_t": {"path": "c"}}
    with pytest.raises(InputError, match="civic_variants"):
        parts_of("clinical_evidence", configured)


def test_scaffolds_do_not_count_as_mixed_names() -> None:
    refuse_mixed_prefix(["chr1", "chrUn_1", "KI270"], "x")
    with pytest.raises(InputError):
        refuse_mixed_prefix(["chr1", "2"], "x")


def test_where_a_frequency_source_looked_is_no_matter_of_its_import() -> None:
    """The configuration's defaults are there too: a source must be made of what is left."""
    entry = {
        "path": "s.vcf.gz",
        "absent_is_rare": False,
        "covered": "s.bed",
        "more": [{"path": "t"}],
    }
    for part in parts_published_apart(entry):
        assert Source(name="frequency_s", **part).path in ("s.vcf.gz", "t")
