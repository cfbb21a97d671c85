"""The written cases of variant files, from file to finding in one run of the workflow."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from running import command
from small_demo import SHIRUBE
from written_cases import lay_out

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

PTPN11 = ("PTPN11", 10738, "p.Asn308Asp")
DUO = "recessive, compound heterozygous"
HET, HEMI, HOM = "heterozygous", "hemizygous", "homozygous"
# (case, patient) -> (gene, position, protein) -> zygosity, inheritance, mode, AMP tier: all its
# findings. None stands for nothing said.
EXPECTED: dict[tuple[str, str], dict[tuple[str, int, str], tuple[Any, ...]]] = {
    ("duo-mother-carrier", "CHILD"): {
        ("BRCA2", 8201, "p.Arg11Ser"): (HET, "not_maternal", DUO, None),
        ("BRCA2", 8734, "p.Lys110Ter"): (HET, "maternal", DUO, None),
    },
    ("ft-genotype-filter", "FT_GENOTYPE_FILTER"): {},
    ("half-call", "HALF_CALL"): {PTPN11: (HET, "unknown", "dominant", None)},
    ("homozygous-one-parent-ref", "CHILD"): {
        ("NUDT15", 16275, "p.Leu11Ile"): (HOM, "paternal", "recessive, homozygous", None),
    },
    ("male-x-diploid", "CHILD"): {
        ("DMD", 17720, "p.Thr85Ser"): (HET, "unknown", "X-linked", None),
        ("DMD", 18389, "p.Asp11Tyr"): (HEMI, "maternal", "X-linked", None),
        ("OTC", 22210, "p.Phe11Ile"): (HEMI, "maternal", "X-linked", None),
    },
    ("same-allele-twice", "PLAIN"): {PTPN11: (HET, "unknown", "dominant", None)},
    ("same-allele-twice", "TWICE"): {
        ("GJB2", 4026, "p.Leu79CysfsTer74"): (HET, "unknown", "dominant", None),
    },
    ("same-site-compound-het", "CHILD"): {
        ("GJB2", 4231, "p.Gly11Cys"): (HET, "unknown", DUO, None),
        ("GJB2", 4231, "p.Gly11Arg"): (HET, "unknown", DUO, None),
    },
    ("somatic-adjacent-snvs", "SOMATIC_ADJACENT_SNVS"): {
        ("BRAF", 17588, "p.Val600Lys"): (None, None, None, "I-A"),
    },
    ("somatic-filtered-before-pass", "SOMATIC_FILTERED_BEFORE_"): {
        ("EGFR", 10285, "p.Leu858Arg"): (None, None, None, "I-A"),
    },
    ("somatic-genotype-ref", "SOMATIC_GENOTYPE_REF"): {},
    ("somatic-per-allele-filter", "SOMATIC_PER_ALLELE_FILTE"): {
        ("BRAF", 17588, "p.Val600Gly"): (None, None, None, "III"),
    },
    ("unplaced-contig-rows", "UNPLACED_CONTIG_ROWS"): {
        PTPN11: (HET, "unknown", "dominant", None),
    },
    ("y-from-father", "CHILD"): {
        ("SRY", 16165, "p.Phe11Val"): (HEMI, "paternal", "Y-linked", None)
    },
}
NOT_NEW = {"PS2", "PM6"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("cases") / "run"
    lay_out(directory, sorted({case for case, _ in EXPECTED}))
    command(SHIRUBE, "check", cwd=directory, check=True)
    options = ("--cores", "2", "--quiet", "rules", "--until", "interpret_patient")
    command(SHIRUBE, "run", *options, cwd=directory, check=True)
    return directory


def findings(directory: Path, case: str, patient: str) -> pl.DataFrame:
    name = f"{case.replace('-', '_')}_{patient}"
    return pl.read_parquet(directory / f"results/findings/{name}.parquet")


@pytest.mark.parametrize(("case", "patient"), EXPECTED)
def test_findings_are_the_right_ones(case: str, patient: str, finished: Path) -> None:
    found = {}
    for row in findings(finished, case, patient).iter_rows(named=True):
        told = json.loads(row["detail"])
        key = (row["gene"], row["pos"], row["hgvs_p"])
        found[key] = (row["zygosity"], row["inheritance"], told.get("mode"), row["amp_tier"])
        assert not NOT_NEW & {c["code"] for c in row["criteria"] or [] if c["met"]}
    assert found == EXPECTED[case, patient]


@pytest.mark.parametrize("case", ["duo-mother-carrier", "same-site-compound-het"])
def test_the_two_of_a_pair_are_in_trans(case: str, finished: Path) -> None:
    details = [json.loads(text) for text in findings(finished, case, "CHILD")["detail"]]
    assert [[p["trans"] for p in told["partners"]] for told in details] == [[True], [True]]
