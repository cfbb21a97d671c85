"""BAM and CRAM inputs: one thing is broken; one line names it."""

import os
import shutil
import time
from pathlib import Path

import pysam
import pytest
from check_inputs import BASES, CONTIGS, Run, sequence, valid_run, write_fasta, write_reads


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Run:
    return valid_run(tmp_path)


@pytest.fixture(name="bam")
def _bam(run: Run) -> Path:
    """The BAM of P2, in row 4 of the sheet."""
    return run.folder / "P2_normal.bam"


def only(run: Run) -> str:
    """The one problem of a run."""
    lines = run.problems()
    assert len(lines) == 1, lines
    return lines[0]


def cram(run: Run, name: str = "P2_normal.cram", **options: object) -> Path:
    """P2's reads as CRAM, in place of the BAM."""
    path = write_reads(
        run.folder / name, "P2_normal", fasta=run.folder / "ref.fa", seed=2, **options
    )  # type: ignore[arg-type]
    run.samples[2]["path"] = name
    return path


def test_missing_file(run: Run, bam: Path) -> None:
    bam.unlink()
    assert only(run) == (
        "samples.tsv: row 4, column path: a file to read, found 'P2_normal.bam': it does not exist"
    )


def test_broken_link_directory_and_empty_file(run: Run, bam: Path) -> None:
    bam.unlink()
    bam.symlink_to("gone.bam")
    assert only(run).endswith("a broken symbolic link")
    bam.unlink()
    bam.mkdir()
    assert only(run).endswith("not a file")
    bam.rmdir()
    bam.touch()
    assert only(run).endswith("it is empty")


def test_a_file_of_the_future(run: Run, bam: Path) -> None:
    """What is made from it would seem older than it, and be made again and again."""
    moment = time.time() + 3600
    for file in (bam, bam.with_suffix(".bam.bai")):
        os.utime(file, (moment, moment))
    assert "'P2_normal.bam' is 3600 s ahead of this machine's clock" in only(run).replace(
        "3599", "3600"
    )


def test_unreadable_file(run: Run, bam: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by chmod: a test run by root reads every file."""
    usual = Path.open

    def refuse(path: Path, *arguments: object, **options: object) -> object:
        if path.name == bam.name:
            raise PermissionError(13, "Permission denied")
        return usual(path, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    assert only(run).endswith("found 'P2_normal.bam': Permission denied")


def test_no_index(run: Run, bam: Path) -> None:
    bam.with_suffix(".bam.bai").unlink()
    assert only(run) == ("P2_normal.bam: an index beside it; make it: samtools index P2_normal.bam")


@pytest.mark.parametrize("ending", [".bai", ".csi", ".bam.csi"])
def test_other_names_of_an_index(ending: str, run: Run, bam: Path) -> None:
    bam.with_suffix(".bam.bai").unlink()
    index = bam.with_suffix(ending)
    if ending.endswith("csi"):
        pysam.index("-c", str(bam), str(index))
    else:
        pysam.index(str(bam), str(index))
    assert run.problems() == []


def test_index_older_than_data(run: Run, bam: Path) -> None:
    index = bam.with_suffix(".bam.bai")
    then = bam.stat().st_mtime - 60
    os.utime(index, (then, then))
    assert only(run).startswith(
        "P2_normal.bam.bai: an index no older than P2_normal.bam; make it again: samtools index"
    )


def test_index_of_garbage(run: Run, bam: Path) -> None:
    bam.with_suffix(".bam.bai").write_bytes(b"BAI\x01garbage")
    assert only(run).startswith("P2_normal.bam.bai: a whole index (")
    bam.with_suffix(".bam.bai").write_bytes(b"nothing")
    assert only(run) == "P2_normal.bam.bai: a whole index (unknown format); make it again"


@pytest.mark.parametrize("kind", ["bam", "cram"])
def test_truncated(kind: str, run: Run, bam: Path) -> None:
    path = bam if kind == "bam" else cram(run)
    path.write_bytes(path.read_bytes()[:-20])
    os.utime(path, (1, 1))
    expected = "the block that ends a whole file: it is truncated; copy it again from where it came"
    assert only(run) == f"{path.name}: {expected}"


def test_truncated_within_a_block(run: Run, bam: Path) -> None:
    bam.write_bytes(bam.read_bytes()[: bam.stat().st_size // 2])
    os.utime(bam, (1, 1))
    assert run.problems()[0].startswith("P2_normal.bam: the block that ends a whole file")


def test_hole_inside(run: Run, bam: Path) -> None:
    raw = bytearray(bam.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 40] = bytes(40)
    bam.write_bytes(raw)
    os.utime(bam, (1, 1))
    assert "reads that can be decoded" in only(run)


def test_text_called_bam(run: Run, bam: Path) -> None:
    bam.write_text("@HD\tVN:1.6\n")
    os.utime(bam, (1, 1))
    assert only(run) == "P2_normal.bam: a BAM by content, found plain"


def test_cram_called_bam(run: Run, bam: Path) -> None:
    shutil.copy(cram(run), bam)
    run.samples[2]["path"] = bam.name
    assert only(run) == "P2_normal.bam: a BAM by content, found cram"


def test_unsorted_says_so_in_the_header(run: Run, bam: Path) -> None:
    write_reads(bam, "P2_normal", order="queryname", index=False)
    assert run.problems()[0].startswith(
        "P2_normal.bam: @HD: reads sorted by coordinate, found SO:queryname; samtools sort -o"
    )


@pytest.mark.parametrize("order", ["coordinate", "unsorted", None])
def test_unsorted_in_fact(order: str | None, run: Run, bam: Path) -> None:
    write_reads(bam, "P2_normal", order=order, index=False, shuffled=True)
    os.utime(bam, (1, 1))
    assert only(run).startswith("P2_normal.bam: reads sorted by coordinate; the first out of order")


@pytest.mark.parametrize("order", ["unsorted", "unknown", None])
def test_sorted_without_saying_so(order: str | None, run: Run, bam: Path) -> None:
    write_reads(bam, "P2_normal", order=order)
    assert run.problems() == []


def test_cram_passes(run: Run) -> None:
    cram(run)
    assert run.problems() == []
    assert run.notes == []


def test_cram_of_another_reference(run: Run) -> None:
    cram(run)
    changed = {name: sequence(length, 99 + i) for i, (name, length) in enumerate(CONTIGS.items())}
    for number in (0, 1):
        write_reads(
            run.folder / f"P1_{('normal', 'tumour')[number]}.bam",
            f"P1_{('normal', 'tumour')[number]}",
            seed=number,
        )
    write_fasta(run.folder / "ref.fa", changed)
    assert only(run) == (
        "P2_normal.cram: reads that can be decoded against the reference: it is not the one the "
        "CRAM was written with"
    )


def test_m5_of_another_reference_where_reads_do_not_show_it(run: Run) -> None:
    """Bases that no read covers differ: only @SQ M5 tells, and only a whole run can be refused."""
    path = cram(run)
    with pysam.AlignmentFile(str(path), reference_filename=str(run.folder / "ref.fa")) as reads:
        covered = {p for read in reads.fetch("chr20") for p in read.get_reference_positions()}
        slices = (min(covered), max(covered))
    at = slices[1] + 5
    bases = BASES["chr20"]
    assert at < len(bases)
    other = bases[:at] + ("A" if bases[at] != "A" else "C") + bases[at + 1 :]
    write_fasta(run.folder / "ref.fa", BASES | {"chr20": other})
    assert only(run).startswith("P2_normal.cram: contig chr20: the reference of @SQ M5")
    (run.folder / "run.bed").write_text("chr20\t0\t3000\n")
    run.config["regions"] = "run.bed"
    assert run.problems() == []
    assert any("chr20 differ from @SQ M5" in note for note in run.notes)


def test_sample_of_another_name(run: Run) -> None:
    run.samples[2]["sample"] = "X"
    assert only(run) == (
        "samples.tsv: row 4, column sample: the SM of P2_normal.bam's @RG, 'P2_normal', found 'X' "
        "(column sample_in_file states it)"
    )
    run.samples[2]["sample_in_file"] = "P2_normal"
    assert run.problems() == []
    run.samples[2]["sample_in_file"] = "Q"
    assert only(run).startswith(
        "samples.tsv: row 4, column sample_in_file: the SM of P2_normal.bam"
    )


def test_reads_without_a_group(run: Run, bam: Path) -> None:
    write_reads(bam, None)
    assert "found none: write - in sample_in_file" in only(run)
    run.samples[2]["sample_in_file"] = "-"
    assert run.problems() == []


def test_group_where_the_sheet_says_none(run: Run) -> None:
    run.samples[2]["sample_in_file"] = "-"
    assert only(run).endswith("the SM of P2_normal.bam's @RG, 'P2_normal'; - says there is none")


def test_two_samples_in_a_file(run: Run, bam: Path) -> None:
    write_reads(bam, "x", groups=["P2_normal", "P9"])
    assert only(run) == "P2_normal.bam: @RG: reads of one sample a file, found SM P2_normal, P9"


def test_same_file_twice(run: Run, bam: Path) -> None:
    (run.folder / "again.bam").symlink_to(bam.name)
    (run.folder / "again.bam.bai").symlink_to(bam.name + ".bai")
    run.add("P3", "again.bam", sample_in_file="P2_normal")
    assert only(run) == (
        "samples.tsv: row 5, column path: each file once, found that of 'P2_normal' again"
    )


@pytest.mark.parametrize("suffix", ["bam", "cram"])
def test_same_content_twice(suffix: str, run: Run) -> None:
    """The same reads in a file of another name, size and format."""
    path = run.folder / f"P3.{suffix}"
    write_reads(
        path, "P3_normal", seed=2, fasta=run.folder / "ref.fa", groups=["P3_normal", "P3_normal"]
    )
    run.add("P3", path.name)
    assert only(run) == (
        "samples.tsv: row 5, column path: data of its own; its first 120 reads are those of "
        "P2_normal.bam (sample P2_normal)"
    )


def bam_of(run: Run, contigs: dict[str, int]) -> None:
    write_reads(run.folder / "P2_normal.bam", "P2_normal", contigs, seed=2)


def test_chr_prefix(run: Run) -> None:
    bam_of(run, {name.removeprefix("chr"): length for name, length in CONTIGS.items()})
    assert only(run) == (
        "P2_normal.bam: contig 1: the reference's contig names; it calls chr1 what the file calls "
        "1 (chr prefix); name the reference the file was made with"
    )


def test_other_length(run: Run) -> None:
    bam_of(run, CONTIGS | {"chr20": 3001})
    assert only(run) == (
        "P2_normal.bam: contig chr20: contigs of the reference's lengths; chr20 has 3001 bases in "
        "the file, 3000 in the reference"
    )


def test_other_build(run: Run) -> None:
    bam_of(run, CONTIGS | {"chr20": 3001, "chr22": 50818468, "chr21": 46709983})
    assert only(run).endswith("(other build: the file is GRCh38, the reference artificial)")


def test_contig_of_the_run_absent(run: Run) -> None:
    bam_of(run, {name: CONTIGS[name] for name in ("chr1", "chr20")})
    assert only(run) == "P2_normal.bam: every contig of the run; the file lacks chrX"


def test_reference_with_fewer_contigs_needs_regions_inside_it(run: Run) -> None:
    bam_of(run, {**CONTIGS, "chr2": 2500, "chrUn_1": 900})
    line = only(run)
    assert "a reference with every contig of the reads; it lacks chr2, chrUn_1" in line
    (run.folder / "run.bed").write_text("chr20\t100\t2000\n")
    run.config["regions"] = "run.bed"
    assert run.problems() == []
    (run.folder / "run.bed").write_text("chr20\t100\t2000\nchr2\t100\t2000\n")
    assert only(run) == "run.bed: contig 'chr2': a contig of the reference"


def test_no_read_in_the_regions(run: Run, bam: Path) -> None:
    with pysam.AlignmentFile(str(bam)) as reads:
        first = min(read.reference_start for read in reads.fetch("chrX"))
    assert first > 2
    (run.folder / "run.bed").write_text(f"chrX\t0\t{1}\n")
    run.config["regions"] = "run.bed"
    assert "P2_normal.bam: at least one read in the regions of the run" in run.problems()
