"""Made-up exports of clinical trials in the shape of each registry; no such trial exists."""

import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
from running import REPOSITORY

from shirube.knowledge.trials import JRCT, LIST, read_trials
from shirube.report.page.catalogue import names
from shirube.report.trials import Words, said_of, tumour_words


def study(number: int, title: str, **changed: object) -> dict[str, Any]:
    """A study as ClinicalTrials.gov's API v2 gives it."""
    given: dict[str, Any] = {
             "conditions": ["Non-small Cell Lung Cancer"], "status": "RECRUITING", "sex": "ALL",
             "minimumAge": "18 Years", "keywords": [], "eligibility": "", "phases": ["PHASE2"],
             "locations": [{"facility": "Shirube Hospital", "status": "RECRUITING",
                            "city": "Tokyo", "state": "Tokyo", "country": "Japan"}],
             **changed}  # fmt: skip
    return {
        "protocolSection": {
            "identificationModule": {"nctId": f"NCT{number:08}", "briefTitle": title},
            "statusModule": {"overallStatus": given["status"],
                             "lastUpdatePostDateStruct": {"date": "2026-11-05"}},
            "conditionsModule": {"conditions": given["conditions"], "keywords": given["keywords"]},
            "designModule": {"studyType": "INTERVENTIONAL", "phases": given["phases"]},
            "armsInterventionsModule": {"interventions": [{"type": "DRUG", "name": "drug A"}]},
            "eligibilityModule": {"eligibilityCriteria": given["eligibility"],
                                  "sex": given["sex"],
                                  **{k: given[k] for k in ("minimumAge", "maximumAge")
                                     if k in given}},
            "contactsLocationsModule": {"locations": given["locations"]},
        }
    }  # fmt: skip


def ctgov(path: Path, *studies: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"studies": list(studies)}), encoding="utf-8")
    return path


def table(path: Path, rows: list[dict[str, str]], between: str = ",") -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=between)
        writer.writeheader()
        writer.writerows(rows)
    return path


def jrct(path: Path, **changed: str) -> Path:
    """A CSV with jRCT's heads."""
    given = {"trial": "jRCT2031260001", "title": "ALK融合遺伝子陽性肺癌の第II相試験",
             "status": "募集中", "conditions": "進行・再発非小細胞肺がん", "phase": "第II相",
             "min_age": "18歳", "max_age": "上限なし", "sex": "男性・女性",
             "sites": "しるべ病院、東京都", "updated": "2026/11/02", **changed}  # fmt: skip
    return table(path, [{JRCT[key][0]: value for key, value in given.items()}])


def own_list(path: Path, **changed: str) -> Path:
    """A hospital's TSV."""
    given = dict.fromkeys(LIST, "") | {
        "trial": "IRB-1", "title": "A study of ours", "status": "recruiting", "codes": "LUAD",
        "biomarkers": "EGFR L858R", "min_age": "20", "max_age": "75",
        "sites": "Shirube Hospital, Osaka"}  # fmt: skip
    return table(path, [{**given, **changed}], "\t")


def words() -> Words:
    tables = [
        pl.read_csv(REPOSITORY / f"resources/{n}.tsv", separator="\t", infer_schema=False)
        .rows(named=True)
        for n in ("trial_words", "doid_oncotree")
    ]  # fmt: skip
    return Words.of(tables[0], tumour_words(tables[1], names()["oncotree"], names()["disease"]))


def exports(*paths: Path, exported: str = "2026-11-20") -> list[Any]:
    return [(said_of(path, exported), read_trials(path)) for path in paths]
