"""The web page of the service, in Japanese and English, without scripts."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import jinja2

from shirube.service.released import Row

PACKAGE_DATA = ("page.html.j2", "page.css")
TEXTS = {
    "en": {
        "title": "Allele frequencies",
        "release": "Release {release}: {people} people, {build}.",
        "artificial": "All people and sequences are artificial.",
        "ask": "Allele or region",
        "find": "Find",
        "caption": "Alleles found",
        "allele": "Allele",
        "group": "Group",
        "nhomalt": "Homozygotes",
        "nhemi": "Hemizygotes",
        "hidden": "not shown",
        "nothing": "No allele here with {least} copies or more. Whether anyone was callable here, "
        "and whether rarer alleles exist, is not said.",
        "footer": "Counts are of people callable at the position. Alleles with fewer than {least} "
        "copies are not shown; groups have at least {min_people} people.",
    },
    "ja": {
        "title": "アレル頻度",
        "release": "公開版 {release}：{people} 人、{build}。",
        "artificial": "人も配列もすべて架空のものです。",
        "ask": "アレルまたは領域",
        "find": "検索",
        "caption": "見つかったアレル",
        "allele": "アレル",
        "group": "群",
        "nhomalt": "ホモ接合の人数",
        "nhemi": "ヘミ接合の人数",
        "hidden": "非表示",
        "nothing": "{least} コピー以上のアレルはここにありません。この位置を判定できた人がいたか、"
        "よりまれなアレルがあるかは示しません。",
        "footer": "その位置を判定できた人だけを数えています。"
        "{least} コピー未満のアレルは表示しません。各群は {min_people} 人以上です。",
    },
}


@cache
def _template() -> jinja2.Template:
    text = Path(__file__).with_name("page.html.j2").read_text()
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return environment.from_string(text)


def style() -> bytes:
    """The page's style sheet."""
    return Path(__file__).with_name("page.css").read_bytes()


def rendered(
    language: str,
    root: str,
    about: Mapping[str, str],
    least: int,
    asked: str = "",
    found: Sequence[Sequence[Row]] | None = None,
    problem: str = "",
) -> bytes:
    """The page: empty, with what was found, or with what was wrong with the question."""
    return (
        _template()
        .render(
            language=language,
            text=TEXTS[language],
            root=root,
            said=about,
            least=least,
            asked=asked,
            found=found,
            problem=problem,
        )
        .encode()
    )
