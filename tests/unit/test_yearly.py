"""The report on a release: its numbers, its two languages, its renderings."""

import html
import io
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import polars as pl
import pypdf
import pytest
import search_case
from cohort_run import Run

import report_release
from shirube.contracts import ALLELE
from shirube.service import yearly
from shirube.service.consequences import clinvar_kind, kind
from shirube.service.overview import Overview, bin_of, overview


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return search_case.made(tmp_path_factory.mktemp("yearly"), k=2)


@pytest.fixture(name="found", scope="module")
def _found(run: Run) -> Overview:
    results = run.folder / "results"
    return overview(results / "cohort", (results / "knowledge").glob("*.parquet"))


def rows(run: Run, part: str) -> list[dict]:
    files = sorted((run.folder / "results/cohort" / part).glob("*.parquet"))
    return [row for path in files for row in pl.read_parquet(path).to_dicts()]


def test_alleles_are_counted_by_class_and_frequency(run: Run, found: Overview) -> None:
    """Against a count row by row."""
    names: dict[tuple, dict] = {}
    for row in rows(run, "annotation"):
        key = tuple(row[n] for n in ALLELE)
        if key not in names or (row["mane"] and not names[key]["mane"]):
            names[key] = row
    counts: Counter[tuple[str, str]] = Counter()
    pathogenic = 0
    for row in rows(run, "frequency"):
        if row["stratum"] != "all":
            continue
        named = names.get(tuple(row[n] for n in ALLELE), {})
        ac, af = row["ac"], row["af"]
        limits = ((0.05, "common"), (0.01, "some"), (0.001, "low"), (0.0, "rare"))
        group = "withheld" if ac is None else "once" if ac <= 1 else None
        group = group or next(name for least, name in limits if af >= least)
        counts[kind(named.get("consequence")), group] += 1
        significance = clinvar_kind(named.get("clinvar_significance"))
        pathogenic += significance == "pathogenic" and (ac or 0) >= int(found.about["min_people"])
    told = {(c, b): n for c, bins in found.alleles.items() for b, n in bins.items() if n}
    assert told == dict(counts)
    assert found.total == sum(counts.values()) > 0
    assert found.pathogenic_total == pathogenic


def test_what_could_be_judged(run: Run, found: Overview) -> None:
    told: Counter[str] = Counter()
    for row in rows(run, "callable"):
        if row["stratum"] == "all":
            told[row["chrom"]] += row["end"] - row["start"]
    assert {row["chrom"]: row["told"] for row in found.chroms} == dict(told)
    assert all(0 < row["nearly_all"] <= row["told"] for row in found.chroms)


@pytest.mark.parametrize(
    ("ac", "af", "group"),
    [(None, None, "withheld"), (1, 0.9, "once"), (2, 0.0009, "rare"), (2, 0.001, "low"),
     (2, 0.01, "some"), (2, 0.0499, "some"), (2, 0.05, "common")],
)  # fmt: skip
def test_borders_of_the_bins(ac: int | None, af: float | None, group: str) -> None:
    table = pl.DataFrame({"ac": [ac], "af": [af]}, schema={"ac": pl.Int32, "af": pl.Float64})
    assert table.select(bin_of(pl.col("ac"), pl.col("af"))).item() == group


def numbers(text: str) -> Counter[str]:
    return Counter(re.findall(r"\d[\d,.]*", html.unescape(text)))


def test_both_languages_and_both_renderings_say_the_same(found: Overview) -> None:
    made = {language: yearly.document(found, language) for language in ("ja", "en")}
    cells = {
        language: [
            c for s in doc["sections"] for t in s["tables"] for row in t["rows"] for c in row
        ]
        for language, doc in made.items()
    }
    assert numbers(" ".join(cells["ja"])) == numbers(" ".join(cells["en"]))
    for doc in made.values():
        page = yearly.html(doc)
        assert page == yearly.html(doc)
        assert "<script" not in page
        assert not re.search(r"(?:src|href)=", page)
        reader = pypdf.PdfReader(io.BytesIO(yearly.pdf(doc)))
        printed = re.sub(r"[\s\u200b]", "", "".join(p.extract_text() for p in reader.pages))
        for section in doc["sections"]:
            assert html.escape(section["title"], quote=False) in page
            assert re.sub(r"\s", "", section["title"]) in printed
            for table in section["tables"]:
                for cell in (cell for row in table["rows"] for cell in row):
                    assert re.sub(r"\s", "", cell) in printed, cell


def test_nothing_released_and_a_withdrawn_release_are_said(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "cohort"
    shutil.copytree(run.folder / "results/cohort", folder)
    about = json.loads((folder / "release.json").read_text())
    for changed in ({"release": "0", "status": "held"}, {"status": "withdrawn: a mistake"}):
        (folder / "release.json").write_text(json.dumps({**about, **changed}))
        paths = {name: tmp_path / name for name in ("ja", "en")}
        report_release.main(
            folder=folder, knowledge=[], languages=["ja", "en"], pages=paths,
            documents={name: tmp_path / f"{name}.pdf" for name in paths},
        )  # fmt: skip
        for path in paths.values():
            page = path.read_text()
            assert changed["status"] in page
            assert "<section" not in page
