"""Sheets and configuration from a folder of files, and knowledge from another."""

from pathlib import Path

import polars as pl
import pysam
import pytest
import sam_files
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shirube.cli.main import main
from shirube.knowledge.names import HPO_RELEASE
from shirube.setup.bundle import older_than_embedded
from shirube.setup.found_files import person_of, safe, sex_by_reads, tumour_by_name
from shirube.setup.settings_text import with_block

AUTOSOME, X, Y = 100_000_000, 150_000_000, 50_000_000


@pytest.mark.parametrize(
    ("name", "tumour"),
    [
        ("HCC1395.tumour.grch38", True),
        ("P01_T", True),
        ("P01-T1", True),
        ("P01_tumor_FFPE", True),
        ("TCGA-A6-2686-01A-01D", True),
        ("TCGA-A6-2686-10A-01D", False),
        ("P01.normal", False),
        ("P01_N", False),
        ("P01_blood", False),
        ("NA12878_S1", None),
        ("Tanaka", None),
        ("patientN12x", None),
    ],
)
def test_tumour_or_normal_by_name(name: str, tumour: bool | None) -> None:
    assert tumour_by_name(name) is tumour


@pytest.mark.parametrize(
    ("names", "person"),
    [
        (["HCC1395.tumour.grch38", "HCC1395BL.normal.grch38"], "HCC1395"),
        (["P01_T", "P01_N"], "P01"),
        (["P01-T1.dedup.bqsr", "P01-blood.sorted"], "P01"),
    ],
)
def test_one_person_of_a_pair(names: list[str], person: str) -> None:
    assert [person_of(name) for name in names] == [person] * len(names)


@given(st.text(max_size=100))
def test_names_are_always_safe(text: str) -> None:
    assert 1 <= len(safe(text)) <= 64
    assert all(letter.isascii() and (letter.isalnum() or letter in "_-") for letter in safe(text))


@pytest.mark.parametrize(
    ("x", "y", "sex"),
    [
        (1.0, 0.0, "XX"), (1.02, 0.03, "XX"), (0.5, 0.5, "XY"), (0.52, 0.4, "XY"),
        (0.5, 0.22, "XY"), (0.72, 0.19, "XY"), (1.0, 0.22, None), (0.5, 0.02, None),
    ],
)  # fmt: skip
def test_sex_by_the_index(x: float, y: float, sex: str | None) -> None:
    reads = {"1": (AUTOSOME, 100_000), "X": (X, round(150_000 * x)), "Y": (Y, round(50_000 * y))}
    assert sex_by_reads(reads) == sex


def test_few_reads_tell_no_sex() -> None:
    assert sex_by_reads({"chr1": (AUTOSOME, 100_000), "chrX": (X, 10)}) is None
    assert sex_by_reads({}) is None


KEYS = st.sampled_from(["a", "b", "knowledge", "report"])
VALUES = st.recursive(
    st.none() | st.integers() | st.text("abc# :'-", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, VALUES, min_size=1), KEYS, VALUES)
def test_a_block_is_replaced_and_the_rest_stays(
    settings: dict[str, object], key: str, value: object
) -> None:
    text = "# first\n" + "\n".join(
        f"# of {k}\n{yaml.safe_dump({k: v}, sort_keys=False)}" for k, v in settings.items()
    )
    changed = with_block(text, key, value)
    assert yaml.safe_load(changed) == {**settings, key: value}
    assert next(x for x in changed.splitlines() if x.startswith("# ")) == "# first"
    for other in settings.keys() - {key}:
        assert f"# of {other}\n" in changed


def folder_of_reads(folder: Path) -> Path:
    """BAM files of a pair and of a person alone, as a centre would name them."""
    folder.mkdir()
    contigs = {"chr1": sam_files.sequence(500)}
    for name, sample in (
        ("P01.tumour", "P01-T"), ("P01.normal", "P01-N"), ("P02_S1.dedup", "P02"),
        ("P03.tumour", "tumour"), ("P03.normal", "normal"),
    ):  # fmt: skip
        reads = [sam_files.record("r1", "chr1", 10, "50M", contigs["chr1"][10:60])]
        sam_files.write_bam(folder / f"{name}.bam", contigs, reads, f"@RG\tID:1\tSM:{sample}")
    (folder / "notes.txt").write_text("not reads\n")
    (folder / "broken.bam").write_bytes(b"no BAM at all")
    return folder


def test_init_writes_sheets_that_name_what_was_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reads = folder_of_reads(tmp_path / "reads")
    words = ["init", "--reads", str(reads), "--build", "GRCh38", "--directory", str(tmp_path)]
    assert main(words) == 0
    samples = pl.read_csv(tmp_path / "config/samples.tsv", separator="\t", infer_schema=False)
    assert samples.select("sample", "patient", "kind", "sample_in_file").rows() == [
        ("P01-N", "P01", "normal", None),
        ("P01-T", "P01", "tumour", None),
        ("P02", "P02", "normal", None),
        ("P03_normal", "P03", "normal", "normal"),
        ("P03_tumour", "P03", "tumour", "tumour"),
    ]
    patients = pl.read_csv(tmp_path / "config/patients.tsv", separator="\t", infer_schema=False)
    assert patients.select("patient", "sex", "programme").rows() == [
        ("P01", "unknown", "cancer"),
        ("P02", "unknown", None),
        ("P03", "unknown", "cancer"),
    ]
    said = capsys.readouterr().out
    assert "broken.bam" in said
    assert "diagnosis" in said
    settings = yaml.safe_load((tmp_path / "config/config.yaml").read_text())
    assert settings["reference"] == {"fasta": "reference/GRCh38.fa.gz", "build": "GRCh38"}
    assert "# as gnomAD's `adj`" in (tmp_path / "config/config.yaml").read_text()
    assert main(words) == 1
    assert "init replaces nothing" in capsys.readouterr().err


def test_init_leaves_out_and_names_files_of_another_reference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reads = folder_of_reads(tmp_path / "reads")
    other = {"1": sam_files.sequence(500)}
    read = [sam_files.record("r1", "1", 10, "50M", other["1"][10:60])]
    sam_files.write_bam(reads / "P09.bam", other, read, "@RG\tID:1\tSM:P09")
    reference = tmp_path / "ours.fa"
    reference.write_text(f">chr1\n{sam_files.sequence(500)}\n")
    pysam.faidx(str(reference))
    words = ["init", "--reads", str(reads), "--reference", str(reference), "--build", "GRCh38"]
    assert main([*words, "--directory", str(tmp_path)]) == 0
    assert "P09.bam calls its contigs 1, ..., the reference chr1" in capsys.readouterr().out
    assert "P09" not in (tmp_path / "config/samples.tsv").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--reads", "nowhere"], "a folder with BAM"),
        (["--reads", "."], "found none"),
        (["--reads", ".", "--reference", "no.fa"], "no.fa"),
        (["--reads", ".", "--kind", "panel"], "--regions"),
    ],
)
def test_init_says_what_is_missing(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["init", *words]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "config").exists()


def bundle(folder: Path) -> Path:
    """A disk with publishers' files."""
    for name, text in {
        "clinvar/clinvar_20260101.vcf.gz": "older",
        "clinvar/clinvar_20260226.vcf.gz": "newer",
        "oncotree/oncotree.2023-03-09.txt": "x",
        "tommo/tommo-60kjpn-GRCh38-chr1.vcf.gz": "a",
        "tommo/tommo-60kjpn-GRCh38-chr2.vcf.gz": "b",
        "pharmcat/definition/alleles/exemptions.json": "[]",
        "holiday.jpg": "",
        "ref/GRCh38.fa": ">chr1\nACGTACGT\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_knowledge_from_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = bundle(tmp_path / "disk")
    monkeypatch.chdir(tmp_path)
    reads = folder_of_reads(tmp_path / "reads")
    assert main(["init", "--reads", str(reads), "--build", "GRCh38"]) == 0
    assert main(["fetch", "--from", str(disk)]) == 0
    settings = yaml.safe_load(Path("config/config.yaml").read_text())
    knowledge = settings["knowledge"]
    assert set(knowledge) == {"clinvar", "oncotree", "frequencies"}
    assert knowledge["clinvar"]["path"].endswith("clinvar_20260226.vcf.gz")
    assert knowledge["clinvar"]["version"] == "20260226"
    tommo = knowledge["frequencies"]["tommo"]
    assert (tommo["format"], len(tommo["more"])) == ("tommo", 1)
    assert settings["pharmacogenomics"]["path"] == str(disk / "pharmcat")
    assert settings["reference"]["fasta"] == "reference/GRCh38.fa.gz"
    assert Path("reference/GRCh38.fa.gz.fai").read_text().startswith("chr1\t8\t")
    said = capsys.readouterr().out
    assert "holiday.jpg" in said
    assert "not had: spliceai" in said

    # What is configured is carried elsewhere, and read back there the same.
    assert main(["fetch", "--pack", "carried"]) == 0
    assert main(["fetch", "--from", "carried"]) == 0
    again = yaml.safe_load(Path("config/config.yaml").read_text())["knowledge"]
    for key in ("clinvar", "oncotree"):
        assert again[key]["sha256"] == knowledge[key]["sha256"]
        assert again[key]["path"].startswith(str(tmp_path / "carried"))
    # A file that changed on the way is named, and not configured.
    altered = next((tmp_path / "carried/clinvar").iterdir())
    altered.write_text("altered")
    assert main(["fetch", "--from", "carried"]) == 1
    assert f"failed: {altered}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("version", "older"),
    [
        ("2016-04-01", True),
        ("20231009", True),
        ("2030-01-01", False),
        ("release not stated", False),
    ],
)
def test_an_hpo_older_than_the_embedded_one_is_said(version: str, older: bool) -> None:
    said = older_than_embedded({"hpo": {"version": version}})
    assert bool(said) is older
    assert all(version in line and HPO_RELEASE in line for line in said)
    assert older_than_embedded({}) == []
