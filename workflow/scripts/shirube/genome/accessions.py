"""RefSeq accessions of chromosomes, for HGVS g. and m. names.

Source: NCBI assembly reports GCF_000001405.40 (GRCh38.p14) and GCF_000001405.25 (GRCh37.p13).
"""

from shirube.genome.chromosomes import CHROMS

_GRCH38 = dict(zip(CHROMS, [11, 12, 12, 12, 10, 12, 14, 11, 12, 11, 10, 12, 11, 9, 10, 10, 11, 10,
                            10, 11, 9, 11, 11, 10], strict=False))  # fmt: skip
_GRCH37 = dict(zip(CHROMS, [10, 11, 11, 11, 9, 11, 13, 10, 11, 10, 9, 11, 10, 8, 9, 9, 10, 9,
                            9, 10, 8, 10, 10, 9], strict=False))  # fmt: skip
_VERSIONS = {"GRCh38": _GRCH38, "GRCh37": _GRCH37}
RCRS_LENGTH = 16569


def genomic_prefix(chrom: str, build: str, contig: str, length: int) -> str:
    """`NC_000017.11:g.`, `NC_012920.1:m.`; the contig's own name where no accession is known."""
    if chrom == "chrM":
        known = build in _VERSIONS and length == RCRS_LENGTH
        return "NC_012920.1:m." if known else f"{contig}:m."
    versions = _VERSIONS.get(build)
    if versions is None:
        return f"{contig}:g."
    return f"NC_{CHROMS.index(chrom) + 1:06d}.{versions[chrom]}:g."


def chromosome_of(accession: str) -> str | None:
    """Canonical chromosome of a RefSeq accession (`NC_000017.11`); None for any other word."""
    return _CHROMOSOMES.get(accession)


def accession_of(chrom: str, build: str) -> str | None:
    """RefSeq accession of a canonical chromosome; None for a build that has none."""
    return _ACCESSIONS.get((build, chrom))


def build_of(accession: str) -> str | None:
    """Build whose chromosome bears this accession; None if several do, or none."""
    return _BUILDS.get(accession)


_ACCESSIONS = {
    (build, chrom): f"NC_{CHROMS.index(chrom) + 1:06d}.{version}"
    for build, versions in _VERSIONS.items()
    for chrom, version in versions.items()
} | {(build, "chrM"): "NC_012920.1" for build in _VERSIONS}
_BUILDS = {name: build for (build, chrom), name in _ACCESSIONS.items() if chrom != "chrM"}
_CHROMOSOMES = {name: chrom for (_, chrom), name in _ACCESSIONS.items()}
