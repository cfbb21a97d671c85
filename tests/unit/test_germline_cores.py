"""The job of call_germline: sixteen tiles on two cores give the bytes of one tile on one."""

from pathlib import Path

import pytest
from sam_files import sequence, tiled, write_bam, write_reference

import call_germline
import gather_germline
from shirube.calling.germline.engines import Settings
from shirube.genome.intervals import Interval
from shirube.tools import run

BASES = sequence(4000, seed=9)
SETTINGS = Settings(min_mapq=20, min_baseq=13, max_depth=8000)


def other(base: str) -> str:
    return {"A": "G", "C": "T", "G": "A", "T": "C"}[base]


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, Path]:
    """Reference and reads with an allele every 310 bases, some at the edges of tiles."""
    folder = tmp_path_factory.mktemp("cores")
    mine = [other(b) if at % 310 == 249 else b for at, b in enumerate(BASES)]
    reads = tiled("chr1", BASES, 10) + tiled("chr1", "".join(mine), 10, prefix="a")
    fasta = write_reference(folder / "reference.fa", {"chr1": BASES})
    return fasta, write_bam(folder / "reads.bam", {"chr1": BASES}, reads), folder


def gvcf(person: tuple[str, str, Path], tiles: int, threads: int) -> bytes:
    """The sample's gVCF, through both scripts."""
    fasta, bam, folder = person
    size = len(BASES) // tiles
    parts = [[Interval("chr1", n * size, (n + 1) * size).name] for n in range(tiles)]
    out, made = folder / f"{tiles}.{threads}", folder / f"{tiles}.{threads}.g.vcf.gz"
    call_germline.main(
        reads=bam,
        reference=fasta,
        bed=None,
        parts=parts,
        out=str(out),
        threads=threads,
        sex="XX",
        name="-",
        build="artificial",
        par=None,
        aliases=None,
        engine="bcftools",
        settings=SETTINGS,
    )
    gather_germline.main(
        jobs=[str(out)],
        mitochondria=[],
        fai=f"{fasta}.fai",
        sample="S",
        gvcf=str(made),
        aliases=None,
    )
    return made.read_bytes()


def test_tiles_and_cores_leave_no_trace(person: tuple[str, str, Path]) -> None:
    one = gvcf(person, tiles=1, threads=1)
    assert gvcf(person, tiles=16, threads=2) == one
    calls = run("bcftools", "view", "-H", person[2] / "1.1.g.vcf.gz").decode().splitlines()
    found = [int(f[1]) for f in (c.split("\t") for c in calls) if f[4] != "<*>"]
    assert found == [at + 1 for at in range(249, 4000, 310)]
