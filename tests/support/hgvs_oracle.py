"""Names others gave to the same changes: CIViC, VEP, cancer hotspots, ClinVar's g. names.

Each oracle yields a Comparison a name: what the publisher wrote and what Shirube writes. Tests and
`make accuracy` judge the same list.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from clinvar_oracle import assembled

from shirube.annotate.annotation import Chromosome, annotated
from shirube.annotate.parsing import edit_from
from shirube.annotate.rows import genomic_names
from shirube.annotate.substitutions import substitutions
from shirube.contracts import ALLELE
from shirube.genome.accessions import genomic_prefix
from shirube.genome.alleles import with_canonical_chrom
from shirube.genome.chromosomes import CHROMS
from shirube.genome.edits import shifted
from shirube.genome.sequence import Bases, bases, reverse_complement
from shirube.genome.transcripts import Transcript, transcripts_of
from shirube.knowledge.clinvar import read_clinvar
from shirube.knowledge.genemodels import read_gene_models
from shirube.vcf import read_columns

UNKNOWN = np.full(250_000_000, ord("N"), np.uint8)

# CIViC names that contradict each other or a transcript of another length, by hand:
CIVIC_ODD = {
    "SMO D473H": "c. name says G>A, g. name G>C",
    "BTK T316A": "g. name on the wrong strand",
    "MYD88 L265P": "c. name of an earlier, longer version of the transcript",
    "ABL1 F317L": "two changes in one entry",
    "GNAS c.393T>C": "g. and c. names give the alleles the other way round",
}


@dataclass(frozen=True)
class Comparison:
    """One name: `what` is named, `theirs` and `ours`, and why theirs is odd where that is known."""

    what: str
    theirs: str
    ours: str
    reason: str = ""

    @property
    def agrees(self) -> bool:
        """Whether both wrote the same."""
        return self.theirs == self.ours


class Oracles:
    """The publishers' files, read once."""

    def __init__(self, realdata: Path, knowledge: Path) -> None:
        self.realdata, self.knowledge = realdata, knowledge
        self.chr17_path = realdata / "ref-grch38-chr17/chr17.tp53_brca1.fa.gz"
        self.clinvar_path = knowledge / "clinvar/clinvar_20260226_subset.GRCh38.vcf.gz"
        self.model_paths = {
            "GRCh38": knowledge / "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz",
            "GRCh37": knowledge / "gene_models_mane_grch37_lifted/mane.hg19lift.bigGenePred.bed.gz",
        }
        self.models = cache(lambda build: read_gene_models(self.model_paths[build]))
        self.chr17 = cache(lambda: bases(self.chr17_path, "chr17"))

    def missing(self) -> list[Path]:
        """Files that are not there."""
        needed = [self.chr17_path, self.clinvar_path, *self.model_paths.values()]
        return [path for path in needed if not path.is_file()]

    def civic(self) -> pl.DataFrame:
        """CIViC's variants with their HGVS descriptions."""
        path = self.knowledge / "civic/civic_variants_2025-05.tsv"
        table = pl.read_csv(path, separator="\t", infer_schema=False)
        return table.select("gene", "variant", pl.col("hgvs_descriptions").fill_null(""))

    def civic_coding(self) -> Iterator[Comparison]:
        """The c. name of a g. name, on hundreds of transcripts of both builds."""
        builds = {
            genomic_prefix(chrom, build, "", 0): build
            for build in self.model_paths
            for chrom in CHROMS
            if chrom != "chrM"
        }
        refseq = {
            (build, row[0].split(".")[0]): row[1]
            for build in self.model_paths
            for row in self.models(build)
            .drop_nulls("refseq")
            .select("refseq", "transcript")
            .iter_rows()
        }
        for gene, variant, text in self.civic().iter_rows():
            names = [name.strip() for name in text.split(",")]
            coding = [re.match(r"(NM_\d+)\.\d+:c\.([*\d-]+)([ACGT])>([ACGT])$", x) for x in names]
            for name in names:
                place = re.match(r"(NC_\d+\.\d+:g\.)(\d+)([ACGT])>([ACGT])$", name)
                if place is None or place[1] not in builds:
                    continue
                build, what = builds[place[1]], f"{gene} {variant}"
                for one in filter(None, coding):
                    if (build, one[1]) not in refseq:
                        continue
                    tx = transcripts(self.models(build), UNKNOWN, transcript=refseq[build, one[1]])[
                        0
                    ]
                    old, new = place[3], place[4]
                    if not tx.forward:
                        old, new = reverse_complement(old), reverse_complement(new)
                    ours = f"{tx.label(int(place[2]) - 1)}{old}>{new}"
                    theirs = f"{one[2]}{one[3]}>{one[4]}"
                    yield Comparison(what, theirs, ours, CIVIC_ODD.get(what, ""))

    def civic_protein(self) -> Iterator[Comparison]:
        """TP53 and BRCA1: the c. name applied to the reference gives CIViC's p. name.

        CIViC leaves the end off some frameshifts; ours is then compared up to there. Some
        duplications it names as insertions: `ours` is of the change itself.
        """
        for gene in ("TP53", "BRCA1"):
            (tx,) = transcripts(self.models("GRCh38"), self.chr17(), gene=gene, mane="MANE Select")
            place = Chromosome(
                "chr17", "", "", self.chr17(), self.models("GRCh38").filter(gene=gene), {}
            )
            for text in self.civic().filter(pl.col("gene") == gene)["hgvs_descriptions"]:
                names = [name.strip() for name in text.split(",")]
                coding = [
                    n.split(":")[1] for n in names if re.match(r"NM_(000546|007294)\.\d+:c", n)
                ]
                protein = [
                    n.split(":")[1] for n in names if re.match(r"NP_(000537|009225)\.\d+:p", n)
                ]
                if not coding or not protein:
                    continue
                edit = edit_from(tx, coding[0])
                allele = _vcf(edit.start, edit.end, edit.inserted, self.chr17())
                row = annotated(allele, place).row(0, named=True)
                again = shifted(edit_from(tx, row["hgvs_c"]), self.chr17(), tx.forward)
                kept = again == shifted(edit, self.chr17(), tx.forward)
                name, ours = protein[0].replace("(", "").replace(")", ""), row["hgvs_p"]
                if name.endswith("fs") and ours.startswith(name):
                    ours = name
                yield Comparison(f"{gene} {coding[0]}", name, ours if kept else row["hgvs_c"])

    def vep_hcc1395(self) -> Iterator[Comparison]:
        """Consequence, names, exon and impact of VEP in the HCC1395 file."""
        path = self.realdata / "hcc1395-chr17/expected.annotated.coding_variant_filtered.vcf.gz"
        records = read_columns(path, info={"CSQ": pl.String})
        table = self.models("GRCh38").filter(chrom="chr17")
        place = Chromosome("chr17", "", "", self.chr17(), table, {})
        alleles = records.select(
            pl.col("contig").cast(pl.Enum(CHROMS)).alias("chrom"), "pos", "ref", "alt"
        )
        ours = annotated(alleles, place)
        for pos, text in records.select("pos", "CSQ").iter_rows():
            for entry in text.split(","):
                fields = entry.replace("%3A", ":").replace("%3D", "=").split("|")
                mine = ours.filter(
                    pl.col("pos") == pos,
                    pl.col("transcript").str.replace(r"\..*", "") == fields[6],
                )
                for row in mine.iter_rows(named=True):
                    wrote = (fields[1].split("&")[0], fields[10].split(":")[1])
                    wrote += (fields[11].split(":")[1], fields[8], fields[2])
                    said = (row["consequence"].split("&")[0], row["hgvs_c"])
                    said += (row["hgvs_p"], row["exon"], row["impact"])
                    what = f"chr17:{pos} {fields[6]}"
                    yield Comparison(what, " ".join(wrote), " ".join(map(str, said)))

    def vep_coding(self) -> Iterator[Comparison]:
        """Position and strand of single bases in exons, introns and UTRs of many genes (GRCh37)."""
        path = self.realdata / "scout-demo-trio/643594.clinical.vcf.gz"
        records = with_canonical_chrom(
            read_columns(path, info={"CSQ": pl.String})
            .filter(pl.col("ref").str.contains("^[ACGT]$") & pl.col("alt").str.contains("^[ACGT]$"))
            .rename({"contig": "chrom"})
        ).drop_nulls("chrom")
        for (chrom,), here in records.group_by("chrom", maintain_order=True):
            table = self.models("GRCh37").filter(pl.col("chrom") == chrom)
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
                    yield Comparison(f"{chrom}:{pos} {fields[6]}", fields[10].split(":")[1], mine)

    def hotspots(self) -> Iterator[Comparison]:
        """The residue a hotspot names is the residue of our protein."""
        table = pl.read_csv(
            self.knowledge / "cancerhotspots/hotspots_v2_and_3d.grch38.txt",
            separator="\t",
            infer_schema=False,
        )
        records = read_columns(self.clinvar_path)
        places = (("TP53", "chr17"), ("APC", "chr5"), ("MUTYH", "chr1"), ("BRCA2", "chr13"))
        for gene, chrom in places:
            here = records.filter(pl.col("contig") == chrom[3:])
            known = self.chr17()
            if chrom != "chr17":
                known = assembled(here, int(here["pos"].max()) + 20_000)
            (tx,) = transcripts(self.models("GRCh38"), known, gene=gene, mane="MANE Select")
            rows = table.filter(
                pl.col("hugo_symbol") == gene,
                pl.col("type") == "single residue",
                pl.col("transcript_id") == tx.name.split(".")[0],
                pl.col("residue").str.contains(r"^[A-Z]\d+$"),
            )
            for residue in rows["residue"]:
                mine = tx.protein[int(residue[1:]) - 1]
                if mine != "X":  # bases unknown
                    yield Comparison(f"{gene} {residue}", residue[0], mine)

    def clinvar_genomic(self) -> Iterator[Comparison]:
        """Every record of TP53 and BRCA1; ClinVar's repeat notation (AC[2]) is of another form."""
        sequence = self.chr17()
        clinvar = read_clinvar(
            self.clinvar_path, "GRCh38", lambda chrom: sequence if chrom == "chr17" else None
        )
        prefix = genomic_prefix("chr17", "GRCh38", "chr17", sequence.size)
        placed = clinvar.with_columns(known=pl.lit(True))
        names = genomic_names(placed, sequence, prefix).alias("ours")
        table = clinvar.select(*ALLELE, "hgvs_g").with_columns(names)
        plain = table.filter(~pl.col("hgvs_g").str.contains(r"\["))
        for *allele, theirs, ours in plain.iter_rows():
            yield Comparison(" ".join(map(str, allele)), theirs, ours)


def transcripts(models: pl.DataFrame, sequence: Bases, **wanted: str) -> list[Transcript]:
    """Transcripts of the gene models whose columns are as wanted."""
    chosen = models.filter(pl.col(name) == value for name, value in wanted.items())
    return list(transcripts_of(chosen, sequence))


def _vcf(start: int, end: int, inserted: str, sequence: Bases) -> pl.DataFrame:
    before = bytes(sequence[start - 1 : end]).decode()
    ref, alt = before, before[0] + inserted
    if len(ref) == len(alt) == 2:
        start, ref, alt = start + 1, ref[1], alt[1]
    schema = {"chrom": pl.Enum(CHROMS), "pos": pl.Int32, "ref": pl.String, "alt": pl.String}
    return pl.DataFrame([("chr17", start, ref, alt)], schema=schema, orient="row")


# Oracle -> least number of names it must hold.
LEAST = {
    "civic_coding": 500,
    "civic_protein": 10,
    "vep_hcc1395": 2,
    "vep_coding": 300,
    "hotspots": 80,
    "clinvar_genomic": 18_500,
}
