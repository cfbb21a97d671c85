"""The words of the site, from one catalogue (words.yaml), in Japanese and English."""

from functools import cache
from pathlib import Path

import yaml

PACKAGE_DATA = ("words.yaml",)
LANGUAGES = ("ja", "en")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Id -> language -> text."""
    text = Path(__file__).with_name("words.yaml").read_text()
    words: dict[str, dict[str, str]] = yaml.safe_load(text)
    return words


class Words:
    """Texts in one language; a name that is no id of the catalogue is an error."""

    def __init__(self, language: str) -> None:
        self.language, self._words = language, catalogue()

    def __call__(self, name: str, **values: object) -> str:
        """Text of an id, its {names} filled in."""
        return self._words[name][self.language].format(**values)

    def known(self, name: str, otherwise: str) -> str:
        """Text of an id, or `otherwise` where the catalogue has none."""
        return self._words[name][self.language] if name in self._words else otherwise

    def group(self, name: str) -> str:
        """A group of people: `sex=XX,programme=rare` in words."""
        if f"group.{name}" in self._words:
            return self(f"group.{name}")
        parts = []
        for pair in name.split(","):
            column, _, value = pair.partition("=")
            if f"group.{pair}" in self._words:
                parts.append(self(f"group.{pair}"))
            else:
                told = self.known(f"value.{value}", value)
                parts.append(f"{self.known(f'column.{column}', column)}: {told}")
        return ("、" if self.language == "ja" else ", ").join(parts)

    def consequence(self, terms: str | None) -> str:
        """SO terms joined by & in words."""
        words = [self.known(f"consequence.{t}", t) for t in (terms or "").split("&") if t]
        return ("・" if self.language == "ja" else ", ").join(words)


def number(value: float | None, digits: int = 3) -> str:
    """A count with thousands' separators, or a fraction to significant digits."""
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    if value == 0:
        return "0"
    if abs(value) < 1e-4:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{mantissa}×10{_raised(int(exponent))}"
    return f"{value:.{digits}g}"


def _raised(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
