"""Names and consequences of alleles on transcripts."""

import re

import numpy as np
import polars as pl
import pytest
from gene_case import chromosome, transcript
from hypothesis import given, settings
from hypothesis import strategies as st

from shirube.annotate.effects import effect
from shirube.annotate.parsing import UnreadableNameError, edit_from
from shirube.annotate.rows import transcript_rows
from shirube.annotate.substitutions import substitutions
from shirube.genome.amino import MITOCHONDRIAL, ONE, STANDARD, THREE, translated
from shirube.genome.edits import Edit, edit_of, shifted
from shirube.genome.normalise import normalised
from shirube.genome.sequence import reverse_complement
from shirube.genome.transcripts import Transcript, transcripts_of

SEQUENCE, MODELS = chromosome()
FORWARD, REVERSE = list(transcripts_of(MODELS, SEQUENCE))
TEXT = bytes(SEQUENCE).decode()


def bases(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8)


# 5' UTR GG, then M K R F *, intron after the second codon's first base.
SMALL = "CCCC" + "GGATGA" + "GTAAGTTTTTTTTTTTTTTTTTCAG" + "AACGATTCTAAGGATAA" + "CCCC"
FIRST, SECOND = (4, 10), (35, 52)


def small() -> Transcript:
    start = SMALL.index("AACGATTC")
    return transcript(bases(SMALL), [FIRST, (start, start + 17)], (6, start + 11))


def names(pos: int, ref: str, alt: str) -> tuple[str, str | None, str | None]:
    tx = small()
    assert SMALL[pos - 1 : pos - 1 + len(ref)] == ref
    found = effect(tx, edit_of(pos, ref, alt))
    return found.consequence, found.hgvs_c, found.hgvs_p


AT = SMALL.index("AACGATTC")  # 0-based; holds c.5


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "consequence", "coding", "protein"),
    [
        (AT + 3, "C", "T", "stop_gained&splice_region_variant", "c.7C>T", "p.Arg3Ter"),
        (AT + 4, "G", "A", "missense_variant", "c.8G>A", "p.Arg3Gln"),
        (AT + 5, "A", "G", "synonymous_variant", "c.9A>G", "p.Arg3="),
        (AT + 6, "T", "G", "missense_variant", "c.10T>G", "p.Phe4Val"),
        (8, "T", "C", "start_lost&splice_region_variant", "c.2T>C", "p.Met1?"),
        (5, "G", "A", "5_prime_UTR_variant", "c.-2G>A", None),
        (AT + 12, "G", "A", "3_prime_UTR_variant", "c.*1G>A", None),
        (AT, "G", "A", "splice_acceptor_variant&intron_variant", "c.5-1G>A", "p.?"),
        (11, "G", "A", "splice_donor_variant&intron_variant", "c.4+1G>A", "p.?"),
        (13, "A", "C", "splice_region_variant&intron_variant", "c.4+3A>C", None),
    ],
)
def test_single_bases(
    pos: int, ref: str, alt: str, consequence: str, coding: str, protein: str | None
) -> None:
    assert names(pos, ref, alt) == (consequence, coding, protein)


def test_one_deleted_base_shifts_the_frame() -> None:
    # ATG AAA CGA TTC TAA GGA TAA -> ATG AAA GAT TCT AAG GAT AA: no stop in what is left
    assert names(AT + 2, "AC", "A")[1:] == ("c.7del", "p.Arg3AspfsTer?")


def test_three_deleted_bases_remove_a_residue() -> None:
    consequence, coding, protein = names(AT + 2, "ACGA", "A")
    assert (consequence, coding, protein) == (
        "inframe_deletion&splice_region_variant", "c.7_9del", "p.Arg3del",
    )  # fmt: skip


def test_duplication_of_a_codon() -> None:
    assert names(AT + 8, "C", "CTTC")[1:] == ("c.11_13dup", "p.Phe4dup")


def test_lost_stop_runs_on_to_the_next() -> None:
    # TAA -> CAA: ... F Q G *
    assert names(AT + 9, "T", "C") == ("stop_lost", "c.13T>C", "p.Ter5GlnextTer2")


def test_inversion_is_named() -> None:
    assert SMALL[AT + 2 : AT + 5] == "CGA"
    assert names(AT + 3, "CGA", "TCG")[1] == "c.7_9inv"


def test_insertion_behind_the_last_exon_base_lengthens_the_exon() -> None:
    assert names(10, "A", "AC")[0].startswith("frameshift_variant")


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "exon"),
    [
        (10, "A", "AC", "1/2"),  # behind the last base of exon 1
        (AT - 2, SMALL[AT - 3 : AT + 6], SMALL[AT - 3], "2/2"),  # from the intron into exon 2
        (8, SMALL[7:15], SMALL[7], "1/2"),  # from exon 1 into the intron
        (9, SMALL[8 : AT + 4], SMALL[8], "2/2"),  # the intron with bases of exon 2, at its 3' place
        (15, SMALL[14:17], SMALL[14], "i1/1"),
    ],
)
@pytest.mark.parametrize("forward", [True, False])
def test_an_edit_that_touches_an_exon_is_in_it(
    pos: int, ref: str, alt: str, exon: str, forward: bool
) -> None:
    text, exons = SMALL, [FIRST, (AT, AT + 17)]
    edit = edit_of(pos, ref, alt)
    if not forward:
        size = len(SMALL)
        text = reverse_complement(SMALL)
        exons = [(size - b, size - a) for a, b in reversed(exons)]
        edit = Edit(size - edit.end, size - edit.start, reverse_complement(edit.inserted))
    tx = transcript(bases(text), exons, None, forward)
    assert effect(tx, edit).exon == exon


def test_stop_within_an_in_frame_replacement_ends_the_protein() -> None:
    assert names(AT + 3, "CGATTC", "TAAGGG")[1:] == ("c.7_12delinsTAAGGG", "p.Arg3Ter")


def test_mitochondrial_code() -> None:
    assert {c for c in STANDARD if STANDARD[c] != MITOCHONDRIAL[c]} == {"TGA", "ATA", "AGA", "AGG"}
    tx = transcript(bases("CC" + "ATGTGAAAATAA" + "CC"), [(2, 14)], (2, 14), chrom="chrM")
    assert tx.protein == "MWK*"
    assert effect(tx, edit_of(8, "A", "G")).hgvs_p == "p.Trp2="


def test_incomplete_mitochondrial_stop_is_completed() -> None:
    tx = transcript(bases("CC" + "ATGAAAT"), [(2, 9)], (2, 9), chrom="chrM")
    assert tx.protein == "MK*"


@pytest.mark.parametrize(
    ("chrom", "start", "pos", "alt", "consequence", "protein"),
    [
        ("chrM", "ATA", 3, "G", "start_retained_variant", "p.Met1="),
        ("chrM", "ATA", 2, "C", "start_lost", "p.Met1?"),
        ("chrM", "ATG", 1, "G", "start_retained_variant", "p.Met1="),
        ("chr1", "ATG", 1, "G", "start_lost", "p.Met1?"),
        ("chr1", "CTG", 1, "A", "start_retained_variant", "p.Met1="),
        ("chr1", "CTG", 3, "A", "start_lost", "p.Met1?"),
    ],
)
def test_a_start_codon_changed_to_another_still_starts(
    chrom: str, start: str, pos: int, alt: str, consequence: str, protein: str
) -> None:
    tx = transcript(bases(start + "AAATAA"), [(0, 9)], (0, 9), chrom=chrom)
    found = effect(tx, edit_of(pos, start[pos - 1], alt))
    assert (found.consequence, found.hgvs_p) == (consequence, protein)
    at_once = substitutions(tx, np.array([pos - 1]), bases(alt)).row(0, named=True)
    assert (at_once["consequence"], at_once["hgvs_p"]) == (consequence, protein)


def test_selenocysteine_is_read_through() -> None:
    tx = transcript(bases("ATGTGACGATAA"), [(0, 12)], (0, 12))
    assert tx.protein == "MUR*"
    assert effect(tx, edit_of(7, "C", "T")).hgvs_p == "p.Arg3Ter"
    assert effect(tx, edit_of(5, "G", "C")).hgvs_p == "p.Sec2Ser"


def test_unknown_sequence_gives_no_name() -> None:
    text = SMALL[: AT + 3] + "N" + SMALL[AT + 4 :]
    tx = transcript(bases(text), [FIRST, (AT, AT + 17)], (6, AT + 11))
    found = effect(tx, edit_of(AT + 3, "C", "T"))
    assert found.consequence == "splice_region_variant&coding_sequence_variant"
    assert found.hgvs_p is None


def test_not_a_name_is_refused() -> None:
    with pytest.raises(UnreadableNameError):
        edit_from(FORWARD, "c.12x")
    with pytest.raises(UnreadableNameError, match="reference has"):
        edit_from(FORWARD, "c.1C>G")


def allele(data: st.DataObject, low: int, high: int) -> Edit:
    start = data.draw(st.integers(low, high))
    size = data.draw(st.integers(0, 5))
    new = data.draw(st.text(alphabet="ACGT", max_size=5))
    old = TEXT[start : start + size]
    return edit_of(start + 1, old, new) if old != new else Edit(start, start + 1, "")


def applied(edit: Edit) -> str:
    return TEXT[: edit.start] + edit.inserted + TEXT[edit.end :]


@given(st.sampled_from([FORWARD, REVERSE]), st.data())
@settings(max_examples=400, deadline=None)
def test_coding_name_leads_back_to_the_same_change(tx: Transcript, data: st.DataObject) -> None:
    edit = allele(data, tx.start - 30, tx.end + 30)
    found = effect(tx, edit)
    assert found.hgvs_c is not None
    back = edit_from(tx, found.hgvs_c)
    assert applied(back) == applied(edit)
    assert effect(tx, back).hgvs_c == found.hgvs_c


@given(st.sampled_from([FORWARD, REVERSE]), st.data())
@settings(max_examples=400, deadline=None)
def test_shift_keeps_the_change_and_cannot_go_on(tx: Transcript, data: st.DataObject) -> None:
    edit = allele(data, tx.start, tx.end)
    for forward in (True, False):
        moved = shifted(edit, SEQUENCE, forward)
        assert applied(moved) == applied(edit)
        assert shifted(moved, SEQUENCE, forward) == moved


def mutated_protein(tx: Transcript, edit: Edit) -> str:
    """Protein after the edit, spliced anew: independent of the code under test."""
    delta = len(edit.inserted) - edit.deleted
    text = applied(edit)
    starts = [s + (delta if s >= edit.end and s > edit.start else 0) for s in tx.starts.tolist()]
    ends = [e + (delta if e >= edit.end else 0) for e in tx.ends.tolist()]
    rna = "".join(text[a:b] for a, b in zip(starts, ends, strict=True))
    rna = rna if tx.forward else reverse_complement(rna)
    protein = translated(rna[40:], STANDARD)
    return protein.split("*")[0] + ("*" if "*" in protein else "")


@given(st.sampled_from([FORWARD, REVERSE]), st.data())
@settings(max_examples=600, deadline=None)
def test_protein_name_says_what_the_new_protein_is(tx: Transcript, data: st.DataObject) -> None:
    exon = data.draw(st.integers(0, 2))
    low, high = int(tx.starts[exon]), int(tx.ends[exon])
    low, high = max(low, tx.cds_start + 3), min(high, tx.cds_end - 3)
    edit = allele(data, low + 6, high - 12)
    moved = shifted(edit, SEQUENCE, tx.forward)
    if not (low <= moved.start and moved.end <= high) or moved.start < low + 1:
        return
    before, after = tx.protein, mutated_protein(tx, edit)
    found = effect(tx, edit)
    name, terms = found.hgvs_p, set(found.consequence.split("&"))
    delta = len(edit.inserted) - edit.deleted
    shared = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    if before == after:
        assert name is not None
        assert name.endswith("=")
        assert "synonymous_variant" in terms
        return
    if shared is None:
        return
    assert name is not None
    assert found.protein_pos is not None
    if delta % 3:
        assert "frameshift_variant" in terms
        assert name.startswith(f"p.{THREE[before[shared]]}{shared + 1}")
        if before[shared] == "*":
            stop = len(after) - shared - 1
            assert name == f"p.Ter{shared + 1}{THREE[after[shared]]}extTer{stop}"
        elif after[shared] == "*":
            assert name.endswith("Ter")
        elif after.endswith("*"):
            stop = len(after) - shared
            assert name == f"p.{THREE[before[shared]]}{shared + 1}{THREE[after[shared]]}fsTer{stop}"
        return
    assert rebuilt(before, name) == after


def rebuilt(before: str, name: str) -> str:
    """Protein that an in-frame name describes, by a reader of its own."""
    words = re.findall(r"[A-Z][a-z]{2}", name.split("ins")[1]) if "ins" in name else []
    new = "".join(ONE[w] for w in words)
    places = [int(n) for n in re.findall(r"\d+", name)]
    first, last = places[0] - 1, places[-1] - 1
    if name.endswith("dup"):
        return before[: last + 1] + before[first : last + 1] + before[last + 1 :]
    if "del" in name:
        out = before[:first] + new + before[last + 1 :]
    elif "ins" in name:
        out = before[: first + 1] + new + before[last:]
    else:
        out = before[:first] + ONE[name[-3:]] + before[first + 1 :]
    return out.split("*")[0] + "*"


@given(st.sampled_from([FORWARD, REVERSE]), st.data())
@settings(max_examples=30, deadline=None)
def test_single_bases_at_once_and_one_by_one_agree(tx: Transcript, data: st.DataObject) -> None:
    at = np.array(
        sorted(data.draw(st.sets(st.integers(tx.start - 40, tx.end + 40), min_size=1, max_size=60)))
    )
    alt = [data.draw(st.sampled_from([b for b in "ACGT" if b != TEXT[p]])) for p in at.tolist()]
    table = substitutions(tx, at, bases("".join(alt)))
    for row, place, new in zip(table.iter_rows(named=True), at.tolist(), alt, strict=True):
        assert row == vars(effect(tx, Edit(place, place + 1, new)))


def test_rows_hold_alleles_of_every_transcript_they_touch() -> None:
    first = FORWARD.start + 45
    alleles = pl.DataFrame(
        {
            "pos": [REVERSE.end - 45, first, 10],
            "ref": [TEXT[REVERSE.end - 46], TEXT[first - 1], TEXT[9]],
            "alt": [
                "<DEL>",
                "A" if TEXT[first - 1] != "A" else "C",
                "A" if TEXT[9] != "A" else "C",
            ],
        },
        schema_overrides={"pos": pl.Int32},
    )
    placed = alleles.with_columns(known=pl.lit(True))
    rows = transcript_rows(placed, MODELS, SEQUENCE)
    assert rows.select("row", "gene").rows() == [(1, "FWD")]
    assert normalised(alleles.tail(1), SEQUENCE)["known"].to_list() == [True]
