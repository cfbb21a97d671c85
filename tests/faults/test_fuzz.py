"""Damaged inputs through every reader: a clean error or a result, never a crash or half a file.

Each reader is given mutations of a good file: bytes flipped, removed, repeated, replaced by
awkward ones; lines and cells swapped, dropped and doubled. A compressed file is mutated both as
text, compressed again, and as it lies on disk. FUZZ scales the number (1: over
20,000).
"""

import contextlib
import copy
import gzip
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pysam
import pytest
import yaml
from check_inputs import CONTIGS, valid_run, write_reads, write_variants
from damage import STEPS, examples, mutated
from hypothesis import given
from hypothesis import strategies as st

from shirube.calling.germline.calls import split_calls
from shirube.calling.germline.gvcf_import import import_gvcf
from shirube.check.problems import Outcome
from shirube.check.run import check_run
from shirube.check.settings import check_config
from shirube.check.sheets import check_sheet
from shirube.contracts import CALLS, read, write
from shirube.demo import cases, knowledge
from shirube.demo.genome import build, gene_model_rows
from shirube.demo.make import fasta
from shirube.errors import ShirubeError
from shirube.genome.regions import read_contigs, run_regions
from shirube.knowledge.genemodels import read_gene_models
from shirube.knowledge.importers import Reference, import_source
from shirube.knowledge.sources import Source
from shirube.rare.family_files import people, sheet
from shirube.rare.ped import read_ped
from shirube.rare.phenopackets import read_phenopacket
from shirube.reads import inspect
from shirube.sheet import read_patients, read_samples
from shirube.tools import run as run_tool
from shirube.vcf import header, read_columns

pytestmark = [pytest.mark.faults, pytest.mark.slow]

REPOSITORY = Path(__file__).resolve().parents[2]


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
    inspect.sampled_lines(path, [("chr20", 0, 3000)])


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
    (folder / "family.ped").write_text(PED)
    (folder / "packet.json").write_text(json.dumps(PACKET, indent=1))
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


def _pedigree(path: Path) -> None:
    sheet(people([read_ped(str(path))])[0])


def _columns(path: Path) -> None:
    read_columns(path, {"END": pl.Int32}, {"GT": pl.String, "GQ": pl.Int32})


TARGETS: dict[str, tuple[str, Callable[[Path], Callable[[Path], object]], int, str]] = {
    # name: good file, its reader (given the folder of good files), examples, packing
    "patients": ("patients.tsv", lambda _: _check_sheet("patients"), 3000, ""),
    "samples": ("samples.tsv", lambda _: _check_sheet("samples"), 3000, ""),
    "config": ("config.yaml", lambda _: _config, 2500, ""),
    "regions": ("run.bed", lambda _: _regions, 3000, ""),
    "regions gzip": ("run.bed", lambda _: _regions, 500, "gzip"),
    "PED": ("family.ped", lambda _: _pedigree, 1500, ""),
    "phenopacket": ("packet.json", lambda _: read_phenopacket, 1000, ""),
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
    file, reader, number, packed = TARGETS[name]
    parse, seed = reader(good), (good / file).read_bytes()
    path = tmp_path / (file + _SUFFIXES[packed])
    index = good / f"{path.name}{_INDEXES.get(path.suffix, '.none')}"
    for beside in (good / "ref.fa", good / "ref.fa.fai", index):
        if beside.exists():
            shutil.copy(beside, tmp_path)
    kept = Path(tempfile.gettempdir()) / "shirube-fuzz-input"

    @examples(number)
    @given(STEPS)
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


PED = """#family\tid\tfather\tmother\tsex\taffected
F\tC\tA\tB\t2\t2
F\tA\t0\t0\t1\t1
F\tB\t0\t0\t2\t1
"""
PACKET = {
    "id": "case-1",
    "subject": {
        "id": "C",
        "sex": "FEMALE",
        "timeAtLastEncounter": {"age": {"iso8601duration": "P1Y"}},
    },
    "phenotypicFeatures": [
        {"type": {"id": "HP:0001250", "label": "Seizure"}},
        {"type": {"id": "HP:0001252", "label": "Hypotonia"}, "excluded": True},
    ],
    "diseases": [{"term": {"id": "OMIM:163950", "label": "Noonan syndrome 1"}}],
    "metaData": {
        "created": "2026-01-01T00:00:00Z",
        "resources": [],
        "phenopacketSchemaVersion": "2.0",
    },
}
FAMILY = {
    "id": "F",
    "proband": PACKET,
    "relatives": [{"id": "x", "subject": {"id": "A", "sex": "MALE"}}],
    "pedigree": {
        "persons": [
            {"familyId": "F", "individualId": "C", "paternalId": "A", "maternalId": "0",
             "sex": "FEMALE", "affectedStatus": "AFFECTED"},
            {"familyId": "F", "individualId": "A", "paternalId": "0", "maternalId": "0",
             "sex": "MALE", "affectedStatus": "UNAFFECTED"},
        ]
    },
}  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Every place in a JSON value."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


@pytest.mark.parametrize("name", ["phenopacket", "family", "configuration"])
def test_values_of_another_kind(name: str, tmp_path: Path) -> None:
    """A value of JSON or YAML replaced by one of any type, anywhere."""
    shipped = yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text())
    good = {"phenopacket": PACKET, "family": FAMILY, "configuration": shipped}[name]
    path = tmp_path / "packet.json"

    @examples(1000)
    @given(st.sampled_from(places(good)[1:]), _JSON)
    def fuzz(place: tuple[Any, ...], value: object) -> None:
        changed = copy.deepcopy(good)
        inner: Any = changed
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = value
        path.write_text(json.dumps(changed))
        if name == "configuration":
            _config(path)
        else:
            with contextlib.suppress(ShirubeError):
                sheet(people([read_phenopacket(str(path))])[0])

    fuzz()


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

    @examples(40)
    @given(STEPS)
    def fuzz(steps: list[tuple[int, float, float, bytes]]) -> None:
        (run / file).write_bytes(mutated(seed, steps))
        outcome = check_run(Path("config.yaml")).outcome
        assert all(len(str(problem).splitlines()) == 1 for problem in outcome.problems)

    fuzz()


def test_there_are_over_20000_damaged_files() -> None:
    assert sum(number for _, _, number, _ in TARGETS.values()) + 40 * len(WHOLE) > 20_000
