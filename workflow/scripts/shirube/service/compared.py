"""Two populations set against each other: groups of the release, sources, earlier releases."""

from collections.abc import Mapping, Sequence
from typing import Any

from shirube.cohort.query import sources as imported
from shirube.cohort.query.bounds import difference, fisher
from shirube.cohort.query.places import Place
from shirube.errors import InputError
from shirube.service import figures
from shirube.service.listing import PAGE, Filters, Row, name_of, table
from shirube.service.released import Released
from shirube.service.text import Words


def populations(released: Released, text: Words) -> list[tuple[str, str]]:
    """(value, label) of what can be compared: groups of the release, and sources."""
    out = [(f"group:{group}", text.group(group)) for group in released.groups]
    for number, release in released.earlier.items():
        label = text("compare.release", n=number)
        out += [(f"release:{number}:{g}", f"{label}: {text.group(g)}") for g in release.groups]
    for source in released.sources:
        out.append((f"source:{source.name}", f"{source.name} ({text('variant.population')}: max)"))
        if source.japanese:
            out.append((f"japanese:{source.name}", f"{source.name} {source.japanese}"))
    return out


def compare(released: Released, places: Sequence[Place], one: str, other: str, text: Words) -> Row:
    """Alleles with numbers in both of two populations, the largest difference first."""
    labels = dict(populations(released, text))
    for value in (one, other):
        if value not in labels:
            raise InputError("compare", f"one of {', '.join(labels)}", value[:40])
    filters = Filters(source="any")
    rows = table(released, places, filters).every
    said = imported.frequencies(released.sources, places).to_dicts()
    by_source = {(r["source"], r["pos"], r["ref"], r["alt"]): r for r in said}
    for number in {v.split(":")[1] for v in (one, other) if v.startswith("release:")}:
        for place in places:
            for groups in released.then(number, place):
                for row in groups:
                    key = (row["pos"], row["ref"], row["alt"])
                    by_source[f"release:{number}:{row['stratum']}", *key] = row
    found = []
    for row in rows:
        counted = [_counted(value, row, by_source) for value in (one, other)]
        if counted[0] is None or counted[1] is None:
            continue
        (a, an), (b, bn) = counted[0], counted[1]
        if not a and not b:
            continue
        low, high = difference(a, an, b, bn)
        found.append(
            {**row, "one": (a, an), "other": (b, bn), "difference": a / an - b / bn}
            | {"low": low, "high": high, "p": fisher(a, an, b, bn)}
        )
    found.sort(key=lambda row: (row["p"], -abs(row["difference"]), row["key"][1:]))
    bound = 0.05 / max(len(found), 1)
    points = [
        (
            r["one"][0] / r["one"][1],
            r["other"][0] / r["other"][1],
            r["p"] < bound,
            name_of(r["key"]),
        )
        for r in found
    ]
    title = text("compare.figure.text", n=len(found), one=labels[one], other=labels[other])
    drawn = figures.scatter(points[:3000], labels[one], labels[other], title)
    return {
        "rows": found[:PAGE],
        "n": len(found),
        "bound": bound,
        "figure": drawn,
        "labels": labels,
        "overlap": all(value.startswith(("release:", "group:")) for value in (one, other))
        and "release:" in one + other,
    }


def _counted(
    value: str, row: Row, by_source: Mapping[tuple[Any, ...], Row]
) -> tuple[int, int] | None:
    """Copies and chromosomes of an allele in a population; None where they are not told."""
    kind_of, _, name = value.partition(":")
    if kind_of in ("group", "release"):
        if kind_of == "group":
            own = next((g for g in row["groups"] if g["stratum"] == name), None)
        else:
            own = by_source.get((value, *row["key"][1:]))
        return (own["ac"], own["an"]) if own and own["ac"] is not None and own["an"] else None
    said = by_source.get((name, *row["key"][1:]))
    if said is None:
        return None
    prefix = "japanese_" if kind_of == "japanese" else ""
    af, an = said[f"{prefix}af"], said[f"{prefix}an"]
    return (round(af * an), an) if af is not None and an else None
