"""The report in a real browser: silent, offline, nothing overflows, nothing executes."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from report_case import BRCA1, EGFR, FUSION, PATIENT, findings, inputs, target_table

from shirube.report.figures.finding import fractions
from shirube.report.figures.genome import coverage
from shirube.report.model import report
from shirube.report.page.catalogue import LANGUAGES, messages
from shirube.report.page.document import document
from shirube.report.page.html import html

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH (or in CHROMIUM)"),
]
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
HOSTILE = "<script>window.hit=1</script><img src=x onerror='window.hit=1'>\"'\u202egnp\u2066"
WIDER = """() => [...document.querySelectorAll('main *, header *, .banners *')]
  .filter(e => !e.closest('.scroll, svg') && e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.tagName + ' ' + e.textContent.slice(0, 60))"""
NARROW = """() => [...document.querySelectorAll('table.narrow')]
  .filter(t => t.getBoundingClientRect().width > t.parentElement.clientWidth + 1)
  .map(t => t.caption.textContent)"""
BROKEN = """() => [...document.querySelectorAll('th, td')].flatMap(cell => {
  const words = [], walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  for (let node; node = walk.nextNode();) {
    if (node.parentElement.closest('.code')) continue;
    for (const found of node.data.matchAll(/[A-Za-z]{3,}/g)) {
      const range = document.createRange();
      range.setStart(node, found.index); range.setEnd(node, found.index + found[0].length);
      if (range.getClientRects().length > 1) words.push(found[0]); } }
  return words; })"""
CONTRAST = """() => {
  const lum = c => { const v = c.match(/[\\d.]+/g).map(Number);
    return v.slice(0, 3).map(x => (x /= 255) <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4)
      .reduce((s, x, i) => s + x * [.2126, .7152, .0722][i], 0); };
  const back = e => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(c)) return c; }
    return 'rgb(255,255,255)'; };
  return [...document.querySelectorAll('p, dt, dd, td, th, li, h1, h2, h3, bdi, span, a')]
    .filter(e => !e.closest('svg') && e.textContent.trim() && e.getClientRects().length)
    .map(e => { const s = getComputedStyle(e), a = lum(s.color), b = lum(back(e));
      return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.textContent.slice(0, 40)]; })
    .filter(([ratio]) => ratio < 4.5); }"""


@pytest.fixture(scope="module")
def browser() -> Iterator["playwright.Browser"]:
    with playwright.sync_playwright() as made:
        opened = made.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
        )
        yield opened
        opened.close()


def draw(items: list, genes: list) -> list:
    made = [fractions(items), coverage(target_table(), genes)]
    return [figure for figure in made if figure]


def page_file(directory: Path, language: str, **changed: object) -> Path:
    path = directory / f"report.{language}.html"
    model = report(**inputs(draw=draw, **changed))
    path.write_text(html(document(model, "0" * 64, language)), encoding="utf-8")
    return path


def opened(browser: "playwright.Browser", path: Path, size: tuple[int, int]) -> tuple:
    """The page, and everything it said or asked for."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(f"dialog {dialog.message}"))
    page.on("request", lambda r: said.append(r.url) if not r.url.startswith("file:") else None)
    page.goto(path.as_uri())
    return page, said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", sorted(SIZES))
def test_page_is_silent_offline_and_fits(
    browser: "playwright.Browser", tmp_path: Path, language: str, size: str
) -> None:
    page, said = opened(browser, page_file(tmp_path, language), SIZES[size])
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    assert page.evaluate(WIDER) == []
    assert page.evaluate(NARROW) == []
    assert page.evaluate(BROKEN) == []
    text = page.inner_text("body")
    assert not [key for key in messages() if "." in key and key in text]
    shot = tmp_path / f"{language}.{size}.png"
    page.screenshot(path=shot, full_page=True)
    assert shot.stat().st_size > 20_000
    page.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_prints_on_a4(browser: "playwright.Browser", tmp_path: Path, language: str) -> None:
    page, _ = opened(browser, page_file(tmp_path, language), SIZES["desktop"])
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 695, "height": 980})  # 210 mm less the margins, at 96 dpi
    assert page.evaluate("document.documentElement.scrollWidth") <= 695
    assert not page.is_visible("nav")
    printed = page.pdf(path=tmp_path / "p.pdf", prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    page.close()


def test_text_can_be_read(browser: "playwright.Browser", tmp_path: Path) -> None:
    page, _ = opened(browser, page_file(tmp_path, "en"), SIZES["desktop"])
    header = {"Shirube 標"}  # white on the brand colour: its own background is found all the same
    assert [low for low in page.evaluate(CONTRAST) if low[1] not in header] == []
    landmarks = page.evaluate("[...document.querySelectorAll('header,nav,main,footer')].length")
    assert landmarks == 4
    unnamed = page.evaluate("[...document.querySelectorAll('table:not(:has(caption))')].length")
    assert unnamed == 0
    page.close()


def test_the_first_screen_says_what_matters(browser: "playwright.Browser", tmp_path: Path) -> None:
    page, _ = opened(browser, page_file(tmp_path, "en"), SIZES["desktop"])
    for words in ("ARTIFICIAL DATA", "UNCONFIRMED", "EGFR p.Leu858Arg", "Osimertinib"):
        assert page.get_by_text(words).first.bounding_box()["y"] < SIZES["desktop"][1], words
    page.close()


def test_hostile_data_never_execute(browser: "playwright.Browser", tmp_path: Path) -> None:
    names = ("name", "gene", "hgvs_c", "hgvs_p", "hgvs_g", "consequence", "second_hit", "zygosity")
    row = {
        **EGFR,
        **dict.fromkeys(names, HOSTILE),
        "finding": HOSTILE,
        "transcript": "T" * 1_000_000,
        "detail": '{"second_hit": {"state": "</script><script>window.hit=1</script>"}}',
        "evidence": [
            {**EGFR["evidence"][0], "url": "javascript:window.hit=1", "therapies": HOSTILE},
            {
                **EGFR["evidence"][0],
                "url": "https://x' onclick='window.hit=1",
                "statement": HOSTILE,
            },
        ],
    }
    patient = {**PATIENT, "patient": HOSTILE, "diagnosis": HOSTILE, "hpo": HOSTILE}
    path = page_file(tmp_path, "ja", finding_table=findings(row, FUSION, BRCA1), patient=patient)
    page, said = opened(browser, path, SIZES["phone"])
    for link in page.query_selector_all("main a"):
        if link.is_visible() and (link.get_attribute("href") or "").startswith("#"):
            link.click()
    assert page.evaluate("window.hit") is None
    assert said == []
    assert page.evaluate(WIDER) == []
    assert page.evaluate("document.querySelectorAll('main script, main img').length") == 0
    page.close()


def ready(page: "playwright.Page") -> None:
    page.wait_for_selector("#find", state="attached")


def test_the_script_finds_sorts_folds_copies_and_chooses(
    browser: "playwright.Browser", tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(page_file(tmp_path, "en").as_uri())
    ready(page)
    page.fill("#find", "leu858arg")
    assert page.locator(".hit").count() > 1
    page.press("#find", "Enter")
    assert page.locator(".now").count() == 1
    page.fill("#find", "no such words")
    assert page.locator(".hit").count() == 0
    table = page.locator("table:has(button.sort)").first
    column = "e => [...e.tBodies[0].rows].map(r => r.cells[0].textContent)"
    before = table.evaluate(column)
    table.locator("button.sort").first.click()
    up = table.evaluate(column)
    table.locator("button.sort").first.click()
    assert sorted(before) == sorted(up)
    assert table.locator("th[aria-sort=descending]").count() == 1
    if len(set(up)) == len(up):
        assert table.evaluate(column) == up[::-1]
    fold = page.locator("#quality .tools button")
    fold.click()
    assert fold.get_attribute("aria-expanded") == "false"
    assert not page.locator("#quality table").first.is_visible()
    page.locator("#ledger .tools input").uncheck()
    page.emulate_media(media="print")
    assert not page.locator("#ledger").is_visible()
    assert page.locator("#quality table").first.is_visible()  # folded is not unprinted
    assert not page.locator(".bar").is_visible()
    page.emulate_media(media="screen")
    page.locator("article.finding .copy").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("EGFR p.Leu858Arg\n")
    assert "c.2573T>G" in copied
    assert "0" * 64 in copied
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_without_script(
    browser: "playwright.Browser", tmp_path: Path, language: str
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(page_file(tmp_path, language).as_uri())
    assert page.locator("button, input").count() == 0
    assert page.locator("section:visible").count() == page.locator("section").count()
    page.locator("nav .menu summary").click()
    assert page.locator("nav .menu a:visible").count() == page.locator("section").count()
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", sorted(SIZES))
def test_the_page_breaks_no_rule_of_accessibility(
    browser: "playwright.Browser", tmp_path: Path, language: str, size: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is missing")
    context = browser.new_context(
        viewport=dict(zip(("width", "height"), SIZES[size], strict=True)), bypass_csp=True
    )
    page = context.new_page()
    page.goto(page_file(tmp_path, language).as_uri())
    ready(page)
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    context.close()


def test_a_wide_table_scrolls_by_the_keyboard(
    browser: "playwright.Browser", tmp_path: Path
) -> None:
    page, _ = opened(browser, page_file(tmp_path, "en"), SIZES["phone"])
    wide = page.evaluate_handle(
        "[...document.querySelectorAll('.scroll')].find(e => e.scrollWidth > e.clientWidth + 5)"
    ).as_element()
    assert wide is not None
    wide.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("e => e.scrollLeft > 0", arg=wide)
    page.close()
