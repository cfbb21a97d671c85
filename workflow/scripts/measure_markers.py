"""Rule measure_markers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from shirube.calling.somatic.change_types import doublets, indels
from shirube.calling.somatic.markers import (
    burden,
    contexts,
    inside,
    instability,
    length_pairs,
    no_instability,
)
from shirube.calling.somatic.signatures import signatures
from shirube.calling.variant_files import contig_names
from shirube.cancer.clustered import chromothripsis, kataegis
from shirube.cancer.event_types import junction_types, segment_types
from shirube.cancer.hla_loss import class_one_loss
from shirube.cancer.hrd import (
    AUTOSOMES,
    allelic,
    centromeres,
    criteria,
    deficiency,
    merged,
    unseen_copies,
    whole_copies,
)
from shirube.cancer.repair_events import duplicated, homologous, unseen_events
from shirube.cancer.viruses import viral_contigs, viruses
from shirube.changes.molecules import carried
from shirube.contracts import (
    COPY_NUMBER,
    GENE_MODELS,
    MARKERS,
    SOMATIC,
    STRUCTURAL,
    metadata,
    read,
    write,
)
from shirube.contracts.phase import CHANGES
from shirube.genome.alleles import canonical
from shirube.genome.intervals import intersection
from shirube.genome.regions import read_bed, read_contigs, run_regions
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    tumour: str | None,
    normal: str | None,
    somatic: str,
    changes: str,
    callable_beds: list[str],
    reference: str,
    bed: str | None,
    matrices: Mapping[str, str | None],
    markers: str,
    min_mapq: int,
    aliases: dict[str, str] | None,
    copy_number: str | None,
    structural: str | None,
    curated: Sequence[str],
    build: str,
    gene_models: str | None,
    threads: int = 1,
) -> None:
    """Measure burden, microsatellite instability, scars of repair, viruses, signatures.

    A tumour without reads came as a VCF of somatic calls. What several alleles are together on one
    molecule (`changes`) counts once. `curated`: hrd_criteria, cluster_criteria, centromeres and
    viral_contigs of resources/; `matrices`: signatures by SBS, DBS, ID, SV and CN.
    """
    regions = run_regions(read_contigs(f"{reference}.fai"), bed, aliases)
    territory = [r for r in regions if canonical(r.contig, aliases) != "chrM"]
    for path in callable_beds:
        territory = intersection(territory, read_bed(path))
    bases = sum(interval.end - interval.start for interval in territory)
    passed = carried(read(SOMATIC, somatic).filter(filter="PASS"), read(CHANGES, changes))
    names = contig_names(reference, aliases)
    germline_apart = normal is not None or tumour is None
    rows = [burden(inside(passed, territory, names), bases, germline_apart)]
    if tumour and normal:
        pairs = length_pairs(tumour, normal, reference, regions, min_mapq, threads)
        rows.append(instability(pairs))
    else:
        rows.append(no_instability(bool(tumour)))
    asked = criteria(table_of(curated, "hrd_criteria"))
    middle = centromeres(table_of(curated, "centromeres"), build)
    lengths = autosomes(reference, aliases)
    segments = read(COPY_NUMBER, copy_number) if copy_number else COPY_NUMBER.empty()
    about = metadata(copy_number) if copy_number else {}
    rows.append(deficiency(segments, about, middle, sum(lengths.values()), asked))
    types = indels(passed, reference, names)
    events = read(STRUCTURAL, structural) if structural else None
    share, needed = bases / max(sum(lengths.values()), 1), asked["covered_min"]
    rows += [homologous(types), duplicated(events, share, needed)]
    own = allelic(segments)
    no_copies = unseen_copies(own, about, middle, sum(lengths.values()), asked)
    no_events = unseen_events(events, share, needed)
    genome = whole_copies(own, own["total_cn"].to_numpy(), own["minor_cn"].to_numpy())
    genome = {chrom: merged(pieces) for chrom, pieces in genome.items()}
    snvs = passed.filter(
        (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)
    )
    crowds = criteria(table_of(curated, "cluster_criteria"))
    no_foci = unseen_events(snvs if germline_apart else None, share, needed)
    rows.append(kataegis(snvs, bases, no_foci, crowds))
    rows.append(chromothripsis(events, genome, lengths, no_events or no_copies, crowds))
    known = viral_contigs(read_contigs(f"{reference}.fai"), table_of(curated, "viral_contigs"))
    models = read(GENE_MODELS, gene_models) if gene_models else GENE_MODELS.empty()
    rows.append(class_one_loss(segments, about, models, asked))
    human = {contig: chrom for chrom, contig in names.items()}
    rows += viruses(tumour, normal, reference, known, human, models, min_mapq)
    kinds = {
        "SBS": (lambda: contexts(snvs, reference, names), None),
        "DBS": (lambda: doublets(passed), None),
        "ID": (lambda: types, None),
        "SV": (lambda: junction_types(events), no_events),
        "CN": (lambda: segment_types([p for own in genome.values() for p in own]), no_copies),
    }
    for kind, path in matrices.items():
        if path:
            counts, unseen = kinds[kind]
            rows += signatures({} if unseen else counts(), path, kind, unseen)
    table = pl.DataFrame(rows, schema=MARKERS.polars, orient="row")
    write(MARKERS.table(table), MARKERS, markers)


def table_of(curated: Sequence[str], name: str) -> str:
    """Path of a table of resources/."""
    return next(path for path in curated if Path(path).stem == name)


def autosomes(reference: str, aliases: dict[str, str] | None) -> dict[str, int]:
    """Bases of each of the reference's autosomes."""
    contigs = {canonical(n, aliases): size for n, size in read_contigs(f"{reference}.fai").items()}
    return {chrom: contigs[chrom] for chrom in AUTOSOMES if chrom in contigs}


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            tumour=snakemake.input.get("tumour") or None,
            normal=snakemake.input.get("normal") or None,
            somatic=snakemake.input.somatic,
            changes=snakemake.input.changes,
            callable_beds=list(snakemake.input.callable),
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            matrices={
                "SBS": snakemake.input.get("matrix") or None,
                "DBS": snakemake.input.get("doublets") or None,
                "ID": snakemake.input.get("indels") or None,
                "SV": snakemake.input.get("rearrangements") or None,
                "CN": snakemake.input.get("segments") or None,
            },
            markers=snakemake.output.markers,
            min_mapq=snakemake.params.min_mapq,
            aliases=snakemake.params.aliases,
            structural=snakemake.input.get("structural") or None,
            copy_number=snakemake.input.get("copy_number") or None,
            curated=snakemake.params.curated,
            build=snakemake.params.build,
            gene_models=snakemake.input.get("gene_models") or None,
            threads=snakemake.threads,
        )
