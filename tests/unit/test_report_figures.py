"""Pictures: what is counted is what is drawn, and what comes from data stays text."""

import re
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from report_case import BRCA1, EGFR, FUSION, findings, inputs, rows, target_table

from shirube.contracts import COPY_NUMBER, DEPTH, LOH, SOMATIC
from shirube.reads.window import WindowRead
from shirube.report import figures as figures_package
from shirube.report.figures.depth_points import depth_points
from shirube.report.figures.draw import of_chromosomes, spectrum_of
from shirube.report.figures.finding import ROWS, carries, fractions, pile_up, shown_reads
from shirube.report.figures.genome import copy_number, coverage, fusion
from shirube.report.figures.person import genotype, lollipop, pedigree, repeat_ruler
from shirube.report.figures.svg import Drawing
from shirube.report.figures.tumour import FEWEST, rearrangements, spectrum
from shirube.report.model import report
from shirube.report.page.catalogue import LANGUAGES, Catalogue, messages
from shirube.report.page.document import document
from shirube.report.page.html import html
from shirube.report.page.pdf import pdf
from shirube.report.page.text import worded
from shirube.report.schema import report_schema
from shirube.report.targets import Model
from shirube.tools import run

FIGURES = Path(figures_package.__file__).parent
REFERENCE = "ACGTACGTACGTACGTACGTA"


def a_read(bases: str, start: int = 0, **changed: object) -> WindowRead:
    given = {"low": frozenset(), "inserted": {}, "reverse": False} | changed
    return WindowRead(start, bases, **given)


@pytest.mark.parametrize(
    ("read", "ref", "alt", "seen"),
    [
        (a_read(REFERENCE), "C", "T", False),
        (a_read("ACGTATGT"), "C", "T", True),
        (a_read("ACGTAGGT"), "C", "T", False),  # another base is not the allele
        (a_read("ACGT"), "C", "T", None),  # does not reach it
        (a_read("GTACGT", start=6), "C", "T", None),
        (a_read("ACGTACGTACGT", inserted={6: "GG"}), "C", "CGG", True),
        (a_read("ACGTACGTACGT", inserted={6: "GA"}), "C", "CGG", False),
        (a_read("ACGTAC--ACGT"), "CGT", "C", True),
        (a_read("ACGTAC---CGT"), "CGT", "C", False),  # a longer deletion
        (a_read("ACGTACG"), "CGT", "C", None),
    ],
)
def test_a_read_carries_an_allele(read: WindowRead, ref: str, alt: str, seen: bool | None) -> None:
    assert carries(read, 5, ref, alt) is seen


def test_deep_pile_ups_keep_both_kinds_in_their_share() -> None:
    reads = [a_read("ACGTATGT")] * 50 + [a_read(REFERENCE)] * 150
    kept = shown_reads(reads, 5, "C", "T")
    assert len(kept) == ROWS
    assert sum(bool(carries(r, 5, "C", "T")) for r in kept) == ROWS // 4
    rare = shown_reads([a_read("ACGTATGT")] + [a_read(REFERENCE)] * 999, 5, "C", "T")
    assert carries(rare[0], 5, "C", "T")  # the one read with it is never dropped


def item() -> dict:
    model = report(**inputs())
    found = next(f for f in model["findings"] if f["id"] == EGFR["finding"])
    allele = {"chrom": "chr7", "pos": 6, "ref": "C", "alt": "T"}
    return {**found, "allele": allele}


def test_pile_up_states_what_it_counts() -> None:
    tumour = [a_read("ACGTATGT")] * 3 + [a_read(REFERENCE)] * 5
    made = pile_up(item(), 0, REFERENCE, [("T1", tumour), ("N1", [a_read(REFERENCE)] * 4)])
    assert made["values"]["reads"] == "T1 3 / 8, N1 0 / 4"
    root = ElementTree.fromstring(made["svg"])
    texts = ["".join(e.itertext()) for e in root.iter() if e.tag.endswith("text")]
    assert "T1  3 / 8" in texts
    assert sum(t == "T" for t in texts) >= 3


def test_words_in_pictures_are_escaped() -> None:
    d = Drawing(10, 10)
    d.text(1, 1, '<script>alert(1)</script>\u202e&"')
    root = ElementTree.fromstring(d.svg())
    assert [e.tag.rsplit("}")[-1] for e in root.iter()] == ["svg", "text"]
    assert "\u202e" not in d.svg()


def test_fractions_show_tumour_variants_only() -> None:
    model = report(**inputs())
    made = fractions(model["findings"])
    assert made["values"]["count"] == "1"
    assert "47/142" in made["svg"]
    assert fractions([f for f in model["findings"] if f["origin"] == "germline"]) is None


def test_coverage_counts_genes_without_reads() -> None:
    made = coverage(target_table(), ["MET", "EGFR", "KRAS", "NOWHERE"])
    assert made["values"] == {"count": "2", "unseen": "1", "names": "MET"}
    assert made["svg"].index("EGFR") < made["svg"].index("KRAS")
    assert "MET" not in made["svg"]  # no bar of nothing: it is named under the picture
    assert coverage(target_table().clear(), ["EGFR"]) is None


def segments() -> pl.DataFrame:
    same = {"bins": 10, "het_sites": 5}
    return rows(
        COPY_NUMBER,
        {"chrom": "chr1", "start": 0, "end": 1000, "log2": 0.0, "call": "neutral", **same},
        {"chrom": "chr17", "start": 0, "end": 500, "log2": 9.0, "call": "amplification", **same},
        {"chrom": "chrX", "start": 0, "end": 500, "log2": None, "call": "unknown", **same},
    )


def test_copy_number_over_the_genome() -> None:
    site = {"chrom": "chr1", "pos": 500, "ref": "A", "alt": "C", "tumour_vaf": 0.5}
    made = copy_number(segments(), rows(LOH, site))
    assert made["values"]["segments"] == "amplification 1, neutral 1"
    numbers = [float(y) for y in re.findall(r' y1="([\d.-]+)"', made["svg"])]
    assert min(numbers) >= 0  # log2 9 stays inside the picture
    assert copy_number(segments().clear(), None) is None


def bins(*depths: float, chrom: str = "chr1") -> pl.DataFrame:
    """DEPTH of bins of 100 bases from the chromosome's beginning."""
    return rows(
        DEPTH,
        *({"chrom": chrom, "start": 100 * n, "end": 100 * n + 100, "depth": depth}
          for n, depth in enumerate(depths)),
    )  # fmt: skip


def test_points_of_depth_lie_about_their_segments() -> None:
    """A tumour read twice as deep as its normal: what counts is what differs between stretches."""
    tumour = bins(80, 80, 80, 80, 160, 160, 0, 80)
    normal = bins(40, 40, 40, 40, 40, 40, 40, 2)
    whole = {"bins": 8, "het_sites": 5, "call": "neutral"}
    same = rows(
        COPY_NUMBER,
        {"chrom": "chr1", "start": 0, "end": 400, "log2": 0.1, **whole},
        {"chrom": "chr1", "start": 400, "end": 600, "log2": 1.1, **whole},
        {"chrom": "chr1", "start": 600, "end": 800, "log2": None, **whole},
    )
    points = depth_points(tumour.lazy(), normal.lazy(), same)
    assert points["pos"].to_list() == [50, 150, 250, 350, 450, 550, 650]  # no normal: no point
    assert points["log2"].to_list() == pytest.approx([0.1] * 4 + [1.1] * 2 + [-3.0])
    drawn = copy_number(same, None, points=points)
    assert drawn["svg"].count("h0") == 7
    assert depth_points(tumour.lazy(), bins(*[1] * 8).lazy(), same).is_empty()


def test_points_are_about_as_many_however_large_the_genome() -> None:
    whole = {"chrom": "chr1", "start": 0, "end": 2_000_000, "log2": 0.0, "call": "neutral"}
    many = pl.concat([bins(30.0)] * 20_000).with_columns(
        start=pl.int_range(20_000, dtype=pl.Int32) * 100,
        end=pl.int_range(20_000, dtype=pl.Int32) * 100 + 100,
    )
    one = rows(COPY_NUMBER, {**whole, "bins": 1, "het_sites": 0})
    assert depth_points(many.lazy(), many.lazy(), one).height == 2000


def fusion_item(**detail: object) -> dict:
    model = report(**inputs())
    found = next(f for f in model["findings"] if f["id"] == FUSION["finding"])
    return {**found, "detail": detail}


def test_fusion_names_the_exons_that_are_joined() -> None:
    exons = [(100 * n, 100 * n + 50) for n in range(1, 11)]
    models = {
        "EML4": Model("T1", "chr2", True, exons, []),
        "ALK": Model("T2", "chr2", False, exons, []),
    }
    places = {"breakpoint5": "chr2:670", "breakpoint3": "chr2:480"}
    made = fusion(fusion_item(gene5="EML4", gene3="ALK", in_frame=True, **places), models)
    # EML4 keeps exons 1-6 (the sixth ends at 650); ALK runs backwards, its exons 10..5 lie above.
    assert (made["values"]["exon5"], made["values"]["exon3"]) == ("6", "7")
    assert made["values"]["frame"] == "in frame"
    assert fusion(fusion_item(gene5="EML4", gene3="ALK"), models) is None
    assert fusion(fusion_item(**places), {}) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_stand_with_a_text_alternative(language: str) -> None:
    def draw(items: list, genes: list) -> list:
        reads = [a_read("ACGTATGT")] * 3
        placed = {**items[0], "allele": {"chrom": "chr7", "pos": 6, "ref": "C", "alt": "T"}}
        made = [
            pile_up(placed, 0, REFERENCE, [("T1", reads)]),
            fractions(items),
            coverage(target_table(), genes),
            copy_number(segments(), None),
        ]
        return [figure for figure in made if figure]

    model = report(**inputs(draw=draw, finding_table=findings(EGFR, BRCA1)))
    made = document(model, "0" * 64, language)
    page = html(made)
    assert page.count("<svg ") == page.count("<figcaption>") == 4
    assert page.count('role="img"') == 4
    assert "style=" not in page
    card = page[page.index("data-finding") : page.index("</article>", page.index("data-finding"))]
    assert "<figure>" in card  # the pile-up stands with its finding
    assert pdf(made).startswith(b"%PDF")


def texts(made: dict) -> list[str]:
    root = ElementTree.fromstring(made["svg"])
    return ["".join(e.itertext()) for e in root.iter() if e.tag.endswith("text")]


def test_every_word_of_a_picture_is_a_message_in_both_languages() -> None:
    d = Drawing(10, 10)
    d.word(1, 1, "figure.word.father")
    d.text(1, 1, "⟦figure.word.mother⟧")  # data that looks like a word stays data
    for language in LANGUAGES:
        say = Catalogue(language).message
        made = worded(d.svg(), say)
        assert f">{say('figure.word.father')}<" in made
        assert f">{say('figure.word.mother')}<" not in made
        assert "⟦" not in made


def test_the_spectrum_draws_every_count_once() -> None:
    counts = {"A[C>A]A": 30, "T[T>G]T": 15, "G[C>T]G": 5}
    made = spectrum(counts)
    assert made["values"] == {"count": "50", "leading": "A[C>A]A 30, T[T>G]T 15, G[C>T]G 5"}
    heights = [float(h) for h in re.findall(r'height="([\d.]+)" fill', made["svg"])]
    bars = sorted(h for h in heights if h not in (5.0, 0.0))
    assert bars == pytest.approx([130 * 5 / 30, 65, 130], abs=0.01)
    assert spectrum({"A[C>A]A": FEWEST - 1}) is None
    assert spectrum({}) is None


def test_substitutions_are_counted_on_the_pyrimidine_s_strand(tmp_path: Path) -> None:
    fasta = tmp_path / "r.fa"
    fasta.write_text(">chr1\nTACGTTT\n")
    run("samtools", "faidx", fasta)
    given = [(3, "C", "T", "PASS"), (4, "G", "A", "PASS"), (3, "C", "A", "LowLOD"),
             (2, "AC", "A", "PASS"), (3, "C", "*", "PASS")]  # fmt: skip
    table = rows(SOMATIC, *({"chrom": "chr1", "pos": p, "ref": r, "alt": a, "filter": f}
                            for p, r, a, f in given))  # fmt: skip
    assert spectrum_of(table, fasta, None) == {"A[C>T]G": 2}
    assert of_chromosomes(fasta, None) == {"chr1": 7}


def test_rearrangements_join_the_places_of_both_kinds_of_events() -> None:
    lengths = {"chr2": 1000, "chr10": 500}
    fused = fusion_item(breakpoint5="chr2:100", breakpoint3="chr2:900")
    broken = {**fusion_item(breakpoint1="chr10:10", breakpoint2="chr2:5"), "kind": "structural"}
    made = rearrangements([fused, broken, fusion_item()], lengths)
    assert made["values"] == {"count": "2"}
    assert made["svg"].count("<path") == 2
    assert (
        rearrangements([fusion_item(breakpoint5="chrUn:1", breakpoint3="chr2:1")], lengths) is None
    )


def test_a_lollipop_stands_at_its_codon() -> None:
    exons = [(0, 300), (1000, 1300)]
    model = Model("T1", "chr7", True, exons, exons)
    one = {**item(), "hgvs_p": "p.Leu100Arg"}
    made = lollipop([one, {**one, "id": "b", "hgvs_p": "p.Gly101Ter"}], model)
    assert made["values"] == {"gene": "EGFR", "transcript": "T1", "codons": "199"}
    x = [float(v) for v in re.findall(r'<circle cx="([\d.]+)"', made["svg"])]
    assert x == pytest.approx([20 + 720 * 100 / 199, 20 + 720 * 101 / 199], abs=0.01)
    y = re.findall(r'cy="([\d.]+)"', made["svg"])
    assert len(set(y)) == 2  # their names do not lie over each other
    assert lollipop([{**one, "hgvs_p": None}], model) is None
    assert lollipop([{**one, "hgvs_p": "p.Leu900Arg"}], model) is None  # beyond this transcript


def test_the_pedigree_says_what_is_not_known() -> None:
    parents = {"father": {"ad_alt": 0, "dp": 30, "copies": 0}}
    child = {**item(), "zygosity": "heterozygous", "detail": {"parents": parents}}
    made = pedigree(child, "XX")
    assert made["values"] == {"name": "EGFR p.Leu858Arg", "father": "×0 (0/30)", "mother": "?",
                              "own": "×1 (47/142)"}  # fmt: skip
    assert pedigree(item(), "XX") is None
    assert genotype({"copies": None, "dp": 12, "ad_alt": None}) == "? (?/12)"


@pytest.mark.parametrize(
    ("alleles", "limits", "drawn"),
    [
        (["17", "45"], (35, 40), True),
        (["≥60"], (35, None), True),
        (["17"], (None, None), False),
        ([], (35, 40), False),
    ],
)
def test_the_ruler_of_a_repeat(
    alleles: list[str], limits: tuple[int | None, int | None], drawn: bool
) -> None:
    detail = {"alleles": alleles, "normal_max": limits[0], "pathogenic_min": limits[1]}
    made = repeat_ruler({**item(), "kind": "repeat", "detail": detail})
    assert (made is not None) is drawn
    if made is not None:
        assert set(alleles) <= set(texts(made))
        places = [float(x) for x in re.findall(r'<line x1="([\d.]+)"', made["svg"])]
        assert places == sorted(places)
        assert max(places) < 660


def test_genes_of_copy_number_findings_are_named_at_their_place() -> None:
    found = {**item(), "kind": "copy_number", "detail": {"log2": 2.0}, "gene": "ERBB2",
             "allele": {"chrom": "chr17", "pos": 100, "ref": None, "alt": None}}  # fmt: skip
    made = copy_number(segments(), None, [found, {**found, "gene": "GRB7", "id": "x"}])
    assert {"ERBB2", "GRB7"} <= set(texts(made))
    elsewhere = {**found, "allele": {**found["allele"], "chrom": "chr5"}}
    assert "ERBB2" not in texts(copy_number(segments(), None, [elsewhere]))


def test_the_depth_above_a_pile_up_is_of_all_reads() -> None:
    made = pile_up(item(), 0, REFERENCE, [("T1", [a_read(REFERENCE)] * 500)])
    assert "500×" in texts(made)
    root = ElementTree.fromstring(made["svg"])
    assert float(root.get("height")) < 34 + 30 + 26 + ROWS * 8 + 1


def test_every_kind_of_picture_is_in_the_schema_and_has_its_words() -> None:
    source = "".join(path.read_text() for path in FIGURES.glob("*.py"))
    drawn = set(re.findall(r'return figure\(\s*"([a-z_]+)"', source))
    listed = report_schema()["properties"]["figures"]["items"]["properties"]["kind"]["enum"]
    assert drawn == set(listed)
    assert {f"figure.{kind}{end}" for kind in drawn for end in ("", ".about")} <= set(messages())
    words = set(re.findall(r'"(figure\.word\.[a-z0-9]+)"', source))
    assert words
    assert words <= set(messages())
