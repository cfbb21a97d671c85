"""CPU seconds of `shirube reinterpret` for a new ClinVar over many finished people.

    python benchmarks/reinterpret.py --out benchmarks/out/reinterpret.json [--demo DIR]
        [--people 100 200]

The people are those of a finished demo (DIR; made where none is given), again and again under
other names, so that as large a share as there carries what the new ClinVar says otherwise. The cost
at 10,000 is what one person more costs (the slope), and what is paid once.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / p) for p in ("benchmarks/lib", "tests/support", "workflow/scripts")]

from measured import Row, row, save, user_seconds  # noqa: E402
from newer_clinvar import carried_allele, newer  # noqa: E402

from shirube.reinterpretation import TABLES, Again, Outcome, read_config, reinterpret  # noqa: E402

MANY, GOAL = 10_000, 600.0  # people, and the CPU seconds they may take
OWN = (*TABLES, "changes")


def finished_demo(scratch: Path) -> Path:
    """A demo, made and run."""
    directory = scratch / "demo"
    shirube = ROOT / ".venv/bin/shirube"
    subprocess.run([shirube, "demo", "--out", directory], check=True, capture_output=True)
    run = [shirube, "run", "--directory", directory, "--cores", "2"]
    subprocess.run(run, check=True, capture_output=True)
    return directory


def multiplied(results: Path, out: Path, people: int) -> None:
    """Write as many finished people, with all that is made once for a run as a link."""
    out.mkdir()
    for path in results.iterdir():
        if path.name not in ("asked", *OWN):
            (out / path.name).symlink_to(path.resolve())
    for name in ("asked", *OWN):
        (out / name).mkdir()
    asked = sorted((results / "asked").glob("*.json"))
    for number in range(people):
        source = asked[number % len(asked)]
        old, new = source.stem, f"{source.stem}_{number}"
        request = json.loads(source.read_text())
        request["row"]["patient"] = new
        for one in request["people"]:
            one["patient"] = new if one["patient"] == old else one["patient"]
        (out / "asked" / f"{new}.json").write_text(json.dumps(request))
        for name in OWN:
            shutil.copyfile(results / name / f"{old}.parquet", out / name / f"{new}.parquet")


def measured(demo: Path, people: int, scratch: Path) -> tuple[float, Outcome]:
    """User CPU seconds for so many people on one core, and what became of them."""
    results = scratch / f"results{people}"
    multiplied(demo / "results", results, people)
    before = read_config("config/config.yaml")
    after = yaml.safe_load(yaml.safe_dump(before))
    clinvar = scratch / "new.vcf.gz"
    newer(demo / "knowledge/clinvar.vcf.gz", clinvar, carried_allele(results))
    after["knowledge"]["clinvar"] |= {"path": str(clinvar), "version": "newer"}
    found: list[Outcome] = []
    again = Again(results, scratch / f"again{people}")
    spent = user_seconds(lambda: found.append(reinterpret(before, after, again)))
    return spent, found[0]


def figures(demo: Path, sizes: list[int], scratch: Path) -> list[Row]:
    """One row a size, the slope and what follows for MANY."""
    os.chdir(demo)  # paths of a run are relative to its folder
    measured(demo, 1, scratch)  # what is compiled and imported once is not of the people
    rows, spent = [], {}
    for people in sizes:
        spent[people], found = measured(demo, people, scratch)
        share = len(found.judged) / people
        rows.append(row(f"{people} people, {share:.0%} judged again", spent[people], "s CPU"))
    few, many = min(sizes), max(sizes)
    slope = (spent[many] - spent[few]) / (many - few)
    whole = spent[few] + slope * (MANY - few)
    rows.append(row("one person more", 1000 * slope, "ms CPU"))
    rows.append(row(f"{MANY:,} people by slope", whole, "s CPU", "goal", GOAL))
    return rows


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--demo", type=Path)
    parser.add_argument("--people", type=int, nargs="+", default=[100, 200])
    args = parser.parse_args()
    out = args.out.resolve() if args.out else None
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        demo = args.demo.resolve() if args.demo else finished_demo(scratch)
        save(figures(demo, args.people, scratch), out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
