"""Names of haplotypes against `bcftools csq`: real phased calls, and calls planted in real genes.

A group is a transcript with the alleles of one molecule that act as one, one allele or more. tp:
groups whose protein both tell alike; fp: those they tell differently; fn: changes of several
alleles that csq does not join, or joins and we do not.
"""

import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from accuracy_germline import TRUTH, call, only_sample
from accuracy_rows import Row, atomised
from accuracy_somatic import GENES

sys.path.insert(0, str(Path(__file__).parents[2] / "tests/support"))

from csq_haplotypes import Members, Said, agrees, csq_haplotypes, tells, to_stop

from shirube.annotate.annotation import Chromosome, annotated
from shirube.changes.compose import ALLELES, Composer, Person
from shirube.genome.accessions import genomic_prefix
from shirube.genome.amino import translated
from shirube.genome.edits import edit_of, shifted
from shirube.genome.normalise import normalised
from shirube.genome.sequence import bases, reverse_complement
from shirube.genome.transcripts import Transcript, transcripts_of
from shirube.knowledge.genemodels import read_gene_models
from shirube.reads.phase import ReadPhase
from shirube.tools import run
from shirube.vcf import read_columns

Group = tuple[str, Members]
_SITE = {"pos": pl.Int32, "ref": pl.String, "alt": pl.String}
PEOPLE, SEED = 60, 17
MODELS = {
    "GRCh38": "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz",
    "GRCh37": "gene_models_mane_grch37_lifted/mane.hg19lift.bigGenePred.bed.gz",
}


@dataclass(frozen=True)
class Genes:
    """Coding MANE Select transcripts whose bases a reference holds whole."""

    chromosome: Chromosome
    transcripts: dict[str, Transcript]
    fasta: str
    contig: str

    @classmethod
    def of(cls, fasta: Path, chrom: str, build: str, models: Path) -> "Genes":
        """Those of one chromosome; `fasta` may hold a part of it, N elsewhere."""
        sequence = bases(fasta, chrom)
        table = read_gene_models(models).filter(
            pl.col("chrom") == chrom,
            pl.col("mane") == "MANE Select",
            pl.col("cds_start").is_not_null(),
        )
        whole = {
            tx.name: tx
            for tx in transcripts_of(table, sequence)
            if not (sequence[tx.start : tx.end] == ord("N")).any() and tx.translatable
        }
        table = table.filter(pl.col("transcript").is_in(list(whole)))
        prefix = genomic_prefix(chrom, build, chrom, sequence.size)
        given = Chromosome(chrom, str(fasta), prefix, sequence, table, {})
        return cls(given, whole, str(fasta), chrom)


def ours(
    genes: Genes, people: Sequence[Sequence[Mapping[str, Any]]], person: Person
) -> dict[Group, str | None]:
    """Our protein name of each change, and of each allele that some molecule has alone."""
    names: dict[Group, str | None] = {}
    single: set[tuple[str, int, str, str]] = set()
    for rows in people:
        table = pl.DataFrame(list(rows), schema=ALLELES).sort("pos", "ref", "alt")
        _, changes = Composer(person, table, genes.chromosome).composed()
        joined = set()
        for row in changes.iter_rows(named=True):
            members = frozenset((m["pos"], m["ref"], m["alt"]) for m in row["members"])
            names[row["transcript"], members] = row["hgvs_p"]
            joined |= {(m["pos"], m["ref"], m["alt"]) for m in row["members"] if not m["alone"]}
        alone = {(row["pos"], row["ref"], row["alt"]) for row in rows} - joined
        single |= {(genes.contig, *allele) for allele in alone}
    schema = dict.fromkeys(("chrom", "pos", "ref", "alt"), pl.String) | {"pos": pl.Int32}
    alleles = pl.DataFrame(sorted(single), schema=schema, orient="row")
    told = annotated(alleles, genes.chromosome).filter(pl.col("hgvs_p").is_not_null())
    asked = told.select("transcript", "pos", "ref", "alt", "hgvs_p")
    return names | {(t, frozenset({(p, r, a)})): name for t, p, r, a, name in asked.iter_rows()}


def compared(
    genes: Genes,
    people: Sequence[Sequence[Mapping[str, Any]]],
    name: str,
    person: Person | None = None,
) -> list[Row]:
    """Rows for single alleles and for changes of several; `person` has the reads, if any."""
    with tempfile.TemporaryDirectory() as directory:
        given = (Path(directory), people, genes.fasta, genes.chromosome.models, genes.contig)
        theirs = csq_haplotypes(*given)
    pairs = matched(genes, ours(genes, people, person or Person()), theirs)
    rows = []
    for kind, several in (("single", False), ("joined", True)):
        own = [pair for pair in pairs if (len(pair.members) > 1) == several]
        count = Counter(pair.verdict for pair in own)
        notes = [f"{count[verdict]} {text}" for verdict, text in _NOTES.items() if count[verdict]]
        notes += [f"{p.transcript} {sorted(p.members)}" for p in own if p.verdict == "wrong"]
        counts = count["alike"], count["wrong"], 0
        rows.append(Row(name, "embedded", kind, *counts, None, "; ".join(notes)))
    return rows


@dataclass(frozen=True)
class Pair:
    """Our name of alleles; `verdict` on it is `alike`, `wrong`, or one of _NOTES."""

    transcript: str
    members: Members
    verdict: str


_NOTES = {
    "unnamed": "where our name tells no protein",
    "csq errs": "where csq has not the protein of the edited exons, and we do",
    "csq apart": "that csq does not join, named as the edited exons translate",
}


def matched(
    genes: Genes, mine: Mapping[Group, str | None], theirs: Mapping[Group, Said]
) -> list[Pair]:
    """Our changes and csq's, one haplotype each.

    In a frame that never closes csq goes on joining behind the new stop; what lies there is of no
    protein, so ours is the largest change within csq's that has its first allele. Changes of
    several alleles that csq does not join (an indel of a repeat may stand for bases of the codon
    in front) are held against the translation of the edited exons alone.
    """
    by_first: dict[tuple[str, tuple[int, str, str]], list[Members]] = {}
    for transcript, members in mine:
        first = in_order(genes.transcripts[transcript], members)[0]
        by_first.setdefault((transcript, first), []).append(members)
    pairs, seen = [], set()
    for (transcript, members), said in sorted(theirs.items(), key=str):
        tx = genes.transcripts[transcript]
        first = in_order(tx, members)[0]
        own = [m for m in by_first.get((transcript, first), []) if m <= members]
        if not own:
            continue
        best = max(own, key=len)
        seen |= {(transcript, best)}
        name = mine[transcript, best]
        verdict = {None: "unnamed", True: "alike", False: "wrong"}[agrees(name, said, tx.protein)]
        if verdict == "wrong" and name and tells(name, tx.protein, edited(tx, best)):
            verdict = "csq errs"
        pairs.append(Pair(transcript, best, verdict))
    for transcript, members in mine.keys() - seen:
        name, tx = mine[transcript, members], genes.transcripts[transcript]
        if len(members) > 1:
            right = name and tells(name, tx.protein, edited(tx, members))
            pairs.append(Pair(transcript, members, "csq apart" if right else "wrong"))
    return pairs


def in_order(tx: Transcript, members: Members) -> list[tuple[int, str, str]]:
    """Alleles in the transcript's direction."""
    return sorted(members, reverse=not tx.forward)


def edited(tx: Transcript, members: Members) -> str:
    """The protein of the exons with the alleles put in, to its first stop: plain text."""
    assert tx.cds is not None
    places = [tx.position(index) for index in range(tx.cds[0], tx.length)]
    text = {place: chr(tx.sequence[place]) for place in places}
    for pos, ref, alt in members:  # the first base of an indel stays
        for at, old in enumerate(ref):
            assert text[pos - 1 + at] == old
            new = alt[at:] if at == len(ref) - 1 else alt[at : at + 1]
            text[pos - 1 + at] = new
    joined = "".join(text[place] for place in sorted(places))
    if not tx.forward:
        joined = reverse_complement(joined)
    return to_stop(translated(joined, tx.code))


def _phased(realdata: Path) -> list[dict[str, Any]]:
    """Phased calls of HG001 on chr20 (GIAB 3.3.2, GRCh37), split and normalised."""
    reference = realdata / "na12878-chr20/ucsc.hg19.chr20.unittest.fasta.gz"
    with tempfile.TemporaryDirectory() as name:
        scratch, names = Path(name), Path(name) / "names"
        names.write_text("20\tchr20\n")
        steps = [scratch / f"{n}.bcf" for n in range(3)]
        run(
            *("bcftools", "annotate", "--no-version", "--rename-chrs", names),
            *("-x", "INFO,^FORMAT/GT", "-Ob", "-o", steps[0], realdata / TRUTH),
        )
        places = "chr20:9995001-11095000,chr20:59776001-60001000"
        run("bcftools", "view", "--no-version", "-t", places, "-Ob", "-o", steps[1], steps[0])
        run(
            *("bcftools", "norm", "--no-version", "-m", "-any", "-f", reference),
            *("-Ob", "-o", steps[2], steps[1]),
        )
        table = read_columns(steps[2], fmt={"GT": pl.String})
    rows = []
    for pos, ref, alt, text in table.select("pos", "ref", "alt", "GT").iter_rows():
        sides = [side for side, told in enumerate(text.split("|")) if told == "1"]
        if "|" in text and sides:
            rows.append(allele(pos, ref, alt, sides))
    return rows


def _from_reads(realdata: Path, genes: Genes) -> tuple[list[dict[str, Any]], Person]:
    """Germline calls of HCC1395BL on TP53 and BRCA1, made and phased by the workflow's own code."""
    reads = str(realdata / "hcc1395-chr17/aligned_here/HCC1395BL.normal.grch38.bam")
    person = Person(normal=ReadPhase(reads, genes.fasta, only_sample(reads)))
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, region in enumerate(GENES):
            out = Path(scratch) / str(number)
            vcf = call("bcftools", reads, genes.fasta, only_sample(reads), "XX", region, out)
            table = atomised(vcf, genes.fasta, region, out / "norm")
            for pos, ref, alt, copies in table.iter_rows():
                row = {"chrom": region.contig, "pos": pos, "ref": ref, "alt": alt}
                told = {"origin": "germline", "dosage": copies, "ploidy": 2}
                rows.append(dict.fromkeys(ALLELES) | row | told)
    table = pl.DataFrame(rows, schema=ALLELES).sort("pos", "ref", "alt")
    phase, _ = Composer(person, table, genes.chromosome).composed()
    sides: dict[tuple[int, str, str], int] = {}
    for told in phase.sort("pos1", "pos2").iter_rows(named=True):
        one, other = ((told[f"pos{n}"], told[f"ref{n}"], told[f"alt{n}"]) for n in (1, 2))
        sides[other] = sides.setdefault(one, 0) ^ (told["phase"] == "trans")
    return [r | {"haplotype": sides.get((r["pos"], r["ref"], r["alt"]), 0)} for r in rows], person


def allele(pos: int, ref: str, alt: str, sides: Sequence[int]) -> dict[str, Any]:
    """A row of ALLELES on one side or both."""
    told = {"dosage": len(sides), "ploidy": 2, "phase_set": 1, "haplotype": sides[0]}
    if len(sides) == 2:
        told |= {"phase_set": None, "haplotype": None}
    own = {"chrom": "", "origin": "germline", "pos": pos, "ref": ref, "alt": alt}
    return dict.fromkeys(ALLELES) | own | told


def planted(genes: Genes, draw: random.Random) -> list[dict[str, Any]]:
    """A person's phased calls: one group a gene, of which some share a codon or a frame.

    Alleles are left-aligned, which csq asks for, and lie in one exon wherever they may stand.
    """
    rows = []
    for tx in genes.transcripts.values():
        assert tx.cds is not None
        codon = draw.randrange(2, (tx.cds[1] - tx.cds[0]) // 3 - 14)
        sides = draw.choice([[0], [1], [0, 1]])
        drawn = pl.DataFrame(list(group(tx, codon, draw)), schema=_SITE, orient="row")
        taken: set[int] = set()
        for pos, ref, alt in normalised(drawn, tx.sequence).select(list(_SITE)).iter_rows():
            own = draw.choice([sides, sides, sides, sides, [0], [1], [0, 1]])
            right = shifted(edit_of(pos, ref, alt), tx.sequence, True)
            span = set(range(pos - 2, max(pos + len(ref), right.end + 1)))
            exonic = len({tx.exon_of(place) for place in span}) == 1
            if exonic and not span & taken:
                taken |= span
                rows.append(allele(pos, ref, alt, own) | {"chrom": genes.contig})
    return rows


def group(tx: Transcript, codon: int, draw: random.Random) -> Iterator[tuple[int, str, str]]:
    """Alleles (pos, ref, alt) in and near a codon, each within one exon."""
    assert tx.cds is not None
    first = tx.cds[0] + 3 * codon
    kind = draw.choice(["codon"] * 4 + ["near", "shift", "cancel", "cancel", "inframe"])
    if kind == "codon":
        for place in draw.sample(range(3), draw.choice([1, 2, 2, 3])):
            yield substitution(tx, first + place, draw)
        return
    yield indel(tx, first, draw, draw.choice([3, 6]) if kind == "inframe" else 1)
    if kind == "near":
        yield substitution(tx, first + draw.randrange(4, 9), draw)
    if kind == "cancel":
        if draw.random() < 0.5:
            yield substitution(tx, first + 6, draw)
        yield indel(tx, first + draw.randrange(9, 30), draw, 1)


def substitution(tx: Transcript, index: int, draw: random.Random) -> tuple[int, str, str]:
    """Another base at a place of the spliced transcript."""
    at = tx.position(index)
    ref = chr(tx.sequence[at])
    return at + 1, ref, draw.choice([base for base in "ACGT" if base != ref])


def indel(tx: Transcript, index: int, draw: random.Random, size: int) -> tuple[int, str, str]:
    """An insertion or deletion of `size` bases at a place of the spliced transcript."""
    at = tx.position(index)
    ref = bytes(tx.sequence[at : at + size + 1]).decode()
    if draw.random() < 0.5:
        return at + 1, ref, ref[0]
    return at + 1, ref[0], ref[0] + "".join(draw.choice("ACGT") for _ in range(size))


def haplotypes(realdata: Path) -> list[Row]:
    """HG001's phased calls on 1.3 Mb of chr20; and PEOPLE made people on 50 genes of chr17."""
    knowledge = Path(os.environ.get("KNOWLEDGE", realdata.parent / "knowledge"))
    chr20 = Genes.of(
        realdata / "na12878-chr20/ucsc.hg19.chr20.unittest.fasta.gz",
        "chr20", "GRCh37", knowledge / MODELS["GRCh37"],
    )  # fmt: skip
    real = [{**row, "chrom": "chr20"} for row in _phased(realdata)]
    chr17 = Genes.of(
        realdata / "ref-grch38-chr17/chr17.tp53_brca1.fa.gz",
        "chr17", "GRCh38", knowledge / MODELS["GRCh38"],
    )  # fmt: skip
    own, person = _from_reads(realdata, chr17)
    draw = random.Random(SEED)
    people = [planted(chr17, draw) for _ in range(PEOPLE)]
    return [
        *compared(chr20, [real], "csq-phased-hg001"),
        *compared(chr17, [own], "csq-reads-hcc1395bl", person),
        *compared(chr17, people, "csq-planted"),
    ]


TRUTH_SETS = [haplotypes]
