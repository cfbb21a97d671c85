"""Junctions at the stated limit of detection: 95 of 100 are called, no more and no fewer.

Molecules of two joined stretches of artificial bases are sequenced to the share of DEPTH that
`junction_fraction` states, and called as in a run. Far fewer than 95 of 100: the limit promises too
much; nearly all: it is too careful, by a tenth where 98 are.
"""

import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from accuracy_rows import Row

from call_structural import embedded
from shirube.calling.structural.calling import Limits
from shirube.calling.structural.detection_limit import Library, junction_fraction
from shirube.contracts import STRUCTURAL
from shirube.demo.genome import CONTIGS, Genome
from shirube.demo.sequencer import INSERT_MEAN, READ, Sequencer
from shirube.demo.variants import Chromosome
from shirube.genome.intervals import Interval
from shirube.tools import run

# Kind -> bases lost between the breakends (None: another contig), and whether pairs are parted.
KINDS: dict[str, tuple[int | None, bool]] = {
    "translocation": (None, True),
    "deletion": (5000, True),
    "short": (300, False),
}
NUMBER, STEP, HALF, DEPTH, NEAR = 500, 8000, 1500, 60, 700
_ACGT = np.frombuffer(b"ACGT", np.uint8)


def _molecule(genome: Genome, at: int, lost: int | None) -> Chromosome:
    """HALF bases up to `at` of the first contig, joined to as many beyond the breakpoint."""
    other, start = (1, at) if lost is None else (0, at + lost)
    parts = [(0, at - HALF, at), (other, start, start + HALF)]
    return Chromosome(
        *(
            np.concatenate(column)
            for column in zip(
                *(
                    (
                        genome.sequences[CONTIGS[contig]][low:high],
                        np.arange(low, high, dtype=np.int32),
                        np.full(high - low, contig, np.int8),
                        np.ones(high - low, np.int8),
                    )
                    for contig, low, high in parts
                ),
                strict=True,
            )
        )
    )


def _called(genome: Genome, kind: str, folder: Path) -> pl.DataFrame:
    """STRUCTURAL of NUMBER junctions of a kind, each at the share that is stated."""
    lost, parted = KINDS[kind]
    share = junction_fraction(DEPTH, library=Library(READ, INSERT_MEAN) if parted else None)
    sample = Sequencer(genome, kind, [19, len(kind)])
    # Fragments begin where they still fit: the middle of a short molecule is covered more.
    depth = share * DEPTH * (2 * HALF - INSERT_MEAN) / (2 * HALF)
    for n in range(NUMBER):
        sample.add(_molecule(genome, n * STEP + STEP // 2, lost), depth)
    bam, fasta = folder / f"{kind}.bam", folder / "artificial.fa"
    bam.write_bytes(sample.finish())
    run("samtools", "index", bam)
    whole = [Interval(c, 0, len(b)) for c, b in genome.sequences.items()]
    return embedded(str(bam), None, str(fasta), whole, Limits(), False, None, {})


def junction_limits(realdata: Path) -> list[Row]:
    """A row of each kind: called (tp), missed (fn), called where nothing is (fp)."""
    del realdata
    rng, rows = np.random.default_rng(19), []
    genome = Genome(
        {c: _ACGT[rng.integers(0, 4, (NUMBER + 1) * STEP)] for c in CONTIGS[:2]}, {}, ()
    )
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        fasta = folder / "artificial.fa"
        fasta.write_text(
            "".join(f">{c}\n{bytes(b).decode()}\n" for c, b in genome.sequences.items())
        )
        run("samtools", "faidx", fasta)
        for kind in KINDS:
            table = STRUCTURAL.table(_called(genome, kind, folder)).filter(filter="PASS")
            place = (pl.col("pos1") - STEP // 2).alias("place")
            at = table.select(place).with_columns(n=((pl.col("place") + NEAR) // STEP))
            own = at.filter((pl.col("place") - pl.col("n") * STEP).abs() <= NEAR)
            found = own["n"].n_unique()
            note = f"{NUMBER} junctions at the share stated of {DEPTH}x: 95 of 100 are expected"
            rows.append(
                Row("junction-limits", "embedded", kind, found, at.height - own.height,
                    NUMBER - found, None, note)
            )  # fmt: skip
    return rows


TRUTH_SETS = [junction_limits]
