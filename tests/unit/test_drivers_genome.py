"""The artificial tumours of benchmarks/planted_drivers.py hold what they say."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from accuracy_drivers import OUTCOMES, judged, rows_of
from drivers_genome import (
    CLASSES,
    CLOSING,
    Event,
    Haplotype,
    Planted,
    _set,
    chromosomes,
    planted,
    tables,
)

from shirube.home import RESOURCES


@pytest.fixture(scope="module")
def plan() -> Planted:
    return planted(Path(RESOURCES), 2, 3)


def test_every_class_has_an_event_in_a_gene_of_its_own(plan: Planted) -> None:
    assert {event.kind for event in plan.events} == set(CLASSES)
    genes = Counter(event.gene for event in plan.events)
    assert max(genes.values()) == 1
    models, evidence = tables(plan)
    assert set(genes) <= set(models["gene"])
    assert set(genes) <= set(evidence["gene"])


def test_genes_code_from_start_to_stop_without_another_stop(plan: Planted) -> None:
    complement = bytes.maketrans(b"ACGT", b"TGCA")
    for gene in plan.genes.values():
        bases = plan.genome.sequences[gene.contig]
        low, high = gene.coding
        text = b"".join(bases[max(s, low) : min(e, high)].tobytes() for s, e in gene.exons)
        text = text if gene.forward else text.translate(complement)[::-1]
        codons = [text[n : n + 3] for n in range(0, len(text), 3)]
        assert codons[0] == b"ATG"
        assert [c for c in codons if c in (b"TAA", b"TAG", b"TGA")] == codons[-1:]


def test_molecules_hold_every_base_that_is_kept_once_and_doubled_ones_twice(plan: Planted) -> None:
    made = chromosomes(_set(plan, False, True), plan.first)
    seen = {index: np.zeros(len(b), int) for index, b in enumerate(plan.genome.sequences.values())}
    for molecules in made.values():
        for molecule in molecules:
            for index, count in seen.items():
                here = molecule.place[(molecule.contig == index) & (molecule.place >= 0)]
                np.add.at(count, here, 1)
    for index, (contig, bases) in enumerate(plan.genome.sequences.items()):
        wanted = np.ones(len(bases), int)
        for one, low, high in plan.first.dropped:
            wanted[low:high] -= one == contig
        for one, low, high in plan.first.doubled:
            wanted[low:high] += one == contig
        # A circle is read on for a while over the place where it was cut open.
        assert (seen[index] >= wanted).all(), contig
        assert (seen[index] > wanted).sum() % CLOSING == 0


def test_a_set_without_edits_is_its_chromosomes(plan: Planted) -> None:
    for contig, molecules in chromosomes(_set(plan, False, False), Haplotype()).items():
        (molecule,) = molecules
        assert (molecule.bases == plan.genome.sequences[contig]).all()


def row(state: str, **limits: object) -> dict[str, object]:
    said = {"class": "intragenic", "state": state, "reason": None, "vaf": None, "bases": None,
            "purity": None, **limits}  # fmt: skip
    return {"gene": "PTEN", "kind": "coding", "classes": [said]}


@pytest.mark.parametrize(
    ("names", "rows", "outcome"),
    [
        (["PTEN exons 4-5 deletion (x)"], [], "named"),
        (["PTEN disruption"], [], "other_name"),
        ([], [row("not_found", vaf=0.1)], "false"),
        ([], [row("not_found", vaf=0.4)], "below_limit"),
        ([], [row("present")], "present"),
        ([], [row("not_assessable", reason="depth_low")], "not_assessable"),
        ([], None, "not_assessable"),
        ([], [], "false"),  # the target stands in no list: silence
    ],
)
def test_an_event_is_judged_by_what_is_said_of_it(
    names: list[str], rows: list[dict[str, object]] | None, outcome: str
) -> None:
    event = Event("exons_deleted", "PTEN", ("PTEN exons 4-5 deletion",), ("intragenic",), "chr7", 9)
    unknown = [{"gene": "PTEN", "kind": "coding"}] if rows is None else []
    items = [{"name": n, "gene": "PTEN"} for n in names]
    made = {"findings": items, "not_found": rows or [], "not_assessable": unknown}
    found = judged(event, made, 0.6, 60)
    assert found.outcome == outcome
    assert outcome in OUTCOMES
    (all_,) = (r for r in rows_of([found], [], "x", "") if r.kind == "all")
    assert (all_.tp, all_.fn) == (outcome == "named", outcome == "false")
