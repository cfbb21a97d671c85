"""Attack thousands of random histories, with every defence and with each switched off.

    python tests/attack/adversary.py --histories 10000 --cores 2

And some of them through real files, with questions about people in between and the served site.
Prints what was recovered. Exit status 1 if anything was with every defence in place, or nothing
with one of them off (then the attack proves nothing).
"""

import argparse
import logging
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from cohort_history import Switches, history
from equations import fixed_counts, recovered

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from real_history import recovered_from_files

LEAK = 64  # a history in which answers and releases together would tell of a person
DEFENCES = tuple(one.name for one in fields(Switches))


def attacked(off: str, seeds: range) -> np.ndarray:
    """[histories, releases, cells, genotypes recovered, hidden counts fixed] of `seeds`."""
    switches = Switches(**({off: False} if off else {}))
    total = np.zeros(5, int)
    for seed in seeds:
        cohort = history(seed, switches)
        releases = len({cell.release for cell in cohort.cells})
        found = (recovered(cohort), fixed_counts(cohort))
        total += (1, releases, len(cohort.cells), *found)
    return total


def attack(off: str, histories: int, cores: int, first: int = 0) -> np.ndarray:
    """`attacked` over many seeds, in parts."""
    parts = [range(a, min(a + 50, first + histories)) for a in range(first, first + histories, 50)]
    if cores == 1:
        return sum((attacked(off, part) for part in parts), np.zeros(5, int))
    with ProcessPoolExecutor(cores) as pool:
        return sum(pool.map(partial(attacked, off), parts), np.zeros(5, int))


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--files", type=int, default=60, help="histories through real files")
    args = parser.parse_args()
    start = time.monotonic()
    few = max(100, args.histories // 20)
    worst = 0
    print(f"{'defence off':12} {'histories':>9} {'releases':>8} {'cells':>8} recovered, fixed")
    for off in ("", *DEFENCES):
        n, releases, cells, found, fixed = attack(off, few if off else args.histories, args.cores)
        print(f"{off or 'none':12} {n:9} {releases:8} {cells:8} {found:9}, {fixed}", flush=True)
        worst |= bool(found or fixed) if not off else not (fixed if off == "bounds" else found)
    print(f"{'files':12} {'histories':>9} {'releases':>8} {'asked':>8} {'cells':>8} recovered")
    logging.disable(logging.WARNING)
    for off, first in (("", 0), ("answers", LEAK)):
        seeds = [range(n, n + 5) for n in range(first, first + (5 if off else args.files), 5)]
        with ProcessPoolExecutor(args.cores) as pool:
            parts = pool.map(partial(recovered_from_files, defended=not off), seeds)
            n, releases, asked, cells, found = sum(parts, np.zeros(5, int))
        print(f"{off or 'none':12} {n:9} {releases:8} {asked:8} {cells:8} {found}", flush=True)
        worst |= bool(found) if not off else not found
    print(f"{time.monotonic() - start:.0f} s")
    return int(worst)


if __name__ == "__main__":
    sys.exit(main())
