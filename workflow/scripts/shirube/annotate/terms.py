"""Sequence Ontology terms of consequences, most severe first, and their impact.

Terms and order: http://www.sequenceontology.org and the ranking Ensembl publishes
(https://www.ensembl.org/info/genome/variation/prediction/predicted_data.html).
"""

from collections.abc import Iterable

IMPACT = {
    "transcript_ablation": "HIGH",
    "splice_acceptor_variant": "HIGH",
    "splice_donor_variant": "HIGH",
    "stop_gained": "HIGH",
    "frameshift_variant": "HIGH",
    "stop_lost": "HIGH",
    "start_lost": "HIGH",
    "inframe_insertion": "MODERATE",
    "inframe_deletion": "MODERATE",
    "missense_variant": "MODERATE",
    "protein_altering_variant": "MODERATE",
    "splice_region_variant": "LOW",
    "start_retained_variant": "LOW",
    "stop_retained_variant": "LOW",
    "synonymous_variant": "LOW",
    "coding_sequence_variant": "MODIFIER",
    "5_prime_UTR_variant": "MODIFIER",
    "3_prime_UTR_variant": "MODIFIER",
    "non_coding_transcript_exon_variant": "MODIFIER",
    "intron_variant": "MODIFIER",
    "non_coding_transcript_variant": "MODIFIER",
    "upstream_gene_variant": "MODIFIER",
    "downstream_gene_variant": "MODIFIER",
    "intergenic_variant": "MODIFIER",
}
RANK = {term: rank for rank, term in enumerate(IMPACT)}


def joined(terms: Iterable[str]) -> str:
    """Distinct terms joined by &, most severe first."""
    return "&".join(sorted(set(terms), key=RANK.__getitem__))


def impact(consequence: str) -> str:
    """Impact of the most severe of joined terms."""
    return IMPACT[consequence.split("&", 1)[0]]
