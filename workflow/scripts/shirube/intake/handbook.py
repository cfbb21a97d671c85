"""The table of dialects as pages of the handbook, in English and Japanese."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from shirube.intake.dialects import Dialect, table
from shirube.intake.events import Program, programs

PACKAGE_DATA = ("handbook.yaml",)
_TEXT: Mapping[str, Mapping[str, str]] = yaml.safe_load(
    Path(__file__).with_name("handbook.yaml").read_text(encoding="utf-8")
)
_HOLDS = ("germline", "somatic", "joint", "any")
_DOT = {"ja": {"PASS": "PASS", "not judged": "判定なし"}}


def _code(names: tuple[str, ...] | str) -> str:
    listed = [names] if isinstance(names, str) else list(names)
    return ", ".join(f"`{name}`" for name in listed if name).replace("|", "\\|")


def _row(dialect: Dialect, language: str) -> str:
    words = _TEXT[language]
    holds = dict(zip(_HOLDS, words["holds"].split("|"), strict=True))
    seen = [_code(dialect.recognised)] if dialect.recognised else []
    seen += [f"{words['fields']} {_code(dialect.signature)}"] if dialect.signature else []
    filters = _DOT.get(language, {}).get(dialect.dot, dialect.dot)
    more = [
        words[name].format(_code(value))
        for name, value in (
            ("status", dialect.status),
            ("own", dialect.allele_filter),
            ("despite", dialect.despite),
        )
        if value
    ]
    if dialect.refused:
        filters = f"{words['refused']}: {dialect.refused}"
    quality = f"{_code(dialect.quality) or '-'}; {_code(dialect.reference_quality) or '-'}"
    cells = [
        dialect.caller,
        dialect.versions,
        holds[dialect.holds],
        "; ".join(seen) or "-",
        _code(dialect.depth),
        _code(dialect.reads),
        quality,
        dialect.block or "-",
        "; ".join([filters, *more]),
        dialect.source,
        dialect.verified,
    ]
    return "| " + " | ".join(cells) + " |"


def _event_row(program: Program, words: Mapping[str, str]) -> str:
    holds = dict(zip(("junctions", "copies", "any"), words["events_holds"].split("|"), strict=True))
    ends = dict(zip(("last base", "CT"), words["ends"].split("|"), strict=True))
    seen = [_code(program.recognised)] if program.recognised else []
    seen += [f"{words['fields']} {_code(program.signature)}"] if program.signature else []
    cells = [
        program.caller,
        program.versions,
        holds[program.holds],
        "; ".join(seen) or "-",
        *(_code(tuple(text.split(","))) or "-" for text in (program.pairs, program.splits)),
        _code(tuple(program.depth.split(","))) or "-",
        "; ".join(_code(tuple(text.split(","))) or "-" for text in (program.copies, program.minor)),
        _code(program.ratio) or "-",
        ends[program.ends],
        program.source,
        program.verified,
    ]
    return "| " + " | ".join(cells) + " |"


def _table(columns: list[str], rows: list[str]) -> list[str]:
    """Lines of a table: its head, and rows that are lines already."""
    return ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns), *rows]


def page(language: str) -> str:
    """docs/callers.md of a language."""
    words = _TEXT[language]
    columns = words["columns"].split("|")
    told = words["events_columns"].split("|")
    lines = [
        f"# {words['title']}",
        "",
        words["intro"],
        "",
        *_table(columns, [_row(dialect, language) for dialect in table()]),
        "",
        f"## {words['events_title']}",
        "",
        words["events_intro"],
        "",
        *_table(told, [_event_row(program, words) for program in programs()]),
        "",
        words["verified"],
    ]
    return "\n".join(lines) + "\n"
