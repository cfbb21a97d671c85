"""Which library files a script depends on, so that a rule reruns when they change.

Snakemake reruns a job when its `script:` file changes but not when a module imported by
that script changes. `code_digest` closes the gap. It sees absolute imports written in the
source; the package uses no others (a test holds it to that). A module that reads files beside it
(templates, tables) names them in a module-level `PACKAGE_DATA = ("name", ...)`.
"""

import ast
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

PACKAGE = "shirube"


@cache  # a workflow asks for the same modules in rule after rule
def imported_modules(source: str) -> frozenset[str]:
    """Names of the modules of this package that `source` may import.

    `from shirube.a import b` names both shirube.a and shirube.a.b: only one of them need exist.
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return frozenset(n for n in names if n == PACKAGE or n.startswith(PACKAGE + "."))


@cache
def package_data(source: str) -> tuple[str, ...]:
    """Names in the module-level PACKAGE_DATA of `source`: files in the module's own directory."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "PACKAGE_DATA" for target in node.targets
        ):
            return tuple(ast.literal_eval(node.value))
    return ()


def module_files(name: str, locate: Callable[[str], str | None]) -> set[str]:
    """Files (relative to workflow/scripts) that importing module `name` executes."""
    parts, found = name.split("."), set()
    for depth in range(1, len(parts) + 1):
        stem = "/".join(parts[:depth])
        found |= {file for file in (f"{stem}/__init__.py", f"{stem}.py") if locate(file)}
    return found


def code_digest(script: str, locate: Callable[[str], str | None]) -> str:
    """SHA-256 (16 hex digits) of `script`, the package modules it imports and their data files.

    Imports are followed to their end. `locate` maps a path relative to workflow/scripts to a
    readable path, or to None where there is no such file.
    """
    contents: dict[str, bytes] = {}
    queue = [script]
    while queue:
        relative = queue.pop()
        if relative in contents:
            continue
        path = locate(relative)
        if path is None:
            raise FileNotFoundError(relative)
        contents[relative] = Path(path).read_bytes()
        if relative.endswith(".py"):
            source = contents[relative].decode()
            queue += [f"{Path(relative).parent}/{name}" for name in package_data(source)]
            for name in imported_modules(source):
                queue += module_files(name, locate)
    digest = hashlib.sha256()
    for relative in sorted(contents):
        digest.update(relative.encode() + b"\0" + contents[relative])
    return digest.hexdigest()[:16]
