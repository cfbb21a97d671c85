"""A JSON schema's complaints in words: where, what was expected, what was found.

The schemas are the ones the workflow validates with when it is parsed (workflow/schemas); here
every complaint is reported, not only the first.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from shirube.check.problems import shown
from shirube.home import SCHEMAS

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "object": "keys with values",
    "array": "a list",
    "boolean": "true or false",
    "null": "nothing",
}


@cache
def schema(name: str) -> dict[str, Any]:
    """One of the workflow's schemas: `config`, `patients` or `samples`."""
    return yaml.safe_load((SCHEMAS / f"{name}.schema.yaml").read_text())


def nearest(name: str, known: Iterable[str]) -> str:
    """` (did you mean x?)` for the known name closest to `name`, or nothing."""
    close = difflib.get_close_matches(name, [str(k) for k in known], n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""


# Words people write in a sheet, and the value they mean.
_MEANT = {
    "XY": ("m", "male", "man", "男", "男性", "xy"),
    "XX": ("f", "female", "woman", "女", "女性", "xx"),
    "yes": ("y", "true", "はい", "同意", "あり"),
    "no": ("n", "false", "いいえ", "不同意", "なし"),
    "GRCh38": ("hg38", "b38"),
    "GRCh37": ("hg19", "b37", "hs37d5"),
    "tumour": ("tumor", "腫瘍", "t"),
    "normal": ("germline", "blood", "正常", "n"),
}


def meant(value: object, allowed: Iterable[object]) -> str:
    """` (did you mean x?)` for the allowed value that a word stands for, or nothing."""
    known = [str(v) for v in allowed if v is not None]
    word = str(value).strip().lower()
    by_word = [one for one in known if word in _MEANT.get(one, ()) or word == one.lower()]
    return f" (did you mean {by_word[0]}?)" if by_word else nearest(str(value), known)


def _listed(values: Iterable[object]) -> str:
    return ", ".join("empty" if v is None else str(v) for v in values)


def _types(wanted: str | list[str]) -> str:
    names = [wanted] if isinstance(wanted, str) else wanted
    return " or ".join(_TYPES.get(name, name) for name in names)


def expected(error: ValidationError) -> str:
    """What the schema wanted where `error` arose, and what it met."""
    rule: Any = error.validator
    value: Any = error.validator_value
    found = "nothing" if error.instance is None else shown(error.instance)
    about = error.schema.get("description") if isinstance(error.schema, dict) else None
    if rule == "enum":
        return f"one of {_listed(value)}; found {found}{meant(error.instance, value)}"
    elif rule == "type":
        wanted = about if about and error.instance is None else _types(value)
    elif rule == "pattern":
        wanted = about or f"text that matches {value}"
    elif rule == "minimum":
        wanted = f"at least {value}"
    elif rule == "maximum":
        wanted = f"at most {value}"
    elif rule == "minItems":
        wanted = f"at least {value} item(s)"
    elif rule == "maxItems":
        wanted = f"at most {value} item(s)"
    else:
        wanted = f"{rule} {value}"
    return f"{wanted}; found {found}"


def complaints(instance: object, name: str) -> Iterator[tuple[str, str]]:
    """(key path, what was expected) for everything in `instance` that schema `name` refuses.

    The key path is dotted, empty at the top; unknown keys are named with the nearest known one.
    """
    for error in Draft202012Validator(schema(name)).iter_errors(instance):
        path = [str(part) for part in error.absolute_path]
        if error.validator == "additionalProperties" and isinstance(error.schema, dict):
            known = list(error.schema.get("properties", {}))
            allowed = list(error.schema.get("patternProperties", {}))
            for key in error.instance:
                if key not in known and not any(re.search(p, str(key)) for p in allowed):
                    where = ".".join([*path, str(key)])
                    names = _listed(known) if known else f"names like {_listed(allowed)}"
                    yield where, f"a known key{nearest(str(key), known)}; known: {names}"
        elif error.validator == "required":
            for key in error.validator_value:
                if key not in error.instance:
                    yield ".".join([*path, key]), "a value: the key is required"
        else:
            yield ".".join(path), expected(error)
