"""Phase of neighbours by simulated reads: germline, somatic, and both in one codon."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from change_case import GENES, MODELS, TEXT
from repeat_case import genome_of, sequenced, write_genome

from shirube.annotate.annotation import Chromosome
from shirube.changes.compose import ALLELES, Composer, Person
from shirube.demo.variants import Variant
from shirube.genome.sequence import Bases
from shirube.reads.phase import ReadPhase

CHROM = "chr2"  # a contig of the simulator
SPOTS = [GENES[0].positions[3 * 60 + place] for place in (0, 1)]
OTHER_BASE = {"A": "C", "C": "G", "G": "T", "T": "A"}
FIRST, SECOND = (Variant(CHROM, p - 1, TEXT[p - 1], OTHER_BASE[TEXT[p - 1]]) for p in SPOTS)
# Alleles of a molecule and its share of the reads.
Molecules = list[tuple[list[Variant], float]]
MUTATED: dict[str, tuple[list[str], Molecules, str, list[bool] | None]] = {
    "germline cis": (["germline"] * 2, [([FIRST, SECOND], 0.5), ([], 0.5)], "cis", [False, False]),
    "germline trans": (["germline"] * 2, [([FIRST], 0.5), ([SECOND], 0.5)], "trans", None),
    "somatic cis": (["somatic"] * 2, [([FIRST, SECOND], 0.3), ([], 0.7)], "cis", [False, False]),
    "somatic trans": (["somatic"] * 2, [([FIRST], 0.3), ([SECOND], 0.3), ([], 0.4)], "trans", None),
    "second in a part of the first's cells": (
        ["somatic"] * 2, [([FIRST, SECOND], 0.2), ([FIRST], 0.3), ([], 0.5)], "cis", [True, False]),
    "somatic on the germline allele": (
        ["germline", "somatic"], [([FIRST, SECOND], 0.25), ([FIRST], 0.25), ([], 0.5)], "cis",
        [True, False]),
    "somatic on the other chromosome": (
        ["germline", "somatic"], [([FIRST], 0.5), ([SECOND], 0.25), ([], 0.25)], "trans", None),
}  # fmt: skip


def rows(origins: list[str], molecules: Molecules) -> list[dict[str, Any]]:
    out = []
    for origin, variant in zip(origins, (FIRST, SECOND), strict=True):
        share = sum(part for carried, part in molecules if variant in carried)
        row = dict.fromkeys(ALLELES) | {
            "chrom": CHROM, "pos": variant.pos + 1, "ref": variant.ref, "alt": variant.alt,
            "origin": origin, "dp": 60, "ad_alt": round(60 * share),
            "vaf_low": share - 0.1, "vaf_high": share + 0.1,
        }  # fmt: skip
        out.append(row | ({"dosage": 1, "ploidy": 2} if origin == "germline" else {}))
    return out


@pytest.mark.parametrize("name", MUTATED)
def test_reads_tell(name: str, tmp_path: Path) -> None:
    origins, molecules, phase, alone = MUTATED[name]
    genome = genome_of({CHROM: TEXT})
    fasta = write_genome(tmp_path, genome)
    sequence: Bases = genome.sequences[CHROM]
    depth = 60
    bam = tmp_path / "reads.bam"
    made = [part for carried, share in molecules for part in [(CHROM, carried)] * round(20 * share)]
    reads = ReadPhase(sequenced(bam, genome, made, depth / 20), fasta)
    models = MODELS.with_columns(chrom=pl.lit(CHROM).cast(MODELS.schema["chrom"]))
    chromosome = Chromosome(CHROM, "", f"{CHROM}:g.", sequence, models, {})
    table = pl.DataFrame(rows(origins, molecules), schema=ALLELES)
    told, changes = Composer(Person(normal=reads, tumour=reads), table, chromosome).composed()
    assert told.select("phase", "basis").rows() == [(phase, "reads")]
    if alone is None:
        assert changes.is_empty()
        return
    (row,) = changes.rows(named=True)
    assert [member["alone"] for member in row["members"]] == alone
    assert row["certain"]
    share = next(part for carried, part in molecules if len(carried) == 2)
    assert row["both"] / row["fragments"] == pytest.approx(share, abs=0.15)
    assert (row["dp"], row["ad_alt"]) == (row["fragments"], row["both"])
