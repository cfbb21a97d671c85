"""The panel sheet as a table for a panel's own forms: CSV that spreadsheets read as it is meant."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from shirube.report.page.catalogue import Catalogue
from shirube.report.page.document import banners
from shirube.report.page.finding_blocks import reads_text
from shirube.report.page.text import percent
from shirube.report.panel.content import Row, rows, safe

BASES = ("japan", "fda", "guideline", "established", "trial", "resistance")
# Columns: message id of the head; the first seven of a finding are what parity compares.
COLUMNS = (
    *("patient", "diagnosis", "date", "panel.order", "panel.reason"),
    *("finding.id", "panel.name", "hgvs_g", "hgvs_c", "hgvs_p", "vaf", "reads"),
    *("gene", "transcript", "origin", "zygosity", "inheritance"),
    *("tier.japan", "tier.amp", "classification", "oncogenicity"),
    *(f"basis.{kind}" for kind in BASES),
    *("panel.pubmed", "panel.points", "panel.trials", "panel.test", "state", "panel.notes"),
    "report.hash",
)
RECORD = ("finding.id", "panel.name", "hgvs_g", "hgvs_c", "hgvs_p", "vaf", "reads")
_FORMULA = re.compile(r"'*[=+\-@]")
_BETWEEN = "; "


def guarded(text: str) -> str:
    """`text` as a spreadsheet must take it: never a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def plain(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text


def _row(number: int, r: Row, say: Catalogue) -> dict[str, object]:
    item, reads = r.item, r.item["reads"]
    therapies = {c["label"]: c["value"]["text"] for c in r.therapies}
    return {
        "panel.order": number,
        "panel.reason": say.term("reason", r.reason) if r.reason else None,
        "finding.id": item["id"],
        "panel.name": r.title,
        **{key: item[key] for key in ("hgvs_g", "hgvs_c", "hgvs_p", "gene", "transcript")},
        "vaf": None if reads["vaf"] is None else percent(reads["vaf"]),
        "reads": reads_text(reads["alternative"], reads["depth"]),
        "origin": say.term("origin", item["origin"]),
        "zygosity": item["zygosity"] and say.term("zygosity", item["zygosity"]),
        "inheritance": item["inheritance"] and say.term("inheritance", item["inheritance"]),
        "tier.japan": item["japan_level"],
        "tier.amp": item["amp_tier"],
        "classification": item["classification"] and say.term("class", item["classification"]),
        "oncogenicity": item["oncogenicity"] and say.term("oncogenicity", item["oncogenicity"]),
        **{f"basis.{kind}": therapies.get(say.message(f"basis.{kind}")) for kind in BASES},
        "panel.pubmed": _BETWEEN.join(r.pubmed),
        "panel.points": _BETWEEN.join(r.points),
        "panel.trials": _BETWEEN.join(r.trials),
        "panel.test": r.test,
        "state": say.message(f"confirmation.{item['confirmation']}"),
    }


def panel_csv(model: Mapping[str, Any], digest: str, language: str) -> bytes:
    """Every finding of the report, a row each, in the order of the sheet.

    UTF-8 with a byte order mark, as spreadsheets need for Japanese. Without findings there is one
    row that says why; what must be seen before anything else stands in every row.
    """
    say, shown = Catalogue(language), safe(model)
    patient = shown["patient"]
    same = {
        "patient": patient["patient"],
        "diagnosis": say.disease(patient["diagnosis"]),
        "date": shown["date"],
        "panel.notes": _BETWEEN.join(note["text"] for note in banners(shown, say)),
        "report.hash": digest,
    }
    found: Sequence[dict[str, object]] = [
        _row(number, r, say) for number, r in enumerate(rows(shown, say), 1)
    ]
    blocked = shown["quality"]["blocked"]
    if not found and not blocked:
        same["panel.notes"] += _BETWEEN + say.message("summary.none")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(say.message(key) for key in COLUMNS)
    for one in found or [{}]:
        full = {**same, **one}
        values = ("" if full.get(key) is None else str(full[key]) for key in COLUMNS)
        writer.writerow(guarded(value) for value in values)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def listed(data: bytes) -> list[dict[str, str]]:
    """Rows of such a table by message id; ValueError if it is none."""
    given = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    return [
        {key: plain(value) for key, value in zip(COLUMNS, row, strict=True)} for row in given[1:]
    ]
