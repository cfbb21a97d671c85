"""What the handbook tells researchers to type is run here, on a small release."""

import re
from pathlib import Path

import nbformat
import polars as pl
import pytest
import search_case
from cohort_run import Run
from nbclient import NotebookClient

from shirube.tools import run as tool
from shirube.vcf import read_columns

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return search_case.made(tmp_path_factory.mktemp("recipes"))


def test_the_notebook_runs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIRUBE_RESULTS", str(run.folder / "results"))
    book = nbformat.read(DOCS / "notebooks/frequencies.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in book.cells)
    done = NotebookClient(book, timeout=120, kernel_name="python3").execute()
    outputs = [o for cell in done.cells for o in cell.get("outputs", [])]
    assert len(outputs) == 4
    told = next(o["data"]["text/plain"] for o in outputs if "None" in o["data"]["text/plain"])
    assert re.fullmatch(r"\(\d+, None\)", told)


def test_bcftools_annotates_a_vcf_with_the_release(run: Run, tmp_path: Path) -> None:
    """The command of researchers.md, on the alleles of the release and others."""
    page = (DOCS / "researchers.md").read_text()
    (line,) = [x for x in page.splitlines() if x.strip().startswith("bcftools annotate")]
    sites = run.members.parent / "sites.vcf.gz"
    given = tmp_path / "in.vcf.gz"
    tool("bcftools", "annotate", "--no-version", "-x", "INFO", "-Oz", "-o", given, sites)
    tool("bcftools", "index", "-t", given)
    names = {"results/cohort/sites.vcf.gz": str(sites), "in.vcf.gz": str(given)}
    names["out.vcf.gz"] = str(tmp_path / "out.vcf.gz")
    tool(*(names.get(word, word) for word in line.split()))
    out = read_columns(tmp_path / "out.vcf.gz", {"AC": pl.Int32, "AN": pl.Int32})
    wanted = read_columns(sites, {"AC": pl.Int32, "AN": pl.Int32})
    assert out.select("contig", "pos", "ref", "alt", "AC", "AN").equals(
        wanted.select("contig", "pos", "ref", "alt", "AC", "AN")
    )
    assert out["AC"].drop_nulls().len() > 50


def test_the_readers_of_the_page_open_the_release(run: Run) -> None:
    page = (DOCS / "researchers.md").read_text()
    block = page.split("    pandas   ")[1].split("\n\n")[0]
    lines = dict(
        re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in f"pandas   {block}".splitlines()
    )
    assert {"pandas", "polars", "pyarrow", "duckdb"} <= set(lines)
    place = str(run.folder / "results")
    height = run.frequency().height
    for name in ("pandas", "polars", "pyarrow"):
        code = lines[name].replace('"results/', f'"{place}/')
        scope: dict = {}
        exec("import pandas as pd\nimport polars as pl\nimport pyarrow.dataset\n", scope)
        found = eval(code, scope)
        size = {"pandas": len, "polars": lambda t: t.collect().height}.get(name)
        assert (size(found) if size else found.count_rows()) == height
    scope = {}
    sql = lines["duckdb"].replace("'results/", f"'{place}/")
    exec("import duckdb", scope)
    assert scope["duckdb"].sql(sql).fetchall()
