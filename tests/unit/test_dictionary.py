"""The generated pages of the handbook are current."""

import importlib
import pkgutil
import re
from pathlib import Path

import yaml

import shirube
from shirube.cli.dictionary import SCHEMA, TABLES
from shirube.contracts import Contract
from shirube.dictionary import configuration, dictionary, settings
from shirube.intake.handbook import page

DOCS = Path(__file__).parents[2] / "docs"


def test_docs_are_current() -> None:
    assert (DOCS / "data-dictionary.md").read_text() == dictionary(TABLES), (
        "run `shirube dictionary > docs/data-dictionary.md`"
    )


def test_the_pages_of_callers_are_current() -> None:
    for language, path in (("en", "callers.md"), ("ja", "ja/callers.md")):
        assert (DOCS / path).read_text() == page(language), "run `make docs`"


def test_every_column_has_a_meaning() -> None:
    assert "|  |" not in dictionary(TABLES)


def test_every_table_is_in_it() -> None:
    """All contracts of the package, which all stand in `contracts/`."""
    listed = {id(contract) for part in TABLES.values() for contract in part}
    for module in pkgutil.walk_packages(shirube.__path__, "shirube."):
        for name, value in vars(importlib.import_module(module.name)).items():
            known = not isinstance(value, Contract) or id(value) in listed
            assert known, f"{module.name}.{name}"


def test_tables_are_declared_in_contracts_only() -> None:
    package = Path(next(iter(shirube.__path__)))
    elsewhere = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "contracts" not in path.parts and re.search(r"\bContract\(", path.read_text())
    ]
    assert not elsewhere


def test_configuration_is_current() -> None:
    page = configuration(yaml.safe_load(SCHEMA.read_text()))
    assert (DOCS / "configuration.md").read_text() == page, (
        "run `shirube dictionary --of configuration > docs/configuration.md`"
    )


def test_every_setting_is_explained() -> None:
    schema = yaml.safe_load(SCHEMA.read_text())
    silent = [
        key for key, child, _ in settings(schema, schema["$defs"]) if "description" not in child
    ]
    assert not silent
