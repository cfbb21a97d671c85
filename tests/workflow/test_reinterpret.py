"""`shirube reinterpret` on the finished demo: as a full rerun with the new ClinVar, bit for bit."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pysam
import pytest
import yaml

import annotate_alleles
import import_knowledge
import interpret_patient
from shirube.contracts import metadata
from shirube.home import RESOURCES
from shirube.interpretation import read_request
from shirube.reinterpretation import TABLES, Again, read_config, reinterpret

pytestmark = pytest.mark.workflow


def newer(old: Path, new: Path, carried: Mapping[str, Any]) -> None:
    """A ClinVar with an assertion withdrawn, a neighbour of another, and one of a carried allele.

    The neighbour is of the same base, so of the same residue and splice motif.
    """
    lines = gzip.decompress(old.read_bytes()).decode().splitlines()
    out = []
    for line in lines:
        if "GENEINFO=BRCA2" in line:
            line = line.replace("CLNSIG=Pathogenic", "CLNSIG=Uncertain_significance")
        out.append(line)
        if "GENEINFO=OTC" in line:
            fields = line.split("\t")
            fields[2], fields[4] = "9799999", next(b for b in "ACGT" if b not in fields[3:5])
            out.append("\t".join(fields))
    fact = (
        "ALLELEID=9788888;CLNDN=new;CLNREVSTAT=criteria_provided,_multiple_submitters,_no_conflicts"
        f";CLNSIG=Pathogenic;CLNVC=single_nucleotide_variant;GENEINFO={carried['gene']}:1;"
        "MC=SO:0001627|intron_variant;ORIGIN=1"
    )
    place = [str(carried["chrom"]).removeprefix("chr"), str(carried["pos"]), "9788888"]
    out.append("\t".join([*place, carried["ref"], carried["alt"], ".", ".", fact]))
    body = sorted(
        (line for line in out if not line.startswith("#")),
        key=lambda line: (line.split("\t")[0], int(line.split("\t")[1])),
    )
    plain = new.with_suffix("")
    plain.write_text("\n".join([*(x for x in out if x.startswith("#")), *body]) + "\n")
    pysam.tabix_compress(str(plain), str(new), force=True)
    plain.unlink()


def carried_allele(results: Path) -> dict[str, Any]:
    """An allele of an intron that nobody asserts anything of, carried by few."""
    frequency = pl.col("consequence").str.contains("intron") & pl.col("clinvar_id").is_null()
    single = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)
    rows = pl.read_parquet(results / "annotation" / "chr10.parquet").filter(frequency & single)
    return rows.row(0, named=True)


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
