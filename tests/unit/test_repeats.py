"""Repeat lengths: simulated people of known alleles, ExpansionHunter's results, findings."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from interpretation_frames import knowledge
from repeat_case import genome_of, sequenced, write_genome
from sam_files import sequence

from shirube.calling.loci.expansionhunter import catalogue, read_expansionhunter
from shirube.calling.loci.repeat_loci import measured_repeats
from shirube.calling.loci.repeats import Size, measured, motifs_of, range_of, repeats_table
from shirube.contracts.knowledge_general import REPEAT_LOCI
from shirube.demo.genome import Genome
from shirube.demo.variants import Variant
from shirube.errors import InputError
from shirube.genome.intervals import Interval
from shirube.interpret.person import Person
from shirube.interpret.question import Question
from shirube.interpret.stage import Account
from shirube.rare.repeats import repeat_stage

START, REFERENCE_COPIES, LENGTH = 6000, 19, 12_000


def locus(**other: object) -> dict[str, Any]:
    row = {"locus": "HD_HTT", "gene": "HTT", "disease": "Huntington disease", "inheritance": "AD",
           "chrom": "chr2", "start": START, "end": START + 3 * REFERENCE_COPIES,
           "reference_motif": "CAG", "pathogenic_motif": "CAG", "benign_max": 26,
           "pathogenic_min": 36, "mondo": None}  # fmt: skip
    return row | other


def loci(*rows: dict[str, Any]) -> pl.DataFrame:
    return REPEAT_LOCI.table(pl.DataFrame(list(rows), schema=REPEAT_LOCI.polars))


def repeat_genome(motif: str = "CAG", contig: str = "chr2") -> Genome:
    left, right = sequence(START, 3), sequence(LENGTH, 4)
    return genome_of({contig: left[:-1] + "T" + motif * REFERENCE_COPIES + "T" + right[1:]})


def allele(genome: Genome, copies: int, motif: str = "CAG", contig: str = "chr2") -> list[Variant]:
    """The allele with `copies` of the motif."""
    change, unit = copies - REFERENCE_COPIES, len(motif)
    if change == 0:
        return []
    anchor = genome.text(contig, START - 1, START)
    if change > 0:
        return [Variant(contig, START - 1, anchor, anchor + motif * change)]
    gone = genome.text(contig, START, START - change * unit)
    return [Variant(contig, START - 1, anchor + gone, anchor)]


def lengths(
    directory: Path,
    alleles: list[int],
    depth: float = 18,
    contig: str = "chr2",
    sex: str = "XX",
    seed: int = 1,
    motif: str = "CAG",
    planted: str | None = None,
    **other: object,
) -> dict[str, Any]:
    """The row of a person of these alleles; `depth` is of each chromosome."""
    genome = repeat_genome(motif, contig)
    fasta = write_genome(directory, genome)
    people = [(contig, allele(genome, n, motif, contig)) for n in alleles]
    if planted:  # the last allele's further copies are of another motif
        extra = alleles[-1] - REFERENCE_COPIES
        anchor = genome.text(contig, START - 1, START)
        people[-1] = (contig, [Variant(contig, START - 1, anchor, anchor + planted * extra)])
    bam = sequenced(directory / "reads.bam", genome, people, depth, seed)
    table = loci(locus(chrom=contig, end=START + len(motif) * REFERENCE_COPIES,
                       reference_motif=motif) | {"pathogenic_motif": motif} | other)  # fmt: skip
    whole = [Interval(contig, 0, len(genome.sequences[contig]))]
    return measured_repeats(bam, fasta, table, whole, sex).row(0, named=True)


@pytest.mark.parametrize(
    ("alleles", "expected"),
    [((17, 19), "normal"), ((19, 19), "normal"), ((12, 24), "normal"), ((17, 30), "intermediate"),
     ((15, 40), "pathogenic"), ((18, 43), "pathogenic")],
)  # fmt: skip
def test_alleles_that_reads_span(tmp_path: Path, alleles: tuple[int, int], expected: str) -> None:
    row = lengths(tmp_path, list(alleles))
    assert (row["short"], row["long"]) == alleles, row["reason"]
    assert row["short_low"] <= alleles[0] <= row["short_high"]
    assert row["long_low"] <= alleles[1] <= row["long_high"]
    assert row["range"] == expected


@pytest.mark.parametrize("copies", [60, 80, 110])
def test_an_allele_longer_than_a_read_is_expanded_with_an_interval(
    tmp_path: Path, copies: int
) -> None:
    row = lengths(tmp_path, [17, copies])
    assert row["short"] == 17
    assert row["range"] == "pathogenic"
    assert row["pathogenic_alleles"] == 1
    assert row["long_low"] <= copies, row["reason"]
    assert row["long_high"] is None or row["long_high"] >= copies, row["reason"]
    assert row["long_low"] >= 36
    if copies > 50:
        assert row["in_repeat"] > 0


def test_both_alleles_beyond_the_reads(tmp_path: Path) -> None:
    row = lengths(tmp_path, [90, 90], inheritance="AR")
    assert row["pathogenic_alleles"] == 2
    assert row["short_low"] <= 90


def test_the_one_allele_of_a_man(tmp_path: Path) -> None:
    row = lengths(tmp_path, [30], contig="chrX", sex="XY")
    assert (row["ploidy"], row["short"], row["long"]) == (1, None, 30)
    unknown = lengths(tmp_path, [30], contig="chrX", sex="unknown")
    assert unknown["range"] == "not_assessable"
    assert unknown["reason"] == "the sex must be known"


def test_copies_are_of_the_motif_that_causes_disease(tmp_path: Path) -> None:
    """A long AAAAG tract is benign where only AAGGG causes disease."""
    limits = {"pathogenic_motif": "AAGGG", "benign_max": 5, "pathogenic_min": 20}
    benign = lengths(tmp_path, [19, 24], motif="AAAAG", **limits)
    assert (benign["long"], benign["range"]) == (0, "normal")
    sick = lengths(tmp_path, [19, 60], motif="AAAAG", planted="AAGGG", **limits)
    assert sick["range"] == "pathogenic", sick["reason"]
    assert sick["long_low"] <= 41


def test_no_length_without_reads(tmp_path: Path) -> None:
    row = lengths(tmp_path, [17, 60], depth=3)
    assert row["range"] == "not_assessable"
    assert row["long"] is None
    assert "depth" in row["reason"]


def test_places_the_run_does_not_see_are_not_assessable(tmp_path: Path) -> None:
    genome = repeat_genome()
    fasta = write_genome(tmp_path, genome)
    bam = sequenced(tmp_path / "reads.bam", genome, [("chr2", [])], 10)
    table = loci(locus(), locus(locus="FXS", chrom="chr4"))
    found = measured_repeats(bam, fasta, table, [Interval("chr2", 0, 3000)], "XX")
    assert found["range"].to_list() == ["not_assessable"] * 2
    assert found["reason"].to_list() == ["outside the regions of the run", "not in the reference"]


@pytest.mark.parametrize(
    ("size", "expected"),
    [(Size(26, 26, 26), "normal"), (Size(30, 27, 35), "intermediate"), (Size(36, 36, None),
      "pathogenic"), (Size(35, 33, 37), "uncertain"), (Size(26, 25, 28), "uncertain")],
)  # fmt: skip
def test_range(size: Size, expected: str) -> None:
    assert range_of(size, 26, 36) == expected


def test_contractions_have_no_range() -> None:
    assert range_of(Size(2, 2, 2), 4, 3) == "no_range"


def test_motifs_are_named_once_however_begun() -> None:
    assert motifs_of(locus(reference_motif="GCN", pathogenic_motif="NGC")) == (["GCN"], [0])
    both = locus(reference_motif="AAAAG", pathogenic_motif="AAGGG|ACAGG")
    assert motifs_of(both) == (["AAGGG", "ACAGG", "AAAAG"], [0, 1])


RESULT = {
    "SampleParameters": {"SampleId": "S", "Sex": "Female"},
    "LocusResults": {
        "HD_HTT": {
            "AlleleCount": 2, "Coverage": 34.5, "FragmentLength": 450, "LocusId": "HD_HTT",
            "ReadLength": 150,
            "Variants": {
                "HD_HTT": {
                    "CountsOfFlankingReads": "(5, 2), (41, 1)",
                    "CountsOfInrepeatReads": "(50, 4)",
                    "CountsOfSpanningReads": "(17, 12)",
                    "Genotype": "17/62", "GenotypeConfidenceInterval": "17-17/50-80",
                    "ReferenceRegion": "chr2:6000-6057", "RepeatUnit": "CAG",
                    "VariantId": "HD_HTT", "VariantSubtype": "Repeat", "VariantType": "Repeat",
                }
            },
        },
        "LOW": {"AlleleCount": 2, "Coverage": 0.0, "Variants": {"LOW": {"RepeatUnit": "CAG"}}},
    },
}  # fmt: skip


def test_expansionhunter_gives_the_same_rows(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text(json.dumps(RESULT))
    asked = [locus(), locus(locus="LOW", start=7000, end=7030), locus(locus="NO", start=8000)]
    table = read_expansionhunter(path, asked, {row["locus"]: 2 for row in asked})
    row = table.row(0, named=True)
    assert (row["short"], row["long"], row["long_low"], row["long_high"]) == (17, 62, 50, 80)
    assert (row["spanning"], row["flanking"], row["in_repeat"]) == (12, 3, 4)
    assert (row["range"], row["engine"]) == ("pathogenic", "expansionhunter")
    assert table["range"].to_list()[1:] == ["not_assessable"] * 2
    listed = json.loads(catalogue(asked, {"chr2": "2"}))
    assert listed[0]["LocusStructure"] == "(CAG)*"
    assert listed[0]["ReferenceRegion"] == "2:6000-6057"


@pytest.mark.parametrize("text", ["{}", "nothing", json.dumps({"LocusResults": {"HD_HTT": {
    "Coverage": 30, "Variants": {"v": {"Genotype": "17/x"}}}}})])  # fmt: skip
def test_other_results_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "out.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"out\.json"):
        read_expansionhunter(path, [locus()], {"HD_HTT": 2})


def stage(row: dict[str, Any], withheld: frozenset[str] = frozenset()) -> Account:
    person = Person("P", "XX", "rare", normal="N")
    question = Question("rare", None, withheld, {})
    return repeat_stage(person, knowledge(), question, repeats_table([row]))


@pytest.mark.parametrize(
    ("sizes", "other", "fate", "rule"),
    [
        ([Size(17, 17, 17), Size(19, 19, 19)], {}, "filtered", "repeat_range"),
        ([Size(17, 17, 17), Size(44, 42, None)], {}, "reported", "repeat_range"),
        ([Size(17, 17, 17), Size(30, 30, 30)], {}, "reported", "repeat_range"),
        ([], {}, "filtered", "repeat_reads"),
        ([Size(17, 17, 17)] * 2, {"pathogenic_min": None}, "tiered", "repeat_range"),
    ],
)
def test_every_locus_has_a_fate(
    sizes: list[Size], other: dict[str, Any], fate: str, rule: str
) -> None:
    account = stage(measured(locus(**other), sizes, 2, {"reason": "seen", "motif": "CAG"}))
    entry = account.parts[0].row(0, named=True)
    assert (entry["fate"], entry["rule"], account.records) == (fate, rule, 1)
    assert len(account.findings) == (fate == "reported")


def test_one_expanded_allele_of_a_recessive_disease_is_a_carrier() -> None:
    sizes = [Size(9, 9, 9), Size(90, 70, None)]
    row = measured(locus(inheritance="AR"), sizes, 2, {"reason": "seen", "motif": "CAG"})
    (found,) = stage(row).findings
    assert json.loads(found["detail"])["carrier"] is True
    assert found["name"] == "HTT (CAG)n 9/≥70"
    dominant = stage(measured(locus(), sizes, 2, {"reason": "seen", "motif": "CAG"}))
    assert dominant.findings[0]["score"] > found["score"]


def test_a_withheld_gene_says_nothing() -> None:
    row = measured(locus(), [Size(17, 17, 17), Size(60, 50, None)], 2, {"reason": "seen"})
    account = stage(row, frozenset({"HTT"}))
    assert not account.findings
    assert account.parts[0]["rule"].to_list() == ["outside_question"]
    assert account.parts[0]["value"].to_list() == [None]
