"""Configuration, reference, regions, engines and knowledge: one thing broken, one line."""

import gzip
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from check_inputs import BASES, Run, sequence, valid_run, write_fasta
from hypothesis import given, settings
from hypothesis import strategies as st

from shirube.check import engines
from shirube.check.problems import Outcome
from shirube.check.schema import complaints, schema
from shirube.check.settings import check_config
from shirube.cohort.groups import FLOOR
from shirube.genome.builds import build_of


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Run:
    return valid_run(tmp_path)


def only(run: Run) -> str:
    lines = run.problems()
    assert len(lines) == 1, lines
    return lines[0]


def test_unknown_key_and_the_nearest_known_one(run: Run) -> None:
    run.config["calling"]["min_mapqq"] = 20
    assert only(run).startswith(
        "config.yaml: key calling.min_mapqq: a known key (did you mean min_mapq?); known: tile"
    )


@pytest.mark.parametrize(
    ("keys", "value", "expected"),
    [
        (("calling", "tile"), "many", "key calling.tile: a whole number; found 'many'"),
        (("calling", "tile"), 9, "key calling.tile: at least 10000; found '9'"),
        (("cohort", "adj", "min_ab"), 1.5, "key cohort.adj.min_ab: at most 1; found '1.5'"),
        (
            ("cohort", "release"),
            {"min_people": 1},
            f"key cohort.release.min_people: at least {FLOOR}; found '1'",
        ),
        (("report", "languages"), [], "key report.languages: at least 1 item(s); found '[]'"),
        (("report", "languages"), ["fr"], "key report.languages.0: one of ja, en; found 'fr'"),
        (("reference", "build"), "hg19", "key reference.build: one of GRCh38, GRCh37, artificial"),
        (("patients",), None, "key patients: "),
        (("regions",), 3, "key regions: text or nothing; found '3'"),
    ],
)
def test_value_is_refused(keys: tuple[str, ...], value: object, expected: str, run: Run) -> None:
    inner: dict[str, Any] = run.config
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    run.write()
    assert any(line.startswith(f"config.yaml: {expected}") for line in run.lines())


def test_missing_key(run: Run) -> None:
    del run.config["reference"]["build"]
    assert "config.yaml: key reference.build: a value: the key is required" in run.problems()


TEXTS = {
    "a: [1": "YAML (",
    "- a\n- b\n": "keys with values",
    "": "keys with values",
    "a: 1\na: 2\n": "line 2, key a: each key once",
    "a: &x [*x]\n": "config.yaml: ",
    "? {b: 1}\n: 2\n": "config.yaml: ",
    "2024-01-01: x\n": "key 2024-01-01: a known key",
    "a: !!python/object:os.system x": "YAML (",
    "\x00": "YAML (",
}


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_refused(text: str, run: Run) -> None:
    (run.folder / "config.yaml").write_text(text)
    assert any(TEXTS[text] in line for line in run.lines())


def test_no_configuration(run: Run) -> None:
    (line,) = run.lines()
    assert line.startswith("config.yaml: a configuration file to read")


def test_shipped_configuration_fits_the_schema() -> None:
    shipped = Path(__file__).resolve().parents[2] / "config" / "config.yaml"
    assert list(complaints(yaml.safe_load(shipped.read_text()), "config")) == []


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_value_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    shipped = Path(__file__).resolve().parents[2] / "config" / "config.yaml"
    config: Any = yaml.safe_load(shipped.read_text())
    inner = config
    while True:
        key = data.draw(st.sampled_from(sorted(inner)))
        if not (isinstance(inner[key], dict) and inner[key] and data.draw(st.booleans())):
            break
        inner = inner[key]
    inner[key] = data.draw(_VALUES)
    for where, expected in complaints(config, "config"):
        assert isinstance(where, str)
        assert expected


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.sampled_from(list("ab: -[]{}&*!|>\n\t'\"#?,1.")), max_size=40))
def test_any_yaml_is_read_or_refused(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("yaml") / "config.yaml"
    path.write_text(text)
    outcome = Outcome()
    check_config(path, outcome)
    assert outcome.problems


def test_reference_missing(run: Run) -> None:
    (run.folder / "ref.fa").unlink()
    assert only(run) == (
        "config.yaml: key reference.fasta: a file to read, found 'ref.fa': it does not exist"
    )


def test_reference_index_missing(run: Run) -> None:
    (run.folder / "ref.fa.fai").unlink()
    assert only(run) == "ref.fa: an index ref.fa.fai beside it; make it: samtools faidx ref.fa"


def test_reference_index_older(run: Run) -> None:
    os.utime(run.folder / "ref.fa.fai", (1, 1))
    assert only(run).startswith("ref.fa.fai: an index no older than ref.fa")


@pytest.mark.parametrize("text", ["", "chr1\n", "chr1\tx\t1\t2\t3\n"])
def test_reference_index_of_garbage(text: str, run: Run) -> None:
    (run.folder / "ref.fa.fai").write_text(text)
    assert "ref.fa.fai: " in only(run)


def test_reference_index_of_another_file(run: Run) -> None:
    (run.folder / "ref.fa").write_text(">chr1\nACGT\n")
    os.utime(run.folder / "ref.fa", (1, 1))
    assert any("ref.fa: 4000 bases of chr1, as ref.fa.fai says" in x for x in run.problems())


def test_bgzipped_reference(run: Run) -> None:
    write_fasta(run.folder / "ref.fa.gz")
    run.config["reference"]["fasta"] = "ref.fa.gz"
    assert run.problems() == []
    (run.folder / "ref.fa.gz.gzi").unlink()
    assert "ref.fa.gz: an index ref.fa.gz.gzi beside it; make it: samtools faidx ref.fa.gz" in (
        run.problems()
    )


def test_gzipped_reference(run: Run) -> None:
    path = run.folder / "ref.fa.gz"
    path.write_bytes(gzip.compress(b">chr1\nACGT\n"))
    run.config["reference"]["fasta"] = "ref.fa.gz"
    assert only(run).startswith("ref.fa.gz: plain or bgzipped FASTA, found gzip; pack it again:")


def test_contigs_that_are_no_chromosome_are_announced(run: Run) -> None:
    write_fasta(run.folder / "ref.fa", BASES | {"decoy1": sequence(100, 5)})
    assert run.problems() == []
    assert run.notes == ["reference: 1 contigs are no chromosome, not called: decoy1"]


def test_no_contig_is_a_chromosome(run: Run) -> None:
    write_fasta(run.folder / "ref.fa", {"demo": sequence(100, 5)})
    expected = "at least one contig of the reference to be a chromosome"
    assert any(f"key reference.aliases: {expected}" in line for line in run.problems())


def test_two_contigs_for_one_chromosome(run: Run) -> None:
    write_fasta(run.folder / "ref.fa", BASES | {"20": sequence(100, 5)})
    line = "config.yaml: key reference.aliases: one contig for chr20, found chr20 and 20"
    assert line in run.problems()


def test_alias_of_nothing(run: Run) -> None:
    run.config["reference"]["aliases"] = {"nowhere": "chr5"}
    assert only(run) == (
        "config.yaml: key reference.aliases.nowhere: a contig of the reference, found 'nowhere'; "
        "it has chr1, chr20, chrX"
    )


REGIONS = {
    "chr20\t0\t3001\n": "run.bed: chr20:0-3001: an interval inside chr20 of 3000 bases",
    "chr9\t0\t30\n": "run.bed: contig 'chr9': a contig of the reference",
    "20\t0\t30\n": "run.bed: contig '20': a contig of the reference (chr prefix: the reference "
    "calls it chr20)",
    "chr20 0 30\n": "run.bed: line 1: contig, start, end separated by tabs",
    "chr20\t30\t30\n": "run.bed: line 1: start below end, found 30 30",
    "# only a comment\n": "run.bed: at least one interval",
}


@pytest.mark.parametrize("text", REGIONS)
def test_regions(text: str, run: Run) -> None:
    (run.folder / "run.bed").write_text(text)
    run.config["regions"] = "run.bed"
    assert only(run) == REGIONS[text]


def test_region_of_unknown_bases(run: Run) -> None:
    write_fasta(run.folder / "ref.fa", BASES | {"chr20": BASES["chr20"][:2900] + "N" * 100})
    (run.folder / "run.bed").write_text("chr20\t100\t2000\nchr20\t2900\t3000\n")
    run.config["regions"] = "run.bed"
    assert only(run) == "run.bed: chr20:2900-3000: known bases in ref.fa, found N only"


def test_region_on_a_decoy(run: Run) -> None:
    write_fasta(run.folder / "ref.fa", BASES | {"decoy1": sequence(100, 5)})
    (run.folder / "run.bed").write_text("chr20\t100\t2000\ndecoy1\t0\t50\n")
    run.config["regions"] = "run.bed"
    assert only(run).startswith("run.bed: contig 'decoy1': a chromosome (chr1 ... chrM")


def test_build_of_lengths() -> None:
    assert build_of({"chr20": 64444167, "chrM": 16569}) == "GRCh38"
    assert build_of({"20": 63025520}) == "GRCh37"
    assert build_of({"20": 64444167, "1": 248956422, "X": 155270560}) == "GRCh38"
    assert build_of({"chr20": 3000, "x": None}) is None
    assert build_of({"demo": 63025520}, {"demo": "chr20"}) == "GRCh37"


def test_every_engine_has_its_executables_stated() -> None:
    stages = schema("config")["properties"]["engines"]["properties"]
    named = {engine for stage in stages.values() for engine in stage.get("enum", [])}
    assert named == set(engines.EXECUTABLES)


def test_engine_not_installed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engines.EXECUTABLES, "bcftools", ("no-such-caller",))
    assert only(run) == (
        "config.yaml: key engines.germline: no-such-caller installed for bcftools; "
        "conda install -c conda-forge -c bioconda no-such-caller"
    )


def test_bcftools_not_installed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "located", lambda tool: None)
    assert run.problems() == [
        f"config.yaml: {tool} installed; make setup (pip) or conda env create -f environment.yml"
        for tool in ("bcftools", "samtools")
    ]


def oncotree(run: Run, **more: str) -> Path:
    path = run.folder / "oncotree.txt"
    path.write_text(
        "code\tmain_type\tname\ttissue\n"
        "LUAD\tLung Cancer\tLung Adenocarcinoma\tLung\n"
        "BRCA\tBreast Cancer\tInvasive Breast Carcinoma\tBreast\n"
    )
    source = {"path": path.name, "version": "1", "licence": "own", **more}
    run.config["knowledge"] = {"oncotree": source}
    return path


def test_knowledge_file_missing(run: Run) -> None:
    oncotree(run).unlink()
    assert only(run) == (
        "config.yaml: key knowledge.oncotree.path: a file to read, found 'oncotree.txt': it does "
        "not exist"
    )


def test_knowledge_file_altered(run: Run) -> None:
    path = oncotree(run)
    oncotree(run, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    assert run.problems() == []
    path.write_text(path.read_text().replace("LUAD", "LUAX"))
    assert "key knowledge.oncotree.sha256: the file of this sum: oncotree.txt has" in only(run)


def test_unknown_source(run: Run) -> None:
    oncotree(run)
    run.config["knowledge"]["oncotre"] = run.config["knowledge"]["oncotree"]
    assert "key knowledge.oncotre: a known key (did you mean oncotree?)" in only(run)


def test_term_not_in_the_source(run: Run) -> None:
    oncotree(run)
    run.person("P1")["diagnosis"] = "LUADD"
    assert only(run) == (
        "patients.tsv: row 2, column diagnosis: an OncoTree code of oncotree.txt, found 'LUADD' "
        "(did you mean LUAD?)"
    )
    run.person("P1")["diagnosis"] = "LUAD"
    terms = run.folder / "hp.obo.gz"
    terms.write_bytes(gzip.compress(b"[Term]\nid: HP:0001250\nname: Seizure\n"))
    source = {"path": terms.name, "version": "1", "licence": "own"}
    run.config["knowledge"] |= {"hpo": source, "hpo_genes": source}
    run.person("P1")["hpo"] = "HP:0001250;!HP:9999999"
    assert only(run) == ("patients.tsv: row 2, column hpo: a term of hp.obo.gz, found 'HP:9999999'")


def test_terms_in_the_form_oncotree_publishes_and_in_a_list_of_trials(run: Run) -> None:
    path = oncotree(run)
    path.write_text("level_1\tlevel_2\nLung (LUNG)\t\nLung (LUNG)\tAdenocarcinoma (LUAD)\n")
    run.person("P1")["diagnosis"] = "LUAS"
    trials = run.folder / "trials.tsv"
    trials.write_text("trial\ttitle\tstatus\tcodes\nT1\tx\trecruiting\tLUNG;LUAX\n")
    export = {"path": trials.name, "exported": "2026-11-01"}
    run.config["report"]["trials"] = {"exports": [export]}
    diagnosis, trial = run.problems()
    assert "row 2, column diagnosis: an OncoTree code of oncotree.txt, found 'LUAS'" in diagnosis
    assert trial.startswith("trials.tsv: row 2, column codes: an OncoTree code")
    assert trial.endswith("found 'LUAX' (did you mean LUAD?)")


def test_grouped_source(run: Run) -> None:
    oncotree(run)
    run.config["knowledge"]["frequencies"] = {"gnomad": {"path": "absent.vcf.gz"}}
    assert only(run).startswith(
        "config.yaml: key knowledge.frequencies.gnomad.path: a file to read, found 'absent.vcf.gz'"
    )


@pytest.mark.parametrize("key", ["version", "licence"])
def test_source_without_version_or_licence(key: str, run: Run) -> None:
    oncotree(run, **{key: " "})
    assert only(run) == (
        f"config.yaml: key knowledge.oncotree.{key}: the {key} of oncotree.txt: the report states "
        "it"
    )


def test_source_cut_short(run: Run) -> None:
    path = run.folder / "hp.obo.gz"
    path.write_bytes(gzip.compress(b"id: HP:0001250\n" * 99)[:-9])
    source = {"path": path.name, "version": "1", "licence": "own"}
    run.config["knowledge"] = {"hpo_japanese": source}
    assert only(run).startswith("hp.obo.gz: ")


def _hpo(run: Run, **texts: str) -> None:
    for key, text in texts.items():
        path = run.folder / f"{key}.txt"
        path.write_text(text)
        run.config["knowledge"][key] = {"path": path.name, "version": "1", "licence": "own"}


OBO = "data-version: hp/releases/2025-01-16\n\n[Term]\nid: HP:0001250\nname: Seizure\n"


def test_files_of_two_releases_of_hpo(run: Run) -> None:
    """HPO is named whole; releases that files state are one; terms one file lacks are told."""
    oncotree(run)
    _hpo(run, hpo=OBO)
    assert "knowledge.hpo_genes: this source too, of the release of hpo" in only(run)
    _hpo(run, hpo_genes="HP:0001250\tSeizure\t1\tA\nHP:0000002\tx\t1\tA\n")
    assert not run.problems()
    assert any("1 of 2 terms of hpo_genes.txt are unknown" in note for note in run.notes)
    _hpo(run, hpo_annotations="#version: 2024-12-12\n#hpo-version: x/2024-12-12/hp.json\n")
    assert only(run).endswith(
        "HPO's release of hpo.txt (2025-01-16), hpo_annotations.txt is of 2024-12-12"
    )
    _hpo(run, hpo_annotations="#version: 2025-01-16\n")
    assert not run.problems()


def test_a_term_the_embedded_release_does_not_know(run: Run) -> None:
    run.config["knowledge"] = {}
    run.person("P1")["hpo"] = "HP:0001250;!HP:9999999"
    assert not run.problems()
    assert any("HP:9999999 is no term of the embedded" in note for note in run.notes)


def test_half_of_a_source(run: Run) -> None:
    source = {"path": oncotree(run).name, "version": "1", "licence": "own"}
    run.config["knowledge"] = {"civic_evidence": source}
    assert only(run) == (
        "config.yaml: key knowledge.civic_variants: this source too: clinical_evidence is made "
        "from it and civic_evidence"
    )


def test_annotation_made_elsewhere(run: Run) -> None:
    run.config["engines"]["consequence"] = "vep"
    assert only(run) == (
        "config.yaml: key annotation.external: a VCF that vep annotated, which engines.consequence "
        "vep reads"
    )
    run.config["annotation"] = {"external": "absent.vcf.gz"}
    assert "key annotation.external: a file to read, found 'absent.vcf.gz'" in only(run)


def test_pharmacogenomics(run: Run) -> None:
    run.config["pharmacogenomics"] = {"path": "pharmcat", "outside_calls": "absent.tsv"}
    expected = (
        "path: PharmCAT's data",
        "version: the version of pharmcat",
        "licence: the licence of pharmcat",
        "outside_calls: a file to read",
    )
    lines = run.problems()
    assert len(lines) == 4
    for line, want in zip(lines, expected, strict=True):
        assert line.startswith(f"config.yaml: key pharmacogenomics.{want}")
    (run.folder / "pharmcat/definition/alleles").mkdir(parents=True)
    (run.folder / "pharmcat/definition/alleles/CYP2C19_translation.json").write_text("{}")
    run.config["pharmacogenomics"] = {"path": "pharmcat", "version": "1", "licence": "own"}
    assert run.problems() == []
