"""What one person's files say of structural variants, and where these could have been seen.

A genotype is unknown where its record bears a FILTER or the genotype itself does (FORMAT FT). Files
of several columns list everybody's variants, so who does not carry one is told apart from whose
genotype is unknown. A file of one column lists what the person carries: where there is no record,
they are searched and callable at both ends or not counted. No ID of a file is kept. Of junctions
called here from a person's own reads, copies are those that the reads' fraction tells by a hundred
to one.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.cohort.intervals import difference
from shirube.cohort.ploidies import Par
from shirube.cohort.structural import (
    PASSED,
    copies_of,
    copy_numbers,
    genotypes,
    is_structural,
    stretches,
)
from shirube.contracts import CHROM, STRUCTURAL, read
from shirube.contracts.cohort import CALLABLE, EVENTS
from shirube.errors import InputError
from shirube.genome.chromosomes import canonical
from shirube.genome.intervals import union
from shirube.intake.alts import NO_ALLELE, copies_in, last_base, mate_of, symbol_of, type_of
from shirube.intake.text import header_of

HET, HOM = 0.45, 0.9  # share of reads over a breakend that show it: ends of reads are not clipped
DECISIVE = np.log(100.0)
OWN = ".parquet"  # of a table of junctions called here
Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class EventFile:
    """A file that tells of a person's structural variants: a VCF, or STRUCTURAL (.parquet).

    `named`: the person's column; None: named like the sample, or the only one.
    """

    path: Path
    named: str | None = None


def read_events(
    files: Mapping[str, Sequence[EventFile]],
    sexes: Mapping[str, str],
    par: Par,
    aliases: Mapping[str, str],
) -> dict[str, pl.DataFrame]:
    """EVENTS of each sample of `files` (sample -> its files) that tell of structural variants.

    People of the same file are read together.
    """
    asked: dict[Path, dict[str, str | None]] = {}
    for sample, own in files.items():
        for one in own:
            asked.setdefault(one.path, {})[sample] = one.named
    found: dict[str, list[pl.DataFrame]] = {}
    for path, samples in asked.items():
        if path.name.endswith(OWN):
            told = {s: called_here(read(STRUCTURAL, path), sexes[s], par) for s in samples}
        else:
            told = _of_file(path, samples, sexes, par, aliases)
        for sample, rows in told.items():
            found.setdefault(sample, []).append(rows)
    return {sample: _once(pl.concat(parts)) for sample, parts in found.items()}


def _once(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of one person, a variant once: as most copies say it, unknown before absent."""
    most = pl.col("ac").cast(pl.Float32).fill_null(0.5)
    rows = rows.sort(*EVENTS.key, most, descending=[*[False] * len(EVENTS.key), True],
                     nulls_last=True)  # fmt: skip
    return EVENTS.table(rows.unique(list(EVENTS.key), keep="first", maintain_order=True))


def _column(path: Path, samples: Sequence[str], sample: str, named: str | None) -> str:
    for name in (named, sample, samples[0] if len(samples) == 1 else None):
        if name in samples:
            return str(name)
    raise InputError(path, f"a column of {named or sample}, has {', '.join(samples[:10])}")


def _of_file(
    path: Path,
    samples: Mapping[str, str | None],
    sexes: Mapping[str, str],
    par: Par,
    aliases: Mapping[str, str],
) -> dict[str, pl.DataFrame]:
    """Sample -> EVENTS rows of a VCF; {} if its header knows of no structural variants.

    A file of small variants may describe symbolic ALTs too: without INFO/SVTYPE its records say it.
    """
    head = header_of(path)
    if not is_structural(head):
        return {}
    columns = {_column(path, head.samples, s, named): s for s, named in samples.items()}
    several = len(head.samples) > 1
    source = ""
    if several:
        with open(path, "rb") as stream:
            source = hashlib.file_digest(stream, "sha256").hexdigest()[:16]
    order = [name for name in head.samples if name in columns]
    sex = np.array([sexes[columns[name]] for name in order])
    told = "SVTYPE" in head.info
    parts: dict[str, list[pl.DataFrame]] = {columns[name]: [EVENTS.empty()] for name in order}
    for table in stretches(path, head, order):
        chroms = pl.Series(
            [canonical(name, dict(aliases)) for name in table["contig"]], dtype=CHROM
        )
        placed = table.with_columns(chrom=chroms).filter(pl.col("chrom").is_not_null())
        for (chrom,), rows in placed.group_by("chrom", maintain_order=True):
            each = copies_of(rows["pos"].to_numpy(), str(chrom), sex, par)
            numbers = copy_numbers(rows, len(order)) if "cn_0" in rows.columns else None
            for allele, copies, known in genotypes(rows, len(order), each):
                site, kept = _site(rows, allele, several, source, aliases)
                told = told or bool(kept.any())
                passed = rows["filter"].is_in(PASSED).to_numpy()
                for n, name in enumerate(order):
                    there: Truths = np.logical_and(kept, each[:, n] > 0)
                    if not several:
                        there = np.logical_and(there, (copies[:, n] > 0) | ~known[:, n] | ~passed)
                    own = site.with_columns(
                        ac=pl.Series(copies[:, n]).cast(pl.Int8),
                        cn=pl.lit(None, pl.Int8) if numbers is None
                        else pl.Series(numbers[:, n]).cast(pl.Int8).replace(-1, None),
                    )  # fmt: skip
                    sure = pl.Series(known[:, n] & passed)
                    own = own.with_columns(ac=pl.when(sure).then("ac"))
                    parts[columns[name]].append(own.filter(pl.Series(there)).select(*EVENTS.schema))
    return {sample: pl.concat(some) for sample, some in parts.items()} if told else {}


def _site(
    rows: pl.DataFrame, allele: int, several: bool, source: str, aliases: Mapping[str, str]
) -> tuple[pl.DataFrame, Truths]:
    """EVENTS columns of the site for one number of an ALT, and which records have such an ALT."""
    told, kept = [], []
    for row in rows.select("pos", "ref", "alt", "end", "svtype", "svlen").iter_rows(named=True):
        alts = row["alt"].split(",")
        alt = alts[allele - 1] if len(alts) >= allele else ""
        none = alt in NO_ALLELE and alt != "."  # copy numbers stand beside no ALT too
        one = None if none else _ends(row, alt, allele)
        kept.append(one is not None and one["chrom2"] != "")
        told.append(one or {"chrom2": "", "pos2": None, "length": None, "alt": "", "svtype": ""})
    ends = pl.DataFrame(
        told,
        {"chrom2": pl.String, "pos2": pl.Int32, "length": pl.Int32}
        | {"alt": pl.String, "svtype": pl.String},
        orient="row",
    )
    other = [canonical(name, dict(aliases)) if name else None for name in ends["chrom2"]]
    site = rows.select("chrom", "pos", "record").hstack(ends).with_columns(
        chrom2=pl.when(pl.col("chrom2") == "=").then(pl.col("chrom"))
        .otherwise(pl.Series(other, dtype=CHROM)),
        source=pl.lit(source),
        number=pl.col("record").cast(pl.Int64) * 1000 + allele if several else pl.lit(0, pl.Int64),
    )  # fmt: skip
    return site, np.array(kept, np.bool_) & site["chrom2"].is_not_null().to_numpy()


def _ends(row: Mapping[str, str | int], alt: str, allele: int) -> dict[str, str | int | None]:
    """Other end, length, type and symbolic ALT of one allele of a record.

    The other chromosome is `=` for the same; null where a symbolic allele does not say its end.
    """
    pos, kind = int(row["pos"]), str(row["svtype"])
    word, mate = symbol_of(alt), mate_of(alt)
    if mate is None and {"[", "]"} & {*alt}:
        return {"chrom2": "", "pos2": None, "length": None, "alt": "", "svtype": ""}
    if kind == ".":
        stated = word is not None and copies_in(word) is not None
        kind = "CNV" if stated else type_of(alt, None).split(":")[0] or "INDEL"
    if mate:
        return dict(chrom2=mate.contig, pos2=mate.pos, length=None, alt=alt, svtype=kind)
    lengths = str(row["svlen"]).split(",")
    text = lengths[allele - 1] if len(lengths) >= allele else lengths[-1]
    length = abs(int(text)) if text.lstrip("-").isdigit() else None
    end = int(row["end"]) if str(row["end"]).isdigit() else None
    if word is None and alt.isalpha():
        length = abs(len(alt) - len(str(row["ref"]))) if length is None else length
        end = end or pos + len(str(row["ref"])) - 1
    elif kind != "INS":
        end = last_base(pos, end, length)
    end = pos if kind == "INS" else end
    if length is None and end is not None and kind != "INS":
        length = end - pos
    shape = alt if word is not None else f"<{kind}>"
    place = "=" if end is not None else ""
    return {"chrom2": place, "pos2": end, "length": length, "alt": shape, "svtype": kind}


def called_here(table: pl.DataFrame, sex: str, par: Par) -> pl.DataFrame:
    """EVENTS of STRUCTURAL of a person's own reads: germline junctions, copies by the reads."""
    rows = table.filter(pl.col("origin") == "germline", pl.col("chrom1").is_not_null())
    rows = rows.filter(pl.col("chrom2").is_not_null(), pl.col("pos1") > 0)
    each = np.zeros(rows.height, np.int64)
    for chrom in rows["chrom1"].unique():
        here = (rows["chrom1"] == chrom).to_numpy()
        at = rows["pos1"].to_numpy()[here]
        each[here] = copies_of(at, str(chrom), np.array([sex]), par)[:, 0]
    seen = pl.when(pl.col("splits") > 0).then("splits").otherwise("pairs").fill_null(0)
    some = rows.select(seen.alias("seen"))["seen"].to_numpy().astype(np.float64)
    depth = np.maximum(rows["depth"].fill_null(0).to_numpy(), some)
    copies = np.where(each == 1, 1, _copies(some, depth))
    sure = (copies > 0) & (rows["filter"] == "PASS").to_numpy()
    deleted = pl.col("svtype") == "DEL"
    length = (
        pl.when(pl.col("svtype") == "INS")
        .then(
            pl.when(~pl.col("inserted").str.contains("N")).then(pl.col("inserted").str.len_bytes())
        )
        .when(pl.col("chrom1") == pl.col("chrom2"))
        .then(pl.col("pos2") - pl.col("pos1") - deleted.cast(pl.Int32))
    )
    inner = pl.col("pos2") - deleted.cast(pl.Int32)  # of a deletion the last base, as END
    far = pl.col("chrom1") != pl.col("chrom2")
    bracket = pl.when(pl.col("strand2") == "+").then(pl.lit("]")).otherwise(pl.lit("["))
    mate = pl.concat_str(bracket, pl.col("chrom2").cast(pl.String), pl.lit(":"), "pos2", bracket)
    breakend = (
        pl.when(pl.col("strand1") == "+")
        .then(pl.concat_str(pl.lit("N"), mate))
        .otherwise(pl.concat_str(mate, pl.lit("N")))
    )
    return (
        rows.select(
            "svtype",
            pl.col("chrom1").alias("chrom"),
            pl.col("pos1").alias("pos"),
            "chrom2",
            pl.when(pl.col("svtype") == "INS").then("pos1").otherwise(inner).alias("pos2"),
            length.cast(pl.Int32).alias("length"),
            pl.when(far).then(breakend)
            .otherwise(pl.concat_str(pl.lit("<"), "svtype", pl.lit(">"))).alias("alt"),
            source=pl.lit(""),
            number=pl.lit(0, pl.Int64),
            ac=pl.when(pl.Series(sure)).then(pl.Series(copies)).cast(pl.Int8),
            cn=pl.lit(None, pl.Int8),
        )
        .filter(pl.Series(each > 0))
        .sort(EVENTS.key)
    )  # fmt: skip


def _copies(seen: Floats, depth: Floats) -> npt.NDArray[np.int64]:
    """1 or 2 copies of two, by how many of the reads show the junction; 0 where both may be."""
    het, hom = (seen * np.log(p) + (depth - seen) * np.log1p(-p) for p in (HET, HOM))
    return np.select([het - hom >= DECISIVE, hom - het >= DECISIVE], [1, 2], 0)


def examined(events: pl.DataFrame, callable_: pl.DataFrame, within: int) -> pl.DataFrame:
    """CALLABLE stretches where a variant nobody's record names would have been seen in a person.

    Those of small variants and the ends of records with a genotype, less `within` bases on either
    side of the ends of records without.
    """
    ends = pl.concat(
        [
            events.select("chrom", "pos", "ac"),
            events.select(pl.col("chrom2").alias("chrom"), pl.col("pos2").alias("pos"), "ac"),
        ]
    )
    parts = [CALLABLE.empty()]
    for chrom in sorted({*callable_["chrom"].unique(), *ends["chrom"].unique()}, key=_order):
        own, here = callable_.filter(chrom=chrom), ends.filter(chrom=chrom)
        told = here.filter(pl.col("ac").is_not_null())["pos"].unique().sort().to_numpy()
        lost = here.filter(pl.col("ac").is_null())["pos"].unique().sort().to_numpy()
        plus = union(
            np.concatenate([own["start"].to_numpy(), told - 1]).astype(np.int32),
            np.concatenate([own["end"].to_numpy(), told]).astype(np.int32),
        )
        low = np.maximum(lost - 1 - within, 0).astype(np.int32)
        start, end = difference(plus, union(low, (lost + within).astype(np.int32)))
        at = pl.repeat(chrom, start.size, dtype=CHROM, eager=True)
        parts.append(pl.DataFrame({"chrom": at, "start": start, "end": end}))
    return CALLABLE.table(pl.concat(parts))


def _order(chrom: str) -> int:
    return list(CHROM.categories).index(chrom)
