"""The configuration file: read with every key seen once, and held against its schema."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml

from shirube.check.problems import Outcome
from shirube.check.schema import complaints

T = TypeVar("T")


class _Loader(yaml.SafeLoader):
    """YAML that remembers keys given twice, which plain YAML resolves in silence."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.doubled: list[tuple[int, str]] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                if key.value in seen:
                    self.doubled.append((key.start_mark.line + 1, key.value))
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _parsed(text: str) -> tuple[Any, list[tuple[int, str]]]:
    loader = _Loader(text)
    try:
        return loader.get_single_data(), loader.doubled
    finally:
        loader.dispose()


def check_config(path: Path, outcome: Outcome) -> dict[str, Any]:
    """The configuration, as far as it can be read; problems go to `outcome`."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        outcome.problem(path, "", "a configuration file to read (--config, --directory)")
        return {}
    except (OSError, UnicodeDecodeError) as error:
        outcome.problem(path, "", f"a readable text file in UTF-8 ({error})")
        return {}
    try:
        config, doubled = _parsed(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        outcome.problem(path, where, f"YAML ({getattr(error, 'problem', None) or error})")
        return {}
    for number, key in doubled:
        outcome.problem(path, f"line {number}, key {key}", "each key once")
    if not isinstance(config, dict):
        outcome.problem(path, "", "keys with values")
        return {}
    for where, expected in complaints(config, "config"):
        outcome.problem(path, f"key {where}" if where else "", expected)
    return config


def value_at(config: dict[str, Any], kind: type[T], *keys: str) -> T | None:
    """The value below `keys` if it is there and of `kind`; else None (the schema complained)."""
    value: Any = config
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, kind) else None
