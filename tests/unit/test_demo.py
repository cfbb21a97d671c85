"""The demo as written: same bytes twice, alleles in the reads as planted, SA tags that agree."""

import argparse
import hashlib
import os
import re
from collections import Counter, defaultdict
from pathlib import Path

import polars as pl
import pytest

from shirube.cli import demo as command
from shirube.demo import cases
from shirube.demo.calls import HOLES
from shirube.demo.genome import Genome, build
from shirube.demo.make import Settings, begin, fasta, reads, up_to_date, write_demo, write_stamp
from shirube.demo.people import Cohort
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
        again = hashlib.sha256(reads(cohort, sample, Settings().seed)[1]).hexdigest()
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


def test_files_of_an_earlier_version_go_and_an_unfinished_demo_is_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(genome: Genome, fault: str | None) -> Cohort:
        cohort = everybody(genome, fault)
        cohort.samples = []
        return cohort

    everybody = cases.make
    monkeypatch.setattr(cases, "make", nobody)
    stray, old = tmp_path / "mine.txt", tmp_path / "reads/DEMO_99_N.bam"
    old.parent.mkdir()
    for path in (stray, old):
        path.write_text("x")
    write_stamp(tmp_path, {"sources": "older", "files": {"reads/DEMO_99_N.bam": 1}})
    assert begin(tmp_path) == {"reads/DEMO_99_N.bam"}
    assert not up_to_date(tmp_path, Settings())
    write_stamp(tmp_path, {"sources": "older", "files": {"../stray": 1, "/etc/passwd": 1}})
    assert begin(tmp_path) == set()
    write_stamp(tmp_path, {"sources": "older", "files": {"reads/DEMO_99_N.bam": 1}})
    write_demo(tmp_path, Settings(fault="wrong-sex"), lambda line: None)
    sequence, index = (tmp_path / f"reference/artificial.fa{end}" for end in ("", ".fai"))
    os.utime(index, ns=(0, 0))
    sequence.write_text(sequence.read_text().replace("A", "C", 1))
    write_demo(tmp_path, Settings(fault="wrong-sex"), lambda line: None)
    assert index.stat().st_mtime_ns >= sequence.stat().st_mtime_ns
    assert stray.exists()
    assert not old.exists()
    assert up_to_date(tmp_path, Settings(fault="wrong-sex"))
    assert not up_to_date(tmp_path, Settings())


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


@pytest.mark.parametrize("patient", ["DEMO_01", "DEMO_02"])
def test_junction_lies_where_the_truth_says(demo: Path, patient: str) -> None:
    junctions = truth(demo, "structural").filter(pl.col("sample") == f"{patient}_T")
    ends: Counter[tuple[str, int, str]] = Counter()
    for row in sam(demo, f"{patient}_T", "-f", "2048"):
        start, cigar = int(row[3]), re.findall(r"(\d+)([MIDS])", row[5])
        span = sum(int(n) for n, op in cigar if op in "MD")
        if cigar[0][1] == "S":
            ends[row[2], start, "-"] += 1
        if cigar[-1][1] == "S":
            ends[row[2], start + span - 1, "+"] += 1
    expected = {
        (row[f"chrom{i}"], row[f"pos{i}"], row[f"strand{i}"])
        for row in junctions.iter_rows(named=True)
        for i in (1, 2)
    }
    assert set(ends) == expected
    assert not sam(demo, f"{patient}_N", "-f", "2048")
    assert not sam(demo, "DEMO_06_N", "-f", "2048")


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


@pytest.mark.parametrize("tumour", ["DEMO_01_T", "DEMO_02_T", "DEMO_16_T", "DEMO_18_T"])
def test_somatic_alleles_are_in_the_reads_at_their_fraction(demo: Path, tumour: str) -> None:
    planted = truth(demo, "somatic").filter(
        (pl.col("sample") == tumour) & (pl.col("name") != "repeat shortened")
    )
    found = counts(demo, tumour, planted)
    paired = (demo / f"reads/{tumour.replace('_T', '_N')}.bam").exists()
    normal = counts(demo, tumour.replace("_T", "_N"), planted) if paired else {}
    for (fraction,), rows in planted.group_by("fraction"):
        seen = depth = 0
        for row in rows.iter_rows(named=True):
            here = [v for k, v in found.items() if k[:2] == (row["chrom"], row["pos"])]
            number = max(n for n, _ in here)
            seen, depth = seen + number, depth + here[0][1]
            there = [v for k, v in normal.items() if k[:2] == (row["chrom"], row["pos"])]
            assert max((n for n, _ in there), default=0) <= 2, row
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


def test_duplicates_are_marked_but_in_one_set(demo: Path) -> None:
    assert len(sam(demo, "DEMO_12_N", "-f", "1024")) == 0
    assert len(sam(demo, "DEMO_11_N", "-f", "1024")) > 200


def mean_depth(demo: Path, sample: str, region: str) -> float:
    text = run("samtools", "depth", "-a", "-r", region, demo / f"reads/{sample}.bam").decode()
    values = [int(line.split("\t")[2]) for line in text.splitlines()]
    return sum(values) / len(values)


def test_copies_show_in_the_depth(demo: Path) -> None:
    purity = 0.7
    baseline = mean_depth(demo, "DEMO_02_T", "chr7:2000-22000")
    for row in truth(demo, "copy_number").iter_rows(named=True):
        inner = f"{row['chrom']}:{max(row['start'], 1000) + 300}-{row['end'] - 1000}"
        expected = (purity * row["total_cn"] + 2 * (1 - purity)) / 2
        found = mean_depth(demo, "DEMO_02_T", inner) / baseline
        assert 0.85 * expected < found < 1.15 * expected, row


def test_repeats_of_the_unstable_tumour_are_shorter(demo: Path) -> None:
    shorter = truth(demo, "somatic").filter(pl.col("name") == "repeat shortened")
    assert shorter.select("chrom", "pos").n_unique() >= 20
    planted = {tuple(row) for row in shorter.select("chrom", "pos").iter_rows()}
    deleted = {}
    for sample in ("DEMO_16_N", "DEMO_16_T"):
        places: Counter[tuple[str, int]] = Counter()
        for row in sam(demo, sample):
            at = int(row[3])
            for number, op in re.findall(r"(\d+)([MIDS])", row[5]):
                places[row[2], at - 1] += op == "D"
                at += int(number) if op in "MD" else 0
        deleted[sample] = {place for place, count in places.items() if count >= 5}
    assert planted <= deleted["DEMO_16_T"]
    assert not planted & deleted["DEMO_16_N"]


def test_calls_from_elsewhere_hold_the_truth(demo: Path) -> None:
    germline = truth(demo, "germline")
    for patient, name in (("DEMO_19", "DEMO_19_N.vcf.gz"), ("DEMO_20", "DEMO_20_N.g.vcf.gz")):
        fields = "%CHROM\t%POS\t%REF\t%ALT[\t%GT]\n"
        text = run("bcftools", "query", "-f", fields, demo / f"calls/{name}").decode()
        found = {}
        for line in text.splitlines():
            chrom, pos, ref, alts, genotype = line.split("\t")
            for number, alt in enumerate(alts.split(","), 1):
                if alt not in ("*", "<NON_REF>"):
                    found[chrom, int(pos), ref, alt] = genotype.count(str(number))
        mine = germline.filter(pl.col("patient") == patient)
        expected = {
            tuple(r[:4]): r[4]
            for r in mine.select("chrom", "pos", "ref", "alt", "dosage").iter_rows()
        }
        missing = set(expected) - set(found)
        assert found.items() <= expected.items()
        inside_holes = {(c, p) for c, p, _, _ in missing}
        assert all(any(a < p <= b for a, b in HOLES.get(c, ())) for c, p in inside_holes)
        assert bool(missing) == (patient == "DEMO_19")


def test_blocks_of_the_gvcf_cover_every_base_once(demo: Path) -> None:
    text = run(
        "bcftools",
        "query",
        "-f",
        "%CHROM\t%POS\t%REF\t%ALT\t%END\n",
        demo / "calls/DEMO_20_N.g.vcf.gz",
    ).decode()
    reached: dict[str, int] = {}
    for line in text.splitlines():
        chrom, pos, ref, alt, end = line.split("\t")
        if alt == "<NON_REF>" or "*" not in alt:
            assert int(pos) == reached.get(chrom, 0) + 1, line
        last = int(end) if alt == "<NON_REF>" else int(pos) + len(ref) - 1
        reached[chrom] = max(reached.get(chrom, 0), last)
    lengths = {
        row.split("\t")[0]: int(row.split("\t")[1])
        for row in (demo / "reference/artificial.fa.fai").read_text().splitlines()
    }
    assert reached == {name: n for name, n in lengths.items() if name != "chrY"}


def test_cram_holds_the_reads_and_no_path_of_this_machine(demo: Path) -> None:
    header = run("samtools", "view", "-H", "--no-PG", demo / "reads/DEMO_08_N.cram").decode()
    assert str(demo) not in header
    genome = build()
    cohort = cases.make(genome)
    sample = next(s for s in cohort.samples if s.name == "DEMO_08_N")
    bam = demo.parent / "again.bam"
    bam.write_bytes(reads(cohort, sample, Settings().seed)[1])
    reference = demo / "reference/artificial.fa"
    kept = [
        [
            line.split("\t")[:11]
            for line in run("samtools", "view", "-T", reference, path).decode().splitlines()
        ]
        for path in (bam, demo / "reads/DEMO_08_N.cram")
    ]
    assert kept[0] == kept[1]


def test_some_mitochondria_are_mutated(demo: Path) -> None:
    for row in truth(demo, "heteroplasmy").iter_rows(named=True):
        site = pl.DataFrame([{"chrom": row["chrom"], "pos": row["pos"]}])
        found = counts(demo, f"{row['patient']}_N", site)
        number, depth = found[row["chrom"], row["pos"], f"{row['ref']}>{row['alt']}"]
        spread = 4 * (row["fraction"] * (1 - row["fraction"]) / depth) ** 0.5
        assert depth > 80
        assert abs(number / depth - row["fraction"]) < spread
