"""What several alleles are together: every pair and triple of substitutions of every codon.

A ninth of the combinations is tried; with EVERY_CODON_CHANGE=1 in the environment all are.
"""

import os
import re
from itertools import combinations, product
from typing import Any

import polars as pl
import pytest
from change_case import (
    CHROMOSOME,
    GENES,
    MODELS,
    SEQUENCE,
    TEXT,
    Coding,
    allele,
    composed,
    protein_name,
    substituted,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from shirube.annotate.annotation import annotated
from shirube.changes.compose import Person
from shirube.genome.edits import edit_of, pieces, together

CODONS = range(1, 201)
SIDE = {"phase_set": 7, "haplotype": 0}
OTHER = {"phase_set": 7, "haplotype": 1}
SOMATIC = {"origin": "somatic", "dosage": None, "ploidy": None}
# Places in the codon and which of the three other bases each becomes.
COMBINATIONS = [
    (places, turns)
    for size in (2, 3)
    for places in combinations(range(3), size)
    for turns in product(range(3), repeat=size)
]


@pytest.fixture
def every_combination() -> bool:
    return os.environ.get("EVERY_CODON_CHANGE") == "1"


def changed(
    gene: Coding, number: int, places: tuple[int, ...], turns: tuple[int, ...]
) -> list[dict[str, Any]]:
    """Substitutions of a codon (0-based)."""
    rows = []
    for place, turn in zip(places, turns, strict=True):
        pos = gene.positions[3 * number + place]
        ref = TEXT[pos - 1]
        rows.append(allele(pos, ref, [b for b in "ACGT" if b != ref][turn]))
    return rows


# How the members lie: columns of each; which of them are surely together; whether that is certain.
MODES: dict[str, tuple[list[dict[str, Any]], slice, bool]] = {
    "germline cis": ([SIDE] * 3, slice(None), True),
    "germline homozygous": ([{"dosage": 2}] * 3, slice(None), True),
    "germline hemizygous": ([{"ploidy": 1}] * 3, slice(None), True),
    "germline one homozygous": ([{"dosage": 2}, SIDE, SIDE], slice(None), True),
    "germline unknown": ([{}] * 3, slice(None), False),
    "germline trans": ([SIDE, OTHER, SIDE], slice(0, None, 2), True),
    "somatic cis": ([{**SOMATIC, "phase_set": 7}] * 3, slice(None), True),
    "somatic sides": ([{**SOMATIC, **SIDE}] * 3, slice(None), True),
    "somatic unknown": ([SOMATIC] * 3, slice(None), False),
    "somatic trans": ([{**SOMATIC, **SIDE}, {**SOMATIC, **OTHER}, {**SOMATIC, **SIDE}],
                      slice(0, None, 2), True),
    "mixed, germline homozygous": ([{"dosage": 2}, {**SOMATIC, **SIDE}, {**SOMATIC, **SIDE}],
                                   slice(None), True),
    "mixed unknown": ([{}, SOMATIC, SOMATIC], slice(None), False),
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_every_codon_is_named_by_its_translation(mode: str, every_combination: bool) -> None:
    """200 codons of both strands at once; a codon over an intron is one codon."""
    how, which, certain = MODES[mode]
    chosen = COMBINATIONS if every_combination else COMBINATIONS[len(mode) % 9 :: 9]
    for places, turns in chosen:
        rows, wanted = [], {}
        for gene, number in product(GENES, CODONS):
            own = changed(gene, number, places, turns)
            own = [{**row, **more} for row, more in zip(own, how, strict=False)]
            rows += own
            members = own[which]
            if len(members) > 1:
                key = frozenset((row["pos"], row["alt"]) for row in members)
                wanted[key] = protein_name(gene, number, substituted(members))
        _, changes = composed(rows)
        found = {}
        for row in changes.iter_rows(named=True):
            members = frozenset((m["pos"], m["alt"]) for m in row["members"])
            if row["certain"] is certain and len(members) == max(map(len, wanted), default=0):
                found[members] = row["hgvs_p"]
        assert found == wanted
        if certain:
            assert changes["certain"].all()
            assert changes.height == len(wanted)


def test_the_name_is_that_of_one_record(every_combination: bool) -> None:
    """g., c. and p. names and consequence, on the transcript, as of the merged allele."""
    for places, turns in COMBINATIONS if every_combination else COMBINATIONS[::9]:
        rows = [
            {**row, **SIDE}
            for gene, number in product(GENES, CODONS)
            for row in changed(gene, number, places, turns)
        ]
        _, changes = composed(rows)
        assert changes.height == len(GENES) * len(CODONS)
        alleles = changes.select("chrom", "pos", "ref", "alt").unique(maintain_order=True)
        named = annotated(alleles, CHROMOSOME).select(
            "chrom", "pos", "ref", "alt", "transcript",
            *("consequence", "hgvs_g", "hgvs_c", "hgvs_p", "protein_pos"),
        )  # fmt: skip
        both = changes.join(named, on=["chrom", "pos", "ref", "alt", "transcript"], suffix="_one")
        assert both.height == changes.height
        for name in ("consequence", "hgvs_g", "hgvs_c", "hgvs_p", "protein_pos"):
            assert both[name].equals(both[f"{name}_one"], check_names=False), name


def spliced_protein(gene: Coding, edits: list[tuple[int, str, str]]) -> str:
    """Protein of a haplotype: exons of the edited chromosome joined, read to the first stop."""
    inside = set(gene.positions)
    bases = {pos: TEXT[pos - 1] for pos in gene.positions}
    for pos, ref, alt in edits:  # each lies in one exon; an indel behind its anchor
        assert {pos + at for at in range(len(ref))} <= inside
        if len(ref) == len(alt):
            bases[pos] = alt
        else:
            bases[pos] += alt[1:]
            bases |= {pos + at: "" for at in range(1, len(ref))}
    ordered = [bases[pos] for pos in sorted(inside)]
    text = "".join(ordered)
    if not gene.forward:
        text = text[::-1].translate(str.maketrans("ACGT", "TGCA"))
    code = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
    out = ""
    for at in range(0, len(text) - 2, 3):
        out += code[
            sum("TCAG".index(b) * w for b, w in zip(text[at : at + 3], (16, 4, 1), strict=True))
        ]
        if out[-1] == "*":
            break
    return out


def read_back(name: str, before: str) -> str | None:
    """The protein that a name of a missense, nonsense or delins change describes; else None."""
    one = {
        "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E",
        "Gly": "G", "His": "H", "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F",
        "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W", "Tyr": "Y", "Val": "V", "Ter": "*",
    }  # fmt: skip
    found = re.match(
        r"^p\.(?:[A-Z][a-z]{2})(\d+)(?:_[A-Z][a-z]{2}(\d+))?"
        r"(=|delins|del|dup|ins|)((?:[A-Z][a-z]{2})*)$",
        name,
    )
    if found is None:
        return None
    first, last = int(found[1]), int(found[2] or found[1])
    new = "".join(one[found[4][i : i + 3]] for i in range(0, len(found[4]), 3))
    if found[3] == "=":
        return before
    if found[3] == "dup":
        new, first = before[first - 1 : last], last + 1
    elif found[3] == "ins":
        first, last = last, first
    out = before[: first - 1] + new + before[last:]
    return out[: out.index("*") + 1]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_two_shifts_that_cancel(data: st.DataObject) -> None:
    """An insertion and a deletion in cis, with substitutions between: one change, in frame."""
    gene = data.draw(st.sampled_from(GENES))
    first = data.draw(st.integers(10, 560))
    gap = data.draw(st.integers(2, 40))
    spots = sorted(gene.positions[first + at] for at in (0, gap))
    size = data.draw(st.sampled_from([1, 2, 4]))
    lengths = [size, -size] if data.draw(st.booleans()) else [-size, size]
    edits = []
    for pos, length in zip(spots, lengths, strict=True):
        ref = TEXT[pos - 1 : pos + max(0, -length)]
        added = "".join(data.draw(st.sampled_from("ACGT")) for _ in range(length))
        edits.append((pos, ref, ref + added if length > 0 else ref[0]))
    between = [p for p in gene.positions if spots[0] + 6 < p < spots[1]]
    if between and data.draw(st.booleans()):
        pos = data.draw(st.sampled_from(between))
        ref = TEXT[pos - 1]
        edits.append((pos, ref, data.draw(st.sampled_from([b for b in "ACGT" if b != ref]))))
    touched = {p + at for p, ref, _ in edits for at in range(len(ref))}
    if (
        not touched <= set(gene.positions)
        or together([edit_of(*e) for e in edits], SEQUENCE) is None
    ):
        return
    _, changes = composed([allele(*one, **SIDE) for one in edits])
    before = spliced_protein(gene, [])
    after = spliced_protein(gene, edits)
    if changes.is_empty():  # both stand for the same place of a repeat, or the frame stayed closed
        assert after == before or len(edits) < 2
        return
    assert changes["certain"].all()
    joined = {(m["pos"], m["ref"], m["alt"]) for row in changes["members"] for m in row}
    assert set(edits[:2]) <= joined
    row = changes.row(0, named=True)
    if row["hgvs_p"] is not None and (told := read_back(row["hgvs_p"], before)) is not None:
        rest = [one for one in edits if one not in joined]
        assert told == spliced_protein(gene, [e for e in edits if e not in rest])


def test_a_third_allele_between_shifts_is_a_member() -> None:
    gene = GENES[0]
    start = next(p for p in gene.positions[30:] if TEXT[p - 1] != TEXT[p])
    edits = [
        (start, TEXT[start - 1], TEXT[start - 1] + "G"),
        (start + 9, TEXT[start + 8], "A" if TEXT[start + 8] != "A" else "C"),
        (start + 15, TEXT[start + 14 : start + 16], TEXT[start + 14]),
    ]
    _, changes = composed([allele(*one, **SIDE) for one in edits])
    (row,) = changes.rows(named=True)
    assert len(row["members"]) == 3
    assert not any(member["alone"] for member in row["members"])


def test_one_on_both_chromosomes_is_also_alone() -> None:
    """Homozygous A with heterozygous B of its codon: one chromosome has A and B, one A alone."""
    rows = changed(GENES[0], 20, (0, 1), (0, 0))
    _, changes = composed([{**rows[0], "dosage": 2}, rows[1]])
    (row,) = changes.rows(named=True)
    assert (row["copies"], [m["alone"] for m in row["members"]]) == (1, [True, False])


def test_far_apart_or_in_trans_is_no_change() -> None:
    gene = GENES[0]
    near = changed(gene, 20, (0, 1), (0, 0))
    far = changed(gene, 21, (0,), (0,))
    assert composed([{**row, **SIDE} for row in (near[0], far[0])])[1].is_empty()
    told, changes = composed([{**near[0], **SIDE}, {**near[1], **OTHER}])
    assert changes.is_empty()
    assert told.select("phase", "basis").rows() == [("trans", "caller")]


def test_a_splice_site_and_its_neighbour_are_one() -> None:
    """The last base of an exon is judged with the donor that another allele breaks."""
    edge = MODELS["exon_ends"][0][0]  # 1-based position of the exon's last base
    donor = allele(edge + 1, TEXT[edge], "A" if TEXT[edge] != "A" else "C", **SIDE)
    last = allele(edge, TEXT[edge - 1], "A" if TEXT[edge - 1] != "A" else "C", **SIDE)
    _, changes = composed([donor, last])
    (row,) = changes.rows(named=True)
    assert "splice_donor_variant" in row["consequence"]
    assert row["hgvs_p"] == "p.?"


@pytest.mark.parametrize("away", [1, 4, 9])
def test_an_indel_that_stands_in_the_intron_and_means_the_exon(away: int) -> None:
    """A G more behind the G of an acceptor is written before it; a member as any other."""
    tried = 0
    for model in MODELS.iter_rows(named=True):
        for start in model["exon_starts"][1:]:  # 0-based, as 1-based the last base of the intron
            if model["strand"] == "-" or not model["cds_start"] < start < model["cds_end"] - 20:
                continue
            assert TEXT[start - 2 : start] == "AG"
            other = start + away
            base = TEXT[other - 1]
            new = "A" if base != "A" else "C"
            rows = [allele(start - 1, "A", "AG", **SIDE), allele(other, base, new, **SIDE)]
            _, changes = composed(rows)
            (row,) = changes.rows(named=True)
            assert len(row["members"]) == 2
            behind = TEXT[start : other - 1] + new
            whole = pl.DataFrame(
                {"chrom": "chr1", "pos": [start], "ref": [TEXT[start - 1 : other]],
                 "alt": [f"GG{behind}"]},
                schema_overrides={"pos": pl.Int32},
            )  # fmt: skip
            (name,) = annotated(whole, CHROMOSOME).filter(
                pl.col("transcript") == row["transcript"]
            )["hgvs_p"]
            assert row["hgvs_p"] == name
            assert "fsTer" in name or name.endswith("Ter"), name
            tried += 1
    assert tried


def test_a_part_of_the_cells_carries_one_alone() -> None:
    """Fractions that do not meet, phased by the caller: the first is older than the second."""
    one, other = changed(GENES[0], 20, (0, 1), (0, 0))
    block = {**SOMATIC, "phase_set": 7}
    shares = [{"vaf_low": 0.35, "vaf_high": 0.45}, {"vaf_low": 0.08, "vaf_high": 0.15}]
    _, changes = composed([{**one, **block, **shares[0]}, {**other, **block, **shares[1]}])
    (row,) = changes.rows(named=True)
    alone = {m["pos"]: m["alone"] for m in row["members"]}
    assert alone == {one["pos"]: True, other["pos"]: False}


def test_parents_tell_the_phase() -> None:
    rows = changed(GENES[0], 20, (0, 1), (0, 0))

    def parents(table: pl.DataFrame) -> pl.DataFrame:

        return table.with_columns(
            mother_dosage=pl.lit(1, pl.Int8), father_dosage=pl.lit(0, pl.Int8)
        )

    told, changes = composed(rows, Person(parents=parents))
    assert told["basis"].to_list() == ["parents"]
    assert changes["certain"].to_list() == [True]


def test_a_long_replacement_is_told_in_pieces() -> None:
    old = TEXT[1000:1400]
    new = "TT" + old[1:200] + old[203:-1] + ("A" if old[-1] != "A" else "C")
    edit = edit_of(1001, old, new)
    parts = pieces(edit, SEQUENCE)
    assert len(parts) == 3
    assert together(parts, SEQUENCE) == edit
