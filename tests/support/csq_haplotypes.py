"""What `bcftools csq`, aware of haplotypes, says of the alleles of people, and whether we agree.

csq writes the residues before and after; a name of ours is read as the protein it describes, so
that the two meet in the protein and not in a way of writing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from shirube.annotate.csq import gff3, so_term
from shirube.genome.amino import ONE
from shirube.tools import run

Members = frozenset[tuple[int, str, str]]
_RESIDUES = re.compile(r"(\d+)([A-Z*]+)(?:>(\d+)([A-Z*]*))?")
_NAME = re.compile(
    r"p\.(?P<old>[A-Z][a-z]{2})(?P<first>\d+)(?:_[A-Z][a-z]{2}(?P<last>\d+))?"
    r"(?P<kind>=|delins|del|dup|ins|)(?P<new>(?:[A-Z][a-z]{2})*)"
    r"(?:(?P<open>fs|ext)(?:Ter(?P<count>\d+|\?))?)?"
)


@dataclass(frozen=True)
class Said:
    """Csq's word on the alleles it joins: SO terms, and residues from `place` (1-based)."""

    terms: frozenset[str]
    place: int
    old: str
    new: str

    def protein(self, before: str) -> str:
        """The protein of the haplotype, to its first stop or (lost) to where csq reads."""
        start = self.place - 1
        assert before[start : start + len(self.old)] == self.old, (before, self)
        rest = "" if "*" in self.old + self.new else before[start + len(self.old) :]
        return to_stop(before[:start] + self.new + rest)


def to_stop(protein: str) -> str:
    """A protein up to its first stop, which it keeps."""
    head, stop, _ = protein.partition("*")
    return head + stop


def described(name: str, before: str) -> tuple[str, int | None] | None:
    """How the protein begins that an HGVS name describes, and its length with the stop.

    Of a shifted frame or a lost stop the name tells the first residue and how many there are (None
    where it says `?` or nothing). None for a name that describes no protein (p.?, p.Met1?).
    """
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    first, last = int(found["first"]), int(found["last"] or found["first"])
    assert before[first - 1] == ONE[found["old"]], (name, before)
    new = "".join(ONE[found["new"][at : at + 3]] for at in range(0, len(found["new"]), 3))
    if found["kind"] == "=":
        return before, len(before)
    if found["open"]:
        counted = found["count"] not in (None, "?")
        # fs counts the changed residue as 1, ext the one behind the lost stop
        length = first - (found["open"] == "fs") + int(found["count"]) if counted else None
        return before[: first - 1] + new, length
    if found["kind"] == "dup":
        new, first = before[first - 1 : last], last + 1
    elif found["kind"] == "ins":
        first, last = last, first
    whole = to_stop(before[: first - 1] + new + before[last:])
    return whole, len(whole)


def tells(name: str, before: str, after: str) -> bool | None:
    """Whether a name describes the protein `after`; None where it describes none.

    Without a stop `after` is read to the end of the coding sequence, where a name reads on.
    """
    if (ours := described(name, before)) is None:
        return None
    begins, length = ours
    if length is None or not after.startswith(begins):
        return after.startswith(begins)
    return length == len(after) if after.endswith("*") else length > len(after)


def agrees(name: str | None, said: Said, before: str) -> bool | None:
    """Whether our name describes csq's protein; None where it describes none."""
    return None if name is None else tells(name, before, said.protein(before))


def csq_haplotypes(
    directory: Path,
    people: Sequence[Sequence[Mapping[str, Any]]],
    fasta: str,
    models: pl.DataFrame,
    contig: str,
    behind: bool = False,
) -> dict[tuple[str, Members], Said]:
    """Transcript and alleles that csq joins on someone's haplotype -> what it says of them.

    `people`: the rows (pos, ref, alt; `dosage` 2, or `haplotype` 0 or 1) of each. What lies behind
    a stop of the same haplotype is left out unless `behind`: csq may count on from that stop.
    """
    gff, vcf, out = (directory / name for name in ("r.gff3", "r.vcf", "o.bcf"))
    gff.write_text(gff3(models, contig))
    length = next(
        line.split("\t")[1]
        for line in Path(f"{fasta}.fai").read_text().splitlines()
        if line.startswith(f"{contig}\t")
    )
    names = "\t".join(f"S{number}" for number in range(len(people)))
    head = (
        f"##fileformat=VCFv4.2\n##contig=<ID={contig},length={length}>\n"
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
        f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n"
    )
    sites: dict[tuple[int, str, str], list[str]] = {}
    for number, rows in enumerate(people):
        for row in rows:
            told = sites.setdefault((row["pos"], row["ref"], row["alt"]), ["0|0"] * len(people))
            told[number] = "1|1" if row["dosage"] == 2 else ("1|0", "0|1")[row["haplotype"]]
    lines = [
        "\t".join([contig, str(pos), ".", ref, alt, ".", ".", ".", "GT", *told]) + "\n"
        for (pos, ref, alt), told in sorted(sites.items())
    ]
    vcf.write_text(head + "".join(lines))
    run("bcftools", "csq", "--no-version", "-p", "a", "--ncsq", "64", "-f", fasta, "-g", gff,
        "-Ob", "-o", out, vcf)  # fmt: skip
    text = run("bcftools", "query", "-f", "%INFO/BCSQ\\n", out).decode()
    found = {}
    for entry in {entry for line in text.splitlines() for entry in line.split(",")}:
        fields = entry.split("|")
        if len(fields) < 7 or (entry.startswith("*") and not behind):
            continue
        residues = _RESIDUES.fullmatch(fields[5])
        assert residues is not None, entry
        members = frozenset(_allele(part) for part in fields[6].split("+"))
        terms = frozenset(so_term(word) for word in fields[0].split("&"))
        new = residues[2] if residues[4] is None else residues[4]
        found[fields[2], members] = Said(terms, int(residues[1]), residues[2], new)
    return found


def _allele(text: str) -> tuple[int, str, str]:
    pos = int("".join(c for c in text if c.isdigit()))
    ref, alt = text[len(str(pos)) :].split(">")
    return pos, ref, alt
