"""VRS, SPDI and HGVS identifiers against ga4gh.vrs and the meaning of an allele."""

import random
from pathlib import Path

import pytest
from cohort_case import write_reference
from ga4gh.core import ga4gh_identify
from ga4gh.vrs import models, normalize
from ga4gh.vrs.dataproxy import _DataProxy

from shirube.cohort.query.sequence import Genome
from shirube.service.identifiers import hgvs_g, justified, refget, spdi, vrs


class Sequences(_DataProxy):
    """The reference of a test as ga4gh.vrs asks for sequences."""

    def __init__(self, named: dict[str, str]) -> None:
        self.named = named

    def get_sequence(
        self, identifier: str, start: int | None = None, end: int | None = None
    ) -> str:
        """Bases of a sequence."""
        return self.named[identifier.removeprefix("ga4gh:")][start:end]

    def get_metadata(self, identifier: str) -> dict:
        """Length and names of a sequence."""
        return {
            "length": len(self.named[identifier.removeprefix("ga4gh:")]),
            "aliases": [identifier],
        }


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> tuple[Genome, dict[str, str]]:
    path = tmp_path_factory.mktemp("vrs") / "r.fa"
    sequences = write_reference(path, contigs={"chr1": 2000, "chr2": 700})
    return Genome(path, "GRCh38"), sequences


def alleles(sequences: dict[str, str]) -> list[tuple[str, int, str, str]]:
    """SNVs, MNVs, insertions, deletions and delins, many of them in repeats."""
    rng = random.Random(5)
    out = []
    for chrom, bases in sequences.items():
        for _ in range(150):
            pos, size = rng.randint(2, len(bases) - 20), rng.choice([1, 1, 2, 3, 6])
            ref = bases[pos - 1]
            out += [
                (chrom, pos, ref, rng.choice([b for b in "ACGT" if b != ref])),
                (chrom, pos, bases[pos - 1 : pos + size], ref),
                (chrom, pos, ref, ref + bases[pos : pos + size]),
                (chrom, pos, ref, ref + "".join(rng.choices("ACGT", k=size))),
                (chrom, pos, bases[pos - 1 : pos + 1], "".join(rng.choices("ACGT", k=size + 1))),
            ]
    return [a for a in out if a[2] != a[3]]


def test_vrs_identifiers_are_those_of_ga4gh_vrs(genome: tuple[Genome, dict[str, str]]) -> None:
    own, sequences = genome
    proxy = Sequences({refget(own, chrom): bases for chrom, bases in sequences.items()})
    kinds = set()
    for key in alleles(sequences):
        chrom, pos, ref, alt = key
        allele = models.Allele(
            location=models.SequenceLocation(
                sequenceReference=models.SequenceReference(refgetAccession=refget(own, chrom)),
                start=pos - 1,
                end=pos - 1 + len(ref),
            ),
            state=models.LiteralSequenceExpression(sequence=models.sequenceString(alt)),
        )
        theirs = normalize(allele, proxy)
        ours = vrs(own, key)
        assert ours["id"] == ga4gh_identify(theirs), key
        assert ours["location"]["id"] == ga4gh_identify(theirs.location)
        assert ours["state"]["type"] == theirs.state.type
        kinds.add(ours["state"]["type"])
    assert kinds == {"LiteralSequenceExpression", "ReferenceLengthExpression"}


def test_the_refget_digest_is_the_published_one(tmp_path: Path) -> None:
    """Refget 2.0.0 states the digest of ACGT (sha512t24u)."""
    (tmp_path / "r.fa").write_text(">chr1\nAC\ngt\n")
    (tmp_path / "r.fa.fai").write_text("chr1\t4\t6\t2\t3\n")
    assert (
        refget(Genome(tmp_path / "r.fa", "GRCh38"), "chr1") == "SQ.aKF498dAxcJAqme6QYQ7EZ07-fiw8Kw2"
    )


def test_an_identifier_says_the_same_change(genome: tuple[Genome, dict[str, str]]) -> None:
    own, sequences = genome
    for key in alleles(sequences):
        chrom, pos, ref, alt = key
        bases = sequences[chrom]
        changed = bases[: pos - 1] + alt + bases[pos - 1 + len(ref) :]
        start, deleted, inserted = justified(own, key)
        assert bases[start : start + len(deleted)] == deleted
        assert bases[:start] + inserted + bases[start + len(deleted) :] == changed
        accession = {"chr1": "NC_000001.11", "chr2": "NC_000002.12"}[chrom]
        assert spdi(own, key) == f"{accession}:{start}:{deleted}:{inserted}"
        assert hgvs_g(own, key).startswith(f"{accession}:g.")


def test_the_same_change_written_otherwise_has_the_same_identifier(
    genome: tuple[Genome, dict[str, str]],
) -> None:
    own, sequences = genome
    for key in alleles(sequences)[::3]:
        chrom, pos, ref, alt = key
        normal = (chrom, *own.normal(chrom, pos, ref, alt))
        assert vrs(own, normal)["id"] == vrs(own, key)["id"]
        assert spdi(own, normal) == spdi(own, key)
        assert hgvs_g(own, normal) == hgvs_g(own, key)
