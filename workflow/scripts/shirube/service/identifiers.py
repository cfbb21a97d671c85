"""Names other systems know an allele by: SPDI, HGVS on the chromosome, GA4GH VRS 2.

VRS identifiers are computed as the specification says (https://vrs.ga4gh.org, version 2): a digest
of the normalised allele in canonical JSON, on the refget digest of its sequence. A test holds them
to those of ga4gh.vrs.
"""

import base64
import hashlib
import json
from functools import lru_cache
from typing import Any

from shirube.cohort.query.sequence import Genome
from shirube.genome.accessions import accession_of, genomic_prefix
from shirube.genome.edits import described, edit_of, shifted

_CHUNK = 1 << 22
Key = tuple[str, int, str, str]


def spdi(genome: Genome, key: Key) -> str | None:
    """SPDI of an allele, in its contextual form; None for a build without accessions."""
    accession = accession_of(key[0], genome.build)
    if accession is None:
        return None
    start, ref, alt = justified(genome, key)
    return f"{accession}:{start}:{ref}:{alt}"


def hgvs_g(genome: Genome, key: Key) -> str:
    """HGVS name of an allele on its chromosome."""
    chrom, pos, ref, alt = key
    sequence = genome.chromosome(chrom)
    edit = shifted(edit_of(pos, ref, alt), sequence, forward=True)
    prefix = genomic_prefix(chrom, genome.build, genome.contigs[chrom], genome.length(chrom))
    return prefix + described(edit, sequence, True, lambda at: str(at + 1))


def justified(genome: Genome, key: Key) -> tuple[int, str, str]:
    """0-based start, deleted and inserted bases, fully justified (VOCA).

    An insertion or deletion in a repeat takes in the whole stretch it may be placed in.
    """
    chrom, pos, ref, alt = key
    edit = edit_of(pos, ref, alt)
    sequence = genome.chromosome(chrom)
    deleted = bytes(sequence[edit.start : edit.end]).decode()
    if deleted and edit.inserted:
        return edit.start, deleted, edit.inserted
    unit = deleted or edit.inserted
    if not unit:
        return edit.start, deleted, edit.inserted
    left = right = 0
    size, n = len(unit), int(sequence.size)
    while (
        edit.start - left > 0 and _base(sequence, edit.start - left - 1) == unit[-1 - left % size]
    ):
        left += 1
    while edit.end + right < n and _base(sequence, edit.end + right) == unit[right % size]:
        right += 1
    before = bytes(sequence[edit.start - left : edit.start]).decode()
    after = bytes(sequence[edit.end : edit.end + right]).decode()
    return edit.start - left, before + deleted + after, before + edit.inserted + after


def _base(sequence: Any, at: int) -> str:  # noqa: ANN401 (a chromosome, read slice by slice)
    return chr(int(sequence[at]))


def digest(blob: bytes) -> str:
    """GA4GH's sha512t24u."""
    return base64.urlsafe_b64encode(hashlib.sha512(blob).digest()[:24]).decode()


@lru_cache(maxsize=64)
def refget(genome: Genome, chrom: str) -> str:
    """Refget identifier of a chromosome's sequence (SQ. and its digest)."""
    sequence, whole = genome.chromosome(chrom), hashlib.sha512()
    for at in range(0, genome.length(chrom), _CHUNK):
        whole.update(bytes(sequence[at : at + _CHUNK]))
    return f"SQ.{base64.urlsafe_b64encode(whole.digest()[:24]).decode()}"


def vrs(genome: Genome, key: Key) -> dict[str, Any]:
    """The allele as a VRS 2 object with its computed identifiers."""
    start, deleted, inserted = justified(genome, key)
    reference = {"type": "SequenceReference", "refgetAccession": refget(genome, key[0])}
    place = {"end": start + len(deleted), "start": start, "type": "SequenceLocation"}
    location_digest = digest(_canonical({**place, "sequenceReference": reference}))
    state = _state(key, deleted, inserted)
    told = {k: v for k, v in state.items() if k != "sequence" or state["type"].startswith("Lit")}
    own = digest(_canonical({"location": location_digest, "state": told, "type": "Allele"}))
    location = {"id": f"ga4gh:SL.{location_digest}", "digest": location_digest, **place}
    return {
        "id": f"ga4gh:VA.{own}",
        "digest": own,
        "type": "Allele",
        "location": {**location, "sequenceReference": reference},
        "state": state,
    }


def _state(key: Key, deleted: str, inserted: str) -> dict[str, Any]:
    """What stands at the location: a stretch of the reference repeated, or its letters."""
    edit = edit_of(key[1], key[2], key[3])
    unit = 0
    if edit.deleted and not edit.inserted:
        unit = edit.deleted
    elif edit.inserted and not edit.deleted:
        unit = _cycle(len(edit.inserted), deleted, inserted)
    if not unit:
        return {"type": "LiteralSequenceExpression", "sequence": inserted}
    return {
        "type": "ReferenceLengthExpression",
        "length": len(inserted),
        "repeatSubunitLength": unit,
        "sequence": inserted,
    }


def _cycle(size: int, reference: str, inserted: str) -> int:
    """Longest unit, a divisor of `size`, that the reference ends in and repeats; 0 if none."""
    for unit in range(size, 0, -1):
        if size % unit or unit > len(reference):
            continue
        start = len(reference) - unit
        last = reference[start:]
        if all(inserted[start + i] == last[i % unit] for i in range(len(inserted) - start)):
            return unit
    return 0


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
