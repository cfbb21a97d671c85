"""Driver events of every class planted in reads, at purities and depths from end to end.

    python benchmarks/planted_drivers.py --out benchmarks/out/planted_drivers.json

The default is some 2,200 events: 20 classes, 6 of each (fewer where few genes are known), at five
purities, one artificial tumour each, and four depths, parts of its reads; the normal has 30x.
`--each`, `--purities` and `--depths` take a part. The stated limits of detection stand beside the
empirical ones. Every event is reported by its name, or its target says that the class could not be
seen; exit status 1 if one is called absent within the limit stated there. `make accuracy` measures
one cell of it (lib/accuracy_drivers.py).
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).with_name("lib"))]
sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))

from accuracy_drivers import OUTCOMES, Outcome, limit_scale, measure  # noqa: E402
from drivers_genome import CLASSES  # noqa: E402


def table(found: list[Outcome]) -> str:
    """Outcomes by class, and by purity and depth, as text."""
    lines = [f"{'':24}" + "".join(f"{what:>16}" for what in OUTCOMES)]
    groups = [(kind, [o for o in found if o.event.kind == kind]) for kind in CLASSES]
    cells = dict.fromkeys((o.purity, o.depth) for o in found)
    groups += [
        (f"purity {p:.0%}, {d:g}x", [o for o in found if (o.purity, o.depth) == (p, d)])
        for p, d in cells
    ]
    for name, own in [*groups, ("all", found)]:
        count = Counter(o.outcome for o in own)
        lines.append(f"{name:24}" + "".join(f"{count[what]:>16}" for what in OUTCOMES))
    return "\n".join(lines)


def main() -> int:
    """Measure, print, write, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=6, help="events of a class in a tumour")
    parser.add_argument("--purities", type=float, nargs="+", default=[0.2, 0.35, 0.5, 0.65, 0.8])
    parser.add_argument("--depths", type=float, nargs="+", default=[30, 60, 90, 120])
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    cells = [(purity, depth) for purity in args.purities for depth in args.depths]
    found: list[Outcome] = []
    extra: list[str] = []
    for own, beside in measure(cells, args.each, args.seed):
        found, extra = [*found, *own], [*extra, *beside]
        count = dict(Counter(o.outcome for o in own))
        print(f"purity {own[0].purity:.0%}, {own[0].depth:g}x: {count}", flush=True)
    print(table(found))
    wrong = [o for o in found if o.outcome in ("false", "other_name")]
    for o in wrong:
        print(o.outcome, f"{o.purity:.0%} {o.depth:g}x", o.event.kind, o.event.gene, o.said)
    for line in extra:
        print("nobody planted", line)
    for kind, junctions in (("small variants", False), ("junctions", True)):
        ratio, number = limit_scale(found, junctions)
        print(f"stated / empirical limit of detection, {kind}: {ratio:.2f} ({number} events)")
    args.out.parent.mkdir(parents=True, exist_ok=True)
    count = Counter(o.outcome for o in found)
    measured = [
        {"name": f"planted-drivers/{what}", "value": count[what], "unit": "events",
         "peer": None, "ratio": None}
        for what in OUTCOMES
    ]  # fmt: skip
    args.out.write_text(json.dumps(measured, indent=1) + "\n")
    return bool(count["false"] or extra)


if __name__ == "__main__":
    sys.exit(main())
