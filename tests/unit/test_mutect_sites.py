"""Common variants for Mutect2's contamination: those of the run, and what they can tell."""

from pathlib import Path

import pytest

from shirube.calling.somatic.mutect import (
    MIN_SITES,
    common_sites,
    contamination_doubt,
    covered_sites,
)
from shirube.errors import InputError
from shirube.genome.intervals import Interval
from shirube.tools import run

HEADER = """##fileformat=VCFv4.2
##FILTER=<ID=AC0,Description="No called allele">
##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">
##INFO=<ID=AC,Number=A,Type=Integer,Description="Allele count">
##contig=<ID=17,length=1000>
##contig=<ID=MT,length=1000>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
17\t100\trs1\tA\tC\t50\tPASS\tAF=0.1;AC=10
17\t300\trs2\tG\tT\t.\tAC0\tAF=0.05;AC=5
17\t900\trs3\tG\tT\t.\tPASS\tAF=0.2;AC=20
"""


def resource(tmp_path: Path, text: str = HEADER) -> Path:
    plain, path = tmp_path / "common.vcf", tmp_path / "source.vcf.gz"
    plain.write_text(text)
    run("bcftools", "view", "--no-version", "-Oz", "-o", path, plain)
    run("bcftools", "index", "--tbi", path)
    return path


def test_sites_of_the_run_with_the_references_names(tmp_path: Path) -> None:
    where = [Interval("chr17", 50, 500), Interval("chrM", 0, 10)]
    made = common_sites(resource(tmp_path), where, None, tmp_path)
    lines = run("bcftools", "view", "-H", made).decode().splitlines()
    assert lines == [
        "chr17\t100\t.\tA\tC\t.\t.\tAF=0.1",
        "chr17\t300\t.\tG\tT\t.\t.\tAF=0.05",
    ]
    assert Path(f"{made}.tbi").stat().st_size > 0


def test_names_of_the_configuration(tmp_path: Path) -> None:
    where = [Interval("NC_17", 50, 200)]
    made = common_sites(resource(tmp_path), where, {"NC_17": "chr17"}, tmp_path)
    assert run("bcftools", "query", "-f", "%CHROM %POS\n", made) == b"NC_17 100\n"


def test_a_file_that_cannot_serve_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="variants on chr2"):
        common_sites(resource(tmp_path), [Interval("chr2", 0, 9)], None, tmp_path)
    (tmp_path / "other").mkdir()
    bare = resource(tmp_path / "other", HEADER.replace("ID=AF,", "ID=XF,").replace("AF=", "XF="))
    with pytest.raises(InputError, match="INFO/AF"):
        common_sites(bare, [Interval("chr17", 0, 9)], None, tmp_path)


@pytest.mark.parametrize(
    ("share", "error", "sites", "why"),
    [
        ("0.1005", "0.2537", 23, "23 common variants with reads, fewer than"),
        ("0.1005", "0.2537", 500, "0.1005 with a standard error of 0.2537"),
        ("0.03", "0.02", 500, "cannot be told from zero"),
        ("0.05", "0.001", MIN_SITES - 1, "fewer than"),
        ("0.0", "1.0", 500, "cannot be told from zero"),
        ("NaN", "NaN", 500, "cannot be told from zero"),
        ("0.03", "0.01", MIN_SITES, None),
    ],
)
def test_an_estimate_that_may_be_zero_is_not_used(
    tmp_path: Path, share: str, error: str, sites: int, why: str | None
) -> None:
    table = tmp_path / "contamination.table"
    table.write_text(f"sample\tcontamination\terror\ntumour\t{share}\t{error}\n")
    doubt = contamination_doubt(table, sites)
    assert doubt is None if why is None else why in (doubt or "")


def test_sites_without_reads_do_not_count(tmp_path: Path) -> None:
    pileups = tmp_path / "tumour.pileups"
    names = "contig\tposition\tref_count\talt_count\tother_alt_count\tallele_frequency"
    rows = [f"chr17\t100\t{reads}\t0.1" for reads in ("21\t0\t0", "0\t0\t0", "0\t9\t0")]
    pileups.write_text("\n".join(["#<METADATA>SAMPLE=tumour", names, *rows, ""]))
    assert covered_sites(pileups) == 2
