"""Scores of AlphaMissense, CADD, REVEL and SpliceAI as published -> PREDICTOR.

The files hold every possible change of the genome. They are read some megabytes at a time,
checked against the reference, and put aside by megabase; then each megabase is put in order. So
memory grows neither with the file nor with the genome, in whatever order its rows are.
"""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import polars as pl

from shirube.contracts import ALLELE, writing
from shirube.contracts.knowledge_general import PREDICTOR
from shirube.errors import InputError
from shirube.files import scratch
from shirube.genome.alleles import canonical_names, with_canonical_chrom
from shirube.genome.chromosomes import CHROMS
from shirube.knowledge.clinvar import SequenceOf, placed, refuse_other_sequence
from shirube.knowledge.sources import refuse_mixed_prefix, refuse_other_build
from shirube.tools import piped
from shirube.vcf import header

AT_ONCE = 32 << 20  # bytes of text read at a time
BUCKET = 1_000_000  # bases put in order at a time
_SPLICE = ("acceptor_gain", "acceptor_loss", "donor_gain", "donor_loss")
_SPLICE_COLUMNS = ("chrom", "pos", "ref", "alt", "SpliceAI")


def write_predictor(
    form: str,
    path: str | Path,
    build: str,
    sequence_of: SequenceOf,
    output: str | Path,
    about: Mapping[str, str] | None = None,
    aliases: dict[str, str] | None = None,
) -> int:
    """Write PREDICTOR of a file of `form` alphamissense, cadd, revel or spliceai; return its rows.

    `about` is the file's metadata, to which `rows` and `covers` (its chromosomes) are added.
    """
    readers = {
        "alphamissense": _alphamissense,
        "cadd": _cadd,
        "revel": _revel,
        "spliceai": _spliceai,
    }
    known = list(canonical_names(aliases))
    names: set[str] = set()
    seen, wrong, off = 0, 0, 0
    facts = dict(about or {})
    with scratch(output) as aside:
        for number, frame in enumerate(readers[form](path, build)):
            names |= set(frame["chrom"].drop_nulls().unique())
            refuse_mixed_prefix(sorted(names), path)
            here = with_canonical_chrom(frame.filter(pl.col("chrom").is_in(known)), aliases=aliases)
            off += here.height
            rows, compared, differ = placed(here, sequence_of)
            seen, wrong = seen + compared, wrong + differ
            _put_aside(rows.with_columns(pl.col("gene").fill_null("")), aside, number)
        refuse_other_sequence(path, seen, wrong)
        if not off:
            raise InputError(path, "scores on chromosomes of the reference")
        buckets: dict[tuple[int, int], list[Path]] = {}
        for part in sorted(aside.iterdir()):
            chrom, at, _ = part.name.split(".", 2)
            buckets.setdefault((int(chrom), int(at)), []).append(part)
        if not buckets:
            found = ", ".join(sorted(names))
            raise InputError(path, f"a chromosome of the reference, found {found}")
        facts["covers"] = ", ".join(CHROMS[n] for n in sorted({chrom for chrom, _ in buckets}))
        total = 0
        with writing(PREDICTOR, output, facts) as add:
            for _, parts in sorted(buckets.items()):
                every = pl.concat(pl.read_ipc(part) for part in parts)
                best = every.sort("score", "label", descending=[True, False])
                table = PREDICTOR.table(best.unique([*ALLELE, "gene"], keep="first"))
                add(table)
                total += table.height
            facts["rows"] = str(total)
    return total


def _put_aside(rows: pl.DataFrame, directory: Path, number: int) -> None:
    """Write rows to a file a megabase, named so that names sort as places do."""
    placed_rows = rows.with_columns(
        (pl.col("chrom").to_physical().cast(pl.Int32) * 1000 + pl.col("pos") // BUCKET).alias("at")
    )
    for (at,), part in placed_rows.group_by("at", maintain_order=True):
        chrom, bucket = divmod(int(str(at)), 1000)
        part.drop("at").write_ipc(
            directory / f"{chrom:02d}.{bucket:04d}.{number:07d}.arrow", compression="zstd"
        )


def _alphamissense(path: str | Path, build: str) -> Iterator[pl.DataFrame]:
    """AlphaMissense_hg38.tsv: #CHROM POS REF ALT genome uniprot_id transcript_id ... class."""
    wanted = ["#CHROM", "POS", "REF", "ALT", "genome", "transcript_id",
              "am_pathogenicity", "am_class"]  # fmt: skip
    for number, (_, frame) in enumerate(_tables(path, "\t", wanted, "#CHROM")):
        if not number:
            refuse_other_build(str(frame["genome"][0]), build, path)
        yield frame.select(
            chrom="#CHROM",
            pos=pl.col("POS").cast(pl.Int32),
            ref="REF",
            alt="ALT",
            gene="transcript_id",
            score=pl.col("am_pathogenicity").cast(pl.Float32),
            label="am_class",
        )


def _cadd(path: str | Path, build: str) -> Iterator[pl.DataFrame]:
    """CADD's scores: #Chrom Pos Ref Alt RawScore PHRED, below a line that names the build."""
    for above, frame in _tables(path, "\t", ["#Chrom", "Pos", "Ref", "Alt", "PHRED"], "#Chrom"):
        refuse_other_build(above, build, path)
        yield frame.select(
            chrom="#Chrom",
            pos=pl.col("Pos").cast(pl.Int32),
            ref="Ref",
            alt="Alt",
            gene=pl.lit("", pl.String),
            score=pl.col("PHRED").cast(pl.Float32),
            label=pl.lit(None, pl.String),
        )


def _revel(path: str | Path, build: str) -> Iterator[pl.DataFrame]:
    """revel_with_transcript_ids: chr,hg19_pos,grch38_pos,ref,alt,aaref,aaalt,REVEL,transcripts."""
    place = "hg19_pos" if build == "GRCh37" else "grch38_pos"
    transcripts = "Ensembl_transcriptid"
    for _, frame in _tables(path, ",", ["chr", place, "ref", "alt", "REVEL"]):
        here = frame.filter(pl.col(place).is_not_null() & (pl.col(place) != "."))
        yield here.select(
            chrom="chr",
            pos=pl.col(place).cast(pl.Int32),
            ref="ref",
            alt="alt",
            gene=pl.col(transcripts) if transcripts in frame.columns else pl.lit("", pl.String),
            score=pl.col("REVEL").cast(pl.Float32),
            label=pl.lit(None, pl.String),
        )


def _spliceai(path: str | Path, build: str) -> Iterator[pl.DataFrame]:
    """VCF with INFO/SpliceAI: ALLELE|SYMBOL|DS_AG|DS_AL|DS_DG|DS_DL|positions."""
    if "SpliceAI" not in header(path).info:
        raise InputError(path, "INFO/SpliceAI")
    deltas = {name: pl.col(f"field_{k}").cast(pl.Float32, strict=False)
              for k, name in enumerate(_SPLICE, 2)}  # fmt: skip
    highest = pl.max_horizontal(*deltas.values())
    line = "%CHROM\\t%POS\\t%REF\\t%ALT\\t%INFO/SpliceAI\\n"
    some = False
    with piped(["bcftools", "query", "-f", line, path]) as stream:
        for block in _blocks(stream):
            records = _table(path, block, "\t", list(_SPLICE_COLUMNS)).filter(
                pl.col("SpliceAI") != "."
            )
            some = some or records.height > 0
            frame = records.with_columns(pl.col("SpliceAI").str.split(",")).explode("SpliceAI")
            fields = pl.col("SpliceAI").str.split_exact("|", 5).struct.unnest()
            several = pl.col("alt").str.contains(",", literal=True)
            yield (
                frame.with_columns(fields)
                .filter(~several)
                .select(
                    chrom="chrom",
                    pos=pl.col("pos").cast(pl.Int32),
                    ref="ref",
                    alt="field_0",
                    gene="field_1",
                    score=highest,
                    label=pl.coalesce(
                        pl.when(v == highest).then(pl.lit(k)) for k, v in deltas.items()
                    ),
                )
            )
    if not some:
        raise InputError(path, "INFO/SpliceAI")


@contextmanager
def _opened(path: str | Path) -> Iterator[IO[bytes]]:
    """Bytes of a text file, plain or gzip."""
    with open(path, "rb") as plain:
        packed = plain.read(2) == b"\x1f\x8b"
    with open(path, "rb") as plain, gzip.GzipFile(fileobj=plain) if packed else plain as stream:
        yield cast(IO[bytes], stream)


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """Whole lines of a stream, some megabytes at a time."""
    rest = b""
    while block := stream.read(AT_ONCE):
        rest += block
        end = rest.rfind(b"\n") + 1
        if end:
            yield rest[:end]
            rest = rest[end:]
    if rest:
        yield rest


def _tables(
    path: str | Path, separator: str, wanted: list[str], first: str = ""
) -> Iterator[tuple[str, pl.DataFrame]]:
    """What stands above the header, and rows as strings, piece by piece.

    The header is the line that begins with `first`; InputError without one, without a column that
    is `wanted`, or without a row.
    """
    columns: list[str] = []
    above, some = "", False
    try:
        with _opened(path) as stream:
            for number, block in enumerate(_blocks(stream)):
                lines = block
                if not number:
                    lines = block.removeprefix(b"\xef\xbb\xbf")
                    start = lines.find(first.encode())
                    if start < 0:
                        raise InputError(path, f"a header line that begins with {first}")
                    above, lines = lines[:start].decode(), lines[start:]
                    head, _, lines = lines.partition(b"\n")
                    columns = head.decode().rstrip("\r").split(separator)
                    missing = [name for name in wanted if name not in columns]
                    if missing:
                        raise InputError(path, f"columns {', '.join(missing)}", "header")
                if lines.strip():
                    some = True
                    yield above, _table(path, lines, separator, columns)
    except (EOFError, zlib.error, OSError) as error:
        raise InputError(path, f"a complete file ({error})") from error
    except UnicodeDecodeError as error:
        raise InputError(path, f"UTF-8 text ({error.reason})", f"byte {error.start}") from error
    if not some:
        raise InputError(path, "at least one row; the file is empty")


def _table(path: str | Path, body: bytes, separator: str, columns: list[str]) -> pl.DataFrame:
    try:
        return pl.read_csv(
            body,
            separator=separator,
            has_header=False,
            schema=dict.fromkeys(columns, pl.String),
            quote_char=None,
            null_values="",
        )
    except pl.exceptions.PolarsError as error:
        raise InputError(path, f"a rectangular table ({str(error).splitlines()[0]})") from error
