"""From a called file (gVCF or VCF of any caller) to split, left-aligned, filtered alleles.

A record counts when it lists a real ALT: blocks and the unseen allele (`<*>`, `<NON_REF>`) do
not. Records are numbered in the file's order (`record`); every allele of every record, damaged
ones too, ends in the CALLS table with the filters it fails, so none is lost. `*` (a deletion that
began earlier, called there) is not an allele of its own.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from shirube.calling.germline.filters import filter_names
from shirube.calling.somatic.model import fraction_interval
from shirube.contracts import ALLELE, CALLS, FILTERS
from shirube.errors import InputError
from shirube.genome.alleles import kind, with_canonical_chrom
from shirube.genome.intervals import Interval
from shirube.intake.fields import info, number, with_info
from shirube.intake.placing import Agreement, placed
from shirube.intake.records import MOST_QUALITY, Source, by_allele, places
from shirube.intake.writing import header, text, value
from shirube.tools import run, written

_INFO = (
    '##INFO=<ID=RECORD,Number=1,Type=Integer,Description="Record (from 0) in the file as called">',
    '##INFO=<ID=CALLER_FILTER,Number=.,Type=String,Description="Filters of the file as called">',
    '##INFO=<ID=MQ,Number=1,Type=Float,Description="Mapping quality, root mean square">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Reads counted">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads with each allele">',
    '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">',
)
# What the filters judge: of the site, and of alleles of chrM by `mitochondria`.
_JUDGED = ("MQ", "FS", "RPBZ", "ReadPosRankSum", "MT_STRAND", "MT_ENDS", "MT_BQ", "MT_NUMT")
# Alleles with these filters are in the table only: no place, no sequence, or there already.
_TABLE_ONLY = "Damaged|Unplaced|OtherReference|Duplicate"


def alleles(source: Source) -> Iterator[pl.DataFrame]:
    """`by_allele` of a file, one contig at a time, with `record` and what the filters judge.

    Damaged records come last, whatever contig they name. InputError where a contig's records are
    not together.
    """
    held: list[pl.DataFrame] = []
    damaged: list[pl.DataFrame] = []
    seen: set[str] = set()
    count = 0
    for rows in source.records():
        kept = by_allele(rows).filter(pl.col("alt").ne_missing("*") | pl.col("fault").is_not_null())
        kept = with_info(kept, _JUDGED).drop(
            "info", "allele_filter", "likelihoods", "normal_reads", "block", "end"
        )
        numbers = (pl.col("line") != pl.col("line").shift()).fill_null(True).cum_sum() - 1
        kept = kept.with_columns(record=(numbers + count).cast(pl.UInt32))
        count += kept["line"].n_unique()
        damaged.append(kept.filter(pl.col("fault").is_not_null()))
        for (contig,), part in kept.filter(pl.col("fault").is_null()).group_by(
            "contig", maintain_order=True
        ):
            if held and held[-1]["contig"][0] != contig:
                yield pl.concat(held)
                held = []
            if not held and contig in seen:
                where = f"{contig}:{part['pos'][0]}"
                raise InputError(source.path, "the records of each contig together", where)
            seen.add(str(contig))
            held.append(part)
    if held:
        yield pl.concat(held)
    if any(part.height for part in damaged):
        yield pl.concat(damaged)


def _own(name: str) -> pl.Expr:
    """An INFO value: of this ALT where the field has one an ALT, else the site's."""
    parts = info(name).str.split(",")
    own = parts.list.get(pl.col("number") - 1, null_on_oob=True)
    each = parts.list.len() == pl.col("alts").list.len()
    return number(pl.when(each).then(own).otherwise(parts.list.first()))


def evidence(table: pl.DataFrame, unjudged_is_pass: bool = False) -> pl.DataFrame:
    """Placed alleles with the columns of CALLS and of the filters.

        site_qual    QUAL, null where the caller judged the record itself
        het_fraction ALT reads / all reads of a heterozygous genotype
        position_z   absolute z of the read-position rank sum (RPBZ, ReadPosRankSum)
        strand_phred phred Fisher strand bias (SP of the sample, FS)
        strand_share, end_share, base_quality, nuclear_share
                     of alleles of chrM: the INFO fields MT_ of `mitochondria`

    An allele of chrM has a fraction, whoever called it: two alleles there are no heterozygote.
    """
    failed = [pl.when(pl.col(name) != "PASS").then(name) for name in ("filter", "ft", "own_filter")]
    judged = pl.col("filter").is_not_null() | unjudged_is_pass
    two = (pl.col("copies") == 2) & (pl.col("dosage") == 1)
    by_text = pl.col("phased_text").str.contains(r"^[01]\|[01]$")
    set_name = pl.coalesce("phase_set", pl.when("phased").then(pl.lit("0")))
    rows = table.with_columns(
        caller_filter=pl.concat_list(failed)
        .list.drop_nulls()
        .list.join(";")
        .str.split(";")
        .list.unique(maintain_order=True)
        .list.join(";")
        .replace("", None),
        ploidy="copies",
        gq=pl.col("quality").clip(0, MOST_QUALITY).cast(pl.Int16),
        dp="depth",
        name=pl.when(two & (pl.col("phased") | by_text)).then(set_name),
        haplotype=pl.when(two & pl.col("phased"))
        .then(pl.col("genotype").list.get(1, null_on_oob=True) == pl.col("number"))
        .when(two & by_text)
        .then(pl.col("phased_text").str.ends_with("1")),
    )
    mixed = (pl.col("chrom") == "chrM").fill_null(False)
    fraction_known = mixed & (pl.col("dp") > 0) & pl.col("ad_alt").is_not_null()
    total = rows["dp"].fill_null(0).to_numpy()
    low, high = (
        pl.lit(pl.Series(end))
        for end in fraction_interval(
            np.minimum(rows["ad_alt"].fill_null(0).to_numpy(), total), total
        )
    )
    named = pl.col("name").cast(pl.Int32, strict=False)
    first = pl.col("pos").min().over("chrom", "name")
    return rows.with_columns(
        kind=kind(pl.col("ref"), pl.col("alt")),
        phase_set=pl.when(pl.col("name").is_not_null()).then(pl.coalesce(named, first)),
        haplotype=pl.when(pl.col("name").is_not_null()).then(pl.col("haplotype").cast(pl.Int8)),
        site_qual=pl.when(~judged | pl.col("caller_filter").is_not_null()).then("qual"),
        het_fraction=pl.when(two & ~mixed).then(pl.col("ad_alt") / pl.col("dp")),
        heteroplasmy=pl.when(fraction_known).then(pl.col("ad_alt") / pl.col("dp")),
        heteroplasmy_low=pl.when(fraction_known).then(low),
        heteroplasmy_high=pl.when(fraction_known).then(high),
        strand_share=pl.when(mixed).then(_own("MT_STRAND")),
        end_share=pl.when(mixed).then(_own("MT_ENDS")),
        base_quality=pl.when(mixed).then(_own("MT_BQ")),
        nuclear_share=pl.when(mixed).then(_own("MT_NUMT")),
        position_z=pl.coalesce(_own("RPBZ"), _own("ReadPosRankSum")).abs(),
        strand_phred=pl.coalesce("strand_phred", _own("FS")),
        map_quality=_own("MQ"),
        copies=pl.col("dosage").fill_null(0),
        caller_failed=pl.col("caller_filter").is_not_null().cast(pl.Int8),
        outside=((pl.col("place") == "outside") & pl.col("fault").is_null()).cast(pl.Int8),
        damaged=pl.col("fault").is_not_null().cast(pl.Int8),
        differs=(pl.col("place") == "differs").cast(pl.Int8),
        repeated=pl.lit(0, pl.Int8),
    )


def _with_repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """Filters of alleles; of an allele in several records, the one to keep is not a Duplicate.

    Kept is the record that passes, else the one with a genotype, else the first.
    """
    judged = rows.with_columns(filter=filter_names())
    has_place = pl.col("chrom").is_not_null() & (pl.col("damaged") == 0)
    order = judged.with_columns(
        _worse=pl.col("filter") != "PASS", _silent=pl.col("dosage").is_null()
    ).sort("_worse", "_silent", "record", maintain_order=True)
    again = ~pl.struct(ALLELE).is_first_distinct() & has_place
    marked = order.with_columns(repeated=again.cast(pl.Int8)).drop("_worse", "_silent")
    return marked.with_columns(filter=filter_names())


def split_calls(
    path: str | Path,
    name: str | None,
    reference: str | Path,
    contigs: dict[str, int],
    regions: Sequence[Interval],
    aliases: dict[str, str] | None,
    sample: str,
    vcf: str | Path,
) -> pl.DataFrame:
    """CALLS of column `name` of one file; `vcf` gets the same alleles, split, as `sample`.

    Alleles that have no place in the run (outside its regions, damaged, of another reference base,
    or in an earlier record) are in the table, not in the VCF. InputError for a file that is not
    whole, or whose REF is mostly not the reference's (another build).
    """
    source = Source.of(path, name)
    tables, agreement = [CALLS.empty()], Agreement(path)
    with written("bcftools", "view", "--no-version", "-Oz", "-o", vcf, "-") as target:
        target.write(header([*filter_lines(), *_INFO], contigs, sample))
        for table in alleles(source):
            named = with_canonical_chrom(table.with_columns(chrom="contig"), "chrom", aliases)
            found = placed(named, reference, regions, aliases)
            agreement.count(found)
            rows = _with_repeats(evidence(found, source.dialect.dot == "PASS"))
            target.write(_text(rows.filter(~pl.col("filter").str.contains(_TABLE_ONLY))))
            rows = rows.with_columns(pl.col("ref", "alt").fill_null("."))
            tables.append(rows.select(pl.col(c).cast(t) for c, t in CALLS.schema.items()))
        agreement.judge()
    run("bcftools", "index", "--force", "--tbi", vcf)
    return CALLS.table(pl.concat(tables))


def _text(rows: pl.DataFrame) -> bytes:
    """Split alleles of a contig as VCF lines: other ALTs of a genotype are told as reference."""
    genotype = pl.col("genotype").list.eval(pl.element().cast(pl.String).fill_null("."))
    letters = [
        pl.when(allele == ".")
        .then(pl.lit("."))
        .when(allele.is_not_null())
        .then((allele == pl.col("number").cast(pl.String)).cast(pl.Int8).cast(pl.String))
        for place in places(rows)
        for allele in [genotype.list.get(place, null_on_oob=True)]
    ]
    slash = pl.when("phased").then(pl.lit("|")).otherwise(pl.lit("/"))
    joined = (
        pl.concat_list(letters).list.drop_nulls() if letters else pl.lit([], pl.List(pl.String))
    )
    extra = [
        pl.concat_str(pl.lit("RECORD="), "record"),
        pl.concat_str(pl.lit("CALLER_FILTER="), pl.col("caller_filter").str.replace_all(";", ",")),
        pl.concat_str(pl.lit("MQ="), "map_quality"),
    ]
    lines = rows.with_columns(gt=joined.list.join(slash).replace("", "./.")).select(
        "contig",
        "pos",
        pl.col("id").fill_null("."),
        "ref",
        "alt",
        value("qual"),
        "filter",
        pl.concat_list(extra).list.drop_nulls().list.join(";").alias("info"),
        pl.lit("GT:GQ:DP:AD:PS").alias("format"),
        pl.concat_str(
            "gt", value("gq"), value("dp"),
            pl.concat_str(value("ad_ref"), value("ad_alt"), separator=","), value("phase_set"),
            separator=":",
        ).alias("values"),
    )  # fmt: skip
    return text(lines.sort("pos", "ref", "alt", maintain_order=True))


def filter_lines() -> list[str]:
    """FILTER definitions of the VCF."""
    return [
        f'##FILTER=<ID={name},Description="{about}">'
        for name, about in FILTERS.items()
        if name != "PASS"
    ]
