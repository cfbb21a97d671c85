"""Copies of a made tumour's reads, by every engine: from reads to named segments."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sam_files import record, sequence, write_bam, write_reference

from call_copy_number import main
from shirube.calling.somatic.loh import count_alleles, loss_of_heterozygosity
from shirube.contracts import CHROM, COPY_NUMBER, LOH, SOMATIC, metadata, read, write
from shirube.tools import located

KB, DEPTH, LENGTH, PURITY, SITE_EVERY = 1000, 30, 100, 0.7, 700
# start and end in kilobases, copies of the two parental chromosomes in tumour cells, the name
TRUTH = {
    "chr1": [
        *((0, 80, 1, 1, "neutral"), (80, 110, 11, 1, "amplification")),
        *((110, 200, 1, 1, "neutral"), (200, 260, 2, 0, "loh")),
    ],
    "chr2": [
        *((0, 90, 1, 1, "neutral"), (90, 120, 0, 0, "homozygous_deletion")),
        *((120, 200, 1, 1, "neutral"), (200, 260, 1, 0, "loss")),
    ],
    "chr3": [(0, 260, 1, 1, "neutral")],
}
CONTIGS = {
    name: sequence(parts[-1][1] * KB, 30 + n) for n, (name, parts) in enumerate(TRUTH.items())
}
SITES = {name: list(range(SITE_EVERY, len(bases), SITE_EVERY)) for name, bases in CONTIGS.items()}
OTHER = str.maketrans("ACGT", "CATG")


def second(name: str) -> str:
    """The other parental chromosome: another base at every site (0-based)."""
    letters = list(CONTIGS[name])
    for at in SITES[name]:
        letters[at] = letters[at].translate(OTHER)
    return "".join(letters)


def haplotypes(tumour: bool, seed: int) -> list[str]:
    """SAM lines of single reads, each chromosome sampled by its copies in the mixture."""
    rng, lines, purity = np.random.default_rng(seed), [], PURITY if tumour else 0.0
    for name, parts in TRUTH.items():
        both = CONTIGS[name], second(name)
        for low, high, *copies, _ in parts:
            for parent, bases in enumerate(both):
                mean = purity * copies[parent] + 1 - purity
                count = rng.poisson(mean * DEPTH / 2 * (high - low) * KB / LENGTH)
                for start in rng.integers(low * KB, high * KB - LENGTH, count):
                    at = int(start)
                    name_ = f"{name}_{low}_{parent}_{len(lines)}"
                    lines.append(record(name_, name, at, f"{LENGTH}M", bases[at : at + LENGTH]))
    return lines


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("copies")
    fasta = write_reference(folder / "ref.fa", CONTIGS)
    reads = {
        kind: str(write_bam(folder / f"{kind}.bam", CONTIGS, haplotypes(kind == "tumour", seed)))
        for seed, kind in enumerate(("tumour", "normal"))
    }
    rows = [
        (name, at + 1, CONTIGS[name][at], CONTIGS[name][at].translate(OTHER))
        for name, places in SITES.items()
        for at in places
    ]
    schema = {"chrom": CHROM, "pos": pl.Int32, "ref": pl.String, "alt": pl.String}
    sites = pl.DataFrame(rows, schema=schema, orient="row")
    counts = [count_alleles(reads[kind], fasta, sites, 20, 13) for kind in ("normal", "tumour")]
    write(loss_of_heterozygosity(*counts), LOH, folder / "loh.parquet")
    write(SOMATIC.table(pl.DataFrame(schema=SOMATIC.polars)), SOMATIC, folder / "somatic.parquet")
    return {**reads, "fasta": fasta, "folder": str(folder)}


@pytest.mark.parametrize("engine", ["embedded", "cnvkit"])
def test_engine_names_what_happened(engine: str, inputs: dict[str, str], tmp_path: Path) -> None:
    if engine == "cnvkit" and located("cnvkit.py") is None:
        pytest.skip("cnvkit is not installed (make install-cnvkit)")
    out, folder = tmp_path / "cnv.parquet", inputs["folder"]
    main(
        tumour=inputs["tumour"],
        normal=inputs["normal"],
        loh=f"{folder}/loh.parquet",
        somatic=f"{folder}/somatic.parquet",
        reference=inputs["fasta"],
        bed=None,
        copy_number=str(out),
        min_mapq=20,
        sex="XX",
        aliases=None,
        engine=engine,
    )
    table = read(COPY_NUMBER, out).with_columns(pl.col("chrom").cast(pl.String))
    about = metadata(out)
    assert float(about["purity"]) == pytest.approx(PURITY, abs=0.08)
    assert float(about["purity_low"]) - 0.05 <= PURITY <= float(about["purity_high"]) + 0.05
    for name, parts in TRUTH.items():
        for low, high, one, two, call in parts:
            middle = (low + high) // 2 * KB
            row = table.row(
                by_predicate=(pl.col("chrom") == name)
                & pl.col("start").le(middle)
                & pl.col("end").gt(middle),
                named=True,
            )
            assert row["call"] == call, (name, low, row)
            assert row["total_cn"] == pytest.approx(one + two, abs=max(0.35, 0.12 * (one + two)))
            if one + two:
                assert row["minor_cn"] == pytest.approx(min(one, two), abs=0.5)
            if call not in ("neutral", "loh"):
                assert abs(row["start"] - low * KB) <= 3 * KB
                assert abs(row["end"] - high * KB) <= 3 * KB
