"""Tables of calls as bgzipped, indexed VCF files.

The bytes depend on the rows alone: no date, no command line, no path in the header.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from shirube.contracts import FILTERS, SOMATIC, STRUCTURAL
from shirube.errors import InputError
from shirube.files import scratch
from shirube.genome.alleles import canonical
from shirube.genome.regions import read_contigs
from shirube.reads.reference import LETTER, reference_codes
from shirube.tools import run

TABLE_ONLY = "Unplaced|NotSmall|Damaged|OtherReference|Duplicate"
FILE_FORMAT = "##fileformat=VCFv4.4"
_SOMATIC_HEADER = (
    '##INFO=<ID=SOMATIC,Number=0,Type=Flag,Description="Absent from the normal sample">',
    '##INFO=<ID=TLOD,Number=1,Type=Float,Description="log10 odds of the allele in the tumour">',
    '##INFO=<ID=NLOD,Number=1,Type=Float,Description="log10 odds that the normal lacks it">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="0/1 if the sample has the allele">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Fragments with each allele">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Fragments counted">',
    '##FORMAT=<ID=AF,Number=A,Type=Float,Description="Fraction with the allele">',
    '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Block of alleles on the same reads">',
)
_STRUCTURAL_HEADER = (
    '##ALT=<ID=DEL,Description="Deletion">',
    '##ALT=<ID=DUP,Description="Duplication">',
    '##ALT=<ID=INV,Description="Inversion">',
    '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Type of structural variant">',
    '##INFO=<ID=EVENT,Number=A,Type=String,Description="Adjacency a record belongs to">',
    '##INFO=<ID=MATEID,Number=A,Type=String,Description="Record of the other breakend">',
    '##INFO=<ID=END,Number=1,Type=Integer,Description="End position of the longest variant">',
    '##INFO=<ID=SVLEN,Number=A,Type=Integer,Description="Length of structural variant">',
    '##INFO=<ID=SOMATIC,Number=0,Type=Flag,Description="Absent from the normal sample">',
    '##INFO=<ID=HOMLEN,Number=A,Type=Integer,Description="Bases shared by both sides">',
    '##INFO=<ID=INSSEQ,Number=1,Type=String,Description="Bases that belong to neither side">',
    '##INFO=<ID=IMPRECISE,Number=0,Type=Flag,Description="Breakend not known to the base">',
    '##INFO=<ID=CIPOS,Number=2,Type=Integer,Description="Where the breakend may lie beside POS">',
    '##INFO=<ID=POLYA,Number=0,Type=Flag,Description="Insertion ends in a run of A or T">',
    '##INFO=<ID=MEFAMILY,Number=1,Type=String,Description="Mobile element it is like">',
    '##FORMAT=<ID=PE,Number=1,Type=Integer,Description="Discordant pairs">',
    '##FORMAT=<ID=SR,Number=1,Type=Integer,Description="Split or clipped reads">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Reads over the breakend">',
)


def contig_names(reference: str, aliases: dict[str, str] | None = None) -> dict[str, str]:
    """Canonical chromosome -> the reference's own name, in the reference's order."""
    names: dict[str, str] = {}
    for contig in read_contigs(f"{reference}.fai"):
        chrom = canonical(contig, aliases)
        if chrom:
            names.setdefault(chrom, contig)
    return names


def write_vcf(lines: Iterable[str], path: str | Path) -> None:
    """Write VCF text (header included) as BGZF to `path`, with a .tbi beside it."""
    with scratch(path) as directory:
        text = directory / "calls.vcf"
        text.write_text("\n".join(lines) + "\n")
        done = directory / "calls.vcf.gz"
        run("bcftools", "view", "--no-version", "-Oz", "-o", done, text)
        run("bcftools", "index", "-t", "-f", "-o", f"{path}.tbi", done)
        done.replace(path)


def _header(
    own: Sequence[str], reference: str, aliases: dict[str, str] | None, samples: Sequence[str]
) -> list[str]:
    contigs = read_contigs(f"{reference}.fai")
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
    return [
        FILE_FORMAT,
        *(f'##FILTER=<ID={name},Description="{why}">' for name, why in FILTERS.items()),
        *own,
        *(f"##contig=<ID={c},length={n}>" for c, n in contigs.items() if canonical(c, aliases)),
        "\t".join([*columns, "FORMAT", *samples]),
    ]


def _text(value: object, form: str = "") -> str:
    return "." if value is None else format(value, form)


def write_somatic(
    table: pl.DataFrame,
    path: str | Path,
    reference: str,
    samples: Sequence[str],
    aliases: dict[str, str] | None = None,
) -> None:
    """SOMATIC table as VCF; `samples` are the names of the tumour and, if any, the normal.

    Alleles the run does not judge (no place, no sequence, damaged, repeated) are in the table only.
    """
    names = contig_names(reference, aliases)
    table = table.filter(~pl.col("filter").str.contains(TABLE_ONLY))
    lines = _header(_SOMATIC_HEADER, reference, aliases, samples)
    for row in table.match_to_schema(SOMATIC.polars).iter_rows(named=True):
        if row["chrom"] not in names:
            raise InputError(f"{reference}.fai", f"a contig for {row['chrom']}")
        info = [f"TLOD={row['lod']:.2f}"] if row["lod"] is not None else []
        if row["normal_lod"] is not None:
            info.append(f"NLOD={row['normal_lod']:.2f}")
        if row["filter"] == "PASS" and row["normal_dp"] is not None:
            info.insert(0, "SOMATIC")
        cells = []
        for sample, genotype in zip(("tumour", "normal"), ("0/1", "0/0"), strict=True):
            depth, count = row[f"{sample}_dp"], row[f"{sample}_ad"]
            known = depth is not None and count is not None
            plain = row[f"{sample}_ref"] if known else None
            counts = f"{depth - count if plain is None else plain},{count}" if known else "."
            fraction = f"{count / depth:.4f}" if known and depth else "."
            phase = _text(row["phase_set"]) if sample == "tumour" else "."
            cells.append(f"{genotype}:{counts}:{_text(depth)}:{fraction}:{phase}")
        chrom, pos = names[row["chrom"]], row["pos"]
        fixed = [chrom, str(pos), ".", row["ref"], row["alt"], ".", row["filter"]]
        lines.append(
            "\t".join([*fixed, ";".join(info) or ".", "GT:AD:DP:AF:PS", *cells[: len(samples)]])
        )
    order = {contig: index for index, contig in enumerate(names.values())}
    head = [line for line in lines if line.startswith("#")]
    body = sorted(lines[len(head) :], key=lambda x: (order[x.split("\t", 1)[0]],))
    write_vcf([*head, *body], path)


def _place(row: dict[str, object], side: str) -> list[str]:
    """INFO of a breakend that is not known to the base: how far beyond POS it may lie."""
    reach = row[f"uncertain{side}"]
    if reach == 0:
        return []
    if reach is None:
        return ["IMPRECISE"]
    if row["record"] is not None:
        return ["IMPRECISE", f"CIPOS=-{reach},{reach}"]
    span = f"0,{reach}" if row[f"strand{side}"] == "+" else f"-{reach},0"
    return ["IMPRECISE", f"CIPOS={span}"]


def _bracket(base: str, strand: str, mate: str, mate_strand: str) -> str:
    """ALT of a breakend record: the kept side of this breakend joined to the mate's."""
    bracket = "]" if mate_strand == "+" else "["
    place = f"{bracket}{mate}{bracket}"
    return f"{base}{place}" if strand == "+" else f"{place}{base}"


def write_structural(
    table: pl.DataFrame,
    path: str | Path,
    reference: str,
    samples: Sequence[str],
    aliases: dict[str, str] | None = None,
) -> None:
    """STRUCTURAL table as VCF 4.4: every adjacency as a pair of BND records.

    Breakends say orientation without ambiguity; EVENT ties a pair together and SVTYPE of the
    simple type is repeated in EVENTTYPE. Records of a file given that are no event of the sample's
    are in the table only.
    """
    names = contig_names(reference, aliases)
    table = table.filter(
        ~pl.col("filter").str.contains(TABLE_ONLY) & pl.col("chrom2").is_not_null()
    )
    own = [
        *_STRUCTURAL_HEADER,
        '##INFO=<ID=EVENTTYPE,Number=A,Type=String,Description="DEL DUP INV INS or BND">',
    ]
    head = _header(own, reference, aliases, samples)
    order = {contig: index for index, contig in enumerate(names.values())}
    records: list[tuple[int, int, str, str]] = []
    for row in table.match_to_schema(STRUCTURAL.polars).iter_rows(named=True):
        for this, other in (("1", "2"), ("2", "1")):
            chrom, pos = names[row[f"chrom{this}"]], row[f"pos{this}"]
            mate = f"{names[row[f'chrom{other}']]}:{row[f'pos{other}']}"
            letter = LETTER[reference_codes(reference, chrom, pos - 1, pos)[0]] if pos else "N"
            alt = _bracket(letter, row[f"strand{this}"], mate, row[f"strand{other}"])
            info = [
                "SVTYPE=BND",
                f"MATEID={row['event']}_{other}",
                f"EVENT={row['event']}",
                f"EVENTTYPE={row['svtype']}",
                *([f"HOMLEN={row['homology']}"] if row["homology"] else []),
                *([f"INSSEQ={row['inserted']}"] if row["inserted"] else []),
                *(["SOMATIC"] if row["origin"] == "somatic" else []),
                *_place(row, this),
                *(["POLYA"] if row["poly_a"] else []),
                *([f"MEFAMILY={row['family']}"] if row["family"] else []),
            ]
            cells = [
                ":".join(_text(row[f"{kind}{c}"]) for c in ("pairs", "splits", "depth"))
                for kind in ("", "normal_")
            ]
            ident = f"{row['event']}_{this}"
            fixed = [chrom, str(pos), ident, letter, alt, _text(row["quality"]), row["filter"]]
            line = [*fixed, ";".join(info), "PE:SR:DP", *cells[: len(samples)]]
            records.append((order[chrom], pos, ident, "\t".join(line)))
    write_vcf([*head, *(record[-1] for record in sorted(records))], path)
