"""The site in a real browser: two languages, a phone, by keyboard alone, without script."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import search_case
from service_case import by_count, serving

from shirube.contracts import ALLELE

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH (or in CHROMIUM)"),
]
WIDTHS, LANGUAGES = (1280, 390), ("ja", "en")
WIDER = """() => [...document.querySelectorAll('main *, header *, footer *')]
  .filter(e => !e.closest('.scroll, svg, .hidden, .cards thead'))
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.tagName + ' ' + e.textContent.trim().slice(0, 60))"""
# Short text that is cut letter by letter: taller than a line for each of its words.
CUT = """() => [...document.querySelectorAll('td *, td, tbody th')].filter(e => !e.children.length)
  .filter(e => { const text = e.textContent.trim(), range = document.createRange();
    range.selectNodeContents(e);
    const lines = new Set([...range.getClientRects()].map(r => Math.round(r.top))).size;
    return text.length > 2 && text.length < 25 && lines > text.split(/[ -]/).length; })
  .map(e => e.textContent.trim())"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """Address of a running site, and the paths of its pages."""
    run = search_case.made(tmp_path_factory.mktemp("site"))
    rows = by_count(run.frequency(), 2, True).filter(pl.col("chrom") == "chr1")
    own = "-".join(str(rows.row(0, named=True)[name]) for name in ALLELE)
    known = pl.read_parquet(run.folder / "results/knowledge/frequency_tommo.parquet")
    other = "-".join(str(known.row(-1, named=True)[name]) for name in ALLELE)
    pages = {
        "home": "/",
        "gene": "/gene/GENEA?where=whole&source=any",
        "variant": f"/variant/{own}",
        "absent": f"/variant/{other}",
        "region": "/region/chr1-1-3000",
        "long": "/region/chr1-1-3000?sort=-af&class=missense&class=other",
        "structural": "/structural/DEL-chr1-400-900",
        "copies": "/structural/CNV-chrX-500-1800",
        "repeat": "/locus/LOCUS_A",
        "chrm": "/locus/chrM:100",
        "compare": "/compare?in=chr1:1-3000&one=group:sex%3DXX&other=group:sex%3DXY",
        "about": "/about",
        "diseases": "/?q=マルファン",
        "api": "/api",
        "problem": "/?q=nothing+like+this",
    }
    with serving(run.folder, root="/f", downloads=True) as server:
        yield f"http://127.0.0.1:{server.server_port}/f", pages


@pytest.fixture(scope="module")
def browser() -> Iterator["playwright.Browser"]:
    with playwright.sync_playwright() as made:
        opened = made.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
        )
        yield opened
        opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole_silent_and_accessible(
    site: tuple[str, dict[str, str]],
    browser: "playwright.Browser",
    language: str,
    width: int,
    tmp_path: Path,
) -> None:
    base, pages = site
    shots = Path(os.environ.get("SCREENSHOTS") or tmp_path)
    context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
    page = context.new_page()
    said: list[str] = []
    elsewhere: list[str] = []
    page.on("console", lambda m: said.append(f"{page.url}: {m.text}"))
    page.on("pageerror", lambda e: said.append(f"{page.url}: {e}"))
    page.on("request", lambda r: elsewhere.append(r.url) if not r.url.startswith(base) else None)
    for name, path in pages.items():
        answer = page.goto(f"{base}{path}{'&' if '?' in path else '?'}lang={language}")
        assert answer is not None
        assert answer.status == (400 if name == "problem" else 200), name
        assert page.evaluate("document.documentElement.lang") == language
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(WIDER) == [], name
        assert page.evaluate(CUT) == [], name
        found = axe.Axe().run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        page.screenshot(path=shots / f"{name}-{language}-{width}.png", full_page=True)
    refused = [text for text in said if "q=nothing" not in text]
    assert refused == []
    assert elsewhere == []
    context.close()


def test_nothing_breaks_the_pages_own_security_policy(
    site: tuple[str, dict[str, str]], browser: "playwright.Browser"
) -> None:
    base, pages = site
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text))
    for path in pages.values():
        page.goto(base + path)
        page.wait_for_load_state("networkidle")
    assert [text for text in said if "Content Security" in text or "Refused" in text] == []
    context.close()


def test_a_search_by_keyboard_alone(
    site: tuple[str, dict[str, str]], browser: "playwright.Browser"
) -> None:
    base, _ = site
    page = browser.new_context(locale="ja").new_page()
    page.goto(f"{base}/")
    assert page.evaluate("document.documentElement.lang") == "ja"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "q":
            break
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("ｇｅｎｅａ")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert page.locator("h1").inner_text() == "GENEA"
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.tagName"))
        visible = page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement);"
            " return document.activeElement === document.body || s.outlineStyle !== 'none'; }"
        )
        assert visible, page.evaluate("document.activeElement.outerHTML")
    assert {"A", "INPUT", "SELECT", "BUTTON"} <= reached
    page.context.close()


def test_suggestions_come_while_typing(
    site: tuple[str, dict[str, str]], browser: "playwright.Browser"
) -> None:
    base, _ = site
    page = browser.new_context(bypass_csp=True).new_page()
    page.goto(f"{base}/")
    page.locator("#q").press_sequentially("gene")
    page.wait_for_function("document.querySelectorAll('#suggestions option').length > 1")
    values = page.evaluate(
        "[...document.querySelectorAll('#suggestions option')].map(o => o.value)"
    )
    assert values == ["GENEA", "GENEB-1"]
    page.context.close()


def test_filters_sort_and_language_work_without_script_and_stay_in_the_address(
    site: tuple[str, dict[str, str]], browser: "playwright.Browser"
) -> None:
    base, _ = site
    page = browser.new_context(java_script_enabled=False, locale="en").new_page()
    page.goto(f"{base}/gene/GENEA?where=whole")
    rows = page.locator("table.alleles tbody tr")
    whole = rows.count()
    assert whole > 5
    page.locator("input[name=min_af]").fill("0.5")
    page.locator("form.filters button").click()
    page.wait_for_url("**min_af=0.5**")
    assert 0 < rows.count() < whole
    assert "min_af=0.5" in page.url
    assert "where=whole" in page.url
    page.locator("thead a", has_text="Frequency").click()
    page.wait_for_url("**sort=af**")
    assert "sort=af" in page.url
    assert "min_af=0.5" in page.url
    told = page.locator(".alleles td[data-label=Frequency]").all_inner_texts()
    ordered = [float(text) for text in told]
    assert ordered == sorted(ordered)
    page.locator(".languages a").click()
    page.wait_for_url("**lang=ja**")
    assert page.locator("html").get_attribute("lang") == "ja"
    assert "min_af=0.5" in page.url
    assert page.locator(".alleles td[data-label='頻度']").count() == len(ordered)
    shared = page.url
    other = browser.new_context().new_page()
    other.goto(shared)
    assert other.locator("table.alleles tbody tr").count() == len(ordered)
    other.context.close()
    page.context.close()
