"""ClinVar's other changes of a residue, on both strands, against plain translation."""

from pathlib import Path

import numpy as np
import pytest
from interpretation_frames import frame

from shirube.contracts import write
from shirube.contracts.knowledge import CLINVAR
from shirube.genome.amino import STANDARD
from shirube.interpret.residue import ClinVar, codon_positions
from shirube.interpret.stretch import Stretch, stretches
from shirube.tools import run

EXONS = [(30, 41), (60, 70), (90, 99)]
CHANCE = np.random.default_rng(3)
SEQUENCE = "".join(CHANCE.choice(list("ACGT"), 130))
PAIR = dict(zip("ACGT", "TGCA", strict=True))


def _model(strand: str) -> dict[str, object]:
    return {"strand": strand, "cds_start": 30, "cds_end": 99,
            "exon_starts": [s for s, _ in EXONS], "exon_ends": [e for _, e in EXONS]}  # fmt: skip


def _coding(strand: str) -> list[int]:
    """1-based positions of the coding bases, 5' to 3'."""
    forward = [pos + 1 for start, end in EXONS for pos in range(start, end)]
    return forward if strand == "+" else forward[::-1]


def _residue(strand: str, codon: int, pos: int = 0, alt: str = "") -> str:
    bases = []
    for place in _coding(strand)[3 * codon - 3 : 3 * codon]:
        base = alt if place == pos else SEQUENCE[place - 1]
        bases.append(base if strand == "+" else PAIR[base])
    return STANDARD["".join(bases)]


@pytest.mark.parametrize("strand", ["+", "-"])
def test_codons_lie_where_the_coding_bases_are(strand: str) -> None:
    places = _coding(strand)
    for codon in range(1, 11):
        assert codon_positions(_model(strand), codon) == tuple(places[3 * codon - 3 : 3 * codon])
    assert codon_positions(_model(strand), 11) == ()


@pytest.mark.parametrize("strand", ["+", "-"])
@pytest.mark.parametrize("contig", ["chr1", "1"])
def test_other_changes_of_the_residue(tmp_path: Path, strand: str, contig: str) -> None:
    """Every single-base change of codon 4 (across an intron) is pathogenic in this ClinVar."""
    fasta = tmp_path / "r.fa"
    fasta.write_text(f">{contig}\n{SEQUENCE}\n")
    run("samtools", "faidx", fasta)
    codon = 4
    places = _coding(strand)[3 * codon - 3 : 3 * codon]
    alleles = [(pos, SEQUENCE[pos - 1], alt) for pos in places for alt in "ACGT"
               if alt != SEQUENCE[pos - 1]]  # fmt: skip
    rows = [
        {"chrom": "chr1", "pos": pos, "ref": ref, "alt": alt, "gene": "G", "stars": 2,
         "significance": "Pathogenic", "consequences": "missense_variant"}
        for pos, ref, alt in alleles
    ]  # fmt: skip
    conflicting = [
        {**r, "significance": "Conflicting_classifications_of_pathogenicity"} for r in rows
    ]
    old = _residue(strand, codon)
    for name, table in (("all", rows), ("none", conflicting)):
        write(frame(CLINVAR, *table), CLINVAR, tmp_path / f"{name}.parquet")
        known = ClinVar(str(tmp_path / f"{name}.parquet"), str(fasta))
        for pos, ref, alt in alleles:
            row = {"chrom": "chr1", "pos": pos, "ref": ref, "alt": alt, "transcript": "T",
                   "protein_pos": codon, "consequence": "missense_variant"}  # fmt: skip
            found = known.residues([row], {"T": _model(strand)})["chr1", pos, ref, alt]
            mine = _residue(strand, codon, pos, alt)
            others = [_residue(strand, codon, p, a) for p, _, a in alleles if (p, a) != (pos, alt)]
            same = sum(other == mine for other in others)
            near = sum(other not in (old, mine, "*") for other in others)
            expected = (same, near) if name == "all" else (0, 0)
            assert (len(found.same), len(found.near)) == expected


def test_shares_need_enough_alleles(tmp_path: Path) -> None:
    def row(pos: int, significance: str, consequences: str, gene: str = "G") -> dict[str, object]:
        return {"chrom": "chr1", "pos": pos, "ref": "A", "alt": "G", "gene": gene, "stars": 1,
                "significance": significance, "consequences": consequences}  # fmt: skip

    rows = [row(n, "Pathogenic", "missense_variant") for n in range(1, 10)]
    rows += [row(n, "Benign", "missense_variant") for n in range(10, 12)]
    rows += [row(n, "Likely_pathogenic", "stop_gained") for n in range(20, 47)]
    rows += [row(60, "Pathogenic", "missense_variant", "H")]
    write(frame(CLINVAR, *rows), CLINVAR, tmp_path / "c.parquet")
    shares = ClinVar(str(tmp_path / "c.parquet"), "").shares(["G", "H", "I"])
    assert shares["G"] == (pytest.approx(9 / 11), pytest.approx(27 / 36))
    assert shares["H"] == (None, None)
    assert "I" not in shares


@pytest.mark.parametrize("strand", ["+", "-"])
def test_stretches_count_what_lies_near(tmp_path: Path, strand: str) -> None:
    """Codons 1 to 10, candidate at 3: its own change and residue are left out, 9 is too far."""

    def row(codon: int, base: int, significance: str) -> dict[str, object]:
        pos = _coding(strand)[3 * codon - 3 + base]
        ref = SEQUENCE[pos - 1]
        return {"chrom": "chr1", "pos": pos, "ref": ref, "alt": PAIR[ref], "gene": "G",
                "stars": 1, "significance": significance,
                "consequences": "missense_variant"}  # fmt: skip

    bad = [row(codon, 0, "Pathogenic") for codon in (2, 3, 4, 8, 9)]
    bad += [row(3, 1, "Pathogenic"), row(4, 1, "Likely_pathogenic")]
    silent = {**row(5, 0, "Pathogenic"), "consequences": "synonymous_variant"}
    own = {**bad[1], "transcript": "T", "protein_pos": 3, "consequence": "missense_variant"}
    key = ("chr1", own["pos"], own["ref"], own["alt"])
    for more, expected in (
        ([silent, row(10, 0, "Benign")], Stretch(4, 3, 0)),
        ([row(3, 2, "Benign")], Stretch(4, 3, 1)),
        ([row(7, 0, "Conflicting_classifications_of_pathogenicity")], Stretch(4, 3, 0)),
    ):
        path = tmp_path / "c.parquet"
        write(frame(CLINVAR, *bad, *more), CLINVAR, path)
        known = ClinVar(str(path), "").table
        assert stretches(known, [own], {"T": _model(strand)}) == {key: expected}
        assert expected.harms is (expected.benign == 0)
    other = {**own, "consequence": "stop_gained"}
    assert stretches(known, [other], {"T": _model(strand)}) == {}


@pytest.mark.parametrize(("found", "harms"), [((4, 3, 0), True), ((3, 3, 0), False),
                                              ((9, 2, 0), False), ((9, 9, 1), False)])  # fmt: skip
def test_what_makes_a_stretch(found: tuple[int, int, int], harms: bool) -> None:
    assert Stretch(*found).harms is harms


@pytest.mark.parametrize("strand", ["+", "-"])
def test_of_several_substitutions_of_a_codon(tmp_path: Path, strand: str) -> None:
    """A change of three bases is compared by what the codon becomes; a shift is not."""
    fasta = tmp_path / "r.fa"
    fasta.write_text(f">chr1\n{SEQUENCE}\n")
    run("samtools", "faidx", fasta)
    codon = 6
    places = sorted(_coding(strand)[3 * codon - 3 : 3 * codon])
    assert places[2] - places[0] == 2
    alleles = [(pos, SEQUENCE[pos - 1], alt) for pos in places for alt in "ACGT"
               if alt != SEQUENCE[pos - 1]]  # fmt: skip
    rows = [
        {"chrom": "chr1", "pos": pos, "ref": ref, "alt": alt, "gene": "G", "stars": 2,
         "significance": "Pathogenic", "consequences": "missense_variant"}
        for pos, ref, alt in alleles
    ]  # fmt: skip
    write(frame(CLINVAR, *rows), CLINVAR, tmp_path / "c.parquet")
    known = ClinVar(str(tmp_path / "c.parquet"), str(fasta))
    ref = SEQUENCE[places[0] - 1 : places[0] + 2]
    alt = "".join(PAIR[base] for base in ref)
    row = {"chrom": "chr1", "pos": places[0], "ref": ref, "alt": alt, "transcript": "T",
           "protein_pos": codon, "consequence": "missense_variant"}  # fmt: skip
    read = alt if strand == "+" else "".join(PAIR[base] for base in reversed(alt))
    old, mine = _residue(strand, codon), STANDARD[read]
    others = [_residue(strand, codon, p, a) for p, _, a in alleles]
    found = known.residues([row], {"T": _model(strand)})["chr1", places[0], ref, alt]
    assert len(found.same) == sum(other == mine for other in others)
    assert len(found.near) == sum(other not in (old, mine, "*") for other in others)
    longer = {**row, "alt": alt + "A"}
    assert known.residues([longer], {"T": _model(strand)}) == {}
