"""An exon that loses a splice site has the name of the event that takes the exon away."""

import json
from pathlib import Path
from typing import Any

import pytest

from shirube.cancer.skipping import skipped_exon, with_skipping
from shirube.interpret.curated import read_curated
from shirube.interpret.rows import detail

KNOWN = read_curated(Path(__file__).parents[2] / "resources/driver_events.tsv")


@pytest.mark.parametrize(
    ("consequence", "place", "exon"),
    [
        ("splice_donor_variant", "i14/20", 14),
        ("splice_acceptor_variant", "i13/20", 14),
        ("splice_acceptor_variant", "i14/20", 15),
        ("splice_donor_variant", "i13/20", 13),
        ("splice_donor_variant&coding_sequence_variant", "14/21", 14),
        ("splice_acceptor_variant&coding_sequence_variant", "14/21", 14),
        ("splice_region_variant", "i14/20", None),
        ("missense_variant", "14/21", None),
        ("splice_donor_variant", None, None),
        (None, None, None),
    ],
)
def test_which_exon_loses_its_splice_site(
    consequence: str | None, place: str | None, exon: int | None
) -> None:
    assert skipped_exon(consequence, place) == exon


def finding(**changed: object) -> dict[str, Any]:
    """A somatic change of the donor behind MET exon 14."""
    told = {"exon": changed.pop("exon", "i14/20"), "mane": changed.pop("mane", "MANE Select")}
    return {
        "section": "somatic", "gene": "MET", "consequence": "splice_donor_variant",
        "hgvs_c": "c.3082+1G>T", "hgvs_g": None, "name": "MET c.3082+1G>T",
        "detail": detail(told),
    } | changed  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({}, "MET exon 14 skipping, c.3082+1G>T"),
        ({"consequence": "splice_acceptor_variant", "exon": "i13/20"},
         "MET exon 14 skipping, c.3082+1G>T"),
        ({"gene": "ERBB2", "exon": "i16/26"}, "ERBB2 exon 16 skipping, c.3082+1G>T"),
        ({"exon": "i13/20"}, None),
        ({"gene": "BRCA1"}, None),
        ({"mane": None}, None),
        ({"section": "germline"}, None),
        ({"consequence": "splice_region_variant"}, None),
    ],
)  # fmt: skip
def test_only_the_named_exons_own_sites_give_the_name(
    changed: dict[str, Any], name: str | None
) -> None:
    one = finding(**changed)
    before = dict(one)
    with_skipping([one], KNOWN)
    if name is None:
        assert one == before
        return
    assert one["name"] == name
    local = json.loads(one["detail"])["name_ja"]
    assert local.endswith("スキッピング（c.3082+1G>T）")
