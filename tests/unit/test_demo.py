"""The demo as written: same bytes twice, alleles in the reads as planted, SA tags that agree."""

import argparse
import hashlib
import re
from collections import Counter, defaultdict
from pathlib import Path

import polars as pl
import pytest

from shirube.cli import demo as command
from shirube.demo import cases
from shirube.demo.genome import PAR_END, build
from shirube.demo.make import Settings, fasta, reads, up_to_date, write_demo
from shirube.demo.truth import genotypes
from shirube.tools import run

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo")
    write_demo(out, Settings(), lambda line: None)
    return out


def truth(demo: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(demo / f"truth/{name}.tsv", separator="\t", comment_prefix="#")


def sam(demo: Path, sample: str, *options: str) -> list[list[str]]:
    text = run("samtools", "view", *options, demo / f"reads/{sample}.bam").decode()
    return [line.split("\t") for line in text.splitlines()]


def counts(demo: Path, sample: str, sites: pl.DataFrame) -> dict[tuple[str, int, str], list[int]]:
    """(chrom, pos, ref) -> AD by ALT at the sites' positions, as bcftools counts it."""
    targets = ",".join(f"{r['chrom']}:{r['pos']}" for r in sites.iter_rows(named=True))
    text = run(
        *("bcftools", "mpileup", "--no-version", "-f", demo / "reference/artificial.fa"),
        *("-q", "20", "-Q", "13", "-a", "AD", "-r", targets, "-Ov"),
        demo / f"reads/{sample}.bam",
    ).decode()  # fmt: skip
    out: dict[tuple[str, int, str], list[int]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            fields = line.split("\t")
            depth = [int(x) for x in fields[9].split(":")[-1].split(",")]
            for alt, number in zip(fields[4].split(","), depth[1:], strict=True):
                out[fields[0], int(fields[1]), f"{fields[3]}>{alt}"] = [number, sum(depth)]
    return out


def test_two_runs_write_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    genome = build()
    cohort = cases.make(genome)
    for name in ("DEMO_01_T", "DEMO_04_N"):
        sample = next(s for s in cohort.samples if s.name == name)
        again = hashlib.sha256(reads(cohort, sample, Settings().seed)).hexdigest()
        written = (demo / f"reads/{name}.bam").read_bytes()
        assert hashlib.sha256(written).hexdigest() == again
    assert (demo / "reference/artificial.fa").read_text() == fasta(genome)[0]


def test_second_run_has_nothing_to_do(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in demo.rglob("*")}
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.main(parser.parse_args(["--out", str(demo)])) == 0
    assert "nothing to do" in capsys.readouterr().err
    assert before == {path: path.stat().st_mtime_ns for path in demo.rglob("*")}


def test_damaged_demo_is_not_up_to_date(demo: Path) -> None:
    assert up_to_date(demo, Settings())
    assert not up_to_date(demo, Settings(seed=1))
    path = demo / "truth/named.tsv"
    text = path.read_bytes()
    path.write_bytes(text[:-1])
    assert not up_to_date(demo, Settings())
    path.write_bytes(text)
    assert up_to_date(demo, Settings())


def test_size_and_labels(demo: Path) -> None:
    files = [path for path in demo.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 30e6
    for name in ("truth/*.tsv", "reference/*.fa", "knowledge/README.txt", "config/config.yaml"):
        for path in demo.glob(name):
            assert "artificial" in path.read_text()[:400].lower(), path
    assert "ARTIFICIAL" in run("samtools", "view", "-H", demo / "reads/DEMO_07_N.bam").decode()
    assert "ARTIFICIAL" in run("bcftools", "view", "-h", demo / "knowledge/clinvar.vcf.gz").decode()


def test_alignments_are_sound(demo: Path) -> None:
    names = sorted(str(path) for path in (demo / "reads").glob("*.bam"))
    run("samtools", "quickcheck", *names)
    # `calmd` recomputes NM from bases and reference; a wrong one would be rewritten and said.
    before = [row for row in sam(demo, "DEMO_01_T")]
    text = run(
        "samtools", "calmd", "-Q", demo / "reads/DEMO_01_T.bam", demo / "reference/artificial.fa"
    ).decode()
    after = [line.split("\t") for line in text.splitlines() if not line.startswith("@")]
    number = re.compile(r"NM:[iC]:(\d+)")
    wrong = 0
    for old, new in zip(before, after, strict=True):
        found = [int(number.search("\t".join(row[11:])).group(1)) for row in (old, new)]
        wrong += found[0] != found[1]
    assert wrong == 0


def test_mates_agree(demo: Path) -> None:
    pairs = defaultdict(list)
    for row in sam(demo, "DEMO_01_T", "-F", "0x900"):
        pairs[row[0], int(row[1]) & 1024].append(row)
    several = [rows for rows in pairs.values() if len(rows) != 2]
    assert not several
    for one, two in pairs.values():
        flags = int(one[1]), int(two[1])
        assert {flags[0] & 192, flags[1] & 192} == {64, 128}
        assert one[7] == two[3]
        assert two[7] == one[3]
        assert int(one[8]) == -int(two[8])
        assert bool(flags[0] & 32) == bool(flags[1] & 16)
        assert bool(flags[1] & 32) == bool(flags[0] & 16)


def test_sa_tags_name_each_other(demo: Path) -> None:
    parts = defaultdict(list)
    for row in sam(demo, "DEMO_01_T"):
        tag = next((x[5:] for x in row[11:] if x.startswith("SA:Z:")), None)
        if tag:
            flag = int(row[1])
            nm = next(x.split(":")[2] for x in row[11:] if x.startswith("NM:"))
            own = f"{row[2]},{row[3]},{'-' if flag & 16 else '+'},{row[5]},{row[4]},{nm}"
            key = (row[0], flag & (64 | 1024))
            parts[key].append((own, set(tag.rstrip(";").split(";")), bool(flag & 2048)))
    assert len(parts) >= 10
    for rows in parts.values():
        everybody = {own for own, _, _ in rows}
        assert all(others == everybody - {own} for own, others, _ in rows)
        assert [supplementary for _, _, supplementary in rows].count(False) == 1


def test_junction_lies_where_the_truth_says(demo: Path) -> None:
    junctions = truth(demo, "structural").filter(pl.col("sample") == "DEMO_01_T")
    ends: Counter[int] = Counter()
    for row in sam(demo, "DEMO_01_T", "-f", "2048"):
        start, cigar = int(row[3]), re.findall(r"(\d+)([MIDS])", row[5])
        span = sum(int(n) for n, op in cigar if op in "MD")
        ends[start if cigar[0][1] == "S" else start + span - 1] += 1
    expected = set(junctions["pos1"]) | set(junctions["pos2"])
    assert set(ends) == expected
    assert not sam(demo, "DEMO_01_N", "-f", "2048")


def test_germline_genotypes_are_in_the_reads(demo: Path) -> None:
    sites = truth(demo, "germline")
    for patient in ("DEMO_02", "DEMO_06"):
        mine = sites.filter((pl.col("patient") == patient) & (pl.col("chrom") != "chrM"))
        found = counts(demo, f"{patient}_N", mine)
        seen = depth = 0
        for row in mine.iter_rows(named=True):
            alleles = [v for k, v in found.items() if k[:2] == (row["chrom"], row["pos"])]
            number = max(n for n, _ in alleles)
            total = alleles[0][1]
            if row["dosage"] == row["ploidy"]:
                assert number >= 0.8 * total, row
            else:
                assert 0.1 * total < number < 0.9 * total, row
                seen, depth = seen + number, depth + total
        assert 0.45 < seen / depth < 0.55


@pytest.mark.parametrize("tumour", ["DEMO_01_T", "DEMO_02_T"])
def test_somatic_alleles_are_in_the_reads_at_their_fraction(demo: Path, tumour: str) -> None:
    planted = truth(demo, "somatic").filter(pl.col("sample") == tumour)
    found = counts(demo, tumour, planted)
    normal = counts(demo, tumour.replace("_T", "_N"), planted)
    for (fraction,), rows in planted.group_by("fraction"):
        seen = depth = 0
        for row in rows.iter_rows(named=True):
            here = [v for k, v in found.items() if k[:2] == (row["chrom"], row["pos"])]
            number = max(n for n, _ in here)
            seen, depth = seen + number, depth + here[0][1]
            there = [v for k, v in normal.items() if k[:2] == (row["chrom"], row["pos"])]
            assert max(n for n, _ in there) <= 2, row
        # Four binomial standard deviations; reads whose end lies beside an indel are not counted.
        spread = 4 * (fraction * (1 - fraction) / depth) ** 0.5
        assert abs(seen / depth - fraction) < spread + 0.03, (tumour, fraction, seen, depth)


def test_other_brca1_allele_is_lost_in_the_tumour(demo: Path) -> None:
    site = truth(demo, "named").filter(pl.col("name") == "BRCA1 p.Leu63Ter")
    fraction = {}
    for sample in ("DEMO_02_N", "DEMO_02_T"):
        found = counts(demo, sample, site)
        number, depth = max(found.values())
        fraction[sample] = number / depth
    assert 0.25 < fraction["DEMO_02_N"] < 0.75
    assert fraction["DEMO_02_T"] > 0.72


def test_only_the_child_has_the_de_novo_allele() -> None:
    cohort = cases.make(build())
    people = {person.name: person for person in cohort.people}
    child, father, mother = (people[f"DEMO_0{n}"] for n in (3, 4, 5))
    de_novo = cohort.named["PTPN11 p.Asn308Asp"]
    parents = set().union(*father.haplotypes, *mother.haplotypes)
    assert set().union(*child.haplotypes) - parents == {de_novo}
    benign = cohort.named["PTPN11 p.Ala150="]
    assert benign in mother.haplotypes[0]
    assert benign in child.haplotypes[0]
    assert benign not in child.haplotypes[1]


def test_male_x_is_haploid_outside_the_shared_end() -> None:
    cohort = cases.make(build())
    male = next(person for person in cohort.people if person.name == "DEMO_06")
    for variant, dosage, ploidy in genotypes(male):
        if variant.contig in ("chrX", "chrY") and variant.pos >= PAR_END:
            assert (dosage, ploidy) == (1, 1)
        elif variant.contig == "chrX":
            assert ploidy == 2
    carried = {variant for variant, _, _ in genotypes(male)}
    assert {cohort.named["OTC p.Arg40His"], cohort.named["SHOX p.Arg195Ter"]} <= carried


def test_duplicates_are_marked_but_in_one_set(demo: Path) -> None:
    assert len(sam(demo, "DEMO_12_N", "-f", "1024")) == 0
    assert len(sam(demo, "DEMO_11_N", "-f", "1024")) > 200
