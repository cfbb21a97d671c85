"""One form for every allele."""

import subprocess
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from shirube.genome.normalise import normalised
from shirube.tools import located

BASES = st.text(alphabet="AC", min_size=12, max_size=40)


def one(sequence: str, pos: int, ref: str, alt: str) -> tuple[object, ...]:
    table = pl.DataFrame(
        {"pos": [pos], "ref": [ref], "alt": [alt]}, schema_overrides={"pos": pl.Int32}
    )
    return normalised(table, np.frombuffer(sequence.encode(), np.uint8)).row(0)


def test_deletion_in_a_repeat_moves_to_its_left_end() -> None:
    assert one("GCACACAT", 6, "CA", "C") == (6, "CA", "C", True)
    assert one("GCACACAT", 5, "ACA", "A") == (1, "GCA", "G", True)


def test_shared_bases_are_cut() -> None:
    assert one("ACGTACGT", 2, "CGTA", "CTTA") == (3, "G", "T", True)


def test_shift_stops_at_unknown_sequence() -> None:
    assert one("NAAAAAAT", 7, "A", "AA") == (2, "A", "AA", True)


def test_unknown_and_contradicted_references_are_told_apart() -> None:
    assert one("NNNNACGT", 2, "A", "C")[3] is None
    assert one("ACGTACGT", 2, "A", "C")[3] is False
    assert one("ACGT", 9, "A", "C")[3] is False


@given(BASES, st.data())
@settings(deadline=None)
def test_form_is_minimal_leftmost_and_the_same_change(sequence: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(1, len(sequence) - 3))
    size = data.draw(st.integers(0, 3))
    inserted = data.draw(st.text(alphabet="AC", max_size=4))
    ref = sequence[start - 1 : start + size]
    alt = sequence[start - 1] + inserted
    if ref == alt:
        return
    pos, new_ref, new_alt, known = one(sequence, start, ref, alt)
    assert known is True

    def applied(at: int, old: str, new: str) -> str:
        assert sequence[at - 1 : at - 1 + len(old)] == old
        return sequence[: at - 1] + new + sequence[at - 1 + len(old) :]

    changed = applied(start, ref, alt)
    assert applied(pos, new_ref, new_alt) == changed
    # No allele further left or shorter makes the same sequence, except one that needs its anchor.
    delta = len(new_alt) - len(new_ref)
    if delta and min(len(new_ref), len(new_alt)) == 1:
        for at in range(1, pos):
            for length in range(1, 6):
                old = sequence[at - 1 : at - 1 + length]
                if len(old) == length and length + delta == 1 and delta < 0:
                    assert applied(at, old, old[0]) != changed


def test_agrees_with_bcftools_norm(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    sequence = "".join(draw.choice(list("AACG"), 600))
    (tmp_path / "ref.fa").write_text(f">chr1\n{sequence}\n")
    rows = []
    for number in range(400):
        start = int(draw.integers(1, 590))
        ref = sequence[start - 1 : start + int(draw.integers(0, 5))]
        alt = ref[0] + "".join(draw.choice(list("AACG"), int(draw.integers(0, 5))))
        if ref != alt:
            rows.append((start, f"v{number}", ref, alt))
    rows.sort()
    body = "".join(f"chr1\t{p}\t{name}\t{r}\t{a}\t.\t.\t.\n" for p, name, r, a in rows)
    head = "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=600>\n"
    (tmp_path / "in.vcf").write_text(
        head + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n" + body
    )
    bcftools = located("bcftools")
    assert bcftools is not None
    done = subprocess.run(
        [bcftools, "norm", "-f", str(tmp_path / "ref.fa"), str(tmp_path / "in.vcf")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    theirs = {}
    for line in done.stdout.splitlines():
        if not line.startswith("#"):
            _, pos, name, ref, alt, *_ = line.split("\t")
            theirs[name] = (int(pos), ref, alt)
    table = pl.DataFrame(
        rows,
        schema={"pos": pl.Int32, "id": pl.String, "ref": pl.String, "alt": pl.String},
        orient="row",
    )
    ours = normalised(table, np.frombuffer(sequence.encode(), np.uint8))
    mine = {r["id"]: (r["pos"], r["ref"], r["alt"]) for r in ours.iter_rows(named=True)}
    assert len(mine) > 300
    assert mine == theirs
