"""The generated pages of the handbook are current."""

from pathlib import Path

import yaml

from shirube.cli.dictionary import SCHEMA
from shirube.contracts import CONTRACTS
from shirube.dictionary import configuration, dictionary, settings

DOCS = Path(__file__).parents[2] / "docs"


def test_docs_are_current() -> None:
    assert (DOCS / "data-dictionary.md").read_text() == dictionary(CONTRACTS), (
        "run `shirube dictionary > docs/data-dictionary.md`"
    )


def test_every_column_has_a_meaning() -> None:
    assert "|  |" not in dictionary(CONTRACTS)


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
