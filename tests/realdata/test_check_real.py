"""`shirube check` on real reads: the good runs pass, the deliberately wrong ones say why."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pysam
import pytest
import yaml

from shirube.cli import main as cli

pytestmark = pytest.mark.realdata

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("REALDATA", ROOT.parent / "shared" / "realdata")).resolve()
CHR20 = REAL / "na12878-chr20"
CEU = REAL / "ceu-trio-chr20"
CHR17 = REAL / "hcc1395-chr17" / "aligned_here"
EML4 = REAL / "dnafusion-eml4alk"
STRELKA = REAL / "strelka-demo"
HG19 = CHR20 / "ucsc.hg19.chr20.unittest.fasta.gz"
HS37D5 = CEU / "hs37d5.chr20.fa.gz"
GRCH38_17 = REAL / "ref-grch38-chr17" / "chr17.tp53_brca1.fa.gz"
GRCH38_2 = EML4 / "chr2.alk_eml4.from_md.fa.gz"
PILE = "10000000-10100000"

Case = dict[str, Any]


@pytest.fixture(autouse=True)
def _present() -> None:
    if not REAL.is_dir():
        pytest.skip(f"real data are absent: {REAL} (set REALDATA)")


def case(fasta: Path, build: str, bed: str, people: list[str], files: list[str]) -> Case:
    """One run: `bed` contig:start-end, `people` and `files` the rows of the sheets."""
    return {"fasta": fasta, "build": build, "bed": bed, "people": people, "files": files}


def hcc1395() -> Case:
    normal, tumour = CHR17 / "HCC1395BL.normal.grch38.bam", CHR17 / "HCC1395.tumour.grch38.bam"
    name = "H_NJ-HCC1395-HCC1395"
    files = [f"N\tHCC1395\tnormal\t{normal}\t{name}_BL", f"T\tHCC1395\ttumour\t{tumour}\t{name}"]
    return case(GRCH38_17, "GRCh38", "chr17:7661778-7687550", ["HCC1395\tXX\t.\t."], files)


def na12878(suffix: str = "bam") -> Case:
    path = CHR20 / f"NA12878_S1.chr20.10_10p1mb.{suffix}"
    files = [f"NA12878\tNA12878\tnormal\t{path}\t."]
    return case(HG19, "GRCh37", f"chr20:{PILE}", ["NA12878\tXX\t.\t."], files)


def ceu() -> Case:
    people = ["HG001\tXX\tNA12891\tNA12892", "NA12891\tXY\t.\t.", "NA12892\tXX\t.\t."]
    names = ("HG001", "NA12891", "NA12892")
    files = [f"{n}\t{n}\tnormal\t{CEU}/{n}.chr20.10_10p1mb_sorted.bam\t." for n in names]
    return case(HS37D5, "GRCh37", "20:10000000-10010000", people, files)


def h3122() -> Case:
    files = [f"H3122\tH3122\ttumour\t{EML4}/H3122_EML4.bam\t-"]
    return case(GRCH38_2, "GRCh38", "chr2:29192774-29230000", ["H3122\tXX\t.\t."], files)


def strelka() -> Case:
    files = [
        f"normal\tpseudo\tnormal\t{STRELKA}/NA12892_demo20.bam\tNA12892",
        f"tumour\tpseudo\ttumour\t{STRELKA}/NA12891_demo20.bam\tNA12891",
    ]
    made = case(STRELKA / "demo20.fa", "artificial", "", ["pseudo\tXX\t.\t."], files)
    return made | {"aliases": {"demo20": "chr20"}}


GOOD: dict[str, Callable[[], Case]] = {
    "hcc1395": hcc1395,
    "na12878": na12878,
    "na12878-cram": lambda: na12878("cram"),
    "ceu-trio": ceu,
    "h3122": h3122,
    "strelka-demo": strelka,
}


def check(folder: Path, run: Case, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Status, standard output and standard error of `shirube check` on a run."""
    reference = {"fasta": str(run["fasta"]), "build": run["build"]}
    reference |= {"aliases": run["aliases"]} if "aliases" in run else {}
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    config |= {"patients": "patients.tsv", "samples": "samples.tsv", "reference": reference}
    config["regions"] = None
    if run["bed"]:
        contig, _, span = run["bed"].partition(":")
        (folder / "run.bed").write_text(f"{contig}\t{span.replace('-', chr(9))}\n")
        config["regions"] = "run.bed"
    header = "patient\tsex\tfather\tmother"
    (folder / "patients.tsv").write_text("\n".join([header, *run["people"], ""]))
    header = "sample\tpatient\tkind\tpath\tsample_in_file"
    (folder / "samples.tsv").write_text("\n".join([header, *run["files"], ""]))
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    before = sorted(folder.iterdir())
    arguments = ["check", "--directory", str(folder), "--config", str(folder / "config.yaml")]
    status = cli.main(arguments)
    said = capsys.readouterr()
    assert sorted(folder.iterdir()) == before, "check writes nothing"
    return status, said.out, said.err


def problems(folder: Path, run: Case, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The problem lines of a run that must fail."""
    status, _, errors = check(folder, run, capsys)
    assert status == 1
    return errors.splitlines()[:-1]


@pytest.mark.parametrize("name", GOOD)
def test_good_run_passes(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, errors = check(tmp_path, GOOD[name](), capsys)
    assert (status, errors) == (0, "")
    assert out.endswith("shirube check: no problem found\n")


def test_summary_tells_what_will_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = check(tmp_path, h3122(), capsys)
    assert "H3122: tumour without normal: tumour-only calling" in out
    assert "limited to 1 interval, 37,226 bases on chr2" in out


def test_same_reads_as_bam_and_cram(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = na12878()
    run["people"].append("other\tXX\t.\t.")
    run["files"].append(f"other\tother\tnormal\t{CHR20}/NA12878_S1.chr20.10_10p1mb.cram\tNA12878")
    (line,) = problems(tmp_path, run, capsys)
    assert line.startswith("samples.tsv: row 3, column path: data of its own; its first 200 reads")


def test_chr_prefix_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = na12878() | {"fasta": HS37D5, "bed": f"20:{PILE}"}
    (line,) = problems(tmp_path, run, capsys)
    assert (
        "contig chr20: the reference's contig names; it calls 20 what the file calls chr20" in line
    )
    assert "(chr prefix)" in line


def test_other_build_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = na12878() | {"fasta": GRCH38_17, "build": "GRCh38", "bed": "chr17:7661778-7687550"}
    (line,) = problems(tmp_path, run, capsys)
    assert "(other build: the file is GRCh37, the reference GRCh38)" in line


def test_stated_build_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = problems(tmp_path, na12878() | {"build": "GRCh38"}, capsys)
    assert "key reference.build: GRCh37, whose lengths the reference has; found GRCh38" in line


def test_slice_needs_regions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = problems(tmp_path, na12878() | {"bed": ""}, capsys)
    assert "a reference with every contig of the reads; it lacks chrM, chr1, chr2 and 21" in line


def test_region_without_bases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line, _ = problems(tmp_path, na12878() | {"bed": "chr20:20000000-20001000"}, capsys)
    assert "chr20:20000000-20001000: known bases in" in line


def test_region_without_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = problems(tmp_path, na12878() | {"bed": "chr20:10500000-10501000"}, capsys)
    assert [x.split(": ")[-1] for x in lines] == ["at least one read in the regions of the run"]


def test_no_read_group(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = h3122()
    run["files"][0] = run["files"][0].replace("\t-", "\t.")
    (line,) = problems(tmp_path, run, capsys)
    assert "found none: write - in sample_in_file" in line


def test_wrong_read_group(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = hcc1395()
    run["files"] = [x.replace("HCC1395_BL", "HCC1395") for x in run["files"]]
    (line,) = problems(tmp_path, run, capsys)
    assert line.startswith("samples.tsv: row 2, column sample_in_file: the SM of")


def test_father_and_mother_swapped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = ceu()
    run["people"][0] = "HG001\tXX\tNA12892\tNA12891"
    father, mother = problems(tmp_path, run, capsys)
    assert father.endswith("a male (XY) father; NA12892 is XX")
    assert mother.endswith("a female (XX) mother; NA12891 is XY")


def test_no_chromosome_without_aliases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = strelka()
    del run["aliases"]
    (line,) = problems(tmp_path, run, capsys)
    assert "at least one contig of the reference to be a chromosome" in line


def test_reference_of_other_bases_fails_the_cram(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fasta = tmp_path / "changed.fa"
    with pysam.FastaFile(str(HG19)) as real:
        sequence = real.fetch("chr20")
    middle = sequence[10_000_000:10_100_000].translate(str.maketrans("ACGTacgt", "CGTAcgta"))
    changed = sequence[:10_000_000] + middle + sequence[10_100_000:]
    fasta.write_text(f">chr20\n{changed}\n")
    pysam.faidx(str(fasta))
    (line,) = problems(tmp_path, na12878("cram") | {"fasta": fasta}, capsys)
    assert "against the reference: it is not the one the CRAM was written with" in line


@pytest.mark.parametrize("suffix", ["bam", "cram"])
def test_truncated(suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = na12878(suffix)
    source = Path(run["files"][0].split("\t")[3])
    copy = tmp_path / source.name
    copy.write_bytes(source.read_bytes()[:-2000])
    index = next(source.parent.glob(source.name + ".*ai"))
    shutil.copyfile(index, copy.with_name(index.name))
    run["files"] = [run["files"][0].replace(str(source), str(copy))]
    lines = problems(tmp_path, run, capsys)
    assert any("the block that ends a whole file: it is truncated" in x for x in lines)
