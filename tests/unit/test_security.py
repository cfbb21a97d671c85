"""Names and paths never reach a shell unquoted; nothing of a file is executed."""

import ast
import re
from pathlib import Path

import pytest

from shirube.provenance import imported_modules, module_files

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = sorted((REPOSITORY / "workflow" / "scripts").rglob("*.py"))
RULES = [REPOSITORY / "Snakefile", *sorted((REPOSITORY / "workflow" / "rules").glob("*.smk"))]
FORBIDDEN = {
    "eval", "exec", "compile", "os.system", "os.popen", "subprocess.getoutput",
    "subprocess.getstatusoutput", "pickle.load", "pickle.loads", "yaml.load", "yaml.unsafe_load",
    "tempfile.mktemp", "marshal.loads",
}  # fmt: skip
NETWORK = {"socket", "http", "urllib.request", "requests", "aiohttp", "httpx", "ftplib", "smtplib"}


def called(node: ast.Call) -> str:
    """Dotted name of what a call calls, as written."""
    parts: list[str] = []
    function: ast.expr = node.func
    while isinstance(function, ast.Attribute):
        parts.append(function.attr)
        function = function.value
    parts.append(function.id if isinstance(function, ast.Name) else "?")
    return ".".join(reversed(parts))


def test_no_shell_and_no_execution_of_data() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name, where = called(node), f"{path}:{node.lineno}"
            assert name not in FORBIDDEN, f"{where}: {name}"
            values = {k.arg: getattr(k.value, "value", None) for k in node.keywords}
            assert not values.get("shell", False), f"{where}: a shell"
            if name.endswith("Environment"):
                assert values.get("autoescape") is True, f"{where}: no autoescape"


def read_by_a_run() -> set[Path]:
    """Scripts of rules and every module they import; commands of the command line are not."""
    root = REPOSITORY / "workflow" / "scripts"
    seen: set[str] = set()
    queue = [path.name for path in root.glob("*.py")]
    while queue:
        relative = queue.pop()
        if relative not in seen:
            seen.add(relative)
            for name in imported_modules((root / relative).read_text()):
                queue += module_files(
                    name, lambda wanted: str(root / wanted) if (root / wanted).is_file() else None
                )
    return {root / relative for relative in seen}


def test_no_job_of_a_run_can_ask_the_network() -> None:
    modules = read_by_a_run()
    assert len(modules) > 50
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                known = name in NETWORK or name.split(".")[0] in NETWORK
                assert not known, f"{path}: {name}"


def shell_commands(text: str) -> list[str]:
    """Text of each `shell:` directive of a rule file."""
    found = re.findall(
        r"^\s+shell:\s*\n?((?:\s+(?:r|f|rf)?\"\"\".*?\"\"\"|(?:\s+\"[^\n]*\"\n?)+))",
        text,
        re.M | re.S,
    )
    assert len(found) == len(re.findall(r"^\s+shell:", text, re.M)), (
        "a shell: this test cannot read"
    )
    return found


@pytest.mark.parametrize("path", RULES, ids=lambda p: p.name)
def test_every_placeholder_of_a_shell_command_is_quoted(path: Path) -> None:
    for command in shell_commands(path.read_text()):
        for placeholder in re.findall(r"(?<!\{)\{([^{}]+)\}(?!\})", command):
            numeric = placeholder in ("threads", "resources.mem_mb")
            assert placeholder.endswith(":q") or numeric, f"{path.name}: {{{placeholder}}}"


def test_the_test_of_placeholders_sees_an_unquoted_one() -> None:
    text = """rule a:\n    shell:\n        "cat {input} > {output:q}"\n"""
    (command,) = shell_commands(text)
    assert re.findall(r"(?<!\{)\{([^{}]+)\}(?!\})", command) == ["input", "output:q"]
