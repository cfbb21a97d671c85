"""SMN1 and SMN2 copies of simulated people; where they cannot be told."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from interpretation_frames import frame, knowledge
from repeat_case import genome_of, write_genome
from sam_files import sequence

from shirube.calling.loci.gene_copies import coding_place, gene_copies, posterior
from shirube.contracts import GENE_MODELS
from shirube.contracts.loci import GENE_COPIES
from shirube.demo.genome import Genome
from shirube.demo.sequencer import Sequencer
from shirube.demo.variants import chromosome
from shirube.genome.intervals import Interval
from shirube.interpret.person import Person
from shirube.interpret.question import Question
from shirube.interpret.stage import Account
from shirube.rare.gene_copies import copies_stage
from shirube.tools import run

SIZE, GAP, EXON = 5000, 1500, 900
FIRST, SECOND = 10_000, 10_000 + SIZE + GAP
PSV = 2000 + 839  # of the gene: 839 bases into its only exon
CONTROLS, CONTROL_SIZE = 12, 5000


def model(gene: str, chrom: str, start: int, strand: str = "+", size: int = SIZE) -> dict[str, Any]:
    low = start + 2000 if strand == "+" else start + size - 2000 - EXON
    return {"transcript": f"ENST_{gene}", "gene": gene, "mane": "MANE Select", "chrom": chrom,
            "strand": strand, "start": start, "end": start + size, "cds_start": low,
            "cds_end": low + EXON, "exon_starts": [low], "exon_ends": [low + EXON],
            "biotype": "protein_coding"}  # fmt: skip


def smn_genome() -> tuple[Genome, pl.DataFrame]:
    """SMN1 and SMN2 on chr2, equal but for c.840; control genes on chr7."""
    body = sequence(SIZE, 5)
    one, two = (body[:PSV] + base + body[PSV + 1 :] for base in "CT")
    text = sequence(FIRST, 6) + one + sequence(GAP, 7) + two + sequence(10_000, 8)
    others = sequence((CONTROLS + 2) * CONTROL_SIZE, 9)
    controls = [
        model(f"CTRL{n}", "chr7", CONTROL_SIZE * (n + 1), size=CONTROL_SIZE)
        for n in range(CONTROLS)
    ]
    pair = [model("SMN1", "chr2", FIRST), model("SMN2", "chr2", SECOND)]
    return genome_of({"chr2": text, "chr7": others}), frame(GENE_MODELS, *pair, *controls)


def person(
    directory: Path, copies: list[tuple[int, int]], depth: float, seed: int = 1
) -> tuple[str, str, pl.DataFrame, list[Interval]]:
    """BAM of a person whose two chromosomes hold so many copies of SMN1 and SMN2."""
    genome, models = smn_genome()
    sequencer = Sequencer(genome, "S", [seed])
    for one, two in copies:
        end = len(genome.sequences["chr2"])
        segments = [("chr2", 0, FIRST, 1)]
        segments += [("chr2", FIRST, FIRST + SIZE, 1)] * one
        segments += [("chr2", FIRST + SIZE, SECOND, 1)]
        segments += [("chr2", SECOND, SECOND + SIZE, 1)] * two
        segments += [("chr2", SECOND + SIZE, end, 1)]
        sequencer.add(chromosome(genome, [], segments), depth)
        whole = ("chr7", 0, len(genome.sequences["chr7"]), 1)
        sequencer.add(chromosome(genome, [], [whole]), depth)
    path = directory / "reads.bam"
    path.write_bytes(sequencer.finish())
    run("samtools", "index", path)
    regions = [Interval(c, 0, len(genome.sequences[c])) for c in ("chr2", "chr7")]
    return str(path), write_genome(directory, genome), models, regions


CONTIGS = {"chr2": "chr2", "chr7": "chr7"}


@pytest.mark.parametrize(
    ("copies", "expected"),
    [
        ([(0, 2), (0, 1)], (0, 3)),
        ([(1, 1), (0, 1)], (1, 2)),
        ([(1, 1), (1, 1)], (2, 2)),
        ([(2, 0), (0, 1)], (2, 1)),
        ([(2, 1), (1, 0)], (3, 1)),
        ([(1, 0), (1, 0)], (2, 0)),
    ],
)
def test_copies_of_simulated_people(
    tmp_path: Path, copies: list[tuple[int, int]], expected: tuple[int, int]
) -> None:
    bam, fasta, models, regions = person(tmp_path, copies, 18)
    row = gene_copies(bam, fasta, models, CONTIGS, regions).row(0, named=True)
    assert row["assessed"], row["reason"]
    assert (row["copies"], row["paralogue_copies"]) == expected, row["reason"]


def test_without_depth_or_place_nothing_is_said(tmp_path: Path) -> None:
    bam, fasta, models, regions = person(tmp_path, [(1, 1), (1, 1)], 4)
    low = gene_copies(bam, fasta, models, CONTIGS, regions).row(0, named=True)
    assert not low["assessed"]
    assert low["copies"] is None
    assert "depth" in low["reason"]
    few = gene_copies(bam, fasta, models, CONTIGS, regions[:1]).row(0, named=True)
    assert "0 genes to compare" in few["reason"]
    none = gene_copies(bam, fasta, models, CONTIGS, regions[1:]).row(0, named=True)
    assert none["reason"] == "SMN1 lies outside the regions of the run"
    unknown = gene_copies(bam, fasta, models.filter(gene="CTRL1"), CONTIGS, regions)
    assert unknown["reason"].to_list() == ["no model of SMN1 in the reference"]


def test_the_base_that_differs_is_found_by_the_model() -> None:
    forward, backward = model("G", "chr2", 1000), model("G", "chr2", 1000, "-")
    assert coding_place(forward, 840) == 1000 + PSV
    assert coding_place(backward, 1) == backward["cds_end"] - 1
    assert coding_place(forward, EXON + 1) is None


def test_a_total_between_two_numbers_is_not_settled() -> None:
    assert posterior(30, 30, 4.0, 0.15)[:2] == (2, 2)
    assert posterior(30, 30, 4.0, 0.15)[2] > 0.99
    assert posterior(20, 13, 3.5, 0.4)[2] < 0.95


def stage(**other: object) -> Account:
    row = {"gene": "SMN1", "paralogue": "SMN2", "site": "c.840C>T", "assessed": True,
           "paralogue_copies": 2, "posterior": 0.99, "gene_reads": 0, "paralogue_reads": 40,
           "reason": "seen"} | other  # fmt: skip
    table = frame(GENE_COPIES, row)
    question = Question("rare", None, frozenset(), {})
    known = knowledge(models=[model("SMN1", "chr2", FIRST)])
    return copies_stage(Person("P", "XX", "rare", normal="N"), known, question, table)


@pytest.mark.parametrize(
    ("copies", "fate", "classification"),
    [(0, "reported", "Pathogenic"), (1, "reported", "Pathogenic"), (2, "filtered", None),
     (None, "filtered", None)],
)  # fmt: skip
def test_copies_and_their_fate(copies: int | None, fate: str, classification: str | None) -> None:
    account = stage(copies=copies, assessed=copies is not None)
    assert account.parts[0]["fate"].to_list() == [fate]
    assert [f["classification"] for f in account.findings] == (
        [classification] * (copies in (0, 1))
    )
    if copies == 1:
        assert '"carrier": true' in account.findings[0]["detail"]
