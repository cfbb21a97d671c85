"""With what a report was made: knowledge versions, programs, engines, thresholds."""

import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from shirube.contracts import metadata
from shirube.tools import run

_KEPT = ("source", "release", "licence", "sha256", "rows", "url", "covers")
PACKAGES = ("shirube", "snakemake", "polars", "pysam", "cyvcf2")


def knowledge(paths: Iterable[str | Path]) -> list[dict[str, Any]]:
    """Release, licence and checksum of every knowledge table of the run, by name."""
    out: list[dict[str, Any]] = []
    for path in sorted(map(Path, paths), key=lambda p: p.name):
        found = metadata(path)
        out.append({"name": path.stem, **{key: found.get(key) or None for key in _KEPT}})
    return out


def tools() -> list[dict[str, str]]:
    """Name and version of the programs whose output a report rests on."""
    children = [
        {"name": name, "version": run(name, "--version").decode().split("\n")[0].split()[1]}
        for name in ("bcftools", "samtools")
    ]
    packages = [{"name": name, "version": version(name)} for name in PACKAGES]
    python = {"name": "python", "version": platform.python_version()}
    return sorted([*children, *packages, python], key=lambda tool: tool["name"])


def methods(
    knowledge_paths: Iterable[str | Path],
    engines: Mapping[str, str],
    parameters: Mapping[str, Any],
) -> dict[str, Any]:
    """The `methods` part of the report model; parameters as configured, nested ones joined by /."""
    flat: dict[str, str] = {}
    for key, value in parameters.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}/{name}": str(inner) for name, inner in value.items()}
        else:
            flat[key] = str(value)
    return {
        "knowledge": knowledge(knowledge_paths),
        "tools": tools(),
        "engines": dict(engines),
        "parameters": flat,
    }
