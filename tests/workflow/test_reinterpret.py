"""`shirube reinterpret` on the finished demo: as a full rerun with the new ClinVar, bit for bit."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from newer_clinvar import carried_allele, newer

import annotate_alleles
import import_knowledge
import interpret_patient
from shirube.contracts import metadata
from shirube.home import RESOURCES
from shirube.interpretation import read_request
from shirube.reinterpretation import TABLES, Again, read_config, reinterpret

pytestmark = pytest.mark.workflow


def fully(config: Mapping[str, Any], results: Path, out: Path) -> None:
    """What the rules themselves make of everybody with the new ClinVar."""
    place, about = config["reference"], config["knowledge"]["clinvar"]
    clinvar = str(out / "knowledge" / "clinvar.parquet")
    shared = {"fasta": place["fasta"], "build": place["build"], "aliases": None}
    import_knowledge.main(
        name="clinvar", sources={"clinvar": about}, resources=[str(RESOURCES / "any.tsv")],
        output=clinvar, **shared,
    )  # fmt: skip
    requests = [read_request(path) for path in sorted((results / "asked").glob("*.json"))]
    patients = {one["row"]["patient"]: one for one in requests}
    normal = {n: f for one in requests if (n := one["names"]["normal"])
              and (f := one["files"]["calls"])}  # fmt: skip
    tumour = {name: f for name, one in patients.items() if (f := one["files"]["somatic"])}
    changes = {name: one["files"]["changes"] for name, one in patients.items()}
    tables = {n: str(results / "knowledge" / f"{n}.parquet")
              for n in ("gene_models", "frequency_demo")}  # fmt: skip
    for chrom in requests[0]["annotation"]:
        annotate_alleles.main(
            calls=normal, somatic=tumour, changes=changes,
            knowledge={"gene_models": tables["gene_models"], "clinvar": clinvar,
                       "frequency_demo": tables["frequency_demo"]},
            coverage={}, chrom=chrom, batch=500_000, engine="embedded", external=None,
            output=str(out / "annotation" / f"{chrom}.parquet"), **shared,
        )  # fmt: skip
    for name, one in patients.items():
        made = {c: str(out / "annotation" / f"{c}.parquet") for c in one["annotation"]}
        known = [clinvar if path.endswith("/clinvar.parquet") else path
                 for path in one["knowledge"]]  # fmt: skip
        asked = {**one, "annotation": made, "knowledge": known, "fragments": {}}
        places = {name_: str(out / name_ / f"{name}.parquet") for name_ in TABLES}
        interpret_patient.main(
            findings=places["findings"], ledger=places["ledger"], seen=places["withheld"],
            asked=str(out / "asked" / f"{name}.json"), **asked,
        )  # fmt: skip


def test_as_a_full_rerun(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(finished)
    results = Path("results")
    newer(finished / "knowledge/clinvar.vcf.gz", tmp_path / "new.vcf.gz", carried_allele(results))
    before = read_config("config/config.yaml")
    after = yaml.safe_load(yaml.safe_dump(before))
    after["knowledge"]["clinvar"] |= {"path": str(tmp_path / "new.vcf.gz"), "version": "newer"}
    again = Again(results, tmp_path / "again")
    found = reinterpret(before, after, again)
    full = tmp_path / "full"
    for name in ("knowledge", "annotation", *TABLES, "asked"):
        (full / name).mkdir(parents=True)
    fully(after, results, full)
    for name in ("annotation", *TABLES, "knowledge"):
        files = sorted((full / name).glob("*.parquet"))
        assert files
        for file in files:
            made = again.out / name / file.name
            assert made.read_bytes() == file.read_bytes(), f"{name}/{file.name}"
    for file in sorted((full / "asked").glob("*.json")):
        made, wanted = (json.loads((d / "asked" / file.name).read_text())
                        for d in (again.out, full))  # fmt: skip
        assert made["fragments"] == wanted["fragments"], file.name
    assert metadata(again.out / "knowledge/clinvar.parquet")["release"] == "newer"
    assert found.kept, "somebody carries nothing of it, and is not judged again"
    why = dict(found.changes.select("name", "why_en").rows())
    assert "PM5: 0 -> 2 points" in why["OTC p.Arg40His"]
    assert "Pathogenic (3★) -> Uncertain_significance (3★)" in why["BRCA2 p.Arg300Ter"]
    assert found.changes["why_ja"].str.contains("ClinVarの判定").any()


def test_without_reads(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = (finished / "results" / "asked").glob("*.json")
    with_reads = [path for path in asked if json.loads(path.read_text())["reads"]]
    assert with_reads
    monkeypatch.chdir(finished)
    before = read_config("config/config.yaml")
    after = yaml.safe_load(yaml.safe_dump(before))
    after["knowledge"]["oncotree"] |= {"version": "newer"}  # everybody is judged again
    opened: list[str] = []
    monkeypatch.setattr("shirube.reads.phase.AlignmentFile", lambda path, **_: opened.append(path))
    found = reinterpret(before, after, Again(Path("results"), tmp_path / "again"))
    assert not found.kept
    assert not opened
    assert found.changes.height == 0
