"""The artificial genome: frames, splice sites, hotspots, and alleles in their one form."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirube.demo.genome import (
    CONTIGS,
    PAR_END,
    SPECS,
    Gene,
    GeneSpec,
    Genome,
    build,
    gene_model_rows,
    reversed_complement,
)
from shirube.demo.variants import (
    Variant,
    chromosome,
    coding_deletion,
    codon_change,
    edited,
    normalised,
    whole,
)

GENOME = build()
GENES = [pytest.param(gene, id=gene.symbol) for gene in GENOME.genes.values()]


def spliced(genome: Genome, gene: Gene) -> str:
    """Coding sequence on the gene's strand, from exons and CDS bounds alone."""
    low, high = gene.cds
    text = "".join(
        genome.text(gene.contig, max(start, low), min(end, high))
        for start, end in zip(gene.exon_starts, gene.exon_ends, strict=True)
        if max(start, low) < min(end, high)
    )
    return text if gene.strand == "+" else reversed_complement(text)


@pytest.mark.parametrize("gene", GENES)
def test_coding_sequence_is_a_protein(gene: Gene) -> None:
    text = spliced(GENOME, gene)
    codons = [text[i : i + 3] for i in range(0, len(text), 3)]
    assert len(text) % 3 == 0
    assert codons[0] == "ATG"
    assert codons[-1] in ("TAA", "TAG", "TGA")
    assert not {"TAA", "TAG", "TGA"} & set(codons[:-1])


@pytest.mark.parametrize("gene", GENES)
def test_introns_begin_with_gt_and_end_with_ag(gene: Gene) -> None:
    for number in range(1, len(gene.exon_starts)):
        start, end = gene.intron(number)
        text = GENOME.text(gene.contig, start, end)
        text = text if gene.strand == "+" else reversed_complement(text)
        assert text.startswith("GT")
        assert text.endswith("AG")


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.symbol)
def test_hotspots_and_anchors(spec: GeneSpec) -> None:
    gene = GENOME.genes[spec.symbol]
    text = spliced(GENOME, gene)
    assert len(text) == 3 * (spec.codons + 1)
    assert len(gene.exon_starts) == spec.exons
    for codon, bases in spec.hotspots.items():
        assert text[3 * codon - 3 : 3 * codon] == bases
    for codon, exon in spec.anchors.items():
        assert {gene.exon_of(place) for place in gene.coding[3 * codon - 3 : 3 * codon]} == {exon}


def test_fusion_of_eml4_exon_13_and_alk_exon_20_keeps_the_frame() -> None:
    eml4, alk = GENOME.genes["EML4"], GENOME.genes["ALK"]
    before = sum(1 for place in eml4.coding if eml4.exon_of(place) <= 13)
    skipped = sum(1 for place in alk.coding if alk.exon_of(place) < 20)
    assert before % 3 == skipped % 3 == 1


def test_gene_models_have_the_columns_of_mane() -> None:
    for row in gene_model_rows(GENOME):
        fields = row.split("\t")
        assert len(fields) == 25
        start, end, count = int(fields[1]), int(fields[2]), int(fields[9])
        sizes = [int(x) for x in fields[10].rstrip(",").split(",")]
        starts = [int(x) for x in fields[11].rstrip(",").split(",")]
        frames = [int(x) for x in fields[15].rstrip(",").split(",")]
        assert len(sizes) == len(starts) == len(frames) == count
        assert starts[0] == 0
        assert start + starts[-1] + sizes[-1] == end
        assert "DEMO" in fields[3]
        assert "DEMO" in fields[21]
        gene = GENOME.genes[fields[18]]
        coding, running = gene.coding, 0
        order = range(count) if gene.strand == "+" else reversed(range(count))
        for index in order:
            low, high = start + starts[index], start + starts[index] + sizes[index]
            here = sum(1 for place in coding if low <= place < high)
            assert frames[index] == (running % 3 if here else -1)
            running += here


def test_genes_do_not_overlap_and_shox_lies_in_the_shared_end() -> None:
    for contig in CONTIGS:
        placed = sorted((g.start, g.end) for g in GENOME.genes.values() if g.contig == contig)
        assert all(a[1] < b[0] for a, b in itertools.pairwise(placed))
    assert GENOME.genes["SHOX"].end < PAR_END < GENOME.genes["DMD"].start
    assert set(GENOME.sequences["chrY"][:PAR_END]) == {ord("N")}


def test_repeats_are_where_they_are_said_to_be() -> None:
    assert len(GENOME.repeats) >= 10
    for contig, start, end, unit in GENOME.repeats:
        text = GENOME.text(contig, start, end)
        assert text == unit * (len(text) // len(unit))
        assert GENOME.text(contig, start - len(unit), start) != unit
        assert GENOME.text(contig, end, end + len(unit)) != unit


def test_the_expandable_repeat_is_where_it_is_said_to_be() -> None:
    (locus,) = GENOME.expandable
    assert GENOME.text(locus.contig, locus.start, locus.end) == locus.unit * locus.copies
    assert GENOME.text(locus.contig, locus.start - 1, locus.start) == "T"
    assert GENOME.text(locus.contig, locus.end, locus.end + 1) == "T"
    assert all(g.contig != locus.contig or locus.end < g.start for g in GENOME.genes.values())
    for contig, start, end, _ in GENOME.repeats:
        assert contig != locus.contig or end + 150 < locus.start or locus.end + 150 < start


def test_same_seed_same_genome() -> None:
    again = build()
    other = build(1)
    assert all((again.sequences[c] == GENOME.sequences[c]).all() for c in CONTIGS)
    assert not (other.sequences["chr7"][:200] == GENOME.sequences["chr7"][:200]).all()


def test_codon_changes_follow_the_strand() -> None:
    plus = codon_change(GENOME, GENOME.genes["EGFR"], 858, "CGG")
    minus = codon_change(GENOME, GENOME.genes["TP53"], 273, "CAT")
    assert (plus.ref, plus.alt) == ("T", "G")
    assert (minus.ref, minus.alt) == ("C", "T")


def test_coding_deletion_removes_the_stated_base() -> None:
    gene = GENOME.genes["GJB2"]
    variant = coding_deletion(GENOME, gene, 235, 235)
    made = chromosome(GENOME, [variant], [whole(GENOME, "chr13")])
    text = bytes(made.bases).decode()
    reference = GENOME.text("chr13", 0, len(GENOME.sequences["chr13"]))
    place = gene.coding[234]
    assert text == reference[:place] + reference[place + 1 :]


@given(
    st.integers(5_000, 20_000),
    st.text("ACGT", min_size=1, max_size=8),
    st.integers(0, 8),
    st.booleans(),
)
def test_normalised_alleles_make_the_same_sequence(
    pos: int, added: str, removed: int, insertion: bool
) -> None:
    first = GENOME.text("chr7", pos, pos + 1)
    if insertion:
        ref, alt = first, first + added
    else:
        ref, alt = GENOME.text("chr7", pos, pos + 1 + max(1, removed)), first
    variant = normalised(GENOME, "chr7", pos, ref, alt)
    whole_text = GENOME.text("chr7", 0, len(GENOME.sequences["chr7"]))
    expected = whole_text[:pos] + alt + whole_text[pos + len(ref) :]
    bases, place, anchor = edited(GENOME, "chr7", [variant])
    assert bytes(bases).decode() == expected
    assert variant.pos <= pos
    assert min(len(variant.ref), len(variant.alt)) == 1
    assert variant.ref[0] == variant.alt[0]
    assert variant.ref[-1] != variant.alt[-1]
    known = place >= 0
    assert (np.diff(place[known]) > 0).all()
    assert (anchor[known] == place[known]).all()


def test_overlapping_alleles_are_refused() -> None:
    text = GENOME.text("chr7", 500, 503)
    one = Variant("chr7", 500, text, text[0])
    two = Variant("chr7", 501, text[1], "A" if text[1] != "A" else "C")
    with pytest.raises(ValueError, match="overlaps"):
        edited(GENOME, "chr7", [one, two])


def test_wrong_reference_base_is_refused() -> None:
    base = GENOME.text("chr7", 500, 501)
    wrong = "A" if base != "A" else "C"
    with pytest.raises(ValueError, match="reference"):
        normalised(GENOME, "chr7", 500, wrong, base)
