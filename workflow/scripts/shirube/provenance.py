"""Which library files a script depends on, so that a rule reruns when they change.

Snakemake reruns a job when its `script:` file changes but not when a module imported by
that script changes. `code_digest` closes the gap. It sees absolute imports written in the
source; the package uses no others (a test holds it to that).
"""

import ast
import hashlib
from collections.abc import Callable
from pathlib import Path

PACKAGE = "shirube"


def imported_modules(source: str) -> set[str]:
    """Names of the modules of this package that `source` may import.

    `from shirube.a import b` names both shirube.a and shirube.a.b: only one of them need exist.
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if name == PACKAGE or name.startswith(PACKAGE + ".")}


def module_files(name: str, locate: Callable[[str], str]) -> set[str]:
    """Files (relative to workflow/scripts) that importing module `name` executes."""
    parts, found = name.split("."), set()
    for depth in range(1, len(parts) + 1):
        stem = "/".join(parts[:depth])
        for relative in (f"{stem}/__init__.py", f"{stem}.py"):
            if Path(locate(relative)).is_file():
                found.add(relative)
    return found


def code_digest(script: str, locate: Callable[[str], str]) -> str:
    """SHA-256 (16 hex digits) of `script` and of every package module it imports, transitively.

    `locate` maps a path relative to workflow/scripts to a readable path, which need not exist.
    """
    digest, seen, queue = hashlib.sha256(), set(), [script]
    while queue:
        relative = queue.pop()
        if relative in seen:
            continue
        seen.add(relative)
        for name in imported_modules(Path(locate(relative)).read_text()):
            queue += module_files(name, locate)
    for relative in sorted(seen):
        digest.update(relative.encode() + b"\0" + Path(locate(relative)).read_bytes())
    return digest.hexdigest()[:16]
