"""What may change between two configurations, and what is kept of an interpretation."""

import json
from pathlib import Path
from typing import Any

import pytest

from shirube.cli.main import main
from shirube.errors import InputError
from shirube.interpret.rows import detail
from shirube.interpretation import kept_request, read_request
from shirube.reads.phase import Fragments, ReadPhase
from shirube.reinterpretation import Again, _judge_one, _renamed, changed_tables, words_of

SOURCE = {"path": "a", "version": "1", "licence": "l"}
NEWER = {**SOURCE, "version": "2"}


def config(**knowledge: object) -> dict[str, Any]:
    """A configuration with one person's worth of settings."""
    known: dict[str, object] = {"gene_models": SOURCE, "clinvar": SOURCE}
    known |= {"frequencies": {"x": SOURCE}, **knowledge}
    return {"patients": "p.tsv", "knowledge": known}


@pytest.mark.parametrize(
    ("after", "tables"),
    [
        (config(), []),
        (config(clinvar=NEWER), ["clinvar"]),
        (config(g2p=SOURCE), ["gene_diseases"]),
        (config(civic_evidence=SOURCE, civic_variants=SOURCE), ["clinical_evidence"]),
    ],
)
def test_tables_whose_sources_are_others(after: dict[str, Any], tables: list[str]) -> None:
    assert changed_tables(config(), after) == tables


@pytest.mark.parametrize(
    ("after", "message"),
    [
        (config(gene_models=NEWER), "knowledge table gene_models"),
        (config(frequencies={"x": NEWER}), "knowledge table frequency_x"),
        (config(revel=SOURCE), "knowledge table revel"),
        ({**config(), "patients": "q.tsv"}, "key patients"),
        ({**config(), "knowledge": {"gene_models": SOURCE}}, "knowledge table clinvar"),
    ],
)
def test_what_other_stages_read_too_is_refused(after: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        changed_tables(config(), after)


def test_a_run_that_kept_no_requests_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="requests of an interpretation"):
        Again(tmp_path, tmp_path / "out").patients()


def test_a_request_names_tables_that_come_with_the_workflow_wherever_they_lie(
    tmp_path: Path,
) -> None:
    shipped = Path(__file__).parents[2] / "resources" / "clingen_specifications.tsv"
    copy, own = tmp_path / "cache" / shipped.name, tmp_path / "own" / shipped.name
    for path, text in ((copy, shipped.read_text()), (own, "gene\n")):
        path.parent.mkdir()
        path.write_text(text)
    request = {"specifications": [str(copy), str(own)], "tables": ["/x/civic_levels.tsv"]}
    kept = kept_request(request)
    assert json.loads(kept)["specifications"] == [shipped.name, str(own)]
    (tmp_path / "asked.json").write_text(kept)
    read = read_request(tmp_path / "asked.json")
    assert read["specifications"] == [str(shipped), str(own)]
    assert read["tables"] == [str(shipped.with_name("civic_levels.tsv"))]
    assert kept_request(read) == kept


def test_fragments_that_are_kept_need_no_reads(tmp_path: Path) -> None:
    one, other = ({"chrom": "chr1", "pos": pos, "ref": "A", "alt": "C"} for pos in (10, 50))
    kept = {"chr1 10 A C chr1 50 A C": [5, 0, 1, 7]}
    reads = ReadPhase(str(tmp_path / "none.bam"), "none.fa", kept=kept)
    assert reads.fragments(one, other) == Fragments(5, 0, 1, 7)
    assert reads.asked == {"chr1 10 A C chr1 50 A C": Fragments(5, 0, 1, 7)}
    with pytest.raises(InputError, match="a readable, indexed BAM or CRAM"):
        reads.fragments(other, one)


def test_only_the_release_is_written_anew() -> None:
    kept = detail({"clinvar_release": "1", "score": 0.1, "effect": "é"})
    assert _renamed(kept, "1", "2") == detail({"clinvar_release": "2", "score": 0.1, "effect": "é"})
    other = detail({"score": 0.1})
    assert _renamed(other, "1", "2") == other
    assert _renamed(None, "1", "2") is None


def test_a_finding_in_one_line() -> None:
    assert words_of(None) is None
    finding = dict.fromkeys(("oncogenicity", "amp_tier", "japan_level")) | {
        "section": "rare", "classification": "Likely pathogenic", "clinvar_stars": None,
        "clinvar_significance": None,
    }  # fmt: skip
    assert words_of(finding) == "rare: ClinVar –; Likely pathogenic"


def test_requests_of_another_version_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "asked").mkdir()
    asked = {"tables": [], "specifications": [], "annotation": {}}
    (tmp_path / "asked" / "P.json").write_text(kept_request(asked))

    def judge(*_: object) -> None:
        raise KeyError("chip_genes")

    monkeypatch.setattr("shirube.reinterpretation.write_patient", judge)
    monkeypatch.setattr("shirube.reinterpretation._WORLD", [None])
    with pytest.raises(InputError, match="requests that this version wrote"):
        _judge_one("P", Again(tmp_path, tmp_path / "out"), {})


@pytest.mark.parametrize("out", ["results", "results/newer", "."])
def test_the_finished_run_is_not_written_over(
    out: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "new.yaml").write_text("knowledge: {}\n")
    words = ["reinterpret", "--directory", str(tmp_path), "--config", str(tmp_path / "new.yaml")]
    assert main([*words, "--out", str(tmp_path / out)]) == 1
    assert "apart from the finished run's results" in capsys.readouterr().err
    assert list((tmp_path / "results").iterdir()) == []
