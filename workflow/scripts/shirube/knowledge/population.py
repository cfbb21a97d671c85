"""Allele frequencies of populations: sites VCFs of gnomAD, ToMMo, GEM-J WGA and others.

Each file becomes one POPULATION table. Large files are read piece by piece through their index, so
memory does not grow with the file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shirube.contracts import ALLELE
from shirube.contracts.knowledge import ENOUGH, POPULATION
from shirube.errors import InputError
from shirube.files import scratch
from shirube.genome.alleles import canonical, with_canonical_chrom
from shirube.genome.chromosomes import CHROMS
from shirube.knowledge.clinvar import SequenceOf, on_reference
from shirube.knowledge.sources import refuse_duplicates, refuse_mixed_prefix, refuse_other_build
from shirube.tools import piped, run
from shirube.vcf import Header, header, header_lines

PIECE = 1_000_000  # records read at a time from an indexed file, about
_LONGEST = 260_000_000  # no human chromosome is longer

# Populations whose highest frequency counts. Of gnomAD those it uses for its own group maximum:
# founder populations and unassigned people do not count
# (https://gnomad.broadinstitute.org/help/faf). Release 4, whose files speak of grpmax where
# earlier ones say popmax, has enough Middle Eastern people to count them.
_GNOMAD = ("afr", "amr", "eas", "nfe", "sas")
_GNOMAD_4 = ("mid",)


@dataclass(frozen=True)
class Layout:
    """Which INFO fields hold what: frequencies and chromosomes by population, homozygotes.

    `japanese` is one of the populations; `chromosomes` is said of a source whose records do not
    say how many they called.
    """

    populations: Mapping[str, str]
    japanese: str | None
    numbers: Mapping[str, str]
    homozygotes: str | None
    chromosomes: int | None = None


def layout_of(
    form: str,
    found: Header,
    path: str | Path,
    populations: Mapping[str, str],
    japanese: str | None,
    chromosomes: int | None = None,
) -> Layout:
    """Layout of a file of `form` (gnomad, tommo, gem_j, vcf); InputError if fields are absent."""
    by_lower = {name.lower(): name for name in sorted(found.info, reverse=True)}

    def field(*names: str) -> str | None:
        return next((by_lower[name] for name in names if name in by_lower), None)

    chosen = dict(populations)
    if not chosen and form == "gnomad":
        fourth = field("grpmax", "grpmax_joint", "af_grpmax", "af_grpmax_joint", "af_joint")
        for group in sorted({*_GNOMAD, *(_GNOMAD_4 if fourth else ())}):
            name = field(f"af_joint_{group}", f"af_{group}")
            if name:
                chosen[group] = name
        total = field("af_joint", "af")
        if total:
            chosen["all"] = total
    elif not chosen:
        total = field("af")
        chosen = {"JPN" if form in {"tommo", "gem_j"} else "all": total} if total else {}
    if not chosen:
        raise InputError(path, "INFO fields with allele frequencies (AF, AF_eas, ...)", "header")
    absent = [name for name in chosen.values() if name not in found.info]
    if absent:
        raise InputError(path, f"INFO field {absent[0]}", "header")
    if form in {"tommo", "gem_j"} and japanese is None:
        japanese = next(iter(chosen))
    if japanese is not None and japanese not in chosen:
        raise InputError(path, f"Japanese population {japanese} among {', '.join(chosen)}")
    return Layout(
        chosen,
        japanese,
        {label: number for label, name in chosen.items() if (number := field(_number_of(name)))},
        field("nhomalt_joint", "nhomalt", "hom", "nhom"),
        chromosomes,
    )


def _number_of(frequency: str) -> str:
    """Lower-case name of the field that says how many chromosomes a frequency is of."""
    return re.sub(r"(?<![a-z])af(?![a-z])", "an", frequency.lower())


def write_population(
    files: Sequence[tuple[str | Path, Layout]],
    build: str,
    sequence_of: SequenceOf,
    output: str | Path,
    about: Mapping[str, str],
    aliases: dict[str, str] | None = None,
) -> int:
    """Write the POPULATION table of one or more sites VCFs of a publisher; return its rows.

    Records of chromosomes that the reference has are kept, moved to the one form; a file whose REF
    bases contradict the reference is refused as of another build, and so are files of different
    populations or with an allele in common.
    """
    rows = 0
    _refuse_other_layouts(files)
    with scratch(output) as directory:
        parts: list[Path] = []
        for path, layout in files:
            before = len(parts)
            for chrom, piece in _placed(path, layout, build, sequence_of, aliases):
                part = directory / f"{CHROMS.index(chrom):02d}_{len(parts):06d}.parquet"
                piece.write_parquet(part)
                rows += piece.height
                parts.append(part)
            if len(parts) == before:
                raise InputError(path, "at least one allele on a chromosome of the reference")
        # Moving left may carry an allele into the piece before: each chromosome is sorted again.
        by_chrom = {part.name[:2] for part in parts}
        frames = [
            pl.scan_parquet([p for p in parts if p.name[:2] == code], glob=False).sort(ALLELE)
            for code in sorted(by_chrom)
        ]
        if len(files) > 1:
            for frame in frames:
                _refuse_listed_twice(frame, [path for path, _ in files])
        metadata = {
            **about,
            "covers": ", ".join(CHROMS[int(code)] for code in sorted(by_chrom)),
            "rows": str(rows),
            "contract": POPULATION.name,
            "version": str(POPULATION.version),
        }
        pl.concat(frames).sink_parquet(
            output,
            compression="zstd",
            row_group_size=131_072,
            maintain_order=True,
            metadata=dict(sorted(metadata.items())),
        )
    return rows


def _refuse_other_layouts(files: Sequence[tuple[str | Path, Layout]]) -> None:
    (first, wanted), *others = files
    for path, layout in others:
        if (dict(layout.populations), layout.japanese) != (
            dict(wanted.populations),
            wanted.japanese,
        ):
            asked = ", ".join(wanted.populations.values())
            raise InputError(path, f"the same INFO fields as {first}: {asked}")


def _refuse_listed_twice(frame: pl.LazyFrame, files: Sequence[str | Path]) -> None:
    key = pl.struct(ALLELE)
    again = frame.filter(key == key.shift(1)).select(ALLELE).head(1).collect(engine="streaming")
    if again.height:
        allele = " ".join(map(str, again.row(0)))
        raise InputError(" ".join(map(str, files)), "each allele in one file", allele)


def _placed(
    path: str | Path,
    layout: Layout,
    build: str,
    sequence_of: SequenceOf,
    aliases: dict[str, str] | None,
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Pieces of a file as POPULATION rows in the one form, each with its chromosome."""
    stated = " ".join(line[12:] for line in header_lines(path) if line.startswith("##reference="))
    refuse_other_build(stated, build, path)
    for chrom, pieces in _chromosomes(path, layout, aliases):
        for piece in pieces:
            if not piece.height:
                continue
            placed = on_reference(piece, sequence_of, path, required=False)
            if placed.height:
                table = _best(placed.select(list(POPULATION.schema)))
                yield chrom, table.cast(POPULATION.polars)


def _best(table: pl.DataFrame) -> pl.DataFrame:
    """One row an allele: of records that become one allele the one with the most people."""
    return table.sort([*ALLELE, "an"], descending=[False] * 4 + [True], nulls_last=True).unique(
        list(ALLELE), keep="first", maintain_order=True
    )


def _chromosomes(
    path: str | Path, layout: Layout, aliases: dict[str, str] | None
) -> Iterator[tuple[str, Iterator[pl.DataFrame]]]:
    """Canonical chromosomes of the file in order, each with its pieces."""
    found = header(path)
    if Path(f"{path}.tbi").is_file() or Path(f"{path}.csi").is_file():
        lines = [x.split("\t") for x in run("bcftools", "index", "-s", path).decode().splitlines()]
        refuse_mixed_prefix([line[0] for line in lines], path)
        named = {canonical(line[0], aliases): (line[0], int(line[2])) for line in lines}
        for chrom in CHROMS:
            if chrom in named:
                contig, records = named[chrom]
                count = -(-records // PIECE)
                length = found.contigs.get(contig)
                yield chrom, _pieces(path, layout, contig, length, count, aliases)
        return
    whole = _records(path, layout, [], aliases)
    for chrom in CHROMS:
        part = whole.filter(pl.col("chrom") == chrom)
        if part.height:
            yield chrom, iter([part])


def _pieces(
    path: str | Path,
    layout: Layout,
    contig: str,
    length: int | None,
    count: int,
    aliases: dict[str, str] | None,
) -> Iterator[pl.DataFrame]:
    """Records of a contig by the position of their first base, in `count` equal stretches."""
    if count <= 1:
        yield _records(path, layout, ["-r", contig], aliases)
        return
    end = length or _LONGEST
    step = -(-end // count)
    for start in range(0, end, step):
        region = ["-r", f"{contig}:{start + 1}-{start + step}", "--regions-overlap", "0"]
        yield _records(path, layout, region, aliases)


def _records(
    path: str | Path, layout: Layout, region: list[str], aliases: dict[str, str] | None
) -> pl.DataFrame:
    """Split records with chrom, pos, ref, alt, id and the POPULATION facts."""
    fields = list(layout.populations.values())
    extra = [*layout.numbers.values(), *filter(None, [layout.homozygotes])]
    asked = [*dict.fromkeys([*fields, *extra])]
    line = "\\t".join(["%CHROM", "%POS", "%REF", "%ALT", "%FILTER", *(f"%INFO/{f}" for f in asked)])
    commands = [
        ["bcftools", "view", "-G", "-Ou", *region, str(path)],
        ["bcftools", "query", "-f", line + "\\n"],
    ]
    with piped(*commands) as stream:
        text = stream.read()
    columns = ["chrom", "pos", "ref", "alt", "filter", *asked]
    if not text:
        return pl.DataFrame(schema={**dict.fromkeys(columns, pl.String), **POPULATION.schema})
    table = pl.read_csv(
        text,
        separator="\t",
        has_header=False,
        new_columns=columns,
        infer_schema=False,
        null_values=".",
        quote_char=None,
    )
    refuse_mixed_prefix(table["chrom"].unique().to_list(), path)
    table = _by_allele(table, fields, layout.homozygotes, asked, path)
    spelled = pl.col("ref").str.contains("^[ACGT]+$") & pl.col("alt").str.contains("^[ACGT]+$")
    table = with_canonical_chrom(table.filter(spelled), aliases=aliases).drop_nulls("chrom")
    refuse_duplicates(table, ["chrom", "pos", "ref", "alt", "filter", *asked], path)
    none, stated = pl.lit(None), pl.lit(layout.chromosomes, pl.Int32)
    table = table.with_columns(pl.col(asked).cast(pl.Float64).fill_nan(None))
    _refuse_other_unit(table, fields, path)
    values = {label: pl.col(name) for label, name in layout.populations.items()}
    numbers = {
        label: pl.coalesce(pl.col(layout.numbers[label]).cast(pl.Int32), stated)
        if label in layout.numbers
        else stated
        for label in values
    }
    weighty = {k: pl.when(numbers[k] >= ENOUGH).then(value) for k, value in values.items()}
    highest = pl.coalesce(pl.max_horizontal(*weighty.values()), pl.max_horizontal(*values.values()))
    # Of equal frequencies that of a population large enough.
    whose = [(k, v) for found in (weighty, values) for k, v in found.items()]
    japanese = layout.japanese
    return table.with_columns(
        pl.col("pos").cast(pl.Int32),
        highest.alias("af"),
        pl.coalesce(pl.when(v == highest).then(pl.lit(k)) for k, v in whose).alias("population"),
        pl.coalesce(pl.when(v == highest).then(numbers[k]) for k, v in whose).alias("an"),
        (values[japanese] if japanese else none.cast(pl.Float64)).alias("japanese_af"),
        (numbers[japanese] if japanese else none.cast(pl.Int32)).alias("japanese_an"),
        (pl.col(layout.homozygotes) if layout.homozygotes else none)
        .cast(pl.Int32)
        .alias("nhomalt"),
        (pl.col("filter").is_null() | (pl.col("filter") == "PASS")).alias("passed"),
    )


def _by_allele(
    table: pl.DataFrame,
    frequencies: Sequence[str],
    homozygotes: str | None,
    fields: Sequence[str],
    path: str | Path,
) -> pl.DataFrame:
    """One row an ALT with its own value of each field, whatever Number the header declares.

    As many values as ALTs are theirs in order, one more has that of REF in front (Number=R). One
    value for several ALTs is of the site: chromosomes of each, homozygotes of none in particular;
    a frequency so given is refused.
    """
    listed = pl.any_horizontal(pl.col(["alt", *fields]).str.contains(",", literal=True))
    if not table.select(listed.fill_null(False).any()).item():
        return table
    table = table.with_columns(pl.col(["alt", *fields]).str.split(","))
    alts = pl.col("alt").list.len()
    parts = []
    for name in fields:
        value, count = pl.col(name), pl.col(name).list.len()
        odd = value.is_not_null() & ~count.is_in([1]) & (count != alts) & (count != alts + 1)
        if name in frequencies:
            odd |= (count == 1) & (alts > 1) & (value.list.first() != ".")
        for row in table.filter(odd).head(1).iter_rows(named=True):
            alleles, found = ",".join(row["alt"]), ",".join(row[name])
            where = f"{row['chrom']} {row['pos']} {row['ref']} {alleles}"
            raise InputError(path, f"a value of {name} for each ALT, found {found}", where)
        of_site = value.list.first() if name != homozygotes else pl.lit(None, pl.String)
        parts.append(
            pl.when(count == alts)
            .then(value)
            .when(count == alts + 1)
            .then(value.list.slice(1))
            .otherwise(of_site.repeat_by(alts))
            .alias(name)
        )
    split = table.with_columns(parts).explode("alt", *fields)
    return split.with_columns(pl.when(pl.col(name) != ".").then(pl.col(name)).alias(name)
                              for name in fields)  # fmt: skip


def _refuse_other_unit(table: pl.DataFrame, frequencies: Sequence[str], path: str | Path) -> None:
    """Refuse a frequency that is no share of chromosomes, such as a percentage."""
    for name in frequencies:
        wrong = table.filter(~pl.col(name).is_between(0.0, 1.0)).head(1)
        for row in wrong.iter_rows(named=True):
            where = f"{row['chrom']} {row['pos']} {row['ref']} {row['alt']}"
            raise InputError(path, f"{name} between 0 and 1, found {row[name]:g}", where)
