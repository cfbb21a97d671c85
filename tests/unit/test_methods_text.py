"""The methods section says what was used, and only that."""

import gzip
import re
import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from shirube.calling.somatic.mutect import MIN_SITES
from shirube.cli.methods import origins
from shirube.methods_text import LANGUAGES, SENTENCES, Run, methods_text

TOOLS = [("bcftools", "1.24"), ("shirube", "0.1.0"), ("snakemake", "9.27.1"), ("samtools", "1.24")]


def run(
    engines: dict[str, str] | None = None,
    settings: dict[str, str] | None = None,
    tumours: int = 1,
) -> Run:
    whole: dict[str, Any] = {
        "regions": None,
        "reference": {"build": "GRCh38"},
        "engines": {
            "germline": "bcftools",
            "somatic": "embedded",
            "structural": "embedded",
            "consequence": "embedded",
        },
        "calling": {"min_mapq": 20, "min_baseq": 13},
        "somatic": {"min_lod": 6.3, "min_normal_lod": 2.2, "min_alt_reads": 3},
        "cohort": {
            "adj": {"min_gq": 20, "min_dp": 10, "min_dp_haploid": 5, "min_ab": 0.2},
            "release": {"min_people": 10},
        },
    }
    knowledge = [{"source": "civic_evidence | oncotree", "release": "2025-05-01 | 2023-03-09"}]
    methods = {
        "tools": [{"name": name, "version": version} for name, version in TOOLS],
        "knowledge": knowledge,
    }
    whole["engines"] |= engines or {}
    return Run(whole | (settings or {}), 3, 3, tumours, methods)


@pytest.mark.parametrize("step", SENTENCES)
def test_both_languages_give_the_same_facts(step: str) -> None:
    names = {
        language: {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for language, text in SENTENCES[step].items()
    }
    assert set(names) == set(LANGUAGES)
    assert names["en"] == names["ja"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_versions_and_thresholds_are_in_it(language: str) -> None:
    text = methods_text(run(), language)
    for fact in ("1.24", "0.1.0", "GRCh38", "6.3", "0.2", "civic_evidence (2025-05-01)"):
        assert fact in text
    assert not re.search(r"[{}]|None", text)


def test_a_run_without_tumours_says_nothing_of_somatic_calls() -> None:
    assert "omatic" not in methods_text(run(tumours=0), "en")


def test_engines_are_those_configured() -> None:
    text = methods_text(run(engines={"germline": "gatk", "somatic": "gatk"}), "en")
    assert "HaplotypeCaller" in text
    assert "Mutect2" in text
    assert f"{MIN_SITES} common variants" in text
    assert "bcftools" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_came_as_files_names_its_own_program(language: str, tmp_path: Path) -> None:
    head = ["##fileformat=VCFv4.2", "##source={}", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    for name, source in (("a", "DeepVariant"), ("sv", "Sniffles2_2.6"), ("cn", "CNVkit v0.9")):
        text = "\n".join(head).format(source) + "\n"
        (tmp_path / f"{name}.vcf.gz").write_bytes(gzip.compress(text.encode()))
    rows = [
        ("A", "normal", "a.vcf.gz", "sv.vcf.gz", None),
        ("B", "normal", "b.bam", None, None),
        ("B", "tumour", "t.bam", "sv.vcf.gz", "cn.vcf.gz"),
    ]
    columns = ("patient", "kind", "path", "structural", "copy_number")
    called, given = origins(pl.DataFrame(rows, schema=columns, orient="row"), tmp_path)
    assert called == {"germline", "somatic"}
    text = methods_text(replace(run(), called=called, given=given), language)
    for name in ("DeepVariant", "Sniffles2", "CNVkit"):
        assert name in text
    assert "discordant" not in text
    assert "不一致ペア" not in text
    assert "bcftools" in text  # B's own reads


def test_a_limited_run_names_its_regions() -> None:
    assert "panel.bed" in methods_text(run(settings={"regions": "panel.bed"}), "en")
