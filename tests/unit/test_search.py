"""One search for the command line and the site: every name of an allele finds that allele."""

import json
from pathlib import Path

import polars as pl
import pysam
import pytest
import search_case
from cohort_run import Run

from shirube.cli.main import main
from shirube.cohort.query.question import understood
from shirube.cohort.query.search import QuestionError, Search
from shirube.cohort.query.sequence import Genome
from shirube.contracts import ALLELE, ANNOTATION, scan
from shirube.errors import InputError
from shirube.genome.amino import ONE
from shirube.vcf import read_columns

Key = tuple[str, int, str, str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return search_case.made(tmp_path_factory.mktemp("search"))


@pytest.fixture(scope="module")
def search(run: Run) -> Search:
    return Search(run.folder / "results", Genome(run.folder / "r.fa", "artificial"))


def annotated(run: Run) -> pl.DataFrame:
    path = run.folder / "results/cohort/annotation/chr1.parquet"
    return scan(ANNOTATION, path).with_columns(pl.col("chrom").cast(pl.String)).collect()


def key(row: dict) -> Key:
    return tuple(row[name] for name in ALLELE)  # type: ignore[return-value]


def spellings(chrom: str, pos: int, ref: str, alt: str) -> list[str]:
    bare = chrom.removeprefix("chr")
    full = f"{chrom}-{pos}-{ref}-{alt}".translate(
        {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
    )
    return [
        *(f"{chrom}-{pos}-{ref}-{alt}", f"{bare}-{pos}-{ref.lower()}-{alt}", full),
        *(f"{chrom}:{pos}:{ref}:{alt}", f"{bare}:{pos}:{ref}>{alt}", f"{chrom} {pos} {ref} {alt}"),
        *(f"{chrom}:{pos:,} {ref}/{alt}", f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t50\tPASS\tAC=3"),
        f"{chrom}–{pos}–{ref}–{alt}",
    ]


def test_an_allele_is_found_however_it_is_written(run: Run, search: Search) -> None:
    rows = run.frequency().filter(pl.col("stratum") == "all").select(ALLELE).unique()
    assert rows.height > 60
    for own in rows.rows():
        for text in spellings(*own):
            assert search.answer(text).alleles == (own,), text


def test_padded_and_shifted_alleles_are_the_same_allele(run: Run, search: Search) -> None:
    rows = run.frequency().filter(pl.col("stratum") == "all").select(ALLELE).unique()
    shifted = 0
    for chrom, pos, ref, alt in rows.rows():
        sequence = run.sequences[chrom]
        end = pos - 1 + len(ref)
        after, before = sequence[end : end + 3], sequence[max(pos - 4, 0) : pos - 1]
        padded = [(pos, ref + after, alt + after)]
        padded.append((pos - len(before), before + ref, before + alt))
        # the same change one base further right, where the sequence repeats
        if min(len(ref), len(alt)) == 1 and len(ref) != len(alt) and end < len(sequence):
            both = [allele + sequence[end] for allele in (ref, alt)]
            if both[0][0] == both[1][0]:
                padded.append((pos + 1, both[0][1:], both[1][1:]))
                shifted += 1
        for p, r, a in padded:
            if r and a:
                assert search.answer(f"{chrom}-{p}-{r}-{a}").alleles == ((chrom, pos, ref, alt),)
    assert shifted > 10


def test_every_hgvs_name_of_a_released_allele_finds_it(run: Run, search: Search) -> None:
    found = {"hgvs_g": 0, "hgvs_c": 0, "hgvs_p": 0}
    for row in annotated(run).iter_rows(named=True):
        gene, transcript = row["gene"], row["transcript"]
        own = key(row)
        asked = [row["hgvs_g"]] if row["hgvs_g"] else []
        if row["hgvs_c"]:
            c = row["hgvs_c"]
            owners = [transcript, gene, gene.lower(), transcript.split(".")[0] + ".9"]
            asked += [f"{owner}:{c}" for owner in owners] + [f"{gene} {c.lower()}"]
            asked.append(f"{transcript}({gene}):{c} (p.Xaa1Xaa)")
        for text in asked:
            assert search.answer(text).alleles == (own,), text
        p = row["hgvs_p"]
        if p and "?" not in p:
            short = p
            for three, one in ONE.items():
                short = short.replace(three, one)
            for text in (f"{gene}:{p}", f"{gene} {p}", f"{gene} p.({p[2:]})", f"{gene} {short}"):
                assert own in search.answer(text).alleles, text
            found["hgvs_p"] += 1
        for name in ("hgvs_g", "hgvs_c"):
            found[name] += row[name] is not None
    assert min(found.values()) > 15, found


@pytest.mark.parametrize(
    ("asked", "gene"),
    [
        *(
            ("GENEA", "GENEA"),
            ("genea", "GENEA"),
            ("ＧＥＮＥＡ", "GENEA"),
            (" geneb-1 ", "GENEB-1"),
        ),
        *(("OLDA", "GENEA"), ("HGNC:5", "GENEA"), ("ENSG001", "GENEA"), ("ENSG001.3", "GENEA")),
        *(("NM_002.4", "GENEB-1"), ("ENST001", "GENEA"), ("ＧＥＮＥＢ－１", "GENEB-1")),
    ],
)
def test_a_gene_has_many_names(search: Search, asked: str, gene: str) -> None:
    found = search.answer(asked)
    assert (found.kind, found.gene) == ("gene", gene)
    (span,) = search.genes.spans(gene)
    assert [(p.start, p.end) for p in found.places] == [(span["start"], span["end"])]


@pytest.mark.parametrize(
    "asked",
    ["マルファン", "ﾏﾙﾌｧﾝ", "見本マルファン症候群", "marfan", "NANDO:1200001", "OMIM:100001"],
)
def test_a_disease_is_found_by_its_japanese_and_english_name(search: Search, asked: str) -> None:
    found = search.answer(asked)
    assert found.kind == "diseases"
    assert found.diseases[0]["genes"] == [("GENEA", True)]


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        *(("chr1:7", 6, 7), ("1:10-20", 9, 20), ("chr1:1,000-2,000", 999, 2000)),
        *(("chr1 10 20", 9, 20), ("ｃｈｒ１：１０－２０", 9, 20), ("chr1", 0, 3000)),
    ],
)
def test_regions(search: Search, asked: str, start: int, end: int) -> None:
    (place,) = search.answer(asked).places
    assert (place.chrom, place.start, place.end, place.alleles) == ("chr1", start, end, None)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        *(("nothing like this", "not_understood"), ("<b>", "not_understood")),
        *(("rs999999", "unknown_rsid"), ("NOGENE:c.5A>G", "unknown_owner")),
        *(("shared", "ambiguous_gene"), ("chr1:20-10", "bad_region")),
        *(("GENEA:c.1x", "unreadable"), ("GENEA p.Trp1Cys", "unreadable")),
    ],
)
def test_a_question_without_an_answer_says_why(search: Search, asked: str, reason: str) -> None:
    with pytest.raises(QuestionError) as refused:
        search.answer(asked)
    assert refused.value.reason == reason
    assert refused.value.values["asked"]


def test_an_allele_whose_ref_is_not_the_references_is_refused(run: Run, search: Search) -> None:
    wrong = "A" if run.sequences["chr1"][99] != "A" else "C"
    with pytest.raises(InputError, match=f"REF {run.sequences['chr1'][99]}"):
        search.answer(f"chr1-100-{wrong}-G")
    with pytest.raises(InputError, match="a chromosome of the reference"):
        search.answer("chr9-100-A-G")


def test_accessions_of_another_build_are_refused(run: Run) -> None:
    own = Search(run.folder / "results", Genome(run.folder / "r.fa", "GRCh38"))
    with pytest.raises(QuestionError) as refused:
        own.answer("NC_000001.10:g.100A>G")
    assert refused.value.reason == "other_build"


def test_suggestions(search: Search) -> None:
    assert [s for s, _ in search.genes.suggestions("gen")] == ["GENEA", "GENEB-1"]
    assert search.genes.suggestions("old") == [("GENEA", "OLDA → GENEA")]
    assert search.genes.suggestions("マル")[0][0] == "見本マルファン症候群"
    assert search.genes.suggestions("") == []


def test_query_answers_from_sources_where_the_cohort_has_no_carrier(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    ref = run.sequences["chr1"][2899]
    alt = "A" if ref != "A" else "C"
    words = ["query", f"chr1-2900-{ref}-{alt}", "--results", str(run.folder / "results")]
    assert main([*words, "--format", "json"]) == 0
    said = capsys.readouterr()
    (row,) = json.loads(said.out)
    assert (row["tommo_japanese_af"], row["gnomad_af"]) == (0.02, 0.02)
    assert row["ac"] is None
    assert row["af"] is None
    assert "callable" in said.err


def test_query_says_which_names_and_shows_a_disease(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    results = ["--results", str(run.folder / "results")]
    assert main(["query", "マルファン", *results]) == 0
    assert "GENEA" in capsys.readouterr().out
    assert main(["query", "what", "is", "this", *results]) == 1
    said = capsys.readouterr().err
    assert "TP53" in said
    assert "chr17-7675088-C-T" in said


def test_query_writes_a_vcf_bcftools_reads(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "found.vcf"
    words = ["query", "chr1:1-3000", "--results", str(run.folder / "results")]
    assert main([*words, "--format", "vcf", "--out", str(out)]) == 0
    table = read_columns(out, {"AC": pl.Int32, "tommo_af": pl.Float64})
    rows = run.frequency().filter(pl.col("stratum") == "all", pl.col("chrom") == "chr1")
    assert table["AC"].drop_nulls().to_list() == rows["ac"].to_list()
    assert table["tommo_af"].is_not_null().sum() == 9


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *(("C9orf72", "name"), ("HLA-A", "name"), ("ファブリー病", "name"), ("17", "name")),
        *(("TP53 R175H", "protein"), ("m.3243A>G", "genomic"), ("NC_000017.11:5:C:T", "allele")),
        *(("EGFR p.E746_A750del", "protein"), ("APC E1309fs", "protein"), ("RS12", "rsid")),
    ],
)
def test_forms(text: str, kind: str) -> None:
    assert understood(text).kind == kind


def test_a_compressed_reference_has_the_same_bases(run: Run, tmp_path: Path) -> None:
    plain = Genome(run.folder / "r.fa", "artificial")
    packed = tmp_path / "r.fa.gz"
    pysam.tabix_compress(str(run.folder / "r.fa"), str(packed))
    pysam.faidx(str(packed))
    other = Genome(packed, "artificial")
    for chrom, bases in run.sequences.items():
        if chrom in plain.contigs:
            for genome in (plain, other):
                assert bytes(genome.chromosome(chrom)[:]).decode() == bases
                assert bytes(genome.chromosome(chrom)[57:123]).decode() == bases[57:123]
    Path(f"{packed}.gzi").unlink()
    with pytest.raises(InputError, match="gzi"):
        Genome(packed, "artificial")
