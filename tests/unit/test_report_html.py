"""The page: both languages say the same, data stay data, and nothing is left untranslated."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from report_case import BRCA1, EGFR, FUSION, PATIENT, findings, inputs, rows, target_table

from shirube.contracts.family import HOMOZYGOSITY
from shirube.errors import InputError
from shirube.report.model import report
from shirube.report.page import catalogue
from shirube.report.page.catalogue import LANGUAGES, Catalogue, messages
from shirube.report.page.document import document
from shirube.report.page.html import html
from shirube.report.page.text import LONGEST, shown, visible

HERE = Path(catalogue.__file__).parent
HOSTILE = "<script>alert(1)</script>\"'&\u202egnp\u2066\u200f\x00\x1b"


class Page(HTMLParser):
    """Tags, attributes and text of a page; keeps what stands in each finding."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.findings: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag and its attributes."""
        self.tags.append(tag)
        found = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in found.items()]
        if "data-finding" in found:
            self.findings.append(found["data-finding"])

    def handle_data(self, data: str) -> None:
        """Keep text that is shown."""
        if self.tags[-1:] != ["style"]:
            self.text.append(data)


def page(language: str = "en", **changed: object) -> str:
    return html(document(report(**inputs(**changed)), "0" * 64, language))


def test_every_message_used_exists() -> None:
    source = (
        "".join(p.read_text() for p in HERE.glob("*.py")) + (HERE / "report.html.j2").read_text()
    )
    used = set(re.findall(r"""\b(?:m|message|say\.message)\(\s*"([a-z_.]+)\"""", source))
    assert used
    assert used <= set(messages())


def test_catalogue_refuses_a_missing_language(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text('a: {en: "only"}\n')
    with pytest.raises(InputError, match="one text for each"):
        messages(tmp_path / "m.yaml")
    (tmp_path / "n.yaml").write_text('a: {en: "{x}", ja: "{y}"}\n')
    with pytest.raises(InputError, match="placeholders"):
        messages(tmp_path / "n.yaml")


def test_catalogue_has_no_doubled_id() -> None:
    ids = re.findall(r"^([^\s#][^:]*(?:::[^:]*)?): \{", (HERE / "messages.yaml").read_text(), re.M)
    assert len(ids) == len(set(ids)) == len(yaml.safe_load((HERE / "messages.yaml").read_text()))


def test_japanese_is_japanese() -> None:
    known = {
        "HGVS",
        "ClinicalTrials.gov",
        "jRCT",
        "SHA-256",
        "ClinVar",
        "AMP Tier",
        "MSI-High",
        "MSS",
        "TMB-High",
        "TMB-Low",
    }
    plain = [k for k, v in messages().items() if v["ja"].isascii() and v["ja"] not in known]
    assert plain == []


def only_our_script(text: str) -> bool:
    """Whether a page holds the one script we wrote, and a policy that allows no other."""
    script = (HERE / "report.js").read_text()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = f"script-src 'sha256-{digest}';" in text.replace("&#39;", "'")
    return allowed and text.count("<script") == 1 and f"<script>{script}</script>" in text


def test_our_script_asks_for_nothing_and_writes_no_markup() -> None:
    script = (HERE / "report.js").read_text()
    words = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(",
             "fetch(", "XMLHttpRequest", "import(", "WebSocket", "sendBeacon", "localStorage",
             "http:", "https:")  # fmt: skip
    assert [word for word in words if word in script] == []
    assert "</script" not in script


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_is_self_contained(language: str) -> None:
    text = page(language)
    parsed = Page(text)
    assert {"iframe", "object", "img"}.isdisjoint(parsed.tags)
    assert only_our_script(text)
    assert not [a for a in parsed.attributes if a[1].startswith("on") or a[1] == "style"]
    sources = [a for a in parsed.attributes if a[1] in ("src", "srcset")]
    links = [a[2] for a in parsed.attributes if a[0] == "link" and a[1] == "href"]
    assert (sources, links) == ([], ["data:,"])
    css = text[text.index("<style>") + 7 : text.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in text.replace("&#39;", "'")
    assert "url(" not in css
    assert ("html", "lang", language) in parsed.attributes
    assert {"main", "nav", "header"} <= set(parsed.tags)


def test_numbers_names_and_order_are_the_same_in_both_languages() -> None:
    wanted = (EGFR["finding"], FUSION["finding"], BRCA1["finding"])
    pages = [Page(page(language)) for language in LANGUAGES]
    assert [tuple(p.findings) for p in pages] == [wanted, wanted]
    numbers = [re.findall(r"\d+(?:[.,]\d+)*", " ".join(p.text)) for p in pages]
    hgvs = [re.findall(r"\b[gcp]\.[\w>*]+", " ".join(p.text)) for p in pages]
    assert hgvs[0] == hgvs[1]
    assert len(hgvs[0]) > 5
    # Sentences of the catalogue may order their numbers differently; the numbers are the same.
    assert sorted(numbers[0]) == sorted(numbers[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_id_shows(language: str) -> None:
    text = " ".join(Page(page(language)).text)
    dotted = {key for key in messages() if "." in key}
    assert not [key for key in dotted if key in text]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"build": "artificial"}, "banner.artificial"),
        ({}, "banner.unconfirmed"),
        ({"finding_table": findings().clear()}, "summary.none"),
    ],
)
def test_page_says(changed: dict[str, Any], message: str) -> None:
    assert Catalogue("en").message(message) in " ".join(Page(page("en", **changed)).text)


def test_real_build_has_no_artificial_banner() -> None:
    assert "ARTIFICIAL" not in page("en", build="GRCh38")


def test_unassessable_genes_never_stand_under_not_found() -> None:
    text = page("en")
    negative = text[text.index('id="not_found"') : text.index('id="not_assessable"')]
    unknown = text[text.index('id="not_assessable"') : text.index('id="quality"')]
    for gene in ("MET", "ROS1", "PIK3CA", "ERBB2"):
        assert gene not in negative
        assert gene in unknown
    assert "BRAF" in negative


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_data_stay_data(language: str) -> None:
    row = {
        **EGFR,
        **dict.fromkeys(("name", "gene", "hgvs_p", "second_hit", "consequence"), HOSTILE),
        "finding": 'x" onload="alert(1)',
        "transcript": "T" * 1_000_000,
        "evidence": [{**EGFR["evidence"][0], "url": "javascript:alert(1)", "therapies": HOSTILE}],
    }
    patient = {**PATIENT, "patient": HOSTILE, "diagnosis": HOSTILE}
    text = page(language, finding_table=findings(row), patient=patient)
    parsed = Page(text)
    assert only_our_script(text)
    assert list(parsed.tags).count("script") <= 1
    assert not [a for a in parsed.attributes if a[1].startswith("on")]
    assert not [a for a in parsed.attributes if a[1] == "href" and "javascript" in a[2]]
    assert set("\u202e\u2066\u200f\x00\x1b").isdisjoint(text)
    assert "<U+202E>" in " ".join(parsed.text)
    assert "alert(1)" in " ".join(parsed.text)  # shown, not swallowed
    assert len(text) < 200_000


def test_long_values_are_cut_for_the_eye_and_kept_in_the_model() -> None:
    long = "A" * 1_000_000
    model = report(**inputs(finding_table=findings({**EGFR, "hgvs_c": long})))
    assert model["findings"][0]["hgvs_c"] == long
    assert shown(long) == "A" * LONGEST + "… [1,000,000]"


def test_visible_keeps_japanese_and_names_what_hides() -> None:
    assert visible("体細胞変異 p.(Leu858Arg)") == "体細胞変異 p.(Leu858Arg)"
    assert visible("a\u202eb\u200b\x07") == "a<U+202E>b<U+200B><U+0007>"


def test_same_model_same_bytes() -> None:
    assert page() == page()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {
                "state": "ref_lost",
                "normal_ad": 19,
                "normal_dp": 32,
                "tumour_ad": 22,
                "tumour_dp": 22,
            },
            "腫瘍で正常アレルが失われている：正常 19/32、腫瘍 22/22",
        ),
        ({"loh_sites": {"assessed": 3, "lost": 0}}, "ヘテロ接合部位 3 か所のうち 0 か所"),
        ({"somatic": ["p.Arg1Ter (40%)"]}, "同じ遺伝子の体細胞変異：p.Arg1Ter (40%)"),
    ],
)
def test_second_hits_speak_the_readers_language(facts: dict[str, Any], words: str) -> None:
    prose = "reference allele lost in the tumour"
    row = {**BRCA1, "second_hit": prose, "detail": json.dumps({"second_hit": facts})}
    text = " ".join(Page(page("ja", finding_table=findings(row))).text)
    assert words in text
    assert prose not in text


def test_drugs_are_named_once_and_conflicts_are_said() -> None:
    def item(source: str, drug: str, significance: str) -> dict[str, Any]:
        row = {**EGFR["evidence"][0], "source": source, "therapies": drug}
        return {**row, "significance": significance}

    known = [
        item("CIViC", "Olaparib", "Sensitivity/Response"),
        item("CIViC", "olaparib", "Sensitivity/Response"),
        item("CIViC", "Vorinostat,Pazopanib", "Sensitivity/Response"),
        item("CIViC", "Olaparib", "Resistance"),
        item("japan_approvals", "olaparib", "Sensitivity/Response"),
    ]
    table = findings({**EGFR, "evidence": known})
    made = document(report(**inputs(finding_table=table)), "0" * 64, "en")
    summary = next(s for s in made["sections"] if s["id"] == "summary")["blocks"][0]
    say = Catalogue("en").message
    lines = {c["label"]: c["value"]["text"] for c in summary["columns"]}
    assert lines[say("basis.japan")] == "Olaparib"
    assert lines[say("basis.established")] == "Olaparib; Vorinostat, Pazopanib"
    # An approval and evidence of level A against it: at odds, and no resistance.
    assert say("basis.resistance") not in lines
    assert dict(summary["facts"])[say("disputed")]["text"] == "Olaparib"


def test_without_a_list_of_targets_nothing_is_called_negative() -> None:
    empty = {name: target_table().clear() for name in ("LUNG01-N", "LUNG01-T")}
    text = " ".join(Page(page("en", targets=empty)).text)
    say = Catalogue("en").message
    assert text.count(say("negative.unlisted")) == 3
    assert say("unknown.none") not in text


def test_rare_candidates_show_parents_and_symptoms() -> None:
    detail = {
        "parents": {"father": {"ad_alt": 0, "dp": 20}, "mother": {"ad_alt": 1, "dp": 24}},
        "de_novo_posterior": 0.9957,
        "mode": "dominant, de novo",
        "phenotype": {
            "terms": [
                {"term": "HP:0001642", "name": "Pulmonic stenosis", "name_ja": "肺動脈弁狭窄",
                 "matched": "HP:0001642", "matched_name": "Pulmonic stenosis"}
            ]
        },
        "nando": [{"nando": "NANDO:1", "name_ja": "ヌーナン症候群", "designated": True}],
        "diseases": "not a list",
    }  # fmt: skip
    row = {**BRCA1, "section": "rare", "detail": json.dumps(detail)}
    texts = [" ".join(Page(page(n, finding_table=findings(row))).text) for n in LANGUAGES]
    assert all("0 / 20" in text and "1 / 24" in text and "99.57%" in text for text in texts)
    assert "肺動脈弁狭窄" in texts[0]
    assert "Pulmonic stenosis" in texts[1]
    assert "ヌーナン症候群" in texts[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_markers_stand_with_their_interval(language: str) -> None:
    text = " ".join(Page(page(language)).text)
    say = Catalogue(language)
    assert "4.2" not in text  # a number beside "cannot be told" would seem to answer
    assert say.term("marker.call", "unknown") in text
    assert "0.40 (0.20–0.60)" in text
    none = " ".join(Page(page(language, markers=inputs()["markers"].clear())).text)
    assert say.message("biomarkers.none") in none


def test_every_message_is_used() -> None:
    over_all = HERE.parents[1] / "progress"  # the page over all people of a run
    files = [*HERE.glob("*.py"), *over_all.glob("*.py"), *over_all.glob("*.j2")]
    source = "".join(p.read_text() for p in files)
    literal = set(re.findall(r"""["']([a-z_A-Z.]+)["']""", source))
    stems = {f"{s}." for s in re.findall(r"""f["']([a-z_.]+)\.\{""", source)}
    stems |= {
        f"{s}." for s in re.findall(r"""(?:terms?|phrase|quoted)\(\s*["']([a-z._]+)["']""", source)
    }
    stems |= {"phenotype."}
    unused = [k for k in messages() if k not in literal and not k.startswith(tuple(stems))]
    assert unused == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_uniparental_disomy_is_said_aloud(language: str) -> None:
    place = {"chrom": "chr15", "start": 1_000_000, "end": 21_000_000, "sites": 400, "against": 0}
    table = rows(
        HOMOZYGOSITY,
        {**place, "kind": "upd_maternal", "reason": "maternal alleles only"},
        {**place, "chrom": "chr2", "kind": "roh"},
    )
    text = " ".join(Page(page(language, homozygosity=table)).text)
    say = Catalogue(language)
    assert say.message("homozygosity.upd") in text
    assert "chr15:1,000,001-21,000,000" in text
    alone = " ".join(Page(page(language, homozygosity=table.tail(0))).text)
    assert say.message("homozygosity.upd") not in alone
