"""Imports only go down: the order of the package stands in pyproject.toml."""

import ast
import tomllib
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "workflow/scripts/shirube"
LAYERS: list[list[str]] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"][
    "shirube"
]["layers"]
WINGS = ("calling", "cohort", "report")


def modules() -> dict[str, Path]:
    """Dotted name below the package -> file; packages stand under their own name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(path: Path) -> set[str]:
    """Modules of the package that a file imports when it runs (not for type checking alone)."""
    names = set()
    ahead: list[ast.AST] = [ast.parse(path.read_text())]
    while ahead:
        node = ahead.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            ahead += node.orelse
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shirube"):
            base = (node.module or "").removeprefix("shirube").removeprefix(".")
            for alias in node.names:
                within = f"{base}.{alias.name}".removeprefix(".")
                names.add(within if within in MODULES else base)
        elif not isinstance(node, ast.expr):  # a statement never stands inside an expression
            ahead += ast.iter_child_nodes(node)
    return names


@cache
def graph() -> dict[str, set[str]]:
    """Module -> modules it imports."""
    return {name: imported(path) - {name} for name, path in MODULES.items()}


def unit(name: str) -> str:
    """The package or top module a module belongs to."""
    return name.split(".")[0]


def test_every_package_has_its_place() -> None:
    listed = [name for layer in LAYERS for name in layer]
    assert sorted(listed) == sorted({unit(name) for name in MODULES} - {""})


def test_imports_go_down() -> None:
    floor = {name: number for number, layer in enumerate(LAYERS) for name in layer}
    up = [
        f"{name} imports {other}"
        for name, others in graph().items()
        for other in others
        if unit(name) != unit(other) and floor[unit(other)] >= floor[unit(name)]
    ]
    assert not up


def test_no_module_imports_itself_in_the_end() -> None:
    tuple(TopologicalSorter(graph()).static_order())  # raises CycleError, which names the modules


def test_wings_do_not_import_each_other_both_ways() -> None:
    """calling.germline and calling.somatic, report.page and report.figures, ..."""
    pairs = {
        (name.split(".")[1], other.split(".")[1], unit(name))
        for name, others in graph().items()
        for other in others
        if unit(name) in WINGS and unit(name) == unit(other)
        if name.count(".") == other.count(".") == 2
    }
    assert not [(a, b, of) for a, b, of in pairs if a < b and (b, a, of) in pairs]


def test_the_handbook_draws_the_same_order() -> None:
    page = (REPOSITORY / "docs/architecture.md").read_text()
    drawn = [line for line in page.splitlines() if line.startswith("| ") and "`" in line]
    order = [line.split("|")[1].strip() for line in drawn if line.split("|")[1].strip().isdigit()]
    assert order == [str(number) for number in range(1, len(LAYERS) + 1)]
    for number, layer in enumerate(LAYERS, 1):
        (row,) = (line for line in drawn if line.startswith(f"| {number} |"))
        assert [part.strip("` ") for part in row.split("|")[2].split(",")] == layer


def test_no_job_loads_what_it_may_never_call() -> None:
    """A part of scipy named at the top of a module is loaded by every job, at .3 s of CPU.

    `import scipy` costs nothing and loads a part at its first use.
    """
    named = {
        path.name
        for path in MODULES.values()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ImportFrom | ast.Import)
        and ("from scipy" in ast.unparse(node) or "scipy." in ast.unparse(node))
    }
    assert not named
