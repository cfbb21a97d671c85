"""Phase from fragments: simulated people whose alleles lie on one chromosome or on two."""

from pathlib import Path
from typing import Any

import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st
from repeat_case import genome_of, sequenced, write_genome
from sam_files import sequence

from shirube.demo.genome import Genome
from shirube.demo.variants import Variant, normalised
from shirube.errors import InputError
from shirube.phase.pairs import settled
from shirube.reads.phase import Fragments, ReadPhase

LENGTH = 4_000


@pytest.fixture(scope="module")
def genome() -> Genome:
    return genome_of({"chr2": sequence(LENGTH, 9)})


def snv(genome: Genome, at: int) -> Variant:
    base = genome.text("chr2", at, at + 1)
    return Variant("chr2", at, base, "C" if base != "C" else "G")


def deletion(genome: Genome, at: int, size: int) -> Variant:
    text = genome.text("chr2", at, at + size + 1)
    return normalised(genome, "chr2", at, text, text[0])


def insertion(genome: Genome, at: int, added: str) -> Variant:
    base = genome.text("chr2", at, at + 1)
    return normalised(genome, "chr2", at, base, base + added)


def row(variant: Variant) -> dict[str, Any]:
    return {"chrom": "chr2", "pos": variant.pos + 1, "ref": variant.ref, "alt": variant.alt}


def told(
    directory: Path, genome: Genome, one: Variant, other: Variant, trans: bool, depth: float = 15
) -> Fragments | None:
    fasta = write_genome(directory, genome)
    haplotypes = ([one], [other]) if trans else ([one, other], [])
    people = [("chr2", carried) for carried in haplotypes]
    bam = sequenced(directory / "reads.bam", genome, people, depth)
    phase = ReadPhase(bam, fasta)
    found = phase.fragments(row(one), row(other))
    turned = phase.fragments(row(other), row(one))
    assert (found is None) == (turned is None)
    assert found is None or turned == (found.both, found.second, found.first, found.neither)
    return found


def in_trans(found: Fragments) -> bool | None:
    return settled(found.both + found.neither, found.first + found.second)


@pytest.mark.parametrize("trans", [True, False])
@pytest.mark.parametrize("kind", ["snv", "deletion", "insertion", "mates"])
def test_phase_of_two_alleles(tmp_path: Path, genome: Genome, kind: str, trans: bool) -> None:
    """On one read, or 300 bases apart on two mates of a fragment."""
    one = snv(genome, 2_000)
    other = {
        "snv": snv(genome, 2_040),
        "deletion": deletion(genome, 2_050, 3),
        "insertion": insertion(genome, 2_060, "ACGTT"),
        "mates": snv(genome, 2_300),
    }[kind]
    found = told(tmp_path, genome, one, other, trans)
    assert found is not None
    assert in_trans(found) is trans, found
    against = (found.both, found.neither) if trans else (found.first, found.second)
    assert sum(against) <= 1


def test_what_reads_cannot_say(tmp_path: Path, genome: Genome) -> None:
    one = snv(genome, 1_000)
    assert told(tmp_path, genome, one, snv(genome, 2_500), trans=True) is None
    overlapping = deletion(genome, 998, 4)
    phase = ReadPhase(str(tmp_path / "reads.bam"), str(tmp_path / "genome.fa"))
    assert phase.fragments(row(one), row(overlapping)) is None
    few = told(tmp_path, genome, one, snv(genome, 1_030), trans=True, depth=0.4)
    assert few is not None
    assert in_trans(few) is None
    other = {**row(one), "chrom": "chr7"}
    assert phase.fragments(row(one), other) is None
    damaged = tmp_path / "damaged.bam"
    damaged.write_bytes(b"no reads")
    near = snv(genome, 1_030)
    with pytest.raises(InputError, match=r"damaged\.bam"):
        ReadPhase(str(damaged), str(tmp_path / "genome.fa")).fragments(row(one), row(near))


def test_reads_of_another_sample_in_the_file_do_not_count(tmp_path: Path, genome: Genome) -> None:
    one, other = snv(genome, 2_000), snv(genome, 2_040)
    fasta = write_genome(tmp_path, genome)
    sources = {"A": [[one], [other]], "B": [[one, other], []]}
    made = []
    for name, haplotypes in sources.items():
        people = [("chr2", carried) for carried in haplotypes]
        made.append(sequenced(tmp_path / f"{name}.bam", genome, people, 15))
    both = tmp_path / "both.bam"
    with pysam.AlignmentFile(made[0]) as first:
        header = first.header.to_dict()
    header["RG"] = [{"ID": f"g{name}", "SM": name} for name in sources]
    reads = []
    for name, path in zip(sources, made, strict=True):
        with pysam.AlignmentFile(path) as opened:
            for read in opened:
                read.set_tag("RG", f"g{name}")
                read.query_name = f"{name}-{read.query_name}"
                reads.append(read.to_dict())
    whole = pysam.AlignmentHeader.from_dict(header)
    made_reads = [pysam.AlignedSegment.from_dict(one_read, whole) for one_read in reads]
    made_reads.sort(key=lambda read: read.reference_start)
    with pysam.AlignmentFile(str(both), "wb", header=whole) as out:
        for read in made_reads:
            out.write(read)
    pysam.index(str(both))
    for name, trans in (("A", True), ("B", False)):
        found = ReadPhase(str(both), fasta, name).fragments(row(one), row(other))
        assert found is not None
        assert in_trans(found) is trans


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_verdict_follows_the_fragments(cis: int, trans: int) -> None:
    found, turned = settled(cis, trans), settled(trans, cis)
    assert found is None or found == (trans > cis)
    assert turned is None if found is None else turned is not found
    if max(cis, trans) < 3 or cis == trans:
        assert found is None
    if min(cis, trans) == 0 and max(cis, trans) >= 3:
        assert found is (trans > cis)
