"""Exposures beside those of SigProfilerAssignment, where it is installed, on its own test genomes.

It is no dependency of the workflow: `pip install SigProfilerAssignment==1.1.5 polars pytest` in an
environment of its own, then this file with PYTHONPATH=workflow/scripts. Its files are read where
they are; COSMIC's matrices have COSMIC's terms.
"""

from pathlib import Path

import polars as pl
import pytest

from shirube.calling.somatic.signatures import exposures, read_signatures, spectrum

analyzer = pytest.importorskip("SigProfilerAssignment.Analyzer", reason="not installed: see above")
pytestmark = pytest.mark.oracle
FIVE_POINTS = 0.05
DATA = Path(analyzer.__file__ or "").parent / "data"
GENOMES = {
    "SBS": ("tests/txt_input/sample_matrix_SBS.txt", "96"),
    "SBS breast": ("Samples.txt", "96"),
    "DBS": ("tests/txt_input/sample_matrix_DBS.txt", "DINUC"),
    "ID": ("tests/txt_input/sample_matrix_ID.txt", "ID"),
}


@pytest.mark.parametrize("name", GENOMES)
def test_exposures_are_within_five_points(name: str, tmp_path: Path) -> None:
    file, context = GENOMES[name]
    kind = name.split()[0]
    analyzer.cosmic_fit(
        samples=str(DATA / file),
        output=str(tmp_path),
        input_type="matrix",
        context_type=context,
        cosmic_version=3.4,
        genome_build="GRCh37",
        make_plots=False,
        collapse_to_SBS96=context == "96",
        cpu=1,
    )
    (activities,) = tmp_path.rglob("*_Activities.txt")
    theirs = {r.pop("Samples"): r for r in pl.read_csv(activities, separator="\t").to_dicts()}
    known = read_signatures(DATA / f"Reference_Signatures/GRCh37/COSMIC_v3.4_{kind}_GRCh37.txt")
    table = pl.read_csv(DATA / file, separator="\t")
    assert len(theirs) == table.width - 1
    for sample in table.columns[1:]:
        seen = spectrum(dict(zip(table.to_series(0), table[sample], strict=True)), known)
        assert seen.sum() == table[sample].sum()
        own, _ = exposures(seen, known)
        total = sum(theirs[sample].values())
        # Theirs are whole changes: half a change is a tenth of five.
        allowed = FIVE_POINTS + 0.5 / max(total, 1)
        for signature, count in theirs[sample].items():
            assert abs(own.get(signature, 0.0) - count / max(total, 1)) <= allowed, (
                sample, signature)  # fmt: skip
