"""Which classes of change a target could have shown; `not found` only where it was seen."""

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_case import inputs, rows, target, target_table

from shirube.calling.copy_number.calling import Fit, Segment, as_table
from shirube.calling.copy_number.detection_limit import (
    Bins,
    least_amplification,
    least_loss,
    log2_ratio,
)
from shirube.calling.copy_number.state import FINE
from shirube.calling.structural.calling import Limits
from shirube.calling.structural.detection_limit import (
    SHOWN,
    Library,
    junction_fraction,
    junction_probability,
    library_of,
)
from shirube.contracts import COPY_NUMBER, GENE_DEPTH, READS, STRUCTURAL
from shirube.report.event_classes import OF_KIND, REASONS, Looked, classes_of, exon_copies
from shirube.report.exchange.fhir import bundle
from shirube.report.model import report
from shirube.report.page.catalogue import LANGUAGES, Catalogue
from shirube.report.page.class_blocks import class_brief, class_table

GENE = {**target("BRAF", "chr7", 1_000_000, 90), "gene_end": 1_200_000}
NORMAL = {f"{name}_normal": 60 for name in ("mean_depth", "low_depth", "min_depth")}
STATE = {"purity": 0.6, "purity_low": 0.58, "ploidy": 2.1, "noise": 0.15, "bin": 20_000.0,
         "change": 8.7, **dict.fromkeys(FINE)}  # fmt: skip
WHOLE = {"chrom": "chr7", "start": 0, "end": 5_000_000, "log2": 0.0, "bins": 250,
         "total_cn": 2.0, "minor_cn": 1.0, "call": "neutral"}  # fmt: skip
EVENT = {"event": "SV1", "origin": "somatic", "svtype": "DEL", "chrom1": "chr7", "pos1": 1_050_000,
         "strand1": "+", "chrom2": "chr7", "pos2": 1_060_000, "strand2": "-", "filter": "PASS",
         "pairs": 9, "splits": 8}  # fmt: skip
SEEN = Looked(
    "tumour",
    structural=STRUCTURAL.empty(),
    copies=rows(COPY_NUMBER, WHOLE),
    tumour=STATE,
)


def said(looked: Looked, **changed: object) -> dict[str, tuple[str, str | None]]:
    """State and reason of each class of a gene."""
    found = classes_of({**GENE, **NORMAL, **changed}, looked)
    assert [one["class"] for one in found] == list(OF_KIND[changed.get("kind", "coding")])
    return {one["class"]: (one["state"], one["reason"]) for one in found}


def copies(**changed: object) -> Looked:
    return replace(SEEN, copies=rows(COPY_NUMBER, {**WHOLE, **changed}))


def events(**changed: object) -> Looked:
    return replace(SEEN, structural=rows(STRUCTURAL, {**EVENT, **changed}))


def state(**changed: object) -> Looked:
    return replace(SEEN, tumour={**STATE, **changed})


NO_SV, NO_CN = replace(SEEN, structural=None), replace(SEEN, copies=None, tumour=None)
BOTH = ("intragenic", "rearrangement")
DEPTHS = ("amplification", "homozygous_loss")


@pytest.mark.parametrize(
    ("looked", "changed", "classes", "expected"),
    [
        (SEEN, {}, ("small", *BOTH, *DEPTHS), ("not_found", None)),
        (SEEN, {"low_depth": 4}, ("small",), ("not_assessable", "depth_low")),
        (state(purity=0.1), {}, ("small", *BOTH), ("not_assessable", "purity_low")),
        (state(purity=None), {}, ("small", *BOTH), ("not_found", None)),
        (SEEN, {"low_depth": 3}, BOTH, ("not_assessable", "depth_low")),
        (SEEN, {"low_depth_normal": 3}, ("small",), ("not_assessable", "depth_low")),
        (NO_SV, {}, BOTH, ("not_assessable", "no_structural")),
        (SEEN, {"gene_requested": 0.3}, BOTH, ("not_assessable", "gene_not_requested")),
        (SEEN, {"gene_callable": 0.8}, BOTH, ("not_assessable", "gene_not_callable")),
        (SEEN, {"gene_callable": None}, BOTH, ("not_assessable", "gene_not_measured")),
        (events(), {}, BOTH, ("present", None)),
        (events(chrom2="chr9"), {}, BOTH, ("present", None)),
        (events(origin="germline"), {}, BOTH, ("not_found", None)),
        (events(pos1=10, pos2=20), {}, BOTH, ("not_found", None)),
        (events(filter="LowSupport", pairs=2, splits=1), {}, BOTH,
         ("not_assessable", "filtered_junction")),
        (events(filter="LowSupport", pairs=1, splits=1), {}, BOTH, ("not_found", None)),
        (NO_CN, {}, DEPTHS, ("not_assessable", "no_copy_number")),
        (state(purity_low=None), {}, DEPTHS, ("not_assessable", "purity_unknown")),
        (state(noise=None), {}, DEPTHS, ("not_assessable", "purity_unknown")),
        (state(purity_low=0.01), {}, DEPTHS, ("not_assessable", "purity_low")),
        (SEEN, {"mean_depth_normal": 5}, DEPTHS, ("not_assessable", "gene_not_measured")),
        (SEEN, {"mean_depth_normal": None}, DEPTHS, ("not_assessable", "gene_not_measured")),
        (copies(end=1_100_000), {}, DEPTHS, ("not_assessable", "gene_not_measured")),
        (copies(chrom="chr8"), {}, DEPTHS, ("not_assessable", "gene_not_measured")),
        (copies(total_cn=None, call="unknown"), {}, DEPTHS, ("not_assessable", "copies_uncertain")),
        (copies(call="amplification", total_cn=9.0), {}, DEPTHS[:1], ("present", None)),
        (copies(call="unknown", total_cn=9.0), {}, DEPTHS[:1],
         ("not_assessable", "copies_uncertain")),
        (copies(call="homozygous_deletion", total_cn=0.0), {}, DEPTHS[1:], ("present", None)),
        (copies(call="neutral", total_cn=0.4), {}, DEPTHS[1:],
         ("not_assessable", "copies_uncertain")),
        (copies(call="loss", total_cn=1.0), {}, DEPTHS, ("not_found", None)),
    ],
)  # fmt: skip
def test_a_class_is_absent_only_where_it_was_seen(
    looked: Looked,
    changed: dict[str, object],
    classes: tuple[str, ...],
    expected: tuple[str, str | None],
) -> None:
    found = said(looked, **changed)
    assert {name: found[name] for name in classes} == dict.fromkeys(classes, expected)


@pytest.mark.parametrize("kind", OF_KIND)
def test_what_is_not_found_states_a_limit(kind: str) -> None:
    for one in classes_of({**GENE, **NORMAL, "kind": kind}, SEEN):
        limits = [one[key] for key in ("vaf", "bases", "copies")]
        assert any(v is not None for v in limits) == (one["state"] == "not_found"), one


def test_a_fusions_target_lies_in_its_introns_and_needs_no_other_part_of_the_gene() -> None:
    found = said(SEEN, kind="fusion", gene_requested=0.1, gene_callable=0.1)
    assert found == {"rearrangement": ("not_found", None)}
    assert said(NO_SV, kind="fusion") == {"rearrangement": ("not_assessable", "no_structural")}


LIBRARIES = [None, Library(150, 450), Library(150, 280), Library(100, 500), Library(250, 260)]


@settings(max_examples=25)
@given(depth=st.integers(0, 400), library=st.sampled_from(LIBRARIES))
def test_a_junctions_limit_is_the_share_that_enough_fragments_show(
    depth: int, library: Library | None
) -> None:
    """Fragments drawn at random: 95 of 100 junctions of the stated share have what a call needs."""
    limit = junction_fraction(depth, library=library)
    asked, rng = Limits(), np.random.default_rng(depth)
    number, across = (
        (depth * SHOWN, 1.0) if library is None else (depth * library.holding, library.across)
    )
    whole = np.floor(number + rng.random(4000) * (number > asked.min_support)).astype(int)
    fragments = rng.binomial(whole, 1.0 if np.isnan(limit) else limit)
    reads = rng.binomial(fragments, across)
    shown = ((fragments >= asked.min_support) & (reads >= asked.min_splits)).mean()
    if np.isnan(limit):
        assert shown < 0.99
    else:
        assert shown >= 0.9
        assert junction_probability(limit, depth, library=library) == pytest.approx(0.95, abs=1e-6)


def test_a_library_is_told_by_reads_and_fragments() -> None:
    """Of 150 bases in fragments of 450 each unit of depth has 1.43 fragments over a base."""
    row = {"reads": 1000, "mapped": 900, "bases": 135_000, "insert_size": 450}
    (found,) = [library_of(rows(READS, row))]
    assert found == Library(150, 450)
    assert found.holding == pytest.approx(430 / 300)
    assert found.across == pytest.approx(260 / 430)
    for changed in ({"insert_size": None}, {"mapped": 0}, {"bases": 9000}):
        assert library_of(rows(READS, row | changed)) is None
    assert library_of(READS.empty()) is None


def test_changes_too_short_to_part_a_pair_have_a_limit_of_their_own() -> None:
    known = replace(SEEN, library=Library(150, 450))
    said = {one["class"]: one for one in classes_of({**GENE, **NORMAL, "kind": "coding"}, known)}
    inside, beyond = said["intragenic"], said["rearrangement"]
    assert inside["vaf"] == beyond["vaf"] < inside["vaf_short"]
    assert (inside["short"], beyond["short"], beyond["vaf_short"]) == (1000, None, None)
    alone = {one["class"]: one for one in classes_of({**GENE, **NORMAL, "kind": "coding"}, SEEN)}
    assert alone["intragenic"]["vaf"] == inside["vaf_short"]


@pytest.mark.parametrize("purity", [0.2, 0.3, 0.5, 0.8])
@pytest.mark.parametrize("noise", [0.05, 0.15, 0.3])
def test_copies_at_the_stated_limit_are_named(purity: float, noise: float) -> None:
    """Segments drawn at the limits are called by the rule itself, 95 of 100 times."""
    bins = Bins(noise, 1000.0, 7.0, 3)
    rng = np.random.default_rng(7)

    def share(wanted: str, copies_: float, bins: int) -> float:
        mean, error = log2_ratio(copies_, purity, 2.0), noise / np.sqrt(bins)
        drawn = [
            Segment("chr1", n * 10, n * 10 + 9, max(x, -6.0), error, bins, None, 0.0, 0, 2)
            for n, x in enumerate(rng.normal(mean, error, 1000))
        ]
        table = as_table(drawn, Fit(purity, purity, purity, 2.0, "copy_number"))
        return table.filter(call=wanted).height / 1000

    if (size := least_loss(purity, 2.0, bins)) is not None:
        assert share("homozygous_deletion", 0, size // 1000 - 1) >= 0.93
    if (fewest := least_amplification(purity, 2.0, bins)) is not None:
        assert share("amplification", fewest, 3) >= 0.93


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    """A report where amplification and loss were seen, and introns of one gene were not."""
    table = target_table().with_columns(
        gene_requested=pl.when(pl.col("gene") == "KRAS").then(0.2).otherwise("gene_requested")
    )
    segments = [{**WHOLE, "chrom": chrom, "end": 200_000_000} for chrom in ("chr7", "chr12")]
    looked = replace(SEEN, copies=rows(COPY_NUMBER, *segments))
    return report(**inputs(targets={"LUNG01-N": table, "LUNG01-T": table}, looked=looked))


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_name_every_class_its_state_and_the_genes(
    model: dict[str, Any], language: str
) -> None:
    say = Catalogue(language)
    (block,) = class_table([r for r in model["not_found"] if r["kind"] == "coding"], say)
    text = str(block)
    for name in OF_KIND["coding"]:
        assert say.message(f"looked.{name}") in text
    for reason in ("gene_not_requested", "exons_not_measured"):
        assert say.term("looked_state", reason) in text
    assert "KRAS" in text
    assert "BRAF" in text
    (brief,) = class_brief([r for r in model["not_found"] if r["own_disease"]], say)
    assert say.message("looked.exon_loss") in str(brief)
    for reason in REASONS:
        assert say.knows("looked_state", reason), reason


def test_fhir_states_the_classes_of_every_region(model: dict[str, Any]) -> None:
    found = [
        e["resource"]
        for e in bundle(model, "0" * 64)["entry"]
        if "region-studied" in str(e["resource"].get("meta"))
        and "dataAbsentReason" not in e["resource"]
    ]
    assert len(found) == len(model["not_found"])
    for resource, row in zip(found, model["not_found"], strict=True):
        said_ = {
            part["code"]["text"].removeprefix("class of change: "): part
            for part in resource["component"]
            if part["code"].get("text", "").startswith("class of change")
        }
        assert list(said_) == [one["class"] for one in row["classes"]]
        for one in row["classes"]:
            part = said_[one["class"]]
            absent = part.get("dataAbsentReason", {}).get("text")
            assert absent == one["reason"]
            assert ("valueString" in part) == (one["reason"] is None)


GENE_ROW = {"gene": "BRAF", "transcript": "NM_004333.6", "chrom": "chr7", "exons": 18, "seen": 18,
            "bases": 1900, "state": "assessable", "people": 12, "noise": 0.2}  # fmt: skip
LOST = {**EVENT, "origin": "germline", "pairs": None, "splits": None, "quality": 90.0}


@pytest.mark.parametrize(
    ("gene", "event", "expected"),
    [
        ({}, None, ("not_found", None, 1900)),
        ({}, LOST, ("present", None, None)),
        ({}, LOST | {"filter": "LowSupport"}, ("not_assessable", "copies_uncertain", None)),
        ({}, LOST | {"pos1": 10, "pos2": 20}, ("not_found", None, 1900)),
        ({"seen": 17}, None, ("not_assessable", "exons_not_seen", None)),
        ({"gene": "KRAS"}, None, ("not_assessable", "exons_not_measured", None)),
        *(
            ({"state": told, "seen": None, "bases": None}, None, ("not_assessable", why, None))
            for told, why in (
                ("few_people", "few_people"),
                ("sex_unknown", "sex_unknown"),
                ("noisy", "depth_noisy"),
                ("not_measured", "gene_not_measured"),
            )
        ),
    ],
)
def test_exons_of_a_person_by_depth(
    gene: dict[str, object], event: dict[str, object] | None, expected: tuple[object, ...]
) -> None:
    depth = GENE_DEPTH.table(pl.DataFrame([{**GENE_ROW, **gene}], schema=GENE_DEPTH.polars))
    events = rows(STRUCTURAL, event) if event else STRUCTURAL.empty()
    looked = Looked("normal", structural=events, depth=depth)
    (found,) = [c for c in classes_of({**GENE, **NORMAL}, looked) if c["class"] == "exon_copies"]
    assert (found["state"], found["reason"], found["bases"]) == expected


def test_what_depth_shows_as_a_whole() -> None:
    told = [
        {},
        {"gene": "A", "seen": 17, "bases": 900},
        {"gene": "B", "state": "noisy", "seen": None, "bases": None},
    ]
    table = pl.DataFrame([{**GENE_ROW, **one} for one in told], schema=GENE_DEPTH.polars)
    assert exon_copies(GENE_DEPTH.table(table)) == {
        "people": 12, "genes": 3, "seen": 1, "bases": 1900,
        "blind": {"depth_noisy": 1, "exons_not_seen": 1},
    }  # fmt: skip
    assert exon_copies(None) is None
