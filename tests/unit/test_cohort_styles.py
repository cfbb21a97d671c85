"""Files as other programs write them, read by hand: who is counted where, and how often."""

import gzip
from pathlib import Path

import pytest

from shirube.cohort.joint import count
from shirube.cohort.person import Person, read_person
from shirube.genome.genotype_rule import GenotypeRule

PAR = {"chrX": ((0, 100),), "chrY": ((0, 100),)}
RULE = GenotypeRule()
FORMAT = "".join(
    f'##FORMAT=<ID={name},Number={number},Type={kind},Description="x">\n'
    for name, number, kind in (
        *(("GT", "1", "String"), ("GQ", "1", "Integer"), ("DP", "1", "Integer")),
        *(("MIN_DP", "1", "Integer"), ("AD", "R", "Integer"), ("VAF", "A", "Float")),
        *(("PL", "G", "Integer"), ("RNC", "2", "Character"), ("SB", "4", "Integer")),
    )
)
CONTIGS = "".join(
    f"##contig=<ID={name},length=1000>\n" for name in ("chr1", "chrX", "chrY", "chrM")
)
END = '##INFO=<ID=END,Number=1,Type=Integer,Description="x">\n'
START = f"##fileformat=VCFv4.2\n{END}{CONTIGS}{FORMAT}"

DEEPVARIANT = """##ALT=<ID=*,Description="x">
##FILTER=<ID=RefCall,Description="x">
##FILTER=<ID=NoCall,Description="x">
chr1 11 . A <*> 0 . END=20 GT:GQ:MIN_DP:PL 0/0:50:28:0,90,899
chr1 21 . C T,<*> 45 PASS . GT:GQ:DP:AD:VAF:PL 0/1:44:30:14,16,0:0.53,0:44,0,50,990,990,990
chr1 22 . G <*> 0 . END=30 GT:GQ:MIN_DP:PL 0/0:50:9:0,90,899
chr1 31 . A G,<*> 0 RefCall . GT:GQ:DP:AD:VAF:PL 0/0:30:30:28,2,0:0.06,0:0,30,60,990,990,990
chr1 32 . T C,<*> 0 NoCall . GT:GQ:DP:AD:VAF:PL ./.:3:30:20,10,0:0.33,0:3,0,60,990,990,990
chr1 33 . T TA,A,<*> 40 PASS . GT:GQ:DP:AD:VAF:PL 1/2:40:30:0,15,15,0:0.5,0.5,0:1,1,1,1,1,1,1,1,1,1
chr1 34 . C <*> 0 . END=40 GT:GQ:MIN_DP:PL ./.:0:0:0,0,0
chr1 41 . CAT C,<*> 40 PASS . GT:GQ:DP:AD:VAF:PL 1/1:40:30:0,30,0:1,0:1,1,0,1,1,1
chr1 44 . C <*> 0 . END=50 GT:GQ:MIN_DP:PL 0/0:50:28:0,90,899
chrX 201 . A <*> 0 . END=210 GT:GQ:MIN_DP:PL 0/0:50:6:0,90,899
chrX 211 . C T,<*> 45 PASS . GT:GQ:DP:AD:VAF:PL 1/1:44:7:0,7,0:1,0:44,0,50,990,990,990
chrX 212 . C T,<*> 45 PASS . GT:GQ:DP:AD:VAF:PL 0/1:44:30:15,15,0:1,0:44,0,50,990,990,990
chrM 11 . A G,<*> 45 PASS . GT:GQ:DP:AD:VAF:PL 1/1:44:700:0,700,0:1,0:44,0,50,990,990,990
"""

GATK = """##ALT=<ID=NON_REF,Description="x">
chr1 11 . A <NON_REF> . . END=20 GT:DP:GQ:MIN_DP:PL 0/0:30:60:28:0,60,900
chr1 21 . CA C,*,<NON_REF> 45 . . GT:AD:DP:GQ:PL:SB 1/2:0,15,15,0:30:60:1,1,1,1,1,1,1,1,1,1:1,1,1,1
chr1 23 . G *,<NON_REF> 45 . . GT:AD:DP:GQ:PL:SB 0/1:15,15,0:30:60:1,1,1,1,1,1:1,1,1,1
chr1 24 . G T,<NON_REF> 45 . . GT:AD:DP:GQ:PL:SB 0|1:28,2,0:30:60:1,1,1,1,1,1:1,1,1,1
chr1 25 . G <NON_REF> . . . GT:DP:GQ:MIN_DP:PL 0/0:30:19:28:0,19,900
chr1 26 . G <NON_REF> . . . GT:DP:GQ:MIN_DP:PL 0/0:30:99:28:0,99,900
chrY 201 . A T,<NON_REF> . . . GT:AD:DP:GQ:PL:SB 1:0,9,0:9:60:60,0,9:1,1,1,1
"""


def person(tmp_path: Path, text: str, sex: str) -> Person:
    """What is read of one person's records, written with blanks for tabs."""
    lines = [line.replace(" ", "\t") for line in text.splitlines() if not line.startswith("##")]
    head = "".join(line + "\n" for line in text.splitlines() if line.startswith("##"))
    columns = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT S".replace(" ", "\t")
    data = "\n".join([START + head + columns, *lines]) + "\n"
    path = tmp_path / "s.g.vcf.gz"
    path.write_bytes(gzip.compress(data.encode()))
    return read_person(path, "S", sex, RULE, None, PAR)


def test_deepvariant_gvcf(tmp_path: Path) -> None:
    found = person(tmp_path, DEEPVARIANT, "XY")
    assert found.unmet == ""
    assert found.genotypes.rows() == [
        ("chr1", 21, "C", "T", 1, 2),
        ("chr1", 33, "T", "A", 1, 2),
        ("chr1", 33, "T", "TA", 1, 2),
        ("chr1", 41, "CAT", "C", 2, 2),
        ("chrX", 211, "C", "T", 1, 1),
        ("chrM", 11, "A", "G", 1, 1),
    ]
    # a shallow block, a missing genotype and an empty block are unknown; RefCall is reference
    assert found.callable.rows() == [
        ("chr1", 10, 21),
        ("chr1", 30, 31),
        ("chr1", 32, 33),
        ("chr1", 40, 50),
        ("chrX", 200, 211),
        ("chrM", 10, 11),
    ]


def test_gatk_gvcf_with_spanning_deletions(tmp_path: Path) -> None:
    found = person(tmp_path, GATK, "XY")
    assert found.genotypes.rows() == [("chr1", 21, "CA", "C", 1, 2), ("chrY", 201, "A", "T", 1, 1)]
    # the unbalanced heterozygote at 24 and GQ 19 at 25 are unknown; * at 23 is a called chromosome
    assert found.callable.rows() == [("chr1", 10, 23), ("chr1", 25, 26), ("chrY", 200, 201)]
    assert person(tmp_path, GATK, "XX").genotypes.rows() == [("chr1", 21, "CA", "C", 1, 2)]


GLNEXUS = """chr1 21 x C T,G 45 . . GT:DP:AD:GQ:PL:RNC
 0/0:30:30,0,0:50:.:.. 0/1:30:15,15,0:50:.:.. ./1:30:15,15,0:50:.:-. 1/2:30:0,15,15:50:.:..
chr1 30 x CT C,* 45 . . GT:DP:AD:GQ:PL:RNC
 0/2:30:15,0,15:50:.:.. 0/1:30:15,15,0:50:.:.. ./.:.:.,.,.:.:.:II 0/0:30:30,0,0:50:.:..
chrX 201 x C T 45 . . GT:DP:AD:GQ:PL:RNC
 1/1:8:0,8:50:.:.. 0/0:30:30,0:50:.:.. 0/1:30:15,15:50:.:.. 0/0:30:30,0:19:.:..
chrM 5 x C T 45 . . GT:DP:AD:GQ:PL:RNC
 1/1:80:0,80:50:.:.. 0/0:30:30,0:50:.:.. 0/1:30:15,15:50:.:.. 1:30:0,30:99:.:..
"""


@pytest.mark.parametrize("sample", ["A", "B", "C", "D"])
def test_glnexus_joint_file(tmp_path: Path, sample: str) -> None:
    text = GLNEXUS.replace("\n ", " ").replace(" ", "\t")
    columns = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT A B C D".replace(" ", "\t")
    path = tmp_path / "joint.vcf.gz"
    path.write_bytes(gzip.compress(f"{START}{columns}\n{text}".encode()))
    sexes = {"A": "XY", "B": "XX", "C": "XX", "D": "XY"}
    alone = {
        # (pos, alt): (AC, AN) of each person alone
        "A": {
            (21, "T"): (0, 2),
            (21, "G"): (0, 2),
            (30, "C"): (0, 2),
            (201, "T"): (1, 1),
            (5, "T"): (1, 1),
        },
        "B": {
            (21, "T"): (1, 2),
            (21, "G"): (0, 2),
            (30, "C"): (1, 2),
            (201, "T"): (0, 2),
            (5, "T"): (0, 1),
        },
        "C": {
            (21, "T"): (0, 0),
            (21, "G"): (0, 0),
            (30, "C"): (0, 0),
            (201, "T"): (1, 2),
            (5, "T"): (0, 0),
        },
        "D": {
            (21, "T"): (1, 2),
            (21, "G"): (1, 2),
            (30, "C"): (0, 2),
            (201, "T"): (0, 0),
            (5, "T"): (1, 1),
        },
    }
    found = count(path, sexes, {sample: 0}, RULE, None, PAR)
    seen = {}
    for part in found:
        rows = part.rows.reshape(-1, 7)
        for row, ac, an in zip(rows, part.ac[:, 0], part.an[:, 0], strict=True):
            alt = part.alt[row[3] : row[3] + row[4]].tobytes().decode()
            seen[int(row[0]), alt] = (int(ac), int(an))
    assert seen == alone[sample]
    person = read_person(path, sample, sexes[sample], RULE, None, PAR)
    assert {(pos, alt): ac for _, pos, _, alt, ac, _ in person.genotypes.iter_rows()} == {
        key: ac for key, (ac, _) in alone[sample].items() if ac
    }
