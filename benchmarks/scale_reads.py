"""How each pass over reads grows: seconds and memory a megabase, and the slope from size to size.

    python benchmarks/scale_reads.py --out benchmarks/out/scale_reads.json --sizes 1 2 4

An artificial tumour and normal of each size (`lib/made_reads.py`; `--depth` of the normal, the
tumour is twice as deep). Every rule runs in a process of its own; seconds are of all processors,
its programs' included, memory is the most one process held. `slope` is the exponent between the
last two sizes: 1 grows with the data, 2 with its square. `s_per_mb` is what each further Mb costs
between them. The germline caller's and the structural caller's finds are beside what was planted.
With `--before CHECKOUT` the same is done with another checkout's code in the same session, in
turn; `ratio` is its seconds over ours at the largest size.
"""

import argparse
import json
import math
import os
import pickle
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OWN = HERE.parent
GENOME, PAIR = 3100.0, ("measure_coverage", "measure_loh", "measure_markers", "call_structural")
STEPS = (*PAIR, "measure_errors", "call_somatic", "call_germline")
LIMIT = 1.1


def steps(folder: Path, checkout: Path) -> dict[str, Callable[[], object]]:
    """Rule -> its job on the files of `folder`, by the code of `checkout`."""
    sys.path[:0] = [str(HERE / "lib"), str(checkout / "workflow/scripts")]
    import call_germline
    import call_somatic
    import call_structural
    import cut_bins
    import measure_coverage
    import measure_errors
    import measure_loh
    from shirube.calling.germline.engines import Settings
    from shirube.calling.somatic.markers import length_pairs
    from shirube.calling.somatic.model import Thresholds
    from shirube.calling.structural.calling import Limits
    from shirube.genome.genotype_rule import GenotypeRule
    from shirube.genome.regions import read_contigs, run_regions

    made = pickle.loads((folder / "made.pickle").read_bytes())
    out = {name: str(folder / name) for name in (*STEPS, "callable.bed.gz", "reads", "depth")}
    own: dict[str, Any] = {"reference": made.fasta, "aliases": None}
    pair = {"tumour": made.tumour, "normal": made.normal, "bed": None, **own}
    counting = {"min_mapq": 20, "min_baseq": 13}
    tiles = [f"{name}_0_{size}" for name, size in read_contigs(f"{made.fasta}.fai").items()]
    regions = run_regions(read_contigs(f"{made.fasta}.fai"), None)
    rates, bins = str(folder / "measure_errors"), str(folder / "bins")
    cut_bins.main(gene_models=None, bed=None, out=bins, **own)
    return {
        "measure_coverage": lambda: measure_coverage.main(
            reads=made.tumour,
            gvcf=None,
            stated_bed=None,
            gene_models=None,
            bins=bins,
            bed=None,
            sample="T",
            out={
                "callable": out["callable.bed.gz"],
                "coverage": out["measure_coverage"],
                "reads": out["reads"],
                "depth": out["depth"],
            },
            rule=GenotypeRule(min_gq=20, min_dp=10, min_dp_haploid=5, min_ab=0.2),
            depth=14,
            min_mapq=20,
            par={},
            **own,
        ),
        "measure_loh": lambda: measure_loh.main(
            germline=str(folder / "calls.parquet"),
            tumour=made.tumour,
            loh=out["measure_loh"],
            counting=counting,
            **own,
        ),
        # of the rule the pass over the reads, which is what grows
        "measure_markers": lambda: length_pairs(made.tumour, made.normal, made.fasta, regions, 20),
        "call_structural": lambda: call_structural.main(
            primary=made.tumour,
            normal=made.normal,
            bed=None,
            calls=out["call_structural"],
            germline=False,
            limits=Limits(),
            **own,
        ),
        "measure_errors": lambda: measure_errors.main(
            rates=rates, counting=counting, limits=Thresholds(), **pair
        ),
        "call_somatic": lambda: call_somatic.main(
            tiles=tiles,
            calls=out["call_somatic"],
            counting=counting,
            limits=Thresholds(),
            rates=rates,
            **pair,
        ),
        "call_germline": lambda: call_germline.main(
            reads=made.normal,
            bed=None,
            parts=[tiles],
            out=out["call_germline"],
            threads=1,
            sex="XX",
            name="N",
            build="artificial",
            par=None,
            engine="bcftools",
            settings=Settings(min_mapq=20, min_baseq=13, max_depth=8000),
            **own,
        ),
    }


def make(folder: Path, megabases: float, depth: float) -> None:
    """Reads of a size, and the tables the rules take beside them."""
    sys.path[:0] = [str(HERE / "lib"), str(OWN / "workflow/scripts")]
    import polars as pl
    from made_reads import made

    from shirube.contracts import CALLS, write

    found = made(folder, megabases, depth)
    (folder / "made.pickle").write_bytes(pickle.dumps(found))
    rows = [
        {**dict.fromkeys(CALLS.schema), "chrom": contig, "pos": pos, "ref": ref, "alt": alt}
        | {"filter": "PASS", "dosage": copies, "ploidy": 2, "ad_alt": 15, "dp": 30}
        for (contig, pos, ref, alt), copies in sorted(found.truth.germline.items())
    ]
    write(CALLS.table(pl.DataFrame(rows, CALLS.polars)), CALLS, folder / "calls.parquet")


def spent(folder: Path, checkout: Path, rule: str) -> tuple[float, float]:
    """Seconds of all processors and MiB of one run of a rule, in this process."""
    import shutil

    work = steps(folder, checkout)[rule]
    work()  # compiled
    shutil.rmtree(folder / "call_germline", ignore_errors=True)

    def cpu() -> float:
        return sum(os.times()[:4])

    start = cpu()
    work()
    took = cpu() - start
    shutil.rmtree(folder / "call_germline", ignore_errors=True)
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return took, max(resource.getrusage(one).ru_maxrss for one in who) / 1024


def asked(*words: object) -> list[float]:
    """What this script prints, as JSON, when it is run with these words."""
    command = [sys.executable, str(Path(__file__)), *map(str, words)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"scale_reads: {' '.join(command)}\n{done.stderr.decode()[-2000:]}")
    lines = done.stdout.decode().splitlines()
    return list(json.loads(lines[-1])) if lines else []


def recalled(folder: Path) -> dict[str, float]:
    """Planted somatic structural variants and SNVs that pass, and passing ones not planted."""
    sys.path[:0] = [str(HERE / "lib"), str(OWN / "workflow/scripts")]
    from shirube.contracts import SOMATIC, STRUCTURAL, read

    truth = pickle.loads((folder / "made.pickle").read_bytes()).truth
    calls = read(STRUCTURAL, folder / "call_structural").filter(filter="PASS")
    rows = calls.select("chrom1", "pos1", "chrom2", "pos2").rows()
    planted = [(one, two) for one, two in ((p.one, p.two) for p in truth.structural)]

    def same(row: tuple[str, int, str, int], ends: tuple[Any, Any]) -> bool:
        (a, at), (b, to) = ends
        return (a, b) == (row[0], row[2]) and abs(at - row[1]) <= 20 and abs(to - row[3]) <= 20

    found = sum(any(same(row, ends) for row in rows) for ends in planted)
    other = sum(not any(same(row, ends) for ends in planted) for row in rows)
    passed = set(
        read(SOMATIC, folder / "call_somatic")
        .filter(filter="PASS")
        .select("chrom", "pos", "ref", "alt")
        .rows()
    )
    somatic = set(truth.somatic)
    return {
        "structural planted": len(planted),
        "structural found": found,
        "structural not planted": other,
        "somatic SNVs planted": len(somatic),
        "somatic SNVs found": len(passed & somatic),
        "somatic not planted": len(passed - somatic),
    }


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--sizes", type=float, nargs="+", default=[1.0, 2.0, 4.0], help="Mb")
    parser.add_argument("--depth", type=float, default=30.0, help="of the normal")
    parser.add_argument("--rules", nargs="+", default=list(STEPS), choices=STEPS)
    parser.add_argument("--before", type=Path, help="a checkout of other code, run in turn")
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--make", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.step:
        folder, checkout, rule = args.step
        print(json.dumps(spent(Path(folder), Path(checkout), rule)))
        return 0
    if args.make:
        make(Path(args.make[0]), float(args.make[1]), float(args.make[2]))
        return 0
    sizes, rows = sorted(args.sizes), []
    rules = [rule for rule in STEPS if rule in args.rules]  # call_somatic needs measure_errors
    cost: dict[tuple[str, str, float], tuple[float, float]] = {}
    checkouts = {"now": OWN, **({"before": args.before.resolve()} if args.before else {})}
    with tempfile.TemporaryDirectory() as scratch:
        for size in sizes:
            folder = Path(scratch) / f"{size:g}"
            asked("--make", folder, size, args.depth)
            for rule in rules:
                for code, checkout in checkouts.items():
                    took, held = asked("--step", folder, checkout, rule)
                    cost[code, rule, size] = took, held
                    print(f"{size:g} Mb {rule} {code}: {took:.2f} s, {held:.0f} MiB", flush=True)
        whole = {"call_structural", "call_somatic"} <= set(rules)
        truth = recalled(Path(scratch) / f"{sizes[-1]:g}") if whole else {}
    for code in checkouts:
        for rule in rules:
            rows.append(row(code, rule, sizes, cost))
    for line in rows:
        print(
            f"{line['name']}: {line['s_per_mb']:.3f} s a Mb, {line['mib']:.0f} MiB"
            f" (+{line['mib_per_mb']:.1f} a Mb), slope {line['slope']:.2f}; a whole genome"
            f" {line['genome_core_hours']:.2f} core-hours"
            + (f"; before / now {line['ratio']:.2f}" if line["ratio"] else "")
        )
    for name, value in truth.items():
        print(f"{name}: {value:g}")
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps([*rows, {"name": "truth", **truth}], indent=1) + "\n")
    return 0


def row(
    code: str,
    rule: str,
    sizes: list[float],
    cost: dict[tuple[str, str, float], tuple[float, float]],
) -> dict[str, Any]:
    """One line of the JSON file."""
    last, ahead = sizes[-1], sizes[-2] if len(sizes) > 1 else sizes[-1]
    (took, held), (less, few) = cost[code, rule, last], cost[code, rule, ahead]
    more = max(last - ahead, 1e-9)
    further = (took - less) / more if last > ahead else took / last
    slope = math.log(took / less) / math.log(last / ahead) if last > ahead else 1.0
    before = cost.get(("before", rule, last))
    return {
        "name": f"{rule} ({code})",
        "rule": rule,
        "value": further,
        "unit": "s/Mb",
        "peer": "before" if before else None,
        "ratio": before[0] / took if before and code == "now" else None,
        "s_per_mb": further,
        "mib": held,
        "mib_per_mb": (held - few) / more,
        "slope": slope,
        "genome_core_hours": further * GENOME / 3600,
        "sizes": sizes,
        "seconds": [cost[code, rule, size][0] for size in sizes],
        "asked": f"slope <= {LIMIT}",
    }


if __name__ == "__main__":
    sys.exit(main())
