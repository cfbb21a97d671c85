"""Somatic and structural calling beside the bare pile-up of the same reads.

    python benchmarks/somatic_speed.py --out benchmarks/out/somatic_speed.json

Real reads: NA12878 at 52x over 100 kb as tumour and as normal. User CPU time, children included,
the least of several rounds taken in turn; the Python that runs this is already up, and compiled
code is loaded before the first round. `samtools mpileup` and `bcftools mpileup` only pile up: no
allele is judged and nothing is compared.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).with_name("lib"))]

from accuracy_somatic import SLICE  # noqa: E402
from measured import drained, row, save, user_seconds  # noqa: E402

from shirube.calling.somatic.calling import Reads, call_somatic  # noqa: E402
from shirube.calling.somatic.model import Thresholds  # noqa: E402
from shirube.calling.structural.adjacency import Reference  # noqa: E402
from shirube.calling.structural.calling import Limits, Sample, call_structural  # noqa: E402
from shirube.reads.junctions import sample_junctions  # noqa: E402
from shirube.tools import run  # noqa: E402

GENOME, DEPTH = 3.1e9, 30


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--realdata", type=Path, default=Path(os.environ.get("REALDATA", "../shared/realdata"))
    )
    args = parser.parse_args()
    folder = args.realdata / "na12878-chr20"
    if not folder.is_dir():
        print(f"somatic_speed: no real data at {args.realdata}; nothing measured")
        return 0
    reads = str(folder / "NA12878_S1.chr20.10_10p1mb.bam")
    fasta, limits = str(folder / "ucsc.hg19.chr20.unittest.fasta.gz"), Limits()
    count = int(run("samtools", "view", "-c", reads, SLICE.region))

    def junctions() -> Sample:
        arguments = (limits.min_mapq, limits.max_insert, limits.min_clip)
        return Sample(sample_junctions(reads, fasta, [SLICE], *arguments), limits.min_mapq)

    runs: dict[str, Callable[[], object]] = {
        "somatic": lambda: call_somatic(Reads(reads, reads, fasta), [SLICE], Thresholds()),
        "structural": lambda: call_structural(
            junctions(), junctions(), Reference(fasta), lambda *_: 0, limits
        ),
        "samtools mpileup": lambda: drained(
            *("samtools", "mpileup", "-f", fasta, "-r", SLICE.region, reads, reads)
        ),
        "bcftools mpileup": lambda: drained(
            *("bcftools", "mpileup", "-Ou", "-d", 8000, "-f", fasta, "-r", SLICE.region),
            *(reads, reads),
        ),
    }
    best: dict[str, float] = {}
    for work in runs.values():
        work()
    for _ in range(args.rounds):
        for name, work in runs.items():
            best[name] = min(best.get(name, float("inf")), user_seconds(work))
    rows = []
    for name in ("somatic", "structural"):
        rate = 2 * count / best[name]
        rows.append(row(f"{name} calling, tumour and normal", rate, "reads/s"))
        hours = 2 * GENOME * DEPTH / 101 / rate / 3600
        rows.append(row(f"{name}, a pair of 30x genomes", hours, "core hours"))
        for peer in ("samtools mpileup", "bcftools mpileup"):
            rows.append(row(f"{name} calling", best[name], "s user CPU", peer, best[peer]))
    save(rows, args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
