"""Where translation stops after a change, by its name: PVS1 is judged there."""

import pytest

from shirube.interpret.pvs1 import new_stop


@pytest.mark.parametrize(
    ("name", "consequence", "stop"),
    [
        ("p.Leu342Ter", "stop_gained", 342),
        ("p.Ser1301_Leu1303delinsValAsnTer", "stop_gained", 1303),
        ("p.Ser1301_Leu1306delinsValAsnTrpLysThrTer", "stop_gained", 1306),
        ("p.Lys10_Gly11insAlaTer", "stop_gained", 12),
        ("p.Lys10delinsTer", "stop_gained", 10),
        ("p.Ser1301ValfsTer6", "frameshift_variant", 1306),
        ("p.Glu5_Ser7delinsArgAsn", "inframe_deletion", None),
    ],
)
def test_new_stop(name: str, consequence: str, stop: int | None) -> None:
    place = int("".join(c for c in name.split("_")[0] if c.isdigit())) if "fs" not in name else 1301
    allele = {"hgvs_p": name, "consequence": consequence, "protein_pos": place}
    assert new_stop(allele) == stop
