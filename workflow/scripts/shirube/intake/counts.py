"""Reads of the reference and of each ALT, by the names dialects.tsv gives the ways to say them.

Every way is an expression that gives a list of Int32 (reference, then each ALT in order), null
where the record does not say it that way: as many values as alleles, whatever the header promises.
"""

from collections.abc import Mapping, Sequence, Set

import polars as pl

from shirube.intake.fields import counts, info, integer, number, numbers

ALTS = pl.col("alts").list.len()
FORMAT = (
    *("AD", "DP", "MIN_DP", "DPI", "ADP", "RD", "VD", "RO", "AO", "FRO", "FAO", "FDP", "NR", "NV"),
    *(
        "ADC",
        "DPC",
        "NAD",
        "NDP",
        "TAR",
        "TIR",
        "AU",
        "CU",
        "GU",
        "TU",
        "AF",
        "DP4",
        "ADT",
        "DPT",
        "LAA",
        "LAD",
    ),
)

# Ways that mean one thing whoever uses them: files of several callers are joined record by record.
USUAL = ("AD", "FRO+FAO", "RO+AO", "RD:VD", "VD", "AF*DP")
INFO = ("DP", "DP4", "AF", "TVAF", "TDP", "MIN_DP", "MinDP")


def _whole(values: pl.Expr, more: int = 1) -> pl.Expr:
    """`values` where they are one an allele (`more` 1) or one an ALT (0)."""
    return pl.when(values.list.len() == ALTS + more).then(values)


def _after(reference: pl.Expr, alternative: pl.Expr) -> pl.Expr:
    """The reads of the reference before those of each ALT."""
    joined = pl.concat_list(reference.cast(pl.Int32), _whole(alternative, 0))
    return pl.when(alternative.list.len() == ALTS).then(joined)


def _fraction(fraction: pl.Expr, depth: pl.Expr) -> pl.Expr:
    """Reads of one ALT by its fraction of a depth; the rest is the reference's."""
    reads = (fraction * depth).round().cast(pl.Int32)
    one = (ALTS == 1) & fraction.is_between(0, 1) & depth.is_not_null()
    return pl.when(one).then(pl.concat_list(depth.cast(pl.Int32) - reads, reads))


def _tier(base: pl.Expr) -> pl.Expr:
    """First (tier 1) of the two counts Strelka2 writes for `base`."""
    found = pl.lit(None, pl.String)
    for letter in "ACGT":
        found = pl.when(base == letter).then(pl.col(f"{letter}U")).otherwise(found)
    return counts(found).list.first()


def _four(text: pl.Expr) -> pl.Expr:
    """Reads from DP4: reference forward and reverse, alternative forward and reverse."""
    four = counts(text)
    pair = pl.concat_list(
        four.list.get(0, null_on_oob=True) + four.list.get(1, null_on_oob=True),
        four.list.get(2, null_on_oob=True) + four.list.get(3, null_on_oob=True),
    )
    return pl.when((ALTS == 1) & (four.list.len() == 4)).then(pair)


def _pair(reference: pl.Expr, alternative: pl.Expr) -> pl.Expr:
    known = (ALTS == 1) & alternative.is_not_null()
    return pl.when(known).then(pl.concat_list(reference, alternative))


def _single(name: str) -> pl.Expr:
    return integer(pl.col(name).str.split(",").list.first())


def _ways() -> Mapping[str, tuple[Sequence[str], pl.Expr]]:
    """Name of each way: the FORMAT fields without which it says nothing, and the reads."""
    covering, carrying = counts(pl.col("NR")), counts(pl.col("NV"))
    return {
        "AD": (["AD"], _whole(counts(pl.col("AD")))),
        "ADT": (["ADT"], _whole(counts(pl.col("ADT")))),
        "RD+AD": (["RD", "AD"], _after(_single("RD"), counts(pl.col("AD")))),
        "RO+AO": (["RO", "AO"], _after(_single("RO"), counts(pl.col("AO")))),
        "FRO+FAO": (["FRO", "FAO"], _after(_single("FRO"), counts(pl.col("FAO")))),
        "RD:VD": (["RD", "VD"], _pair(counts(pl.col("RD")).list.sum(), _single("VD"))),
        "TAR+TIR": (["TAR", "TIR"], _pair(_single("TAR"), _single("TIR"))),
        "AU+CU+GU+TU": (
            ["AU", "CU", "GU", "TU"],
            _pair(_tier(pl.col("ref")), _tier(pl.col("alts").list.first())),
        ),
        "DP4": ([], pl.coalesce(_four(pl.col("DP4")), _four(info("DP4")))),
        "NR:NV": (["NR", "NV"], _after(covering.list.max() - carrying.list.sum(), carrying)),
        "VD": (["VD"], _pair(pl.lit(None, pl.Int32), _single("VD"))),
        "AF*DP": (["AF", "DP"], _fraction(numbers(pl.col("AF")).list.first(), _single("DP"))),
        "INFO/AF*DP": ([], _fraction(number(info("AF")), integer(info("DP")))),
        "TVAF*TDP": ([], _fraction(number(info("TVAF")), integer(info("TDP")))),
    }


def ways() -> tuple[str, ...]:
    """Names of the ways, as dialects.tsv may use them."""
    return tuple(_ways())


def reads(names: Sequence[str], there: Set[str]) -> pl.Expr:
    """Reads of each allele by the first of `names`, then of USUAL, that the record follows.

    `there`: FORMAT fields that any record has.
    """
    known = _ways()
    every = dict.fromkeys([*names, *USUAL])
    found = [known[name][1] for name in every if there >= set(known[name][0])]
    nothing = pl.lit(None, pl.List(pl.Int32))
    return pl.coalesce(*(way.cast(pl.List(pl.Int32)) for way in found), nothing)


def defined(names: Sequence[str], fields: Set[str]) -> list[str]:
    """Of the same ways those by FORMAT fields alone that a header defines (`fields`), in order."""
    known = _ways()
    every = dict.fromkeys([*names, *USUAL])
    return [name for name in every if known[name][0] and fields >= set(known[name][0])]


def beside(names: Sequence[str]) -> tuple[pl.Expr, pl.Expr]:
    """Reads of each allele, and depth, of a normal that stands in the tumour's column.

    One number for one ALT is that of the ALT: the reads of the reference are then not said.
    """
    if not names:
        return pl.lit(None, pl.List(pl.Int32)), pl.lit(None, pl.Int32)
    stated = counts(pl.col(names[0]))
    alone = pl.when(stated.list.len() == 1).then(_pair(pl.lit(None, pl.Int32), _single(names[0])))
    return pl.coalesce(_whole(stated), alone).cast(pl.List(pl.Int32)), _single(names[1])


def depth(names: Sequence[str], alone: bool) -> pl.Expr:
    """Reads counted, by the first of `names` that is there; needs the column `reads`.

    `alone`: the file has one sample at most, so that INFO speaks of it.
    """
    found = []
    for name in names:
        kind, _, field = name.partition("/")
        if kind == "FORMAT":
            found.append(_single(field))
        elif kind == "INFO":
            found += [integer(info(field))] if alone else []
        elif kind == "NR":
            found.append(counts(pl.col("NR")).list.max())
        elif kind == "reads":
            found.append(pl.col("reads").list.sum())
    found += [integer(info("TDP"))] if alone else []
    reads = pl.col("reads").list
    known = reads.drop_nulls().list.len() == reads.len()
    total = pl.when(known & (reads.len() > 0)).then(reads.sum())
    return pl.coalesce(*found, total, pl.lit(None, pl.Int32)).cast(pl.Int32)
