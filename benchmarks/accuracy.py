"""Every truth set with every installed engine: a table, a JSON file, and floors that must hold.

    python benchmarks/accuracy.py --realdata ../shared/realdata --out benchmarks/out/accuracy.json

Exit status 1 if a floor (benchmarks/floors.yaml) is broken, or if a floor's row was not measured
because its engine or truth set is gone.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).with_name("lib"))]

import accuracy_annotation  # noqa: E402
import accuracy_criteria  # noqa: E402
import accuracy_depth  # noqa: E402
import accuracy_drivers  # noqa: E402
import accuracy_germline  # noqa: E402
import accuracy_haplotypes  # noqa: E402
import accuracy_limits  # noqa: E402
import accuracy_mnp  # noqa: E402
import accuracy_mutants  # noqa: E402
import accuracy_rare  # noqa: E402
import accuracy_somatic  # noqa: E402
import accuracy_structural  # noqa: E402
from accuracy_rows import Row  # noqa: E402

TRUTH_SETS: list[Callable[[Path], list[Row]]] = [
    *accuracy_germline.TRUTH_SETS,
    *accuracy_somatic.TRUTH_SETS,
    *accuracy_structural.TRUTH_SETS,
    *accuracy_drivers.TRUTH_SETS,
    *accuracy_limits.TRUTH_SETS,
    *accuracy_depth.TRUTH_SETS,
    *accuracy_annotation.TRUTH_SETS,
    *accuracy_haplotypes.TRUTH_SETS,
    *accuracy_mnp.TRUTH_SETS,
    *accuracy_criteria.TRUTH_SETS,
    *accuracy_mutants.TRUTH_SETS,
    *accuracy_rare.TRUTH_SETS,
]
FLOORS = Path(__file__).with_name("floors.yaml")


def name_of(row: Row) -> str:
    """What floors.yaml calls a row."""
    return f"{row.truth_set}/{row.engine}/{row.kind}"


def broken(rows: list[Row], floors: dict[str, dict[str, float]]) -> list[str]:
    """One line for every floor that does not hold."""
    found = {name_of(row): row for row in rows}
    lines = []
    for name, limits in floors.items():
        if name not in found:
            lines.append(f"{name}: not measured")
            continue
        for limit, bound in limits.items():
            side, quantity = limit.split("_", 1)
            value = getattr(found[name], quantity)
            held = value is not None and (value >= bound if side == "min" else value <= bound)
            if not held:
                shown = "unknown" if value is None else f"{value:.4g}"
                sign = ">=" if side == "min" else "<="
                lines.append(f"{name}: {quantity} {shown}, floor {sign} {bound:g}")
    return lines


def table(rows: list[Row]) -> str:
    """The rows as text, in columns."""

    def number(value: float | None) -> str:
        return "-" if value is None else f"{value:.4f}"

    counted, scored = ["TP", "FP", "FN"], ["precision", "recall", "F1"]
    head = ["truth set", "engine", "kind", *counted, *scored, "GT errors", "note"]
    lines = [head]
    for row in rows:
        wrong = "-" if row.genotype_errors is None else str(row.genotype_errors)
        counts = [str(row.tp), str(row.fp), str(row.fn)]
        scores = [number(row.precision), number(row.recall), number(row.f1)]
        lines.append([row.truth_set, row.engine, row.kind, *counts, *scores, wrong, row.note])
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def measurements(rows: list[Row], peer: str = "gatk") -> list[dict[str, Any]]:
    """Rows as {name, value, unit, peer, ratio}: F1 beside that of `peer` where it was measured."""
    found = {name_of(row): row.f1 for row in rows}
    out = []
    for row in rows:
        other = found.get(f"{row.truth_set}/{peer}/{row.kind}") if row.engine != peer else None
        ratio = row.f1 / other if row.f1 is not None and other else None
        for quantity in ("tp", "fp", "fn", "genotype_errors", "precision", "recall", "f1"):
            value = getattr(row, quantity)
            if value is not None:
                of_f1 = quantity == "f1"
                out.append(
                    {
                        "name": f"{name_of(row)}/{quantity}",
                        "value": value,
                        "unit": "alleles" if isinstance(value, int) else "fraction",
                        "peer": f"{peer} {other:.4f}" if of_f1 and other else None,
                        "ratio": ratio if of_f1 else None,
                    }
                )
    return out


def main() -> int:
    """Measure, print, write, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--realdata", type=Path, default=Path("../shared/realdata"))
    parser.add_argument("--knowledge", type=Path, default=Path("../shared/knowledge"))
    parser.add_argument("--out", type=Path, required=True)
    names = [truth_set.__name__ for truth_set in TRUTH_SETS]
    parser.add_argument(
        "--only", nargs="+", choices=names, metavar="TRUTH_SET",
        help=f"measure these alone, and hold their floors alone: {', '.join(names)}",
    )  # fmt: skip
    args = parser.parse_args()
    if not args.realdata.is_dir():
        print(f"accuracy: no real data at {args.realdata}; nothing measured")
        return 0
    chosen = [t for t in TRUTH_SETS if not args.only or t.__name__ in args.only]
    rows = [row for truth_set in chosen for row in truth_set(args.realdata)]
    print(table(rows))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(measurements(rows), indent=1) + "\n")
    print(f"written: {args.out}")
    floors = yaml.safe_load(FLOORS.read_text())
    if args.only:
        floors = {name: floors[name] for name in map(name_of, rows) if name in floors}
    lines = broken(rows, floors)
    print(*[f"BELOW THE FLOOR {line}" for line in lines] or ["every floor holds"], sep="\n")
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())
