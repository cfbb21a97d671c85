"""Hostile names in sheets and files: refused before anything runs, or quoted wherever they go."""

import shutil
import subprocess
from pathlib import Path

import pytest
from check_inputs import Run, valid_run
from running import run_workflow

pytestmark = [pytest.mark.faults, pytest.mark.slow]

COMMAND = "touch pwned"
NAMES = [f"$({COMMAND})", f"a;{COMMAND}", "../../pwned", "{input}"]
PATHS = [f"$({COMMAND}).bam", f"x;{COMMAND};.bam", "-o pwned.bam", f"'; {COMMAND};'.bam"]
ODD = "odd 患者 name @+=,%:x"


def configured(folder: Path) -> Run:
    """A small valid run in a folder, laid out as snakemake expects it."""
    run = valid_run(folder)
    run.config["regions"] = "run.bed"
    run.config["calling"]["tile"] = 10_000
    (folder / "run.bed").write_text("chr1\t0\t3000\nchr20\t0\t3000\n")
    return run


def ready(run: Run) -> None:
    run.write()
    (run.folder / "config").mkdir(exist_ok=True)
    (run.folder / "config.yaml").rename(run.folder / "config" / "config.yaml")


def refused(run: Run) -> None:
    """Plain snakemake, without `shirube check`, stops before any job; nothing was executed."""
    ready(run)
    done = run_workflow(run.folder, check=False)
    assert done.returncode != 0
    assert not list(run.folder.rglob("pwned*"))
    assert not (run.folder / "results").exists()


@pytest.mark.parametrize("name", NAMES)
def test_hostile_name_stops_the_workflow(name: str, tmp_path: Path) -> None:
    run = configured(tmp_path / "run")
    run.samples[0]["sample"] = name
    refused(run)


@pytest.mark.parametrize("path", PATHS)
def test_hostile_path_stops_the_workflow(path: str, tmp_path: Path) -> None:
    run = configured(tmp_path / "run")
    for ending in ("", ".bai"):
        shutil.copy(run.folder / f"P2_normal.bam{ending}", run.folder / (path + ending))
    run.samples[2]["path"] = path
    refused(run)


def test_odd_but_plain_paths_go_through_every_job(tmp_path: Path) -> None:
    """Spaces, other scripts and signs in the paths of reads, reference, regions and sheets."""
    run = configured(tmp_path / ODD)
    folder = run.folder
    for name in ("ref.fa", "ref.fa.fai", "P2_normal.bam", "P2_normal.bam.bai", "run.bed"):
        (folder / name).rename(folder / f"{ODD} {name}")
    run.samples[2]["path"] = f"{ODD} P2_normal.bam"
    run.config["reference"]["fasta"] = f"{ODD} ref.fa"
    run.config["regions"] = f"{ODD} run.bed"
    run.write()
    assert run.lines() == []
    ready(run)
    done = run_workflow(folder, ["--quiet", "all"], check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "results" / "reports" / "P2" / "report.json").is_file()
    assert (folder / "results" / "ro-crate-metadata.json").is_file()


def test_a_run_asks_the_network_for_nothing(tmp_path: Path) -> None:
    """The same in a network namespace without any interface but a dead loopback."""
    probe = ["unshare", "--net", "true"]
    if shutil.which("unshare") is None or subprocess.run(probe, check=False).returncode:
        pytest.skip("no network namespaces here (unshare --net needs root)")
    run = configured(tmp_path / "run")
    ready(run)
    words = ["unshare", "--net", "snakemake", "--snakefile"]
    snakefile = Path(__file__).resolve().parents[2] / "Snakefile"
    words += [str(snakefile), "--directory", str(run.folder), "--cores", "2", "--quiet", "all"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=run.folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (run.folder / "results" / "ro-crate-metadata.json").is_file()
