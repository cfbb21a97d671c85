"""The RO-Crate of a run and the finding of everything that differs from it."""

import json
import random
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rocrate.rocrate import ROCrate

import write_provenance
from shirube.cli import main as cli
from shirube.crate.document import InputFile, Run, content_name, crate_text, dotted
from shirube.crate.inventory import (
    CRATE,
    SEAL,
    checksums,
    files_below,
    made,
    pattern,
    read_checksums,
    sha256,
    source_files,
)
from shirube.crate.verify import crate_problems
from shirube.errors import InputError

NAMES = {"patient": ["P1", "P2"], "sample": ["S1"]}
INPUTS = {
    "ref.fa": "reference",
    "know.tsv": "knowledge",
    "people.tsv": "sheet",
    "s1.bam": "sample",
}
RESULTS = (
    "reports/P1/report.json",
    "reports/P2/report.json",
    "cohort/frequency/chr2.parquet",
    "a b/100%/患者#1?.txt",
)


@pytest.fixture(name="results")
def _results(tmp_path: Path) -> Path:
    """A results directory with its crate, beside the inputs it names."""
    results = tmp_path / "results"
    for name in (*INPUTS, *(f"results/{result}" for result in RESULTS)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"content of {name}\n".encode() * 20)
    inputs = [InputFile(name, sha256(tmp_path / name), role) for name, role in INPUTS.items()]
    found = {name: sha256(results / name) for name in RESULTS}
    workflow = InputFile("Snakefile", "ab" * 32, "workflow")
    run = Run("0.1", workflow, inputs, found, dotted({"a": {"b": 1}}), {"bcftools": "1.24"}, "..")
    (results / CRATE).write_text(crate_text(run))
    (results / SEAL).write_text(f"{sha256(results / CRATE)}  {CRATE}\n")
    return results


def test_untouched_results_have_no_problem(results: Path) -> None:
    assert crate_problems(results) == []


@pytest.mark.parametrize("name", [*INPUTS, *(f"results/{r}" for r in RESULTS)])
def test_a_flipped_byte_is_found_wherever_it_is(name: str, results: Path) -> None:
    path = results.parent / name
    good = path.read_bytes()
    rng = random.Random(name)
    for at in rng.sample(range(len(good)), 5):
        path.write_bytes(good[:at] + bytes([good[at] ^ (1 << rng.randrange(8))]) + good[at + 1 :])
        (problem,) = crate_problems(results)
        assert problem.startswith(f"{path}: ")
        assert "altered" in problem


@pytest.mark.parametrize("name", [CRATE, SEAL])
def test_a_flipped_byte_of_the_crate_is_found(name: str, results: Path) -> None:
    path = results / name
    good = path.read_bytes()
    for at in random.Random(1).sample(range(len(good)), 20):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert cli.main(["verify", str(results)]) == 1


def test_gone_strange_and_reads_left_out(results: Path) -> None:
    (results / RESULTS[0]).unlink()
    (results / "reports" / "OLD.json").write_text("{}")
    (results / "cohort" / "state").mkdir()
    (results / "cohort" / "state" / "x").write_text("outlives runs")
    (results.parent / "s1.bam").write_bytes(b"other")
    with_reads = crate_problems(results)
    without = crate_problems(results, reads=False)
    assert [x.removeprefix(f"{results}/") for x in without] == [
        "reports/P1/report.json: result is gone",
        "reports/OLD.json: not a result of this run",
    ]
    assert len(with_reads) == 3


def test_seal_gone(results: Path) -> None:
    (results / SEAL).unlink()
    assert crate_problems(results) == [f"{results / SEAL}: gone; it seals {CRATE}"]


def test_no_crate(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ro-crate-metadata\.json"):
        crate_problems(tmp_path)


def test_crate_is_read_by_the_library_and_links_inputs_to_results(results: Path) -> None:
    crate = ROCrate(results)
    action = crate.dereference("#run")
    read = {entity["name"] for entity in action["object"] if "sha256" in entity.properties()}
    assert read == set(INPUTS)
    assert sorted(unquote(entity.id) for entity in action["result"]) == sorted(RESULTS)
    assert action["instrument"].id == crate.root_dataset["mainEntity"].id
    assert crate.dereference("#setting-a.b")["value"] == "1"
    assert crate.dereference("#tool-bcftools")["softwareVersion"] == "1.24"
    profiles = [entity.id for entity in crate.root_dataset["conformsTo"]]
    assert "https://w3id.org/ro/wfrun/workflow/0.5" in profiles
    assert "datePublished" not in json.loads((results / CRATE).read_text())["@graph"][-1]


def test_date_and_operator_are_those_given() -> None:
    run = Run("1", InputFile("Snakefile", "00" * 32, "workflow"), [], {}, {}, {}, ".")
    assert "endTime" not in crate_text(run)
    dated = Run(**{**run.__dict__, "date": "2026-04-01", "operator": "somebody"})
    text = crate_text(dated)
    assert '"endTime": "2026-04-01"' in text
    assert '"name": "somebody"' in text
    assert text == crate_text(dated), "the same run, the same bytes"


def test_same_content_under_two_paths_is_one_entity(tmp_path: Path) -> None:
    inputs = [InputFile(name, "11" * 32, "reference") for name in ("a.fa", "b.fa")]
    run = Run("1", InputFile("Snakefile", "00" * 32, "workflow"), inputs, {}, {}, {}, ".")
    (entity,) = [
        e for e in json.loads(crate_text(run))["@graph"] if e["@id"] == content_name("11" * 32)
    ]
    assert entity["alternateName"] == ["a.fa", "b.fa"]


def test_outputs_of_rules_as_patterns() -> None:
    files = [
        "r/x/P1.json",
        "r/x/P3.json",
        "r/d/any/thing",
        "r/c/chr1.t",
        "r/c/chr1/t",
        "r/P1/P1",
        "r/P1/P2",
    ]
    outputs = [
        ("r/x/{patient,[A-Z0-9]+}.json", False),
        ("r/d", True),
        ("r/c/{chrom}.t", False),
        ("r/{patient}/{patient}", False),
    ]
    assert list(made(files, outputs, NAMES)) == [
        "r/x/P1.json",
        "r/d/any/thing",
        "r/c/chr1.t",
        "r/P1/P1",
    ]


def test_constraint_with_braces_is_kept() -> None:
    assert pattern("a/{tile,[0-9]{2,3}}.b", {}) == r"a/(?P<tile>[0-9]{2,3})\.b"


def test_files_below_leaves_out_what_is_hidden(tmp_path: Path) -> None:
    for name in ("b", "a/c", ".snakemake/x", "a/.snakemake_timestamp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert files_below(tmp_path) == [f"{tmp_path}/a/c", f"{tmp_path}/b"]


def test_checksum_file_of_the_shell(tmp_path: Path) -> None:
    path = tmp_path / "x.sha256"
    path.write_text(f"{'0' * 64}  a b.bam\n")
    assert read_checksums(path) == {"a b.bam": "0" * 64}
    path.write_text("nothing\n")
    with pytest.raises(InputError, match="line 1"):
        read_checksums(path)


@given(st.dictionaries(st.sampled_from("abc"), st.integers() | st.none() | st.lists(st.text())))
def test_settings_are_kept_whole(settings: dict[str, object]) -> None:
    found = {key: json.loads(value) for key, value in dotted(settings).items() if key}
    assert found == settings


def test_threads_do_not_matter(results: Path) -> None:
    files = files_below(results)
    assert checksums(files, 1) == checksums(files, 4)


def test_command(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (results / RESULTS[0]).write_text("{}")
    assert cli.main(["verify", str(results)]) == 1
    assert f"{results / RESULTS[0]}: result altered" in capsys.readouterr().err


def test_files_of_sources_in_groups() -> None:
    sources = {
        "clinvar": {"path": "c.vcf", "version": "1"},
        "frequencies": {"a": {"path": "a.vcf"}},
    }
    assert source_files(sources) == ["c.vcf", "a.vcf"]
    assert source_files({}) == []


def test_script_writes_a_crate_that_verifies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule's script, in a directory laid out as a run's; twice the same bytes."""
    monkeypatch.chdir(tmp_path)
    for name in ("ref.fa", "reads/S1.bam", "know.tsv", "r/x/P1.json", "r/d/a/b", "r/stray"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(f"content of {name}")
    Path("r/run").mkdir()
    Path("r/run/S1.sha256").write_text(f"{sha256('reads/S1.bam')}  reads/S1.bam\n")

    def write() -> bytes:
        number = write_provenance.main(
            roles={"reference": ["ref.fa"], "knowledge": ["know.tsv"]},
            sample_checksums=["r/run/S1.sha256"],
            workflow="00" * 32,
            outputs=[
                ("r/x/{patient}.json", False),
                ("r/d", True),
                ("r/run/{sample}.sha256", False),
            ],
            names=NAMES,
            settings={"report": {"date": None}, "provenance": {"operator": None}, "regions": None},
            threads=2,
            crate=f"r/{CRATE}",
            seal=f"r/{SEAL}",
        )
        assert number == 3
        return Path("r", CRATE).read_bytes()

    first = write()
    assert first == write()
    assert str(tmp_path).encode() not in first
    assert crate_problems(Path("r")) == ["r/stray: not a result of this run"]
    monkeypatch.chdir("/")
    assert crate_problems(tmp_path / "r") == [f"{tmp_path}/r/stray: not a result of this run"]
    (tmp_path / "know.tsv").write_text("other")
    assert f"{tmp_path}/know.tsv: knowledge altered" in crate_problems(tmp_path / "r")[0]
