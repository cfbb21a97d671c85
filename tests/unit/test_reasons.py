"""Reasons of criteria: one meaning in every language, made of ids and values."""

import re
import string
from pathlib import Path

import pytest
from report_case import EGFR, findings, inputs

import shirube.reasons as reasons
from shirube.reasons import Reason, because, parts_of, sentences, text
from shirube.report.model import report
from shirube.report.page.document import document

PACKAGE = Path(reasons.__file__).parents[1]


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("key", sorted(sentences()))
def test_every_sentence_has_both_languages_and_the_same_values(key: str) -> None:
    entry = sentences()[key]
    assert set(entry) == {"ja", "en"}
    assert placeholders(entry["ja"]) == placeholders(entry["en"])


def test_every_sentence_is_used_and_every_id_exists() -> None:
    source = "".join(p.read_text() for p in PACKAGE.rglob("*.py"))
    used = set(re.findall(r'because\(\s*"([a-z_.0-9]+)"', source))
    assert used == set(sentences())


def test_a_reason_is_its_english_text_and_survives_the_table() -> None:
    both = because("loss.shifted", exon=7).and_(because("loss.stops_late"))
    assert both == "exon 7 skipped: frame shifted; new stop where it escapes decay"
    assert Reason(*parts_of(both.json())) == both
    japanese = "エクソン 7 のスキップ：読み枠がずれる。新しい終止は分解を免れる位置"
    assert text(parts_of(both.json()), "ja") == japanese
    assert parts_of(None) == ()
    with pytest.raises(KeyError):
        because("loss.shifted")


def test_the_japanese_page_gives_reasons_in_japanese() -> None:
    model = report(**inputs(finding_table=findings(EGFR)))
    made = document(model, "0" * 64, "ja")
    shown = str(next(s for s in made["sections"] if s["id"] == "somatic"))
    assert "この変化のある腫瘍 60、同じ残基の変化 99" in shown
    assert "tumours with this change" not in shown
