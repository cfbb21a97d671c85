"""Structural alleles of a joint VCF counted by stratum: deletions, breakends, copy numbers.

A genotype counts as it is called: the rule for small variants asks for read counts that callers
of structural variants do not give. Copies follow the sexes as for small alleles: XY have one copy
of X and Y outside the PAR, where a heterozygous call is unknown, and XX none of Y. A genotype with
an unknown allele, of fewer copies than the person has, or that fails its own filter (FORMAT FT) is
unknown. People whose copy number is called (FORMAT CN) are told by copy number beside.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.cohort.frequency import copies_at
from shirube.cohort.ploidies import Par
from shirube.contracts.cohort import STRUCTURAL_COUNTS
from shirube.genome.chromosomes import CHROMS, canonical
from shirube.intake.header import Header
from shirube.tools import piped

_SITE = ("contig", "pos", "id", "ref", "alt", "filter", "svtype", "end", "svlen", "mate")
PASSED = ("PASS", ".")  # of FILTER and FT
_CHUNK = 1 << 24  # bytes of text taken apart at a time
_MOST = 50  # copy numbers told; more are counted with it
_STRUCTURAL = re.compile(r"(DEL|DUP|INS|INV|CNV|BND|TRA|CN\d+)(:|$)")
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Genotype:
    """One way a genotype is written: how many alleles it calls (0: unknown), and of each ALT."""

    called: int
    alleles: tuple[int, ...]


@cache
def genotype(text: str) -> Genotype:
    """`0/1`, `1|0`, `1`, `./.`; one with an unknown allele is unknown."""
    parts = text.replace("|", "/").split("/")
    if not all(part.isdigit() for part in parts):
        return Genotype(0, ())
    numbers = [int(part) for part in parts]
    return Genotype(len(numbers), tuple(n for n in numbers if n))


def is_structural(header: Header) -> bool:
    """Whether a file says of its records what structural variant they are: by INFO, or by ALT.

    VCF 4.4 has no need of SVTYPE: `<DEL>` and its SVLEN say it.
    """
    by_alt = any(_STRUCTURAL.match(name) for name in header.alts)
    return "SVTYPE" in header.info or (by_alt and bool(header.info.keys() & {"SVLEN", "END"}))


def has_small(path: Path, header: Header) -> bool:
    """Whether a file has a record that is no structural one."""
    plain = 'ALT!~"<" && ALT!~"\\[" && ALT!~"]" && ALT!="."'
    if "SVTYPE" in header.info:
        plain = f'INFO/SVTYPE="." && {plain}'
    with piped(["bcftools", "query", "-i", plain, "-f", "x\\n", path]) as stream:
        return sum(1 for _ in stream) > 0  # read to its end: bcftools must not be cut off


def counted(
    path: Path,
    header: Header,
    sexes: Mapping[str, str],
    strata: Mapping[str, str],
    par: Par,
    aliases: Mapping[str, str] | None = None,
) -> tuple[pl.DataFrame, int]:
    """STRUCTURAL_COUNTS of records that have a type or an ALT without sequence, and how many not.

    `strata`: sample -> stratum, of those who are counted. Not counted are records on contigs
    that are no chromosome.
    """
    samples = [name for name in header.samples if name in strata]
    names = sorted(set(strata.values()))
    member = np.array([names.index(strata[name]) for name in samples], np.int64)
    sex = np.array([sexes[name] for name in samples])
    parts, left_out = [], 0
    for table in stretches(path, header, samples):
        chroms = [canonical(name, dict(aliases or {})) for name in table["contig"]]
        known = np.array([chrom is not None for chrom in chroms])
        left_out += int((~known).sum())
        kept = table.with_columns(pl.Series("chrom", chroms, pl.String)).filter(pl.Series(known))
        for (chrom,), rows in kept.group_by("chrom", maintain_order=True):
            each = copies_of(rows["pos"].to_numpy(), str(chrom), sex, par)
            parts.append(_counts(rows, samples, member, names, each, "CN" in header.format))
    whole = pl.concat([STRUCTURAL_COUNTS.empty(), *parts])
    return STRUCTURAL_COUNTS.table(whole), left_out


def stretches(path: Path, header: Header, samples: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Structural records with GT (and CN, FT) of each sample as text, a stretch of the file a time.

    A file whose FORMAT knows no GT has unknown genotypes.
    """

    def info(name: str) -> str:
        return f"%INFO/{name}" if name in header.info else "."

    site = ["%CHROM", "%POS", "%ID", "%REF", "%ALT", "%FILTER"]
    site += [info(name) for name in ("SVTYPE", "END", "SVLEN", "MATEID")]
    calls = [name for name in ("GT", "CN", "FT") if name in header.format]
    form = "\\t".join(site) + "".join(f"[\\t%{name}]" for name in calls) + "\\n"
    wanted = 'ALT~"<" || ALT~"\\[" || ALT~"]"'
    if "SVTYPE" in header.info:
        wanted = f'INFO/SVTYPE!="." || {wanted}'
    people = range(len(samples))
    columns = [*_SITE, *(f"{name.lower()}_{n}" for name in calls for n in people)]
    unknown = {} if "GT" in calls else {f"gt_{n}": pl.lit(".") for n in people}
    first = 0
    query = ["bcftools", "query", "-s", ",".join(samples), "-i", wanted, "-f", form, path]
    with piped(query) as stream:
        while text := stream.read(_CHUNK):
            text += stream.readline()
            table = pl.read_csv(
                io.BytesIO(text),
                separator="\t",
                has_header=False,
                new_columns=columns,
                infer_schema=False,
                quote_char=None,
            )
            numbers = pl.int_range(first, first + table.height, dtype=pl.Int32, eager=True)
            first += table.height
            yield table.with_columns(pl.col("pos").cast(pl.Int32), record=numbers, **unknown)


def copies_of(pos: npt.NDArray[np.int32], chrom: str, sex: npt.NDArray[np.str_], par: Par) -> Whole:
    """Copies each person (column) has of each position (row)."""
    order = np.argsort(pos, kind="stable")
    out = np.zeros((pos.size, sex.size), np.int64)
    for one in np.unique(sex):
        own = np.zeros(pos.size, np.int64)
        own[order] = copies_at((pos[order] - 1).astype(np.int32), chrom, str(one), par)
        out[:, sex == one] = own[:, None]
    return out


def _codes(rows: pl.DataFrame, prefix: str, people: int) -> tuple[list[str], Whole]:
    """Distinct texts of a field, and which of them each record and person has."""
    columns = [rows[f"{prefix}_{n}"].fill_null(".") for n in range(people)]
    texts = sorted(set().union(*(column.unique().to_list() for column in columns)))
    code = {text: n for n, text in enumerate(texts)}
    found = [c.replace_strict(code, return_dtype=pl.Int64).to_numpy() for c in columns]
    return texts, np.stack(found, axis=1) if found else np.zeros((rows.height, 0), np.int64)


def _unfiltered(rows: pl.DataFrame, people: int) -> npt.NDArray[np.bool_]:
    """Whether the genotype of each record and person bears no filter of its own."""
    if "ft_0" not in rows.columns:
        return np.ones((rows.height, people), np.bool_)
    texts, code = _codes(rows, "ft", people)
    return np.array([text in PASSED for text in texts], np.bool_)[code]


def genotypes(rows: pl.DataFrame, people: int, each: Whole) -> Iterator[tuple[int, Whole, Whole]]:
    """For each number of an ALT: copies of it and whether the genotype is known, (record, person).

    `each`: copies each person has of each position. A record without such an ALT has no copies.
    """
    texts, code = _codes(rows, "gt", people)
    read = [genotype(text) for text in texts]
    called = np.array([one.called for one in read], np.int64)[code]
    whole = (called == each) & (each > 0)  # as many alleles as the person has copies
    same = np.array([len(set(one.alleles)) <= 1 and len(one.alleles) != 1 for one in read])
    # a haploid place called as if diploid: two of the same are one, two that differ unknown
    single = (each == 1) & (called == 2) & same[code] if texts else whole
    known = (whole | single) & _unfiltered(rows, people)
    for allele in range(1, max((text.count(",") + 1 for text in rows["alt"]), default=0) + 1):
        own = np.array([sum(a == allele for a in one.alleles) for one in read], np.int64)[code]
        yield allele, np.where(single, own // 2, own) * known, known


def copy_numbers(rows: pl.DataFrame, people: int) -> Whole:
    """Called copy number of each record and person, -1 where none is; at most 50."""
    texts, code = _codes(rows, "cn", people)
    values = [int(text) if text.isdigit() else -1 for text in texts]
    told = np.minimum(np.array(values, np.int64)[code], _MOST)
    return np.where(_unfiltered(rows, people), told, -1)


def _counts(
    rows: pl.DataFrame,
    samples: Sequence[str],
    member: Whole,
    names: Sequence[str],
    each: Whole,
    with_copies: bool,
) -> pl.DataFrame:
    """Rows of one chromosome: each record, ALT and stratum."""
    alts = [text.split(",") for text in rows["alt"]]
    by_copy = None
    if with_copies:
        by_copy = _by_copy(copy_numbers(rows, len(samples)), each, member, len(names))
    out = []
    for allele, copies, known in genotypes(rows, len(samples), each):
        have = [len(a) >= allele for a in alts]
        sums = {
            "ac": copies,
            "an": each * known,
            "nhomalt": (copies == 2) & (each == 2),
            "nhemi": (copies == 1) & (each == 1),
            "people": known,
        }
        for number, name in enumerate(names):
            inside = member == number
            told = {key: value[:, inside].sum(axis=1) for key, value in sums.items()}
            part = rows.select(
                "record",
                "chrom",
                "pos",
                pl.col("end").cast(pl.Int32, strict=False),
                "id",
                "svtype",
                pl.col("svlen").str.split(",").list.get(allele - 1, null_on_oob=True)
                .cast(pl.Int32, strict=False).alias("svlen"),
                "mate",
                "ref",
                pl.Series("alt", [a[allele - 1] if len(a) >= allele else "" for a in alts]),
                "filter",
                pl.lit(allele, pl.Int32).alias("allele"),
                pl.lit(name).alias("stratum"),
                *(pl.Series(key, value).cast(pl.Int32) for key, value in told.items()),
                pl.Series("cn", by_copy[number] if by_copy else [None] * rows.height,
                          pl.List(pl.Int32)),
            )  # fmt: skip
            out.append(part.filter(pl.Series(have)))
    unknown = {"id": ".", "svtype": ".", "mate": "."}
    return pl.concat(out).with_columns(
        pl.when(pl.col(name) != text).then(pl.col(name)).alias(name)
        for name, text in unknown.items()
    ).select(
        pl.col("chrom").cast(pl.Enum(CHROMS)) if name == "chrom" else pl.col(name)
        for name in STRUCTURAL_COUNTS.schema
    )  # fmt: skip


def _by_copy(
    numbers: Whole, each: Whole, member: Whole, strata: int
) -> list[list[list[int] | None]]:
    """Of each stratum and record: people by copy number, from 0; None where nobody has one."""
    out: list[list[list[int] | None]] = []
    for stratum in range(strata):
        inside = (member == stratum)[None, :] & (each > 0) & (numbers >= 0)
        rows: list[list[int] | None] = []
        for record in range(numbers.shape[0]):
            values = numbers[record][inside[record]]
            rows.append(np.bincount(values).tolist() if values.size else None)
        out.append(rows)
    return out
