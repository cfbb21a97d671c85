"""Rule measure_markers on a tumour that comes as a VCF of somatic calls."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import measure_markers
from shirube.contracts import COPY_NUMBER, MARKERS, SOMATIC, STRUCTURAL, read, write
from shirube.contracts.phase import CHANGES

LENGTH = 2_000_000
RESOURCES = Path(__file__).parents[2] / "resources"
TABLES = ("hrd_criteria", "cluster_criteria", "centromeres", "viral_contigs")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "r.fa").write_text(f">chr1\n{'A' * LENGTH}\n")
    (tmp_path / "r.fa.fai").write_text(f"chr1\t{LENGTH}\t6\t{LENGTH}\t{LENGTH + 1}\n")
    rows = [
        {"chrom": "chr1", "pos": 100 * n + 1, "ref": "A", "alt": "C", "filter": "PASS"}
        for n in range(120)
    ]
    rows.append({"chrom": "chr1", "pos": 50, "ref": "A", "alt": "G", "filter": "Caller"})
    table = pl.DataFrame([{**dict.fromkeys(SOMATIC.schema), **row} for row in rows], SOMATIC.polars)
    write(SOMATIC.table(table), SOMATIC, tmp_path / "somatic.parquet")
    write(CHANGES.empty(), CHANGES, tmp_path / "changes.parquet")
    (tmp_path / "callable.bed").write_text(f"chr1\t0\t{LENGTH // 2}\n")
    return tmp_path


def measured(run: Path, tumour: str | None, **given: object) -> dict[str, dict[str, object]]:
    out = str(run / "markers.parquet")
    arguments: dict[str, Any] = dict(
        tumour=tumour,
        normal=None,
        somatic=str(run / "somatic.parquet"),
        changes=str(run / "changes.parquet"),
        callable_beds=[str(run / "callable.bed")],
        reference=str(run / "r.fa"),
        bed=None,
        matrices=dict.fromkeys(("SBS", "DBS", "ID", "SV", "CN")),
        markers=out,
        min_mapq=20,
        aliases=None,
        copy_number=None,
        structural=None,
        curated=[str(RESOURCES / f"{name}.tsv") for name in TABLES],
        build="GRCh38",
        gene_models=None,
    )
    measure_markers.main(**{**arguments, **given})
    return {row["marker"]: row for row in read(MARKERS, out).iter_rows(named=True)}


def test_its_burden_is_of_the_callable_bases_and_is_named(run: Path) -> None:
    found = measured(run, None)["TMB"]
    assert (found["value"], found["call"]) == (120.0, "high")


def test_its_microsatellites_are_unknown_not_stable(run: Path) -> None:
    found = measured(run, None)["MSI"]
    assert (found["value"], found["call"]) == (None, "unknown")


def test_reads_without_a_normal_still_have_no_named_burden(run: Path) -> None:
    assert measured(run, "tumour.bam")["TMB"]["call"] == "unknown"


@pytest.mark.parametrize(("certain", "alone", "value"), [(True, False, 118.0), (True, True, 119.0),
                                                         (False, True, 120.0)])  # fmt: skip
def test_what_several_alleles_are_together_counts_once(
    run: Path, certain: bool, alone: bool, value: float
) -> None:
    """Three records on one molecule, of which one may also be carried without the others."""
    members = [
        {"origin": "somatic", "pos": 100 * n + 1, "ref": "A", "alt": "C", "alone": alone and n < 2}
        for n in (1, 2, 3)
    ]
    row = {"change": "c", "origin": "somatic", "certain": certain, "chrom": "chr1", "pos": 101,
           "ref": "AA", "alt": "CC", "members": members}  # fmt: skip
    table = pl.DataFrame([{**dict.fromkeys(CHANGES.schema), **row}], CHANGES.polars)
    write(CHANGES.table(table), CHANGES, run / "changes.parquet")
    assert measured(run, None)["TMB"]["value"] == value


def test_scars_of_repair_are_not_told_without_copies(run: Path) -> None:
    found = measured(run, None)
    assert (found["HRD"]["value"], found["HRD"]["call"]) == (None, "unknown")
    assert "scars.no_copies" in str(found["HRD"]["said"])


def test_junctions_and_copies_of_a_whole_genome_have_their_signatures(run: Path) -> None:
    """A genome of 22 autosomes with its tables: nothing is unknown for want of looking."""
    sizes = {f"chr{n}": 4_000_000 for n in range(1, 23)}
    (run / "r.fa.fai").write_text("".join(f"{c}\t{n}\t6\t60\t61\n" for c, n in sizes.items()))
    (run / "callable.bed").write_text("".join(f"{c}\t0\t{n}\n" for c, n in sizes.items()))
    write(SOMATIC.empty(), SOMATIC, run / "somatic.parquet")
    segments, events = [], []
    for chrom in sizes:
        for n in range(4):
            segments.append(
                {**dict.fromkeys(COPY_NUMBER.schema), "chrom": chrom, "start": n * 1_000_000,
                 "end": (n + 1) * 1_000_000, "log2": 0.0, "baf": 0.0, "bins": 50, "het_sites": 300,
                 "total_cn": 2.0 + n % 2, "minor_cn": 1.0, "call": "neutral", "filter": "PASS"}
            )  # fmt: skip
            events.append(
                {**dict.fromkeys(STRUCTURAL.schema), "event": f"{chrom}.{n}", "chrom1": chrom,
                 "pos1": 900_000 * (n + 1), "chrom2": chrom, "pos2": 900_000 * (n + 1) + 20_000,
                 "svtype": "DEL", "strand1": "+", "strand2": "-", "origin": "somatic",
                 "filter": "PASS"}
            )  # fmt: skip
    table = pl.DataFrame(segments, schema=COPY_NUMBER.polars, orient="row")
    about = {"purity": "0.60", "purity_low": "0.55", "purity_high": "0.65", "ploidy": "2.5",
             "purity_source": "copy_number"}  # fmt: skip
    write(COPY_NUMBER.table(table), COPY_NUMBER, run / "cnv.parquet", about)
    table = pl.DataFrame(events, schema=STRUCTURAL.polars, orient="row")
    write(STRUCTURAL.table(table), STRUCTURAL, run / "sv.parquet")
    types = {
        "SV": ["non-clustered_del_10-100Kb", *(f"clustered_del_{n}" for n in range(31))],
        "CN": ["2:het:100kb-1Mb", "3-4:het:100kb-1Mb", *(f"1:LOH:{n}" for n in range(46))],
    }
    for kind, names in types.items():
        rest = len(names) - 2
        pl.DataFrame(
            {"Type": names, f"{kind}1": [0.5, 0.5, *[0.0] * rest],
             f"{kind}2": [0.0, 0.0, *[1 / rest] * rest]}
        ).write_csv(run / f"{kind}.tsv", separator="\t")  # fmt: skip
    found = measured(
        run, None, copy_number=str(run / "cnv.parquet"), structural=str(run / "sv.parquet"),
        matrices={kind: str(run / f"{kind}.tsv") for kind in types},
    )  # fmt: skip
    assert {name: found[f"{name}:{name}1"]["call"] for name in types} == dict.fromkeys(
        types, "present"
    )
    assert found["kataegis"]["call"] == found["chromothripsis"]["call"] == "absent"
    assert found["TD"]["call"] == "counted"
