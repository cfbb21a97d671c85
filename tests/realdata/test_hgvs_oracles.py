"""Names others gave to the same changes: CIViC, VEP, cancer hotspots, ClinVar's g. names."""

import os
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from clinvar_oracle import assembled

from shirube.alleles import with_canonical_chrom
from shirube.annotate.accessions import genomic_prefix
from shirube.annotate.annotation import Chromosome, annotated
from shirube.annotate.edits import shifted
from shirube.annotate.parsing import edit_from
from shirube.annotate.rows import genomic_names, transcripts_of
from shirube.annotate.sequence import Bases, bases, reverse_complement
from shirube.annotate.substitutions import substitutions
from shirube.annotate.transcripts import Transcript
from shirube.contracts import ALLELE, CHROMS
from shirube.knowledge.clinvar import read_clinvar
from shirube.knowledge.genemodels import read_gene_models
from shirube.vcf import read_columns

REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
KNOWLEDGE = Path(os.environ.get("KNOWLEDGE", "../shared/knowledge"))
CHR17 = REALDATA / "ref-grch38-chr17/chr17.tp53_brca1.fa.gz"
CLINVAR = KNOWLEDGE / "clinvar/clinvar_20260226_subset.GRCh38.vcf.gz"
MODELS = {
    "GRCh38": KNOWLEDGE / "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz",
    "GRCh37": KNOWLEDGE / "gene_models_mane_grch37_lifted/mane.hg19lift.bigGenePred.bed.gz",
}
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.oracle,
    pytest.mark.skipif(
        not MODELS["GRCh38"].is_file() or not CHR17.is_file(),
        reason=f"no knowledge at {KNOWLEDGE} or no reference at {REALDATA}",
    ),
]
UNKNOWN = np.full(250_000_000, ord("N"), np.uint8)

# CIViC names that contradict each other or a transcript of another length, by hand:
CIVIC_ODD = {
    ("SMO", "D473H"): "c. name says G>A, g. name G>C",
    ("BTK", "T316A"): "g. name on the wrong strand",
    ("MYD88", "L265P"): "c. name of an earlier, longer version of the transcript",
    ("ABL1", "F317L"): "two changes in one entry",
    ("GNAS", "c.393T>C"): "g. and c. names give the alleles the other way round",
}


@pytest.fixture(scope="module")
def models() -> dict[str, pl.DataFrame]:
    return {build: read_gene_models(path) for build, path in MODELS.items()}


@pytest.fixture(scope="module")
def chr17() -> Bases:
    return bases(CHR17, "chr17")


def transcripts(models: pl.DataFrame, sequence: Bases, **wanted: str) -> list[Transcript]:
    chosen = models.filter(pl.col(name) == value for name, value in wanted.items())
    return list(transcripts_of(chosen, sequence))


def test_civic_c_and_g_names_agree(models: dict[str, pl.DataFrame]) -> None:
    """Position and strand on hundreds of transcripts of both builds."""
    builds = {genomic_prefix(c, b, "", 0): (b, c) for b in MODELS for c in CHROMS if c != "chrM"}
    refseq = {
        (build, row[0].split(".")[0]): row[1]
        for build, table in models.items()
        for row in table.drop_nulls("refseq").select("refseq", "transcript").iter_rows()
    }
    described = pl.read_csv(
        KNOWLEDGE / "civic/civic_variants_2025-05.tsv", separator="\t", infer_schema=False
    )
    right, wrong = 0, set()
    for gene, variant, text in described.select("gene", "variant", "hgvs_descriptions").iter_rows():
        names = [name.strip() for name in (text or "").split(",")]
        coding = [re.match(r"(NM_\d+)\.\d+:c\.([*\d-]+)([ACGT])>([ACGT])$", x) for x in names]
        for name in names:
            place = re.match(r"(NC_\d+\.\d+:g\.)(\d+)([ACGT])>([ACGT])$", name)
            if place is None or place[1] not in builds:
                continue
            build, _ = builds[place[1]]
            for one in filter(None, coding):
                if (build, one[1]) not in refseq:
                    continue
                tx = transcripts(models[build], UNKNOWN, transcript=refseq[build, one[1]])[0]
                old, new = place[3], place[4]
                if not tx.forward:
                    old, new = reverse_complement(old), reverse_complement(new)
                if f"{tx.label(int(place[2]) - 1)}{old}>{new}" == f"{one[2]}{one[3]}>{one[4]}":
                    right += 1
                else:
                    wrong.add((gene, variant))
    assert right > 500
    assert wrong <= set(CIVIC_ODD)


def test_civic_protein_names_follow_from_c_names(
    models: dict[str, pl.DataFrame], chr17: Bases
) -> None:
    """TP53 and BRCA1: the c. name applied to the reference gives CIViC's p. name."""
    described = pl.read_csv(
        KNOWLEDGE / "civic/civic_variants_2025-05.tsv", separator="\t", infer_schema=False
    )
    seen = 0
    for gene in ("TP53", "BRCA1"):
        (tx,) = transcripts(models["GRCh38"], chr17, gene=gene, mane="MANE Select")
        for text in described.filter(pl.col("gene") == gene)["hgvs_descriptions"].drop_nulls():
            names = [name.strip() for name in text.split(",")]
            coding = [n.split(":")[1] for n in names if re.match(r"NM_(000546|007294)\.\d+:c", n)]
            protein = [n.split(":")[1] for n in names if re.match(r"NP_(000537|009225)\.\d+:p", n)]
            if not coding or not protein:
                continue
            edit = edit_from(tx, coding[0])
            allele = _vcf(edit.start, edit.end, edit.inserted, chr17)
            place = Chromosome("chr17", "", "", chr17, models["GRCh38"].filter(gene=gene), {})
            row = annotated(allele, place).row(0, named=True)
            # CIViC names some duplications as insertions: the change is the same.
            same = shifted(edit_from(tx, row["hgvs_c"]), chr17, tx.forward)
            assert same == shifted(edit, chr17, tx.forward)
            name = protein[0].replace("(", "").replace(")", "")
            shortened = name.endswith("fs") and row["hgvs_p"].startswith(name)
            assert shortened or row["hgvs_p"] == name
            seen += 1
    assert seen >= 10


def _vcf(start: int, end: int, inserted: str, sequence: Bases) -> pl.DataFrame:
    before = bytes(sequence[start - 1 : end]).decode()
    ref, alt = before, before[0] + inserted
    if len(ref) == len(alt) == 2:
        start, ref, alt = start + 1, ref[1], alt[1]
    schema = {"chrom": pl.Enum(CHROMS), "pos": pl.Int32, "ref": pl.String, "alt": pl.String}
    return pl.DataFrame([("chr17", start, ref, alt)], schema=schema, orient="row")


def test_vep_names_of_hcc1395(models: dict[str, pl.DataFrame], chr17: Bases) -> None:
    path = REALDATA / "hcc1395-chr17/expected.annotated.coding_variant_filtered.vcf.gz"
    records = read_columns(path, info={"CSQ": pl.String})
    place = Chromosome("chr17", "", "", chr17, models["GRCh38"].filter(chrom="chr17"), {})
    compared = 0
    alleles = records.select(
        pl.col("contig").cast(pl.Enum(CHROMS)).alias("chrom"), "pos", "ref", "alt"
    )
    ours = annotated(alleles, place)
    for pos, text in records.select("pos", "CSQ").iter_rows():
        for entry in text.split(","):
            fields = entry.replace("%3A", ":").replace("%3D", "=").split("|")
            mine = ours.filter(
                pl.col("pos") == pos, pl.col("transcript").str.replace(r"\..*", "") == fields[6]
            )
            for row in mine.iter_rows(named=True):
                assert row["consequence"].split("&")[0] == fields[1].split("&")[0]
                assert row["hgvs_c"] == fields[10].split(":")[1]
                assert row["hgvs_p"] == fields[11].split(":")[1]
                assert row["exon"] == fields[8]
                assert row["impact"] == fields[2]
                compared += 1
    assert compared == 2


def test_vep_coding_names_across_the_genome(models: dict[str, pl.DataFrame]) -> None:
    """Position and strand of single bases in exons, introns and UTRs of many genes (GRCh37)."""
    path = REALDATA / "scout-demo-trio/643594.clinical.vcf.gz"
    records = with_canonical_chrom(
        read_columns(path, info={"CSQ": pl.String})
        .filter(pl.col("ref").str.contains("^[ACGT]$") & pl.col("alt").str.contains("^[ACGT]$"))
        .rename({"contig": "chrom"})
    ).drop_nulls("chrom")
    seen = 0
    for (chrom,), here in records.group_by("chrom", maintain_order=True):
        table = models["GRCh37"].filter(pl.col("chrom") == chrom)
        sequence = UNKNOWN.copy()
        sequence[here["pos"].to_numpy() - 1] = [ord(base) for base in here["ref"]]
        named = {
            tx.name.split(".")[0]: tx
            for tx in transcripts_of(table, sequence)
            if here["pos"].is_between(tx.start + 1, tx.end).any()
        }
        for pos, alt, text in here.select("pos", "alt", "CSQ").iter_rows():
            for entry in text.split(","):
                fields = entry.split("|")
                tx = named.get(fields[6])
                if tx is None or not fields[10]:
                    continue
                base = np.frombuffer(alt.encode(), np.uint8)
                mine = substitutions(tx, np.array([pos - 1]), base)["hgvs_c"][0]
                assert mine == fields[10].split(":")[1], (chrom, pos, fields[6])
                seen += 1
    assert seen > 300


def test_hotspot_residues_are_the_proteins_residues(
    models: dict[str, pl.DataFrame], chr17: Bases
) -> None:
    table = pl.read_csv(
        KNOWLEDGE / "cancerhotspots/hotspots_v2_and_3d.grch38.txt",
        separator="\t",
        infer_schema=False,
    )
    records = read_columns(CLINVAR)
    seen = 0
    for gene, chrom in (("TP53", "chr17"), ("APC", "chr5"), ("MUTYH", "chr1"), ("BRCA2", "chr13")):
        here = records.filter(pl.col("contig") == chrom[3:])
        known = chr17 if chrom == "chr17" else assembled(here, int(here["pos"].max()) + 20_000)
        (tx,) = transcripts(models["GRCh38"], known, gene=gene, mane="MANE Select")
        rows = table.filter(
            pl.col("hugo_symbol") == gene,
            pl.col("type") == "single residue",
            pl.col("transcript_id") == tx.name.split(".")[0],
            pl.col("residue").str.contains(r"^[A-Z]\d+$"),
        )
        for residue in rows["residue"]:
            mine = tx.protein[int(residue[1:]) - 1]
            if mine != "X":
                assert mine == residue[0], (gene, residue)
                seen += 1
    assert seen > 80


def test_genomic_names_equal_clinvars(chr17: Bases) -> None:
    """Every record of TP53 and BRCA1; ClinVar's repeat notation (AC[2]) is of another form."""
    clinvar = read_clinvar(CLINVAR, "GRCh38", lambda chrom: chr17 if chrom == "chr17" else None)
    placed = clinvar.with_columns(known=pl.lit(True))
    prefix = genomic_prefix("chr17", "GRCh38", "chr17", chr17.size)
    names = genomic_names(placed, chr17, prefix).alias("ours")
    table = clinvar.select(*ALLELE, "hgvs_g").with_columns(names)
    plain = table.filter(~pl.col("hgvs_g").str.contains(r"\["))
    assert plain.height > 18_500
    assert plain.filter(pl.col("ours") != pl.col("hgvs_g")).rows() == []
