"""Single bases of one transcript, all at once.

The same answers as `effects.effect`, without a function call per allele: most alleles of a genome
are single bases in introns.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.annotate.effects import SPLICE_EXON, SPLICE_INTRON, Effect, effect
from shirube.annotate.terms import joined
from shirube.genome.amino import THREE
from shirube.genome.edits import Edit
from shirube.genome.sequence import Bases, N, complement
from shirube.genome.transcripts import Ints, Transcript

SCHEMA = {
    "consequence": pl.String,
    "exon": pl.String,
    "hgvs_c": pl.String,
    "hgvs_p": pl.String,
    "protein_pos": pl.Int32,
}
_LETTER = [chr(code) for code in range(128)]
_DIGIT = np.full(128, 4, np.int64)
for _digit, _base in enumerate(b"TCAG"):
    _DIGIT[_base] = _digit
Texts = list[str | None]


def substitutions(transcript: Transcript, at: Ints, alt: Bases) -> pl.DataFrame:
    """Effects (SCHEMA) of single-base changes at 0-based forward positions `at`, in their order."""
    reference = transcript.sequence[at]
    index, offset = transcript.coordinates(at)
    inside = (at >= transcript.start) & (at < transcript.end)
    exonic = inside & (offset == 0)
    terms = _region_terms(transcript, at, index, offset, inside)
    names = _coding_names(transcript, at, reference, alt)
    proteins: Texts = [None] * at.size
    positions: list[int | None] = [None] * at.size
    for row in np.flatnonzero(inside & ((np.abs(offset) == 1) | (np.abs(offset) == 2))).tolist():
        proteins[row] = "p.?"
    if transcript.cds is not None:
        low, high = transcript.cds
        coding = np.flatnonzero(exonic & (index >= low) & (index < high))
        for row, found in _codons(transcript, coding, index[coding] - low, at, alt):
            terms[row] = joined(filter(None, [*found.consequence.split("&"), terms[row]]))
            proteins[row], positions[row] = found.hgvs_p, found.protein_pos
    return pl.DataFrame(
        {
            "consequence": terms,
            "exon": _exons(transcript, at, inside),
            "hgvs_c": names,
            "hgvs_p": proteins,
            "protein_pos": positions,
        },
        schema=SCHEMA,
    )


def _region_terms(
    transcript: Transcript, at: Ints, index: Ints, offset: Ints, inside: npt.NDArray[np.bool_]
) -> list[str]:
    """Terms that need no codon; of coding bases only `splice_region_variant` or nothing."""
    coding = transcript.cds is not None
    low, high = transcript.cds or (0, 0)
    intron = "intron_variant" if coding else "intron_variant&non_coding_transcript_variant"
    distance = np.abs(offset)
    starts, ends = transcript.starts, transcript.ends
    exon = np.clip(np.searchsorted(starts, at, side="right") - 1, 0, starts.size - 1)
    near = ((at - starts[exon] < SPLICE_EXON) & (exon > 0)) | (
        (ends[exon] - at <= SPLICE_EXON) & (exon < starts.size - 1)
    )
    exonic = inside & (offset == 0)
    site = np.where(offset > 0, "splice_donor_variant", "splice_acceptor_variant").astype(object)
    edge = np.where(near, "splice_region_variant", "").astype(object)
    joint = np.where(near, "splice_region_variant&", "").astype(object)
    untranslated = np.where(index < low, "5_prime_UTR_variant", "3_prime_UTR_variant")
    other = untranslated.astype(object) if coding else "non_coding_transcript_exon_variant"
    chosen = np.select(
        [
            inside & (distance > SPLICE_INTRON),
            inside & (distance > 2),
            inside & (distance > 0),
            exonic & (index >= low) & (index < high),
            exonic,
            index < 0,
        ],
        [
            np.full(at.size, intron, object),
            np.full(at.size, f"splice_region_variant&{intron}", object),
            site + f"&{intron}",
            edge,
            joint + other,
            np.full(at.size, "upstream_gene_variant", object),
        ],
        np.full(at.size, "downstream_gene_variant", object),
    )
    return [str(one) for one in chosen]


def _coding_names(transcript: Transcript, at: Ints, reference: Bases, alt: Bases) -> Texts:
    """C. or n. names; null where the reference base is unknown."""
    if not transcript.forward:
        reference, alt = complement(reference), complement(alt)
    labels = transcript.labels(at)
    prefix = transcript.prefix
    return [
        None if old == N else f"{prefix}{label}{_LETTER[old]}>{_LETTER[new]}"
        for label, old, new in zip(labels, reference.tolist(), alt.tolist(), strict=True)
    ]


def _exons(transcript: Transcript, at: Ints, inside: npt.NDArray[np.bool_]) -> Texts:
    starts, ends = transcript.starts, transcript.ends
    exon = np.clip(np.searchsorted(starts, at, side="right") - 1, 0, starts.size - 1)
    intron = at >= ends[exon]
    count = starts.size
    number = exon + 1 if transcript.forward else np.where(intron, count - exon - 1, count - exon)
    return [
        None if not here else f"i{n}/{count - 1}" if gap else f"{n}/{count}"
        for n, gap, here in zip(number.tolist(), intron.tolist(), inside.tolist(), strict=True)
    ]


def _codons(
    transcript: Transcript, rows: Ints, place: Ints, at: Ints, alt: Bases
) -> list[tuple[int, Effect]]:
    """Effect of each coding row; `place` is its offset in the coding range."""
    unknown = Effect("coding_sequence_variant", None, None, None, None)
    if not transcript.translatable:
        return [(row, unknown) for row in rows.tolist()]
    assert transcript.cds is not None
    low, high = transcript.cds
    protein = transcript.protein
    whole = (high - low) // 3
    rna = _DIGIT[np.frombuffer(transcript.rna[low : low + 3 * whole].encode(), np.uint8)]
    codon, phase = place // 3, place % 3
    table = [transcript.code[a + b + c] for a in "TCAG" for b in "TCAG" for c in "TCAG"]
    new = _DIGIT[(alt if transcript.forward else complement(alt))[rows]]
    found: list[tuple[int, Effect]] = []
    weight = (16, 4, 1)
    for row, k, p, base in zip(
        rows.tolist(), codon.tolist(), phase.tolist(), new.tolist(), strict=True
    ):
        if k == 0 or k >= len(protein) - 1 or k >= whole:
            edit = Edit(int(at[row]), int(at[row]) + 1, _LETTER[alt[row]])
            found.append((row, _only_coding(effect(transcript, edit))))
            continue
        digits = rna[3 * k : 3 * k + 3].tolist()
        digits[p] = base
        old = protein[k]
        if old == "X" or max(digits) > 3:
            found.append((row, unknown))
            continue
        residue = table[sum(d * w for d, w in zip(digits, weight, strict=True))]
        name, number = f"p.{THREE[old]}{k + 1}", k + 1
        if residue == old:
            one = Effect("synonymous_variant", None, f"{name}=", number, None)
        elif residue == "*":
            one = Effect("stop_gained", None, f"{name}Ter", number, None)
        else:
            one = Effect("missense_variant", None, name + THREE[residue], number, None)
        found.append((row, one))
    return found


def _only_coding(found: Effect) -> Effect:
    """`found` without the splice region term, which the region terms already hold."""
    terms = [term for term in found.consequence.split("&") if term != "splice_region_variant"]
    return Effect("&".join(terms), None, found.hgvs_p, found.protein_pos, None)
