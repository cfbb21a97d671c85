"""The tables that stages exchange: their columns, key and sort order.

A stage never writes or reads Parquet except through `write` and `read`, so a table that breaks
its contract fails in the stage that made it. In every table:

    pos          1-based position of the first base of `ref` (VCF POS)
    start, end   0-based, half-open (BED)
    chrom        canonical name (chr1 ... chr22, chrX, chrY, chrM), sorted in that order,
                 whatever the reference calls it (`alleles.canonical`)
    null         unknown; never zero, never "no"
    allele key   (chrom, pos, ref, alt): one ALT, trimmed and left-aligned
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from shirube.errors import ContractError
from shirube.files import whole
from shirube.genome.chromosomes import CHROM

ALLELE = ("chrom", "pos", "ref", "alt")
ROW_GROUP = 131_072
ALLELE_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "chrom": CHROM,
    "pos": pl.Int32,
    "ref": pl.String,
    "alt": pl.String,
}


@dataclass(frozen=True)
class Contract:
    """Columns of one table and what they mean; rows are unique in `key` and sorted by it."""

    name: str
    version: int
    about: str
    schema: Mapping[str, pl.DataType | type[pl.DataType]]
    key: tuple[str, ...]
    columns: Mapping[str, str]

    def __post_init__(self) -> None:
        explained = {
            *ALLELE,
            "start",
            "end",
            *self.columns,
        }  # the first six in the module's docstring
        unknown = (set(self.schema) - explained) | (set(self.columns) - set(self.schema))
        if unknown:
            raise ContractError(f"{self.name}: columns without type or meaning: {sorted(unknown)}")

    @cached_property
    def polars(self) -> pl.Schema:
        """The schema as polars knows it."""
        return pl.Schema(self.schema)

    @cached_property
    def arrow(self) -> pa.Schema:
        """The schema as Arrow knows it."""
        return self._none.to_arrow().schema

    @cached_property
    def _none(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self.polars)

    def empty(self) -> pl.DataFrame:
        """A table of no rows."""
        return self._none.clone()

    def table(self, frame: pl.DataFrame) -> pl.DataFrame:
        """`frame` with the contract's columns only, cast, in order, sorted; then checked."""
        missing = [name for name in self.schema if name not in frame.columns]
        if missing:
            raise ContractError(f"{self.name}: missing columns {missing}")
        return check(frame.select(list(self.schema)).cast(self.polars).sort(self.key), self)


def check(table: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Return `table` unchanged, or raise ContractError."""
    if table.schema != contract.polars:
        found, wanted = dict(table.schema), dict(contract.polars)
        differ = [c for c in {**found, **wanted} if found.get(c) != wanted.get(c)]
        raise ContractError(f"{contract.name}: columns missing, misplaced or mistyped: {differ}")
    keys = table.select(contract.key)
    ordered = keys.sort(contract.key)
    again = ordered.select(
        pl.all_horizontal(pl.all().eq_missing(pl.all().shift())) & (pl.int_range(pl.len()) > 0)
    ).to_series()
    if again.any():
        first = ordered.filter(again).row(0)
        raise ContractError(f"{contract.name}: duplicate {contract.key}: {first}")
    if not keys.equals(ordered):
        raise ContractError(f"{contract.name}: rows not sorted by {contract.key}")
    return table


def write(
    table: pl.DataFrame,
    contract: Contract,
    path: str | Path,
    about: Mapping[str, str] | None = None,
) -> None:
    """Check `table` and write it as Parquet; `about` joins name and version as metadata."""
    checked = check(table, contract)
    with whole(path) as part:
        checked.write_parquet(
            part,
            compression="zstd",
            row_group_size=ROW_GROUP,
            metadata=_metadata(contract, about),
        )


def _metadata(contract: Contract, about: Mapping[str, str] | None) -> dict[str, str]:
    found = {**(about or {}), "contract": contract.name, "version": str(contract.version)}
    return dict(sorted(found.items()))


@contextmanager
def writing(
    contract: Contract, path: str | Path, about: Mapping[str, str] | None = None
) -> Iterator[Callable[[pl.DataFrame], None]]:
    """`write` of a table that is never whole in memory: yields what takes it piece by piece.

    Pieces follow each other in the order of the key. The bytes depend on the rows alone, not on
    where they were cut: every row group but the last is full. `about` is looked at in the end.
    """
    kept, last = contract.empty(), contract.empty()
    words = [name for name, kind in contract.polars.items() if not kind.is_numeric()]
    places = [name for name in ("pos", "start", "end") if name in contract.schema]
    options = {
        "compression": "zstd",
        "compression_level": 3,
        "use_dictionary": words or False,
        "column_encoding": dict.fromkeys(places, "DELTA_BINARY_PACKED"),
    }
    with whole(path) as part, pq.ParquetWriter(part, contract.arrow, **options) as out:

        def add(piece: pl.DataFrame) -> None:
            nonlocal kept, last
            if piece.is_empty():
                return
            check(piece, contract)
            if last.height:
                check(pl.concat([last, piece.head(1)]), contract)
            last, kept = piece.tail(1), pl.concat([kept, piece])
            while kept.height >= ROW_GROUP:
                out.write_table(kept.head(ROW_GROUP).rechunk().to_arrow(), ROW_GROUP)
                kept = kept.slice(ROW_GROUP)

        yield add
        if kept.height:
            out.write_table(kept.rechunk().to_arrow(), ROW_GROUP)
        facts = _metadata(contract, about)
        out.add_key_value_metadata({k.encode(): v.encode() for k, v in facts.items()})


def metadata(path: str | Path) -> dict[str, str]:
    """Metadata `write` stored in the file."""
    return {k: v for k, v in pl.read_parquet_metadata(path).items() if k != "ARROW:schema"}


def read(contract: Contract, path: str | Path) -> pl.DataFrame:
    """Read a table written by `write`; raise ContractError if it is another table or version."""
    try:
        table = scan(contract, path).collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:  # damaged types
        reason = " ".join(str(error).split())
        raise ContractError(f"{path}: a damaged Parquet file ({reason})") from error
    return check(table, contract)


def scan(contract: Contract, *paths: str | Path) -> pl.LazyFrame:
    """Lazy `read` of one file or more, one after the other.

    Name and version are checked now, rows are the writer's promise.
    """
    for path in paths:
        try:
            found = metadata(path)
        except (Exception, pl.exceptions.PanicException) as error:
            raise ContractError(f"{path}: not a readable Parquet file ({error})") from error
        if (found.get("contract"), found.get("version")) != (contract.name, str(contract.version)):
            raise ContractError(
                f"{path}: holds {found.get('contract')} version {found.get('version')}, "
                f"expected {contract.name} version {contract.version}"
            )
    # Folders are named as they are: run[1] is not run1.
    return pl.scan_parquet([str(path) for path in paths], glob=False)
