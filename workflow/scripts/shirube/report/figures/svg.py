"""Drawing in SVG: a few shapes, every text escaped, no style sheet and no script.

Colours are those of a palette that people with colour-vision deficiency can tell apart
(Okabe and Ito 2008); nothing is said by colour alone.
"""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from shirube.report.page.text import shown

INK, SOFT, HAZE, LINE, WASH = "#16202b", "#4a5866", "#9aa7b3", "#c9d2da", "#eef2f5"
BLUE, ORANGE, GREEN, RED, SKY, YELLOW = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#d55e00",
    "#56b4e9",
    "#b8a400",
)
BASES = {"A": GREEN, "C": BLUE, "G": "#7a5c00", "T": RED}
FONT = "IPAexGothic, 'Noto Sans CJK JP', 'Hiragino Sans', sans-serif"


def number(value: float) -> str:
    """A coordinate: two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _element(name: str, attributes: dict[str, object], content: str = "") -> str:
    text = "".join(
        f" {key.replace('_', '-')}="
        + quoteattr(number(value) if isinstance(value, float) else str(value))
        for key, value in attributes.items()
    )
    return f"<{name}{text}>{content}</{name}>" if content else f"<{name}{text}/>"


class Drawing:
    """An SVG image of a fixed size in pixels."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str, stroke: str = "none"
    ) -> None:
        """A rectangle."""
        place = {"x": float(x), "y": float(y), "width": float(width), "height": float(height)}
        self._parts.append(_element("rect", {**place, "fill": fill, "stroke": stroke}))

    def line(
        self, x1: float, y1: float, x2: float, y2: float, stroke: str = LINE, width: float = 1
    ) -> None:
        """A straight line."""
        ends = {"x1": float(x1), "y1": float(y1), "x2": float(x2), "y2": float(y2)}
        self._parts.append(_element("line", {**ends, "stroke": stroke, "stroke_width": width}))

    def circle(self, x: float, y: float, radius: float, fill: str) -> None:
        """A dot."""
        place = {"cx": float(x), "cy": float(y), "r": float(radius)}
        self._parts.append(_element("circle", {**place, "fill": fill}))

    def dots(self, points: Iterable[tuple[float, float]], radius: float, fill: str) -> None:
        """Many dots of one kind, as one element."""
        text = "".join(f"M{number(x)} {number(y)}h0" for x, y in points)
        if text:
            pen = {"stroke": fill, "stroke_width": 2 * radius, "stroke_linecap": "round"}
            self._parts.append(_element("path", {"d": text, "fill": "none", **pen}))

    def path(self, data: str, stroke: str = INK, width: float = 1, fill: str = "none") -> None:
        """Lines and curves."""
        pen = {"stroke": stroke, "stroke_width": width, "fill": fill}
        self._parts.append(_element("path", {"d": data, **pen}))

    def text(
        self, x: float, y: float, words: object, size: float = 11, fill: str = INK,
        anchor: str = "start",
    ) -> None:  # fmt: skip
        """Words, escaped; control and bidirectional characters are spelled out."""
        body = escape(shown(str(words), 60).translate({ord("⟦"): "[", ord("⟧"): "]"}))
        self._text(x, y, body, size, fill, anchor)

    def word(
        self, x: float, y: float, key: str, size: float = 11, fill: str = INK,
        anchor: str = "start",
    ) -> None:  # fmt: skip
        """A message of the catalogue by its id, in the reader's language by `page.text.worded`."""
        self._text(x, y, f"⟦{key}⟧", size, fill, anchor)

    def _text(self, x: float, y: float, body: str, size: float, fill: str, anchor: str) -> None:
        place = {"x": float(x), "y": float(y), "font_size": size, "fill": fill}
        self._parts.append(_element("text", {**place, "text_anchor": anchor}, body))

    def svg(self) -> str:
        """The finished image. Its text alternative stands beside it, in the reader's language."""
        size = {"width": float(self.width), "height": float(self.height)}
        box = f"0 0 {number(self.width)} {number(self.height)}"
        head = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": box, **size, "font_family": FONT}
        return _element("svg", head, "".join(self._parts))
