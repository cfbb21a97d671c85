"""Blocks and called records: the same gVCF however the text arrives."""

import io
from itertools import combinations_with_replacement, pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirube.calling.germline import caller_output, gvcf
from shirube.errors import InputError
from shirube.genome.intervals import Interval

COLUMNS = list(gvcf.RECORDS)


def lines(*rows: str) -> pl.DataFrame:
    text = "\n".join("\t".join(row.split()) for row in rows) + "\n"
    return pl.concat(gvcf.read_text(io.BytesIO(text.encode())))


def records(*rows: str) -> list[dict[str, object]]:
    return caller_output.records(lines(*rows)).to_dicts()


@pytest.mark.parametrize(
    ("likelihoods", "genotype", "quality"),
    [
        ([0, 45, 255], 0, 45),
        ([0, 138, 255], 0, 99),  # capped as GATK caps it
        ([255, 0, 10], 1, 10),
        ([255, 4, 0], 1, 0),  # the prior chose a genotype the reads like less
        ([0, 0, 0], 0, 0),
        ([0, 60], 0, 60),
        (None, 0, None),
    ],
)
def test_genotype_quality(likelihoods: list[int], genotype: int, quality: int) -> None:
    table = pl.DataFrame({"pl": [likelihoods]}, schema={"pl": pl.List(pl.Int32)})
    found = table.select(caller_output.genotype_quality(pl.col("pl"), pl.lit(genotype))).item()
    assert found == (0 if quality is None else quality)


def test_reference_rows_and_calls() -> None:
    found = records(
        "c 1 . A <*> 90 . END=10;MIN_DP=12 GT:PL:DP 0/0:0,36,255:12",
        "c 11 . C T 30 . DP=9;AC=0;AN=2 GT:PL:DP:SP:AD 0/0:0,15,90:9:0:8,1",
        "c 12 . G A,T 99 . DP=9;AC=1,0;AN=2 GT:PL:DP:SP:AD 0/1:90,0,80,99,98,97:9:3:4,4,1",
    )
    block, unsure, call = found
    assert (block["start"], block["end"], block["gq"], block["dp"]) == (0, 10, 36, 12)
    # One read differs: its real likelihoods say how sure the reference is.
    assert (unsure["called"], unsure["gq"], unsure["gt"]) == (False, 15, "0/0")
    assert (call["alt"], call["gt"], call["gq"]) == ("A", "0/1", 80)
    assert call["extra"] == "4,4:90,0,80:3:."
    assert call["info"] == "DP=9"


def test_a_candidate_indel_called_reference_lowers_the_base_before_it() -> None:
    text = caller_output.records(
        lines(
            "c 1 . A <*> 90 . END=10;MIN_DP=12 GT:PL:DP 0/0:0,36,255:12",
            "c 10 . ATT AT 3 . INDEL;DP=12;AC=0 GT:PL:DP:SP:AD 0/0:0,7,90:12:0:9,3",
            "c 11 . C <*> 90 . END=20;MIN_DP=12 GT:PL:DP 0/0:0,36,255:12",
        )
    )
    found = pl.concat(gvcf.merge_blocks([text])).select("start", "end", "gq").rows()
    assert found == [(0, 9, 36), (9, 10, 7), (10, 20, 36)]


def test_a_call_is_never_inside_a_block() -> None:
    text = caller_output.records(
        lines(
            "c 1 . A <*> 90 . END=10;MIN_DP=12 GT:PL:DP 0/0:0,36,255:12",
            "c 10 . ATT AT 99 . INDEL;DP=12 GT:PL:DP:SP:AD 0/1:90,0,90:12:0:6,6",
            "c 11 . C <*> 90 . END=20;MIN_DP=12 GT:PL:DP 0/0:0,36,255:12",
        )
    )
    found = pl.concat(gvcf.merge_blocks([text])).select("start", "end", "called").rows()
    assert found == [(0, 9, False), (9, 12, True), (10, 20, False)]


def test_no_reads_is_no_genotype() -> None:
    (row,) = records("c 1 . A <*> . . END=3;MIN_DP=0 GT:PL:DP ./.:0,0,0:0")
    assert (row["gt"], row["gq"], row["dp"]) == ("./.", 0, 0)


def test_what_gatk_writes() -> None:
    """Its blocks state MIN_DP, its calls carry <NON_REF>, phase and no strand phred."""
    block, gone, call = records(
        "c 1 . A <NON_REF> . . END=10 GT:DP:GQ:MIN_DP:PL 0/0:30:60:12:0,36,999",
        "c 11 . CTT C,<NON_REF> 0 . DP=9 GT:AD:DP:GQ:PL 0/0:9,0,0:9:20:0,20,90,20,90,90",
        "c 20 . G A,<NON_REF> 99 . DP=9;MQRankSum=0 GT:AD:DP:GQ:PGT:PID:PL:PS:SB "
        "1|0:4,5,0:9:80:1|0:18_A_C:90,0,80,99,99,99:18:2,2,2,3",
    )
    assert (block["end"], block["dp"], block["gq"]) == (10, 12, 36)
    assert (gone["start"], gone["end"], gone["called"], gone["gq"]) == (10, 13, False, 20)
    assert (call["gt"], call["alt"], call["extra"]) == ("1|0", "A", "4,5:90,0,80:.:18")


@pytest.mark.parametrize(("copies", "gt", "quality"), [(2, "0/0", 26), (1, "0", 90)])
def test_what_freebayes_writes(copies: int, gt: str, quality: int) -> None:
    """A base without genotype: ten reads of which one differs at quality 4."""
    line = "c 5 . A <*> 0 . DP=10;END=5;MIN_DP=10 GQ:DP:MIN_DP:QR:RO:QA:AO 90:10:10:94:9:4:1"
    (row,) = caller_output.records(lines(line), copies).to_dicts()
    assert (row["gt"], row["gq"], row["dp"], row["end"]) == (gt, quality, 10, 5)
    call = "c 9 . A G 50 . DP=9 GT:DP:AD:RO:QR:AO:QA:GL 0/1:9:4,5:4:99:5:99:-9.9,0,-8.04"
    (row,) = caller_output.records(lines(call)).to_dicts()
    assert (row["gq"], row["extra"]) == (80, "4,5:99,0,80:.:.")


def test_haploid_rows() -> None:
    block, call = records(
        "c 1 . A <*> 90 . END=3;MIN_DP=6 GT:PL:DP 0:0,66:6",
        "c 4 . A G,T 90 . DP=6 GT:PL:DP:SP:AD 2:99,98,0:6:0:0,1,5",
    )
    assert (block["gt"], block["gq"]) == ("0", 66)
    assert (call["gt"], call["alt"], call["extra"]) == ("1", "T", "0,5:99,0:0:.")


@given(st.integers(1, 4), st.data())
def test_trimmed_likelihoods_are_those_of_the_genotypes_left(
    alts: int, data: st.DataObject
) -> None:
    """Oracle: name every genotype, drop those with a dropped allele."""
    haploid = data.draw(st.booleans())
    called = sorted(data.draw(st.lists(st.integers(0, alts), min_size=2, max_size=2)))
    called = called[1:] if haploid else called
    if called[-1] == 0:
        return
    alleles = range(alts + 1)
    pairs = [
        (j, k) for k in alleles for j in (range(k + 1) if not haploid else [k])
    ]  # the order of the VCF specification
    values = data.draw(st.lists(st.integers(0, 255), min_size=len(pairs), max_size=len(pairs)))
    depths = data.draw(st.lists(st.integers(0, 99), min_size=alts + 1, max_size=alts + 1))
    table = pl.DataFrame(
        {
            "index": [7],
            "alt": [",".join("CGTN"[:alts])],
            "low": [called[0]],
            "high": [called[-1]],
            "haploid": [haploid],
            "AD": [depths],
            "PL": [values],
        },
        schema_overrides={"low": pl.Int32, "high": pl.Int32, "index": pl.UInt32},
    )
    (row,) = caller_output.trim_alts(table).to_dicts()
    kept = sorted({0, *called})
    wanted = [v for (j, k), v in zip(pairs, values, strict=True) if j in kept and k in kept]
    assert row["PL"] == wanted
    assert row["AD"] == [depths[a] for a in kept]
    assert row["alt"] == ",".join("CGTN"[a - 1] for a in kept if a)
    assert [row["low"], row["high"]][-len(called) :] == [kept.index(a) for a in called]
    assert len(wanted) == (
        len(kept) if haploid else len(list(combinations_with_replacement(kept, 2)))
    )


# A made-up caller's output: one row a base, classes that change often.
bases = st.lists(
    st.tuples(
        st.sampled_from([0, 3, 5, 9, 10, 19, 20, 35]),  # depth
        st.sampled_from([0, 19, 20, 60]),  # quality
        st.sampled_from(["0/0", "0/0", "0/0", "./.", "call", "gap"]),
    ),
    min_size=1,
    max_size=60,
)


def table_of(rows: list[tuple[int, int, str]]) -> pl.DataFrame:
    out = []
    for start, (dp, gq, what) in enumerate(rows):
        if what == "gap":
            continue
        call = what == "call"
        out.append(
            {
                **dict.fromkeys(COLUMNS),
                **{"contig": "c", "start": start, "end": start + 1, "called": call},
                **{"gt": "0/1" if call else what, "gq": gq, "dp": dp, "ref": "A"},
                **(
                    {"alt": "C", "qual": "9", "info": "DP=1", "extra": "1,1:9,0,9:0:."}
                    if call
                    else {}
                ),
            }
        )
    return pl.DataFrame(out, schema=gvcf.RECORDS)


def merged(chunks: list[pl.DataFrame]) -> pl.DataFrame:
    found = list(gvcf.merge_blocks(chunks))
    return pl.concat(found) if found else pl.DataFrame(schema=gvcf.RECORDS)


@given(bases, st.lists(st.integers(0, 60), max_size=5))
def test_blocks_do_not_depend_on_where_the_text_is_cut(
    rows: list[tuple[int, int, str]], cuts: list[int]
) -> None:
    table = table_of(rows)
    whole = merged([table])
    edges = sorted({0, len(table), *(c for c in cuts if c < len(table))})
    parts = [table[a:b] for a, b in pairwise(edges)]
    assert merged(parts).equals(whole)
    # Merged once, merged again: tiles are gathered the same way.
    assert merged([merged([part]) for part in parts]).equals(whole)


@given(bases)
def test_every_base_keeps_its_class(rows: list[tuple[int, int, str]]) -> None:
    whole = merged([table_of(rows)])
    covered = [b for row in whole.iter_rows(named=True) for b in range(row["start"], row["end"])]
    assert covered == [n for n, row in enumerate(rows) if row[2] != "gap"]
    for row in whole.filter(~pl.col("called")).iter_rows(named=True):
        inside = rows[row["start"] : row["end"]]
        assert row["gq"] == min(gq for _, gq, _ in inside)
        assert row["dp"] == min(dp for dp, _, _ in inside)
        assert len({gq >= 20 for _, gq, _ in inside}) == 1
        assert len({(dp >= 5, dp >= 10, dp >= 20) for dp, _, _ in inside}) == 1


@given(bases, st.lists(st.integers(0, 60), min_size=2, max_size=6, unique=True))
def test_clip_keeps_what_lies_inside(rows: list[tuple[int, int, str]], edges: list[int]) -> None:
    edges = sorted(edges)[: len(edges) // 2 * 2]
    spans = [Interval("c", a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    whole = merged([table_of(rows)])
    found = gvcf.clip(whole, spans, {span.start: "G" for span in spans})
    inside = {n for span in spans for n in range(span.start, span.end)}
    kept = [n for row in found.iter_rows(named=True) for n in range(row["start"], row["end"])]
    assert kept == [n for n, row in enumerate(rows) if row[2] != "gap" and n in inside]
    for row in found.filter(pl.col("ref") == "G").iter_rows(named=True):
        assert row["start"] in {span.start for span in spans}


@given(bases)
def test_text_is_read_back(rows: list[tuple[int, int, str]]) -> None:
    table = merged([table_of(rows)])
    if len(table):
        again = pl.concat(gvcf.read_text(io.BytesIO(gvcf.text(table))))
        assert gvcf.own_records(again).equals(table)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.integers(1, 200))
def test_records_of_one_position_stay_together(positions: list[int], size: int) -> None:
    positions = sorted(positions)
    rows = [f"c\t{pos}\t.\tA\tC\t.\t.\tX={n}\tGT\t0/1" for n, pos in enumerate(positions)]
    stream = io.BytesIO(("\n".join(rows) + "\n").encode())
    chunks = list(gvcf.read_text(stream, size))
    assert [x for chunk in chunks for x in chunk["info"]] == [f"X={n}" for n in range(len(rows))]
    last = [chunk["pos"][-1] for chunk in chunks[:-1]]
    assert all(chunk["pos"][0] != pos for pos, chunk in zip(last, chunks[1:], strict=True))


@pytest.mark.parametrize(
    "text", [b"c\t1\t.\tA\xff\xfe\tC\t.\t.\t.\tGT\t0/1\n", b"c\tx\t.\tA\tC\t.\t.\t.\tGT\t0/1\n"]
)
def test_text_that_is_no_vcf_is_refused(text: bytes) -> None:
    with pytest.raises(InputError, match=r"a\.vcf\.gz: VCF records"):
        list(gvcf.read_text(io.BytesIO(text), source="a.vcf.gz"))
