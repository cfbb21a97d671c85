"""Whether a directory of reports is whole and says one thing.

Checked: report.json fits its schema; every rendering carries the SHA-256 of that very file, and
the same findings (report.parity); a signed report has the content that was signed.
"""

import json
from pathlib import Path

from pypdf import PdfReader

from shirube.report.model import ReportError, loaded
from shirube.report.panel.listing import listed
from shirube.report.parity import differences
from shirube.report.schema import report_schema
from shirube.report.sign_off import content_of

MODEL = "report.json"
SUFFIXES = (".html", ".pdf", ".csv", ".fhir.json", ".phenopacket.json")


def _carries(path: Path, digest: str) -> bool:
    if path.suffix == ".pdf":
        metadata = PdfReader(path).metadata
        return metadata is not None and metadata.get("/Keywords") == digest
    if path.suffix == ".csv":
        return all(row["report.hash"] == digest for row in listed(path.read_bytes()))
    text = path.read_text(encoding="utf-8")
    if path.name.endswith("fhir.json"):
        report = json.loads(text)["entry"][0]["resource"]
        return bool(report["identifier"][0]["value"] == digest)
    if path.suffix == ".json":
        return bool(json.loads(text)["interpretations"][0]["summary"].endswith(digest))
    return f'<meta name="report-sha256" content="{digest}">' in text


def report_problems(directory: Path) -> list[str]:
    """What is wrong with the report of one patient; [] if nothing is."""
    try:
        model, digest = loaded(directory / MODEL, report_schema())
    except FileNotFoundError:
        return [f"{directory}: no {MODEL}"]
    except ReportError as error:
        return [str(error)]
    out = []
    if content_of(model) != model["sign_off"]["content"]:
        out.append(f"{directory / MODEL}: not the content whose state it prints")
    files = sorted(p for p in directory.iterdir() if p.name.endswith(SUFFIXES))
    readable = {}
    for path in files:
        try:
            if not _carries(path, digest):
                out.append(f"{path}: made from another {MODEL} (SHA-256 {digest} expected)")
            readable[path.name] = path.read_bytes()
            out += [
                f"{directory}/{p}" for p in differences(model, {path.name: readable[path.name]})
            ]
        except Exception as error:
            out.append(f"{path}: not readable ({type(error).__name__}: {str(error)[:200]})")
    if not any(path.suffix == ".html" for path in files):
        out.append(f"{directory}: no report as HTML")
    return out
