"""Exposures and types beside SigProfiler's, where it is installed, on its own test genomes.

It is no dependency of the workflow: `pip install SigProfilerAssignment==1.1.5
SigProfilerMatrixGenerator==1.4.0` and what requirements/run.in names in an environment of its own,
then this file with PYTHONPATH=workflow/scripts. Its files are read where they are; COSMIC's
matrices have COSMIC's terms.
"""

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shirube.calling.copy_number.segments import change_points
from shirube.calling.somatic.signatures import exposures, read_signatures, spectrum
from shirube.cancer.event_types import junction_types, segment_types
from shirube.cancer.hrd import centromeres, criteria, merged, scars
from shirube.contracts import STRUCTURAL
from shirube.home import RESOURCES

analyzer = pytest.importorskip("SigProfilerAssignment.Analyzer", reason="not installed: see above")
pytestmark = pytest.mark.oracle
FIVE_POINTS = 0.05
DATA = Path(analyzer.__file__ or "").parent / "data"
GENOMES = {
    "SBS": ("tests/txt_input/sample_matrix_SBS.txt", "96", "GRCh37"),
    "SBS breast": ("Samples.txt", "96", "GRCh37"),
    "DBS": ("tests/txt_input/sample_matrix_DBS.txt", "DINUC", "GRCh37"),
    "ID": ("tests/txt_input/sample_matrix_ID.txt", "ID", "GRCh37"),
    "SV": ("tests/txt_input/sample_matrix_SV32.txt", "SV", "GRCh38"),
    "CN": ("tests/txt_input/sample_matrix_CNV48.txt", "CNV", "GRCh37"),
}


@pytest.mark.parametrize("name", GENOMES)
def test_exposures_are_within_five_points(name: str, tmp_path: Path) -> None:
    file, context, build = GENOMES[name]
    kind = name.split()[0]
    analyzer.cosmic_fit(
        samples=str(DATA / file),
        output=str(tmp_path),
        input_type="matrix",
        context_type=context,
        cosmic_version=3.4,
        genome_build=build,
        make_plots=False,
        collapse_to_SBS96=context == "96",
        cpu=1,
    )
    (activities,) = tmp_path.rglob("*_Activities.txt")
    theirs = {r.pop("Samples"): r for r in pl.read_csv(activities, separator="\t").to_dicts()}
    known = read_signatures(DATA / f"Reference_Signatures/{build}/COSMIC_v3.4_{kind}_{build}.txt")
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


def ascat() -> dict[str, dict[str, list[tuple[int, int, int, int]]]]:
    """Allele-specific segments of 34 breast cancers: sample, chromosome, (start, end, copies)."""
    table = pl.read_csv(
        DATA / "tests/cnv_input/all.breast.ascat.summary.sample.tsv",
        separator="\t",
        schema_overrides={"Chromosome": pl.String},
    )
    out: dict[str, dict[str, list[tuple[int, int, int, int]]]] = {}
    for sample, chrom, start, end, _, _, total, minor in table.iter_rows():
        own = out.setdefault(sample, {}).setdefault(f"chr{chrom}", [])
        own.append((start, end, total - minor, minor))
    return out


def test_segments_have_the_types_that_sigprofiler_gives_them(tmp_path: Path) -> None:
    generator = pytest.importorskip("SigProfilerMatrixGenerator.scripts.CNVMatrixGenerator")
    file = DATA / "tests/cnv_input/all.breast.ascat.summary.sample.tsv"
    theirs = generator.generateCNVMatrix("ASCAT_NGS", str(file), "p", str(tmp_path) + "/")
    names = list(theirs["MutationType"])
    for sample, chromosomes in ascat().items():
        pieces = [
            (start, end, max(a, b), min(a, b))
            for own in chromosomes.values()
            for start, end, a, b in own
        ]
        assert segment_types(pieces) == {
            name: count for name, count in zip(names, theirs[sample], strict=True) if count
        }


@pytest.mark.parametrize("seed", range(8))
def test_junctions_have_the_types_that_sigprofiler_gives_them(seed: int, tmp_path: Path) -> None:
    generator = pytest.importorskip("SigProfilerMatrixGenerator.scripts.SVMatrixGenerator")
    pandas = pytest.importorskip("pandas")
    rng, rows = np.random.default_rng(seed), []
    for _ in range(60 + 40 * seed):
        chrom = int(rng.choice([1, 2, 8, 17]))
        dense = rng.random() < 0.5
        one = int(rng.integers(30_000_000, 36_000_000) if dense else rng.integers(1, 80_000_000))
        two = one + int(10 ** rng.uniform(2.5, 7.3))
        kind = str(rng.choice(["DEL", "DUP", "INV", "BND"]))
        other = int(rng.choice([3, 11])) if kind == "BND" else chrom
        rows.append((f"chr{chrom}", one, f"chr{other}", two, kind))
    empty = dict.fromkeys(STRUCTURAL.schema)
    table = [
        {**empty, "event": f"E{n}", "chrom1": a, "pos1": p, "chrom2": b, "pos2": q,
         "svtype": kind, "strand1": "+", "strand2": "-", "origin": "somatic", "filter": "PASS"}
        for n, (a, p, b, q, kind) in enumerate(rows)
        if a != b or q - p >= 1_000  # they look for dense stretches among shorter ones too
    ]  # fmt: skip
    named = {"DEL": "deletion", "DUP": "tandem-duplication", "INV": "inversion",
             "BND": "translocation"}  # fmt: skip
    bedpe = pandas.DataFrame(
        [(r["chrom1"][3:], r["pos1"], r["pos1"] + 1, r["chrom2"][3:], r["pos2"], r["pos2"] + 1,
          "sample", named[r["svtype"]]) for r in table],
        columns=["chrom1", "start1", "end1", "chrom2", "start2", "end2", "sample", "svclass"],
    )  # fmt: skip
    found = generator.annotateBedpe(bedpe)["sv_bedpe"]
    theirs = generator.tsv2matrix([found], "p", str(tmp_path))["sample"].to_dict()
    events = STRUCTURAL.table(pl.DataFrame(table, schema=STRUCTURAL.polars, orient="row"))
    # Its clusters are left empty by pandas of today (it assigns through copies): classes alone.
    ours, wanted = Counter[str](), Counter[str]()
    for counts, out in ((junction_types(events), ours), (theirs, wanted)):
        for name, count in counts.items():
            out[name.removeprefix("non-").removeprefix("clustered_")] += count
    assert ours == wanted
    distances = 10 ** rng.uniform(3, 7, 120)
    found_by_them = generator.exactPcf(distances, 10, 25e5, True)["yhat"]
    cuts = [0, *(np.flatnonzero(np.diff(found_by_them)) + 1).tolist()]
    assert change_points(distances, np.ones(120), 1.0, 10, 25e5) == cuts


def test_a_genome_without_brca1_is_the_most_scarred_of_34_breast_cancers() -> None:
    asked = criteria(str(RESOURCES / "hrd_criteria.tsv"))
    middle = centromeres(str(RESOURCES / "centromeres.tsv"), "GRCh37")
    sums = {}
    for sample, chromosomes in ascat().items():
        genome = {
            chrom: merged([(s, e, max(a, b), min(a, b)) for s, e, a, b in own])
            for chrom, own in chromosomes.items()
            if chrom in middle
        }
        sums[sample] = sum(scars(genome, middle, asked))
    # PD4006a: germline BRCA1 (Nik-Zainal et al., Cell 2012); the status of the others is not here.
    assert sums["PD4006a"] == max(sums.values()) >= asked["high"]
