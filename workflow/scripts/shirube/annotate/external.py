"""Consequences of VEP or snpEff, read from a VCF one of them annotated.

The file must hold every allele of the run: an allele it does not know stops the job, because a
missing consequence would pass for a harmless one.
"""

import re
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from shirube.annotate.rows import ROWS
from shirube.annotate.terms import IMPACT, joined
from shirube.errors import InputError
from shirube.genome.alleles import with_canonical_chrom
from shirube.genome.normalise import normalised
from shirube.genome.sequence import Bases
from shirube.tools import piped
from shirube.vcf import header_lines

_FIELDS = {
    "vep": ("CSQ", {"allele": "Allele", "terms": "Consequence", "gene": "SYMBOL", "id": "Gene",
                    "transcript": "Feature", "exon": "EXON", "intron": "INTRON",
                    "c": "HGVSc", "p": "HGVSp", "place": "Protein_position"}),
    "snpeff": ("ANN", {"allele": "Allele", "terms": "Annotation", "gene": "Gene_Name",
                       "id": "Gene_ID", "transcript": "Feature_ID", "exon": "Rank",
                       "c": "HGVS.c", "p": "HGVS.p", "place": "AA.pos / AA.length"}),
}  # fmt: skip
# Terms either tool uses that ours do not tell apart.
_SAME = {
    "splice_donor_5th_base_variant": "splice_region_variant",
    "splice_donor_region_variant": "splice_region_variant",
    "splice_polypyrimidine_tract_variant": "intron_variant",
    "initiator_codon_variant": "start_lost",
    "5_prime_UTR_premature_start_codon_gain_variant": "5_prime_UTR_variant",
    "disruptive_inframe_deletion": "inframe_deletion",
    "disruptive_inframe_insertion": "inframe_insertion",
    "conservative_inframe_deletion": "inframe_deletion",
    "conservative_inframe_insertion": "inframe_insertion",
    "exon_loss_variant": "coding_sequence_variant",
    "non_coding_exon_variant": "non_coding_transcript_exon_variant",
    "incomplete_terminal_codon_variant": "coding_sequence_variant",
    "mature_miRNA_variant": "non_coding_transcript_exon_variant",
    "intragenic_variant": "intron_variant",
}
_IGNORED = {"NMD_transcript_variant", "sequence_feature", "structural_interaction_variant",
            "protein_protein_contact", "intergenic_region", "TF_binding_site_variant",
            "regulatory_region_variant", "regulatory_region"}  # fmt: skip


def _layout(path: str | Path, engine: str) -> tuple[str, dict[str, int]]:
    """INFO tag and the place of each wanted field in its entries, from the header."""
    tag, wanted = _FIELDS[engine]
    head = header_lines(path)
    line = next((x for x in head if x.startswith(f"##INFO=<ID={tag},")), None)
    if line is None:
        raise InputError(path, f"INFO/{tag} of {engine}", "header")
    found = re.search(r"(?:Format: |annotations: ?')([^\"']+)", line)
    if found is None:
        raise InputError(path, f"the list of fields of INFO/{tag}", "header")
    names = [name.strip() for name in found[1].split("|")]
    absent = [field for key, field in wanted.items() if field not in names and key != "intron"]
    if absent:
        raise InputError(path, f"field {absent[0]} in INFO/{tag}", "header")
    return tag, {key: names.index(field) for key, field in wanted.items() if field in names}


def external_rows(
    alleles: pl.DataFrame,
    chrom: str,
    sequence: Bases,
    path: str | Path,
    engine: str,
    mane: dict[str, str],
    aliases: dict[str, str] | None = None,
) -> pl.DataFrame:
    """Rows like those of `transcript_rows`, from a VCF annotated by `engine` (vep or snpeff).

    `alleles`: pos, ref, alt in the one form; `mane`: transcript without version -> MANE status.
    """
    tag, place = _layout(path, engine)
    query = ["bcftools", "query", "-f", f"%CHROM\\t%POS\\t%REF\\t%ALT\\t%INFO/{tag}\\n"]
    split = ["bcftools", "norm", "-m", "-any", "-Ou", str(path)]
    with piped(split, query) as stream:
        text = stream.read()
    names = ["chrom", "pos", "ref", "alt", "said"]
    if not text:
        raise InputError(path, "at least one record")
    table = pl.read_csv(
        text, separator="\t", has_header=False, new_columns=names, infer_schema=False,
        quote_char=None,
    )  # fmt: skip
    here = with_canonical_chrom(table, aliases=aliases).filter(pl.col("chrom") == chrom)
    here = here.with_columns(pl.col("pos").cast(pl.Int32)).filter(
        pl.col("ref").str.contains("^[ACGT]+$") & pl.col("alt").str.contains("^[ACGT]+$")
    )
    given = here.select("ref", "alt").rows()
    known = normalised(here, sequence).with_columns(
        pl.Series("_ref", [one[0] for one in given]), pl.Series("_alt", [one[1] for one in given])
    )
    asked = alleles.select("pos", "ref", "alt").with_row_index("row")
    joined_ = asked.join(known, on=["pos", "ref", "alt"], how="left", maintain_order="left")
    missing = joined_.filter(pl.col("said").is_null())
    if missing.height:
        first = missing.row(0, named=True)
        raise InputError(
            path,
            f"every allele of the run, {missing.height} absent",
            f"{chrom}:{first['pos']} {first['ref']}>{first['alt']}",
        )
    rows = []
    for row, field, ref, alt in joined_.select("row", "said", "_ref", "_alt").iter_rows():
        for entry in field.split(","):
            fields = entry.split("|")
            if _is_for(fields[place["allele"]], ref, alt):
                one = _row(fields, place, engine, mane)
                if one is not None:
                    rows.append((row, *one))
    done = pl.DataFrame(rows, schema=ROWS, orient="row")
    return done.unique(["row", "transcript"], keep="first", maintain_order=True)


def _is_for(allele: str, ref: str, alt: str) -> bool:
    """True if an entry's Allele field means this ALT: as in the VCF, or without the anchor."""
    shortened = alt[1:] or "-" if ref[0] == alt[0] and len(ref) != len(alt) else alt
    return allele in {alt, shortened}


def _row(
    fields: list[str], place: dict[str, int], engine: str, mane: dict[str, str]
) -> tuple[object, ...] | None:
    def value(key: str) -> str | None:
        return (fields[place[key]] or None) if key in place else None

    words = [_SAME.get(word, word) for word in (value("terms") or "").split("&")]
    terms = [word for word in words if word in IMPACT]
    unknown = [word for word in words if word and word not in IMPACT and word not in _IGNORED]
    if unknown:
        raise InputError(engine, f"known SO terms, found {unknown[0]}")
    transcript = value("transcript")
    if transcript is None or not terms or set(terms) <= {"intergenic_variant"}:
        return None
    coding, protein = (_name(value(key)) for key in ("c", "p"))
    number = re.match(r"\d+", (value("place") or "").lstrip("?-"))
    intron = value("intron")
    exon = f"i{intron}" if intron else value("exon")
    if engine == "snpeff" and exon and "intron_variant" in terms:
        exon = f"i{exon}"
    return (
        transcript,
        value("gene"),
        value("id"),
        mane.get(transcript.split(".")[0]),
        joined(terms),
        exon,
        coding,
        protein,
        int(number[0]) if number else None,
    )


def _name(text: str | None) -> str | None:
    """HGVS name without its transcript: VEP writes ENST0001.1:c.5A>G and %3D for =."""
    if text is None:
        return None
    name = (
        unquote(text).rsplit(":", 1)[-1].replace("*", "Ter")
        if ":p." in text or text.startswith("p.")
        else unquote(text).rsplit(":", 1)[-1]
    )
    return name or None
