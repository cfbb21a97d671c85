"""The one pass over a sample's reads beside `samtools stats` and `samtools depth`, a pass each.

    python benchmarks/reads_pass.py --out benchmarks/out/reads_pass.json

Real reads: NA12878 at 52x over 100 kb, laid end to end COPIES times, so that no start of a program
shows. User CPU time, children included, the least of several rounds taken in turn. The physical
limit is `samtools view -u`, which only takes the reads out of their file.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pysam

sys.path[:0] = [str(Path(__file__).with_name("lib"))]

from accuracy_germline import SLICE  # noqa: E402
from measured import drained, row, save, user_seconds  # noqa: E402

from shirube.contracts import GENE_MODELS  # noqa: E402
from shirube.genome.intervals import Interval  # noqa: E402
from shirube.quality.coverage import Coding  # noqa: E402
from shirube.reads.survey import Survey, deep  # noqa: E402

COPIES = 20


def laid_out(source: str, target: Path) -> Interval:
    """Write the reads of SLICE COPIES times, one slice after another; return the whole."""
    size = SLICE.end - SLICE.start
    whole = Interval(SLICE.contig, 0, (COPIES + 1) * size)
    header = {
        "HD": {"VN": "1.6", "SO": "coordinate"},
        "SQ": [{"SN": whole.contig, "LN": whole.end}],
    }
    with pysam.AlignmentFile(source) as old:
        reads = [
            read
            for read in old.fetch(SLICE.contig, SLICE.start, SLICE.end)
            if SLICE.start <= read.reference_start < SLICE.end
            and read.next_reference_id == read.reference_id
        ]
        with pysam.AlignmentFile(str(target), "wb", header=header) as new:
            shift = -SLICE.start
            for _ in range(COPIES):
                for read in reads:
                    copy = pysam.AlignedSegment.from_dict(read.to_dict(), new.header)
                    copy.reference_start = read.reference_start + shift
                    copy.next_reference_start = max(0, read.next_reference_start + shift)
                    new.write(copy)
                shift += size
    pysam.index(str(target))
    return whole


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
        print(f"reads_pass: no real data at {args.realdata}; nothing measured")
        return 0
    fasta = str(folder / "ucsc.hg19.chr20.unittest.fasta.gz")
    with tempfile.TemporaryDirectory() as scratch:
        bam = Path(scratch) / "reads.bam"
        whole = laid_out(str(folder / "NA12878_S1.chr20.10_10p1mb.bam"), bam)
        coding = Coding(GENE_MODELS.empty(), [whole.contig], None)

        def ours() -> None:
            for window, depth in Survey(bam, fasta, None, 20):
                coding.put(window, depth)
                deep(window, depth, 14)

        runs: dict[str, Callable[[], object]] = {
            "one pass": ours,
            "samtools stats": lambda: drained("samtools", "stats", bam),
            "samtools depth": lambda: drained(
                *("samtools", "depth", "-s", "-Q", 20, "-G", "SUPPLEMENTARY", bam)
            ),
            "samtools view -u": lambda: drained("samtools", "view", "-u", bam),
        }
        ours()  # compiled
        least = dict.fromkeys(runs, float("inf"))
        for _ in range(args.rounds):
            for name, work in runs.items():
                least[name] = min(least[name], user_seconds(work))
    own, peers = least["one pass"], least["samtools stats"] + least["samtools depth"]
    rows = [
        row("pass over the reads", own, "s user CPU", "samtools stats and depth", peers),
        row(
            "pass over the reads", own, "s user CPU", "samtools view -u", least["samtools view -u"]
        ),
    ]
    save(rows, args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
