"""The whole workflow on the demo: whole, repeatable, and rerun only where it must."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from running import REPOSITORY, command, run_workflow

from shirube.contracts import LEDGER, metadata, read
from shirube.sheet import read_patients, read_samples

pytestmark = pytest.mark.workflow
SCRIPTS = REPOSITORY / "workflow/scripts"


def test_every_person_has_every_file(finished: Path) -> None:
    results = finished / "results"
    for patient in read_patients(finished / "config/patients.tsv")["patient"]:
        for name in ("report.json", "report.ja.html", "report.en.html"):
            assert (results / "reports" / patient / name).stat().st_size > 1000
        ledger = read(LEDGER, results / f"ledger/{patient}.parquet")
        about = metadata(results / f"ledger/{patient}.parquet")
        assert int(about["records_in"]) == ledger.height
    for sample in read_samples(finished / "config/samples.tsv")["sample"]:
        assert (results / f"callable/{sample}.bed.gz").exists()
    assert list((results / "cohort/frequency").glob("*.parquet"))
    assert (results / "cohort/sites.vcf.gz").exists()


def test_nothing_left_to_do(finished: Path) -> None:
    done = run_workflow(finished, ["--dry-run"])
    assert "Nothing to be done" in done.stdout + done.stderr


def planned(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Rules a dry run would run -> number of their jobs."""
    table = re.search(
        r"^Job stats:\n(.*?)^total", done.stdout + done.stderr, re.DOTALL | re.MULTILINE
    )
    lines = table[1].splitlines()[2:] if table else []
    return {rule: int(count) for rule, count in (line.split() for line in lines)}


def below(rules: set[str], graph: str) -> set[str]:
    """`rules`, every rule that reads, directly or not, what they make, and what those need again.

    Needed again are temporary files: they are gone once they were read.
    """
    names = dict(re.findall(r'(\d+)\s*\[label\s*=\s*"(\w+)', graph))
    edges = [(names[a], names[b]) for a, b in re.findall(r"(\d+) -> (\d+)", graph)]
    found = set(rules)
    while more := {reader for maker, reader in edges if maker in found} - found:
        found |= more
    temporary = makers_of_temporary_files()
    while more := {m for m, reader in edges if reader in found and m in temporary} - found:
        found |= more
    return found


def makers_of_temporary_files() -> set[str]:
    """Rules with an output that is removed when it was read."""
    text = "".join(path.read_text() for path in (REPOSITORY / "workflow/rules").glob("*.smk"))
    rules = re.split(r"^(?:rule|checkpoint) (?=\w+:)", text, flags=re.MULTILINE)[1:]
    return {rule.split(":")[0] for rule in rules if "temp(" in rule.split("    log:")[0]}


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    """Script -> modules of the package Python really loads for it."""
    say = "print(*(name for name in sys.modules if name.startswith('shirube')))"
    loaded = {}
    for path in sorted(SCRIPTS.glob("*.py")):
        done = command(
            sys.executable, "-c", f"import sys, {path.stem}; {say}", cwd=SCRIPTS, check=True
        )
        loaded[path.stem] = set(done.stdout.split())
    return loaded


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the workflow in another place."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("workflow", "profiles", "resources"):
        shutil.copytree(REPOSITORY / name, copy / name)
    shutil.copy(REPOSITORY / "Snakefile", copy)
    return copy


def test_a_moved_checkout_reruns_nothing(finished: Path, checkout: Path) -> None:
    done = run_workflow(finished, ["--snakefile", str(checkout / "Snakefile"), "--dry-run"])
    assert "Nothing to be done" in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("module", ["calling/somatic/calling", "cohort/release", "contracts/table"])
def test_edited_module_reruns_exactly_the_jobs_that_import_it(
    finished: Path, checkout: Path, imported: dict[str, set[str]], module: str
) -> None:
    """All jobs of the rules whose script loads the module, what lies below them, nothing else."""
    dry = ["--snakefile", str(checkout / "Snakefile"), "--dry-run"]
    graph = run_workflow(finished, [*dry[:2], "--forceall", "--rulegraph", "dot"]).stdout
    every = planned(run_workflow(finished, [*dry, "--forceall"]))
    name = f"shirube.{module.replace('/', '.')}"
    importing = {rule for rule, modules in imported.items() if name in modules} & set(every)
    assert importing
    edited = checkout / f"workflow/scripts/shirube/{module}.py"
    before = edited.read_text()
    edited.write_text(before + "\n# edited\n")
    try:
        rerun = planned(run_workflow(finished, dry))
    finally:
        edited.write_text(before)
    assert set(rerun) == below(importing, graph)
    assert {rule: rerun[rule] for rule in importing} == {rule: every[rule] for rule in importing}


def test_summary_says_what_was_made(finished: Path) -> None:
    done = command("shirube", "summary", "--directory", finished, cwd=finished, check=True)
    assert "patient reports" in done.stdout
    assert "artificial" in done.stdout
