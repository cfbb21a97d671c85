"""Mitochondrial alleles: fractions that were planted are found, and artefacts say what they are."""

from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from sam_files import record, sequence, write_bam, write_reference

from shirube.calling.germline.callable import genotyped
from shirube.calling.germline.calling import gather, write_tile
from shirube.calling.germline.calls import split_calls
from shirube.calling.germline.engines import Settings, reads_of_sample
from shirube.calling.germline.mitochondria import HEADER, records
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.intervals import Interval
from shirube.interpret.germline import with_reads

BASES = sequence(2400, seed=8)
CONTIGS = {"chr1": sequence(300), "chrM": BASES}
SETTINGS = Settings(min_mapq=20, min_baseq=13, max_depth=8000)
WHOLE = Interval("chrM", 0, len(BASES))
DEPTH, LENGTH = 400, 100
PLANTED = {300: 0.05, 620: 0.10, 900: 0.30, 1300: 0.50, 1600: 0.70, 1999: 0.95, 2000: 1.0}


def other(base: str) -> str:
    return {"A": "G", "C": "T", "G": "A", "T": "C"}[base]


def molecules(planted: dict[int, float], deletion: tuple[int, float] | None = None) -> list[str]:
    """Reads of DEPTH over BASES; each decides by its number which of the alleles it has.

    `deletion` removes three bases after its position.
    """
    out = []
    for number in range(len(BASES) * DEPTH // LENGTH):
        start = (number * 37) % (len(BASES) - LENGTH - 3)
        draw = {site: ((number * 7919 + site * 131) % 1000) / 1000 for site in planted}
        bases = [
            other(base) if draw.get(at, 1.0) < planted.get(at, 0.0) else base
            for at, base in enumerate(BASES[start : start + LENGTH + 3], start)
        ]
        cigar, flag = f"{LENGTH}M", 16 * (number // 2 % 2)
        if deletion and (number * 7919 % 1000) / 1000 < deletion[1]:
            left = deletion[0] + 1 - start
            if 0 < left < LENGTH:
                cigar, bases = f"{left}M3D{LENGTH - left}M", bases[:left] + bases[left + 3 :]
        out.append(record(f"m{number}", "chrM", start, cigar, "".join(bases[:LENGTH]), flag))
    return out


def carriers(sites: list[int], share: float, strands: tuple[int, ...] = (0, 16)) -> list[str]:
    """Reads that all show the other base at `sites`, `share` as many as there are others."""
    out = []
    for number in range(int(DEPTH * share)):
        start = sites[0] - 10 - (number * 7) % 40
        bases = [
            other(b) if at in sites else b
            for at, b in enumerate(BASES[start : start + LENGTH], start)
        ]
        flag = strands[number % len(strands)]
        out.append(record(f"c{number}", "chrM", start, f"{LENGTH}M", "".join(bases), flag))
    return out


def judged(tmp_path: Path, reads: list[str], settings: Settings = SETTINGS) -> pl.DataFrame:
    """CALLS of chrM, as the workflow makes them."""
    fasta = write_reference(tmp_path / "reference.fa", CONTIGS)
    bam = write_bam(tmp_path / "reads.bam", CONTIGS, reads)
    lengths = {"chrM": len(BASES)}
    write_tile(tmp_path / "m.bcf", list(HEADER), records(bam, fasta, [WHOLE], settings), lengths)
    gather([tmp_path / "m.bcf"], lengths, "S", tmp_path / "s.g.vcf.gz")
    arguments = (fasta, lengths, [WHOLE], None, "S", tmp_path / "s.vcf.gz")
    return split_calls(tmp_path / "s.g.vcf.gz", "S", *arguments)


def names(table: pl.DataFrame) -> dict[int, str]:
    return dict(table.select("pos", "filter").iter_rows())


def test_planted_fractions_are_measured(tmp_path: Path) -> None:
    table = judged(tmp_path, molecules(PLANTED, deletion=(1100, 0.2)))
    assert set(table["filter"]) == {"PASS"}
    found = {row["pos"] - 1: row for row in table.iter_rows(named=True)}
    (deletion,) = [row for row in found.values() if len(row["ref"]) == 4]
    assert 1090 <= deletion["pos"] - 1 <= 1100
    assert set(found) - {deletion["pos"] - 1} == set(PLANTED)
    for site, fraction in [*PLANTED.items(), (deletion["pos"] - 1, 0.2)]:
        row = found[site]
        assert abs(row["heteroplasmy"] - fraction) < 0.03, row
        assert row["heteroplasmy_low"] <= row["heteroplasmy"] <= row["heteroplasmy_high"]
        assert row["heteroplasmy_high"] - row["heteroplasmy_low"] < 0.12
        homoplasmic = row["heteroplasmy"] >= 0.95
        assert (row["dosage"], row["ploidy"]) == (1, 1 if homoplasmic else 2)
        described = with_reads(table.filter(pl.col("pos") == site + 1)).row(0, named=True)
        assert described["zygosity"] == ("homoplasmic" if homoplasmic else "heteroplasmic")
        assert (described["vaf_low"], described["vaf_high"]) == (
            row["heteroplasmy_low"],
            row["heteroplasmy_high"],
        )


def test_every_base_but_a_failing_one_is_callable(tmp_path: Path) -> None:
    judged(tmp_path, molecules({300: 0.05, 900: 0.3}))
    spans = genotyped(tmp_path / "s.g.vcf.gz", "S", GenotypeRule(20, 10, 5, 0.2), [WHOLE])
    assert any(span.start < 299 and span.end > 901 for span in spans)


def test_below_the_stated_fraction_nothing_is_listed(tmp_path: Path) -> None:
    reads = molecules({300: 0.015, 900: 0.05})
    assert list(names(judged(tmp_path, reads))) == [901]
    assert judged(tmp_path, reads, Settings(20, 13, 8000, 0.10)).is_empty()


def test_alleles_of_one_strand_fail(tmp_path: Path) -> None:
    found = names(judged(tmp_path, molecules({}) + carriers([500], 0.2, strands=(0,))))
    assert found == {501: "StrandBias"}
    assert names(judged(tmp_path, molecules({}) + carriers([500], 0.2))) == {501: "PASS"}


def test_alleles_at_ends_of_reads_fail(tmp_path: Path) -> None:
    bases = other(BASES[702]) + BASES[703:800]
    clipped = [
        record(f"e{n}", "chrM", 700, "100M", BASES[700:702] + bases, 16 * (n % 2))
        for n in range(60)
    ]
    assert names(judged(tmp_path, molecules({}) + clipped)) == {703: "PositionBias"}


def test_reads_of_a_nuclear_copy_are_known_by_their_company(tmp_path: Path) -> None:
    found = names(judged(tmp_path, molecules({}) + carriers([500, 512, 530], 0.15)))
    assert found == {501: "Numt", 513: "Numt", 531: "Numt"}


def test_two_alleles_on_the_same_molecules_are_no_nuclear_copy(tmp_path: Path) -> None:
    found = names(judged(tmp_path, molecules({}) + carriers([500, 530], 0.15)))
    assert found == {501: "PASS", 531: "PASS"}


def test_reads_whose_mates_are_nuclear(tmp_path: Path) -> None:
    away = [
        "\t".join([*fields[:6], "chr1", "50", "0", *fields[9:]])
        for line in carriers([500], 0.15)
        for fields in [line.split("\t")]
    ]
    assert names(judged(tmp_path, molecules({}) + away)) == {501: "Numt"}


def test_bad_bases_are_no_allele(tmp_path: Path) -> None:
    poor = [
        "\t".join([*fields[:10], chr(33 + 15) * LENGTH])
        for line in carriers([500], 0.15)
        for fields in [line.split("\t")]
    ]
    assert "LowBaseQ" in names(judged(tmp_path, molecules({}) + poor))[501]


def test_overlapping_mates_count_once(tmp_path: Path) -> None:
    reads = []
    for n in range(40):
        bases = BASES[500:600] if n % 2 else BASES[500:550] + other(BASES[550]) + BASES[551:600]
        for flag, size in ((99, 100), (147, -100)):
            reads.append(record(f"p{n}", "chrM", 500, "100M", bases, flag, mate=("=", 500, size)))
    table = judged(tmp_path, reads)
    row = table.row(0, named=True)
    assert (row["pos"], row["dp"], row["ad_ref"], row["ad_alt"]) == (551, 40, 20, 20)
    fasta, bam = tmp_path / "reference.fa", tmp_path / "reads.bam"
    blocks = records(bam, str(fasta), [WHOLE], SETTINGS).filter(~pl.col("called"))
    assert set(blocks["dp"]) == {40}


@pytest.mark.parametrize("flag", [256, 512, 1024, 2048])
def test_reads_that_are_no_evidence(tmp_path: Path, flag: int) -> None:
    bad = carriers([500], 0.3, strands=(flag, flag + 16))
    assert judged(tmp_path, molecules({}) + bad).is_empty()


def test_where_nothing_lies_nothing_is_said(tmp_path: Path) -> None:
    assert judged(tmp_path, []).is_empty()
    spans = genotyped(tmp_path / "s.g.vcf.gz", "S", GenotypeRule(20, 10, 5, 0.2), [WHOLE])
    assert spans == []


def test_pieces_make_the_whole(tmp_path: Path) -> None:
    fasta = write_reference(tmp_path / "reference.fa", CONTIGS)
    bam = write_bam(tmp_path / "reads.bam", CONTIGS, molecules(PLANTED, deletion=(1100, 0.2)))
    lengths = {"chrM": len(BASES)}
    outputs = []
    for number, cuts in enumerate(([0, 2400], [0, 301, 1099, 1102, 2000, 2400])):
        parts = []
        for start, end in pairwise(cuts):
            parts.append(tmp_path / f"{number}.{start}.bcf")
            table = records(bam, fasta, [Interval("chrM", start, end)], SETTINGS)
            write_tile(parts[-1], list(HEADER), table, lengths)
        outputs.append(tmp_path / f"{number}.g.vcf.gz")
        gather(parts, lengths, "S", outputs[-1])
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


def test_one_sample_of_several(tmp_path: Path) -> None:
    """Read groups are chosen by their sample, whatever their own names are."""
    fasta = write_reference(tmp_path / "reference.fa", CONTIGS)
    mine = [f"{line}\tRG:Z:lane1" for line in molecules({})[:2000]]
    others = [f"{line}\tRG:Z:lane2" for line in carriers([500], 0.5)]
    header = "@RG\tID:lane1\tSM:A\n@RG\tID:lane2\tSM:B"
    bam = write_bam(tmp_path / "reads.bam", CONTIGS, mine + others, header)
    for sample, alleles in (("A", 0), ("B", 1)):
        (tmp_path / sample).mkdir()
        own = reads_of_sample(bam, fasta, [WHOLE], sample, tmp_path / sample)
        assert records(own, fasta, [WHOLE], SETTINGS)["called"].sum() == alleles
