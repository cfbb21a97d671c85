"""The one pass over the reads beside `samtools stats` and `samtools depth`, a pass each."""

import tempfile
from pathlib import Path

import numpy as np
import pysam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sam_files import record, sequence, write_bam, write_reference

from shirube.genome.intervals import Interval
from shirube.reads.survey import Survey

CONTIGS = {"1": sequence(900, 1), "2": sequence(500, 2)}
CIGARS = {"50M": 50, "10S40M": 40, "20M3I27M": 47, "25M5D25M": 55, "20M60N30M": 110, "30=1X19=": 50}
FLAGS = (0, 0, 0, 16, 256, 512, 1024, 2048)


@st.composite
def pairs(draw: st.DrawFn, number: int) -> list[str]:
    """Two mates, each with its own cigar, flags and mapping quality; they may overlap."""
    contigs = [draw(st.sampled_from("1112")) for _ in range(2)]
    starts = [draw(st.integers(0, 300)) for _ in range(2)]
    if contigs[0] == contigs[1]:
        starts.sort()
    cigars = [draw(st.sampled_from(sorted(CIGARS))) for _ in range(2)]
    alone = draw(st.booleans())
    out = []
    for own in range(1 if alone else 2):
        mate = 1 - own
        flag = draw(st.sampled_from(FLAGS)) | (0 if alone else 1 | (64, 128)[own])
        same = contigs[own] == contigs[mate]
        span = max(starts[n] + CIGARS[cigars[n]] for n in range(2)) - starts[0] if same else 0
        where = ("*", -1, 0)
        if not alone:
            name = "=" if same else contigs[mate]
            where = (name, starts[mate], span * (1, -1)[own])
        edits = draw(st.integers(0, 300))
        out.append(
            record(
                *(f"p{number}", contigs[own], starts[own], cigars[own]),
                *(CONTIGS["1"][:50], flag, draw(st.sampled_from([60, 20, 19, 0])), 35, where),
                f"XA:Z:text\tXB:B:S,1,2,3\tNM:i:{edits}\tXC:i:70000",
            )
        )
    return out


def counted(bam: str, *words: str) -> dict[str, int]:
    """SN lines of `samtools stats` over primary alignments."""
    text = pysam.samtools.stats("-F", "0x900", *words, bam)
    lines = [line.split("\t") for line in text.splitlines() if line.startswith("SN\t")]
    return {key.rstrip(":"): int(n) for _, key, n, *_ in lines if n.isdigit()}


def depths(bam: str, contig: str, length: int, *words: str) -> list[int]:
    """`samtools depth` of every base of a contig, mates once, mapping quality at least 20."""
    region = ["-a", "-s", "-Q", "20", "-G", "SUPPLEMENTARY", "-r", f"{contig}:1-{length}"]
    rows = pysam.samtools.depth(*region, *words, bam).splitlines()
    return [int(row.split("\t")[2]) for row in rows]


def check(bam: str, fasta: str, lengths: dict[str, int]) -> None:
    survey = Survey(bam, fasta, None, 20)
    found = {name: np.concatenate([d for i, d in windows if i.contig == name]).tolist()
             for windows in [list(survey)] for name in lengths}  # fmt: skip
    assert found == {name: depths(bam, name, size) for name, size in lengths.items()}
    told, row = counted(bam), survey.summary
    names = ["sequences", "reads mapped", "reads duplicated", "bases mapped (cigar)", "mismatches"]
    assert list(row.values())[:5] == [told[name] for name in names]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_counts_and_depths_are_those_of_samtools(data: st.DataObject) -> None:
    number = data.draw(st.integers(1, 12))
    reads = [line for n in range(number) for line in data.draw(pairs(n))]
    with tempfile.TemporaryDirectory() as scratch:
        fasta = write_reference(Path(scratch) / "r.fa", CONTIGS)
        bam = write_bam(Path(scratch) / "r.bam", CONTIGS, reads)
        check(bam, fasta, {name: len(bases) for name, bases in CONTIGS.items()})


@pytest.mark.parametrize("step", [64, 100, 4096])
def test_windows_do_not_show(step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mates that overlap across the border of two windows, and reads over several."""
    monkeypatch.setattr("shirube.reads.survey.STEP", step)
    reads = []
    for n in range(60):
        start = 13 * n
        bases, mate = CONTIGS["1"][start : start + 50], ("=", start + 20, 70)
        reads.append(record(f"p{n}", "1", start, "50M", bases, 99, mate=mate))
        bases, mate = CONTIGS["1"][start + 20 : start + 70], ("=", start, -70)
        reads.append(record(f"p{n}", "1", start + 20, "50M", bases, 147, mate=mate))
    fasta = write_reference(tmp_path / "r.fa", CONTIGS)
    check(write_bam(tmp_path / "r.bam", CONTIGS, reads), fasta, {"1": 900})


def test_reads_without_a_place_are_counted(tmp_path: Path) -> None:
    bases = CONTIGS["1"][:50]
    fasta = write_reference(tmp_path / "r.fa", CONTIGS)
    lost = [f"u{n}\t4\t*\t0\t0\t*\t*\t0\t0\t{bases}\t{'I' * 50}" for n in range(3)]
    placed = record("a", "2", 10, "50M", bases)
    text = tmp_path / "r.sam"
    head = "".join(f"@SQ\tSN:{name}\tLN:{len(b)}\n" for name, b in CONTIGS.items())
    text.write_text(f"@HD\tVN:1.6\tSO:coordinate\n{head}{placed}\n" + "\n".join(lost) + "\n")
    for name, kind in (("r.bam", "-b"), ("r.cram", "-C")):
        path = str(tmp_path / name)
        pysam.samtools.view(kind, "-T", fasta, "-o", path, str(text), catch_stdout=False)
        pysam.samtools.index(path)
        every, part = Survey(path, fasta, None, 20), Survey(path, fasta, [Interval("2", 0, 99)], 20)
        for survey in (every, part):
            list(survey)
        assert [s.summary["reads"] for s in (every, part)] == [4, 1]
        assert every.summary["mapped"] == 1
