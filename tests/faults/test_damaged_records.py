"""Whatever `shirube check` accepts of a damaged file costs at most its own person the report."""

import contextlib
import gzip
import json
from pathlib import Path

import pysam
import pytest
from check_inputs import CONTIGS, Run, valid_run, write_variants
from damage import STEPS, examples, mutated
from hypothesis import given
from running import command
from small_demo import SHIRUBE

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


def test_the_others_of_a_run_have_their_reports(tmp_path: Path) -> None:
    """Three of four files are damaged; who is not read is named at the end, all others reported."""
    run = four_people(tmp_path / "run", ".vcf.gz")
    damage: list[Steps] = [
        [(8, 0.5, 0.35, b"1e999")],  # a REF of no bases
        [(6, 0.2, 0.2, b"")],  # a record twice
        [(7, 0.5, 0.1, b""), (8, 0.3, 0.95, b"0/1:NaN:\t")],  # a line too wide
    ]
    for name, steps in zip(PEOPLE[1:], damage, strict=True):
        path = run.folder / f"{name}.vcf.gz"
        assert damaged(gzip.decompress(path.read_bytes()), steps, path) is not None
    assert run.lines() == []
    (run.folder / "config").mkdir()
    (run.folder / "config.yaml").rename(run.folder / "config/config.yaml")
    done = command(SHIRUBE, "run", "--cores", "2", "--quiet", "rules", cwd=run.folder)
    reported = {p.parent.name for p in run.folder.glob("results/reports/*/report.json")}
    missing = set(PEOPLE) - reported
    assert "P1" in reported, done.stderr
    assert (done.returncode != 0) == bool(missing)
    assert all(name in done.stderr for name in missing), done.stderr
    for name in reported:
        model = json.loads((run.folder / f"results/reports/{name}/report.json").read_text())
        assert sum(row["records"] for row in model["ledger"]["rows"]) >= 29
