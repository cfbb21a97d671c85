"""The workflow as a module of another one, its results below a prefix."""

from pathlib import Path

import pytest
import small_demo
from running import REPOSITORY, command

SNAKEFILE = f"""
configfile: "config/config.yaml"

module shirube:
    snakefile: "{REPOSITORY}/Snakefile"
    config: config
    prefix: "kyoto"

use rule * from shirube
"""


@pytest.mark.slow
def test_a_module_with_a_prefix_reads_what_the_sheets_name(tmp_path: Path) -> None:
    directory = small_demo.make(tmp_path / "demo", small_demo.FEW)
    (directory / "Snakefile").write_text(SNAKEFILE)
    plan = command("snakemake", "-n", "--cores", "1", "--quiet", "rules", cwd=directory, check=True)
    assert "write_provenance" in plan.stdout + plan.stderr
    table = "kyoto/results/knowledge/gene_models.parquet"
    command("snakemake", "--cores", "1", table, cwd=directory, check=True)
    assert (directory / table).is_file()
    assert not (directory / "results").exists()
