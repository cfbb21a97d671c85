"""Reads of artificial people whose repeats and gene copies are known, by the demo's simulator."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from shirube.demo.genome import CONTIGS, Genome
from shirube.demo.sequencer import Sequencer
from shirube.demo.variants import Variant, chromosome, whole
from shirube.tools import run


def genome_of(texts: dict[str, str]) -> Genome:
    """A genome of the demo's contigs; those without a text are unknown bases."""
    return Genome(
        {c: np.frombuffer(texts.get(c, "N" * 100).encode(), np.uint8) for c in CONTIGS}, {}, ()
    )


def write_genome(directory: Path, genome: Genome) -> str:
    """FASTA of a genome."""
    path = directory / "genome.fa"
    path.write_text("".join(f">{c}\n{bytes(b).decode()}\n" for c, b in genome.sequences.items()))
    run("samtools", "faidx", path)
    return str(path)


def sequenced(
    path: Path,
    genome: Genome,
    molecules: Sequence[tuple[str, Sequence[Variant]]],
    depth: float,
    seed: int = 1,
) -> str:
    """Indexed BAM of `molecules` (contig, alleles), each sequenced to `depth`."""
    sequencer = Sequencer(genome, "S", [seed])
    for contig, variants in molecules:
        made = chromosome(genome, list(variants), [whole(genome, contig)])
        sequencer.add(made, depth)
    path.write_bytes(sequencer.finish())
    run("samtools", "index", path)
    return str(path)
