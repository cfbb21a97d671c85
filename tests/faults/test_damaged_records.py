"""Whatever `shirube check` accepts of a damaged file costs at most its own person the report."""

import contextlib
import gzip
from pathlib import Path

import pysam
import pytest
from check_inputs import CONTIGS, Run, valid_run, write_variants
from damage import STEPS, examples, mutated
from hypothesis import given

from shirube.calling.germline.calls import split_calls
from shirube.calling.germline.gvcf_import import import_gvcf
from shirube.errors import ShirubeError
from shirube.genome.regions import run_regions

pytestmark = [pytest.mark.faults, pytest.mark.slow]

Steps = list[tuple[int, float, float, bytes]]
PEOPLE = ("P1", "P2", "P3", "P4")


def four_people(folder: Path, ending: str) -> Run:
    """A run of four people whose only files are variants of them."""
    run = valid_run(folder)
    run.patients, run.samples = [], []
    for seed, name in enumerate(PEOPLE):
        write_variants(folder / f"{name}{ending}", f"{name}_normal", seed=seed + 1)
        run.add(name, f"{name}{ending}")
    run.write()
    return run


def damaged(good: bytes, steps: Steps, path: Path) -> int | None:
    """Write `good` with its records damaged; how many lines they are, None if no index fits."""
    head, names, body = good.partition(b"\n#CHROM")
    columns, _, records = body.partition(b"\n")
    broken = mutated(records, steps)
    with pysam.BGZFile(str(path), "wb") as stream:
        stream.write(head + names + columns + b"\n" + broken)
    with contextlib.suppress(OSError):
        pysam.tabix_index(str(path), preset="vcf", force=True)
        return sum(bool(line.strip(b"\r")) for line in broken.split(b"\n"))
    return None


@pytest.mark.parametrize("ending", [".vcf.gz", ".g.vcf.gz"])
def test_what_check_accepts_is_read_whole_or_refused_by_its_own_job(
    ending: str, tmp_path: Path
) -> None:
    """A record each has a fate; a job that ends early says why, as an error of the file."""
    run = four_people(tmp_path, ending)
    path = tmp_path / f"P2{ending}"
    good, fasta = gzip.decompress(path.read_bytes()), str(tmp_path / "ref.fa")
    regions = run_regions(dict(CONTIGS), None)
    said: list[str] = []
    told = {"refused by check": 0, "read": 0, "refused by its job": 0}

    @examples(120)
    @given(STEPS)
    def tried(steps: Steps) -> None:
        lines = damaged(good, steps, path)
        if lines is None or run.lines():
            told["refused by check"] += 1
            return
        try:
            out = tmp_path / "split.vcf.gz"
            table = split_calls(
                path, "P2_normal", fasta, dict(CONTIGS), regions, None, "P2_normal", out
            )
            if ending == ".g.vcf.gz":
                import_gvcf(
                    path, "P2_normal", dict(CONTIGS), None, "P2_normal", tmp_path / "o.g.vcf.gz"
                )
        except ShirubeError as error:
            told["refused by its job"] += 1
            said.append(str(error))
            return
        told["read"] += 1
        if ending == ".vcf.gz":
            assert table["record"].n_unique() == lines

    tried()
    assert told["read"] > 10, told
    assert all(path.name in text for text in said), said
    print(ending, told)
