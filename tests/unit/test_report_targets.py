"""Where targets lie, and what depth and callability say of them."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_case import rows

from shirube.contracts import CLINICAL_EVIDENCE, GENE_MODELS
from shirube.genome.intervals import arrays, covered
from shirube.report.targets import Model, depths_over, measured, models, targets

# Exons 100-110, 200-220, 300-312; coding 104-308: 6 + 20 + 8 bases.
EXONS = [(100, 110), (200, 220), (300, 312)]
CODING = [(104, 110), (200, 220), (300, 308)]
FORWARD = Model("T1", "chr1", True, EXONS, CODING)
REVERSE = Model("T2", "chr1", False, EXONS, CODING)


@pytest.mark.parametrize(
    ("model", "number", "spans"),
    [
        (FORWARD, 1, [(104, 107)]),
        (FORWARD, 3, [(200, 203)]),
        (FORWARD, 9, [(218, 220), (300, 301)]),  # across an intron
        (FORWARD, 12, []),  # only one base is left
        (FORWARD, 0, []),
        (REVERSE, 1, [(305, 308)]),
        (REVERSE, 3, [(219, 220), (300, 302)]),
        (REVERSE, 10, [(106, 107), (107, 109)]),
    ],
)
def test_codon(model: Model, number: int, spans: list[tuple[int, int]]) -> None:
    found = model.codon(number)
    bases = [b for s, e in found for b in range(s, e)]
    if number == 10:
        assert len(bases) == 3
    else:
        assert found == spans


@given(number=st.integers(1, 11), forward=st.booleans())
def test_codons_tile_the_coding_sequence(number: int, forward: bool) -> None:
    model = FORWARD if forward else REVERSE
    coding = [b for s, e in CODING for b in range(s, e)]
    coding = coding if forward else coding[::-1]
    wanted = sorted(coding[3 * number - 3 : 3 * number])
    assert [b for s, e in model.codon(number) for b in range(s, e)] == wanted


def test_exons_and_introns_are_numbered_along_the_transcript() -> None:
    assert (FORWARD.exon(1), REVERSE.exon(1)) == ([(100, 110)], [(300, 312)])
    assert (FORWARD.intron(1), REVERSE.intron(1)) == ([(110, 200)], [(220, 300)])
    assert FORWARD.exon(4) == FORWARD.intron(3) == FORWARD.exon(0) == []


@given(
    allowed=st.lists(st.integers(0, 60), min_size=2, max_size=12, unique=True),
    start=st.integers(0, 60),
    length=st.integers(0, 30),
)
def test_covered_counts_bases(allowed: list[int], start: int, length: int) -> None:
    edges = sorted(allowed)[: len(allowed) // 2 * 2]
    pairs = list(zip(edges[::2], edges[1::2], strict=True))
    inside = {b for s, e in pairs for b in range(s, e)}
    found = covered([(start, start + length)], arrays([("c", s, e) for s, e in pairs])["c"])
    assert found == len(inside & set(range(start, start + length)))


def test_bases_without_reads_have_depth_zero() -> None:
    depth = (np.array([5, 6, 9]), np.array([7, 8, 2]))
    assert depths_over([(4, 7), (8, 11)], depth).tolist() == [0, 7, 8, 0, 2, 0]


def gene_models() -> pl.DataFrame:
    shape = {"chrom": "chr1", "start": 100, "end": 312, "cds_start": 104, "cds_end": 308}
    exons = {"exon_starts": [100, 200, 300], "exon_ends": [110, 220, 312]}
    return rows(
        GENE_MODELS,
        {"transcript": "T1", "gene": "AAA", "strand": "+", "mane": "MANE Select", **shape, **exons},
        {"transcript": "T0", "gene": "AAA", "strand": "+", **shape, **exons, "cds_end": 309},
        {"transcript": "T2", "gene": "BBB", "strand": "-", **shape, **exons},
    )


def evidence() -> pl.DataFrame:
    same = {"source": "CIViC", "variant": "v", "evidence_type": "Predictive"}
    return rows(
        CLINICAL_EVIDENCE,
        {**same, "id": "1", "gene": "AAA", "match": "exact", "codon": 2, "hgvs_p": "p.Leu2Arg"},
        {**same, "id": "2", "gene": "AAA", "match": "codon", "codon": 2},
        {**same, "id": "3", "gene": "AAA", "match": "exon", "exon": 2},
        {**same, "id": "4", "gene": "BBB", "match": "fusion"},
        {**same, "id": "5", "gene": "CCC", "match": "gene"},
        {**same, "id": "6", "gene": "DDD", "match": "gene", "evidence_type": "Prognostic"},
    )


def test_targets_of_evidence() -> None:
    found = targets(evidence(), gene_models(), {"BBB": [1]})
    assert found.select("gene", "kind", "number", "label", "bases").rows() == [
        ("AAA", "coding", None, "", 34),
        ("CCC", "coding", None, "", 0),  # no model: named all the same
        ("AAA", "codon", 2, "p.Leu2Arg", 3),
        ("AAA", "exon", 2, "", 20),
        ("BBB", "fusion", None, "1", 80),
    ]
    assert models(gene_models())["AAA"].transcript == "T1"  # MANE before length


def test_measured() -> None:
    wanted = targets(evidence(), gene_models(), {"BBB": [1]})
    everywhere = arrays([("chr1", 0, 1000)])
    half = arrays([("chr1", 200, 210)])
    depth = {"chr1": (np.arange(200, 220), np.arange(1, 21))}
    table = measured(wanted, half, everywhere, depth)
    exon = table.row(by_predicate=pl.col("kind") == "exon", named=True)
    assert (exon["callable"], exon["mean_depth"], exon["min_depth"]) == (0.5, 10.5, 1)
    assert exon["low_depth"] == 1
    unread = measured(wanted, half, everywhere, None)
    assert unread["mean_depth"].null_count() == unread.height
    assert unread["callable"].null_count() == 1  # the gene without a model
