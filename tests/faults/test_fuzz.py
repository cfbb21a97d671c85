"""Damaged inputs through every reader: a clean error or a result, never a crash or half a file.

Each reader is given mutations of a good file: bytes flipped, removed, repeated, replaced by
awkward ones; lines and cells swapped, dropped and doubled. A compressed file is mutated both as
text, compressed again, and as it lies on disk. FUZZ scales the number of examples (1: over 20,000).
"""

import contextlib
import gzip
import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import polars as pl
import pysam
import pytest
from check_inputs import CONTIGS, valid_run, write_reads, write_variants
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shirube.calling.calls import split_calls
from shirube.calling.gvcf_import import import_gvcf
from shirube.check.problems import Outcome
from shirube.check.run import check_run
from shirube.check.settings import check_config
from shirube.check.sheets import check_sheet
from shirube.contracts import CALLS, read, write
from shirube.demo import cases, knowledge
from shirube.demo.genome import build, gene_model_rows
from shirube.demo.make import fasta
from shirube.errors import ShirubeError
from shirube.knowledge.genemodels import read_gene_models
from shirube.knowledge.importers import Reference, import_source
from shirube.knowledge.sources import Source
from shirube.reads import inspect
from shirube.regions import read_contigs, run_regions
from shirube.sheet import read_patients, read_samples
from shirube.tools import run as run_tool
from shirube.vcf import header, read_columns

pytestmark = [pytest.mark.faults, pytest.mark.slow]

REPOSITORY = Path(__file__).resolve().parents[2]
SCALE = float(os.environ.get("FUZZ", "1"))
_AWKWARD = (
    *(b"", b"\x00", b"\n", b"\r\n", b"\t", b"\t\t", b"\xff\xfe", b"\xef\xbb\xbf", "患".encode()),
    *(b".", b"-1", b"0", b"1e999", b"NaN", b"2147483648", b"99999999999999999999", b"<*>", b"*"),
    *(b"$(id)", b"../", b"%00", b"##", b"'", b'"'),
    *(bytes([c]) for c in b",;=#[]{}:|/"),
)
_FRACTION = st.floats(0, 1, exclude_max=True)
_STEPS = st.lists(
    st.tuples(st.integers(0, 8), _FRACTION, _FRACTION, st.sampled_from(_AWKWARD)),
    min_size=1,
    max_size=4,
)


def mutated(raw: bytes, steps: list[tuple[int, float, float, bytes]]) -> bytes:
    """`raw` after each step: (kind of damage, where, how much or with whom, awkward bytes)."""
    for kind, at, other, awkward in steps:
        place, length = int(at * len(raw)), int(other**4 * len(raw))
        if kind == 0:
            raw = raw[:place] + bytes([int(other * 256)]) + raw[place + 1 :]
        elif kind == 1:
            raw = raw[:place] + raw[place + length :]
        elif kind == 2:
            raw = raw[:place] + raw[place : place + length] * 2 + raw[place + length :]
        elif kind == 3:
            raw = raw[:place] + awkward + raw[place:]
        elif kind == 4:
            raw = raw[:place]
        else:
            raw = _lines_mutated(raw, kind, at, other, awkward)
    return raw


def _lines_mutated(raw: bytes, kind: int, at: float, other: float, awkward: bytes) -> bytes:
    lines = raw.split(b"\n")
    one, two = int(at * len(lines)), int(other * len(lines))
    if kind == 5:
        lines[one], lines[two] = lines[two], lines[one]
    elif kind == 6:
        lines.insert(one, lines[two])
    elif kind == 7:
        del lines[one]
    else:
        cells = lines[one].split(b"\t")
        cells[int(other * len(cells))] = awkward
        lines[one] = b"\t".join(cells)
    return b"\n".join(lines)


def bgzipped(text: bytes, path: Path) -> None:
    with pysam.BGZFile(str(path), "wb") as stream:
        stream.write(text)


def _check_sheet(name: str) -> Callable[[Path], None]:
    reader = {"patients": read_patients, "samples": read_samples}[name]

    def parse(path: Path) -> None:
        outcome = Outcome()
        check_sheet(path, name, outcome)
        assert all(len(str(p).splitlines()) == 1 for p in outcome.problems)
        reader(path)

    return parse


def _inspected_reads(path: Path) -> None:
    inspect.reads_header(path)
    inspect.first_disorder(path)
    inspect.sampled_reads(path, [("chr20", 0, 3000)], str(path.parent / "ref.fa"))


def _inspected_variants(path: Path) -> None:
    inspect.variants_header(path)
    inspect.sampled_variants(path, [("chr20", 0, 3000)], "S1")


@pytest.fixture(scope="session", name="good")
def _good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of good files of every kind, made here."""
    folder = tmp_path_factory.mktemp("good")
    run = valid_run(folder)
    write_variants(folder / "P3.g.vcf.gz", "P3_normal", seed=4)
    run.add("P3", "P3.g.vcf.gz")
    (folder / "run.bed").write_text("chr1\t0\t3000\nchr20\t100\t2900\n")
    run.config["regions"] = "run.bed"
    run.write()
    assert run.lines() == []
    write_reads(folder / "s.bam", "S1", fasta=folder / "ref.fa")
    write_reads(folder / "s.cram", "S1", fasta=folder / "ref.fa")
    for name in ("s.vcf", "s.g.vcf"):
        write_variants(folder / f"{name}.gz", "S1")
        (folder / name).write_bytes(gzip.decompress((folder / f"{name}.gz").read_bytes()))
    run_tool("bcftools", "view", "--no-version", "-Ob", "-o", folder / "s.bcf", folder / "s.vcf")
    run_tool("bcftools", "index", folder / "s.bcf")
    genome = build()
    cohort = cases.make(genome, None)
    (folder / "models.bed").write_text("\n".join(gene_model_rows(genome)) + "\n")
    (folder / "clinvar.vcf").write_text(knowledge.clinvar(cohort))
    bgzipped((folder / "clinvar.vcf").read_bytes(), folder / "clinvar.vcf.gz")
    (folder / "population.vcf").write_text(knowledge.population(cohort))
    (folder / "evidence.tsv").write_text(knowledge.civic_evidence())
    (folder / "variants.tsv").write_text(knowledge.civic_variants(genome))
    (folder / "oncotree.tsv").write_text(knowledge.oncotree())
    sequence, index = fasta(genome)
    (folder / "demo.fa").write_text(sequence)
    (folder / "demo.fa.fai").write_text(index)
    write(CALLS.empty(), CALLS, folder / "calls.parquet")
    return folder


def _imported(name: str, folder: Path, **others: str) -> Callable[[Path], None]:
    """The importer of one knowledge table; a refusal leaves no table behind."""
    reference = Reference(folder / "demo.fa", "artificial", None)

    def parse(path: Path) -> None:
        table = path.parent / "table.parquet"
        table.unlink(missing_ok=True)
        key = "civic_evidence" if name == "clinical_evidence" else name
        files = {key: str(path)} | {k: str(folder / v) for k, v in others.items()}
        parts = {k: Source(k, v, version="1", licence="own") for k, v in files.items()}
        try:
            import_source(name, parts, reference, REPOSITORY / "resources", table)
        except ShirubeError:
            assert not table.exists(), "a refused source left a table"
            raise
        assert pl.read_parquet(table).height

    return parse


def _imported_gvcf(path: Path) -> None:
    out = path.parent / "out.g.vcf.gz"
    out.unlink(missing_ok=True)
    import_gvcf(path, "S1", dict(CONTIGS), None, "S1", out)
    assert inspect.ends_whole(out)


def _split(path: Path) -> None:
    regions = run_regions(dict(CONTIGS), None)
    fasta_path = str(path.parent / "ref.fa")
    out = path.parent / "split.vcf.gz"
    split_calls(path, "S1", fasta_path, dict(CONTIGS), regions, None, "S1", out)


def _config(path: Path) -> None:
    outcome = Outcome()
    check_config(path, outcome)
    assert all(len(str(p).splitlines()) == 1 for p in outcome.problems)


def _regions(path: Path) -> None:
    run_regions(dict(CONTIGS), path)


def _columns(path: Path) -> None:
    read_columns(path, {"END": pl.Int32}, {"GT": pl.String, "GQ": pl.Int32})


TARGETS: dict[str, tuple[str, Callable[[Path], Callable[[Path], object]], int, str]] = {
    # name: good file, its reader (given the folder of good files), examples, packing
    "patients": ("patients.tsv", lambda _: _check_sheet("patients"), 3000, ""),
    "samples": ("samples.tsv", lambda _: _check_sheet("samples"), 3000, ""),
    "config": ("config.yaml", lambda _: _config, 2500, ""),
    "regions": ("run.bed", lambda _: _regions, 3000, ""),
    "regions gzip": ("run.bed", lambda _: _regions, 500, "gzip"),
    "fasta index": ("ref.fa.fai", lambda _: read_contigs, 1000, ""),
    "gene models": ("models.bed", lambda _: read_gene_models, 1500, ""),
    "oncotree": ("oncotree.tsv", lambda f: _imported("oncotree", f), 1000, ""),
    "CIViC": (
        "evidence.tsv",
        lambda f: _imported("clinical_evidence", f, civic_variants="variants.tsv"),
        1000,
        "",
    ),
    "ClinVar": ("clinvar.vcf", lambda f: _imported("clinvar", f), 80, "bgzf"),
    "ClinVar bytes": ("clinvar.vcf.gz", lambda f: _imported("clinvar", f), 100, ""),
    "population": ("population.vcf", lambda f: _imported("frequency_x", f), 100, "bgzf"),
    "VCF": ("s.vcf", lambda _: _inspected_variants, 1500, "bgzf"),
    "VCF bytes": ("s.vcf.gz", lambda _: _inspected_variants, 1000, ""),
    "BCF bytes": ("s.bcf", lambda _: _inspected_variants, 500, ""),
    "VCF header": ("s.vcf", lambda _: header, 500, "bgzf"),
    "VCF columns": ("s.vcf", lambda _: _columns, 150, "bgzf"),
    "VCF split": ("s.vcf", lambda _: _split, 100, "bgzf"),
    "gVCF": ("s.g.vcf", lambda _: _imported_gvcf, 150, "bgzf"),
    "BAM bytes": ("s.bam", lambda _: _inspected_reads, 1000, ""),
    "CRAM bytes": ("s.cram", lambda _: _inspected_reads, 1000, ""),
    "table": ("calls.parquet", lambda _: partial(read, CALLS), 500, ""),
}
_SUFFIXES = {"bgzf": ".gz", "gzip": ".gz", "": ""}
_INDEXES = {".gz": ".tbi", ".bam": ".bai", ".cram": ".crai", ".bcf": ".csi"}


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_file(name: str, good: Path, tmp_path: Path) -> None:
    """The reader ends in time, with a result or a ShirubeError."""
    file, reader, examples, packed = TARGETS[name]
    parse, seed = reader(good), (good / file).read_bytes()
    path = tmp_path / (file + _SUFFIXES[packed])
    index = good / f"{path.name}{_INDEXES.get(path.suffix, '.none')}"
    for beside in (good / "ref.fa", good / "ref.fa.fai", index):
        if beside.exists():
            shutil.copy(beside, tmp_path)
    kept = Path(tempfile.gettempdir()) / "shirube-fuzz-input"

    @settings(
        max_examples=max(1, int(examples * SCALE)),
        deadline=timedelta(seconds=30),
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
    )
    @given(_STEPS)
    def fuzz(steps: list[tuple[int, float, float, bytes]]) -> None:
        raw = mutated(seed, steps)
        if packed == "bgzf":
            bgzipped(raw, path)
        else:
            path.write_bytes(gzip.compress(raw, 1) if packed else raw)
        kept.write_bytes(path.read_bytes())  # what is left here after a crash is its cause
        os.utime(path, (1, 1))
        with contextlib.suppress(ShirubeError):
            parse(path)

    fuzz()
    kept.unlink()


WHOLE = (
    "config.yaml", "patients.tsv", "samples.tsv", "run.bed", "ref.fa", "ref.fa.fai",
    "P1_normal.bam", "P1_normal.bam.bai", "P3.g.vcf.gz", "P3.g.vcf.gz.tbi",
)  # fmt: skip


@pytest.mark.parametrize("file", WHOLE)
def test_check_of_a_run_with_a_damaged_file(
    file: str, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`shirube check` says what is wrong in lines and raises nothing, whichever file it is."""
    run = tmp_path / "run"
    shutil.copytree(good, run)
    monkeypatch.chdir(run)
    seed = (good / file).read_bytes()

    @settings(
        max_examples=max(1, int(40 * SCALE)),
        phases=[Phase.generate],
        deadline=timedelta(seconds=30),
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
    )
    @given(_STEPS)
    def fuzz(steps: list[tuple[int, float, float, bytes]]) -> None:
        (run / file).write_bytes(mutated(seed, steps))
        outcome = check_run(Path("config.yaml")).outcome
        assert all(len(str(problem).splitlines()) == 1 for problem in outcome.problems)

    fuzz()


def test_there_are_over_20000_damaged_files() -> None:
    assert sum(examples for _, _, examples, _ in TARGETS.values()) + 40 * len(WHOLE) > 20_000
