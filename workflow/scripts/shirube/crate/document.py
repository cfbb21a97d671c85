"""The RO-Crate of a run: what went in, what was done with it, what came out.

RO-Crate 1.1 with the Workflow Run Crate profile. Inputs lie outside the crate and are named by
their content (RFC 6920, ni:///sha-256;...), with the path they were read from; outputs are paths
below the results directory, which is the crate. The bytes depend on the run's content alone: the
only date is the one the configuration gives.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.model.file import File
from rocrate.model.softwareapplication import SoftwareApplication
from rocrate.rocrate import ROCrate

PROFILES = (
    "https://w3id.org/ro/wfrun/process/0.5",
    "https://w3id.org/ro/wfrun/workflow/0.5",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
)
ROLES = {
    "sheet": "sheet of people or files",
    "reference": "reference sequence and its index",
    "regions": "regions that limit the run",
    "knowledge": "knowledge base, as its publisher wrote it",
    "sample": "reads or variants of a sample",
    "workflow": "source of the workflow",
}


@dataclass(frozen=True)
class InputFile:
    """A file the run read: path as the configuration or sheet has it, and what it is for."""

    path: str
    sha256: str
    role: str
    about: str = ""


@dataclass(frozen=True)
class Run:
    """Everything a crate says: `results` maps a path below the crate to its SHA-256.

    `settings` are the configuration's values by dotted key, `tools` name -> version, `directory`
    where paths of inputs start, relative to the crate.
    """

    version: str
    workflow: InputFile
    inputs: Sequence[InputFile]
    results: Mapping[str, str]
    settings: Mapping[str, str]
    tools: Mapping[str, str]
    directory: str
    date: str | None = None
    operator: str | None = None


def content_name(sha256: str) -> str:
    """The ni: name of a content (RFC 6920)."""
    text = base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip("=")
    return f"ni:///sha-256;{text}"


def dotted(settings: Any, prefix: str = "") -> dict[str, str]:  # noqa: ANN401
    """A nested configuration as key.key -> value in JSON."""
    if isinstance(settings, Mapping) and settings:
        out: dict[str, str] = {}
        for key, value in settings.items():
            out |= dotted(value, f"{prefix}.{key}" if prefix else str(key))
        return out
    return {prefix: json.dumps(settings, ensure_ascii=False, sort_keys=True)}


def _external(crate: ROCrate, file: InputFile, kind: list[str]) -> ContextEntity:
    name = file.path.rsplit("/", 1)[-1]
    about = file.about or ROLES[file.role]
    facts = {"name": name, "alternateName": file.path, "sha256": file.sha256}
    facts |= {"additionalType": file.role, "description": about}
    properties = {"@type": kind, **facts}
    entity = crate.add(ContextEntity(crate, content_name(file.sha256), properties=properties))
    crate.root_dataset.append_to("hasPart", entity)
    return entity


def crate_text(run: Run) -> str:
    """ro-crate-metadata.json of a run."""
    crate = ROCrate(version="1.1")
    root = crate.root_dataset
    del root["datePublished"]
    if run.date:
        root["datePublished"] = run.date
    root["name"] = "Results of a run of Shirube"
    root["description"] = (
        "Calls, annotations, cohort frequencies and reports, with where they are from."
    )
    root["conformsTo"] = [
        crate.add(ContextEntity(crate, p, properties={"@type": "CreativeWork"})) for p in PROFILES
    ]
    language = ContextEntity(
        crate,
        "https://w3id.org/workflowhub/workflow-ro-crate#snakemake",
        properties={"@type": "ComputerLanguage", "name": "Snakemake"},
    )
    kinds = ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
    workflow = _external(crate, run.workflow, kinds)
    workflow["programmingLanguage"] = crate.add(language)
    workflow["version"] = run.version
    root["mainEntity"] = workflow
    tools = [
        crate.add(
            SoftwareApplication(
                crate, f"#tool-{name}", properties={"name": name, "softwareVersion": version}
            )
        )
        for name, version in sorted(run.tools.items())
    ]
    workflow["softwareRequirements"] = tools
    by_content: dict[str, ContextEntity] = {}
    for file in sorted(run.inputs, key=lambda f: (f.sha256, f.path)):
        known = by_content.get(file.sha256)
        if known is None:
            by_content[file.sha256] = _external(crate, file, ["File"])
        else:
            paths = known["alternateName"]
            paths = paths if isinstance(paths, list) else [paths]
            known["alternateName"] = sorted({*paths, file.path})
    outputs = [
        crate.add(File(crate, None, path, properties={"sha256": digest}))
        for path, digest in sorted(run.results.items())
    ]
    values = {"directory": run.directory, **run.settings}
    parameters = [
        crate.add(
            ContextEntity(
                crate,
                f"#setting-{key}",
                properties={"@type": "PropertyValue", "name": key, "value": value},
            )
        )
        for key, value in sorted(values.items())
    ]
    facts: dict[str, Any] = {"@type": "CreateAction", "name": "Run of the workflow"}
    if run.date:
        facts["endTime"] = run.date
    action = ContextEntity(crate, "#run", properties=facts)
    crate.add(action)
    action["instrument"] = workflow
    action["object"] = [*by_content.values(), *parameters]
    action["result"] = outputs
    if run.operator:
        person = {"@type": "Person", "name": run.operator}
        action["agent"] = crate.add(ContextEntity(crate, "#operator", properties=person))
    root["mentions"] = [action]
    document = crate.metadata.generate()
    document["@graph"] = sorted(document["@graph"], key=lambda entity: entity["@id"])
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
