"""From a called file (gVCF of any engine, or VCF) to split, left-aligned, filtered alleles.

A record counts when it lists a real ALT: blocks and the unseen allele (`<*>`, `<NON_REF>`) do
not. Records are numbered in the file's order before splitting (`record`); every allele of every
record ends in the CALLS table with the filters it fails, so none is lost. `*` (a deletion that
began earlier, called there) is not an allele of its own.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from shirube.calling.germline import gvcf
from shirube.calling.germline.filters import filter_names
from shirube.calling.somatic.model import fraction_interval
from shirube.contracts import CALLS, FILTERS
from shirube.errors import InputError
from shirube.genome.alleles import kind, with_canonical_chrom
from shirube.genome.intervals import Interval
from shirube.tools import piped, run, written
from shirube.vcf import header as vcf_header
from shirube.vcf import header_lines

_INFO = (
    '##INFO=<ID=RECORD,Number=1,Type=Integer,Description="Record (from 0) in the file as called">',
    '##INFO=<ID=CALLER_FILTER,Number=.,Type=String,Description="FILTER of the file as called">',
)


def sample_column(path: str | Path, name: str) -> str:
    """The sample column of a VCF to read: `name`, which must be there."""
    found = vcf_header(path).samples
    if name in found:
        return name
    raise InputError(path, f"a sample column {name}; found {', '.join(found) or 'none'}")


def _listed(alt: pl.Expr) -> pl.Expr:
    """ALTs of a record that are alleles, as a list."""
    return alt.str.split(",").list.set_difference([*gvcf.UNSEEN, ".", "*"])


def _inside(table: pl.DataFrame, regions: Sequence[Interval]) -> pl.Series:
    """True where a record's first base lies in `regions`."""
    spans = pl.DataFrame(
        {
            "contig": [r.contig for r in regions],
            "start": [r.start for r in regions],
            "end": [r.end for r in regions],
        },
        schema={"contig": pl.String, "start": pl.Int64, "end": pl.Int64},
    ).sort("start")
    rows = table.select("contig", at=pl.col("pos").cast(pl.Int64) - 1).with_row_index("row")
    found = rows.sort("at").join_asof(
        spans, left_on="at", right_on="start", by="contig", check_sortedness=False
    )
    inside = found.with_columns(ok=(pl.col("at") < pl.col("end")).fill_null(False))
    return inside.sort("row")["ok"]


def _numbered(path: str | Path, column: str, regions: Sequence[Interval]) -> Iterator[pl.DataFrame]:
    """Records with a real ALT, in chunks; INFO gains RECORD and CALLER_FILTER."""
    count = 0
    view = ["bcftools", "view", "--no-version", "-H", "-A", "-I", "-s", column, path]
    with piped(view) as stream:
        for chunk in gvcf.read_text(stream, source=path):
            rows = chunk.filter(_listed(pl.col("alt")).list.len() > 0)
            names = pl.col("filter").str.replace_all(";", ",", literal=True)
            info = (
                pl.when(pl.col("info") == ".")
                .then(pl.lit(""))
                .otherwise(pl.col("info") + pl.lit(";"))
            )
            rows = rows.with_row_index("record", offset=count).with_columns(
                info=pl.concat_str(
                    info, pl.lit("RECORD="), "record", pl.lit(";CALLER_FILTER="), names
                ).str.replace(";CALLER_FILTER=.", "", literal=True),
                filter=pl.lit("."),
            )
            count += len(rows)
            yield rows.with_columns(inside=_inside(rows, regions))


def normalised(
    path: str | Path,
    column: str,
    reference: str | Path,
    regions: Sequence[Interval],
    out: str | Path,
) -> pl.DataFrame:
    """Write records inside `regions` split and left-aligned to `out` (BCF); return the others.

    Raises ToolError where a record's REF is not the reference's (another build).
    """
    lines = header_lines(path, "-s", column)
    others = []
    norm = ["bcftools", "norm", "--no-version", "-m", "-any", "-c", "e", "-f", reference]
    with written(*norm, "-Ob1", "-o", out, "-") as stream:
        stream.write(("\n".join([*lines[:-1], *_INFO, lines[-1]]) + "\n").encode())
        for rows in _numbered(path, column, regions):
            stream.write(
                rows.filter("inside")
                .select(gvcf.COLUMNS)
                .write_csv(separator="\t", include_header=False, quote_style="never")
                .encode()
            )
            others.append(rows.filter(~pl.col("inside")).drop("inside"))
    return pl.concat(others) if others else pl.DataFrame()


def _info(name: str, dtype: type[pl.DataType]) -> pl.Expr:
    found = pl.col("info").str.extract(rf"(?:^|;){name}=([^;]*)")
    return found.cast(dtype, strict=False)


def evidence(table: pl.DataFrame, aliases: dict[str, str] | None = None) -> pl.DataFrame:
    """Split records (columns of `gvcf.read_text`) with the columns of CALLS and of the filters.

        site_qual    QUAL, null where the caller judged the record itself (FILTER PASS)
        het_fraction ALT reads / all reads of a heterozygous genotype
        position_z   absolute z of the read-position rank sum (RPBZ, ReadPosRankSum)
        strand_phred phred Fisher strand bias (SP of the sample, FS)
        strand_share, end_share, base_quality, nuclear_share
                     of alleles of chrM: the INFO fields MT_ of `mitochondria`

    An allele of chrM has a fraction, whoever called it: two alleles there are no heterozygote.
    """
    names = ["GT", "GQ", "DP", "MIN_DP", "AD", "PS", "PGT", "SP"]
    rows = gvcf.with_fields(table, names)
    depths = pl.col("AD").str.split(",").cast(pl.List(pl.Int32), strict=False)
    phased = pl.when(pl.col("GT").str.contains("|", literal=True)).then("GT").otherwise("PGT")
    rows = rows.with_columns(
        depths=depths,
        genotype=pl.col("GT").str.replace_all("|", "/", literal=True).str.split("/"),
        phased=pl.when(phased.str.contains("|", literal=True)).then(phased).str.split("|"),
    ).with_columns(contig_chrom=pl.col("contig"))
    called = ~pl.col("genotype").list.contains(".")
    copies = pl.col("genotype").list.count_matches("1")
    rows = rows.with_columns(
        record=_info("RECORD", pl.UInt32),
        caller=_info("CALLER_FILTER", pl.String),
        qual=pl.col("qual").cast(pl.Float32, strict=False),
        dosage=pl.when(called).then(copies).cast(pl.Int8),
        ploidy=pl.when(called).then(pl.col("genotype").list.len()).cast(pl.Int8),
        gq=pl.col("GQ").cast(pl.Float64, strict=False).round().cast(pl.Int16),
        ad_ref=pl.col("depths").list.get(0, null_on_oob=True),
        ad_alt=pl.col("depths").list.get(1, null_on_oob=True),
        dp=pl.coalesce(
            pl.col("DP").cast(pl.Int32, strict=False),
            pl.col("depths").list.sum(),
            pl.col("MIN_DP").cast(pl.Int32, strict=False),
        ),
    )
    one = (pl.col("phased").list.len() == 2) & (pl.col("dosage") == 1)
    rows = with_canonical_chrom(rows, "contig_chrom", aliases).rename({"contig_chrom": "chrom"})
    mixed = (pl.col("chrom") == "chrM").fill_null(False)
    fraction_known = mixed & (pl.col("dp") > 0) & pl.col("ad_alt").is_not_null()
    total = rows["dp"].fill_null(0).to_numpy()
    low, high = (
        pl.lit(pl.Series(end))
        for end in fraction_interval(
            np.minimum(rows["ad_alt"].fill_null(0).to_numpy(), total), total
        )
    )
    return rows.with_columns(
        kind=kind(pl.col("ref"), pl.col("alt")),
        phase_set=pl.when(one).then(pl.col("PS").cast(pl.Int32, strict=False).fill_null(0)),
        haplotype=pl.when(one).then(
            (pl.col("phased").list.get(1, null_on_oob=True) == "1").cast(pl.Int8)
        ),
        site_qual=pl.when(pl.col("caller").ne_missing("PASS")).then("qual"),
        het_fraction=pl.when((pl.col("dosage") == 1) & (pl.col("ploidy") == 2) & ~mixed).then(
            pl.col("ad_alt") / pl.col("dp")
        ),
        heteroplasmy=pl.when(fraction_known).then(pl.col("ad_alt") / pl.col("dp")),
        heteroplasmy_low=pl.when(fraction_known).then(low),
        heteroplasmy_high=pl.when(fraction_known).then(high),
        strand_share=pl.when(mixed).then(_info("MT_STRAND", pl.Float64)),
        end_share=pl.when(mixed).then(_info("MT_ENDS", pl.Float64)),
        base_quality=pl.when(mixed).then(_info("MT_BQ", pl.Float64)),
        nuclear_share=pl.when(mixed).then(_info("MT_NUMT", pl.Float64)),
        position_z=pl.coalesce(
            _info("RPBZ", pl.Float64), _info("ReadPosRankSum", pl.Float64)
        ).abs(),
        strand_phred=pl.coalesce(
            pl.col("SP").cast(pl.Float64, strict=False), _info("FS", pl.Float64)
        ),
        map_quality=_info("MQ", pl.Float64),
        copies=pl.col("dosage").fill_null(0),
        caller_failed=pl.col("caller").fill_null("PASS").ne("PASS").cast(pl.Int8),
        outside=pl.col("chrom").is_null().cast(pl.Int8),
    )


def _split_others(rows: pl.DataFrame) -> pl.DataFrame:
    """Records outside the run's regions, one row an ALT, as they stand in the file.

    Genotypes are not rewritten for the split: dosage is unknown there.
    """
    return (
        rows.with_columns(alt=_listed(pl.col("alt")))
        .explode("alt")
        .with_columns(format=pl.lit("GT"), values=pl.lit("./."))
    )


def split_calls(
    path: str | Path,
    name: str,
    reference: str | Path,
    contigs: dict[str, int],
    regions: Sequence[Interval],
    aliases: dict[str, str] | None,
    sample: str,
    vcf: str | Path,
) -> pl.DataFrame:
    """CALLS of column `name` of one file; `vcf` gets the same alleles, split, as `sample`.

    Alleles outside the run's regions are in the table (filter Unplaced), not in the VCF.
    """
    tables = []
    column = sample_column(path, name)
    lines = [*filter_lines(), *gvcf.definitions(header_lines(path, "-s", column))]
    with tempfile.TemporaryDirectory() as scratch:
        middle = Path(scratch) / "split.bcf"
        others = normalised(path, column, reference, regions, middle)
        with (
            piped(["bcftools", "view", "--no-version", "-H", middle]) as stream,
            written("bcftools", "view", "--no-version", "-Oz", "-o", vcf, "-") as target,
        ):
            target.write(gvcf.header(lines, contigs, sample))
            for chunk in gvcf.read_text(stream):
                rows = evidence(chunk.filter(pl.col("alt") != "*"), aliases)
                rows = rows.with_columns(filter=filter_names())
                target.write(
                    rows.select(gvcf.COLUMNS)
                    .write_csv(separator="\t", include_header=False, quote_style="never")
                    .encode()
                )
                tables.append(rows.select(list(CALLS.schema)))
    run("bcftools", "index", "--force", "--tbi", vcf)
    if not others.is_empty():
        rows = evidence(_split_others(others), aliases).with_columns(outside=pl.lit(1, pl.Int8))
        tables.append(rows.with_columns(filter=filter_names()).select(list(CALLS.schema)))
    return CALLS.table(pl.concat(tables) if tables else CALLS.empty())


def filter_lines() -> list[str]:
    """FILTER definitions of the VCF, and the INFO fields `call_table` adds."""
    return [
        *(
            f'##FILTER=<ID={name},Description="{about}">'
            for name, about in FILTERS.items()
            if name != "PASS"
        ),
        *_INFO,
    ]
