"""The keys of `detail` of FINDINGS: what is written fits them, what is read is one of them."""

import ast
from pathlib import Path

import polars as pl
import pytest

from shirube.contracts.detail import KEYS, OPEN, checked, fits
from shirube.errors import ContractError

PACKAGE = Path(__file__).parents[2] / "workflow/scripts/shirube"


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"exon": "18/27", "mane": None}, {"exon": "18/27"}),
        ({"lod": 3}, {"lod": 3}),
        ({"exons": (13, 14)}, {"exons": (13, 14)}),
        ({"parents": {"mother": {"dp": 30, "copies": None}}}, None),
        ({"roles": {"EML4": "oncogene"}}, None),
    ],
)
def test_what_is_declared_is_kept(values: dict[str, object], kept: dict[str, object]) -> None:
    assert checked(values) == (kept or values)


@pytest.mark.parametrize(
    "values",
    [
        {"exom": "18/27"},
        {"exon": 18},
        {"exons": "13"},
        {"exons": ["13"]},
        {"protein_pos": 858.0},
        {"protein_pos": True},
        {"carrier": 1},
        {"parents": {"uncle": {"dp": 30}}},
        {"partners": [{"name": "a", "trans": "yes"}]},
    ],
)
def test_what_is_not_declared_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ContractError, match="detail"):
        checked(values)


@pytest.mark.parametrize("key", KEYS)
def test_a_shape_is_one_that_is_checked(key: str) -> None:
    def leaves(shape: object) -> list[object]:
        if isinstance(shape, pl.Struct):
            return [leaf for field in shape.fields for leaf in leaves(field.dtype)]
        return leaves(shape.inner) if isinstance(shape, pl.List) else [shape]

    shape, about = KEYS[key]
    assert about
    assert all(
        leaf in (pl.String, pl.Boolean, pl.Int32, pl.Float64, OPEN) for leaf in leaves(shape)
    )
    assert fits(None, shape)


def is_detail(node: ast.expr) -> bool:
    """Whether an expression is `item["detail"]`, of any name."""
    return isinstance(node, ast.Subscript) and getattr(node.slice, "value", None) == "detail"


def read_keys(path: Path) -> set[str]:
    """Keys a module asks of `x["detail"]`, directly or by a name it gives it."""
    tree = ast.parse(path.read_text())
    names = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and is_detail(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def asked(node: ast.expr) -> bool:
        return is_detail(node) or (isinstance(node, ast.Name) and node.id in names)

    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=value, slice=ast.Constant(value=key)) if asked(value):
                found.add(key)
            case ast.Call(func=ast.Attribute(value, "get"), args=[ast.Constant(key), *_]):
                found |= {key} if asked(value) else set()
    return found


def test_the_report_reads_declared_keys_alone() -> None:
    read = {path.name: read_keys(path) for path in (PACKAGE / "report").rglob("*.py")}
    assert len(set().union(*read.values())) > 40
    assert {name: keys - KEYS.keys() for name, keys in read.items() if keys - KEYS.keys()} == {}


def test_every_key_that_the_code_writes_is_declared() -> None:
    """Keys of the dictionaries given to `detail` as they stand in the source."""
    written = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "detail":
                for given in node.args:
                    keys = given.keys if isinstance(given, ast.Dict) else []
                    written |= {k.value for k in keys if isinstance(k, ast.Constant)}
    assert len(written) > 50
    assert not written - set(KEYS)
