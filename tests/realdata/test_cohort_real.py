"""Cohort counts of real people against independent counts of the same files."""

import csv
import gzip
import os
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from shirube.cohort.frequency import chrom_frequencies
from shirube.cohort.joint import count
from shirube.cohort.person import read_person
from shirube.cohort.state import State
from shirube.genome.chromosomes import CHROMS
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.ploidy import PAR
from shirube.tools import run

REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
KNOWLEDGE = Path(os.environ.get("KNOWLEDGE", "../shared/knowledge"))
JAPANESE = KNOWLEDGE / "kg_jpt_pgx/kg_jpt_pgx.GRCh38.vcf.gz"
PANEL = REALDATA / "kg-panel/integrated_call_samples_v3.20130502.ALL.panel"
GVCFS = REALDATA / "kg-gvcf-chr22"
BUILD = PAR["GRCh38"]
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.oracle,
    pytest.mark.skipif(
        not (JAPANESE.exists() and GVCFS.exists()), reason="set REALDATA and KNOWLEDGE"
    ),
]
Key = tuple[str, int, str, str]


def aggregated(
    directory: Path, files: dict[str, Path], sexes: dict[str, str], rule: GenotypeRule
) -> pl.DataFrame:
    """Frequencies of people counted through the state."""
    state = State(directory, {"rule": rule.text(), "build": "GRCh38"})
    people = {}
    for name, path in files.items():
        read = read_person(path, name, sexes[name], rule, None, BUILD)
        people[name] = state.entry(name, name, sexes[name], f"sex={sexes[name]}", name, read)
    state.update(people, list(people))
    return pl.concat([chrom_frequencies(state, c, ["sex"], BUILD) for c in CHROMS])


def table_of(frequencies: pl.DataFrame, group: str) -> dict[Key, tuple[int, int]]:
    rows = frequencies.filter(pl.col("stratum") == group)
    return {
        (chrom, pos, ref, alt): (ac, an)
        for chrom, pos, ref, alt, ac, an in rows.select(
            "chrom", "pos", "ref", "alt", "ac", "an"
        ).iter_rows()
    }


def trimmed(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt


def japanese_sexes() -> dict[str, str]:
    rows = (line.split("\t") for line in PANEL.read_text().splitlines()[1:])
    return {r[0]: {"male": "XY", "female": "XX"}[r[3].strip()] for r in rows if r[1] == "JPT"}


def counted_by_hand(sexes: dict[str, str]) -> dict[Key, tuple[int, int]]:
    """AC and AN of every row of the Japanese VCF with a carrier, from its text."""
    out = {}
    with gzip.open(JAPANESE, "rt") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if line.startswith("#CHROM"):
                samples = fields[9:]
            if line.startswith("#"):
                continue
            ac = an = 0
            haploid = fields[0] == "chrX" and not any(
                a < int(fields[1]) <= b for a, b in BUILD["chrX"]
            )
            for sample, call in zip(samples, fields[9:], strict=True):
                alleles = call.split("|")
                if haploid and sexes[sample] == "XY":
                    if len(set(alleles)) == 1:
                        an, ac = an + 1, ac + (alleles[0] == "1")
                elif len(alleles) == 2:
                    an, ac = an + 2, ac + alleles.count("1")
            if ac:
                out[(fields[0], *trimmed(int(fields[1]), fields[3], fields[4]))] = (ac, an)
    return out


@pytest.fixture(scope="module")
def japanese(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    sexes = japanese_sexes()
    rule = GenotypeRule(unmeasured="accept")
    files = dict.fromkeys(sexes, JAPANESE)
    return aggregated(tmp_path_factory.mktemp("jpt") / "state", files, sexes, rule)


def test_104_japanese_equal_an_independent_count_on_every_row(japanese: pl.DataFrame) -> None:
    sexes = japanese_sexes()
    assert len(sexes) == 104
    wanted = counted_by_hand(sexes)
    assert len(wanted) > 1000
    assert table_of(japanese, "all") == wanted


def test_known_japanese_frequencies(japanese: pl.DataFrame) -> None:
    found = {k: ac / an for k, (ac, an) in table_of(japanese, "all").items()}
    for name, key, frequency in (
        ("CYP2C19*2", ("chr10", 94781859, "G", "A"), 0.322),
        ("CYP2C19*3", ("chr10", 94780653, "G", "A"), 0.072),
        ("UGT1A1*6", ("chr2", 233760498, "G", "A"), 0.130),
        ("NUDT15 R139C", ("chr13", 48045719, "C", "T"), 0.067),
    ):
        assert found[key] == pytest.approx(frequency, abs=0.0005), name


def test_the_joint_path_counts_the_japanese_the_same(japanese: pl.DataFrame) -> None:
    sexes = japanese_sexes()
    rule = GenotypeRule(unmeasured="accept")
    found = count(JAPANESE, sexes, dict.fromkeys(sexes, 0), rule, None, BUILD)
    totals = {c.chrom: (int(c.ac.sum()), int(c.an[c.ac[:, 0] > 0].sum())) for c in found}
    rows = japanese.filter(pl.col("stratum") == "all")
    by_chrom = rows.group_by("chrom").agg(pl.col("ac").sum(), pl.col("an").sum())
    assert totals == {chrom: (ac, an) for chrom, ac, an in by_chrom.iter_rows()}


def test_people_without_measured_genotypes_are_left_out_unless_accepted() -> None:
    (sample, sex), *_ = japanese_sexes().items()
    read = read_person(JAPANESE, sample, sex, GenotypeRule(), None, BUILD)
    assert read.unmet == "GQ, DP, AD"
    assert read.genotypes.is_empty()
    assert read.callable.is_empty()


def gvcf_people() -> tuple[dict[str, Path], dict[str, str]]:
    with open(GVCFS / "sample_population_sex.tsv") as lines:
        rows = list(csv.reader(lines, delimiter="\t"))
    sex = {r[0]: "XY" if "male" in r[1:] else "XX" for r in rows}
    files = {p.name.split(".")[0]: p for p in sorted(GVCFS.glob("*.hg38.g.vcf.gz"))}
    return files, {name: sex.get(name, "XX") for name in files}


def merged_counts(files: list[Path], rule: GenotypeRule) -> dict[Key, tuple[int, int]]:
    """AC and AN under a genotype rule from `bcftools merge --gvcf`."""
    run_ = ["bcftools", "merge", "--gvcf", "-", "--no-version", *files]
    out: dict[Key, tuple[int, int]] = {}
    for line in run(*run_).decode().splitlines():
        if line.startswith("#"):
            continue
        chrom, pos, _, ref, alts, _, _, _, keys, *calls = line.split("\t")
        listed = alts.split(",")
        counts: Counter[int] = Counter()
        an = 0
        for call in calls:
            value = dict(zip(keys.split(":"), call.split(":"), strict=False))
            gt = value["GT"].replace("|", "/").split("/")
            depth = value.get("MIN_DP", ".")
            depth = value.get("DP", ".") if depth == "." else depth
            if "." in gt or len(gt) != 2:
                continue
            called = [int(x) for x in gt]
            if rule.min_gq and ("." in (depth, value["GQ"]) or int(value["GQ"]) < rule.min_gq):
                continue
            if rule.min_dp and int(depth) < rule.min_dp:
                continue
            if rule.min_ab and called[0] != called[1]:
                ad = value["AD"].split(",")
                least = rule.min_ab * int(depth)
                if any(ad[x] == "." or int(ad[x]) < least for x in called if x):
                    continue
            an += 2
            counts.update(called)
        for number, alt in enumerate(listed, 1):
            if counts[number] and not alt.startswith(("<", "*")):
                out[(chrom, *trimmed(int(pos), ref, alt))] = (counts[number], an)
    return out


@pytest.mark.parametrize(
    ("rule", "sites"), [(GenotypeRule(), 40), (GenotypeRule(0, 0, 0, 0.0), 150)]
)
def test_40_gvcfs_equal_bcftools_merge_on_every_site(
    tmp_path: Path, rule: GenotypeRule, sites: int
) -> None:
    files, sexes = gvcf_people()
    assert len(files) == 40
    ours = table_of(aggregated(tmp_path / "state", files, sexes, rule), "all")
    theirs = merged_counts(list(files.values()), rule)
    assert len(theirs) >= sites
    keys = {*ours, *theirs}
    differ = {k: (ours.get(k), theirs.get(k)) for k in keys if ours.get(k) != theirs.get(k)}
    # One person has the deletion chr22:10939586 CCA>C on one copy, called. At the base after its
    # anchor both of their chromosomes are known, one deleted, one reference: they are in AN here.
    # bcftools merges the record at its first base only and leaves them ./. at the others.
    deletion = {("chr22", 10939587, "C", "T"): ((1, 56), (1, 54))}
    assert differ == (deletion if rule.min_dp == 0 else {})
