"""What a person types, told apart by its form; nothing is looked up here.

    chr17-7675088-C-T   17:7675088:C>T   17 7675088 C T   a VCF line    an allele (1-based)
    NC_000017.11:7675087:C:T                                            the same as SPDI (0-based)
    chr17:7675000-7676000   17:7,675,088   chr17                        a region (1-based, closed)
    rs28934578                                                          a dbSNP id
    chr17:g.7675088C>T   NC_000017.11:g.7675088del                      HGVS on the chromosome
    NM_000546.6:c.524G>A   TP53 c.524G>A   NM_000546.6(TP53):c.524G>A   HGVS on a transcript
    TP53:p.Arg175His   TP53 p.(R175H)   TP53 R175H                      HGVS on the protein
    TP53   tp53   ＴＰ５３   HGNC:11998   ENSG00000141510                a gene
    マルファン症候群   NANDO:1200410   OMIM:231550                      a disease

Full-width letters, odd dashes and thousands' commas are put right first.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from shirube.genome.accessions import chromosome_of
from shirube.genome.amino import ONE, THREE
from shirube.genome.chromosomes import canonical

Kind = Literal["allele", "region", "rsid", "genomic", "coding", "protein", "name"]
LONGEST = 1000  # characters
EXAMPLES = {
    "gene": "TP53",
    "allele": "chr17-7675088-C-T",
    "region": "chr17:7675000-7676000",
    "rsid": "rs28934578",
    "genomic": "chr17:g.7675088C>T",
    "coding": "TP53:c.524G>A",
    "protein": "TP53:p.Arg175His",
}

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－ーｰ", "-"))
_BASES = r"[ACGTN]+"
_ALLELE = re.compile(
    rf"(?P<chrom>[\w.]+?)[-:_ ](?P<pos>\d+)[-:_ ]?(?P<ref>{_BASES})"
    rf"(?:[-:_ />]|->|→)(?P<alt>{_BASES})",
    re.IGNORECASE,
)
_SPDI = re.compile(
    r"(?P<chrom>NC_\d+\.\d+):(?P<pos>\d+):(?P<ref>[ACGTN]*|\d+):(?P<alt>[ACGTN]*)", re.I
)
_LINE = re.compile(
    rf"(?P<chrom>\S+)\s+(?P<pos>\d+)\s+\S+\s+(?P<ref>{_BASES})\s+(?P<alt>{_BASES})(?:\s.*)?", re.I
)
_REGION = re.compile(r"(?P<chrom>[\w.]+)(?:[:\- ](?P<start>\d+)(?:(?:-|\.\.| )(?P<end>\d+))?)?")
_HGVS = re.compile(
    r"(?P<owner>[^\s:()]+?)(?:\((?P<gene>[^()\s]+)\))?(?:\s*:\s*|\s+)(?P<name>[gmcnp]\.\s*\S+)"
    r"(?:\s*\(?(?P<second>p\.\S+?)\)?)?",
    re.IGNORECASE,
)
_BARE_PROTEIN = re.compile(r"(?P<owner>[A-Za-z][\w-]*)[\s:]+(?P<name>[A-Za-z*]{1,3}\d+\S+)")
_PROTEIN = re.compile(r"(?P<first>[A-Za-z*]{1,3})(?P<number>\d+)(?P<rest>.*)")


@dataclass(frozen=True)
class Question:
    """One question; what is set depends on its kind.

    allele   chrom, start (0-based), ref, alt
    region   chrom, start, end (0-based, half-open; end None: the whole chromosome)
    rsid, name                      text
    genomic                         chrom, name (`g.7675088C>T`)
    coding, protein                 owner (gene or transcript), gene (if said beside it), name
    """

    kind: Kind
    text: str
    chrom: str = ""
    start: int = 0
    end: int | None = None
    ref: str = ""
    alt: str = ""
    owner: str = ""
    gene: str = ""
    name: str = ""


def cleaned(text: str) -> str:
    """`text` in half-width letters, with plain dashes and single spaces.

    A Japanese prolonged sound mark is a dash only between digits or letters of ASCII.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = re.sub(r"(?<=[0-9A-Za-z])[‐‑‒–—―−﹣－ーｰ](?=[0-9A-Za-z])", "-", plain)
    if plain.isascii() or not re.search(r"[぀-ヿ一-鿿]", plain):
        plain = plain.translate(_DASHES)
    return re.sub(r"\s+", " ", plain)


def understood(text: str) -> Question:
    """The question `text` asks, by its form alone; kind `name` if it has none of the others."""
    plain = cleaned(text[:LONGEST])
    packed = re.sub(r"(?<=\d),(?=\d{3}(?:\D|$))", "", plain)
    packed = re.sub(r"\s*([:>/→])\s*|\s*(->)\s*", lambda m: m[1] or m[2], packed)
    if re.fullmatch(r"rs\d+", packed, re.IGNORECASE):
        return Question("rsid", packed.lower())
    if re.fullmatch(r"m\.\d\S+", packed, re.IGNORECASE):
        packed = f"chrM:{packed}"
    for read in (_hgvs, _allele, _region, _protein):
        if found := read(packed):
            return found
    return Question("name", plain)


def _chromosome(word: str) -> str | None:
    """Canonical chromosome of a name in any case, or of a RefSeq accession."""
    accession = chromosome_of(word.upper())
    if accession:
        return accession
    body = re.sub(r"^(chromosome|chrom|chr)_?", "", word, flags=re.IGNORECASE).upper()
    return canonical("MT" if body in ("M", "MT", "MITO") else body)


def _allele(text: str) -> Question | None:
    if found := _SPDI.fullmatch(text):
        chrom = _chromosome(found["chrom"])
        if chrom and not found["ref"].isdigit() and (found["ref"] or found["alt"]):
            ref, alt = found["ref"].upper(), found["alt"].upper()
            return Question("allele", text, chrom, int(found["pos"]), ref=ref, alt=alt)
    found = _ALLELE.fullmatch(text) or _LINE.fullmatch(text)
    chrom = _chromosome(found["chrom"]) if found else None
    if found and chrom:
        ref, alt = found["ref"].upper(), found["alt"].upper()
        return Question("allele", text, chrom, int(found["pos"]) - 1, ref=ref, alt=alt)
    return None


def _region(text: str) -> Question | None:
    found = _REGION.fullmatch(text)
    chrom = _chromosome(found["chrom"]) if found else None
    if not found or not chrom or (found["chrom"].isdigit() and not found["start"]):
        return None
    if not found["start"]:
        return Question("region", text, chrom)
    first = int(found["start"])
    last = int(found["end"]) if found["end"] else first
    return Question("region", text, chrom, first - 1, last)


def _hgvs(text: str) -> Question | None:
    found = _HGVS.fullmatch(text)
    if not found:
        return None
    owner, gene = found["owner"], found["gene"] or ""
    name = re.sub(r"\s", "", found["name"])
    name = name[0].lower() + name[1:]
    if name[0] in "gm":
        chrom = _chromosome(owner)
        bases = re.sub(r"[acgt]", lambda m: m[0].upper(), name[2:].split("(")[0])
        bases = re.sub(r"DEL|INS|DUP|INV", lambda m: m[0].lower(), bases, flags=re.IGNORECASE)
        return Question("genomic", text, chrom, name=name[:2] + bases) if chrom else None
    if name[0] == "p":
        return Question("protein", text, owner=owner, gene=gene, name=protein_name(name))
    words = re.split(r"(del|ins|dup|inv)", name[2:], flags=re.IGNORECASE)
    body = "".join(w.lower() if n % 2 else w.upper() for n, w in enumerate(words))
    return Question("coding", text, owner=owner, gene=gene, name=name[:2] + body)


def _protein(text: str) -> Question | None:
    """`TP53 R175H`: a gene and a change without `p.`."""
    found = _BARE_PROTEIN.fullmatch(text)
    if not found or _chromosome(found["owner"]):
        return None
    name = protein_name(f"p.{found['name']}")
    if not re.fullmatch(r"p\.[A-Z][a-z]{2}\d+.+", name):
        return None
    return Question("protein", text, owner=found["owner"], name=name)


def protein_name(name: str) -> str:
    """An HGVS p. name in three-letter code, Ter for a stop, without brackets.

    Letters it does not know are left as they are.
    """
    body = name[2:].replace("(", "").replace(")", "").replace("*", "Ter")
    if body in ("=", "?"):
        return f"p.{body}"
    out, at = [], 0
    for found in re.finditer(
        r"(?P<three>[A-Za-z]{3}(?=\d|$|fs|del|dup|ins|_|Ter|[A-Z]))|(?P<one>[A-Za-z])", body
    ):
        if found.start() < at:
            continue
        word = found[0]
        lower = body[found.start() :].lower()
        kept = next(
            (k for k in ("delins", "del", "dup", "ins", "fs", "ext") if lower.startswith(k)), ""
        )
        if kept and found.start() > 0:
            out.append(body[at : found.start()] + kept)
            at = found.start() + len(kept)
        elif found["three"] and word.capitalize() in ONE:
            out.append(body[at : found.start()] + word.capitalize())
            at = found.end()
        else:
            letter = found[0][0].upper()
            spelt = "Ter" if letter == "X" else THREE.get(letter, letter)
            out.append(body[at : found.start()] + spelt)
            at = found.start() + 1
    return f"p.{''.join(out)}{body[at:]}"
