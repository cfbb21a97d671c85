"""Hostile content through a whole run: markup, quotes, direction marks and a megabyte in one value.

They come in a person's VCF (its INFO, ids, sample name) and in knowledge (symbol of a gene, drugs,
diseases, addresses); the finished pages are opened in a browser.
"""

import gzip
import json
import os
import shutil
from pathlib import Path

import pysam
import pytest
import yaml
from running import command, run_workflow

from shirube.report.verify import report_problems

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH (or in CHROMIUM)"),
]
PERSON = "DEMO_19"
GENE = "<script>window.hit=1</script>"
DRUG = "<img src=x onerror='window.hit=1'>\u202egnp\u2066"
NAME = "'><script>window.hit=1</script>\u202e"
PLACE = (20_563, "A", "T")  # BRCA1 p.Leu63Ter of the demonstration
LONG = "A" * 1_000_000


def rewritten(path: Path, old: str, new: str) -> None:
    """Replace a word in a text file, plain or gzip."""
    packed = path.suffix == ".gz"
    text = (gzip.decompress(path.read_bytes()) if packed else path.read_bytes()).decode()
    assert old in text
    changed = text.replace(old, new).encode()
    path.write_bytes(gzip.compress(changed) if packed else changed)


def hostile_calls(path: Path) -> None:
    """The person's VCF with a pathogenic variant and hostile words wherever a VCF has words."""
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    head = [line for line in lines if line.startswith("##")]
    head.insert(1, '##source="<script>window.hit=1</script>"')
    head.append(f'##INFO=<ID=HOST,Number=.,Type=String,Description="{GENE} \u202e">')
    columns = next(line for line in lines if line.startswith("#CHROM")).split("\t")
    columns[-1] = NAME
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    rows = [r for r in rows if r[0] == "chr17" and r[1] != str(PLACE[0])]
    where, ref, alt = PLACE
    call = "0/1:18,17:35:99:420,0,420"
    rows.append(["chr17", str(where), ".", ref, alt, "420", "PASS", ".", "GT:AD:DP:GQ:PL", call])
    rows.sort(key=lambda r: int(r[1]))
    for number, row in enumerate(rows):
        row[2] = f"<b>{number}</b>"
        row[7] = f"HOST={GENE},\"'\u202e\u2066" + (LONG if number == 0 else "")
    text = "\n".join([*head, "\t".join(columns), *("\t".join(r) for r in rows)]) + "\n"
    with pysam.BGZFile(str(path), "wb") as stream:
        stream.write(text.encode())
    pysam.tabix_index(str(path), preset="vcf", force=True)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Working directory of a run of one person whose inputs are hostile."""
    folder = tmp_path_factory.mktemp("hostile") / "run"
    command("shirube", "demo", "--out", folder, cwd=folder.parent, check=True)
    for sheet in ("patients", "samples"):
        path = folder / f"config/{sheet}.tsv"
        lines = path.read_text().splitlines()
        kept = [lines[0], *(row for row in lines[1:] if row.split("\t")[0].startswith(PERSON))]
        path.write_text("\n".join(kept) + "\n")
    rewritten(folder / "config/samples.tsv", ".vcf.gz\t\t", f".vcf.gz\t{NAME}\t")
    rewritten(folder / "config/patients.tsv", "\tcontrol\t\t", "\tcancer\tBRCA\t")
    settings = yaml.safe_load((folder / "config/config.yaml").read_text())
    settings["regions"] = "config/regions.bed"
    (folder / "config/config.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    (folder / "config/regions.bed").write_text("chr17\t0\t24119\n")
    hostile_calls(folder / f"calls/{PERSON}_N.vcf.gz")
    for name in ("gene_models.bed.gz", "civic_variants.tsv", "civic_evidence.tsv"):
        rewritten(folder / "knowledge" / name, "ERBB2", GENE)
    for old, new in (("Olaparib", DRUG), ("Breast Cancer", f"Breast Cancer {GENE}")):
        rewritten(folder / "knowledge/civic_evidence.tsv", old, new)
    rewritten(folder / "knowledge/civic_evidence.tsv", "https://example.org/demo/evidence/",
              "javascript:window.hit=1//")  # fmt: skip
    run_workflow(folder, ["--quiet", "all"])
    return folder / f"results/reports/{PERSON}"


def test_hostile_words_are_in_the_report_and_every_format_says_the_same(finished: Path) -> None:
    model = json.loads((finished / "report.json").read_bytes())
    drugs = {e["therapies"] for f in model["findings"] for e in f["evidence"]}
    assert DRUG in drugs
    assert GENE in {row["gene"] for row in model["not_assessable"]}
    assert model["not_found"] == []  # no reads: nothing could have been seen
    assert report_problems(finished) == []


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_executes_and_nothing_breaks(finished: Path, language: str, width: int) -> None:
    with playwright.sync_playwright() as made:
        browser = made.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 900})
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda r: said.append(r.url) if r.url[:5] != "file:" else None)
        page.goto((finished / f"report.{language}.html").as_uri())
        assert page.evaluate("window.hit") is None
        assert said == []
        assert page.evaluate("document.querySelectorAll('body script, body img').length") == 0
        assert page.evaluate("[...document.links].every(a => /^(https?|file):/.test(a.href))")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        text = page.inner_text("body")
        assert GENE in text
        assert "\u202e" not in text
        assert "<U+202E>" in text
        browser.close()
