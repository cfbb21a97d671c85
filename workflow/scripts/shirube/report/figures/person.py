"""Pictures of one person's finding: on the protein, in the family, of a repeat's length."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shirube.report.figures.finding import Figure, figure
from shirube.report.figures.svg import BLUE, INK, LINE, ORANGE, RED, SOFT, Drawing
from shirube.report.targets import Model

SMALL = ("snv", "mnv", "insertion", "deletion", "delins")
_CODON = re.compile(r"[A-Z][a-z]{2}(\d+)")
_COPIES = re.compile(r"\d+")


def codon_of(item: Mapping[str, Any]) -> int | None:
    """First codon a protein name speaks of."""
    found = _CODON.search(item["hgvs_p"] or "") if item["kind"] in SMALL else None
    return int(found[1]) if found else None


def lollipop(items: Sequence[Mapping[str, Any]], model: Model) -> Figure | None:
    """Changes of one gene's protein on its codons, with the borders of its coding exons."""
    marked = [(codon, item) for item in items if (codon := codon_of(item)) is not None]
    sizes = [end - start for start, end in model.coding]
    sizes = sizes if model.forward else sizes[::-1]
    codons = sum(sizes) // 3 - 1
    marked = [(codon, item) for codon, item in marked if 0 < codon <= codons]
    if not marked:
        return None
    left, width = 20.0, 720.0
    levels = _levels([left + width * codon / codons for codon, _ in marked])
    base = 42.0 + 18 * max(levels.values())
    d = Drawing(left + width + 60, base + 44)
    at = 0
    for n, size in enumerate(sizes):
        x = left + width * at / 3 / codons
        d.rect(x, base, min(width * size / 3 / codons, left + width - x), 14,
               LINE if n % 2 else "#dfe5ea", "#8b98a5")  # fmt: skip
        at += size
    d.text(left, base + 28, "1", 9, SOFT)
    d.text(left + width, base + 28, codons, 9, SOFT, "end")
    d.word(left + width / 2, base + 38, "figure.word.codon", 9, SOFT, "middle")
    for codon, item in marked:
        x = left + width * codon / codons
        y = base - 26 - 18 * levels[x]
        d.line(x, base, x, y, SOFT, 1.2)
        d.circle(x, y, 5, RED if item["origin"] == "somatic" else BLUE)
        d.text(x + 8, y + 4, item["hgvs_p"].split(":")[-1], 10, INK)
    first = marked[0][1]
    values = {"gene": first["gene"], "transcript": model.transcript, "codons": codons}
    return figure("lollipop", d, values, first["id"])


def _levels(places: Sequence[float]) -> dict[float, int]:
    """Height of each mark, so that its name (90 wide) lies over no other."""
    last: dict[int, float] = {}
    out: dict[float, int] = {}
    for x in sorted(set(places)):
        row = next(n for n in range(len(places) + 1) if last.get(n, -1e9) < x - 90)
        last[row], out[x] = x, row
    return out


def pedigree(item: Mapping[str, Any], sex: str) -> Figure | None:
    """The patient and the parents whose reads were looked at, each with copies and reads."""
    parents = item["detail"].get("parents")
    if not isinstance(parents, Mapping):
        return None
    reads = item["reads"]
    copies = {"heterozygous": 1, "homozygous": 2, "hemizygous": 1}.get(item["zygosity"] or "")
    people = [
        ("father", 110.0, 34.0, True, parents.get("father"), False),
        ("mother", 290.0, 34.0, False, parents.get("mother"), False),
        ("patient", 200.0, 116.0, {"XY": True, "XX": False}.get(sex),
         {"ad_alt": reads["alternative"], "dp": reads["depth"], "copies": copies}, True),
    ]  # fmt: skip
    d = Drawing(400, 190)
    d.line(110, 34, 290, 34, INK, 1.4)
    d.line(200, 34, 200, 116, INK, 1.4)
    told = []
    for who, x, y, male, seen, affected in people:
        fill = "#6b7a88" if affected else "#ffffff"
        if male is None:
            d.path(f"M{x} {y - 17}L{x + 17} {y}L{x} {y + 17}L{x - 17} {y}Z", INK, 1.6, fill)
        elif male:
            d.rect(x - 15, y - 15, 30, 30, fill, INK)
        else:
            d.circle(x, y, 16, INK)
            d.circle(x, y, 14.6, fill)
        d.word(x, y + 32, f"figure.word.{who}", 10, INK, "middle")
        known = seen if isinstance(seen, Mapping) else {}
        text = genotype(known)
        d.text(x, y + 46, text, 10, INK, "middle")
        told.append(text)
    values = {"name": item["name"], **dict(zip(("father", "mother", "own"), told, strict=True))}
    return figure("pedigree", d, values, item["id"])


def genotype(seen: Mapping[str, Any]) -> str:
    """Copies of the allele and the reads behind them; a question mark where not known."""
    copies = "?" if seen.get("copies") is None else f"×{seen['copies']}"
    if seen.get("dp") is None:
        return copies
    alternative = "?" if seen.get("ad_alt") is None else seen["ad_alt"]
    return f"{copies} ({alternative}/{seen['dp']})"


def repeat_ruler(item: Mapping[str, Any]) -> Figure | None:
    """Measured copies of a repeat against the lengths of healthy and of affected people."""
    detail = item["detail"]
    alleles = [str(text) for text in detail.get("alleles") or ()]
    sizes = [int(found[0]) for text in alleles if (found := _COPIES.search(text))]
    normal, from_ = detail.get("normal_max"), detail.get("pathogenic_min")
    if not sizes or (normal is None and from_ is None):
        return None
    left, width, base = 20.0, 640.0, 70.0
    top = max([*sizes, normal or 0, from_ or 0]) * 1.2 + 1
    d = Drawing(left + width + 40, base + 48)

    def x(copies: float) -> float:
        return left + width * copies / top

    d.rect(left, base, width, 14, "#ffffff", "#8b98a5")
    if normal is not None:
        d.rect(left, base, x(normal) - left, 14, "#cfe8d8", "#8b98a5")
        d.word(left + 4, base + 28, "figure.word.normal", 9, SOFT)
        d.text(x(normal), base + 40, f"≤{normal}", 9, SOFT, "end")
    if from_ is not None:
        d.rect(x(from_), base, left + width - x(from_), 14, "#f6d0c4", "#8b98a5")
        d.word(left + width, base + 28, "figure.word.pathogenic", 9, SOFT, "end")
        d.text(x(from_), base + 40, f"≥{from_}", 9, SOFT)
    for n, (text, size) in enumerate(zip(alleles, sizes, strict=False)):
        y = base - 14 - 18 * n
        colour = (
            RED
            if from_ is not None and size >= from_
            else ORANGE
            if normal is not None and size > normal
            else INK
        )
        d.line(x(size), base + 14, x(size), y, colour, 2)
        d.text(x(size) + 5, y + 6, text, 11, INK)
    values = {"name": item["name"], "alleles": " / ".join(alleles)}
    return figure("repeat", d, values, item["id"])
