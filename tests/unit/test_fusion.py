"""Genes, orientation and frame at a junction, on two artificial genes."""

import polars as pl
import pytest

from shirube.calling.structural.fusion import fusions, junction_fusions
from shirube.contracts import GENE_MODELS, STRUCTURAL

# FWD lies on chr1 +, REV on chr2 -: three exons of 100 bases, introns of 900.
EXONS = [(1000, 1100), (2000, 2100), (3000, 3100)]


def gene(name: str, chrom: str, strand: str, cds: tuple[int, int] | None = (1050, 3050)) -> dict:
    low, high = cds or (None, None)
    return {
        "transcript": f"{name}.1",
        "gene": name,
        "mane": "MANE Select",
        "biotype": "protein_coding",
        "chrom": chrom,
        "strand": strand,
        "start": 1000,
        "end": 3100,
        "cds_start": low,
        "cds_end": high,
        "exon_starts": [e[0] for e in EXONS],
        "exon_ends": [e[1] for e in EXONS],
    }


def models(*rows: dict) -> pl.DataFrame:
    absent = {"refseq": None, "gene_id": None, "protein": None}
    return GENE_MODELS.table(pl.DataFrame([{**absent, **row} for row in rows]))


FWD, REV = gene("FWD", "chr1", "+"), gene("REV", "chr2", "-")
BOTH = models(FWD, REV)


@pytest.mark.parametrize(
    ("one", "two", "name"),
    [
        (("chr1", 1500, "+"), ("chr2", 1500, "+"), "FWD::REV"),  # 5' of FWD, 3' of REV
        (("chr1", 1500, "-"), ("chr2", 1500, "-"), "REV::FWD"),  # the reciprocal
        (("chr1", 1500, "+"), ("chr2", 1500, "-"), None),  # two 5' parts
        (("chr1", 1500, "-"), ("chr2", 1500, "+"), None),  # two 3' parts
        (("chr1", 1500, "+"), ("chr1", 2500, "-"), None),  # within one gene
        (("chr1", 500, "+"), ("chr2", 1500, "+"), None),  # outside the gene
    ],
)
def test_orientation_names_the_fusion(
    one: tuple[str, int, str], two: tuple[str, int, str], name: str | None
) -> None:
    found = junction_fusions(BOTH, one, two)
    assert [fusion.name for fusion in found] == ([name] if name else [])


def test_introns_and_exons_are_numbered_along_the_gene() -> None:
    fusion = junction_fusions(BOTH, ("chr1", 1500, "+"), ("chr2", 1500, "+"))[0]
    assert (fusion.five.place, fusion.five.kept_exon) == ("intron 1", 1)
    # REV's first exon is the highest: position 1500 lies between its exons 2 and 3.
    assert (fusion.three.place, fusion.three.kept_exon) == ("intron 2", 3)
    inside = junction_fusions(BOTH, ("chr1", 2050, "+"), ("chr2", 2050, "+"))[0]
    assert (inside.five.place, inside.three.place) == ("exon 2", "exon 2")


def test_frame_of_introns() -> None:
    # FWD up to exon 1: 50 coding bases (2 mod 3). REV: exon 1 has 50, exon 2 adds 100 = 150 (0).
    after_one = junction_fusions(BOTH, ("chr1", 1500, "+"), ("chr2", 2500, "+"))[0]
    assert after_one.in_frame is True  # 50 and 50
    after_two = junction_fusions(BOTH, ("chr1", 1500, "+"), ("chr2", 1500, "+"))[0]
    assert after_two.in_frame is False  # 50 and 150


def test_frame_of_exons_counts_inserted_bases() -> None:
    one, two = ("chr1", 1080, "+"), ("chr2", 3020, "+")  # 30 coding bases; 3020 keeps all but 30
    assert junction_fusions(BOTH, one, two)[0].in_frame is True
    assert junction_fusions(BOTH, one, two, "A")[0].in_frame is False
    assert junction_fusions(BOTH, one, two, "ACG")[0].in_frame is True


def test_frame_is_unknown_where_it_cannot_be_told() -> None:
    untranslated = models(gene("NON", "chr1", "+", None), REV)
    found = junction_fusions(untranslated, ("chr1", 1500, "+"), ("chr2", 2500, "+"))
    assert found[0].in_frame is None
    mixed = junction_fusions(BOTH, ("chr1", 1080, "+"), ("chr2", 2500, "+"))
    assert mixed[0].in_frame is None


def test_table_of_fusions() -> None:
    row = dict.fromkeys(STRUCTURAL.schema)
    row |= {"event": "SV1", "chrom1": "chr1", "pos1": 1500, "strand1": "+", "chrom2": "chr2"}
    row |= {"pos2": 2500, "strand2": "+", "filter": "PASS", "inserted": ""}
    table = fusions(STRUCTURAL.table(pl.DataFrame([row])), BOTH)
    assert table.select("event", "rank", "name", "frame").row(0) == (
        "SV1",
        1,
        "FWD::REV",
        "in_frame",
    )
    assert fusions(STRUCTURAL.empty(), BOTH).is_empty()
