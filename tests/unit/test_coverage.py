"""Coverage of coding exons: counted by hand beside the table."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sam_files import record, sequence, write_bam, write_reference

from shirube.contracts import COVERAGE, GENE_MODELS
from shirube.genome.intervals import Interval
from shirube.quality.coverage import Coding, Strip, coding_exons
from shirube.quality.sample import coverage_measures
from shirube.reads.bam import windows
from shirube.reads.survey import Survey
from shirube.report.model import sample_quality

BASES = sequence(1000)


def models() -> pl.DataFrame:
    rows = [
        ("T1", "GENE", 90, 420, 110, 410, [90, 200, 400], [150, 250, 420]),
        ("T2", "FAR", 800, 900, 800, 900, [800], [900]),
        ("T3", "SILENT", 90, 420, None, None, [90], [420]),
    ]
    table = pl.DataFrame(
        [
            {
                **dict.fromkeys(GENE_MODELS.schema),
                **{
                    "transcript": t,
                    "gene": g,
                    "chrom": "chr1",
                    "strand": "+",
                    "start": a,
                    "end": b,
                },
                **{"cds_start": c, "cds_end": d, "exon_starts": e, "exon_ends": f},
            }
            for t, g, a, b, c, d, e, f in rows
        ],
        schema=GENE_MODELS.polars,
    )
    return GENE_MODELS.table(table)


def test_coding_parts_of_exons() -> None:
    exons = coding_exons(models(), {"chr1": "1"}).select("transcript", "contig", "start", "end")
    assert sorted(exons.rows()) == [
        *[("T1", "1", 110, 150), ("T1", "1", 200, 250), ("T1", "1", 400, 410)],
        ("T2", "1", 800, 900),
    ]
    assert coding_exons(models(), {"chr2": "2"}).is_empty()


def coverage(
    tmp_path: Path, regions: list[Interval], callable_: list[Interval], with_reads: bool = True
) -> pl.DataFrame:
    fasta = write_reference(tmp_path / "reference.fa", {"chr1": BASES})
    # Depth 3 over 100-220, one of it a duplicate, one ambiguous, and 1 over 200-300.
    reads = [
        record(f"a{n}", "chr1", 100, "120M", BASES[100:220], flag, mapq)
        for n, (flag, mapq) in enumerate([(0, 60), (16, 60), (0, 60), (1024, 60), (0, 3)])
    ]
    reads.append(record("b", "chr1", 200, "100M", BASES[200:300]))
    bam = write_bam(tmp_path / "reads.bam", {"chr1": BASES}, reads)
    coding = Coding(models(), ["chr1"], None)
    for window, depth in Survey(bam, fasta, regions, 20) if with_reads else ():
        coding.put(window, depth)
    return coding.table(regions, callable_)


def test_depth_and_callability(tmp_path: Path) -> None:
    whole = [Interval("chr1", 0, 600)]
    table = coverage(tmp_path, whole, [Interval("chr1", 140, 210)])
    (row,) = table.to_dicts()
    depths = [3] * 40 + [4] * 20 + [1] * 30 + [0] * 10
    assert (row["gene"], row["transcript"], row["bases"]) == ("GENE", "T1", 100)
    assert row["mean_depth"] == pytest.approx(sum(depths) / 100)
    assert row["min_depth"] == 0
    assert row["callable"] == pytest.approx(20 / 100)
    assert row["requested"] == 1


def test_what_no_file_tells_is_unknown() -> None:
    """A VCF alone tells neither depth nor where it is callable; with a BED it tells the latter."""
    whole, coding = [Interval("chr1", 0, 600)], Coding(models(), ["chr1"], None)
    alone = coding.table(whole, None)
    assert alone.select("mean_depth", "min_depth", "callable").rows() == [(None, None, None)]
    depth, seen = coverage_measures(alone, "tumour")
    assert (depth.value, seen.value) == (None, None)
    row = {"sample": "T", "kind": "tumour", "path": "t.vcf.gz"}
    told = sample_quality(row, alone, 0)
    assert (told["genes"], told["mean_depth"], told["callable"]) == (1, None, None)
    stated = sample_quality(row, coding.table(whole, [Interval("chr1", 140, 210)]), 70)
    assert (stated["mean_depth"], stated["callable"]) == (None, pytest.approx(0.2))


def test_depth_of_x_leaves_out_what_it_shares_with_y() -> None:
    names = {"chr1": ("T1", "A"), "chrX": ("T2", "B"), "chrY": ("T3", "C")}
    blank = dict.fromkeys(GENE_MODELS.schema)
    table = GENE_MODELS.table(
        pl.DataFrame(
            [
                {
                    **{**blank, "transcript": t, "gene": g, "chrom": chrom, "strand": "+"},
                    **{"start": 0, "end": 900, "cds_start": 0, "cds_end": 900},
                    **{"exon_starts": [0], "exon_ends": [900]},
                }
                for chrom, (t, g) in names.items()
            ],
            schema=GENE_MODELS.polars,
        )
    )
    coding = Coding(table, ["1", "X", "Y"], None)
    regions = [Interval(name, 0, 900) for name in ("1", "X")] + [Interval("Y", 0, 299)]
    assert set(coding.copies(regions, {}).values()) == {None}  # no reads
    coding.put(Interval("1", 0, 900), np.full(900, 40, np.int32))
    coding.put(Interval("X", 0, 900), np.repeat([40, 20], [400, 500]).astype(np.int32))
    found = coding.copies(regions, {"chrX": [(0, 400)]})
    assert found == {"autosome_depth": 40, "x_depth": 20, "y_depth": None}


def test_only_what_was_asked_for_is_measured(tmp_path: Path) -> None:
    table = coverage(tmp_path, [Interval("chr1", 120, 205)], [Interval("chr1", 0, 1000)])
    (row,) = table.to_dicts()
    assert row["requested"] == pytest.approx(35 / 100)
    assert row["mean_depth"] == pytest.approx((30 * 3 + 5 * 4) / 35)
    assert (row["min_depth"], row["callable"]) == (3, pytest.approx(0.35))


def test_depth_is_unknown_without_reads(tmp_path: Path) -> None:
    (row,) = coverage(tmp_path, [Interval("chr1", 0, 600)], [], with_reads=False).to_dicts()
    assert (row["mean_depth"], row["min_depth"], row["callable"]) == (None, None, 0)


def test_no_gene_in_the_regions(tmp_path: Path) -> None:
    assert coverage(tmp_path, [Interval("chr1", 500, 600)], []).equals(COVERAGE.empty())


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 40), st.integers(1, 9)), min_size=1),
    st.data(),
)
def test_a_strip_has_one_place_for_each_base(
    spans: list[tuple[str, int, int]], data: st.DataObject
) -> None:
    intervals = [Interval(c, s, s + n) for c, s, n in spans]
    strip = Strip(intervals)
    bases = sorted({(i.contig, n) for i in intervals for n in range(i.start, i.end)})
    assert strip.size == len(bases)
    out, number = np.zeros(strip.size, np.int32), {base: k + 1 for k, base in enumerate(bases)}
    cut = data.draw(st.integers(1, 60))
    for window in windows([Interval(c, 0, 60) for c in "abc"], cut):
        values = [number.get((window.contig, n), -1) for n in range(window.start, window.end)]
        strip.put(out, window, np.array(values, np.int32))
    assert out.tolist() == [k + 1 for k in range(len(bases))]
    asked = [Interval("a", *sorted(data.draw(st.tuples(st.integers(0, 20), st.integers(21, 50)))))]
    wanted = [c == "a" and asked[0].start <= n < asked[0].end for c, n in bases]
    assert strip.mask(asked).tolist() == wanted
