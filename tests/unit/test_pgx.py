"""Star alleles: every pair the genotypes allow, and nothing made up where there is no genotype."""

import gzip
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_case import rows

from shirube.contracts import CALLS
from shirube.errors import InputError
from shirube.genome.intervals import Arrays, arrays
from shirube.knowledge.names import files_of
from shirube.knowledge.pharmcat_definitions import Gene, Position, gene_of, genes
from shirube.knowledge.sources import Source
from shirube.pgx.diplotypes import Call, call, pairs
from shirube.pgx.genotypes import Genotype, genotypes
from shirube.pgx.phenotypes import UNKNOWN, Phenotype, Phenotypes
from shirube.pgx.result import (
    copies_of,
    not_assessed,
    outside_calls,
    pharmacogenomics,
)
from shirube.pgx.tables import tables_of

# An artificial gene: two SNVs (one and both make alleles), a repeat, an unrelated SNV.
POSITIONS = (
    Position(100, "C", ("T",), "rs1", "g.100C>T"),
    Position(200, "CAT", ("C", "CATAT"), "rs2", "g.200TA[7]"),
    Position(300, "G", ("A",), "rs3", "g.300G>A"),
)


def definition(gene: str = "GENE", chrom: str = "chr1") -> dict[str, Any]:
    alleles = {
        "*1": ["C", "CAT", "G"],
        "*6": [None, None, "A"],
        "*28": [None, "CATAT", None],
        "*36": [None, "C", None],
        "*80": ["T", None, None],
        "*80+*28": ["T", "CATAT", None],
    }
    return {
        "gene": gene,
        "chromosome": chrom,
        "version": "artificial",
        "variants": [
            {
                "position": p.pos,
                "ref": p.ref,
                "alts": list(p.alts),
                "rsid": p.rsid,
                "chromosomeHgvsName": p.name,
            }
            for p in POSITIONS
        ],
        "namedAlleles": [
            {"name": name, "alleles": a, "reference": name == "*1", "structuralVariant": False}
            for name, a in alleles.items()
        ],
    }


def phenotype() -> dict[str, Any]:
    worth = {"*1": 1.0, "*6": 0.5, "*28": 0.5, "*36": 1.0, "*80": 1.0, "*80+*28": 0.5}
    names = {2.0: "Normal Metabolizer", 1.5: "Intermediate Metabolizer", 1.0: "Poor Metabolizer"}
    pairs_ = itertools.combinations_with_replacement(worth, 2)
    return {
        "gene": "GENE",
        "haplotypes": {},
        "diplotypes": [
            {
                "diplotypekey": {a: 2} if a == b else {a: 1, b: 1},
                "phenotype": names[worth[a] + worth[b]],
                "activityScore": None,
                "lookupkey": names[worth[a] + worth[b]],
            }
            for a, b in pairs_
        ],
    }


def guidelines() -> dict[str, Any]:
    def entry(found: str | dict[str, float], text: str) -> dict[str, Any]:
        return {
            "id": f"R-{text}",
            "population": "general",
            "classification": {"term": "Strong"},
            "relatedChemicals": [{"name": "a drug"}],
            "text": {"html": f"<p>{text} &amp; more</p>"},
            "lookupKey": {"GENE": found},
        }

    guideline = {"source": "CPIC", "url": "https://example.org/guideline"}
    return {
        "CPIC_a.json": {
            "guideline": guideline,
            "recommendations": [
                entry("Poor Metabolizer", "reduce"),
                entry("Normal Metabolizer", "as usual"),
                entry({"*6": 2.0}, "homozygous"),
            ],
        }
    }


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    (tmp_path / "definition/alleles").mkdir(parents=True)
    (tmp_path / "phenotype").mkdir()
    text = json.dumps(definition())
    (tmp_path / "definition/alleles/GENE_translation.json").write_text(text)
    (tmp_path / "phenotype/GENE.json").write_text(json.dumps(phenotype()))
    with gzip.open(tmp_path / "guidelines_x.json.gz", "wt") as stream:
        json.dump(guidelines(), stream)
    return files_of(tmp_path)


@pytest.fixture
def gene(files: list[Path]) -> Gene:
    return genes(files)[0]


def one(pos: int, ref: str, alt: str, dosage: int | None = 1, **changed: object) -> dict[str, Any]:
    seen = {"filter": "PASS", "ploidy": 2, "gq": 60, "dp": 30, "record": pos}
    return {
        "chrom": "chr1",
        "pos": pos,
        "ref": ref,
        "alt": alt,
        "dosage": dosage,
        **seen,
        **changed,
    }


EVERYWHERE = arrays([("chr1", 0, 1000)])["chr1"]
HET_28 = one(200, "C", "CAT")
HET_80 = one(100, "C", "T")
HET_6 = one(300, "G", "A")


def diplotypes(gene: Gene, *calls: dict[str, Any], callable_: Arrays = EVERYWHERE) -> Call:
    return call(gene, genotypes(gene, rows(CALLS, *calls), callable_, 2))


# What PharmCAT documents for unphased data, phased data and missing positions.
@pytest.mark.parametrize(
    ("calls", "assumed", "best"),
    [
        ([], ["*1/*1"], ["*1/*1"]),
        ([HET_6], ["*1/*6"], ["*1/*6"]),
        ([{**HET_6, "dosage": 2}], ["*6/*6"], ["*6/*6"]),
        # unphased: in cis with the reference on the other side, or in trans; cis states more
        ([HET_80, HET_28], ["*1/*80+*28", "*28/*80"], ["*1/*80+*28"]),
        # phase decides
        (
            [
                {**HET_80, "phase_set": 1, "haplotype": 0},
                {**HET_28, "phase_set": 1, "haplotype": 0},
            ],
            ["*1/*80+*28"],
            ["*1/*80+*28"],
        ),
        (
            [
                {**HET_80, "phase_set": 1, "haplotype": 0},
                {**HET_28, "phase_set": 1, "haplotype": 1},
            ],
            ["*28/*80"],
            ["*28/*80"],
        ),
        # different blocks say nothing of one another
        (
            [
                {**HET_80, "phase_set": 1, "haplotype": 0},
                {**HET_28, "phase_set": 2, "haplotype": 1},
            ],
            ["*1/*80+*28", "*28/*80"],
            ["*1/*80+*28"],
        ),
        # two alleles of one position
        ([HET_28, one(200, "CAT", "C")], ["*28/*36"], ["*28/*36"]),
        # no pair of named alleles explains three changes in trans and cis
        ([{**HET_80, "dosage": 2}, HET_6], [], []),
    ],
)
def test_diplotypes(
    gene: Gene, calls: list[dict[str, Any]], assumed: list[str], best: list[str]
) -> None:
    found = diplotypes(gene, *calls)
    assert ["/".join(pair) for pair in found.assumed] == assumed
    assert ["/".join(pair) for pair in found.best] == best
    assert found.consistent == found.assumed


def test_unexplained_changes_are_named(gene: Gene) -> None:
    assert diplotypes(gene, {**HET_80, "dosage": 2}, HET_6).detected == ("*6", "*80", "*80")


HOLE = arrays([("chr1", 0, 250), ("chr1", 350, 1000)])["chr1"]


@pytest.mark.parametrize(
    ("calls", "callable_", "reason"),
    [
        ([], HOLE, "not callable"),
        ([{**HET_6, "filter": "LowQual"}], EVERYWHERE, "filtered: LowQual"),
        ([{**HET_6, "gq": 10}], EVERYWHERE, "genotype quality 10 below 20"),
        ([{**HET_6, "dp": 3}], EVERYWHERE, "depth 3 below 10"),
        ([{**HET_6, "dosage": None}], EVERYWHERE, "genotype not called"),
        ([{**HET_6, "ploidy": None}], EVERYWHERE, "genotype not called"),  # ./1
        ([{**HET_6, "dosage": 0, "ploidy": None}], EVERYWHERE, "genotype not called"),  # 0/.
        ([one(300, "G", "T")], EVERYWHERE, "other allele 300G>T"),
        ([one(299, "AG", "A")], EVERYWHERE, "other allele 299AG>A"),  # the base is deleted
    ],
)
def test_a_position_without_genotype_is_named_and_excludes_nothing(
    gene: Gene,
    calls: list[dict[str, Any]],
    callable_: Arrays,
    reason: str,
) -> None:
    found = genotypes(gene, rows(CALLS, *calls), callable_, 2)
    assert [g.reason for g in found] == [None, None, reason]
    result = call(gene, found)
    assert result.unknown == (2,)
    assert result.assumed == (("*1", "*1"),)
    assert set(result.consistent) == {("*1", "*1"), ("*1", "*6"), ("*6", "*6")}


@pytest.mark.parametrize(
    "row",
    [
        one(300, "G", "GA"),  # inserted after the base
        one(300, "GT", "G"),  # deletes the base after it
        one(100, "C", "T", dosage=0),
        one(100, "C", "T", dosage=None, filter="NoGenotype"),
    ],
)
def test_what_does_not_touch_a_position_does_not_matter(gene: Gene, row: dict[str, Any]) -> None:
    assert diplotypes(gene, row).assumed == (("*1", "*1"),)


def test_an_unknown_repeat_length_is_not_reference(gene: Gene) -> None:
    found = genotypes(gene, rows(CALLS, one(200, "C", "CATAT")), EVERYWHERE, 2)
    assert found[1].reason == "other allele 200C>CATAT"


def test_nothing_callable_is_no_call(gene: Gene) -> None:
    found = diplotypes(gene, callable_=arrays([("chr1", 900, 901)])["chr1"])
    assert (found.assumed, found.consistent, found.unknown) == ((), (), (0, 1, 2))


def test_one_copy_has_one_allele(gene: Gene) -> None:
    row = {**HET_6, "ploidy": 1}
    assert call(gene, genotypes(gene, rows(CALLS, row), EVERYWHERE, 1)).assumed == (("*6",),)
    unknown = genotypes(gene, rows(CALLS), EVERYWHERE, None)
    assert {g.reason for g in unknown} == {"copies unknown"}
    assert copies_of("XY")["chrX"] == 1
    assert copies_of("unknown")["chrX"] is None


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 1)), min_size=2, max_size=2
    )
)
def test_pairs_are_exactly_those_that_give_the_genotypes(haplotypes: list[tuple[int, ...]]) -> None:
    names = ["*1", "*6", "*28", "*36", "*80", "*80+*28"]
    stated = {"*1": (0, 0, 0), "*6": (0, 0, 1), "*28": (0, 2, 0), "*36": (0, 1, 0)}
    stated |= {"*80": (1, 0, 0), "*80+*28": (1, 2, 0)}
    allowed = np.array([[1 << n for n in stated[name]] for name in names], np.uint64)
    made = Gene("G", "chr1", "", POSITIONS, tuple(names), allowed, allowed > 1, 0)
    found = [Genotype(tuple(alleles)) for alleles in zip(*haplotypes, strict=True)]
    wanted = {
        (a, b)
        for a, b in itertools.product(names, names)
        if all(
            sorted(g.alleles) == sorted(pair)
            for g, pair in zip(found, zip(stated[a], stated[b], strict=True), strict=True)
        )
    }
    rows_, columns = np.nonzero(pairs(made, found))
    assert {(names[i], names[j]) for i, j in zip(rows_, columns, strict=True)} == wanted


TESTS = [{"gene": "GENE", "verified": "yes"}]


def assessed(files: list[Path], *calls: dict[str, Any], **changed: Any) -> dict[str, Any]:  # noqa: ANN401
    given_ = {"callable_": {"chr1": EVERYWHERE}, "copies": {}, "outside": {}} | changed
    return pharmacogenomics(
        tables_of(files),
        rows(CALLS, *calls),
        about={"version": "x", "licence": "y", "sha256": "z"},
        tests=TESTS,
        **given_,
    )


def test_phenotype_and_recommendation(files: list[Path]) -> None:
    found = assessed(files, {**HET_6, "dosage": 2})
    (entry,) = [g for g in found["genes"] if g["gene"] == "GENE"]
    assert (entry["status"], entry["phenotype"]) == ("called", "Poor Metabolizer")
    said = {r["text"] for r in found["recommendations"]}
    assert said == {"reduce & more", "homozygous & more"}
    assert all(r["altered"] for r in found["recommendations"])


def test_no_recommendation_while_a_phenotype_is_open(files: list[Path]) -> None:
    found = assessed(files, callable_={"chr1": HOLE})
    (entry,) = [g for g in found["genes"] if g["gene"] == "GENE"]
    assert entry["status"] == "partial"
    assert entry["phenotype"] is None
    assert entry["not_excluded"] == ["*6"]
    assert len(entry["possible_phenotypes"]) == 3
    assert entry["uncalled"] == [
        {"pos": "chr1:300", "rsid": "rs3", "name": "g.300G>A", "reason": "not callable"}
    ]
    assert found["recommendations"] == []


def test_open_phase_with_one_meaning_is_settled(files: list[Path]) -> None:
    found = assessed(files, HET_80, HET_28)
    (entry,) = [g for g in found["genes"] if g["gene"] == "GENE"]
    assert (entry["status"], entry["phenotype"]) == ("ambiguous", "Intermediate Metabolizer")


def test_cyp2d6_and_hla_come_from_outside_or_not_at_all(files: list[Path], tmp_path: Path) -> None:
    states = {g["gene"]: g["status"] for g in assessed(files)["genes"]}
    assert states["CYP2D6"] == states["HLA-B"] == "not_called"
    table = tmp_path / "outside.tsv"
    table.write_text(
        "patient\tgene\tdiplotype\tphenotype\tsource\n"
        "P1\tCYP2D6\t*1/*10\tIntermediate Metabolizer\tlong reads, laboratory A\n"
    )
    found = assessed(files, outside=outside_calls(table, "P1"))
    (entry,) = [g for g in found["genes"] if g["gene"] == "CYP2D6"]
    assert (entry["status"], entry["source"]) == ("outside", "long reads, laboratory A")
    assert outside_calls(table, "P2") == {}
    table.write_text("patient\tgene\n")
    with pytest.raises(InputError):
        outside_calls(table, "P1")


def test_a_definition_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "X_translation.json"
    path.write_text("{")
    with pytest.raises(InputError):
        gene_of(path, {})
    broken = definition()
    broken["namedAlleles"][1]["alleles"][2] = "Q"
    path.write_text(json.dumps(broken))
    with pytest.raises(InputError, match="300"):
        gene_of(path, {})


def test_not_assessed_says_why() -> None:
    assert not_assessed("no_normal")["status"] == "no_normal"


def test_the_checksum_of_a_directory_is_of_what_is_read(files: list[Path], tmp_path: Path) -> None:
    def source(**other: str) -> Source:
        return Source("pharmcat", str(tmp_path), "1", "own", **other)

    before = source().verified()
    (tmp_path / "README.txt").write_text("other words")
    assert source(sha256=before).verified() == before
    (tmp_path / "phenotype/GENE.json").write_text(json.dumps(phenotype()) + " ")
    with pytest.raises(InputError, match="altered"):
        source(sha256=before).verified()
    (tmp_path / "phenotype/GENE.json").write_text("")
    with pytest.raises(InputError, match=r"GENE\.json.*not empty"):
        source().verified()
    guideline = tmp_path / "guidelines_x.json.gz"
    (tmp_path / "phenotype/GENE.json").write_text(json.dumps(phenotype()))
    guideline.write_bytes(guideline.read_bytes()[:-9])
    with pytest.raises(InputError, match="truncated"):
        source().verified()


def test_tables_give_back_what_the_files_say(files: list[Path], gene: Gene) -> None:
    (again,) = tables_of(files).genes()
    assert (again.gene, again.chrom, again.version, again.reference) == (
        *(gene.gene, gene.chrom, gene.version),
        gene.reference,
    )
    assert (again.positions, again.names) == (gene.positions, gene.names)
    assert (again.allowed == gene.allowed).all()
    assert (again.stated == gene.stated).all()


@pytest.mark.parametrize("part", ["phenotype/GENE.json", "guidelines_x.json.gz"])
@pytest.mark.parametrize("text", ["[1]", '{"a": 1}', "{"])
def test_another_format_is_refused(files: list[Path], tmp_path: Path, part: str, text: str) -> None:
    data = text.encode()
    (tmp_path / part).write_bytes(gzip.compress(data) if part.endswith(".gz") else data)
    with pytest.raises(InputError, match=part.split("/")[-1].replace(".", r"\.")):
        tables_of(files)


def test_phenotypes_of_pypgx_where_pharmcat_has_none(files: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "diplotype-table.csv"
    head = "Gene,Diplotype,Phenotype\n"
    path.write_text(head + "GENE,Reference/*6,Something\nG6PD,A/B,G6PD Variable\n"
                    "G6PD,B/A,G6PD Variable\nG6PD,A/MALE,G6PD Deficient\n")  # fmt: skip
    known = Phenotypes(tables_of(files, path).phenotypes)
    assert known.of("G6PD", ("B", "A")) == Phenotype("G6PD Variable", None, "Variable")
    assert known.of("G6PD", ("A",)).lookup == "Deficient"
    assert known.of("G6PD", ("A", "A")) == UNKNOWN
    assert known.of("GENE", ("*6", "Reference")).phenotype != "Something"
    for wrong, said in (
        ("G6PD,A/B,G6PD Variable\nG6PD,A/B,Other\n", "duplicate"),
        ("G6PD,A/B,G6PD Variable\nG6PD,B/A,Other\n", "duplicate"),
        ("G6PD,A,G6PD Variable\n", "two alleles"),
    ):
        path.write_text(head + wrong)
        with pytest.raises(InputError, match=said):
            tables_of(files, path)
    path.write_text("Gene,Diplotype\nG6PD,A/B\n")
    with pytest.raises(InputError, match="Phenotype"):
        tables_of(files, path)
