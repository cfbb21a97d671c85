"""Evidence matching, tiers, tumour types and oncogenicity."""

import polars as pl
import pytest
from interpretation_frames import FACTS, frame, item

from shirube.cancer.evidence import for_alleles, for_copies, for_fusions
from shirube.cancer.oncogenicity import (
    Hotspot,
    OncogenicNeighbours,
    criteria,
    leading,
    oncogenicity_class,
    oncogenicity_of,
)
from shirube.cancer.somatic import hotspots_of
from shirube.cancer.tiers import approvals, weighed
from shirube.cancer.tiers import tier_and_level as tiered
from shirube.cancer.tumour_type import SOLID, accepted_types
from shirube.contracts import CLINICAL_EVIDENCE
from shirube.contracts.knowledge import ONCOTREE
from shirube.contracts.knowledge_cancer import HOTSPOTS
from shirube.genome.amino import grantham
from shirube.interpret.context import Context

ALLELES = pl.DataFrame(
    [
        ("l858r", "EGFR", "missense_variant", "p.(Leu858Arg)", "c.2573T>G", 858, "21/28"),
        ("del19", "EGFR", "inframe_deletion", "p.Glu746_Ala750del", "c.2235_2249del", 746, "19/28"),
        ("t790m", "EGFR", "missense_variant", "p.Thr790Met", "c.2369C>T", 790, "20/28"),
        ("skip", "MET", "splice_donor_variant", None, "c.3028+1G>A", None, "i14/20"),
        ("stop", "TP53", "stop_gained", "p.Arg213Ter", "c.637C>T", 213, "6/11"),
        ("shift", "VHL", "frameshift_variant", "p.Ala149ProfsTer25", "c.444del", 149, "3/3"),
        ("silent", "TP53", "synonymous_variant", "p.Arg213=", "c.639A>G", 213, "6/11"),
        ("g12", "KRAS", "missense_variant", "p.Gly12Asp", "c.35G>A", 12, "2/5"),
    ],
    schema=["finding", "gene", "consequence", "hgvs_p", "hgvs_c", "protein_pos", "exon"],
    orient="row",
)
CASES = [
    (item(hgvs_p="p.Leu858Arg", alteration="missense"), {"l858r"}),
    (item(match="codon", codon=858, alteration="any"), {"l858r"}),
    (item(match="exon", exon=19, alteration="deletion"), {"del19"}),
    (item(match="exon", exon=20, alteration="insertion"), set()),
    (item(match="gene", alteration="any"), {"l858r", "del19", "t790m"}),
    (item(gene="MET", match="exon", exon=14, alteration="exon_skipping"), {"skip"}),
    (item(gene="MET", match="exon", exon=15, alteration="exon_skipping"), {"skip"}),
    (item(gene="MET", match="exon", exon=16, alteration="exon_skipping"), set()),
    (item(gene="TP53", match="class", alteration="truncating"), {"stop"}),
    (item(gene="TP53", match="gene", alteration="any"), {"stop"}),
    (item(gene="TP53", match="none", alteration=None), set()),
    (item(gene="VHL", match="exact", hgvs_p="p.Ala149fs"), {"shift"}),
    (item(gene="VHL", match="exact", hgvs_p="p.Ala14fs"), set()),
    (item(gene="VHL", match="exact", hgvs_p=None, hgvs_c="c.444del"), {"shift"}),
    (item(gene="KRAS", match="exact", hgvs_p="p.Gly12Val"), set()),
    (item(gene="KRAS", match="codon", codon=12, alteration="any"), {"g12"}),
    (item(gene="KRAS", match="gene", alteration="any", variant_origin="Rare Germline"), set()),
]


@pytest.mark.parametrize(("evidence", "wanted"), CASES)
def test_an_item_matches_what_it_speaks_of(evidence: dict[str, object], wanted: set[str]) -> None:
    found = for_alleles(ALLELES, frame(CLINICAL_EVIDENCE, evidence), germline=False)
    assert set(found["finding"]) == wanted


@pytest.mark.parametrize(
    ("five", "three", "gene", "partner", "hit"),
    [
        ("EML4", "ALK", "ALK", None, True),
        ("ALK", "EML4", "ALK", None, False),
        ("EML4", "ALK", "EML4", "ALK", True),
        ("ALK", "EML4", "EML4", "ALK", False),
        ("FGFR3", "TACC3", "FGFR3", None, True),
        ("KIF5B", "ALK", "EML4", "ALK", False),
    ],
)
def test_fusions_match_in_order(
    five: str, three: str, gene: str, partner: str | None, hit: bool
) -> None:
    items = frame(CLINICAL_EVIDENCE, item(gene=gene, partner=partner, match="fusion"))
    fusion = pl.DataFrame({"finding": ["f"], "gene5": [five], "gene3": [three]})
    assert for_fusions(fusion, items).height == hit


def test_copy_numbers_match_their_kind() -> None:
    items = frame(CLINICAL_EVIDENCE, item(gene="ERBB2", match="amplification"))
    genes = pl.DataFrame({"finding": ["a", "b"], "gene": ["ERBB2", "ERBB2"],
                          "match": ["amplification", "deletion"]})  # fmt: skip
    assert for_copies(genes, items)["finding"].to_list() == ["a"]


OF = ["finding", "source", "id", "gene", "variant"]


@pytest.mark.parametrize(
    ("level", "oncotree", "tier", "japan"),
    [
        ("A", "LUAD", "I-A", "A"),
        ("A", "NSCLC", "I-A", "A"),
        ("A", "TISSUE", "I-A", "A"),
        ("A", "BRCA", "II-C", "C"),
        ("A", None, "II-C", "C"),
        ("B", "LUAD", "I-B", "B"),
        ("B", "BRCA", "II-C", "C"),
        ("C", "LUAD", "II-D", "D"),
        ("D", "LUAD", "II-D", "E"),
        ("E", "LUAD", "III", None),
    ],
)
def test_levels_by_tumour_type(
    level: str, oncotree: str | None, tier: str, japan: str | None
) -> None:
    tree = frame(ONCOTREE, {"code": "LUAD", "name": "", "main_type": "", "tissue": "Lung",
                            "ancestors": ["NSCLC", "LUNG", "TISSUE"]})  # fmt: skip
    items = frame(CLINICAL_EVIDENCE, item(level=level, oncotree=oncotree))
    rows = weighed(items, accepted_types("LUAD", tree), FACTS["civic_levels"])
    verdict = tiered(rows, None, [], common=False, altering=True)
    assert (verdict["amp_tier"], verdict["japan_level"]) == (tier, japan)


def test_an_unsupported_claim_gives_no_tier() -> None:
    items = frame(CLINICAL_EVIDENCE, item(direction="Does Not Support"))
    rows = weighed(items, {"LUAD"}, FACTS["civic_levels"])
    assert tiered(rows, None, [], common=False, altering=True)["amp_tier"] == "III"


@pytest.mark.parametrize(
    ("oncogenic", "tier"), [("Uncertain significance", "III"), ("Oncogenic", "I-A")]
)
def test_evidence_for_a_gene_asks_for_an_oncogenic_variant(oncogenic: str, tier: str) -> None:
    rows = weighed(frame(CLINICAL_EVIDENCE, item(match="gene")), {"LUAD"}, FACTS["civic_levels"])
    assert tiered(rows, oncogenic, [], common=False, altering=True)["amp_tier"] == tier


@pytest.mark.parametrize(
    ("accepted", "level"), [({"LUAD", "NSCLC"}, "A"), ({"IDC", "BRCA"}, "C"), (set(), "C")]
)
def test_japanese_approvals(accepted: set[str], level: str) -> None:
    finding = {
        "gene": "EGFR",
        "hgvs_p": "p.(Leu858Arg)",
        "exon": "21/28",
        "consequence": "missense_variant",
    }
    found = approvals(finding, "allele", FACTS["japan_approvals"], accepted)
    assert {row["level"] for row in found} == {level}
    other = finding | {"hgvs_p": "p.Leu861Gln"}
    assert not approvals(other, "allele", FACTS["japan_approvals"], accepted)


NOTHING = {"clinvar_oncogenicity": None, "population_af": None, "japanese_af": None,
           "population_an": 2000, "japanese_an": 2000}  # fmt: skip


@pytest.mark.parametrize(
    ("consequence", "role", "hotspot", "other", "wanted"),
    [
        ("stop_gained", "tumour_suppressor", None, {}, "Likely oncogenic"),
        ("stop_gained", "tumour_suppressor", None, {"population_af": 0.0}, "Likely oncogenic"),
        ("stop_gained", "oncogene", None, {}, "Insufficient"),
        ("missense_variant", "oncogene", Hotspot(600, 400, "h"), {}, "Insufficient"),
        ("missense_variant", "oncogene", None, {"population_af": 0.2}, "Benign"),
        ("missense_variant", "oncogene", None, {"japanese_af": 0.02}, "Likely benign"),
        (
            "missense_variant",
            "oncogene",
            None,
            {"japanese_af": 0.5, "japanese_an": 1999},
            "Insufficient",
        ),
        (
            "stop_gained",
            "tumour_suppressor",
            None,
            {"population_af": 0.2, "population_source": "gnomad all (site filtered by the source)"},
            "Likely oncogenic",
        ),
        ("synonymous_variant", None, None, {}, "Likely benign"),
    ],
)
def test_oncogenicity(
    consequence: str,
    role: str | None,
    hotspot: Hotspot | None,
    other: dict[str, object],
    wanted: str,
) -> None:
    allele = NOTHING | {"consequence": consequence} | other
    assert oncogenicity_of(criteria(allele, role, [], hotspot, True)) == wanted


@pytest.mark.parametrize(
    ("residue", "change", "met"),
    [(600, 400, "OS3"), (30, 12, "OM3"), (600, 3, "OP3"), (60, 0, None)],
)
def test_only_the_strongest_hotspot_criterion_counts(
    residue: int, change: int, met: str | None
) -> None:
    allele = NOTHING | {"consequence": "missense_variant"}
    found = criteria(allele, None, [], Hotspot(residue, change, "h"), True)
    assert {c["code"] for c in found if c["met"]} == ({met} if met else set())


L858R = {"gene": "EGFR", "consequence": "missense_variant", "protein_pos": 858, "revel": 0.9}
DEL19 = {"gene": "EGFR", "consequence": "inframe_deletion", "protein_pos": 746}
V600E = {"gene": "BRAF", "consequence": "missense_variant", "protein_pos": 600, "revel": 0.93}
RARE = {"population_af": 0.0, "population_an": 150_000, "population_source": "gnomad"}
ABSENT = NOTHING | RARE


@pytest.mark.parametrize(
    ("allele", "hotspot", "functional", "points", "met"),
    [
        # Hotspot of 50 tumours or more; OM1 does not count beside it.
        (L858R, Hotspot(144, 144, "h"), ["E1"], 10, {"OS2", "OS3", "OP1", "OP4"}),
        (V600E, Hotspot(897, 833, "h"), [], 6, {"OS3", "OP1", "OP4"}),
        (DEL19, Hotspot(155, 123, "h"), [], 7, {"OS3", "OM2", "OP4"}),
        # Away from hotspots the critical region counts, and OM3 not beside it.
        (L858R, None, [], 4, {"OM1", "OP1", "OP4"}),
        (L858R, Hotspot(30, 12, "h"), [], 4, {"OM1", "OP1", "OP4"}),
        (L858R | {"protein_pos": 600}, Hotspot(30, 12, "h"), [], 4, {"OM3", "OP1", "OP4"}),
        (L858R | {"revel": 0.1}, None, [], 2, {"OM1", "OP4", "SBP1"}),
        (L858R | {"protein_pos": 600, "revel": 0.5}, None, [], 1, {"OP4"}),
    ],
)
def test_points_of_well_known_changes(
    allele: dict[str, object],
    hotspot: Hotspot | None,
    functional: list[str],
    points: int,
    met: set[str],
) -> None:
    score = allele.get("revel")
    predicted = Context(revel=score) if score is not None else None  # type: ignore[arg-type]
    none = OncogenicNeighbours()
    found = criteria(
        ABSENT | allele,
        "oncogene",
        functional,
        hotspot,
        True,
        neighbours=none,
        predicted=predicted,
    )
    assert {c["code"] for c in found if c["met"]} == met
    assert sum(c["points"] for c in found) == points


def test_clinvars_own_class_of_the_allele_gives_no_points() -> None:
    stated = {"clinvar_oncogenicity": "Oncogenic",
              "clinvar_oncogenicity_review": "criteria_provided,_single_submitter"}  # fmt: skip
    one, other = (
        criteria(ABSENT | L858R | extra, "oncogene", [], None, True) for extra in ({}, stated)
    )
    assert one == other
    assert oncogenicity_of(one) == "Insufficient"
    assert leading("Insufficient", stated) == "Oncogenic"
    unreviewed = stated | {"clinvar_oncogenicity_review": "no_assertion_criteria_provided"}
    assert leading("Insufficient", unreviewed) == "Insufficient"


@pytest.mark.parametrize(
    ("neighbours", "hotspot", "met"),
    [
        (OncogenicNeighbours(same=("V",)), None, "OS1"),
        (OncogenicNeighbours(same=("V",)), Hotspot(600, 400, "h"), "OS1"),
        (OncogenicNeighbours(near=("V",)), None, "OM4"),
        (OncogenicNeighbours(near=("V",)), Hotspot(600, 400, "h"), "OS3"),
        (OncogenicNeighbours(), None, None),
    ],
)
def test_oncogenic_neighbours(
    neighbours: OncogenicNeighbours, hotspot: Hotspot | None, met: str | None
) -> None:
    allele = NOTHING | {"gene": "X", "consequence": "missense_variant", "protein_pos": 5}
    found = criteria(allele, "oncogene", [], hotspot, True, neighbours=neighbours)
    assert {c["code"] for c in found if c["met"]} == ({met} if met else set())


@pytest.mark.parametrize(
    ("one", "other", "distance"), [("L", "R", 102), ("C", "W", 215), ("I", "L", 5), ("S", "R", 110)]
)
def test_grantham_distance(one: str, other: str, distance: int) -> None:
    """Values of the published table."""
    assert abs((grantham(one, other) or 0) - distance) <= 1
    assert grantham("*", one) is None


@pytest.mark.parametrize(
    ("points", "wanted"),
    [
        (10, "Oncogenic"),
        (9, "Likely oncogenic"),
        (6, "Likely oncogenic"),
        (5, "Uncertain significance"),
        (0, "Uncertain significance"),
        (-1, "Likely benign"),
        (-6, "Likely benign"),
        (-7, "Benign"),
    ],
)
def test_classes_of_points(points: int, wanted: str) -> None:
    assert oncogenicity_class(points) == wanted


def test_hotspots_need_the_residue_and_count_the_change() -> None:
    def row(change: str, tumours: int, kind: str = "single residue", ref: str = "Leu") -> dict:
        return {"gene": "EGFR", "transcript": "T", "kind": kind, "residue": 858, "all": 600,
                "residue_end": 858, "reference": ref, "change": change, "tumours": tumours,
                "source": "cancerhotspots"}  # fmt: skip

    found = hotspots_of(ALLELES, frame(HOTSPOTS, row("Arg", 550), row("Met", 3)))
    assert found == {"l858r": Hotspot(600, 550, "cancerhotspots")}
    assert hotspots_of(ALLELES, frame(HOTSPOTS, row("Arg", 550, ref="Val"))) == {}
    assert hotspots_of(ALLELES, frame(HOTSPOTS, row("Arg", 550, kind="3d"))) == {}


@pytest.mark.parametrize(
    ("gene", "diagnosis", "drug"),
    [
        ("FGFR2::BICC1", "BILIARY_TRACT", "pemigatinib"),
        ("TPM3::NTRK1", SOLID, "larotrectinib"),
        ("EML4::ALK", "NSCLC", "lorlatinib"),
    ],
)
def test_an_approved_fusion_names_the_partner_that_keeps_its_kinase(
    gene: str, diagnosis: str, drug: str
) -> None:
    def drugs(fusion: str) -> set[str]:
        found = approvals({"gene": fusion}, "fusion", FACTS["japan_approvals"], {diagnosis})
        return {row["therapies"] for row in found if row["level"] == "A"}

    assert drug in drugs(gene)
    assert drug not in drugs("::".join(reversed(gene.split("::"))))


@pytest.mark.parametrize(
    ("origin", "germline", "wanted"),
    [
        ("somatic", False, set()),
        ("unknown", False, {"g12"}),
        ("germline", True, {"g12"}),
    ],
)
def test_an_allele_of_unknown_origin_may_be_inherited(
    origin: str, germline: bool, wanted: set[str]
) -> None:
    asked = item(gene="KRAS", match="gene", alteration="any", variant_origin="Rare Germline")
    alleles = ALLELES.with_columns(origin=pl.lit(origin))
    found = for_alleles(alleles, frame(CLINICAL_EVIDENCE, asked), germline=germline)
    assert set(found["finding"]) == wanted
