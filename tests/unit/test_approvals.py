"""Approvals in Japan: the table, what a row matches, what the page says of it and of its reach."""

import csv
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from report_case import EGFR, evidence, findings, inputs
from running import REPOSITORY

from shirube.cancer.tiers import approvals, listed_approvals
from shirube.cancer.tumour_type import SOLID
from shirube.errors import InputError
from shirube.interpret.curated import curated_tables, read_curated
from shirube.interpretation import kept_request, read_request
from shirube.knowledge.approvals import COLUMNS, CONDITIONS, coverage, read_approvals
from shirube.report.model import report
from shirube.report.page.catalogue import LANGUAGES, Catalogue, messages, names
from shirube.report.page.document import document
from shirube.report.page.therapies import approval, therapy_columns

PATH = REPOSITORY / "resources/japan_approvals.tsv"
TABLE = read_approvals(PATH)
BREAST = frozenset({"IDC", "BRCA", "BREAST", "TISSUE", SOLID})
COLON = frozenset({"COAD", "COADREAD", "BOWEL", "TISSUE", SOLID})


def drugs(finding: dict[str, Any], kind: str, accepted: frozenset[str]) -> set[str]:
    """Drugs approved for the patient's own tumour type."""
    found = approvals({"consequence": "", **finding}, kind, TABLE, accepted)
    return {row["therapies"] for row in found if row["same_disease"]}


@pytest.mark.parametrize(
    ("finding", "kind", "accepted", "wanted"),
    [
        ({"gene": "ERBB2"}, "amplification", BREAST, {"trastuzumab", "pertuzumab+trastuzumab",
         "trastuzumab deruxtecan", "trastuzumab emtansine"}),
        ({"gene": "ERBB2"}, "amplification", COLON, {"pertuzumab+trastuzumab"}),
        ({"gene": "BRCA1"}, "germline", BREAST, {"olaparib", "talazoparib"}),
        ({"gene": "BRCA2"}, "germline", frozenset({"PAAD"}), {"olaparib"}),
        ({"gene": "BRCA2", "consequence": "frameshift_variant"}, "allele",
         frozenset({"PRAD"}), {"olaparib", "talazoparib+enzalutamide"}),
        ({"gene": "BRCA2", "consequence": "missense_variant"}, "allele",
         frozenset({"PRAD"}), set()),
        ({"gene": "BRAF", "hgvs_p": "p.Val600Glu"}, "allele", frozenset({"CHOL", SOLID}),
         {"dabrafenib+trametinib"}),
        # Solid tumours but colorectal cancer, which has its own row.
        ({"gene": "BRAF", "hgvs_p": "p.Val600Glu"}, "allele", COLON,
         {"encorafenib+cetuximab", "encorafenib+binimetinib+cetuximab"}),
        ({"gene": "KIF5B::RET"}, "fusion", frozenset({"PAAD", SOLID}), {"selpercatinib"}),
        ({"gene": "FGFR2::BICC1"}, "fusion", frozenset({"BILIARY_TRACT"}),
         {"pemigatinib", "futibatinib", "tasurgratinib"}),
        ({"gene": "MSI", "state": "high"}, "biomarker", frozenset({"UCEC", SOLID}),
         {"pembrolizumab"}),
        ({"gene": "MSI", "state": "stable"}, "biomarker", frozenset({SOLID}), set()),
        ({"gene": "HRD", "state": "high"}, "biomarker", frozenset({"HGSOC", "OVT", "OVARY"}),
         {"olaparib+bevacizumab", "niraparib"}),
        ({"gene": "PIK3CA", "hgvs_p": "p.(His1047Arg)"}, "allele", BREAST,
         {"capivasertib+fulvestrant"}),
        ({"gene": "EGFR", "exon": "20/28", "consequence": "inframe_insertion"}, "allele",
         frozenset({"NSCLC"}), {"amivantamab+carboplatin+pemetrexed"}),
        ({"gene": "FLT3", "exon": "14/24", "consequence": "inframe_insertion"}, "allele",
         frozenset({"AML"}), {"quizartinib", "gilteritinib"}),
        ({"gene": "EGFR"}, "amplification", frozenset({"NSCLC"}), set()),
    ],
)  # fmt: skip
def test_an_approval_is_for_its_biomarker_and_tumour_type(
    finding: dict[str, Any], kind: str, accepted: frozenset[str], wanted: set[str]
) -> None:
    assert drugs(finding, kind, accepted) == wanted


def test_of_a_solid_tumour_left_out_nothing_is_said() -> None:
    finding = {"gene": "BRAF", "hgvs_p": "p.Val600Glu"}
    said = approvals(finding, "allele", TABLE, COLON)
    assert not [row for row in said if row["oncotree"] == SOLID]


def test_every_row_can_be_printed_in_both_languages() -> None:
    single = {
        drug.strip()
        for text in TABLE["therapies"]
        for alternative in text.split(",")
        for drug in alternative.split("+")
    }
    assert sorted(drug for drug in single if drug not in names()["drug"]) == []
    codes = set(TABLE["oncotree"]) | {c for x in TABLE["except"].drop_nulls() for c in x.split(";")}
    assert sorted(code for code in codes if code not in names()["oncotree"]) == []
    assert [c for c in CONDITIONS if f"approval.if.{c}" not in messages()] == []
    assert read_curated(PATH).height == TABLE.height
    assert not TABLE.select(COLUMNS).is_duplicated().any()


def test_a_statement_is_read_back_whole() -> None:
    every = [
        {**row, "level": "A", "same_disease": True, "verified": row["verified"] == "yes"}
        for row in TABLE.rows(named=True)
    ]
    for row, item in zip(every, listed_approvals(every), strict=True):
        told = approval(item)
        assert told is not None
        assert ";".join(told.conditions) == (row["conditions"] or "")
        assert (told.source, told.verified) == (row["source"], row["verified"])


def changed(folder: Path, **cells: str) -> Path:
    """The table's first row with other cells."""
    path, row = folder / "own.tsv", {**TABLE.row(0, named=True), **cells}
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t")
        writer.writeheader()
        writer.writerow(row)
    return path


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"match": "perhaps"}, "row 2: match of .* found perhaps"),
        ({"verified": "maybe"}, "row 2: verified of yes, no, found maybe"),
        ({"source": ""}, "row 2: something in source"),
        ({"conditions": "first_line;rarely"}, "row 2: conditions of .* found rarely"),
        ({"match": "exact", "alteration": ""}, "row 2: an alteration for exact"),
    ],
)
def test_a_users_table_is_checked(tmp_path: Path, cells: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_approvals(changed(tmp_path, **cells))


def test_a_users_table_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    TABLE.drop("conditions").write_csv(path, separator="\t")
    with pytest.raises(InputError, match="a column conditions"):
        read_approvals(path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_for_which_genes_it_looked(language: str, tmp_path: Path) -> None:
    own = read_approvals(changed(tmp_path))
    say = Catalogue(language)
    nothing = {**EGFR, "evidence": [evidence(1)]}
    other = {**nothing, "finding": "other", "gene": "ZZZ1", "name": "ZZZ1 p.Ala1Val"}
    table = findings(nothing, other)
    made = document(
        report(**inputs(finding_table=table, approvals=coverage(own, own=True))), "0" * 64, language
    )
    blocks = next(s for s in made["sections"] if s["id"] == "summary")["blocks"]
    notes = [b["text"] for b in blocks if b["type"] == "note"]
    wanted = say.message(
        "approval.covered.own", names="EGFR", rows=1, unverified=0, date=own["date"][0]
    )
    assert wanted in notes
    boxes = {b["id"]: {c["label"]: c["value"]["text"] for c in b["columns"]}
             for b in blocks if b["type"] == "summary"}  # fmt: skip
    # None in the list of a gene it covers; of a gene it does not cover no box at all.
    label = say.message("basis.japan")
    assert boxes[EGFR["finding"]][label] == say.message("basis.japan.none")
    assert label not in boxes["other"]


def test_conditions_stand_with_the_drug() -> None:
    found = approvals({"gene": "BRCA1"}, "germline", TABLE, BREAST)
    row = {**EGFR, "gene": "BRCA1", "evidence": listed_approvals(found)}
    item = report(**inputs(finding_table=findings(row)))["findings"][0]
    text = therapy_columns(item, Catalogue("ja"))[0]["value"]["text"]
    assert "オラパリブ［HER2陰性、化学療法後］" in text
    found = approvals({"gene": "ERBB2"}, "amplification", TABLE, BREAST)
    row = {**EGFR, "gene": "ERBB2", "evidence": listed_approvals(found)}
    item = report(**inputs(finding_table=findings(row)))["findings"][0]
    for language in LANGUAGES:
        say = Catalogue(language)
        text = therapy_columns(item, say)[0]["value"]["text"]
        emtansine = text[text.index(say.drug("trastuzumab emtansine")) :]
        # What nobody read in its source is said to be so on the first page too.
        assert say.message("approval.unverified") in emtansine
        assert text.count(say.message("approval.unverified")) == 1


def test_coverage_counts() -> None:
    told = coverage(TABLE, own=False)
    assert told["rows"] == TABLE.height
    assert {"ALK", "BRCA1", "EGFR", "ERBB2", "MSI", "TMB"} <= set(told["genes"])
    assert told["unverified"] == TABLE.filter(pl.col("verified") == "no").height


def test_a_sites_own_list_is_told_by_its_columns_and_kept_by_its_path(tmp_path: Path) -> None:
    own = changed(tmp_path, gene="ZZZ1")
    shipped = str(REPOSITORY / "resources/civic_levels.tsv")
    tables = curated_tables([shipped, str(own)])
    assert sorted(tables) == ["civic_levels", "japan_approvals"]
    assert tables["japan_approvals"]["gene"].to_list() == ["ZZZ1"]
    request = {"specifications": [], "tables": [shipped, str(own), str(PATH)]}
    path = tmp_path / "request.json"
    path.write_text(kept_request(request), encoding="utf-8")
    assert sorted(read_request(path)["tables"]) == sorted(request["tables"])
