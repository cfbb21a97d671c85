"""Write docs/sbom.cdx.json and docs/licences.md: what a run installs, with licences.

  python requirements/sbom.py PYTHON

`PYTHON` is the interpreter of an environment that holds run.lock and nothing else; the document
is made by cyclonedx-py (beside this interpreter). Packages whose metadata names no licence of SPDX
take it from licences.tsv, which says where it was read.
"""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
ASIDE = {"pip", "uv"}  # what installs, and is not run


def stated(component: dict[str, Any]) -> list[str]:
    """Licences of SPDX that a component's own metadata names."""
    found = []
    for entry in component.get("licenses", []):
        name = entry.get("expression") or entry["license"].get("id")
        found += [name] if name and name not in found else []
    return found


def read_in_files() -> dict[str, tuple[str, str]]:
    """Package -> (licence, where it was read), of licences.tsv."""
    with (HERE / "licences.tsv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    return {row["package"]: (row["licence"], row["read_in"]) for row in rows}


def document(python: str) -> dict[str, Any]:
    """The CycloneDX document of an environment, each component with a licence."""
    tool = Path(sys.executable).with_name("cyclonedx-py")
    words = [str(tool), "environment", python, "--output-reproducible", "--short-PURLs"]
    made = subprocess.run([*words, "--sv", "1.6", "-o", "-"], check=True, capture_output=True)
    bom: dict[str, Any] = json.loads(made.stdout)
    known = read_in_files()
    kept = []
    for component in bom["components"]:
        name = component["name"]
        if name in ASIDE:
            continue
        licences = stated(component)
        if name in known:
            licences = [known[name][0]]
        if not licences:
            raise SystemExit(
                f"requirements/licences.tsv: a row for {name}: its metadata names none"
            )
        component["licenses"] = [{"expression": " AND ".join(licences)}]
        for aside in ("externalReferences", "description"):
            component.pop(aside, None)
        kept.append(component)
    bom["components"] = kept
    names = {component["bom-ref"] for component in kept}
    bom["dependencies"] = [d for d in bom["dependencies"] if d["ref"] in names]
    bom["metadata"] = {
        "component": {"bom-ref": "shirube", "type": "application", "name": "shirube",
                      "licenses": [{"expression": "MIT"}]},
        "tools": bom["metadata"]["tools"],
    }  # fmt: skip
    return bom


def page(bom: dict[str, Any]) -> str:
    """The table of packages, versions and licences for people."""
    aside = {name: where for name, (_, where) in read_in_files().items()}
    lines = [
        "# Licences of what a run installs",
        "",
        "Written by `make sbom` from [sbom.cdx.json](sbom.cdx.json) (CycloneDX 1.6; `make",
        "vulnerabilities` looks the packages up where a database can be reached). Engines that are",
        "installed apart (GATK, freebayes, CNVkit, ...) bring their own.",
        "",
        "| package | version | licence | read in |",
        "|---|---|---|---|",
    ]
    for one in bom["components"]:
        where = aside.get(one["name"], "metadata of the wheel")
        licence = one["licenses"][0]["expression"]
        lines.append(f"| {one['name']} | {one['version']} | {licence} | {where} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    made = document(sys.argv[1])
    (DOCS / "sbom.cdx.json").write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    (DOCS / "licences.md").write_text(page(made))
