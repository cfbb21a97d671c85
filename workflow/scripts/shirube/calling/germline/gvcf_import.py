"""A gVCF that somebody else's caller made, written again in the one form the workflow reads.

Whatever its caller calls them, a block has GT, GQ (how sure the bases are reference) and MIN_DP,
a called record GT, GQ, DP, AD and PL; blocks are `<*>` with END. A record that breaks the format
is left out here: it has its row in CALLS, which are read from the caller's own file.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from shirube.calling.germline import gvcf
from shirube.contracts import FILTERS
from shirube.errors import InputError
from shirube.genome.alleles import canonical
from shirube.intake.dialects import Dialect
from shirube.intake.header import Header
from shirube.intake.placing import agreeing
from shirube.intake.records import Source
from shirube.intake.writing import header, text, value
from shirube.tools import run, written

_INFO = '##INFO=<ID=MQ,Number=1,Type=Float,Description="Mapping quality, root mean square">'
_LINES = [line for line in gvcf.HEADER if line.startswith(("##ALT", "##INFO=<ID=END", "##FORMAT"))]
_FILTER = f'##FILTER=<ID=Caller,Description="{FILTERS["Caller"]}">'
_FT = '##FORMAT=<ID=FT,Number=1,Type=String,Description="Filter of this genotype"'


def check_contigs(
    header: Header, path: str | Path, contigs: dict[str, int], aliases: dict[str, str] | None = None
) -> list[str]:
    """Canonical contigs that a VCF and the reference share, in the reference's order.

    Raises InputError if there is none, or if a length differs: another build.
    """
    stated = header.contigs
    if not stated:
        return [name for name in contigs if canonical(name, aliases)]
    shared = [name for name in contigs if name in stated and canonical(name, aliases)]
    if not shared:
        found = ", ".join(list(stated)[:3]) or "none"
        raise InputError(path, f"contigs named as in the reference; found {found}")
    for name in shared:
        length = stated[name]
        if length is not None and length != contigs[name]:
            raise InputError(
                path, f"length {contigs[name]} as in the reference; found {length}", name
            )
    return shared


def lacking(header: Header, dialect: Dialect) -> list[str]:
    """What a header does not define and a gVCF of its dialect needs, as FORMAT or INFO names."""
    defined = header.format.keys()
    quality = {"PL" if name == "PL" else name for name in dialect.reference_quality} or {"GQ"}
    depth = {name.partition("/")[2] for name in dialect.depth if name.startswith("FORMAT/")}
    wanted = [{"GT"}, quality, depth | {"MIN_DP", "DP"}]
    of_format = [f"FORMAT {' or '.join(sorted(w))}" for w in wanted if not w & defined]
    blocks = header.info.keys() & {"END"} or defined & {"LEN"} or header.alts & {"NON_REF", "*"}
    return of_format + ([] if blocks else ["reference blocks (INFO END)"])


def import_gvcf(
    path: str | Path,
    name_in_file: str,
    contigs: dict[str, int],
    aliases: dict[str, str] | None,
    sample: str,
    out: str | Path,
    reference: str | Path | None = None,
) -> None:
    """Write one sample of a gVCF to `out` (indexed), canonical contigs only, named `sample`.

    With a `reference` (FASTA with .fai) records whose REF contradicts it are left out.

    Raises InputError unless the file has the column, a quality and a depth of blocks, and blocks.
    """
    source = Source.of(path, name_in_file)
    missing = lacking(source.header, source.dialect)
    if missing:
        more = "; a VCF without blocks ends in .vcf.gz" if "blocks" in missing[-1] else ""
        raise InputError(path, f"{missing[0]}{more}", f"header ({source.dialect.caller})")
    shared = check_contigs(source.header, path, contigs, aliases)
    own = {name: contigs[name] for name in shared}
    with written("bcftools", "view", "--no-version", "-Oz", "-o", out, "-") as target:
        target.write(header([*_LINES, _INFO, _FILTER, f"{_FT}>"], own, sample))
        for rows in _in_order(source, shared):
            kept = agreeing(rows, reference) if reference else rows
            target.write(_text(kept, source.dialect))
    run("bcftools", "index", "--force", "--tbi", out)


def _in_order(source: Source, contigs: list[str]) -> Iterator[pl.DataFrame]:
    """Sound records on `contigs`; InputError where one comes before the last."""
    last: tuple[str, int] = ("", 0)
    closed: set[str] = set()
    for rows in source.records():
        kept = rows.filter(pl.col("fault").is_null() & pl.col("contig").is_in(contigs))
        if kept.is_empty():
            continue
        new = (pl.col("contig") != pl.col("contig").shift(fill_value=last[0])).alias("new")
        before = pl.col("pos").shift(fill_value=last[1])
        marked = kept.select("contig", "pos", new, back=(pl.col("pos") < before) & ~new)
        entered = marked.filter("new")["contig"].to_list()
        again = [name for name in entered if name in closed] or (
            entered if len(set(entered)) < len(entered) else []
        )
        wrong = marked.filter(pl.col("back")) if not again else marked.filter(contig=again[0])
        if not wrong.is_empty():
            where = f"{wrong['contig'][0]}:{wrong['pos'][0]}"
            raise InputError(source.path, "records sorted by position, each contig once", where)
        closed.update(entered)
        last = (kept["contig"][-1], kept["pos"][-1])
        yield kept


def _text(rows: pl.DataFrame, dialect: Dialect) -> bytes:
    """Rows of one form as lines: blocks, and records with an ALT or a base of their own."""
    genotype = pl.col("genotype").list.eval(pl.element().cast(pl.String).fill_null("."))
    mark = pl.when("phased").then(pl.lit("|")).otherwise(pl.lit("/"))
    called = genotype.list.join(mark).fill_null("./.")
    believed = pl.col("filter").str.split(";").list.set_difference(["PASS", *dialect.despite])
    site = pl.when(pl.col("block") & (believed.list.len() > 0)).then(believed.list.join(","))
    own = pl.when(pl.col("ft") != "PASS").then(pl.col("ft").str.replace_all(";", ","))
    failed = pl.coalesce(own, site)
    kept = (
        pl.when(pl.col("filter") == "PASS")
        .then(pl.lit("PASS"))
        .when(pl.col("filter").is_not_null())
        .then(pl.lit("Caller"))
        .otherwise(pl.lit("."))
    )
    layout = pl.when("block").then(pl.lit("GT:GQ:MIN_DP")).otherwise(pl.lit("GT:GQ:DP:AD:PL:SP:PS"))
    numbers = [
        pl.when(pl.col(name).list.len() > 0)
        .then(pl.col(name).list.eval(pl.element().cast(pl.String).fill_null(".")).list.join(","))
        .fill_null(".")
        for name in ("reads", "likelihoods")
    ]
    called_values = [called, value("quality"), value("depth"), *numbers]
    phase = pl.col("phase_set").cast(pl.Int32, strict=False).cast(pl.String).fill_null(".")
    last = pl.when(pl.col("block")).then(pl.concat_str(pl.lit("END="), "end"))
    rows = rows.with_columns(
        strand_phred=pl.col("strand_phred").round().cast(pl.Int32)
    ).with_columns(
        gt=pl.when("block")
        .then(pl.concat_str(called, value("quality"), value("depth"), separator=":"))
        .otherwise(pl.concat_str(*called_values, value("strand_phred"), phase, separator=":")),
        layout=layout,
        failed=failed,
    )
    return text(
        rows.select(
            "contig",
            "pos",
            pl.when("block").then(pl.lit(".")).otherwise("id").alias("id"),
            "ref",
            pl.when("block").then(pl.lit("<*>")).otherwise(pl.col("alts").list.join(",")).alias("alt"),
            pl.when("block").then(pl.lit(".")).otherwise(value("qual")).alias("qual"),
            pl.when("block").then(pl.lit(".")).otherwise(kept).alias("filter"),
            last.fill_null(".").alias("info"),
            pl.concat_str("layout", pl.when(pl.col("failed").is_null()).then(pl.lit(""))
            .otherwise(pl.lit(":FT"))).alias("format"),
            pl.concat_str("gt", pl.concat_str(pl.lit(":"), "failed").fill_null("")),
        )
    )  # fmt: skip
