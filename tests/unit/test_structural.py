"""Junctions from artificial reads: placed to the base, counted, named, written; piles refused."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sam_files import record, reverse_complement, sequence, write_bam, write_reference

from shirube.calling.structural.adjacency import Reference, inward, slid
from shirube.calling.structural.calling import Limits, Sample, call_structural
from shirube.calling.structural.insertions import read_families
from shirube.calling.variant_files import write_structural
from shirube.contracts import STRUCTURAL
from shirube.errors import InputError
from shirube.genome.intervals import Interval
from shirube.reads.junctions import Breakend, sample_junctions
from shirube.reads.reference import LETTER
from shirube.vcf import read_columns

CONTIGS = {"chr1": sequence(3000, 11), "chr2": sequence(3000, 12)}
REGIONS = [Interval("chr1", 0, 3000), Interval("chr2", 0, 3000)]
LIMITS = Limits()
READ, FRAGMENT = 100, 320
SCHEMA = STRUCTURAL.polars


def letters(codes: np.ndarray) -> str:
    return "".join(LETTER[code] for code in codes)


def kept(end: tuple[str, int, str], outwards: bool) -> tuple[str, list[tuple[str, int, bool]]]:
    """600 kept bases at a breakend, read towards it or away, and where each base comes from."""
    contig, pos, strand = end
    places = list(range(pos - 600, pos) if strand == "+" else range(pos - 1, pos + 599))
    reverse = (strand == "+") == outwards
    if reverse:
        places.reverse()
    bases = "".join(CONTIGS[contig][p] for p in places)
    if reverse:
        bases = bases.translate(str.maketrans("ACGT", "TGCA"))
    return bases, [(contig, p, reverse) for p in places]


def pieces(origin: list[tuple[str, int, bool]]) -> list[tuple[int, int]]:
    """Stretches of a read that come from one contiguous place."""
    cuts = [0]
    for n in range(1, len(origin)):
        (c1, p1, r1), (c2, p2, r2) = origin[n - 1], origin[n]
        if c1 != c2 or r1 != r2 or p2 - p1 != (-1 if r1 else 1):
            cuts.append(n)
    return list(zip(cuts, [*cuts[1:], len(origin)], strict=True))


def aligned(name: str, bases: str, origin: list, first: bool, backwards: bool) -> dict:
    """The longest piece as primary alignment, another of 30 bases or more as its SA tag."""
    if backwards:
        bases, origin = reverse_complement(bases), [(c, p, not r) for c, p, r in origin[::-1]]
    parts = sorted(pieces(origin), key=lambda p: p[0] - p[1])
    described = []
    for low, high in parts:
        contig, _, reverse = origin[low]
        start = min(origin[low][1], origin[high - 1][1])
        lead, tail = (len(bases) - high, low) if reverse else (low, len(bases) - high)
        cigar = "".join(f"{n}{o}" for n, o in ((lead, "S"), (high - low, "M"), (tail, "S")) if n)
        described.append((contig, start, reverse, cigar, high - low))
    contig, start, reverse, cigar, _ = described[0]
    tags = "".join(
        f"{c},{s + 1},{'-' if r else '+'},{g},60,0;" for c, s, r, g, n in described[1:] if n >= 30
    )
    shown = reverse_complement(bases) if reverse else bases
    return {
        "name": name,
        "contig": contig,
        "start": start,
        "cigar": cigar,
        "bases": shown,
        "reverse": reverse,
        "first": first,
        "tags": f"SA:Z:{tags}" if tags else "",
    }


def rearranged(one: tuple[str, int, str], two: tuple[str, int, str], count: int = 12) -> list[str]:
    """Read pairs of molecules that cross the junction of two breakends."""
    left, places = kept(one, outwards=False)
    right, more = kept(two, outwards=True)
    haplotype, origin = left + right, places + more
    lines = []
    for n in range(count):
        start = 600 - FRAGMENT + 20 + n * (FRAGMENT - 40) // count
        name, end = f"f{n}", start + FRAGMENT
        a = aligned(
            name, haplotype[start : start + READ], origin[start : start + READ], True, False
        )
        b = aligned(name, haplotype[end - READ : end], origin[end - READ : end], False, True)
        for own, mate in ((a, b), (b, a)):
            flag = 1 + 16 * own["reverse"] + 32 * mate["reverse"] + (64 if own["first"] else 128)
            to = (mate["contig"], mate["start"], 0)
            columns = (own["name"], own["contig"], own["start"], own["cigar"], own["bases"])
            lines.append(record(*columns, flag, mate=to, tags=own["tags"]))
    return lines


def pile(count: int = 40) -> list[str]:
    """Reads clipped at one place, the clipped bases found nowhere."""
    clip, bases = sequence(40, 99), CONTIGS["chr1"][640:700]
    return [record(f"p{n}", "chr1", 640, "60M40S", bases + clip) for n in range(count)]


def sample(path: Path, lines: list[str]) -> Sample:
    bam = write_bam(path, CONTIGS, lines)
    arguments = (LIMITS.min_mapq, LIMITS.max_insert, LIMITS.min_clip)
    found = sample_junctions(bam, str(path), REGIONS, *arguments)
    return Sample(found, LIMITS.min_mapq)


@pytest.fixture(scope="module")
def fasta(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_reference(tmp_path_factory.mktemp("reference") / "ref.fa", CONTIGS)


def called(fasta: str, tumour: Sample, normal: Sample | None = None) -> pl.DataFrame:
    return call_structural(tumour, normal, Reference(fasta), lambda *_: 50, LIMITS)


@pytest.mark.parametrize(
    ("one", "two", "svtype"),
    [
        (("chr1", 1500, "+"), ("chr2", 1201, "-"), "BND"),
        (("chr1", 1500, "+"), ("chr2", 1200, "+"), "BND"),
        (("chr1", 1501, "-"), ("chr2", 1201, "-"), "BND"),
        (("chr1", 800, "+"), ("chr1", 2101, "-"), "DEL"),
        (("chr1", 801, "-"), ("chr1", 2100, "+"), "DUP"),
        (("chr1", 800, "+"), ("chr1", 2100, "+"), "INV"),
        (("chr1", 801, "-"), ("chr1", 2101, "-"), "INV"),
    ],
)
def test_every_orientation_is_found_to_the_base(
    tmp_path: Path,
    fasta: str,
    one: tuple[str, int, str],
    two: tuple[str, int, str],
    svtype: str,
) -> None:
    table = called(fasta, sample(tmp_path / "t.bam", [*rearranged(one, two), *pile()]))
    assert table.height == 1
    row = table.row(0, named=True)
    expected = slid(Reference(fasta), Breakend(*one), Breakend(*two))
    assert Breakend(row["chrom1"], row["pos1"], row["strand1"]) == expected[0]
    assert Breakend(row["chrom2"], row["pos2"], row["strand2"]) == expected[1]
    assert (row["svtype"], row["filter"], row["origin"]) == (svtype, "PASS", "unknown")
    assert row["homology"] == expected[2]
    assert row["splits"] >= 5
    assert row["pairs"] >= 3


def test_origin_follows_the_normal(tmp_path: Path, fasta: str) -> None:
    ends = ("chr1", 1500, "+"), ("chr2", 1201, "-")
    tumour = sample(tmp_path / "t.bam", rearranged(*ends))
    without = sample(tmp_path / "n.bam", pile())
    assert called(fasta, tumour, without)["origin"].to_list() == ["somatic"]
    assert called(fasta, tumour, without)["normal_splits"].to_list() == [0]
    assert called(fasta, tumour, tumour)["origin"].to_list() == ["germline"]


def test_few_fragments_are_kept_but_filtered(tmp_path: Path, fasta: str) -> None:
    few = rearranged(("chr1", 1500, "+"), ("chr2", 1201, "-"), 3)
    table = called(fasta, sample(tmp_path / "t.bam", few))
    assert set(table["filter"]) <= {"LowSupport"}


def test_pile_without_a_partner_makes_nothing(tmp_path: Path, fasta: str) -> None:
    assert called(fasta, sample(tmp_path / "t.bam", pile(300))).is_empty()


def only_pairs(lines: list[str]) -> list[str]:
    """Lines of the fragments of which neither read reaches the junction."""
    crossing = {line.split("\t")[0] for line in lines if "S" in line.split("\t")[5]}
    return [line for line in lines if line.split("\t")[0] not in crossing]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (("chr1", 1500, "+"), ("chr2", 1201, "-")),
        (("chr1", 1501, "-"), ("chr2", 1200, "+")),
        (("chr1", 700, "+"), ("chr1", 2301, "-")),
        (("chr1", 700, "+"), ("chr1", 2300, "+")),
    ],
)
def test_pairs_alone_make_an_imprecise_record(
    tmp_path: Path, fasta: str, one: tuple[str, int, str], two: tuple[str, int, str]
) -> None:
    lines = only_pairs(rearranged(one, two, 36))
    row = called(fasta, sample(tmp_path / "t.bam", lines)).row(0, named=True)
    assert (row["splits"], row["filter"]) == (0, "PASS")
    assert row["pairs"] >= LIMITS.min_pairs
    for side, (contig, pos, strand) in (("1", one), ("2", two)):
        assert (row[f"chrom{side}"], row[f"strand{side}"]) == (contig, strand)
        beyond = pos - row[f"pos{side}"] if strand == "+" else row[f"pos{side}"] - pos
        assert 0 <= beyond <= row[f"uncertain{side}"]
    write_structural(pl.DataFrame([row], SCHEMA), tmp_path / "sv.vcf.gz", fasta, ["T"])
    said = read_columns(tmp_path / "sv.vcf.gz", {"CIPOS": pl.String})["CIPOS"].to_list()
    assert len(said) == 2
    assert all(said)


def test_few_pairs_are_kept_but_filtered(tmp_path: Path, fasta: str) -> None:
    lines = only_pairs(rearranged(("chr1", 1500, "+"), ("chr2", 1201, "-"), 16))
    table = called(fasta, sample(tmp_path / "t.bam", lines))
    assert table["filter"].to_list() == ["LowSupport"]


ELEMENT = sequence(280, 71)


def inserted_reads(text: str, at: int, repeated: int, count: int = 24) -> list[str]:
    """Reads of a molecule with `text` after `at` and then `repeated` bases of the target again."""
    bases = CONTIGS["chr1"]
    molecule = bases[:at] + text + bases[at - repeated :]
    lines = []
    for n in range(count):
        left = at - READ + 30 + n * 40 // count
        lines.append(
            record(
                *(f"l{n}", "chr1", left, f"{at - left}M{READ - at + left}S"),
                molecule[left : left + READ],
            )
        )
        kept_bases = 70 - n * 40 // count
        end = at + len(text) + kept_bases
        clip = READ - kept_bases
        lines.append(
            record(
                *(f"r{n}", "chr1", at - repeated, f"{clip}S{kept_bases}M"),
                *(molecule[end - READ : end], 16),
            )
        )
    return lines


@pytest.mark.parametrize("repeated", [0, 7, 16])
@pytest.mark.parametrize(
    ("text", "tail", "family"),
    [
        (ELEMENT + "A" * 25, True, "Alu"),
        ("T" * 25 + reverse_complement(ELEMENT), True, "Alu"),
        (sequence(300, 72), False, None),
    ],
    ids=["element", "element-reversed", "novel"],
)
def test_insertions_no_read_spans(
    tmp_path: Path, fasta: str, text: str, tail: bool, family: str | None, repeated: int
) -> None:
    lines = inserted_reads(text, 1500, repeated)
    found = call_structural(
        sample(tmp_path / "t.bam", lines),
        None,
        Reference(fasta),
        lambda *_: 50,
        LIMITS,
        True,
        families={"Alu": ELEMENT, "L1": sequence(900, 73)},
    )
    assert found.height == 1
    row = found.row(0, named=True)
    assert (row["svtype"], row["filter"], row["origin"]) == ("INS", "PASS", "germline")
    assert abs(row["pos1"] - 1500) <= 3
    assert row["pos2"] == row["pos1"] + 1
    assert (row["poly_a"], row["family"]) == (tail, family)
    head, _, last = row["inserted"].partition("N")
    shift = row["pos1"] - 1500
    molecule = CONTIGS["chr1"][:1500] + text + CONTIGS["chr1"][1500 - repeated :]
    assert molecule[1500 + shift :].startswith(head)
    assert last in molecule


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (">Alu\nacgt\nACGN\n>L1 young\nTT\n", {"Alu": "ACGTACGN", "L1": "TT"}),
        ("ACGT\n", "a name"),
        (">Alu\nACXT\n", "A, C, G, T or N"),
        (">Alu\nACGT\n>Alu\nACGT\n", "once"),
        ("", "a sequence"),
        (">Alu\n>L1\nACGT\n", "Alu"),
    ],
)
def test_families_are_read_from_the_users_sequences(
    tmp_path: Path, text: str, found: dict[str, str] | str
) -> None:
    path = tmp_path / "elements.fa"
    path.write_text(text)
    if isinstance(found, dict):
        assert read_families(path) == found
        return
    with pytest.raises(InputError, match=found):
        read_families(path)


def test_adapter_beyond_a_short_fragment_is_no_insertion(tmp_path: Path, fasta: str) -> None:
    """Both mates of a fragment of 60 bases run into adapter."""
    first, second = sequence(40, 81), sequence(40, 82)
    bases, lines = CONTIGS["chr1"][900:960], []
    for n in range(12):
        ends = ("chr1", 900)
        lines.append(record(f"a{n}", *ends, "60M40S", bases + first, 99, mate=("=", 900, 60)))
        lines.append(record(f"a{n}", *ends, "40S60M", second + bases, 147, mate=("=", 900, -60)))
    assert called(fasta, sample(tmp_path / "t.bam", lines)).is_empty()


def mitochondrion(tmp_path: Path, joins: list[tuple[int, int]], plain: int) -> pl.DataFrame:
    """STRUCTURAL of reads of chrM split from `low` (last base kept) to `high` (next base)."""
    bases = sequence(6000, 91)
    contigs = {"chrM": bases}
    fasta = write_reference(tmp_path / "m.fa", contigs)
    lines = []
    for low, high in joins:
        for n in range(20):
            left = 40 + n
            text = bases[low - left : low] + bases[high - 1 : high - 1 + 100 - left]
            start, tags = low - left, f"SA:Z:chrM,{high},+,{left}S{100 - left}M,60,0;"
            lines.append(
                record(f"s{low}_{n}", "chrM", start, f"{left}M{100 - left}S", text, tags=tags)
            )
    bam = write_bam(tmp_path / "m.bam", contigs, lines)
    arguments = (LIMITS.min_mapq, LIMITS.max_insert, LIMITS.min_clip)
    own = sample_junctions(bam, fasta, [Interval("chrM", 0, 6000)], *arguments)
    both = Sample(own, LIMITS.min_mapq), None
    return call_structural(*both, Reference(fasta), lambda *_: plain, LIMITS, True)


def test_large_deletion_of_chrm_from_split_reads(tmp_path: Path) -> None:
    table = mitochondrion(tmp_path, [(1000, 4978)], 1000)
    row = table.row(0, named=True)
    assert (row["svtype"], row["chrom1"], row["filter"]) == ("DEL", "chrM", "PASS")
    assert abs(row["pos1"] - 1000) + abs(row["pos2"] - 4978) <= 2 * row["homology"]
    assert row["splits"] == 20


def test_chimeras_among_thousands_of_reads_of_chrm_are_filtered(tmp_path: Path) -> None:
    assert mitochondrion(tmp_path, [(1000, 4978)], 20_000)["filter"].to_list() == ["LowSupport"]


def test_the_join_of_the_circle_is_no_event(tmp_path: Path) -> None:
    assert mitochondrion(tmp_path, [(6000, 1)], 1000).is_empty()


def test_vcf_says_the_same_as_the_table(tmp_path: Path, fasta: str) -> None:
    lines = rearranged(("chr1", 1500, "+"), ("chr2", 1201, "-"))
    table = called(fasta, sample(tmp_path / "t.bam", lines))
    row = table.row(0, named=True)
    write_structural(table, tmp_path / "sv.vcf.gz", fasta, ["T"])
    first = (tmp_path / "sv.vcf.gz").read_bytes()
    write_structural(table, tmp_path / "sv.vcf.gz", fasta, ["T"])
    assert (tmp_path / "sv.vcf.gz").read_bytes() == first
    records = read_columns(tmp_path / "sv.vcf.gz", {"MATEID": pl.String}, {"SR": pl.Int32})
    assert records["pos"].to_list() == [row["pos1"], row["pos2"]]
    letter = CONTIGS["chr1"][row["pos1"] - 1]
    assert records["alt"][0] == f"{letter}[chr2:{row['pos2']}["
    assert records["MATEID"].to_list() == ["SV1_2", "SV1_1"]
    assert records["SR"].to_list() == [row["splits"]] * 2


@given(st.integers(400, 2500), st.integers(400, 2500), st.sampled_from("+-"), st.sampled_from("+-"))
def test_sliding_keeps_the_junction(pos1: int, pos2: int, strand1: str, strand2: str) -> None:
    reference = _InMemory()
    one, two = Breakend("chr1", pos1, strand1), Breakend("chr2", pos2, strand2)
    lower, upper, homology = slid(reference, one, two)  # type: ignore[arg-type]
    assert slid(reference, lower, upper) == (lower, upper, homology)  # type: ignore[arg-type]

    def joined(a: Breakend, b: Breakend, before: int) -> str:
        left = inward(reference, a, before)[::-1]  # type: ignore[arg-type]
        left = np.where(left < 4, 3 - left, 4)
        return letters(np.concatenate([left, inward(reference, b, 300)]))  # type: ignore[arg-type]

    moved = abs(lower.pos - one.pos)
    assert joined(one, two, 150)[: 150 + 100] == joined(lower, upper, 150 - moved)[: 150 + 100]


class _InMemory:
    """Reference of CONTIGS without a file."""

    def codes(self, contig: str, start: int, end: int) -> np.ndarray:
        return np.array(
            [LETTER.index(CONTIGS[contig][p]) if 0 <= p < 3000 else 4 for p in range(start, end)],
            np.uint8,
        )
