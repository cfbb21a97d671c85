"""What an edit does to a transcript: SO terms, c. and p. names.

Any edit can be judged here, one at a time; `substitutions` judges single bases of a whole
transcript at once and agrees with it (held to that by a test).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shirube.annotate.protein import START_LOST, START_RETAINED, UNKNOWN, Change, protein_change
from shirube.annotate.terms import joined
from shirube.genome.amino import initiators, to_stop, translated
from shirube.genome.edits import KEPT, Edit, described, pieces, shifted
from shirube.genome.sequence import reverse_complement
from shirube.genome.transcripts import Transcript

SPLICE_INTRON, SPLICE_EXON = 8, 3  # bases of the splice region on either side of the junction


@dataclass(frozen=True)
class Effect:
    """One allele on one transcript."""

    consequence: str
    hgvs_c: str | None
    hgvs_p: str | None
    protein_pos: int | None
    exon: str | None


def effect(transcript: Transcript, edit: Edit) -> Effect:
    """Effect of any edit; names are null where the sequence they need is unknown."""
    edit = shifted(edit, transcript.sequence, transcript.forward)
    parts = _around_introns(transcript, edit)
    if len(parts) > 1:
        return _joined(transcript, parts)
    terms, change = _terms(transcript, edit)
    broken = duplicated_splice_sites(transcript, edit)
    if broken:
        terms = (terms - {"splice_region_variant"}) | broken
        change = _splice_name(terms)
    known = "N" not in bytes(transcript.sequence[edit.start : edit.end]).decode()
    name = (
        described(edit, transcript.sequence, transcript.forward, transcript.label)
        if known
        else None
    )
    return Effect(
        joined(terms),
        f"{transcript.prefix}{name}" if name else None,
        change.name if change else None,
        change.position if change else None,
        _place(transcript, edit),
    )


def _around_introns(transcript: Transcript, edit: Edit) -> list[Edit]:
    """The edits on both sides of introns that a replacement over them leaves as they are."""
    if not edit.inserted:
        return [edit]
    low, high = transcript.ends[:-1], transcript.starts[1:]
    inside = (low > edit.start) & (high < edit.end)
    if not inside.any():
        return [edit]
    introns = list(zip(low[inside].tolist(), high[inside].tolist(), strict=True))
    shortest = min(b - a for a, b in introns)
    parts = pieces(edit, transcript.sequence, min(KEPT, shortest))
    whole = all(not (part.start < b and part.end > a) for part in parts for a, b in introns)
    return parts if whole and all(_exonic(transcript, part) for part in parts) else [edit]


def _joined(transcript: Transcript, parts: list[Edit]) -> Effect:
    """Effect of edits in several exons of one molecule, whose introns are as they were."""
    terms = {term for part in parts for term in splice_terms(transcript, part)}
    change = None
    if transcript.cds is None:
        terms.add("non_coding_transcript_exon_variant")
    else:
        region, change = _coding_terms(transcript, parts, parts, True)
        terms |= region
    parts = parts if transcript.forward else parts[::-1]
    names = [described(p, transcript.sequence, transcript.forward, transcript.label) for p in parts]
    return Effect(
        joined(terms),
        f"{transcript.prefix}[{';'.join(names)}]",
        change.name if change else None,
        change.position if change else None,
        _place(transcript, parts[0]),
    )


def _place(transcript: Transcript, edit: Edit) -> str | None:
    """First exon (5' of the transcript) the edit touches, else its intron; None outside.

    A deletion that begins in an intron and takes bases of the exon behind it is in that exon:
    evidence for "exon 11 deletions" must find it.
    """
    parts = _exonic(transcript, edit)
    if parts:
        first, last = parts[0][0], max(parts[-1][1], parts[-1][0] + 1) - 1
        here = first if transcript.forward else last
        # An insertion behind the last base of an exon stands, as a position, in the intron.
        inside = here if transcript.spliced(here) is not None else here - 1
        return transcript.exon_of(inside)
    return transcript.exon_of(edit.start) or transcript.exon_of(max(edit.end, edit.start + 1) - 1)


def _terms(transcript: Transcript, edit: Edit) -> tuple[set[str], Change | None]:
    start, end = edit.start, edit.end
    first, last = transcript.start, transcript.end
    if start <= first and end >= last and end > start:
        return {"transcript_ablation"}, None
    if (end <= first and start < first) or start >= last:
        left = end <= first
        side = "upstream" if left == transcript.forward else "downstream"
        return {f"{side}_gene_variant"}, None
    if start == end == first:
        side = "upstream" if transcript.forward else "downstream"
        return {f"{side}_gene_variant"}, None
    terms = splice_terms(transcript, edit)
    exonic = _exonic(transcript, edit)
    coding = transcript.cds is not None
    if not exonic:
        terms.add("intron_variant")
        if not coding:
            terms.add("non_coding_transcript_variant")
        return terms, _splice_name(terms)
    if not coding:
        return terms | {"non_coding_transcript_exon_variant"}, None
    whole = len(exonic) == 1 and exonic[0] == (start, end)
    region, change = _coding_terms(transcript, [edit], [Edit(*part, "") for part in exonic], whole)
    terms |= region
    if not whole:
        terms.add("intron_variant")
    return terms, change


def _exonic(transcript: Transcript, edit: Edit) -> list[tuple[int, int]]:
    """Parts of the edit inside exons; an insertion beside an exon base is one such part.

    An insertion exactly between exon and intron leaves the splice site whole beside the intron,
    so it lengthens the exon.
    """
    parts = []
    point = edit.start == edit.end
    for low, high in zip(transcript.starts.tolist(), transcript.ends.tolist(), strict=True):
        if point and low <= edit.start <= high:
            return [(edit.start, edit.start)]
        a, b = max(low, edit.start), min(high, edit.end)
        if a < b:
            parts.append((a, b))
    return parts


def splice_terms(transcript: Transcript, edit: Edit) -> set[str]:
    """Splice site and splice region terms of an edit where it stands."""
    terms: set[str] = set()
    start, end = edit.start, edit.end
    point = start == end
    pairs = zip(transcript.ends[:-1].tolist(), transcript.starts[1:].tolist(), strict=True)
    for low, high in pairs:  # the intron [low, high)
        if high + SPLICE_EXON < start or low - SPLICE_EXON > end:
            continue

        def touches(a: int, b: int) -> bool:
            """True if the edit changes a base of [a, b) or inserts strictly inside."""
            return a < start < b if point else start < b and end > a

        left, right = touches(low, low + 2), touches(high - 2, high)
        donor, acceptor = (left, right) if transcript.forward else (right, left)
        if donor:
            terms.add("splice_donor_variant")
        if acceptor:
            terms.add("splice_acceptor_variant")
        near = touches(low - SPLICE_EXON, low + SPLICE_INTRON) or touches(
            high - SPLICE_INTRON, high + SPLICE_EXON
        )
        if near and not (donor or acceptor):
            terms.add("splice_region_variant")
    return terms


def duplicated_splice_sites(transcript: Transcript, edit: Edit) -> set[str]:
    """Splice sites inside the bases a duplication repeats: which copy is used is not known."""
    size = len(edit.inserted)
    if edit.deleted or not size:
        return set()
    low = edit.start - size if transcript.forward else edit.start
    if low < 0 or bytes(transcript.sequence[low : low + size]).decode() != edit.inserted:
        return set()
    copied = splice_terms(transcript, Edit(low, low + size, ""))
    return copied & {"splice_donor_variant", "splice_acceptor_variant"}


def _splice_name(terms: set[str]) -> Change | None:
    broken = {"splice_donor_variant", "splice_acceptor_variant"} & terms
    return Change((), "p.?", None) if broken else None


def _coding_terms(
    transcript: Transcript, edits: list[Edit], exonic: list[Edit], whole: bool
) -> tuple[set[str], Change | None]:
    """UTR and coding terms of edits, given their parts inside exons; `whole`: they are all."""
    assert transcript.cds is not None
    low, high = transcript.cds
    places = [spliced_span(transcript, part) for part in exonic]
    terms: set[str] = set()
    a, b = min(p[0] for p in places), max(p[1] for p in places)
    if a < low:
        terms.add("5_prime_UTR_variant")
    if b > high or (a == b == high):
        terms.add("3_prime_UTR_variant")
    inside = low < a < high if a == b else a < high and b > low
    if a == b == low:
        terms.add("5_prime_UTR_variant")
    if not inside:
        return terms, None
    if not whole:
        terms.add("coding_sequence_variant")
        if a < low + 3:
            return terms | {"start_lost"}, START_LOST
        if b > high - 3:
            terms.add("stop_lost")
        return terms, Change((), "p.?", None)
    change = coding_change(transcript, a, b, spliced_text(transcript, edits, a, b))
    return terms | set(change.terms), change


def spliced_span(transcript: Transcript, edit: Edit) -> tuple[int, int]:
    """Range on the spliced sequence of an edit inside one exon."""
    if not edit.deleted:
        index = _insertion_index(transcript, edit.start)
        return index, index
    ends = transcript.spliced(edit.start), transcript.spliced(edit.end - 1)
    assert ends[0] is not None
    assert ends[1] is not None
    return min(ends[0], ends[1]), max(ends[0], ends[1]) + 1


def spliced_text(transcript: Transcript, edits: Sequence[Edit], first: int, last: int) -> str:
    """What edits inside exons make of the spliced bases [first, last), in its direction."""
    ordered = sorted((*spliced_span(transcript, edit), edit.inserted) for edit in edits)
    text, at = [], first
    for a, b, inserted in ordered:
        text += [
            transcript.rna[at:a],
            inserted if transcript.forward else reverse_complement(inserted),
        ]
        at = b
    return "".join([*text, transcript.rna[at:last]])


def _insertion_index(transcript: Transcript, at: int) -> int:
    """Spliced index in front of which bases inserted before forward position `at` come."""
    left, right = transcript.spliced(at - 1), transcript.spliced(at)
    if transcript.forward:
        index = left + 1 if left is not None else right
    else:
        index = left if left is not None else right + 1 if right is not None else None
    assert index is not None
    return index


def coding_change(transcript: Transcript, first: int, last: int, inserted: str) -> Change:
    """Change of the protein when spliced bases [first, last) become `inserted`."""
    assert transcript.cds is not None
    if not transcript.translatable:
        return UNKNOWN
    low, high = transcript.cds
    rna, before = transcript.rna, transcript.protein
    edited = rna[:first] + inserted + rna[last:]
    delta = len(inserted) - (last - first)
    if first < low + 3 and (first < low or edited[low : low + 3] != rna[low : low + 3]):
        # The start codon is touched; kept only if one stands in the same place and frame.
        if delta or first < low or edited[low : low + 3] not in initiators(transcript.chrom):
            return START_LOST
        if last <= low + 3:
            return START_RETAINED
    reading = edited[low:]
    if transcript.chrom == "chrM":
        reading = edited[low : high + delta] + "A" * (-(high + delta - low) % 3)
    residue = min(max(first - low, 0) // 3, len(before))
    # What lies in front of the edit is as it was.
    after = before[:residue] + to_stop(reading[3 * residue :], transcript.code)
    if "U" in before:
        whole = before[:residue] + translated(reading[3 * residue :], transcript.code)
        kept = delta if delta % 3 == 0 else None
        after = _with_selenocysteine(whole, before, (last - low + 2) // 3, kept)
        after = after[: after.find("*") + 1] if "*" in after else after
    if after and before[0] == "M":
        after = "M" + after[1:]
    behind = (first + len(inserted) - low + 2) // 3
    return protein_change(before, after, delta, residue, behind)


def _with_selenocysteine(after: str, before: str, behind: int, delta: int | None) -> str:
    """`after` with the selenocysteines of `before` that the edit leaves in frame.

    `behind`: first codon of `before` wholly behind the edit; `delta` null if the frame shifts.
    """
    if "U" not in before:
        return after
    residues = list(after)
    for index, residue in enumerate(before):
        if residue != "U":
            continue
        place = index if index < behind - 1 else None
        if place is None and delta is not None and index >= behind:
            place = index + delta // 3
        if place is not None and place < len(residues) and residues[place] == "*":
            residues[place] = "U"
    return "".join(residues)
