"""From a question to the places of the genome it is about.

One search serves `shirube query` and the site. It stands on public knowledge (gene models, names,
ClinVar, the reference) and on the names of released alleles: nobody learns from it what only an
unreleased person carries.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import polars as pl

from shirube.annotate.parsing import UnreadableNameError, edit_from, genomic_edit_from
from shirube.cohort.query.genes import Genes
from shirube.cohort.query.places import Allele, Place, of_allele
from shirube.cohort.query.question import EXAMPLES, Question, understood
from shirube.cohort.query.released_names import Named, ReleasedNames
from shirube.cohort.query.sequence import Genome
from shirube.contracts import ALLELE, scan
from shirube.contracts.knowledge import CLINVAR
from shirube.errors import InputError
from shirube.genome.accessions import build_of
from shirube.genome.amino import ONE
from shirube.genome.edits import Edit, allele_of
from shirube.genome.sequence import reverse_complement
from shirube.genome.transcripts import Transcript

Found = Literal["alleles", "region", "gene", "diseases"]
_CHANGE = re.compile(r"p\.(?P<from>[A-Z][a-z]{2})(?P<number>\d+)(?P<to>[A-Z][a-z]{2}|=)")


class QuestionError(InputError):
    """A question without an answer. `reason` names a message of the catalogue, `values` fill it."""

    def __init__(self, asked: str, reason: str, expected: str, **values: str) -> None:
        self.reason, self.values = reason, {"asked": asked, **values}
        super().__init__(asked, expected)


@dataclass(frozen=True)
class Answer:
    """What a question is about: alleles, a region, a gene or diseases, and where they lie.

    `alleles` are (chrom, pos, ref, alt) asked for by name, normalised, in order, whether or not
    anyone has them. `notes` name messages of the catalogue with the values that fill them.
    """

    question: Question
    kind: Found
    places: tuple[Place, ...] = ()
    alleles: tuple[tuple[str, int, str, str], ...] = ()
    gene: str = ""
    diseases: tuple[dict[str, Any], ...] = ()
    notes: tuple[tuple[str, dict[str, str]], ...] = field(default=())


class Search:
    """Finds what questions are about; `genome` None: alleles are taken as they are typed.

    `shown` names the alleles of the release that may be told of: names that only the release
    knows find no others.
    """

    def __init__(
        self,
        results: Path,
        genome: Genome | None,
        shown: Callable[[Named], Named] = lambda alleles: alleles,
    ) -> None:
        self.genome, self.genes, self._shown = genome, Genes(results / "knowledge"), shown
        self._clinvar = results / "knowledge" / "clinvar.parquet"
        self._names = ReleasedNames(results / "cohort")

    def answer(self, text: str) -> Answer:
        """What `text` is about; QuestionError if it is not understood or nothing has that name."""
        asked = understood(text)
        match asked.kind:
            case "allele":
                return self._allele(asked)
            case "region":
                return self._region(asked)
            case "rsid":
                return self._rsid(asked)
            case "genomic":
                return self._genomic(asked)
            case "coding":
                return self._coding(asked)
            case "protein":
                return self._protein(asked)
        return self._name(asked)

    def _allele(self, asked: Question) -> Answer:
        pos, ref, alt = asked.start + 1, asked.ref, asked.alt
        if not ref or not alt:  # SPDI leaves the base out that VCF asks for
            sequence = self._genome(asked).chromosome(asked.chrom)
            pos, ref, alt = allele_of(Edit(asked.start, asked.start + len(ref), alt), sequence)
        self._refuse_other_build(asked)
        return self._alleles(asked, [(asked.chrom, pos, ref, alt)])

    def _alleles(
        self,
        asked: Question,
        alleles: Sequence[tuple[str, int, str, str]],
        notes: tuple[tuple[str, dict[str, str]], ...] = (),
        gene: str = "",
    ) -> Answer:
        """An answer of alleles in their one form; a note says which were typed otherwise."""
        normal = []
        for chrom, pos, ref, alt in alleles:
            form: Allele = (pos, ref, alt)
            if self.genome is not None:
                form = self.genome.normal(chrom, pos, ref, alt)
            normal.append((chrom, *form))
        if asked.kind == "allele" and list(alleles) != normal:
            new = "-".join(map(str, normal[0]))
            notes = (*notes, ("normalised", {"asked": asked.text, "now": new}))
        unique = list(dict.fromkeys(normal))
        return Answer(
            asked,
            "alleles",
            tuple(of_allele(*one) for one in unique),
            tuple(unique),
            gene,
            (),
            notes,
        )

    def _genome(self, asked: Question) -> Genome:
        if self.genome is None:
            raise QuestionError(
                asked.text, "no_reference", "the reference the run stands on (--config)"
            )
        return self.genome

    def _refuse_other_build(self, asked: Question) -> None:
        accession = re.match(r"NC_\d+\.\d+", asked.text.upper())
        build = build_of(accession[0]) if accession else None
        if build and self.genome and self.genome.build != build:
            raise QuestionError(
                asked.text,
                "other_build",
                f"coordinates of {self.genome.build}, not of {build}",
                build=build,
                own=self.genome.build,
            )

    def _region(self, asked: Question) -> Answer:
        end = asked.end
        if end is None:
            end = self.genome.length(asked.chrom) if self.genome else 1 << 29
        if asked.start < 0 or end <= asked.start:
            raise QuestionError(asked.text, "bad_region", "a region chrom:first-last, 1-based")
        return Answer(asked, "region", (Place(asked.chrom, asked.start, end),))

    def _rsid(self, asked: Question) -> Answer:
        found = self._shown(self._names.of_rsid(asked.text))
        if self._clinvar.is_file():
            rows = scan(CLINVAR, self._clinvar).filter(pl.col("rsid") == asked.text)
            found += rows.select(pl.col("chrom").cast(pl.String), *ALLELE[1:]).collect().rows()
        if not found:
            raise QuestionError(asked.text, "unknown_rsid", "an rsID of ClinVar or of the release")
        return self._alleles(asked, sorted(set(found)))

    def _genomic(self, asked: Question) -> Answer:
        self._refuse_other_build(asked)
        sequence = self._genome(asked).chromosome(asked.chrom)
        try:
            edit = genomic_edit_from(sequence, asked.name)
        except UnreadableNameError as error:
            raise QuestionError(asked.text, "unreadable", str(error), error=str(error)) from None
        return self._alleles(asked, [(asked.chrom, *allele_of(edit, sequence))])

    def _owners(self, asked: Question) -> tuple[str, str | None]:
        """Gene of a question's owner, and the transcript if it names one."""
        named = self.genes.named(asked.owner)
        if named:
            return named
        symbol = self.genes.symbol(asked.owner)
        if symbol is None and asked.gene:
            symbol = self.genes.symbol(asked.gene)
        if symbol is None:
            raise QuestionError(
                asked.text,
                "unknown_owner",
                "a gene or transcript of the gene models",
                owner=asked.owner,
            )
        return symbol, None

    def _elsewhere(self, asked: Question, column: str) -> Answer | None:
        """Released alleles named on a gene or transcript that the gene models do not have."""
        if self.genes.named(asked.owner) or self.genes.symbol(asked.owner):
            return None
        found = self._shown(self._names.anywhere(column, asked.name, asked.owner))
        return self._alleles(asked, found) if found else None

    def _transcripts(self, asked: Question, symbol: str, named: str | None) -> Iterator[Transcript]:
        genome = self._genome(asked)
        spans = self.genes.spans(symbol)
        sequences = {s["chrom"]: genome.chromosome(s["chrom"]) for s in spans}
        for transcript in self.genes.transcripts(symbol, sequences):
            if named is None or transcript.name == named:
                yield transcript

    def _coding(self, asked: Question) -> Answer:
        if elsewhere := self._elsewhere(asked, "hgvs_c"):
            return elsewhere
        symbol, named = self._owners(asked)
        spans = self.genes.spans(symbol)
        released = self._shown(self._names.of_name(spans, "hgvs_c", asked.name, symbol, named))
        problems, notes = [], []
        if self.genome is None and released:
            return self._alleles(asked, released, (), symbol)
        for transcript in self._transcripts(asked, symbol, named):
            try:
                edit = edit_from(transcript, asked.name)
            except UnreadableNameError as error:
                problems.append(f"{transcript.name}: {error}")
                continue
            notes.append(("on_transcript", {"transcript": transcript.name}))
            own = (str(transcript.chrom), *allele_of(edit, transcript.sequence))
            return self._alleles(asked, [own], tuple(notes), symbol)
        if released:
            return self._alleles(asked, released, (), symbol)
        problem = problems[0] if problems else f"{symbol} has no such transcript"
        raise QuestionError(asked.text, "unreadable", problem, error=problem)

    def _protein(self, asked: Question) -> Answer:
        if elsewhere := self._elsewhere(asked, "hgvs_p"):
            return elsewhere
        symbol, named = self._owners(asked)
        found: list[tuple[str, int, str, str]] = []
        problem, notes = "", []
        if self.genome is not None:
            for transcript in self._transcripts(asked, symbol, named):
                own, problem = _alleles_of_change(transcript, asked.name)
                if own:
                    found = [(str(transcript.chrom), *allele) for allele in own]
                    notes.append(("on_transcript", {"transcript": transcript.name}))
                    break
        spans = self.genes.spans(symbol)
        found += self._shown(self._names.of_name(spans, "hgvs_p", asked.name, symbol, named))
        if not found:
            expected = (
                problem or f"a protein change of {symbol} that a codon gives or the release has"
            )
            raise QuestionError(asked.text, "unreadable", expected, error=expected)
        return self._alleles(asked, found, tuple(notes), symbol)

    def _name(self, asked: Question) -> Answer:
        symbol = self.genes.symbol(asked.text)
        if symbol is None and (named := self.genes.named(asked.text)):
            symbol = named[0]
        if symbol is not None:
            notes: tuple[tuple[str, dict[str, str]], ...] = ()
            if symbol.lower() != asked.text.lower():
                notes = (("gene_alias", {"asked": asked.text, "gene": symbol}),)
            spans = self.genes.spans(symbol)
            places = tuple(Place(s["chrom"], s["start"], s["end"]) for s in spans)
            return Answer(asked, "gene", places, gene=symbol, notes=notes)
        diseases = self.genes.diseases(asked.text) if len(asked.text) > 1 else []
        if diseases:
            return Answer(asked, "diseases", diseases=tuple(diseases))
        shared = self.genes.symbols_of(asked.text)
        if shared:
            raise QuestionError(
                asked.text, "ambiguous_gene", f"one of {', '.join(shared)}", genes=", ".join(shared)
            )
        forms = ", ".join(EXAMPLES.values())
        raise QuestionError(
            asked.text,
            "not_understood",
            f"a gene, allele, region, rsID, HGVS name or disease: {forms}",
        )


def _alleles_of_change(transcript: Transcript, name: str) -> tuple[list[Allele], str]:
    """Alleles within one codon that make the protein change; or why there is none."""
    found = _CHANGE.fullmatch(name)
    if not found or not transcript.translatable or transcript.cds is None:
        return [], ""
    number, old, new = int(found["number"]), ONE.get(found["from"]), found["to"]
    protein = transcript.protein
    if not 1 <= number <= len(protein):
        return [], f"{transcript.name} codes for {len(protein)} residues"
    if protein[number - 1] != old:
        there = protein[number - 1]
        return [], f"{transcript.name} has {there} at {number}, not {old}"
    wanted = old if new == "=" else ONE.get(new)
    first = transcript.cds[0] + 3 * (number - 1)
    codon = transcript.rna[first : first + 3]
    out = []
    for other, residue in transcript.code.items():
        changed = [i for i in range(3) if other[i] != codon[i]]
        if residue != wanted or not changed:
            continue
        places = [transcript.position(first + i) for i in range(changed[0], changed[-1] + 1)]
        low, high = min(places), max(places)
        if high - low + 1 != len(places):  # an intron cuts the codon
            continue
        bases = other[changed[0] : changed[-1] + 1]
        alt = bases if transcript.forward else reverse_complement(bases)
        ref = bytes(transcript.sequence[low : high + 1]).decode()
        out.append((low + 1, ref, alt))
    # One changed base before two, two before three: the likelier first.
    return sorted(out, key=lambda a: (sum(x != y for x, y in zip(a[1], a[2], strict=True)), a)), ""
