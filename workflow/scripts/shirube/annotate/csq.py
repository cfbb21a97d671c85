"""Consequences by `bcftools csq`, on the same gene models as our own.

csq knows classes, not names, and says nothing far from coding sequence: its class replaces ours
where it gives one for an allele and transcript, the names stay ours. Alleles are judged one by
one (`--local-csq`): the union of a run's alleles has no genotypes, hence no haplotypes.
"""

import tempfile
from pathlib import Path

import polars as pl

from shirube.annotate.terms import IMPACT, joined
from shirube.tools import run

_TERMS = {
    "5_prime_utr": "5_prime_UTR_variant",
    "3_prime_utr": "3_prime_UTR_variant",
    "non_coding": "non_coding_transcript_variant",
    "inframe_altering": "protein_altering_variant",
    "exon_loss": "coding_sequence_variant",
    "coding_sequence": "coding_sequence_variant",
    "stop_lost": "stop_lost",
    "stop_gained": "stop_gained",
    "start_lost": "start_lost",
    "inframe_deletion": "inframe_deletion",
    "inframe_insertion": "inframe_insertion",
    "intergenic": "intergenic_variant",
}
_SCHEMA = {"row": pl.UInt32, "transcript": pl.String, "consequence": pl.String}


def so_term(word: str) -> str:
    """Csq's word as an SO term: `missense` -> missense_variant."""
    word = word.lstrip("*")
    return _TERMS.get(word, f"{word}_variant")


def gff3(models: pl.DataFrame, contig: str) -> str:
    """GENE_MODELS of one chromosome as the GFF3 csq reads (Ensembl's attributes)."""
    lines = ["##gff-version 3"]

    def line(
        kind: str, row: dict[str, object], start: int, end: int, rest: str, phase: str
    ) -> None:
        fields = [
            contig,
            "shirube",
            kind,
            str(start + 1),
            str(end),
            ".",
            row["strand"],
            phase,
            rest,
        ]
        lines.append("\t".join(map(str, fields)))

    for number, row in enumerate(models.iter_rows(named=True)):
        gene, name = f"gene{number}", row["transcript"]
        coding = row["cds_start"] is not None
        biotype = "protein_coding" if coding else "lncRNA"
        span = (row["start"], row["end"])
        line("gene", row, *span, f"ID=gene:{gene};biotype={biotype};Name={row['gene']}", ".")
        about = f"ID=transcript:{name};Parent=gene:{gene};biotype={biotype}"
        line("mRNA" if coding else "lnc_RNA", row, *span, about, ".")
        parent = f"Parent=transcript:{name}"
        exons = list(zip(row["exon_starts"], row["exon_ends"], strict=True))
        for start, end in exons:
            line("exon", row, start, end, parent, ".")
        if not coding:
            continue
        low, high, done = row["cds_start"], row["cds_end"], 0
        utrs = ("five_prime_UTR", "three_prime_UTR")
        left, right = utrs if row["strand"] == "+" else utrs[::-1]
        for start, end in exons if row["strand"] == "+" else reversed(exons):
            a, b = max(start, low), min(end, high)
            if start < low:
                line(left, row, start, min(end, low), parent, ".")
            if end > high:
                line(right, row, max(start, high), end, parent, ".")
            if a < b:
                line("CDS", row, a, b, parent, str(-done % 3))
                done += b - a
    return "\n".join(lines) + "\n"


def csq_classes(
    alleles: pl.DataFrame, models: pl.DataFrame, fasta: str | Path, contig: str, length: int
) -> pl.DataFrame:
    """Csq's classes: row (of `alleles`), transcript, consequence (SO terms joined by &).

    `alleles`: pos, ref, alt, `known` of one chromosome; those on unknown sequence are left out,
    csq refuses them.
    """
    ours = alleles.with_row_index("row").filter(pl.col("known").fill_null(False)).sort("pos")
    if not ours.height or not models.height:
        return pl.DataFrame(schema=_SCHEMA)
    head = (
        "##fileformat=VCFv4.2\n"
        f"##contig=<ID={contig},length={length}>\n"
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    )
    dot = pl.lit(".")
    rows = ours.select(
        pl.lit(contig).alias("c"),
        "pos",
        "row",
        "ref",
        "alt",
        dot.alias("q"),
        dot.alias("f"),
        dot.alias("i"),
    )
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        vcf, gff, out = directory / "a.vcf", directory / "g.gff3", directory / "o.bcf"
        vcf.write_text(head + rows.write_csv(separator="\t", include_header=False))
        gff.write_text(gff3(models, contig))
        run("bcftools", "csq", "--no-version", "--local-csq", "--ncsq", "255", "-f", fasta,
            "-g", gff, "-Ob", "-o", out, vcf)  # fmt: skip
        text = run("bcftools", "query", "-f", "%ID\\t%INFO/BCSQ\\n", out)
    # csq writes splice and coding classes of one transcript as entries of their own.
    found: dict[tuple[int, str], set[str]] = {}
    for line in text.decode().splitlines():
        row, field = line.split("\t")
        for entry in field.split(","):
            fields = entry.split("|")
            if field == "." or entry.startswith("@") or len(fields) < 3 or not fields[2]:
                continue
            terms = {so_term(word) for word in fields[0].split("&")} & set(IMPACT)
            found.setdefault((int(row), fields[2]), set()).update(terms)
    rows_ = [(*key, joined(terms)) for key, terms in found.items() if terms]
    return pl.DataFrame(rows_, schema=_SCHEMA, orient="row")


def with_csq(rows: pl.DataFrame, classes: pl.DataFrame) -> pl.DataFrame:
    """`rows` (of transcript_rows) with csq's class where it gives one."""
    both = rows.join(
        classes.rename({"consequence": "_csq"}),
        on=["row", "transcript"],
        how="left",
        maintain_order="left",
    )
    return both.with_columns(pl.coalesce("_csq", "consequence").alias("consequence")).drop("_csq")
