"""The whole workflow on the demo: whole, repeatable, and rerun only where it must."""

import shutil
import subprocess
from pathlib import Path

import pytest
from running import REPOSITORY, command, run_workflow

from shirube.contracts import LEDGER, metadata, read
from shirube.provenance import code_digest
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
    assert list((results / "cohort/frequency").glob("chrom=*/*.parquet"))
    assert (results / "cohort/sites.vcf.gz").exists()


def test_nothing_left_to_do(finished: Path) -> None:
    done = run_workflow(finished, ["--dry-run"])
    assert "Nothing to be done" in done.stdout + done.stderr


def rules_that_run(scripts: Path) -> dict[str, str]:
    """Script -> digest of it and all it imports, below a copy of workflow/scripts."""

    def locate(relative: str) -> str | None:
        path = scripts / relative
        return str(path) if path.is_file() else None

    return {path.name: code_digest(path.name, locate) for path in scripts.glob("*.py")}


def planned(done: subprocess.CompletedProcess[str]) -> dict[str, bool]:
    """Rules a dry run would run -> whether because their code, a parameter of theirs, is another.

    Snakemake says one reason: a job below another that runs may hide its own code's change.
    """
    rules: dict[str, bool] = {}
    rule = ""
    for line in (done.stdout + done.stderr).splitlines():
        if line.startswith(("rule ", "localrule ")):
            rule = line.split()[1].rstrip(":")
            rules.setdefault(rule, False)
        if "reason:" in line and "Params have changed" in line:
            rules[rule] = True
    return rules


@pytest.mark.parametrize(
    "module",
    ["shirube/calling/somatic.py", "shirube/cohort/release.py", "shirube/contracts/table.py"],
)
def test_edited_module_reruns_the_jobs_that_import_it(
    finished: Path, tmp_path: Path, module: str
) -> None:
    for name in ("workflow", "profiles", "resources"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    shutil.copy(REPOSITORY / "Snakefile", tmp_path)
    snakefile = ["--snakefile", str(tmp_path / "Snakefile"), "--dry-run"]
    assert not any(planned(run_workflow(finished, snakefile)).values())
    known = set(planned(run_workflow(finished, [*snakefile, "--forceall"])))
    edited = tmp_path / "workflow/scripts" / module
    edited.write_text(edited.read_text() + "\n# edited\n")
    now = rules_that_run(tmp_path / "workflow/scripts")
    wanted = {Path(s).stem for s, d in rules_that_run(SCRIPTS).items() if now[s] != d}
    reruns = planned(run_workflow(finished, snakefile))
    by_code = {rule for rule, other_code in reruns.items() if other_code}
    assert by_code
    assert by_code <= wanted
    assert wanted & known <= set(reruns)


def test_summary_says_what_was_made(finished: Path) -> None:
    done = command("shirube", "summary", "--directory", finished, cwd=finished, check=True)
    assert "patient reports" in done.stdout
    assert "artificial" in done.stdout
