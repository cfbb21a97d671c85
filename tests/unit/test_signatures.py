"""Signatures: few are kept, their shares found again; too few changes leave them unknown."""

from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sam_files import write_reference

from shirube.calling.somatic.change_types import doublet, doublets, indel, indels
from shirube.calling.somatic.signatures import exposures, read_signatures, signatures, spectrum
from shirube.contracts import CHROM
from shirube.errors import InputError

SBS = [f"{a}[{r}>{b}]{c}" for r in "CT" for b in "ACGT" if b != r for a in "ACGT" for c in "ACGT"]
DBS = sorted({d for q in product("ACGT", repeat=4) if (d := doublet(q[0] + q[1], q[2] + q[3]))})
ID = [f"{size}:{kind}:{base}:{count}"
      for size, kinds in ((1, "CT"), (2, "R"), (3, "R"), (4, "R"), (5, "R"))
      for kind in ("Del", "Ins") for base in kinds for count in range(6)]  # fmt: skip
ID += [f"{s}:Del:M:{n}" for s in (2, 3, 4) for n in range(1, s)]
ID += [f"5:Del:M:{n}" for n in range(1, 6)]


def matrix(path: Path, types: list[str], names: list[str], seed: int = 1) -> str:
    profiles = np.random.default_rng(seed).dirichlet(np.full(len(types), 0.2), len(names))
    columns = dict(zip(names, profiles, strict=True))
    pl.DataFrame({"Type": types, **columns}).write_csv(path, separator="\t")
    return str(path)


def drawn(path: str, shares: dict[str, float], total: int, seed: int = 3) -> dict[str, int]:
    known = read_signatures(path)
    profile = sum(known.profiles[:, known.names.index(n)] * s for n, s in shares.items())
    counts = np.random.default_rng(seed).multinomial(total, profile / np.sum(profile))
    return dict(zip(known.types, counts.tolist(), strict=True))


@pytest.mark.parametrize(("types", "kind"), [(SBS, "SBS"), (DBS, "DBS"), (ID, "ID")])
def test_planted_shares_are_found_and_few_signatures_kept(
    tmp_path: Path, types: list[str], kind: str
) -> None:
    path = matrix(tmp_path / "s.tsv", types, [f"{kind}{n}" for n in range(20, 50)])
    planted = {f"{kind}20": 0.6, f"{kind}31": 0.3, f"{kind}44": 0.1}
    rows = {str(r["marker"]): r for r in signatures(drawn(path, planted, 5000), path, kind)}
    for name, share in planted.items():
        row = rows[f"{kind}:{name}"]
        assert row["value"] == pytest.approx(share, abs=0.04)
        assert row["low"] - 0.02 <= share <= row["high"] + 0.02  # type: ignore[operator]
    assert rows[f"{kind}:{kind}20"]["call"] == "present"
    others = [r["value"] for name, r in rows.items() if name.split(":")[1] not in planted]
    assert sum(others) <= 0.05  # type: ignore[arg-type]


def test_clocks_stay_and_partners_are_tried_together(tmp_path: Path) -> None:
    names = ["SBS1", "SBS2", "SBS5", "SBS13", *(f"SBS{n}" for n in range(30, 40))]
    path = matrix(tmp_path / "s.tsv", SBS, names)
    counts = drawn(path, {"SBS5": 0.04, "SBS2": 0.5, "SBS13": 0.05, "SBS33": 0.41}, 20_000)
    known = read_signatures(path)
    found, error = exposures(spectrum(counts, known), known)
    assert set(found) >= {"SBS5", "SBS2", "SBS13", "SBS33"}
    assert found["SBS13"] == pytest.approx(0.05, abs=0.02)
    assert error < 0.1


def test_too_few_changes_tell_nothing(tmp_path: Path) -> None:
    path = matrix(tmp_path / "s.tsv", SBS, ["SBS1", "SBS5"])
    (row,) = signatures({SBS[0]: 49}, path, "SBS")
    assert (row["marker"], row["value"], row["call"]) == ("SBS", None, "unknown")
    with pytest.raises(InputError, match="signatures of ID"):
        signatures({}, path, "ID")
    assert exposures(np.zeros(96), read_signatures(path)) == ({}, 1.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Type\tS\nX\t1\n", "96, 78, 83, 32, 48 rows"),
        ("Kind\tS\n" + "".join(f"{t}\t0.1\n" for t in SBS), "a column Type"),
        ("Type\tS\n" + "".join(f"{t}\tx\n" for t in SBS), "numbers"),
        ("Type\tS\n" + "".join(f"{t}\t-1\n" for t in SBS), "shares"),
        ("Type\tS\n" + "".join(f"{t[0]}{t}\t0.1\n" for t in SBS), "written as"),
        ("Type\tS\n" + "".join(f"{SBS[0]}\t0.1\n" for _ in SBS), "once"),
    ],
)
def test_a_matrix_that_cannot_be_read_says_why(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "s.tsv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_signatures(path)


def test_there_are_78_types_of_doublet() -> None:
    assert len(DBS) == 78
    assert len(ID) == 83


@pytest.mark.parametrize(
    ("ref", "alt", "named"),
    [("CC", "TT", "CC>TT"), ("GG", "AA", "CC>TT"), ("AC", "TG", "AC>TG"), ("GT", "CA", "AC>TG"),
     ("CG", "AA", "CG>TT"), ("TA", "CC", "TA>GG"), ("AC", "AT", None), ("ACG", "TTT", None),
     ("NC", "TT", None)],
)  # fmt: skip
def test_doublets_are_named_on_one_strand(ref: str, alt: str, named: str | None) -> None:
    assert doublet(ref, alt) == named


# reference allele, alternative, what follows; counted by hand
@pytest.mark.parametrize(
    ("ref", "alt", "behind", "named"),
    [
        ("AT", "A", "TTTGCA", "1:Del:T:3"),
        ("CA", "C", "AAAAAAAA", "1:Del:T:5"),
        ("AC", "A", "GTTACA", "1:Del:C:0"),
        ("A", "AC", "GTTACA", "1:Ins:C:0"),
        ("A", "AG", "GGTACA", "1:Ins:C:2"),
        ("ACAG", "A", "CAGTTTTTT", "3:Del:R:1"),
        ("A", "ACA", "CACACACATT", "2:Ins:R:4"),
        ("ACAGT", "A", "CATTTTTTTTTT", "4:Del:M:2"),
        ("ACAGT", "A", "GATTTTTTTTTT", "4:Del:R:0"),
        ("AACGTACG", "A", "ACGTACTTTTTTT", "5:Del:M:5"),
        ("A", "AACGTACG", "ACGTACTTTTTTT", "5:Ins:R:0"),
        ("ACN", "A", "GTT", None),
        ("AC", "GT", "GTT", None),
        ("ACT", "GT", "GTT", None),
    ],
)
def test_indels_are_named_by_what_surrounds_them(
    ref: str, alt: str, behind: str, named: str | None
) -> None:
    assert indel(ref, alt, behind) == named
    assert named is None or named in ID


def test_alleles_of_a_table_are_counted(tmp_path: Path) -> None:
    fasta = write_reference(tmp_path / "r.fa", {"1": "GATTTTCAGCAGGACCGTA"})
    rows = [("chr1", 2, "AT", "A"), ("chr1", 6, "TCAG", "T"), ("chr1", 15, "CC", "TT"),
            ("chr1", 1, "G", "A")]  # fmt: skip
    schema = {"chrom": CHROM, "pos": pl.Int32, "ref": pl.String, "alt": pl.String}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    assert indels(table, fasta, {"chr1": "1"}) == {"1:Del:T:3": 1, "3:Del:R:1": 1}
    assert doublets(table) == {"CC>TT": 1}
