"""Lift-over between builds with UCSC chain files.

A base is lifted by the highest-scoring chain that covers it. An allele is lifted only if all its
bases stay together on one strand of one block and its REF is what the new reference holds; the
rest has no place in the other build, and is said to have none.
"""

from pathlib import Path

import numpy as np
import polars as pl

from shirube.contracts import CHROM
from shirube.contracts.knowledge_general import CHAINS
from shirube.errors import InputError
from shirube.genome.alleles import with_canonical_chrom
from shirube.genome.sequence import Bases, reverse_complement
from shirube.knowledge.sources import text


def read_chains(path: str | Path) -> pl.DataFrame:
    """CHAINS of a .chain file; blocks on other than canonical chromosomes are left out."""
    rows: list[tuple[object, ...]] = []
    chain: list[str] | None = None
    at = to = 0
    for number, line in enumerate(text(path).splitlines(), 1):
        fields = line.split()
        if not fields or line.startswith("#"):
            continue
        try:
            if fields[0] == "chain":
                chain = fields
                at, to = int(chain[5]), int(chain[10])
                if chain[4] != "+":
                    raise InputError(path, "chains of the forward strand", f"line {number}")
                continue
            if chain is None:
                raise InputError(path, "a line that begins with chain", f"line {number}")
            size = int(fields[0])
            forward = chain[9] == "+"
            start_to = to if forward else int(chain[8]) - to - size
            rows.append((chain[2], at, at + size, chain[7], start_to, forward, int(chain[1])))
            if len(fields) == 3:
                at, to = at + size + int(fields[1]), to + size + int(fields[2])
            elif at + size != int(chain[6]):
                raise InputError(path, f"a chain that ends at {chain[6]}", f"line {number}")
        except (ValueError, IndexError) as error:
            raise InputError(
                path, "a chain line or a block of 1 or 3 numbers", f"line {number}"
            ) from error
    if not rows:
        raise InputError(path, "at least one chain; the file is empty")
    schema = {**CHAINS.schema, "chrom": pl.String, "chrom_to": pl.String}
    table = with_canonical_chrom(pl.DataFrame(rows, schema=schema, orient="row"))
    table = with_canonical_chrom(table, "chrom_to").drop_nulls(["chrom", "chrom_to"])
    return CHAINS.table(table.unique(CHAINS.key))


def lifted(alleles: pl.DataFrame, chains: pl.DataFrame) -> pl.DataFrame:
    """`alleles` (ALLELE columns and others) with chrom_to, pos_to, ref_to, alt_to, kept strand.

    Null where no single block covers the allele. Indels that change strand lose their anchor and
    are not lifted. Row order is kept.
    """
    indexed = alleles.with_row_index("_row")
    parts = []
    for (chrom,), here in indexed.group_by("chrom", maintain_order=True):
        blocks = chains.filter(pl.col("chrom") == chrom).sort("score", descending=True)
        parts.append(_lifted_chromosome(here, blocks))
    nowhere = pl.DataFrame(
        schema=pl.Schema(
            {"_row": pl.UInt32(), "chrom_to": CHROM, "pos_to": pl.Int32(), "forward": pl.Boolean()}
        )
    )
    found = pl.concat([nowhere, *parts])
    table = indexed.join(found, on="_row", how="left", maintain_order="left").drop("_row")
    turned = pl.col("forward").not_()
    single = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)
    lost = turned & ~single
    names = []
    for name in ("ref", "alt"):
        other = pl.col(name).map_elements(reverse_complement, return_dtype=pl.String)
        names.append(
            pl.when(turned)
            .then(other)
            .when(pl.col("forward"))
            .then(pl.col(name))
            .alias(f"{name}_to")
        )
    table = table.with_columns(names)
    columns = ("chrom_to", "pos_to", "ref_to", "alt_to", "forward")
    return table.with_columns(
        pl.when(~lost.fill_null(False)).then(pl.col(name)).alias(name) for name in columns
    )


def _lifted_chromosome(alleles: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Place of each allele of one chromosome by its best block (`blocks` best first)."""
    start = alleles["pos"].to_numpy().astype(np.int64) - 1
    end = start + alleles["ref"].str.len_bytes().to_numpy()
    place = np.full(start.size, -1, np.int64)
    low, high = blocks["start"].to_numpy(), blocks["end"].to_numpy()
    order = np.argsort(start, kind="stable")
    ordered = start[order]
    for block in range(blocks.height):
        first, last = np.searchsorted(ordered, [low[block], high[block]])
        rows = order[first:last]
        rows = rows[(place[rows] < 0) & (end[rows] <= high[block])]
        place[rows] = block
    known = np.flatnonzero(place >= 0)
    chosen = blocks[place[known].tolist()]
    forward = chosen["forward"].to_numpy()
    at = start[known] - chosen["start"].to_numpy()
    back = chosen["end"].to_numpy() - end[known]
    pos = chosen["start_to"].to_numpy() + np.where(forward, at, back) + 1
    return pl.DataFrame(
        {
            "_row": alleles["_row"].gather(known),
            "chrom_to": chosen["chrom_to"],
            "pos_to": pl.Series(pos, dtype=pl.Int32),
            "forward": chosen["forward"],
        }
    )


def agreeing(table: pl.DataFrame, sequence: Bases) -> pl.Series:
    """Whether ref_to of each row (one target chromosome) is what the new reference holds.

    Null where the row has no place or the reference is unknown there.
    """
    verdicts: list[bool | None] = []
    for pos, ref in table.select("pos_to", "ref_to").iter_rows():
        if pos is None:
            verdicts.append(None)
            continue
        found = bytes(sequence[pos - 1 : pos - 1 + len(ref)]).decode()
        verdicts.append(None if "N" in found else found == ref)
    return pl.Series("agrees", verdicts, pl.Boolean)
