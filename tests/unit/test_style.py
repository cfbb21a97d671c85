"""Style, types and the rules the workflow's own files keep."""

import ast
import builtins
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "workflow/scripts/shirube"
RULES = sorted((REPOSITORY / "workflow/rules").glob("*.smk"))
BUILTINS = set(dir(builtins))
MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["snakefmt", "--check", "Snakefile", "workflow/rules"],
        ["mypy"],
    ],
    ids=" ".join,
)
def test_style(command: list[str]) -> None:
    program = Path(sys.executable).parent / command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", RULES, ids=lambda p: p.name)
def test_every_script_rule_tracks_its_code(path: Path) -> None:
    scripts = re.findall(r'script:\s+"\.\./scripts/([a-z_]+\.py)"', path.read_text())
    assert scripts == re.findall(r'code=code_of\(\s*"([a-z_]+\.py)"', path.read_text())


def asked_of_snakemake(script: Path) -> set[tuple[str, str]]:
    """(input, output or params; name) a script asks for by name, under whatever alias."""
    tree = ast.parse(script.read_text())
    kinds = {"snakemake.input": "input", "snakemake.output": "output", "snakemake.params": "params"}
    alias = dict(kinds)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            pairs = (
                zip(target.elts, value.elts, strict=True)
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
                else [(target, value)]
            )
            alias |= {
                ast.unparse(a): kinds[ast.unparse(b)] for a, b in pairs if ast.unparse(b) in kinds
            }
    return {
        (alias[ast.unparse(node.value)], node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in alias
    } - {(kind, method) for kind in kinds.values() for method in ("get", "items")}


@pytest.mark.parametrize("path", RULES, ids=lambda p: p.name)
def test_scripts_ask_for_what_their_rule_gives(path: Path) -> None:
    for rule in re.split(r"^rule ", path.read_text(), flags=re.MULTILINE)[1:]:
        script = re.search(r'script:\s+"\.\./scripts/([a-z_]+\.py)"', rule)
        if not script:
            continue
        given = {
            (part[0], name)
            for part in re.findall(r"^    (input|output|params):\n((?:^ {8}.*\n|\n)+)", rule, re.M)
            for name in re.findall(r"^ {8}([a-z_]+)=", part[1], re.M)
        }
        asked = asked_of_snakemake(PACKAGE.parent / script[1])
        open_ended = {"input"} if "unpack(" in rule else set()
        missing = {one for one in asked - given if one[0] not in open_ended}
        assert not missing, f"{script[1]}: {sorted(missing)}"


SCRIPTS = sorted(PACKAGE.parent.glob("*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_scripts_name_what_they_pass(path: Path) -> None:
    """A script hands a dozen paths and settings to its main: each under its name."""
    tree = ast.parse(path.read_text())
    (main,) = (n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "main")
    assert not main.args.args


def test_input_functions_use_names_that_exist() -> None:
    """Snakemake calls them job by job: a plan without such a job would not notice."""
    given = {"config", "workflow", "rules", "collect", "temp", "local", "WorkflowError"}
    used: dict[str, str] = {}
    for path in RULES:
        code = re.split(
            r"^(?:rule|wildcard_constraints|on[a-z]+)\b.*:\n", path.read_text(), flags=re.M
        )
        plain = [re.sub(r"^(?: .*\n|\n)+", "", part) if n else part for n, part in enumerate(code)]
        text = re.sub(r"^include: .*$", "", "".join(plain), flags=re.M)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Name):
                if isinstance(node.ctx, ast.Load):
                    used.setdefault(node.id, f"{path.name}: {node.id}")
                else:
                    given.add(node.id)
            elif isinstance(node, ast.FunctionDef):
                given.add(node.name)
            elif isinstance(node, ast.arg):
                given.add(node.arg)
            elif isinstance(node, ast.alias):
                given.add(node.asname or node.name.split(".")[0])
    assert not [where for name, where in used.items() if name not in given and name not in BUILTINS]


@pytest.mark.parametrize("path", RULES, ids=lambda p: p.name)
def test_no_logic_in_rules(path: Path) -> None:
    assert not re.search(r"^\s+run:", path.read_text(), re.MULTILINE)


def imports(path: Path) -> list[tuple[str, int, bool]]:
    """(module, relative level, outside any function) of each import in a source file."""
    tree = ast.parse(path.read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    hidden = {id(node) for function in functions for node in ast.walk(function)}
    out = []
    for node in ast.walk(tree):
        top = id(node) not in hidden
        if isinstance(node, ast.Import):
            out += [(alias.name, 0, top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            out.append((node.module or "", node.level, top))
    return out


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_are_absolute_and_visible(path: Path) -> None:
    """The code digest follows absolute imports only; the command line may import lazily."""
    relative = path.relative_to(PACKAGE)
    for module, level, top in imports(path):
        assert level == 0, f"relative import of {module}"
        lazy = not top and module.startswith("shirube")
        assert not lazy or relative.parts[0] == "cli", f"{module} imported out of sight"
        if module.split(".")[0] == "pysam":
            assert relative.parts[0] in ("reads", "demo"), "pysam outside shirube/reads"
        if module.split(".")[0] == "cyvcf2":
            assert relative.name == "vcf.py", "cyvcf2 outside shirube/vcf.py"


def test_workflow_lint() -> None:
    program = Path(sys.executable).parent / "snakemake"
    done = subprocess.run(
        [program, "--lint", "--directory", REPOSITORY / "tests/workflow/lint"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_public_command_stands_once() -> None:
    rules = re.findall(r"^([a-z][a-z-]*):", (REPOSITORY / "Makefile").read_text(), re.M)
    assert len(rules) == len(set(rules))
    public = "demo test real accuracy benchmark slurm-test faults attack lint tutorial"
    assert set(public.split()) <= set(rules)
